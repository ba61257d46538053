"""What a Dodo webhook says, as facts: the object's status counts, not the event's type, and nothing ever
raises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.payments.delivery import Delivery, Names, Parked
from scrip.domain.payments.facts import Dispute, DisputeStatus, Fact, Paid, Refund, Unpaid, UnpaidStatus
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.dodo.webhook import translate
from tests.providers.samples import (
    DISPUTED_AT,
    PAID_AT,
    REFUNDED_AT,
    body,
)

PAID = Paid(12000, 2000, "USD", PAID_AT, 12000, "USD", "cks_wk4S001", country="SE")
PARTIAL = Refund("ref_wk4R001", "succeeded", 3000, "USD", REFUNDED_AT)
UNPAID = Unpaid("failed", PAID_AT, "cks_wk4S001")
DISPUTED = Dispute("dsp_wk4D001", "open", 10, "dispute", 12000, "USD", DISPUTED_AT)
LISTED = {
    "refund_id": "ref_wk4R001",
    "payment_id": "pay_wk4A001",
    "amount": 3000,
    "currency": "USD",
    "is_partial": True,
    "status": "succeeded",
    "created_at": "2026-11-05T11:00:00Z",
}
IN_PAYMENT = {
    "dispute_id": "dsp_wk4D001",
    "payment_id": "pay_wk4A001",
    "business_id": "bus_wk4Topups9",
    "amount": "12000",
    "currency": "USD",
    "dispute_stage": "dispute",
    "dispute_status": "dispute_opened",
    "created_at": "2026-11-12T07:30:00Z",
}


def typed(event_type: Any, name: str = "dodo_payment_succeeded", **data: Any) -> dict[str, Any]:
    """A sample body under another event type."""
    return {**body(name, **data), "type": event_type}


def test_a_payment_is_one_fact() -> None:
    delivery = translate(body("dodo_payment_succeeded"))

    assert delivery == Delivery("dodo", "payment.succeeded", "pay_wk4A001", (PAID,))


def test_a_refund_is_one_fact() -> None:
    delivery = translate(body("dodo_refund_partial_1"))

    assert delivery == Delivery("dodo", "refund.succeeded", "pay_wk4A001", (PARTIAL,))


def test_a_redelivered_payment_carries_the_refunds_made_since() -> None:
    assert translate(body("dodo_payment_succeeded_redelivered_after_refund")).facts == (PAID, PARTIAL)


@pytest.mark.parametrize(
    ("webhook", "facts"),
    [
        (typed("payment.failed"), (PAID,)),
        (typed("payment.something_new"), (PAID,)),
        (typed("payment.succeeded", status="failed"), (UNPAID,)),
        (typed("payment.succeeded", status="processing"), (replace(UNPAID, status="processing"),)),
        (typed("dispute.opened", "dodo_dispute_won"), (replace(DISPUTED, status="won", rank=13),)),
        (
            typed("refund.succeeded", "dodo_refund_partial_1", status="failed"),
            (Refund("ref_wk4R001", "failed", 3000, "USD", REFUNDED_AT),),
        ),
        (
            typed("refund.failed", "dodo_refund_partial_1", status="review"),
            (Refund("ref_wk4R001", "pending", 3000, "USD", REFUNDED_AT),),
        ),
    ],
    ids=[
        "a failed event, retried after the payment succeeded",
        "a payment event of a later release",
        "a succeeded event of a payment that failed",
        "a succeeded event of a payment in process",
        "an opened event of a dispute that was won since",
        "a refund that failed since",
        "a refund in review is pending",
    ],
)
def test_the_status_counts_and_not_the_type(webhook: dict[str, Any], facts: tuple[Any, ...]) -> None:
    delivery = translate(webhook)

    assert delivery.facts == facts
    assert delivery.parked == ()


@pytest.mark.parametrize(
    "webhook",
    [
        body("dodo_payment_method_update_zero"),
        body("dodo_payment_succeeded", total_amount=0, tax=0, checkout_session_id=None),
        body("dodo_payment_succeeded", is_update_payment_method=True, status="failed"),
        body("dodo_subscription_renewed"),
        body("dodo_credit_added"),
        typed("payout.success"),
        typed("dunning.started"),
        typed("abandoned_checkout.detected"),
        typed("license_key.created"),
        typed("entitlement_grant.revoked"),
        typed("subscription.paused"),
    ],
    ids=lambda webhook: webhook["type"],
)
def test_what_moves_no_money_of_a_top_up_is_ignored(webhook: dict[str, Any]) -> None:
    assert not translate(webhook).of_payment


@pytest.mark.parametrize(
    ("status", "shows"),
    [
        ("failed", "failed"),
        ("cancelled", "failed"),
        ("processing", "processing"),
        ("requires_customer_action", "processing"),
        ("requires_merchant_action", "processing"),
        ("requires_payment_method", "processing"),
        ("requires_confirmation", "processing"),
        ("requires_capture", "processing"),
    ],
)
def test_an_attempt_that_is_no_payment_is_shown_on_its_order(status: str, shows: UnpaidStatus) -> None:
    delivery = translate(body("dodo_payment_succeeded", status=status))

    assert delivery.facts == (Unpaid(shows, PAID_AT, "cks_wk4S001"),)
    assert delivery.parked == ()


@pytest.mark.parametrize(
    ("changed", "subscription"),
    [
        ({"subscription_id": "sub_1", "charge_type": "renewal"}, "sub_1"),
        ({"subscription_id": "sub_1", "subscription_ids": ["sub_1"], "charge_type": "new"}, "sub_1"),
        ({"subscription_ids": ["sub_1"], "is_multi_subscription": True}, "sub_1"),
        ({"subscription_ids": ["sub_1", "sub_2"], "is_multi_subscription": True}, None),
        ({"subscription_ids": [7], "is_multi_subscription": True}, None),
        ({"subscription_ids": None}, None),
    ],
    ids=["a renewal", "the first", "of several, one", "of two: no one's", "no id", "of none"],
)
def test_the_payment_of_a_subscription_is_a_fact_like_any_other_and_its_order_decides(
    changed: dict[str, Any], subscription: str | None
) -> None:
    (fact,) = translate(body("dodo_payment_succeeded", checkout_session_id=None, **changed)).facts

    assert fact == replace(PAID, session_id=None, subscription_id=subscription)


OWN = {"metadata": {"topup_id": "top_9"}, "subscription_id": "sub_1"}
CHARGED = replace(PAID, subscription_id="sub_1", topup_id="top_9")
PERIODS: list[dict[str, Any]] = [
    {"includes_usage": True, "service_periods": [{"start_date": "2026-11-01T00:00:00Z"}]},
    {"includes_usage": True, "service_periods": None},
    {"includes_usage": False, "service_periods": []},
    {"includes_usage": None, "service_periods": []},
]
"""What is said of usage in a renewal that pays a period."""


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({**OWN, "charge_type": "new"}, replace(PAID, subscription_id="sub_1")),
        ({**OWN, "charge_type": "renewal"}, replace(PAID, subscription_id="sub_1")),
        ({**OWN, "charge_type": None}, replace(PAID, subscription_id="sub_1")),
        ({**OWN, "charge_type": "on_demand"}, replace(CHARGED, origin="charge_type is on_demand")),
        ({**OWN, "charge_type": "plan_change"}, replace(CHARGED, origin="charge_type is plan_change")),
        ({**OWN, "charge_type": "gift"}, replace(CHARGED, origin="charge_type is gift")),
        ({**OWN, "charge_type": 7}, replace(CHARGED, origin="charge_type is unreadable")),
        (
            {"charge_type": "on_demand", "subscription_id": "sub_1", "metadata": {}},
            replace(PAID, subscription_id="sub_1", origin="charge_type is on_demand"),
        ),
        (
            {**OWN, "is_update_payment_method": True, "charge_type": "renewal"},
            replace(CHARGED, origin="is_update_payment_method is true"),
        ),
        (
            {**OWN, "charge_type": "renewal", "includes_usage": True, "service_periods": []},
            replace(CHARGED, origin="includes_usage is true and service_periods has none"),
        ),
        *(
            ({**OWN, "charge_type": "renewal", **more}, replace(PAID, subscription_id="sub_1"))
            for more in PERIODS
        ),
        (
            {**OWN, "charge_type": "new", "includes_usage": True, "service_periods": []},
            replace(PAID, subscription_id="sub_1"),
        ),
    ],
    ids=lambda value: str(value)[:150],
)
def test_only_a_new_subscription_and_a_renewal_are_periods_and_of_the_other_charges_metadata_names_the_order(
    changed: dict[str, Any], fact: Paid
) -> None:
    """The metadata of a checkout may be a buyer's; that of a charge is given by whoever has the API's key."""
    assert translate(body("dodo_payment_succeeded", **changed)).facts == (fact,)


@pytest.mark.parametrize(
    ("changed", "session", "subscription"),
    [
        ({}, "cks_wk4S001", None),
        ({"subscription_id": "sub_1", "charge_type": "new"}, "cks_wk4S001", "sub_1"),
        ({"subscription_id": "sub_1", "charge_type": "renewal"}, None, "sub_1"),
        ({"subscription_id": "sub_1", "checkout_session_id": None}, None, "sub_1"),
    ],
    ids=["a checkout of nothing", "a trial begins", "a period of nothing", "of a subscription alone"],
)
def test_a_payment_of_nothing_is_told_where_it_names_what_may_be_ours(
    changed: dict[str, Any], session: str | None, subscription: str | None
) -> None:
    (fact,) = translate(body("dodo_payment_succeeded", total_amount=0, tax=0, **changed)).facts

    assert isinstance(fact, Paid)
    assert (fact.total, fact.session_id, fact.subscription_id) == (0, session, subscription)


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({"tax": None}, replace(PAID, tax=None)),
        ({"currency": "jpy"}, replace(PAID, currency="JPY")),
        ({"settlement_amount": "12000"}, replace(PAID, settlement_amount=None, settlement_currency=None)),
        ({"created_at": None}, replace(PAID, at=1793610904220)),
        ({"created_at": "2026-11-02T10:15:02.114+01:00"}, PAID),
        ({"created_at": "2026-11-02T09:15:02.114"}, PAID),
        (
            {"customer": None, "billing": 7, "metadata": [], "product_cart": "?", "refunds": None},
            replace(PAID, country=None),
        ),
        ({"metadata": {"topup_id": "top_9"}}, PAID),
        ({"refund_status": "mostly"}, PAID),
    ],
    ids=[
        "tax not said",
        "currency in small letters",
        "an unreadable settlement is an unknown one",
        "without its own time, the event's",
        "another zone",
        "no zone is UTC",
        "what is not needed may be anything",
        "metadata, which a buyer can write, names no order",
        "a summary that nobody knows yet",
    ],
)
def test_a_tolerant_reader_still_sees_the_payment(changed: dict[str, Any], fact: Paid) -> None:
    delivery = translate(body("dodo_payment_succeeded", **changed))

    assert delivery.facts == (fact,)
    assert delivery.parked == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"total_amount": None}, "total_amount is not a whole amount of minor units"),
        ({"total_amount": "12000"}, "total_amount is not a whole amount of minor units"),
        ({"total_amount": 12000.0}, "total_amount is not a whole amount of minor units"),
        ({"total_amount": True}, "total_amount is not a whole amount of minor units"),
        ({"total_amount": -1}, "total_amount is not a whole amount of minor units"),
        ({"total_amount": 10**15 + 1}, "total_amount is not a whole amount of minor units"),
        ({"tax": "20.00"}, "tax is not a whole amount of minor units"),
        ({"tax": 12001}, "tax is more than total_amount"),
        ({"currency": None}, "currency is not a currency code"),
        ({"currency": "US Dollars"}, "currency is not a currency code"),
        ({"currency": "ÜSD"}, "currency is not a currency code"),
        ({"payment_id": None}, "payment_id is missing or no id"),
        ({"payment_id": "pay 1/../2"}, "payment_id is missing or no id"),
        ({"payment_id": "p" * 101}, "payment_id is missing or no id"),
        ({"checkout_session_id": 7}, "checkout_session_id is missing or no id"),
        ({"is_update_payment_method": "no"}, "is_update_payment_method is neither true nor false"),
        ({"status": "partially_captured"}, "payment status is partially_captured"),
        ({"status": "settled_late"}, "payment status is settled_late"),
        ({"status": None}, "payment status is missing"),
        ({"status": ["succeeded"]}, "payment status is unreadable"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_payment_that_cannot_be_read_is_parked_with_the_field_named(
    changed: dict[str, Any], reason: str
) -> None:
    delivery = translate(body("dodo_payment_succeeded", **changed))

    assert delivery.facts == ()
    assert delivery.parked == (Parked("payment", reason),)


@pytest.mark.parametrize("summary", ["partial", "full"])
def test_money_that_went_back_without_a_refund_that_says_so_is_parked_beside_the_payment(
    summary: str,
) -> None:
    delivery = translate(body("dodo_payment_succeeded", refund_status=summary))

    assert delivery.facts == (PAID,)
    assert delivery.parked == (Parked("payment", f"refund_status is {summary}, but no refund is listed"),)


def test_a_payment_without_any_instant_is_parked() -> None:
    webhook = {**body("dodo_payment_succeeded", created_at="yesterday"), "timestamp": 7.5}

    assert translate(webhook).parked == (Parked("payment", "created_at is not an instant"),)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "returned"}, "status is returned"),
        ({"status": None}, "status is missing"),
        ({"amount": "3000"}, "amount is not a whole amount of minor units"),
        ({"amount": False}, "amount is not a whole amount of minor units"),
        ({"amount": -3000}, "amount is not a whole amount of minor units"),
        ({"currency": 840}, "currency is not a currency code"),
        ({"is_partial": 1}, "is_partial is neither true nor false"),
        ({"payment_id": None}, "payment_id is missing or no id"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_refund_that_cannot_be_read_is_parked_with_the_field_named(
    changed: dict[str, Any], reason: str
) -> None:
    delivery = translate(body("dodo_refund_partial_1", **changed))

    assert delivery.facts == ()
    assert delivery.parked == (Parked("refund:ref_wk4R001", reason),)


def test_a_refund_without_an_id_is_parked_with_its_payment() -> None:
    delivery = translate(body("dodo_refund_partial_1", refund_id=""))

    assert delivery.payment_id == "pay_wk4A001"
    assert delivery.parked == (Parked("payment", "refund_id is missing or no id"),)


def test_a_refund_says_which_request_of_ours_it_answers() -> None:
    (fact,) = translate(body("dodo_refund_partial_1", metadata={"request_id": "rr_1"})).facts

    assert fact == replace(PARTIAL, request_id="rr_1")


@pytest.mark.parametrize(
    ("changed", "amount", "full"),
    [
        ({"amount": None}, None, False),
        ({"is_partial": False}, 3000, True),
        ({"amount": None, "is_partial": False, "currency": None}, None, True),
        ({"is_partial": None}, 3000, False),
    ],
    ids=["no amount", "not partial", "not partial, no amount", "not said"],
)
def test_a_refund_is_whole_only_if_dodo_says_that_it_is_not_partial(
    changed: dict[str, Any], amount: int | None, full: bool
) -> None:
    (fact,) = translate(body("dodo_refund_partial_1", **changed)).facts

    assert isinstance(fact, Refund)
    assert (fact.amount, fact.full) == (amount, full)


@pytest.mark.parametrize(
    ("refunds", "facts", "reason"),
    [
        (
            [LISTED, {**LISTED, "status": "?"}],
            (PAID, PARTIAL),
            Parked("refund:ref_wk4R001", "status is unreadable"),
        ),
        ([7, LISTED], (PAID, PARTIAL), Parked("payment", "refunds has an entry that is no object")),
        (
            [{**LISTED, "payment_id": "pay_2"}],
            (PAID,),
            Parked("refund:ref_wk4R001", "refunds has an entry of another payment"),
        ),
        ("none", (PAID,), Parked("payment", "refunds is not a list of at most 200")),
        ([LISTED] * 201, (PAID,), Parked("payment", "refunds is not a list of at most 200")),
    ],
    ids=["an unknown status", "no object", "another payment's", "no list", "too many"],
)
def test_a_refund_that_cannot_be_read_does_not_stop_the_payment_beside_it(
    refunds: Any, facts: tuple[Any, ...], reason: Parked
) -> None:
    delivery = translate(body("dodo_payment_succeeded", refunds=refunds))

    assert delivery.facts == facts
    assert delivery.parked == (reason,)


@pytest.mark.parametrize(
    ("said", "status", "step"),
    [
        ("dispute_opened", "open", 0),
        ("dispute_challenged", "open", 1),
        ("dispute_expired", "lost", 2),
        ("dispute_accepted", "lost", 3),
        ("dispute_lost", "lost", 3),
        ("dispute_cancelled", "won", 3),
        ("dispute_won", "won", 3),
    ],
)
@pytest.mark.parametrize(
    ("stage", "base"),
    [("pre_dispute", 0), ("dispute", 10), ("pre_arbitration", 20)],
    ids=lambda value: str(value),
)
def test_a_dispute_is_a_fact_in_every_status_of_every_stage_and_a_later_stage_ranks_above_all_of_an_earlier_one(
    stage: str, base: int, said: str, status: DisputeStatus, step: int
) -> None:
    delivery = translate(body("dodo_dispute_opened", dispute_stage=stage, dispute_status=said))

    fact = replace(DISPUTED, status=status, rank=base + step, stage=stage)
    assert delivery == Delivery("dodo", "dispute.opened", "pay_wk4A001", (fact,))


def test_a_dispute_born_lost_is_a_fact_by_itself() -> None:
    (fact,) = translate(body("dodo_dispute_lost_rdr")).facts

    assert fact == Dispute("dsp_wk4D002", "lost", 3, "pre_dispute", 12000, "USD", DISPUTED_AT)


@pytest.mark.parametrize(
    ("said", "amount"), [("12000", 12000), (12000, 12000), ("0", 0), ("007", 7), ("9" * 15, 10**15 - 1)]
)
def test_a_dispute_has_its_amount_in_digits_and_the_vendors_mocks_have_a_number(
    said: Any, amount: int
) -> None:
    (fact,) = translate(body("dodo_dispute_opened", amount=said)).facts

    assert fact == replace(DISPUTED, amount=amount)


AMOUNT = "amount is not a whole amount of minor units"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"amount": "120.00"}, AMOUNT),
        ({"amount": 120.0}, AMOUNT),
        ({"amount": "-12000"}, AMOUNT),
        ({"amount": "12 000"}, AMOUNT),
        ({"amount": "12,000"}, AMOUNT),
        ({"amount": "1e4"}, AMOUNT),
        ({"amount": "\u0661\u0662"}, AMOUNT),
        ({"amount": "12000\n"}, AMOUNT),
        ({"amount": "9" * 16}, AMOUNT),
        ({"amount": ""}, AMOUNT),
        ({"amount": None}, AMOUNT),
        ({"amount": True}, AMOUNT),
        ({"currency": None}, "currency is not a currency code"),
        ({"dispute_status": "dispute_paused"}, "dispute_status is dispute_paused"),
        ({"dispute_status": "won"}, "dispute_status is won"),
        ({"dispute_status": None}, "dispute_status is missing"),
        ({"dispute_status": ["dispute_won"]}, "dispute_status is unreadable"),
        ({"dispute_stage": "arbitration"}, "dispute_stage is arbitration"),
        ({"dispute_stage": None}, "dispute_stage is missing"),
        ({"dispute_stage": {}}, "dispute_stage is unreadable"),
        ({"payment_id": None}, "payment_id is missing or no id"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_dispute_that_cannot_be_read_is_parked_with_the_field_named(
    changed: dict[str, Any], reason: str
) -> None:
    delivery = translate(body("dodo_dispute_opened", **changed))

    assert delivery.facts == ()
    assert delivery.parked == (Parked("dispute:dsp_wk4D001", reason),)


@pytest.mark.parametrize(
    ("disputes", "facts", "parked"),
    [
        ([IN_PAYMENT], (PAID, DISPUTED), ()),
        (
            [{**IN_PAYMENT, "dispute_id": "dsp_2", "dispute_status": "dispute_lost"}, IN_PAYMENT],
            (PAID, replace(DISPUTED, dispute_id="dsp_2", status="lost", rank=13), DISPUTED),
            (),
        ),
        (
            [{**IN_PAYMENT, "dispute_stage": "?"}, IN_PAYMENT],
            (PAID, DISPUTED),
            (Parked("dispute:dsp_wk4D001", "dispute_stage is unreadable"),),
        ),
        ([{"dispute_id": "dsp_1"}], (PAID,), (Parked("dispute:dsp_1", "dispute_status is missing"),)),
        ([None], (PAID,), (Parked("payment", "disputes has an entry that is no object"),)),
        ({}, (PAID,), (Parked("payment", "disputes is not a list of at most 200"),)),
    ],
    ids=["one", "two", "one that is new to us", "one of an id alone", "no object", "no list"],
)
def test_disputes_listed_in_a_payment_are_facts_beside_it(
    disputes: Any, facts: tuple[Any, ...], parked: tuple[Parked, ...]
) -> None:
    delivery = translate(body("dodo_payment_succeeded", disputes=disputes))

    assert delivery.facts == facts
    assert delivery.parked == parked


@pytest.mark.parametrize(
    ("kind", "name", "fact"),
    [
        ("payment", "dodo_payment_succeeded", PAID),
        ("refund", "dodo_refund_partial_1", PARTIAL),
        ("dispute", "dodo_dispute_opened", DISPUTED),
    ],
)
def test_an_object_that_the_api_answered_is_read_like_one_in_a_webhook(
    kind: str, name: str, fact: Fact
) -> None:
    answer = {"type": f"{kind}.read", "data": body(name)["data"]}

    assert translate(answer) == Delivery("dodo", f"{kind}.read", "pay_wk4A001", (fact,))


@pytest.mark.parametrize(
    ("expected", "parked"),
    [
        ("bus_wk4Topups9", ()),
        ("", ()),
        (None, ()),
        ("bus_other", (Parked("payment", "business_id is not ours"),)),
    ],
    ids=["ours", "not configured", "not given", "another's"],
)
def test_a_body_of_another_business_is_parked(expected: str | None, parked: tuple[Parked, ...]) -> None:
    delivery = translate(body("dodo_payment_succeeded"), ours=expected)

    assert delivery.parked == parked
    assert bool(delivery.facts) == (not parked)


@pytest.mark.parametrize(
    ("webhook", "reason"),
    [
        (None, "the body has no type or no data"),
        ([], "the body has no type or no data"),
        ("payment.succeeded", "the body has no type or no data"),
        ({}, "the body has no type or no data"),
        ({"type": "payment.succeeded", "data": None}, "the body has no type or no data"),
        ({"type": None, "data": {}}, "the body has no type or no data"),
        ({"type": "payment.succeeded", "data": {}}, "payment_id is missing or no id"),
        (typed("gift_card.sold"), "unknown event type gift_card.sold"),
        (typed("Ada Lovelace <ada@example.test>"), "unknown event type unreadable"),
        (typed(""), "unknown event type unreadable"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_body_that_says_nothing_known_is_parked(webhook: Any, reason: str) -> None:
    delivery = translate(webhook)

    assert delivery.facts == ()
    assert delivery.parked == (Parked("payment", reason),)


@pytest.mark.parametrize("field", ["refunds", "disputes"])
def test_a_payment_lists_two_hundred_refunds_or_disputes_and_not_one_more(field: str) -> None:
    """None of these can be read, which is said of each of them; of 201 one thing is said."""
    reasons = {
        number: [
            one.reason for one in translate(body("dodo_payment_succeeded", **{field: [{}] * number})).parked
        ]
        for number in (200, 201)
    }
    assert len(reasons[200]) == 200
    assert reasons[201] == [f"{field} is not a list of at most 200"]


# 1 December 2026, 00:00 UTC, and 1 January 2027.
SAID_AT, RENEWS_AT = 1796083200000, 1798761600000


def subscription(**data: Any) -> dict[str, Any]:
    """What Dodo says of an active subscription on 1 December."""
    data = {
        "subscription_id": "sub_1",
        "status": "active",
        "next_billing_date": "2027-01-01T00:00:00Z",
        "cancel_at_next_billing_date": False,
        **data,
    }
    return {"type": "subscription.updated", "timestamp": "2026-12-01T00:00:00Z", "data": data}


@pytest.mark.parametrize(
    ("changed", "state", "unpaid"),
    [
        ({}, "active", False),
        ({"cancel_at_next_billing_date": True}, "cancelling", False),
        ({"cancel_at_next_billing_date": None}, "active", False),
        ({"status": "on_hold"}, "past_due", True),
        ({"status": "past_due"}, "past_due", True),
        ({"status": "on_hold", "cancel_at_next_billing_date": True}, "past_due", True),
        ({"status": "paused"}, "paused", False),
        ({"status": "cancelled"}, "cancelled", False),
        ({"status": "expired"}, "cancelled", False),
        ({"status": "failed"}, "cancelled", False),
    ],
    ids=str,
)
def test_the_status_of_a_subscription_says_how_it_stands(
    changed: dict[str, Any], state: State, unpaid: bool
) -> None:
    delivery = translate(subscription(**changed))
    assert delivery.standing == Standing("sub_1", state, SAID_AT, RENEWS_AT, unpaid)
    assert (delivery.facts, delivery.parked) == ((), ())


@pytest.mark.parametrize(
    ("body_", "name"),
    [
        ({**subscription(), "timestamp": None}, "no instant"),
        (subscription(subscription_id=None), "no id"),
        (subscription(status="pending"), "not paid yet"),
        (subscription(status=7), "no status"),
        ({**subscription(), "type": "license_key.created"}, "of something else"),
    ],
)
def test_what_does_not_say_how_a_subscription_stands_says_nothing_of_it(
    body_: dict[str, Any], name: str
) -> None:
    assert translate(body_).standing is None


def test_a_subscription_may_not_say_when_it_renews() -> None:
    assert translate(subscription(next_billing_date=None)).standing == Standing("sub_1", "active", SAID_AT)


@pytest.mark.parametrize(
    ("changed", "method"),
    [
        ({"subscription_id": "sub_1"}, PaymentMethod("sub_1", "cus_9")),
        ({"subscription_ids": ["sub_1"]}, PaymentMethod("sub_1", "cus_9")),
        ({"subscription_id": "sub_1", "customer": None}, PaymentMethod("sub_1", None)),
        ({"subscription_id": None}, None),
        ({"subscription_id": "sub_1", "status": "failed"}, None),
    ],
    ids=str,
)
def test_a_paid_subscription_is_what_it_can_be_charged_with_again(
    changed: dict[str, Any], method: PaymentMethod | None
) -> None:
    changed = {"customer": {"customer_id": "cus_9"}, **changed}
    assert translate(body("dodo_payment_succeeded", **changed)).method == method


@pytest.mark.parametrize(
    ("changed", "subscription_id"),
    [
        ({"charge_type": "renewal"}, "sub_1"),
        ({"charge_type": None}, "sub_1"),
        ({"charge_type": "new"}, None),
        ({"charge_type": "on_demand"}, None),
        ({"charge_type": "renewal", "includes_usage": True, "service_periods": []}, None),
        ({"charge_type": "renewal", "subscription_id": None}, None),
    ],
    ids=str,
)
def test_a_failed_payment_is_a_failed_renewal_where_it_was_to_pay_a_period(
    changed: dict[str, Any], subscription_id: str | None
) -> None:
    changed = {"subscription_id": "sub_1", "status": "failed", **changed}
    (fact,) = translate(body("dodo_payment_succeeded", **changed)).facts
    assert fact == replace(UNPAID, subscription_id=subscription_id)


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, Names(session_id="cks_wk4S001")),
        ({**OWN, "charge_type": "new"}, Names(session_id="cks_wk4S001", subscription_id="sub_1")),
        (
            {**OWN, "charge_type": "on_demand", "checkout_session_id": None},
            Names(topup_id="top_9", subscription_id="sub_1"),
        ),
        # It cannot be read, and says all the same what it is of.
        ({**OWN, "currency": 7}, Names(session_id="cks_wk4S001", subscription_id="sub_1")),
    ],
    ids=str,
)
def test_a_payment_names_its_order_only_where_no_buyer_can_write_it(
    changed: dict[str, Any], names: Names
) -> None:
    assert translate(body("dodo_payment_succeeded", **changed)).names == names


def test_a_refund_names_nothing_but_its_payment() -> None:
    assert translate(body("dodo_refund_partial_1", **OWN, checkout_session_id="cks_1")).names == Names()
