"""What an entry used: how much of which meter, credits and money, in which hour; and what one gave back.

Credits are used where they are spent: by burns and captures, pages and settlements of leases among them. A hold uses
nothing. What is undone is given back where it was counted: in the same hour, for the same meter, member, tags and
dimensions. Of a part of a burn as much of its quantity goes as of its credits.

The money is that of the entry's draws (law 8). What was owed has none, whoever repaid it later.

Each entry is read by itself, but for a reversal, which needs the entry that it undoes. What is left of one after any
number of reversals is what was counted of it less what was given back, to the step and the minor unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple

from scrip.domain.credits.debts import read_owes
from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.records import MEMBER
from scrip.domain.credits.usage import usages_of
from scrip.domain.wallets import record_reversals
from scrip.domain.wallets.corrections import BURNS
from scrip.domain.wallets.record_reversals import part_of

UNDOING: Final = "reversal"
"""The kind of entries that give back what was used."""

Name = tuple[str | None, tuple[tuple[str, str], ...]]
"""A meter (None: an amount was used, of no meter) and dimensions, sorted."""


class Use(NamedTuple):
    """So much of what an entry used, or gave back: then below zero.

    Attributes:
        at: in which hour it counts, epoch milliseconds.
        meter: None: of no meter.
        steps: credits. money: minor units by currency.
        member, tags: as the entry says them.
    """

    at: int
    meter: str | None
    dimensions: tuple[tuple[str, str], ...]
    quantity: Fraction
    steps: int
    money: Mapping[str, int]
    member: str | None
    tags: Mapping[str, str]


@dataclass(slots=True)
class _Sum:
    """What belongs together of one entry."""

    quantity: Fraction = Fraction(0)
    steps: int = 0
    money: dict[str, int] = field(default_factory=dict)

    def add(self, quantity: Fraction, steps: int, draws: Iterable[Draw], sign: int = 1) -> None:
        self.quantity += sign * quantity
        self.steps += sign * steps
        for one in draws:
            if one.value:
                now = self.money.get(one.value.currency, 0)
                self.money[one.value.currency] = now + sign * one.value.amount

    def __bool__(self) -> bool:
        return bool(self.quantity or self.steps or any(self.money.values()))


class _Piece(NamedTuple):
    """Steps that follow each other in an entry, for one item: a draw's, or what is owed where there is none."""

    item: int
    steps: int
    draw: Draw | None


_Sums = dict[Name, _Sum]


def uses_of(entry: Entry) -> list[Use]:
    """Returns what a burn or capture used, by meter and dimensions; nothing of another entry."""
    if entry.kind not in BURNS:
        return []
    sums: _Sums = {}
    if MEMBER in entry.extra:
        for name, record in _records(entry):
            _add(sums, name).add(*record.left(0))
    else:
        _Items(entry).add_left(0, sums)
    return _told(entry, sums)


def given_back(entry: Entry, undone: Entry) -> list[Use]:
    """Returns what a reversal gives back of the entry that it undoes, each below zero.

    Args:
        undone: with its records, where it has some.
    """
    sums: _Sums = {}
    wanted = int(entry.extra.get("wanted", entry.amount))
    if MEMBER in undone.extra:
        last = _undo_records(entry, undone, wanted, sums)
    else:
        items, whole, after = _Items(undone), -undone.amount, int(entry.extra["reversed"])
        # An event that burned nothing, and has but a fraction of a step, is undone at once.
        items.add_left(after - wanted if whole else None, sums, -1)
        items.add_left(after if whole else 0, sums, gone=after == whole)
        last = items.names[-1]
    # A step more or less comes back where fractions of other events completed one: the entry has the last word.
    carried = entry.extra.get("carry", {})
    rest = _add(sums, next((name for name in sums if name[0] in carried), last))
    rest.steps -= entry.amount + sum(one.steps for one in sums.values())
    first = len(entry.extra.get("undone", ()))
    came = _Sum()
    came.add(Fraction(0), 0, entry.draws[first : entry.extra.get("back", len(entry.draws))])
    for currency in {*came.money, *(each for one in sums.values() for each in one.money)}:
        now = sum(one.money.get(currency, 0) for one in sums.values())
        if more := came.money.get(currency, 0) + now:
            rest.money[currency] = rest.money.get(currency, 0) - more
    return _told(undone, sums)


def _told(entry: Entry, sums: _Sums) -> list[Use]:
    """Returns sums as uses of an entry."""
    at, tags = used_at(entry), entry.tags
    return [
        Use(at, meter, dimensions, one.quantity, one.steps, one.money, entry.member, tags)
        for (meter, dimensions), one in sums.items()
        if one
    ]


def used_at(entry: Entry) -> int:
    """Returns when what an entry counts was used, epoch milliseconds: it may be told later."""
    for usage in usages_of(entry):
        if "time" in usage:
            return int(usage["time"])
    return entry.at


def _add(sums: _Sums, name: Name) -> _Sum:
    """Returns the sum under a name, which is made where there is none."""
    found = sums.get(name)
    if found is None:
        found = sums[name] = _Sum()
    return found


class _Items:
    """The items of an entry without records. What of it comes back first is its last steps: what is owed, then draws.

    Attributes:
        names: of each item. An amount is one.
        pieces: its steps, in their order.
    """

    def __init__(self, entry: Entry) -> None:
        usages = usages_of(entry)
        self._whole = -entry.amount
        self.names: list[Name] = [
            (one["meter"], tuple(sorted(one["dimensions"].items()))) for one in usages
        ] or [(entry.extra.get("hold", {}).get("meter"), ())]
        self._quantities = [Fraction(one["quantity"] or 0) for one in usages] or [Fraction(0)]
        numbers = entry.extra.get("items", [0] * len(entry.draws))
        self.pieces = [_Piece(item, one.amount, one) for one, item in zip(entry.draws, numbers, strict=False)]
        owed = self._whole - sum(one.steps for one in self.pieces)
        for places in read_owes(entry.extra.get("owes")):
            steps = min(owed, places.steps)
            self.pieces.append(_Piece(self._item_of(next(iter(places.purpose.meters), None)), steps, None))
            owed -= steps
        if owed:
            self.pieces.append(_Piece(0, owed, None))
        self._steps = [0] * len(self.names)
        for piece in self.pieces:
            self._steps[piece.item] += piece.steps

    def _item_of(self, meter: str | None) -> int:
        return next((number for number, (name, _) in enumerate(self.names) if name == meter), 0)

    def add_left(self, undone: int | None, sums: _Sums, sign: int = 1, *, gone: bool = False) -> None:
        """Adds what is left of the items once so many steps are undone (None: none, of an entry without steps).

        Args:
            gone: all is undone, also of items that took no step.
        """
        if gone:
            return
        end = self._whole - (undone or 0)
        left = [0] * len(self.names)
        at = 0
        for piece in self.pieces:
            steps = max(0, min(piece.steps, end - at))
            at += piece.steps
            left[piece.item] += steps
            if steps and piece.draw:
                part = part_of(piece.draw, 0, piece.steps - steps)
                _add(sums, self.names[piece.item]).add(Fraction(0), 0, [piece.draw], sign)
                _add(sums, self.names[piece.item]).add(Fraction(0), 0, [part], -sign)
        for name, quantity, steps, whole in zip(self.names, self._quantities, left, self._steps, strict=True):
            share = quantity * steps / whole if whole else quantity
            _add(sums, name).add(share, steps, (), sign)


class _PaidPart(NamedTuple):
    """Steps of a record that one draw paid for: the first of them within the record, and how many steps of the draw
    follow them."""

    first: int
    steps: int
    draw: Draw
    following: int


class _Record(NamedTuple):
    """A record of an entry that was paid for, and what paid for its steps, in their order."""

    offset: int
    quantity: Fraction
    steps: int
    paid: Sequence[_PaidPart]

    def left(self, undone: int) -> tuple[Fraction, int, list[Draw]]:
        """Returns quantity, steps and draws of it that are left once so many of its steps, the last, are undone."""
        end = self.steps - undone
        draws = [
            part_of(one.draw, one.following + one.steps - there, there)
            for one in self.paid
            if (there := min(one.steps, end - one.first)) > 0
        ]
        return self.quantity * end / self.steps if self.steps else self.quantity, end, draws


def _records(entry: Entry) -> Iterator[tuple[Name, _Record]]:
    """Yields the records of an entry that were paid for, with what each is of.

    A lease's for a meter are of that, where they say none.
    """
    meter = entry.extra.get("hold", {}).get("meter")
    for item in record_reversals.items_of(entry):
        at = 0
        for placed in item.records:
            record, first, end = placed.record, placed.first, placed.end
            while at < len(item.draws) and item.draws[at][1] + item.draws[at][2].amount <= first:
                at += 1
            paid = []
            for _, begins, draw in item.draws[at:]:
                start, stop = max(first, begins), min(end, begins + draw.amount)
                if start >= stop:
                    break
                paid.append(_PaidPart(start - first, stop - start, draw, begins + draw.amount - stop))
            name = (record.meter or meter, tuple(sorted(record.dimensions.items())))
            yield name, _Record(placed.offset, Fraction(record.quantity or 0), record.steps, paid)


def _undo_records(entry: Entry, undone: Entry, wanted: int, sums: _Sums) -> Name:
    """Adds what a reversal undoes of records. Returns what the last of them is of."""
    offset, before = entry.extra.get("offset"), entry.extra.get("before", {})
    last: Name = (None, ())
    for name, record in _records(undone):
        if offset not in (None, record.offset):
            continue
        done = int(before.get(str(record.offset), 0))
        if str(record.offset) in before and done == record.steps:
            continue
        last = name
        _add(sums, name).add(*record.left(done), sign=-1)
        after = done + wanted if offset is not None else record.steps
        if after < record.steps:
            _add(sums, name).add(*record.left(after))
    return last
