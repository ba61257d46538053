"""Subscriptions: the body of a cancellation, and what is shown of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from scrip.domain.credits.calendar import after
from scrip.domain.payments.order import Order
from scrip.domain.payments.subscription import FailedRenewal, Subscription
from scrip.domain.payments.subscription import State as SubscriptionState
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body
from scrip.http.edge.parameters import format_instant
from scrip.services.engine.paging import Found
from scrip.services.payments.subscriptions import SoldSubscription

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Name, PackCount
    from scrip.http.payments.topups import Provider

CancelAt = Literal["period_end", "now"]
"""When a subscription ends: once what was paid for is over, or at once."""


class CancelSubscriptionBody(Body):
    """When it ends."""

    may_be_missing: ClassVar[bool] = True
    at: CancelAt = "period_end"
    """`period_end`: once what was paid for is over; `now`: at once. No money goes back, and no credit is taken."""


class ResumeSubscriptionBody(Body):
    """Nothing is said: the path names the subscription."""

    may_be_missing: ClassVar[bool] = True


class FailedRenewalView(TypedDict):
    """A renewal that was not paid."""

    payment_id: str | None
    """The provider's payment, invoice or transaction; null where the provider names none."""
    at: At
    """When it failed, by the provider's clock."""


class SubscriptionView(TypedDict):
    """What renews."""

    subscription_id: str
    """The provider's id of it."""
    provider: Provider
    """Where it is paid."""
    account: Name
    """Who buys."""
    unit: Name
    """What its credits are counted in."""
    pack: Name
    """What is bought with each period."""
    quantity: PackCount
    """How many."""
    topup_id: str
    """Its order."""
    every: str
    """How often it is paid; ISO 8601."""
    state: SubscriptionState
    """How it stands: `past_due`: its last renewal is not paid; `cancelling`: it ends at `ends_at`."""
    next_renewal_at: At | None
    """When it is renewed next, as far as that is known; null where it is not renewed."""
    ends_at: At | None
    """When it ends, where it was cancelled and has not ended yet."""
    last_failure: FailedRenewalView | None
    """The renewal that failed last, paid since or not; null: none did."""


class SubscriptionPageView(TypedDict):
    """Subscriptions of an account, by provider."""

    items: list[SubscriptionView]
    """The subscriptions."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def failed_renewal_view(failed: FailedRenewal | None) -> FailedRenewalView | None:
    """Shows a renewal that was not paid; None where there is none."""
    return {"payment_id": failed.payment_id, "at": format_instant(failed.at)} if failed else None


def subscription_page_view(found: Found[str, SoldSubscription]) -> SubscriptionPageView:
    """Shows subscriptions."""
    items, cursor = pages.shown(found, subscription_view)
    return {"items": items, "next_cursor": cursor}


def subscription_view(sold: SoldSubscription) -> SubscriptionView:
    """Shows a subscription."""
    one, order = sold.subscription, sold.order
    end, state = _period_end(one, order), one.state
    shown = None if end is None else format_instant(end)
    return {
        "subscription_id": one.subscription_id,
        "provider": one.provider,
        "account": one.account,
        "unit": one.unit,
        "pack": order.pack,
        "quantity": order.quantity,
        "topup_id": order.topup_id,
        "every": order.every or "",
        "state": state,
        "next_renewal_at": shown if state in ("active", "past_due") else None,
        "ends_at": shown if state == "cancelling" else None,
        "last_failure": failed_renewal_view(one.failed),
    }


def _period_end(one: Subscription, order: Order) -> int | None:
    """Returns the end of the period that is paid for: as the provider says, else as the order's period has it."""
    said, paid_at = one.standing, one.paid_at
    if said and said.renews_at is not None and said.renews_at > (paid_at or 0):
        return said.renews_at
    return None if paid_at is None or not order.every else after(paid_at, order.every, "every")
