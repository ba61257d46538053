"""Events of usage: their keys, how they are carried, and how late they may come."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.usage_events import UsageEvent

NOW = 1_900_000_000_000
DAY = 86_400_000
NAMES = st.text(min_size=1, max_size=20)
EVENTS = st.builds(
    UsageEvent,
    source=NAMES,
    id=NAMES,
    meter=st.just("calls"),
    account=st.just("acme"),
    quantity=st.fractions(min_value=0, max_value=10**6, max_denominator=1).map(lambda one: one / 1000 + 1),
    time=st.integers(0, NOW),
    unit=st.none() | st.just("credits"),
    dimensions=st.dictionaries(NAMES, NAMES, max_size=3),
    member=st.none() | st.just("ann"),
    tags=st.dictionaries(NAMES, NAMES, max_size=3),
)


def event(time: int = NOW) -> UsageEvent:
    return UsageEvent("/api", "a", "calls", "acme", Fraction(1), time)


@given(EVENTS, EVENTS)
def test_law_3_two_events_have_one_key_where_source_and_id_are_the_same_and_nowhere_else(
    one: UsageEvent, other: UsageEvent
) -> None:
    assert (one.key == other.key) == ((one.source, one.id) == (other.source, other.id))


def test_no_caller_can_use_an_events_key_first() -> None:
    """Keys of callers are printable."""
    assert event().key == '\x00usage:["/api","a"]'


@given(EVENTS)
def test_an_event_is_read_as_it_was_written(one: UsageEvent) -> None:
    assert UsageEvent.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_what_was_not_said_is_not_carried() -> None:
    assert event().to_json() == {
        "source": "/api",
        "id": "a",
        "meter": "calls",
        "account": "acme",
        "quantity": "1",
        "time": NOW,
    }


@pytest.mark.parametrize(
    ("time", "policy"),
    [
        (NOW - 34 * DAY, None),
        (NOW - 34 * DAY - 1, "usage_window"),
        (NOW + 300_000, None),
        (NOW + 300_001, "usage_ahead"),
        (253_402_300_799_999, "usage_ahead"),
        (-62_135_596_800_000, "usage_window"),
    ],
    ids=[
        "34 days ago",
        "a moment longer",
        "five minutes ahead",
        "a moment further",
        "the year 9999",
        "the year 1",
    ],
)
def test_an_event_comes_in_time_or_is_refused_by_name(time: int, policy: str | None) -> None:
    if policy is None:
        event(time).check_time(NOW, "P34D")
        return
    with pytest.raises(PolicyViolation) as refused:
        event(time).check_time(NOW, "P34D")
    assert refused.value.policy == policy
