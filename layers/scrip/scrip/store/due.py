"""What the sweep is to look at: the sparse index of wallets by the instant time changes them next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from scrip.domain.wallets.wallet import Wallet
from scrip.store import items, keys
from scrip.store.tables import Tables, refusals

PAGE: Final = 100
"""Wallets asked for at a time: as many as one batch read takes."""


def wallets(tables: Tables, shard: int, now: int) -> Iterator[list[tuple[str, str]]]:
    """Account and unit of the shard's wallets that may have something due by ``now``, oldest first, in pages.

    The index is eventual: a wallet may be gone from it, or not in it yet, for a moment.
    """
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "IndexName": "due",
        "KeyConditionExpression": "#shard = :shard AND sweep_at <= :now",
        "ExpressionAttributeNames": {"#shard": "shard"},
        "ExpressionAttributeValues": {":shard": items.s(keys.shard_name(shard)), ":now": items.n(now)},
        "Limit": PAGE,
    }
    while True:
        with refusals():
            answer = tables.client.query(**request)
        if answer["Items"]:
            yield [keys.wallet_parts(item["pk"]["S"]) for item in answer["Items"]]
        if not answer.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


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
