"""Wallets of which a forecast is to be looked at, since something was written to them.

An item is a wallet's name and the hour in which it was noted. It goes after a look in a later hour: so nothing that was
written in the hour of a note is left without a look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from botocore.exceptions import ClientError

from scrip.store import items, keys, lists
from scrip.store.tables import Tables, refusals

PAGE: Final = 100
"""Wallets that are read at a time."""


class CandidateWallet(NamedTuple):
    """A wallet, and the hour (counted from 1970) in which it was noted last."""

    account: str
    unit: str
    hour: int


def note(tables: Tables, account: str, unit: str, hour: int) -> None:
    """Notes that something was written to a wallet."""
    share = keys.run_out_share(account, unit)
    item = {**items.key(keys.run_outs(share), f"{account}#{unit}"), "hour": items.n(hour)}
    with refusals():
        tables.client.put_item(TableName=tables.wallets, Item=item)


def noted(tables: Tables, share: int) -> Iterator[CandidateWallet]:
    """Yields the wallets of a share that were noted, read as they are taken."""
    after: str | None = None
    while True:
        rows, after = lists.rows(tables, keys.run_outs(share), PAGE, after=after)
        for row in rows:
            account, _, unit = row["sk"]["S"].partition("#")
            yield CandidateWallet(account, unit, items.integer(row, "hour"))
        if after is None:
            return


def forget(tables: Tables, wallet: CandidateWallet) -> None:
    """Takes a wallet off, unless it was noted again since."""
    share = keys.run_out_share(wallet.account, wallet.unit)
    try:
        with refusals():
            tables.client.delete_item(
                TableName=tables.wallets,
                Key=items.key(keys.run_outs(share), f"{wallet.account}#{wallet.unit}"),
                ConditionExpression="#hour = :hour",
                ExpressionAttributeNames={"#hour": "hour"},
                ExpressionAttributeValues={":hour": items.n(wallet.hour)},
            )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
