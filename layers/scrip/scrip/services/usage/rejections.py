"""Events of usage that were rejected after they had been accepted: kept with the reason, listed, and brought back.

Does not own why one is rejected (``events``), nor where it is kept (``store.rejections``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.usage_events import RejectedPlace, UsageEvent
from scrip.domain.events.event import event_id
from scrip.services.engine.paging import Found, Seen, read_on
from scrip.services.usage.usage_queue import ReceivedUsage, pack
from scrip.store import rejections
from scrip.store.notifications import Notifications

TYPE: Final = "scrip.usage.rejected"
KEPT_SECONDS: Final = 35 * 86_400
"""How long a rejected event is kept: as long as the rate cards are that price it."""
REDRIVEN: Final = 500
"""Events that one request brings back at most: the next one goes on."""
Send = Callable[[Sequence[str]], None]
"""Puts messages into the queue of usage."""


@dataclass(frozen=True, slots=True)
class RejectedUsage:
    """An event that was rejected.

    Attributes:
        reason: the code of the refusal; ``detail``: what it is this time, for people.
        policy: of a ``policy_violation``, which one; else None.
    """

    received: ReceivedUsage
    reason: str
    detail: str
    policy: str | None = None

    @classmethod
    def of(cls, received: ReceivedUsage, refusal: Refusal) -> Self:
        """Returns what is kept of an event that was refused."""
        return cls(received, refusal.code, refusal.detail, refusal.facts.get("policy"))

    @property
    def event_id(self) -> str:
        """Returns the id of the event that tells it. Rejected again as it came, it is the same."""
        one = self.received
        said = json.dumps(one.event.to_json(), sort_keys=True)
        return event_id(TYPE, said, one.came, one.again)

    @property
    def place(self) -> RejectedPlace:
        """Returns its place in the list."""
        return RejectedPlace(self.received.came, self.event_id)

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        one = self.received
        return {
            "event": one.event.to_json(),
            "came": one.came,
            "actor": one.actor,
            "actor_name": one.actor_name,
            "pinned": one.pinned,
            "again": one.again,
            "reason": self.reason,
            "detail": self.detail,
            "policy": self.policy,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` gave."""
        received = ReceivedUsage(
            UsageEvent.from_json(body["event"]),
            body["came"],
            body["actor"],
            body["actor_name"],
            body["pinned"],
            body["again"],
        )
        return cls(received, body["reason"], body["detail"], body["policy"])


@dataclass(frozen=True, slots=True)
class WantedRejections:
    """Which rejected events: of an account, for a reason; None: whatever it is."""

    account: str | None = None
    reason: str | None = None

    def wants(self, one: RejectedUsage) -> bool:
        """Tells whether it is one of them."""
        return self.account in (None, one.received.event.account) and self.reason in (None, one.reason)


def keep(store: Notifications, rejected: Sequence[RejectedUsage], now: int) -> None:
    """Keeps rejected events; kept again, they are there once.

    Args:
        now: this machine's clock, epoch milliseconds.

    Raises:
        Throttled, Unavailable: the table does not take all of them.
    """
    ends = now // 1000 + KEPT_SECONDS
    rejections.put(store, [(one.place, one.to_json()) for one in rejected], ends)


def list_rejected(
    store: Notifications, wanted: WantedRejections, limit: int, after: str | None
) -> Found[str, RejectedUsage]:
    """Lists rejected events, those that came last first."""

    def look(place: str | None, most: int) -> Seen[str, RejectedUsage]:
        rows, following = rejections.page(store, most, place)
        found = [(name, RejectedUsage.from_json(body)) for name, body in rows]
        return [(name, one if wanted.wants(one) else None) for name, one in found], following

    return read_on(look, after, limit)


def redrive(store: Notifications, wanted: WantedRejections, send: Send) -> tuple[int, bool]:
    """Brings rejected events back into their queue, and forgets that they were rejected.

    Each is forgotten only once it is in the queue, so that none is lost; what is brought twice is booked once.

    Returns how many were brought back, and whether there may be more of them.

    Raises:
        Throttled, Unavailable: not all of them are; the same again goes on.
    """
    brought, after = 0, None
    while True:
        found = list_rejected(store, wanted, rejections.PAGE, after)
        _bring_back(store, [one for _, one in found.items], send)
        brought, after = brought + len(found.items), found.following
        if after is None or brought >= REDRIVEN:
            return brought, after is not None


def redrive_these(
    store: Notifications, wanted: WantedRejections, places: Sequence[RejectedPlace], send: Send
) -> int:
    """Brings those of certain places back, as ``redrive``. Returns how many there were."""
    found = [RejectedUsage.from_json(body) for body in rejections.find(store, places)]
    some = [one for one in found if wanted.wants(one)]
    _bring_back(store, some, send)
    return len(some)


def _bring_back(store: Notifications, some: Sequence[RejectedUsage], send: Send) -> None:
    """Puts events into their queue, then forgets that they were rejected."""
    if some:
        send(pack([replace(one.received, again=one.received.again + 1) for one in some]))
        rejections.remove(store, [one.place for one in some])
