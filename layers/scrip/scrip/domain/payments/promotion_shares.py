"""How the bounds of a promotion are divided, so that those who redeem it do not all meet in one item.

A pool hands parts of what may be redeemed to shares; a redemption counts in one of them, and takes what it needs from
there, from the pool, or from other shares where these are all that is left. What is handed out and not taken is still
there for everybody, so a bound is reached exactly, never passed and never left short. While there is much, a share is
handed much at once and the pool is seldom written; the less there is, the smaller are the parts, and the last
redemptions are taken one by one.

What was handed out holds for one version of the promotion. At the first redemption of the next version the rest is
void, and the pool begins again with what was redeemed in all.

Does not own the promotion's terms (``payments.promotion``), nor the conditions that hold a plan under concurrency
(``store.promotions``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

SHARES: Final = 16
"""Shares of a promotion: each takes some hundred redemptions a second."""
MOST_AT_ONCE: Final = 64
"""Redemptions that a share is handed at once, at most: what may lie in shares while the pool is empty stays small."""


class Room(NamedTuple):
    """What may be redeemed: a number of redemptions and of credit steps. What has no bound counts as 0."""

    redemptions: int = 0
    steps: int = 0

    def __add__(self, other: object) -> Room:
        """Adds both numbers."""
        assert isinstance(other, Room)
        return Room(self.redemptions + other.redemptions, self.steps + other.steps)

    def minus(self, other: Room) -> Room:
        """Takes both numbers off."""
        return Room(self.redemptions - other.redemptions, self.steps - other.steps)

    def common(self, other: Room) -> Room:
        """Returns the smaller of each number."""
        return Room(min(self.redemptions, other.redemptions), min(self.steps, other.steps))


NO_ROOM: Final = Room()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one version of a promotion, in redemptions and in credit steps; None: without bound."""

    version: int
    most: int | None
    budget: int | None

    @property
    def bounded(self) -> bool:
        """Tells whether there is any bound."""
        return self.most is not None or self.budget is not None

    def need(self, steps: int) -> Room:
        """Returns what one redemption of ``steps`` takes of what is bounded."""
        return Room(int(self.most is not None), 0 if self.budget is None else steps)

    def left(self, handed: Room) -> Room:
        """Returns what the pool has left to hand out."""
        most, budget = self.most or 0, self.budget or 0
        return Room(max(0, most - handed.redemptions), max(0, budget - handed.steps))


@dataclass(frozen=True, slots=True)
class Share:
    """A share as it is stored: what was counted in it, and its room under a version (0: none yet)."""

    version: int = 0
    redeemed: int = 0
    granted: int = 0
    room: Room = NO_ROOM


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool as it is stored: what it has handed out under a version (0: none yet).

    ``redeemed`` and ``granted`` were counted before there were shares.
    """

    version: int = 0
    redeemed: int = 0
    granted: int = 0
    handed: Room = NO_ROOM


@dataclass(frozen=True, slots=True)
class SharePlan:
    """From where one redemption takes its room.

    Attributes:
        own: the number of the share that counts it.
        taken: what it takes of each share, by number.
        handed: what the pool hands out for it; what is not taken at once is the own share's room.
    """

    own: int
    taken: Mapping[int, Room]
    handed: Room = NO_ROOM

    def change(self, number: int, need: Room) -> Room:
        """Returns by how much the room of a share changes."""
        change = NO_ROOM.minus(self.taken.get(number, NO_ROOM))
        if number != self.own:
            return change
        elsewhere = sum((room for other, room in self.taken.items() if other != number), NO_ROOM)
        return self.handed + elsewhere + NO_ROOM.minus(need)


def plan_from_share(bounds: Bounds, own: int, share: Share, steps: int) -> SharePlan | None:
    """Returns how a redemption is counted in a share that has room for it; None where it has not."""
    need = bounds.need(steps)
    if not bounds.bounded:
        return SharePlan(own, {})
    fits = share.version == bounds.version and share.room.common(need) == need
    return SharePlan(own, {own: need}) if fits else None


def plan_from_all(
    bounds: Bounds, own: int, pool: Pool, shares: Sequence[Share], steps: int
) -> SharePlan | None:
    """Returns from where a redemption takes its room; None where nobody has it: the promotion is exhausted.

    The pool must have been read before the shares: what it hands out meanwhile is then in one of them.
    """
    need = missing = bounds.need(steps)
    taken: dict[int, Room] = {}
    missing = _take(taken, own, shares[own], missing)
    left = bounds.left(pool.handed)
    handed = missing.common(left)
    missing = missing.minus(handed)
    for number, share in enumerate(shares):
        if number != own and any(missing):
            missing = _take(taken, number, share, missing)
    if any(missing):
        return None
    if any(handed):
        handed = handed + _ahead(left.minus(handed), need)
    return SharePlan(own, taken, handed)


def _take(taken: dict[int, Room], number: int, share: Share, missing: Room) -> Room:
    """Takes from a share what it has of what is missing. Returns what is missing then."""
    part = share.room.common(missing)
    if any(part):
        taken[number] = part
    return missing.minus(part)


def _ahead(left: Room, need: Room) -> Room:
    """Returns what the pool hands out for redemptions to come: half of what is left, divided by the shares."""
    times = [have // of // (2 * SHARES) for have, of in zip(left, need, strict=True) if of]
    count = min(MOST_AT_ONCE, *times) if times else 0
    return Room(need.redemptions * count, need.steps * count)
