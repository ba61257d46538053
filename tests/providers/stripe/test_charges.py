"""Charges of a kept method at Stripe: what is asked, and what each answer says became of the money."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from local.standins.stripe import Provider
from local.standins.stripe_requests import form
from scrip.domain.payments.delivery import Inquiry
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.providers.clients import Charge, Client, ProviderRefused, ProviderUnavailable, client
from tests.providers.answering import Server
from tests.providers.stripe.test_client import api as api
from tests.providers.stripe.test_client import server as server
from tests.providers.stripe.test_client import stripe as stripe
from tests.providers.test_clients import SALE

CHARGE = Charge("top_2", 3, "charge:top_2.3", PaymentMethod("pm_1", "cus_1"), 10_000, "USD", "1000 credits")


@pytest.fixture
def kept(stripe: Provider, api: Client) -> Charge:
    """A charge of a method that a buyer let be kept."""
    session = api.open_session(replace(SALE, keeps_method=True))
    paid = str(stripe.pay(session.id, {})["payment_intent"])
    delivery = api.read(Inquiry("stripe", paid, session.id))
    assert delivery.method
    return replace(CHARGE, method=delivery.method)


def test_a_method_is_kept_with_a_customer_of_its_own_to_be_charged_off_session(server: Server) -> None:
    server.answers = [(200, {"id": "cs_1", "url": "https://checkout.example.test/cs_1"})]
    client("stripe", "key_1", server.url, 4.0).open_session(replace(SALE, keeps_method=True))
    asked = form(server.asked[0].body)
    assert (asked["mode"], asked["customer_creation"]) == ("payment", "always")
    assert asked["payment_intent_data"] == {
        "metadata": {"topup_id": "top_1"},
        "setup_future_usage": "off_session",
    }


def test_a_charge_is_confirmed_off_session_with_the_order_and_the_attempt(server: Server) -> None:
    server.answers = [(200, {"id": "pi_1", "object": "payment_intent", "status": "processing"})]
    charged = client("stripe", "key_1", server.url, 4.0).charge(CHARGE)
    assert (charged.outcome, charged.payment_id) == ("processing", "pi_1")
    (asked,) = server.asked
    assert (asked.line, asked.headers["idempotency-key"]) == ("POST /v1/payment_intents", "charge:top_2.3")
    assert form(asked.body) == {
        "amount": "10000",
        "currency": "usd",
        "customer": "cus_1",
        "payment_method": "pm_1",
        "off_session": "true",
        "confirm": "true",
        "description": "1000 credits",
        "metadata": {"topup_id": "top_2", "attempt": "3"},
    }


def test_the_same_key_is_the_same_charge_and_it_is_found_by_list_and_by_name(
    stripe: Provider, api: Client, kept: Charge
) -> None:
    charged = api.charge(kept)
    assert charged == api.charge(kept)
    assert (charged.outcome, len(stripe.charged)) == ("paid", 1)
    assert charged.delivery
    assert charged.delivery.facts
    for named in (None, charged.payment_id):
        found = api.find_charge(kept, named)
        assert found
        assert (found.outcome, found.payment_id) == ("paid", charged.payment_id)
    assert api.find_charge(replace(kept, attempt=4), None) is None


@pytest.mark.parametrize(
    ("come", "outcome"),
    [
        ("declined", "declined"),
        ("authentication_required", "authentication_required"),
        ("expired", "method_expired"),
        ("processing", "processing"),
    ],
)
def test_what_is_answered_and_what_is_listed_says_the_same(
    stripe: Provider, api: Client, kept: Charge, come: str, outcome: str
) -> None:
    stripe.charges_come = come
    charged, found = api.charge(kept), api.find_charge(kept, None)
    assert found
    assert (charged.outcome, found.outcome) == (outcome, outcome)
    assert charged.payment_id == found.payment_id


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (402, {"code": "card_declined", "decline_code": "generic_decline"}, "declined"),
        (402, {"code": "card_declined", "decline_code": "expired_card"}, "method_expired"),
        (402, {"code": "authentication_required"}, "authentication_required"),
        (402, {"code": "what_comes_in_years"}, "declined"),
        (400, {"code": "resource_missing", "param": "payment_method"}, "method_missing"),
        (400, {"code": "resource_missing", "param": "customer"}, "method_missing"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_method(
    server: Server, status: int, error: dict[str, Any], outcome: str
) -> None:
    server.answers = [(status, {"error": {"type": "card_error", "message": "no", **error}})]
    charged = client("stripe", "key_1", server.url, 4.0).charge(CHARGE)
    assert (charged.outcome, charged.payment_id, len(server.asked)) == (outcome, None, 1)


def test_a_key_that_came_with_something_else_says_nothing_of_what_it_charged(server: Server) -> None:
    server.answers = [(400, {"error": {"type": "idempotency_error", "message": "other parameters"}})]
    with pytest.raises(ProviderUnavailable):
        client("stripe", "key_1", server.url, 4.0).charge(CHARGE)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_what_is_no_fault_of_the_methods_is_refused(server: Server, status: int) -> None:
    server.answers = [(status, {"error": {"type": "invalid_request_error", "message": "no"}})]
    with pytest.raises(ProviderRefused):
        client("stripe", "key_1", server.url, 4.0).charge(CHARGE)


@pytest.mark.parametrize(
    ("intent", "outcome"),
    [
        ({"status": "succeeded"}, "paid"),
        ({"status": "requires_action"}, "authentication_required"),
        ({"status": "requires_payment_method"}, "declined"),
        ({"status": "canceled"}, "declined"),
        ({"status": "processing"}, "processing"),
        ({"status": "requires_capture"}, "processing"),
        ({"status": None}, "processing"),
        ({"status": ["succeeded"]}, "processing"),
        *(
            ({"status": "requires_payment_method", "last_payment_error": error}, outcome)
            for error, outcome in (
                ({"code": "card_declined", "decline_code": "expired_card"}, "method_expired"),
                ({"code": "expired_card"}, "method_expired"),
                ({"code": "authentication_required"}, "authentication_required"),
                (
                    {"code": "card_declined", "decline_code": "authentication_required"},
                    "authentication_required",
                ),
                ({"code": "card_declined", "decline_code": "do_not_honor"}, "declined"),
                ({"code": {}, "decline_code": ["expired_card"]}, "declined"),
            )
        ),
    ],
    ids=str,
)
def test_the_status_of_an_intent_says_what_became_of_its_charge(
    server: Server, intent: dict[str, Any], outcome: str
) -> None:
    server.answers = [(200, {"id": "pi_1", "object": "payment_intent", **intent})]
    found = client("stripe", "key_1", server.url, 4.0).find_charge(CHARGE, "pi_1")
    assert found
    assert (found.outcome, found.payment_id) == (outcome, "pi_1")


def test_a_decline_names_the_intent_that_it_made(server: Server) -> None:
    intent = {"id": "pi_1", "object": "payment_intent", "status": "requires_payment_method"}
    error = {"type": "card_error", "code": "card_declined", "message": "no", "payment_intent": intent}
    server.answers = [(402, {"error": error})]
    charged = client("stripe", "key_1", server.url, 4.0).charge(CHARGE)
    assert (charged.outcome, charged.payment_id) == ("declined", "pi_1")
    assert charged.delivery


def test_a_charge_that_five_pages_do_not_have_is_not_known(server: Server) -> None:
    """Each page goes on after the last intent of the one before."""
    server.answers = [(200, {"object": "list", "has_more": True, "data": [{"id": "pi_8"}, {"id": "pi_9"}]})]
    with pytest.raises(ProviderUnavailable, match="more than 500 payments since"):
        client("stripe", "key_1", server.url, 4.0).find_charge(CHARGE, None)
    first = "GET /v1/payment_intents?customer=cus_1&limit=100"
    assert [one.line for one in server.asked] == [first, *([f"{first}&starting_after=pi_9"] * 4)]


@pytest.mark.parametrize(
    "answer",
    [
        {"has_more": False, "data": [{"id": "pi_9", "metadata": {"topup_id": "top_2", "attempt": "2"}}]},
        {"has_more": True, "data": []},
    ],
)
def test_a_charge_that_no_page_has_was_not_made(server: Server, answer: dict[str, Any]) -> None:
    server.answers = [(200, {"object": "list", **answer})]
    assert client("stripe", "key_1", server.url, 4.0).find_charge(CHARGE, None) is None
    assert len(server.asked) == 1


@pytest.mark.parametrize("intent", ["pi_1", {"object": "payment_intent"}, {"id": 7}, None], ids=str)
def test_a_decline_that_shows_no_intent_names_none(server: Server, intent: Any) -> None:
    error = {"type": "card_error", "code": "card_declined", "message": "no", "payment_intent": intent}
    server.answers = [(402, {"error": error})]
    charged = client("stripe", "key_1", server.url, 4.0).charge(CHARGE)
    assert (charged.outcome, charged.payment_id, charged.delivery) == ("declined", None, None)
