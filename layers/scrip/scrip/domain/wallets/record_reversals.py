"""Reversals of records: one of an entry, a part of one, or all that is left of the entry (laws 7 and 8).

The steps that an entry burned for a meter are places in the order of its records, and its draws of that meter follow
each other over the same places; those beyond the draws were owed. So a record finds the lots that paid for it, and the
debt that it made. What has come back is remembered by records and by places, and no place comes back twice:

    records of api   |  0: 3  |   2: 4   | 5: 2 |
    draws for api    |   lot 7: 5    | lot 9: 3 |#|     one step was owed

The fraction of a step of each record is undone too. Where that completes a step, or another's step is too many then, it
is given back from the entry's own places as long as there are any, and else from what other events had paid.

Pure. Does not own how credits are put back (``corrections``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from scrip.domain.credits.debts import Places, read_owes
from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.errors import AlreadyReversed, AmountOutOfRange, InvalidRequest, NotFound, Steps
from scrip.domain.credits.records import Record, facts_of, numbered
from scrip.domain.credits.usage import meters_of_draws, usages_of
from scrip.domain.wallets import carries, counters
from scrip.domain.wallets.carries import Uncarried
from scrip.domain.wallets.counters import CountedPeriod
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Sidecar

KIND: Final = "reversed"
"""The kind of sidecar that says how much of an entry was reversed, under its id."""
Range = tuple[int, int]
"""Places: the first, and the one after the last."""


@dataclass(slots=True)
class ReversalPlan:
    """What a reversal gives back.

    Attributes:
        back: draws, the last drawn first; ``numbers`` are their places among the entry's.
        debts, owed: the places of debt that are undone, and how many steps they are.
        fractions: what becomes of fractions of steps.
        counted: what the entry says of quantities that were taken off counters.
        done: steps of the entry that are reversed then, asked for one by one or all at once.
        kept: what is remembered of it.
        before: steps of the entry that were reversed before.
        items: of an entry with records, by meter, its steps that came back before, and that come back now.
        wanted: how many steps are reversed now. As many come back, but for steps that fractions of others complete.
        undone: by offset, the steps of its records that were reversed before; of those that are reversed now alone.
    """

    back: list[Draw]
    numbers: Sequence[int]
    debts: list[Places]
    owed: int
    fractions: Uncarried
    done: int
    kept: Sidecar
    counted: Mapping[str, Any] = field(default_factory=dict)
    before: int = 0
    items: Mapping[str | None, tuple[int, int]] | None = None
    wanted: int = 0
    undone: Mapping[int, int] = field(default_factory=dict)

    def meters_of(self, burned: Entry) -> dict[str, Any]:
        """Returns what the entry of a reversal says of the burn's meters: the one, or that of each draw.

        Draws of debt that is undone come before them. Of a burn that no meter counted it says nothing.
        """
        usages = usages_of(burned)
        if not usages:
            return {}
        if not burned.extra.get("items"):
            return {"meter": usages[0]["meter"]}
        meters = meters_of_draws(burned)
        return {"meters": [*(meters[number] for number in self.numbers), *self.fractions.given_for]}


@dataclass(slots=True)
class _Done:
    """What was reversed of an entry before.

    Attributes:
        records: by offset, the steps of each that were reversed. None: all of all.
        places: by item, those that came back.
    """

    records: dict[int, int] | None = field(default_factory=dict)
    places: dict[int, list[Range]] = field(default_factory=dict)

    @staticmethod
    def read(sidecar: Sidecar | None) -> _Done:
        """Reads what is kept."""
        if sidecar is None:
            return _Done()
        if "records" not in sidecar:
            return _Done(None)
        made = _Done({int(offset): int(steps) for offset, steps in sidecar["records"].items()})
        for item, first, end in sidecar["back"]:
            made.places.setdefault(item, []).append((int(first), int(end)))
        return made

    def to_json(self, *, whole: bool) -> Sidecar:
        """Returns it as it is kept; ``whole``: nothing is left to reverse."""
        assert self.records is not None
        steps = {"steps": str(sum(self.records.values()))}
        if whole:
            return steps
        back = [[item, str(first), str(end)] for item, all_ in self.places.items() for first, end in all_]
        return {**steps, "records": {str(one): str(many) for one, many in self.records.items()}, "back": back}


class _Placed(NamedTuple):
    """A record that was paid for, its places among the steps of its item, and what it counted in (None: nothing)."""

    offset: int
    record: Record
    first: int
    end: int
    counter: CountedPeriod | None = None


class _Chosen(NamedTuple):
    """A record, and the steps of it that were reversed before, and that are reversed now."""

    placed: _Placed
    before: int
    more: int

    @property
    def rest(self) -> Fraction:
        """Returns the part of its fraction of a step that is undone now."""
        return self.placed.record.rest * self.share

    @property
    def share(self) -> Fraction:
        """Returns the part of the record that is undone now."""
        return Fraction(self.more, whole) if (whole := self.placed.record.steps) else Fraction(1)

    @property
    def whole(self) -> bool:
        """Tells whether nothing is left of it then."""
        return self.before + self.more == self.placed.record.steps


@dataclass(slots=True)
class _Item:
    """The steps that an entry burned for one meter, or for none.

    Attributes:
        draws: each with its place in the entry, and its first place among these steps.
        drawn: how many steps lots gave; the others were owed.
        owes: where on a line of debts they are.
        back: places that came back, in order.
    """

    number: int
    meter: str | None
    records: list[_Placed] = field(default_factory=list)
    draws: list[tuple[int, int, Draw]] = field(default_factory=list)
    drawn: int = 0
    owes: list[Places] = field(default_factory=list)
    back: list[Range] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Returns how many steps they are."""
        return self.records[-1].end if self.records else 0

    def free(self, first: int, end: int) -> Iterator[Range]:
        """Yields the places between two that did not come back, the last first."""
        for begins, ends in reversed(self.back):
            if max(ends, first) < end:
                yield max(ends, first), end
            end = min(end, begins)
        if first < end:
            yield first, end

    def give(self, taken: Iterable[Range]) -> None:
        """Notes that places come back."""
        merged: list[Range] = []
        for first, end in sorted([*self.back, *taken]):
            if merged and merged[-1][1] == first:
                first = merged.pop()[0]
            merged.append((first, end))
        self.back = merged


def reversed_of(sidecar: Sidecar | None, offset: int, record: Record) -> int:
    """Returns how many steps of a record were reversed; ``sidecar``: what is kept of its entry."""
    records = _Done.read(sidecar).records
    return record.steps if records is None else records.get(offset, 0)


def plan(draft: Draft, burned: Entry, offset: int | None, amount: int | None) -> ReversalPlan:
    """Returns what the reversal of a record gives back, or of all that is left of its entry.

    Args:
        offset: the record's; None: all records.
        amount: credit steps of that record; None: all that is left.

    Raises:
        InvalidRequest: a part of no certain record.
        NotFound: the entry has no such offset.
        AmountOutOfRange: less is left of the record.
        AlreadyReversed: nothing is left, or nothing of it was ever burned.
    """
    sidecar = draft.sidecar(KIND, burned.id)
    done = _Done.read(sidecar)
    items = items_of(burned, done)
    chosen = _chosen(burned, items, done, offset, amount)
    meters = carries.changes_of(burned)
    carries.need(draft, [meter for item in items if (meter := item.meter) in meters and meter is not None])
    fractions, given = Uncarried(), dict[int, list[Range]]()
    before = {item.meter: _count(item.back) for item in items}
    for item in items:
        if wanted := chosen.get(item.number):
            given[item.number] = _give(draft, burned, item, wanted, fractions)
    assert done.records is not None
    done_before = {at: steps for at, steps in done.records.items() if offset in (None, at)}
    undone = [one for wanted in chosen.values() for one in wanted]
    for one in undone:
        done.records[one.placed.offset] = one.before + one.more
    done.places = {item.number: item.back for item in items if item.back}
    whole = not any(_left(placed, done) is not None for item in items for placed in item.records)
    (numbers, back), debts = _back(items, given), _debts(items, given)
    reversed_steps, now_steps = sum(done.records.values()), sum(one.more for one in undone)
    kept, owed = done.to_json(whole=whole), sum(one.steps for one in debts)
    taken_off = [
        (one.placed.counter, Fraction(one.placed.record.quantity) * one.share)
        for one in undone
        if one.placed.counter
    ]
    counted = counters.take_off(draft, taken_off)
    told = {item.meter: (before[item.meter], _count(given.get(item.number, ()))) for item in items}
    return ReversalPlan(
        back,
        numbers,
        debts,
        owed,
        fractions,
        reversed_steps,
        kept,
        counted,
        items=told,
        wanted=now_steps,
        undone=done_before,
    )


def items_of(burned: Entry, done: _Done | None = None) -> list[_Item]:
    """Returns the steps that an entry burned, by meter in the order of its items; those of no meter are the last.

    Args:
        done: what was reversed of it before; None: nothing.
    """
    done = done or _Done()
    meters: list[str | None] = [one["meter"] for one in burned.extra.get("usage", ())]
    items = [_Item(number, meter) for number, meter in enumerate([*meters, None])]
    of = {item.meter: item for item in items}
    facts, counting = facts_of(burned), counters.CountsOfRecords(burned)
    # What was given up before the first may be any number of offsets.
    for offset, record in numbered(burned, facts.first if facts else 0):
        if record is None or not record.paid:
            continue
        item = of[record.meter]
        counter = counting.of(item.meter, record.dimensions)
        item.records.append(_Placed(offset, record, item.end, item.end + record.steps, counter))
    numbers = burned.extra["items"] if meters else [0] * len(burned.draws)
    for at, (draw, number) in enumerate(zip(burned.draws, numbers, strict=True)):
        item = items[number]
        item.draws.append((at, item.drawn, draw))
        item.drawn += draw.amount
    for places in read_owes(burned.extra.get("owes")):
        of[next(iter(places.purpose.meters), None)].owes.append(places)
    for item in items:
        item.back = sorted(done.places.get(item.number, ()))
    return items


def _left(placed: _Placed, done: _Done) -> int | None:
    """Returns the steps of a record that can be reversed. None: nothing is left.

    They are 0 of a record that has but a fraction, or was counted and cost nothing.
    """
    if done.records is None:
        return None
    record = placed.record
    left = record.steps - done.records.get(placed.offset, 0)
    if left or (not record.steps and (record.rest or placed.counter) and placed.offset not in done.records):
        return left
    return None


def _chosen(
    burned: Entry, items: list[_Item], done: _Done, offset: int | None, amount: int | None
) -> Mapping[int, list[_Chosen]]:
    """Returns the records that are reversed, by item. Raises as ``plan``."""
    if offset is None and amount is not None:
        said = (
            "say of which record, by its offset, or leave the amount out: then all that is left is reversed"
        )
        raise InvalidRequest([("offset", said)])
    facts = facts_of(burned)
    assert facts
    if offset is not None and not facts.begins <= offset < facts.next:
        said = f"entry {burned.id} has the offsets {facts.begins} to {facts.next - 1}"
        raise NotFound(said, entry_id=burned.id)
    chosen: dict[int, list[_Chosen]] = {}
    for item in items:
        for placed in item.records:
            if offset not in (None, placed.offset):
                continue
            left = _left(placed, done)
            if left is None:
                continue
            more = left if amount is None else amount
            if more > left:
                said = "that is more than is left of the record"
                raise AmountOutOfRange(said, field="amount", largest=Steps(left))
            before = placed.record.steps - left
            chosen.setdefault(item.number, []).append(_Chosen(placed, before, more))
    if not chosen:
        said = "nothing is left to reverse, or nothing was burned"
        raise AlreadyReversed(said, entry_id=burned.id)
    return chosen


def _give(
    draft: Draft, burned: Entry, item: _Item, chosen: list[_Chosen], fractions: Uncarried
) -> list[Range]:
    """Chooses the places of an item that come back for these records, and undoes their fractions."""
    meter = item.meter if item.meter in carries.changes_of(burned) else None
    if meter is not None and carries.step_was_given(draft, meter, burned.seq) and any(item.free(0, 1)):
        item.give([(0, 1)])
    own: list[Range] = []
    short = 0
    for one in reversed(chosen):
        found = _last(item.free(one.placed.first, one.placed.end), one.more)
        own += found
        short += one.more - _count(found)
    if meter is None:
        item.give(own)
        return own
    there, rest = _count(own), sum((one.rest for one in chosen), Fraction(0))
    others = _count(item.free(0, item.end)) - there
    whole = all(one.whole for one in chosen)
    there, more = carries.undo_records(draft, meter, rest, short, there, others, fractions, level=whole)
    own = _last(iter(own), there)
    item.give(own)
    extra = _last(item.free(0, item.end), more)
    item.give(extra)
    if not any(item.free(0, 1)):
        carries.forget_step(draft, meter, burned.seq)
    return sorted([*own, *extra], reverse=True)


def _last(ranges: Iterator[Range], count: int) -> list[Range]:
    """Returns so many of these places, which come last first; all of them where there are fewer."""
    found: list[Range] = []
    for first, end in ranges:
        first = max(first, end - count)
        if first >= end:
            break
        found.append((first, end))
        count -= end - first
    return found


def _count(ranges: Iterable[Range]) -> int:
    return sum(end - first for first, end in ranges)


def _back(items: list[_Item], given: Mapping[int, list[Range]]) -> tuple[list[int], list[Draw]]:
    """Returns the draws that give these places back, the last drawn first, each with its part of the money.

    Their places in the entry come with them.
    """
    found: dict[int, Draw] = {}
    for item in items:
        for first, end in given.get(item.number, ()):
            for at, begins, draw in item.draws:
                steps = min(end, begins + draw.amount) - max(first, begins)
                if steps > 0:
                    skipped = begins + draw.amount - min(end, begins + draw.amount)
                    part = part_of(draw, skipped, steps)
                    found[at] = found[at].plus(part) if at in found else part
    numbers = sorted(found, reverse=True)
    return numbers, [found[at] for at in numbers]


def _debts(items: list[_Item], given: Mapping[int, list[Range]]) -> list[Places]:
    """Returns the places of debt that are undone with these places, in the order in which they came to be owed."""
    found: list[Places] = []
    for item in items:
        for first, end in sorted(given.get(item.number, ())):
            begins = item.drawn
            for owed in item.owes:
                start, stop = max(first, begins), min(end, begins + owed.steps)
                if start < stop:
                    found.append(Places(owed.start + start - begins, stop - start, owed.purpose))
                begins += owed.steps
    return found


def part_of(draw: Draw, skipped: int, steps: int) -> Draw:
    """Returns steps of a draw, without the last ``skipped``, with the part of its money that they took along."""
    value, tax = draw.value, draw.tax
    if value:
        value = type(value)(_share(value.amount, skipped, steps, draw.amount), value.currency)
    if tax is not None:
        tax = _share(tax, skipped, steps, draw.amount)
    return Draw(draw.lot, steps, value, tax)


def _share(money: int, skipped: int, steps: int, whole: int) -> int:
    """Returns the part of a draw's money that goes with ``steps`` of its ``whole``, after the first ``skipped``."""
    return money * (skipped + steps) // whole - money * skipped // whole
