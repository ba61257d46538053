"""Law 9: payments are facts, not deltas. Any order and any number of repeats gives the same end."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.payments.adapters.dodo import translate
from scrip.payments.facts import (
    Delivery,
    Fact,
    Paid,
    PaymentFacts,
    Refund,
    fact_from_dict,
    fact_to_dict,
)
from scrip.payments.position import Position, target
from tests.payments.samples import DATA, body, facts, folded, paid, refund, steady

SCENARIOS = json.loads((DATA / "scenarios.json").read_text())["scenarios"]

# What the files do not have: (name, facts, the position for 10 000 credits that cost 100.00 without tax).
SEQUENCES: list[tuple[str, list[Fact], Position]] = [
    ("refund without a payment", [refund(3000)], Position(0, 0, 0, 0)),
    ("refund and its payment", [refund(3000), paid()], Position(10000, 2500, 0, 2500)),
    (
        "pending, then succeeded",
        [paid(), refund(3000, status="pending"), refund(3000)],
        Position(10000, 2500, 0, 2500),
    ),
    (
        "pending, then failed",
        [paid(), refund(3000, status="pending"), refund(3000, status="failed")],
        Position(10000),
    ),
    (
        "succeeded, then failed after all",
        [paid(), refund(3000), refund(3000, status="failed")],
        Position(10000),
    ),
    (
        "a failed refund, tried again under another id",
        [paid(), refund(3000, "ref_1", "failed"), refund(3000, "ref_2")],
        Position(10000, 2500, 0, 2500),
    ),
    (
        "pending says how much, succeeded does not",
        [paid(), refund(3000, status="pending"), refund(None)],
        Position(10000, 2500, 0, 2500),
    ),
    (
        "one succeeded, one waits",
        [paid(), refund(3000, "ref_1"), refund(4000, "ref_2", "pending")],
        Position(10000, 2500, 3334, 2500),
    ),
    (
        "three refunds of more than was paid",
        [paid(), refund(9000, "ref_1"), refund(9000, "ref_2"), refund(1, "ref_3", "pending")],
        Position(10000, 10000, 0, 10000),
    ),
]


def permuted(events: list[Any]) -> st.SearchStrategy[list[Any]]:
    """Every event at least once, up to twice more, in any order."""
    repeats = st.lists(st.sampled_from(events), max_size=2 * len(events))
    return repeats.flatmap(lambda extra: st.permutations([*events, *extra]))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
@steady
@given(data=st.data())
def test_a_scenario_ends_the_same_in_every_order_and_with_repeats(
    scenario: dict[str, Any], data: st.DataObject
) -> None:
    names = data.draw(permuted(scenario["events"]))

    position = target(folded([translate(body(name)) for name in names]), scenario["face"], 10000)

    final = scenario["final"]
    assert (position.granted, position.clawed, position.frozen) == (
        final["granted"],
        final["clawed"],
        final["frozen"],
    )


@pytest.mark.parametrize(("name", "known", "end"), SEQUENCES, ids=[name for name, _, _ in SEQUENCES])
@steady
@given(data=st.data())
def test_a_sequence_ends_the_same_in_every_order_and_with_repeats(
    name: str, known: list[Fact], end: Position, data: st.DataObject
) -> None:
    assert target(facts(*data.draw(permuted(known))), 10000, 10000) == end


def test_a_repeated_fact_changes_nothing_so_there_is_nothing_to_write() -> None:
    state = facts(paid(), refund(3000))

    assert state.merge(paid()) == state
    assert state.merge(refund(3000)) == state
    # A refund that is known to have succeeded does not go back to pending.
    assert state.merge(refund(3000, status="pending")) == state


def test_a_payment_redelivered_with_its_refund_brings_the_same_payment_and_the_lost_refund() -> None:
    first = folded([translate(body("dodo_payment_succeeded"))])
    again = folded([translate(body("dodo_payment_succeeded_redelivered_after_refund"))])

    assert again.paid == first.paid
    assert [known.amount for known in again.refunds] == [3000]


def test_the_payment_that_knows_its_checkout_session_outlives_the_one_that_does_not() -> None:
    knows, does_not = paid(session="cks_1"), paid(session=None)

    assert facts(knows, does_not).paid == facts(does_not, knows).paid == knows


CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
AMOUNTS = st.integers(0, 20000)
PAID = st.builds(
    Paid,
    payment_id=st.just("pay_1"),
    total=st.integers(1, 20000),
    tax=st.none() | AMOUNTS,
    currency=CURRENCIES,
    settlement_amount=st.none() | AMOUNTS,
    settlement_currency=st.none() | CURRENCIES,
    checkout_session_id=st.none() | st.sampled_from(["cks_1", "cks_2"]),
    at=st.integers(0, 3),
)
REFUND = st.builds(
    Refund,
    refund_id=st.sampled_from(["ref_1", "ref_2", "ref_3"]),
    status=st.sampled_from(["pending", "succeeded", "failed"]),
    amount=st.none() | AMOUNTS,
    currency=st.none() | CURRENCIES,
    full=st.booleans(),
    at=st.integers(0, 3),
)
FACTS = st.lists(PAID | REFUND, max_size=6)


@steady
@given(known=FACTS, data=st.data())
def test_merge_is_commutative_and_idempotent_even_for_facts_that_contradict_each_other(
    known: list[Fact], data: st.DataObject
) -> None:
    shuffled = data.draw(permuted(known)) if known else []

    assert facts(*shuffled) == facts(*known)


@steady
@given(left=FACTS, right=FACTS)
def test_merge_is_associative_so_states_can_be_joined_in_any_grouping(
    left: list[Fact], right: list[Fact]
) -> None:
    parts = facts(*right)
    regrouped = facts(*left).merge_all([*([parts.paid] if parts.paid else []), *parts.refunds])

    assert regrouped == facts(*left, *right)


@steady
@given(known=FACTS, face=st.integers(0, 10**27), basis=st.integers(0, 10**9))
def test_a_position_takes_back_no_more_than_it_granted_and_returns_no_more_than_was_paid(
    known: list[Fact], face: int, basis: int
) -> None:
    position = target(facts(*known), face, basis)

    assert position.granted in (0, face)
    assert min(position.clawed, position.frozen) >= 0
    assert position.clawed + position.frozen <= position.granted
    assert 0 <= position.refunded <= basis


@steady
@given(known=FACTS)
def test_facts_survive_a_queue_message_and_a_stored_item(known: list[Fact]) -> None:
    delivery = Delivery("dodo", "payment.succeeded", "pay_1", tuple(known), ("a reason",))
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
    "record",
    [
        {},
        {"fact": "dispute", "dispute_id": "dsp_1"},
        {**fact_to_dict(refund(3000)), "status": "undone"},
        {**fact_to_dict(refund(3000)), "status": None},
    ],
    ids=["no kind", "a kind of fact not known here", "a status not known here", "no status"],
)
def test_a_record_that_cannot_be_understood_is_an_error_because_dropping_it_would_lose_money(
    record: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match="unknown"):
        fact_from_dict(record)
