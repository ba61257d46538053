"""Credits at the edge are decimal strings; inside they are integers of the unit's smallest step."""

from __future__ import annotations

import re

from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, PrecisionExceeded
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.steps import format_amount

AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,27})(\.[0-9]{1,18})?$"
_AMOUNT = re.compile(AMOUNT_PATTERN.strip("^$"))


def parse_amount(text: str, precision: int, field: str = "amount", *, zero: bool = False) -> int:
    """Credit steps for a decimal string.

    Args:
        text: digits, perhaps a point and decimals; no sign, exponent or space.
        precision: decimals of the unit, 0 to 9.
        field: the name an error gives.
        zero: whether zero is meaningful here. Where credits move it is not.

    Raises:
        InvalidRequest: the text is not of that form, or is zero where that means nothing.
        PrecisionExceeded: more decimals than the unit has. Nothing is ever rounded.
        AmountOutOfRange: more than the largest wallet total.
    """
    if not _AMOUNT.fullmatch(text):
        raise InvalidRequest([(field, f"must be a string that matches {AMOUNT_PATTERN}")])
    whole, _, decimals = text.partition(".")
    steps: int = int(whole + decimals)
    if steps == 0 and not zero:
        raise InvalidRequest([(field, "must be more than zero")])
    if len(decimals) > precision:
        raise PrecisionExceeded(
            f"{field}: {text} has {len(decimals)} decimals, the unit has {precision}",
            field=field,
            precision=precision,
        )
    steps *= int(10 ** (precision - len(decimals)))
    if steps > LARGEST_TOTAL:
        raise AmountOutOfRange(
            f"{field}: more than {format_amount(LARGEST_TOTAL, precision)}",
            field=field,
            largest=format_amount(LARGEST_TOTAL, precision),
        )
    return steps


def parse_optional(text: str | None, precision: int, field: str = "amount") -> int | None:
    """Does the same with an amount that may be left out; returns None where it is."""
    return None if text is None else parse_amount(text, precision, field)
