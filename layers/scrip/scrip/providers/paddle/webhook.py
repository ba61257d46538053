"""Paddle Billing's webhooks.

What the provider's documentation and SDK say, and what follows here:

* ``Paddle-Signature: ts=…;h1=…[;h1=…]``: HMAC-SHA256 in hex over ``ts:rawbody``, keyed with the whole secret; one
  ``h1`` for each secret while it is rotated. Its own SDK allows 5 seconds, which a late delivery would not pass: here
  the tolerance is that of all signatures.
* ``event_id`` names the event, the same in each retry; ``notification_id`` another delivery of it.
* Amounts are strings of minor units of ``currency_code``. A transaction's ``details.totals.total`` is after discount
  and with ``tax``; ``grand_total`` is what is left to pay of it after ``credit``, the buyer's balance at Paddle, and
  ``grand_total_tax`` the tax in that. Where these differ they are two amounts of one payment, and a person decides. A
  total below zero is given to that balance (``credit_to_balance``), and no money moves.
* A line with a ``proration`` is no period's.
* A renewal that is declined leaves its transaction ``past_due``, and all further tries are of that transaction.
* A transaction is paid once its status is ``paid``, and ``completed`` after that: one payment, reported twice.
* ``origin`` says what a transaction is for. ``subscription_recurring`` is a subscription's own period; ``web`` and
  ``api`` are checkouts, the first of a subscription among them, which name our order themselves. Others charge a
  subscription for something else. A free trial begins with a transaction of 0 from a checkout; a change of the card
  makes one too (``subscription_payment_method_change``), and that is nothing.
* Money going back is an *adjustment*, an object of its own that names its transaction. A ``refund`` waits in
  ``pending_approval`` for Paddle's decision; a ``credit`` goes to the buyer's balance at Paddle and counts the same,
  unless it says (``credit_applied_to_balance`` is false) that it only made a bill less that is not paid yet.
* Paddle fights disputes itself and gives them no id. A transaction has one here, under its own id: ``chargeback`` is
  made when the money was taken, ``chargeback_reverse`` when it came back, ``chargeback_warning`` before either. Each is
  an immutable record and follows what it is about, so the instant it was *made* orders them (that of an event would
  not). ``reversed`` is the status that an adjustment gets by its reversal.
* A ``credit_reverse`` does not say which credit it takes back; that one's own status does. It is parked.
* An adjustment says how much of it is tax. One of tax alone (a buyer who proved to be a business) takes no credits
  back: they were sold without tax.

``custom_data.topup_id`` names our order. It is best written by a server that makes the transaction; if the browser
writes it, a buyer can name another's order and pays for it: what is paid is held against that order's price.

Sources: developer.paddle.com, "Verify webhook signatures", "transaction.paid", "adjustment.created",
"adjustment.updated"; the notification fixtures of PaddleHQ/paddle-python-sdk (tests/Unit/Entities/_fixtures) and its
PaddleSignature; the enumerations AdjustmentAction and AdjustmentStatus as documented in paddle-rust-sdk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from scrip.domain.payments.delivery import Delivery, Names, Parked
from scrip.domain.payments.facts import (
    Dispute,
    DisputeStatus,
    Fact,
    Paid,
    Refund,
    RefundStatus,
    Unpaid,
    shown,
)
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.envelope import Origin, Read, Subject, WebhookEvent, about, delivered, opened, parsed
from scrip.providers.reading import (
    Json,
    Unreadable,
    currency,
    identity,
    instant,
    member,
    one_of,
    optional_identity,
    optional_instant,
    spelled_money,
)
from scrip.providers.signatures import verify_timestamped

__all__ = ["ONE_NAME", "PROVIDER", "translate", "verify"]

PROVIDER: Final = "paddle"
ONE_NAME: Final = True
"""All tries to pay a period are of its transaction."""

# Paddle's other events are about its catalogue, customers, subscriptions and payouts: nothing of them is money that a
# top-up took or gave back. A family that is not listed is new, and a person has to look.
_MEANINGLESS: Final = frozenset(
    {
        "address",
        "api_key",
        "business",
        "client_token",
        "customer",
        "discount",
        "discount_group",
        "payment_method",
        "payout",
        "price",
        "product",
        "report",
        "subscription",
    }
)
_PAID: Final = frozenset({"paid", "completed"})
_STATES: Final[Mapping[str, State]] = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "paused": "paused",
    "canceled": "cancelled",
}
_PERIOD: Final = "subscription_recurring"
_CHECKOUTS: Final = frozenset({"web", "api"})
_NEW_CARD: Final = "subscription_payment_method_change"
# `ready` and `draft` are checkouts that nobody has paid yet; after a declined card a transaction is `ready` again.
_NOT_YET: Final = frozenset({"draft", "ready"})
_REFUND_STATUS: Final[Mapping[str, RefundStatus]] = {
    "pending_approval": "pending",
    "approved": "succeeded",
    "rejected": "failed",
    "reversed": "failed",
}
# What each adjustment says of its transaction's dispute. A warning has taken nothing yet.
_DISPUTE: Final[Mapping[str, DisputeStatus]] = {
    "chargeback_warning": "open",
    "chargeback_warning_reverse": "won",
    "chargeback": "lost",
    "chargeback_reverse": "won",
}


def verify(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_ms: int) -> str:
    """Returns the id of the event in a webhook whose signature holds. It is in the body, which is not read before that.

    Raises ``signatures.BadSignature`` or ``signatures.NoSecrets``.
    """
    header = headers.get("paddle-signature")
    verify_timestamped(raw, header, secrets, now_ms, fields=";", time="ts", digest="h1", joint=b":")
    body = parsed(raw)
    for field in ("event_id", "notification_id"):
        named = optional_identity(body, field)
        if named:
            return named
    # It is Paddle's all the same, and what is wrong with it is for `translate` to say.
    return f"body.{hashlib.sha256(raw).hexdigest()[:32]}"


def translate(body: Any, ours: str | None = None) -> Delivery:  # noqa: ARG001 - a body does not say whose it is
    """Returns the facts in a webhook body whose signature holds, parsed from JSON. Never raises.

    Sandbox and live account have secrets of their own, and nothing in a body tells them apart.
    """
    event = opened(body, "event_type")
    origin = Origin(
        said_at=optional_instant(event.body.get("occurred_at")),
        names=_names(event),
        standing=_standing(event) if event.family == "subscription" else None,
    )
    return delivered(PROVIDER, event, _read, _subject, origin)


def _standing(event: WebhookEvent) -> Standing | None:
    """Reads how a subscription stands; None where the event does not say it in words that are known."""
    data, at = event.data, optional_instant(event.body.get("occurred_at"))
    name, status = optional_identity(data, "id"), data.get("status")
    state = _STATES.get(status) if isinstance(status, str) else None
    if name is None or state is None or at is None:
        return None
    if state in ("active", "past_due") and member(data, "scheduled_change").get("action") == "cancel":
        state = "cancelling"
    return Standing(name, state, at, optional_instant(data.get("next_billed_at")))


def _names(event: WebhookEvent) -> Names:
    """Returns what a transaction says that it is of, whether or not the rest of it can be read."""
    if event.family != "transaction":
        return Names()
    return Names(
        topup_id=optional_identity(member(event.data, "custom_data"), "topup_id"),
        subscription_id=optional_identity(event.data, "subscription_id"),
    )


def _read(event: WebhookEvent) -> Read:
    """Reads one event. Raises ``Unreadable``."""
    event.complete("event_type", "data")
    payment_id, _ = _subject(event.data, event.family)
    if event.family == "transaction":
        facts, parked = _transaction(event.data, event.body.get("occurred_at"))
        return Read(payment_id, facts, parked)
    if event.family == "adjustment":
        made = _adjustment(event.data)
        return Read(payment_id, (made,) if made else ())
    if event.family not in _MEANINGLESS:
        raise event.unknown()
    return Read(payment_id)


def _subject(data: Json, family: str) -> Subject:
    """Returns the transaction, and the object that a body is about. A dispute has its transaction's id."""
    payment_id = optional_identity(
        data, {"transaction": "id", "adjustment": "transaction_id"}.get(family, "")
    )
    if family != "adjustment":
        return Subject(payment_id, "payment")
    if data.get("action") in tuple(_DISPUTE):
        return Subject(payment_id, about("dispute", data.get("transaction_id")))
    return Subject(payment_id, about("refund", data.get("id")))


def _transaction(data: Json, event_at: Any) -> tuple[tuple[Fact, ...], tuple[Parked, ...]]:
    """Reads a transaction as at most one fact, with a reason to wait where it brought in no money.

    None where nothing is paid yet, or where the total is zero and it names nothing that may be ours.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    identity(data, "id")
    status = data.get("status")
    # Set once for good when it is billed, while `updated_at` moves on.
    at = instant("billed_at", data.get("billed_at"), data.get("created_at"), event_at)
    topup_id = optional_identity(member(data, "custom_data"), "topup_id")
    said_at = optional_instant(event_at)
    if status in ("past_due", "canceled"):
        renewed = status == "past_due" and data.get("origin") in (None, _PERIOD)
        subscription = optional_identity(data, "subscription_id") if renewed else None
        failed = Unpaid("failed", at, topup_id=topup_id, said_at=said_at, subscription_id=subscription)
        return (failed,), ()
    if status == "billed":
        return (Unpaid("processing", at, topup_id=topup_id),), ()
    if not isinstance(status, str) or status not in _PAID | _NOT_YET:
        raise Unreadable(f"transaction status is {shown(status)}")
    if status in _NOT_YET:
        return (), ()
    in_currency = currency(data, "currency_code")
    subscription_id = optional_identity(data, "subscription_id")
    bill = _bill(member(member(data, "details"), "totals"), in_currency, subscription_id)
    if bill.total == 0:
        if data.get("origin") == _NEW_CARD or not (topup_id or subscription_id):
            return (), ()
        if data.get("origin") == _PERIOD:
            topup_id = None  # a period that cost nothing, not the begin of a trial
    paid = Paid(
        total=bill.paid,
        tax=bill.tax,
        currency=in_currency,
        at=at,
        topup_id=topup_id,
        origin=_origin(data, topup_id, subscription_id),
        subscription_id=subscription_id,
        said_at=said_at,
        amounts=bill.amounts,
    )
    return (paid,), bill.parked


class _Bill(NamedTuple):
    """What a transaction comes to (below zero: gives back), what came in of it and its tax, minor units.

    ``amounts`` is what is said of it, where that is not one thing; ``parked`` why a person has to look.
    """

    total: int
    paid: int
    tax: int
    amounts: tuple[str, ...] = ()
    parked: tuple[Parked, ...] = ()


def _bill(totals: Json, in_currency: str, subscription_id: str | None) -> _Bill:
    """Reads what a transaction comes to; only that of a subscription gives back. Raises ``Unreadable``."""
    below = totals.get("total")
    if subscription_id and isinstance(below, str) and below.startswith("-"):
        total = -spelled_money({"total": below[1:]}, "total")
        said = (
            f"total is {total} {in_currency}: it went to the buyer's balance at Paddle, and no money came in"
        )
        return _Bill(total, 0, 0, parked=(Parked("payment", f"{said}. Dismiss this, or take credits back"),))
    total, tax = spelled_money(totals, "total"), spelled_money(totals, "tax")
    if tax > total:
        raise Unreadable("tax is more than total")
    due = total if totals.get("grand_total") is None else spelled_money(totals, "grand_total")
    if due > total:
        raise Unreadable("grand_total is more than total")
    if due == total:
        return _Bill(total, total, tax)
    taxed = tax * due // total
    if totals.get("grand_total_tax") is not None:
        taxed = min(due, spelled_money(totals, "grand_total_tax"))
    if due == 0:
        said = f"grand_total is 0 and total is {total} {in_currency}: the buyer's balance at Paddle paid it"
        reason = Parked("payment", f"{said}, and no money came in. Accept it for its order, or dismiss it")
        return _Bill(total, 0, 0, parked=(reason,))
    amounts = (f"{due} {in_currency} paid", f"{total} {in_currency} in total")
    return _Bill(total, due, taxed, tuple(sorted(amounts)))


def _origin(data: Json, topup_id: str | None, subscription_id: str | None) -> str | None:
    """Says what else than a period of its own a subscription was charged for; None: it was not."""
    said = data.get("origin")
    if said not in (None, _PERIOD) and not (said in tuple(_CHECKOUTS) and (topup_id or not subscription_id)):
        return f"origin is {shown(said)}"
    lines = member(data, "details").get("line_items") if subscription_id else None
    if isinstance(lines, list) and any(member(line, "proration") for line in lines):
        return "line_items has a proration"
    return None


def _adjustment(data: Json) -> Fact | None:
    """Reads an adjustment as the refund or the dispute that it is; None where it only made a bill less.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    identity(data, "id")
    identity(data, "transaction_id")
    action = data.get("action")
    if action == "credit" and data.get("credit_applied_to_balance") is False:
        return None
    if action in ("refund", "credit"):
        return _refund(data)
    if isinstance(action, str) and action in _DISPUTE:
        return _dispute(action, data)
    raise Unreadable(f"adjustment action is {shown(action)}")


def _refund(data: Json) -> Refund:
    """Reads a refund or credit, and how much of it is tax.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    status = one_of(data, "status", _REFUND_STATUS, of="adjustment")
    totals = member(data, "totals")
    amount, tax = spelled_money(totals, "total"), spelled_money(totals, "tax")
    if tax > amount:
        raise Unreadable("tax is more than total")
    return Refund(
        refund_id=identity(data, "id"),
        status=status,
        amount=amount,
        currency=currency(data, "currency_code"),
        at=instant("created_at", data.get("created_at")),
        full=data.get("type") == "full",
        tax=tax,
    )


def _dispute(action: str, data: Json) -> Dispute:
    """Reads a chargeback. Its rank is made of the instant at which it was made, so that later records win.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    status = data.get("status")
    if status not in ("approved", "reversed"):
        raise Unreadable(f"adjustment status is {shown(status)}")
    made_at = instant("created_at", data.get("created_at"))
    return Dispute(
        dispute_id=identity(data, "transaction_id"),
        status=_DISPUTE[action] if status == "approved" else _undone(_DISPUTE[action]),
        rank=made_at * 2 + (status == "reversed"),
        stage=action,
        amount=spelled_money(member(data, "totals"), "total"),
        currency=currency(data, "currency_code"),
        at=made_at,
    )


def _undone(status: DisputeStatus) -> DisputeStatus:
    """Returns what a reversed adjustment leaves.

    One that took, or threatened to, does so no more. A reversed reversal takes again.
    """
    return "lost" if status == "won" else "won"
