"""The loop of all work that a schedule wakes: what is listed is worked on, one after the other, until the time is up.

Does not own what is listed (``store.due``, ``store.payments``), nor what is done to it (``wallets.sweep``,
``payments.retries``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from scrip.domain.credits.errors import Refusal

T = TypeVar("T")
FAILURES: Final = (Refusal, AssertionError, ValueError, KeyError)
"""Exceptions that one item may raise without keeping the others from their turn."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a sweep ended.

    Attributes:
        failed: how many items failed.
        done: the time sufficed for every item.
    """

    failed: int
    done: bool


def sweep(
    listed: Iterable[T],
    act: Callable[[T], object],
    time_left: Callable[[], bool],
    failed: Callable[[T, Exception], None],
    passing: tuple[type[Refusal], ...] = (),
) -> Ended:
    """Calls ``act`` for each item, until all had their turn or the time is up.

    Args:
        time_left: tells whether there is time for one more item.
        failed: is called with an item whose ``act`` raised one of ``FAILURES``. The others go on.
        passing: refusals that are no failure: the next sweep meets the item again.
    """
    failures = 0
    for one in listed:
        if not time_left():
            return Ended(failures, done=False)
        try:
            act(one)
        except passing:
            continue
        except FAILURES as error:
            failed(one, error)
            failures += 1
    return Ended(failures, done=True)
