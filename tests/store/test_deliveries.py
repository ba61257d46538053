"""Raw bodies of webhooks: nothing that came is overwritten, nothing is stored twice, and all of it is deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from scrip.store.deliveries import Deliveries, Kept, Waiting
from tests.aws import Deployment, Fault
from tests.template.reading import functions

AT = 1_795_428_000_000
KEPT = Kept("dodo", "msg_1", "payment.succeeded", "pay_1", AT, b'{"type": "payment.succeeded"}')
OTHER = replace(
    KEPT, received_at=AT + 1000, body=b"\xff\x00", type="", payment_id=None, reasons=("body: is not JSON",)
)


@pytest.fixture
def deliveries(scrip: Deployment) -> Deliveries:
    """The table, empty."""
    scrip.make_tables()
    return runtime.deliveries()


def stored(deliveries: Deliveries) -> list[Any]:
    return deliveries.client.scan(TableName=deliveries.table)["Items"]


def test_a_body_is_read_byte_for_byte_as_it_came(deliveries: Deliveries) -> None:
    assert deliveries.keep(KEPT, 30)
    assert deliveries.of("dodo", "msg_1") == [KEPT]


def test_the_same_body_again_is_stored_once_with_the_instant_at_which_it_first_came(
    deliveries: Deliveries,
) -> None:
    assert deliveries.keep(KEPT, 30)
    assert not deliveries.keep(replace(KEPT, received_at=AT + 60_000), 30)
    assert deliveries.of("dodo", "msg_1") == [KEPT]


def test_another_body_of_the_same_delivery_is_stored_beside_the_first_in_the_order_they_came(
    deliveries: Deliveries,
) -> None:
    assert all([deliveries.keep(OTHER, 30), deliveries.keep(KEPT, 30)])
    assert deliveries.of("dodo", "msg_1") == [KEPT, OTHER]


@pytest.mark.parametrize(("sender", "delivery"), [("stripe", "msg_1"), ("dodo", "msg_2"), ("dodo", "msg")])
def test_another_delivery_has_nothing_of_it(deliveries: Deliveries, sender: str, delivery: str) -> None:
    deliveries.keep(KEPT, 30)
    assert deliveries.of(sender, delivery) == []


def test_a_delivery_may_have_any_name(deliveries: Deliveries) -> None:
    """It is what a header holds."""
    named = replace(KEPT, delivery_id="msg#1/" + "é" * 3000)
    deliveries.keep(named, 30)
    assert deliveries.of("dodo", named.delivery_id) == [named]


def test_dynamodb_deletes_it_at_the_second_that_is_said(deliveries: Deliveries) -> None:
    deliveries.keep(KEPT, 1_798_020_000)
    (item,) = stored(deliveries)
    assert item["expires_at"] == {"N": "1798020000"}


def test_what_came_since_an_instant_is_listed_in_order_without_its_bodies(deliveries: Deliveries) -> None:
    later = replace(KEPT, delivery_id="msg_2", received_at=AT + 2000)
    for kept in (later, OTHER, KEPT):
        deliveries.keep(kept, 30)
    bare = [replace(kept, body=b"") for kept in (KEPT, OTHER, later)]
    assert deliveries.since(0) == deliveries.since(AT) == bare
    assert deliveries.since(AT + 1) == bare[1:]
    assert deliveries.since(AT + 2001) == []


def test_a_body_that_cannot_be_stored_is_refused_so_that_the_provider_sends_it_again(
    scrip: Deployment, deliveries: Deliveries
) -> None:
    for fault in (Fault.timeout, Fault.error("AccessDeniedException")):
        with scrip.broken("PutItem", fault), pytest.raises(Unavailable):
            deliveries.keep(KEPT, 30)
    assert stored(deliveries) == []


# Erased


def test_of_what_is_erased_the_bytes_are_gone_and_that_it_came_stays(deliveries: Deliveries) -> None:
    """Its digest, its instants and why it was parked; so the same bytes are not kept again, and others are."""
    deliveries.keep(OTHER, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    for at in (AT + 5000, AT + 6000):
        deliveries.erase_of("dodo", "pay_1", at)
    erased = replace(OTHER, body=b"", erased_at=AT + 5000)
    assert deliveries.of("dodo", "msg_1") == deliveries.since(0) == [erased]
    assert not deliveries.keep(OTHER, 30)
    assert deliveries.keep(KEPT, 30)
    assert deliveries.of("dodo", "msg_1") == [KEPT, erased]
    assert not any("body" in item for item in stored(deliveries) if "erased_at" in item)


def test_a_payments_deliveries_are_erased_and_those_of_its_parts_and_no_others(
    deliveries: Deliveries,
) -> None:
    for name in ("msg_1", "msg_2", "msg_3", "msg_4"):
        deliveries.keep(replace(KEPT, delivery_id=name), 30)
    deliveries.file("dodo", "whole", "msg_1", 60)
    deliveries.file("dodo", "part", "msg_2", 60)
    deliveries.file_part("dodo", "whole", "part", 60)
    deliveries.file("stripe", "whole", "msg_3", 60)
    deliveries.file("dodo", "other", "msg_4", 60)
    deliveries.erase_of("dodo", "whole", AT)
    left = [kept.delivery_id for kept in deliveries.since(0) if kept.erased_at is None]
    assert sorted(left) == ["msg_3", "msg_4"]


def test_what_is_filed_is_no_delivery_and_is_deleted_at_its_second(deliveries: Deliveries) -> None:
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    (filed,) = stored(deliveries)
    assert filed["pk"] == {"S": "payment#dodo#pay_1"}
    assert filed["expires_at"] == {"N": "60"}
    assert deliveries.since(0) == deliveries.of("dodo", "msg_1") == []


def test_what_dynamodb_deletes_in_between_is_not_made_again(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries.keep(KEPT, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    read = Deliveries._all

    def then_gone(self: Deliveries, pk: str, *, keys_alone: bool = False) -> list[Any]:
        found = read(self, pk, keys_alone=keys_alone)
        for item in found if pk.startswith("dodo#") else ():
            self.client.delete_item(TableName=self.table, Key={"pk": item["pk"], "sk": item["sk"]})
        return found

    monkeypatch.setattr(Deliveries, "_all", then_gone)
    deliveries.erase_of("dodo", "pay_1", AT)
    assert [item["pk"]["S"] for item in stored(deliveries)] == ["payment#dodo#pay_1"]


def test_what_is_to_be_erased_is_read_consistently(scrip: Deployment, deliveries: Deliveries) -> None:
    """A body of a moment before must not be missed. Of bodies the keys are read, and not the bytes."""
    deliveries.keep(KEPT, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    with scrip.calls() as made:
        deliveries.erase_of("dodo", "pay_1", AT)
    assert [call.name for call in made] == ["Query", "Query", "UpdateItem"]
    for call in made[:2]:
        assert call.params["ConsistentRead"]
        assert call.params["ProjectionExpression"] == "pk, sk"


def test_a_table_that_does_not_answer_is_told(scrip: Deployment, deliveries: Deliveries) -> None:
    deliveries.keep(KEPT, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    broken = scrip.broken("UpdateItem", Fault.error("InternalServerError", 500), times=5)
    with broken, pytest.raises(Unavailable):
        deliveries.erase_of("dodo", "pay_1", AT)
    assert deliveries.of("dodo", "msg_1") == [KEPT]


# Waiting

WAITS = replace(KEPT, state="waiting")


def names(deliveries: Deliveries, at: int, limit: int = 10) -> list[str]:
    return [one.delivery_id for one in deliveries.waiting_before(at, limit)]


def digest_of(body: bytes) -> str:
    return sha256(body).hexdigest()


def test_what_waits_is_found_by_when_it_came_oldest_first_and_no_more_than_is_asked_for(
    deliveries: Deliveries,
) -> None:
    """20 deliveries, a second apart, spread over the shards of the index. ``before`` is not included."""
    for number in reversed(range(20)):
        name = f"msg_{number:02}"
        deliveries.keep(replace(WAITS, delivery_id=name, received_at=AT + number * 1000), 30)
    deliveries.keep(replace(KEPT, delivery_id="applied", state="applied"), 30)
    deliveries.keep(replace(KEPT, delivery_id="of before"), 30)
    assert len({item["unapplied"]["S"] for item in stored(deliveries) if "unapplied" in item}) > 1
    assert names(deliveries, AT) == []
    assert deliveries.waiting_before(AT + 1, 10) == [Waiting("dodo", "msg_00", AT)]
    assert names(deliveries, AT + 3000) == ["msg_00", "msg_01", "msg_02"]
    assert names(deliveries, AT + 3001, 3) == ["msg_00", "msg_01", "msg_02"]
    assert len(names(deliveries, AT + 60_000, 100)) == 20


def test_what_waits_is_not_deleted_and_what_waits_no_more_is_at_the_second_that_was_said(
    deliveries: Deliveries,
) -> None:
    deliveries.keep(WAITS, 1_798_020_000)
    (item,) = stored(deliveries)
    assert "expires_at" not in item
    for _ in range(2):
        deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "applied")
        (item,) = stored(deliveries)
        assert item["expires_at"] == {"N": "1798020000"}
        assert not {"keep_until", "unapplied"} & set(item)
        assert names(deliveries, AT + 1) == []
    assert deliveries.of("dodo", "msg_1") == [replace(KEPT, state="applied")]


def test_a_body_is_parked_for_what_is_said_and_then_applied_for_nothing(deliveries: Deliveries) -> None:
    deliveries.keep(WAITS, 30)
    deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "parked", ("no such order", "of another currency"))
    (parked,) = deliveries.of("dodo", "msg_1")
    assert parked == replace(KEPT, state="parked", causes=("no such order", "of another currency"))
    deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "applied")
    assert deliveries.of("dodo", "msg_1") == [replace(KEPT, state="applied")]


def test_each_body_of_a_delivery_waits_for_itself(deliveries: Deliveries) -> None:
    other = replace(WAITS, body=b"{}", received_at=AT + 1)
    deliveries.keep(WAITS, 30)
    deliveries.keep(other, 30)
    deliveries.mark("dodo", "msg_1", digest_of(other.body), "applied")
    assert deliveries.waiting_before(AT + 10, 10) == [Waiting("dodo", "msg_1", AT)]


def test_a_body_that_is_not_there_is_not_made_by_what_is_said_of_it(deliveries: Deliveries) -> None:
    deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "applied")
    assert stored(deliveries) == []


def test_what_was_kept_before_there_were_states_keeps_its_second(deliveries: Deliveries) -> None:
    deliveries.keep(KEPT, 1_798_020_000)
    deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "applied")
    (item,) = stored(deliveries)
    assert item["expires_at"] == {"N": "1798020000"}


def test_what_is_applied_and_comes_again_does_not_wait_again(deliveries: Deliveries) -> None:
    deliveries.keep(WAITS, 30)
    deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "applied")
    assert not deliveries.keep(WAITS, 60)
    assert names(deliveries, AT + 1) == []


def test_what_is_erased_while_it_waits_waits_still(deliveries: Deliveries) -> None:
    deliveries.keep(WAITS, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    deliveries.erase_of("dodo", "pay_1", AT)
    assert names(deliveries, AT + 1) == ["msg_1"]
    (erased,) = deliveries.of("dodo", "msg_1")
    deliveries.mark("dodo", "msg_1", erased.digest, "refused", ("erased",))
    assert names(deliveries, AT + 1) == []


def test_the_role_that_applies_may_change_what_is_changed_here_and_nothing_else_of_a_body(
    scrip: Deployment, deliveries: Deliveries
) -> None:
    """AWS holds all attributes of an expression, and the key, against ``dynamodb:Attributes``."""
    deliveries.keep(WAITS, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    with scrip.calls() as made:
        deliveries.mark("dodo", "msg_1", digest_of(KEPT.body), "applied")
        deliveries.erase_of("dodo", "pay_1", AT)
    named: set[str] = set()
    for call in made:
        if call.name == "UpdateItem":
            said = f"{call.params['UpdateExpression']} {call.params['ConditionExpression']}"
            words = set(re.findall(r"[#:]?[a-z_]+", said)) - {"if_not_exists", "attribute_exists"}
            aliases = call.params.get("ExpressionAttributeNames", {})
            named |= set(call.params["Key"])
            named |= {aliases.get(word, word) for word in words if not word.startswith(":")}
    (allowed,) = [
        statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
        for policy in functions()["PaymentsFunction"]["Policies"]
        for statement in policy["Statement"]
        if "ForAllValues:StringEquals" in statement.get("Condition", {})
    ]
    assert sorted(allowed) == sorted(named)


@contextmanager
def one_by_one(deliveries: Deliveries) -> Iterator[None]:
    """Has each answer of a query or a scan end after one item."""
    events = deliveries.client.meta.events

    def limit(params: Any, **_: Any) -> Any:
        return {**params, "Limit": 1}

    told = [f"provide-client-params.dynamodb.{name}" for name in ("Query", "Scan")]
    for event in told:
        events.register(event, limit)
    try:
        yield
    finally:
        for event in told:
            events.unregister(event, limit)


def test_what_is_read_whole_is_so_however_few_an_answer_has(deliveries: Deliveries) -> None:
    """Three bodies of one delivery and one of another; both are of one payment, one by its part."""
    bodies = [replace(KEPT, body=b"%d" % number, received_at=AT + number) for number in range(3)]
    other = replace(KEPT, delivery_id="msg_2", received_at=AT + 9)
    for kept in (*bodies, other):
        deliveries.keep(kept, 30)
    deliveries.file("dodo", "pay_1", "msg_1", 60)
    deliveries.file_part("dodo", "pay_1", "part_1", 60)
    deliveries.file("dodo", "part_1", "msg_2", 60)
    with one_by_one(deliveries):
        assert deliveries.of("dodo", "msg_1") == bodies
        assert deliveries.since(0) == [replace(kept, body=b"") for kept in (*bodies, other)]
        deliveries.erase_of("dodo", "pay_1", AT + 10)
    assert [kept.erased_at for kept in deliveries.since(0)] == [AT + 10] * 4
