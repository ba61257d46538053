"""Periods of the books: months (UTC), and which of them an entry is booked in.

An entry is booked in the month in which it holds, unless that month was closed without it: then in the first one after
it that was not. What a close has seen is told by the edition of the archive that it froze, never by clocks.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

MONTH_PATTERN: Final = "^[0-9]{4}-(0[1-9]|1[0-2])$"
MONTH_FORM: Final = "must be a month such as 2026-11"
_MONTH: Final = re.compile(MONTH_PATTERN)


def is_month(text: str) -> bool:
    """Tells whether a text names a month, such as ``2026-11``."""
    return _MONTH.fullmatch(text) is not None and text[:4] >= "1970"


def month_of(instant: int) -> str:
    """Returns the month (UTC) of an instant in epoch milliseconds."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m")


def month_after(month: str) -> str:
    """Returns the next month."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def month_before(month: str) -> str:
    """Returns the month that ends where this one begins."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def months_between(first: str, last: str) -> Iterator[str]:
    """Yields the months from the first to the last; nothing where the last one is before the first."""
    month = first
    while month <= last:
        yield month
        month = month_after(month)


def month_bounds(month: str) -> tuple[int, int]:
    """Returns the first instant of a month in UTC, and that of the next one, in epoch milliseconds.

    Raises:
        ValueError: the text is no month.
    """
    if not _MONTH.fullmatch(month) or month[:4] == "0000":
        raise ValueError(MONTH_FORM)
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    begins = int((first - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1000
    return begins, begins + monthrange(first.year, first.month)[1] * 86_400_000


def begins(month: str) -> int:
    """Returns the first instant of a month, epoch milliseconds."""
    return month_bounds(month)[0]


def ends(month: str) -> int:
    """Returns the first instant after a month, epoch milliseconds."""
    return month_bounds(month)[1]


def period_of(month: str, edition: int | None, closes: Mapping[str, int]) -> str:
    """Returns the month in which an entry is booked.

    Args:
        month: in which it holds.
        edition: of the archive that it is in; None: it is in none yet.
        closes: by month that was closed, the edition that its close has seen.
    """
    while month in closes and (edition is None or edition > closes[month]):
        month = month_after(month)
    return month
