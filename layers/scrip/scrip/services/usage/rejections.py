"""Events of usage that were rejected after they had been accepted: kept with the reason, listed, brought back or
dismissed.

Does not own why one is rejected (``events``), nor where it is kept (``store.rejections``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
"""Events that one request brings back, or dismisses, at most: the next one goes on."""
FACTS: Final = (
    "budget_id",
    "member",
    "limit",
    "spent",
    "resets_at",
    "required",
    "available",
    "out_of_scope",
    "withheld",
    "unit",
)
"""Members of refusals that are kept: of a budget, and of credits that are too few."""
Send = Callable[[Sequence[str]], None]
"""Puts messages into the queue of usage."""


@dataclass(frozen=True, slots=True)
class RejectedUsage:
    """An event that was rejected.

    Attributes:
        reason: the code of the refusal; ``detail``: what it is this time, for people.
        policy: of a ``policy_violation``, which one; else None.
        facts: what the refusal says in numbers and names, those of ``FACTS``: amounts as text, instants in epoch
            milliseconds.
    """

    received: ReceivedUsage
    reason: str
    detail: str
    policy: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, received: ReceivedUsage, refusal: Refusal) -> Self:
        """Returns what is kept of an event that was refused."""
        facts = {name: refusal.facts[name] for name in FACTS if name in refusal.facts}
        return cls(received, refusal.code, refusal.detail, refusal.facts.get("policy"), facts)

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
            **({"facts": dict(self.facts)} if self.facts else {}),
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
        return cls(received, body["reason"], body["detail"], body["policy"], body.get("facts", {}))


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


def forget(store: Notifications, wanted: WantedRejections, send: Send | None) -> tuple[int, bool]:
    """Forgets that events were rejected; those that are brought back are put into their queue first.

    Each is forgotten only once it is in the queue, so that none is lost; what is brought twice is booked once.

    Args:
        send: None: they are dismissed, and not brought back.

    Returns how many there were, and whether there may be more of them.

    Raises:
        Throttled, Unavailable: not all of them are; the same again goes on.
    """
    brought, after = 0, None
    while True:
        found = list_rejected(store, wanted, rejections.PAGE, after)
        _forget(store, [one for _, one in found.items], send)
        brought, after = brought + len(found.items), found.following
        if after is None or brought >= REDRIVEN:
            return brought, after is not None


def forget_these(
    store: Notifications, wanted: WantedRejections, places: Sequence[RejectedPlace], send: Send | None
) -> int:
    """Forgets those of certain places, as ``forget``. Returns how many there were."""
    found = [RejectedUsage.from_json(body) for body in rejections.find(store, places)]
    some = [one for one in found if wanted.wants(one)]
    _forget(store, some, send)
    return len(some)


def _forget(store: Notifications, some: Sequence[RejectedUsage], send: Send | None) -> None:
    """Puts events into their queue, where they are brought back, then forgets that they were rejected."""
    if some and send:
        send(pack([replace(one.received, again=one.received.again + 1) for one in some]))
    if some:
        rejections.remove(store, [one.place for one in some])
