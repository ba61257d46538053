"""Rollups of what a wallet used: a document that says which entries are in them, and beside it the hours, packed.

All of it is written in one transaction, on the document's revision: so the hours are those of the entries that it
names, no more and no fewer. A rollup that is made anew has another number, and the hours of the one before are deleted
after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scrip.store import documents, items, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables, refusals

WRITES: Final = 90
WRITTEN_BYTES: Final = 3_000_000
"""Items of hours, and bytes of them, that one transaction takes."""


def head(tables: Tables, account: str, unit: str) -> Document:
    """Returns what is kept of how far a wallet's rollup is, read consistently."""
    return documents.get(tables, keys.rollup(account, unit))


def save(
    tables: Tables, before: Document, body: Mapping[str, Any], number: int, parts: Sequence[tuple[int, bytes]]
) -> Document | None:
    """Writes parts of a rollup, each with its first hour, and how far it is then; returns that.

    Returns None, and writes nothing, where somebody else wrote it since it was read.

    Args:
        number: the rollup's.

    Raises:
        Throttled, Contended: the table, or others, kept it from being written.
    """
    beside = [
        {
            "Put": {
                "TableName": tables.wallets,
                "Item": {**items.key(before.pk, keys.rollup_hour(number, first)), "hours": items.b(packed)},
            }
        }
        for first, packed in parts
    ]
    return documents.put_with(tables, before.pk, before.rev, body, beside)


def hours(
    tables: Tables, account: str, unit: str, number: int, first: int, last: int
) -> Iterator[tuple[int, bytes]]:
    """Yields the parts of a rollup that begin at or after one hour and not after another, in their order.

    They are read consistently.
    """
    for page in tables.pages(
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":pk": items.s(keys.rollup(account, unit)),
            ":first": items.s(keys.rollup_hour(number, first)),
            ":last": items.s(keys.rollup_hour(number, last)),
        },
        ConsistentRead=True,
    ):
        yield from ((keys.hour_of_rollup(item["sk"]["S"]), bytes(item["hours"]["B"])) for item in page)


def forget(tables: Tables, account: str, unit: str, number: int) -> None:
    """Deletes the hours of a rollup that another has taken the place of."""
    pk = keys.rollup(account, unit)
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :number)",
        "ExpressionAttributeValues": {":pk": items.s(pk), ":number": items.s(keys.rollup_hours(number))},
        "ConsistentRead": True,
    }
    for page in tables.pages(**request):
        for item in page:
            _delete(tables, item)


def _delete(tables: Tables, item: Item) -> None:
    with refusals():
        tables.client.delete_item(TableName=tables.wallets, Key={"pk": item["pk"], "sk": item["sk"]})
