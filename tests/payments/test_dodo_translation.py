"""What a Dodo webhook says, as facts: the object's status counts, not the event's type, and nothing ever
raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.payments.adapters.dodo import translate
from scrip.payments.facts import Delivery, Paid, Refund
from tests.payments.samples import PAID_AT, REFUNDED_AT, WEBHOOKS, body, steady

PAID = Paid("pay_wk4A001", 12000, 2000, "USD", 12000, "USD", "cks_wk4S001", PAID_AT)
PARTIAL = Refund("ref_wk4R001", "succeeded", 3000, "USD", False, REFUNDED_AT)
LISTED = {
    "refund_id": "ref_wk4R001",
    "payment_id": "pay_wk4A001",
    "amount": 3000,
    "currency": "USD",
    "is_partial": True,
    "status": "succeeded",
    "created_at": "2026-11-05T11:00:00Z",
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
        (typed("payment.succeeded", status="failed"), ()),
        (typed("payment.succeeded", status="processing"), ()),
        (
            typed("refund.succeeded", "dodo_refund_partial_1", status="failed"),
            (Refund("ref_wk4R001", "failed", 3000, "USD", False, REFUNDED_AT),),
        ),
        (
            typed("refund.failed", "dodo_refund_partial_1", status="review"),
            (Refund("ref_wk4R001", "pending", 3000, "USD", False, REFUNDED_AT),),
        ),
    ],
    ids=[
        "a failed event, retried after the payment succeeded",
        "a payment event of a later release",
        "a succeeded event of a payment that failed",
        "a succeeded event of a payment in process",
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
        body("dodo_payment_succeeded", total_amount=0, tax=0),
        body("dodo_payment_succeeded", is_update_payment_method=True, total_amount=100),
        body("dodo_subscription_renewed"),
        body("dodo_credit_added"),
        typed("payment.cancelled", status="cancelled"),
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
    assert translate(webhook).ignored


def test_the_payment_of_a_subscription_is_a_fact_like_any_other_and_its_order_decides() -> None:
    webhook = body(
        "dodo_payment_succeeded", checkout_session_id=None, subscription_id="sub_1", charge_type="renewal"
    )

    (fact,) = translate(webhook).facts

    assert isinstance(fact, Paid)
    assert fact.checkout_session_id is None


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({"tax": None}, Paid("pay_wk4A001", 12000, None, "USD", 12000, "USD", "cks_wk4S001", PAID_AT)),
        ({"currency": "jpy"}, Paid("pay_wk4A001", 12000, 2000, "JPY", 12000, "USD", "cks_wk4S001", PAID_AT)),
        (
            {"settlement_amount": "12000"},
            Paid("pay_wk4A001", 12000, 2000, "USD", None, None, "cks_wk4S001", PAID_AT),
        ),
        (
            {"created_at": None},
            Paid("pay_wk4A001", 12000, 2000, "USD", 12000, "USD", "cks_wk4S001", 1793610904220),
        ),
        ({"created_at": "2026-11-02T10:15:02.114+01:00"}, PAID),
        ({"created_at": "2026-11-02T09:15:02.114"}, PAID),
        ({"customer": None, "billing": 7, "metadata": [], "product_cart": "?", "refunds": None}, PAID),
    ],
    ids=[
        "tax not said",
        "currency in small letters",
        "an unreadable settlement is an unknown one",
        "without its own time, the event's",
        "another zone",
        "no zone is UTC",
        "what is not needed may be anything",
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
    assert delivery.parked == (reason,)


def test_a_payment_without_any_instant_is_parked() -> None:
    webhook = {**body("dodo_payment_succeeded", created_at="yesterday"), "timestamp": 7}

    assert translate(webhook).parked == ("created_at is not an instant",)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "returned"}, "refund ref_wk4R001: status is returned"),
        ({"status": None}, "refund ref_wk4R001: status is missing"),
        ({"amount": "3000"}, "refund ref_wk4R001: amount is not a whole amount of minor units"),
        ({"amount": False}, "refund ref_wk4R001: amount is not a whole amount of minor units"),
        ({"amount": -3000}, "refund ref_wk4R001: amount is not a whole amount of minor units"),
        ({"currency": 840}, "refund ref_wk4R001: currency is not a currency code"),
        ({"is_partial": 1}, "refund ref_wk4R001: is_partial is neither true nor false"),
        ({"refund_id": ""}, "refund_id is missing or no id"),
        ({"payment_id": None}, "payment_id is missing or no id"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_refund_that_cannot_be_read_is_parked_with_the_field_named(
    changed: dict[str, Any], reason: str
) -> None:
    delivery = translate(body("dodo_refund_partial_1", **changed))

    assert delivery.facts == ()
    assert delivery.parked == (reason,)


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
        ([LISTED, {**LISTED, "status": "?"}], (PAID, PARTIAL), "refund ref_wk4R001: status is unreadable"),
        ([7, LISTED], (PAID, PARTIAL), "refunds has an entry that is no object"),
        ([{**LISTED, "payment_id": "pay_2"}], (PAID,), "refunds has an entry of another payment"),
        ("none", (PAID,), "refunds is not a list of at most 200"),
        ([LISTED] * 201, (PAID,), "refunds is not a list of at most 200"),
    ],
    ids=["an unknown status", "no object", "another payment's", "no list", "too many"],
)
def test_a_refund_that_cannot_be_read_does_not_stop_the_payment_beside_it(
    refunds: Any, facts: tuple[Any, ...], reason: str
) -> None:
    delivery = translate(body("dodo_payment_succeeded", refunds=refunds))

    assert delivery.facts == facts
    assert delivery.parked == (reason,)


@pytest.mark.parametrize("name", ["dodo_dispute_opened", "dodo_dispute_lost_rdr"])
def test_a_dispute_is_parked_under_its_payment_so_that_nothing_is_lost(name: str) -> None:
    delivery = translate(body(name))

    assert delivery.payment_id == "pay_wk4A001"
    assert delivery.facts == ()
    assert delivery.parked[0].startswith("dispute events are not applied yet: dispute_")


def test_disputes_listed_in_a_payment_are_parked_beside_its_facts() -> None:
    delivery = translate(body("dodo_payment_succeeded", disputes=[{"dispute_id": "dsp_1"}]))

    assert delivery.facts == (PAID,)
    assert delivery.parked == ("disputes of a payment are not applied yet",)


@pytest.mark.parametrize(
    ("expected", "parked"),
    [
        ("bus_wk4Topups9", ()),
        ("", ()),
        (None, ()),
        ("bus_other", ("business_id is not ours",)),
    ],
    ids=["ours", "not configured", "not given", "another's"],
)
def test_a_body_of_another_business_is_parked(expected: str | None, parked: tuple[str, ...]) -> None:
    delivery = translate(body("dodo_payment_succeeded"), business_id=expected)

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
    assert delivery.parked == (reason,)


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([[], {}, [None], [{}], [[1]], {"": 1}, "succeeded", "2026-11-31T00:00:00Z", 10**400])
)


@pytest.mark.parametrize("name", sorted(path.stem for path in WEBHOOKS.glob("dodo_*.json")))
@steady
@given(data=st.data())
def test_whatever_a_body_holds_it_is_translated_and_survives_the_queue(
    name: str, data: st.DataObject
) -> None:
    webhook = body(name)
    for where in (webhook["data"], webhook):
        for field in data.draw(st.lists(st.sampled_from(sorted(where)), max_size=4, unique=True)):
            where[field] = data.draw(ODD)

    delivery = translate(webhook, business_id="bus_wk4Topups9")

    assert Delivery.from_dict(delivery.to_dict()) == delivery
    # No name, address or card tail gets into what is logged or shown.
    assert "example" not in " ".join(delivery.parked).lower()
