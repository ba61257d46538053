"""Who reports what was used, and who books it: events that are sent twice, in any order, by messages that come once or
more; consumers that die in the middle of it. Each event that was accepted is in the ledger once, or was rejected (law
3)."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.usage_events import UsageEvent
from scrip.services.engine.executor import Executor
from scrip.services.usage import events
from scrip.services.usage.rejections import RejectedUsage
from scrip.services.usage.usage_queue import ReceivedUsage, pack, unpack
from simulation.books import Books, LawBroken
from simulation.requests import ACTOR, METERS

SOURCES: Final = ("/a", "/b")
MOST: Final = 6
"""Events that are reported at a time."""
TAKEN: Final = 3
"""Messages that are taken at a time."""
LATE_MS: Final = (0, 0, 0, 1_000, 3 * 3_600_000)
"""How long ago an event was, in milliseconds."""
REASONS: Final = frozenset(
    {"wallet_frozen", "wallet_closed", "policy_violation", "insufficient_credits", "budget_exceeded"}
)
"""Why an event may be rejected here: no two of one name say different things."""

Name = tuple[str, str]
"""A source and an id."""


@dataclass(slots=True)
class Reported:
    """What was reported of one wallet: each event, messages that are on their way, and what was rejected."""

    events: dict[Name, UsageEvent] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    rejected: set[Name] = field(default_factory=set)


class Reporters:
    """All of them."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._wallets: dict[tuple[str, str], Reported] = {}

    def report(self, account: str, unit: str, now: int, dice: random.Random) -> str:
        """Events are reported, some of them again; the queue keeps a message twice at times."""
        reported = self._wallets.setdefault((account, unit), Reported())
        sent = [self._event(reported, account, unit, now, dice) for _ in range(dice.randint(1, MOST))]
        for message in pack([ReceivedUsage(one, now, ACTOR) for one in sent]):
            reported.queue += [message] * dice.choice((1, 1, 1, 2))
        return "reported"

    def take(
        self,
        executor: Executor,
        account: str,
        unit: str,
        now: int,
        dice: random.Random,
        in_time: Callable[[], bool],
    ) -> str:
        """A consumer takes some messages. How it ended; raises ``LawBroken``."""
        reported = self._wallets.get((account, unit))
        if reported is None or not reported.queue:
            return "nothing to do"
        some = dice.sample(reported.queue, min(TAKEN, len(reported.queue)))
        left = self._take(executor, reported, some, now, in_time, lambda: dice.random() < 0.9)
        return f"{len(left)} again" if left else "done"

    def close(self, executor: Executor, account: str, unit: str, now: int) -> None:
        """The wallet has lived its life: what is on its way comes, and each event is there once, or was rejected."""
        reported = self._wallets.pop((account, unit), None)
        if reported is None:
            return
        while reported.queue:
            self._take(executor, reported, list(reported.queue), now, lambda: True, lambda: True)
        found: Counter[Name] = Counter()
        for row in self._books.of(account, unit).rows.values():
            if name := _name_in(row.entry):
                found[name] += 1
                _check(row.entry, reported.events.get(name))
        if twice := [name for name, times in found.items() if times > 1]:
            raise LawBroken(3, f"{account}/{unit} has burned the events {twice} more than once")
        missing = reported.events.keys() - found.keys() - reported.rejected
        if missing:
            raise LawBroken(3, f"{account}/{unit} has lost the events {sorted(missing)}, which were accepted")

    def _take(
        self,
        executor: Executor,
        reported: Reported,
        some: Sequence[str],
        now: int,
        in_time: Callable[[], bool],
        kept: Callable[[], bool],
    ) -> Sequence[str]:
        messages = {
            str(number): unpack(json.loads(text), test_clock=False) for number, text in enumerate(some)
        }

        def reject(_message: str, rejected: Sequence[RejectedUsage]) -> bool:
            for one in rejected:
                event = one.received.event
                if one.reason not in REASONS:
                    raise LawBroken(3, f"the event {event.source} {event.id} is rejected: {one.reason}")
            if not kept():
                return False
            reported.rejected |= {(one.received.event.source, one.received.event.id) for one in rejected}
            return True

        again = events.take(executor, messages, lambda: now, in_time, reject).again
        for number, text in enumerate(some):
            # Another consumer may have had it at the same time, and be done with it.
            if str(number) not in again and text in reported.queue:
                reported.queue.remove(text)
        return again

    @staticmethod
    def _event(reported: Reported, account: str, unit: str, now: int, dice: random.Random) -> UsageEvent:
        """An event that is new, or one that was reported before. Two sources use the same ids."""
        name = dice.choice(SOURCES), str(dice.randint(0, len(reported.events) // 2 + 1))
        event = reported.events.get(name)
        if event is None:
            meter, quantity = f"{unit}-{dice.choice(METERS)}", Fraction(dice.choice((1, 2, 7)))
            event = UsageEvent(*name, meter, account, quantity, now - dice.choice(LATE_MS))
            reported.events[name] = event
        # Whoever makes an event again may say another time of it, and it is the same.
        return event if dice.random() < 0.8 else replace(event, time=now)


def _name_in(entry: Entry) -> Name | None:
    named = entry.extra.get("event")
    return (named[0], named[1]) if named else None


def _check(entry: Entry, event: UsageEvent | None) -> None:
    """Holds an entry against the event that it names."""
    used = entry.extra["usage"]
    if event is None or (used["meter"], Fraction(used["quantity"])) != (event.meter, event.quantity):
        raise LawBroken(3, f"entry {entry.seq} of {entry.account} burns {used}, and its event is {event}")
