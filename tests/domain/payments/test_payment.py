"""A payment is stored as it always was: documents of the code before its parts had types (commit 0234e66)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery, Names, Parked
from scrip.domain.payments.facts import Dispute, Fact, OwnPart, PaymentFacts, Refund, Unpaid
from scrip.domain.payments.parking import Telling
from scrip.domain.payments.payment import MAX_NOTES, MAX_PARTS, Note, Payment, RequestedRefund, Resolution
from scrip.domain.payments.target import target, unusable
from scrip.domain.wallets.position import Position, Target
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
    unread = Delivery("dodo", "x", "pay_1", parked=(Parked("refund:re_1", "amount is missing"),), said_at=5)
    payment = Payment("dodo", "pay_1").told(unread, "msg_1")
    noted = Note("amount is missing", Telling("msg_1", 5, "x"))
    assert payment.notes == {"refund:re_1": (noted,)}
    assert payment.waiting([], PAID_AT).parked == ("refund:re_1: amount is missing",)
    for at, waits in ((6, False), (5, True), (4, True), (None, True)):
        fact = Delivery("dodo", "x", "pay_1", (refund(3000, "re_1"),), said_at=at)
        for ended in (
            payment.told(fact, "msg_2"),
            Payment("dodo", "pay_1").told(fact, "msg_2").told(unread, "msg_1"),
        ):
            assert bool(ended.waiting([], PAID_AT).parked) == waits, at
    again = payment.told(Delivery("dodo", "x", "pay_1", (refund(3000, "re_1"),), said_at=5), "msg_1")
    assert again.waiting([], PAID_AT).parked == (), "the same delivery, read by a version that can"


HOURS = st.sampled_from([None, *range(5)])
THINGS = ("payment", "refund:re_1", "refund:re_2", "dispute:dsp_1", "refund:re_3")
MONEY = st.sampled_from([0, 1, 2000, 6000, 12000])
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        lambda total, tax, at: replace(paid(), total=total, tax=min(tax, total), said_at=at),
        MONEY,
        MONEY,
        HOURS,
    ),
    st.builds(
        lambda status, at: Unpaid(status, PAID_AT, said_at=at),
        st.sampled_from(["failed", "processing"]),
        HOURS,
    ),
    st.builds(
        lambda name, amount, status, currency, full: Refund(name, status, amount, currency, PAID_AT, full),
        st.sampled_from(["re_1", "re_2"]),
        st.none() | MONEY,
        st.sampled_from(["pending", "succeeded", "failed"]),
        st.sampled_from([None, "USD", "CHF"]),
        st.booleans(),
    ),
    st.builds(
        lambda status, rank, amount: Dispute("dsp_1", status, rank, "dispute", amount, "USD", PAID_AT),
        st.sampled_from(["open", "lost", "won"]),
        st.integers(0, 2),
        MONEY,
    ),
    st.builds(lambda total: OwnPart("pi_9", "top_9", total, "USD"), st.none() | MONEY),
)
DELIVERIES = st.lists(
    st.builds(
        lambda type_, told, unread, at, session: Delivery(
            "dodo", type_, "pay_1", tuple(told), tuple(unread), said_at=at, names=Names(session_id=session)
        ),
        st.sampled_from(["x", "read"]),
        st.lists(FACTS, max_size=2),
        st.lists(
            st.builds(Parked, st.sampled_from(THINGS), st.sampled_from(["status is new", "no amount"])),
            max_size=2,
        ),
        HOURS,
        st.sampled_from([None, "cs_1", "cs_2"]),
    ),
    min_size=1,
    max_size=6,
)
DECIDED = st.lists(
    st.builds(
        lambda action, what, at: Resolution(
            action=action, about=what, reason="looked at", actor="key:k1", at=at, topup_id="top_1"
        ),
        st.sampled_from(["accept", "state", "settle"]),
        st.sampled_from(THINGS[1:]),
        st.integers(0, 5),
    ),
    max_size=2,
)


def end(steps: Sequence[tuple[str, Delivery | Resolution]]) -> tuple[Any, ...]:
    """What a payment is after these deliveries and decisions: its document, what it waits for, and the credits."""
    payment = Payment("dodo", "pay_1", topup_id="top_1")
    for name, step in steps:
        if isinstance(step, Resolution):
            decided = sorted({*payment.resolutions, step}, key=str)
            payment = replace(payment, resolutions=tuple(decided))
        else:
            payment = payment.told(step, name)
    reasons = [f"{one.about}: {one.reason}" for one in unusable(payment.facts)]
    waits = [(wait.reason, wait.sentence) for wait in payment.waiting(reasons, 7).waits]
    return payment.to_json(), waits, payment.status, target(payment.facts, 10**7, 10000), payment.given


@settings(derandomize=True, database=None, max_examples=500, deadline=None)
@given(told=DELIVERIES, decided=DECIDED, chance=st.randoms(use_true_random=False))
def test_law_9_any_order_and_any_repeats_end_the_same(
    told: list[Delivery], decided: list[Resolution], chance: Random
) -> None:
    """Money, credits, what waits and in which words: amounts, parts, late failures, refunds, disputes, what cannot be
    read, and what a person decided."""
    steps: list[tuple[str, Delivery | Resolution]] = [
        *((f"msg_{number}", delivery) for number, delivery in enumerate(told)),
        *(("", resolution) for resolution in decided),
    ]
    again = [*steps, *chance.choices(steps, k=3)]
    chance.shuffle(again)
    assert end(again) == end(steps)


def test_what_no_longer_holds_money_waits_for_nothing_but_its_refunds() -> None:
    """12 000 came back whole: nobody looks at what could not be read of the payment, whether it was granted or not."""
    unread = Delivery("dodo", "x", "pay_1", parked=(Parked("payment", "status is new"),), said_at=9)
    for posted, waits in (
        (Position(), ()),
        (Position(lot=1, granted=10, clawed=10), ()),
        (Position(lot=1, granted=10, clawed=4), ("payment: status is new",)),
    ):
        payment = Payment("dodo", "pay_1", facts(paid(), refund(12000, "re_1")), posted).told(unread, "msg_1")
        assert payment.waiting([], 5).parked == waits
        assert payment.waiting(["refund:re_2: no amount"], 5).parked == (*waits, "refund:re_2: no amount")


def test_no_more_notes_are_kept_than_somebody_reads_and_the_same_ones_in_any_order() -> None:
    many = [
        Delivery("dodo", "x", "pay_1", parked=(Parked("payment", f"reason {number:03}"),), said_at=5)
        for number in range(MAX_NOTES + 20)
    ]
    ends = []
    for order in (many, many[::-1]):
        payment = Payment("dodo", "pay_1")
        for delivery in order:
            payment = payment.told(delivery, f"msg_{delivery.parked[0].reason[-3:]}")
        ends.append(payment.to_json())
    assert ends[0] == ends[1]
    assert len(ends[0]["notes"]["payment"]) == MAX_NOTES


def test_more_refunds_than_a_document_can_hold_are_noted_and_not_taken() -> None:
    many = tuple(refund(1, f"re_{number}") for number in range(MAX_PARTS + 1))
    payment = Payment("dodo", "pay_1", facts(paid())).told(Delivery("dodo", "x", "pay_1", many), "msg_1")
    assert payment.facts.refunds == {}
    assert payment.notes["payment"][0].reason == "more than 400 refunds and disputes"


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
