"""Events of usage that somebody put onto the bus."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from tests.aws import Deployment, Fault
from tests.http.usage.reported import used
from tests.metrics import counted


@pytest.mark.usefixtures("calls")
def test_the_bus_brings_events_too(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An event of the bus without a time is of when the bus had it."""
    now = scrip.balance(account)["as_of"]
    event = used("a", account)
    del event["time"]
    sent = {"detail-type": "UsageRecorded", "source": "my.app", "time": f"{now[:19]}Z", "detail": event}
    assert scrip.book_usage([{"messageId": "m1", "body": json.dumps(sent)}] * 2) == []
    assert counted(capsys, "UsageBooked") == [{"UsageBooked": 1}]
    (burned,) = scrip.entries(account)
    assert (burned["amount"], burned["actor"]) == ("-2", "bus")
    assert burned["usage"]["time"] == f"{now[:19]}.000Z"


@pytest.mark.usefixtures("calls")
def test_what_cannot_be_read_goes_to_the_dead_letter_queue_with_its_reason(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {"detail-type": "UsageRecorded", "time": "2030-01-01T00:00:00Z", "detail": {"id": "a"}}
    bodies = ["{", "[]", "1", '{"events": []}', json.dumps(bad), '{"came": 1, "actor": "x", "events": [{}]}']
    records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
    assert scrip.book_usage(records) == []
    found = scrip.unread_usage()
    assert sorted(body for _, body in found) == sorted(bodies)
    reasons = {body: reason for reason, body in found}
    assert "detail.specversion: is missing" in reasons[json.dumps(bad)]
    assert reasons["{"] == "is no message with events of usage: JSONDecodeError"
    unread = counted(capsys, "UsageUnreadable")
    assert sorted(one["reason"] for one in unread) == sorted(reason for reason, _ in found)
    assert {one["UsageUnreadable"] for one in unread} == {1}


@pytest.mark.usefixtures("calls")
def test_a_message_that_cannot_be_left_as_unreadable_comes_again_and_keeps_no_other(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dead-letter queue takes nothing: one message is unreadable, one is of an event."""
    now, event = scrip.balance(account)["as_of"], used("a", account)
    del event["time"]
    sent = {"detail-type": "UsageRecorded", "time": f"{now[:19]}Z", "detail": event}
    records = [{"messageId": "m1", "body": "{"}, {"messageId": "m2", "body": json.dumps(sent)}]

    class Full:
        def send_message(self, **_: Any) -> Any:
            raise Fault.timeout()

    known = runtime.client
    monkeypatch.setattr(runtime, "client", lambda name: Full() if name == "sqs" else known(name))
    assert scrip.book_usage(records) == ["m1"]
    assert [one["amount"] for one in scrip.entries(account)] == ["-2"]
