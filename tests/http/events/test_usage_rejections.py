"""What is told of an event of usage that was rejected."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from scrip.domain.credits.errors import PolicyViolation, WalletFrozen
from scrip.domain.credits.usage_events import UsageEvent
from scrip.domain.events.event import cloud_event
from scrip.http.events.usage_rejections import rejected_event
from scrip.services.usage.rejections import RejectedUsage
from scrip.services.usage.usage_queue import ReceivedUsage
from tests.described import DescribedEvents

AT = 1_893_456_000_000
EVENT = UsageEvent(
    "/api",
    "a",
    "calls",
    "acme",
    Fraction(3, 2),
    AT - 1,
    "credits",
    {"b": "2", "a": "1"},
    "ann",
    {"t": "x"},
)
RECEIVED = ReceivedUsage(EVENT, AT, "key:1")


def test_it_tells_the_event_as_it_can_be_sent_again_and_why() -> None:
    import json

    refusal = PolicyViolation("there is no price", policy="no_price")
    told = json.loads(cloud_event(rejected_event(RejectedUsage.of(RECEIVED, refusal)), "/scrip/x"))
    DescribedEvents.committed().check(told)
    assert (told["subject"], told["time"]) == ("acme", "2030-01-01T00:00:00.000Z")
    assert told["data"] == {
        "event": {
            "specversion": "1.0",
            "id": "a",
            "source": "/api",
            "type": "calls",
            "subject": "acme",
            "time": "2029-12-31T23:59:59.999Z",
            "data": {
                "quantity": "1.5",
                "dimensions": {"a": "1", "b": "2"},
                "unit": "credits",
                "member": "ann",
                "tags": {"t": "x"},
            },
        },
        "reason": "policy_violation",
        "policy": "no_price",
        "detail": "there is no price",
    }


def test_it_has_one_id_for_ever_and_another_for_whatever_else_was_rejected() -> None:
    frozen = WalletFrozen("it is frozen")

    def id_of(received: ReceivedUsage) -> str:
        return rejected_event(RejectedUsage.of(received, frozen)).id

    others = [
        RECEIVED,
        replace(RECEIVED, came=AT + 1),
        replace(RECEIVED, again=1),
        replace(RECEIVED, event=replace(EVENT, account="other")),
        replace(RECEIVED, event=replace(EVENT, source="/b")),
        replace(RECEIVED, event=replace(EVENT, quantity=Fraction(2))),
    ]
    assert id_of(RECEIVED) == id_of(replace(RECEIVED))
    assert len({id_of(one) for one in others}) == len(others)
