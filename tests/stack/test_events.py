"""What happens over HTTP is on the deployed bus within seconds: each entry once by its id, whatever becomes of whoever
publishes it."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.described import DescribedEvents
from tests.stack.conftest import App
from tests.stack.test_buying import buy, provider

Json = dict[str, Any]


class Queue:
    """What a rule on the bus puts into a queue, for the accounts that a test has."""

    def __init__(self, stack: App, pattern: Json) -> None:
        self._events, self._sqs = stack.stack.client("events"), stack.stack.client("sqs")
        self.name, self._bus = f"heard-{uuid.uuid4().hex[:8]}", stack.stack.outputs["EventBusName"]
        self._url = self._sqs.create_queue(QueueName=self.name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        self._events.put_rule(Name=self.name, EventBusName=self._bus, EventPattern=json.dumps(pattern))
        self._events.put_targets(
            Rule=self.name, EventBusName=self._bus, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}]
        )
        self.taken: list[Json] = []

    def take(self) -> list[Json]:
        """All CloudEvents that it has got so far, each held against its schema."""
        while True:
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            if not answer.get("Messages"):
                return self.taken
            for message in answer["Messages"]:
                told = json.loads(message["Body"])
                assert told["source"] == "scrip"
                assert told["detail-type"] == told["detail"]["type"]
                DescribedEvents.committed().check(told["detail"])
                self.taken.append(told["detail"])
            read = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(answer["Messages"])
            ]
            assert not self._sqs.delete_message_batch(QueueUrl=self._url, Entries=read).get("Failed")

    def close(self) -> None:
        self._events.remove_targets(Rule=self.name, EventBusName=self._bus, Ids=["queue"])
        self._events.delete_rule(Name=self.name, EventBusName=self._bus)
        self._sqs.delete_queue(QueueUrl=self._url)


@pytest.fixture
def heard(stack: App, account: str) -> Iterator[Queue]:
    queue = Queue(stack, {"source": ["scrip"], "detail": {"subject": [{"prefix": account}]}})
    yield queue
    queue.close()


def test_a_burn_is_on_the_bus_once_as_the_api_shows_it(stack: App, account: str, heard: Queue) -> None:
    stack.grant(account, "100")
    burned = stack.burn(account, "30").json()["entry"]
    told = stack.eventually(lambda: [one for one in heard.take() if one["data"]["seq"] == 2])
    time.sleep(1.5)
    assert [one["type"] for one in heard.take()] == ["scrip.entry.grant", "scrip.entry.burn"]
    (event,) = told
    assert event["subject"] == account
    assert event["time"] == burned["at"]
    assert event["data"] == {"account": account, "unit": "credits", **burned}
    assert event["data"]["amount"] == "-30"


def test_what_is_refused_is_no_event(stack: App, account: str, heard: Queue) -> None:
    stack.grant(account, "10")
    assert stack.burn(account, "11").status_code == 402
    assert stack.burn(account, "4").status_code == 201
    stack.eventually(lambda: len(heard.take()) == 2)
    time.sleep(1.5)
    assert [(one["type"], one["data"]["amount"]) for one in heard.take()] == [
        ("scrip.entry.grant", "10"),
        ("scrip.entry.burn", "-4"),
    ]


def test_one_hundred_and_twenty_burns_are_one_event_each_in_a_row(
    stack: App, account: str, heard: Queue
) -> None:
    """Four wallets, a grant and a batch of thirty burns each."""
    accounts = [f"{account}-{number}" for number in range(4)]
    for one in accounts:
        stack.grant(one, "100")
        items = [{"key": f"{one}-{number}", "amount": "1"} for number in range(30)]
        answer = stack.client.post(f"/v1/accounts/{one}/burns/batch", json={"burns": items})
        assert answer.status_code == 200
    stack.eventually(lambda: len(heard.take()) >= 124)
    for one in accounts:
        seqs = [event["data"]["seq"] for event in heard.taken if event["subject"] == one]
        assert sorted(seqs) == list(range(1, 32))


def publishers(stack: App) -> list[int]:
    """Processes of this local AWS that run the function which publishes."""
    aws = stack.stack._aws
    assert aws
    name = f"AWS_LAMBDA_FUNCTION_NAME={stack.stack.outputs['OutboxFunction']}".encode()
    found = []
    for process in Path("/proc").iterdir():
        try:
            status = (process / "status").read_text()
            if f"\nPPid:\t{aws.pid}\n" in status and name in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except (OSError, ValueError):
            continue
    return found


def test_a_publisher_that_is_killed_in_the_middle_of_a_batch_loses_nothing_and_doubles_no_id(
    stack: App, account: str, heard: Queue
) -> None:
    """It is killed whenever it is there, while 6 wallets are burned from, 20 times each. What had been taken by the bus
    comes again under the same id, and nothing is missing."""
    accounts = [f"{account}-{number}" for number in range(6)]
    for one in accounts:
        stack.grant(one, "100")

    def burn(one: str) -> None:
        for _ in range(20):
            assert stack.burn(one, "1").status_code == 201

    killed = 0
    with ThreadPoolExecutor(4) as pool:
        burning = [pool.submit(burn, name) for name in accounts]
        while not all(each.done() for each in burning):
            time.sleep(0.3)
            for pid in publishers(stack):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        for each in burning:
            each.result()
    assert killed
    stack.eventually(lambda: len({one["id"] for one in heard.take()}) == 6 * 21, 60)
    by_id: dict[str, Json] = {}
    for event in heard.take():
        assert by_id.setdefault(event["id"], event) == event
    for one in accounts:
        seqs = [event["data"]["seq"] for event in by_id.values() if event["subject"] == one]
        assert sorted(seqs) == list(range(1, 22))


def test_an_order_that_is_paid_and_refunded_over_http_is_told_each_time_once(
    stack: App, account: str, heard: Queue
) -> None:
    """The grant and the clawback are told as entries, and the order as paid and as refunded."""
    order = buy(stack, account)
    stack.eventually(lambda: "scrip.topup.paid" in [one["type"] for one in heard.take()])
    provider(order, "refund", {"amount": 20_000})
    stack.eventually(lambda: "scrip.topup.refunded" in [one["type"] for one in heard.take()])
    time.sleep(1.5)
    told = heard.take()
    assert sorted(one["type"] for one in told) == [
        "scrip.entry.clawback",
        "scrip.entry.grant",
        "scrip.topup.paid",
        "scrip.topup.refunded",
    ]
    of_order = [one["data"] for one in told if one["type"].startswith("scrip.topup")]
    assert {one["topup_id"] for one in of_order} == {order["topup_id"]}
    assert {one["price"]["amount"] for one in of_order} == {100_000}
