"""Dodo Payments' webhooks.

What the provider's documentation and SDK (dodopayments 1.123) say, and what follows here:

* They are signed as Standard Webhooks are.
* A body is the state at the time of *delivery*, whatever its event was: a retried ``payment.failed`` may
  carry ``status: succeeded``, a repeated ``payment.succeeded`` lists the refunds and disputes made since. So
  the object's ``status`` counts, not the event's type, and a payment's own ``refunds`` and ``disputes`` are
  read as well as their events.
* ``total_amount`` includes ``tax``; both are integers in minor units. A refund's ``amount`` is that
  refund's alone, may be null, and so may its currency; ``is_partial: false`` means the whole payment.
* A dispute's ``amount`` is a string of minor units. A later ``dispute_stage`` outranks an earlier one's end;
  within one stage an expiry ("typically resolves against you") gives way to a win or a loss.
* Enumerations, types and fields grow between releases, so this is a tolerant reader: it never raises,
  ignores what it does not need, and what it needs but cannot read is parked with a reason that names the
  field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from scrip.payments.facts import (
    Delivery,
    Dispute,
    DisputeStatus,
    Fact,
    Paid,
    Parked,
    Refund,
    RefundStatus,
    Unpaid,
)
from scrip.payments.reading import (
    Json,
    Unreadable,
    currency,
    flag,
    identity,
    instant,
    is_currency,
    is_id,
    is_money,
    money,
    optional_currency,
    optional_identity,
    optional_money,
    shown,
)
from scrip.payments.signatures import verify_standard as verify

__all__ = ["PROVIDER", "translate", "verify"]

PROVIDER: Final = "dodo"
MAX_PARTS: Final = 200
"""A payment says at most this much about refunds, and about disputes. The API documents no bound; a list of facts
must fit one queue message."""

# Nothing in these is about money that a top-up of ours took or gave back. `subscription.renewed` always
# comes with a `payment.succeeded`: granting on both would double the cycle. `credit.*` is Dodo's own ledger
# of credits, not ours. `entitlement_grant.revoked` repeats a `refund.succeeded`.
_MEANINGLESS: Final = frozenset(
    {
        "subscription",
        "credit",
        "entitlement_grant",
        "license_key",
        "payout",
        "dunning",
        "abandoned_checkout",
    }
)
_FAILED: Final = frozenset({"failed", "cancelled"})
_PROCESSING: Final = frozenset(
    {
        "processing",
        "requires_customer_action",
        "requires_merchant_action",
        "requires_payment_method",
        "requires_confirmation",
        "requires_capture",
    }
)
# `review` is a refund that waits for a decision: for the buyer's credits that is pending.
_REFUND_STATUS: Final[Mapping[str, RefundStatus]] = {
    "pending": "pending",
    "review": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
}
_STAGES: Final = ("pre_dispute", "dispute", "pre_arbitration")
_STAGE_STEP: Final = 10
# The status and its rank within a stage.
_DISPUTE_STATUS: Final[Mapping[str, tuple[DisputeStatus, int]]] = {
    "dispute_opened": ("open", 0),
    "dispute_challenged": ("open", 1),
    "dispute_expired": ("lost", 2),
    "dispute_accepted": ("lost", 3),
    "dispute_lost": ("lost", 3),
    "dispute_cancelled": ("won", 3),
    "dispute_won": ("won", 3),
}


def translate(body: Any, ours: str | None = None) -> Delivery:
    """The facts in a webhook body whose signature holds, parsed from JSON.

    ``ours`` is our business id; a body of another business is parked (Dodo's bodies do not say whether they are
    test or live, so this is what tells an endpoint's traffic apart). None or empty: not checked. Never raises.
    """
    envelope: Json = body if isinstance(body, Mapping) else {}
    data = envelope.get("data")
    object_: Json = data if isinstance(data, Mapping) else {}
    type_ = envelope.get("type")
    payment_id = object_.get("payment_id")
    known_id = payment_id if is_id(payment_id) else None
    facts: list[Fact] = []
    parked: list[Parked] = []
    try:
        if not isinstance(type_, str) or not isinstance(data, Mapping):
            raise Unreadable("the body has no type or no data")
        if ours and envelope.get("business_id") != ours:
            raise Unreadable("business_id is not ours")
        _read(type_, object_, envelope.get("timestamp"), facts, parked)
    except Unreadable as reason:
        parked.append(Parked(_about(type_, object_), str(reason)))
    return Delivery(
        PROVIDER, shown(type_) if isinstance(type_, str) else "", known_id, tuple(facts), tuple(parked)
    )


def _about(type_: Any, data: Json) -> str:
    """The object that a body is about, as far as it says so."""
    for family in ("refund", "dispute"):
        if str(type_).startswith(f"{family}.") and is_id(data.get(f"{family}_id")):
            return f"{family}:{data[f'{family}_id']}"
    return "payment"


def _read(type_: str, data: Json, event_at: Any, facts: list[Fact], parked: list[Parked]) -> None:
    family = type_.partition(".")[0]
    if family in _MEANINGLESS:
        return
    if family == "payment":
        _read_payment(data, event_at, facts, parked)
    elif family == "refund":
        identity(data, "payment_id")
        facts.append(_refund(data, event_at))
    elif family == "dispute":
        identity(data, "payment_id")
        facts.append(_dispute(data, event_at))
    else:
        raise Unreadable(f"unknown event type {shown(type_)}")


def _read_payment(data: Json, event_at: Any, facts: list[Fact], parked: list[Parked]) -> None:
    payment_id = identity(data, "payment_id")
    if flag(data, "is_update_payment_method"):
        return
    status = data.get("status")
    if status == "succeeded":
        total = money(data, "total_amount")
        if total == 0:
            return
        facts.append(_paid(total, data, event_at))
    elif isinstance(status, str) and status in _FAILED | _PROCESSING:
        at = instant("created_at", data.get("created_at"), event_at)
        session = optional_identity(data, "checkout_session_id")
        facts.append(Unpaid("failed" if status in _FAILED else "processing", at, session))
    else:
        # Also `partially_captured`: money was taken, but not what the order asks for.
        parked.append(Parked("payment", f"payment status is {shown(status)}"))
    _read_parts(payment_id, data, "refunds", lambda part: _refund(part, event_at), facts, parked)
    _read_parts(payment_id, data, "disputes", lambda part: _dispute(part, event_at), facts, parked)


def _read_parts(
    payment_id: str,
    data: Json,
    field: str,
    read: Callable[[Json], Fact],
    facts: list[Fact],
    parked: list[Parked],
) -> None:
    """A payment's own list of its refunds or disputes."""
    parts = data.get(field)
    if not isinstance(parts, list | None) or len(parts or ()) > MAX_PARTS:
        parked.append(Parked("payment", f"{field} is not a list of at most {MAX_PARTS}"))
        return
    for part in parts or ():
        try:
            if not isinstance(part, Mapping):
                raise Unreadable(f"{field} has an entry that is no object")
            if part.get("payment_id") not in (None, payment_id):
                raise Unreadable(f"{field} has an entry of another payment")
            facts.append(read(part))
        except Unreadable as reason:
            parked.append(
                Parked(_about(f"{field[:-1]}.", part if isinstance(part, Mapping) else {}), str(reason))
            )


def _paid(total: int, data: Json, event_at: Any) -> Paid:
    tax = optional_money(data, "tax")
    if tax is not None and tax > total:
        raise Unreadable("tax is more than total_amount")
    # What was settled is only needed for a refund in that currency. If it cannot be read, the payment still
    # counts.
    settled = data.get("settlement_amount")
    settled_in = data.get("settlement_currency")
    settlement_known = is_money(settled) and is_currency(settled_in)
    session = data.get("checkout_session_id")
    return Paid(
        total=total,
        tax=tax,
        currency=currency(data, "currency"),
        at=instant("created_at", data.get("created_at"), event_at),
        settlement_amount=settled if settlement_known else None,
        settlement_currency=str(settled_in).upper() if settlement_known else None,
        session_id=None if session is None else identity(data, "checkout_session_id"),
        subscription_id=optional_identity(data, "subscription_id"),
    )


def _refund(data: Json, event_at: Any) -> Refund:
    refund_id = identity(data, "refund_id")
    status = data.get("status")
    known = _REFUND_STATUS.get(status) if isinstance(status, str) else None
    if known is None:
        raise Unreadable(f"status is {shown(status)}")
    metadata = data.get("metadata")
    return Refund(
        refund_id=refund_id,
        status=known,
        amount=optional_money(data, "amount"),
        currency=optional_currency(data, "currency"),
        at=instant("created_at", data.get("created_at"), event_at),
        full=flag(data, "is_partial") is False,
        # A refund's metadata is written by whoever asked for it with our key, never by a buyer.
        request_id=optional_identity(metadata, "request_id") if isinstance(metadata, Mapping) else None,
    )


def _dispute(data: Json, event_at: Any) -> Dispute:
    dispute_id = identity(data, "dispute_id")
    status, stage = data.get("dispute_status"), data.get("dispute_stage")
    known = _DISPUTE_STATUS.get(status) if isinstance(status, str) else None
    if known is None:
        raise Unreadable(f"dispute_status is {shown(status)}")
    if stage not in _STAGES:
        raise Unreadable(f"dispute_stage is {shown(stage)}")
    return Dispute(
        dispute_id=dispute_id,
        status=known[0],
        rank=_STAGES.index(stage) * _STAGE_STEP + known[1],
        stage=stage,
        amount=_dispute_amount(data.get("amount")),
        currency=currency(data, "currency"),
        at=instant("created_at", data.get("created_at"), event_at),
    )


def _dispute_amount(value: Any) -> int:
    """Minor units, as a string of digits or (the vendor's own mocks) an integer. Anything with a point may be major
    units: nobody should guess."""
    amount = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value) else value
    if not is_money(amount):
        raise Unreadable("amount is not a whole amount of minor units")
    return int(amount)
