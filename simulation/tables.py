"""Tables and their indexes in memory: what there is, in order, and what an index knows of it yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulation.expressions import Item, KeyRange, Malformed, Unmodelled, number

ITEM_BYTES: Final = 400 * 1024
"""The largest item: names and values, in UTF-8."""
KEY_BYTES: Final = {"HASH": 2048, "RANGE": 1024}
DIGITS: Final = 38
"""Digits of the longest number."""

ItemKey = tuple[str, str]
"""The values of ``pk`` and ``sk``."""


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """A global secondary index. ``kept``: attributes besides the keys that it has; None for all of them."""

    name: str
    partition: str
    sort: str
    kept: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table with the keys ``pk`` and ``sk``, both strings. ``types``: those of all key attributes."""

    name: str
    indexes: tuple[IndexDefinition, ...] = ()
    types: Mapping[str, str] = field(default_factory=lambda: {"pk": "S", "sk": "S"})

    @staticmethod
    def from_template(name: str, properties: Mapping[str, Any]) -> TableDefinition:
        """The table that these properties of an ``AWS::DynamoDB::Table`` say."""
        keys = {one["KeyType"]: one["AttributeName"] for one in properties["KeySchema"]}
        if keys != {"HASH": "pk", "RANGE": "sk"}:
            raise Unmodelled(f"the keys {keys} of a table")
        indexes = []
        for index in properties.get("GlobalSecondaryIndexes", []):
            of = {one["KeyType"]: one["AttributeName"] for one in index["KeySchema"]}
            projection = index["Projection"]
            kept = (
                None
                if projection["ProjectionType"] == "ALL"
                else tuple(projection.get("NonKeyAttributes", ()))
            )
            indexes.append(IndexDefinition(index["IndexName"], of["HASH"], of["RANGE"], kept))
        types = {one["AttributeName"]: one["AttributeType"] for one in properties["AttributeDefinitions"]}
        return TableDefinition(name, tuple(indexes), types)


class Partition:
    """The items of one partition, by sort key."""

    __slots__ = ("_sorted", "items")

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self._sorted: list[str] | None = []

    def put(self, sk: str, item: Item) -> None:
        if sk not in self.items:
            self._sorted = None
        self.items[sk] = item

    def drop(self, sk: str) -> None:
        if self.items.pop(sk, None) is not None:
            self._sorted = None

    def keys(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self.items)
        return self._sorted


class Index:
    """A global secondary index: rows by partition, in order of sort key, then of the table's key."""

    def __init__(self, definition: IndexDefinition) -> None:
        self.definition = definition
        self.rows: dict[str, list[tuple[Any, str, str]]] = {}
        self.items: dict[ItemKey, Item] = {}

    def take(self, key: ItemKey, before: Item | None, after: Item | None) -> None:
        """The index learns of a change of the table."""
        was, now = self.row(key, before), self.row(key, after)
        if was and was != now:
            rows = self.rows[was[0]]
            at = bisect_left(rows, was[1])
            if at < len(rows) and rows[at] == was[1]:
                del rows[at]
            self.items.pop(key, None)
        if now and after is not None:
            if was != now:
                insort(self.rows.setdefault(now[0], []), now[1])
            self.items[key] = self._projected(after)

    def row(self, key: ItemKey, item: Item | None) -> tuple[str, tuple[Any, str, str]] | None:
        """An item's partition here, and its position in that. An item without both of the index's keys is not in it."""
        if item is None:
            return None
        partition, sort = item.get(self.definition.partition), item.get(self.definition.sort)
        if partition is None or sort is None:
            return None
        return partition["S"], (number(sort) if "N" in sort else sort["S"], *key)

    def _projected(self, item: Item) -> Item:
        kept = self.definition.kept
        if kept is None:
            return item
        names = ("pk", "sk", self.definition.partition, self.definition.sort, *kept)
        return {name: item[name] for name in names if name in item}


class Table:
    """One table. Its indexes learn of each change when they are due to."""

    def __init__(self, definition: TableDefinition) -> None:
        self.definition = definition
        self.partitions: dict[str, Partition] = {}
        self.indexes = {index.name: Index(index) for index in definition.indexes}
        self._key_types = [
            (name, kind) for name, kind in definition.types.items() if name not in ("pk", "sk")
        ]
        self._coming: deque[tuple[int, ItemKey, Item | None, Item | None]] = deque()

    def get(self, key: ItemKey) -> Item | None:
        partition = self.partitions.get(key[0])
        return partition.items.get(key[1]) if partition else None

    def set(self, key: ItemKey, after: Item | None, known_at: int) -> None:
        """The item is now this one (None: gone); the indexes know from the instant ``known_at`` on."""
        pk, sk = key
        partition = self.partitions.get(pk)
        if partition is None:
            partition = self.partitions[pk] = Partition()
        before = partition.items.get(sk)
        if after is None:
            partition.drop(sk)
        else:
            partition.put(sk, after)
        if self._coming:
            # An index learns of changes in their order.
            known_at = max(known_at, self._coming[-1][0])
        if self._indexed(before) or self._indexed(after):
            self._coming.append((known_at, key, before, after))

    def _indexed(self, item: Item | None) -> bool:
        return item is not None and any(index.definition.sort in item for index in self.indexes.values())

    def forget(self, pk: str, kept: Container[str] = ()) -> None:
        """The partition is gone, but for the items of these sort keys, and all of it from the indexes."""
        self.learn(None)
        partition = self.partitions.pop(pk, None)
        for sk, item in (partition.items if partition else {}).items():
            for index in self.indexes.values():
                index.take((pk, sk), item, None)
            if sk in kept:
                self.partitions.setdefault(pk, Partition()).put(sk, item)

    def learn(self, now: int | None) -> None:
        """The indexes learn what is due by ``now``; everything where None."""
        coming = self._coming
        while coming and (now is None or coming[0][0] <= now):
            _, key, before, after = coming.popleft()
            for index in self.indexes.values():
                index.take(key, before, after)

    def read(
        self, wanted: KeyRange, values: Mapping[str, Any], forward: bool, after: Item | None
    ) -> Iterator[Item]:
        """The table's items of a key range, in order, those that follow the key ``after``."""
        if wanted.partition[0] != "pk" or wanted.sort not in ("", "sk"):
            raise Malformed("Query condition missed key schema element")
        pk = values[wanted.partition[1]]["S"]
        partition = self.partitions.get(pk)
        if partition is None:
            return
        keys = partition.keys()
        low, high = _bounds(wanted, values, keys)
        if after:
            start = after["sk"]["S"]
            low, high = (
                (max(low, bisect_right(keys, start)), high)
                if forward
                else (low, min(high, bisect_left(keys, start)))
            )
        chosen = keys[low:high]
        for sk in chosen if forward else reversed(chosen):
            yield partition.items[sk]

    def read_index(
        self, name: str, wanted: KeyRange, values: Mapping[str, Any], forward: bool, after: Item | None
    ) -> Iterator[Item]:
        """An index's items of a key range, in order, those that follow the key ``after``."""
        index = self.indexes[name]
        definition = index.definition
        if wanted.partition[0] != definition.partition or wanted.sort not in ("", definition.sort):
            raise Malformed("Query condition missed key schema element")
        rows = index.rows.get(values[wanted.partition[1]]["S"], [])
        low, high = _bounds(wanted, values, rows)
        if after:
            row = index.row((after["pk"]["S"], after["sk"]["S"]), after)
            assert row
            low, high = (
                (max(low, bisect_right(rows, row[1])), high)
                if forward
                else (low, min(high, bisect_left(rows, row[1])))
            )
        chosen = rows[low:high]
        for _, pk, sk in chosen if forward else reversed(chosen):
            yield index.items[pk, sk]

    def check_item(self, item: Item) -> int:
        """The bytes of an item that is to be put. Raises ``Malformed``."""
        key_of(item)
        for name, kind in self._key_types:
            if name in item and kind not in item[name]:
                raise Malformed(f"Type mismatch for Index Key {name} Expected: {kind}")
        size = item_bytes(item)
        if size > ITEM_BYTES:
            raise Malformed("Item size has exceeded the maximum allowed size")
        return size


def key_of(item: Mapping[str, Any]) -> ItemKey:
    """The key of an item. Raises ``Malformed``."""
    try:
        pk, sk = item["pk"]["S"], item["sk"]["S"]
    except KeyError:
        raise Malformed(
            "One or more parameter values were invalid: Missing the key or type mismatch"
        ) from None
    if not pk or not sk or len(pk) > KEY_BYTES["HASH"] or len(sk) > KEY_BYTES["RANGE"]:
        raise Malformed("One or more parameter values were invalid: an empty or too long key")
    return pk, sk


def item_bytes(item: Mapping[str, Any]) -> int:
    """Bytes of an item, as DynamoDB counts them: UTF-8 names and values; of numbers half their digits and one."""
    size = 0
    for name, value in item.items():
        size += len(name)
        if "N" in value:
            digits = value["N"]
            if len(digits) > DIGITS and len(digits.strip("-").replace(".", "").strip("0")) > DIGITS:
                raise Malformed("Attempting to store more than 38 significant digits in a Number")
            size += len(digits) // 2 + 2
        elif "S" in value:
            words = value["S"]
            size += len(words) if words.isascii() else len(words.encode())
        elif "B" in value:
            size += len(value["B"])
        elif "L" in value:
            size += 3 + sum(1 + item_bytes({"": one}) for one in value["L"])
        else:
            raise Unmodelled(f"a value of the types {list(value)}")
    return size


def _bounds(wanted: KeyRange, values: Mapping[str, Any], keys: list[Any]) -> tuple[int, int]:
    """Where in ``keys`` (sort keys, or rows that begin with one) the range begins and ends."""
    if not wanted.bound:
        return 0, len(keys)
    operands: list[Any] = []
    for name in wanted.operands:
        value = values[name]
        operands.append(number(value) if "N" in value else value["S"])
    rows = bool(keys) and isinstance(keys[0], tuple)

    def left(value: Any) -> int:
        return bisect_left(keys, (value,) if rows else value)

    def right(value: Any) -> int:
        return bisect_right(keys, (value, LAST, LAST)) if rows else bisect_right(keys, value)

    first = operands[0]
    match wanted.bound:
        case "=":
            return left(first), right(first)
        case "<":
            return 0, left(first)
        case "<=":
            return 0, right(first)
        case ">":
            return right(first), len(keys)
        case ">=":
            return left(first), len(keys)
        case "BETWEEN":
            if operands[0] > operands[1]:
                raise Malformed(
                    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"
                )
            return left(first), right(operands[1])
        case _:
            return left(first), left(first + LAST)


LAST: Final = "\U0010ffff"
"""Sorts after every character of a key."""
