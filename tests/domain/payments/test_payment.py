"""A payment is stored as it always was: documents of the code before its parts had types (commit 0234e66)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import Dispute, Fact, PaymentFacts
from scrip.domain.payments.payment import MAX_PARTS, Note, Payment, RequestedRefund
from scrip.domain.wallets.position import Target
from tests.providers.samples import PAID_AT, asked_for, dispute, facts, paid, refund

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "payments.json").read_text())


@pytest.mark.parametrize("name", STORED)
def test_a_stored_payment_is_read_and_written_back_byte_for_byte(name: str) -> None:
    payment = Payment.from_json(json.loads(STORED[name]))
    assert json.dumps(payment.to_json(), ensure_ascii=False) == STORED[name]


def test_a_payment_of_before_there_were_requests_and_resolutions_is_read() -> None:
    body = json.loads(STORED["accepted"])
    for name in ("notes", "parked", "dismissed", "resolutions", "requests", "kept"):
        del body[name]
    payment = Payment.from_json(body)
    assert (payment.requests, payment.resolutions, payment.kept) == ({}, (), 0)


def test_a_payment_with_a_member_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TypeError):
        Payment.from_json({**json.loads(STORED["accepted"]), "discount": 5})


def test_what_was_requested_is_read() -> None:
    first, second = Payment.from_json(json.loads(STORED["refunded_as_money_and_as_credit"])).requests.values()
    assert first == RequestedRefund(
        "money", 12000, 1_000_000_000, "key:k1", "two weeks", False, 1795932729000
    )
    assert (second.kind, second.reason) == ("credit", None)


def test_what_was_decided_is_read() -> None:
    stated, settled = Payment.from_json(json.loads(STORED["resolved"])).resolutions
    assert (stated.action, stated.amount, stated.status) == ("state", 3000, None)
    assert (settled.action, settled.amount, settled.status) == ("settle", None, "won")


STATUSES = [
    ("unpaid", facts(refund(3000))),
    ("paid", facts(paid())),
    ("paid", facts(paid(), refund(3000, status="pending"))),
    ("partially_refunded", facts(paid(), refund(3000))),
    ("refunded", facts(paid(), refund(12000))),
    ("disputed", facts(paid(), refund(12000), dispute("open"))),
    ("refunded", facts(paid(), dispute("lost"))),
]


@pytest.mark.parametrize(
    ("status", "known"), STATUSES, ids=[f"{row[0]} {n}" for n, row in enumerate(STATUSES)]
)
def test_a_payment_has_the_status(status: str, known: PaymentFacts) -> None:
    assert Payment("dodo", "pay_1", known).status == status


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("paid", Target(10000, 0, 2500, 0)),
        ("partially_refunded", Target(10000, 2500, 0, 2500)),
        ("refunded", Target(10000, 10000, 0, 10000)),
    ],
)
def test_an_order_has_the_status(status: str, wanted: Target) -> None:
    assert Payment("dodo", "pay_1", facts(paid())).order_status(wanted) == status


def test_an_order_whose_payment_is_disputed_says_so() -> None:
    payment = Payment("dodo", "pay_1", facts(paid(), dispute("open")))
    assert payment.order_status(Target(10000, 0, 10000, 0)) == "disputed"


def test_a_delivery_leaves_a_note_of_what_cannot_be_read_and_takes_it_away_when_it_can() -> None:
    unread = Delivery("dodo", "x", "pay_1", parked=(Parked("refund:re_1", "amount is missing"),))
    payment = Payment("dodo", "pay_1").told(unread, "msg_1")
    assert payment.notes == {"refund:re_1": Note("amount is missing", "msg_1")}
    assert payment.waiting([], PAID_AT).parked == ("refund:re_1: amount is missing",)
    read = payment.told(Delivery("dodo", "x", "pay_1", (refund(3000, "re_1"),)), "msg_2")
    assert (read.notes, read.waiting([], PAID_AT).parked_at) == ({}, None)


def test_more_refunds_than_a_document_can_hold_are_noted_and_not_taken() -> None:
    many = tuple(refund(1, f"re_{number}") for number in range(MAX_PARTS + 1))
    payment = Payment("dodo", "pay_1", facts(paid())).told(Delivery("dodo", "x", "pay_1", many), "msg_1")
    assert payment.facts.refunds == {}
    assert payment.notes["payment"].reason == "more than 400 refunds and disputes"


@pytest.mark.parametrize(("refunds", "disputes", "taken"), [(200, 200, 400), (201, 200, 0), (200, 201, 0)])
def test_refunds_and_disputes_are_counted_together(refunds: int, disputes: int, taken: int) -> None:
    """400 are taken, and of 401 none."""
    many: tuple[Fact, ...] = (
        *(refund(1, f"re_{number}") for number in range(refunds)),
        *(Dispute(f"dp_{number}", "won", 1, "dispute", 1, "USD", PAID_AT) for number in range(disputes)),
    )
    payment = Payment("dodo", "pay_1", facts(paid())).told(Delivery("dodo", "x", "pay_1", many), "msg_1")
    assert len(payment.facts.refunds) + len(payment.facts.disputes) == taken
    assert ("payment" in payment.notes) == (taken == 0)


def test_what_a_person_dismissed_parks_a_payment_no_more() -> None:
    payment = Payment("dodo", "pay_1", dismissed=("it names no order",))
    assert payment.waiting(["it names no order"], 5).parked == ()
    assert payment.waiting(["it names no order", "another"], 5).parked == ("another",)


def test_the_refund_of_a_request_is_the_providers_own_once_it_is_told() -> None:
    ours, theirs = asked_for(3000, "rf_1"), refund(3000, "re_1", request_id="rf_1")
    assert Payment("dodo", "pay_1", facts(paid(), ours)).refund_of("rf_1") == ours
    answered = Payment("dodo", "pay_1", facts(paid(), ours, theirs))
    assert (answered.refund_of("rf_1"), answered.refund_of("rf_2")) == (theirs, None)


def test_a_refund_knows_the_request_that_it_answers_or_is() -> None:
    ours, theirs, others = asked_for(1, "rf_1"), refund(1, "re_1", request_id="rf_1"), refund(1, "re_2")
    assert [one.of_request for one in (ours, theirs, others)] == ["rf_1", "rf_1", None]
    assert [one.only_requested for one in (ours, theirs, others)] == [True, False, False]
