"""Pages of lists with a filter that no index serves: they read on until a page is full, within a bound.

Owns the bound. Does not own where a list is read from (``store.lists``), nor what fits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

LOOKED: Final = 1_000
"""Most that a page of a list looks at: what does not fit is passed over, and the next page goes on behind it."""
SECONDS: Final = 1.0
"""How long a page of a list looks for more."""
BATCH: Final = 100
"""How many are looked at together: as many as one batch read takes."""

P = TypeVar("P")
T = TypeVar("T")


class Clock:
    """The time that one page has, in seconds."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def in_time(self) -> bool:
        """Tells whether the page may look for more."""
        return time.monotonic() < self._end


class Found(NamedTuple, Generic[P, T]):
    """What a page has, each with its place in the list; and the place that the list goes on after; None: nowhere."""

    items: Sequence[tuple[P, T]]
    following: P | None


Seen = tuple[Sequence[tuple[P, T | None]], P | None]
"""What was looked at, each with its place, and None for what does not fit; and where the list goes on after them."""
Look = Callable[[P | None, int], Seen[P, T]]
"""Looks at what the list has after a place (None: from its beginning), so many at most."""


def read_on(look: Look[P, T], after: P | None, limit: int, batch: int = BATCH) -> Found[P, T]:
    """Returns up to ``limit`` of what fits; it may be less, or nothing, and yet be followed by more."""
    clock, looked = Clock(), 0
    found: list[tuple[P, T]] = []
    while looked == 0 or (looked < LOOKED and clock.in_time()):
        some, following = look(after, min(batch, LOOKED - looked))
        looked += len(some)
        for place, one in some:
            if one is not None:
                if len(found) == limit:
                    return Found(found, after)
                found.append((place, one))
            after = place
        if following is None or len(found) == limit:
            return Found(found, following)
        after = following
    return Found(found, after)
