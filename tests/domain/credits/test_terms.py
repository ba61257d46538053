"""What a rollover rule carries, how long that lives, and how terms are stored (laws 7 and 10)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.terms import NONE, Rollover, Terms
from tests.domain.builders import steady
from tests.domain.giving import NEW_YEAR, day


@pytest.mark.parametrize(
    ("remaining", "before", "rule", "carried"),
    [
        (70, 0, {}, 70),
        (0, 0, {}, 0),
        (71, 0, {"fraction": "0.5"}, 35),
        (10**27, 0, {"fraction": "0.1"}, 10**26),
        (3, 0, {"fraction": "0.333333333333333333"}, 0),
        (70, 0, {"fraction": "0"}, 0),
        (70, 0, {"most": 40}, 40),
        (70, 30, {"most": 40}, 10),
        (70, 40, {"most": 40}, 0),
        (70, 41, {"most": 40}, 0),
        (70, 0, {"fraction": "0.1", "least": 20}, 20),
        (70, 15, {"fraction": "0.1", "least": 20}, 7),
        (70, 5, {"fraction": "0.1", "least": 20}, 15),
        (12, 0, {"fraction": "0.1", "least": 20}, 12),
        (70, 0, {"fraction": "0.1", "least": 20, "most": 15}, 15),
    ],
)
def test_so_much_of_what_remains_is_carried(
    remaining: int, before: int, rule: dict[str, Any], carried: int
) -> None:
    """``before`` steps of other lots were carried at that instant: ``least`` and ``most`` are of all of them."""
    assert Rollover(**rule).carried(remaining, before) == carried


@steady
@given(
    remaining=st.integers(0, 10**27),
    before=st.integers(0, 10**27),
    fraction=st.decimals(0, 1, places=9).map(lambda number: f"{number:f}"),
    least=st.integers(0, 10**27),
    most=st.none() | st.integers(0, 10**27),
)
def test_no_more_is_carried_than_remains_or_than_may_be(
    remaining: int, before: int, fraction: str, least: int, most: int | None
) -> None:
    carried = Rollover(fraction=fraction, least=least, most=most).carried(remaining, before)
    assert 0 <= carried <= remaining
    assert most is None or carried <= max(0, most - before)


@pytest.mark.parametrize(
    ("at", "rule", "ends"),
    [
        ("2027-02-01", {}, "2027-03-01"),
        ("2027-02-15T09:30", {}, "2027-03-01"),
        ("2027-02-28T23:59", {}, "2027-03-01"),
        ("2027-02-01", {"every": "P1W"}, "2027-02-05"),
        ("2027-02-01", {"expires_in": "P1D"}, "2027-02-02"),
        ("2027-01-31", {"expires_in": "P1M"}, "2027-02-28"),
        ("2027-02-28T23:30", {"expires_in": "P1M", "zone": "Europe/Berlin"}, "2027-03-31T22:30"),
    ],
)
def test_what_is_carried_lives_until_its_period_ends_or_for_a_time_of_its_own(
    at: str, rule: dict[str, Any], ends: str
) -> None:
    """Periods are calendar months from New Year on, or weeks. In Berlin it is 1 March already, and then summer."""
    assert Rollover(anchor=NEW_YEAR, **rule).ends(day(at)) == day(ends)


RULE = Rollover("plan", "0.5", 3, 40, 2, "P1M", "P1W", NEW_YEAR, "Europe/Berlin")


@pytest.mark.parametrize(
    "terms", [NONE, Terms(("calls", "images")), Terms(rollover=RULE), Terms(("calls",), RULE)]
)
def test_terms_are_read_as_they_were_written(terms: Terms) -> None:
    assert Terms.from_json(terms.to_json()) == terms


def test_terms_are_stored_under_these_names() -> None:
    """Wallets hold them: another name would be unreadable from then on."""
    assert Terms(("calls",), RULE).to_json() == {
        "scope": ["calls"],
        "rollover": {
            "of": "plan",
            "fraction": "0.5",
            "least": 3,
            "most": 40,
            "times": 2,
            "expires_in": "P1M",
            "every": "P1W",
            "anchor": NEW_YEAR,
            "zone": "Europe/Berlin",
        },
    }
    assert NONE.to_json() == {"scope": [], "rollover": None}


@pytest.mark.parametrize("body", [{}, {"scope": []}, {"scope": [], "rollover": {"fractions": "1"}}])
def test_anything_else_is_an_error(body: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Terms.from_json(body)
