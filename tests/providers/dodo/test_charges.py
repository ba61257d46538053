"""Charges of an on-demand subscription at Dodo: what is asked, once, and what each answer says became of the money."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from local.standins.dodo import Provider
from scrip.domain.payments.delivery import Inquiry
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.providers.clients import Charge, Client, ProviderRefused, ProviderUnavailable, client
from tests.providers.answering import Server
from tests.providers.dodo.test_client import api as api
from tests.providers.dodo.test_client import dodo as dodo
from tests.providers.dodo.test_client import server as server
from tests.providers.test_clients import SALE

CHARGE = Charge("top_2", 3, "charge:top_2.3", PaymentMethod("sub_1"), 10_000, "USD", "1000 credits")


@pytest.fixture
def kept(dodo: Provider, api: Client) -> Charge:
    """A charge of a subscription that a buyer agreed to."""
    session = api.open_session(replace(SALE, keeps_method=True, product="pdt_od"))
    delivery = api.read(Inquiry("dodo", str(dodo.pay(session.id, {})["payment_id"]), session.id))
    assert delivery.method
    return replace(CHARGE, method=delivery.method)


def test_a_buyer_agrees_to_charges_on_demand_and_pays_the_order_at_once(server: Server) -> None:
    server.answers = [(200, {"session_id": "cks_1", "checkout_url": "https://checkout.example.test/cks_1"})]
    client("dodo", "key_1", server.url, 4.0).open_session(replace(SALE, keeps_method=True))
    asked = json.loads(server.asked[0].body)
    assert asked["product_cart"][0]["quantity"] == 1
    assert asked["subscription_data"]["on_demand"] == {
        "mandate_only": False,
        "product_price": 200_000,
        "product_currency": "USD",
        "product_description": SALE.name,
    }


def test_a_charge_carries_the_order_and_the_attempt_and_is_read(
    dodo: Provider, api: Client, kept: Charge
) -> None:
    charged = api.charge(kept)
    assert (charged.outcome, len(dodo.charged)) == ("paid", 1)
    assert charged.delivery
    for named in (None, charged.payment_id):
        found = api.find_charge(kept, named)
        assert found
        assert (found.outcome, found.payment_id) == ("paid", charged.payment_id)
    assert api.find_charge(replace(kept, attempt=4), None) is None
    assert dodo.charged[0].data["metadata"] == {"topup_id": "top_2", "attempt": "3"}


@pytest.mark.parametrize(("come", "outcome"), [("declined", "declined"), ("processing", "processing")])
def test_what_becomes_of_it_is_read_from_its_payment(
    dodo: Provider, api: Client, kept: Charge, come: str, outcome: str
) -> None:
    dodo.charges_come = come
    charged, found = api.charge(kept), api.find_charge(kept, None)
    assert found
    assert (charged.outcome, found.outcome) == (outcome, outcome)


def test_a_charge_is_asked_for_once_since_there_is_no_key(server: Server) -> None:
    server.answers = [None]
    with pytest.raises(ProviderUnavailable):
        client("dodo", "key_1", server.url, 4.0).charge(CHARGE)
    (asked,) = server.asked
    assert asked.line == "POST /subscriptions/sub_1/charge"
    assert json.loads(asked.body) == {
        "product_price": 10_000,
        "product_currency": "USD",
        "product_description": "1000 credits",
        "metadata": {"topup_id": "top_2", "attempt": "3"},
    }


def test_a_charge_whose_payment_cannot_be_read_is_under_way(server: Server) -> None:
    server.answers = [(200, {"payment_id": "pay_1"}), (404, {"code": "NOT_FOUND"})]
    charged = client("dodo", "key_1", server.url, 4.0).charge(CHARGE)
    assert (charged.outcome, charged.payment_id, charged.delivery) == ("processing", "pay_1", None)


def test_a_payment_that_is_under_way_there_leaves_it_open(server: Server) -> None:
    server.answers = [(409, {"code": "PREVIOUS_PAYMENT_PENDING", "message": "wait"})]
    with pytest.raises(ProviderUnavailable):
        client("dodo", "key_1", server.url, 4.0).charge(CHARGE)


def test_a_subscription_that_is_not_there_is_a_method_that_is_no_more(server: Server) -> None:
    server.answers = [(404, {"code": "NOT_FOUND", "message": "no"})]
    assert client("dodo", "key_1", server.url, 4.0).charge(CHARGE).outcome == "method_missing"


@pytest.mark.parametrize("status", [400, 401, 422])
def test_what_is_no_fault_of_the_subscriptions_is_refused(server: Server, status: int) -> None:
    server.answers = [(status, {"code": "SOMETHING_ELSE", "message": "no"})]
    with pytest.raises(ProviderRefused):
        client("dodo", "key_1", server.url, 4.0).charge(CHARGE)


@pytest.mark.parametrize(
    ("payment", "outcome"),
    [
        ({"status": "succeeded"}, "paid"),
        ({"status": "requires_customer_action"}, "authentication_required"),
        ({"status": "failed"}, "declined"),
        ({"status": "cancelled"}, "declined"),
        ({"status": "failed", "error_code": "EXPIRED_CARD"}, "method_expired"),
        ({"status": "failed", "error_code": "AUTHENTICATION_FAILURE"}, "authentication_required"),
        ({"status": "failed", "error_code": "AUTHENTICATION_REQUIRED"}, "authentication_required"),
        ({"status": "failed", "error_code": "AUTHENTICATION_TIMEOUT"}, "authentication_required"),
        ({"status": "failed", "error_code": "WHAT_COMES_IN_YEARS"}, "declined"),
        ({"status": "requires_payment_method", "error_code": "DO_NOT_HONOR"}, "declined"),
        ({"status": "requires_payment_method", "error_code": None}, "processing"),
        ({"status": "processing"}, "processing"),
        ({"status": None}, "processing"),
    ],
    ids=str,
)
def test_the_status_of_a_payment_says_what_became_of_its_charge(
    server: Server, payment: dict[str, str | None], outcome: str
) -> None:
    server.answers = [(200, {"payment_id": "pay_1", **payment})]
    found = client("dodo", "key_1", server.url, 4.0).find_charge(CHARGE, "pay_1")
    assert found
    assert (found.outcome, found.payment_id) == (outcome, "pay_1")


@pytest.mark.parametrize(
    "code",
    [
        "CHARGE_NOT_ALLOWED_FOR_SCHEDULED_CANCELLATION",
        "PAYMENT_METHOD_NOT_FOUND",
        "SUBSCRIPTION_INACTIVE",
        "SUBSCRIPTION_NOT_ACTIVE",
        "SUBSCRIPTION_NOT_FOUND",
        "SUBSCRIPTION_NOT_ON_DEMAND",
    ],
)
def test_a_subscription_that_is_charged_no_more_is_a_method_that_is_no_more(
    server: Server, code: str
) -> None:
    server.answers = [(422, {"code": code, "message": "no"})]
    charged = client("dodo", "key_1", server.url, 4.0).charge(CHARGE)
    assert (charged.outcome, charged.payment_id) == ("method_missing", None)


@pytest.mark.parametrize(
    ("pages", "found"), [([100, 1], True), ([100, 100, 100, 100, 1], True), ([99], False)]
)
def test_a_charge_is_looked_for_in_five_pages_of_the_subscriptions_payments(
    server: Server, pages: list[int], found: bool
) -> None:
    """It is the last one of them."""
    ours = {"payment_id": "pay_1", "metadata": {"topup_id": "top_2", "attempt": "3"}, "status": "failed"}
    other = {"payment_id": "pay_2", "metadata": {"topup_id": "top_2", "attempt": "2"}}
    lists = [[other] * size for size in pages]
    if found:
        lists[-1][-1] = ours
    server.answers = [*((200, {"items": one}) for one in lists), (200, ours)]
    charged = client("dodo", "key_1", server.url, 4.0).find_charge(CHARGE, None)
    assert (charged.payment_id if charged else None) == ("pay_1" if found else None)
    asked = [f"GET /payments?page_number={n}&page_size=100&subscription_id=sub_1" for n in range(len(pages))]
    assert [one.line for one in server.asked] == [*asked, *(["GET /payments/pay_1"] if found else [])]


def test_a_charge_that_five_pages_do_not_have_is_not_known(server: Server) -> None:
    server.answers = [(200, {"items": [{"payment_id": "pay_2"}] * 100})]
    with pytest.raises(ProviderUnavailable, match="more than 500 payments since"):
        client("dodo", "key_1", server.url, 4.0).find_charge(CHARGE, None)
    assert len(server.asked) == 5
