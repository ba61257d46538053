"""When credits run out, and what lots will have left at their ends, by the rate by which a run-out is told."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from scrip.domain.credits.calendar import format_instant
from scrip.domain.events.run_outs import DAY_MS
from tests.aws import Context, Deployment, Key, function
from tests.http.contract import refused
from tests.http.search.streaming import index

pytestmark = pytest.mark.usefixtures("in_memory")
Json = dict[str, Any]
START = 1_893_456_000_000
"""2030-01-01T00:00:00Z."""


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 3, 4, 6 and 8, after every test."""
    yield
    scrip.sound(account)


def at(days: float) -> str:
    return format_instant(START + int(days * DAY_MS))


def forecast(scrip: Deployment, account: str, day: float, unit: str = "credits") -> Json:
    answer = scrip.get(f"/v1/accounts/{account}/forecast", query={"unit": unit}, clock=at(day))
    assert answer.status == 200, answer.text
    return dict(answer.body)


def burn(scrip: Deployment, account: str, amount: str, day: float, **body: Any) -> None:
    assert scrip.move(account, "burns", clock=at(day), amount=amount, **body).status == 201


def test_of_a_wallet_that_is_not_used_nothing_runs_out(scrip: Deployment, account: str) -> None:
    rate = {"per_day": "0", "days": 1}
    assert forecast(scrip, account, 0) == {"burn_rate": rate, "run_out_at": None, "expiring": []}
    scrip.grant(account, "10", clock=at(0), expires_at=at(5))
    assert forecast(scrip, account, 1)["expiring"] == [
        {"at": at(5), "amount": "10", "expected_unburned": "10"}
    ]


def test_it_is_by_the_days_since_the_first_use(scrip: Deployment, account: str) -> None:
    """10 a day in five days. 50 of 100 are left: for five days more. 30 of them end in two days, 10 of these unburned;
    the other 20 come after them in order, and end when all is burned."""
    scrip.grant(account, "50", clock=at(0), expires_at=at(20))
    scrip.grant(account, "50", clock=at(0), expires_at=at(7))
    for day in range(5):
        burn(scrip, account, "10", day)
    scrip.grant(account, "30", clock=at(5), expires_at=at(7))
    found = forecast(scrip, account, 5)
    assert found["burn_rate"] == {"per_day": "10", "days": 5}
    assert found["run_out_at"] == at(13)
    assert found["expiring"] == [
        {"at": at(7), "amount": "30", "expected_unburned": "10"},
        {"at": at(20), "amount": "50", "expected_unburned": "0"},
    ]


def test_the_hourly_look_tells_the_same(scrip: Deployment, account: str) -> None:
    """One rate: of burns and captures, holds and reversals, whatever was kept of them before."""
    unit = f"u-{uuid.uuid4().hex[:8]}"
    scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": {"run_out_days": [1, 7, 30]}})
    scrip.grant(account, "100", unit=unit, clock=at(0))
    for day in range(9):
        burn(scrip, account, f"{day + 1}.05", day + 0.3, unit=unit)
        if day % 3 == 1:
            forecast(scrip, account, day + 0.4, unit)
    held = scrip.move(account, "holds", clock=at(9), amount="20", expires_in="PT1H", unit=unit)
    path = f"holds/{held.body['hold']['hold_id']}/capture"
    assert scrip.move(account, path, clock=at(9), amount="3.33", final=True).status == 201
    entry = scrip.move(account, "burns", clock=at(9), amount="2", unit=unit).body["entry"]["entry_id"]
    assert scrip.move(account, f"burns/{entry}/reversal", clock=at(9.01)).status == 201
    index(account, unit=unit)
    function("run_out").handler({"time": at(9.2)}, Context())
    told = scrip.told("scrip.balance.run_out_soon")[-1]["data"]
    found = forecast(scrip, account, 9.2, unit)
    assert (found["burn_rate"], found["run_out_at"]) == (told["burn_rate"], told["run_out_at"])


def test_what_is_due_is_seen_as_if_it_were_booked(scrip: Deployment, account: str) -> None:
    """The first lot has ended, the pending one begun."""
    scrip.grant(account, "50", clock=at(0), expires_at=at(2))
    scrip.grant(account, "40", clock=at(0), effective_at=at(3), expires_at=at(9))
    burn(scrip, account, "10", 0)
    found = forecast(scrip, account, 4)
    assert found["burn_rate"] == {"per_day": "2", "days": 4} or found["burn_rate"]["days"] == 4
    assert found["expiring"] == [{"at": at(9), "amount": "40", "expected_unburned": "27.5"}]


def test_a_key_of_the_account_may_ask(scrip: Deployment, account: str) -> None:
    own, other = Key("read", account=account), Key("read", account="another")
    path = f"/v1/accounts/{account}/forecast"
    assert scrip.get(path, caller=own).status == 200
    refused(scrip.get(path, caller=other), 403, "forbidden")
    refused(scrip.get(path, query={"unit": "nothing"}), 404, "not_found")
