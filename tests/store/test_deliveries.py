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
