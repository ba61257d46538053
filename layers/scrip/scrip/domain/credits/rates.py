"""Prices: what one event of a meter costs. Does not own which versions a rate card keeps (``rate_cards``).

A price is a mapping, as the API has it, with a ``model``:

    per_unit            credits for each one of the quantity
    package             credits for each package of ``size``; their number is rounded up, down or half up
    graduated           each slice of the quantity at the credits of its own tier
    volume              the whole quantity at the credits of the tier that it falls into
    table               other prices, chosen by the event's dimensions; tables may hold tables

A tier reaches to its ``up_to`` and includes it; that of the last is None. Tiers may be ``over`` a period of the
calendar in a ``time_zone``: then the quantity goes on from what the period had before the event.

Only a number of packages is rounded, as its price says. A cost is exact: credits may have more decimals than the unit,
and the fraction of a step that a cost leaves is carried to the wallet's next event of the meter (``whole``). Quantities
and credits are decimals of at most 18 places, and so costs and carries have at most 36.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final, NamedTuple

from scrip.domain.credits.amounts import AMOUNT_PATTERN
from scrip.domain.credits.errors import InvalidRequest, PolicyViolation

TABLE_DEPTH: Final = 3
"""The most tables inside each other: a deeper price could hardly be read."""
TABLE_DIMENSIONS: Final = 5
"""Dimensions that one table asks for, joined by a slash in its keys."""
LARGEST_QUANTITY: Final = 10**28 - 1
"""The largest whole quantity: as many digits as the text of one may have."""

_HALF: Final = Fraction(1, 2)
_NOTHING: Final = Fraction(0)
_AMOUNT: Final = re.compile(AMOUNT_PATTERN.strip("^$"))


@dataclass(frozen=True, slots=True)
class RateVersion:
    """One version of a meter's rate card.

    Attributes:
        unit: the unit that the price is in; the same for all versions.
        effective_at: epoch milliseconds; the version is in force from then until a later one is.
        minimum: the least credits that an event costs.
        price: see the module.
    """

    version: int
    unit: str
    effective_at: int
    minimum: str
    price: Mapping[str, Any]


def in_force(versions: Sequence[RateVersion], at: int) -> RateVersion | None:
    """Returns the version by which an event of this instant is priced, or None where there is none yet.

    It is the one that came into force last; of several at the same instant, the latest version.
    """
    begun = (version for version in versions if version.effective_at <= at)
    return max(begun, key=lambda version: (version.effective_at, version.version), default=None)


def cost(
    rate: RateVersion,
    quantity: Fraction,
    dimensions: Mapping[str, str],
    precision: int,
    before: Fraction = _NOTHING,
) -> Fraction:
    """Returns what an event costs, in steps of a unit of this precision; perhaps a fraction of one.

    Args:
        before: what was used in the period before it, where the price is over a period.

    Raises:
        PolicyViolation: ``no_price``: the card has no price for these dimensions.
    """
    credits = max(Fraction(rate.minimum), credits_of(rate, quantity, dimensions, before))
    return credits * Fraction(10**precision)


def credits_of(
    rate: RateVersion, quantity: Fraction, dimensions: Mapping[str, str], before: Fraction
) -> Fraction:
    """Returns the credits that an event costs, whatever the card's minimum. Raises as ``cost``."""
    price, _ = choose(rate.price, dimensions)
    return _credits(price, quantity, before if "over" in price else _NOTHING)


def choose(
    price: Mapping[str, Any], dimensions: Mapping[str, str]
) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Returns the price for these dimensions, which is no table, and those that chose it.

    Raises:
        PolicyViolation: ``no_price``: a dimension is missing, or a table has no price for their values.
    """
    chosen: dict[str, str] = {}
    while True:
        match price:
            case {"model": "table", "by": names, "prices": prices}:
                price = _row(names, prices, dimensions)
                chosen.update((name, dimensions[name]) for name in names)
            case _:
                return price, chosen


def whole(cost: Fraction, carry: Fraction) -> tuple[int, Fraction]:
    """Returns the steps to burn now, and what is carried to the next event: less than a step.

    It is negative only where the carry was, because more was burned of events that were undone since.
    """
    total = cost + carry
    steps = max(0, floor(total))
    return steps, total - steps


def parse_quantity(value: Any, field: str = "quantity") -> Fraction:
    """Reads how much of a meter an event is about: a decimal string like an amount, or a whole number.

    Args:
        value: whatever the JSON had.
        field: the field that an error names.

    Raises:
        InvalidRequest: it is of neither form, has more than 28 digits, or is not more than zero.
    """
    if _is_below_zero(value):
        raise InvalidRequest([(field, "must be more than zero")])
    if isinstance(value, str):
        known = _AMOUNT.fullmatch(value) is not None
    else:
        known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_QUANTITY
    if not known:
        raise InvalidRequest([(field, "must be a whole number, or a decimal string such as 12.5")])
    quantity = Fraction(value)
    if not quantity:
        raise InvalidRequest([(field, "must be more than zero")])
    return quantity


def _is_below_zero(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("-") and _AMOUNT.fullmatch(value[1:]) is not None
    return isinstance(value, int) and not isinstance(value, bool) and value < 0


def period_of(price: Mapping[str, Any], dimensions: Mapping[str, str]) -> tuple[str, str] | None:
    """Returns period and zone that the price for these dimensions goes by; None: by none. Raises as ``cost``."""
    match choose(price, dimensions)[0]:
        case {"over": every, "time_zone": zone}:
            return every, zone
        case _:
            return None


def _credits(price: Mapping[str, Any], quantity: Fraction, before: Fraction) -> Fraction:
    """Returns the credits that the quantity costs by this price, which is no table, after what was used before."""
    match price:
        case {"model": "per_unit", "credits": credits}:
            return Fraction(credits) * quantity
        case {"model": "package", "size": size, "credits": credits, "rounding": rounding}:
            return Fraction(credits) * _rounded(quantity / size, rounding)
        case {"model": "graduated", "tiers": tiers}:
            return _graduated(_read_tiers(tiers), before + quantity, before)
        case {"model": "volume", "tiers": tiers}:
            whole = before + quantity
            reached = (
                tier for tier in _read_tiers(tiers) if tier.up_to is None or whole <= Fraction(tier.up_to)
            )
            return Fraction(next(reached).credits) * quantity
        case _:
            raise AssertionError("no price is of this form")


class _Tier(NamedTuple):
    """A part of a quantity, from where the tier before ends to ``up_to``, that included; None is without an end."""

    up_to: int | str | None
    credits: str


def _read_tiers(tiers: Sequence[Mapping[str, Any]]) -> Iterator[_Tier]:
    """Yields tiers as they are needed: a quantity seldom reaches the last."""
    for tier in tiers:
        yield _Tier(**tier)


def _rounded(packages: Fraction, rounding: str) -> int:
    """Rounds to whole packages: ``up``, ``down`` or ``half_up``."""
    if rounding == "up":
        return ceil(packages)
    return floor(packages + _HALF) if rounding == "half_up" else floor(packages)


def _graduated(tiers: Iterator[_Tier], quantity: Fraction, below: Fraction) -> Fraction:
    """Returns the credits of a quantity beyond ``below``, of which each part costs what its own tier says."""
    credits = Fraction(0)
    for tier in tiers:
        reached = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
        if reached > below:
            credits += Fraction(tier.credits) * (reached - below)
            below = reached
        if reached == quantity:
            break
    return credits


def _row(
    names: Sequence[str], prices: Mapping[str, Mapping[str, Any]], dimensions: Mapping[str, str]
) -> Mapping[str, Any]:
    """Returns the price in a table for these dimensions.

    Raises:
        PolicyViolation: ``no_price``: a dimension is missing, or the table has no price for their values.
    """
    missing = [name for name in names if name not in dimensions]
    if missing:
        raise PolicyViolation(f"the price depends on dimensions.{missing[0]}", policy="no_price")
    key = "/".join(dimensions[name] for name in names)
    price = prices.get(key)
    if price is None:
        raise PolicyViolation(f"there is no price for this {'/'.join(names)}", policy="no_price")
    return price
