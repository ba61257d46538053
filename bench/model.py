"""Many writers in virtual time: what DynamoDB does to them that no local AWS does.

Each writer is a thread of its own with the product's code in it; exactly one of them runs at a time, the one whose
turn is next by the virtual clock, so that a run is the same every time (given the seed of the product's jitter). A call
takes its time, and then the local AWS really does it. Added to that:

- a transaction holds its items for the second half of its time: another one that wants them meanwhile is cancelled with
  ``TransactionConflict``
- a partition takes 1 000 write units a second (two for each KB of an item in a transaction) and no more: what would go
  past it is cancelled with ``ThrottlingError``

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from bench.meter import item_size

READ_SECONDS: Final = 0.004
WRITE_SECONDS: Final = 0.010
"""What a read and a transaction take within a region, round trip: the usual order of magnitude. They scatter by a third
to either side."""
ITEM_SECONDS: Final = 0.0005
"""And each item of a transaction past the second, more."""
PARTITION_UNITS: Final = 1000.0
"""Write units a second that one partition takes."""
BURST_SECONDS: Final = 0.25
"""How much of it may come at once: little, so that short runs show what can go on for hours."""


class Clock:
    """Virtual seconds, and whose turn it is."""

    def __init__(self) -> None:
        self.now = 0.0
        self._queue: list[tuple[float, int, threading.Semaphore]] = []
        self._numbers = itertools.count()
        self._failed: list[BaseException] = []

    def sleep(self, seconds: float) -> None:
        """Lets the others run until then."""
        mine = threading.Semaphore(0)
        heapq.heappush(self._queue, (self.now + seconds, next(self._numbers), mine))
        self._next()
        mine.acquire()

    def run(self, writers: Sequence[Callable[[], None]]) -> None:
        """Runs all of them to their ends. Raises what one of them raised."""
        done = threading.Semaphore(0)

        def turn(writer: Callable[[], None], mine: threading.Semaphore) -> None:
            mine.acquire()
            try:
                writer()
            except BaseException as error:  # noqa: BLE001 - it is raised where the run ends
                self._failed.append(error)
            done.release()
            self._next()

        threads = []
        for writer in writers:
            mine = threading.Semaphore(0)
            heapq.heappush(self._queue, (self.now, next(self._numbers), mine))
            threads.append(threading.Thread(target=turn, args=(writer, mine), daemon=True))
        for thread in threads:
            thread.start()
        self._next()
        for _ in threads:
            done.acquire()
        if self._failed:
            raise self._failed[0]

    def _next(self) -> None:
        if self._queue:
            self.now, _, following = heapq.heappop(self._queue)
            following.release()


@dataclass
class Partition:
    """A bucket that fills by 1 000 units a second and holds a quarter of them."""

    units: float = PARTITION_UNITS * BURST_SECONDS
    at: float = 0.0

    def take(self, wanted: float, now: float) -> bool:
        full = PARTITION_UNITS * BURST_SECONDS
        self.units = min(full, self.units + (now - self.at) * PARTITION_UNITS)
        self.at = now
        if wanted > self.units:
            return False
        self.units -= wanted
        return True


@dataclass
class Table:
    """The client of a table that many write, for any number of writers. It has the methods of a client that are used
    here, and counts."""

    client: Any
    clock: Clock
    random: random.Random = field(default_factory=lambda: random.Random(1))
    write_units: float = 0
    transactions: int = 0
    conflicts: int = 0
    throttled: int = 0
    together: bool = False
    """Whether all items are in one partition."""
    lost: int = 0
    """Transactions whose condition failed: somebody else was faster."""
    _held: set[tuple[str, str, str]] = field(default_factory=set)
    _partitions: dict[tuple[str, str], Partition] = field(default_factory=dict)

    def get_item(self, **request: Any) -> Any:
        self._wait(READ_SECONDS)
        return self.client.get_item(**request)

    def batch_get_item(self, **request: Any) -> Any:
        self._wait(READ_SECONDS)
        return self.client.batch_get_item(**request)

    def query(self, **request: Any) -> Any:
        self._wait(READ_SECONDS)
        return self.client.query(**request)

    def update_item(self, **request: Any) -> Any:
        self._wait(READ_SECONDS)
        return self.client.update_item(**request)

    def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803 - as the client names it
        """Puts, each by itself: what its partition does not take is left unprocessed."""
        self._wait(WRITE_SECONDS)
        done, left = dict[str, Any](), dict[str, Any]()
        for table, requests in RequestItems.items():
            for request in requests:
                item = request["PutRequest"]["Item"]
                units = max(1, -(-item_size(item) // 1024))
                name = (table, "" if self.together else item["pk"]["S"])
                if self._partitions.setdefault(name, Partition()).take(units, self.clock.now):
                    self.write_units += units
                    done.setdefault(table, []).append(request)
                else:
                    self.throttled += 1
                    left.setdefault(table, []).append(request)
        if done:
            self.client.batch_write_item(RequestItems=done)
        return {"UnprocessedItems": left}

    @property
    def partitions(self) -> int:
        """How many partitions were written."""
        return len(self._partitions)

    def transact_write_items(self, **request: Any) -> Any:
        self.transactions += 1
        written = [_place_and_units(item) for item in request["TransactItems"]]
        seconds = WRITE_SECONDS + max(0, len(written) - 2) * ITEM_SECONDS
        self._wait(seconds / 2)
        with self._holding({place for place, _ in written}):
            self._charge(written)
            self._wait(seconds / 2)
            try:
                return self.client.transact_write_items(**request)
            except ClientError as error:
                if error.response["Error"]["Code"] == "TransactionCanceledException":
                    self.lost += 1
                raise

    def _wait(self, seconds: float) -> None:
        self.clock.sleep(seconds * self.random.uniform(2 / 3, 4 / 3))

    @contextmanager
    def _holding(self, places: set[tuple[str, str, str]]) -> Iterator[None]:
        if self._held & places:
            self.conflicts += 1
            raise _cancelled("TransactionConflict")
        self._held |= places
        try:
            yield
        finally:
            self._held -= places

    def _charge(self, written: Sequence[tuple[tuple[str, str, str], int]]) -> None:
        wanted: dict[tuple[str, str], int] = {}
        for (table, pk, _), units in written:
            wanted[table, pk] = wanted.get((table, pk), 0) + units
        for name, units in wanted.items():
            if not self._partitions.setdefault(name, Partition()).take(units, self.clock.now):
                self.throttled += 1
                raise _cancelled("ThrottlingError")
        self.write_units += sum(wanted.values())


def _place_and_units(item: dict[str, Any]) -> tuple[tuple[str, str, str], int]:
    """Table, partition and sort key of a transaction's item; the units that it writes."""
    ((_, what),) = item.items()
    key = what.get("Item") or what["Key"]
    size = item_size(what.get("Item") or {**what["Key"], **what.get("ExpressionAttributeValues", {})})
    return (what["TableName"], key["pk"]["S"], key["sk"]["S"]), 2 * max(1, -(-size // 1024))


def _cancelled(code: str) -> ClientError:
    said: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": f"cancelled [{code}]"},
        "CancellationReasons": [{"Code": code}],
    }
    return ClientError(said, "TransactWriteItems")
