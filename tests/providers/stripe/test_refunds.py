"""What takes a payment back at Stripe: refunds and disputes by their status, with amounts that are really gone."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.payments.facts import Dispute, Refund, about
from scrip.providers.reading import MAX_MINOR_UNITS
from tests.providers.stripe.samples import dispute, moved, parked, refund, said

REFUNDED_AT = 1793870000000
DISPUTED_AT = 1794469000000


def test_a_refund_is_one_fact_under_the_intent_it_is_of() -> None:
    delivery = said("refund_created_partial_1")

    assert delivery.payment_id == "pi_wk4A001"
    assert delivery.facts == (Refund("re_wk4R001", "succeeded", 3000, "USD", REFUNDED_AT),)


@pytest.mark.parametrize(
    ("status", "known"),
    [
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("succeeded", "succeeded"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
@pytest.mark.parametrize(
    "type_", ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]
)
def test_the_status_of_a_refund_counts_and_not_the_type(type_: str, status: str, known: str) -> None:
    (fact,) = said("refund_created_full", type_, status=status).facts

    assert isinstance(fact, Refund)
    assert (fact.status, fact.amount, fact.full) == (known, 12000, False)


@pytest.mark.parametrize(
    ("metadata", "request_id"),
    [({"request_id": "rfr_1"}, "rfr_1"), ({}, None), (None, None), ({"request_id": 7}, None)],
)
def test_a_refund_that_we_asked_for_says_so(metadata: Any, request_id: str | None) -> None:
    assert refund(metadata=metadata).request_id == request_id


@pytest.mark.parametrize("name", ["refund_created_full", "dispute_created"])
@pytest.mark.parametrize(
    "changed",
    [
        {"payment_intent": {"id": "pi_wk4A001", "object": "payment_intent"}},
        {"charge": {"id": "ch_wk4A001", "object": "charge"}},
        {"payment_intent": None, "charge": {"id": "ch_wk4A001", "payment_intent": "pi_wk4A001"}},
        {"payment_intent": None, "charge": {"payment_intent": {"id": "pi_wk4A001"}}},
    ],
    ids=["intent expanded", "charge expanded", "the charge's intent", "both expanded"],
)
def test_what_a_reversal_refers_to_may_be_expanded(name: str, changed: dict[str, Any]) -> None:
    assert said(name, **changed) == said(name)


def test_what_cannot_be_read_of_a_reversal_is_parked_under_the_intent_of_its_charge_too() -> None:
    charge = {"id": "ch_wk4A001", "payment_intent": "pi_wk4A001"}

    assert (
        said("refund_created_full", payment_intent=None, charge=charge, status="?").payment_id == "pi_wk4A001"
    )


@pytest.mark.parametrize(
    ("name", "subject"),
    [("refund_created_full", "refund:re_wk4R003"), ("dispute_created", "dispute:du_wk4D001")],
)
def test_a_reversal_that_names_a_charge_alone_waits_under_it_until_stripe_says_whose_it_is(
    name: str, subject: str
) -> None:
    delivery = said(name, payment_intent=None)

    assert (delivery.payment_id, delivery.facts) == ("ch_wk4A001", said(name).facts)
    assert [about(fact) for fact in delivery.facts] == [subject]
    assert delivery.parked == ()


@pytest.mark.parametrize(
    ("name", "changed", "reason"),
    [
        ("refund_created_full", {"status": None}, "refund:re_wk4R003: status is missing"),
        ("refund_created_full", {"status": "returned"}, "refund:re_wk4R003: status is returned"),
        ("refund_created_full", {"currency": 840}, "refund:re_wk4R003: currency is not a currency code"),
        ("refund_created_full", {"id": ""}, "payment: id is missing or no id"),
        (
            "refund_created_full",
            {"payment_intent": None, "charge": None},
            "refund:re_wk4R003: payment_intent is missing or no id",
        ),
        (
            "refund_created_full",
            {"payment_intent": 7},
            "refund:re_wk4R003: payment_intent is missing or no id",
        ),
        ("dispute_created", {"status": "escalated"}, "dispute:du_wk4D001: status is escalated"),
        ("dispute_created", {"status": None}, "dispute:du_wk4D001: status is missing"),
        ("dispute_created", {"currency": None}, "dispute:du_wk4D001: currency is not a currency code"),
        (
            "dispute_closed_lost",
            {"balance_transactions": moved(-12000) * 21},
            "dispute:du_wk4D001: balance_transactions is not a list of at most 20",
        ),
        (
            "dispute_closed_lost",
            {"balance_transactions": "txn_1"},
            "dispute:du_wk4D001: balance_transactions is not a list of at most 20",
        ),
        (
            "dispute_closed_lost",
            {"balance_transactions": ["txn_1"]},
            "dispute:du_wk4D001: balance_transactions has an amount that is not a whole amount of minor units",
        ),
        (
            "dispute_closed_lost",
            {"balance_transactions": [{"amount": -12000.0, "currency": "usd"}]},
            "dispute:du_wk4D001: balance_transactions has an amount that is not a whole amount of minor units",
        ),
        (
            "dispute_closed_lost",
            {"balance_transactions": [*moved(-12000), *moved(3000, currency="eur")]},
            "dispute:du_wk4D001: balance_transactions are in several currencies",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_reversal_that_cannot_be_read_is_parked_with_the_field_named(
    name: str, changed: dict[str, Any], reason: str
) -> None:
    delivery = said(name, **changed)

    assert delivery.facts == ()
    assert parked(delivery) == [reason]


@pytest.mark.parametrize("more", [0, 1])
def test_a_movement_is_of_so_many_minor_units_at_the_most(more: int) -> None:
    """Scrip counts up to 10^15 of a currency; what is lost with one more is nothing that it could book."""
    lost = said("dispute_closed_lost", balance_transactions=moved(-MAX_MINOR_UNITS - more))
    assert bool(lost.facts) is (more == 0)
    for fact in lost.facts:
        assert isinstance(fact, Dispute)
        assert fact.amount == MAX_MINOR_UNITS


def test_a_dispute_is_one_fact_under_the_intent_it_is_of() -> None:
    delivery = said("dispute_created")

    assert delivery.payment_id == "pi_wk4A001"
    assert delivery.facts == (
        Dispute("du_wk4D001", "open", 2, "dispute", 12000, "USD", DISPUTED_AT, movements=1),
    )


@pytest.mark.parametrize(
    ("status", "known"),
    [
        ("warning_needs_response", "open"),
        ("warning_under_review", "open"),
        ("warning_closed", "won"),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("lost", "lost"),
        ("appeal_needs_response", "lost"),
        ("appeal_under_review", "lost"),
        ("won", "won"),
    ],
)
@pytest.mark.parametrize("type_", ["created", "updated", "closed", "funds_withdrawn", "funds_reinstated"])
def test_the_status_of_a_dispute_counts_and_not_the_type(type_: str, status: str, known: str) -> None:
    (fact,) = said("dispute_created", f"charge.dispute.{type_}", status=status).facts

    assert isinstance(fact, Dispute)
    assert fact.status == known


def test_a_dispute_outranks_its_inquiry_a_loss_what_is_open_and_a_win_a_loss() -> None:
    course = [
        dispute("dispute_inquiry_created"),
        dispute("dispute_inquiry_closed"),
        dispute("dispute_created"),
        dispute("dispute_prevented_by_block"),
        dispute("dispute_closed_lost"),
        dispute("dispute_closed_lost_to_won_late"),
    ]

    assert [fact.rank for fact in course] == [0, 1, 2, 3, 4, 5]
    assert dispute("dispute_appealed").rank == 4
    assert [fact.stage for fact in course[:3]] == ["inquiry", "inquiry", "dispute"]


@pytest.mark.parametrize(
    ("movements", "amount"),
    [
        (moved(-12000), 12000),
        (moved(-12000, 3000), 9000),
        (moved(-12000, 12000), 0),
        (moved(-12000, 12500), 0),
        (moved(-12000, 12000, -12000), 12000),
        (moved(-12500), 12500),
        ([], 12000),
        (None, 12000),
        # An account that settles in euros: 111.11 of it out, 27.78 back. 12000 x 8333/11111 = 8999.7...
        (moved(-11111, currency="eur"), 12000),
        (moved(-11111, 2778, currency="eur"), 9000),
        (moved(-11111, 11111, currency="eur"), 0),
        (moved(2778, currency="eur"), 0),
        (moved(-3, 1, currency="eur"), 8000),
        (moved(-7, 3, currency="eur"), 6858),
    ],
    ids=[
        "all out",
        "a quarter back",
        "all back",
        "more than all back",
        "out again",
        "more than was disputed",
        "nothing booked yet",
        "bookings not said",
        "all out in euros",
        "a quarter back in euros rounds up",
        "all back in euros",
        "only back in euros",
        "a third back",
        "four sevenths gone: 6857.1",
    ],
)
def test_a_lost_dispute_took_what_went_out_and_did_not_come_back(movements: Any, amount: int) -> None:
    fact = dispute("dispute_closed_lost", balance_transactions=movements)

    assert (fact.status, fact.amount, fact.currency) == ("lost", amount, "USD")
    assert fact.movements == len(movements or ())


def test_the_fee_of_a_dispute_is_the_merchants_and_takes_no_credits() -> None:
    # 120.00 out with a fee of 15.00: net -13500.
    assert dispute("dispute_closed_lost").amount == 12000


def test_an_open_dispute_is_worth_what_is_disputed_whatever_moved() -> None:
    assert dispute("dispute_created", amount=5000, balance_transactions=moved(-5000, 5000)).amount == 5000
    assert dispute("dispute_created", balance_transactions="?").amount == 12000


@pytest.mark.parametrize(
    ("name", "changed", "status", "amount"),
    [
        ("dispute_prevented_by_block", {}, "won", 12000),
        ("dispute_prevented_by_block", {"payment_method_details": None}, "won", 12000),
        ("dispute_prevented_by_resolution", {}, "lost", 12000),
        ("dispute_prevented_by_resolution", {"balance_transactions": []}, "open", 12000),
        ("dispute_prevented_by_resolution", {"balance_transactions": moved(-12000, 12000)}, "lost", 0),
        ("dispute_prevented_by_block", {"balance_transactions": moved(-4000)}, "lost", 4000),
    ],
    ids=[
        "a block moved nothing",
        "nothing moved, no case said",
        "a resolution took the money",
        "a resolution that is not booked yet",
        "a resolution that came back",
        "a block that moved money after all",
    ],
)
def test_a_prevented_dispute_is_what_it_moved(
    name: str, changed: dict[str, Any], status: str, amount: int
) -> None:
    fact = dispute(name, **changed)

    assert (fact.status, fact.amount) == (status, amount)
