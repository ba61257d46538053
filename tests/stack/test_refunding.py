"""Refunds that we start, disputes and decisions, on the whole stack: the functions' own roles, both providers' SDKs as
clients of their stand-ins, and the webhooks these send."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stack.conftest import App
from tests.stack.test_buying import PACK, buy, provider, status

PARTIALLY = "partially_refunded"


def paid(stack: App, account: str, name: str) -> tuple[dict[str, Any], str]:
    """10 000 credits for USD 1 000.00 and 20 % of tax: the order, and the path of its payment."""
    order = buy(stack, account, tax=20_000, provider_name=name)
    stack.eventually(lambda: status(stack, order, "paid"))
    payment_id = stack.get(f"/v1/topups/{order['topup_id']}")["payment_id"]
    return order, f"/v1/payments/{name}/{payment_id}"


@pytest.mark.parametrize("name", ["dodo", "stripe"])
def test_what_is_unspent_goes_back_through_the_provider_once(stack: App, account: str, name: str) -> None:
    """4 000 of 10 000 credits are spent: 6 000 are worth USD 600.00, and 120.00 of tax goes back with them."""
    order, path = paid(stack, account, name)
    assert stack.burn(account, "4000").status_code == 201
    quote = stack.get(f"{path}/refund-quote")
    assert (quote["unspent"], quote["amount"]["amount"], quote["tax"]["amount"]) == ("6000", 72_000, 12_000)
    more = stack.post(f"{path}/refunds", {"as": "money", "amount": 72_001})
    assert (more.status_code, more.json()["policy"]) == (422, "refund_unspent")

    answer = stack.post(f"{path}/refunds", {"as": "money", "reason": "asked for"}, key="refund-1")
    assert answer.status_code == 201, answer.text
    again = stack.post(f"{path}/refunds", {"as": "money", "reason": "asked for"}, key="refund-1")
    assert (again.status_code, again.headers["idempotent-replay"]) == (201, "true")
    assert again.json() == answer.json()
    stack.eventually(lambda: status(stack, order, PARTIALLY))
    payment = stack.get(path)
    assert payment["position"] == {
        "granted": "10000",
        "clawed": "6000",
        "frozen": "0",
        "credited": "0",
        "refunded": {"amount": 60_000, "currency": "USD"},
    }
    assert [one["amount"] for one in payment["refunds"] if one["status"] == "succeeded"] == [72_000]
    balance = stack.balance(account)
    assert (balance["total"], balance["frozen"], balance["owed"]) == ("0", "0", "0")
    assert stack.verify(account)["findings"] == []


def test_what_is_unspent_comes_back_as_credit_and_a_lost_dispute_takes_it_after_all(
    stack: App, account: str
) -> None:
    order, path = paid(stack, account, "stripe")
    answer = stack.post(f"{path}/refunds", {"as": "credit", "amount": 60_000, "reason": "goodwill"})
    assert answer.status_code == 201, answer.text
    lot = answer.json()["lot"]
    assert (lot["kind"], lot["granted"], lot["cost_basis"]["amount"]) == ("refund", "5000", 50_000)
    assert stack.balance(account)["available"] == "10000"

    provider(order, "dispute", {"status": "needs_response"})
    stack.eventually(lambda: status(stack, order, "disputed"))
    assert stack.balance(account)["frozen"] == "5000"
    provider(order, "dispute", {"status": "lost"})
    stack.eventually(lambda: status(stack, order, "refunded"))
    balance = stack.balance(account)
    # The lot that the payment made had 5 000 left; the other 5 000 are credit by now, so as many are owed.
    assert (balance["total"], balance["available"], balance["owed"]) == ("0", "5000", "5000")
    provider(order, "dispute", {"status": "won"})
    stack.eventually(lambda: status(stack, order, "paid"))
    assert stack.balance(account)["available"] == "10000"
    assert stack.verify(account)["findings"] == []


def test_a_payment_that_does_not_fit_waits_until_somebody_accepts_it(stack: App, account: str) -> None:
    name = f"pack-{account}"
    stack.client.put(f"/v1/packs/{name}", json=PACK).raise_for_status()
    body = {"account": account, "pack": name, "return_url": "https://shop.example/", "accept_terms": True}
    order = stack.post("/v1/topups", {**body, "provider": "dodo"}).json()
    payment_id = provider(order, "pay", {"total_amount": 99_000})["payment_id"]

    def parked() -> list[dict[str, Any]]:
        items = stack.get("/v1/payments", status="parked", limit=1000)["items"]
        return [one for one in items if one["payment_id"] == payment_id]

    (waiting,) = stack.eventually(parked)
    (note,) = waiting["parked"]
    assert note["reason"].startswith("paid 99000 USD without tax, the order costs 100000 USD (dodo event ")
    assert note["topup_id"] == order["topup_id"]
    decision = {"action": "accept", "topup_id": order["topup_id"], "reason": "the bank took its fee"}
    answer = stack.client.post(f"/v1/payments/dodo/{payment_id}/resolutions", json=decision)
    assert answer.status_code == 200, answer.text
    assert stack.balance(account)["available"] == "9900"
    stack.eventually(lambda: not parked())
    assert status(stack, order, "paid")
