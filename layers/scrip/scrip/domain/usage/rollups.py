"""Sums of what was used in an hour: by meter, by member, by tag, by dimension; and the bytes of some hours together.

Each sum is of one meter, since quantities of different meters are no one quantity. An hour tells the first ``TOLD``
pairs of a value and a meter apart, of each name; what comes after them is counted under ``OTHER``. So does it the first
``NAMES`` names of tags, and of dimensions. Nothing is lost of any sum: what says no value is what is left of all.

What was counted under a value is there as long as the rollup is, though nothing is left of it: so what is given back
finds where it was counted.

Pure. Does not own which entries were counted (``services.usage.rollups``).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from scrip.domain.usage.uses import Use

HOUR_MS: Final = 3_600_000
TOLD: Final = 100
"""Pairs of a value and a meter that an hour tells apart under one name."""
NAMES: Final = 20
"""Names of tags, and of dimensions, that an hour tells apart."""
OTHER: Final = "(other)"
"""The value under which everything else is counted."""
PACKED: Final = 64_000
"""Bytes of one item, packed: hours of a day lie together, and in two items where they have more."""
_LEVEL: Final = 6
_DIGITS: Final = 60
"""Digits of a quantity's denominator: parts of burns that were undone may add up to any. Beyond them it is rounded."""

Axis = Literal["meter", "member", "tag", "dimension"]
AXES: Final[tuple[Axis, ...]] = ("meter", "member", "tag", "dimension")
_LETTERS: Final[Mapping[Axis, str]] = {"meter": "m", "member": "u", "tag": "t", "dimension": "d"}


class By(NamedTuple):
    """What sums are told apart by; ``name`` is that of a tag or a dimension."""

    axis: Axis
    name: str = ""


@dataclass(slots=True)
class UsedSum:
    """So much that was used of one meter, or of none: then no quantity."""

    quantity: Fraction = Fraction(0)
    steps: int = 0
    money: dict[str, int] = field(default_factory=dict)

    def add(self, quantity: Fraction, steps: int, money: Mapping[str, int], sign: int = 1) -> None:
        """Adds to it, or takes away."""
        self.quantity = _short(self.quantity + sign * quantity)
        self.steps += sign * steps
        for currency, amount in money.items():
            self.money[currency] = self.money.get(currency, 0) + sign * amount

    def add_sum(self, other: UsedSum, sign: int = 1) -> None:
        """Adds another sum, or takes it away."""
        self.add(other.quantity, other.steps, other.money, sign)

    def __bool__(self) -> bool:
        return bool(self.quantity or self.steps or any(self.money.values()))

    def to_json(self) -> list[Any]:
        """Returns it as JSON values."""
        return [str(self.quantity), str(self.steps), *([self.money] if self.money else [])]

    @classmethod
    def from_json(cls, body: Sequence[Any]) -> UsedSum:
        """Reads what ``to_json`` gave."""
        return cls(Fraction(body[0]), int(body[1]), dict(body[2]) if len(body) > 2 else {})


ByMeter = dict[str, UsedSum]
"""Sums by meter; no meter is the empty text."""
Values = dict[str, ByMeter]
"""Sums by a value, and then by meter."""


@dataclass(slots=True)
class HourRollup:
    """What was used in an hour.

    Attributes:
        names: by axis and name, the values. Of a meter and a member the name is empty; of a tag or a dimension an empty
            name has what has names beyond those that are told apart.
    """

    names: dict[tuple[Axis, str], Values] = field(default_factory=dict)

    def add(self, use: Use) -> None:
        """Counts what was used, or given back, under all that it says."""
        self._count(("meter", ""), use.meter or "", use)
        if use.member is not None:
            self._count(("member", ""), use.member, use)
        self._count_named("tag", use.tags, use)
        self._count_named("dimension", dict(use.dimensions), use)

    def _count_named(self, axis: Axis, said: Mapping[str, str], use: Use) -> None:
        unknown = False
        for name, value in sorted(said.items()):
            place: tuple[Axis, str] = (axis, name)
            known = place in self.names or sum(one == axis and bool(each) for one, each in self.names) < NAMES
            unknown = unknown or not known
            if known:
                self._count(place, value, use)
        if unknown:
            self._count((axis, ""), "", use)

    def _count(self, place: tuple[Axis, str], value: str, use: Use) -> None:
        values, meter = self.names.setdefault(place, {}), use.meter or ""
        found = values.get(value, {}).get(meter)
        if found is None:
            full = sum(len(meters) for one, meters in values.items() if one != OTHER) >= TOLD
            if full and value != OTHER:
                # Of a meter by itself nothing more is known then.
                value, meter = OTHER, OTHER if place[0] == "meter" else meter
            found = values.setdefault(value, {}).setdefault(meter, UsedSum())
        found.add(use.quantity, use.steps, use.money)

    def sums(self, by: By | None) -> Iterator[tuple[str | None, str, UsedSum]]:
        """Yields sums by a value (None: nothing says one) and a meter; of ``by`` None by meter alone."""
        all_of: ByMeter = {}
        for meters in self.names.get(("meter", ""), {}).values():
            for meter, one in meters.items():
                all_of.setdefault(meter, UsedSum()).add_sum(one)
        if by is None:
            yield from ((None, meter, one) for meter, one in all_of.items())
            return
        if by.axis == "meter":
            yield from ((meter or None, meter, one) for meter, one in all_of.items())
            return
        values = self.names.get((by.axis, by.name))
        beyond = self.names.get((by.axis, ""), {}) if by.name else {}
        if values is None and beyond:
            values = {OTHER: beyond[""]}
        left = {meter: UsedSum(one.quantity, one.steps, dict(one.money)) for meter, one in all_of.items()}
        for value, meters in (values or {}).items():
            for meter, one in meters.items():
                yield value, meter, one
                left[meter if meter in left else OTHER].add_sum(one, -1)
        yield from ((None, meter, one) for meter, one in left.items() if one)

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON values."""
        made: dict[str, Any] = {}
        for (axis, name), values in self.names.items():
            of: dict[str, Any] = {
                value: {meter: one.to_json() for meter, one in meters.items()}
                for value, meters in values.items()
            }
            if axis == "meter":
                of = {meter: one for meters in of.values() for meter, one in meters.items()}
            made.setdefault(_LETTERS[axis], {})[name] = of
        return made

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> HourRollup:
        """Reads what ``to_json`` gave."""
        made = cls()
        for axis in AXES:
            for name, of in body.get(_LETTERS[axis], {}).items():
                values = {meter: {meter: one} for meter, one in of.items()} if axis == "meter" else of
                made.names[axis, name] = {
                    value: {meter: UsedSum.from_json(one) for meter, one in meters.items()}
                    for value, meters in values.items()
                }
        return made


Hours = dict[int, HourRollup]
"""Rollups by hour, counted from 1970."""


def add_all(hours: Hours, uses: Iterable[Use]) -> None:
    """Counts uses in their hours."""
    for use in uses:
        hours.setdefault(use.at // HOUR_MS, HourRollup()).add(use)


def pack(hours: Hours) -> bytes:
    """Returns hours as bytes."""
    text = json.dumps(
        {str(hour): hours[hour].to_json() for hour in sorted(hours)},
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return zlib.compress(text.encode(), _LEVEL)


def unpack(packed: bytes) -> Hours:
    """Reads what ``pack`` gave. Raises one of ``UNREADABLE`` for other bytes."""
    try:
        text = zlib.decompress(packed)
    except zlib.error as error:
        raise ValueError("the hours are not deflated") from error
    body = json.loads(text)
    return {int(hour): HourRollup.from_json(one) for hour, one in body.items()}


def packed_parts(hours: Hours) -> list[tuple[int, bytes]]:
    """Packs hours into as few parts as are small enough, each with its first hour."""
    packed = pack(hours)
    if len(packed) <= PACKED or len(hours) == 1:
        return [(min(hours), packed)]
    ordered = sorted(hours)
    middle = ordered[len(ordered) // 2]
    halves: list[Hours] = [{}, {}]
    for hour, one in hours.items():
        halves[hour >= middle][hour] = one
    return [part for half in halves for part in packed_parts(half)]


def _short(quantity: Fraction) -> Fraction:
    """Rounds a quantity whose denominator has grown beyond use."""
    if quantity.denominator < 10**_DIGITS:
        return quantity
    return Fraction(round(quantity * 10**_DIGITS), 10**_DIGITS)
