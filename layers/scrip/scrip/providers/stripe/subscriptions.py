"""Reads Stripe's subscriptions, and invoices of theirs that could not be paid.

What the documentation, and the SDKs of API 2025-02-24.acacia and 2026-10-28.endive, say, and what follows here:

* ``status`` says how a subscription stands. ``unpaid`` is one whose tries are over and that goes on without being paid;
  ``incomplete`` one whose first invoice is not paid, which is no business of renewals.
* ``cancel_at_period_end`` and ``cancel_at`` say that it is not renewed.
* The end of the present period stood at the top before 2025-03-31.basil; since then each item has its own.
* An open invoice whose ``billing_reason`` is ``subscription_cycle`` is a renewal. It names its subscription, and by the
  metadata of that, which only we write, our order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.payments.facts import Unpaid
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.envelope import Read
from scrip.providers.reading import (
    Json,
    identity,
    instant,
    member,
    optional_identity,
    optional_instant,
)
from scrip.providers.stripe.invoices import subscription_of

RENEWAL: Final = "subscription_cycle"
_STATES: Final[Mapping[str, State]] = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
    "canceled": "cancelled",
    "incomplete_expired": "cancelled",
}


def standing(data: Json, at: int | None) -> Standing | None:
    """Reads how a subscription stands at an instant (epoch milliseconds).

    None where the object is none, or says it in words that are not known.
    """
    name, status = optional_identity(data, "id"), data.get("status")
    state = _STATES.get(status) if isinstance(status, str) else None
    if data.get("object") != "subscription" or name is None or state is None or at is None:
        return None
    ending = data.get("cancel_at_period_end") is True or optional_instant(data.get("cancel_at")) is not None
    if state in ("active", "past_due") and ending:
        state = "cancelling"
    return Standing(name, state, at, _end(data))


def failed_renewal(data: Json, at: Any) -> Read:
    """Reads an open invoice that could not be paid, as the attempt to pay the subscription's next period.

    It is nothing where the invoice is for something else. Raises ``Unreadable``.
    """
    invoice_id = identity(data, "id")
    subscription_id, topup_id = subscription_of(data)
    if data.get("billing_reason") != RENEWAL or subscription_id is None:
        return Read(invoice_id)
    failed_at = instant("created", at, data.get("created"))
    return Read(
        invoice_id, (Unpaid("failed", failed_at, topup_id=topup_id, subscription_id=subscription_id),)
    )


def _end(data: Json) -> int | None:
    """Returns the end of the period that is paid for, epoch milliseconds; None where the object does not say it."""
    items = member(data, "items").get("data")
    ends = (
        [one.get("current_period_end") for one in items if isinstance(one, Mapping)]
        if isinstance(items, list)
        else []
    )
    told = [data.get("cancel_at"), data.get("current_period_end"), *ends]
    return next((end for each in told if (end := optional_instant(each)) is not None), None)
