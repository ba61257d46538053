"""Webhooks of a payment gateway of one's own: Standard Webhooks signatures and nine events.

The vocabulary is ours and is described for whoever writes the gateway in docs/payments.md:

* The envelope is ``{"type", "timestamp", "data"}``; ``timestamp`` is RFC 3339.
* The type says what is true: ``payment.succeeded | failed | processing``, ``refund.pending | succeeded | failed``,
  ``dispute.opened | lost | won``.
* Amounts are integers in minor units, tax included.
* The gateway signs what it says, so it may name our order (``topup_id``). No buyer must be able to choose it.
* A ``payment.failed`` with ``subscription_id`` is a renewal that failed, once a payment of that subscription was paid.
* A dispute has a ``stage``, a number from 1 on: a later stage outranks an earlier one's end. A win and a loss in one
  stage contradict each other.

Like every reader here it never raises, ignores what it does not need, and parks what it needs and cannot read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from scrip.domain.payments.delivery import Delivery, Names
from scrip.domain.payments.facts import (
    Dispute,
    DisputeStatus,
    Fact,
    Paid,
    Refund,
    RefundStatus,
    Unpaid,
    UnpaidStatus,
)
from scrip.providers.envelope import Origin, Read, Subject, WebhookEvent, about, delivered, opened
from scrip.providers.reading import (
    Json,
    Unreadable,
    country,
    currency,
    flag,
    identity,
    instant,
    money,
    optional_currency,
    optional_identity,
    optional_instant,
    optional_money,
)
from scrip.providers.signatures import verify_standard as verify

__all__ = ["ONE_NAME", "PROVIDER", "translate", "verify"]

PROVIDER: Final = "standard"
ONE_NAME: Final = False
"""A gateway may give each try to pay a period a name of its own."""
LAST_STAGE: Final = 99
"""Card schemes know three or four stages; more than this is some other number in the wrong place."""

_UNPAID: Final[Mapping[str, UnpaidStatus]] = {"failed": "failed", "processing": "processing"}
_REFUND: Final[Mapping[str, RefundStatus]] = {
    "pending": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
}
_DISPUTE: Final[Mapping[str, DisputeStatus]] = {"opened": "open", "lost": "lost", "won": "won"}


def translate(body: Any, ours: str | None = None) -> Delivery:  # noqa: ARG001 - a secret of its own tells whose it is
    """Returns the facts in a webhook body whose signature holds, parsed from JSON. Never raises."""
    event = opened(body)
    origin = Origin(said_at=optional_instant(event.body.get("timestamp")), names=_names(event))
    return delivered(PROVIDER, event, _read, _subject, origin)


def _names(event: WebhookEvent) -> Names:
    """Returns what a payment says that it is of, whether or not the rest of it can be read."""
    if event.family != "payment":
        return Names()
    return Names(
        topup_id=optional_identity(event.data, "topup_id"),
        subscription_id=optional_identity(event.data, "subscription_id"),
    )


def _read(event: WebhookEvent) -> Read:
    """Reads one event. Raises ``Unreadable``."""
    _, _, word = event.complete("type", "data").partition(".")
    read = _FAMILIES.get(event.family)
    fact = read(word, event.data, event.body.get("timestamp")) if read else None
    if fact is None:
        raise event.unknown()
    return Read(identity(event.data, "payment_id"), (fact,))


def _subject(data: Json, family: str) -> Subject:
    """Returns the payment and the object that a body is about, as far as it says so."""
    return Subject(optional_identity(data, "payment_id"), about(family, data.get(f"{family}_id")))


# Each gives None for a word that is not of its family.


def _payment(word: str, data: Json, event_at: Any) -> Fact | None:
    """Reads a payment as a fact; returns None for a word that no payment has. Raises ``Unreadable``."""
    topup_id = _named(data, "topup_id")
    at = instant("created_at", data.get("created_at"), event_at)
    said_at = optional_instant(event_at)
    if word in _UNPAID:
        return Unpaid(
            _UNPAID[word],
            at,
            topup_id=topup_id,
            said_at=said_at,
            subscription_id=_named(data, "subscription_id"),
        )
    if word != "succeeded":
        return None
    total, tax = money(data, "amount"), optional_money(data, "tax")
    subscription_id = _named(data, "subscription_id")
    if total == 0 and not (topup_id or subscription_id):
        raise Unreadable(
            "amount is zero, and neither topup_id nor subscription_id is said: that is no payment"
        )
    if tax is not None and tax > total:
        raise Unreadable("tax is more than amount")
    return Paid(
        total=total,
        tax=tax,
        currency=currency(data, "currency"),
        at=at,
        topup_id=topup_id,
        subscription_id=subscription_id,
        said_at=said_at,
        country=country(data),
    )


def _refund(word: str, data: Json, event_at: Any) -> Fact | None:
    """Reads a refund as a fact; returns None for a word that no refund has. Raises ``Unreadable``."""
    if word not in _REFUND:
        return None
    return Refund(
        refund_id=identity(data, "refund_id"),
        status=_REFUND[word],
        amount=optional_money(data, "amount"),
        currency=optional_currency(data, "currency"),
        at=instant("created_at", data.get("created_at"), event_at),
        full=flag(data, "full") is True,
        request_id=_named(data, "request_id"),
    )


def _dispute(word: str, data: Json, event_at: Any) -> Fact | None:
    """Reads a dispute as a fact; returns None for a word that no dispute has. Raises ``Unreadable``."""
    if word not in _DISPUTE:
        return None
    status, stage = _DISPUTE[word], data.get("stage", 1)
    if not isinstance(stage, int) or isinstance(stage, bool) or not 1 <= stage <= LAST_STAGE:
        raise Unreadable(f"stage is no whole number from 1 to {LAST_STAGE}")
    return Dispute(
        dispute_id=identity(data, "dispute_id"),
        status=status,
        # Within a stage an end outranks that it was opened; both ends are of one rank and contradict each other.
        rank=stage * 2 + (status != "open"),
        stage=str(stage),
        amount=money(data, "amount"),
        currency=currency(data, "currency"),
        at=instant("created_at", data.get("created_at"), event_at),
    )


_FAMILIES: Final[Mapping[str, Callable[[str, Json, Any], Fact | None]]] = {
    "payment": _payment,
    "refund": _refund,
    "dispute": _dispute,
}


def _named(data: Json, field: str) -> str | None:
    """Returns an id that may be left out, but not mistyped, since it decides what the money is for.

    Raises:
        Unreadable: it is there and is no id.
    """
    return None if data.get(field) is None else identity(data, field)
