"""Stripe's API through its own SDK: what is asked, and how what it answers becomes facts. What goes wrong with every
provider is in test_clients."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.standins.stripe import Provider, start
from local.standins.stripe_requests import form
from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.facts import Dispute, PaymentFacts
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.clients import (
    Client,
    DeliveryPage,
    ProviderRefused,
    ProviderUnavailable,
    Session,
    client,
)
from scrip.providers.stripe.webhook import translate
from tests.providers.answering import Server, serving
from tests.providers.asking import HOUR, all_of, refunds, wanted
from tests.providers.test_clients import GOOD, SALE

KEY = "sk_test_standin"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        started.answers = [(200, GOOD["stripe"])]
        yield started


@pytest.fixture
def stripe() -> Iterator[Provider]:
    started = start(0, "", "whsec_silent", KEY)
    yield started
    started.stop()


@pytest.fixture
def api(stripe: Provider) -> Client:
    return client("stripe", KEY, stripe.url, 4.0)


def bought(stripe: Provider, api: Client, request: str = "top_1.1", **options: Any) -> tuple[Session, str]:
    """A session for two packs of USD 1 000.00 that was paid, and its intent."""
    session = api.open_session(replace(SALE, request_id=request))
    return session, str(stripe.pay(session.id, options)["payment_intent"])


def subscribed(stripe: Provider, api: Client) -> tuple[Session, dict[str, str]]:
    session = api.open_session(replace(SALE, every="P1M"))
    return session, stripe.pay(session.id, {"tax": 40000})


def merged(delivery: Delivery) -> PaymentFacts:
    return PaymentFacts().merge_all(delivery.facts)


# Sessions


def test_two_packs_of_1000_usd_are_asked_for_at_our_own_price_without_discounts_or_other_currencies(
    server: Server,
) -> None:
    session = client("stripe", "key_1", server.url, 4.0).open_session(SALE)
    assert session == Session("cs_1", "https://checkout.example.test/cs_1")
    (asked,) = server.asked
    assert asked.line == "POST /v1/checkout/sessions"
    assert asked.headers["authorization"] == "Bearer key_1"
    assert asked.headers["stripe-version"] == "2026-10-28.endive"
    assert asked.headers["idempotency-key"] == "session:top_1.1"
    assert form(asked.body) == {
        "mode": "payment",
        "line_items": [
            {"quantity": "2", "price_data": {"currency": "usd", "unit_amount": "100000", "product": "prod_1"}}
        ],
        "payment_intent_data": {"metadata": {"topup_id": "top_1"}},
        "metadata": {"topup_id": "top_1", "account": "acme"},
        "client_reference_id": "top_1",
        "success_url": "https://shop.example.test/done",
        "cancel_url": "https://shop.example.test/done",
        "allow_promotion_codes": "false",
        "adaptive_pricing": {"enabled": "false"},
    }


@pytest.mark.parametrize(
    ("every", "interval", "count"),
    [
        ("P1D", "day", "1"),
        ("P2W", "week", "2"),
        ("P1M", "month", "1"),
        ("P3M", "month", "3"),
        ("P1Y", "year", "1"),
    ],
)
def test_a_subscription_is_asked_for_with_its_period(
    server: Server, every: str, interval: str, count: str
) -> None:
    client("stripe", "key_1", server.url, 4.0).open_session(replace(SALE, every=every))
    body = form(server.asked[0].body)
    assert body["mode"] == "subscription"
    recurring = body["line_items"][0]["price_data"]["recurring"]
    assert recurring == {"interval": interval, "interval_count": count}
    assert body["subscription_data"] == {"metadata": {"topup_id": "top_1"}}
    assert "payment_intent_data" not in body


def test_a_pack_that_names_no_product_is_named_by_its_credits(server: Server) -> None:
    client("stripe", "key_1", server.url, 4.0).open_session(replace(SALE, product=None))
    price = form(server.asked[0].body)["line_items"][0]["price_data"]
    assert price["product_data"] == {"name": "10000 credits"}
    assert "product" not in price


def test_nothing_of_this_machine_is_told(server: Server) -> None:
    client("stripe", "key_1", server.url, 4.0).open_session(SALE)
    said = server.asked[0].headers["x-stripe-client-user-agent"]
    assert "telemetry_id" not in said
    assert "platform" not in said


def test_the_same_request_is_the_same_session_and_another_is_another(stripe: Provider, api: Client) -> None:
    first = api.open_session(SALE)
    assert api.open_session(SALE) == first
    assert api.open_session(replace(SALE, request_id="top_1.3")) != first


def test_a_request_id_that_comes_with_something_else_is_refused(api: Client) -> None:
    api.open_session(SALE)
    with pytest.raises(ProviderRefused) as caught:
        api.open_session(replace(SALE, quantity=3))
    assert caught.value.status == 400


# Refunds


def test_a_refund_carries_our_request(stripe: Provider, api: Client) -> None:
    _, intent = bought(stripe, api, tax=40000)
    delivery = api.refund(wanted(intent))
    (refund,) = refunds(delivery)
    assert delivery.payment_id == intent
    assert (refund.status, refund.amount, refund.currency, refund.request_id) == (
        "succeeded",
        30000,
        "USD",
        "req_1",
    )


def test_the_same_request_again_makes_no_second_refund_not_even_when_stripe_has_forgotten_it(
    stripe: Provider, api: Client
) -> None:
    """Idempotency keys are kept for 24 hours."""
    _, intent = bought(stripe, api)
    first = api.refund(wanted(intent))
    assert api.refund(wanted(intent)) == first
    stripe.forget()
    assert api.refund(wanted(intent)) == first
    (other,) = refunds(api.refund(wanted(intent, request_id="req_2")))
    assert other.refund_id != refunds(first)[0].refund_id


def test_a_refund_that_broke_off_is_asked_for_again_under_the_same_key(server: Server) -> None:
    refund = {"object": "refund", "id": "re_1", "amount": 30000, "currency": "usd", "status": "succeeded"}
    refund |= {"payment_intent": "pi_1", "created": 1793611000}
    server.answers = [(200, {"object": "list", "data": []}), None, (200, refund)]
    (made,) = refunds(client("stripe", "key_1", server.url, 4.0).refund(wanted("pi_1")))
    assert (made.refund_id, made.request_id) == ("re_1", "req_1")
    looked, *asked = server.asked
    assert looked.line == "GET /v1/refunds?payment_intent=pi_1&limit=100"
    assert [one.headers["idempotency-key"] for one in asked] == ["refund:req_1"] * 2
    assert form(asked[0].body)["metadata"] == {"request_id": "req_1", "reason": "asked for"}


@pytest.mark.parametrize("answer", [None, [], 7, {}, {"object": "refund", "id": None}], ids=str)
def test_an_answer_that_is_no_refund_is_as_good_as_none(server: Server, answer: Any) -> None:
    server.answers = [(200, {"object": "list", "data": []}), (200, answer)]
    with pytest.raises(ProviderUnavailable):
        client("stripe", "key_1", server.url, 4.0).refund(wanted("pi_1"))


def test_a_subscriptions_payment_is_refunded_by_the_intent_of_its_invoice(
    stripe: Provider, api: Client
) -> None:
    _, paid = subscribed(stripe, api)
    delivery = api.refund(wanted(paid["invoice"]))
    assert (delivery.payment_id, refunds(delivery)[0].amount) == (paid["invoice"], 30000)


def test_more_than_is_left_is_refused_by_name(stripe: Provider, api: Client) -> None:
    _, intent = bought(stripe, api)
    with pytest.raises(ProviderRefused) as caught:
        api.refund(wanted(intent, 200001))
    assert (caught.value.status, caught.value.reason) == (400, "amount_too_large: 200000 is left to refund")


# Reading


def test_a_payment_is_read_with_the_tax_of_its_session_and_the_order_of_its_intent(
    stripe: Provider, api: Client
) -> None:
    session, intent = bought(stripe, api, tax=40000)
    stripe.refund(session.id, {"amount": 100})
    stripe.dispute(session.id, {"amount": 7, "status": "lost"})
    delivery = api.read(Inquiry("stripe", intent, session.id))
    assert (delivery.type, delivery.payment_id, delivery.parked) == ("read", intent, ())
    facts = merged(delivery)
    assert facts.paid
    assert (facts.paid.total, facts.paid.tax, facts.paid.session_id) == (240000, 40000, session.id)
    assert facts.paid.topup_id == "top_1"
    assert [one.amount for one in facts.refunds.values()] == [100]
    assert [(one.status, one.amount) for one in facts.disputes.values()] == [("lost", 7)]


@pytest.mark.parametrize("session_id", [None, "cs_test_nothing"])
def test_what_could_be_read_counts(stripe: Provider, api: Client, session_id: str | None) -> None:
    _, intent = bought(stripe, api, tax=40000)
    paid = merged(api.read(Inquiry("stripe", intent, session_id))).paid
    assert paid
    assert (paid.total, paid.tax) == (240000, None)


def test_a_session_of_another_payment_says_nothing_of_this_one(stripe: Provider, api: Client) -> None:
    one, _ = bought(stripe, api, tax=40000)
    _, other = bought(stripe, api, "top_2.1", tax=1)
    paid = merged(api.read(Inquiry("stripe", other, one.id))).paid
    assert paid
    assert (paid.total, paid.tax, paid.session_id) == (200001, None, None)


def test_a_payment_that_is_unknown_with_its_session_is_refused(api: Client) -> None:
    for session_id in (None, "cs_test_nothing"):
        with pytest.raises(ProviderRefused) as caught:
            api.read(Inquiry("stripe", "pi_nothing", session_id))
        assert caught.value.status == 404


def test_an_invoice_is_read_with_what_became_of_its_intent(stripe: Provider, api: Client) -> None:
    session, paid = subscribed(stripe, api)
    stripe.refund(session.id, {"amount": 100})
    facts = merged(api.read(Inquiry("stripe", paid["invoice"], session.id)))
    assert facts.paid
    assert (facts.paid.total, facts.paid.tax, facts.paid.topup_id) == (240000, 40000, "top_1")
    assert facts.paid.subscription_id
    assert facts.part_of is None
    assert [one.amount for one in facts.refunds.values()] == [100]


def test_an_intent_that_paid_an_invoice_is_part_of_it(stripe: Provider, api: Client) -> None:
    _, paid = subscribed(stripe, api)
    facts = merged(api.read(Inquiry("stripe", paid["payment_intent"])))
    assert facts.part_of == paid["invoice"]


def test_what_is_read_and_what_webhooks_say_is_the_same(stripe: Provider, api: Client) -> None:
    """Law 9, in both orders."""
    session, intent = bought(stripe, api, tax=40000)
    stripe.refund(session.id, {"amount": 100})
    stripe.dispute(session.id, {})
    told = [translate(said) for said in stripe.said]
    webhooks = [fact for one in told if one.payment_id == intent for fact in one.facts]
    read = list(api.read(Inquiry("stripe", intent, session.id)).facts)
    facts = PaymentFacts().merge_all(webhooks)
    assert (len(facts.refunds), len(facts.disputes)) == (1, 1)
    assert facts.merge_all(read) == PaymentFacts().merge_all([*read, *webhooks]) == facts


# Lists


def test_everything_of_a_time_is_listed_list_by_list(stripe: Provider, api: Client) -> None:
    began = int(time.time() * 1000)
    session, intent = bought(stripe, api)
    stripe.refund(session.id, {"amount": 100})
    stripe.dispute(session.id, {"amount": 7})
    pages = all_of(api, began - HOUR, began + HOUR)
    names = [[type(fact).__name__ for one in page.deliveries for fact in one.facts] for page in pages]
    assert names == [[], ["Paid"], [], ["Refund"], ["Dispute"], []]
    assert {one.payment_id for page in pages for one in page.deliveries} == {intent}


def test_a_subscriptions_payments_are_listed_as_parts_before_they_are_listed_as_intents(
    stripe: Provider, api: Client
) -> None:
    """So that whoever applies them in order never sees an intent without an order."""
    began = int(time.time() * 1000)
    session, first = subscribed(stripe, api)
    second = stripe.renew(session.id, {"tax": 40000})
    pages = all_of(api, began - HOUR, began + HOUR)
    parts = {one.payment_id: merged(one).part_of for one in pages[0].deliveries}
    assert parts == {one["payment_intent"]: one["invoice"] for one in (first, second)}
    assert {one.payment_id for one in pages[1].deliveries} == set(parts)
    assert {one.payment_id for one in pages[2].deliveries} == set(parts.values())


def test_a_list_is_walked_a_hundred_at_a_time(stripe: Provider, api: Client) -> None:
    began = int(time.time() * 1000)
    session, _ = bought(stripe, api)
    for _ in range(101):
        stripe.refund(session.id, {"amount": 1})
    first = api.listed(began - HOUR, began + HOUR, "refunds:")
    second = api.listed(began - HOUR, began + HOUR, first.cursor)
    assert (len(first.deliveries), len(second.deliveries), second.cursor) == (100, 1, "disputes:")
    amounts = {fact.refund_id for page in (first, second) for one in page.deliveries for fact in refunds(one)}
    assert len(amounts) == 101


def test_bounds_are_whole_seconds_around_what_was_asked_for(server: Server) -> None:
    server.answers = [(200, {"object": "list", "data": [], "has_more": False})]
    page = client("stripe", "key_1", server.url, 4.0).listed(
        1_793_611_000_500, 1_793_611_001_001, "refunds:re_1"
    )
    assert page == DeliveryPage((), "disputes:")
    line = server.asked[0].line
    assert line.startswith("GET /v1/refunds?")
    for said in ("created[gte]=1793611000", "created[lt]=1793611002", "limit=100", "starting_after=re_1"):
        assert said in line.replace("%5B", "[").replace("%5D", "]")


def test_a_dispute_that_was_lost_and_then_won_is_read_as_won(stripe: Provider, api: Client) -> None:
    session, intent = bought(stripe, api)
    for status in ("needs_response", "lost", "won"):
        stripe.dispute(session.id, {"status": status})
    (dispute,) = (one for one in api.read(Inquiry("stripe", intent)).facts if isinstance(one, Dispute))
    assert (dispute.status, dispute.movements) == ("won", 2)


def test_every_list_about_a_payment_is_asked_for_by_the_hundred(
    stripe: Provider, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe's own page is ten."""
    asked: list[tuple[str, str | None]] = []
    answer = stripe.answer

    def noting(request: Any) -> Any:
        if request.method == "GET" and request.path[-1] in (
            "refunds",
            "disputes",
            "credit_notes",
            "invoice_payments",
        ):
            asked.append((request.path[-1], request.query.get("limit")))
        return answer(request)

    _, paid = subscribed(stripe, api)
    monkeypatch.setattr(stripe, "answer", noting)
    for name, lists in (
        (paid["invoice"], ["credit_notes", "disputes", "refunds"]),
        (paid["payment_intent"], ["disputes", "invoice_payments", "refunds"]),
    ):
        asked.clear()
        api.read(Inquiry("stripe", name))
        assert sorted(asked) == [(one, "100") for one in lists]


def test_what_cannot_be_read_of_a_payment_is_parked_beside_what_can(stripe: Provider, api: Client) -> None:
    session, intent = bought(stripe, api)
    stripe.refund(session.id, {"amount": 100})
    stripe.checkout(session.id).payments[0].refunds[0]["amount"] = "a lot"
    read = api.read(Inquiry("stripe", intent))
    assert [one.about.partition(":")[0] for one in read.parked] == ["refund"]
    assert not refunds(read)


@pytest.mark.parametrize(
    ("what", "asked", "body", "state"),
    [
        ("cancel", "POST /v1/subscriptions/sub_1", {"cancel_at_period_end": "true"}, "cancelling"),
        ("cancel at once", "DELETE /v1/subscriptions/sub_1", {}, "cancelled"),
        ("resume", "POST /v1/subscriptions/sub_1", {"cancel_at_period_end": "false"}, "active"),
    ],
)
def test_a_subscription_is_ended_and_goes_on_as_it_is_asked(
    server: Server, what: str, asked: str, body: dict[str, str], state: State
) -> None:
    said = {"id": "sub_1", "object": "subscription", "status": "active", "current_period_end": 1793870600}
    said |= {"cancel_at_period_end": what == "cancel"}
    server.answers = [(200, {**said, "status": "canceled"} if state == "cancelled" else said)]
    api = client("stripe", "key_1", server.url, 4.0)
    found = (
        api.resume_subscription("sub_1", 1793870000000)
        if what == "resume"
        else api.cancel_subscription("sub_1", 1793870000000, at_once=what == "cancel at once")
    )
    assert found == Standing("sub_1", state, 1793870000000, 1793870600000)
    (request,) = server.asked
    assert (request.line, form(request.body)) == (asked, body)


@pytest.mark.parametrize("said", [{"id": "sub_1", "object": "subscription", "status": "new"}, {"id": None}])
def test_an_answer_that_does_not_say_how_a_subscription_stands_is_none(
    server: Server, said: dict[str, Any]
) -> None:
    server.answers = [(200, said)]
    with pytest.raises(ProviderUnavailable):
        client("stripe", "key_1", server.url, 4.0).resume_subscription("sub_1", 1793870000000)
