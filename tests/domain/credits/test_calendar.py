"""Numbers and time: calendar rules use the anchor's zone and keep its day, clamped to short months, never drifting."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import Instant, Time, ZonedDateTime

from scrip.domain.credits.calendar import (
    EndOf,
    after,
    before,
    check_duration,
    check_every,
    check_zone,
    period,
    rounded_up,
)
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT
from tests.domain.builders import steady

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
LORD_HOWE, KOLKATA, APIA = "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"


def ms(text: str) -> int:
    """Epoch milliseconds of an instant written with its offset."""
    moment = datetime.fromisoformat(text)
    return int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000


# What lies before a duration


@pytest.mark.parametrize(
    ("at", "duration", "expected"),
    [
        ("2030-03-31T10:00:00+00:00", "P1M", "2030-02-28T10:00:00+00:00"),
        ("2028-02-29T00:00:00+00:00", "P1Y", "2027-02-28T00:00:00+00:00"),
        ("2030-03-02T00:00:00.001+00:00", "P30D", "2030-01-31T00:00:00.001+00:00"),
        ("2030-03-08T06:30:00+00:00", "P1W", "2030-03-01T06:30:00+00:00"),
        ("2030-03-01T00:00:00+00:00", "PT36H", "2030-02-27T12:00:00+00:00"),
        ("2030-03-01T00:30:00+00:00", "P1M1DT1H", "2030-01-27T23:30:00+00:00"),
    ],
)
def test_what_lies_before_keeps_its_day_as_what_lies_after_does(
    at: str, duration: str, expected: str
) -> None:
    assert before(ms(at), duration) == ms(expected)


@steady
@given(
    st.integers(MIN_INSTANT, MAX_INSTANT),
    st.integers(1, 20_000),
    st.sampled_from(["W", "D", "TH", "TM", "TS"]),
)
def test_so_long_before_and_so_long_after_is_where_it_was(at: int, count: int, unit: str) -> None:
    """Of months it need not be: a day that one lacks is its last."""
    duration = f"P{unit[:-1]}{count}{unit[-1]}"
    earlier = before(at, duration)
    assert earlier == MIN_INSTANT or after(earlier, duration, "x") == at


@steady
@given(st.integers(ms("1900-01-01T00:00:00+00:00"), MAX_INSTANT), st.integers(1, 500))
def test_so_many_months_before_is_as_another_library_has_it(at: int, count: int) -> None:
    there = Instant.from_timestamp(at, unit="millisecond").to_tz("UTC")
    assert before(at, f"P{count}M") == there.subtract(months=count).timestamp(unit="millisecond")


def test_nothing_lies_before_the_first_year() -> None:
    assert before(MIN_INSTANT + 5, "P1Y") == before(MIN_INSTANT + 5, "PT1H") == MIN_INSTANT


# What lies after a duration

AFTER = [
    ("a quarter of an hour", "2026-01-31T10:00Z", "PT15M", "UTC", "2026-01-31T10:15Z"),
    ("milliseconds stay", "2026-01-31T10:00:00.789Z", "P1D", "UTC", "2026-02-01T10:00:00.789Z"),
    ("the 31st in February", "2026-01-31T10:00Z", "P1M", "UTC", "2026-02-28T10:00Z"),
    ("the 31st in a leap year's February", "2028-01-31T10:00Z", "P1M", "UTC", "2028-02-29T10:00Z"),
    ("the 31st two months on", "2026-01-31T10:00Z", "P2M", "UTC", "2026-03-31T10:00Z"),
    ("the 31st in April", "2026-03-31T10:00Z", "P1M", "UTC", "2026-04-30T10:00Z"),
    ("over the end of a year", "2026-12-15T10:00Z", "P1M", "UTC", "2027-01-15T10:00Z"),
    ("13 months", "2026-01-31T10:00Z", "P13M", "UTC", "2027-02-28T10:00Z"),
    ("29 February and a year", "2028-02-29T10:00Z", "P1Y", "UTC", "2029-02-28T10:00Z"),
    ("29 February and four years", "2028-02-29T10:00Z", "P4Y", "UTC", "2032-02-29T10:00Z"),
    ("29 February in a century without", "2096-02-29T10:00Z", "P4Y", "UTC", "2100-02-28T10:00Z"),
    ("29 February in one with", "1996-02-29T10:00Z", "P4Y", "UTC", "2000-02-29T10:00Z"),
    ("weeks and days", "2026-02-20T10:00Z", "P1W2D", "UTC", "2026-03-01T10:00Z"),
    ("months before days", "2026-01-31T10:00Z", "P1M1D", "UTC", "2026-03-01T10:00Z"),
    ("everything", "2026-01-31T10:00Z", "P1Y1M1W1DT1H1M1S", "UTC", "2027-03-08T11:01:01Z"),
    ("before 1970", "1969-12-31T23:59:59.999Z", "PT1S", "UTC", "1970-01-01T00:00:00.999Z"),
    ("a month into summer in Berlin", "2026-03-15T12:00+01:00", "P1M", BERLIN, "2026-04-15T12:00+02:00"),
    ("a day into summer in Berlin", "2026-03-28T12:00+01:00", "P1D", BERLIN, "2026-03-29T12:00+02:00"),
    ("24 hours into summer in Berlin", "2026-03-28T12:00+01:00", "PT24H", BERLIN, "2026-03-29T13:00+02:00"),
    ("a day, and then an hour", "2026-03-28T12:00+01:00", "P1DT1H", BERLIN, "2026-03-29T13:00+02:00"),
    ("half past two does not come", "2026-03-28T02:30+01:00", "P1D", BERLIN, "2026-03-29T03:30+02:00"),
    ("half past two comes twice", "2026-10-24T02:30+02:00", "P1D", BERLIN, "2026-10-25T02:30+02:00"),
    ("15 minutes from the second time", "2026-10-25T02:30+01:00", "PT15M", BERLIN, "2026-10-25T02:45+01:00"),
    ("another day there than in UTC", "2026-01-31T01:00+05:30", "P1M", KOLKATA, "2026-02-28T01:00+05:30"),
    ("a day that Samoa skipped", "2011-12-29T12:00-10:00", "P1D", APIA, "2011-12-31T12:00+14:00"),
    ("the last instant", "9999-12-31T23:59:58.999Z", "PT1S", "UTC", "9999-12-31T23:59:59.999Z"),
]


@pytest.mark.parametrize(
    ("start", "duration", "zone", "end"), [row[1:] for row in AFTER], ids=[row[0] for row in AFTER]
)
def test_what_lies_after(start: str, duration: str, zone: str, end: str) -> None:
    assert after(ms(start), duration, "expires_in", zone) == ms(end)


@pytest.mark.parametrize(
    ("start", "duration", "zone"),
    [
        ("9999-12-31T23:59:59.000Z", "PT1S", "UTC"),
        ("9999-12-31T00:00:00.000Z", "P1D", "UTC"),
        ("9999-12-01T00:00:00.000Z", "P1M", "UTC"),
        ("2026-01-01T00:00:00.000Z", "P9999Y", "UTC"),
        ("2026-01-01T00:00:00.000Z", "P99999M", "UTC"),
        ("2026-01-01T00:00:00.000Z", "P7973Y53W", BERLIN),
        ("2026-01-01T00:00:00.000Z", "P9999Y99999M99999W999999DT9999999H99999999M9999999999S", BERLIN),
        ("9999-12-31T12:00-05:00", "PT7H", NEW_YORK),
        ("9999-12-30T20:00-05:00", "P1D", NEW_YORK),
    ],
)
def test_what_lies_after_the_year_9999_is_refused_and_named(start: str, duration: str, zone: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        after(ms(start), duration, "expires_in", zone)
    assert refused.value.facts["errors"] == [
        {"field": "expires_in", "message": "reaches beyond the year 9999"}
    ]


# Periods


def starts(anchor: str, every: str, zone: str, first: str, count: int) -> list[str]:
    """Where ``count`` periods begin, from the one that contains ``first``: local wall time, and the offset then."""
    at, found = ms(first), []
    for _ in range(count):
        start, at = period(ms(anchor), every, zone, at)
        found.append(datetime.fromtimestamp(start / 1000, ZoneInfo(zone)).isoformat(timespec="minutes"))
    return found


def test_the_31st_over_14_months_never_drifts() -> None:
    found = starts("2027-10-31T10:00Z", "P1M", "UTC", "2027-10-31T10:00Z", 15)
    assert [text[:10] for text in found] == [
        "2027-10-31",
        "2027-11-30",
        "2027-12-31",
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
        "2028-05-31",
        "2028-06-30",
        "2028-07-31",
        "2028-08-31",
        "2028-09-30",
        "2028-10-31",
        "2028-11-30",
        "2028-12-31",
    ]


STARTS = [
    ("days", "2026-02-27T09:00Z", "P1D", "UTC", "2026-02-27T09:00 2026-02-28T09:00 2026-03-01T09:00"),
    (
        "fourteen days",
        "2026-02-20T09:00Z",
        "P14D",
        "UTC",
        "2026-02-20T09:00 2026-03-06T09:00 2026-03-20T09:00",
    ),
    ("weeks", "2026-12-28T00:00Z", "P1W", "UTC", "2026-12-28T00:00 2027-01-04T00:00 2027-01-11T00:00"),
    ("the 30th", "2026-01-30T00:00Z", "P1M", "UTC", "2026-01-30T00:00 2026-02-28T00:00 2026-03-30T00:00"),
    ("the 29th", "2026-01-29T00:00Z", "P1M", "UTC", "2026-01-29T00:00 2026-02-28T00:00 2026-03-29T00:00"),
    ("the 28th", "2026-01-28T00:00Z", "P1M", "UTC", "2026-01-28T00:00 2026-02-28T00:00 2026-03-28T00:00"),
    ("quarters", "2026-11-30T00:00Z", "P3M", "UTC", "2026-11-30T00:00 2027-02-28T00:00 2027-05-30T00:00"),
    ("five months", "2026-08-31T00:00Z", "P5M", "UTC", "2026-08-31T00:00 2027-01-31T00:00 2027-06-30T00:00"),
    (
        "years from 29 February",
        "2024-02-29T00:00Z",
        "P1Y",
        "UTC",
        "2024-02-29T00:00 2025-02-28T00:00 2026-02-28T00:00 2027-02-28T00:00 2028-02-29T00:00",
    ),
    (
        "four years from it",
        "2096-02-29T00:00Z",
        "P4Y",
        "UTC",
        "2096-02-29T00:00 2100-02-28T00:00 2104-02-29T00:00",
    ),
    (
        "months, into summer and out of it in Berlin",
        "2026-02-28T09:00+01:00",
        "P4M",
        BERLIN,
        "2026-02-28T09:00+01:00 2026-06-28T09:00+02:00 2026-10-28T09:00+01:00",
    ),
    (
        "days into summer in Berlin",
        "2026-03-28T00:00+01:00",
        "P1D",
        BERLIN,
        "2026-03-28T00:00+01:00 2026-03-29T00:00+01:00 2026-03-30T00:00+02:00",
    ),
    (
        "days out of summer in Berlin",
        "2026-10-24T00:00+02:00",
        "P1D",
        BERLIN,
        "2026-10-24T00:00+02:00 2026-10-25T00:00+02:00 2026-10-26T00:00+01:00",
    ),
    (
        "half past two does not come in Berlin",
        "2026-03-28T02:30+01:00",
        "P1D",
        BERLIN,
        "2026-03-28T02:30+01:00 2026-03-29T03:30+02:00 2026-03-30T02:30+02:00",
    ),
    (
        "half past two comes twice in Berlin",
        "2026-10-24T02:30+02:00",
        "P1D",
        BERLIN,
        "2026-10-24T02:30+02:00 2026-10-25T02:30+02:00 2026-10-26T02:30+01:00",
    ),
    (
        "half past two does not come in New York",
        "2026-03-07T02:30-05:00",
        "P1D",
        NEW_YORK,
        "2026-03-07T02:30-05:00 2026-03-08T03:30-04:00 2026-03-09T02:30-04:00",
    ),
    (
        "half past one comes twice in New York",
        "2026-10-31T01:30-04:00",
        "P1D",
        NEW_YORK,
        "2026-10-31T01:30-04:00 2026-11-01T01:30-04:00 2026-11-02T01:30-05:00",
    ),
    (
        "half an hour of summer on Lord Howe",
        "2026-09-04T02:15+10:30",
        "P1M",
        LORD_HOWE,
        "2026-09-04T02:15+10:30 2026-10-04T02:45+11:00 2026-11-04T02:15+11:00",
    ),
    (
        "and out of it",
        "2026-03-05T01:45+11:00",
        "P1M",
        LORD_HOWE,
        "2026-03-05T01:45+11:00 2026-04-05T01:45+11:00 2026-05-05T01:45+10:30",
    ),
    (
        "the 31st in Kolkata, where it is the 30th in UTC",
        "2026-01-30T19:00Z",
        "P1M",
        KOLKATA,
        "2026-01-31T00:30+05:30 2026-02-28T00:30+05:30 2026-03-31T00:30+05:30",
    ),
    (
        "a day that Samoa skipped is no period",
        "2011-12-29T12:00-10:00",
        "P1D",
        APIA,
        "2011-12-29T12:00-10:00 2011-12-31T12:00+14:00 2012-01-01T12:00+14:00",
    ),
]


@pytest.mark.parametrize(
    ("anchor", "every", "zone", "expected"), [row[1:] for row in STARTS], ids=[row[0] for row in STARTS]
)
def test_periods_begin(anchor: str, every: str, zone: str, expected: str) -> None:
    wanted = [text if zone != "UTC" else f"{text}+00:00" for text in expected.split()]
    assert starts(anchor, every, zone, anchor, len(wanted)) == wanted


PERIODS = [
    (
        "at its first instant",
        "2026-01-31T10:00Z",
        "P1M",
        "2026-02-28T10:00Z",
        "2026-02-28T10:00Z",
        "2026-03-31T10:00Z",
    ),
    (
        "at its last",
        "2026-01-31T10:00Z",
        "P1M",
        "2026-02-28T09:59:59.999Z",
        "2026-01-31T10:00Z",
        "2026-02-28T10:00Z",
    ),
    (
        "just before the anchor",
        "2026-01-31T10:00Z",
        "P1M",
        "2026-01-31T09:59:59.999Z",
        "2025-12-31T10:00Z",
        "2026-01-31T10:00Z",
    ),
    (
        "long before an anchor in the future",
        "2030-03-31T10:00Z",
        "P1M",
        "2026-03-01T00:00Z",
        "2026-02-28T10:00Z",
        "2026-03-31T10:00Z",
    ),
    (
        "years before it",
        "2032-02-29T00:00Z",
        "P1Y",
        "2026-07-01T00:00Z",
        "2026-02-28T00:00Z",
        "2027-02-28T00:00Z",
    ),
    (
        "weeks before it",
        "2026-11-23T10:00Z",
        "P2W",
        "2026-11-08T00:00Z",
        "2026-10-26T10:00Z",
        "2026-11-09T10:00Z",
    ),
    (
        "centuries after it",
        "1970-01-31T00:00Z",
        "P1M",
        "2970-02-28T12:00Z",
        "2970-02-28T00:00Z",
        "2970-03-31T00:00Z",
    ),
    (
        "milliseconds of the anchor",
        "2026-01-31T10:00:00.250Z",
        "P1D",
        "2026-02-01T10:00:00.249Z",
        "2026-01-31T10:00:00.250Z",
        "2026-02-01T10:00:00.250Z",
    ),
    (
        "an anchor before 1970",
        "1969-12-31T23:59:59.999Z",
        "P1D",
        "1970-01-01T00:00Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T23:59:59.999Z",
    ),
    ("longer than all time", "2026-01-01T00:00Z", "P9999Y", "2026-06-01T00:00Z", "2026-01-01T00:00Z", None),
    (
        "the last of all time",
        "2026-01-31T00:00Z",
        "P1M",
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T00:00Z",
        None,
    ),
    (
        "the first of all time",
        "2026-01-02T00:00Z",
        "P1D",
        "0001-01-01T12:00Z",
        "0001-01-01T00:00Z",
        "0001-01-02T00:00Z",
    ),
]


@pytest.mark.parametrize(
    ("anchor", "every", "at", "start", "end"), [row[1:] for row in PERIODS], ids=[row[0] for row in PERIODS]
)
def test_the_period_of(anchor: str, every: str, at: str, start: str, end: str | None) -> None:
    """An end that no instant can be is one millisecond after the last that can."""
    expected = (ms(start), ms(end) if end else MAX_INSTANT + 1)
    assert period(ms(anchor), every, "UTC", ms(at)) == expected


FOLDS = [
    # an anchor that the clocks show for the second time; how long the period is that begins there, in hours
    ("2026-10-25T02:30+01:00", BERLIN, 24),
    ("2030-11-03T06:30Z", NEW_YORK, 24),
    ("2030-11-03T05:30Z", NEW_YORK, 25),
    ("2030-04-07T01:45+10:30", LORD_HOWE, 24),
    ("2030-04-07T01:45+11:00", LORD_HOWE, 24.5),
    ("2030-04-07T03:15+12:45", "Pacific/Chatham", 24),
    ("2030-04-07T03:15+13:45", "Pacific/Chatham", 25),
]


@pytest.mark.parametrize(("anchor", "zone", "hours"), FOLDS)
def test_a_period_begins_at_its_anchor_in_either_hour_of_two_that_are_called_the_same(
    anchor: str, zone: str, hours: float
) -> None:
    start, end = period(ms(anchor), "P1D", zone, ms(anchor))
    assert (start, (end - start) / 3_600_000) == (ms(anchor), hours)


def test_what_was_counted_from_a_second_hour_comes_at_the_second_hour_again() -> None:
    """3 November 2030 and 2 November 2031 have their half past one twice: 364 days lie between them."""
    second = ms("2030-11-03T01:30-05:00")
    assert after(second, "P1Y", "x", NEW_YORK) == ms("2031-11-03T01:30-05:00")
    assert after(second, "P364D", "x", NEW_YORK) == ms("2031-11-02T01:30-05:00")
    assert after(second - 3_600_000, "P364D", "x", NEW_YORK) == ms("2031-11-02T01:30-04:00")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue"])
@pytest.mark.parametrize("every", ["P1D", "P1M", "P9999Y"])
@pytest.mark.parametrize("anchor", [MIN_INSTANT, 0, MAX_INSTANT])
@pytest.mark.parametrize("at", [MIN_INSTANT, 0, MAX_INSTANT])
def test_the_ends_of_time_have_periods(anchor: int, every: str, zone: str, at: int) -> None:
    start, end = period(anchor, every, zone, at)
    assert MIN_INSTANT <= start <= at < end <= MAX_INSTANT + 1


INSTANTS = st.integers(ms("1900-01-01T00:00Z"), ms("2200-01-01T00:00Z"))
EVERY = st.builds("P{}{}".format, st.integers(1, 40), st.sampled_from("DWMY"))
ZONES = st.sampled_from(
    ["UTC", BERLIN, NEW_YORK, LORD_HOWE, KOLKATA, APIA, "Africa/Casablanca", "Pacific/Kwajalein"]
)


@settings(steady, max_examples=400)
@given(INSTANTS, EVERY, ZONES, INSTANTS)
def test_periods_tile_time_and_their_start_never_drifts(anchor: int, every: str, zone: str, at: int) -> None:
    start, end = period(anchor, every, zone, at)
    assert start <= at < end
    for inside in (start, (start + end) // 2, end - 1):
        assert period(anchor, every, zone, inside) == (start, end)
    following, previous = period(anchor, every, zone, end), period(anchor, every, zone, start - 1)
    assert (following[0], previous[1]) == (end, start)
    place = ZoneInfo(zone)
    first, here = (datetime.fromtimestamp(moment // 1000, place) for moment in (anchor, start))
    skipped = (here.hour, here.minute, here.second) != (first.hour, first.minute, first.second)
    assert start % 1000 == anchor % 1000
    if skipped:
        # Only where the anchor's wall time does not exist on that day.
        wanted = here.replace(hour=first.hour, minute=first.minute, second=first.second, fold=0)
        assert datetime.fromtimestamp(wanted.timestamp(), place).replace(tzinfo=None) != wanted.replace(
            tzinfo=None
        )
    elif every[-1] in "MY":
        assert here.day == first.day or (here.day < first.day and (here.day >= 28))


WHENEVER_ZONES = st.sampled_from(
    [
        BERLIN,
        NEW_YORK,
        LORD_HOWE,
        KOLKATA,
        APIA,
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "America/St_Johns",
        "America/Havana",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "Asia/Beirut",
    ]
)
NEAR_CHANGES = st.sampled_from(
    [
        "2030-11-03T05:30Z",  # both half past ones of New York
        "2030-11-03T06:30Z",
        "2030-10-27T00:30Z",  # both half past twos of Berlin
        "2030-10-27T01:30Z",
        "2030-04-06T14:45Z",  # both of Lord Howe's
        "2030-04-06T15:15Z",
        "2030-04-06T14:30Z",  # Chatham's
        "2011-12-29T12:00Z",  # before Samoa skipped a day
        "2011-12-30T10:00Z",
        "2030-01-31T18:30Z",
        "2028-02-29T23:59:59Z",
    ]
).map(ms)
STEPS = st.sampled_from([*"DWMY"]).flatmap(
    lambda letter: st.tuples(st.integers(1, 40 if letter != "D" else 800), st.just(letter))
)


def there(at: int, zone: str) -> ZonedDateTime:
    """An instant in epoch milliseconds, as the other calendar has it."""
    return Instant.from_timestamp(at, unit="millisecond").to_tz(zone)


NAMED = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}


def later(begun: ZonedDateTime, count: int, letter: str) -> int:
    """What the other calendar has so many days, weeks, months or years later; epoch milliseconds."""
    add: Callable[..., ZonedDateTime] = begun.add
    return add(**{NAMED[letter]: count}).timestamp(unit="millisecond")


@settings(steady, max_examples=400)
@given(st.one_of(NEAR_CHANGES, INSTANTS), STEPS, WHENEVER_ZONES)
def test_a_duration_ends_when_another_calendar_says(at: int, step: tuple[int, str], zone: str) -> None:
    """The oracle is ``whenever``: it keeps the offset of a wall time that comes twice, and moves a skipped one on."""
    count, letter = step
    expected = later(there(at, zone), count, letter)
    assert after(at, f"P{count}{letter}", "x", zone) == expected


@settings(steady, max_examples=400)
@given(st.one_of(NEAR_CHANGES, INSTANTS), STEPS, WHENEVER_ZONES, st.integers(-6, 40))
def test_periods_begin_where_another_calendar_counts_them_from_the_anchor(
    anchor: int, step: tuple[int, str], zone: str, number: int
) -> None:
    """The 31st, either hour of two, hours and days that are skipped: each border is the anchor and so many steps."""
    count, letter = step
    begun = there(anchor, zone)
    borders = [later(begun, count * each, letter) for each in (number, number + 1)]
    if borders[0] < borders[1]:
        assert period(anchor, f"P{count}{letter}", zone, borders[0]) == tuple(borders)
        assert period(anchor, f"P{count}{letter}", zone, borders[1] - 1) == tuple(borders)


@settings(steady, max_examples=300)
@given(st.one_of(NEAR_CHANGES, INSTANTS), st.sampled_from(["day", "month"]), WHENEVER_ZONES)
def test_the_end_of_a_day_or_month_is_where_another_calendar_begins_the_next(
    at: int, end_of: EndOf, zone: str
) -> None:
    here = there(at - 1, zone)
    date = here.date()
    following = date.replace(day=1).add(months=1) if end_of == "month" else date.add(days=1)
    begins = following.at(Time()).assume_tz(zone, disambiguation="compatible")
    skipped = begins.date() > following or begins.time() > Time(1)
    ended = rounded_up(at, end_of, zone)
    if not skipped:
        assert ended == begins.timestamp(unit="millisecond")
    last, first = (there(one, zone).date() for one in (ended - 1, ended))
    assert first >= following > last >= date


@pytest.mark.parametrize("end_of", ["day", "month"])
@pytest.mark.parametrize("zone", ["UTC", BERLIN, NEW_YORK, KOLKATA])
def test_the_last_day_and_month_of_the_calendar_end_behind_it(end_of: EndOf, zone: str) -> None:
    """The year 10 000 has no date: what ends with its beginning has no end that is a date."""
    assert rounded_up(MAX_INSTANT, end_of, zone) == MAX_INSTANT + 1
    assert rounded_up(ms("9999-12-31T23:00Z"), end_of, "UTC") == MAX_INSTANT + 1


def test_a_period_is_found_without_walking_there() -> None:
    """From a day in year 1 to one in 9999 lie 3.6 million daily periods."""
    began = time.perf_counter()
    for _ in range(100):
        period(MIN_INSTANT, "P1D", BERLIN, ms("9999-06-01T00:00Z"))
    assert time.perf_counter() - began < 1


# What may be said


@pytest.mark.parametrize("text", ["P1D", "P14D", "P1W", "P1M", "P3M", "P1Y", "P9999D", "P9999Y"])
def test_something_may_repeat_every(text: str) -> None:
    assert check_every(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "P", "1M", "P0D", "P01D", "P10000D", "P-1D", "P+1D", "P1.5M", "P1H", "PT1H", "PT1M", "P1M1D", "P1W ", " P1W",
     "P1D\n", "p1d", "P1d", "P\u0661D", "P1MM", "monthly", "P" + "1" * 5000 + "D"],
)  # fmt: skip
def test_nothing_repeats_every(text: str) -> None:
    with pytest.raises(ValueError, match="must be 1 to 9999 days, weeks, months or years"):
        check_every(text)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P0D", "PT0S", "P1DT", "-P1D", "P1.5D", "P1H", "P1D\n", "P\u0661D"]
)
def test_that_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="must be an ISO 8601 duration"):
        check_duration(text)


def test_every_zone_of_the_database_is_one() -> None:
    names = available_timezones() - {"Factory", "localtime"}
    assert len(names) > 400
    for name in names:
        assert check_zone(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", "..", "/", "Europe", "Europe/", "Europe/Nowhere", "europe/berlin", "EUROPE/BERLIN", "Berlin",
        "Europe/Berlin ", " Europe/Berlin", "Europe/Berlin\n", "Europe/Berlin\x00", "Europe//Berlin", "/Europe/Berlin",
        "/usr/share/zoneinfo/UTC", "/etc/passwd", "../../../etc/passwd", "Europe/../UTC", "Europe/./Berlin", "./UTC",
        "Europe\\Berlin", "C:\\Windows", "localtime", "posixrules", "Factory", "posix/UTC", "right/UTC", "zone.tab",
        "zone1970.tab", "tzdata.zi", "leapseconds", "iso3166.tab", "SECURITY", "zones", "__init__", "+01:00", "UTC+1",
        "CEST-1", "MEZ-1MESZ", "Z", "Ünter/Den", "日本", "\ud800", "🂡", "%2e%2e/UTC", "x" * 5000, "x/" * 5000,
        "Europe/" + "x" * 32,
    ],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_that_is_no_zone(text: str) -> None:
    with pytest.raises(ValueError, match="must be a time zone of the IANA database"):
        check_zone(text)


def test_utc_is_a_zone_like_the_others() -> None:
    assert period(0, "P1D", "UTC", 1) == period(0, "P1D", "Etc/UTC", 1) == (0, 86_400_000)
    assert datetime.fromtimestamp(0, UTC) == datetime.fromtimestamp(0, ZoneInfo("Etc/UTC"))


@pytest.mark.parametrize("every", ["P1D", "P1M"])
def test_a_period_has_begun_though_the_clock_went_back_to_the_day_before(every: str) -> None:
    """In Newfoundland one minute past midnight of 1 November 2009 was one minute past eleven of 31 October again."""
    start, end = period(
        ms("2009-01-01T00:00-03:30"), every, "America/St_Johns", ms("2009-10-31T23:15:00-03:30")
    )
    assert start == ms("2009-11-01T00:00-02:30")
    assert end == ms("2009-11-02T00:00-03:30" if every == "P1D" else "2009-12-01T00:00-03:30")
