"""Alerts: an account's over its unit's, versions by their instants, thresholds in steps and in their order."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.units import Policy, Threshold
from scrip.domain.events import alerts
from scrip.domain.events.alerts import Alerts, OwnAlerts

UNIT = Alerts((1000, "20%"), (7,), ("P7D",), True)


def test_what_an_account_says_counts_before_its_units_member_by_member() -> None:
    assert OwnAlerts().over(UNIT) == UNIT
    assert OwnAlerts(low_balance=()).over(UNIT) == Alerts((), (7,), ("P7D",), True)
    assert OwnAlerts(run_out_days=(30, 1), expiry_requires_notice=False).over(UNIT) == Alerts(
        (1000, "20%"), (30, 1), ("P7D",), False
    )


def test_without_a_notice_none_is_required_whoever_said_it() -> None:
    assert OwnAlerts(expiry_notices=()).over(UNIT) == Alerts((1000, "20%"), (7,))
    assert OwnAlerts(expiry_requires_notice=True).over(alerts.NONE) == alerts.NONE


def test_alerts_come_back_as_they_were_stored_and_what_is_default_is_left_out() -> None:
    assert Alerts((1000,)).to_json() == {"low_balance": (1000,)}
    assert Alerts.from_json({"low_balance": [1000, "20%"]}) == Alerts((1000, "20%"))
    own = OwnAlerts(low_balance=(), expiry_notices=("P1D",))
    assert OwnAlerts.from_json({"low_balance": [], "expiry_notices": ["P1D"]}) == own
    assert own.to_json() == {"low_balance": (), "expiry_notices": ("P1D",)}


def test_a_policys_alerts_are_those_of_its_unit() -> None:
    policy = Policy(low_balance=(5,), run_out_days=(1,), expiry_notices=("P1D",), expiry_requires_notice=True)
    assert Alerts.of(policy) == Alerts((5,), (1,), ("P1D",), True)
    assert (policy.by_share, Policy(low_balance=(5, "20%")).by_share) == (False, True)
    assert [OwnAlerts(said).by_share for said in (None, (), (5,), (5, "20%"))] == [False, False, False, True]


def test_the_version_in_force_is_the_last_that_had_begun() -> None:
    versions: list[alerts.Version] = [(0, {"low_balance": [1]}), (100, None), (200, {"low_balance": [2]})]
    said = [alerts.in_force(versions, at) for at in (0, 99, 100, 199, 200, 10**15)]
    assert said == [{"low_balance": [1]}, {"low_balance": [1]}, None, None, *[{"low_balance": [2]}] * 2]
    assert alerts.in_force(versions[1:], 99) is None
    assert alerts.in_force([], 99) is None


def test_a_new_version_ends_those_that_would_begin_with_it_or_later() -> None:
    """So, by a clock that was set back, what was put last counts."""
    versions: list[alerts.Version] = [(0, {"a": 1}), (100, {"a": 2}), (200, {"a": 3})]
    assert alerts.added(versions, 300, None) == [*versions, (300, None)]
    assert alerts.added(versions, 100, {"a": 4}) == [(0, {"a": 1}), (100, {"a": 4})]
    assert alerts.added(versions, 0, {"a": 5}) == [(0, {"a": 5})]


@pytest.mark.parametrize(
    ("threshold", "base", "steps"),
    [
        (250, None, 250),
        (250, 7, 250),
        ("20%", 1000, 200),
        ("20%", 999, 199),
        ("20%", 4, 0),
        ("12.5%", 1000, 125),
        ("0.0001%", 10**6, 1),
        ("99.9999%", 10**6, 999_999),
        ("33%", 10**27 + 1, 33 * 10**25),
        ("20%", 0, 0),
        ("20%", None, None),
    ],
)
def test_a_threshold_in_steps(threshold: Threshold, base: int | None, steps: int | None) -> None:
    assert alerts.steps_of(threshold, base) == steps


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(1, 999_999), st.integers(0, 10**28), st.integers(0, 10**28))
def test_available_is_at_most_a_share_exactly_where_it_is_at_most_its_whole_steps(
    share: int, base: int, available: int
) -> None:
    text = f"{share // 10_000}.{share % 10_000:04d}%"
    steps = alerts.steps_of(text, base)
    assert steps is not None
    assert (available <= steps) == (available <= Fraction(share, 1_000_000) * base)


def test_amounts_come_first_and_the_largest_of_each() -> None:
    assert alerts.in_order(["5%", 10, "20%", 1000, "19.9999%"]) == (1000, 10, "20%", "19.9999%", "5%")


def test_a_notice_is_as_long_as_it_may_be() -> None:
    assert [alerts.notice_ms(one) // 86_400_000 for one in ("P1Y", "P1M", "P1W", "PT48H")] == [366, 31, 7, 2]
    assert alerts.notice_ms("P1Y") == alerts.LONGEST_NOTICE_MS
