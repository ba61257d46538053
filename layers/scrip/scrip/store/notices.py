"""Notices of lots' ends, each put once, and to whom each was delivered.

They lie beside wallets, not in them: no version guards them, and no decision on a wallet reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from scrip.domain.events.lots import GivenNotice, NoticeDelivery
from scrip.store import items, keys, lists
from scrip.store.tables import Item, Tables, refusals

TO: Final = "to:"
"""How the name of an attribute begins that says to whom the notice was delivered: channel and receiver follow."""


def put(tables: Tables, account: str, unit: str, notice_id: str, body: Mapping[str, Any]) -> bool:
    """Puts a notice; returns False where it is there already."""
    item = {
        **items.key(keys.notices(account, unit), notice_id),
        "body": items.s(json.dumps(body, ensure_ascii=False)),
    }
    try:
        with refusals():
            tables.client.put_item(
                TableName=tables.wallets, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def deliver(tables: Tables, account: str, unit: str, notice_id: str, delivery: NoticeDelivery) -> bool:
    """Keeps a delivery with its notice, the first of each receiver; returns False where it has one already."""
    told = json.dumps({"status": delivery.status, "at": delivery.at})
    try:
        with refusals():
            tables.client.update_item(
                TableName=tables.wallets,
                Key=items.key(keys.notices(account, unit), notice_id),
                UpdateExpression="SET #to = :told",
                ConditionExpression="attribute_exists(pk) AND attribute_not_exists(#to)",
                ExpressionAttributeNames={"#to": f"{TO}{delivery.channel}:{delivery.to}"},
                ExpressionAttributeValues={":told": items.s(told)},
            )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def get(tables: Tables, account: str, unit: str, notice_id: str) -> GivenNotice | None:
    """Returns a notice; None where there is none."""
    item = tables.get(tables.wallets, keys.notices(account, unit), notice_id)
    return _read(item) if item else None


def known(tables: Tables, wanted: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Returns those of these notices (account, unit, id) that are there, read consistently."""
    places = {(keys.notices(account, unit), id_): (account, unit, id_) for account, unit, id_ in wanted}
    return {places[place] for place in tables.get_many(tables.wallets, list(places))}


def page(
    tables: Tables, account: str, unit: str, limit: int, after: str | None
) -> tuple[list[GivenNotice], str | None]:
    """Returns a page of a wallet's notices, those that were due last first, and the id to go on after."""
    rows, following = lists.rows(tables, keys.notices(account, unit), limit, after=after, backwards=True)
    return [_read(row) for row in rows], following


def _read(item: Item) -> GivenNotice:
    deliveries = []
    for name, value in item.items():
        if name.startswith(TO):
            channel, _, receiver = name.removeprefix(TO).partition(":")
            deliveries.append(NoticeDelivery(channel, receiver, **json.loads(value["S"])))
    deliveries.sort(key=lambda one: (one.at, one.channel, one.to))
    body = json.loads(item["body"]["S"])
    return GivenNotice(
        item["sk"]["S"],
        body["lot"],
        body["span"],
        body["expires_at"],
        int(body["remaining"]),
        body["at"],
        body["required"],
        tuple(deliveries),
    )
