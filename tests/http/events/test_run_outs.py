"""Days of use over HTTP and the hourly look: a run-out is told once for each number of days, with the right numbers."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.domain.events.run_outs import DAY_MS
from scrip.http.edge.parameters import format_instant
from scrip.store import documents, keys
from simulation.bus import Bus
from tests.aws import Context, Deployment, function
from tests.http.search.streaming import index
from tests.metrics import logged

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")
START = 1_893_456_000_000
"""2030-01-01T00:00:00Z."""
HOUR = 3_600_000


def at(day: float) -> str:
    return format_instant(START + round(day * DAY_MS))


def look(scrip: Deployment, day: float, **event: Any) -> list[Json]:
    """What the look of an instant tells."""
    scrip.told()
    function("run_out").handler({"time": at(day), **event}, Context())
    return scrip.told("scrip.balance.run_out_soon")


def days(told: list[Json]) -> list[int]:
    return [event["data"]["days"] for event in told]


@pytest.fixture
def unit(scrip: Deployment, account: str) -> str:
    """A unit that wants to hear of run-outs in 7 days and in 1."""
    scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": {"run_out_days": [1, 7]}})
    return account


def use(scrip: Deployment, account: str, amount: str, day: float) -> None:
    assert scrip.burn(account, amount, unit=account, clock=at(day)).status == 201
    index(account, unit=account)


def test_a_run_out_is_told_once_for_each_number_of_days(scrip: Deployment, account: str, unit: str) -> None:
    """10 a day of 100. At 2.99 days 70 are left, and 30 were used: 6.98 days more; at 8.99, 10 of 100: 0.999."""
    scrip.grant(account, "100", unit=unit, clock=at(0))
    found = []
    for day in range(10):
        use(scrip, account, "10", day)
        found.append(days(look(scrip, day + 0.99)))
        if day < 9:
            assert look(scrip, day + 0.995) == [], "told once"
    assert found == [[], [], [7], [], [], [], [], [], [1], []]
    assert scrip.balance(account, query={"unit": unit}, clock=at(10))["available"] == "0"


def test_the_numbers_of_an_event(scrip: Deployment, account: str, unit: str) -> None:
    """40 of 100 in two days: 20 a day, the other 60 last three days."""
    scrip.grant(account, "100", unit=unit, clock=at(0))
    use(scrip, account, "30", 0)
    use(scrip, account, "10", 1)
    (event,) = look(scrip, 2)
    assert (event["subject"], event["time"]) == (account, at(2))
    assert event["data"] == {
        "unit": unit,
        "days": 7,
        "run_out_at": at(5),
        "burn_rate": {"per_day": "20", "days": 2},
    }


def test_more_credits_move_it_off_and_then_it_is_told_again(
    scrip: Deployment, account: str, unit: str
) -> None:
    scrip.grant(account, "100", unit=unit, clock=at(0))
    use(scrip, account, "90", 0)
    assert days(look(scrip, 1)) == [7, 1]
    scrip.grant(account, "990", unit=unit, clock=at(1))
    index(account, unit=unit)
    assert look(scrip, 1.1) == []
    use(scrip, account, "950", 1.2)
    again = look(scrip, 1.3)
    assert days(again) == [7, 1]


def test_a_look_that_dies_before_it_is_heard_tells_the_same_again_under_the_same_id(
    scrip: Deployment, account: str, unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.grant(account, "100", unit=unit, clock=at(0))
    use(scrip, account, "90", 0)
    refusing = Bus(lambda: True)
    mine, scrip.bus = scrip.bus, refusing
    try:
        with pytest.raises(RuntimeError, match="1 wallets could not be forecast"):
            function("run_out").handler({"time": at(1)}, Context())
    finally:
        scrip.bus = mine
    (failed,) = logged(capsys, "wallet not forecast")
    assert (failed["account"], failed["unit"]) == (account, unit)
    assert failed["error"].partition(": ")[0] in ("Throttled", "Unavailable")
    wanted = documents.get(runtime.tables(), keys.forecast(account, unit)).body["tell"]
    assert [one["days"] for one in wanted] == [7, 1]
    use(scrip, account, "1", 1.01)
    first = look(scrip, 1.05)
    assert days(first) == [7, 1]
    assert {event["time"] for event in first} == {at(1)}, "what was to be told then"
    assert look(scrip, 1.1) == []


def test_only_wallets_in_which_something_moved_are_looked_at_and_each_until_its_hour_is_over(
    scrip: Deployment, account: str, unit: str
) -> None:
    scrip.grant(account, "100", unit=unit, clock=at(0))
    use(scrip, account, "1", 0)
    scrip.grant(f"{account}-2", "100", clock=at(0))
    index(f"{account}-2")
    looked = [
        function("run_out").handler({"time": format_instant(START + at_)}, Context())["wallets"]
        for at_ in (HOUR // 2, HOUR - 1, HOUR, HOUR + 1)
    ]
    assert looked == [1, 1, 1, 0], "after a look in a later hour nothing was left unseen"


def test_a_change_of_the_alerts_counts_at_the_next_look(scrip: Deployment, account: str, unit: str) -> None:
    scrip.grant(account, "100", unit=unit, clock=at(0))
    use(scrip, account, "90", 0)
    path = f"/v1/accounts/{account}/alerts"
    scrip.put(path, {"run_out_days": []}, query={"unit": unit}, clock=at(0.1))
    assert look(scrip, 1) == []
    use(scrip, account, "1", 2)
    scrip.put(path, {"run_out_days": [30]}, query={"unit": unit}, clock=at(2))
    use(scrip, account, "1", 2.1)
    assert days(look(scrip, 3)) == [30]


def test_shares_are_looked_at_by_their_numbers_and_wrong_ones_refused(
    scrip: Deployment, account: str, unit: str
) -> None:
    scrip.grant(account, "100", unit=unit, clock=at(0))
    use(scrip, account, "90", 0)
    mine = keys.run_out_share(account, unit)
    others = [0, mine - 1] if mine else [1, 15]
    assert look(scrip, 1, shards=others) == []
    assert days(look(scrip, 1, shards=[mine, mine])) == [7, 1]
