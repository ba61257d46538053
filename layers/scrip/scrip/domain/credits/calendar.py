"""Calendar arithmetic: when "in P1M" is, and which period of "every P1M" an instant is in.

A day that a month lacks becomes the month's last: 31 January and P1M is 28 February. Repetitions are always counted
from the anchor and never from the period before, so the 31st stays the 31st in every month that has one.

Local wall time is kept: "every day at nine" is at nine before and after a change of the clocks. A wall time that such
a change skips is moved forward by what was skipped. Of a wall time that comes twice, it is the first, unless what it is
counted from was itself a second one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT

DURATION_PATTERN: Final = (
    r"^P(?=[0-9T])(?:[0-9]{1,4}Y)?(?:[0-9]{1,5}M)?(?:[0-9]{1,5}W)?(?:[0-9]{1,6}D)?"
    r"(?:T(?=[0-9])(?:[0-9]{1,7}H)?(?:[0-9]{1,8}M)?(?:[0-9]{1,10}S)?)?$"
)
EVERY_PATTERN: Final = r"^P[1-9][0-9]{0,3}[DWMY]$"
ZONE_PATTERN: Final = r"^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z][A-Za-z0-9_+-]{0,31}){0,2}$"
"""The form of a zone's name: no name of the IANA database is longer, nor has any other character."""
EndOf = Literal["day", "month"]
"""What credits live to the end of, by the clocks of a zone."""

_DURATION: Final = re.compile(DURATION_PATTERN)
_EVERY: Final = re.compile(EVERY_PATTERN)
_ZONE: Final = re.compile(ZONE_PATTERN)
_NO_ZONES: Final = ("posix", "right", "posixrules", "localtime", "Factory")
"""Files and folders that some machines keep beside the zones: other spellings of them, or this machine's own."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_FIRST_MONDAY: Final = datetime.fromisoformat("1973-01-01T00:00:00")
_FIRST_WALL: Final = datetime.fromisoformat("0001-01-01T00:00:00")
_LAST_WALL: Final = datetime.fromisoformat("9999-12-31T23:59:59")


def check_duration(text: str) -> str:
    """Returns the text if it is an ISO 8601 duration of whole numbers, longer than nothing.

    Raises:
        ValueError: it is not; the message says what is accepted.
    """
    if not _DURATION.fullmatch(text) or not re.search(r"[1-9]", text):
        raise ValueError("must be an ISO 8601 duration longer than nothing, such as PT15M, P30D or P1M")
    return text


def check_at_most(text: str, milliseconds: int, said: str) -> str:
    """Returns the text if it is a duration of so many milliseconds at most; calendar months and years are from 1970.

    Raises:
        ValueError: it is no duration, or longer than ``said``.
    """
    if not _DURATION.fullmatch(text) or not re.search(r"[1-9]", text):
        raise ValueError(
            f"must be an ISO 8601 duration longer than nothing, {said} at most, such as {_meant(text)}"
        )
    try:
        end = after(0, text, "")
    except InvalidRequest as error:
        raise ValueError(f"must be at most {said}") from error
    if end > milliseconds:
        raise ValueError(f"must be at most {said}")
    return text


def _meant(text: str) -> str:
    """Returns the duration that somebody may have meant who wrote ``10m``; of anything else, one that fits anywhere."""
    found = re.fullmatch(r"([1-9][0-9]?) ?([smhSMH])[a-z]{0,8}", text)
    if found is None or (found[2] in "hH" and found[1] != "1"):
        return "PT10M"
    return f"PT{found[1]}{found[2].upper()}"


def check_every(text: str) -> str:
    """Returns the text if it is a whole number of days, weeks, months or years, such as ``P14D``.

    Raises:
        ValueError: it is not; the message says what is accepted.
    """
    if not _EVERY.fullmatch(text):
        raise ValueError("must be 1 to 9999 days, weeks, months or years, such as P1D, P14D, P1W, P3M or P1Y")
    return text


def check_zone(text: str) -> str:
    """Returns the text if it names a zone of the IANA time zone database.

    Raises:
        ValueError: it does not; the message says what is accepted.
    """
    # A file that is no zone is a ValueError of zoneinfo's, a name there is not a KeyError, a folder an OSError.
    try:
        if _ZONE.fullmatch(text) and text.partition("/")[0] not in _NO_ZONES:
            _zone(text)
            return text
    except (ValueError, KeyError, OSError):
        pass
    raise ValueError("must be a time zone of the IANA database, such as UTC or Europe/Berlin")


def after(at: int, duration: str, field: str, zone: str = "UTC") -> int:
    """Returns the instant that lies ``duration`` after ``at``, both in epoch milliseconds.

    Years and months are added first, then weeks and days, all by the calendar of the zone. Hours, minutes and seconds
    are added last, as elapsed time.

    Args:
        duration: a text that ``check_duration`` accepts.
        field: the field that an error names.
        zone: a text that ``check_zone`` accepts.

    Raises:
        InvalidRequest: the instant is after the year 9999; ``field`` is named.
    """
    dates, _, times = duration[1:].partition("T")
    months = 12 * _number(dates, "Y") + _number(dates, "M")
    days = 7 * _number(dates, "W") + _number(dates, "D")
    seconds, milliseconds = divmod(at, 1000)
    try:
        if months or days:
            there = _zone(zone)
            wall = _wall(seconds, there)
            seconds = _seconds(_months_later(wall, months) + timedelta(days=days), there, wall.fold)
    except OverflowError as error:
        raise InvalidRequest([(field, "reaches beyond the year 9999")]) from error
    seconds += 3600 * _number(times, "H") + 60 * _number(times, "M") + _number(times, "S")
    instant = seconds * 1000 + milliseconds
    if instant > MAX_INSTANT:
        raise InvalidRequest([(field, "reaches beyond the year 9999")])
    return instant


def before(at: int, duration: str) -> int:
    """Returns the instant that lies ``duration`` before ``at`` by the calendar of UTC, both in epoch milliseconds.

    Hours, minutes and seconds are taken off first, then days and weeks, then months and years. None is before the
    year 1.

    Args:
        duration: a text that ``check_duration`` accepts.
    """
    dates, _, times = duration[1:].partition("T")
    months = 12 * _number(dates, "Y") + _number(dates, "M")
    days = 7 * _number(dates, "W") + _number(dates, "D")
    seconds, milliseconds = divmod(at, 1000)
    seconds -= 3600 * _number(times, "H") + 60 * _number(times, "M") + _number(times, "S")
    if months or days:
        try:
            wall = _months_later(_wall(seconds, UTC) - timedelta(days=days), -months)
        except OverflowError:
            return MIN_INSTANT
        seconds = _seconds(wall, UTC)
    return max(MIN_INSTANT, seconds * 1000 + milliseconds)


def period(anchor: int, every: str, zone: str, at: int) -> tuple[int, int]:
    """Returns beginning and end of the period that contains ``at``: ``[start, end)`` in epoch milliseconds.

    Periods meet at the anchor's local wall time plus any whole number of ``every``, also before the anchor, so they
    cover all time without a gap. The first period begins with the year 1. The end of the last is ``MAX_INSTANT + 1``,
    which no instant reaches.

    Args:
        anchor: any instant at which a period begins, also one within the second of two hours that are called the same.
        every: a text that ``check_every`` accepts.
        zone: a text that ``check_zone`` accepts.
        at: an instant of the years 1 to 9999.
    """
    there = _zone(zone)
    wall, milliseconds = _wall(anchor // 1000, there), anchor % 1000
    count, letter = int(every[1:-1]), every[-1]
    months, days = {"Y": (12, 0), "M": (1, 0), "W": (0, 7), "D": (0, 1)}[letter]
    at = min(max(at, MIN_INSTANT), MAX_INSTANT)

    def border(number: int) -> int:
        steps = number * count
        try:
            then = _months_later(wall, months * steps) + timedelta(days=days * steps)
        except OverflowError:
            return MAX_INSTANT + 1 if steps > 0 else MIN_INSTANT
        at_second = _seconds(then, there, wall.fold)
        return min(max(at_second * 1000 + milliseconds, MIN_INSTANT), MAX_INSTANT + 1)

    now = _wall(at // 1000, there)
    if months:
        number = (12 * (now.year - wall.year) + now.month - wall.month) // (months * count)
    else:
        number = (now.toordinal() - wall.toordinal()) // (days * count)
    # The estimate is right but for the day within the month, the time of day, and changes of the clocks.
    start, end = border(number), border(number + 1)
    while start > at:
        number -= 1
        start, end = border(number), start
    while end <= at:
        number += 1
        start, end = end, border(number + 1)
    return start, end


def first_border(zone: str) -> int:
    """Returns the instant from which the calendar's own periods are counted: Monday, 1 January 1973, at midnight."""
    return _seconds(_FIRST_MONDAY, _zone(zone)) * 1000


def calendar_period(every: str, zone: str, at: int) -> tuple[int, int]:
    """Returns beginning and end of the calendar's own period that contains ``at``, as ``period`` does.

    Months begin with their first day, weeks with Monday, all at midnight. Of several days, weeks, months or years the
    first began with Monday, 1 January 1973.

    Args:
        every, zone, at: as of ``period``.
    """
    return period(first_border(zone), every, zone, at)


def rounded_up(at: int, end_of: EndOf, zone: str) -> int:
    """Returns the end of the local day, or month, that ``at`` lies in: the first instant of the next one.

    An instant that is itself such an end is returned as it is. All instants are epoch milliseconds.

    Args:
        zone: a text that ``check_zone`` accepts.
    """
    there = _zone(zone)

    def day_of(second: int) -> tuple[int, ...]:
        wall = _wall(second, there)
        return (wall.year, wall.month) if end_of == "month" else (wall.year, wall.month, wall.day)

    before = (at - 1) // 1000
    wall = _wall(before, there).replace(hour=0, minute=0, second=0, fold=0)
    try:
        following = _months_later(wall.replace(day=1), 1) if end_of == "month" else wall + timedelta(days=1)
    except OverflowError:
        return MAX_INSTANT + 1
    # Where the clocks skip midnight, the day begins with the first second that is called by its date.
    low, high = before, _seconds(following, there)
    if day_of(high - 1) != day_of(before):
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if day_of(middle) == day_of(before) else (low, middle)
    return min(high * 1000, MAX_INSTANT + 1)


def _number(text: str, letter: str) -> int:
    """Returns the number before the letter in one half of a duration; 0 where there is none."""
    found = re.search(f"([0-9]+){letter}", text)
    return int(found[1]) if found else 0


def _zone(name: str) -> tzinfo:
    """Returns the time zone of that name. UTC is made without a database, because most callers need nothing else."""
    # UTC needs no database, and most callers need nothing else.
    return UTC if name == "UTC" else ZoneInfo(name)


def _wall(seconds: int, zone: tzinfo) -> datetime:
    """Returns what the zone's clocks show at that second, without a zone, kept within the years 1 to 9999.

    Its ``fold`` is 1 where they showed the same before.
    """
    try:
        return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)
    except (
        OverflowError,
        ValueError,
    ):  # hours from the first or last instant, and the zone is in another year
        return _FIRST_WALL if seconds < 0 else _LAST_WALL


def _seconds(wall: datetime, zone: tzinfo, fold: int = 0) -> int:
    """Returns when the zone's clocks show this wall time, in epoch seconds.

    Of a wall time that comes twice, ``fold`` 0 is the first and 1 the second. A wall time that the clocks skip is
    converted as though they had not been changed yet, so what they show then is later by what was skipped.
    """
    first = (wall.replace(tzinfo=zone, fold=0) - _EPOCH) // _SECOND
    return max(first, (wall.replace(tzinfo=zone, fold=1) - _EPOCH) // _SECOND) if fold else first


def _months_later(wall: datetime, months: int) -> datetime:
    """Returns the same day so many months later (or earlier), or the last day of that month where it lacks the day.

    Raises:
        OverflowError: the day is not in the years 1 to 9999.
    """
    year, month = divmod(12 * wall.year + wall.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))


def format_instant(at: int) -> str:
    """Formats epoch milliseconds as RFC 3339 with ``Z`` and three decimals."""
    seconds, milliseconds = divmod(min(at, MAX_INSTANT), 1000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='seconds')}.{milliseconds:03d}Z"
