"""When a wallet's credits are forecast to run out, from what was burned of them.

The rate is what was burned and captured in the last 28 days, the present day and the 27 before it (UTC), or since the
first of it, and at least in one day. What is kept are sums of days, so that a look reads new entries alone. Does not
own when somebody looks, nor how far the ledger was read (``services.events.run_outs``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from scrip.domain.credits.entries import Entry

USING: Final = ("burn", "capture")
"""Kinds of entries by which credits are used."""
DAYS: Final = 28
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Spending:
    """What a wallet used, day by day, up to an entry.

    Attributes:
        seq, at: of the last entry that was counted; 0: none was.
        available: after it, in steps.
        first: the instant at which credits were used first, epoch milliseconds; None: they never were.
        used: steps by day, counted from 1970. Days that are over count no more, and need not be there.
        near: of which days it was told that the run-out is within them, and is since.
    """

    seq: int = 0
    at: int = 0
    available: int = 0
    first: int | None = None
    used: Mapping[int, int] = field(default_factory=dict)
    near: tuple[int, ...] = ()

    def with_entry(self, entry: Entry) -> Self:
        """Returns the spending with an entry more, which follows the last."""
        used, first = self.used, self.first
        if entry.kind in USING:
            day = entry.at // DAY_MS
            used = {**used, day: used.get(day, 0) - entry.amount}
            first = entry.at if first is None else first
        return replace(
            self, seq=entry.seq, at=entry.at, available=entry.after.available, first=first, used=used
        )

    def rate(self, now: int) -> tuple[int, int]:
        """Returns the steps that were used, and in how many milliseconds."""
        today = now // DAY_MS
        used = sum(steps for day, steps in self.used.items() if today - DAYS < day <= today)
        since = max(first_of(now), now if self.first is None else self.first)
        return used, max(now - since, DAY_MS)

    def run_out_at(self, now: int) -> int | None:
        """Returns when the credits run out if they are used as they were; None: they do not."""
        used, in_ms = self.rate(now)
        return now + self.available * in_ms // used if used > 0 else None

    def within(self, days: int, now: int) -> bool:
        """Tells whether they run out within so many days. Of a wallet that has none that is not told."""
        at = self.run_out_at(now)
        return self.available > 0 and at is not None and at - now <= days * DAY_MS

    def further(self, now: int) -> Self:
        """Returns the spending at an instant: of which days the run-out is not within, it can be told again."""
        if not self.available:
            return self
        return replace(self, near=tuple(days for days in self.near if self.within(days, now)))

    def told(self, days: Sequence[int]) -> Self:
        """Returns the spending once it was told that the run-out is within these days."""
        return replace(self, near=tuple(sorted({*self.near, *days}, reverse=True)))

    def to_tell(self, wanted: Sequence[int], now: int) -> list[int]:
        """Returns within how many days the run-out is, of those that somebody wants to hear of and was not told."""
        return [days for days in wanted if days not in self.near and self.within(days, now)]

    def to_json(self, now: int) -> dict[str, Any]:
        """Returns what is kept: of days that still count at ``now``."""
        last = now // DAY_MS - DAYS
        return {
            "seq": self.seq,
            "at": self.at,
            "available": str(self.available),
            "first": self.first,
            "used": {str(day): str(steps) for day, steps in self.used.items() if day > last},
            "near": list(self.near),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote; nothing of an empty body."""
        if not body:
            return cls()
        return cls(
            body["seq"],
            body["at"],
            int(body["available"]),
            body["first"],
            {int(day): int(steps) for day, steps in body["used"].items()},
            tuple(body["near"]),
        )


@dataclass(frozen=True, slots=True)
class RunOut:
    """The forecast run-out of a wallet came within a number of days.

    Attributes:
        seq: of the last entry that it is forecast from.
        at: when it was found. run_out_at: when the credits run out. Epoch milliseconds.
        used, in_ms: how many steps were used in how many milliseconds.
    """

    account: str
    unit: str
    days: int
    seq: int
    at: int
    run_out_at: int
    used: int
    in_ms: int

    @property
    def per_day(self) -> int:
        """Returns the steps that are used in a day, rounded down."""
        return per_day(self.used, self.in_ms)

    @property
    def of_days(self) -> int:
        """Returns in how many days they were used, rounded up."""
        return of_days(self.in_ms)


def per_day(used: int, in_ms: int) -> int:
    """Returns the steps that are used in a day where so many were in so many milliseconds, rounded down."""
    return used * DAY_MS // in_ms


def of_days(in_ms: int) -> int:
    """Returns how many days so many milliseconds are, rounded up."""
    return -(-in_ms // DAY_MS)


def first_of(now: int) -> int:
    """Returns the instant from which on use counts for a forecast at ``now``, epoch milliseconds."""
    return (now // DAY_MS - DAYS + 1) * DAY_MS
