"""Events of usage on their way: packed into messages, and read from them.

Events of one account come together, so that they are booked together. Does not own the queue (``scrip.runtime``), nor
what a message from a bus says (``scrip.http.usage``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT
from scrip.domain.credits.usage_events import UsageEvent

MOST: Final = 90
"""Events of one message: as many as one commit takes."""
LARGEST: Final = 200 * 1024
"""Bytes of one message at most; a queue takes more, and one call takes several."""
_JSON: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class ReceivedUsage:
    """An event as it came.

    Attributes:
        came: when it did, epoch milliseconds.
        pinned: whether that is the test clock's instant, at which it is booked.
        actor, actor_name: who sent it, as its entry shows it.
        again: how often it was brought back after it was rejected.
    """

    event: UsageEvent
    came: int
    actor: str
    actor_name: str | None = None
    pinned: bool = False
    again: int = 0


def pack(received: Sequence[ReceivedUsage]) -> list[str]:
    """Returns messages with these events: those of an account one after the other, those that came alike together."""
    alike: dict[tuple[Any, ...], list[ReceivedUsage]] = {}
    for one in sorted(received, key=lambda one: one.event.account):
        alike.setdefault((one.came, one.actor, one.actor_name, one.pinned, one.again), []).append(one)
    return [message for some in alike.values() for message in _packed(some)]


def unpack(message: Mapping[str, Any], *, test_clock: bool) -> list[ReceivedUsage]:
    """Returns the events of a message.

    Args:
        test_clock: whether an instant of the test clock is taken here.

    Raises:
        KeyError, TypeError, ValueError: it is none of these messages.
    """
    came, pinned = message["came"], message.get("pinned", False) is True and test_clock
    if not (type(came) is int and MIN_INSTANT <= came <= MAX_INSTANT):
        raise ValueError("came is no instant")
    return [
        ReceivedUsage(
            UsageEvent.from_json(event),
            came,
            message["actor"],
            message.get("actor_name"),
            pinned,
            message.get("again", 0),
        )
        for event in message["events"]
    ]


def _packed(alike: Sequence[ReceivedUsage]) -> list[str]:
    """Packs events that came alike."""
    first = alike[0]
    head: dict[str, Any] = {"came": first.came, "actor": first.actor}
    if first.actor_name is not None:
        head |= {"actor_name": first.actor_name}
    if first.pinned:
        head |= {"pinned": True}
    if first.again:
        head |= {"again": first.again}
    messages: list[str] = []
    events: list[str] = []
    sum_ = 0
    for one in alike:
        text = _JSON.encode(one.event.to_json())
        size = len(text.encode("utf-8", "surrogatepass")) + 1
        if events and (len(events) == MOST or sum_ + size > LARGEST):
            messages.append(_message(head, events))
            events, sum_ = [], 0
        events.append(text)
        sum_ += size
    return [*messages, _message(head, events)]


def _message(head: Mapping[str, Any], events: Sequence[str]) -> str:
    """Returns a message; the events are JSON already."""
    return f'{_JSON.encode(head)[:-1]},"events":[{",".join(events)}]}}'
