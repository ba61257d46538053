"""Budgets of a wallet: put, changed, deleted; how many there may be; and the periods in which they count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whenever import ZonedDateTime

from scrip.domain.credits import calendar
from scrip.domain.credits.errors import NotFound, PolicyViolation, WalletClosed
from scrip.domain.wallets import budgets
from scrip.domain.wallets.budgets import Budget, BudgetTerms
from tests.domain.builders import steady
from tests.domain.spending import daily, purse


def ms(text: str, zone: str = "UTC") -> int:
    """A wall time of a zone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_a_put_is_an_entry_that_moves_the_version_and_the_same_again_is_none() -> None:
    made = purse()
    entry = made.budget(daily(100))
    assert entry
    assert (entry.kind, entry.amount, made.wallet.version) == ("status", 0, 2)
    assert entry.extra["budget"] == {
        "id": "day",
        "limit": "100",
        "every": "P1D",
        "anchor": made.now - made.now % 86_400_000,
        "since": 2,
        "version": 1,
    }
    assert made.wallet.budgeted
    assert made.budget(daily(100)) is None


def test_a_change_counts_on_where_it_counts_the_same_in_the_same_periods() -> None:
    made = purse()
    made.budget(daily(100))
    changes: list[dict[str, Any]] = [
        {"limit": 90},
        {"warn_at": ("80%",)},
        {"action": "notify"},
        {"zone": "Europe/Berlin"},
    ]
    said: dict[str, Any] = {"limit": 100}
    since = []
    for change in changes:
        said |= change
        made.budget(daily(**said))
        one = budgets.read(made.sidecars["budgets", "all"])["day"]
        since.append((one.since, one.version))
    assert since == [(2, 2), (2, 3), (2, 4), (6, 5)]


def test_the_last_budget_that_is_deleted_leaves_the_wallet_as_one_without() -> None:
    made = purse()
    made.budget(daily(100))
    made.budget(daily(10, meter="api"), "api")
    made.unbudget()
    before, entry = made.wallet.budgeted, made.unbudget("api")
    assert entry.extra["budget"] == {"id": "api", "version": 2, "deleted": True}
    assert (before, made.wallet.budgeted) == (True, False)
    assert ("budgets", "all") not in made.sidecars
    with pytest.raises(NotFound) as refused:
        made.unbudget("api")
    assert refused.value.facts == {"budget": "api"}


def test_a_wallet_has_twenty_budgets_at_most_and_a_burn_counts_in_eight() -> None:
    """Four of all, two of each member, and two of one member make eight; those of other members do not add up."""
    made = purse()
    for number in range(4):
        made.budget(daily(1, meter=f"m{number}"), f"all{number}")
    made.budget(daily(1, member="*"), "each")
    made.budget(daily(1, member="*", meter="api"), "each-api")
    for member in ("ann", "bob", "cid", "dan", "eve", "fay", "guy"):
        for number in range(2):
            made.budget(daily(1, member=member, meter=f"m{number}"), f"{member}{number}")
    with pytest.raises(PolicyViolation) as refused:
        made.budget(daily(1, member="hal"), "one-more")
    assert refused.value.facts["policy"] == "max_budgets"
    made.unbudget("guy1")
    with pytest.raises(PolicyViolation) as refused:
        made.budget(daily(1, member="ann", meter="x"), "ann3")
    assert refused.value.facts["policy"] == "max_budgets_per_burn"
    assert "one of its member or of the whole wallet first" in refused.value.detail
    with pytest.raises(PolicyViolation, match="delete one of the whole wallet first"):
        made.budget(daily(1, meter="x"), "all5")
    made.budget(daily(1, member="hal"), "hal")
    assert budgets.touched(["ann", "ann", "bob", None, "*"]) == 4


def test_a_closed_wallet_takes_no_budget() -> None:
    made = purse("1")
    made.burn(1)
    made.set_status("closed")
    with pytest.raises(WalletClosed):
        made.budget(daily(1))


def test_whose_spending_counts() -> None:
    def counts(member: str | None) -> list[bool]:
        one = Budget("x", daily(1, member=member), 1)
        return [one.counts(who) for who in (None, "ann", "bob")]

    assert counts(None) == [True, True, True]
    assert counts("ann") == [False, True, False]
    assert counts("*") == [False, True, True]


def test_a_budget_is_read_as_it_was_written() -> None:
    terms = BudgetTerms(10**27, "P1M", 5, "Europe/Berlin", "*", "api", ("80%",), "notify")
    one = Budget("x", terms, 7, 3)
    assert Budget.from_json("x", one.to_json()) == one
    assert Budget("x", daily(1), 1).to_json().keys() == {"limit", "every", "anchor", "since", "version"}


@pytest.mark.parametrize(
    ("every", "zone", "at", "start"),
    [
        ("P1D", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29T00:00"),
        ("P1W", "UTC", "2026-03-29T12:00", "2026-03-23T00:00"),
        ("P2W", "UTC", "2026-03-29T12:00", "2026-03-16T00:00"),
        ("P3M", "America/Santiago", "2026-05-20T12:00", "2026-04-01T00:00"),
        ("P1Y", "UTC", "2026-05-20T12:00", "2026-01-01T00:00"),
    ],
)
def test_where_nobody_says_when_a_period_begins_it_is_a_midnight_of_the_calendar(
    every: str, zone: str, at: str, start: str
) -> None:
    terms = BudgetTerms(1, every, calendar.first_border(zone), zone)
    assert terms.period(ms(at, zone))[0] == ms(start, zone)


@steady
@given(
    st.integers(0, 20_000),
    st.integers(0, 86_399),
    st.sampled_from(("Europe/Berlin", "America/Santiago", "Asia/Kolkata", "Pacific/Apia", "UTC")),
)
def test_a_days_budget_begins_at_the_first_instant_of_the_zones_day(day: int, second: int, zone: str) -> None:
    """Held against the standard library's own zones: the local date changes at the border, and not before it. Where
    midnight is skipped, the day begins with the first instant that there is of it."""
    at = (day * 86_400 + second) * 1000
    terms = BudgetTerms(1, "P1D", calendar.first_border(zone), zone)
    start, end = terms.period(at)

    def date(instant: int) -> Any:
        return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).date()

    assert start <= at < end
    assert date(start) == date(at) == date(end - 1)
    assert date(start - 1) < date(start)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Santiago"])
def test_a_month_that_begins_on_the_31st_does_so_on_the_last_day_of_shorter_months(zone: str) -> None:
    """Held against whenever: on day 31, or the month's last, at nine by the zone's clocks, for ten years."""
    anchor = ZonedDateTime(2026, 1, 31, 9, tz=zone)
    borders = [anchor.add(months=number).timestamp(unit="millisecond") for number in range(120)]
    terms = BudgetTerms(1, "P1M", borders[0], zone)
    for start, end in pairwise(borders):
        assert terms.period(start) == terms.period(end - 1) == (start, end)


def test_the_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    zone = "Europe/Berlin"
    terms = BudgetTerms(1, "P1D", calendar.first_border(zone), zone)
    hours = [
        (end - start) / 3_600_000
        for start, end in (terms.period(ms(f"{day}T12:00", zone)) for day in ("2026-03-29", "2026-10-25"))
    ]
    assert hours == [23, 25]
    santiago = BudgetTerms(1, "P1D", calendar.first_border("America/Santiago"), "America/Santiago")
    start, _ = santiago.period(ms("2026-09-06T12:00", "America/Santiago"))
    assert datetime.fromtimestamp(start / 1000, UTC) == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert timedelta(milliseconds=santiago.period(start)[1] - start) == timedelta(hours=23)
