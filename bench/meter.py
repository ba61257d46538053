"""What is counted and timed of an operation."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.stage import median

PRICES: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("prices.json").read_text())
READS: Final = frozenset({"GetItem", "BatchGetItem", "Query"})


@dataclass
class Bill:
    """The calls made to DynamoDB, by name; their read and write units, tables and indexes together; the bytes of the
    items written; and the bytes printed."""

    calls: list[str] = field(default_factory=list)
    read_units: float = 0
    write_units: float = 0
    bytes_written: int = 0
    cancelled_units: int = 0
    """Write units of cancelled transactions, by DynamoDB's rule (two a KB and item): the failure does not say."""
    log_bytes: int = 0
    answer_bytes: int = 0
    """Of the answer that the gateway sends, headers included; where it was noted."""
    _asked: int = 0
    _keys: int = 0

    def ask(self, params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        sizes = [item_size(item) for item in _written(params)]
        self.bytes_written += sum(sizes)
        self._asked = sum(2 * max(1, -(-size // 1024)) for size in sizes)
        self._keys = sum(len(of["Keys"]) for of in params.get("RequestItems", {}).values() if "Keys" in of)

    def note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        if parsed.get("Error"):
            if model.name == "TransactWriteItems":
                self.cancelled_units += self._asked
            return
        if model.name == "BatchGetItem":
            # The local AWS does not say. Each is under 4 KB and read consistently: one unit, found or not.
            self.read_units += self._keys
            return
        consumed = parsed.get("ConsumedCapacity", [])
        units = sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        if model.name in READS:
            self.read_units += units
        else:
            self.write_units += units

    @property
    def billed_write_units(self) -> float:
        """What DynamoDB charges: a cancelled transaction too."""
        return self.write_units + self.cancelled_units

    def dollars_per_million(self, requests: int = 1) -> float:
        """DynamoDB, the HTTP API, Lambda at the wait of its calls and what it printed, for a million of them."""
        waits = PRICES["call_ms"]
        seconds = sum(waits.get(call, waits["else"]) for call in self.calls) / 1000
        each = (
            self.billed_write_units * PRICES["write_unit"]
            + self.read_units * PRICES["read_unit"]
            + requests * (PRICES["http_request"] + PRICES["lambda_request"])
            + seconds * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
            + self.log_bytes * PRICES["log_byte"]
        )
        return float(each * 1_000_000)


@contextlib.contextmanager
def billed(client: Any, bill: Bill | None = None) -> Iterator[Bill]:
    """Counts what is asked of DynamoDB through this client, and what is printed, meanwhile. On a new bill where none is
    given."""
    bill, events, printed = bill or Bill(), client.meta.events, io.StringIO()
    events.register("provide-client-params.dynamodb", bill.ask)
    events.register("after-call.dynamodb", bill.note)
    try:
        with contextlib.redirect_stdout(printed):
            yield bill
    finally:
        events.unregister("provide-client-params.dynamodb", bill.ask)
        events.unregister("after-call.dynamodb", bill.note)
        bill.log_bytes = len(printed.getvalue().encode())


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them: names and values; a number is about half its digits and one."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "B":
            return len(inner)
        case "N":
            return (len(inner.lstrip("-").replace(".", "").strip("0")) + 1) // 2 + 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(one) for name, one in inner.items())
        case "L":
            return 3 + sum(1 + _value_size(one) for one in inner)
    return 1


def _written(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items that a request writes. Of an update, its key and the values it sets."""
    whats = [what for one in params.get("TransactItems", []) for what in one.values()] or [params]
    return [
        what.get("Item") or {**what["Key"], **what.get("ExpressionAttributeValues", {})}
        for what in whats
        if "Item" in what or "UpdateExpression" in what or ("Key" in what and "TransactItems" in params)
    ]


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is timed, and what is to be done ``before`` each time without being timed."""

    run: Callable[[], object]
    before: Callable[[], object] | None = None

    def seconds(self, calls: int) -> float:
        """Processor seconds of so many calls."""
        if not self.before:
            began = time.process_time()
            for _ in range(calls):
                self.run()
            return time.process_time() - began
        taken = 0.0
        for _ in range(calls):
            self.before()
            began = time.process_time()
            self.run()
            taken += time.process_time() - began
        return taken


def processor_ms(contestants: Mapping[str, Contestant], rounds: int, calls: int) -> dict[str, list[float]]:
    """Milliseconds of processor time (this process's; the local AWS is another) that one call of each takes: a figure
    for each round, contestants taking turns, so that what disturbs one disturbs all."""
    found: dict[str, list[float]] = {name: [] for name in contestants}
    with contextlib.redirect_stdout(io.StringIO()):
        for one in contestants.values():
            one.seconds(3)
        for number in range(rounds):
            # Whoever comes first in a round comes last in the next.
            order = list(contestants.items())
            for name, one in order if number % 2 else reversed(order):
                gc.collect()
                found[name].append(one.seconds(calls) * 1000 / calls)
    return found


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios within each round."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])
