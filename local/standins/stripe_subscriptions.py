"""What the stand-in for Stripe says of subscriptions, and of their invoices that are not paid.

Written from Stripe's documentation of the subscription, of smart retries and of cancelling:

* A renewal that is declined leaves its invoice ``open``, and the subscription ``past_due``, until it is paid.
* ``cancel_at_period_end`` is taken back by another update; a subscription that is ``canceled`` is so for good.
"""

from __future__ import annotations

from local.standins.serving import Json
from local.standins.stripe_requests import wrong
from local.standins.stripe_shapes import CUSTOMER, DAY_SECONDS, Checkout, listed, now


def subscription(of: Checkout) -> Json:
    """The subscription of a session, as it is now."""
    session, asked = of.session, of.asked.get("subscription_data") or {}
    end = now() + 30 * DAY_SECONDS
    item = {"id": "si_standin", "object": "subscription_item", "current_period_end": end, "quantity": 1}
    standing = {"status": "active", "cancel_at_period_end": False, "canceled_at": None, **of.standing}
    return {
        "id": session["subscription"],
        "object": "subscription",
        "cancel_at": end if standing["cancel_at_period_end"] else None,
        "collection_method": "charge_automatically",
        "created": session["created"],
        "currency": session["currency"],
        "customer": CUSTOMER,
        "items": listed([item], "/v1/subscription_items"),
        "latest_invoice": session.get("invoice"),
        "livemode": False,
        "metadata": asked.get("metadata") or {},
        **standing,
    }


def unpaid(invoice: Json) -> Json:
    """The invoice, where the card that was to pay it was declined."""
    due = invoice["amount_due"]
    return {
        **invoice,
        "amount_paid": 0,
        "amount_remaining": due,
        "attempt_count": 1,
        "next_payment_attempt": now() + 3 * DAY_SECONDS,
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "paid_at": None},
    }


def paid(invoice: Json) -> None:
    """An open invoice becomes paid."""
    transitions = {**invoice["status_transitions"], "paid_at": now()}
    invoice |= {"amount_paid": invoice["amount_due"], "amount_remaining": 0, "status": "paid"}
    invoice |= {"next_payment_attempt": None, "status_transitions": transitions}


def update(of: Checkout, body: Json) -> None:
    """``POST /v1/subscriptions/{id}``: whether it ends with its period. Raises ``Problem``."""
    ends = body.get("cancel_at_period_end")
    if ends not in ("true", "false"):
        raise wrong("cancel_at_period_end", "true or false")
    if of.standing.get("status") == "canceled":
        raise wrong("subscription", "one that is not canceled")
    of.standing |= {"cancel_at_period_end": ends == "true", "canceled_at": now() if ends == "true" else None}


def cancel(of: Checkout) -> None:
    """``DELETE /v1/subscriptions/{id}``: it ends at once. Raises ``Problem``."""
    if of.standing.get("status") == "canceled":
        raise wrong("subscription", "one that is not canceled")
    of.standing |= {"status": "canceled", "cancel_at_period_end": False, "canceled_at": now()}
