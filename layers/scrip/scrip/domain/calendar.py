"""Calendar arithmetic (placeholder until the full one lands)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from scrip.domain.errors import InvalidRequest
from scrip.domain.limits import MAX_INSTANT

DURATION_PATTERN: Final = (
    r"^P(?=[0-9T])(?:([0-9]{1,4})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,7})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,10})S)?)?$"
)
_DURATION: Final = re.compile(DURATION_PATTERN.strip("^$"))
_EVERY = re.compile(r"P([1-9][0-9]{0,3})([DWMY])")


def check_duration(text: str) -> str:
    if not _DURATION.fullmatch(text) or not re.search(r"[1-9]", text):
        raise ValueError("must be an ISO 8601 duration longer than nothing, such as PT15M, P30D or P1M")
    return text


def check_every(text: str) -> str:
    if not _EVERY.fullmatch(text):
        raise ValueError("must be a number of days, weeks, months or years, such as P1D, P2W, P1M or P1Y")
    return text


def check_zone(text: str) -> str:
    try:
        if re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", text):
            ZoneInfo(text)
            return text
    except (OSError, ValueError, LookupError):
        pass
    raise ValueError("must be an IANA time zone such as Europe/Berlin")


def _shift(local: datetime, months: int, days: int) -> datetime:
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day) + timedelta(days=days)


def after(at: int, duration: str, field: str, zone: str = "UTC") -> int:
    match = _DURATION.fullmatch(duration)
    assert match
    y, mo, w, d, h, mi, s = (int(part or 0) for part in match.groups())
    tz = ZoneInfo(zone) if zone != "UTC" else UTC
    try:
        local = datetime.fromtimestamp(at // 1000, tz).replace(tzinfo=None)
        local = _shift(local, y * 12 + mo, w * 7 + d)
        end = local.replace(tzinfo=tz).astimezone(UTC) + timedelta(hours=h, minutes=mi, seconds=s)
    except (OverflowError, ValueError) as error:
        raise InvalidRequest([(field, "reaches beyond the year 9999")]) from error
    instant = int(end.timestamp()) * 1000 + at % 1000
    if instant > MAX_INSTANT:
        raise InvalidRequest([(field, "reaches beyond the year 9999")])
    return instant


def period(anchor: int, every: str, zone: str, at: int) -> tuple[int, int]:
    match = _EVERY.fullmatch(every)
    assert match
    count, unit = int(match[1]), match[2]
    tz = ZoneInfo(zone)
    base = datetime.fromtimestamp(anchor // 1000, tz).replace(tzinfo=None)

    def bound(k: int) -> int:
        try:
            n = k * count
            months, days = {"D": (0, n), "W": (0, 7 * n), "M": (n, 0), "Y": (12 * n, 0)}[unit]
            local = _shift(base, months, days).replace(tzinfo=tz)
            return int(local.astimezone(UTC).timestamp()) * 1000 + anchor % 1000
        except (OverflowError, ValueError):
            return MAX_INSTANT + 1

    length = {"D": 1, "W": 7, "M": 30.44, "Y": 365.25}[unit] * count * 86_400_000
    k = int((at - anchor) // length)
    while bound(k) > at:
        k -= 1
    while bound(k + 1) <= at:
        k += 1
    return bound(k), bound(k + 1)
