"""The sum in the terms is the sum that is charged, booked and given back, however a provider counts it (laws 3, 8)."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins import stripe as standins
from local.standins.dodo import Provider
from tests.aws import Buyer, Deployment
from tests.http.contract import refused
from tests.http.payments.refunds import Paid, tell_stripe


def buyer_of(scrip: Deployment, provider: Provider, account: str, amount: int, currency: str) -> Buyer:
    price = {"amount": amount, "currency": currency}
    return Buyer(scrip, provider, account, price=price, provider_refs={"stripe": "prod_1"})


def pay(buyer: Buyer, stripe: standins.Provider, **options: Any) -> Paid:
    """Pays an order at Stripe; its intent and its session tell, in this order."""
    assert buyer.order(provider="stripe").status == 201
    intent = stripe.pay(buyer.session, {"webhook": False, **options})["payment_intent"]
    checkout = stripe.checkout(buyer.session)
    tell_stripe(buyer.scrip, "payment_intent.succeeded", checkout.payments[0].intent)
    tell_stripe(buyer.scrip, "checkout.session.completed", checkout.session)
    return Paid(buyer, intent, "stripe")


@pytest.mark.parametrize(
    ("currency", "price", "charged", "back", "back_there"),
    [
        ("UGX", 500_000, 50_000_000, 125_000, 12_500_000),
        ("ISK", 4_000, 400_000, 1_000, 100_000),
        ("MGA", 4_000_000, 40_000, 1_000_000, 10_000),
        ("KWD", 4_000, 4_000, 1_000, 1_000),
        ("JPY", 4_000, 4_000, 1_000, 1_000),
        ("USD", 4_000, 4_000, 1_000, 1_000),
    ],
)
def test_the_sum_in_the_terms_is_charged_booked_and_given_back(
    scrip: Deployment,
    provider: Provider,
    stripe: standins.Provider,
    account: str,
    currency: str,
    price: int,
    charged: int,
    back: int,
    back_there: int,
) -> None:
    """A quarter goes back by our request, and a quarter by Stripe's own word: 5 000 of 10 000 credits are left."""
    buyer = buyer_of(scrip, provider, account, price, currency)
    paid = pay(buyer, stripe)
    payment = stripe.checkout(buyer.session).payments[0]
    assert payment.intent["amount"] == charged
    assert (paid.seen["paid"]["amount"], paid.seen["paid"]["currency"]) == (price, currency)
    assert buyer.lot["cost_basis"] == {"amount": price, "currency": currency}

    assert paid.refund(amount=back).status == 201
    assert payment.refunds[0]["amount"] == back_there
    tell_stripe(scrip, "refund.created", payment.refunds[0])
    stripe.refund(buyer.session, {"amount": back_there, "webhook": False})
    tell_stripe(scrip, "refund.created", payment.refunds[1])
    assert [one["amount"] for one in paid.seen["refunds"]] == [back, back]
    assert buyer.balance["available"] == "5000"
    assert buyer.money["refunded"] == price // 2

    stripe.dispute(buyer.session, {"status": "lost", "amount": charged // 2, "webhook": False})
    tell_stripe(scrip, "charge.dispute.closed", payment.disputes[0])
    assert buyer.balance["available"] == "0"
    assert paid.parked == []


@pytest.mark.parametrize(
    ("name", "currency", "amount", "words"),
    [
        ("stripe", "MGA", 400_050, "MGA 4000.5"),
        ("stripe", "KWD", 5_124, "KWD 5.124"),
        ("stripe", "IQD", 5_000, "does not charge in IQD"),
        ("stripe", "CLF", 5_000, "does not charge in CLF"),
        ("stripe", "CUP", 5_000, "does not charge in CUP"),
        ("dodo", "ISK", 5_000, "does not charge in ISK"),
        ("dodo", "MGA", 5_000, "does not charge in MGA"),
    ],
)
def test_what_a_provider_cannot_charge_is_refused_with_currency_and_amount(
    scrip: Deployment,
    provider: Provider,
    account: str,
    name: str,
    currency: str,
    amount: int,
    words: str,
) -> None:
    buyer = buyer_of(scrip, provider, account, amount, currency)
    answer = buyer.order(provider=name)
    price = {"amount": amount, "currency": currency}
    refused(answer, 422, "policy_violation", policy="provider_amount", field="pack", price=price)
    assert words in answer.body["detail"]
    # It is not remembered: the same key orders it elsewhere.
    assert buyer.order(provider="standard").status == 201


def test_of_three_decimals_what_can_be_given_back_is_all_that_can_be_said(
    scrip: Deployment, provider: Provider, stripe: standins.Provider, account: str
) -> None:
    """KWD 10.000, and 3 333 of 10 000 credits are burned: KWD 6.667 is unspent, of which 6.66 can go back."""
    buyer = buyer_of(scrip, provider, account, 10_000, "KWD")
    paid = pay(buyer, stripe)
    scrip.post(f"/v1/accounts/{account}/burns", {"amount": "3333"}, key="burn-1")
    quote = paid.quote(**{"as": "money"})
    assert (quote["amount"]["amount"], quote["refundable"]["amount"], quote["credits"]) == (
        6_660,
        6_667,
        "6660",
    )

    answer = paid.refund(amount=6_667)
    price = {"amount": 6_667, "currency": "KWD"}
    refused(answer, 422, "policy_violation", policy="provider_amount", field="amount", price=price)
    assert buyer.balance["frozen"] == "0"
    assert paid.refund(key="refund-2").status == 201
    assert stripe.checkout(buyer.session).payments[0].refunds[0]["amount"] == 6_660
