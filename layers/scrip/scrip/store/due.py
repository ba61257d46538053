"""The sparse index ``due``: what it lists in a partition, and the wallets that the sweep is to look at.

Does not own its lists of payments (``payments``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from scrip.domain.wallets.wallet import Wallet
from scrip.store import items, keys
from scrip.store.tables import Item, Tables, refusals

PAGE: Final = 100
"""Wallets asked for at a time: as many as one batch read takes."""


def wallets(tables: Tables, shard: int, now: int) -> Iterator[list[tuple[str, str]]]:
    """Yields account and unit of the shard's wallets that may have something due by ``now``, oldest first, in pages.

    The index is eventual: a wallet may be gone from it, or not in it yet, for a moment.
    """
    end: Item | None = None
    while True:
        found, end = listed(tables, keys.shard_name(shard), None, now, PAGE, end)
        if found:
            yield [keys.wallet_parts(item["pk"]["S"]) for item in found]
        if end is None:
            return


def overdue(tables: Tables, at: int) -> Iterator[Wallet]:
    """Yields the wallets that may have something due by an instant, by a scan of the table, read consistently.

    Unlike the index it lacks none.
    """
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "ConsistentRead": True,
        "FilterExpression": "sk = :wallet AND begins_with(pk, :wallets) AND sweep_at <= :at",
        "ExpressionAttributeValues": {
            ":wallet": items.s(keys.WALLET),
            ":wallets": items.s(keys.WALLETS),
            ":at": items.n(at),
        },
    }
    while True:
        with refusals():
            answer = tables.client.scan(**request)
        yield from map(items.read_wallet, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def listed(
    tables: Tables, shard: str, first: int | None, last: int, limit: int, after: Item | None = None
) -> tuple[list[Item], Item | None]:
    """Returns a page of a partition of the index, and where the next one begins (None: there is none).

    Args:
        first, last: the least and the largest number, both included. None: there is no least.
        after: where the page before ended.
    """
    bounds = {":shard": items.s(shard), ":last": items.n(last)}
    condition = "sweep_at <= :last"
    if first is not None:
        bounds[":first"] = items.n(first)
        condition = "sweep_at BETWEEN :first AND :last"
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "IndexName": "due",
        "KeyConditionExpression": f"#shard = :shard AND {condition}",
        "ExpressionAttributeNames": {"#shard": "shard"},
        "ExpressionAttributeValues": bounds,
        "Limit": limit,
    }
    if after:
        request["ExclusiveStartKey"] = after
    with refusals():
        answer = tables.client.query(**request)
    return answer["Items"], answer.get("LastEvaluatedKey")


def postpone(tables: Tables, wallet: Wallet, until: int | None) -> None:
    """Moves the wallet's place in the index to ``until`` (None: out of it); nothing, if it was written meanwhile.

    The one write of a wallet item that has no entry: it says nothing about credits.
    """
    pk = keys.wallet(wallet.account, wallet.unit)
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "Key": items.key(pk, keys.WALLET),
        "ConditionExpression": "version = :seen",
        "ExpressionAttributeValues": {":seen": items.n(wallet.version)},
        # A wallet without ``sweep_at`` is not in the index, whatever its shard.
        "UpdateExpression": "REMOVE sweep_at",
    }
    if until is not None:
        request["UpdateExpression"] = "SET sweep_at = :at"
        request["ExpressionAttributeValues"][":at"] = items.n(until)
    try:
        with refusals():
            tables.client.update_item(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
