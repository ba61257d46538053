"""What credits pay of an invoice's lines: no more than they are worth, no more than the lines, and all of it adds up.

A second implementation pays minor unit by minor unit, credit step by credit step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.errors import InvoiceVoid, PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import CreditValue
from scrip.domain.finance.invoices import (
    APPLICATIONS,
    LINES,
    Invoice,
    InvoiceLine,
    most_steps,
    read_application,
    steps_worth,
    told_of,
)
from scrip.domain.wallets import burns
from tests.domain.memory import vault

USD = CreditValue(100, "USD", 100)
"""A credit of two decimals is a dollar: a step is a cent."""
SEATS, STORAGE = InvoiceLine("seats", "5 seats", 5000, 1000), InvoiceLine("storage", None, 2500, 500)
INVOICE = Invoice("i", "acme", "credits", "USD", "after", (SEATS, STORAGE))


@pytest.mark.parametrize(
    ("value", "money", "most", "steps"),
    [
        (USD, 1234, None, 1234),
        (USD, 1234, 1000, 1000),
        (CreditValue(100, "USD", 1), 150, None, 1),  # a credit is a dollar: of 1.50 it pays one
        (CreditValue(100, "USD", 1), 99, None, 0),
        (CreditValue(3, "USD", 10), 10, None, 34),  # a step is 0.3 cents: 33 are 9.9, 34 are 10.2
        (CreditValue(3, "USD", 10), 10, 33, 30),  # 33 are worth nine whole cents, as 30 are
        (CreditValue(7, "JPY", 100), 100, None, 1429),
        (CreditValue(1500, "KWD", 1000), 2, None, 1),  # a step is 1.5 fils: two would be three
        (CreditValue(1500, "KWD", 1000), 3, None, 2),
        (USD, 0, None, 0),
    ],
)
def test_as_few_steps_as_pay_the_money_and_none_that_is_worth_a_minor_unit_more(
    value: CreditValue, money: int, most: int | None, steps: int
) -> None:
    assert most_steps(value, money, most) == steps


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 60), st.none() | st.integers(0, 200))
def test_of_all_numbers_of_steps_it_is_the_best(amount: int, per: int, money: int, most: int | None) -> None:
    """Of all that may be taken and are worth no more than the money: the fewest of those that are worth the most."""
    value = CreditValue(amount, "USD", per)
    bound = (money + 1) * per if most is None else most
    allowed = [steps for steps in range(bound + 1) if value.of(steps) <= money]
    best = max(value.of(steps) for steps in allowed)
    assert most_steps(value, money, most) == min(steps for steps in allowed if value.of(steps) == best)


def entry_of(value: CreditValue, lines: list[tuple[str, int]], lots: list[tuple[int, bool]]) -> Entry:
    """The entry of an application that takes so many steps of each lot, which cost money or not."""
    steps = sum(each for each, _ in lots)
    draws = [
        Draw(number, each, Money(each, "EUR") if paid else None)
        for number, (each, paid) in enumerate(lots, 1)
    ]
    made = vault("5").entries[0]
    extra = told_of("i", value, lines, value.of(steps))
    return replace(made, kind="burn", amount=-steps, draws=draws, extra=extra)


def test_lines_are_paid_in_their_order_by_the_lots_in_theirs() -> None:
    """15 dollars: ten of seats, of which four are free, and five of storage, all paid."""
    lots = [(400, False), (1100, True)]
    seats, storage = read_application(entry_of(USD, [("seats", 1000), ("storage", 900)], lots)).lines
    assert (seats.applied, seats.paid, storage.applied, storage.paid) == (1000, 600, 500, 500)
    assert seats.draws == (Draw(1, 400), Draw(2, 600, Money(600, "EUR")))
    assert storage.draws == (Draw(2, 500, Money(500, "EUR")),)


def test_a_credit_that_pays_for_two_lines_stands_with_the_first() -> None:
    made = read_application(entry_of(CreditValue(100, "USD", 1), [("a", 60), ("b", 60)], [(1, True)]))
    assert [(line.applied, line.paid, [one.amount for one in line.draws]) for line in made.lines] == [
        (60, 60, [1]),
        (40, 40, []),
    ]
    assert (made.applied, made.paid, made.steps, made.invoice_id) == (100, 100, 1, "i")


LOTS = st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=5)


@given(st.integers(1, 30), st.integers(1, 30), LOTS, st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_a_second_implementation_pays_the_same(
    amount: int, per: int, lots: list[tuple[int, bool]], open_: list[int]
) -> None:
    """Minor unit by minor unit: each belongs to the step that completes it, and to the first line with room."""
    value = CreditValue(amount, "USD", per)
    steps = most_steps(value, sum(open_), sum(each for each, _ in lots))
    of_steps = [paid for each, paid in lots for _ in range(each)][:steps]
    taken: list[tuple[int, bool]] = []
    left = steps
    for each, paid in lots:
        if left:
            taken.append((min(each, left), paid))
            left -= min(each, left)
    units = [
        paid for number, paid in enumerate(of_steps) for _ in range(value.of(number + 1) - value.of(number))
    ]
    expected = []
    for most in open_:
        mine, units = units[:most], units[most:]
        expected.append((len(mine), sum(mine)))
    if not steps:
        return
    made = read_application(entry_of(value, [(f"l{n}", most) for n, most in enumerate(open_)], taken))
    assert [(line.applied, line.paid) for line in made.lines] == expected
    assert sum(one.amount for line in made.lines for one in line.draws) == steps
    money = sum(one.value.amount for line in made.lines for one in line.draws if one.value)
    assert money == sum(each for each, paid in taken if paid)
    assert made.applied == value.of(steps)
    assert steps_worth(value, made.applied) == steps


def test_an_invoice_is_stored_and_read_again() -> None:
    assert Invoice.from_json(INVOICE.to_json()) == INVOICE
    void = INVOICE.voided(["e9"], 7)
    assert Invoice.from_json(void.to_json()) == replace(void, lines=tuple(void.lines))


def test_lines_are_added_and_known_ones_keep_what_was_applied() -> None:
    known = replace(INVOICE, lines=(SEATS._replace(applied=700),))
    merged = known.with_lines(replace(INVOICE, lines=(STORAGE, SEATS)))
    assert merged.lines == (SEATS._replace(applied=700), STORAGE)
    assert merged.left(["storage", "seats"]) == [("storage", 3000), ("seats", 5300)]
    assert replace(merged, tax="before").left(["seats"]) == [("seats", 4300)]


def test_an_invoice_has_so_many_lines_and_applications() -> None:
    many = tuple(InvoiceLine(f"l{number}", None, 1) for number in range(LINES))
    full = replace(INVOICE, lines=many)
    assert len(full.with_lines(full).lines) == LINES
    with pytest.raises(PolicyViolation) as refused:
        full.with_lines(INVOICE)
    assert refused.value.policy == "max_invoice_lines"
    often = replace(INVOICE, applications=("e",) * (APPLICATIONS - 1))
    assert often.with_lines(INVOICE).lines == INVOICE.lines
    with pytest.raises(PolicyViolation) as refused:
        replace(often, applications=("e",) * APPLICATIONS).with_lines(INVOICE)
    assert refused.value.policy == "max_invoice_applications"


def test_nothing_is_applied_to_a_void_invoice() -> None:
    with pytest.raises(InvoiceVoid):
        INVOICE.voided(["e"], 5).with_lines(INVOICE)
    assert [
        line.applied for line in replace(INVOICE, lines=(SEATS._replace(applied=9),)).voided([], 1).lines
    ] == [0]


def test_an_application_moves_its_lines_on() -> None:
    made = vault("900 cost=450USD")
    extra = told_of("i", USD, INVOICE.left(["seats", "storage"]), 900)
    burn = burns.Burn(900, made.policy, "up_to", extra=extra)
    entry = made.carry_out(lambda draft, now: burns.burn(draft, burn, now, made.cause("apply")))
    after = INVOICE.with_application(entry)
    assert [line.applied for line in after.lines] == [900, 0]
    assert after.applications == (entry.id,)
