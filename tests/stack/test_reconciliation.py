"""Reconciliation on the whole stack: its own role, the real queues, both providers' SDKs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.stack.conftest import App
from tests.stack.test_buying import PACK, provider, status

HOUR = 3_600_000


@pytest.mark.parametrize("name", ["dodo", "stripe"])
def test_a_payment_and_a_refund_whose_webhooks_were_lost_are_applied_and_reported(
    stack: App, account: str, name: str
) -> None:
    """10 000 credits for USD 1 000.00 and 20 % of tax, a quarter refunded; no webhook of it arrives. Tomorrow's pass
    finds it, since today's may be done; where today's is under way, tomorrow's first run ends that."""
    assert stack.client.put(f"/v1/packs/{account}", json={**PACK, "provider_refs": {}}).status_code == 201
    wanted = {"account": account, "pack": account, "provider": name, "accept_terms": True}
    answer = stack.post("/v1/topups", {**wanted, "return_url": "https://shop.example/"})
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    provider(order, "pay", {"tax": 20_000, "webhook": False})
    provider(order, "refund", {"amount": 30_000, "webhook": False})

    days = {"dodo": 1, "stripe": 2}[name]
    now = int(time.time() * 1000) + days * 24 * HOUR
    assert stack.reconcile(now)[name]["fed"] or stack.reconcile(now)[name]["fed"]
    stack.eventually(lambda: status(stack, order, "partially_refunded"))
    assert stack.balance(account)["available"] == "7500"
    outcome = stack.reconcile(now + HOUR)[name]
    assert (outcome["done"], outcome["error"]) == (True, None)
    today = datetime.now(UTC).date().isoformat()
    report = stack.get("/v1/reports/reconciliation", provider=name, date=today)
    assert report["checked_at"]
    assert {item["about"].partition(":")[0] for item in report["missed"]["items"]} >= {"payment", "refund"}
    assert stack.verify(account)["findings"] == []
