"""On the local AWS: whoever applies what providers sent is killed, and in the end nothing waits that was applied."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrip.store.deliveries import Deliveries
from tests.stack.conftest import App
from tests.stack.test_buying import buy, provider, status

FAR = 4_000_000_000_000


@pytest.fixture
def deliveries(stack: App) -> Deliveries:
    return Deliveries(stack.stack.client("dynamodb"), stack.stack.outputs["DeliveriesTable"])


@pytest.fixture
def impatient(stack: App) -> Iterator[None]:
    """A message whose consumer was killed comes again after five seconds, not after three minutes."""
    sqs, url = stack.stack.client("sqs"), stack.stack.outputs["PaymentsQueueUrl"]
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=kept)


def consumers(stack: App) -> list[int]:
    """Processes of this local AWS that run the function which applies."""
    aws = stack.stack._aws
    assert aws
    found = []
    for process in Path("/proc").iterdir():
        try:
            said = (process / "environ").read_bytes().split(b"\0")
            if f"\nPPid:\t{aws.pid}\n" not in (process / "status").read_text():
                continue
        except (OSError, ValueError):
            continue
        if b"POWERTOOLS_SERVICE_NAME=payments" in said:
            found.append(int(process.name))
    return found


def test_what_was_bought_and_refunded_waits_no_more(stack: App, account: str, deliveries: Deliveries) -> None:
    """The role of the function may say so: the local AWS holds it to its rights."""
    order = buy(stack, account)
    stack.eventually(lambda: status(stack, order, "paid"))
    provider(order, "refund", {"amount": 30_000})
    stack.eventually(lambda: status(stack, order, "partially_refunded"))
    stack.eventually(lambda: deliveries.waiting_before(FAR, 10) == [])
    states = [one.state for one in deliveries.since(0)]
    assert len(states) >= 2
    assert set(states) <= {"applied", "parked", "refused"}


def test_a_consumer_that_is_killed_leaves_what_it_did_not_apply_waiting(
    stack: App, account: str, deliveries: Deliveries, impatient: None
) -> None:
    """It is killed whenever it is there, while eight orders are paid: each is paid once in the end."""
    orders, killed = [], 0
    for number in range(8):
        orders.append(buy(stack, f"{account}-{number}"))
        for pid in consumers(stack):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    until = time.monotonic() + 5
    while time.monotonic() < until:
        for pid in consumers(stack):
            os.kill(pid, signal.SIGKILL)
            killed += 1
        waits = {one.delivery_id for one in deliveries.waiting_before(FAR, 100)}
        paid = sum(status(stack, order, "paid") for order in orders)
        assert len(waits) >= len(orders) - paid, "what is not applied waits"
        time.sleep(0.2)
    assert killed
    stack.eventually(lambda: all(status(stack, order, "paid") for order in orders), 90)
    stack.eventually(lambda: deliveries.waiting_before(FAR, 10) == [], 60)
    for number in range(8):
        assert stack.balance(f"{account}-{number}")["total"] == "10000"
        assert stack.verify(f"{account}-{number}")["findings"] == []
