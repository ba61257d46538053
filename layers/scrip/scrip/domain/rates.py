"""Rates (placeholder until the full one lands)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scrip.domain.amounts import AMOUNT_PATTERN
from scrip.domain.errors import InvalidRequest, PolicyViolation


@dataclass(frozen=True, slots=True)
class RateVersion:
    version: int
    unit: str
    effective_at: int
    minimum: str
    price: Mapping[str, Any]


def in_force(versions: Sequence[RateVersion], at: int) -> RateVersion | None:
    found = [version for version in versions if version.effective_at <= at]
    return max(found, key=lambda one: (one.effective_at, one.version), default=None)


def cost(rate: RateVersion, quantity: Fraction, dimensions: Mapping[str, str], precision: int) -> Fraction:
    price = rate.price
    if price["model"] != "per_unit":
        raise PolicyViolation("no price", policy="no_price")
    return max(Fraction(rate.minimum), Fraction(price["credits"]) * quantity) * 10**precision


def whole(cost: Fraction, carry: Fraction) -> tuple[int, Fraction]:
    total = cost + carry
    steps = total.numerator // total.denominator
    return steps, total - steps


def parse_quantity(value: Any, field: str = "quantity") -> Fraction:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch(AMOUNT_PATTERN.strip("^$"), value):
        raise InvalidRequest([(field, "must be a whole number, or a string of digits")])
    if not Fraction(value):
        raise InvalidRequest([(field, "must be more than zero")])
    return Fraction(value)
