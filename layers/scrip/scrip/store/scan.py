"""Scans of the wallets table and the ledger table, for the verification of everything, and of all units.

Verification cannot rely on an index to say which wallets exist, since an index that lacks one is among the faults it
looks for. Only a scan says what a table really holds. It is cut into segments, each read by itself, and can go on after
any key. Nothing that answers a request scans.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.store import items, keys
from scrip.store.tables import Tables, refusals

PAGE: Final = 500
"""Items read in one call: some hundred wallets, which take a few seconds to verify."""
ROWS_PAGE: Final = 1000
"""Rows of the ledger read in one call, whole: half a megabyte."""
LEDGER_PAGE: Final = 4000
"""Rows of the timeline read in one call, of which only the partition matters: half a megabyte."""

Key = dict[str, str]
"""The key of an item, by the names of its parts. A scan goes on after it."""


class Segment(NamedTuple):
    """The segment ``number``, from 0, of a table that is scanned in ``of`` segments."""

    number: int
    of: int


def wallets(tables: Tables, segment: Segment, after: Key | None) -> tuple[Sequence[Key], Key | None]:
    """Reads a page of the keys of wallets' items and of payments, those of a partition together.

    Returns: the keys, and the key to go on after (None: the segment is at its end).
    """
    return _page(
        tables,
        segment,
        after,
        TableName=tables.wallets,
        Limit=PAGE,
        ProjectionExpression="pk, sk",
        FilterExpression="begins_with(pk, :wallet) OR begins_with(pk, :payment)",
        ExpressionAttributeValues={
            ":wallet": items.s(keys.WALLETS),
            ":payment": items.s(keys.PAYMENTS),
        },
    )


def entries(tables: Tables, segment: Segment, after: Key | None) -> tuple[Sequence[Key], Key | None]:
    """Reads a page of the keys of the ledger's rows, from the timeline: an eighth of the bytes of the rows themselves.

    Returns: the keys, and the key to go on after (None: the segment is at its end).
    """
    return _page(
        tables,
        segment,
        after,
        TableName=tables.ledger,
        IndexName="timeline",
        Limit=LEDGER_PAGE,
        ProjectionExpression="pk, sk, tl",
    )


def rows(tables: Tables, segment: Segment, after: Key | None) -> tuple[Sequence[Entry], Key | None]:
    """Reads a page of the ledger's entries from the table itself, consistently. Rows that are none are left out.

    Returns: the entries, and the key to go on after (None: the segment is at its end).
    """
    request: dict[str, Any] = {
        "TableName": tables.ledger,
        "ProjectionExpression": "pk, sk, tl, kind, body, prev",
        "ConsistentRead": True,
        "Limit": ROWS_PAGE,
    }
    if after:
        request["ExclusiveStartKey"] = {name: items.s(value) for name, value in after.items()}
    with refusals():
        answer: Any = tables.client.scan(Segment=segment.number, TotalSegments=segment.of, **request)
    found: list[Entry] = []
    for item in answer["Items"]:
        with suppress(*UNREADABLE):
            found.append(items.read_entry_item(item))
    last = answer.get("LastEvaluatedKey")
    return found, _key(last) if last else None


def units(tables: Tables, after: Key | None) -> tuple[Sequence[str], Key | None]:
    """Reads a page of the names of units that were put; returns them, and the key to go on after (None: at the end)."""
    found, last = _page(
        tables,
        Segment(0, 1),
        after,
        TableName=tables.wallets,
        ProjectionExpression="pk, sk",
        FilterExpression="begins_with(pk, :unit)",
        ExpressionAttributeValues={":unit": items.s(keys.unit(""))},
    )
    return [key["pk"].removeprefix(keys.unit("")) for key in found], last


def missing(tables: Tables, pks: Sequence[str]) -> list[str]:
    """Returns those of these wallets' partitions of which the wallets' table has no item at all.

    A wallet that lacks only its wallet item is found by the scan of that table.
    """
    found = tables.get_many(tables.wallets, [(pk, keys.WALLET) for pk in pks])
    return [pk for pk in pks if (pk, keys.WALLET) not in found and not _has_items(tables, pk)]


def _has_items(tables: Tables, pk: str) -> bool:
    """Checks by a consistent query whether a partition of the wallets' table has any item."""
    return bool(
        tables.query(
            1,
            TableName=tables.wallets,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.s(pk)},
            ConsistentRead=True,
        )
    )


def _page(
    tables: Tables, segment: Segment, after: Key | None, **request: Any
) -> tuple[Sequence[Key], Key | None]:
    """Scans a page of a segment; returns its keys, and the key to go on after (None: the segment is at its end)."""
    if after:
        request["ExclusiveStartKey"] = {name: items.s(value) for name, value in after.items()}
    with refusals():
        answer: Any = tables.client.scan(Segment=segment.number, TotalSegments=segment.of, **request)
    last = answer.get("LastEvaluatedKey")
    return [_key(item) for item in answer["Items"]], _key(last) if last else None


def _key(item: Any) -> Key:
    return {name: value["S"] for name, value in item.items()}
