"""What events add to burns: the calls from a commit to the bus, and dollars a million, with the burns' own events and
without.

The entries of a batch go through all steps of the stream's reader, onto a bus in memory: how many calls that takes is
counted, and not how long it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from bench.meter import PRICES, billed
from bench.search import INVOCATION_MS, entry
from bench.stage import Stage
from scrip import runtime
from scrip.domain.credits.entries import Totals
from scrip.http.events.tellers import tellers
from scrip.services.events.bus import Bus
from scrip.services.events.tellers import publish
from scrip.services.outbox import reader
from scrip.store import items
from simulation import bus as doubles

BATCHES: Final = (1, 10, 100)


def run(stage: Stage) -> dict[str, Any]:
    return {"rows": [_row(stage, burns, count) for burns in (True, False) for count in BATCHES]}


def _row(stage: Stage, burns: bool, count: int) -> dict[str, Any]:
    """What the reader's steps do with a batch of burns, of as many wallets, none with a reference or alerts."""
    double = doubles.Bus()
    bus = Bus(double, "bus", "/scrip/bench")
    told = {name: partial(publish, bus, teller) for name, teller in tellers(burns).items()}
    steps: Mapping[str, reader.Step] = {**reader.STEPS, **told}
    at = runtime.now()
    records = [_record(stage.name("w"), number, at) for number in range(count)]
    with billed(stage.tables.client) as bill:
        again = reader.read(stage.tables, records, stage.name("shard"), at, _raise, steps)
    if again is not None:
        raise RuntimeError("the reader wants a batch again")
    calls = len(bill.calls) + double.calls
    seconds = (INVOCATION_MS + calls * PRICES["call_ms"]["else"]) / 1000
    each = (
        bill.write_units * PRICES["write_unit"]
        + bill.read_units * PRICES["read_unit"]
        + len(double.taken) * PRICES["event"]
        + PRICES["lambda_request"]
        + seconds * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
    )
    return {
        "burns_have_events": burns,
        "batch_of": count,
        "calls": calls,
        "calls_to_the_bus": double.calls,
        "events": len(double.taken),
        "read_units": bill.read_units,
        "write_units": bill.write_units,
        "dollars_per_million": round(each / count * 1_000_000, 2),
    }


def _record(account: str, number: int, at: int) -> dict[str, Any]:
    """The second entry of a wallet, which burns one of ten credits."""
    made = replace(entry(account, 2, "job", at), before=Totals(10), after=Totals(9))
    assert made.cause
    made = replace(made, cause=replace(made.cause, reference=None))
    return {
        "dynamodb": {
            "ApproximateCreationDateTime": at // 1000,
            "SequenceNumber": str(10**20 + number),
            "NewImage": items.entry_item(made),
        }
    }


def _raise(_step: str, error: Exception) -> None:
    raise error
