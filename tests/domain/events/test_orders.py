"""What an entry says of an order, and what a provider's word says besides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.ids import business_key, former_entry_id, key_entry_id
from scrip.domain.events.orders import OrderFact, PaymentParked, of_delivery, of_entry, parked
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Refund, Unpaid
from scrip.domain.payments.payment import Payment
from tests.domain.memory import vault

PAID = business_key("dodo", "payment", "pay_1")


def of(kind: str, id_: str = "s.x.1", reference: Any = ("payment", "dodo:pay_1"), **other: Any) -> Entry:
    """An entry of a payment of order top_1, at 7."""
    (entry,) = vault("10").entries
    cause = Cause(id_, "f", "webhook:dodo", reference, metadata=other.pop("metadata", {"topup_id": "top_1"}))
    return replace(entry, id=id_, kind=kind, at=7, cause=cause, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "id_", [key_entry_id("acme", "credits", PAID), former_entry_id(PAID)], ids=["today", "before"]
)
def test_the_grant_of_a_payment_says_that_its_order_is_paid(id_: str) -> None:
    entry = of("grant", id_, account="acme", unit="credits")
    assert of_entry(entry) == OrderFact("paid", "top_1", "dodo:pay_1", "", 7)


def test_a_callers_own_grant_says_nothing_whatever_it_names() -> None:
    """No key of a caller makes the id of a payment's grant."""
    assert of_entry(of("grant", key_entry_id("acme", "credits", "payment:pay_1"))) is None


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"facts": ["refund:re_1"]}, "refund"),
        ({"facts": ["dispute:dp_1"]}, "dispute"),
        ({"facts": ["refund:re_1", "dispute:dp_1"]}, "dispute"),
        ({}, "refund"),
    ],
)
def test_a_clawback_says_that_credits_went_back_and_why(extra: Any, reason: Any) -> None:
    """Of before it did not say it: a refund."""
    assert of_entry(of("clawback", extra=extra)) == OrderFact(
        "refunded", "top_1", "dodo:pay_1", "1", 7, reason
    )


@pytest.mark.parametrize(
    "entry",
    [
        of("clawback", extra={"facts": ["payment"]}),
        of("clawback", extra={"facts": ["refund:re_1"], "as": "credit"}),
        of("freeze", extra={}),
        of("reinstatement", extra={"facts": ["refund:re_1"]}),
        of("clawback", extra={"facts": ["refund:re_1"]}, metadata={}),
        of("clawback", reference=("job", "j"), extra={"facts": ["refund:re_1"]}),
        of("clawback", reference=None, extra={"facts": ["refund:re_1"]}),
        replace(of("burn"), cause=None),
    ],
    ids=["never paid", "kept as credit", "frozen", "given back", "no order", "no payment", "no ref", "time"],
)
def test_other_entries_say_nothing_of_an_order(entry: Entry) -> None:
    assert of_entry(entry) is None


def told(*facts: Any) -> Delivery:
    return Delivery("dodo", "pay_1", "x", facts)


ATTEMPTED = Payment("dodo", "pay_1", topup_id="top_1")
OPEN = Dispute("dp_1", "open", 1, "needs_response", 500, "USD", 9)


def test_a_dispute_that_is_opened_and_an_attempt_that_failed_are_told_each_by_what_the_provider_calls_it() -> (
    None
):
    facts = of_delivery(ATTEMPTED, told(OPEN, Unpaid("failed", 5)))
    assert facts == [
        OrderFact("disputed", "top_1", "dodo:pay_1", "dp_1", 9, "dispute"),
        OrderFact("failed", "top_1", "dodo:pay_1", "5", 5, "payment_failed"),
    ]


@pytest.mark.parametrize(
    "fact",
    [
        replace(OPEN, status="won"),
        replace(OPEN, status="lost"),
        Unpaid("processing", 5),
        Unpaid("expired", 5),
        Refund("re_1", "succeeded", 500, "USD", 5),
    ],
)
def test_what_entries_say_or_nobody_has_to_know_is_not_told_twice(fact: Any) -> None:
    assert of_delivery(ATTEMPTED, told(fact)) == []


def test_of_a_payment_of_no_order_nothing_is_told() -> None:
    assert of_delivery(replace(ATTEMPTED, topup_id=None), told(OPEN)) == []


def test_a_payment_that_waits_says_since_when_and_why() -> None:
    waiting = replace(
        ATTEMPTED, parked=("the amount is wrong",), parked_at=11, account="acme", unit="credits"
    )
    fact = parked(waiting)
    assert isinstance(fact, PaymentParked)
    assert (fact.payment, fact.topup_id, fact.account, fact.unit, fact.at) == (
        "dodo:pay_1",
        "top_1",
        "acme",
        "credits",
        11,
    )
    assert ["the amount is wrong" in reason for reason in fact.reasons] == [True]
    assert parked(ATTEMPTED) is None
