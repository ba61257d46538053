"""The stand-in provider against Dodo's own SDK: what works with it works with Dodo."""

from __future__ import annotations

import json
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dodopayments import BaseModel, DodoPayments
from dodopayments import types as sdk_types
from dodopayments.types import (
    CheckoutSessionResponse,
    DisputeListResponse,
    DisputeOpenedWebhookEvent,
    GetDispute,
    Payment,
    PaymentListResponse,
    ProductItemReqParam,
    RefundListItem,
    RefundSucceededWebhookEvent,
    Subscription,
    SubscriptionRenewedWebhookEvent,
)
from dodopayments.types.payment_succeeded_webhook_event import PaymentSucceededWebhookEvent

from local.standins import dodo_shapes as shapes
from local.standins import pages
from local.standins.dodo import Provider, start
from scrip.domain.payments.facts import Dispute, Paid, Refund
from scrip.domain.payments.target import target
from scrip.domain.wallets.position import Target
from scrip.providers.clients import (
    ProviderRefused,
    ProviderUnavailable,
    Sale,
    Session,
    WantedRefund,
    client,
)
from scrip.providers.dodo.webhook import translate
from scrip.providers.signatures import verify_standard
from tests.providers.receiving import Scrip, get, post
from tests.providers.samples import folded

SECRET = "whsec_c3RhbmQtaW4gd2ViaG9vayBzZWNyZXQsIDMyIGJ5dGVz"
KEY = "key_standin"


@pytest.fixture
def provider(scrip: Scrip) -> Iterator[Provider]:
    standin = start(0, "", SECRET, KEY)
    # Set later, as it is started before there is anything deployed to send to.
    standin.scrip_url = scrip.url
    yield standin
    standin.stop()


SALE = Sale(
    topup_id="top_1",
    request_id="top_1.1",
    account="acme",
    pack="credits",
    product="pdt_credits",
    name="10000 credits",
    quantity=1,
    amount=100000,
    currency="USD",
    return_url="https://shop.example.test/done?a=1&b=2",
)
"""A pack of 1 000.00 USD."""


def buy(provider: Provider, api_key: str = KEY, **changed: Any) -> Session:
    return client("dodo", api_key, provider.url, 4.0).open_session(replace(SALE, **changed))


def test_a_purchase_and_a_refund_of_30_percent_arrive_signed_and_as_the_right_facts(
    provider: Provider, scrip: Scrip
) -> None:
    session = buy(provider)
    paid = post(f"{session.url}/pay", {"tax": 20000})
    refunded = post(f"{session.url}/refund", {"amount": 36000})

    assert paid == {"payment_id": paid["payment_id"], "webhook_status": 200}
    assert refunded["webhook_status"] == 200
    assert [path for path, _, _ in scrip.got] == ["/v1/webhooks/dodo"] * 2
    for _, headers, raw in scrip.got:
        now_ms = int(headers["webhook-timestamp"]) * 1000
        assert verify_standard(raw, headers, [SECRET], now_ms) == headers["webhook-id"]
    deliveries = [translate(json.loads(raw), shapes.BUSINESS_ID) for _, _, raw in scrip.got]
    assert [delivery.parked for delivery in deliveries] == [(), ()]
    first, second = (delivery.facts[0] for delivery in deliveries)
    assert isinstance(first, Paid)
    assert [delivery.payment_id for delivery in deliveries] == [paid["payment_id"]] * 2
    assert (first.total, first.tax, first.session_id) == (120000, 20000, session.id)
    assert isinstance(second, Refund)
    assert (second.amount, second.status, second.full) == (36000, "succeeded", False)
    assert target(folded(deliveries), 10000, 100000) == Target(10000, 3000, 0, 30000)


def test_the_bodies_are_what_the_sdk_expects_in_every_field(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay")
    post(f"{session.url}/refund", {"amount": 1})
    post(f"{session.url}/pay")

    payment, refund, again = (json.loads(raw) for _, _, raw in scrip.got)
    PaymentSucceededWebhookEvent.model_validate(payment)
    RefundSucceededWebhookEvent.model_validate(refund)
    listed = PaymentSucceededWebhookEvent.model_validate(again).data.refunds
    assert [each.amount for each in listed] == [1]
    # Nothing is missing that the model has, optional fields included, and nothing is there that it has not.
    model = set(PaymentSucceededWebhookEvent.model_fields["data"].annotation.model_fields)  # type: ignore[union-attr]
    assert set(payment["data"]) - {"payload_type"} == model
    model = set(RefundSucceededWebhookEvent.model_fields["data"].annotation.model_fields)  # type: ignore[union-attr]
    assert set(refund["data"]) - {"payload_type"} == model


def test_the_sdk_itself_verifies_the_webhooks_and_reads_the_payment(provider: Provider, scrip: Scrip) -> None:
    paid = post(f"{buy(provider).url}/pay")
    _, headers, raw = scrip.got[0]

    with DodoPayments(bearer_token=KEY, base_url=provider.url, webhook_key=SECRET) as sdk:
        assert sdk.webhooks.unwrap(raw.decode(), headers=headers).type == "payment.succeeded"
        payment = sdk.payments.retrieve(paid["payment_id"])
    assert (payment.total_amount, payment.metadata["topup_id"]) == (100000, "top_1")


def test_a_second_attempt_is_at_the_same_checkout_and_no_renewal(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay", {"status": "failed"})
    post(f"{session.url}/pay")

    failed, paid = (json.loads(raw)["data"] for _, _, raw in scrip.got)
    assert failed["payment_id"] != paid["payment_id"]
    assert failed["checkout_session_id"] == paid["checkout_session_id"] is not None
    assert (paid["status"], paid["charge_type"]) == ("succeeded", None)


def test_a_payment_that_was_made_elsewhere_is_known_to_it(provider: Provider) -> None:
    checkout = shapes.Checkout("cks_demo", [{"product_id": "pdt_demo", "quantity": 1}], 100, "USD", {}, None)
    made = shapes.payment(checkout, 100, 0)
    provider.remember(checkout, made)
    assert provider.payment(made["payment_id"])["status"] == "succeeded"


def test_paying_twice_delivers_the_same_payment_under_another_webhook_id(
    provider: Provider, scrip: Scrip
) -> None:
    session = buy(provider)

    first, second = post(f"{session.url}/pay"), post(f"{session.url}/pay", {"tax": 5})

    assert first == second
    ids = {headers["webhook-id"] for _, headers, _ in scrip.got}
    assert len(ids) == 2


def test_a_webhook_that_is_not_taken_is_tried_again_with_the_same_id(
    provider: Provider, scrip: Scrip
) -> None:
    scrip.statuses = [500, 503]

    assert post(f"{buy(provider).url}/pay")["webhook_status"] == 200
    assert len(scrip.got) == 3
    assert len({headers["webhook-id"] for _, headers, _ in scrip.got}) == 1


def test_a_payment_can_be_made_without_anyone_hearing_of_it(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)

    paid = post(f"{session.url}/pay", {"webhook": False, "total_amount": 99999})

    assert paid["webhook_status"] is None
    assert scrip.got == []
    assert json.loads(get(f"{provider.url}/payments/{paid['payment_id']}"))["total_amount"] == 99999


def test_refunds_add_up_to_what_was_paid_and_no_more(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay", {"webhook": False})
    post(f"{session.url}/refund", {"amount": 30000, "status": "failed"})
    post(f"{session.url}/refund", {"amount": 30000})

    with pytest.raises(urllib.error.HTTPError, match="409"):
        post(f"{session.url}/refund", {"amount": 70001})
    post(f"{session.url}/refund")
    with pytest.raises(urllib.error.HTTPError, match="409"):
        post(f"{session.url}/refund")

    refunds = [json.loads(raw)["data"] for _, _, raw in scrip.got]
    assert [(each["status"], each["amount"], each["is_partial"]) for each in refunds] == [
        ("failed", 30000, True),
        ("succeeded", 30000, True),
        ("succeeded", 70000, True),
    ]


def test_a_pending_refund_has_no_webhook_and_is_seen_in_the_payment(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    post(f"{session.url}/pay", {"webhook": False})

    assert post(f"{session.url}/refund", {"status": "pending"})["webhook_status"] is None
    post(f"{session.url}/pay")

    (refund,) = json.loads(scrip.got[0][2])["data"]["refunds"]
    assert (refund["status"], refund["amount"], refund["is_partial"]) == ("pending", 100000, False)


def test_the_page_shows_the_price_and_its_button_buys(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider, quantity=3)

    page = get(session.url)
    bought = post(f"{session.url}/pay", raw=b"", kind="application/x-www-form-urlencoded")

    assert "USD 3,000.00" in page
    assert "<button>Pay</button>" in page
    assert "USD 3,000.00" in bought
    assert "Webhook delivered: 200" in bought
    assert 'href="https://shop.example.test/done?a=1&amp;b=2"' in bought
    assert "<button>" not in get(session.url)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (100000, "USD", "USD 1,000.00"),
        (5, "EUR", "EUR 0.05"),
        (1000, "JPY", "JPY 1,000"),
        (1000, "KWD", "KWD 1.000"),
    ],
)
def test_a_price_is_shown_in_its_own_decimals(amount: int, currency: str, shown: str) -> None:
    assert pages.money(amount, currency) == shown


def test_the_apis_own_bodies_are_what_the_sdk_expects_in_every_field(provider: Provider) -> None:
    provider.product("plan", {"price": 100})
    session = buy(provider)
    paid = provider.pay(session.id, {"webhook": False})
    refund = provider.refund(session.id, {"webhook": False, "amount": 1})
    dispute = provider.dispute(session.id, {"webhook": False})
    plan = client("dodo", KEY, provider.url, 4.0).open_session(replace(SALE, product="plan", every="P1M"))
    provider.pay(plan.id, {"webhook": False})
    subscription_id = provider.checkout(plan.id).subscription["subscription_id"]  # type: ignore[index]

    with DodoPayments(bearer_token=KEY, base_url=provider.url) as sdk:
        raw = sdk.with_raw_response
        cart: list[ProductItemReqParam] = [{"product_id": "p", "quantity": 1, "amount": 1}]
        bodies: list[tuple[type[BaseModel], Any]] = [
            (Payment, raw.payments.retrieve(paid["payment_id"])),
            (PaymentListResponse, raw.payments.list(page_size=1)),
            (sdk_types.Refund, raw.refunds.retrieve(refund["refund_id"])),
            (RefundListItem, raw.refunds.list()),
            (GetDispute, raw.disputes.retrieve(dispute["dispute_id"])),
            (DisputeListResponse, raw.disputes.list()),
            (Subscription, raw.subscriptions.retrieve(subscription_id)),
            (
                CheckoutSessionResponse,
                raw.checkout_sessions.create(product_cart=cart),
            ),
        ]
    for model, answer in bodies:
        body = answer.http_response.json()
        body = body["items"][0] if "items" in body else body
        model.model_validate(body)
        missing = {name for name, field in model.model_fields.items() if field.is_required()} - set(body)
        assert (model, set(body) - set(model.model_fields), missing) == (model, set(), set())


@pytest.mark.parametrize(
    "status", ["opened", "challenged", "won", "lost", "expired", "accepted", "cancelled"]
)
def test_a_dispute_is_told_as_dodo_tells_it(provider: Provider, scrip: Scrip, status: str) -> None:
    session = buy(provider)
    post(f"{session.url}/pay", {"webhook": False})
    first = post(f"{session.url}/dispute", {"amount": 30000})
    again = post(f"{session.url}/dispute", {"status": status, "stage": "pre_arbitration"})
    assert first == again
    opened, then = (json.loads(raw) for _, _, raw in scrip.got)
    assert (opened["type"], then["type"]) == ("dispute.opened", f"dispute.{status}")
    DisputeOpenedWebhookEvent.model_validate(opened)
    model = DisputeOpenedWebhookEvent.model_fields["data"].annotation.model_fields  # type: ignore[union-attr]
    assert set(opened["data"]) - {"payload_type"} == set(model)
    (fact,) = translate(then).facts
    assert isinstance(fact, Dispute)
    assert (fact.amount, fact.stage) == (30000, "pre_arbitration")


def test_another_dispute_is_another(provider: Provider) -> None:
    session = buy(provider)
    provider.pay(session.id, {})
    one, other = (provider.dispute(session.id, {"new": True})["dispute_id"] for _ in range(2))
    assert one != other


def test_a_subscription_is_paid_again_by_itself(provider: Provider, scrip: Scrip) -> None:
    """Law 9: three webhooks for two payments, each payment with an id of its own and one subscription."""
    provider.product("plan", {"price": 2900, "interval": "Month", "count": 3})
    api = client("dodo", KEY, provider.url, 4.0)
    session = api.open_session(replace(SALE, product="plan", quantity=2, every="P3M"))
    first = post(f"{session.url}/pay", {"tax": 580})
    second = post(f"{session.url}/renew", {"tax": 580})
    assert first["payment_id"] != second["payment_id"]
    told = [json.loads(raw) for _, _, raw in scrip.got]
    assert [one["type"] for one in told] == ["payment.succeeded", "payment.succeeded", "subscription.renewed"]
    SubscriptionRenewedWebhookEvent.model_validate(told[2])
    paid = [fact for one in told for fact in translate(one).facts if isinstance(fact, Paid)]
    assert [(one.total, one.tax, one.session_id) for one in paid] == [
        (6380, 580, session.id),
        (6380, 580, None),
    ]
    assert len({one.subscription_id for one in paid}) == 1


def test_a_refund_that_was_asked_for_comes_to_its_end_by_itself(provider: Provider, scrip: Scrip) -> None:
    session = buy(provider)
    paid = post(f"{session.url}/pay", {"webhook": False})
    wanted = WantedRefund(paid["payment_id"], "req_1", 30000, "USD", False, "asked for")
    (asked,) = client("dodo", KEY, provider.url, 4.0).refund(wanted).facts
    assert isinstance(asked, Refund)
    assert asked.status == "pending"
    deadline = time.monotonic() + 10
    while not scrip.got and time.monotonic() < deadline:
        time.sleep(0.02)
    (refund,) = translate(json.loads(scrip.got[0][2])).facts
    assert refund == replace(asked, status="succeeded")


def test_a_wrong_key_is_refused(provider: Provider) -> None:
    with pytest.raises(ProviderRefused) as caught:
        buy(provider, api_key="other")
    assert caught.value.status == 401


def test_while_it_is_down_nothing_is_sold_and_afterwards_it_is(provider: Provider) -> None:
    provider.down = True
    with pytest.raises(ProviderUnavailable):
        buy(provider)

    provider.down = False
    assert buy(provider).id.startswith("cks_")


@pytest.mark.parametrize(
    ("path", "raw", "status"),
    [
        ("/checkout/cks_none/pay", b"{}", 404),
        ("/nowhere", b"{}", 401),
        ("/checkout/{session}/refund", b"{}", 409),
        ("/checkout/{session}/pay", b"{", 400),
        ("/checkout/{session}/pay", b"[]", 400),
        ("/checkout/{session}/pay", b'{"tax": "20"}', 422),
        ("/checkout/{session}/pay", b'{"tax": -1}', 422),
        ("/checkout/{session}/refund", b'{"status": "maybe"}', 422),
        ("/checkout/{session}/pay", b" " * 70_000, 413),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    provider: Provider, path: str, raw: bytes, status: int
) -> None:
    url = provider.url + path.format(session=buy(provider).id)

    with pytest.raises(urllib.error.HTTPError, match=str(status)):
        post(url, raw=raw)
