"""Usage events on the whole stack: through the gateway, the queue and the consumer, and from the bus. However often and
in whatever order they come, and whoever is killed meanwhile, each is burned once (law 3)."""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import httpx
import pytest

from tests.aws import ROOT
from tests.stack.conftest import App
from tests.stack.test_hot_wallet import all_entries

LOG = logging.getLogger(__name__)
BATCH: Final = "application/cloudevents-batch+json"
SEED: Final = 20261130
SETTLES_SECONDS: Final = 120.0


@pytest.fixture(scope="module")
def meter(stack: App) -> str:
    """A meter at a credit each."""
    name = f"m-{uuid.uuid4().hex[:8]}"
    body = {"unit": "credits", "price": {"model": "per_unit", "credits": "1"}}
    assert stack.client.put(f"/v1/rates/{name}", json=body).status_code == 201
    return name


def used(id_: str, account: str, meter: str, quantity: int, source: str = "/api") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": meter,
        "subject": account,
        "data": {"quantity": quantity},
    }


def report(stack: App, events: Sequence[Any]) -> dict[str, Any]:
    headers = {"content-type": BATCH}
    answer = stack.client.post("/v1/usage", content=json.dumps(list(events)), headers=headers)
    assert answer.status_code == 202, answer.text
    said: dict[str, Any] = answer.json()
    return said


def settled(stack: App, accounts: Sequence[str], burned: int) -> bool:
    """Whether so much is gone from these wallets, each of which had a million."""
    gone = sum(1_000_000 - int(stack.balance(account)["total"]) for account in accounts)
    assert gone <= burned, "an event was burned twice"
    return gone == burned


def check(stack: App, account: str, events: Sequence[dict[str, Any]]) -> None:
    """Each of the events has one entry, which burned what it says; nothing else did."""
    burns = [one for one in all_entries(stack, account) if one["kind"] == "burn"]
    found = Counter((one["event"]["source"], one["event"]["id"], one["usage"]["quantity"]) for one in burns)
    assert found == Counter(
        (one["source"], one["id"], str(one["data"]["quantity"]))
        for one in events
        if one["subject"] == account
    )
    assert stack.verify(account)["findings"] == []


def reported(stack: App, accounts: Sequence[str], events: Sequence[Any], dice: random.Random) -> None:
    """Reports the events, a third of them again, in any order, some hundred at a time."""
    sent = [*events, *dice.sample(list(events), len(events) // 3)]
    dice.shuffle(sent)
    begin = 0
    while begin < len(sent):
        some = sent[begin : begin + dice.randint(1, 1000)]
        assert report(stack, some) == {"accepted": len(some), "rejected": []}
        begin += len(some)


def test_events_that_come_twice_and_in_any_order_are_burned_once(stack: App, meter: str) -> None:
    """Of 3 accounts 150 events, 50 of them twice."""
    dice = random.Random(SEED)
    accounts = [f"use-{uuid.uuid4().hex[:8]}" for _ in range(3)]
    for account in accounts:
        stack.grant(account, "1000000")
    events = [used(str(n), accounts[n % 3], meter, n % 7 + 1, f"/{n % 2}") for n in range(150)]
    reported(stack, accounts, events, dice)
    burned = sum(one["data"]["quantity"] for one in events)
    stack.eventually(lambda: settled(stack, accounts, burned))
    for account in accounts:
        check(stack, account, events)


def test_the_bus_brings_events_and_what_is_rejected_is_told_and_brought_back(
    stack: App, meter: str, account: str
) -> None:
    """One event by the bus and by HTTP; a frozen wallet rejects the next, which comes back once it is unfrozen."""
    stack.grant(account, "10")
    first, second = used("a", account, meter, 2), used("b", account, meter, 3)
    bus = stack.stack.client("events")

    def put(event: dict[str, Any]) -> None:
        entry = {
            "EventBusName": stack.stack.outputs["EventBusName"],
            "Source": "my.app",
            "DetailType": "UsageRecorded",
            "Detail": json.dumps(event),
        }
        assert bus.put_events(Entries=[entry])["FailedEntryCount"] == 0

    put(first)
    assert report(stack, [first])["accepted"] == 1
    stack.eventually(lambda: stack.balance(account)["available"] == "8")
    assert stack.post(f"/v1/accounts/{account}/freeze", {"reason": "x"}).status_code == 201
    put(second)
    rejected = stack.eventually(lambda: stack.get("/v1/usage/rejected", account=account)["items"])
    assert [(one["event"]["id"], one["reason"]) for one in rejected] == [("b", "wallet_frozen")]
    assert stack.post(f"/v1/accounts/{account}/unfreeze", {"reason": "x"}).status_code == 201
    body = {"ids": [one["rejected_id"] for one in rejected]}
    assert stack.post("/v1/usage/rejected/redrive", body).json() == {"redriven": 1, "more": False}
    stack.eventually(lambda: stack.balance(account)["available"] == "5")
    assert stack.get("/v1/usage/rejected", account=account)["items"] == []
    check(stack, account, [first, second])


def test_what_cannot_be_read_waits_in_the_dead_letter_queue_with_its_reason(stack: App) -> None:
    sqs, outputs = stack.stack.client("sqs"), stack.stack.outputs
    sqs.send_message(QueueUrl=outputs["UsageQueueUrl"], MessageBody="no JSON")

    def found() -> Any:
        dead = outputs["UsageDeadLetterQueueUrl"]
        answer = sqs.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])
        for one in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=one["ReceiptHandle"])
        return answer.get("Messages")

    (message,) = stack.eventually(found)
    assert message["Body"] == "no JSON"
    said = message["MessageAttributes"]["reason"]["StringValue"]
    assert said == "is no message with events of usage: JSONDecodeError"


@contextmanager
def own_consumers(stack: App) -> Iterator[dict[str, str]]:
    """The function is woken no more meanwhile; gives what a consumer of one's own needs around it."""
    outputs, functions = stack.stack.outputs, stack.stack.client("lambda")
    name = outputs["UsageQueueUrl"].rpartition("/")[2]
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [one for one in mappings if one["EventSourceArn"].endswith(f":{name}")]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield {
            **stack.stack.environment,
            "SCRIP_USAGE_DEAD_LETTER_QUEUE_URL": outputs["UsageDeadLetterQueueUrl"],
            "SCRIP_EVENT_BUS": outputs["EventBusName"],
            "PYTHONPATH": f"{ROOT}:{ROOT}/layers/scrip:{ROOT}/clients/python",
        }
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("wallets", "count", "kills"), [(4, 20_000, 25), (1, 4_000, 10)], ids=["4 wallets", "1 wallet"]
)
def test_twenty_thousand_events_are_burned_once_each_whoever_is_killed(
    stack: App, meter: str, wallets: int, count: int, kills: int
) -> None:
    """A third is repeated and all are shuffled. Three consumers of our own work side by side and are killed, wherever
    they are, again and again; in the end the function takes what is left."""
    dice = random.Random(SEED)
    accounts = [f"use-{uuid.uuid4().hex[:8]}" for _ in range(wallets)]
    for account in accounts:
        stack.grant(account, "1000000")
    events = [used(str(n), accounts[n % wallets], meter, n % 3 + 1, f"/{n % 2}") for n in range(count)]
    burned = sum(one["data"]["quantity"] for one in events)
    began = time.monotonic()
    with own_consumers(stack) as environment:
        command = [
            sys.executable,
            "-m",
            "tests.stack.usage_consumer",
            stack.stack.outputs["UsageQueueUrl"],
            "600",
        ]

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

        running = [start() for _ in range(3)]
        try:
            reported(stack, accounts, events, dice)
            done = 0
            while done < kills and not settled(stack, accounts, burned):
                time.sleep(dice.uniform(0.3, 2.0))
                number = dice.randrange(len(running))
                running[number].kill()
                running[number].wait()
                running[number] = start()
                done += 1
        finally:
            for process in running:
                process.kill()
                process.wait()
    stack.eventually(lambda: settled(stack, accounts, burned), SETTLES_SECONDS)
    seconds = time.monotonic() - began
    LOG.info("%s events in %.0f s, %s kills", count, seconds, done)
    for account in accounts:
        check(stack, account, events)
    assert stack.get("/v1/usage/rejected", account=accounts[0])["items"] == []


def test_the_gateway_passes_each_mode_on(stack: App, meter: str, account: str) -> None:
    """Structured, binary, a batch and a form: the gateway changes no byte, and no header is lost."""
    stack.grant(account, "100")
    event = used("ü", account, meter, 1, "/ünit")
    binary = {"ce-id": "%C3%BC", "ce-source": "/%C3%BCnit", "ce-type": meter, "ce-subject": account}
    sent: list[tuple[str, dict[str, str], Any]] = [
        ("application/cloudevents+json", {}, json.dumps(event, ensure_ascii=False).encode()),
        ("application/json", {**binary, "ce-specversion": "1.0"}, b'{"quantity": 1}'),
        (BATCH, {}, json.dumps([event])),
    ]
    for kind, headers, body in sent:
        answer = stack.client.post("/v1/usage", content=body, headers={"content-type": kind, **headers})
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []}), answer.text
    form = {
        "event_name": meter,
        "payload[stripe_customer_id]": account,
        "payload[value]": "4",
        "identifier": "f",
    }
    taken: httpx.Response = stack.client.post("/v1/usage", data=form)
    assert taken.json() == {"accepted": 1, "rejected": []}
    stack.eventually(lambda: stack.balance(account)["available"] == "95")
    names = {(one["event"]["source"], one["event"]["id"]) for one in stack.entries(account)[:-1]}
    assert names == {("/ünit", "ü"), ("stripe", "f")}
