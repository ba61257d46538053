"""Dodo's API through its own SDK: what is asked, and how what it answers becomes facts. What goes wrong with every
provider is in test_clients."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.standins.dodo import Provider, start
from scrip.domain.payments.delivery import Inquiry
from scrip.domain.payments.facts import Paid, PaymentFacts
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.clients import (
    Client,
    DeliveryPage,
    ProviderRefused,
    ProviderUnavailable,
    Session,
    client,
)
from scrip.providers.dodo.webhook import translate
from tests.providers.answering import Server, serving
from tests.providers.asking import HOUR, all_of, disputes, refunds, wanted
from tests.providers.dodo.test_webhook import IN_PAYMENT, LISTED
from tests.providers.samples import body as sample
from tests.providers.test_clients import GOOD, SALE

KEY = "key_standin"


UNREFUNDED: dict[str, Any] = {
    "payment_id": "pay_1",
    "refunds": [],
    "product_cart": [{"product_id": "p", "quantity": 1}],
}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def dodo() -> Iterator[Provider]:
    started = start(0, "", "whsec_c2lsZW50", KEY)
    yield started
    started.stop()


@pytest.fixture
def api(dodo: Provider) -> Client:
    return client("dodo", KEY, dodo.url, 4.0)


def bought(dodo: Provider, api: Client, **options: Any) -> tuple[Session, str]:
    """A session for two packs of USD 1 000.00 that was paid, and its payment."""
    session = api.open_session(SALE)
    return session, str(dodo.pay(session.id, options)["payment_id"])


# Sessions


def test_two_packs_of_1000_usd_are_asked_for_at_our_own_price_without_discounts_or_other_currencies(
    server: Server,
) -> None:
    server.answers = [(200, GOOD["dodo"])]
    session = client("dodo", "key_1", server.url, 4.0).open_session(SALE)
    assert session == Session("cks_1", "https://checkout.example.test/cks_1")
    (asked,) = server.asked
    assert (asked.line, asked.headers["authorization"]) == ("POST /checkouts", "Bearer key_1")
    assert json.loads(asked.body) == {
        "product_cart": [{"product_id": "prod_1", "quantity": 2, "amount": 100000}],
        "billing_currency": "USD",
        "feature_flags": {"allow_discount_code": False, "allow_currency_selection": False},
        "metadata": {"topup_id": "top_1", "account": "acme"},
        "return_url": "https://shop.example.test/done",
    }


def test_a_subscription_has_its_price_and_period_at_dodo(server: Server) -> None:
    server.answers = [(200, GOOD["dodo"])]
    client("dodo", "key_1", server.url, 4.0).open_session(replace(SALE, every="P1M"))
    assert json.loads(server.asked[0].body)["product_cart"] == [{"product_id": "prod_1", "quantity": 2}]


def test_a_pack_that_names_no_product_is_named_like_it(server: Server) -> None:
    server.answers = [(200, GOOD["dodo"])]
    client("dodo", "key_1", server.url, 4.0).open_session(replace(SALE, product=None))
    assert json.loads(server.asked[0].body)["product_cart"][0]["product_id"] == "ten-thousand"


# Refunds


def test_a_part_is_asked_for_of_the_product_in_the_currency_that_was_paid_in(
    dodo: Provider, api: Client
) -> None:
    _, payment_id = bought(dodo, api, tax=40000)
    (refund,) = refunds(api.refund(wanted(payment_id)))
    assert (refund.status, refund.amount, refund.currency) == ("pending", 30000, "USD")
    assert (refund.request_id, refund.full) == ("req_1", False)
    assert dodo.payment(payment_id)["refunds"][0]["reason"] == "asked for"


def test_all_of_it_needs_no_amount(dodo: Provider, api: Client) -> None:
    _, payment_id = bought(dodo, api, tax=40000)
    (refund,) = refunds(api.refund(wanted(payment_id, 240000, full=True)))
    assert (refund.amount, refund.full) == (240000, True)


def test_a_part_of_a_subscriptions_payment_is_of_its_product(dodo: Provider, api: Client) -> None:
    dodo.product("prod_1", {"price": 100000})
    session = api.open_session(replace(SALE, every="P1M"))
    payment_id = dodo.pay(session.id, {})["payment_id"]
    assert dodo.payment(payment_id)["product_cart"] is None
    (refund,) = refunds(api.refund(wanted(payment_id, 1)))
    assert (refund.amount, refund.full) == (1, False)


def test_the_same_request_again_makes_no_second_refund(dodo: Provider, api: Client) -> None:
    """Dodo has no idempotency key."""
    _, payment_id = bought(dodo, api)
    first = api.refund(wanted(payment_id))
    dodo.settle(refunds(first)[0].refund_id, {})
    (again,) = refunds(api.refund(wanted(payment_id)))
    assert (again.refund_id, again.status) == (refunds(first)[0].refund_id, "succeeded")
    (other,) = refunds(api.refund(wanted(payment_id, request_id="req_2")))
    assert other.refund_id != again.refund_id
    assert [one["amount"] for one in dodo.payment(payment_id)["refunds"]] == [30000, 30000]


def test_more_than_is_left_is_refused_by_name(dodo: Provider, api: Client) -> None:
    _, payment_id = bought(dodo, api)
    with pytest.raises(ProviderRefused) as caught:
        api.refund(wanted(payment_id, 200001))
    assert caught.value.status == 409
    assert caught.value.reason == "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT: 200000 is left to refund"


@pytest.mark.parametrize("metadata", [None, {}, {"request_id": "req_of_somebody_else"}])
def test_a_refund_that_we_made_is_our_requests_whatever_the_answer_says(
    server: Server, metadata: Any
) -> None:
    made = {**sample("dodo_refund_partial_1")["data"], "payment_id": "pay_1", "metadata": metadata}
    server.answers = [(200, UNREFUNDED), (200, made)]
    (fact,) = refunds(client("dodo", "key_1", server.url, 4.0).refund(wanted("pay_1")))
    assert fact.request_id == wanted("pay_1").request_id


@pytest.mark.parametrize("read", [[], "gone", None, 7])
def test_a_refund_that_cannot_be_read_is_not_the_one_that_is_looked_for(server: Server, read: Any) -> None:
    made = {**sample("dodo_refund_partial_1")["data"], "payment_id": "pay_1"}
    server.answers = [(200, {**UNREFUNDED, "refunds": [{"refund_id": "ref_9"}]}), (200, read), (200, made)]
    assert refunds(client("dodo", "key_1", server.url, 4.0).refund(wanted("pay_1")))
    assert [asked.line for asked in server.asked] == [
        "GET /payments/pay_1",
        "GET /refunds/ref_9",
        "POST /refunds",
    ]


def test_a_refund_that_broke_off_is_not_asked_for_twice_at_once(server: Server) -> None:
    """The first may still be under way, and nothing would tell them apart."""
    server.answers = [(200, UNREFUNDED), (502, {})]
    with pytest.raises(Exception, match="answered 502"):
        client("dodo", "key_1", server.url, 4.0).refund(wanted("pay_1"))
    assert [asked.line for asked in server.asked] == ["GET /payments/pay_1", "POST /refunds"]


# Reading


def test_a_payment_is_read_with_its_refunds_and_whose_request_they_are(dodo: Provider, api: Client) -> None:
    session, payment_id = bought(dodo, api, tax=40000)
    api.refund(wanted(payment_id))
    dodo.refund(session.id, {"amount": 5})
    delivery = api.read(Inquiry("dodo", payment_id, session.id))
    assert (delivery.provider, delivery.type, delivery.payment_id) == ("dodo", "read", payment_id)
    paid = delivery.facts[0]
    assert isinstance(paid, Paid)
    assert (paid.total, paid.tax, paid.currency, paid.session_id) == (240000, 40000, "USD", session.id)
    assert [(one.amount, one.request_id) for one in refunds(delivery)] == [(30000, "req_1"), (5, None)]


@pytest.mark.parametrize(("end", "status"), [("won", "won"), ("lost", "lost"), ("accepted", "lost")])
def test_what_a_dispute_is_read_as_settles_two_webhooks_that_contradict_each_other(
    dodo: Provider, api: Client, end: str, status: str
) -> None:
    session, payment_id = bought(dodo, api)
    told = PaymentFacts()
    for said in ("opened", "won", "lost", end):
        dodo.dispute(session.id, {"status": said, "amount": 1000})
        told = told.merge_all(_translated(dodo))
    assert [one.status for one in told.disputes.values()] == ["contradicted"]
    told = told.merge_all(api.read(Inquiry("dodo", payment_id)).facts)
    assert [one.status for one in told.disputes.values()] == [status]


def test_an_open_dispute_that_is_read_outranks_no_end(dodo: Provider, api: Client) -> None:
    """The answer may be older than the webhook that comes meanwhile."""
    session, payment_id = bought(dodo, api)
    dodo.dispute(session.id, {"status": "opened"})
    read = api.read(Inquiry("dodo", payment_id))
    dodo.dispute(session.id, {"status": "lost"})
    told = PaymentFacts().merge_all(_translated(dodo)).merge_all(read.facts)
    assert [one.status for one in told.disputes.values()] == ["lost"]


@pytest.mark.parametrize(
    ("status", "more"), [("opened", 0), ("challenged", 0), ("won", 1), ("lost", 1), ("accepted", 1)]
)
def test_only_an_end_that_is_read_outranks_the_same_in_a_webhook(
    dodo: Provider, api: Client, status: str, more: int
) -> None:
    session, payment_id = bought(dodo, api)
    dodo.dispute(session.id, {"status": status})
    (told,) = PaymentFacts().merge_all(_translated(dodo)).disputes.values()
    (read,) = disputes(api.read(Inquiry("dodo", payment_id)))
    assert read == replace(told, rank=told.rank + more)


def test_a_later_stage_outranks_what_was_read_of_an_earlier_one(dodo: Provider, api: Client) -> None:
    session, payment_id = bought(dodo, api)
    dodo.dispute(session.id, {"status": "won"})
    read = api.read(Inquiry("dodo", payment_id))
    dodo.dispute(session.id, {"status": "opened", "stage": "pre_arbitration"})
    told = PaymentFacts().merge_all(read.facts).merge_all(_translated(dodo))
    assert [one.status for one in told.disputes.values()] == ["open"]


def test_an_unknown_payment_is_refused(api: Client) -> None:
    with pytest.raises(ProviderRefused) as caught:
        api.read(Inquiry("dodo", "pay_nothing"))
    assert caught.value.status == 404


# Lists


def test_everything_of_a_time_is_listed_page_by_page(dodo: Provider, api: Client) -> None:
    """12 payments, 2 refunds, 1 dispute: payments come ten at a time, each with what a list does not say."""
    began = int(time.time() * 1000)
    made = [bought(dodo, api, tax=number) for number in range(12)]
    for session, _ in made[:2]:
        dodo.refund(session.id, {"amount": 100})
    dodo.dispute(made[0][0].id, {"status": "lost", "amount": 5})
    pages = all_of(api, began - 1, began + HOUR)
    assert [len(page.deliveries) for page in pages] == [10, 2, 2, 1]
    assert {one.type for page in pages for one in page.deliveries} == {"read"}
    listed = [one.payment_id for page in pages[:2] for one in page.deliveries]
    assert listed == [payment_id for _, payment_id in reversed(made)]
    taxes = [
        fact.tax
        for page in pages[:2]
        for one in page.deliveries
        for fact in one.facts
        if isinstance(fact, Paid)
    ]
    assert taxes == list(range(11, -1, -1))
    assert [(one.payment_id, [fact.amount for fact in disputes(one)]) for one in pages[3].deliveries] == [
        (made[0][1], [5])
    ]


def test_what_was_made_before_or_after_is_not_listed(dodo: Provider, api: Client) -> None:
    bought(dodo, api)
    now = int(time.time() * 1000)
    for since, until in ((now - 2 * HOUR, now - HOUR), (now + HOUR, now + 2 * HOUR)):
        assert [page.deliveries for page in all_of(api, since, until)] == [(), (), ()]


def test_payments_that_were_not_made_are_listed_as_that(dodo: Provider, api: Client) -> None:
    session = api.open_session(SALE)
    dodo.pay(session.id, {"status": "failed"})
    (delivery,) = api.listed(int(time.time() * 1000) - HOUR, int(time.time() * 1000) + HOUR, None).deliveries
    assert [type(fact).__name__ for fact in delivery.facts] == ["Unpaid"]


def test_bounds_are_asked_for_to_the_millisecond_and_the_end_is_not_in_them(server: Server) -> None:
    server.answers = [(200, {"items": []})]
    page = client("dodo", "key_1", server.url, 4.0).listed(1_793_611_000_000, 1_793_611_001_000, "refunds:3")
    assert page == DeliveryPage((), "disputes:0")
    assert server.asked[0].line == (
        "GET /refunds?created_at_gte=2026-11-02T09%3A16%3A40.000Z&created_at_lte=2026-11-02T09%3A16%3A40.999Z"
        "&page_number=3&page_size=10"
    )


def _translated(dodo: Provider) -> list[Any]:
    """The facts of all webhooks so far."""
    return [fact for said in dodo.said for fact in translate(said).facts]


@pytest.mark.parametrize(
    ("what", "body", "state"),
    [
        ("cancel", {"cancel_at_next_billing_date": True}, "cancelling"),
        ("cancel at once", {"status": "cancelled"}, "cancelled"),
        ("resume", {"cancel_at_next_billing_date": False}, "active"),
    ],
)
def test_a_subscription_is_ended_and_goes_on_as_it_is_asked(
    server: Server, what: str, body: dict[str, Any], state: State
) -> None:
    said = {"subscription_id": "sub_1", "status": "active", "next_billing_date": "2027-01-01T00:00:00Z"}
    server.answers = [(200, {**said, **body})]
    api = client("dodo", "key_1", server.url, 4.0)
    found = (
        api.resume_subscription("sub_1", 1793870000000)
        if what == "resume"
        else api.cancel_subscription("sub_1", 1793870000000, at_once=what == "cancel at once")
    )
    # 1 January 2027, 00:00 UTC.
    assert found == Standing("sub_1", state, 1793870000000, 1798761600000)
    (request,) = server.asked
    assert (request.line, json.loads(request.body)) == ("PATCH /subscriptions/sub_1", body)


@pytest.mark.parametrize("said", [{"subscription_id": "sub_1", "status": "new"}, {"subscription_id": None}])
def test_an_answer_that_does_not_say_how_a_subscription_stands_is_none(
    server: Server, said: dict[str, Any]
) -> None:
    server.answers = [(200, said)]
    with pytest.raises(ProviderUnavailable):
        client("dodo", "key_1", server.url, 4.0).resume_subscription("sub_1", 1793870000000)


@pytest.mark.parametrize(
    ("kind", "part", "changed", "read"),
    [
        ("refunds", LISTED, {"metadata": {"request_id": "req_1"}}, ("ref_wk4R001", "req_1")),
        (
            "refunds",
            LISTED,
            {"refund_id": "ref_2", "metadata": {"request_id": "req_1"}},
            ("ref_wk4R001", None),
        ),
        ("disputes", IN_PAYMENT, {"dispute_status": "dispute_won"}, ("dsp_wk4D001", "won")),
        (
            "disputes",
            IN_PAYMENT,
            {"dispute_id": "dsp_2", "dispute_status": "dispute_won"},
            ("dsp_wk4D001", "open"),
        ),
    ],
)
def test_a_part_of_a_payment_is_as_its_own_page_has_it_where_that_is_of_it(
    server: Server, kind: str, part: dict[str, Any], changed: dict[str, Any], read: tuple[str, str | None]
) -> None:
    payment = sample("dodo_payment_succeeded", **{kind: [part]})["data"]
    server.answers = [(200, payment), (200, {**part, **changed})]
    delivery = client("dodo", "key_1", server.url, 4.0).read(Inquiry("dodo", "pay_wk4A001", None))
    _, fact = delivery.facts
    found: Any = fact
    assert read == (
        (found.refund_id, found.request_id) if kind == "refunds" else (found.dispute_id, found.status)
    )
