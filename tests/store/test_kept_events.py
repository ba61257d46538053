"""Events that follow from no entry lie by their day, each once, and are read in the order of their instants."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.store import kept_events
from tests.aws import Deployment

DAY = 86_400_000
NEW_YEAR = 1_893_456_000_000


def event(number: int, at: int) -> OutgoingEvent:
    return OutgoingEvent(f"evt_{number}", "scrip.payment.parked", None, at, b"%d" % number)


def read(since: int, until: int) -> list[str]:
    found: list[str] = []
    place = None
    while True:
        events, place = kept_events.page(runtime.notifications(), since, until, place)
        found += [one.event_id for one in events]
        if place is None:
            return found


@pytest.fixture(autouse=True)
def _empty(scrip: Deployment) -> None:
    scrip.make_tables()


def test_the_key_is_the_day_in_utc() -> None:
    assert kept_events.of_day(NEW_YEAR) == "events#2030-01-01"
    assert kept_events.of_day(NEW_YEAR - 1) == "events#2029-12-31"


@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_time_has_its_events_from_its_beginning_on_and_without_its_end(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """One every eight hours of four days, kept in another order and twice."""
    monkeypatch.setattr(kept_events, "PAGE", size)
    store = runtime.notifications()
    for number in (*reversed(range(12)), 3, 4):
        kept_events.keep(store, event(number, NEW_YEAR + number * DAY // 3), 2_000_000_000)
    assert read(NEW_YEAR, NEW_YEAR + 4 * DAY) == [f"evt_{number}" for number in range(12)]
    assert read(NEW_YEAR + DAY // 3, NEW_YEAR + 2 * DAY) == [f"evt_{number}" for number in range(1, 6)]
    assert read(NEW_YEAR + DAY + 1, NEW_YEAR + DAY + DAY // 3) == []
    assert read(NEW_YEAR + 9 * DAY, NEW_YEAR + 40 * DAY) == []
    assert read(NEW_YEAR, NEW_YEAR) == []


def test_its_bytes_are_those_of_the_first_time_and_are_found_by_its_id() -> None:
    store = runtime.notifications()
    kept_events.keep(store, event(1, NEW_YEAR), 2_000_000_000)
    kept_events.keep(store, OutgoingEvent("evt_1", "scrip.payment.parked", None, NEW_YEAR, b"other"), 9)
    events, _ = kept_events.page(store, NEW_YEAR, NEW_YEAR + 1, None)
    assert [one.body for one in events] == [b"1"]
    assert store.kept_event("evt_1") == event(1, NEW_YEAR)
