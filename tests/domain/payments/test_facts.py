"""Law 9: payments are facts, not deltas. Any order and any number of repeats gives the same end."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import (
    Dispute,
    Fact,
    OwnPart,
    Paid,
    PartOf,
    PaymentFacts,
    Refund,
    Unpaid,
    fact_from_dict,
    fact_to_dict,
)
from scrip.domain.payments.target import target, unusable
from scrip.domain.wallets.position import Target
from scrip.providers import webhooks
from scrip.providers.dodo.webhook import translate
from tests.providers.samples import (
    DATA,
    asked_for,
    body,
    dispute,
    facts,
    folded,
    paid,
    permuted,
    refund,
    steady,
)

# A scenario begins with its provider's name.
SCENARIOS = [
    scenario
    for scenario in json.loads((DATA / "scenarios.json").read_text())["scenarios"]
    if scenario["name"].split()[0] in webhooks.names()
]
TRIED = Unpaid("failed", 1, "cks_1")
CANADIAN = paid(13700, 0, "CAD", settled=(10000, "USD"))
NOTHING, WHOLE = Target(10000), Target(10000, 10000, 0, 10000)
FROZEN = Target(10000, 0, 10000, 0)

# What the files do not have: (name, facts, the position for 10 000 credits that cost 100.00 without tax). Of 120.00
# paid, 30.00 are a quarter and 40.00 a third.
SEQUENCES: list[tuple[str, list[Fact], Target]] = [
    ("refund without a payment", [refund(3000)], Target(0, 0, 0, 0)),
    ("refund and its payment", [refund(3000), paid()], Target(10000, 2500, 0, 2500)),
    (
        "pending, then succeeded",
        [paid(), refund(3000, status="pending"), refund(3000)],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "pending, then failed",
        [paid(), refund(3000, status="pending"), refund(3000, status="failed")],
        NOTHING,
    ),
    (
        "succeeded, then failed after all",
        [paid(), refund(3000), refund(3000, status="failed")],
        NOTHING,
    ),
    (
        "a failed refund, tried again under another id",
        [paid(), refund(3000, "ref_1", "failed"), refund(3000, "ref_2")],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "pending says how much, succeeded does not",
        [paid(), refund(3000, status="pending"), refund(None)],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "one succeeded, one waits",
        [paid(), refund(3000, "ref_1"), refund(4000, "ref_2", "pending")],
        Target(10000, 2500, 3334, 2500),
    ),
    (
        "three refunds of more than was paid",
        [paid(), refund(9000, "ref_1"), refund(9000, "ref_2"), refund(1, "ref_3", "pending")],
        WHOLE,
    ),
    ("a whole refund waits", [paid(), refund(None, status="pending", full=True)], FROZEN),
    ("a dispute without a payment", [dispute("open")], Target(0, 0, 0, 0)),
    ("disputed", [paid(), dispute("open")], FROZEN),
    ("disputed in part", [paid(), dispute("open", 4000)], Target(10000, 0, 3334, 0)),
    ("challenged and won", [paid(), dispute("open"), dispute("open", rank=11), dispute("won")], NOTHING),
    ("challenged and lost", [paid(), dispute("open"), dispute("open", rank=11), dispute("lost")], WHOLE),
    ("born lost", [paid(), dispute("lost", stage=0)], WHOLE),
    ("lost before anything else is heard", [dispute("lost"), dispute("open"), paid()], WHOLE),
    (
        "expired",
        [paid(), dispute("open", 3000), dispute("lost", 3000, rank=12)],
        Target(10000, 2500, 0, 2500),
    ),
    ("expired, then won after all", [paid(), dispute("lost", rank=12), dispute("won")], NOTHING),
    ("expired, then lost", [paid(), dispute("lost", rank=12), dispute("lost")], WHOLE),
    ("won and lost in one stage", [paid(), dispute("open"), dispute("won"), dispute("lost")], FROZEN),
    (
        "won and lost in one stage, and the provider was asked",
        [paid(), dispute("won"), dispute("lost"), dispute("won", rank=14)],
        NOTHING,
    ),
    (
        "won and lost in one stage, reopened in the next",
        [paid(), dispute("won"), dispute("lost"), dispute("open", 4000, stage=2)],
        Target(10000, 0, 3334, 0),
    ),
    (
        "won and lost in one stage, lost in the next",
        [paid(), dispute("won"), dispute("lost"), dispute("open", stage=2), dispute("lost", stage=2)],
        WHOLE,
    ),
    ("lost, then won in a later stage", [paid(), dispute("lost"), dispute("won", stage=2)], NOTHING),
    ("lost, then reopened", [paid(), dispute("lost"), dispute("open", stage=2)], FROZEN),
    (
        "won, reopened, lost for a third",
        [paid(), dispute("won"), dispute("open", stage=2), dispute("lost", 4000, stage=2)],
        Target(10000, 3334, 0, 3333),
    ),
    ("a dispute that grew", [paid(), dispute("open", 4000), dispute("lost", 12000)], WHOLE),
    (
        "a dispute that shrank",
        [paid(), dispute("open"), dispute("lost", 3000)],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "lost, and a quarter booked back",
        [paid(), dispute("lost", 12000, movements=1), dispute("lost", 9000, movements=2)],
        Target(10000, 7500, 0, 7500),
    ),
    (
        "two disputes, one open",
        [paid(), dispute("lost", 4000, "dsp_1"), dispute("open", 4000, "dsp_2")],
        Target(10000, 3334, 3334, 3333),
    ),
    (
        "two disputes, one won",
        [paid(), dispute("won", 6000, "dsp_1"), dispute("lost", 6000, "dsp_2")],
        Target(10000, 5000, 0, 5000),
    ),
    (
        "a dispute of a third and a refund of a quarter, rounded once: 7000 of 12000",
        [paid(), refund(3000), dispute("lost", 4000)],
        Target(10000, 5834, 0, 5833),
    ),
    (
        "a quarter refunded, then all of it disputed",
        [paid(), refund(3000), dispute("open")],
        Target(10000, 2500, 7500, 2500),
    ),
    ("all refunded, then disputed", [paid(), refund(12000), dispute("open")], WHOLE),
    ("all refunded, then lost as well", [paid(), refund(12000), dispute("lost")], WHOLE),
    (
        "a refund fails because of the dispute, which keeps its own freeze",
        [paid(), refund(3000, status="pending"), dispute("open"), refund(3000, status="failed")],
        FROZEN,
    ),
    (
        "a pending refund and an open dispute freeze no more than there is",
        [paid(), refund(9000, status="pending"), dispute("open", 9000)],
        FROZEN,
    ),
    (
        "lost, then won later: the refund beside it stays",
        [paid(), refund(3000), dispute("lost"), dispute("won", stage=2)],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "half of what was settled is lost, in its currency",
        [CANADIAN, dispute("lost", 5000, currency="USD")],
        Target(10000, 5000, 0, 5000),
    ),
    (
        "a quarter in one currency, half in the other",
        [CANADIAN, refund(2500, currency="USD"), dispute("lost", 6850, currency="CAD")],
        Target(10000, 7500, 0, 7500),
    ),
    ("asked for, not heard of yet", [paid(), asked_for(3000, "rr_1")], Target(10000, 0, 2500, 0)),
    (
        "asked for and done, under the provider's own id",
        [paid(), asked_for(3000, "rr_1"), refund(3000, "ref_1", request_id="rr_1")],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "asked for and failed",
        [paid(), asked_for(3000, "rr_1"), refund(3000, "ref_1", "failed", request_id="rr_1")],
        NOTHING,
    ),
    (
        "two asked for, one done",
        [paid(), asked_for(3000, "rr_1"), asked_for(4000, "rr_2"), refund(3000, request_id="rr_1")],
        Target(10000, 2500, 3334, 2500),
    ),
    (
        "the refund comes first without its request, as a payment lists it",
        [paid(), refund(3000), asked_for(3000, "rr_1"), refund(3000, status="pending", request_id="rr_1")],
        Target(10000, 2500, 0, 2500),
    ),
    ("tried in vain", [TRIED], Target(0, 0, 0, 0)),
    ("tried in vain, then paid", [TRIED, paid()], NOTHING),
]

Bodies = list[dict[str, Any]]


def _opened(**data: Any) -> dict[str, Any]:
    return body("dodo_dispute_opened", **data)


PAYMENT, REFUND_1 = body("dodo_payment_succeeded"), body("dodo_refund_partial_1")
LISTING = body(
    "dodo_payment_succeeded",
    refunds=[REFUND_1["data"]],
    refund_status="partial",
    disputes=[_opened(amount="4000")["data"]],
)

# The same in Dodo's own words, where what counts is what a body says and not the event it came with.
DODO: list[tuple[str, Bodies, Target]] = [
    ("accepted", [PAYMENT, _opened(), _opened(dispute_status="dispute_accepted")], WHOLE),
    ("cancelled", [PAYMENT, _opened(), _opened(dispute_status="dispute_cancelled")], NOTHING),
    ("expired", [PAYMENT, _opened(), _opened(dispute_status="dispute_expired")], WHOLE),
    (
        "expired, then won",
        [PAYMENT, _opened(dispute_status="dispute_expired"), body("dodo_dispute_won")],
        NOTHING,
    ),
    ("won and lost in one stage", [PAYMENT, body("dodo_dispute_won"), body("dodo_dispute_lost")], FROZEN),
    (
        "won at first, lost in pre-arbitration",
        [
            PAYMENT,
            body("dodo_dispute_won"),
            body("dodo_dispute_reopened_pre_arbitration"),
            body("dodo_dispute_lost", dispute_stage="pre_arbitration"),
        ],
        WHOLE,
    ),
    (
        "lost before the dispute proper, which is then opened",
        [PAYMENT, _opened(dispute_stage="pre_dispute", dispute_status="dispute_lost"), _opened()],
        FROZEN,
    ),
    ("only a payment that lists them", [LISTING], Target(10000, 2500, 3334, 2500)),
    (
        "a payment lists what its events say too",
        [LISTING, REFUND_1, _opened(amount=4000)],
        Target(10000, 2500, 3334, 2500),
    ),
    (
        "a payment lists an open dispute that its event says is lost",
        [LISTING, body("dodo_dispute_lost", amount="4000")],
        Target(10000, 5834, 0, 5833),
    ),
    (
        "lost under one id, refunded in full under another",
        [PAYMENT, body("dodo_dispute_lost_rdr"), body("dodo_refund_partial_1", is_partial=False)],
        WHOLE,
    ),
    (
        "a failed attempt beside the payment of its session",
        [body("dodo_payment_succeeded", status="failed"), PAYMENT],
        NOTHING,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
@steady
@given(data=st.data())
def test_a_scenario_ends_the_same_in_every_order_and_with_repeats(
    scenario: dict[str, Any], data: st.DataObject
) -> None:
    provider = webhooks.webhook(scenario["name"].split()[0])
    assert provider
    names = data.draw(permuted(scenario["events"]))

    position = target(folded(provider.translate(body(name), None) for name in names), scenario["face"], 10000)

    final = scenario["final"]
    assert (position.granted, position.clawed, position.frozen) == (
        final["granted"],
        final["clawed"],
        final["frozen"],
    )


def test_the_scenarios_of_every_provider_in_the_file_are_here() -> None:
    assert {scenario["name"].split()[0] for scenario in SCENARIOS} >= {"dodo"}


@pytest.mark.parametrize(("name", "known", "end"), SEQUENCES, ids=[name for name, _, _ in SEQUENCES])
@steady
@given(data=st.data())
def test_a_sequence_ends_the_same_in_every_order_and_with_repeats(
    name: str, known: list[Fact], end: Target, data: st.DataObject
) -> None:
    assert target(facts(*data.draw(permuted(known))), 10000, 10000) == end


@pytest.mark.parametrize(("name", "known", "end"), DODO, ids=[name for name, _, _ in DODO])
@steady
@given(data=st.data())
def test_dodos_webhooks_end_the_same_in_every_order_and_with_repeats(
    name: str, known: Bodies, end: Target, data: st.DataObject
) -> None:
    deliveries = [translate(each) for each in data.draw(permuted(known))]

    assert target(folded(deliveries), 10000, 10000) == end
    assert [delivery.parked for delivery in deliveries] == [()] * len(deliveries)


def test_a_contradiction_is_named_until_the_provider_was_asked_or_a_later_stage_outranks_it() -> None:
    both = facts(paid(), dispute("won"), dispute("lost"))

    assert list(unusable(both)) == [
        Parked("dispute:dsp_1", "it has two ends in stage 1: the provider has to be asked")
    ]
    assert list(unusable(both.merge(dispute("lost", rank=14)))) == []
    assert list(unusable(both.merge(dispute("open", stage=2)))) == []


def test_a_repeated_fact_changes_nothing_so_there_is_nothing_to_write() -> None:
    state = facts(paid(), refund(3000), dispute("lost"), PartOf("in_1"), TRIED)

    for fact in state.all:
        assert state.merge(fact) == state
    # What is known to have ended does not begin again.
    assert state.merge(refund(3000, status="pending")) == state
    assert state.merge(dispute("open")) == state
    assert state.merge(Unpaid("processing", 2, "cks_1")) == state


def test_a_payment_redelivered_with_its_refund_brings_the_same_payment_and_the_lost_refund() -> None:
    first = folded([translate(body("dodo_payment_succeeded"))])
    again = folded([translate(body("dodo_payment_succeeded_redelivered_after_refund"))])

    assert again.paid == first.paid
    assert [known.amount for known in again.refunds.values()] == [3000]


def test_what_tells_the_order_is_kept_from_whichever_delivery_knew_it() -> None:
    session, intent = paid(session="cks_1"), paid(tax=None, session=None, topup_id="top_1")
    renewal = paid(session=None, subscription_id="sub_1")

    whole = paid(session="cks_1", topup_id="top_1", subscription_id="sub_1")
    assert facts(session, intent, renewal).paid == facts(renewal, intent, session).paid == whole


def test_an_attempt_that_failed_is_still_one_of_the_session_that_it_began_in() -> None:
    begun, failed = Unpaid("processing", 1, session_id="cks_1"), Unpaid("failed", 2, topup_id="top_1")

    assert facts(begun, failed).unpaid == facts(failed, begun).unpaid == Unpaid("failed", 2, "cks_1", "top_1")


def test_an_amount_is_that_of_the_highest_rank_and_none_that_an_earlier_one_left() -> None:
    """Otherwise 200 or 100 would be left, by the order in which the three were heard."""
    early, middle, last = (
        dispute("open", 100, rank=1),
        dispute("open", 200, rank=3),
        dispute("lost", None, rank=5),
    )

    assert facts(early, last, middle) == facts(early, middle, last) == facts(last)


def test_a_request_is_answered_by_a_refund_of_its_own_only() -> None:
    known = facts(asked_for(3000, "rr_1"), asked_for(4000, "rr_2"), refund(4000, "ref_9", request_id="rr_2"))

    assert [each.refund_id for each in known.open_refunds] == ["ref_9", "request:rr_1"]


CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
AMOUNTS = st.integers(0, 20000)
INSTANTS = st.integers(0, 3)
TOPUPS, SESSIONS = st.sampled_from([None, "top_1", "top_2"]), st.sampled_from([None, "cks_1", "cks_2"])
PAID = st.builds(
    Paid,
    total=st.integers(1, 20000),
    tax=st.none() | AMOUNTS,
    currency=CURRENCIES,
    at=INSTANTS,
    settlement_amount=st.none() | AMOUNTS,
    settlement_currency=st.none() | CURRENCIES,
    session_id=SESSIONS,
    topup_id=TOPUPS,
    subscription_id=st.sampled_from([None, "sub_1", "sub_2"]),
    # One account may say several things by itself: what an invoice brought in, and what it is in total.
    amounts=st.sampled_from([(), ("100 USD paid", "120 USD in total")]),
)
UNPAID = st.builds(
    Unpaid,
    status=st.sampled_from(["processing", "failed", "expired"]),
    at=INSTANTS,
    session_id=SESSIONS,
    topup_id=TOPUPS,
)
REFUND = st.builds(
    Refund,
    refund_id=st.sampled_from(["ref_1", "ref_2", "request:rr_1"]),
    status=st.sampled_from(["pending", "succeeded", "failed"]),
    amount=st.none() | AMOUNTS,
    currency=st.none() | CURRENCIES,
    at=INSTANTS,
    full=st.booleans(),
    request_id=st.sampled_from([None, "rr_1", "rr_2"]),
)
# Few ranks and few amounts, so that they meet: two ends of one rank, a rank of two stages, the same at another instant.
DISPUTE = st.builds(
    Dispute,
    dispute_id=st.sampled_from(["dsp_1", "dsp_2"]),
    status=st.sampled_from(["open", "lost", "won", "contradicted"]),
    rank=st.integers(0, 2),
    stage=st.sampled_from(["dispute", "pre_dispute"]),
    amount=st.sampled_from([None, 0, 100, 200]),
    currency=st.none() | CURRENCIES,
    at=INSTANTS,
    movements=st.integers(0, 1),
)
PART_OF = st.builds(PartOf, whole=st.sampled_from(["in_1", "in_2"]))
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "paid": PAID,
    "unpaid": UNPAID,
    "refund": REFUND,
    "dispute": DISPUTE,
    "part of": PART_OF,
}
FACTS = st.lists(st.one_of(*KINDS.values()), max_size=8)


@pytest.mark.parametrize("kind", KINDS)
@steady
@given(data=st.data())
def test_facts_of_one_kind_merge_whatever_their_order_grouping_and_repeats(
    kind: str, data: st.DataObject
) -> None:
    """Three that contradict each other as they like: (ab)c = a(bc), ab = ba, aa = a."""
    one, two, three = (data.draw(KINDS[kind]) for _ in range(3))

    assert facts(one, two) == facts(two, one)
    assert facts(one, one) == facts(one)
    left, right = facts(one, two), facts(two, three)
    assert left.merge(three) == facts(one).merge_all(right.all)
    assert left.merge_all(left.all) == left


@steady
@given(known=FACTS, data=st.data())
def test_merge_is_commutative_and_idempotent_even_for_facts_that_contradict_each_other(
    known: list[Fact], data: st.DataObject
) -> None:
    shuffled = data.draw(permuted(known)) if known else []

    assert facts(*shuffled) == facts(*known)
    # To the letter: a document that differs in the order of its members only would be written again.
    assert json.dumps(facts(*shuffled).to_dict()) == json.dumps(facts(*known).to_dict())


@steady
@given(left=FACTS, right=FACTS)
def test_merge_is_associative_so_states_can_be_joined_in_any_grouping(
    left: list[Fact], right: list[Fact]
) -> None:
    assert facts(*left).merge_all(facts(*right).all) == facts(*left, *right)


@steady
@given(known=FACTS)
def test_all_that_is_known_makes_the_same_state_again(known: list[Fact]) -> None:
    state = facts(*known)

    assert facts(*reversed(state.all)) == state
    assert len(state.all) == len(set(state.all))


STATED = st.dictionaries(
    st.sampled_from(["refund:ref_1", "dispute:dsp_1", "dispute:dsp_2"]), AMOUNTS, max_size=3
)


@steady
@given(known=FACTS, face=st.integers(0, 10**27), basis=st.integers(0, 10**9), stated=STATED)
def test_a_position_takes_back_no_more_than_it_granted_and_returns_no_more_than_was_paid(
    known: list[Fact], face: int, basis: int, stated: dict[str, int]
) -> None:
    position = target(facts(*known), face, basis, stated)

    assert position.granted in (0, face)
    assert min(position.clawed, position.frozen) >= 0
    assert position.clawed + position.frozen <= position.granted
    assert 0 <= position.refunded <= basis


@steady
@given(known=FACTS)
def test_facts_survive_a_queue_message_and_a_stored_item(known: list[Fact]) -> None:
    reasons = (Parked("payment", "a reason"), Parked("refund:ref_1", "another"))
    delivery = Delivery("dodo", "payment.succeeded", "pay_1", tuple(known), reasons)
    state = facts(*known)

    assert Delivery.from_dict(json.loads(json.dumps(delivery.to_dict()))) == delivery
    assert PaymentFacts.from_dict(json.loads(json.dumps(state.to_dict()))) == state
    # DynamoDB's numbers come back as Decimal.
    assert PaymentFacts.from_dict(json.loads(json.dumps(state.to_dict()), parse_int=Decimal)) == state


def test_a_record_of_a_newer_version_keeps_its_known_members_and_tolerates_the_rest() -> None:
    record = {**fact_to_dict(refund(3000)), "stage": "new"}
    del record["amount"]

    assert fact_from_dict(record) == refund(None)


@pytest.mark.parametrize(
    ("record", "error"),
    [
        ({}, "unknown kind of fact: missing"),
        ({"fact": "reward", "reward_id": "rew_1"}, "unknown kind of fact: reward"),
        ({**fact_to_dict(refund(3000)), "status": "undone"}, "unknown status of refund: undone"),
        ({**fact_to_dict(refund(3000)), "status": None}, "unknown status of refund: missing"),
        ({**fact_to_dict(dispute("won")), "status": "drawn"}, "unknown status of dispute: drawn"),
        ({**fact_to_dict(TRIED), "status": "pending"}, "unknown status of unpaid: pending"),
    ],
    ids=["no kind", "a kind not known here", "a refund's status", "no status", "a dispute's", "an attempt's"],
)
def test_a_record_that_cannot_be_understood_is_an_error_because_dropping_it_would_lose_money(
    record: dict[str, Any], error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        fact_from_dict(record)


UNFIT: list[tuple[str, Any]] = [
    ("total", None), ("total", "120000"), ("total", 1.5), ("total", True), ("total", -1), ("total", 10**19),
    ("total", []), ("tax", "20000"), ("tax", -1), ("currency", 840), ("at", "2026-11-23T10:00:00Z"), ("at", -1),
    ("at", 253_402_300_800_000),
    ("session_id", 7), ("topup_id", {}), ("settlement_amount", "1"), ("settlement_currency", ["USD"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), UNFIT, ids=repr)
def test_a_record_with_a_member_of_another_kind_is_an_error_that_does_not_tell_it(
    name: str, value: Any
) -> None:
    """It would stay with its payment for ever, and stand in the way of all that is said of it later."""
    with pytest.raises(ValueError, match=f"^{name} of paid is not what it should be$"):
        fact_from_dict({**fact_to_dict(paid()), name: value})


WHOLLY_PAID, REFUNDED = paid(settled=(90000, "EUR")), Refund("ref_1", "succeeded", 1, "USD", 1, tax=1)
DISPUTED = Dispute("dp_1", "lost", 1, "chargeback", 1, "USD", 1, movements=1)
OWN_PART = OwnPart("part_1", "top_1", 1, "USD")
LARGEST: list[tuple[Fact, str, int]] = [
    *((WHOLLY_PAID, name, 1_000_000_000_000_000_000) for name in ("total", "tax", "settlement_amount")),
    *((REFUNDED, name, 1_000_000_000_000_000_000) for name in ("amount", "tax")),
    (DISPUTED, "amount", 1_000_000_000_000_000_000),
    (OWN_PART, "total", 1_000_000_000_000_000_000),
    (DISPUTED, "rank", 1_000_000_000_000_000),
    (DISPUTED, "movements", 1_000_000),
    *((fact, "at", 253_402_300_799_999) for fact in (WHOLLY_PAID, TRIED, REFUNDED, DISPUTED)),
    *((fact, "said_at", 253_402_300_799_999) for fact in (WHOLLY_PAID, TRIED)),
]


@pytest.mark.parametrize(
    ("fact", "name", "largest"), LARGEST, ids=[f"{type(fact).__name__} {name}" for fact, name, _ in LARGEST]
)
def test_a_number_of_a_record_is_between_nothing_and_its_largest(fact: Fact, name: str, largest: int) -> None:
    """The year 9999 ends at 253 402 300 799 999 ms."""
    record = fact_to_dict(fact)
    for right in (0, largest, Decimal(largest)):
        assert getattr(fact_from_dict({**record, name: right}), name) == right
    for wrong in (-1, largest + 1, Decimal(largest + 1), Decimal("0.5")):
        with pytest.raises(ValueError, match=f"^{name} of {record['fact']} is not what it should be$"):
            fact_from_dict({**record, name: wrong})


@pytest.mark.parametrize("name", ["total", "at"])
def test_a_record_without_what_it_needs_is_an_error(name: str) -> None:
    record = fact_to_dict(paid())
    del record[name]

    with pytest.raises(TypeError, match=name):
        fact_from_dict(record)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (2000, 2000, ()),
        (2000, None, ()),
        (2000, 1000, ("1000 USD of tax", "12000 USD", "2000 USD of tax")),
        (2000, 0, ("0 USD of tax", "12000 USD", "2000 USD of tax")),
    ],
)
def test_two_taxes_of_one_payment_are_both_kept_in_either_order(
    one: int | None, other: int | None, said: tuple[str, ...]
) -> None:
    """Whoever looks at it is to know that its accounts differ, where all they say is another tax."""
    told = [paid(tax=one), paid(tax=other)]
    for facts_of in (told, told[::-1]):
        known = facts(*facts_of).paid
        assert known
        assert known.amounts == said
