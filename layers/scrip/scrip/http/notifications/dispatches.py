"""What was sent to a webhook endpoint, and replays: the body and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, get_args

from pydantic import Field, StringConstraints, model_validator

from scrip.domain.notifications.dispatch import Dispatch, DispatchAttempt
from scrip.domain.notifications.dispatch import DispatchStatus as DispatchStatus
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body, Instant, called
from scrip.http.edge.parameters import format_instant
from scrip.services.engine.paging import Found
from scrip.services.notifications.replays import LONGEST_MS, Replay

if TYPE_CHECKING:
    from scrip.domain.notifications.dispatch import CallError
    from scrip.domain.notifications.dispatch import DispatchStatus as DeliveryStatus
    from scrip.http.edge.forms import At, Count


STATUSES: Final[tuple[str, ...]] = get_args(DispatchStatus)


class ReplayBody(Body):
    """What is sent again: a span of time, or one event."""

    from_: Instant | None = Field(default=None, alias="from")
    """Events from this instant on, that instant included: an event's `time`. Send it with `to`."""
    to: Instant | None = None
    """Events before this instant, at most 31 days after `from`."""
    event_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    """The only event that is sent again, of the last 31 days. Or else send `from` and `to`."""

    _named = called("from")

    @model_validator(mode="after")
    def _either(self) -> ReplayBody:
        """Refuses what says neither a span nor an event, or both, and a span that is too long."""
        said = [name for name, value in (("from", self.from_), ("to", self.to)) if value is not None]
        if self.event_id is not None:
            if said:
                raise ValueError(f"{said[0]}: leave it out with event_id")
            return self
        if self.from_ is None or self.to is None:
            missing = "to" if self.from_ is not None else "from"
            raise ValueError(f"{missing}: send from and to, or event_id")
        if self.to <= self.from_:
            raise ValueError("to: must be later than from")
        if self.to - self.from_ > LONGEST_MS:
            raise ValueError("to: must be at most 31 days after from")
        return self

    def span(self, now: int) -> tuple[int, int]:
        """Returns the instants between which events are sent again: the first included, the last not."""
        if self.from_ is None or self.to is None:
            return max(0, now - LONGEST_MS), now + 1
        return self.from_, self.to


class DeliveryAttemptView(TypedDict):
    """One try to deliver an event."""

    at: At
    """When."""
    status_code: int | None
    """What was answered; null: nothing, `error` says why."""
    error: CallError | None
    """Why there is no answer: the endpoint's address is refused, its name is not resolved, there is no connection, TLS
    failed, it took longer than 15 s, it was no HTTP, or the endpoint was disabled by then. Null: there is one."""
    duration_ms: Count
    """How long it took, in milliseconds."""


class WebhookDeliveryView(TypedDict):
    """An event, and how far it is on its way to an endpoint."""

    event_id: str
    """The event's id: the header `webhook-id` of each try."""
    type: str
    """The event's type."""
    status: DeliveryStatus
    """`pending`: it is tried, or tried again. `delivered`: it was answered with a 2xx. `failed`: it was given up."""
    attempts: list[DeliveryAttemptView]
    """Each try, the first first; of many, the last thirty."""
    next_attempt_at: At | None
    """When it is tried again; null: it is not."""


class WebhookDeliveryPageView(TypedDict):
    """Events on their way to an endpoint, newest first. A page with a filter may be short, or empty, and yet have a
    `next_cursor`."""

    items: list[WebhookDeliveryView]
    """The events."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class ReplayView(TypedDict):
    """A replay that has begun."""

    replay_id: str
    """What it is called in the log."""


def dispatch_view(one: Dispatch) -> WebhookDeliveryView:
    """Shows an event on its way."""
    due = one.next_attempt_at
    return {
        "event_id": one.event_id,
        "type": one.type,
        "status": one.status,
        "attempts": [_attempt_view(attempt) for attempt in one.attempts],
        "next_attempt_at": None if due is None else format_instant(due),
    }


def dispatch_page_view(found: Found[str, Dispatch]) -> WebhookDeliveryPageView:
    """Shows a page of events on their way."""
    items, cursor = pages.shown(found, dispatch_view)
    return {"items": items, "next_cursor": cursor}


def replay_view(replay: Replay) -> ReplayView:
    """Shows a replay."""
    return {"replay_id": replay.replay_id}


def _attempt_view(attempt: DispatchAttempt) -> DeliveryAttemptView:
    return {
        "at": format_instant(attempt.at),
        "status_code": attempt.status_code,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
    }
