"""Events reach URLs over HTTP: signed, once each, tried again by the schedule; a slow endpoint holds up nobody."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from scrip.http.edge.parameters import format_instant, instant
from tests.receiver import Received, Receiver, dripping, receiver
from tests.stack.conftest import App

AT = "2031-05-01T00:00:00.000Z"


class Endpoint:
    """An endpoint of the stack that leads to a receiver on this machine."""

    def __init__(self, stack: App, target: Receiver, types: list[str], account: str | None = None) -> None:
        self.stack, self.receiver = stack, target
        self.path = f"/v1/webhook-endpoints/e-{uuid.uuid4().hex[:10]}"
        self.types, self.accounts = types, [account] if account else None
        self.secret = ""
        self.put()

    def put(self, **more: Any) -> dict[str, Any]:
        body = {"url": self.receiver.url, "types": self.types, "accounts": self.accounts, **more}
        answer = self.stack.client.put(self.path, json=body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        self.secret = found.get("secret", self.secret)
        return found

    def sent(self, **query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.stack.get(f"{self.path}/deliveries", **query)["items"]
        return items

    def comes(self, count: int, seconds: float = 120.0) -> list[Received]:
        """What is received, once it is so many."""
        self.stack.eventually(lambda: len(self.receiver.received) >= count, seconds)
        return self.receiver.received

    def settles(self, status: str, count: int = 1) -> list[dict[str, Any]]:
        """What was sent, once so many stand so."""

        def found() -> list[dict[str, Any]]:
            items = self.sent(status=status)
            return items if len(items) >= count else []

        settled: list[dict[str, Any]] = self.stack.eventually(found, 60)
        return settled

    def close(self) -> None:
        self.stack.client.delete(self.path)


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def endpoint(stack: App, target: Receiver, account: str) -> Iterator[Endpoint]:
    made = Endpoint(stack, target, ["scrip.entry.*"], account)
    yield made
    made.close()


def later(at: str, seconds: float) -> str:
    return format_instant(instant(at, "at") + round(seconds * 1000))


def wake(stack: App, at: str) -> int:
    """Has what is due at an instant queued, as the schedule does; how much that is."""
    queued: int = stack._invoke("NoticesFunction", {"time": at})["queued"]
    return queued


def test_a_grant_and_a_burn_are_received_signed_once_each_with_the_right_numbers(
    stack: App, endpoint: Endpoint, account: str
) -> None:
    """Ten credits, of which a burn takes 4: 6 are left."""
    stack.grant(account, "10")
    assert stack.burn(account, "4").status_code == 201
    received = endpoint.comes(2)
    told = sorted((one.verified(endpoint.secret) for one in received), key=lambda one: one["data"]["seq"])
    assert [(one["type"], one["data"]["amount"], one["data"]["available_after"]) for one in told] == [
        ("scrip.entry.grant", "10", "10"),
        ("scrip.entry.burn", "-4", "6"),
    ]
    assert {one["status"] for one in endpoint.settles("delivered", 2)} == {"delivered"}
    time.sleep(2)
    assert len(endpoint.receiver.received) == 2


def test_500_is_tried_by_the_schedule_with_the_test_clock_and_delivered_and_replayed(
    stack: App, endpoint: Endpoint, account: str
) -> None:
    """At midnight it answers 500, five seconds later 500, five minutes after that 204; an hour later it is replayed."""
    endpoint.receiver.answers = [500, 500]
    answer = stack.post(f"/v1/accounts/{account}/grants", {"amount": "10"}, scrip_test_clock=AT)
    assert answer.status_code == 201, answer.text
    stack.eventually(lambda: [one for one in endpoint.sent(status="pending") if one["attempts"]])
    (sent,) = endpoint.sent()
    assert sent["next_attempt_at"] == later(AT, 5)
    wake(stack, later(AT, 4.999))
    wake(stack, later(AT, 5))
    stack.eventually(lambda: len(endpoint.sent()[0]["attempts"]) == 2)
    wake(stack, later(AT, 305))
    (sent,) = endpoint.settles("delivered")
    assert [(one["at"], one["status_code"]) for one in sent["attempts"]] == [
        (AT, 500),
        (later(AT, 5), 500),
        (later(AT, 305), 204),
    ]
    assert len({one.body for one in endpoint.receiver.received}) == 1
    again = stack.client.post(
        f"{endpoint.path}/replays",
        json={"from": AT, "to": later(AT, 1)},
        headers={"scrip-test-clock": later(AT, 3600)},
    )
    assert again.status_code == 202, again.text
    endpoint.comes(4)
    stack.eventually(lambda: len(endpoint.sent()[0]["attempts"]) == 4)
    assert endpoint.receiver.received[3].body == endpoint.receiver.received[0].body
    assert endpoint.sent()[0]["status"] == "delivered"


def test_a_slow_endpoint_is_called_by_five_at_a_time_and_holds_up_nobody(stack: App, account: str) -> None:
    """Of sixteen events one endpoint answers to the last eight once the other has had all sixteen.

    During the first eight as many functions start as are needed: a busy machine takes its time for each.
    """
    all_came, held = threading.Event(), []

    def hold(_handler: BaseHTTPRequestHandler) -> bool:
        # Two seconds less than what a sender waits for.
        held.append(all_came.wait(13))
        return False

    with receiver() as slow_one, receiver() as quick_one:
        slow_one.seconds = 2
        slow = Endpoint(stack, slow_one, ["scrip.entry.grant"], account)
        quick = Endpoint(stack, quick_one, ["scrip.entry.grant"], account)
        for _ in range(8):
            stack.grant(account, "1")
        slow.settles("delivered", 8)
        quick.comes(8)
        slow_one.act, slow_one.seconds = hold, 0
        for _ in range(8):
            stack.grant(account, "1")
        quick.comes(16)
        all_came.set()
        slow.settles("delivered", 16)
        assert held == [True] * 8, "the other did not wait for it, and it got each once"
        assert slow_one.most <= 5
        slow.close()
        quick.close()


@pytest.mark.long
def test_an_answer_that_drips_and_one_that_does_not_end_and_a_redirect(stack: App, account: str) -> None:
    """The first is late after 15 seconds, the second is read to 64 KB and delivered, the third is not followed."""
    with receiver() as drips, receiver() as long, receiver() as redirects, receiver() as elsewhere:
        drips.act = dripping(60)
        long.status, long.content = 200, b"x" * 20_000_000
        redirects.status, redirects.headers = 307, {"location": elsewhere.url}
        made = [Endpoint(stack, one, ["scrip.entry.grant"], account) for one in (drips, long, redirects)]
        stack.grant(account, "1")
        late, read, moved = made
        assert read.settles("delivered")[0]["attempts"][0]["status_code"] == 200
        stack.eventually(lambda: moved.sent() and moved.sent()[0]["attempts"])
        assert moved.sent()[0]["attempts"][0]["status_code"] == 307
        stack.eventually(lambda: late.sent() and late.sent()[0]["attempts"])
        (attempt,) = late.sent()[0]["attempts"]
        assert (attempt["status_code"], attempt["error"]) == (None, "timeout")
        assert 14_500 < attempt["duration_ms"] < 17_500
        assert elsewhere.received == []
        for one in made:
            one.close()


def test_410_disables_an_endpoint_and_the_bus_tells_all_others(stack: App, account: str) -> None:
    with receiver() as gone, receiver() as other:
        gone.status = 410
        left = Endpoint(stack, gone, ["scrip.entry.grant"], account)
        hears = Endpoint(stack, other, ["scrip.webhook_endpoint.disabled"])
        stack.grant(account, "1")
        name = left.path.rpartition("/")[2]
        stack.eventually(lambda: [one for one in other.received if one.event["data"]["endpoint_id"] == name])
        assert stack.get(left.path)["disabled"]["last_status_code"] == 410
        assert stack.get(left.path)["enabled"] is False
        left.close()
        hears.close()


def test_secrets_lie_nowhere_as_they_are_and_only_the_sender_decrypts_them(
    stack: App, endpoint: Endpoint
) -> None:
    rows = stack.stack.client("dynamodb").scan(TableName=stack.stack.outputs["NotificationsTable"])["Items"]
    assert endpoint.secret.removeprefix("whsec_") not in str(rows)
    assert endpoint.secret not in stack.stack.function_logs()


def test_many_events_at_once_come_once_each(stack: App, endpoint: Endpoint, account: str) -> None:
    """Forty burns of sixteen callers."""
    stack.grant(account, "100")

    def burn() -> None:
        for _ in range(5):
            assert stack.burn(account, "1").status_code == 201

    threads = [threading.Thread(target=burn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    endpoint.comes(41)
    endpoint.settles("delivered", 41)
    assert sorted(one.event["data"]["seq"] for one in endpoint.receiver.received) == list(range(1, 42))
    assert endpoint.receiver.most <= 5
