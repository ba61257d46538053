"""What a message of a delivery must say, and what is kept of a body that waits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.payment import Payment
from scrip.services.engine.executor import Moment
from scrip.services.payments import deliveries
from scrip.store.deliveries import Deliveries
from simulation.archivist import DELIVERIES
from simulation.dynamodb import Dynamo

NOW = 1_900_000_000_000
PAID = (
    b'{"type": "payment.succeeded", "timestamp": "2030-01-01T00:00:00Z", "data": {"payment_id": "pay_1", '
    b'"topup_id": "top_1", "amount": 1190, "tax": 190, "currency": "USD"}}'
)


@pytest.fixture
def table() -> Deliveries:
    return Deliveries(Dynamo((DELIVERIES,)), "deliveries")  # type: ignore[arg-type]


def taken(table: Deliveries, raw: bytes = PAID) -> Delivery:
    return deliveries.take(table, deliveries.adapter("standard"), "d1", raw, "", NOW, 5)


@pytest.mark.parametrize("digest", ["0" * 32, "f" * 64, "0123456789abcdef" * 2])
def test_a_message_names_its_body_by_a_digest_or_its_first_half(digest: str) -> None:
    assert deliveries.digest_of({"body": digest}) == digest
    assert deliveries.digest_of({}) is None


@pytest.mark.parametrize("digest", ["", "0" * 31, "0" * 48, "G" * 32, "0" * 65])
def test_a_message_that_names_it_otherwise_is_none_of_ours(digest: str) -> None:
    with pytest.raises(ValueError, match="body is no SHA-256 digest"):
        deliveries.digest_of({"body": digest})


@pytest.mark.parametrize("at", [MIN_INSTANT, NOW, MAX_INSTANT])
def test_a_message_is_applied_at_the_test_clocks_instant_where_there_is_one(at: int) -> None:
    assert deliveries.moment_of({"at": at}, 7, True) == Moment(at, pinned=True, yields=True)
    assert deliveries.moment_of({"at": at}, 7, False) == Moment(7)
    assert deliveries.moment_of({}, 7, True) == Moment(7)


@pytest.mark.parametrize("at", [MIN_INSTANT - 1, MAX_INSTANT + 1, "1", 1.5, True])
def test_what_is_no_instant_is_refused(at: Any) -> None:
    with pytest.raises(ValueError, match="at is no instant"):
        deliveries.moment_of({"at": at}, 7, True)


def test_a_body_waits_until_it_is_applied_and_keeps_ten_reasons_of_its_payment(table: Deliveries) -> None:
    told = taken(table)
    assert deliveries.waiting_before(table, NOW + 1, 9)[0].delivery_id == "d1"
    deliveries.mark_applied(table, told, "d1", None, None)
    assert deliveries.kept(table, "standard", "d1")[0].state == "waiting"
    (kept,) = deliveries.kept(table, "standard", "d1")
    parked = Payment("standard", "pay_1", parked=tuple(f"reason {at}" for at in range(12)))
    deliveries.mark_applied(table, told, "d1", kept.digest, parked)
    (kept,) = deliveries.kept(table, "standard", "d1")
    assert (kept.state, kept.causes) == ("parked", tuple(f"reason {at}" for at in range(10)))
    deliveries.mark_applied(table, told, "d1", kept.digest, None)
    (kept,) = deliveries.kept(table, "standard", "d1")
    assert (kept.state, kept.causes) == ("applied", ())
    assert deliveries.waiting_before(table, NOW + 1, 9) == []


def test_a_body_that_nobody_applies_says_why(table: Deliveries) -> None:
    taken(table)
    deliveries.refuse(table, deliveries.kept(table, "standard", "d1")[0], deliveries.IGNORED)
    with pytest.raises(InvalidRequest, match="is not JSON"):
        taken(table, b"{")
    found = {one.state: one for one in deliveries.kept(table, "standard", "d1")}
    assert set(found) == {"refused"}
    stated = [(one.causes, one.reasons, one.type) for one in deliveries.kept(table, "standard", "d1")]
    assert sorted(stated) == [
        (("ignored",), (), "payment.succeeded"),
        (("not_json",), ("body: is not JSON",), ""),
    ]


def test_of_a_body_that_says_a_thing_twice_the_first_five_are_named_and_nothing_is_used() -> None:
    twice = b", ".join(b'"%s": 1' % letter for letter in (b"a", b"b", b"c", b"d", b"e", b"f"))
    raw = PAID.replace(b'"amount"', b"%s, %s, " % (twice, twice) + b'"amount"')
    read = deliveries.read(deliveries.adapter("standard"), raw, "")
    assert (read.facts, read.standing) == ((), None)
    (parked,) = read.parked
    assert parked.reason.startswith("the body says something twice: ")
    assert len(parked.reason.partition(": ")[2].split(", ")) == deliveries.NAMED == 5


def test_whose_a_body_is_is_asked_unless_that_is_not_to_be_checked() -> None:
    adapter = deliveries.adapter("stripe")
    intent = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 1, "currency": "usd"}
    raw = _stripe(intent)
    assert deliveries.read(adapter, raw, "").own == "livemode true"
    assert deliveries.read(adapter, raw, deliveries.UNCHECKED).own is None
    assert deliveries.UNCHECKED == "none"


def _stripe(data: dict[str, Any]) -> bytes:
    event = {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "livemode": True}
    return json.dumps({**event, "created": 1_900_000_000, "data": {"object": data}}).encode()


def test_a_message_that_is_sent_again_says_so() -> None:
    told = Delivery("standard", "webhook", "pay_1")
    message, group = deliveries.message(told, "d1")
    assert (group, sorted(message)) == ("standard:pay_1", ["delivery", "delivery_id"])
    again, _ = deliveries.message(told, "d1", 5, PAID, again=True)
    assert (again["again"], again["at"], len(again["body"])) == (True, 5, 64)
    assert deliveries.message(Delivery("standard", "webhook", None), "d1")[1] == "standard:d1"
