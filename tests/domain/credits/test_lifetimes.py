"""When credits end that live for a duration, by a zone's calendar, on to the end of a day or month (law 10)."""

from __future__ import annotations

from datetime import datetime

import pytest

from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.lifetimes import FOR_EVER, Lifetime, lifetime_json, lifetime_of

KATHMANDU, NEW_YORK, HAVANA = "Asia/Kathmandu", "America/New_York", "America/Havana"
SAO_PAULO, APIA, LORD_HOWE = "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


ENDS: list[tuple[str, str, str, EndOf | None, str]] = [
    # from when on, how long, where, to the end of what; when it ends
    ("2030-01-31T12:00+00:00", "P1M", "UTC", None, "2030-02-28T12:00+00:00"),
    ("2030-01-31T12:00+00:00", "P1M", "UTC", "day", "2030-03-01T00:00+00:00"),
    ("2030-01-31T12:00+00:00", "P1M", "UTC", "month", "2030-03-01T00:00+00:00"),
    ("2030-01-15T12:00+00:00", "P30D", "UTC", "day", "2030-02-15T00:00+00:00"),
    ("2030-01-15T12:00+00:00", "P30D", "UTC", "month", "2030-03-01T00:00+00:00"),
    # an end that is the end of a day already stays it
    ("2030-01-15T00:00+00:00", "P30D", "UTC", "day", "2030-02-14T00:00+00:00"),
    ("2030-01-01T00:00+00:00", "P1M", "UTC", "month", "2030-02-01T00:00+00:00"),
    # hours are elapsed time, and their day is the zone's
    ("2030-01-15T12:00+00:00", "PT1H", NEW_YORK, "day", "2030-01-16T00:00-05:00"),
    # in Kathmandu it is 00:15 of the next day already
    ("2030-01-31T18:30+00:00", "P1D", KATHMANDU, "day", "2030-02-03T00:00+05:45"),
    ("2030-01-31T18:30+00:00", "P1D", "UTC", "day", "2030-02-02T00:00+00:00"),
    ("2030-01-31T18:30+00:00", "P1M", KATHMANDU, "month", "2030-04-01T00:00+05:45"),
    # the days on which clocks change: 23 and 25 hours, 24 and a half on Lord Howe
    ("2030-03-09T12:00-05:00", "P1D", NEW_YORK, "day", "2030-03-11T00:00-04:00"),
    ("2030-11-02T12:00-04:00", "P1D", NEW_YORK, "day", "2030-11-04T00:00-05:00"),
    ("2030-04-06T12:00+11:00", "P1D", LORD_HOWE, "day", "2030-04-08T00:00+10:30"),
    # midnight comes twice: the day is over when it comes first
    ("2024-11-01T12:00-04:00", "P1D", HAVANA, "day", "2024-11-03T00:00-04:00"),
    # midnight is skipped, and half an hour before and after it, and all of a day
    ("2018-11-02T12:00-03:00", "P1D", SAO_PAULO, "day", "2018-11-04T01:00-02:00"),
    ("1919-03-29T12:00-05:00", "P1D", "America/Toronto", "day", "1919-03-30T23:30-05:00"),
    ("2011-12-28T12:00-10:00", "P1D", APIA, "day", "2011-12-31T00:00+14:00"),
]


@pytest.mark.parametrize(("start", "expires_in", "zone", "end_of", "end"), ENDS)
def test_credits_end(start: str, expires_in: str, zone: str, end_of: EndOf | None, end: str) -> None:
    assert Lifetime(expires_in, zone, end_of).end(ms(start)) == ms(end)


def test_an_end_that_is_the_last_instant_of_a_day_is_its_last_millisecond() -> None:
    """``inclusive``: the boundary adds one, so that the lot ends with the day, to the millisecond."""
    start, midnight = ms("2030-01-15T12:00+00:00"), ms("2030-02-15T00:00+00:00")
    assert Lifetime("P30D", end_of="day").end(start, inclusive=True) == midnight - 1
    assert Lifetime("P30D").end(start, inclusive=True) == ms("2030-02-14T12:00+00:00")


def test_for_ever_has_no_end() -> None:
    assert (FOR_EVER.end(0), FOR_EVER.end(0, inclusive=True)) == (None, None)


@pytest.mark.parametrize("end_of", [None, "day", "month"])
def test_an_end_beyond_the_year_9999_is_refused(end_of: EndOf | None) -> None:
    with pytest.raises(InvalidRequest):
        Lifetime("P8000Y", end_of=end_of).end(ms("2030-01-01T00:00+00:00"))


def test_what_is_said_is_a_lifetime_and_nothing_is_none() -> None:
    assert lifetime_of("P1D", "UTC", "day", False) == Lifetime("P1D", "UTC", "day")
    assert lifetime_of(None, "UTC", None, True) == FOR_EVER
    assert lifetime_of(None, "UTC", None, False) is None


def test_what_has_its_default_is_left_out_of_what_is_kept() -> None:
    assert lifetime_json("UTC", None, False) == {}
    assert lifetime_json(NEW_YORK, "month", True) == {
        "time_zone": NEW_YORK,
        "end_of": "month",
        "never_expires": True,
    }
