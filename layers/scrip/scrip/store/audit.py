"""Stores what was changed, by whom: each change is an item of one partition, in the order of the instants.

An item is put on the condition that there is none: what was told is not told otherwise. A page costs the same wherever
in the list it begins, half a read unit for each 4 KB.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from itertools import count
from typing import Any, Final, NamedTuple

from scrip.domain.credits.limits import MAX_INSTANT
from scrip.store import items, keys, lists
from scrip.store.tables import Item, Tables

_numbers: Final = count()


class AuditRow(NamedTuple):
    """A change as it is stored: its place in the list, its instant in epoch milliseconds, and what was told of it."""

    place: str
    at: int
    body: Mapping[str, Any]


def write(tables: Tables, at: int, body: Mapping[str, Any]) -> Item:
    """Returns the transact item that keeps a change made at ``at``.

    Changes of one millisecond stand in the order in which this process makes them; those of several have no order.
    """
    name = f"{next(_numbers) % 0x10000:04x}{secrets.token_hex(4)}"
    item = {
        **items.key(keys.AUDIT, keys.at_instant(at, name)),
        "body": items.s(json.dumps(body, ensure_ascii=False)),
    }
    put = {"TableName": tables.wallets, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
    return {"Put": put}


def page(
    tables: Tables, since: int, until: int, limit: int, after: str | None
) -> tuple[list[AuditRow], str | None]:
    """Returns up to ``limit`` changes between two instants, newest first, and the place that the list goes on after.

    Args:
        after: the place that the page goes on after; None for the newest.
    """
    found, following = lists.rows(
        tables,
        keys.AUDIT,
        limit,
        first=keys.at_instant(since),
        last=keys.at_instant(min(until, MAX_INSTANT), lists.LAST),
        after=after,
        backwards=True,
        consistent=False,
    )
    return [_read(item) for item in found], following


def _read(item: Item) -> AuditRow:
    place = item["sk"]["S"]
    return AuditRow(place, keys.instant_at(place), json.loads(item["body"]["S"]))
