"""Which month an entry is booked in: that in which it holds, unless it was closed without it."""

from __future__ import annotations

import pytest

from scrip.domain.finance import periods

NOVEMBER_MS = 1_793_491_200_000  # 2026-11-01T00:00:00Z


@pytest.mark.parametrize("text", ["2026-11", "1970-01", "2026-12"])
def test_a_month_is_a_year_and_a_number(text: str) -> None:
    assert periods.is_month(text)


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00", "2026-1", "2026-11-01", "1969-12", "", "2026-11\n", "\uff12\uff10\uff12\uff16-11"],
)
def test_nothing_else_is_one(text: str) -> None:
    assert not periods.is_month(text)


def test_months_follow_each_other_over_a_year_s_end() -> None:
    assert periods.month_after("2026-12") == "2027-01"
    assert periods.month_before("2027-01") == "2026-12"
    assert periods.month_after("2026-09") == "2026-10"
    assert periods.month_before("2026-11") == "2026-10"


def test_months_between_two_are_all_of_them_with_both() -> None:
    assert [*periods.months_between("2026-11", "2027-02")] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert [*periods.months_between("2026-11", "2026-11")] == ["2026-11"]
    assert [*periods.months_between("2026-12", "2026-11")] == []


def test_a_month_begins_where_the_one_before_it_ends() -> None:
    """November has 30 days."""
    assert periods.begins("2026-11") == NOVEMBER_MS
    assert periods.ends("2026-11") == NOVEMBER_MS + 30 * 86_400_000 == periods.begins("2026-12")
    assert periods.month_of(NOVEMBER_MS) == "2026-11"
    assert periods.month_of(NOVEMBER_MS - 1) == "2026-10"


@pytest.mark.parametrize(
    ("edition", "period"),
    [(3, "2026-11"), (4, "2026-11"), (5, "2026-12"), (7, "2026-12"), (8, "2027-01"), (None, "2027-01")],
)
def test_what_a_close_has_not_seen_is_booked_in_the_first_month_that_has_it(
    edition: int | None, period: str
) -> None:
    """November was closed with edition 4, December with edition 7."""
    assert periods.period_of("2026-11", edition, {"2026-11": 4, "2026-12": 7}) == period


def test_a_close_is_of_its_own_month_alone() -> None:
    """Which months before are closed with it says their own close."""
    assert periods.period_of("2026-10", 5, {"2026-11": 4}) == "2026-10"
    assert periods.period_of("2026-10", 5, {"2026-10": 4, "2026-11": 4}) == "2026-12"
