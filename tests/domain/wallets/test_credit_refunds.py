"""Refunds as credit: all of one source together are never above what was paid for it, whoever gets them."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.wallets.credit_refunds import NamedSource, RefundedSource, source_id, source_name

PAID = Money(900, "EUR")


def test_refunds_add_up_to_what_was_paid_and_no_further() -> None:
    half = RefundedSource(PAID).more(PAID, Money(400, "EUR"))
    whole = half.more(PAID, Money(500, "EUR"))
    assert (half.refunded, whole.refunded) == (400, 900)
    with pytest.raises(PolicyViolation) as refused:
        whole.more(PAID, Money(1, "EUR"))
    assert refused.value.facts == {
        "policy": "refund_total",
        "refunded": {"amount": 900, "currency": "EUR"},
        "paid": {"amount": 900, "currency": "EUR"},
    }


@pytest.mark.parametrize("paid", [Money(901, "EUR"), Money(900, "USD")], ids=["amount", "currency"])
def test_what_was_paid_is_the_same_each_time(paid: Money) -> None:
    with pytest.raises(PolicyViolation) as refused:
        RefundedSource(PAID).more(paid, Money(1, paid.currency))
    assert refused.value.facts["policy"] == "refund_source"


def test_it_is_stored_as_it_was_before_it_was_a_type() -> None:
    known = RefundedSource(PAID, 400)
    assert list(known.to_json().items()) == [("paid", [900, "EUR"]), ("refunded", 400)]
    assert RefundedSource.from_json(known.to_json()) == known


# One name for all spellings

PROVIDERS = ("dodo", "paddle", "standard", "stripe")
SPELLINGS = [
    "pay_1",
    "dodo:pay_1",
    "dodo/pay_1",
    "standard:pay_1",
    "stripe:dodo:pay_1",
    "/v1/payments/dodo/pay_1",
    "payment:dodo/pay_1",
    "DODO:PAY_1",
    " pay_1 ",
    "dodo: pay_1",
    "pay_1\t",
    "dodo%3Apay_1",
    "dodo%2fpay_1",
    "\uff50ay_1",
    "pay\u200b_1",
    "dodo::pay_1",
    "pay_1/",
]


@pytest.mark.parametrize("said", SPELLINGS)
def test_however_a_source_is_spelled_it_has_one_name(said: str) -> None:
    assert source_name(said, PROVIDERS) == "pay_1"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("2026:invoice-7", "2026:invoice-7"),
        ("erp/7", "erp:7"),
        ("dodo", "dodo"),
        ("dodo:", "dodo:"),
        ("///", "///"),
        ("pay-1", "pay-1"),
        ("pay_10", "pay_10"),
    ],
)
def test_what_belongs_to_an_id_stays(said: str, name: str) -> None:
    assert source_name(said, PROVIDERS).strip(":") == name.strip(":")


def test_an_id_keeps_its_capital_letters_where_it_is_looked_up_as_it_is() -> None:
    assert source_id("Stripe:pi_3AbC", PROVIDERS) == "pi_3AbC"


def test_an_invoice_and_a_payment_of_one_name_have_a_total_each() -> None:
    one = NamedSource().more("invoice", PAID, Money(900, "EUR")).more("payment", PAID, Money(1, "EUR"))
    assert {kind: source.refunded for kind, source in one.sources.items()} == {"invoice": 900, "payment": 1}
    assert NamedSource.from_json(one.to_json()) == one
    assert NamedSource.from_json({}) == NamedSource()


def test_nothing_becomes_credit_by_the_name_of_a_payment_that_is_known() -> None:
    """Law 8: the refusal says where to go instead."""
    known = NamedSource.from_json(NamedSource(payment="dodo:pay_1").to_json())
    with pytest.raises(PolicyViolation) as refused:
        known.more("invoice", PAID, Money(1, "EUR"))
    assert refused.value.facts == {
        "policy": "refund_source",
        "payment": "dodo:pay_1",
        "path": "/v1/payments/dodo/pay_1/refunds",
    }


def test_what_was_never_said_of_a_source_is_taken_off_of_none() -> None:
    """A mistake that names another source, or another currency, leaves what became credit: 9.00 of the invoice."""
    one = NamedSource().more("invoice", PAID, Money(900, "EUR"))
    assert one.less("payment", Money(900, "EUR")) == one.less("invoice", Money(900, "USD")) == one
    assert one.less("invoice", Money(300, "EUR")).refunded == Money(600, "EUR")
    assert one.less("invoice", Money(900, "EUR")) == NamedSource()
