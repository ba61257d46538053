"""Counters: how much of a meter was used in a period of its rate card, for prices that go by it.

One record for each meter and period, with a count for each set of dimensions that chose a price. Whatever burns counts:
burns, captures, pages and settlements, each in the period in which it was used. What is undone is taken off again, and
nothing that was priced before is priced anew. Records stay, so that what is reported late finds its period.

Pure. Does not own what a quantity costs (``credits.rates``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from scrip.domain.credits import calendar, rates
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.usage import usages_of
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Name, NeedSidecars, Sidecar

KIND: Final = "counter"
"""The kind of sidecar that keeps what was used of a meter in a period."""
MEMBER: Final = "counted"
"""What an entry says of counters: beside each usage what was counted, and of a reversal what was taken off."""


class CountedPeriod(NamedTuple):
    """What is counted together: a meter, a period (epoch milliseconds, the end excluded), and sorted dimensions."""

    meter: str
    start: int
    end: int
    dimensions: tuple[tuple[str, str], ...] = ()

    @property
    def record(self) -> str:
        """Returns the name of the record that it is in."""
        return f"{self.meter}/{self.start}/{self.end}"


class Counted(NamedTuple):
    """So much that is added to a counter, and what was in it before."""

    counter: CountedPeriod
    before: Fraction
    quantity: Fraction

    def to_json(self, *, alone: bool) -> list[Any]:
        """Returns it as an entry keeps it beside its usage; ``alone``: its quantity is the usage's."""
        one = self.counter
        said = [one.start, one.end, str(self.before)]
        if one.dimensions or not alone:
            said.append(dict(one.dimensions))
        return said if alone else [*said, str(self.quantity)]


class CountedPrice(NamedTuple):
    """A price that goes by a counter: what a quantity costs depends on what was counted before it."""

    counter: CountedPeriod
    rate: RateVersion
    precision: int

    def cost(self, quantity: Fraction, before: Fraction) -> Fraction:
        """Returns what a quantity costs, in steps, after so much."""
        return rates.cost(self.rate, quantity, dict(self.counter.dimensions), self.precision, before)


@dataclass(slots=True)
class Counts:
    """What one request counts so far, on top of what a wallet has counted."""

    draft: Draft
    added: dict[CountedPeriod, Fraction] = field(default_factory=dict)

    def before(self, counter: CountedPeriod) -> Fraction:
        """Returns what is counted by now. Raises ``NeedSidecars`` where that was not read."""
        return there(self.draft, counter) + self.added.get(counter, 0)

    def add(self, counter: CountedPeriod, quantity: Fraction) -> Counted:
        """Counts a quantity."""
        made = Counted(counter, self.before(counter), quantity)
        self.added[counter] = self.added.get(counter, Fraction(0)) + quantity
        return made

    def told(self, meter: str) -> list[list[Any]]:
        """Returns what an entry says of all that was added for a meter."""
        return [
            Counted(one, there(self.draft, one), quantity).to_json(alone=False)
            for one, quantity in self.added.items()
            if one.meter == meter
        ]


def counter_of(rate: RateVersion, meter: str, dimensions: Mapping[str, str], at: int) -> CountedPeriod | None:
    """Returns what usage at an instant counts in; None where its price does not go by what was used before.

    Raises:
        PolicyViolation: ``no_price``: the card has no price for these dimensions.
    """
    period = rates.period_of(rate.price, dimensions)
    if period is None:
        return None
    _, chosen = rates.choose(rate.price, dimensions)
    start, end = calendar.calendar_period(*period, at)
    return CountedPeriod(meter, start, end, tuple(sorted(chosen.items())))


def need(draft: Draft, counters: Iterable[CountedPeriod], beside: Iterable[Name] = ()) -> None:
    """Asks for the records of all these counters at once, and for what is named besides, where one was not read."""
    names = tuple(dict.fromkeys([*((KIND, one.record) for one in counters), *beside]))
    if not all(draft.knows(name) for name in names):
        raise NeedSidecars(names)


def there(draft: Draft, counter: CountedPeriod) -> Fraction:
    """Returns what a wallet has counted."""
    return _read(draft.sidecar(KIND, counter.record)).get(counter.dimensions, Fraction(0))


def add(draft: Draft, added: Mapping[CountedPeriod, Fraction]) -> None:
    """Adds to counters. A quantity may be negative."""
    records: dict[str, list[CountedPeriod]] = {}
    for one in added:
        records.setdefault(one.record, []).append(one)
    for name, counters in records.items():
        counts = _read(draft.sidecar(KIND, name))
        for one in counters:
            counts[one.dimensions] = counts.get(one.dimensions, Fraction(0)) + added[one]
        draft.keep(KIND, name, _written(counts))


def reserve(draft: Draft, counters: Iterable[CountedPeriod]) -> None:
    """Makes the records of counters count among the items of the commit, before it is known what is added to them."""
    for name in {one.record for one in counters}:
        draft.keep(KIND, name, draft.sidecar(KIND, name))


def undo(draft: Draft, burned: Entry, done: int, more: int) -> dict[str, Any]:
    """Takes off what an entry counted: its share of the steps that are reversed now, all with the last of them.

    Returns what the reversal's entry says of it.

    Args:
        done, more: steps of the entry that were reversed before, and that are reversed now.
    """
    whole = -burned.amount
    share = Fraction(done + more, whole) - Fraction(done, whole) if whole else Fraction(1)
    return take_off(draft, [(one, quantity * share) for one, quantity in counts_of(burned)])


def take_off(draft: Draft, undone: Sequence[tuple[CountedPeriod, Fraction]]) -> dict[str, Any]:
    """Takes quantities off counters. Returns what the entry says of it; nothing where there is nothing."""
    sums: dict[CountedPeriod, Fraction] = {}
    for one, quantity in undone:
        sums[one] = sums.get(one, Fraction(0)) - quantity
    sums = {one: quantity for one, quantity in sums.items() if quantity}
    if not sums:
        return {}
    need(draft, sums)
    add(draft, sums)
    rows = [
        [one.meter, one.start, one.end, str(quantity), *([dict(one.dimensions)] if one.dimensions else [])]
        for one, quantity in sums.items()
    ]
    return {MEMBER: rows}


def counts_of(entry: Entry) -> Iterator[tuple[CountedPeriod, Fraction]]:
    """Yields what an entry added to counters, or took off them."""
    if entry.kind != "hold":
        for one in usages_of(entry):
            for start, end, _, *more in one.get(MEMBER, ()):
                dimensions = _sorted(more[0]) if more else ()
                quantity = more[1] if len(more) > 1 else one["quantity"]
                yield CountedPeriod(one["meter"], start, end, dimensions), Fraction(quantity)
    for meter, start, end, quantity, *rest in entry.extra.get(MEMBER, ()):
        yield CountedPeriod(meter, start, end, _sorted(rest[0]) if rest else ()), Fraction(quantity)


class CountsOfRecords:
    """What each record of an entry counted in."""

    def __init__(self, burned: Entry) -> None:
        self._known: dict[str, dict[tuple[str, ...], dict[tuple[str, ...], CountedPeriod]]] = {}
        for one, _ in counts_of(burned):
            names, values = (
                (tuple(part) for part in zip(*one.dimensions, strict=True)) if one.dimensions else ((), ())
            )
            self._known.setdefault(one.meter, {}).setdefault(names, {})[values] = one

    def of(self, meter: str | None, dimensions: Mapping[str, str]) -> CountedPeriod | None:
        """Returns what a record counted in; None: its price did not go by that."""
        for names, known in self._known.get(meter, {}).items() if meter is not None else ():
            found = known.get(tuple(dimensions.get(name, "") for name in names))
            if found:
                return found
        return None


def read_counts(name: str, sidecar: Sidecar) -> Iterator[tuple[CountedPeriod, Fraction]]:
    """Yields the counts of a record, as it is stored under its name. Raises one of ``UNREADABLE`` for anything else."""
    meter, start, end = name.split("/")
    for dimensions, quantity in _read(sidecar).items():
        yield CountedPeriod(meter, int(start), int(end), dimensions), quantity


def _read(body: Sidecar | None) -> dict[tuple[tuple[str, str], ...], Fraction]:
    """Reads the record of a period: what was used, by dimensions."""
    if body is None:
        return {}
    return {_sorted(rest[0]) if rest else (): Fraction(quantity) for quantity, *rest in body["counts"]}


def _written(counts: Mapping[tuple[tuple[str, str], ...], Fraction]) -> Sidecar | None:
    """Returns the record of a period as it is kept; None where nothing is in it."""
    rows = [
        [str(quantity), dict(dimensions)] if dimensions else [str(quantity)]
        for dimensions, quantity in counts.items()
        if quantity
    ]
    return {"counts": rows} if rows else None


def _sorted(dimensions: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dimensions.items()))
