"""Each thing in which an invoice may differ from the entries that paid it is found, and named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import CreditValue
from scrip.domain.finance.invoices import Invoice, InvoiceLine, told_of
from scrip.domain.verification.invoice_checks import check_invoice
from scrip.domain.wallets import burns, corrections
from tests.domain.memory import Vault, vault

USD = CreditValue(3, "USD", 2)
LINES = (InvoiceLine("a", None, 100, 20), InvoiceLine("b", None, 50))


def applied(made: Vault, invoice: Invoice, steps: int) -> Invoice:
    """Pays lines with so many steps, each of which is worth a cent and a half."""
    extra = told_of("i", USD, invoice.left(["a", "b"]), USD.of(steps))
    burn = burns.Burn(steps, made.policy, "up_to", extra=extra)
    entry = made.carry_out(lambda draft, now: burns.burn(draft, burn, now, made.cause(f"a{steps}")))
    return invoice.with_application(entry)


def give_back(made: Vault, burned: Entry) -> None:
    """Reverses what was applied, as a void does."""
    reverse = corrections.Reverse(burned, made_for=("invoice", "i"))
    cause = made.cause(f"void of {burned.seq}")
    made.carry_out(lambda draft, now: corrections.reverse(draft, reverse, now, cause))


def story() -> tuple[Invoice, Invoice, list[Entry]]:
    """60 steps are worth 90, 41 are worth 61: 120 of ``a`` and 31 of ``b``. Then it is void."""
    made = vault("200 cost=900EUR")
    invoice = Invoice("i", "acme", "credits", "USD", "after", LINES)
    invoice = applied(made, applied(made, invoice, 60), 41)
    for burned in made.entries[1:]:
        give_back(made, burned)
    entries = [entry for entry in made.entries if entry.made_for]
    return invoice, invoice.voided([entry.id for entry in entries[2:]], 9), entries


def found(invoice: Invoice, entries: Sequence[Entry]) -> list[str]:
    return [one.what for one in check_invoice(invoice, entries)]


def test_an_invoice_that_says_what_its_entries_do_is_sound() -> None:
    invoice, void, entries = story()
    assert [(line.line_id, line.applied) for line in invoice.lines] == [("a", 120), ("b", 31)]
    assert found(invoice, entries[:2]) == []
    assert found(void, entries) == []
    assert found(invoice, entries[:3]) == []  # A void that has not come to its end.


def line(number: int, **said: Any) -> Callable[[Invoice], Invoice]:
    """The invoice with another line."""

    def change(invoice: Invoice) -> Invoice:
        lines = list(invoice.lines)
        lines[number] = lines[number]._replace(**said)
        return replace(invoice, lines=lines)

    return change


WRONG: list[tuple[Callable[[Invoice], Invoice], str]] = [
    (line(1, applied=30), "line b of the invoice i says 30, its entries paid 31"),
    (line(0, amount=99), "line a of the invoice i was paid 120, which is more than it says"),
    (
        lambda one: replace(one, tax="before"),
        "line a of the invoice i was paid 120, which is more than it says",
    ),
    (
        lambda one: replace(one, applications=one.applications[:1]),
        "the invoice i was not paid by the entries that it names",
    ),
    (
        lambda one: replace(one, applications=one.applications[::-1]),
        "the invoice i was not paid by the entries that it names",
    ),
]


@pytest.mark.parametrize(("change", "what"), WRONG)
def test_what_an_invoice_says_otherwise_is_found(change: Callable[[Invoice], Invoice], what: str) -> None:
    invoice, _, entries = story()
    assert found(change(invoice), entries[:2]) == [what]


def test_a_void_that_left_credits_out_is_found() -> None:
    _, void, entries = story()
    assert found(void, entries[:3]) == ["the invoice i is void, and entry 3 was not given back"]
    unnamed = replace(void, void=void.void[1:])
    assert found(unnamed, entries) == ["the invoice i is void, and entry 2 was not given back"]
    half = replace(entries[2], extra={**entries[2].extra, "reversed": "59"})
    assert found(void, [*entries[:2], half, entries[3]]) == [
        "the invoice i is void, and entry 2 was not given back"
    ]


def test_credits_that_are_worth_more_or_less_than_they_paid_are_found() -> None:
    invoice, _, (first, second, *_) = story()
    more = replace(first, amount=-62)
    assert found(invoice, [more, second]) == ["entry 2 paid 90 of the invoice i, with credits worth 93"]
    unread = replace(first, extra={**first.extra, "invoice": {}})
    assert found(invoice, [unread, second]) == ["what entry 2 paid of the invoice i cannot be read"]
