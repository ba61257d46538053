"""The stand-in for Stripe against Stripe's own SDK: what works with it works with Stripe."""

from __future__ import annotations

import json
import time
import types
import typing
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import stripe as sdk

from local.standins.stripe import Provider, sign, start
from local.standins.stripe_requests import form
from local.standins.stripe_versions import ACACIA
from scrip.domain.payments.facts import Dispute, Paid, Refund, Unpaid
from scrip.domain.payments.target import target
from scrip.domain.wallets.position import Target
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, Session, client
from scrip.providers.stripe.webhook import translate, verify
from tests.providers.receiving import Scrip, get, post
from tests.providers.samples import folded
from tests.providers.test_clients import SALE

SECRET = "whsec_standin"
KEY = "sk_test_standin"
MODELS: dict[str, Any] = {
    "checkout.session": sdk.checkout.Session,
    "payment_intent": sdk.PaymentIntent,
    "invoice": sdk.Invoice,
    "invoice_payment": sdk.InvoicePayment,
    "refund": sdk.Refund,
    "dispute": sdk.Dispute,
    "credit_note": sdk.CreditNote,
}


@pytest.fixture
def stripe(scrip: Scrip) -> Iterator[Provider]:
    started = start(0, "", SECRET, KEY)
    started.scrip_url = scrip.url
    yield started
    started.stop()


def buy(stripe: Provider, key: str = KEY, **changed: Any) -> Session:
    """A session for a pack of USD 1 000.00."""
    return client("stripe", key, stripe.url, 4.0).open_session(replace(SALE, quantity=1, **changed))


def told(scrip: Scrip) -> list[Any]:
    return [json.loads(raw) for _, _, raw in scrip.got]


def unlike(model: Any, body: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Members of a body that Stripe's model has not, and those that it always has and the body lacks."""
    known = {name: kind for name, kind in model.__annotations__.items() if name != "OBJECT_NAME"}
    needed = {name for name, kind in known.items() if types.NoneType not in typing.get_args(kind)}
    return set(body) - set(known), needed - set(body)


def test_a_purchase_and_a_refund_of_30_percent_arrive_signed_and_as_the_right_facts(
    stripe: Provider, scrip: Scrip
) -> None:
    session = buy(stripe)
    paid = post(f"{session.url}/pay", {"tax": 20000})
    refunded = post(f"{session.url}/refund", {"amount": 36000})
    assert (paid["webhook_status"], refunded["webhook_status"]) == (200, 200)
    assert [path for path, _, _ in scrip.got] == ["/v1/webhooks/stripe"] * 3
    for event, (_, headers, raw) in zip(told(scrip), scrip.got, strict=True):
        assert verify(raw, headers, [SECRET], int(time.time() * 1000)) == event["id"]
        sdk.Webhook.construct_event(raw, headers["stripe-signature"], SECRET)
    assert [event["type"] for event in told(scrip)] == [
        "payment_intent.succeeded",
        "checkout.session.completed",
        "refund.created",
    ]
    deliveries = [translate(event, "false") for event in told(scrip)]
    assert {one.payment_id for one in deliveries} == {paid["payment_intent"]}
    facts = folded(deliveries)
    assert facts.paid
    assert (facts.paid.total, facts.paid.tax) == (120000, 20000)
    assert (facts.paid.session_id, facts.paid.topup_id) == (session.id, "top_1")
    assert target(facts, 10000, 100000) == Target(10000, 3000, 0, 30000)


def test_the_bodies_are_what_the_sdk_expects(stripe: Provider, scrip: Scrip) -> None:
    single, plan = buy(stripe), buy(stripe, every="P1M", request_id="top_2.1")
    for session in (single, plan):
        post(f"{session.url}/pay", {"tax": 5})
        post(f"{session.url}/refund", {"amount": 1})
        post(f"{session.url}/dispute", {})
    post(f"{plan.url}/renew", {"prorations": [-1], "items": [2], "discount": 3, "balance": -4})
    post(f"{plan.url}/renew", {"outside": True})
    post(f"{plan.url}/credit_note", {"amount": 7, "refund": 2, "outside": 1})
    post(f"{buy(stripe, request_id='top_3.1').url}/expire", {"intent": True})
    for invoice in stripe._all("invoice"):
        for line in invoice["lines"]["data"]:
            assert unlike(sdk.InvoiceLineItem, line) == (set(), set())
    objects = [event["data"]["object"] for event in told(scrip)]
    assert {one["object"] for one in objects} == set(MODELS)
    for event in told(scrip):
        assert unlike(sdk.Event, event) == (set(), set())
        assert event["type"] in typing.get_args(sdk.Event.__annotations__["type"])
    for one in objects:
        assert (one["object"], unlike(MODELS[one["object"]], one)) == (one["object"], (set(), set()))


ACACIAS_INVOICE = {
    *("account_country", "account_name", "account_tax_ids", "amount_due", "amount_paid", "amount_remaining"),
    *("amount_shipping", "application", "application_fee_amount", "attempt_count", "attempted"),
    *("auto_advance", "automatic_tax", "automatically_finalizes_at", "billing_reason", "charge"),
    *("collection_method", "created", "currency", "custom_fields", "customer", "customer_address"),
    *("customer_email", "customer_name", "customer_phone", "customer_shipping", "customer_tax_exempt"),
    *("customer_tax_ids", "default_payment_method", "default_source", "default_tax_rates", "deleted"),
    *("description", "discount", "discounts", "due_date", "effective_at", "ending_balance", "footer"),
    *("from_invoice", "hosted_invoice_url", "id", "invoice_pdf", "issuer", "last_finalization_error"),
    *("latest_revision", "lines", "livemode", "metadata", "next_payment_attempt", "number", "object"),
    *("on_behalf_of", "paid", "paid_out_of_band", "payment_intent", "payment_settings", "period_end"),
    *("period_start", "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "quote"),
    *("receipt_number", "rendering", "shipping_cost", "shipping_details", "starting_balance"),
    *("statement_descriptor", "status", "status_transitions", "subscription", "subscription_details"),
    *("subscription_proration_date", "subtotal", "subtotal_excluding_tax", "tax", "test_clock"),
    *("threshold_reason", "total", "total_discount_amounts", "total_excluding_tax"),
    *("total_pretax_credit_amounts", "total_tax_amounts", "transfer_data", "webhooks_delivered_at"),
}
"""The members of an invoice in Stripe's SDK 11.6, of API 2025-02-24.acacia."""


def test_an_endpoint_of_an_earlier_version_is_told_what_it_was_told_then(
    stripe: Provider, scrip: Scrip
) -> None:
    session, before = buy(stripe, every="P1M"), {"api_version": ACACIA}
    post(f"{session.url}/pay", {"tax": 5, **before})
    post(f"{session.url}/credit_note", {"amount": 7, "refund": 2, **before})
    assert [(event["type"], event["api_version"]) for event in told(scrip)] == [
        (type_, ACACIA)
        for type_ in (
            *("payment_intent.succeeded", "invoice.paid", "checkout.session.completed"),
            *("refund.created", "credit_note.created"),
        )
    ]
    intent, invoice, _, refund, note = (event["data"]["object"] for event in told(scrip))
    assert set(invoice) <= ACACIAS_INVOICE
    assert (invoice["payment_intent"], intent["invoice"]) == (intent["id"], invoice["id"])
    assert (invoice["charge"], invoice["tax"], invoice["paid"]) == (intent["latest_charge"], 5, True)
    assert invoice["subscription_details"] == {"metadata": {"topup_id": "top_1"}}
    (line,) = invoice["lines"]["data"]
    assert (line["type"], line["proration"]) == ("subscription", False)
    assert note["refund"] == refund["id"]
    assert "post_payment_amount" not in note


@pytest.mark.parametrize(
    ("options", "due", "ending"),
    [
        ({}, 100_000, 0),
        ({"balance": -30_000}, 70_000, 0),
        ({"balance": -130_000}, 0, -30_000),
        ({"balance": 30_000}, 130_000, 0),
        ({"balance": -99_951}, 0, 49),
        ({"balance": -99_950}, 50, 0),
        ({"discount": 100_000}, 0, 0),
        ({"amount": 0, "prorations": [-30_000]}, 0, -30_000),
    ],
)
def test_a_customers_balance_is_settled_with_each_invoice(
    stripe: Provider, options: dict[str, Any], due: int, ending: int
) -> None:
    """docs.stripe.com, customer invoice balance: what is below the least charge is owed with the next invoice."""
    session = buy(stripe, every="P1M")
    post(f"{session.url}/pay", {"webhook": False})
    post(f"{session.url}/renew", {"webhook": False, **options})
    invoice = next(one for one in stripe._all("invoice") if one["billing_reason"] == "subscription_cycle")
    assert (invoice["amount_due"], invoice["amount_paid"], invoice["ending_balance"]) == (due, due, ending)


def test_a_session_expires_once_and_only_while_it_is_open(stripe: Provider, scrip: Scrip) -> None:
    session, paid = buy(stripe), buy(stripe, request_id="top_2.1")
    expire = f"{stripe.url}/v1/checkout/sessions/{session.id}/expire"
    kind = "application/x-www-form-urlencoded"
    assert post(expire, raw=b"", kind=kind, key=KEY)["status"] == "expired"
    assert [event["type"] for event in told(scrip)] == ["checkout.session.expired"]
    post(f"{paid.url}/pay", {})
    for url in (f"{session.url}/expire", f"{paid.url}/expire", f"{session.url}/pay"):
        with pytest.raises(urllib.error.HTTPError, match="409"):
            post(url, {})


def test_a_subscription_is_an_invoice_for_each_period(stripe: Provider, scrip: Scrip) -> None:
    session = buy(stripe, every="P1M")
    first = post(f"{session.url}/pay", {"tax": 20000})
    second = post(f"{session.url}/renew", {"tax": 20000})
    assert first["invoice"] != second["invoice"]
    assert [event["type"] for event in told(scrip)] == [
        *("payment_intent.succeeded", "invoice_payment.paid", "invoice.paid", "checkout.session.completed"),
        *("payment_intent.succeeded", "invoice_payment.paid", "invoice.paid"),
    ]
    deliveries = [translate(event) for event in told(scrip)]
    paid = {one.payment_id: fact for one in deliveries for fact in one.facts if isinstance(fact, Paid)}
    for invoice in (first["invoice"], second["invoice"]):
        assert (paid[invoice].total, paid[invoice].tax, paid[invoice].topup_id) == (120000, 20000, "top_1")
    assert paid[first["invoice"]].subscription_id == paid[second["invoice"]].subscription_id is not None
    assert paid[first["payment_intent"]].topup_id is None


@pytest.mark.parametrize(("end", "ended"), [("succeeded", "succeeded"), ("failed", "failed")])
def test_a_bank_debit_is_paid_later_or_not(stripe: Provider, scrip: Scrip, end: str, ended: str) -> None:
    session = buy(stripe)
    post(f"{session.url}/pay", {"status": "processing"})
    post(f"{session.url}/pay", {"status": end})
    types = [event["type"] for event in told(scrip)]
    assert types[:2] == ["payment_intent.processing", "checkout.session.completed"]
    assert types[3] == f"checkout.session.async_payment_{ended}"
    facts = folded([translate(event) for event in told(scrip)])
    assert (facts.paid is not None) == (end == "succeeded")
    assert isinstance(facts.unpaid, Unpaid)


def test_paying_twice_tells_of_the_same_payment_in_other_events(stripe: Provider, scrip: Scrip) -> None:
    session = buy(stripe)
    first, second = post(f"{session.url}/pay"), post(f"{session.url}/pay", {"tax": 5})
    assert first == second
    assert len({event["id"] for event in told(scrip)}) == 4
    facts = folded([translate(event) for event in told(scrip)])
    assert facts.paid
    assert (facts.paid.total, facts.paid.tax) == (100000, 0)


@pytest.mark.parametrize(
    ("statuses", "types", "status", "movements"),
    [
        (["needs_response"], ["created"], "open", [-100000]),
        (
            ["needs_response", "under_review", "won"],
            ["created", "updated", "closed"],
            "won",
            [-100000, 100000],
        ),
        (["needs_response", "lost"], ["created", "closed"], "lost", [-100000]),
        (["lost"], ["created"], "lost", [-100000]),
        (["warning_needs_response", "warning_closed"], ["created", "closed"], "won", []),
    ],
)
def test_a_dispute_takes_the_money_and_gives_it_back_when_it_is_won(
    stripe: Provider, scrip: Scrip, statuses: list[str], types: list[str], status: str, movements: list[int]
) -> None:
    session = buy(stripe)
    post(f"{session.url}/pay", {"webhook": False})
    for one in statuses:
        post(f"{session.url}/dispute", {"status": one})
    assert [event["type"] for event in told(scrip)] == [f"charge.dispute.{type_}" for type_ in types]
    last = told(scrip)[-1]
    assert [one["amount"] for one in last["data"]["object"]["balance_transactions"]] == movements
    (fact,) = translate(last).facts
    assert isinstance(fact, Dispute)
    assert (fact.status, fact.amount) == (status, 100000)


def test_a_refund_may_wait_and_fail(stripe: Provider, scrip: Scrip) -> None:
    session = buy(stripe)
    post(f"{session.url}/pay", {"webhook": False})
    made = post(f"{session.url}/refund", {"amount": 100, "status": "pending"})
    for status in ("succeeded", "failed"):
        post(f"{stripe.url}/refunds/{made['refund_id']}/settle", {"status": status})
    assert [event["type"] for event in told(scrip)] == ["refund.created", "refund.updated", "refund.failed"]
    facts = [fact for event in told(scrip) for fact in translate(event).facts]
    assert [fact.status for fact in facts if isinstance(fact, Refund)] == ["pending", "succeeded", "failed"]
    post(f"{session.url}/refund", {"amount": 100000})  # what failed is there again


def test_a_payment_can_be_made_without_anyone_hearing_of_it(stripe: Provider, scrip: Scrip) -> None:
    session = buy(stripe)
    assert post(f"{session.url}/pay", {"webhook": False})["webhook_status"] is None
    assert scrip.got == []
    assert [event["type"] for event in stripe.said] == [
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_the_page_shows_the_price_and_its_button_buys(stripe: Provider, scrip: Scrip) -> None:
    session = buy(stripe, product=None)
    page = get(session.url)
    bought = post(f"{session.url}/pay", raw=b"", kind="application/x-www-form-urlencoded")
    assert "USD 1,000.00" in page
    assert "10000 credits" in page
    assert "<button>Pay</button>" in page
    assert "Webhook delivered: 200" in bought
    assert 'href="https://shop.example.test/done"' in bought
    assert "<button>" not in get(session.url)


def test_a_wrong_key_is_refused(stripe: Provider) -> None:
    with pytest.raises(ProviderRefused) as caught:
        buy(stripe, key="other")
    assert caught.value.status == 401


def test_while_it_is_down_nothing_is_sold_and_afterwards_it_is(stripe: Provider) -> None:
    stripe.down = True
    with pytest.raises(ProviderUnavailable):
        buy(stripe)
    stripe.down = False
    assert buy(stripe).id.startswith("cs_test_")


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"", {}),
        (b"a=1&b=x%20y", {"a": "1", "b": "x y"}),
        (b"a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        (b"a[0][b]=1&a[1][b]=2", {"a": [{"b": "1"}, {"b": "2"}]}),
        (b"expand[0]=x&expand[1]=y", {"expand": ["x", "y"]}),
        (b"a[b]=", {"a": {"b": ""}}),
    ],
)
def test_a_form_is_read_as_stripe_reads_it(raw: bytes, body: dict[str, Any]) -> None:
    assert form(raw) == body


GOOD_FORM = (
    "mode=payment&success_url=https://shop.example.test/&line_items[0][quantity]=1"
    "&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=100"
    "&line_items[0][price_data][product]=prod_1"
)


@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ("mode=payment", "mode=gift"),
        ("mode=payment", "mode=subscription"),
        ("https://shop.example.test/", "shop"),
        ("[unit_amount]=100", "[unit_amount]=0"),
        ("[unit_amount]=100", "[unit_amount]=1.5"),
        ("[unit_amount]=100", "[unit_amount]=-1"),
        ("[currency]=usd", "[currency]=USD"),
        ("[product]=prod_1", "[recurring][interval]=month"),
        ("[product]=prod_1", "[product]=prod_1&line_items[0][price_data][recurring][interval]=month"),
        ("[product]=prod_1", "[product]=prod_1&subscription_data[metadata][a]=b"),
        ("line_items[0][quantity]=1", "line_items=1"),
    ],
)
def test_a_session_that_stripe_would_refuse_is_refused(stripe: Provider, changed: str, to: str) -> None:
    def ask(body: str) -> Any:
        url, kind = f"{stripe.url}/v1/checkout/sessions", "application/x-www-form-urlencoded"
        return post(url, raw=body.encode(), kind=kind, key=KEY)

    assert ask(GOOD_FORM)["object"] == "checkout.session"
    with pytest.raises(urllib.error.HTTPError, match="400"):
        ask(GOOD_FORM.replace(changed, to))


def test_its_signature_is_one_of_stripes_own(stripe: Provider) -> None:
    raw = b'{"id":"evt_1","object":"event"}'
    headers = sign(SECRET, raw, at=1_793_611_000)
    assert sdk.WebhookSignature.verify_header(
        raw.decode(), headers["stripe-signature"], SECRET, tolerance=10**12
    )
