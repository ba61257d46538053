"""Publishes events onto the deployment's bus. Does not own what they say, nor who hears of them.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.errors import Throttled, Unavailable
from scrip.domain.events.event import Event, cloud_event

MOST: Final = 10
"""Events that one call takes."""
LARGEST: Final = 256 * 1024
"""Bytes of all events of a call."""
SOURCE: Final = "scrip"
ATTEMPTS: Final = 4
"""How often an event that the bus did not take is sent, before whoever brought it has to bring it again."""
WAIT: Final = 0.1
"""Seconds before the second try at most; each later one may wait twice as long."""
BUSY: Final = "ThrottlingException"


@dataclass(frozen=True, slots=True)
class Bus:
    """The bus of a deployment.

    Attributes:
        client: EventBridge's.
        source: the ``source`` of each event, ``/scrip/<stack>``.
    """

    client: Any
    name: str
    source: str


def publish(bus: Bus, events: Sequence[Event]) -> None:
    """Sends events in their order, and those that the bus did not take once more, in their order.

    Raises:
        Throttled, Unavailable: it did not take all of them; those that it took are told.
        ValueError: an event is larger than the bus takes, by itself.
    """
    waiting = [_entry(bus, event) for event in events]
    busy = False
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, WAIT * 2 ** (attempt - 1)))
        failed: list[dict[str, str]] = []
        for call in _calls(waiting):
            refused, throttled = _put(bus, call)
            failed += refused
            busy = busy or throttled
        if not failed:
            return
        waiting = failed
    raise (Throttled if busy else Unavailable)(f"the bus did not take {len(waiting)} events")


def size(event: Event, source: str) -> int:
    """Returns the bytes of an event, as the bus counts them."""
    return len(SOURCE) + len(event.type) + len(cloud_event(event, source))


def _entry(bus: Bus, event: Event) -> dict[str, str]:
    return {
        "EventBusName": bus.name,
        "Source": SOURCE,
        "DetailType": event.type,
        "Detail": cloud_event(event, bus.source).decode(),
    }


def _calls(waiting: Sequence[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Cuts events into calls, each as large as one may be."""
    call: list[dict[str, str]] = []
    sum_ = 0
    for entry in waiting:
        bytes_ = sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
        if bytes_ > LARGEST:
            raise ValueError(f"an event of type {entry['DetailType']} has {bytes_} bytes")
        if call and (len(call) == MOST or sum_ + bytes_ > LARGEST):
            yield call
            call, sum_ = [], 0
        call.append(entry)
        sum_ += bytes_
    if call:
        yield call


def _put(bus: Bus, call: list[dict[str, str]]) -> tuple[list[dict[str, str]], bool]:
    """Puts the events of one call. Returns those that were not taken, and whether the bus was too busy for one.

    Raises:
        Unavailable: the bus does not answer.
    """
    try:
        answer = bus.client.put_events(Entries=call)
    except Exception as error:
        raise Unavailable("the bus does not answer") from error
    codes = [told.get("ErrorCode") for told in answer["Entries"]]
    refused = [entry for entry, code in zip(call, codes, strict=True) if code]
    return refused, BUSY in codes
