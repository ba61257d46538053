"""What an event of usage costs that is queued and burned with others: counted through the consumer's handler, on the
local AWS."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any, Final

from bench import operations
from bench.meter import PRICES, Bill, Contestant, billed, processor_ms
from bench.stage import Event, Stage
from scrip import runtime
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.credits.usage_events import UsageEvent
from scrip.services.audit.changes import Author
from scrip.services.catalogue import rates
from scrip.services.engine.executor import Moment
from scrip.services.usage.usage_queue import MOST, ReceivedUsage, pack

METER: Final = "bench-usage"
WALLETS: Final = (1, 64)
MESSAGES: Final = 10
EVENTS: Final = MESSAGES * MOST
ROUNDS, CALLS = 3, 2
MILLION: Final = 1_000_000
SQS_REQUEST: Final = 0.40 / MILLION
"""Dollars of a request of a standard queue, list price of us-east-1."""


class Reported:
    """Messages with events of usage of some wallets, each event another."""

    def __init__(self, stage: Stage, wallets: int) -> None:
        at = operations.Operations(stage)
        self._accounts = [at.wallet() for _ in range(wallets)]
        self._handler, self._name = stage.function("usage_events"), stage.name
        self._ready: list[Event] = []
        self._sent = 0

    def ready(self) -> None:
        """Makes ready the next messages."""
        now = runtime.now()
        received = []
        for number in range(EVENTS):
            account = self._accounts[number % len(self._accounts)]
            id_ = f"0b0e4a0e-1c1d-4c9a-9d3b-{self._sent:012d}"
            self._sent += 1
            event = UsageEvent("/api/eu-1", id_, METER, account, Fraction(1), now)
            received.append(ReceivedUsage(event, now, "key:bench"))
        records = [
            {"messageId": str(number), "body": message} for number, message in enumerate(pack(received))
        ]
        self._ready.append({"Records": records})

    def book(self) -> None:
        """Books what is ready."""
        answer = self._handler(self._ready.pop(), None)
        if answer["batchItemFailures"]:
            raise RuntimeError(f"not booked: {json.dumps(answer)}")


def run(stage: Stage) -> dict[str, Any]:
    wanted = RateDefinition("credits", None, "0", {"model": "per_unit", "credits": "1"})
    rates.put_rate(runtime.executor(), METER, wanted, Moment(runtime.now()), Author("bench", 0))
    return {"rows": [_row(stage, wallets) for wallets in WALLETS]}


def _row(stage: Stage, wallets: int) -> dict[str, Any]:
    """What an event costs where so many wallets have events in an invocation, all of them warm."""
    reported = Reported(stage, wallets)
    contestants = {"warm": Contestant(reported.book, before=reported.ready)}
    ms = min(processor_ms(contestants, ROUNDS, CALLS)["warm"])
    reported.ready()
    with billed(stage.tables.client) as bill:
        reported.book()
    return {
        "wallets": wallets,
        "events": EVENTS,
        "calls_an_event": round(len(bill.calls) / EVENTS, 4),
        "write_units_an_event": round(bill.billed_write_units / EVENTS, 3),
        "read_units_an_event": round(bill.read_units / EVENTS, 3),
        "cpu_ms_an_event": round(ms / EVENTS, 3),
        "dollars_per_million": round(_dollars(bill, ms) / EVENTS * MILLION, 2),
    }


def _dollars(bill: Bill, ms: float) -> float:
    """Of the units, the consumer's time with its calls, and the queue: each message is sent, received and deleted, ten
    by a call. The request that brought the events is not in it."""
    waits = PRICES["call_ms"]
    seconds = (sum(waits.get(call, waits["else"]) for call in bill.calls) + ms) / 1000
    return float(
        bill.billed_write_units * PRICES["write_unit"]
        + bill.read_units * PRICES["read_unit"]
        + seconds * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
        + 3 * MESSAGES / 10 * SQS_REQUEST
    )
