"""Events of webhook endpoints: that one was disabled, and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrip.domain.events.event import Event, event_id
from scrip.domain.notifications.endpoint import DISABLED, TEST, WebhookEndpoint
from scrip.http.edge.answers import TypedDict

if TYPE_CHECKING:
    from scrip.domain.notifications.endpoint import StopReason
    from scrip.http.edge.forms import Name


class EndpointDisabledEventView(TypedDict):
    """A webhook endpoint was disabled, though nobody asked for it."""

    endpoint_id: Name
    """What you call it."""
    reason: StopReason
    """`gone`: it answered 410. `failing`: it was tried for five days and nothing was delivered."""
    last_status_code: int | None
    """What it answered last; null: nothing."""


class EndpointTestEventView(TypedDict):
    """A test, sent because somebody asked for it."""

    endpoint_id: Name
    """Whom it is sent to."""


def disabled_event(endpoint: WebhookEndpoint, rev: int) -> Event:
    """Makes the event that an endpoint was disabled; calls beside one another that find it so tell it under one id.

    Args:
        rev: the endpoint's revision before.
    """
    stop = endpoint.stopped
    assert stop, "it was disabled"
    data: EndpointDisabledEventView = {
        "endpoint_id": endpoint.endpoint_id,
        "reason": stop.reason,
        "last_status_code": stop.status_code,
    }
    return Event(
        event_id(DISABLED, endpoint.endpoint_id, endpoint.made, rev), DISABLED, None, stop.at, dict(data)
    )


def test_event(endpoint: WebhookEndpoint, named: str, at: int) -> Event:
    """Makes a test of an endpoint at an instant, epoch milliseconds; ``named`` tells it from others."""
    data: EndpointTestEventView = {"endpoint_id": endpoint.endpoint_id}
    return Event(event_id(TEST, endpoint.endpoint_id, endpoint.made, named), TEST, None, at, dict(data))
