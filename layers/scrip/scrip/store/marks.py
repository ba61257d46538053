"""How far the reader of the ledger's stream has read: a mark for each shard of the stream, and which shards there are.

From them follows the instant before which nothing is unread (``Reading.complete_through``). Each of them says what was
seen, and none what the clock makes likely.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from scrip.store import items, keys
from scrip.store.tables import Item, Tables, refusals

ROUNDED_MS: Final = 1_000
"""The stream tells the second in which a record was made: the next one may have been made before it by so much."""
SETTLED_MS: Final = 10_000
"""How much later a shard has to be found empty again, before all that was committed until the first time counts as
read: the stream shows a commit moments after it."""
REMEMBERED_MS: Final = 24 * 3_600_000 - 300_000
"""For how long the stream surely has a record: a day, less five minutes. What was not read for longer may be lost."""
NUMBER_DIGITS: Final = 48
"""More than a sequence number of a stream has: padded to so many they sort as numbers."""


class StreamPosition(NamedTuple):
    """A record's place in its shard, and when it was made, epoch milliseconds."""

    number: str
    made_at: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one shard was read. Instants are epoch milliseconds, and None where there is none.

    Attributes:
        number: the sequence number of the last record that was read; empty before the first.
        made_at: when that record was made, as the stream says.
        empty_at: an instant until which nothing more was committed here, as two looks found.
        looked_at: when a look last found nothing behind ``number``, if no record was read since.
    """

    number: str = ""
    made_at: int | None = None
    empty_at: int | None = None
    looked_at: int | None = None

    @property
    def through(self) -> int | None:
        """Returns an instant before which nothing of the shard is unread; None before there is evidence of any."""
        by_record = None if self.made_at is None else self.made_at - ROUNDED_MS
        return max((at for at in (by_record, self.empty_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Reading:
    """The shards that have to be read, and how far each was.

    Attributes:
        counted: by shard, an instant that all of its records come after; None: it is not known.
        over: shards that were read to their end.
        marks: by shard.
        rev: of the item that says which shards there are.
    """

    counted: Mapping[str, int | None] = field(default_factory=dict)
    over: frozenset[str] = frozenset()
    marks: Mapping[str, Mark] = field(default_factory=dict)
    rev: int = 0

    def through(self, shard: str) -> int | None:
        """Returns an instant before which nothing of a counted shard is unread; None before there is evidence."""
        by_mark, begins = self.marks.get(shard, Mark()).through, self.counted.get(shard)
        return max((at for at in (by_mark, begins) if at is not None), default=None)

    @property
    def complete_through(self) -> int | None:
        """Returns an instant before which nothing of the ledger is unread; None before there is evidence of any."""
        instants = [self.through(shard) for shard in self.counted]
        known = [at for at in instants if at is not None]
        return min(known) if known and len(known) == len(instants) else None


def load(tables: Tables) -> Reading:
    """Returns all that the reader remembers, read consistently by one query."""
    found = tables.query(
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": items.s(keys.OUTBOX)},
        ConsistentRead=True,
    )
    marks: dict[str, Mark] = {}
    shards: Item = {}
    for item in found:
        if item["sk"]["S"] == keys.STREAM_SHARDS:
            shards = item
        elif item["sk"]["S"].startswith(keys.MARK):
            marks[item["sk"]["S"].removeprefix(keys.MARK)] = _read(item)
    if not shards:
        return Reading(marks=marks)
    body = json.loads(shards["body"]["S"])
    return Reading(body["counted"], frozenset(body["over"]), marks, items.integer(shards, "rev"))


def save(tables: Tables, reading: Reading) -> bool:
    """Puts which shards there are, if nobody has done so since ``reading`` was loaded; returns whether it did."""
    body = json.dumps({"counted": dict(reading.counted), "over": sorted(reading.over)})
    put: Any = {
        "TableName": tables.wallets,
        "Item": {
            **items.key(keys.OUTBOX, keys.STREAM_SHARDS),
            "rev": items.n(reading.rev + 1),
            "body": items.s(body),
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if reading.rev:
        put["ConditionExpression"] = "rev = :rev"
        put["ExpressionAttributeValues"] = {":rev": items.n(reading.rev)}
    try:
        with refusals():
            tables.client.put_item(**put)
    except ClientError as error:
        return _refused(error)
    return True


def read_to(tables: Tables, shard: str, position: StreamPosition, now: int) -> bool:
    """Moves a shard's mark to a record, which and all before which were read, by ``now``.

    It returns False, and moves nothing, where the mark is further, and where it has stood still for so long that the
    stream may have forgotten what came before this record.

    Raises:
        Throttled, Unavailable: the table does not take it.
    """
    return _update(
        tables,
        shard,
        "SET #number = :number, place = :place, made_at = :made REMOVE looked_at",
        "(attribute_not_exists(place) OR place < :place) AND (attribute_not_exists(pk) OR made_at >= :horizon "
        "OR empty_at >= :horizon OR looked_at >= :horizon)",
        {
            ":horizon": items.n(now - REMEMBERED_MS),
            ":number": items.s(position.number),
            ":place": items.s(placed(position.number)),
            ":made": items.n(position.made_at),
        },
    )


def found_empty(tables: Tables, shard: str, mark: Mark, at: int) -> bool:
    """Writes down that nothing was behind a shard's mark when it was looked at the instant ``at``.

    What a look has found counts when another one, ``SETTLED_MS`` later, finds the same. It returns False where that is
    too soon, or the shard was read on since its mark was.

    Raises:
        Throttled, Unavailable: the table does not take it.
    """
    if mark.looked_at is not None and at - mark.looked_at < SETTLED_MS:
        return False
    change, values = "SET looked_at = :at", {":at": items.n(at)}
    if mark.looked_at is not None:
        change += ", empty_at = :empty"
        values[":empty"] = items.n(mark.looked_at)
    if mark.number:
        values[":place"] = items.s(placed(mark.number))
    return _update(
        tables, shard, change, "place = :place" if mark.number else "attribute_not_exists(place)", values
    )


def is_read_until(tables: Tables, shard: str, at: int) -> bool:
    """Writes down that nothing of a shard that was committed before an instant is unread; False where more is known."""
    return _update(
        tables,
        shard,
        "SET empty_at = :at",
        "attribute_not_exists(empty_at) OR empty_at < :at",
        {":at": items.n(at)},
    )


def forget(tables: Tables, shard: str) -> None:
    """Removes the mark of a shard that the stream does not have any more."""
    with refusals():
        tables.client.delete_item(TableName=tables.wallets, Key=items.key(keys.OUTBOX, keys.mark(shard)))


def placed(number: str) -> str:
    """Pads a sequence number, so that they sort as numbers."""
    return number.zfill(NUMBER_DIGITS)


def _update(tables: Tables, shard: str, change: str, condition: str, values: Item) -> bool:
    request: Any = {
        "TableName": tables.wallets,
        "Key": items.key(keys.OUTBOX, keys.mark(shard)),
        "UpdateExpression": change,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": values,
    }
    if "#number" in change:
        request["ExpressionAttributeNames"] = {"#number": "number"}
    try:
        with refusals():
            tables.client.update_item(**request)
    except ClientError as error:
        return _refused(error)
    return True


def _refused(error: ClientError) -> bool:
    """Returns False for a condition that failed, and raises any other error."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    return False


def _read(item: Item) -> Mark:
    return Mark(
        number=item["number"]["S"] if "number" in item else "",
        made_at=items.optional_integer(item, "made_at"),
        empty_at=items.optional_integer(item, "empty_at"),
        looked_at=items.optional_integer(item, "looked_at"),
    )
