"""Events of usage that somebody put onto the bus: an event of EventBridge whose detail is a CloudEvent.

https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge.parameters import instant
from scrip.http.usage.cloud_events import read_event
from scrip.http.usage.usage_data import DataMapping
from scrip.services.usage.usage_queue import ReceivedUsage

DETAIL_TYPE: Final = "detail-type"
"""The member by which an event of the bus is known."""
ACTOR: Final = "bus"
"""Whom an entry names that an event of the bus made."""


def read_bus_event(told: Mapping[str, Any]) -> ReceivedUsage:
    """Reads an event of the bus. It came when the bus had it.

    Raises:
        InvalidRequest: its detail is no event of usage.
    """
    time = told.get("time")
    came = instant(time if isinstance(time, str) else "", "time")
    try:
        event = read_event(told.get("detail"), came, DataMapping())
    except InvalidRequest as error:
        raise InvalidRequest(
            [(f"detail.{line['field']}", line["message"]) for line in error.errors]
        ) from error
    return ReceivedUsage(event, came, ACTOR, None)
