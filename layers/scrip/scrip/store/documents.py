"""Stores everything outside the wallets: units, packs, top-ups, payments and the like.

Each document is one item with a JSON body and a ``rev``. It is written only if its ``rev`` is still the one that was
read. This module does not know what the bodies of others mean; it reads units and rates, because the path of a burn
needs them.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from scrip.domain.credits.errors import Contended, Throttled
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import DEFAULT_UNIT, Unit, default_unit
from scrip.store import items, keys
from scrip.store.tables import THROTTLING, Item, Tables, refusals

NEW: Final = 0
"""The ``rev`` of a document that does not exist."""
CONFLICT_TRIES: Final = 5
CONFLICT_WAIT: Final = 0.02
"""How often a document and what lies beside it are put where other transactions are at work on the same items, and the
longest of the first pause, in seconds; it doubles."""


@dataclass(frozen=True, slots=True)
class Document:
    """One stored document."""

    pk: str
    rev: int
    body: Mapping[str, Any]


class Listing(NamedTuple):
    """Where the index ``due`` lists a document: in which of its partitions, and by which number."""

    shard: str
    at: int


def get(tables: Tables, pk: str) -> Document:
    """Returns the document, read consistently; one with an empty body and rev 0 where there is none."""
    item = tables.get(tables.wallets, pk, keys.HEAD)
    return read(pk, item) if item else Document(pk, NEW, {})


def get_many(tables: Tables, pks: Iterable[str]) -> dict[str, Document]:
    """Returns the documents that exist, by their partition keys, read consistently."""
    found = tables.get_many(tables.wallets, [(pk, keys.HEAD) for pk in dict.fromkeys(pks)])
    return {pk: read(pk, item) for (pk, _), item in found.items()}


def write(tables: Tables, pk: str, rev: int, body: Mapping[str, Any], listing: Listing | None = None) -> Item:
    """Returns the transact item that puts the document's next revision where ``rev`` is still the present one."""
    return {"Put": _put(tables, pk, rev, body, listing)}


def beside(tables: Tables, pk: str, sk: str, body: Mapping[str, Any]) -> Item:
    """Returns the transact item that puts something beside a document, in its partition, with a JSON body."""
    item = {**items.key(pk, sk), "body": items.s(json.dumps(body, ensure_ascii=False))}
    return {"Put": {"TableName": tables.wallets, "Item": item}}


def put(
    tables: Tables, pk: str, rev: int, body: Mapping[str, Any], listing: Listing | None = None
) -> Document | None:
    """Puts the document's next revision and returns it.

    Returns None, and writes nothing, where ``rev`` is not the present one.
    """
    try:
        with refusals():
            tables.client.put_item(**_put(tables, pk, rev, body, listing))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return None
    return Document(pk, rev + 1, body)


def put_all(tables: Tables, writes: list[Any]) -> bool:
    """Puts the next revisions of several documents, all or none; returns False where one was not as it was read."""
    try:
        with refusals():
            tables.client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        return False
    return True


def put_with(
    tables: Tables,
    pk: str,
    rev: int,
    body: Mapping[str, Any],
    beside: Sequence[Item],
    listing: Listing | None = None,
) -> Document | None:
    """Puts the document's next revision, and transact items ``beside`` it, all or none.

    Items beside it have no condition, or one that fails where ``rev`` is not the present one either.

    Returns None, and writes nothing, where ``rev`` is not the present one.

    Raises:
        Throttled, Contended: the table, or other writers of the same items, kept it from being written.
    """
    writes: list[Any] = [write(tables, pk, rev, body, listing), *beside]
    for attempt in range(CONFLICT_TRIES):
        try:
            with refusals():
                tables.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            reasons: Any = error.response.get("CancellationReasons", [])
            codes = {reason.get("Code") for reason in reasons}
            if "ConditionalCheckFailed" in codes:
                return None
            if codes & THROTTLING:
                raise Throttled("the table is busy") from error
            time.sleep(random.uniform(0, CONFLICT_WAIT * 2**attempt))
        else:
            return Document(pk, rev + 1, body)
    raise Contended("others are writing what it is listed with at this moment: send it again")


def removal(tables: Tables, pk: str) -> Item:
    """Returns the transact item that removes the document, whatever its revision, where there is one."""
    return {"Delete": {"TableName": tables.wallets, "Key": items.key(pk, keys.HEAD)}}


def read_unit(unit_id: str, item: Item | None) -> tuple[Unit, int] | None:
    """Reads a unit and its rev from its item; returns None where there is no such unit.

    The default unit exists before anything is stored for it: it then has rev 0.
    """
    pk = keys.unit(unit_id)
    document = read(pk, item) if item else Document(pk, NEW, {})
    unit = unit_of(unit_id, document)
    return (unit, document.rev) if unit else None


def unit_of(unit_id: str, document: Document) -> Unit | None:
    """Reads the unit in a document; returns None where there is none.

    The default unit exists before anything is stored for it.
    """
    if not document.body:
        return default_unit() if unit_id == DEFAULT_UNIT else None
    return Unit.from_json(document.body)


def listed_units(tables: Tables) -> list[str]:
    """Returns the names of all units that were put, read consistently: one call for each megabyte of names."""
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": items.s(keys.UNITS)},
        "ConsistentRead": True,
    }
    return [item["sk"]["S"] for page in tables.pages(**request) for item in page]


def read_rates(meter: str, item: Item) -> list[RateVersion]:
    """Returns the stored versions of a meter's rate card, oldest first."""
    return rates_of(read(keys.rate(meter), item))


def rates_of(document: Document) -> list[RateVersion]:
    """Returns the versions in a meter's document; an empty list where there is no such document."""
    return [RateVersion(**version) for version in document.body.get("versions", [])]


def read(pk: str, item: Item) -> Document:
    """Reads a document from its item."""
    return Document(pk, items.integer(item, "rev"), json.loads(item["body"]["S"]))


def _put(tables: Tables, pk: str, rev: int, body: Mapping[str, Any], listing: Listing | None = None) -> Item:
    """Returns the arguments of a put of the next revision, on the condition that ``rev`` is the present one."""
    listed = {"shard": items.s(listing.shard), "sweep_at": items.n(listing.at)} if listing else {}
    item = {
        **listed,
        **items.key(pk, keys.HEAD),
        "rev": items.n(rev + 1),
        "body": items.s(json.dumps(body, ensure_ascii=False)),
    }
    put: Item = {"TableName": tables.wallets, "Item": item}
    if rev == NEW:
        put["ConditionExpression"] = "attribute_not_exists(pk)"
    else:
        put["ConditionExpression"] = "rev = :rev"
        put["ExpressionAttributeValues"] = {":rev": items.n(rev)}
    return put
