"""Prices over a period on the whole stack: exact however many burn at once, and as docs/prices.md works a month out."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any, Final

import pytest

from tests.aws import ROOT
from tests.stack.conftest import App

THREADS: Final = 16
CLOCK: Final = "scrip-test-clock"
SETTLES_SECONDS: Final = 60.0


def priced(stack: App, account: str, price: dict[str, Any], **more: Any) -> str:
    """Puts the price of a meter of the account's own name."""
    name = f"m-{account}"
    answer = stack.client.put(f"/v1/rates/{name}", json={"price": price, **more})
    assert answer.status_code in (200, 201), answer.text
    return name


def tiers(*listed: tuple[int | None, str], zone: str = "UTC") -> dict[str, Any]:
    bounds = [{"up_to": up_to, "credits": credits} for up_to, credits in listed]
    return {"model": "graduated", "over": "P1M", "time_zone": zone, "tiers": bounds}


@pytest.mark.long
def test_a_free_quantity_is_used_up_once_however_many_burn_at_once(stack: App, account: str) -> None:
    """16 threads use 1 each, eight times: 50 of 128 are free, 78 cost 2; each event has a place of its own."""
    meter = priced(stack, account, tiers((50, "0"), (None, "2")))
    stack.grant(account, "1000")

    def use(thread: int) -> list[dict[str, Any]]:
        made = []
        for number in range(8):
            said = {"meter": meter, "quantity": 1}
            for _ in range(50):
                answer = stack.client.post(
                    f"/v1/accounts/{account}/burns",
                    json=said,
                    headers={"idempotency-key": f"{thread}-{number}"},
                )
                if answer.status_code == 201:
                    break
            made.append(answer.json())
        return made

    with ThreadPoolExecutor(THREADS) as pool:
        done = [one for made in pool.map(use, range(THREADS)) for one in made]
    places = sorted(int(one["entry"]["usage"]["counted"][0]["before"]) for one in done)
    assert places == list(range(128))
    assert sum(int(one["burned"]) for one in done) == 156
    assert stack.balance(account)["total"] == "844"
    assert stack.verify(account)["findings"] == []


def test_a_month_of_tiered_usage_costs_what_the_worked_table_says(stack: App, account: str) -> None:
    """Row by row, late events as events of usage through the queue."""
    page = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| (20\S+) \| (\S*) ?\| (-?\d+) \| (\d+) \| (-?[\d.]+) \|$", page, re.M)
    assert len(rows) == 9
    berlin = "Europe/Berlin"
    meter = priced(stack, account, tiers((100, "0"), (1000, "0.5"), (None, "0.25"), zone=berlin))
    changed = tiers((100, "0"), (1000, "0.4"), (None, "0.2"), zone=berlin)
    priced(stack, account, changed, effective_at="2030-01-15T12:00:00Z")
    path = f"/v1/accounts/{account}"
    made = stack.client.post(
        f"{path}/grants",
        json={"amount": "1000"},
        headers={"idempotency-key": "grant", CLOCK: "2030-01-01T00:00:00Z"},
    )
    assert made.status_code == 201, made.text
    burned: list[str] = []
    for number, (told, used, quantity, before, credits) in enumerate(rows):
        headers = {"idempotency-key": f"row {number}", CLOCK: told}
        if quantity.startswith("-"):
            answer = stack.client.post(f"{path}/burns/{burned[2]}/reversal", json={}, headers=headers)
            assert Fraction(answer.json()["entry"]["amount"]) == -Fraction(credits)
            continue
        if not used:
            said = {"meter": meter, "quantity": quantity}
            answer = stack.client.post(f"{path}/burns", json=said, headers=headers)
            entry = answer.json()["entry"]
            burned.append(entry["entry_id"])
        else:
            entry = late(stack, account, meter, quantity, told, used)
        assert Fraction(entry["amount"]) == -Fraction(credits), told
        assert entry["usage"]["counted"][0]["before"] == before, told
    assert stack.verify(account)["findings"] == []


def late(stack: App, account: str, meter: str, quantity: str, told: str, used: str) -> dict[str, Any]:
    """Reports an event that is told late. Returns its entry, once there is one."""
    event = {
        "specversion": "1.0",
        "id": told,
        "source": "/late",
        "type": meter,
        "subject": account,
        "time": used,
    }
    event |= {"data": {"quantity": quantity}}  # type: ignore[dict-item]
    headers = {"content-type": "application/cloudevents+json", CLOCK: told}
    answer = stack.client.post("/v1/usage", content=json.dumps(event), headers=headers)
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + SETTLES_SECONDS
    while time.monotonic() < until:
        listed = stack.client.get(f"/v1/accounts/{account}/entries?limit=1", headers={CLOCK: told}).json()
        newest: dict[str, Any] = listed["items"][0]
        if newest.get("event", {}).get("id") == told:
            return newest
        time.sleep(0.2)
    raise AssertionError(f"the event of {used} has no entry")
