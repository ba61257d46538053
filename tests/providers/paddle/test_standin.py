"""The stand-in for Paddle against what Paddle's documentation and the fixtures of its SDK say."""

from __future__ import annotations

import json
import time
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from local.standins.paddle import Provider, start
from scrip.providers.paddle.webhook import translate, verify
from tests.providers.receiving import Scrip, get, post
from tests.providers.samples import folded

SECRET, KEY = "pdl_ntfset_standin", "pdl_sdbx_standin"
TRANSACTION = {
    *("id", "items", "origin", "status", "details", "checkout", "payments", "billed_at", "address_id"),
    *("created_at", "invoice_id", "updated_at", "revised_at", "business_id", "custom_data", "customer_id"),
    *("discount_id", "currency_code", "billing_period", "invoice_number", "billing_details"),
    *("collection_mode", "subscription_id"),
}
"""The members of a transaction in Paddle's SDK (the fixture transaction.completed)."""
TOTALS = {
    *("fee", "tax", "total", "credit", "balance", "discount", "earnings", "subtotal", "grand_total"),
    *("currency_code", "credit_to_balance"),
}
ADJUSTMENT = {
    *("id", "items", "action", "reason", "status", "totals", "created_at", "updated_at", "customer_id"),
    *("currency_code", "payout_totals", "transaction_id", "subscription_id", "credit_applied_to_balance"),
    *("tax_rates_used", "type"),
}
"""And of an adjustment (adjustment.updated)."""


@pytest.fixture
def paddle(scrip: Scrip) -> Iterator[Provider]:
    started = start(0, scrip.url, SECRET, KEY)
    yield started
    started.stop()


def item(monthly: bool, trial: bool = False) -> dict[str, Any]:
    month = {"interval": "month", "frequency": 1}
    price = {
        "unit_price": {"amount": "10000", "currency_code": "USD"},
        "billing_cycle": month if monthly else None,
        "trial_period": month if trial else None,
    }
    return {"price": price, "quantity": 1}


def open_(paddle: Provider, monthly: bool = False, trial: bool = False) -> str:
    asked = {"items": [item(monthly, trial)], "currency_code": "USD", "custom_data": {"topup_id": "top_1"}}
    made = post(f"{paddle.url}/transactions", asked, key=KEY)["data"]
    assert made["status"] == "ready"
    return str(made["checkout"]["url"])


def told(scrip: Scrip) -> list[Any]:
    return [json.loads(raw) for _, _, raw in scrip.got]


def test_a_payment_and_a_refund_arrive_signed_in_paddles_shape(paddle: Provider, scrip: Scrip) -> None:
    url = open_(paddle)
    paid = post(f"{url}/pay", {"tax": 2000})
    refunded = post(f"{url}/adjust", {"amount": 3000})
    post(f"{paddle.url}/adjustments/{refunded['adjustment_id']}/settle", {"status": "reversed"})
    assert (paid["webhook_status"], refunded["webhook_status"]) == (200, 200)
    for event, (path, headers, raw) in zip(told(scrip), scrip.got, strict=True):
        assert path == "/v1/webhooks/paddle"
        assert verify(raw, headers, [SECRET], int(time.time() * 1000)) == event["event_id"]
    assert [event["event_type"] for event in told(scrip)] == [
        *("transaction.paid", "transaction.completed", "adjustment.created", "adjustment.updated"),
    ]
    for event in told(scrip)[:2]:
        assert set(event["data"]) == TRANSACTION
        assert set(event["data"]["details"]["totals"]) == TOTALS | {"grand_total_tax"}
    for event in told(scrip)[2:]:
        assert set(event["data"]) == ADJUSTMENT
    facts = folded([translate(event) for event in told(scrip)[:3]])
    assert facts.paid
    assert (facts.paid.total, facts.paid.tax, facts.paid.topup_id) == (12000, 2000, "top_1")
    (refund,) = facts.refunds.values()
    assert (refund.amount, refund.tax) == (3000, 500)
    assert post(f"{url}/pay")["transaction_id"] == paid["transaction_id"]


@pytest.mark.parametrize(
    ("options", "totals"),
    [
        ({}, {"total": "10000", "grand_total": "10000", "credit": "0", "credit_to_balance": "0"}),
        (
            {"tax": 2000, "credit": 3000},
            {"total": "12000", "grand_total": "9000", "credit": "3000", "grand_total_tax": "1500"},
        ),
        ({"credit": 30000}, {"total": "10000", "grand_total": "0", "credit": "10000"}),
        (
            # As Paddle tells of a downgrade: below zero, nothing to pay, the rest to the balance.
            {"origin": "subscription_update", "prorations": [-19195]},
            {"total": "-19195", "grand_total": "0", "credit": "0", "credit_to_balance": "19195"},
        ),
        ({"origin": "subscription_payment_method_change"}, {"total": "0", "grand_total": "0"}),
    ],
)
def test_a_buyers_balance_is_settled_with_each_transaction(
    paddle: Provider, scrip: Scrip, options: dict[str, Any], totals: dict[str, str]
) -> None:
    url = open_(paddle, monthly=True)
    post(f"{url}/pay", {"webhook": False})
    post(f"{url}/bill", options)
    said = told(scrip)[-1]["data"]
    assert {member: said["details"]["totals"][member] for member in totals} == totals
    assert (said["origin"], said["custom_data"]) == (options.get("origin", "subscription_recurring"), None)
    due = said["details"]["totals"]["grand_total"]
    assert [one["amount"] for one in said["payments"]] == ([due] if due != "0" else [])


def test_what_went_to_a_balance_pays_what_is_billed_next(paddle: Provider, scrip: Scrip) -> None:
    url = open_(paddle, monthly=True)
    post(f"{url}/pay", {"webhook": False})
    post(f"{url}/bill", {"origin": "subscription_update", "prorations": [-4000]})
    post(f"{url}/bill", {})
    post(f"{url}/bill", {})
    due = [event["data"]["details"]["totals"]["grand_total"] for event in told(scrip)[1::2]]
    assert due == ["0", "6000", "10000"]


def test_a_trial_begins_with_a_transaction_of_nothing(paddle: Provider, scrip: Scrip) -> None:
    url = open_(paddle, monthly=True, trial=True)
    post(f"{url}/pay", {"tax": 2000})
    (_, first) = told(scrip)
    assert (first["data"]["details"]["totals"]["total"], first["data"]["payments"]) == ("0", [])
    assert first["data"]["subscription_id"].startswith("sub_")


def test_its_page_sells_and_its_api_asks_for_a_key(paddle: Provider) -> None:
    url = open_(paddle)
    assert "USD 100.00" in get(url)
    bought = post(f"{url}/pay", raw=b"", kind="application/x-www-form-urlencoded")
    assert "Webhook delivered: 200" in bought
    name = url.rpartition("/")[2]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        post(f"{paddle.url}/transactions", {}, key="other")
    with pytest.raises(urllib.error.HTTPError, match="422"):
        post(f"{paddle.url}/transactions", {"items": []}, key=KEY)
    assert paddle.transaction(name).data["status"] == "completed"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("bill", {}),
        ("adjust", {}),
        ("adjust", {"action": "gift"}),
        ("pay", {"tax": -1}),
        ("pay", {"status": "x"}),
    ],
)
def test_what_makes_no_sense_is_refused(paddle: Provider, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="4"):
        post(f"{open_(paddle)}/{path}", body)
