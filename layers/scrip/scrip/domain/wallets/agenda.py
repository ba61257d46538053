"""What time will do to a draft, by instant: so that to follow time costs what happens, not what there is.

Owns which lots end at an instant, which wait for it, and which timers it sets off; all of them change with the draft.
Does not own what happens then (``due``), nor where lots lie (``layout``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

from scrip.domain.credits.lots import Lot
from scrip.domain.credits.terms import Rollover
from scrip.domain.wallets.wallet import Due, Name, Sidecar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Agenda(Generic[K, V]):
    """Things by their instants, earliest first. To put one, or to drop it, looks at no other."""

    def __init__(self) -> None:
        self._things: dict[int, dict[K, V]] = {}
        self._instants: list[int] = []

    def put(self, at: int, key: K, value: V) -> None:
        """Puts a thing at its instant, in the place of what has its key there."""
        there = self._things.get(at)
        if there is None:
            there = self._things[at] = {}
            heappush(self._instants, at)
        there[key] = value

    def drop(self, at: int, key: K) -> None:
        """Drops a thing, where it is there."""
        there = self._things.get(at)
        if there:
            there.pop(key, None)

    def first(self) -> int | None:
        """Returns the earliest instant of any thing; None where there is none."""
        while self._instants:
            at = self._instants[0]
            if self._things[at]:
                return at
            heappop(self._instants)
            del self._things[at]
        return None

    def comes(self, instant: int) -> bool:
        """Tells whether any thing comes by this instant."""
        first = self.first()
        return first is not None and first <= instant

    def at(self, instant: int) -> list[V]:
        """Returns the things of just this instant."""
        return list(self._things.get(instant, {}).values())

    def until(self, instant: int) -> list[V]:
        """Returns the things of all instants up to this one, earliest first."""
        if not self.comes(instant):
            return []
        passed = []
        while (first := self.first()) is not None and first <= instant:
            passed.append(heappop(self._instants))
        for at in passed:
            heappush(self._instants, at)
        return [thing for at in passed for thing in self._things[at].values()]


class Times:
    """All that time will do to what was read of a wallet.

    Attributes:
        ending: open lots, at their ends. moving: those whose ends are to be moved, at the last instant before.
        waiting: pending lots, at their beginnings. timing: at their timers, the instants and names of sidecars.
        ends: of rules that carry until their period's end, an instant and the end of the period that it lies in.
        parsed: of sidecars that time changes again and again, by their names, one and what it was read as.
    """

    def __init__(self, lots: Iterable[Lot], pending: Iterable[Due], timers: Mapping[Name, Due]) -> None:
        self.ending: Agenda[int, Lot] = Agenda()
        self.moving: Agenda[int, Lot] = Agenda()
        self.waiting: Agenda[int, Due] = Agenda()
        self.timing: Agenda[Name, tuple[int, Name]] = Agenda()
        self.ends: dict[Rollover, tuple[int, int]] = {}
        self.parsed: dict[Name, tuple[Sidecar, Any]] = {}
        for lot in lots:
            self.opened(lot)
        for due in pending:
            assert due.lot
            self.waiting.put(due.at, due.lot.seq, due)
        for name, due in timers.items():
            self.timing.put(due.at, name, (due.at, name))

    def opened(self, lot: Lot) -> None:
        """Notes a lot that is open, or has changed and still is. One whose time is another was ``closed`` before."""
        if (at := lot.turns_at) is not None:
            (self.moving if lot.waits else self.ending).put(at, lot.seq, lot)

    def closed(self, lot: Lot) -> None:
        """Notes a lot that is open no more."""
        if (at := lot.turns_at) is not None:
            (self.moving if lot.waits else self.ending).drop(at, lot.seq)

    def first(self) -> int | None:
        """Returns the earliest instant at which time does something; None where it never will."""
        instants = (self.ending.first(), self.moving.first(), self.waiting.first(), self.timing.first())
        return min((at for at in instants if at is not None), default=None)
