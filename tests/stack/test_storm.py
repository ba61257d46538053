"""Law 9 in foul weather: a thousand signed webhooks of 150 payments at three providers, shuffled, many of them twice
or more, over HTTP; a third of the attempts to apply them fail half-way. Every payment ends where its facts say.

Webhooks are taken by the deployed function. They are applied by the real handler, but in this process, where each call
to DynamoDB can be made to fail: before it is carried out, or after, when only its answer is lost.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ReadTimeoutError

from local.standins.dodo_shapes import BUSINESS_ID
from scrip import runtime
from scrip.services.engine.executor import Executor
from scrip.services.verification import wallets
from tests.aws import Context, function, listening
from tests.signing import SIGN
from tests.stack.conftest import App

Json = dict[str, Any]
SEED: Final = 20261126
STORMS: Final = [(80, 6), pytest.param(1000, 50, marks=pytest.mark.long)]
"""Webhooks, and payments at each of the three providers."""
FAILING: Final = 0.85
"""Of the attempts, so that at least a third fail: some have fewer calls than would be left to fail."""
CALLS: Final = 4
"""An attempt reads the payment, what tells its order, the order, the wallet, and then writes."""
SAMPLES: Final = Path(__file__).parents[2] / "events" / "webhooks"
SCENARIOS: Final = Path(__file__).parents[1] / "providers" / "data" / "scenarios.json"
PATIENCE_SECONDS: Final = 120.0


@dataclass
class Bought:
    """An order, what will be said of its payment, and where that ends: granted, clawed, frozen."""

    provider: str
    account: str
    topup_id: str
    session: str
    payment_id: str
    story: str
    end: tuple[int, int, int]
    events: list[Json] = field(default_factory=list)

    def say(self, name: str, **changed: Any) -> None:
        """A sample webhook, as one of this payment; ``changed`` are members of its object."""
        text = (SAMPLES / f"{name}.json").read_text()
        ids = {
            "pay_wk4A001": self.payment_id,
            "pi_wk4A001": self.payment_id,
            "cks_wk4S001": self.session,
            "cs_test_wk4S001": self.session,
        }
        for old, new in ids.items():
            text = text.replace(old, new)
        # Refunds, disputes and events have ids of their own for each payment; all are of the business that the stand-in
        # is, whose events other tests of this stack have sent: another's would wait for somebody's word.
        event = json.loads(text.replace("wk4", f"wk4{self.account[-6:]}"))
        if "business_id" in event:
            event["business_id"] = BUSINESS_ID
        data = event["data"]["object"] if self.provider == "stripe" else event["data"]
        if data.get("object") in ("payment_intent", "checkout.session"):
            data["metadata"] = {"topup_id": self.topup_id}
        data.update(changed)
        self.events.append(event)

    def tell(self, type_: str, **data: Any) -> None:
        """An event of a gateway of one's own."""
        said = {"payment_id": self.payment_id, "currency": "USD", **data}
        self.events.append({"type": type_, "timestamp": "2026-11-26T10:00:00Z", "data": said})


Story = tuple[str, tuple[int, int, int], Callable[[Bought], None]]


def told(*names: str) -> Callable[[Bought], None]:
    """The samples of these names."""

    def tell(bought: Bought) -> None:
        for name in names:
            bought.say(name)

    return tell


def files(provider: str) -> list[Story]:
    """The scenarios in the file."""
    rows = json.loads(SCENARIOS.read_text())["scenarios"]
    return [
        (
            row["name"],
            tuple(row["final"][part] for part in ("granted", "clawed", "frozen")),
            told(*row["events"]),
        )
        for row in rows
        if row["name"].startswith(provider)
    ]


def _failed_after_all(bought: Bought) -> None:
    told("dodo_payment_succeeded", "dodo_refund_partial_1")(bought)
    bought.say("dodo_refund_partial_1", status="failed")


def _expired_then_won(bought: Bought) -> None:
    told("dodo_payment_succeeded", "dodo_dispute_opened", "dodo_dispute_won")(bought)
    bought.say("dodo_dispute_opened", dispute_status="dispute_expired")


def _accepted_beside_a_refund(bought: Bought) -> None:
    told("dodo_payment_succeeded", "dodo_refund_partial_1")(bought)
    bought.say("dodo_dispute_opened", dispute_status="dispute_accepted")


def _pending_and_canceled(bought: Bought) -> None:
    told("stripe_payment_intent_succeeded")(bought)
    bought.say("stripe_refund_created_partial_1", status="pending")
    bought.say("stripe_refund_created_partial_1", status="canceled")


def _waits(bought: Bought) -> None:
    told("stripe_checkout_session_completed_paid")(bought)
    bought.say("stripe_refund_created_partial_1", status="requires_action")


def _inquiry(bought: Bought) -> None:
    told("stripe_payment_intent_succeeded", "stripe_checkout_session_completed_paid")(bought)
    bought.say("stripe_dispute_created", status="warning_needs_response", balance_transactions=[])
    bought.say("stripe_dispute_created", status="warning_closed", balance_transactions=[])


def _paid(bought: Bought) -> None:
    bought.tell("payment.succeeded", topup_id=bought.topup_id, amount=12000, tax=2000)


def _refunded_twice(bought: Bought) -> None:
    _paid(bought)
    for name, status in (("r1", "pending"), ("r1", "succeeded"), ("r2", "succeeded")):
        bought.tell(f"refund.{status}", refund_id=f"{bought.payment_id}.{name}", amount=4000)


def _disputed(*steps: tuple[str, int]) -> Callable[[Bought], None]:
    def tell(bought: Bought) -> None:
        _paid(bought)
        for status, stage in steps:
            about = {"dispute_id": f"{bought.payment_id}.d", "amount": 6000, "stage": stage}
            bought.tell(f"dispute.{status}", **about)

    return tell


STORIES: Final[Mapping[str, list[Story]]] = {
    "dodo": [
        *files("dodo"),
        ("refund failed after all", (10000, 0, 0), _failed_after_all),
        ("expired, won after all", (10000, 0, 0), _expired_then_won),
        ("accepted beside a refund: one whole", (10000, 10000, 0), _accepted_beside_a_refund),
    ],
    "stripe": [
        *files("stripe"),
        ("refund pending, canceled", (10000, 0, 0), _pending_and_canceled),
        ("refund waits", (10000, 0, 2500), _waits),
        ("inquiry closed", (10000, 0, 0), _inquiry),
    ],
    "standard": [
        ("paid", (10000, 0, 0), _paid),
        ("two thirds back", (10000, 6667, 0), _refunded_twice),
        ("half disputed", (10000, 0, 5000), _disputed(("opened", 1))),
        ("half lost", (10000, 5000, 0), _disputed(("opened", 1), ("lost", 1))),
        ("lost, opened again, won", (10000, 0, 0), _disputed(("lost", 1), ("opened", 2), ("won", 2))),
    ],
}


@pytest.fixture
def consumer(stack: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consumer]:
    """The handler in this process, in the place of the deployed one."""
    client, outputs = stack.stack.client("lambda"), stack.stack.outputs
    arn = stack.stack.client("sqs").get_queue_attributes(
        QueueUrl=outputs["PaymentsQueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    (source,) = client.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    for name, value in stack.stack.environment.items():
        if name.startswith(("AWS_", "SCRIP_")):
            monkeypatch.setenv(name, value)
    deployed = client.get_function_configuration(FunctionName=source["FunctionArn"])
    for name, value in deployed["Environment"]["Variables"].items():
        if name.startswith(("SCRIP_", "POWERTOOLS_")):
            monkeypatch.setenv(name, value)
    for name in ("settings", "client", "tables", "deliveries", "executor", "logger"):
        getattr(runtime, name).cache_clear()
    client.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    try:
        yield Consumer(stack)
    finally:
        client.update_event_source_mapping(UUID=source["UUID"], Enabled=True)
        for name in ("settings", "client", "tables", "deliveries", "executor", "logger"):
            getattr(runtime, name).cache_clear()


class Consumer:
    """Takes messages as Lambda does: in batches, back at once where they failed, away where they did not."""

    def __init__(self, stack: App) -> None:
        self.sqs = stack.stack.client("sqs")
        self.url = stack.stack.outputs["PaymentsQueueUrl"]
        self.attempts, self.failed = 0, 0
        self.faults: Counter[str] = Counter()

    def take(self, chance: random.Random) -> bool:
        """One batch; False where there was none."""
        found: Any = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"], WaitTimeSeconds=0
        )
        messages = found.get("Messages", [])
        if not messages:
            return False
        records = [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:payments.fifo",
                "awsRegion": "us-east-1",
            }
            for one in messages
        ]
        # A batch of one, so that an attempt is one message's: a third of these fail.
        for record in records:
            self._attempt(record, chance)
        return True

    def _attempt(self, record: Json, chance: random.Random) -> None:
        self.attempts += 1
        failed = True
        try:
            with self._fault(chance) if chance.random() < FAILING else _no_fault():
                answer = function("payments").handler({"Records": [record]}, Context())
                failed = bool(answer["batchItemFailures"])
        except BatchProcessingError:
            pass  # what the batch utility raises where every message of a batch failed
        handle = record["receiptHandle"]
        if failed:
            self.failed += 1
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=0)
        else:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle)

    @contextmanager
    def _fault(self, chance: random.Random) -> Iterator[None]:
        """Half-way through an attempt a call to DynamoDB fails, before it is carried out or after, and so does each
        that comes after it, as in a process that dies."""
        when, left = chance.choice(("before", "after")), [chance.randint(1, CALLS)]

        def strike(model: Any, **_: Any) -> None:
            left[0] -= 1
            if left[0] <= 0:
                if left[0] == 0:
                    self.faults[f"{when} {model.name}"] += 1
                raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

        with listening(f"{when}-call.dynamodb", strike):
            yield


@contextmanager
def _no_fault() -> Iterator[None]:
    yield


def buy(stack: App, provider: str, number: int, story: Story) -> Bought:
    """An order at the provider, paid there without a word, and all that will be said of it."""
    account = f"storm-{provider}-{number:06d}"
    body = {
        "account": account,
        "pack": "storm",
        "provider": provider,
        "return_url": "https://shop.example.test/done",
        "accept_terms": True,
    }
    answer = stack.post("/v1/topups", body)
    assert answer.status_code == 201, answer.text
    order = answer.json()
    session = order["checkout_session_id"]
    if session is None:
        payment_id = f"gw_{number}"
    else:
        paid: Any = stack.standins[provider].pay(session, {"tax": 2000, "webhook": False})  # type: ignore[attr-defined]
        payment_id = paid["payment_intent" if provider == "stripe" else "payment_id"]
    name, end, tell = story
    bought = Bought(provider, account, order["topup_id"], session or "", payment_id, name, end)
    tell(bought)
    return bought


@pytest.mark.parametrize(("events", "payments"), STORMS)
def test_webhooks_in_a_storm_end_where_their_facts_say(
    stack: App, consumer: Consumer, executor: Executor, events: int, payments: int
) -> None:
    chance = random.Random(SEED)
    pack = {"unit": "storm", "credits": "10000", "price": {"amount": 10000, "currency": "USD"}}
    assert stack.client.put("/v1/units/storm", json={"precision": 0}).is_success
    assert stack.client.put("/v1/packs/storm", json=pack).is_success
    wanted = [
        (provider, number, stories[number % len(stories)])
        for provider, stories in STORIES.items()
        for number in range(events, events + payments)
    ]
    with ThreadPoolExecutor(4) as pool:
        bought = list(pool.map(lambda one: buy(stack, *one), wanted))
    storm = [(one.provider, event) for one in bought for event in one.events]
    storm += [chance.choice(storm) for _ in range(events - len(storm))]
    chance.shuffle(storm)
    assert len(storm) == events

    def send(numbered: tuple[int, tuple[str, Json]]) -> int:
        number, (provider, event) = numbered
        raw = json.dumps(event).encode()
        secret = stack.stack.webhook_secrets[provider]
        # A repeat of the same webhook is a delivery of its own, as from a second endpoint.
        headers = {"content-type": "application/json", **SIGN[provider](secret, f"msg_{number}", raw)}
        return stack.client.post(f"/v1/webhooks/{provider}", content=raw, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = Counter(pool.map(send, enumerate(storm)))
    assert statuses == {200: events}

    deadline = time.monotonic() + PATIENCE_SECONDS
    wrong = bought
    while wrong:
        assert time.monotonic() < deadline, [(one.story, one.payment_id) for one in wrong]
        while consumer.take(chance):
            pass
        stack.stack.scrip("redrive")
        wrong = [one for one in wrong if not settled(stack, one)]

    assert consumer.failed >= consumer.attempts / 3
    assert {"before TransactWriteItems", "after TransactWriteItems", "after GetItem"} <= set(consumer.faults)
    for one in bought:
        entries = stack.entries(one.account, unit="storm")
        assert [entry["kind"] for entry in entries].count("grant") == 1
        count, findings = wallets.verify(executor, one.account, "storm")
        assert (count, findings) == (len(entries), [])
        balance = stack.balance(one.account, unit="storm")
        granted, clawed, frozen = one.end
        assert (balance["total"], balance["frozen"], balance["owed"]) == (
            str(granted - clawed),
            str(frozen),
            "0",
        )


def settled(stack: App, bought: Bought) -> bool:
    """Whether the payment stands where its story ends, and waits for nobody."""
    answer = stack.client.get(f"/v1/payments/{bought.provider}/{bought.payment_id}")
    payment = answer.json()
    if answer.status_code == 404 or payment["position"] is None:
        return False
    position = tuple(int(payment["position"][part]) for part in ("granted", "clawed", "frozen"))
    return position == bought.end and not payment["parked"]
