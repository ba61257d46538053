"""What will be left of lots at their ends, if credits go on being used as they were.

Credits are taken from the lots that live, in burn order, at one rate. Which meter a lot may pay for is not looked at,
and nothing is granted meanwhile. Does not own the rate (``events.run_outs``), which the notices of run-outs go by too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

ENDS: Final = 100
"""Ends that a forecast tells, the soonest."""


class LivingLot(NamedTuple):
    """A lot with something left.

    Attributes:
        key: its place in burn order.
        steps: what may be spent of it now, or once it begins.
        begins_at: when it begins, if it does not live yet; ends_at: None: it does not end. Epoch milliseconds.
    """

    key: str
    steps: int
    begins_at: int
    ends_at: int | None


class ForecastEnd(NamedTuple):
    """What ends at an instant: steps that are there now, and those of them that will be there then."""

    at: int
    steps: int
    unburned: int


def ends(lots: Iterable[LivingLot], now: int, used: int, in_ms: int) -> Sequence[ForecastEnd]:
    """Returns what ends when, the soonest first.

    Args:
        used, in_ms: how many steps were used in how many milliseconds.
    """
    living = sorted(lots)
    left = [lot.steps for lot in living]
    ending: dict[int, list[int]] = {}
    for number, lot in enumerate(living):
        if lot.ends_at is not None and lot.ends_at > now:
            ending.setdefault(lot.ends_at, []).append(number)
    beginning = sorted((lot.begins_at, number) for number, lot in enumerate(living))[::-1]
    paying: list[int] = []
    found: list[ForecastEnd] = []
    at, burned = now, 0
    for end in sorted(ending)[:ENDS]:
        borders = {end, *(begins for begins, _ in beginning if at < begins < end)}
        for border in sorted(borders):
            while beginning and beginning[-1][0] <= at:
                heappush(paying, beginning.pop()[1])
            # Of the whole time, so that what is rounded does not add up.
            until = used * (border - now) // in_ms
            _take(living, left, paying, at, until - burned)
            at, burned = border, until
        gone = ending[end]
        found.append(
            ForecastEnd(
                end, sum(living[number].steps for number in gone), sum(left[number] for number in gone)
            )
        )
    return found


def _take(living: Sequence[LivingLot], left: list[int], paying: list[int], at: int, steps: int) -> None:
    """Takes so many steps from lots that live at an instant, in burn order; fewer where there are not so many."""
    while paying and steps:
        first = paying[0]
        end = living[first].ends_at
        if not left[first] or (end is not None and end <= at):
            heappop(paying)
            continue
        taken = min(steps, left[first])
        left[first] -= taken
        steps -= taken
