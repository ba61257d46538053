"""Reconciliation on the whole stack: its own role, the real queues, both providers' SDKs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.stack.conftest import App
from tests.stack.test_buying import PACK, provider, status

HOUR = 3_600_000
DAY = 24 * HOUR


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize("name", ["dodo", "stripe"])
def test_a_payment_and_a_refund_whose_webhooks_were_lost_are_applied_and_reported(
    stack: App, account: str, name: str
) -> None:
    """10 000 credits for USD 1 000.00 and 20 % of tax, a quarter refunded; no webhook of it arrives. Tomorrow's pass
    finds it, since today's may be done; where today's is under way, tomorrow's first run ends that.

    All providers' passes go on with each run. So the second provider's is of the day after that, and its hours are
    noon and one o'clock, so that none of them is another day's, whatever the time is now."""
    assert stack.client.put(f"/v1/packs/{account}", json={**PACK, "provider_refs": {}}).status_code == 201
    wanted = {"account": account, "pack": account, "provider": name, "accept_terms": True}
    dates = {today()}
    answer = stack.post("/v1/topups", {**wanted, "return_url": "https://shop.example/"})
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    provider(order, "pay", {"tax": 20_000, "webhook": False})
    provider(order, "refund", {"amount": 30_000, "webhook": False})

    dates.add(today())
    now = (int(time.time() * 1000) // DAY + {"dodo": 1, "stripe": 2}[name]) * DAY + 12 * HOUR
    first = stack.reconcile(now)[name]
    second = first if first["fed"] else stack.reconcile(now)[name]
    assert second["fed"], (first, second)
    stack.eventually(lambda: status(stack, order, "partially_refunded"))
    assert stack.balance(account)["available"] == "7500"
    outcome = stack.reconcile(now + HOUR)[name]
    assert (outcome["done"], outcome["error"]) == (True, None)
    reports = [stack.get("/v1/reports/reconciliation", provider=name, date=date) for date in dates]
    assert all(report["checked_at"] for report in reports)
    missed = [item for report in reports for item in report["missed"]["items"]]
    assert {item["about"].partition(":")[0] for item in missed} >= {"payment", "refund"}
    assert stack.verify(account)["findings"] == []
