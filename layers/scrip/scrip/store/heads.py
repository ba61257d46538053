"""Reads how far every wallet has come: the sequence and the hash of its last entry.

That is read by a scan of the wallets' table, consistently, since no list is to be trusted to have every wallet.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

from scrip.store import items, keys
from scrip.store.tables import Tables, refusals

SEGMENTS: Final = 4
"""Parts of the table that are scanned side by side."""


class Head(NamedTuple):
    """How far a wallet has come. ``hash`` is that of its last entry."""

    account: str
    unit: str
    seq: int
    hash: bytes


def every(tables: Tables) -> Iterator[Head]:
    """Yields how far each wallet has come that has entries, read consistently, in no particular order.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    with ThreadPoolExecutor(SEGMENTS) as pool:
        for found in pool.map(lambda number: [*_segment(tables, number)], range(SEGMENTS)):
            yield from found


def _segment(tables: Tables, number: int) -> Iterator[Head]:
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "Segment": number,
        "TotalSegments": SEGMENTS,
        "ConsistentRead": True,
        "FilterExpression": "sk = :wallet AND begins_with(pk, :wallets) AND version > :none",
        "ProjectionExpression": "pk, version, head",
        "ExpressionAttributeValues": {
            ":wallet": items.s(keys.WALLET),
            ":wallets": items.s(keys.WALLETS),
            ":none": items.n(0),
        },
    }
    while True:
        with refusals():
            answer = tables.client.scan(**request)
        for item in answer["Items"]:
            account, unit = keys.wallet_parts(item["pk"]["S"])
            yield Head(account, unit, items.integer(item, "version"), bytes(item["head"]["B"]))
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
