"""What an invoice at Stripe brought in, and what else than a period it was for (laws 3 and 9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.payments.facts import Paid, Refund
from scrip.providers.stripe.webhook import translate
from tests.providers.stripe.samples import event, parked, said
from tests.providers.stripe.test_objects import FIRST

NOTHING: dict[str, Any] = {"amount_paid": 0, "total": 0, "subtotal": 0, "total_excluding_tax": 0}


@pytest.mark.parametrize(
    ("changed", "amounts"),
    [
        ({}, ()),
        (
            {"amount_paid": 9000, "starting_balance": -3000},
            ("-3000 USD of balance before", "12000 USD in total", "9000 USD paid"),
        ),
        (
            # 80.00 and 20.00 that the customer owed: as much as a period costs, and no period's.
            {"amount_paid": 10000, "total": 8000, "total_excluding_tax": 8000, "starting_balance": 2000},
            ("10000 USD paid", "2000 USD of balance before", "8000 USD in total"),
        ),
        (
            {"amount_paid": 9000, "pre_payment_credit_notes_amount": 3000},
            ("12000 USD in total", "3000 USD of credit notes", "9000 USD paid"),
        ),
        ({"amount_paid_off_stripe": 12000}, ("12000 USD paid outside of Stripe",)),
        ({"paid_out_of_band": True}, ("12000 USD paid outside of Stripe",)),
        ({"paid_out_of_band": False}, ()),
    ],
    ids=["all of it", "a balance", "a debt", "a credit note", "outside", "outside, earlier", "not outside"],
)
def test_an_invoice_that_says_two_amounts_is_of_two_amounts(
    changed: dict[str, Any], amounts: tuple[str, ...]
) -> None:
    (fact,) = said("invoice_paid_first", **changed).facts
    assert isinstance(fact, Paid)
    assert (fact.total, fact.amounts) == (changed.get("amount_paid", 12000), amounts)


@pytest.mark.parametrize(
    ("balance", "told"),
    [("half", "half"), ("a b", "unreadable"), (True, "unreadable"), (1.5, "unreadable"), ([1], "unreadable")],
    ids=repr,
)
def test_a_balance_that_is_no_number_is_told_as_it_stands(balance: Any, told: str) -> None:
    """It is for people to read, and the payment is not lost for it."""
    (fact,) = said("invoice_paid_first", amount_paid=9000, starting_balance=balance).facts
    assert isinstance(fact, Paid)
    assert fact.amounts == ("12000 USD in total", "9000 USD paid", f"{told} USD of balance before")


def test_a_balance_that_iso_4217_has_no_minor_unit_for_is_told_as_it_stands() -> None:
    """Stripe's 100 are one króna; 150 are none."""
    changed: dict[str, Any] = {"total_excluding_tax": 400000, "total": 400000, "amount_paid": 300000}
    (fact,) = said("invoice_paid_first", currency="isk", starting_balance=-150, **changed).facts
    assert isinstance(fact, Paid)
    assert fact.amounts == ("-150 ISK of balance before", "3000 ISK paid", "4000 ISK in total")


def test_a_balance_is_told_in_minor_units_of_iso_4217() -> None:
    """Stripe's 100 are one króna."""
    changed: dict[str, Any] = {
        "total_excluding_tax": 400000,
        "total": 400000,
        "amount_paid": 300000,
        "starting_balance": -100000,
    }
    (fact,) = said("invoice_paid_first", currency="isk", **changed).facts
    assert isinstance(fact, Paid)
    assert fact.amounts == ("-1000 ISK of balance before", "3000 ISK paid", "4000 ISK in total")


@pytest.mark.parametrize("reason", ["subscription_create", "subscription_update"])
def test_a_trial_begins_with_an_invoice_of_nothing_that_names_its_order(reason: str) -> None:
    delivery = said("invoice_paid_first", billing_reason=reason, **NOTHING)
    assert delivery.facts == (replace(FIRST, total=0, tax=0),)
    assert delivery.parked == ()


def test_a_period_of_nothing_names_its_subscription_alone() -> None:
    delivery = said("invoice_paid_first", billing_reason="subscription_cycle", **NOTHING)
    assert delivery.facts == (replace(FIRST, total=0, tax=0, topup_id=None),)


def test_an_invoice_of_nothing_that_is_not_ours_is_nothing() -> None:
    parent = {"subscription_details": {"subscription": "sub_1", "metadata": {}}}
    assert said("invoice_paid_first", parent=parent, **NOTHING).ignored


def test_what_goes_back_to_a_balance_is_no_money_and_is_parked() -> None:
    """A plan was left in mid-month: 50.00 are the customer's at Stripe."""
    delivery = said(
        "invoice_paid_first",
        billing_reason="subscription_update",
        **{**NOTHING, "total": -5000, "subtotal": -5000, "total_excluding_tax": -5000},
    )
    origin = "billing_reason is subscription_update"
    assert delivery.facts == (replace(FIRST, total=0, tax=0, origin=origin),)
    said_so = "payment: amount_paid is 0 and total is -5000 USD: no money came in."
    assert parked(delivery) == [f"{said_so} Accept it for its order, or dismiss it"]


def line(amount: int, kind: str = "subscription_item", *, proration: bool = False) -> dict[str, Any]:
    details = {f"{kind}_details": {"proration": proration}, "type": f"{kind}_details"}
    return {"object": "line_item", "amount": amount, "parent": details}


@pytest.mark.parametrize(
    ("lines", "origin"),
    [
        ([line(10000)], None),
        ([line(10000), line(0, proration=True)], None),
        ([line(6667), line(3333, proration=True)], "lines has a proration"),
        ([line(6667), line(3333, "invoice_item")], "lines has an item that was added to it"),
        ([line(6667), line(3333, "invoice_item", proration=True)], "lines has a proration"),
        ([{"amount": 10000, "type": "subscription", "proration": False}], None),
        ([{"amount": 10000, "type": "subscription", "proration": True}], "lines has a proration"),
        (
            [{"amount": 10000, "type": "invoiceitem", "proration": False}],
            "lines has an item that was added to it",
        ),
        (["?", None], None),
    ],
)
def test_a_line_that_is_no_periods_is_an_origin_though_the_sum_is_a_periods(
    lines: list[Any], origin: str | None
) -> None:
    (fact,) = said("invoice_paid_first", lines={"object": "list", "data": lines}).facts
    assert fact == replace(FIRST, origin=origin)


def before_basil(**changed: Any) -> dict[str, Any]:
    """The first invoice as it was told before 2025-03-31.basil."""
    made = event("invoice_paid_first", **changed)
    made["api_version"] = "2025-02-24.acacia"
    invoice = made["data"]["object"]
    details = invoice.pop("parent")["subscription_details"]
    taxes = invoice.pop("total_taxes")
    invoice |= {
        "subscription": details["subscription"],
        "subscription_details": {"metadata": details["metadata"]},
        "payment_intent": "pi_wk4B001",
        "charge": "ch_wk4B001",
        "tax": 2000,
        "total_tax_amounts": [{"amount": taxes[0]["amount"], "inclusive": False}],
        "paid": True,
        "paid_out_of_band": False,
        **changed,
    }
    return made


@pytest.mark.parametrize("net", [10000, None], ids=["tax beside", "taxes alone"])
def test_an_invoice_of_an_earlier_api_version_is_the_same_payment(net: int | None) -> None:
    delivery = translate(before_basil(total_excluding_tax=net))
    assert (delivery.payment_id, delivery.facts, delivery.parked) == ("in_wk4I001", (FIRST,), ())


def note(**changed: Any) -> dict[str, Any]:
    """A credit note of 60.00 to the paid invoice, all of it to the customer's balance."""
    made = event("invoice_paid_first")
    made["type"] = "credit_note.created"
    made["data"]["object"] = {
        "id": "cn_1",
        "object": "credit_note",
        "invoice": "in_wk4I001",
        "status": "issued",
        "type": "post_payment",
        "amount": 6000,
        "post_payment_amount": 6000,
        "pre_payment_amount": 0,
        "refunds": [],
        "customer_balance_transaction": "cbtxn_1",
        "currency": "usd",
        "created": 1793620000,
        **changed,
    }
    said_of_it = {member: value for member, value in made["data"]["object"].items() if value != ...}
    return {**made, "data": {"object": said_of_it}}


GIVEN = Refund("cn_1", "succeeded", 6000, "USD", 1793620000000)
EARLIER: dict[str, Any] = {"post_payment_amount": ..., "pre_payment_amount": ..., "refunds": ...}


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({}, GIVEN),
        ({"status": "void"}, replace(GIVEN, status="failed")),
        ({"refunds": [{"amount_refunded": 2000, "refund": "re_1"}]}, replace(GIVEN, amount=4000)),
        ({"refunds": [{"amount_refunded": 6000, "refund": "re_1"}]}, None),
        ({"type": "pre_payment", "post_payment_amount": 0, "pre_payment_amount": 6000}, None),
        (
            {"type": "mixed", "post_payment_amount": 1000, "pre_payment_amount": 5000},
            replace(GIVEN, amount=1000),
        ),
        ({**EARLIER}, GIVEN),
        ({**EARLIER, "refund": "re_1", "customer_balance_transaction": None}, None),
        ({**EARLIER, "type": "pre_payment"}, None),
    ],
)
def test_a_credit_note_is_a_refund_of_what_no_refund_tells_of(
    changed: dict[str, Any], fact: Refund | None
) -> None:
    delivery = translate(note(**changed))
    assert (delivery.payment_id, delivery.facts) == ("in_wk4I001", (fact,) if fact else ())
    assert delivery.parked == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "draft"}, "refund:cn_1: status is draft"),
        ({"invoice": None}, "refund:cn_1: invoice is missing or no id"),
        ({"refunds": None}, "refund:cn_1: refunds is no list"),
        (
            {**EARLIER, "refund": "re_1"},
            "refund:cn_1: post_payment_amount is missing, and only a part of it was refunded",
        ),
    ],
)
def test_a_credit_note_that_cannot_be_read_is_parked(changed: dict[str, Any], reason: str) -> None:
    assert parked(translate(note(**changed))) == [reason]


def test_a_total_below_zero_that_is_no_amount_of_its_currency_is_named() -> None:
    """Stripe writes krónur, which have no minor unit, with two decimals that are 0: -15 is none."""
    less = {**NOTHING, "currency": "isk", "total": -15, "subtotal": -15, "total_excluding_tax": -15}
    delivery = said("invoice_paid_first", **less)
    (reason,) = parked(delivery)
    assert "total: " in reason, reason
