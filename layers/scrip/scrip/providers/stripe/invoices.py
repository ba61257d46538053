"""Reads Stripe's invoices: what a period of a subscription brought in, and what else an invoice was for.

What the documentation, and the SDKs of API 2025-02-24.acacia and 2026-10-28.endive, say, and what follows here:

* ``billing_reason`` says what an invoice is for: ``subscription_create`` and ``subscription_cycle`` are periods. All
  others are an origin, and so is a line that is no period's: a proration, or an item that was added to the invoice.
* Before 2025-03-31.basil an invoice names its subscription, with its metadata, at the top; since then under ``parent``.
  Tax has other names too. Both are read.
* ``amount_paid`` is what came in. With a customer's balance in play (``starting_balance``: negative what they have,
  positive what they owe), with credit notes, or where it was paid outside of Stripe, that is not what ``total`` says.
  These are two amounts of one payment, and a person decides: whether a balance that the merchant gave away pays for
  credits is nothing to guess. What came in counts until then, beside the tax of the invoice.
* A trial begins with an invoice of nothing (no ``subtotal`` either), and is told as such. It is no period.
* A ``total`` below zero is what a customer gets back for a plan that they left: it goes to their balance, and no money
  moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from scrip.domain.payments.delivery import Parked
from scrip.domain.payments.facts import Paid, shown
from scrip.providers.envelope import Read
from scrip.providers.reading import (
    Json,
    Unreadable,
    country,
    currency,
    identity,
    instant,
    is_money,
    member,
    one_of,
    optional_identity,
    optional_reference,
)
from scrip.providers.stripe.money import charged, counted, optional_charged

_PAID: Final = {"draft": False, "open": False, "paid": True, "uncollectible": False, "void": False}
_BEGINS: Final = "subscription_create"
_PERIODS: Final = frozenset({_BEGINS, "subscription_cycle"})
_FREE: Final = frozenset({_BEGINS, "subscription_update"})
"""The reasons for an invoice of nothing that is no period: a trial begins, or it goes on for longer."""


def invoice(data: Json, event_at: Any) -> Read:
    """Reads a paid invoice as the payment of a subscription's period, or of what else it is for.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    if not one_of(data, "status", _PAID):
        return Read(None)
    invoice_id = identity(data, "id")
    subscription_id, topup_id = subscription_of(data)
    origin = _origin(data)
    in_currency = currency(data, "currency")
    total = _total(data, in_currency)
    amount_paid = charged(data, "amount_paid", in_currency)
    tax = _tax(data, max(total, 0), in_currency)
    paid = Paid(
        total=amount_paid,
        tax=None if tax is None else min(tax, amount_paid),
        currency=in_currency,
        at=instant(
            "created", member(data, "status_transitions").get("paid_at"), event_at, data.get("created")
        ),
        topup_id=topup_id,
        origin=origin,
        subscription_id=subscription_id,
        amounts=_amounts(data, total, amount_paid, in_currency),
        country=country(member(data, "customer_address")),
    )
    if not amount_paid and not total and not data.get("subtotal"):
        return _of_nothing(invoice_id, paid, data.get("billing_reason"))
    parked = () if amount_paid else (Parked("payment", _unpaid_by_money(data, total, in_currency)),)
    return Read(invoice_id, (paid,), parked)


def _of_nothing(invoice_id: str, paid: Paid, reason: Any) -> Read:
    """Reads an invoice without anything to pay: a trial's of a subscription of ours, or a period that costs nothing.

    Of somebody else's subscription it is nothing.
    """
    if paid.topup_id is None or paid.subscription_id is None:
        return Read(invoice_id)
    if isinstance(reason, str) and reason in _FREE:
        return Read(invoice_id, (replace(paid, tax=0, origin=None),))
    # A period of nothing is not the begin of a trial.
    return Read(invoice_id, (replace(paid, tax=0, topup_id=None),))


def subscription_of(data: Json) -> tuple[str | None, str | None]:
    """Returns the subscription that an invoice is of, and the order that its metadata names, which only we write."""
    details = member(member(data, "parent"), "subscription_details")
    before = member(data, "subscription_details")
    subscription = optional_reference(details, "subscription") or optional_reference(data, "subscription")
    named = (optional_identity(member(said, "metadata"), "topup_id") for said in (details, before))
    return subscription, next(filter(None, named), None)


def _origin(data: Json) -> str | None:
    """Says what else than a period of its own a subscription was charged for; None: nothing else."""
    reason = data.get("billing_reason")
    if not isinstance(reason, str) or reason not in _PERIODS:
        return f"billing_reason is {shown(reason)}"
    lines = member(data, "lines").get("data")
    strange = (
        (_strange(line) for line in lines if isinstance(line, Mapping)) if isinstance(lines, list) else ()
    )
    return next((f"lines has {said}" for said in strange if said), None)


def _strange(line: Json) -> str | None:
    """Says what a line is of that is no period's; None where it is one's, or of nothing."""
    if not line.get("amount"):
        return None
    parent = member(line, "parent")
    of = [member(parent, f"{kind}_details") for kind in ("subscription_item", "invoice_item")]
    if any(said.get("proration") is True for said in (line, *of)):
        return "a proration"
    added = parent.get("type") == "invoice_item_details" or line.get("type") == "invoiceitem"
    return "an item that was added to it" if added else None


def _total(data: Json, in_currency: str) -> int:
    """Returns what the invoice comes to in minor units, below zero where it gives back. Raises ``Unreadable``."""
    total = data.get("total")
    if isinstance(total, int) and not isinstance(total, bool) and total < 0 and is_money(-total):
        return -counted(-total, "total", in_currency)
    return charged(data, "total", in_currency)


def _amounts(data: Json, total: int, amount_paid: int, in_currency: str) -> tuple[str, ...]:
    """Returns what was said of the amount, where that is not one thing; nothing where no money came in at all."""
    outside = data.get("amount_paid_off_stripe")
    if amount_paid and (outside or data.get("paid_out_of_band") is True):
        return (f"{amount_paid} {in_currency} paid outside of Stripe",)
    if not amount_paid or amount_paid == total:
        return ()
    said = {f"{amount_paid} {in_currency} paid", f"{total} {in_currency} in total"}
    for field, what in (
        ("starting_balance", "balance before"),
        ("pre_payment_credit_notes_amount", "credit notes"),
    ):
        if data.get(field):
            said.add(f"{_signed(data, field, in_currency)} {in_currency} of {what}")
    return tuple(sorted(said))


def _signed(data: Json, field: str, in_currency: str) -> int | str:
    """Returns an amount for people to read, which may be below zero; as it stands where it cannot be converted."""
    value = data.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        return shown(value)
    try:
        return counted(abs(value), field, in_currency) * (-1 if value < 0 else 1)
    except Unreadable:
        return value


def _unpaid_by_money(data: Json, total: int, in_currency: str) -> str:
    """Says what paid an invoice that brought in nothing: a balance, credit notes, or a discount of all of it."""
    had = ""
    if data.get("starting_balance"):
        had = f", the customer's balance was {_signed(data, 'starting_balance', in_currency)}"
    said = f"amount_paid is 0 and total is {total} {in_currency}{had}: no money came in"
    return f"{said}. Accept it for its order, or dismiss it"


def _tax(data: Json, total: int, in_currency: str) -> int | None:
    """Returns the tax of an invoice in minor units; None where the invoice does not say it. Raises ``Unreadable``."""
    if _total(data, in_currency) < 0:
        return 0
    net = optional_charged(data, "total_excluding_tax", in_currency)
    if net is None:
        listed = [data.get(name) for name in ("total_taxes", "total_tax_amounts")]
        taxes = next((taxes for taxes in listed if isinstance(taxes, list)), None)
        if taxes is None:
            return None
        of = (tax if isinstance(tax, Mapping) else {} for tax in taxes)
        net = total - sum(charged(tax, "amount", in_currency) for tax in of)
    if not 0 <= net <= total:
        raise Unreadable("the tax is more than total, or less than nothing")
    return total - net
