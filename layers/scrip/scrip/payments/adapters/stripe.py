"""Stripe's webhooks, and the objects in them, which its API answers with as well.

What Stripe's documentation and SDK (16.1, API 2026-10-28.endive) say, and what follows here:

* An event's body is a snapshot, frozen when it was made; retries bring it again, any order is possible and
  ``created`` has whole seconds. So an object's ``status`` counts and ranks order the rest: no clock does.
* A payment is known by its PaymentIntent, whichever object tells of it. An intent says no tax; its metadata is
  written with our key, so ``metadata.topup_id`` tells the order. A checkout session says the tax; its metadata and
  ``client_reference_id`` may be a buyer's (Payment Links), so only its own id tells the order.
* A subscription's payment is known by its invoice, as only that says what was paid for. Since 2025-03-31.basil an
  invoice names no intent: ``invoice_payment.paid`` does, and makes what is known of the intent part of the invoice.
  The endpoint's API version must not be older.
* ``amount_paid`` is what an invoice brought in; with a customer's balance in play it is not ``total``. It counts as
  it is, with the whole tax of the invoice, so it is not the price of the order and waits for a person: whether a
  balance that the merchant gave away pays for credits is nothing to guess.
* A refund's ``amount`` is that refund's alone. A charge's ``amount_refunded`` is a running total that also falls
  again: charges say nothing here.
* A dispute's ``balance_transactions`` are what it moved so far, out (negative) and back. Once it is lost, what is gone
  is their sum, without ``fee``. Funds that are reinstated are no win: the object says how it stands.
* ``radar.early_fraud_warning`` is a suspicion of one card network, and most never become a dispute: credits that were
  paid for are not frozen for it. A merchant who believes it refunds, and the refund says so.
* Enumerations, types and fields grow between releases, so this is a tolerant reader: it never raises, and what it
  needs but cannot read is parked with a reason that names the field.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any, Final, NamedTuple

from scrip.payments.facts import (
    Delivery,
    Dispute,
    DisputeStatus,
    Fact,
    Paid,
    Parked,
    PartOf,
    Refund,
    RefundStatus,
    Unpaid,
    UnpaidStatus,
)
from scrip.payments.reading import (
    MAX_MINOR_UNITS,
    Json,
    Unreadable,
    currency,
    identity,
    instant,
    is_id,
    is_money,
    member,
    money,
    optional_identity,
    optional_money,
    shown,
)
from scrip.payments.signatures import verify_timestamped

PROVIDER: Final = "stripe"
MAX_MOVEMENTS: Final = 20
"""Bookings of one dispute that are added up; Stripe documents at most two."""

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,96}")

# Every type of the SDK's that begins like one about money of ours. A later release's is read by its object as well,
# but where that says nothing, somebody has to look.
_MONEY: Final[Mapping[str, frozenset[str]]] = {
    "charge": frozenset(
        "captured dispute.closed dispute.created dispute.funds_reinstated dispute.funds_withdrawn dispute.updated "
        "expired failed pending refund.updated refunded succeeded updated".split()
    ),
    "checkout": frozenset(
        "session.async_payment_failed session.async_payment_succeeded session.completed session.expired".split()
    ),
    "invoice": frozenset(
        "created deleted finalization_failed finalized marked_uncollectible overdue overpaid paid "
        "payment_action_required payment_attempt_required payment_failed payment_succeeded sent upcoming updated "
        "voided will_be_due".split()
    ),
    "invoice_payment": frozenset({"paid"}),
    "payment_intent": frozenset(
        "amount_capturable_updated canceled created partially_funded payment_failed processing requires_action "
        "succeeded".split()
    ),
    "refund": frozenset("created failed updated".split()),
}
# All others of the SDK's: customers, catalogue, plans, the merchant's own balance, cards they issue.
_MEANINGLESS: Final = frozenset(
    "account application_fee apps balance balance_settings billing billing_portal capability cash_balance climate "
    "coupon credit_note customer customer_cash_balance_transaction entitlements file financial_connections identity "
    "invoiceitem issuing_authorization issuing_card issuing_cardholder issuing_dispute "
    "issuing_personalization_design issuing_token issuing_transaction mandate payment_link payment_method payout "
    "person plan price product promotion_code quote radar reporting reserve review setup_intent sigma source "
    "subscription_schedule tax tax_rate terminal test_helpers topup transfer treasury".split()
)
# The object in these is the same as before the attempt failed: only the type tells.
_ATTEMPT_FAILED: Final = frozenset({"checkout.session.async_payment_failed", "payment_intent.payment_failed"})

_INTENT_STATUS: Final[Mapping[str, UnpaidStatus]] = {
    "processing": "processing",
    "requires_action": "processing",
    "requires_capture": "processing",
    "requires_confirmation": "processing",
    "requires_payment_method": "processing",
    "canceled": "failed",
}
_SUBSCRIPTION_REASONS: Final = frozenset({"subscription_create", "subscription_cycle"})
_REFUND_STATUS: Final[Mapping[str, RefundStatus]] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
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


class Read(NamedTuple):
    """What one object says: the payment it is of (None: it does not say), facts, and what could not be used."""

    payment_id: str | None
    facts: tuple[Fact, ...] = ()
    parked: tuple[Parked, ...] = ()


def verify(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_ms: int) -> str:
    """The event's id, the same in every retry of it. No header has it, so it is read in the body, once that is
    proven; a body that cannot be read is named by its hash, and a retry of it is the same.

    Raises ``signatures.BadSignature`` or ``signatures.NoSecrets``.
    """
    verify_timestamped(raw, headers.get("stripe-signature"), secrets, now_ms)
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        event = None
    event_id = event.get("id") if isinstance(event, dict) else None
    if isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id):
        return event_id
    return "sha256." + hashlib.sha256(raw).hexdigest()


def translate(body: Any, ours: str | None = None) -> Delivery:
    """The facts in an event whose signature holds, parsed from JSON.

    ``ours`` is the ``livemode`` of our account, ``true`` or ``false``; an event of the other mode is parked. None or
    empty: not checked. An event of a connected account is parked always: our orders are our own account's. Never
    raises.
    """
    event: Json = body if isinstance(body, Mapping) else {}
    type_, livemode = event.get("type"), event.get("livemode")
    object_ = member(event.get("data"), "object")
    read = Read(_payment_of(object_))
    try:
        if event.get("object") == "v2.core.event":
            raise Unreadable("a thin event says nothing of money: the endpoint needs snapshot events")
        if not isinstance(type_, str) or not object_:
            raise Unreadable("the body has no type or no object")
        if ours and (not isinstance(livemode, bool) or str(livemode).lower() != ours.lower()):
            raise Unreadable("livemode is not ours")
        if event.get("account") is not None:
            raise Unreadable("account is a connected one")
        read = _read_event(type_, object_, event.get("created"))
    except Unreadable as reason:
        read = Read(read.payment_id, (), (Parked(_about(object_), str(reason)),))
    return Delivery(PROVIDER, shown(type_) if isinstance(type_, str) else "", *read)


def read_object(obj: Any, event_at: Any = None) -> Read:
    """What an object of Stripe's says, in an event or read from the API: a PaymentIntent, checkout session, invoice,
    invoice payment, refund, dispute or charge, with what it refers to expanded or not.

    ``event_at`` is the event's instant (seconds); without one the object's own ``created`` stands for it. Never
    raises.
    """
    data: Json = obj if isinstance(obj, Mapping) else {}
    try:
        kind = data.get("object")
        read = _READERS.get(kind) if isinstance(kind, str) else None
        if read is None:
            raise Unreadable(f"object is {shown(kind)}")
        return Read(*read(data, event_at))
    except Unreadable as reason:
        return Read(_payment_of(data), (), (Parked(_about(data), str(reason)),))


def _read_event(type_: str, data: Json, event_at: Any) -> Read:
    family, _, name = type_.partition(".")
    if family in _MEANINGLESS:
        return Read(None)
    if family not in _MONEY:
        raise Unreadable(f"unknown event type {shown(type_)}")
    read = read_object(data, event_at)
    if not read.facts and not read.parked and name not in _MONEY[family]:
        raise Unreadable(f"unknown event type {shown(type_)}")
    if type_ in _ATTEMPT_FAILED:
        failed = (replace(fact, status="failed") if isinstance(fact, Unpaid) else fact for fact in read.facts)
        return read._replace(facts=tuple(failed))
    return read


def _intent(data: Json, event_at: Any) -> Read:
    intent = identity(data, "id")
    status = data.get("status")
    topup_id = optional_identity(member(data, "metadata"), "topup_id")
    at = instant("created", event_at, data.get("created"))
    if status == "succeeded":
        total = money(data, "amount_received")
        paid = Paid(total=total, tax=None, currency=currency(data, "currency"), at=at, topup_id=topup_id)
        return Read(intent, (paid,) if total else ())
    unpaid = _INTENT_STATUS.get(status) if isinstance(status, str) else None
    if unpaid is None:
        raise Unreadable(f"status is {shown(status)}")
    if status == "requires_payment_method" and data.get("last_payment_error"):
        unpaid = "failed"
    return Read(intent, (Unpaid(unpaid, at, topup_id=topup_id),))


def _session(data: Json, event_at: Any) -> Read:
    mode, status = data.get("mode"), data.get("payment_status")
    if mode in ("subscription", "setup"):
        return Read(None)
    if mode != "payment":
        raise Unreadable(f"mode is {shown(mode)}")
    if status == "no_payment_required":
        return Read(None)
    if status not in ("paid", "unpaid"):
        raise Unreadable(f"payment_status is {shown(status)}")
    session_id = identity(data, "id")
    # Only an expanded intent has metadata: the session's own may be a buyer's.
    topup_id = optional_identity(member(member(data, "payment_intent"), "metadata"), "topup_id")
    at = instant("created", event_at, data.get("created"))
    if status == "unpaid":
        intent = _optional_reference(data, "payment_intent")
        unpaid: UnpaidStatus = "failed" if data.get("status") == "expired" else "processing"
        return Read(intent, (Unpaid(unpaid, at, session_id, topup_id),) if intent else ())
    total = money(data, "amount_total")
    if total == 0:
        return Read(None)
    tax = optional_money(member(data, "total_details"), "amount_tax")
    if tax is not None and tax > total:
        raise Unreadable("amount_tax is more than amount_total")
    intent = _reference(data, "payment_intent")
    said = currency(data, "currency")
    return Read(intent, (Paid(total, tax, said, at, session_id=session_id, topup_id=topup_id),))


def _invoice(data: Json, event_at: Any) -> Read:
    """A paid invoice is the payment of a subscription's period. One for anything else names no order, so nothing is
    granted for it until a person says what it pays."""
    if data.get("status") != "paid":
        return Read(None)
    invoice = identity(data, "id")
    total, amount_paid = money(data, "total"), money(data, "amount_paid")
    if amount_paid == 0:
        return Read(invoice)
    tax = _invoice_tax(data, total)
    paid = Paid(
        total=amount_paid,
        tax=None if tax is None else min(tax, amount_paid),
        currency=currency(data, "currency"),
        at=instant(
            "created", member(data, "status_transitions").get("paid_at"), event_at, data.get("created")
        ),
    )
    reason = data.get("billing_reason")
    if not isinstance(reason, str) or reason not in _SUBSCRIPTION_REASONS:
        return Read(invoice, (paid,), (Parked("payment", f"billing_reason is {shown(reason)}"),))
    details = member(member(data, "parent"), "subscription_details")
    told = replace(
        paid,
        subscription_id=_optional_reference(details, "subscription"),
        topup_id=optional_identity(member(details, "metadata"), "topup_id"),
    )
    return Read(invoice, (told,))


def _invoice_tax(data: Json, total: int) -> int | None:
    net = optional_money(data, "total_excluding_tax")
    if net is None:
        taxes = data.get("total_taxes")
        if not isinstance(taxes, list):
            return None
        net = total - sum(money(tax if isinstance(tax, Mapping) else {}, "amount") for tax in taxes)
    if not 0 <= net <= total:
        raise Unreadable("the tax is more than total, or less than nothing")
    return total - net


def _invoice_payment(data: Json, _: Any) -> Read:
    payment = member(data, "payment")
    # A charge without an intent, or money that came past Stripe: the invoice itself says that it is paid.
    if data.get("status") != "paid" or payment.get("type") in ("charge", "payment_record"):
        return Read(None)
    invoice = _reference(data, "invoice")
    return Read(_reference(payment, "payment_intent"), (PartOf(invoice),))


def _refund(data: Json, event_at: Any) -> Read:
    refund_id, payment_id = identity(data, "id"), _intent_of(data)
    status = data.get("status")
    known = _REFUND_STATUS.get(status) if isinstance(status, str) else None
    if known is None:
        raise Unreadable(f"status is {shown(status)}")
    refund = Refund(
        refund_id=refund_id,
        status=known,
        amount=money(data, "amount"),
        currency=currency(data, "currency"),
        at=instant("created", data.get("created"), event_at),
        # A refund's metadata is written by whoever asked for it with our key, never by a buyer.
        request_id=optional_identity(member(data, "metadata"), "request_id"),
    )
    return Read(payment_id, (refund,))


def _dispute(data: Json, event_at: Any) -> Read:
    dispute_id, payment_id = identity(data, "id"), _intent_of(data)
    disputed, in_currency = money(data, "amount"), currency(data, "currency")
    stage, status, rank = _standing(data)
    moved = data.get("balance_transactions")
    dispute = Dispute(
        dispute_id=dispute_id,
        status=status,
        rank=rank,
        stage=stage,
        amount=_gone(data, disputed, in_currency) if status == "lost" else disputed,
        currency=in_currency,
        at=instant("created", data.get("created"), event_at),
        movements=len(moved) if isinstance(moved, list) else 0,
    )
    return Read(payment_id, (dispute,))


def _standing(data: Json) -> tuple[str, DisputeStatus, int]:
    """The stage, status and rank of a dispute."""
    status = data.get("status")
    if status == "prevented":
        # A blocked dispute moves nothing. A resolution returns the money by itself: before the booking shows, frozen.
        if data.get("balance_transactions"):
            return _PREVENTED_MOVED
        case = member(member(data, "payment_method_details"), "card").get("case_type")
        return _PREVENTED_OPEN if case == "resolution" else _PREVENTED_UNMOVED
    known = _DISPUTE_STATUS.get(status) if isinstance(status, str) else None
    if known is None:
        raise Unreadable(f"status is {shown(status)}")
    return known


def _gone(data: Json, disputed: int, in_currency: str) -> int:
    """What a lost dispute took, in minor units of its currency: what went out and did not come back.

    Until a booking shows, all that is disputed. An account that settles in another currency has its bookings in that:
    then it is their ratio that counts, of what is disputed, rounded up.
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
    net = max(0, -sum(one["amount"] for one in moved))
    if currencies == {in_currency}:
        return net
    out = -sum(one["amount"] for one in moved if one["amount"] < 0)
    return ceil(disputed * Fraction(net, out)) if out else 0


def _is_movement(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_MINOR_UNITS


def _charge(data: Json, _: Any) -> Read:
    return Read(_payment_of(data))


_READERS: Final[Mapping[str, Callable[[Json, Any], Read]]] = {
    "payment_intent": _intent,
    "checkout.session": _session,
    "invoice": _invoice,
    "invoice_payment": _invoice_payment,
    "refund": _refund,
    "dispute": _dispute,
    "charge": _charge,
}


def _optional_reference(data: Json, field: str) -> str | None:
    """The id in ``field``, or of the object that it was expanded to; None where it is neither."""
    value = data.get(field)
    value = value.get("id") if isinstance(value, Mapping) else value
    return value if is_id(value) else None


def _reference(data: Json, field: str) -> str:
    value = _optional_reference(data, field)
    if value is None:
        raise Unreadable(f"{field} is missing or no id")
    return value


def _intent_of(data: Json) -> str:
    """The intent whose money a refund or a dispute is about. A charge may have none (it was made without one, so not
    by a checkout of ours): nothing ties it to an order."""
    intent = _optional_reference(data, "payment_intent")
    intent = intent or _optional_reference(member(data, "charge"), "payment_intent")
    if intent is None and data.get("payment_intent") is None and _optional_reference(data, "charge"):
        raise Unreadable("it names a charge and no payment_intent")
    return intent or _reference(data, "payment_intent")


def _payment_of(data: Json) -> str | None:
    """The payment that an object is of, as far as it says so; parked under its charge where it has no other."""
    if data.get("object") in ("payment_intent", "invoice"):
        return optional_identity(data, "id")
    if data.get("object") == "invoice_payment":
        return _optional_reference(member(data, "payment"), "payment_intent")
    charge = member(data, "charge")
    known = _optional_reference(data, "payment_intent") or _optional_reference(charge, "payment_intent")
    return known or _optional_reference(data, "charge")


def _about(data: Json) -> str:
    """The object that a reason is about, as far as it says so."""
    kind, name = data.get("object"), data.get("id")
    return f"{kind}:{name}" if kind in ("refund", "dispute") and is_id(name) else "payment"
