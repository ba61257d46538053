"""Through a whole table, by parallel scan: the one place where it is right to.

Whoever verifies everything must not ask any list what there is: a list that lost somebody is one of the things looked
for. Only a scan of the table itself says what is really in it. It is cut into segments, each read by itself, and goes
on from any place; nothing that answers a request ever scans.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from scrip.store import items, keys
from scrip.store.tables import Tables, refusals

PAGE: Final = 500
"""Items looked at in one call: some hundred wallets, a few seconds of work, between two places to go on from."""
LEDGER_PAGE: Final = 4000
"""The same for rows of the timeline, which are only counted by their partitions: half a megabyte."""

Place = dict[str, str]
"""The key of an item, by the names of its parts; a walk goes on after it."""


class Segment(NamedTuple):
    """The part ``number``, from 0, of a table in ``of`` parts."""

    number: int
    of: int


def wallets(tables: Tables, segment: Segment, after: Place | None) -> tuple[Sequence[Place], Place | None]:
    """Keys of wallets' items and of payments, those of a partition together; and where to go on (None: at the end)."""
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


def entries(tables: Tables, segment: Segment, after: Place | None) -> tuple[Sequence[Place], Place | None]:
    """Keys of the ledger's rows as the timeline has them, which is an eighth of what the rows are; and where to go
    on."""
    return _page(
        tables,
        segment,
        after,
        TableName=tables.ledger,
        IndexName="timeline",
        Limit=LEDGER_PAGE,
        ProjectionExpression="pk, sk, tl",
    )


def missing(tables: Tables, pks: Sequence[str]) -> list[str]:
    """Those of these wallets, by partition, of which the wallets' table has nothing at all. One without a wallet item
    that has other items is met by the walk through that table."""
    found = tables.get_many(tables.wallets, [(pk, keys.WALLET) for pk in pks])
    return [pk for pk in pks if (pk, keys.WALLET) not in found and not _anything(tables, pk)]


def _anything(tables: Tables, pk: str) -> bool:
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
    tables: Tables, segment: Segment, after: Place | None, **request: Any
) -> tuple[Sequence[Place], Place | None]:
    if after:
        request["ExclusiveStartKey"] = {name: items.s(value) for name, value in after.items()}
    with refusals():
        answer: Any = tables.client.scan(Segment=segment.number, TotalSegments=segment.of, **request)
    last = answer.get("LastEvaluatedKey")
    return [_place(item) for item in answer["Items"]], _place(last) if last else None


def _place(item: Any) -> Place:
    return {name: value["S"] for name, value in item.items()}
