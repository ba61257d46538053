"""Stores what moved providers' balances: each settlement once, in the order in which it was recorded.

A settlement is two items: one in its provider's list, by the instant at which it was recorded, and one that says that
it is recorded. Both are put by one transaction, with the progress of the run that took it. Does not own that progress,
nor up to where the list may be read (``services.finance.settlements``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scrip.store import items, keys, lists
from scrip.store.tables import Item, Tables


class SettlementRow(NamedTuple):
    """A settlement as it is stored: its place in the list, when it was recorded (epoch milliseconds), and its JSON."""

    place: str
    recorded_at: int
    body: Mapping[str, Any]


def writes(
    tables: Tables, provider: str, recorded_at: int, settlement_id: str, body: Mapping[str, Any]
) -> list[Item]:
    """Returns the transact items that record a settlement, where it is not recorded yet."""
    place = keys.at_instant(recorded_at, settlement_id)
    listed = {**items.key(keys.settlements(provider), place), "body": items.s(json.dumps(body))}
    known = {**items.key(keys.settlement(provider, settlement_id), keys.HEAD), "place": items.s(place)}
    return [
        {
            "Put": {
                "TableName": tables.wallets,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }
        for item in (listed, known)
    ]


def unknown(tables: Tables, provider: str, settlement_ids: Sequence[str]) -> set[str]:
    """Returns those that are not recorded, read consistently."""
    wanted = [(keys.settlement(provider, one), keys.HEAD) for one in dict.fromkeys(settlement_ids)]
    found = tables.get_many(tables.wallets, wanted)
    return {one for one in settlement_ids if (keys.settlement(provider, one), keys.HEAD) not in found}


def page(tables: Tables, provider: str, through: int, after: str | None, limit: int) -> list[SettlementRow]:
    """Returns up to ``limit`` settlements that were recorded at ``through`` or before, in the order of their places.

    Args:
        after: the place that the page goes on after; None for the first.
    """
    last = keys.at_instant(through, lists.LAST)
    found, _ = lists.rows(tables, keys.settlements(provider), limit, last=last, after=after)
    return [
        SettlementRow(item["sk"]["S"], keys.instant_at(item["sk"]["S"]), json.loads(item["body"]["S"]))
        for item in found
    ]
