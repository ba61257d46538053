"""Time as a number, and everything else that Scrip takes from its machine, given by the run instead."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final, Self

from scrip.domain.usage import rollups as sums
from scrip.http.edge import problems
from scrip.services.engine import attempts, cache, paging, walks
from scrip.services.events import bus, history, run_outs
from scrip.services.finance import editions, workspaces
from scrip.services.notifications import alerts
from scrip.services.search import reindexing, searches
from scrip.services.usage import events as usage_events
from scrip.services.usage import rollups
from scrip.services.verification import wallets
from scrip.services.wallets import compensations, extensions
from scrip.store import commit, documents, heads, ledger, references

OFTEN: Final = (
    (rollups, "EVERY", 7),
    (rollups, "KEPT", 4),
    (rollups, "PIECE", 9),
    (sums, "PACKED", 500),
    (sums, "TOLD", 4),
)
"""What happens once in a thousand entries happens in a run, too."""
LEAD_MS: Final = 4_000
"""From the decision to the beginning of a version of alerts: the clocks here are off by more than Lambda's are."""
BEGIN: Final = 1_893_456_000_000
"""2030-01-01T00:00:00Z in milliseconds."""


class Clock:
    """The true time, in milliseconds; each client's clock is off by its own skew."""

    def __init__(self) -> None:
        self.now = self.begin = BEGIN

    def time(self) -> int:
        return self.now

    def pass_(self, milliseconds: int) -> None:
        self.now += milliseconds

    # What of the module ``time`` Scrip uses

    def monotonic(self) -> float:
        return self.now / 1000

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class Identifiers:
    """``uuid`` as far as Scrip uses it: every one another, and the same in every run."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def uuid4(self) -> int:
        return next(self._numbers)


class OneByOne:
    """A pool of threads that has none: what it is given, it does at once."""

    def __init__(self, _workers: int) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, act: Callable[..., Any], *over: Iterable[Any]) -> Iterator[Any]:
        return map(act, *over)


class Dice:
    """``random`` as far as Scrip uses it: the dice of the step that is running."""

    def __init__(self, of: Callable[[], random.Random]) -> None:
        self._of = of

    def uniform(self, low: float, high: float) -> float:
        return self._of().uniform(low, high)


def replacements(clock: Clock, dice: Callable[[], random.Random]) -> list[tuple[Any, str, Any]]:
    """Returns what stands for Scrip's clock, identifiers, dice and threads in a run: module, name there, and thing."""
    return [
        (bus, "time", clock),
        (cache, "time", clock),
        (documents, "time", clock),
        (history, "time", clock),
        (ledger, "time", clock),
        (paging, "time", clock),
        (references, "time", clock),
        (wallets, "time", clock),
        (commit, "uuid", Identifiers()),
        (attempts, "random", Dice(dice)),
        (bus, "random", Dice(dice)),
        (documents, "random", Dice(dice)),
        (problems, "random", Dice(dice)),
        (references, "random", Dice(dice)),
        (compensations, "ThreadPoolExecutor", OneByOne),
        (editions, "ThreadPoolExecutor", OneByOne),
        (extensions, "ThreadPoolExecutor", OneByOne),
        (heads, "ThreadPoolExecutor", OneByOne),
        (reindexing, "ThreadPoolExecutor", OneByOne),
        (run_outs, "ThreadPoolExecutor", OneByOne),
        (searches, "ThreadPoolExecutor", OneByOne),
        (usage_events, "ThreadPoolExecutor", OneByOne),
        (walks, "ThreadPoolExecutor", OneByOne),
        (workspaces, "ThreadPoolExecutor", OneByOne),
    ]


@contextmanager
def installed(clock: Clock, dice: Callable[[], random.Random]) -> Iterator[None]:
    """Scrip's clock, identifiers, dice and threads are those of a run."""
    given = [*replacements(clock, dice), (alerts, "LEAD_MS", LEAD_MS), *OFTEN]
    kept = [(where, name, getattr(where, name)) for where, name, _ in given]
    try:
        for where, name, value in given:
            setattr(where, name, value)
        yield
    finally:
        for where, name, value in kept:
            setattr(where, name, value)
