"""Lists of payments, from the index ``due``: those that wait for a person, and those that were paid.

The index is eventual, so a list may lag behind its payments for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scrip.store import items, keys
from scrip.store.tables import Tables, refusals

Cursor = tuple[int, str]
"""Where a page ended: the number it was sorted by, and the payment's partition key."""


def listed(
    tables: Tables, shard: str, first: int, last: int, limit: int, after: Cursor | None = None
) -> tuple[Sequence[tuple[int, str, str]], Cursor | None]:
    """A page of a partition's payments, oldest first, from instant ``first`` up to and with ``last``.

    Returns: instant, provider and payment id of each, and where the next page begins (None: there is none).
    """
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "IndexName": "due",
        "KeyConditionExpression": "#shard = :shard AND sweep_at BETWEEN :first AND :last",
        "ExpressionAttributeNames": {"#shard": "shard"},
        "ExpressionAttributeValues": {
            ":shard": items.s(shard),
            ":first": items.n(first),
            ":last": items.n(last),
        },
        "Limit": limit,
    }
    if after:
        at, pk = after
        request["ExclusiveStartKey"] = {
            **items.key(pk, keys.HEAD),
            "shard": items.s(shard),
            "sweep_at": items.n(at),
        }
    with refusals():
        answer = tables.client.query(**request)
    found = [
        (items.integer(item, "sweep_at"), *keys.payment_parts(item["pk"]["S"])) for item in answer["Items"]
    ]
    end = answer.get("LastEvaluatedKey")
    return found, (items.integer(end, "sweep_at"), end["pk"]["S"]) if end else None
