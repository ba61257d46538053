"""The ledger's stream in memory, as the client object that Scrip's reader calls, and as Lambda reads it for the reader.

Each shard has a part of the partition keys, and its records in the order of their commits; nothing orders two shards. A
shard that is split goes on in two. A record is seen a while after its commit, and an answer may be empty though a later
one is not, as DynamoDB says of its own.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from zlib import crc32

from simulation.dynamodb import Change, error
from simulation.tables import item_bytes

ARN: Final = "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger/stream/2030-01-01T00:00:00.000"
SPACE: Final = 2**32
"""Hashes of partition keys, which shards share out."""
FIRST_NUMBER: Final = 10**20
EMPTY: Final = 3
"""Empty answers after each other, of a shard that has something: DynamoDB names no number."""
KEPT_MS: Final = 24 * 3_600_000
"""After so long a record is no more."""
PAGE: Final = 1000
"""Most records of one answer."""
PAGE_BYTES: Final = 1024 * 1024
"""Most bytes of their images: rows of many records fill it sooner."""


@dataclass(slots=True)
class Shard:
    """A part of the hashes, from ``low`` on and below ``high``.

    ``made_at``, ``seen_at``: when each record was made, and is seen; ``sizes``: the bytes of its image; ``closed``: no
    record comes any more.
    """

    id: str
    low: int
    high: int
    parent: str | None = None
    closed: bool = False
    records: list[dict[str, Any]] = field(default_factory=list)
    seen_at: list[int] = field(default_factory=list)
    made_at: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def gone(self, now: int) -> int:
        """How many of its first records are no more."""
        return bisect_left(self.made_at, now - KEPT_MS)

    def seen(self, now: int) -> int:
        """How many of its records are seen by now: they are seen in their order."""
        return bisect_right(self.seen_at, now)


class Stream:
    """All shards, and the calls on them.

    Args:
        now: the true time, in milliseconds.
        lag: by how many milliseconds the next record is seen late.
        empty: whether the next answer is empty, though there is something. So many come after each other at most as
            ``EMPTY`` says.
    """

    def __init__(
        self,
        now: Callable[[], int],
        lag: Callable[[], int] = lambda: 0,
        empty: Callable[[], bool] = lambda: False,
        shards: int = 1,
    ) -> None:
        self._now, self._lag, self._empty = now, lag, empty
        self._empties = 0
        self._names, self._numbers = count(1), count(FIRST_NUMBER)
        self.shards: dict[str, Shard] = {}
        for number in range(shards):
            self._open(SPACE * number // shards, SPACE * (number + 1) // shards)

    def wrote(self, changes: Sequence[Change]) -> None:
        """What was written to the ledger at once, in the order of the items."""
        for table, (pk, sk), before, after in changes:
            if table == "ledger":
                what = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
                self._add(pk, sk, what, after)

    def split(self, shard_id: str) -> None:
        """A shard is closed, and two others go on with its keys."""
        old = self.shards[shard_id]
        old.closed, middle = True, (old.low + old.high) // 2
        self._open(old.low, middle, shard_id)
        self._open(middle, old.high, shard_id)

    def forget(self, shard_id: str) -> None:
        """A closed shard is no more: a day has passed."""
        del self.shards[shard_id]

    # The calls

    def describe_stream(self, *, StreamArn: str, ExclusiveStartShardId: str = "") -> dict[str, Any]:
        """Two shards to an answer: whoever does not go on misses the others."""
        assert StreamArn == ARN
        names = list(self.shards)
        start = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        page = names[start : start + 2]
        told: dict[str, Any] = {"Shards": [self._described(self.shards[name]) for name in page]}
        if start + 2 < len(names):
            told["LastEvaluatedShardId"] = page[-1]
        return {"StreamDescription": told}

    def get_shard_iterator(
        self, *, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str = ""
    ) -> dict[str, Any]:
        assert StreamArn == ARN
        shard = self._shard(ShardId, "GetShardIterator")
        if ShardIteratorType == "TRIM_HORIZON":
            return {"ShardIterator": f"{ShardId}/{shard.gone(self._now())}"}
        assert ShardIteratorType == "AFTER_SEQUENCE_NUMBER"
        for place, record in enumerate(shard.records):
            if record["dynamodb"]["SequenceNumber"] == SequenceNumber and place >= shard.gone(self._now()):
                return {"ShardIterator": f"{ShardId}/{place + 1}"}
        raise error("TrimmedDataAccessException", "The record is not there any more", "GetShardIterator")

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:
        name, _, place = ShardIterator.partition("/")
        shard = self._shard(name, "GetRecords")
        start, seen = max(int(place), shard.gone(self._now())), shard.seen(self._now())
        self._empties = self._empties + 1 if self._empties < EMPTY and self._empty() else 0
        if self._empties:
            return {"Records": [], "NextShardIterator": ShardIterator}
        end, size = start, 0
        while end < min(seen, start + PAGE) and (end == start or size + shard.sizes[end] <= PAGE_BYTES):
            size += shard.sizes[end]
            end += 1
        found = shard.records[start:end]
        answer: dict[str, Any] = {"Records": found}
        last = shard.closed and end == len(shard.records)
        return answer if last else {**answer, "NextShardIterator": f"{name}/{end}"}

    def _open(self, low: int, high: int, parent: str | None = None) -> None:
        name = f"shardId-{next(self._names):08d}"
        self.shards[name] = Shard(name, low, high, parent)

    def _add(self, pk: str, sk: str, what: str, after: Mapping[str, Any] | None) -> None:
        place = crc32(pk.encode())
        shard = next(one for one in self.shards.values() if not one.closed and one.low <= place < one.high)
        told: dict[str, Any] = {
            # Whole seconds, as DynamoDB tells it.
            "ApproximateCreationDateTime": self._now() // 1000,
            "Keys": {"pk": {"S": pk}, "sk": {"S": sk}},
            "SequenceNumber": str(next(self._numbers)),
        }
        if after is not None:
            told["NewImage"] = dict(after)
        shard.made_at.append(self._now())
        shard.records.append({"eventName": what, "dynamodb": told})
        shard.sizes.append(item_bytes(after) if after else 0)
        shard.seen_at.append(max([self._now() + self._lag(), *shard.seen_at[-1:]]))

    def _shard(self, name: str, operation: str) -> Shard:
        found = self.shards.get(name)
        if found is None:
            raise error("ResourceNotFoundException", "Requested resource not found: Shard", operation)
        return found

    @staticmethod
    def _described(shard: Shard) -> dict[str, Any]:
        numbers = {"StartingSequenceNumber": "0"}
        if shard.closed:
            numbers["EndingSequenceNumber"] = "1"
        told: dict[str, Any] = {"ShardId": shard.id, "SequenceNumberRange": numbers}
        return {**told, "ParentShardId": shard.parent} if shard.parent else told
