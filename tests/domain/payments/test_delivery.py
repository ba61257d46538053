"""A delivery and an inquiry as the queue carries them: nothing is lost on the way, and nothing odd comes in (law 9)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from scrip.domain.payments.delivery import Delivery, Inquiry, Parked
from scrip.domain.payments.facts import Paid, Refund

PAID = Paid(total=12000, tax=2000, currency="USD", at=1_800_000_000_000)
LOST = Refund("ref_1", "succeeded", amount=6000, currency="USD", at=1_800_000_000_001)
REASON = Parked("refund:ref_2", "its amount is missing")


def test_a_delivery_comes_out_of_the_queue_as_it_went_in() -> None:
    delivery = Delivery("dodo", "payment.succeeded", "pay_1", (PAID, LOST), (REASON,))

    assert Delivery.from_dict(json.loads(json.dumps(delivery.to_dict()))) == delivery


@pytest.mark.parametrize(
    ("delivery", "ignored"),
    [
        (Delivery("dodo", "license_key.created", None), True),
        (Delivery("dodo", "payment.succeeded", "pay_1", facts=(PAID,)), False),
        (Delivery("dodo", "refund.succeeded", None, parked=(REASON,)), False),
    ],
    ids=["neither a fact nor a reason", "a fact", "a reason, though no payment is known"],
)
def test_only_a_delivery_without_facts_and_reasons_is_ignored(delivery: Delivery, ignored: bool) -> None:
    assert delivery.ignored is ignored
    assert Delivery.from_dict(delivery.to_dict()).ignored is ignored


@pytest.mark.parametrize("name", ["provider", "type", "payment_id"])
@pytest.mark.parametrize("value", [7, {"id": "pay_1"}, ["pay_1"]])
def test_a_message_whose_member_is_no_text_is_an_error_that_does_not_repeat_it(name: str, value: Any) -> None:
    message = {**Delivery("dodo", "payment.succeeded", "pay_1").to_dict(), name: value}

    with pytest.raises(ValueError, match=f"^{name} is no text$"):
        Delivery.from_dict(message)


@pytest.mark.parametrize("said", [-1, 1.0, "5", True])
def test_a_message_whose_instant_is_none_is_an_error(said: Any) -> None:
    message = {**Delivery("dodo", "payment.succeeded", "pay_1").to_dict(), "said_at": said}
    with pytest.raises(ValueError, match="said_at is no instant"):
        Delivery.from_dict(message)


@pytest.mark.parametrize("said", [0, 5, None])
def test_a_message_says_when_its_event_was_or_does_not(said: int | None) -> None:
    message = {**Delivery("dodo", "payment.succeeded", "pay_1").to_dict(), "said_at": said}
    assert Delivery.from_dict(message).said_at == said


@pytest.mark.parametrize("session", ["cks_1", None])
def test_an_inquiry_comes_out_of_the_queue_as_it_went_in(session: str | None) -> None:
    inquiry = Inquiry("dodo", "pay_1", session)

    assert Inquiry.from_dict(json.loads(json.dumps(asdict(inquiry)))) == inquiry


def test_an_inquiry_from_before_there_were_sessions_asks_for_the_payment_alone() -> None:
    assert Inquiry.from_dict({"provider": "dodo", "payment_id": "pay_1"}) == Inquiry("dodo", "pay_1")
