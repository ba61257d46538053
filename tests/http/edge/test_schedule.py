"""Events of a schedule: the instant and the shards that they name, and those that make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from tests.aws import NEW_YEAR, NEXT_DAY, Context, Deployment, function
from tests.sweeps import NOTHING, sweep

pytestmark = pytest.mark.usefixtures("one_shard_at_a_time", "in_memory")


NOON = "2030-01-01T12:00:00.000Z"


@pytest.mark.parametrize("clock", ["enabled", "disabled"])
def test_a_time_in_the_future_counts_only_with_the_test_clock(
    scrip: Deployment, account: str, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrip.grant(account, "10", expires_in="P1D")
    monkeypatch.setenv("SCRIP_TEST_CLOCK", clock)
    scrip.cold()
    assert sweep(scrip, account, "2099-01-01T00:00:00Z")["entries"] == (1 if clock == "enabled" else 0)


def test_what_a_sweep_books_is_recorded_at_its_events_time_where_there_is_a_test_clock(
    scrip: Deployment, account: str
) -> None:
    """Also where that is past: what ended on the 2nd is booked by a sweep of the 3rd."""
    scrip.grant(account, "10", clock="2026-01-01T00:00:00Z", expires_at="2026-01-02T00:00:00Z")
    assert sweep(scrip, account, "2026-01-03T00:00:00Z")["entries"] == 1
    entry = scrip.get(f"/v1/accounts/{account}/entries").body["items"][0]
    told = (entry["kind"], entry["at"], entry["recorded_at"])
    assert told == ("expiry", "2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z")


def test_a_time_in_the_past_counts_always(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that waited in a queue is worked on as at its own instant, clamped up to each wallet's last."""
    monkeypatch.setenv("SCRIP_TEST_CLOCK", "disabled")
    scrip.cold()
    scrip.grant(account, "10", expires_in="PT1S")
    real = runtime.now
    monkeypatch.setattr(runtime, "now", lambda: real() + 3_600_000)
    assert sweep(scrip, account, "2026-01-01T00:00:00Z") == NOTHING
    assert sweep(scrip, account)["entries"] == 1


def test_without_a_time_it_is_now(scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scrip.grant(account, "10", expires_in="PT1S")
    assert sweep(scrip, account) == NOTHING
    real = runtime.now
    monkeypatch.setattr(runtime, "now", lambda: real() + 1001)
    assert sweep(scrip, account)["entries"] == 1


@pytest.mark.parametrize(
    "event", [{"time": "soon"}, {"time": "2030-01-01"}, {"shards": [0]}, {"shards": "all"}]
)
def test_an_event_that_makes_no_sense_writes_nothing(
    scrip: Deployment, account: str, event: dict[str, Any]
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    with scrip.unwritten(), pytest.raises((ValueError, TypeError, Exception)):
        function("expiry").handler({"time": NEXT_DAY, **event}, Context())
