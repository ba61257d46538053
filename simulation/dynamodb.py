"""DynamoDB in memory, as the client object that Scrip's store calls.

It has DynamoDB's semantics where they matter to whoever writes money through it: transactions that happen whole or not
at all and say why not, item by item, with the old images asked for; conflicts with transactions that are under way;
client tokens that make a repeated transaction the same one; indexes that know of a change later; errors in the very
shape botocore raises. What it does not know it refuses loudly (``Unmodelled``, or ``TypeError`` for a parameter).

Nothing here breaks by chance: that is ``wire``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from zlib import crc32

from botocore.exceptions import ClientError

from simulation.expressions import Item, Malformed, Unmodelled, Update, condition, key_range, update
from simulation.tables import ItemKey, Table, TableDefinition, item_bytes, key_of

TRANSACTION_ITEMS: Final = 100
TRANSACTION_BYTES: Final = 4 * 1024 * 1024
BATCH_KEYS: Final = 100
BATCH_PUTS: Final = 25
PAGE_BYTES: Final = 1024 * 1024
"""Most that one Query reads, filter or not."""
TOKEN_MS: Final = 10 * 60_000
"""How long a client token stands for its transaction."""
FAILED: Final = "The conditional request failed"
CONFLICT: Final = "Transaction is ongoing for the item"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """One item of a transaction, or a write alone: what it becomes on which condition. ``size``: its bytes, where they
    are known before it is known what was there."""

    table: Table
    key: ItemKey
    become: Callable[[Item | None], Item | None]
    holds: Callable[[Item | None], bool] | None
    all_old: bool
    size: int = 0


Change = tuple[str, ItemKey, Item | None, Item | None]
"""A table's name, a key, the item before and after."""


def error(code: str, message: str, operation: str, status: int = 400, **more: Any) -> ClientError:
    """An error as botocore raises it."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0},
        **more,
    }
    if more:
        response["Message"] = message
    return ClientError(response, operation)


def cancelled(reasons: Sequence[Json]) -> ClientError:
    """A transaction that was not carried out, with a reason for each of its items."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return error(
        "TransactionCanceledException", message, "TransactWriteItems", CancellationReasons=list(reasons)
    )


class Dynamo:
    """Tables and the calls on them. One call is one step: nothing else happens meanwhile, except where ``midway`` lets
    others in while a transaction is under way.

    Args:
        now: the clock, in milliseconds.
        lag: by how many milliseconds the indexes learn of the next change late.
        changed: told of everything that was written at once.
    """

    def __init__(
        self,
        definitions: Iterable[TableDefinition],
        now: Callable[[], int] = lambda: 0,
        lag: Callable[[], int] = lambda: 0,
        changed: Callable[[Sequence[Change]], None] = lambda _changes: None,
    ) -> None:
        self.tables = {definition.name: Table(definition) for definition in definitions}
        self.midway: Callable[[], None] | None = None
        self._now, self._lag, self._changed = now, lag, changed
        self._busy: set[tuple[str, ItemKey]] = set()
        self._tokens: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._running: set[str] = set()
        self._numbers = count(1)

    # Reads

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> Json:  # noqa: ARG002 - every read here is
        table, key = self._table(TableName, "GetItem"), self._key(Key, "GetItem")
        found = table.get(key)
        return {"Item": dict(found)} if found is not None else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Json]) -> Json:
        responses: dict[str, list[Item]] = {}
        wanted = 0
        for name, request in RequestItems.items():
            if unknown := request.keys() - {"Keys", "ConsistentRead"}:
                raise Unmodelled(f"BatchGetItem with {unknown}")
            table = self._table(name, "BatchGetItem")
            item_keys = [self._key(key, "BatchGetItem") for key in request["Keys"]]
            if not item_keys or len(set(item_keys)) < len(item_keys):
                raise _invalid("Provided list of item keys contains duplicates", "BatchGetItem")
            wanted += len(item_keys)
            found = [table.get(key) for key in item_keys]
            responses[name] = [dict(item) for item in found if item is not None]
        if not 0 < wanted <= BATCH_KEYS:
            raise _invalid("Too many items requested for the BatchGetItem call", "BatchGetItem")
        return {"Responses": responses, "UnprocessedKeys": {}}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Mapping[str, Any],
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        IndexName: str | None = None,
        FilterExpression: str | None = None,
        ConsistentRead: bool = False,
        ScanIndexForward: bool = True,
        Limit: int | None = None,
        ExclusiveStartKey: Item | None = None,
        page_bytes: int = PAGE_BYTES,
    ) -> Json:
        """``page_bytes`` is no parameter of DynamoDB's: how much one page reads."""
        table, names, values = (
            self._table(TableName, "Query"),
            ExpressionAttributeNames or {},
            ExpressionAttributeValues,
        )
        try:
            wanted = key_range(KeyConditionExpression, names)
            test = condition(FilterExpression, names) if FilterExpression else None
            _all_used(names, values, [wanted, *([test] if test else [])])
            if IndexName is None:
                rows = table.read(wanted, values, ScanIndexForward, ExclusiveStartKey)
            else:
                if IndexName not in table.indexes:
                    raise Malformed(f"The table does not have the specified index: {IndexName}")
                if ConsistentRead:
                    raise Malformed("Consistent reads are not supported on global secondary indexes")
                table.learn(self._now())
                rows = table.read_index(IndexName, wanted, values, ScanIndexForward, ExclusiveStartKey)
            items, read, size, last = [], 0, 0, None
            for row in rows:
                read += 1
                size += item_bytes(row)
                if test is None or test.holds(row, values):
                    items.append(dict(row))
                if read == Limit or size >= page_bytes:
                    last = self._last_key(table, IndexName, row)
                    break
        except Malformed as fault:
            raise _invalid(str(fault), "Query") from fault
        answer = {"Items": items, "Count": len(items), "ScannedCount": read}
        return {**answer, "LastEvaluatedKey": last} if last else answer

    def scan(
        self,
        *,
        TableName: str,
        Segment: int = 0,
        TotalSegments: int = 1,
        FilterExpression: str | None = None,
        ExpressionAttributeValues: Item | None = None,
        ExclusiveStartKey: Item | None = None,
        page_items: int | None = None,
        **more: Any,
    ) -> Json:
        """One segment of a table, its partitions by their hashes. ``page_items`` is no parameter of DynamoDB's: how
        many items one page reads; without it it has all."""
        test = condition(FilterExpression, {}) if FilterExpression else None
        if unknown := more.keys() - {"ProjectionExpression", "ConsistentRead", "Limit"}:
            raise Unmodelled(f"Scan with {unknown}")
        partitions = self._table(TableName, "Scan").partitions
        every = [pk for pk in partitions if crc32(pk.encode()) % TotalSegments == Segment]
        answer: Json = {}
        if page_items is None and ExclusiveStartKey is None:
            rows = [item for pk in every for item in partitions[pk].items.values()]
        else:
            places = sorted((crc32(pk.encode()), pk, sk) for pk in every for sk in partitions[pk].items)
            if ExclusiveStartKey is not None:
                pk, sk = ExclusiveStartKey["pk"]["S"], ExclusiveStartKey["sk"]["S"]
                places = places[bisect_right(places, (crc32(pk.encode()), pk, sk)) :]
            page = places[:page_items]
            rows = [partitions[pk].items[sk] for _, pk, sk in page]
            if len(page) < len(places):
                _, pk, sk = page[-1]
                answer["LastEvaluatedKey"] = {"pk": {"S": pk}, "sk": {"S": sk}}
        values = ExpressionAttributeValues or {}
        found = [dict(item) for item in rows if test is None or test.holds(item, values)]
        return {**answer, "Items": found}

    # Writes

    def put_item(self, *, TableName: str, Item: Item, **more: Any) -> Json:
        return self._alone("PutItem", {"TableName": TableName, "Item": Item, **more})

    def update_item(self, *, TableName: str, Key: Item, **more: Any) -> Json:
        return self._alone("UpdateItem", {"TableName": TableName, "Key": Key, **more})

    def delete_item(self, *, TableName: str, Key: Item, **more: Any) -> Json:
        return self._alone("DeleteItem", {"TableName": TableName, "Key": Key, **more})

    def batch_write_item(self, *, RequestItems: Mapping[str, Sequence[Mapping[str, Json]]]) -> Json:
        """Puts, each by itself: of one that cannot be done the others know nothing."""
        puts = [
            (name, request["PutRequest"]["Item"])
            for name, requests in RequestItems.items()
            for request in requests
            if request.keys() == {"PutRequest"} or _unmodelled(f"BatchWriteItem with {request.keys()}")
        ]
        places = {(name, item["pk"]["S"], item["sk"]["S"]) for name, item in puts}
        if not 0 < len(puts) <= BATCH_PUTS or len(places) < len(puts):
            raise _invalid("Provided list of item keys contains duplicates", "BatchWriteItem")
        for name, item in puts:
            self._alone("PutItem", {"TableName": name, "Item": item})
        return {"UnprocessedItems": {}}

    def _alone(self, operation: str, request: Json) -> Json:
        returned = request.pop("ReturnValues", "NONE")
        if returned not in ("NONE", "ALL_OLD", "ALL_NEW"):
            raise Unmodelled(f"{operation} with ReturnValues={returned}")
        try:
            write = self._write(operation.removesuffix("Item"), request, operation)
            before = write.table.get(write.key)
            if (write.table.definition.name, write.key) in self._busy:
                raise error("TransactionConflictException", CONFLICT, operation)
            if write.holds and not write.holds(before):
                old: Json = {"Item": dict(before)} if write.all_old and before is not None else {}
                raise error("ConditionalCheckFailedException", FAILED, operation, **old)
            after = write.become(before)
            if after is not None and not write.size:
                write.table.check_item(after)
        except Malformed as fault:
            raise _invalid(str(fault), operation) from fault
        self._apply([(write, before, after)])
        told = before if returned == "ALL_OLD" else after if returned == "ALL_NEW" else None
        return {"Attributes": dict(told)} if told is not None else {}

    def transact_write_items(
        self,
        *,
        TransactItems: Sequence[Mapping[str, Json]],
        ClientRequestToken: str | None = None,
    ) -> Json:
        # botocore makes a token for a request without one.
        token = ClientRequestToken or f"botocore-{next(self._numbers)}"
        if known := self._known(token):
            if known[1] != TransactItems:
                raise error(
                    "IdempotentParameterMismatchException",
                    "The request uses the same client token as a previous, but non-identical request.",
                    "TransactWriteItems",
                )
            return {}
        if token in self._running:
            message = "The transaction with the given request token is already in progress."
            raise error("TransactionInProgressException", message, "TransactWriteItems")
        try:
            writes = self._writes(TransactItems)
            planned = self._planned(writes)
        except Malformed as fault:
            raise _invalid(str(fault), "TransactWriteItems") from fault
        if self.midway is not None:
            touched = {(write.table.definition.name, write.key) for write in writes}
            self._busy |= touched
            self._running.add(token)
            try:
                self.midway()
            finally:
                self._busy -= touched
                self._running.discard(token)
        self._apply(planned)
        self._tokens[token] = (self._now(), TransactItems)
        return {}

    def _known(self, token: str) -> tuple[int, Any] | None:
        while self._tokens:
            oldest = next(iter(self._tokens))
            if self._tokens[oldest][0] > self._now() - TOKEN_MS:
                break
            del self._tokens[oldest]
        return self._tokens.get(token)

    def _writes(self, items: Sequence[Mapping[str, Json]]) -> list[Write]:
        if not 0 < len(items) <= TRANSACTION_ITEMS:
            raise Malformed(
                "Member must have length less than or equal to 100, and greater than or equal to 1"
            )
        writes = []
        for item in items:
            ((verb, request),) = item.items()
            writes.append(self._write(verb, request, "TransactWriteItems"))
        if len({(write.table.definition.name, write.key) for write in writes}) < len(writes):
            raise Malformed("Transaction request cannot include multiple operations on one item")
        return writes

    def _planned(self, writes: Sequence[Write]) -> list[tuple[Write, Item | None, Item | None]]:
        """Every write with the item before and after. Raises the cancellation, with a reason for each."""
        planned: list[tuple[Write, Item | None, Item | None]] = []
        reasons: list[Json] = []
        failed, size = False, 0
        for write in writes:
            before = write.table.get(write.key)
            if self._busy and (write.table.definition.name, write.key) in self._busy:
                reasons.append({"Code": "TransactionConflict", "Message": CONFLICT})
                failed = True
            elif write.holds and not write.holds(before):
                old: Json = {"Item": dict(before)} if write.all_old and before is not None else {}
                reasons.append({"Code": "ConditionalCheckFailed", "Message": FAILED, **old})
                failed = True
            else:
                reasons.append({"Code": "None"})
                if failed:
                    continue
                after = write.become(before)
                if after is not None:
                    size += write.size or write.table.check_item(after)
                planned.append((write, before, after))
        if failed:
            raise cancelled(reasons)
        if size > TRANSACTION_BYTES:
            raise Malformed("Collection size of items in the transaction exceeds 4 MB")
        return planned

    def _write(self, verb: str, request: Json, operation: str) -> Write:
        known = KNOWN.get(verb)
        if known is None:
            raise Unmodelled(f"the transact item {verb}")
        if unknown := request.keys() - known:
            raise Unmodelled(f"{verb} with {unknown}")
        table = self._table(request["TableName"], operation)
        names, values = (
            request.get("ExpressionAttributeNames", {}),
            request.get("ExpressionAttributeValues", {}),
        )
        asked = request.get("ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD"
        source = request.get("ConditionExpression")
        test = condition(source, names) if source else None
        holds = (lambda item: test.holds(item or {}, values)) if test else None
        used: list[Any] = [test] if test else []
        size = 0
        become: Callable[[Item | None], Item | None]
        if verb == "Put":
            item = request["Item"]
            size = table.check_item(item)
            key, copied = key_of(item), dict(item)
            become = lambda _: copied  # noqa: E731
        else:
            key = self._key(request["Key"], operation)
            become = lambda _: None  # noqa: E731
        if verb == "Update":
            change, fresh = update(request["UpdateExpression"], names), request["Key"]
            used.append(change)
            for name in (
                *(name for name, _ in change.set),
                *change.remove,
                *(name for name, _ in change.add),
            ):
                if name in ("pk", "sk"):
                    raise Malformed(f"Cannot update attribute {name}. This attribute is part of the key")
            become = lambda item: _updated(change, item, fresh, values)  # noqa: E731
        elif verb == "ConditionCheck":
            become = lambda item: item  # noqa: E731
        _all_used(names, values, used)
        return Write(table, key, become, holds, asked, size)

    def _apply(self, planned: Sequence[tuple[Write, Item | None, Item | None]]) -> None:
        known_at = self._now() + self._lag()
        changes = []
        for write, before, after in planned:
            if after is before:
                continue
            write.table.set(write.key, after, known_at)
            changes.append((write.table.definition.name, write.key, before, after))
        self._changed(changes)

    # What calls have in common

    def _table(self, name: str, operation: str) -> Table:
        table = self.tables.get(name)
        if table is None:
            raise error("ResourceNotFoundException", "Requested resource not found", operation)
        return table

    def _key(self, key: Mapping[str, Any], operation: str) -> ItemKey:
        try:
            if len(key) != 2:
                raise Malformed("The provided key element does not match the schema")
            return key_of(key)
        except Malformed as fault:
            raise _invalid(str(fault), operation) from fault

    @staticmethod
    def _last_key(table: Table, index: str | None, row: Item) -> Item:
        names = ["pk", "sk"]
        if index is not None:
            definition = table.indexes[index].definition
            names += [name for name in (definition.partition, definition.sort) if name not in names]
        return {name: row[name] for name in names}


CONDITIONAL: Final = {
    "TableName",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
}
KNOWN: Final = {
    "Put": CONDITIONAL | {"Item"},
    "Update": CONDITIONAL | {"Key", "UpdateExpression"},
    "Delete": CONDITIONAL | {"Key"},
    "ConditionCheck": CONDITIONAL | {"Key"},
}
"""Parameters of each write."""


def _unmodelled(what: str) -> bool:
    raise Unmodelled(what)


def _updated(change: Update, item: Item | None, key: Item, values: Mapping[str, Any]) -> Item:
    if item is None and not change.set and not change.add:
        raise Unmodelled("an update that only removes, of an item that is not there")
    return change.apply(item if item is not None else key, values)


def _invalid(message: str, operation: str) -> ClientError:
    return error("ValidationException", message, operation)


def _all_used(names: Mapping[str, str], values: Mapping[str, Any], parsed: Sequence[Any]) -> None:
    """Raises ``Malformed`` where a name or a value is given that no expression uses, or used and not given."""
    if not names and not values and not parsed:
        return
    values_used, names_used = set[str](), set[str]()
    for one in parsed:
        values_used |= one.values
        names_used |= one.names
    if values.keys() != values_used:
        raise Malformed(
            f"ExpressionAttributeValues given and used differ: {sorted(values.keys() ^ values_used)}"
        )
    if names.keys() != names_used:
        raise Malformed(
            f"ExpressionAttributeNames given and used differ: {sorted(names.keys() ^ names_used)}"
        )
