"""Law 9: what pays an invoice and an order of its own at once, what is said to be of two amounts, and what
fails after it was paid, end the same in any order of arrival. 10 000 credits for 1 000.00 USD, 200.00 of tax on top."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

from local.standins.dodo import Provider
from local.standins.stripe import Provider as Stripe
from tests.aws import Buyer, Deployment
from tests.http.contract import refused
from tests.http.payments.refunds import TAX, TOTAL, Paid, tell, tell_stripe

pytestmark = pytest.mark.usefixtures("in_memory")

INTENT_AT, LATER = 1793610902, 1793620902
Told = tuple[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


def of_invoice(name: str, topup_id: str) -> list[Told]:
    """An intent of our order that an invoice by hand was paid with, and its refund."""
    intent, invoice = f"pi_{name}", f"in_{name}"
    return [
        (
            "payment_intent.succeeded",
            {
                "id": intent,
                "object": "payment_intent",
                "status": "succeeded",
                "amount_received": 100000,
                "currency": "usd",
                "created": INTENT_AT,
                "metadata": {"topup_id": topup_id},
            },
        ),
        (
            "invoice_payment.paid",
            {
                "id": f"inpay_{name}",
                "object": "invoice_payment",
                "status": "paid",
                "invoice": invoice,
                "payment": {"type": "payment_intent", "payment_intent": intent},
            },
        ),
        (
            "invoice.paid",
            {
                "id": invoice,
                "object": "invoice",
                "status": "paid",
                "billing_reason": "manual",
                "total": 100000,
                "total_excluding_tax": 100000,
                "amount_paid": 100000,
                "currency": "usd",
                "created": INTENT_AT,
            },
        ),
        (
            "refund.created",
            {
                "id": f"re_{name}",
                "object": "refund",
                "status": "succeeded",
                "amount": 100000,
                "currency": "usd",
                "created": LATER,
                "payment_intent": intent,
            },
        ),
    ]


def test_an_intent_of_our_order_that_pays_an_invoice_too_stays_its_own_payment(
    scrip: Deployment, provider: Provider, stripe: Stripe, account: str
) -> None:
    """All of it is refunded: 0 of 10 000 credits are left, in each of the 24 orders, and after all is told again."""
    ends = []
    for number, order in enumerate(permutations(range(4))):
        buyer = Buyer(scrip, provider, f"{account}-{number}")
        assert buyer.order(provider="stripe").status == 201
        told = of_invoice(f"{account}{number}", buyer.topup["topup_id"])
        for index in (*order, *reversed(order)):
            tell_stripe(scrip, *told[index])
        intent = Paid(buyer, told[0][1]["id"], "stripe")
        invoice = Paid(buyer, told[2][1]["id"], "stripe")
        balance = buyer.balance
        ends.append((balance["total"], balance["owed"], buyer.kinds, buyer.status))
        assert intent.seen["position"] == {
            "granted": "10000",
            "clawed": "10000",
            "frozen": "0",
            "credited": "0",
            "refunded": {"amount": 100000, "currency": "USD"},
        }
        assert (invoice.seen["position"], invoice.parked, intent.parked) == (None, [], [])
        assert (intent.seen["part_of"], intent.seen["topup_id"]) == (
            invoice.payment_id,
            buyer.topup["topup_id"],
        )
        scrip.sound(buyer.account)
    assert ends == [("0", "0", [("grant", "10000"), ("clawback", "-10000")], "refunded")] * 24


def test_what_a_part_does_not_bring_of_its_invoice_waits(
    scrip: Deployment, provider: Provider, stripe: Stripe, account: str
) -> None:
    """An invoice of 1 500.00: 1 000.00 of it is our order's intent, and 500.00 is told by nobody."""
    buyer = Buyer(scrip, provider, account)
    buyer.order(provider="stripe")
    told = of_invoice(account, buyer.topup["topup_id"])
    told[2][1].update(total=150000, total_excluding_tax=150000, amount_paid=150000)
    for index in (2, 1, 0):
        tell_stripe(scrip, *told[index])
    assert buyer.balance["total"] == "10000"
    invoice = Paid(buyer, told[2][1]["id"], "stripe")
    assert any("of 150000 USD its part" in reason for reason in invoice.parked)
    answer = invoice.resolve(action="accept", topup_id=buyer.topup["topup_id"])
    refused(answer, 422, "policy_violation", policy="payment_part")
    assert "its parts pay orders of their own" in answer.text


def test_two_amounts_of_one_payment_wait_in_any_order(
    scrip: Deployment, provider: Provider, stripe: Stripe, account: str
) -> None:
    """The session says 1 000.00, and its intent received 600.00: nobody guesses, and nothing is left to spend."""
    for number, order in enumerate(permutations(range(2))):
        buyer = Buyer(scrip, provider, f"{account}-{number}")
        buyer.order(provider="stripe")
        name = f"{account}{number}"
        intent = of_invoice(name, buyer.topup["topup_id"])[0]
        intent[1]["amount_received"] = 60000
        session: Told = (
            "checkout.session.completed",
            {
                "id": buyer.session,
                "object": "checkout.session",
                "mode": "payment",
                "payment_status": "paid",
                "amount_total": 100000,
                "total_details": {"amount_tax": 0},
                "currency": "usd",
                "created": INTENT_AT,
                "payment_intent": intent[1]["id"],
            },
        )
        events = [intent, session]
        for index in (*order, *order):
            tell_stripe(scrip, *events[index])
        payment = Paid(buyer, intent[1]["id"], "stripe")
        assert any("100000 USD and 60000 USD" in reason for reason in payment.parked)
        assert (buyer.balance["total"], buyer.balance["owed"], buyer.status) == ("0", "0", "pending")
        scrip.sound(buyer.account)
        # Somebody has looked: 600.00 came, which is 6 000 of 10 000 credits.
        answer = payment.resolve(action="accept", topup_id=buyer.topup["topup_id"])
        assert answer.status == 200, answer.text
        for index in order:
            tell_stripe(scrip, *events[index])
        assert (buyer.balance["total"], buyer.status, payment.parked) == ("6000", "paid", [])
        scrip.sound(buyer.account)


def gateway(buyer: Buyer, type_: str, at: str, **data: Any) -> None:
    """A gateway's webhook of this instant, applied."""
    body = {
        "type": type_,
        "timestamp": at,
        "data": {"payment_id": f"pm_{buyer.account}", "topup_id": buyer.topup["topup_id"], **data},
    }
    assert buyer.scrip.webhook(body, provider="standard").status == 200
    assert buyer.scrip.apply(buyer.scrip.queued()) == []


NOON, ONE, TWO = (f"2026-11-23T{hour}:00:00Z" for hour in (12, 13, 14))
PAID: Any = {"amount": TOTAL, "tax": TAX, "currency": "USD"}
FAILED_LATE = [
    ("an attempt fails, another succeeds", [("failed", NOON), ("succeeded", ONE)], "10000", "paid"),
    ("it is paid, and fails after all", [("succeeded", NOON), ("failed", ONE)], "0", "failed"),
    (
        "it fails after all, and is paid in the end",
        [("succeeded", NOON), ("failed", ONE), ("succeeded", TWO)],
        "10000",
        "paid",
    ),
]


@pytest.mark.parametrize(("_", "told", "total", "status"), FAILED_LATE, ids=[row[0] for row in FAILED_LATE])
def test_a_payment_that_fails_late_is_taken_back(
    scrip: Deployment,
    provider: Provider,
    account: str,
    _: str,
    told: list[tuple[str, str]],
    total: str,
    status: str,
) -> None:
    for number, order in enumerate(permutations(told)):
        buyer = Buyer(scrip, provider, f"{account}-{number}")
        buyer.order(provider="standard")
        for word, at in (*order, *order):
            gateway(buyer, f"payment.{word}", at, **(PAID if word == "succeeded" else {}))
        assert (buyer.balance["total"], buyer.balance["owed"], buyer.status) == (total, "0", status)
        assert Paid(buyer, f"pm_{buyer.account}", "standard").parked == []
        scrip.sound(buyer.account)


def test_a_payment_of_dodo_that_fails_late_is_taken_back(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    for number, order in enumerate(permutations(range(2))):
        buyer = Buyer(scrip, provider, f"{account}-{number}")
        buyer.order()
        paid = buyer.pays(tax=TAX)
        failed = json.loads(json.dumps(paid))
        failed["data"]["status"] = "failed"
        paid["timestamp"], failed["timestamp"] = NOON, ONE
        events = [paid, failed]
        scrip.deliver(*(events[index] for index in (*order, *order)))
        assert (buyer.balance["total"], buyer.status) == ("0", "failed")
        scrip.sound(buyer.account)


def test_a_subscription_follows_the_order_that_was_accepted_for_it(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """The price rises from 1 000.00 to 1 200.00: one renewal of it is accepted in full, and the next ones go on.

    Then the subscription changes to another order, and follows that.
    """
    buyer = Buyer(scrip, provider, account, recurring={"every": "P1M"})
    buyer.order(provider="standard")
    topup = buyer.topup["topup_id"]

    def renews(name: str, amount: int, **more: Any) -> Paid:
        data = {"payment_id": name, "amount": amount, "tax": 0, "currency": "USD", "subscription_id": "sub_1"}
        tell(scrip, "payment.succeeded", {**data, **more})
        return Paid(buyer, name, "standard")

    renews("pm_1", 100000, topup_id=topup)
    second = renews("pm_2", 120000)
    assert "paid 120000 USD" in second.parked[0]
    answer = second.resolve(action="accept", topup_id=topup, credits="10000")
    assert (answer.status, answer.body["lot"]["cost_basis"]["amount"]) == (200, 120000)
    assert renews("pm_3", 120000).parked == []
    assert "paid 130000 USD" in renews("pm_4", 130000).parked[0]
    assert [amount for _, amount in buyer.kinds] == ["10000"] * 3
    assert buyer.order("order-2", provider="standard", quantity=2).status == 201
    plan = buyer.topup["topup_id"]
    fifth = renews("pm_5", 200000)
    assert fifth.resolve(action="accept", topup_id=plan).status == 200
    assert (renews("pm_6", 200000).parked, renews("pm_7", 200000, topup_id=topup).parked) == ([], [])
    assert [amount for _, amount in buyer.kinds] == ["10000"] * 3 + ["20000"] * 3
    scrip.sound(buyer.account)
