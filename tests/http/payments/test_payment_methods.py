"""Payment methods that buyers let us keep: whose, which, and only where they agreed."""

from __future__ import annotations

import pytest

from local.standins.dodo import Provider as Dodo
from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.services.payments import payment_methods
from tests.aws import Deployment
from tests.http.payments.automatic import Automatic


@pytest.fixture(params=["dodo", "stripe"])
def automatic(
    request: pytest.FixtureRequest, scrip: Deployment, dodo: Dodo, at_stripe: Stripe, account: str
) -> Automatic:
    return Automatic(scrip, dodo if request.param == "dodo" else at_stripe, account)


def kept(automatic: Automatic) -> PaymentMethod | None:
    return payment_methods.kept(runtime.tables(), automatic.account, automatic.name)


def test_what_an_order_is_paid_with_is_kept_where_the_buyer_agreed(automatic: Automatic) -> None:
    automatic.buys(save_payment_method=False)
    assert kept(automatic) is None
    order = automatic.buys()
    assert order["save_payment_method"] is True
    method = kept(automatic)
    assert method
    if isinstance(automatic.provider, Stripe):
        intent = automatic.provider.checkout(order["checkout_session_id"]).payments[0].intent
        assert (method.name, method.customer) == (intent["payment_method"], intent["customer"])
        assert intent["setup_future_usage"] == "off_session"
    else:
        checkout = automatic.provider.checkout(order["checkout_session_id"])
        assert checkout.subscription
        assert method.name == checkout.subscription["subscription_id"]
        assert checkout.cart == [{"product_id": "pdt_od", "quantity": 1}]
    assert automatic.available == "2000"


def test_the_last_one_counts_whichever_is_told_last(automatic: Automatic) -> None:
    automatic.buys()
    first = list(automatic.provider.said)
    automatic.buys()
    last = kept(automatic)
    automatic.deliver(*first)
    assert kept(automatic) == last


def test_a_method_is_nobodys_whose_order_did_not_ask_for_it(automatic: Automatic) -> None:
    """Law 9: a body says with what was paid, and never that it may be charged again."""
    order = automatic.buys(save_payment_method=False)
    for facts in ((), (Paid(10000, 0, "USD", 1, topup_id=order["topup_id"]),), (Paid(1, 0, "USD", 1),)):
        delivery = Delivery(automatic.name, "read", "p_1", facts, method=PaymentMethod("pm_1", "cus_1"))
        assert payment_methods.keep(runtime.tables(), delivery) is False
    assert kept(automatic) is None


def test_three_packs_cost_three_times_as_much_and_the_order_is_the_same_again(automatic: Automatic) -> None:
    order = automatic.buys(quantity=3)
    assert (automatic.available, order["price"]["amount"]) == ("3000", 30000)
    again = automatic.scrip.post(
        "/v1/topups",
        {
            "account": automatic.account,
            "pack": automatic.account,
            "provider": automatic.name,
            "return_url": "https://shop.example.test/done",
            "accept_terms": True,
            "quantity": 3,
        },
        key="order-1",
    )
    assert again.code == "idempotency_key_reused", "another request, since nothing is to be kept"
