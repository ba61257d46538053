"""Calendar arithmetic: what "expires in P1M" means. Durations are ISO 8601, years and months are calendar ones,
and a day that a month lacks becomes its last: 31 January and P1M is 28 February."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from scrip.domain.errors import InvalidRequest
from scrip.domain.limits import MAX_INSTANT

DURATION_PATTERN: Final = (
    r"^P(?=[0-9T])(?:[0-9]{1,4}Y)?(?:[0-9]{1,5}M)?(?:[0-9]{1,5}W)?(?:[0-9]{1,6}D)?"
    r"(?:T(?=[0-9])(?:[0-9]{1,7}H)?(?:[0-9]{1,8}M)?(?:[0-9]{1,10}S)?)?$"
)
_DURATION: Final = re.compile(DURATION_PATTERN)


def check_duration(text: str) -> str:
    """The text, if it is an ISO 8601 duration of whole numbers longer than nothing; ``ValueError`` otherwise."""
    if not _DURATION.fullmatch(text) or not re.search(r"[1-9]", text):
        raise ValueError("must be an ISO 8601 duration longer than nothing, such as PT15M, P30D or P1M")
    return text


def after(at: int, duration: str, field: str) -> int:
    """The instant (epoch milliseconds, UTC) that lies ``duration`` after ``at``.

    Raises:
        InvalidRequest: it lies beyond the year 9999; ``field`` is named.
    """
    import isodate  # type: ignore[import-untyped]  # only grants need it; burns import this module too

    start = datetime.fromtimestamp(at // 1000, UTC)
    try:
        end: datetime = start + isodate.parse_duration(duration)
    except (OverflowError, ValueError) as error:
        raise InvalidRequest([(field, "reaches beyond the year 9999")]) from error
    instant = int(end.timestamp()) * 1000 + at % 1000
    if instant > MAX_INSTANT:
        raise InvalidRequest([(field, "reaches beyond the year 9999")])
    return instant
