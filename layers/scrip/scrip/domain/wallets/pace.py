"""The pace of a wallet: what it spends within a while, so that a runaway is noticed in the commit that makes it one.

What is kept has at most 23 bytes, whatever is spent, so it cannot say everything. While it can, each instant has its
steps. Then the while is cut into tenths, from the first instant on: the tenth that goes on has its sum, those before it
have shares of the breaker's amount, of which 255 are more than all of it. Both err on one side: never more is counted
than was spent within the while, and never less than in the last nine tenths of it, but for one share. So nobody is
frozen who kept within the amount.

    byte 0 to 2     which breaker it is counted for, and (the last bit) whether it is kept in tenths
    byte 3 to 6     how many milliseconds before the wallet's instant the last of them is, or the last tenth begins
    then            steps of the last instant, then of each one before it how much earlier it is, and its steps; or
                    the sum of the last tenth in 7 bytes, and a byte for each of the nine before it

What was spent and undone since was not spent; of a tenth in which more than the amount was spent, what is undone later
is taken off the amount. Does not own what a runaway is for (``credits.units``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scrip.domain.credits import calendar
from scrip.domain.credits.numbers import get_number, put_number
from scrip.domain.credits.units import Runaway

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrip.domain.credits.entries import Entry

BYTES: Final = 23
"""Most bytes that it has."""
MARK: Final = 3
_HEAD: Final = MARK + 4
_SUM: Final = 7
_BEFORE: Final = 9
"""How many tenths there are before the last one."""
_SHARES: Final = 255
_FINEST: Final = 46
"""Bits of an amount that count: of a larger one the lowest do not."""
_MOST: Final = 1 << _FINEST + 8
"""Most that is counted of one tenth: more than any amount."""
BREAKER: Final = "breaker"
"""What the first entry that counts for a breaker says of it; null: from then on none counts."""
RUNAWAY: Final = "runaway"
"""What the entry says by which a runaway is told."""
COUNTED: Final = ("burn", "capture", "reversal")
"""Kinds of entries that count, where a caller asked for them."""


class Breach(NamedTuple):
    """That more was spent than the breaker's amount: how many steps, and within which instants."""

    burned: int
    since: int
    until: int

    def to_json(self) -> dict[str, Any]:
        """Returns it as an entry says it, steps as text."""
        return {"burned": str(self.burned), "from": self.since, "to": self.until}


@lru_cache(maxsize=64)
def within_ms(within: str) -> int:
    """Returns how long such a while is, in milliseconds."""
    return calendar.after(0, within, "within")


@lru_cache(maxsize=64)
def mark_of(breaker: Runaway) -> int:
    """Returns the bits by which what is counted for this breaker is told from what is counted for others."""
    said = f"{breaker.amount} {breaker.within} {breaker.action}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:MARK]) & ~1


def marked(data: bytes) -> int:
    """Returns the bits of the breaker for which this was counted."""
    return int.from_bytes(data[:MARK]) & ~1


def emptied(data: bytes) -> bytes:
    """Returns what is kept for the same breaker where nothing was spent."""
    return marked(data).to_bytes(MARK)


def moved(data: bytes, by: int) -> bytes:
    """Returns what is kept once the wallet's instant is so many milliseconds later."""
    if len(data) <= MARK:
        return data
    ago = int.from_bytes(data[MARK:_HEAD]) + by
    return emptied(data) if ago >= 2**32 else data[:MARK] + ago.to_bytes(4) + data[_HEAD:]


def told_of(breaker: Runaway | None, data: bytes) -> dict[str, Any]:
    """Returns what an entry that counts says of its breaker: nothing where the one before it counted for the same."""
    if (marked(data) if data else None) == (mark_of(breaker) if breaker else None):
        return {}
    return {BREAKER: breaker.to_json() if breaker else None}


def counted(
    breaker: Runaway | None, data: bytes, at: int, entry: Entry, undoes: int | None
) -> tuple[bytes, Breach | None]:
    """Counts an entry. Returns what is kept then, as of its instant, and the crossing where it makes one.

    Args:
        data: what was kept, as of the instant ``at``.
        undoes: of a reversal, the instant of the entry that it undoes.
    """
    if breaker is None:
        return b"", None
    pace = Pace(breaker)
    if data and marked(data) == mark_of(breaker):
        pace.read(data, at)
    pace.pass_time(entry.at)
    passed = pace.passed
    if entry.kind == "reversal":
        if undoes is not None:
            pace.give_back(undoes, entry.amount)
        return pace.packed(entry.at), None
    pace.spend(entry.at, -entry.amount)
    if passed or not pace.passed:
        return pace.packed(entry.at), None
    return pace.packed(entry.at), Breach(pace.total << pace.shift, entry.at - pace.within, entry.at)


@dataclass(slots=True)
class Pace:
    """What was spent within a breaker's while.

    Attributes:
        singles: instants and what was spent at each, oldest first; None: it is kept in tenths.
        start: when the last tenth begins. sum: what was spent in it; below zero where the shares before it are more
            than was spent. shares: of the tenths before it, the last first.
    """

    breaker: Runaway
    singles: list[tuple[int, int]] | None = field(default_factory=list)
    start: int = 0
    sum: int = 0
    shares: list[int] = field(default_factory=lambda: [0] * _BEFORE)

    @property
    def within(self) -> int:
        """Returns how long the while is, in milliseconds."""
        return within_ms(self.breaker.within)

    @property
    def shift(self) -> int:
        """Returns how many of the lowest bits of steps do not count."""
        return 0 if self.singles is not None else max(0, self.breaker.amount.bit_length() - _FINEST)

    @property
    def passed(self) -> bool:
        """Tells whether more is counted than the amount."""
        return self.total > self.breaker.amount >> self.shift

    @property
    def share(self) -> int:
        """Returns how much one share is: so many of them as a byte says are more than the amount."""
        return (self.breaker.amount >> max(0, self.breaker.amount.bit_length() - _FINEST)) // _SHARES + 1

    @property
    def total(self) -> int:
        """Returns what is counted, as of the instant to which time has passed."""
        if self.singles is not None:
            return sum(steps for _, steps in self.singles)
        return sum(self.shares) * self.share + self.sum

    def pass_time(self, now: int) -> None:
        """Forgets what was spent longer ago than the while."""
        if self.singles is not None:
            self.singles = [one for one in self.singles if one[0] > now - self.within]
            return
        tenths = max(0, (now - self.start) // (self.within // 10))
        if tenths > _BEFORE:
            self.singles, self.sum, self.shares = [], 0, [0] * _BEFORE
        elif tenths:
            self._close(tenths)

    def spend(self, at: int, steps: int) -> None:
        """Counts what is spent at an instant, to which time has passed."""
        if not steps:
            return
        if self.singles is None:
            self.sum = min(self.sum + (steps >> self.shift), _MOST)
            return
        if self.singles and self.singles[-1][0] >= at:
            steps += self.singles.pop()[1]
        self.singles.append((at, steps))
        if len(self._listed()) > BYTES - _HEAD:
            self._cut()

    def give_back(self, at: int, steps: int) -> None:
        """Counts no more what was spent at an instant. What is not counted any more is not given back."""
        if self.singles is not None:
            found = [(then, max(0, there - steps) if then == at else there) for then, there in self.singles]
            self.singles = [one for one in found if one[1]]
            return
        # What is undone in parts is no less than it was as a whole.
        share, steps = self.share, -(-steps >> self.shift)
        place = -(-(self.start - at) // (self.within // 10)) - 1
        if place >= _BEFORE:
            return
        if place < 0:
            self.sum -= steps
            return
        # A tenth had less than a share more than it has shares: whatever else is said to be of it was never counted.
        whole = min(self.shares[place], steps // share)
        self.shares[place] -= whole
        self.sum -= min(steps - whole * share, share)

    def read(self, data: bytes, at: int) -> None:
        """Reads what ``packed`` gave, as of the wallet's instant ``at``."""
        if len(data) <= MARK:
            return
        last = at - int.from_bytes(data[MARK:_HEAD])
        if data[MARK - 1] & 1:
            self.singles, self.start = None, last
            self.sum = int.from_bytes(data[_HEAD : _HEAD + _SUM], signed=True)
            self.shares = [*data[_HEAD + _SUM :], *[0] * _BEFORE][:_BEFORE]
            return
        numbers = _numbers(data[_HEAD:])
        found = [(last, numbers[0])]
        for ago, steps in zip(numbers[1::2], numbers[2::2], strict=True):
            last -= ago
            found.append((last, steps))
        self.singles = found[::-1]

    def packed(self, at: int) -> bytes:
        """Returns it as it is kept, as of the wallet's instant ``at``."""
        mark = mark_of(self.breaker)
        if self.singles is not None:
            if not self.singles:
                return mark.to_bytes(MARK)
            return mark.to_bytes(MARK) + (at - self.singles[-1][0]).to_bytes(4) + self._listed()
        shares = bytes(self.shares).rstrip(b"\0")
        head = (mark | 1).to_bytes(MARK) + (at - self.start).to_bytes(4)
        return head + self.sum.to_bytes(_SUM, signed=True) + shares

    def _listed(self) -> bytes:
        """Returns the instants as they are kept."""
        assert self.singles
        found, last = [self.singles[-1][1]], self.singles[-1][0]
        for at, steps in self.singles[-2::-1]:
            found += [last - at, steps]
            last = at
        return b"".join(map(_written, found))

    def _cut(self) -> None:
        """Goes over to tenths, of which the first begins with the first instant."""
        assert self.singles
        listed, self.singles = self.singles, None
        self.start = listed[0][0]
        for at, steps in listed:
            if tenths := (at - self.start) // (self.within // 10):
                self._close(tenths)
            self.spend(at, steps)

    def _close(self, tenths: int) -> None:
        """Goes on by so many tenths. What is more in whole shares than was spent is taken off what is spent next."""
        shares = min(_SHARES, max(0, -(-self.sum // self.share)))
        self.sum = max(-_MOST, min(0, self.sum - shares * self.share))
        self.shares = [*[0] * (tenths - 1), shares, *self.shares][:_BEFORE]
        self.start += tenths * (self.within // 10)


def read_breaker(said: Mapping[str, Any] | None) -> Runaway | None:
    """Reads what an entry says of its breaker; None is none."""
    return Runaway.from_json(said) if said is not None else None


def _written(number: int) -> bytes:
    """Returns a number in as few bytes as it takes."""
    found = bytearray()
    put_number(number, found)
    return bytes(found)


def _numbers(data: bytes) -> list[int]:
    """Reads numbers that ``_written`` wrote one after the other."""
    found, at = list[int](), 0
    while at < len(data):
        number, at = get_number(data, at)
        found.append(number)
    return found
