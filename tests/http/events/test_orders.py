"""What becomes of orders and payments is told, from the ledger's stream or as a provider's word is applied."""

from __future__ import annotations

from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from scrip import runtime
from scrip.http.events.orders import topup_event
from scrip.services.events import bus as buses
from scrip.services.events import orders
from tests.aws import Buyer, Deployment, provider_event
from tests.http.search.streaming import index
from tests.services.events.test_entries import rows

Json = dict[str, Any]


def heard(buyer: Buyer, type_: str = "scrip.topup") -> list[Json]:
    """What is told once the stream has brought all that the account's ledger has."""
    index(buyer.account)
    return buyer.scrip.told(type_)


@pytest.fixture
def order(buyer: Buyer) -> Buyer:
    """An order of 10 000 credits for 1 000 dollars."""
    assert buyer.order().status == 201
    buyer.scrip.told()
    return buyer


def test_an_order_that_is_paid_is_told_once_by_its_grant(order: Buyer) -> None:
    paid = order.pays()
    order.scrip.deliver(paid)
    assert order.scrip.told() == [], "whoever applies it does not tell it: its entry does"
    (event,) = heard(order)
    assert event["type"] == "scrip.topup.paid"
    assert event["subject"] == order.account
    assert event["data"] == {
        "topup_id": order.topup["topup_id"],
        "unit": "credits",
        "credits": "10000",
        "price": {"amount": 100000, "currency": "USD"},
        "reason": None,
        "pack": order.account,
        "payment": f"dodo:{paid['data']['payment_id']}",
    }
    order.scrip.deliver(paid)
    assert heard(order) == [event], "the same, whatever comes again"


def test_each_refund_is_told_by_what_it_takes_back(order: Buyer) -> None:
    order.scrip.deliver(order.pays())
    heard(order)
    for amount in (12_000, 24_000):
        order.scrip.deliver(order.gets_back(amount))
    told = heard(order, "scrip.topup.refunded")
    assert [event["data"]["reason"] for event in told] == ["refund", "refund"]
    assert len({event["id"] for event in told}) == 2
    assert order.status == "partially_refunded"


def test_an_attempt_that_failed_is_told_again_under_one_id_if_it_comes_again(order: Buyer) -> None:
    failed = order.provider.pay(order.session, {"webhook": False, "status": "failed"})
    event = provider_event("payment.failed", order.provider.payment(failed["payment_id"]))
    order.scrip.deliver(event)
    (first,) = order.scrip.told()
    assert (first["type"], first["data"]["reason"]) == ("scrip.topup.failed", "payment_failed")
    order.scrip.webhook(event, delivery="msg_again")
    order.scrip.apply(order.scrip.queued())
    assert [one["id"] for one in order.scrip.told()] in ([first["id"]], [])
    assert order.status == "failed"


def test_a_payment_that_is_parked_is_told_with_its_reasons(order: Buyer) -> None:
    """No order has its checkout session. It is about no account, so it has no subject."""
    paid = order.pays()
    paid["data"]["checkout_session_id"] = "cks_of_nobody"
    order.scrip.deliver(paid)
    (event,) = order.scrip.told()
    assert event["type"] == "scrip.payment.parked"
    assert "subject" not in event
    assert event["data"]["payment"] == f"dodo:{paid['data']['payment_id']}"
    assert event["data"]["topup_id"] is None
    assert "cks_of_nobody" in event["data"]["reasons"][0]


def test_a_bus_that_takes_nothing_has_the_message_come_again_and_credits_are_not_doubled(
    order: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "WAIT", 0)
    paid = order.pays()
    paid["data"]["checkout_session_id"] = "cks_of_nobody"
    order.scrip.webhook(paid)
    records = order.scrip.queued()
    with order.scrip.refusing(), pytest.raises(BatchProcessingError):
        order.scrip.apply(records)
    assert order.scrip.told() == []
    assert order.scrip.apply(records) == []
    assert [one["type"] for one in order.scrip.told()] == ["scrip.payment.parked"]


def test_a_payment_that_a_person_accepts_is_told_as_paid(order: Buyer) -> None:
    """Nobody publishes from the request: its grant is told as any other's."""
    paid = order.pays()
    paid["data"]["checkout_session_id"] = "cks_of_nobody"
    order.scrip.deliver(paid)
    order.scrip.told()
    answer = order.scrip.post(
        f"/v1/payments/dodo/{paid['data']['payment_id']}/resolutions",
        {"action": "accept", "topup_id": order.topup["topup_id"], "reason": "checked"},
        key="accept",
    )
    assert answer.status in (200, 201), answer.text
    assert order.scrip.told() == []
    assert [event["type"] for event in heard(order)] == ["scrip.topup.paid"]


def test_entries_of_no_payment_cost_nothing(scrip: Deployment, account: str) -> None:
    """A caller's grant that calls itself a payment's is none."""
    scrip.grant(
        account, "5", reference={"type": "payment", "id": "dodo:pay_1"}, metadata={"topup_id": "top_1"}
    )
    scrip.burn(account, "1")
    with scrip.calls() as made:
        assert orders.events_of(topup_event, runtime.tables(), rows(account)) == []
    assert [call.name for call in made] == ["Query"], "the test's own, of the rows"
