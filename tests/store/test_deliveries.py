"""Raw bodies of webhooks: nothing that came is overwritten, nothing is stored twice, and all of it is deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from scrip.store.deliveries import Deliveries, Kept
from tests.aws import Deployment, Fault

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
