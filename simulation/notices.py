"""Notices of lots' ends, and ends that are none until somebody was told of them: each entry held against that, and each
notice given when it is due.

Spans are counted in hours and minutes here, so nothing of Scrip's calendar is asked. Whether a lot may end unannounced
follows from the fact that its grant's entry says of it, and from the deliveries that entries tell of, alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.entries import SYSTEM, Entry
from scrip.domain.credits.errors import Unavailable
from scrip.domain.events.lots import LotExpiring, NoticeDelivery
from scrip.domain.verification.replay import ReplayedLot
from scrip.services.engine.executor import Executor, Moment
from scrip.services.notifications import notices

UNIT: Final = "announced"
SPANS: Final = {"PT20H": 72_000_000, "PT12H": 43_200_000, "PT4H": 14_400_000}
"""Of all lots of that unit, in milliseconds."""
LAST: Final = min(SPANS.values())
PREFIX: Final = "notice#"


@dataclass(slots=True)
class Notices:
    """Notices of one wallet's lots.

    Attributes:
        given: those that were put, by id.
        told_of: by lot, the end that somebody was told of in time.
    """

    given: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    told_of: dict[int, int] = field(default_factory=dict)

    def wrong(self, entry: Entry, told: Mapping[int, ReplayedLot], last: int) -> tuple[int, str] | None:
        """What is wrong with an entry: the law, and how; nothing where nothing is.

        Args:
            told: the lots as they were before it.
            last: the instant of the entry before it.
        """
        if "notice_id" in entry.extra:
            return self._delivery(entry, told)
        if entry.kind == "expiry_change":
            return self._change(entry, told[entry.extra["lot"]["seq"]], last)
        if entry.kind in ("expiry", "rollover"):
            for draw in entry.draws:
                lot = told[draw.lot]
                if waits(lot) and self.told_of.get(draw.lot) != lot.facts["expires_at"]:
                    return 5, f"ends lot {draw.lot}, and nobody was told of that end in time"
        return None

    def _delivery(self, entry: Entry, told: Mapping[int, ReplayedLot]) -> tuple[int, str] | None:
        seq, notice = entry.extra["lot"], self.given.get(entry.extra["notice_id"])
        lot = told[seq]
        if notice is None or notice["lot"] != seq:
            return 3, f"says that a notice of lot {seq} was delivered which nobody gave"
        if not waits(lot) or notice["expires_at"] != stated(lot):
            return 10, f"says that a notice of another end of lot {seq} was delivered"
        in_time = entry.at <= stated(lot) - LAST
        if entry.extra["in_time"] != in_time:
            return 10, f"says of a notice for {stated(lot)} that it came in time: {not in_time}"
        if in_time:
            self.told_of[seq] = lot.facts["expires_at"]
        return None

    def _change(self, entry: Entry, lot: ReplayedLot, last: int) -> tuple[int, str] | None:
        after, seq = entry.extra["lot"].get("expires_at"), entry.extra["lot"]["seq"]
        if not entry.cause or entry.cause.actor != SYSTEM:
            if after != lot.facts.get("expires_at"):
                self.told_of.pop(seq, None)
            return None
        before = lot.facts["expires_at"]
        if not waits(lot) or self.told_of.get(seq) == before:
            return 5, f"moves the end of lot {seq}, which it had"
        if entry.at != max(last, before - 1):
            return 5, f"moves the end {before} at {entry.at}"
        expected = before + LAST * ((entry.at - (before - 1)) // LAST + 1)
        if after != expected:
            return 10, f"moves the end {before} to {after}, and {expected} is the next"
        return None

    def missing(self, told: Mapping[int, ReplayedLot]) -> Iterator[tuple[int, str]]:
        """Yields when each notice is due, was due, that was not given: its instant, and what it is of.

        Of lots of which nothing can be spent nobody need know: they are looked at again when something comes back.
        """
        there = {(one["lot"], one["span"], one["expires_at"]) for one in self.given.values()}
        for seq, lot in told.items():
            if not lot.facts.get("notices") or lot.left - lot.held - lot.frozen <= 0:
                continue
            if "expires_at" not in lot.facts:
                continue
            for span, length in SPANS.items():
                at = stated(lot) - length
                if at >= lot.facts["effective_at"] and (seq, span, stated(lot)) not in there:
                    yield at, f"lot {seq} {span} before {stated(lot)}"


def waits(lot: ReplayedLot) -> bool:
    """Tells whether the lot's terms call for a notice."""
    return bool(lot.facts.get("notices", 0) % 2) and "cost" in lot.facts and "expires_at" in lot.facts


def stated(lot: ReplayedLot) -> int:
    """The lot's end, as callers say it."""
    return int(lot.facts["expires_at"]) - bool(lot.facts.get("inclusive"))


class Announcer:
    """Who gives notices, and what becomes of them: some arrive, late or twice, and some never do."""

    def __init__(self) -> None:
        self.told: dict[str, LotExpiring] = {}
        self.waiting: list[LotExpiring] = []

    def sweep(
        self,
        executor: Executor,
        shards: Sequence[int],
        moment: Moment,
        time_left: Callable[[], bool],
        dice: random.Random,
    ) -> tuple[int, list[Exception]]:
        """Gives the notices that are due; how many, and what failed."""
        failures: list[Exception] = []

        def tell(facts: Sequence[LotExpiring]) -> None:
            if dice.random() < 0.1:
                raise Unavailable("the bus does not answer")
            for fact in facts:
                if fact.notice_id not in self.told:
                    self.waiting.append(fact)
                self.told[fact.notice_id] = fact
            if dice.random() < 0.05:
                raise Unavailable("the bus does not say that it took them")

        found = notices.sweep(
            executor, shards, moment, tell, time_left, lambda _, error: failures.append(error)
        )
        return found.notices, failures

    def deliver(self, executor: Executor, moment: Moment, dice: random.Random) -> str:
        """A notice arrives, or is lost; it may be said twice."""
        if not self.waiting:
            return "nothing to do"
        required = [one for one in self.waiting if one.required]
        fact = dice.choice(required if required and dice.random() < 0.8 else self.waiting)
        if dice.random() < 0.8:
            self.waiting.remove(fact)
        if dice.random() < 0.4:
            return "lost"
        delivery = NoticeDelivery("webhook", dice.choice(("crm", "mail")), "delivered", moment.at)
        entry = notices.delivered(executor, fact.account, fact.unit.unit, fact.notice_id, delivery, moment)
        return "told" if entry else "done"

    def forget(self, account: str) -> None:
        """The account's wallet has lived its life."""
        self.waiting = [fact for fact in self.waiting if fact.account != account]
