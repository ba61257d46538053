"""What a wallet used, period by period: all of it, or by meter, member, tag or dimension.

The answer is right up to the entry that it names: what is kept of the wallet's rollup, and what was read after it. Does
not own how that is fed (``rollups``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from scrip.domain.credits import calendar
from scrip.domain.credits.errors import Contended, InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.units import Unit
from scrip.domain.usage.rollups import HOUR_MS, OTHER, By, ByMeter, HourRollup, Hours, UsedSum, add_all
from scrip.services.engine.executor import Executor
from scrip.services.engine.paging import Clock, Found
from scrip.services.usage import rollups
from scrip.services.usage.rollups import CaughtUp
from scrip.store.keys import ROLLUP_BEGINS
from scrip.store.tables import Tables

Every = Literal["P1D", "PT1H"]
SECONDS: Final = 8.0
"""How long it reads on in the ledger before it answers with what it has."""
TRIES: Final = 5
"""How often it is read again, where it was written meanwhile."""
NO_ZONE: Final = (
    "days do not begin with an hour of UTC there: name another zone, or ask for hours (every=PT1H)"
)


class UsagePlace(NamedTuple):
    """A place in the list: a period, how many of its rows come before, and which is the last of these."""

    begins: int
    rank: int = 0
    last: str = ""


class UsedRow(NamedTuple):
    """What was used in a period under one value.

    Attributes:
        since, until: the period, epoch milliseconds; ``until`` is not in it.
        by: the value; None: of all, or of what says none.
        meters: of each meter; no meter is the empty text.
    """

    since: int
    until: int
    by: str | None
    meters: Mapping[str, UsedSum]

    @property
    def steps(self) -> int:
        """Returns the credits that were used."""
        return sum(one.steps for one in self.meters.values())

    @property
    def quantity(self) -> Fraction | None:
        """Returns how much was counted; None where nothing was, or of several meters."""
        found = {meter: one.quantity for meter, one in self.meters.items() if meter and one}
        return None if len(found) != 1 or OTHER in found else next(iter(found.values()))

    @property
    def money(self) -> dict[str, int]:
        """Returns the money of the credits, minor units by currency; nothing of free ones.

        A currency of which nothing is left is not there beside another.
        """
        made: dict[str, int] = {}
        for one in self.meters.values():
            for currency, amount in one.money.items():
                made[currency] = made.get(currency, 0) + amount
        return dict(sorted((name, one) for name, one in made.items() if one or not any(made.values())))


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """What is asked for.

    Attributes:
        since, until: periods with any instant from the one to before the other; None: without that bound.
        every, zone: how long a period is, and by which clocks a day begins.
        by: what is told apart; None: nothing.
        meter: the only one that is counted; None: all.
        after: where the list goes on.
    """

    since: int | None
    until: int | None
    every: Every = "P1D"
    zone: str = "UTC"
    by: By | None = None
    meter: str | None = None
    after: UsagePlace | None = None
    limit: int = 100


class UsagePage(NamedTuple):
    """Rows, the oldest first, and the sequence of the entry up to which all is counted."""

    found: Found[UsagePlace, UsedRow]
    through: int
    unit: Unit


def totals(executor: Executor, account: str, unit_id: str, query: UsageQuery) -> UsagePage:
    """Returns what was used.

    A page ends where a second is over, and the next one goes on after it.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: days of the zone do not begin with an hour.
        Contended: it is written faster than it can be read.
    """
    context = executor.context(account, unit_id, fresh=True)
    tables, version = executor.tables, context.snapshot.wallet.version
    clock = Clock(SECONDS)
    for _ in range(TRIES):
        caught = rollups.catch_up(
            tables, account, unit_id, version, lambda: clock.in_time() and executor.in_time()
        )
        found = _page(tables, caught, query)
        if rollups.load(tables, account, unit_id).document.rev == caught.stored.document.rev:
            return UsagePage(found, caught.spending.seq, context.unit)
    raise Contended("more is used at this moment than can be read: ask again")


def _page(tables: Tables, caught: CaughtUp, query: UsageQuery) -> Found[UsagePlace, UsedRow]:
    """Returns the rows of a page."""
    clock, after = Clock(), query.after
    first, last = -ROLLUP_BEGINS, MAX_INSTANT // HOUR_MS
    if query.since is not None:
        first = _around(query, query.since)[0] // HOUR_MS
    if query.until is not None:
        last = (_around(query, query.until - 1)[1] - 1) // HOUR_MS
    if after is not None:
        first = max(first, after.begins // HOUR_MS)
    found: list[tuple[UsagePlace, UsedRow]] = []
    for until, rows in _periods(tables, caught, query, first, last):
        skipped = _skipped(rows, after) if after is not None and rows and rows[0].since == after.begins else 0
        for rank, row in enumerate(rows[skipped:], skipped + 1):
            if len(found) == query.limit:
                return Found(found, found[-1][0])
            found.append((UsagePlace(row.since, rank, digest_of(row.by)), row))
        if not clock.in_time():
            return Found(found, UsagePlace(until))
    return Found(found, None)


def _periods(
    tables: Tables, caught: CaughtUp, query: UsageQuery, first: int, last: int
) -> Iterator[tuple[int, list[UsedRow]]]:
    """Yields the end and the rows of each period in which something was used, those that say nothing last."""
    values: dict[str | None, ByMeter] = {}
    since: int | None = None
    until = 0
    for hour, rolled_up in _hours(tables, caught, first, last):
        if since is None or hour * HOUR_MS >= until:
            if since is not None:
                yield until, _rows(since, until, values)
            since, until = period_of(query, hour * HOUR_MS)
            values = {}
        for value, meter, one in rolled_up.sums(query.by):
            if query.meter in (None, meter):
                values.setdefault(value, {}).setdefault(meter, UsedSum()).add_sum(one)
    if since is not None:
        yield until, _rows(since, until, values)


def _rows(since: int, until: int, values: Mapping[str | None, ByMeter]) -> list[UsedRow]:
    """Returns the rows of a period; none where all of it was given back."""
    ordered = sorted(values.items(), key=lambda item: (item[0] is None, item[0] or ""))
    return [UsedRow(since, until, by, meters) for by, meters in ordered if any(meters.values())]


def _hours(tables: Tables, caught: CaughtUp, first: int, last: int) -> Iterator[tuple[int, HourRollup]]:
    """Yields hours in their order, with what was read and is not kept."""
    fresh: Hours = {}
    mine = [use for use in caught.uses if first <= use.at // HOUR_MS <= last]
    waiting = sorted({use.at // HOUR_MS for use in mine}, reverse=True)

    def before(hour: int) -> Iterator[tuple[int, HourRollup]]:
        while waiting and waiting[-1] < hour:
            there = waiting.pop()
            add_all(fresh, (use for use in mine if use.at // HOUR_MS == there))
            yield there, fresh.pop(there)

    for part in rollups.hours_between(tables, caught.stored, first, last):
        for hour in sorted(part):
            yield from before(hour)
            if waiting and waiting[-1] == hour:
                waiting.pop()
                add_all(part, [use for use in mine if use.at // HOUR_MS == hour])
            yield hour, part[hour]
    yield from before(last + 1)


def period_of(query: UsageQuery, at: int) -> tuple[int, int]:
    """Returns beginning and end of the period that an instant is in.

    Raises:
        InvalidRequest: it does not begin or end with an hour.
    """
    begins, ends = _around(query, at)
    if begins % HOUR_MS or ends % HOUR_MS:
        raise InvalidRequest([("time_zone", NO_ZONE)])
    return begins, ends


def _around(query: UsageQuery, at: int) -> tuple[int, int]:
    """Returns beginning and end of the period that an instant is in, whatever they are."""
    if query.every == "PT1H":
        begins = at // HOUR_MS * HOUR_MS
        return begins, begins + HOUR_MS
    return calendar.period(calendar.rounded_up(at, "day", query.zone), "P1D", query.zone, at)


def digest_of(value: str | None) -> str:
    """Returns what a place keeps of a value."""
    return hashlib.sha256((value or "").encode()).hexdigest()[:16] if value is not None else "-"


def _skipped(rows: list[UsedRow], after: UsagePlace) -> int:
    """Returns how many rows of a period come before a place, and are listed: also where others have come since."""
    for number, row in enumerate(rows, 1):
        if digest_of(row.by) == after.last:
            return number
    return after.rank
