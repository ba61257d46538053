"""What a rollover rule carries, how long that lives, and how terms are stored (laws 7 and 10)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.terms import NONE, Rollover, Terms
from tests.domain.builders import steady
from tests.domain.giving import NEW_YEAR, day


@pytest.mark.parametrize(
    ("remaining", "share", "before", "rule", "carried"),
    [
        # what is left of a lot; the sum of the rule's part of it and of those before; what these carried
        (70, "70", 0, {}, 70),
        (0, "0", 0, {}, 0),
        (71, "35.5", 0, {}, 35),
        (1, "0.5", 0, {}, 0),
        (1, "1", 0, {}, 1),
        (1, "1.5", 1, {}, 0),
        (1, "2", 1, {}, 1),
        (70, "70", 0, {"most": 40}, 40),
        (70, "140", 30, {"most": 40}, 10),
        (70, "140", 40, {"most": 40}, 0),
        (70, "140", 41, {"most": 40}, 0),
        (70, "7", 0, {"least": 20}, 20),
        (70, "22", 15, {"least": 20}, 7),
        (70, "12", 5, {"least": 20}, 15),
        (12, "1.2", 0, {"least": 20}, 12),
        (70, "7", 0, {"least": 20, "most": 15}, 15),
    ],
)
def test_so_much_of_what_remains_is_carried(
    remaining: int, share: str, before: int, rule: dict[str, Any], carried: int
) -> None:
    """The bounds, and the whole steps, are of all lots that end together."""
    assert Rollover(**rule).carried(remaining, Fraction(share), before) == carried


@steady
@given(
    lots=st.lists(st.integers(0, 10**12), min_size=1, max_size=8),
    fraction=st.decimals(0, 1, places=9).map(lambda number: f"{number:f}"),
    least=st.integers(0, 10**12),
    most=st.none() | st.integers(0, 10**12),
)
def test_lots_that_end_together_carry_as_much_as_one_would(
    lots: list[int], fraction: str, least: int, most: int | None
) -> None:
    """Law 7: no step is lost by how credits are spread over lots, and no lot carries more than it has."""
    rule = Rollover(fraction=fraction, least=least, most=most)
    share, carried = Fraction(), 0
    for remaining in lots:
        share += Fraction(fraction) * remaining
        steps = rule.carried(remaining, share, carried)
        assert 0 <= steps <= remaining
        carried += steps
    assert carried == rule.carried(sum(lots), Fraction(fraction) * sum(lots))


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
