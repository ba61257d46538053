"""What a Stripe event says of a payment, as facts: the object's status counts, only what we wrote tells the order, and
nothing ever raises."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any, get_args

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid, PartOf, Unpaid
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.target import mismatch
from scrip.providers.stripe.objects import method_of
from scrip.providers.stripe.webhook import read_object, translate
from tests.providers.samples import distorted, steady
from tests.providers.stripe.samples import NAMES, event, parked, said

# The instants of the sample events, in epoch milliseconds.
PAID_AT = 1793610904000
INVOICED_AT = 1793610903000
SESSION = "cs_test_wk4S001"
BY_INTENT = Paid(12000, None, "USD", PAID_AT)
BY_SESSION = Paid(12000, 2000, "USD", PAID_AT, session_id=SESSION)
FIRST = Paid(12000, 2000, "USD", INVOICED_AT, topup_id="top_wk4T002", subscription_id="sub_wk4U001")


def test_an_intent_is_a_payment_without_a_word_on_tax() -> None:
    delivery = said("payment_intent_succeeded")

    assert delivery == Delivery("stripe", "payment_intent.succeeded", "pi_wk4A001", (BY_INTENT,))


def test_a_session_is_the_same_payment_with_its_tax_and_session() -> None:
    delivery = said("checkout_session_completed_paid")

    assert delivery == Delivery("stripe", "checkout.session.completed", "pi_wk4A001", (BY_SESSION,))


def test_a_session_paid_later_is_the_same_payment_too() -> None:
    delivery = said("checkout_session_async_payment_succeeded")

    assert delivery.payment_id == "pi_wk4A001"
    assert delivery.facts == (Paid(12000, 2000, "USD", 1793870000000, session_id=SESSION),)


def test_the_metadata_of_an_intent_tells_the_order_as_only_we_can_write_it() -> None:
    (fact,) = said("payment_intent_succeeded", metadata={"topup_id": "top_1", "order_id": "?"}).facts

    assert fact == Paid(12000, None, "USD", PAID_AT, topup_id="top_1")


@pytest.mark.parametrize("metadata", [None, [], "top_1", {}, {"topup_id": 7}, {"topup_id": "a/b"}])
def test_metadata_that_names_no_order_is_no_reason_to_lose_the_payment(metadata: Any) -> None:
    assert said("payment_intent_succeeded", metadata=metadata).facts == (BY_INTENT,)


def test_what_a_buyer_can_write_into_a_session_names_no_order() -> None:
    # A Payment Link takes client_reference_id from its URL.
    delivery = said(
        "checkout_session_completed_paid", client_reference_id="top_1", metadata={"topup_id": "top_1"}
    )

    assert delivery.facts == (BY_SESSION,)


def test_an_intent_that_a_session_was_expanded_with_tells_its_order() -> None:
    intent = {"id": "pi_wk4A001", "object": "payment_intent", "metadata": {"topup_id": "top_1"}}

    delivery = said("checkout_session_completed_paid", payment_intent=intent)

    assert delivery.payment_id == "pi_wk4A001"
    assert delivery.facts == (Paid(12000, 2000, "USD", PAID_AT, session_id=SESSION, topup_id="top_1"),)


@pytest.mark.parametrize(
    ("name", "changed", "tax"),
    [
        ("checkout_session_completed_paid", {"total_details": {"amount_tax": 0}}, 0),
        ("checkout_session_completed_paid", {"total_details": {"amount_tax": None}}, None),
        ("checkout_session_completed_paid", {"total_details": None}, None),
        ("invoice_paid_first", {"total_excluding_tax": 12000}, 0),
        ("invoice_paid_first", {"total_excluding_tax": None}, 2000),
        (
            "invoice_paid_first",
            {"total_excluding_tax": None, "total_taxes": [{"amount": 1200}, {"amount": 300}]},
            1500,
        ),
        ("invoice_paid_first", {"total_excluding_tax": None, "total_taxes": []}, 0),
        ("invoice_paid_first", {"total_excluding_tax": None, "total_taxes": None}, None),
    ],
)
def test_the_tax_of(name: str, changed: dict[str, Any], tax: int | None) -> None:
    (fact,) = said(name, **changed).facts

    assert isinstance(fact, Paid)
    assert (fact.total, fact.tax) == (12000, tax)


@pytest.mark.parametrize(("currency", "total"), [("jpy", 12000), ("kwd", 12001), ("usd", 50)])
def test_minor_units_stay_what_they_are_in_every_currency(currency: str, total: int) -> None:
    (by_intent,) = said("payment_intent_succeeded", amount_received=total, currency=currency).facts
    (by_session,) = said(
        "checkout_session_completed_paid", amount_total=total, total_details={}, currency=currency
    ).facts

    assert isinstance(by_intent, Paid)
    assert isinstance(by_session, Paid)
    assert (by_intent.total, by_intent.currency) == (total, currency.upper())
    assert (by_session.total, by_session.currency) == (total, currency.upper())


@pytest.mark.parametrize(
    ("delivery", "fact"),
    [
        (
            said("payment_intent_processing"),
            Unpaid("processing", PAID_AT - 2000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_payment_failed"),
            Unpaid("failed", PAID_AT - 1000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_payment_failed", last_payment_error=None),
            Unpaid("failed", PAID_AT - 1000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_payment_failed", "payment_intent.created"),
            Unpaid("failed", PAID_AT - 1000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_payment_failed", "payment_intent.created", last_payment_error=None),
            Unpaid("processing", PAID_AT - 1000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_processing", "payment_intent.canceled", status="canceled"),
            Unpaid("failed", PAID_AT - 2000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_processing", "payment_intent.requires_action", status="requires_action"),
            Unpaid("processing", PAID_AT - 2000, topup_id="top_wk4T001"),
        ),
        (
            said("payment_intent_processing", status="requires_capture"),
            Unpaid("processing", PAID_AT - 2000, topup_id="top_wk4T001"),
        ),
        (said("checkout_session_completed_unpaid"), Unpaid("processing", PAID_AT, SESSION)),
        (
            said("checkout_session_completed_unpaid", "checkout.session.expired", status="expired"),
            Unpaid("expired", PAID_AT, SESSION),
        ),
        (said("checkout_session_async_payment_failed"), Unpaid("failed", 1793870000000, SESSION)),
        (said("payment_intent_payment_failed", status="succeeded", amount_received=12000), None),
    ],
    ids=[
        "a debit on its way",
        "a card that was declined",
        "the type alone says that it failed",
        "the object alone says that it failed",
        "nothing tried yet",
        "canceled",
        "a step of the buyer's",
        "held and not captured",
        "a session whose debit is on its way",
        "a session that ran out",
        "a session whose debit failed",
        "a failed attempt of a payment that succeeded",
    ],
)
def test_an_attempt_that_is_no_payment_is_a_state_of_its_order(
    delivery: Delivery, fact: Unpaid | None
) -> None:
    assert delivery.payment_id == "pi_wk4A001"
    assert delivery.parked == ()
    if fact is None:
        assert isinstance(delivery.facts[0], Paid)
    else:
        assert delivery.facts == (fact,)


def test_a_paid_invoice_is_the_payment_of_a_period_under_the_invoices_id() -> None:
    assert said("invoice_paid_first") == Delivery("stripe", "invoice.paid", "in_wk4I001", (FIRST,))
    assert said("invoice_paid_renewal").payment_id == "in_wk4I002"
    assert said("invoice_paid_first", "invoice.payment_succeeded").facts == (FIRST,)


def test_the_intent_that_pays_an_invoice_becomes_part_of_it() -> None:
    delivery = said("invoice_payment_paid")

    assert delivery.payment_id == "pi_wk4B001"
    assert delivery.facts == (PartOf("in_wk4I001"),)
    expanded = said(
        "invoice_payment_paid",
        invoice={"id": "in_wk4I001", "object": "invoice"},
        payment={"type": "payment_intent", "payment_intent": {"id": "pi_wk4B001"}},
    )
    assert expanded == delivery


def test_an_expanded_subscription_is_named_by_its_id() -> None:
    details = {"subscription": {"id": "sub_1", "object": "subscription"}, "metadata": {"topup_id": "top_1"}}
    (fact,) = said("invoice_paid_first", parent={"subscription_details": details}).facts

    assert isinstance(fact, Paid)
    assert (fact.subscription_id, fact.topup_id) == ("sub_1", "top_1")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, None),
        ({"amount_paid": 9000}, "paid 7000 USD without tax, the order costs 10000 USD"),
        ({"amount_paid": 10000}, "paid 8000 USD without tax, the order costs 10000 USD"),
        ({"amount_paid": 1500}, "paid 0 USD without tax, the order costs 10000 USD"),
        ({"amount_paid": 12500}, "paid 10500 USD without tax, the order costs 10000 USD"),
    ],
    ids=["nothing of it", "a part", "as much as the tax", "nearly all", "a debt paid besides"],
)
def test_an_invoice_that_a_customers_balance_paid_a_part_of_is_not_its_orders_price(
    changed: dict[str, Any], says: str | None
) -> None:
    # 100.00 and 20.00 of tax. What was paid counts, beside the invoice's whole tax: a person decides on the rest.
    (fact,) = said("invoice_paid_first", **changed).facts

    assert isinstance(fact, Paid)
    assert fact.total == changed.get("amount_paid", 12000)
    assert mismatch(fact, 10000, "USD") == says


def test_an_invoice_that_brought_in_nothing_is_parked_with_what_paid_it() -> None:
    """Law 3: 120.00 from the customer's balance are no money that came in, and no reason to say nothing."""
    delivery = said("invoice_paid_first", amount_paid=0, starting_balance=-12000)

    assert delivery.payment_id == "in_wk4I001"
    assert delivery.facts == (replace(FIRST, total=0, tax=0),)
    (reason,) = parked(delivery)
    assert reason == (
        "payment: amount_paid is 0 and total is 12000 USD, the customer's balance was -12000: "
        "no money came in. Accept it for its order, or dismiss it"
    )


def test_a_period_that_a_discount_made_free_is_parked_too() -> None:
    delivery = said("invoice_paid_first", amount_paid=0, total=0, subtotal=10000, total_excluding_tax=0)

    assert delivery.facts == (replace(FIRST, total=0, tax=0),)
    assert parked(delivery) == [
        "payment: amount_paid is 0 and total is 0 USD: no money came in. Accept it for its order, or dismiss it"
    ]


def test_an_intent_that_succeeded_with_nothing_is_a_payment_of_nothing() -> None:
    assert said("payment_intent_succeeded", amount_received=0).facts == (replace(BY_INTENT, total=0),)


@pytest.mark.parametrize("status", ["no_payment_required", "paid"])
def test_a_session_that_ended_with_nothing_to_pay_is_a_payment_of_nothing_under_its_own_id(
    status: str,
) -> None:
    nothing: dict[str, Any] = {
        "amount_total": 0,
        "payment_intent": None,
        "total_details": {"amount_tax": 0},
        "status": "complete",
    }
    delivery = said("checkout_session_completed_paid", payment_status=status, **nothing)

    assert delivery == Delivery(
        "stripe",
        "checkout.session.completed",
        SESSION,
        (Paid(0, 0, "USD", PAID_AT, session_id=SESSION),),
    )
    assert mismatch(Paid(0, 0, "USD", PAID_AT), 10000, "USD") == (
        "paid 0 USD without tax, the order costs 10000 USD"
    )


def test_a_charge_that_paid_an_invoice_becomes_part_of_it() -> None:
    delivery = said("invoice_payment_paid", payment={"type": "charge", "charge": "ch_1"})

    assert (delivery.payment_id, delivery.facts) == ("ch_1", (PartOf("in_wk4I001"),))


@pytest.mark.parametrize(
    "reason", ["subscription_update", "subscription_threshold", "manual", "new_reason", None]
)
def test_money_for_another_reason_than_a_period_says_its_reason_and_its_subscription(
    reason: str | None,
) -> None:
    delivery = said("invoice_paid_first", billing_reason=reason)

    assert delivery.payment_id == "in_wk4I001"
    assert delivery.facts == (replace(FIRST, origin=f"billing_reason is {reason or 'missing'}"),)
    assert delivery.parked == ()


@pytest.mark.parametrize("mode", ["payment", "subscription"])
@pytest.mark.parametrize("status", ["unpaid", "no_payment_required"])
def test_a_session_that_nobody_tried_to_pay_expires_under_its_own_id(mode: str, status: str) -> None:
    changed = {"status": "expired", "payment_intent": None, "payment_status": status, "mode": mode}
    delivery = said("checkout_session_completed_unpaid", "checkout.session.expired", **changed)

    assert delivery.payment_id == SESSION
    assert delivery.facts == (Unpaid("expired", PAID_AT, SESSION),)


@pytest.mark.parametrize(
    ("type_", "status"),
    [("checkout.session.completed", "processing"), ("checkout.session.async_payment_failed", "failed")],
)
def test_the_debit_of_a_subscription_is_told_under_the_sessions_id(type_: str, status: Any) -> None:
    delivery = said("checkout_session_completed_unpaid", type_, mode="subscription", payment_intent=None)

    assert (delivery.payment_id, delivery.facts) == (SESSION, (Unpaid(status, PAID_AT, SESSION),))


def test_an_intent_of_an_earlier_api_version_names_its_invoice() -> None:
    delivery = said("payment_intent_succeeded", invoice="in_1")

    assert delivery.facts == (BY_INTENT, PartOf("in_1"))
    assert said("payment_intent_succeeded", invoice=None).facts == (BY_INTENT,)


@pytest.mark.parametrize(
    "webhook",
    [
        event("charge_refunded_partial"),
        event("charge_refunded_full"),
        event("charge_refunded_full", "charge.succeeded"),
        event("charge_refunded_full", "charge.updated"),
        event("checkout_session_completed_paid", mode="subscription", payment_intent=None),
        event("checkout_session_completed_unpaid", mode="setup", payment_intent=None),
        event("checkout_session_completed_unpaid", status="open", payment_intent=None),
        event("invoice_paid_first", amount_paid=0, total=0, subtotal=0, total_excluding_tax=0, parent=None),
        event("invoice_paid_first", "invoice.payment_failed", status="open"),
        event("invoice_paid_first", "invoice.voided", status="void"),
        event("invoice_payment_paid", status="open"),
        event("invoice_payment_paid", payment={"type": "payment_record", "payment_record": "prec_1"}),
        event("radar_early_fraud_warning_created"),
        event("radar_early_fraud_warning_created", "radar.early_fraud_warning.updated"),
        *(
            event("charge_refunded_full", type_)
            for type_ in (
                "customer.created",
                "customer.subscription.deleted",
                "price.updated",
                "payout.paid",
                "product.created",
                "setup_intent.succeeded",
                "topup.succeeded",
                "issuing_dispute.created",
                "review.opened",
                "payment_method.attached",
            )
        ),
    ],
    ids=lambda webhook: webhook["type"],
)
def test_what_moves_no_money_of_a_top_up_is_ignored(webhook: dict[str, Any]) -> None:
    assert translate(webhook).ignored


NO_AMOUNT = [None, True, 12000.0, "12000", -1, 10**15 + 1, [12000], 10**400]


@pytest.mark.parametrize("amount", NO_AMOUNT, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize(
    ("name", "field", "about"),
    [
        ("payment_intent_succeeded", "amount_received", "payment"),
        ("checkout_session_completed_paid", "amount_total", "payment"),
        ("invoice_paid_first", "amount_paid", "payment"),
        ("invoice_paid_first", "total", "payment"),
        ("refund_created_full", "amount", "refund:re_wk4R003"),
        ("dispute_closed_lost", "amount", "dispute:du_wk4D001"),
    ],
)
def test_what_is_no_amount_is_parked_with_its_field_named(
    name: str, field: str, about: str, amount: Any
) -> None:
    if field == "total" and amount == -1:
        pytest.skip("an invoice may give back (tests/providers/stripe/test_invoices.py)")
    delivery = said(name, **{field: amount})

    assert delivery.facts == ()
    assert parked(delivery) == [f"{about}: {field} is not a whole amount of minor units"]
    assert delivery.payment_id == ("in_wk4I001" if name.startswith("invoice") else "pi_wk4A001")


@pytest.mark.parametrize(
    ("name", "changed", "reason"),
    [
        ("payment_intent_succeeded", {"id": None}, "id is missing or no id"),
        ("payment_intent_succeeded", {"id": "pi/1"}, "id is missing or no id"),
        ("payment_intent_succeeded", {"currency": "dollar"}, "currency is not a currency code"),
        ("payment_intent_succeeded", {"status": "settled"}, "status is settled"),
        ("payment_intent_succeeded", {"status": ["succeeded"]}, "status is unreadable"),
        ("invoice_paid_first", {"status": "settled"}, "status is settled"),
        ("invoice_paid_first", {"status": None}, "status is missing"),
        ("invoice_payment_paid", {"status": "partially_paid"}, "status is partially_paid"),
        ("invoice_payment_paid", {"status": None}, "status is missing"),
        ("invoice_payment_paid", {"payment": {"type": "wallet", "wallet": "w_1"}}, "payment type is wallet"),
        ("checkout_session_completed_paid", {"status": "archived"}, "status is archived"),
        (
            "checkout_session_completed_paid",
            {"mode": "subscription", "payment_status": "partly"},
            "payment_status is partly",
        ),
        ("payment_intent_succeeded", {"object": "customer"}, "object is customer"),
        ("payment_intent_succeeded", {"object": ["payment_intent"]}, "object is unreadable"),
        ("checkout_session_completed_paid", {"mode": "lease"}, "mode is lease"),
        ("checkout_session_completed_paid", {"payment_status": "partly"}, "payment_status is partly"),
        ("checkout_session_completed_paid", {"payment_intent": None}, "payment_intent is missing or no id"),
        ("checkout_session_completed_paid", {"id": 7}, "id is missing or no id"),
        (
            "checkout_session_completed_paid",
            {"total_details": {"amount_tax": 12001}},
            "amount_tax is more than amount_total",
        ),
        (
            "checkout_session_completed_paid",
            {"total_details": {"amount_tax": True}},
            "amount_tax is not a whole amount of minor units",
        ),
        (
            "invoice_paid_first",
            {"total_excluding_tax": 12001},
            "the tax is more than total, or less than nothing",
        ),
        (
            "invoice_paid_first",
            {"total_excluding_tax": None, "total_taxes": [{"amount": 12001}]},
            "the tax is more than total, or less than nothing",
        ),
        (
            "invoice_paid_first",
            {"total_excluding_tax": None, "total_taxes": ["2000"]},
            "amount is not a whole amount of minor units",
        ),
        ("invoice_payment_paid", {"invoice": None}, "invoice is missing or no id"),
        ("invoice_payment_paid", {"payment": None}, "payment_intent is missing or no id"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_cannot_be_read_is_parked_with_the_field_named(
    name: str, changed: dict[str, Any], reason: str
) -> None:
    delivery = said(name, **changed)

    assert delivery.facts == ()
    assert parked(delivery) == [f"payment: {reason}"]


OF_AN_INSTANT = [
    name
    for name in NAMES
    # A part of an invoice and a warning have no instant of their own to tell, and a charge tells no fact.
    if name not in ("invoice_payment_paid", "radar_early_fraud_warning_created")
    and not name.startswith("charge_refunded")
]


@pytest.mark.parametrize("name", OF_AN_INSTANT)
def test_what_has_no_instant_is_parked_and_the_field_is_named(name: str) -> None:
    """Neither the event nor its object says when it was."""
    webhook = {**event(name), "created": None}
    for field in ("created", "status_transitions"):
        webhook["data"]["object"].pop(field, None)
    delivery = translate(webhook)

    assert delivery.facts == ()
    assert {reason.partition(": ")[2] for reason in parked(delivery)} == {"created is not an instant"}


@pytest.mark.parametrize(
    ("livemode", "ours", "reasons"),
    [
        (False, "false", []),
        (True, "true", []),
        (True, "True", []),
        (False, None, []),
        (False, "", []),
        (True, "false", ["payment: livemode is not ours"]),
        (False, "true", ["payment: livemode is not ours"]),
        (None, "false", ["payment: livemode is not ours"]),
        ("false", "false", ["payment: livemode is not ours"]),
        (False, "no", ["payment: livemode is not ours"]),
    ],
)
def test_an_event_of_the_other_mode_is_parked(livemode: Any, ours: str | None, reasons: list[str]) -> None:
    delivery = translate({**event("payment_intent_succeeded"), "livemode": livemode}, ours)

    assert parked(delivery) == reasons
    assert bool(delivery.facts) == (not reasons)
    assert delivery.payment_id == "pi_wk4A001"


def test_an_event_of_a_connected_account_is_parked_as_our_orders_are_our_own() -> None:
    delivery = translate({**event("payment_intent_succeeded"), "account": "acct_1"}, "false")

    assert delivery.facts == ()
    assert parked(delivery) == ["payment: account is a connected one"]


def test_a_thin_event_is_parked_as_it_says_nothing_of_money() -> None:
    thin = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v1.payment_intent.succeeded",
        "created": "2026-11-02T09:15:02.114Z",
        "related_object": {"id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"},
    }

    assert parked(translate(thin)) == [
        "payment: a thin event says nothing of money: the endpoint has to send snapshots"
    ]


@pytest.mark.parametrize(
    ("webhook", "reason"),
    [
        (None, "the body has no type or no object"),
        ([], "the body has no type or no object"),
        ("payment_intent.succeeded", "the body has no type or no object"),
        ({}, "the body has no type or no object"),
        ({"type": "payment_intent.succeeded", "data": {}}, "the body has no type or no object"),
        ({"type": None, "data": {"object": {"id": "pi_1"}}}, "the body has no type or no object"),
        (event("payment_intent_succeeded", "gift_card.sold"), "unknown event type gift_card.sold"),
        (event("charge_refunded_full", "charge.reversed"), "unknown event type charge.reversed"),
        (
            event("invoice_paid_first", "invoice.written_off", status="open"),
            "unknown event type invoice.written_off",
        ),
        (
            event("payment_intent_succeeded", "Ada Lovelace <ada@example.test>"),
            "unknown event type unreadable",
        ),
        (event("payment_intent_succeeded", "customers.created"), "unknown event type customers.created"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_body_that_says_nothing_known_is_parked(webhook: Any, reason: str) -> None:
    delivery = translate(webhook)

    assert delivery.facts == ()
    assert parked(delivery) == [f"payment: {reason}"]


def test_a_type_of_a_later_release_is_read_by_its_object() -> None:
    assert said("payment_intent_succeeded", "payment_intent.settled").facts == (BY_INTENT,)
    assert said("refund_created_full", "refund.confirmed").facts == said("refund_created_full").facts


def test_an_object_of_the_api_says_what_it_says_in_an_event_at_its_own_time() -> None:
    intent = event("payment_intent_succeeded")["data"]["object"]

    assert read_object(intent, 1793610904) == ("pi_wk4A001", (BY_INTENT,), ())
    assert read_object(intent) == ("pi_wk4A001", (Paid(12000, None, "USD", 1793610900000),), ())
    assert (
        read_object(event("refund_created_full")["data"]["object"]).facts == said("refund_created_full").facts
    )


def test_every_type_of_the_sdk_is_known() -> None:
    # What a later release adds shows here first.
    types = get_args(stripe.Event.__annotations__["type"])
    of_charge = {type_: said("charge_refunded_full", type_) for type_ in types}

    assert [type_ for type_, delivery in of_charge.items() if not delivery.ignored] == []
    assert len(types) > 200


@pytest.mark.parametrize("name", NAMES)
def test_samples_have_members_that_the_sdks_models_have(name: str) -> None:
    # So that nothing is read here that Stripe no longer sends, as an invoice's payment_intent.
    webhook = stripe.Event.construct_from(event(name), None)
    object_ = webhook.data.object

    assert type(object_).__name__ != "StripeObject"
    assert set(object_.to_dict()) <= set(type(object_).__annotations__)


@pytest.mark.parametrize("name", NAMES)
@steady
@given(data=st.data())
def test_whatever_a_body_holds_it_is_translated_and_survives_the_queue(
    name: str, data: st.DataObject
) -> None:
    delivery = translate(distorted(event(name), data), "false")

    assert Delivery.from_dict(delivery.to_dict()) == delivery
    # No name, address or card tail gets into what is logged or shown.
    assert "example" not in " ".join(parked(delivery)).lower()


def test_importing_the_module_does_not_import_the_sdk() -> None:
    # 22 MiB and a tenth of a second: only who asks Stripe pays for it.
    code = "import sys; import scrip.providers.stripe.webhook; sys.exit('stripe' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("told", "country"),
    [("AT", "AT"), ("at", None), ("ZZ", None), ("", None), (None, None), (7, None), ({}, None)],
)
def test_the_country_of_the_buyers_address_is_read_for_tax_where_it_is_one(
    told: Any, country: str | None
) -> None:
    details = {"address": {"country": told, "city": "Wien"}, "email": "a@example.test"}
    (of_session,) = said("checkout_session_completed_paid", customer_details=details).facts
    (of_invoice,) = said("invoice_paid_first", customer_address={"country": told}).facts
    (of_no_address,) = said("checkout_session_completed_paid", customer_details={"address": None}).facts
    for fact, expected in ((of_session, country), (of_invoice, country), (of_no_address, None)):
        assert isinstance(fact, Paid)
        assert fact.country == expected


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, PaymentMethod("pm_1", "cus_1")),
        ({"setup_future_usage": "on_session"}, None),
        ({"setup_future_usage": None}, None),
        ({"status": "requires_capture"}, None),
        ({"customer": None}, None),
        ({"payment_method": None}, None),
        ({"object": "setup_intent"}, None),
        ({"payment_method": {"id": "pm_2"}, "customer": {"id": "cus_2"}}, PaymentMethod("pm_2", "cus_2")),
    ],
    ids=str,
)
def test_a_method_is_kept_where_the_buyer_agreed_that_it_is_charged_while_he_is_away(
    changed: dict[str, Any], kept: PaymentMethod | None
) -> None:
    """`on_session` agrees to the next purchase of his own. Source: Stripe, ``PaymentIntent.setup_future_usage``."""
    intent = {"object": "payment_intent", "status": "succeeded", "setup_future_usage": "off_session"}
    assert method_of({**intent, "payment_method": "pm_1", "customer": "cus_1", **changed}) == kept
