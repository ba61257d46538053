"""Dodo Payments' webhook bodies, translated into facts.

What the provider's documentation and SDK (dodopayments 1.123) say, and what follows here:

* A body is the state at the time of *delivery*, whatever its event was: a retried ``payment.failed`` may
  carry ``status: succeeded``, a repeated ``payment.succeeded`` lists the refunds made since. So the
  object's ``status`` counts, not the event's type, and a payment's own ``refunds`` are read as well as
  ``refund.*`` events.
* ``total_amount`` includes ``tax``; both are integers in minor units. A refund's ``amount`` is that
  refund's alone, may be null, and so may its currency; ``is_partial: false`` means the whole payment.
* Enumerations, types and fields grow between releases, so this is a tolerant reader: it never raises,
  ignores what it does not need, and what it needs but cannot read is parked with a reason that names the
  field. Reasons carry ids, types and statuses only; bodies also hold names, addresses and card tails, and
  these are neither read nor logged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from scrip.payments.facts import Delivery, Fact, Paid, Refund, RefundStatus

PROVIDER = "dodo"

#: Larger than any payment, small enough for every number downstream (38 digits) even after multiplying by
#: credits.
MAX_MINOR_UNITS = 10**15
#: A payment says at most this much about refunds. The API documents no bound; a fact list must fit one
#: queue message.
MAX_REFUNDS = 200

# Nothing in these is about money that a top-up of ours took or gave back. `subscription.renewed` always
# comes with a `payment.succeeded`: granting on both would double the cycle. `credit.*` is Dodo's own ledger
# of credits, not ours. `entitlement_grant.revoked` repeats a `refund.succeeded`.
_MEANINGLESS = frozenset(
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
_UNPAID = frozenset(
    {
        "failed",
        "cancelled",
        "processing",
        "requires_customer_action",
        "requires_merchant_action",
        "requires_payment_method",
        "requires_confirmation",
        "requires_capture",
    }
)
# `review` is a refund that waits for a decision: for the buyer's credits that is pending.
_REFUND_STATUS: Mapping[str, RefundStatus] = {
    "pending": "pending",
    "review": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
}
# Ids become part of keys and of queue group names. Dodo's are a prefix, '_' and letters and digits.
_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_CURRENCY = re.compile(r"[A-Za-z]{3}")


class _Unreadable(Exception):
    """A field that is needed and cannot be used; the text becomes the reason for parking."""


def translate(body: Any, *, business_id: str | None = None) -> Delivery:
    """The facts in a webhook body whose signature holds, parsed from JSON.

    ``business_id`` is ours; a body of another business is parked (Dodo's bodies do not say whether they are
    test or live, so this is what tells an endpoint's traffic apart). None or empty: not checked. Never
    raises.
    """
    envelope: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    data = envelope.get("data")
    object_: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    type_ = envelope.get("type")
    name = _shown(type_) if isinstance(type_, str) else ""
    payment_id = object_.get("payment_id")
    known_id = payment_id if isinstance(payment_id, str) and _ID.fullmatch(payment_id) else None
    facts: list[Fact] = []
    parked: list[str] = []
    try:
        if not isinstance(type_, str) or not isinstance(data, Mapping):
            raise _Unreadable("the body has no type or no data")
        if business_id and envelope.get("business_id") != business_id:
            raise _Unreadable("business_id is not ours")
        _read(type_, object_, envelope.get("timestamp"), facts, parked)
    except _Unreadable as reason:
        parked.append(str(reason))
    return Delivery(PROVIDER, name, known_id, tuple(facts), tuple(parked))


def _read(type_: str, data: Mapping[str, Any], event_at: Any, facts: list[Fact], parked: list[str]) -> None:
    family = type_.partition(".")[0]
    if family in _MEANINGLESS:
        return
    if family == "payment":
        _read_payment(data, event_at, facts, parked)
    elif family == "refund":
        _identity(data, "payment_id")
        facts.append(_refund(data, event_at))
    elif family == "dispute":
        raise _Unreadable(f"dispute events are not applied yet: {_shown(data.get('dispute_status'))}")
    else:
        raise _Unreadable(f"unknown event type {_shown(type_)}")


def _read_payment(data: Mapping[str, Any], event_at: Any, facts: list[Fact], parked: list[str]) -> None:
    payment_id = _identity(data, "payment_id")
    if _flag(data, "is_update_payment_method"):
        return
    status = data.get("status")
    if status == "succeeded":
        total = _money(data, "total_amount")
        if total == 0:
            return
        facts.append(_paid(payment_id, total, data, event_at))
    elif not isinstance(status, str) or status not in _UNPAID:
        # Also `partially_captured`: money was taken, but not what the order asks for.
        parked.append(f"payment status is {_shown(status)}")

    refunds = data.get("refunds")
    if not isinstance(refunds, list | None) or len(refunds or ()) > MAX_REFUNDS:
        parked.append(f"refunds is not a list of at most {MAX_REFUNDS}")
        refunds = None
    for refund in refunds or ():
        try:
            if not isinstance(refund, Mapping):
                raise _Unreadable("refunds has an entry that is no object")
            if refund.get("payment_id") not in (None, payment_id):
                raise _Unreadable("refunds has an entry of another payment")
            facts.append(_refund(refund, event_at))
        except _Unreadable as reason:
            parked.append(str(reason))
    if data.get("disputes"):
        parked.append("disputes of a payment are not applied yet")


def _paid(payment_id: str, total: int, data: Mapping[str, Any], event_at: Any) -> Paid:
    tax = None if data.get("tax") is None else _money(data, "tax")
    if tax is not None and tax > total:
        raise _Unreadable("tax is more than total_amount")
    session = data.get("checkout_session_id")
    # What was settled is only needed for a refund in that currency. If it cannot be read, the payment still
    # counts.
    settled = data.get("settlement_amount")
    settled_in = data.get("settlement_currency")
    settlement_known = _is_money(settled) and _is_currency(settled_in)
    return Paid(
        payment_id=payment_id,
        total=total,
        tax=tax,
        currency=_currency(data, "currency"),
        settlement_amount=settled if settlement_known else None,
        settlement_currency=str(settled_in).upper() if settlement_known else None,
        checkout_session_id=None if session is None else _identity(data, "checkout_session_id"),
        at=_instant(data, event_at),
    )


def _refund(data: Mapping[str, Any], event_at: Any) -> Refund:
    refund_id = _identity(data, "refund_id")
    status = data.get("status")
    known = _REFUND_STATUS.get(status) if isinstance(status, str) else None
    if known is None:
        raise _Unreadable(f"refund {refund_id}: status is {_shown(status)}")
    try:
        return Refund(
            refund_id=refund_id,
            status=known,
            amount=None if data.get("amount") is None else _money(data, "amount"),
            currency=None if data.get("currency") is None else _currency(data, "currency"),
            full=_flag(data, "is_partial") is False,
            at=_instant(data, event_at),
        )
    except _Unreadable as reason:
        raise _Unreadable(f"refund {refund_id}: {reason}") from None


def _identity(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _Unreadable(f"{field} is missing or no id")
    return value


def _is_money(value: Any) -> bool:
    # A bool is an int in Python and never an amount; a float has lost its exactness before it came here.
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_MINOR_UNITS


def _money(data: Mapping[str, Any], field: str) -> int:
    value = data.get(field)
    if not _is_money(value):
        raise _Unreadable(f"{field} is not a whole amount of minor units")
    return cast(int, value)


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and _CURRENCY.fullmatch(value) is not None


def _currency(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not _is_currency(value):
        raise _Unreadable(f"{field} is not a currency code")
    return str(value).upper()


def _flag(data: Mapping[str, Any], field: str) -> bool | None:
    value = data.get(field)
    if value is not None and not isinstance(value, bool):
        raise _Unreadable(f"{field} is neither true nor false")
    return value


def _instant(data: Mapping[str, Any], event_at: Any) -> int:
    """When the object came to be, in epoch milliseconds: the same in every delivery of it, unlike the
    event's own time, which only stands in where the object's cannot be read."""
    for value in (data.get("created_at"), event_at):
        if isinstance(value, str):
            try:
                at = datetime.fromisoformat(value)
                since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
            except (ValueError, OverflowError):
                continue
            milliseconds = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
            if milliseconds >= 0:
                return milliseconds
    raise _Unreadable("created_at is not an instant")


def _shown(value: Any) -> str:
    """A short form of an enumeration's value for a reason or a log line; never of free text."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
        return value
    return "missing" if value is None else "unreadable"
