"""Selling at each provider: in which currency, and once or again and again (laws 3, 9 and 10)."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins import stripe as standins
from local.standins.dodo import Provider
from scrip.providers import calling
from tests.aws import Buyer, Deployment
from tests.http.contract import TOPUP, invalid, refused

EUR, KWD = {"amount": 90000, "currency": "EUR"}, {"amount": 310500, "currency": "KWD"}


class StripeBuyer(Buyer):
    """The same at Stripe. What happens there is told by every event that Stripe has not told yet."""

    stripe: standins.Provider

    def wants(self, **more: Any) -> dict[str, Any]:
        return super().wants(provider="stripe", **more)

    def happens(self, what: str, **options: Any) -> None:
        """Something at Stripe, and its events delivered, newest first: order must not count."""
        before = len(self.stripe.said)
        getattr(self.stripe, what)(self.session, {"webhook": False, **options})
        self.scrip.deliver(*reversed(self.stripe.said[before:]), provider="stripe")


@pytest.fixture
def at_stripe(scrip: Deployment, provider: Provider, stripe: standins.Provider, account: str) -> StripeBuyer:
    buyer = StripeBuyer(scrip, provider, account, provider_refs={"stripe": "prod_1"}, prices=[EUR, KWD])
    buyer.stripe = stripe
    return buyer


# At Stripe


def test_an_order_at_stripe_is_answered_with_its_page(
    at_stripe: StripeBuyer, stripe: standins.Provider
) -> None:
    body = at_stripe.order(quantity=3).body
    assert set(body) == TOPUP
    assert body["checkout_url"] == f"{stripe.url}/checkout/{body['checkout_session_id']}"
    assert (body["provider"], body["price"]) == ("stripe", {"amount": 300000, "currency": "USD"})
    asked = stripe.checkout(at_stripe.session)
    assert (asked.price, asked.session["currency"]) == (300000, "usd")
    assert asked.asked["payment_intent_data"] == {"metadata": {"topup_id": body["topup_id"]}}


def test_a_payment_at_stripe_is_granted_once_and_taken_back_in_proportion(at_stripe: StripeBuyer) -> None:
    """10 000 credits for USD 1 000.00 and 200.00 of tax; 360.00 of 1 200.00 back are 3 000 credits."""
    at_stripe.order()
    at_stripe.happens("pay", tax=20000)
    assert (at_stripe.status, at_stripe.balance["available"]) == ("paid", "10000")
    assert at_stripe.lot["tax"] == {"amount": 20000, "currency": "USD"}
    at_stripe.happens("refund", amount=36000)
    assert (at_stripe.status, at_stripe.balance["available"]) == ("partially_refunded", "7000")
    assert at_stripe.kinds == [("grant", "10000"), ("clawback", "-3000")]


def test_a_subscription_at_stripe_grants_for_each_invoice(
    scrip: Deployment, provider: Provider, stripe: standins.Provider, account: str
) -> None:
    """Law 9: two invoices, seven events in the worst order, two grants."""
    buyer = StripeBuyer(scrip, provider, account, recurring={"every": "P3M"}, expires_in="P6M")
    buyer.stripe = stripe
    body = buyer.order().body
    assert body["recurring"] == {"every": "P3M"}
    price = stripe.checkout(buyer.session).asked["line_items"][0]["price_data"]
    assert price["recurring"] == {"interval": "month", "interval_count": "3"}
    assert price["product_data"] == {"name": "10000 Credits"}
    for what in ("pay", "renew"):
        buyer.happens(what, tax=20000)
    assert [kind for kind in buyer.kinds if kind[0] == "grant"] == [("grant", "10000")] * 2
    assert buyer.balance["available"] == "20000"


def test_stripe_that_is_down_leaves_an_order_that_the_same_key_goes_on_with(
    at_stripe: StripeBuyer, stripe: standins.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "RETRY_PAUSE_SECONDS", 0.0)
    stripe.down = True
    refused(at_stripe.order(), 503, "unavailable")
    stripe.down = False
    answer = at_stripe.order()
    assert (answer.status, answer.replayed) == (201, False)
    assert (at_stripe.order().body, at_stripe.order().replayed) == (answer.body, True)


def test_a_session_that_was_lost_on_the_way_is_the_same_when_it_is_asked_for_again(
    at_stripe: StripeBuyer, stripe: standins.Provider
) -> None:
    """Law 3: Stripe made it, nobody heard of it. The same request is not a second one."""
    stripe.lose_answers = 2
    refused(at_stripe.order(), 503, "unavailable")
    assert stripe.lose_answers == 0
    made = list(stripe.sessions)
    assert at_stripe.order().body["checkout_session_id"] == made[-1]
    assert list(stripe.sessions) == made


def test_what_stripe_refuses_is_not_remembered(
    scrip: Deployment, provider: Provider, stripe: standins.Provider, account: str
) -> None:
    """Not even by Stripe, which remembers what was asked under an idempotency key. So large an amount it refuses."""
    buyer = StripeBuyer(scrip, provider, account, price={"amount": 10**13, "currency": "USD"})
    mine = {"account": account}
    for _ in range(2):
        invalid(buyer.order(), "pack")
        assert scrip.get("/v1/topups", query=mine).body["items"] == []
    scrip.put(f"/v1/packs/{account}", {"credits": "10000", "price": {"amount": 100, "currency": "USD"}})
    assert buyer.order().status == 201
    assert [one["topup_id"] for one in scrip.get("/v1/topups", query=mine).body["items"]] == [
        buyer.topup["topup_id"]
    ]


def test_without_an_api_key_nothing_is_sold(at_stripe: StripeBuyer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the template makes its secret: empty."""
    empty = at_stripe.scrip.secret("no-key", {"api_key": ""})
    monkeypatch.setenv("SCRIP_STRIPE_API_KEY_SECRET_ID", empty)
    refused(at_stripe.order(), 503, "unavailable")


# Where an app opens its own checkout


@pytest.mark.parametrize("name", ["standard", "paddle"])
def test_an_order_where_the_app_opens_the_checkout_has_no_session(buyer: Buyer, name: str) -> None:
    answer = buyer.order(provider=name)
    assert (answer.status, answer.replayed) == (201, False)
    body = answer.body
    assert set(body) == TOPUP
    assert (body["checkout_url"], body["checkout_session_id"], body["status"]) == (None, None, "pending")
    again = buyer.order(provider=name)
    assert (again.body, again.replayed) == (body, True)
    refused(buyer.order(), 422, "idempotency_key_reused")
    assert buyer.scrip.get(f"/v1/topups/{body['topup_id']}").body == body


# Prices


@pytest.mark.parametrize(
    ("said", "quantity", "price"),
    [
        ({}, 1, {"amount": 100000, "currency": "USD"}),
        ({"currency": None}, 1, {"amount": 100000, "currency": "USD"}),
        ({"currency": "USD"}, 2, {"amount": 200000, "currency": "USD"}),
        ({"currency": "EUR"}, 1, EUR),
        ({"currency": "KWD"}, 3, {"amount": 931500, "currency": "KWD"}),
    ],
)
def test_an_order_is_in_the_packs_currency_or_in_one_that_it_has_a_price_in(
    at_stripe: StripeBuyer, stripe: standins.Provider, said: Any, quantity: int, price: Any
) -> None:
    body = at_stripe.order(quantity=quantity, **said).body
    assert body["price"] == price
    assert stripe.checkout(at_stripe.session).session["currency"] == price["currency"].lower()
    at_stripe.happens("pay")
    assert at_stripe.lot["cost_basis"] == price


@pytest.mark.parametrize("currency", ["GBP", "usd", "", "EURO", 1, []])
def test_another_currency_is_refused(at_stripe: StripeBuyer, currency: Any) -> None:
    with at_stripe.scrip.unwritten():
        invalid(at_stripe.order(currency=currency), "currency")


def test_the_packs_currency_said_or_not_is_the_same_order(at_stripe: StripeBuyer) -> None:
    """Law 10: also when the pack has another one by then."""
    first = at_stripe.order()
    at_stripe.scrip.put(
        f"/v1/packs/{at_stripe.account}", {"credits": "10000", "price": EUR, "provider_refs": {}}
    )
    again = at_stripe.order(currency="USD")
    assert (again.body, again.replayed) == (first.body, True)
    refused(at_stripe.order(currency="EUR"), 422, "idempotency_key_reused")


# Subscriptions at Dodo


def test_a_subscription_at_dodo_grants_for_each_payment_and_never_for_the_renewal_itself(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """Law 9: payment, payment, renewal: 20 000 credits, not 30 000."""
    provider.product(f"plan-{account}", {"price": 100000})
    refs = {"dodo": f"plan-{account}"}
    buyer = Buyer(scrip, provider, account, recurring={"every": "P1M"}, provider_refs=refs)
    buyer.order()
    began = len(provider.said)
    for what in (provider.pay, provider.renew):
        what(buyer.session, {"webhook": False, "tax": 20000})
    told = provider.said[began:]
    assert [one["type"] for one in told] == ["payment.succeeded", "payment.succeeded", "subscription.renewed"]
    for event in (*told, *told):
        scrip.deliver(event)
    assert buyer.kinds == [("grant", "10000")] * 2
    assert buyer.status == "paid"
