"""Events of usage that were rejected, as events tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrip.domain.events.event import Event
from scrip.http.edge.answers import TypedDict
from scrip.http.usage.rejections import event_view, facts_view
from scrip.services.usage.rejections import TYPE as TYPE
from scrip.services.usage.rejections import RejectedUsage

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.usage.rejections import RejectionFactsView, UsageEventView


class UsageRejectedEventView(TypedDict):
    """An event of usage was accepted, and could not be burned."""

    event: UsageEventView
    """As it came; it can be sent again as it is."""
    reason: str
    """The code of the refusal, as in docs/errors.md."""
    policy: str | None
    """Of a `policy_violation`, which policy."""
    detail: str
    """What it is this time, for people."""
    facts: NotRequired[RejectionFactsView]
    """The numbers of it; of a budget, and of credits that were too few."""


def rejected_event(one: RejectedUsage) -> Event:
    """Makes the event that an event of usage was rejected; its instant is when that came."""
    data: UsageRejectedEventView = {
        "event": event_view(one.received.event),
        "reason": one.reason,
        "policy": one.policy,
        "detail": one.detail,
    }
    if one.facts:
        data["facts"] = facts_view(one)
    return Event(one.event_id, TYPE, one.received.event.account, one.received.came, dict(data))
