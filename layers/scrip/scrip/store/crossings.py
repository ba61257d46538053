"""Keeps which entries took a wallet's available credits below a threshold, or above it, by threshold and sequence.

They are no record: each follows from its entry. They say to a rise whether the fall before it was told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from scrip.store import items, keys
from scrip.store.tables import Tables, refusals


class CrossingRow(NamedTuple):
    """The sequence of an entry, and what is kept of its crossing."""

    seq: int
    body: Mapping[str, Any]


def put(tables: Tables, account: str, unit: str, threshold: str, row: CrossingRow) -> None:
    """Keeps a crossing. Put again it is the same."""
    item = {
        **items.key(keys.told(account, unit), keys.crossing(threshold, row.seq)),
        "body": items.s(json.dumps(row.body, ensure_ascii=False)),
    }
    with refusals():
        tables.client.put_item(TableName=tables.wallets, Item=item)


def before(tables: Tables, account: str, unit: str, threshold: str, seq: int) -> CrossingRow | None:
    """Returns the last crossing of a threshold before an entry, read consistently; None where there is none."""
    return _one(tables, account, unit, threshold, (0, seq - 1), forward=False)


def after(tables: Tables, account: str, unit: str, threshold: str, seq: int) -> CrossingRow | None:
    """Returns the first crossing of a threshold after an entry, in the same way."""
    return _one(tables, account, unit, threshold, (seq + 1, keys.LAST_CROSSING), forward=True)


def _one(
    tables: Tables, account: str, unit: str, threshold: str, between: tuple[int, int], *, forward: bool
) -> CrossingRow | None:
    first, last = (keys.crossing(threshold, seq) for seq in between)
    found = tables.query(
        1,
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":pk": items.s(keys.told(account, unit)),
            ":first": items.s(first),
            ":last": items.s(last),
        },
        ScanIndexForward=forward,
        ConsistentRead=True,
    )
    if not found:
        return None
    return CrossingRow(int(found[0]["sk"]["S"].rpartition("#")[2]), items.read_sidecar(found[0]))
