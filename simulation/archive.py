"""The archive's reader of the ledger's stream: its batches come late, again, in any order of shards, and cut off.

Lambda gives it records of one shard at a time, each at least once while the stream has it. It may be killed at any
call, or stopped for days in which records are lost. Somebody deletes a batch, or changes one. All of that the next
edition makes up for (``editions``). What must hold here: whatever the reader has gone past is in a batch of its day, as
it was committed.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from scrip.domain.credits.errors import Refusal
from scrip.services.finance import batches
from scrip.store import keys
from scrip.store.archive import RAW, Archive
from scrip.store.tables import Tables
from simulation.books import LawBroken
from simulation.bucket import Bucket
from simulation.clock import Clock
from simulation.dynamodb import Change, Dynamo
from simulation.outbox import Cord, Fate, Killed
from simulation.stream import Shard, Stream

BATCH: Final = 150
"""Most records that are given at once."""
EACH: Final = 0.02
"""Of so many turns something happens: a batch is what comes within minutes."""
LONGEST_STOP: Final = 600
"""Turns for which the reader is stopped at most."""
SPOILT: Final = 0.03
"""Of so many of the turns in which something happens a batch is deleted or changed."""

LEFT: Final = "left"
"""In the place of a day, of what an edition left for the next one."""
Name = tuple[str, str]
"""An entry's partition and sort key."""


class ArchiveReader:
    """The reader, and what it must have put into batches by now.

    Args:
        stream: that of the ledger.
        bucket: the archive's.
        often: how many times as often as usual records are ``archived``, and batches ``spoilt``.
    """

    def __init__(
        self, dynamo: Dynamo, stream: Stream, bucket: Bucket, clock: Clock, often: Mapping[str, float]
    ) -> None:
        self._each, self._spoilt = EACH * often["archived"], SPOILT * often["spoilt"]
        self._clock, self._stream, self._bucket = clock, stream, bucket
        self._fate = Fate()
        self._tables = Tables(Cord(dynamo, self._fate), "wallets", "ledger")  # type: ignore[arg-type]
        self._archive = Archive(Cord(bucket, self._fate), "archive")
        self._read: dict[str, int] = {}
        self._unread: dict[Name, str] = {}
        """Hashes of entries that are in no batch yet."""
        self._stopped = 0
        self._spoilt_already = set[str]()
        self.happened: Counter[str] = Counter()

    def wrote(self, changes: Sequence[Change]) -> None:
        """Takes entries that were committed at once."""
        for table, row, before, after in changes:
            if table == "ledger" and before is None and after is not None:
                self._unread[row] = after["hash"]["B"].hex()

    def put(self, key: str, body: bytes) -> None:
        """Takes an object that is put into the bucket: a batch has entries of its day alone, as they were committed."""
        if not key.startswith(RAW):
            return
        for line in gzip.decompress(body).splitlines():
            row = json.loads(line)
            name = keys.wallet(row["account"], row["unit"]), row["id"]
            if key.split("/")[1] not in (batches.day_of(row["recorded_at"]), LEFT):
                raise LawBroken(4, f"a batch of {key} has an entry of another day: {row['id']}")
            if self._unread.pop(name, row["hash"]) != row["hash"]:
                raise LawBroken(4, f"a batch has entry {row['id']} otherwise than it was committed")

    def turn(self, dice: random.Random) -> None:
        """Something happens to the reader, now and then."""
        if self._stopped:
            self._stopped -= 1
            return
        if dice.random() > self._each:
            return
        chance = dice.random()
        if chance < self._spoilt:
            self._spoil(dice)
        elif chance > 0.99:
            self._stopped = dice.randint(1, LONGEST_STOP)
            self.happened["stopped"] += 1
        else:
            self._deliver(dice)

    def closes(self, pk: str) -> None:
        """A wallet is no more: what no batch has of it is read from the ledger, as far as an edition asks for it."""
        for name in [one for one in self._unread if one[0] == pk]:
            del self._unread[name]

    def _deliver(self, dice: random.Random) -> None:
        """Lambda gives the reader records of one shard, mostly those that it has not had."""
        shard = dice.choice(list(self._stream.shards.values()))
        start = self._read.get(shard.id, 0)
        if start and dice.random() < 0.1:
            start = max(0, start - dice.randint(1, BATCH))
        until = min(start + dice.randint(1, BATCH), shard.seen(self._clock.now))
        # What is a day old is lost.
        start = min(until, max(start, shard.gone(self._clock.now)))
        if start < until:
            self._fate.left = dice.randint(1, 6) if dice.random() < 0.2 else -1
            self._fate.how = dice.choice(("killed before", "killed after", "busy"))
            self.happened[self._take(shard, start, until)] += 1
            self._fate.left = -1

    def _take(self, shard: Shard, start: int, until: int) -> str:
        records = [one for one in shard.records[start:until] if one["eventName"] == "INSERT"]
        try:
            batches.keep(self._tables, self._archive, batches.added(records)[0])
        except Killed:
            return self._fate.how
        except Refusal:
            return "busy"
        for record in records:
            told = record["dynamodb"]["Keys"]
            if (told["pk"]["S"], told["sk"]["S"]) in self._unread:
                raise LawBroken(4, f"entry {told['sk']['S']} is read, and in no batch")
        self._read[shard.id] = max(self._read.get(shard.id, 0), until)
        return "read"

    def _spoil(self, dice: random.Random) -> None:
        """Somebody deletes a batch that no edition has yet, or changes it."""
        there = sorted(key for key in self._bucket.objects if key.startswith(RAW))
        if not there:
            return
        key = dice.choice(there)
        how, change = dice.choice(SPOILS)
        if key in self._spoilt_already:
            # It may be cut off, and cannot be unpacked any more.
            how, change = SPOILS[0]
        self._spoilt_already.add(key)
        body = change(self._bucket.objects.pop(key), dice)
        if body is not None:
            self._bucket.objects[key] = body
        self.happened[how] += 1


def _changed(body: bytes, dice: random.Random) -> bytes:
    """One row says another amount, or another instant."""
    lines = gzip.decompress(body).split(b"\n")
    number = dice.randrange(len(lines))
    what = dice.choice((b'"recorded_at":1', b'"amount":"'))
    lines[number] = lines[number].replace(what, what + b"1", 1)
    return gzip.compress(b"\n".join(lines), mtime=0)


def _shortened(body: bytes, dice: random.Random) -> bytes:
    """Its last rows are gone."""
    lines = gzip.decompress(body).split(b"\n")
    return gzip.compress(b"\n".join(lines[: dice.randrange(len(lines))]), mtime=0)


SPOILS: Final[Sequence[tuple[str, Callable[[bytes, random.Random], bytes | None]]]] = (
    ("deleted", lambda _body, _dice: None),
    ("changed", _changed),
    ("shortened", _shortened),
    ("cut off", lambda body, dice: body[: dice.randrange(len(body))]),
)
"""What somebody does to a batch."""
