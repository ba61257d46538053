"""Lists of what there is: accounts, an account's wallets, orders and payments, the catalogue.

Whatever a list has is an item of it, with nothing but its key, that is written in one transaction with the thing
itself. So a list lacks nothing and invents nothing, and no table is ever scanned for it. A page costs the same wherever
in the list it begins.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from scrip.store import items, keys
from scrip.store.tables import Item, Tables, refusals

FIRST: Final = " "
LAST: Final = "~"
"""No sort key of a list is before the one, or after the other: ids have no such letters."""


class ListPage(NamedTuple):
    """Sort keys of a page of a list, and the one that the next page goes on after; None: there is none."""

    found: list[str]
    following: str | None


def add(tables: Tables, pk: str, sk: str) -> Item:
    """Returns the transact item that puts something into a list; it may be there."""
    return {"Put": {"TableName": tables.wallets, "Item": items.key(pk, sk)}}


def put(tables: Tables, pk: str, sk: str) -> None:
    """Puts something into a list by itself: what was made before the list was."""
    with refusals():
        tables.client.put_item(TableName=tables.wallets, Item=items.key(pk, sk))


def remove(tables: Tables, pk: str, sk: str) -> Item:
    """Returns the transact item that takes something out of a list; it need not be there."""
    return {"Delete": {"TableName": tables.wallets, "Key": items.key(pk, sk)}}


def of_wallet(tables: Tables, account: str, unit: str) -> list[Item]:
    """Returns the transact items that list a wallet, and its account."""
    return [
        add(tables, keys.ACCOUNTS, account),
        add(tables, keys.account(account), keys.wallet_of(unit)),
    ]


def of_order(tables: Tables, account: str, at: int, topup_id: str) -> list[Item]:
    """Returns the transact items that list an order that was made at ``at``, and its account."""
    place = keys.at_instant(at, topup_id)
    return [
        add(tables, keys.ACCOUNTS, account),
        add(tables, keys.TOPUPS, place),
        add(tables, keys.account(account), keys.TOPUP_OF + place),
    ]


def page(
    tables: Tables,
    pk: str,
    limit: int,
    *,
    first: str = FIRST,
    last: str = LAST,
    after: str | None = None,
    backwards: bool = False,
) -> ListPage:
    """Returns a page of a list, read consistently, in the order of its sort keys; see ``rows``."""
    found, following = rows(tables, pk, limit, first=first, last=last, after=after, backwards=backwards)
    return ListPage([item["sk"]["S"] for item in found], following)


def rows(
    tables: Tables,
    pk: str,
    limit: int,
    *,
    first: str = FIRST,
    last: str = LAST,
    after: str | None = None,
    backwards: bool = False,
    consistent: bool = True,
) -> tuple[list[Item], str | None]:
    """Returns up to ``limit`` items of a partition in the order of their sort keys, and the key to go on after.

    Args:
        first, last: the bounds of the sort keys, both included.
        after: the key that the page goes on after: the one that was returned with the page before. It need not be
            there any more.
        backwards: the last come first.
        consistent: whether it has all that was written before; for half the read units it need not.
    """
    if first > last or (after is not None and not first <= after <= last):
        return [], None
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {":pk": items.s(pk), ":first": items.s(first), ":last": items.s(last)},
        "ScanIndexForward": not backwards,
        "ConsistentRead": consistent,
    }
    if after is not None:
        request["ExclusiveStartKey"] = items.key(pk, after)
    # One more than the page has, to know whether there is one.
    found = tables.query(limit + 1, **request)
    return found[:limit], found[limit - 1]["sk"]["S"] if len(found) > limit else None


def has(tables: Tables, pk: str, sk: str) -> bool:
    """Tells whether a list has something, read consistently."""
    return tables.get(tables.wallets, pk, sk) is not None
