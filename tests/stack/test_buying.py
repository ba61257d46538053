"""The main job over HTTP and signed webhooks: buy, burn, refund, and a ledger that explains it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.stack.conftest import App

PACK = {
    "credits": "10000",
    "price": {"amount": 100_000, "currency": "USD"},
    "provider_refs": {"dodo": "pdt_10k"},
    "terms": "Credits last.",
}


def buy(stack: App, account: str, tax: int = 0, provider_name: str = "dodo", **pack: Any) -> dict[str, Any]:
    """Orders a pack and pays it at the provider; the order as it was answered."""
    name = f"pack-{account}"
    assert stack.client.put(f"/v1/packs/{name}", json={**PACK, **pack}).status_code == 201
    body = {"account": account, "pack": name, "return_url": "https://shop.example/", "accept_terms": True}
    body["provider"] = provider_name
    answer = stack.post("/v1/topups", body)
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    paid = provider(order, "pay", {"tax": tax})
    assert paid["webhook_status"] == 200
    return order


def provider(order: dict[str, Any], what: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a buyer, or the merchant, does at the provider."""
    answer = httpx.post(f"{order['checkout_url']}/{what}", json=body, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def status(stack: App, order: dict[str, Any], wanted: str) -> bool:
    return bool(stack.get(f"/v1/topups/{order['topup_id']}")["status"] == wanted)


@pytest.mark.parametrize("burns", [50, pytest.param(1000, marks=pytest.mark.long)])
def test_ten_thousand_credits_for_a_thousand_dollars_are_burned_at_ten_cents_each(
    stack: App, account: str, burns: int
) -> None:
    """Laws 1, 2, 3 and 8: 10 000 credits for USD 1 000.00; 50 burns of 200 earn USD 20.00 each, and the 51st is
    refused; 1 000 burns of 10 earn USD 1.00 each."""
    order = buy(stack, account, tax=20_000)
    assert (order["status"], order["credits"], order["price"]) == ("pending", "10000", PACK["price"])
    stack.eventually(lambda: status(stack, order, "paid"))

    lot = stack.get(f"/v1/accounts/{account}/lots")["items"][0]
    assert (lot["kind"], lot["granted"], lot["cost_basis"]) == ("paid", "10000", PACK["price"])
    assert lot["terms"].endswith("\n\nCredits last.")
    assert lot["tax"] == {"amount": 20_000, "currency": "USD"}

    earned = 0
    amount = str(10_000 // burns)
    for _ in range(burns):
        entry = stack.burn(account, amount).json()["entry"]
        value = {"amount": 100_000 // burns, "currency": "USD"}
        assert entry["draws"] == [{"lot_id": lot["lot_id"], "amount": amount, "value": value}]
        earned += entry["draws"][0]["value"]["amount"]
    assert earned == 100_000

    refused = stack.burn(account, amount)
    assert refused.status_code == 402
    problem = refused.json()
    assert (problem["code"], problem["required"], problem["available"]) == (
        "insufficient_credits",
        amount,
        "0",
    )
    report = stack.verify(account)
    assert (report["entries"], report["findings"]) == (burns + 1, [])


def test_a_refund_of_thirty_percent_takes_three_thousand_back(stack: App, account: str) -> None:
    """Law 9: 36 000 of 120 000 (tax included) is 30 %: 3 000 of 10 000 credits."""
    order = buy(stack, account, tax=20_000)
    stack.eventually(lambda: status(stack, order, "paid"))
    provider(order, "refund", {"amount": 36_000})
    stack.eventually(lambda: status(stack, order, "partially_refunded"))
    assert stack.balance(account)["total"] == "7000"
    claw = stack.entries(account)[0]
    assert (claw["kind"], claw["amount"], claw["money"]["refunded"]) == ("clawback", "-3000", 30_000)
    assert stack.verify(account)["findings"] == []


@pytest.mark.parametrize(
    ("shortfall", "owed", "kinds"),
    [
        ("owe", "2000", ["clawback", "burn", "grant"]),
        ("write_off", "0", ["write_off", "clawback", "burn", "grant"]),
        ("other_lots", "1500", ["clawback", "burn", "grant", "grant"]),
    ],
)
def test_what_was_burned_already_follows_the_units_policy(
    stack: App, account: str, shortfall: str, owed: str, kinds: list[str]
) -> None:
    """9 000 of 10 000 burned, then 30 % refunded: 1 000 are there, 2 000 are short."""
    unit = f"unit-{account}"
    stack.client.put(
        f"/v1/units/{unit}", json={"precision": 0, "policy": {"refund_shortfall": shortfall}}
    ).raise_for_status()
    order = buy(stack, account, unit=unit)
    stack.eventually(lambda: status(stack, order, "paid"))
    if shortfall == "other_lots":
        stack.grant(account, "500", unit=unit, priority=90)
    assert stack.burn(account, "9000", unit=unit).status_code == 201
    provider(order, "refund", {"amount": 30_000})
    stack.eventually(lambda: status(stack, order, "partially_refunded"))
    balance = stack.balance(account, unit=unit)
    assert (balance["available"], balance["owed"]) == ("0", owed)
    assert [entry["kind"] for entry in stack.entries(account, unit=unit)] == kinds


def test_an_amount_that_does_not_match_its_order_is_parked_and_never_granted(
    stack: App, account: str
) -> None:
    name = f"pack-{account}"
    stack.client.put(f"/v1/packs/{name}", json=PACK).raise_for_status()
    body = {"account": account, "pack": name, "return_url": "https://shop.example/", "accept_terms": True}
    order = stack.post("/v1/topups", body).json()
    provider(order, "pay", {"total_amount": 50_000})
    queue = stack.stack.outputs["PaymentsQueueUrl"]
    sqs = stack.stack.client("sqs")

    def is_empty() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return all(int(count) == 0 for count in counts.values())

    stack.eventually(is_empty)
    assert stack.balance(account)["version"] == 0
    assert status(stack, order, "pending")


def test_a_payment_delivered_again_and_again_is_granted_once(stack: App, account: str) -> None:
    """Law 3: the same payment under three webhook ids."""
    order = buy(stack, account)
    stack.eventually(lambda: status(stack, order, "paid"))
    for _ in range(2):
        assert provider(order, "pay", {})["webhook_status"] == 200
    provider(order, "refund", {"amount": 100_000})
    stack.eventually(lambda: status(stack, order, "refunded"))
    assert [entry["kind"] for entry in stack.entries(account)] == ["clawback", "grant"]
    assert stack.balance(account)["total"] == "0"


def test_a_subscription_at_stripe_grants_for_each_payment(stack: App, account: str) -> None:
    """Law 9: 10 000 credits for each invoice, and a refund of half of the last takes half of its credits."""
    order = buy(stack, account, tax=20_000, provider_name="stripe", recurring={"every": "P1M"})
    stack.eventually(lambda: status(stack, order, "paid"))
    assert provider(order, "renew", {"tax": 20_000})["webhook_status"] == 200
    stack.eventually(lambda: stack.balance(account)["available"] == "20000")
    provider(order, "refund", {"amount": 60_000})
    stack.eventually(lambda: stack.balance(account)["available"] == "15000")
    assert stack.verify(account)["findings"] == []


def test_a_provider_that_is_down_is_503_and_the_same_key_goes_on_with_the_order(
    stack: App, account: str
) -> None:
    name = f"pack-{account}"
    stack.client.put(f"/v1/packs/{name}", json=PACK).raise_for_status()
    body = {"account": account, "pack": name, "return_url": "https://shop.example/", "accept_terms": True}
    stack.standins["dodo"].down = True
    try:
        down = stack.post("/v1/topups", body, key="order-1")
    finally:
        stack.standins["dodo"].down = False
    assert (down.status_code, down.json()["code"]) == (503, "unavailable")
    assert "retry-after" in down.headers
    order = stack.post("/v1/topups", body, key="order-1")
    again = stack.post("/v1/topups", body, key="order-1")
    assert (order.status_code, again.status_code) == (201, 201)
    assert order.json() == again.json()
    assert again.headers["idempotent-replay"] == "true"
    other = stack.post("/v1/topups", {**body, "quantity": 2}, key="order-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_webhook_with_a_bad_signature_is_401(stack: App) -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    answer = stack.client.post("/v1/webhooks/dodo", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
