"""Reads what takes a payment back at Stripe: a refund, a credit note or a dispute, each as it is at that moment.

* A refund's ``amount`` is that refund's alone. One that succeeded may still fail.
* A credit note gives a paid invoice back by refunds, which tell of themselves, and by credit to the customer's balance
  or outside of Stripe, of which only the note tells. That counts as a refund: the balance buys again.
* A dispute's ``balance_transactions`` are what it moved so far, out (negative) and back. Once it is lost, what is
  gone is their sum, without ``fee``. Funds that are reinstated are no win: only the status says how a dispute ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any, Final

from scrip.domain.payments.facts import Dispute, DisputeStatus, Refund, RefundStatus
from scrip.providers.reading import (
    MAX_MINOR_UNITS,
    Json,
    Unreadable,
    currency,
    identity,
    instant,
    member,
    money,
    one_of,
    optional_identity,
    optional_reference,
    reference,
)
from scrip.providers.stripe.money import charged, counted

MAX_MOVEMENTS: Final = 20
"""Bookings of one dispute that are added up; Stripe documents at most two."""

_REFUND_STATUS: Final[Mapping[str, RefundStatus]] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_CREDIT_NOTE_STATUS: Final[Mapping[str, RefundStatus]] = {"issued": "succeeded", "void": "failed"}
_AFTER_PAYMENT: Final = {"pre_payment": False, "post_payment": True}
# Stage, status and rank. An inquiry may become a dispute; a loss may be appealed and, late, become a win, never the
# other way round. During an appeal the money stays gone. `prevented` is told apart by what it moved.
_DISPUTE_STATUS: Final[Mapping[str, tuple[str, DisputeStatus, int]]] = {
    "warning_needs_response": ("inquiry", "open", 0),
    "warning_under_review": ("inquiry", "open", 0),
    "warning_closed": ("inquiry", "won", 1),
    "needs_response": ("dispute", "open", 2),
    "under_review": ("dispute", "open", 2),
    "lost": ("dispute", "lost", 4),
    "appeal_needs_response": ("dispute", "lost", 4),
    "appeal_under_review": ("dispute", "lost", 4),
    "won": ("dispute", "won", 5),
}
_PREVENTED_OPEN: Final[tuple[str, DisputeStatus, int]] = ("dispute", "open", 2)
_PREVENTED_UNMOVED: Final[tuple[str, DisputeStatus, int]] = ("dispute", "won", 3)
_PREVENTED_MOVED: Final[tuple[str, DisputeStatus, int]] = ("dispute", "lost", 4)


def payment_taken_from(data: Json) -> str:
    """Returns the payment whose money a refund or a dispute is about: its intent; its charge where it names no other.

    Raises:
        Unreadable: it names neither.
    """
    intent = optional_reference(data, "payment_intent")
    intent = intent or optional_reference(member(data, "charge"), "payment_intent")
    charge = optional_reference(data, "charge") if data.get("payment_intent") is None else None
    return intent or charge or reference(data, "payment_intent")


def refund(data: Json, event_at: Any) -> Refund:
    """Reads a refund. Raises ``Unreadable``."""
    refund_id = identity(data, "id")
    status = one_of(data, "status", _REFUND_STATUS)
    in_currency = currency(data, "currency")
    return Refund(
        refund_id=refund_id,
        status=status,
        amount=charged(data, "amount", in_currency),
        currency=in_currency,
        at=instant("created", data.get("created"), event_at),
        # A refund's metadata is written by whoever asked for it with our key, never by a buyer.
        request_id=optional_identity(member(data, "metadata"), "request_id"),
    )


def credit_note(data: Json, event_at: Any) -> Refund | None:
    """Reads what a credit note gave back without a refund object: to the customer's balance, or outside of Stripe.

    None where it gave back nothing, or its refunds tell of all of it: one that was issued before the invoice was paid
    only made that less.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    note_id = identity(data, "id")
    status = one_of(data, "status", _CREDIT_NOTE_STATUS)
    in_currency = currency(data, "currency")
    given = _given_back(data, in_currency)
    if not given:
        return None
    return Refund(
        refund_id=note_id,
        status=status,
        amount=given,
        currency=in_currency,
        at=instant("created", data.get("created"), event_at),
    )


def _given_back(data: Json, in_currency: str) -> int:
    """Returns what a credit note gave back that no refund object tells of, in minor units. Raises ``Unreadable``."""
    if "post_payment_amount" not in data:
        # Before 2025-03-31.basil: one refund at most, whose amount is not said here.
        if not one_of(data, "type", _AFTER_PAYMENT):
            return 0
        money(data, "amount")
        if data.get("refund") is None:
            return charged(data, "amount", in_currency)
        if data.get("customer_balance_transaction") is None and not data.get("out_of_band_amount"):
            return 0
        raise Unreadable("post_payment_amount is missing, and only a part of it was refunded")
    reached = charged(data, "post_payment_amount", in_currency)
    refunds = data.get("refunds")
    if not isinstance(refunds, list) or not all(isinstance(one, Mapping) for one in refunds):
        raise Unreadable("refunds is no list")
    told = sum(charged(one, "amount_refunded", in_currency) for one in refunds)
    return max(0, reached - told)


def dispute(data: Json, event_at: Any) -> Dispute:
    """Reads a dispute. A lost one has the amount that is gone, any other the amount that is disputed.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    dispute_id = identity(data, "id")
    in_currency = currency(data, "currency")
    disputed = charged(data, "amount", in_currency)
    stage, status, rank = _standing(data)
    moved = data.get("balance_transactions")
    return Dispute(
        dispute_id=dispute_id,
        status=status,
        rank=rank,
        stage=stage,
        amount=_gone(data, disputed, in_currency) if status == "lost" else disputed,
        currency=in_currency,
        at=instant("created", data.get("created"), event_at),
        movements=len(moved) if isinstance(moved, list) else 0,
    )


def _standing(data: Json) -> tuple[str, DisputeStatus, int]:
    """Returns the stage, status and rank of a dispute. Raises ``Unreadable`` for a status that is not known."""
    if data.get("status") == "prevented":
        # A blocked dispute moves nothing. A resolution returns the money by itself: before the booking shows, frozen.
        if data.get("balance_transactions"):
            return _PREVENTED_MOVED
        case = member(member(data, "payment_method_details"), "card").get("case_type")
        return _PREVENTED_OPEN if case == "resolution" else _PREVENTED_UNMOVED
    return one_of(data, "status", _DISPUTE_STATUS)


def _gone(data: Json, disputed: int, in_currency: str) -> int:
    """Returns what a lost dispute took, in minor units of its currency: what went out and did not come back.

    Until a booking is listed, it is all that is disputed. An account that settles in another currency has its
    bookings in that currency. Then the share of the bookings that is gone is taken of what is disputed, rounded up.

    Raises:
        Unreadable: the bookings cannot be added up.
    """
    moved = data.get("balance_transactions") or []
    if not isinstance(moved, list) or len(moved) > MAX_MOVEMENTS:
        raise Unreadable(f"balance_transactions is not a list of at most {MAX_MOVEMENTS}")
    if not moved:
        return disputed
    if not all(isinstance(one, Mapping) and _is_movement(one.get("amount")) for one in moved):
        raise Unreadable("balance_transactions has an amount that is not a whole amount of minor units")
    currencies = {currency(one, "currency") for one in moved}
    if len(currencies) > 1:
        raise Unreadable("balance_transactions are in several currencies")
    net: int = max(0, -sum(one["amount"] for one in moved))
    if currencies == {in_currency}:
        return counted(net, "balance_transactions", in_currency)
    out = -sum(min(0, one["amount"]) for one in moved)
    return ceil(disputed * Fraction(net, out)) if out else 0


def _is_movement(value: Any) -> bool:
    """Checks for a whole number of minor units, negative or not."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_MINOR_UNITS
