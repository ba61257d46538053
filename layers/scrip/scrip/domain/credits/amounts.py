"""Reads credits from decimal texts.

At the edge credits are decimal strings. Inside they are integers that count the unit's smallest steps. The way back
is ``steps.format_amount``.
"""

from __future__ import annotations

import re

from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, PrecisionExceeded
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.steps import format_amount

AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,27})(\.[0-9]{1,18})?$"
AMOUNT_FORM = "must be a decimal string such as 12.5, with no sign, exponent or space"
_AMOUNT = re.compile(AMOUNT_PATTERN.strip("^$"))


def parse_amount(text: str, precision: int, field: str = "amount", *, zero: bool = False) -> int:
    """Converts a decimal string into credit steps.

    Args:
        text: digits, perhaps a point and decimals; no sign, exponent or space.
        precision: decimals of the unit, 0 to 9.
        field: the field that an error names.
        zero: whether zero is allowed. It is not where credits move.

    Raises:
        InvalidRequest: the text is not of that form, or is zero where that is not allowed.
        PrecisionExceeded: the text has more decimals than the unit. Nothing is ever rounded.
        AmountOutOfRange: the amount is more than the largest total of a wallet.
    """
    if not _AMOUNT.fullmatch(text):
        raise InvalidRequest([(field, AMOUNT_FORM)])
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
    """Converts an amount that may be left out as ``parse_amount`` does; returns None where it is left out."""
    return None if text is None else parse_amount(text, precision, field)
