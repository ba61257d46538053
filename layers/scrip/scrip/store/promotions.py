"""Reads a promotion, counts its redemptions and stores who claimed it.

Counts and claims are transact items with conditions, so they hold however many redeem it at the same moment. Each share
of the count lies in a partition of its own. What a promotion gives is not decided here, nor how its bounds are divided
(``domain.payments.promotion_shares``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from botocore.exceptions import ClientError

from scrip.domain.credits.errors import Contended, NotFound
from scrip.domain.payments.promotion import Promotion
from scrip.domain.payments.promotion_shares import NO_ROOM, SHARES, Bounds, Pool, Room, Share, SharePlan
from scrip.store import documents, items, keys
from scrip.store.tables import Item, Tables, refusals

RENEWAL_TRIES: Final = 5
"""How often a share is set to a promotion's next version where redemptions are at work on it."""


def get(tables: Tables, code: str) -> Promotion:
    """Reads the promotion as it is now.

    Raises:
        NotFound: there is no such promotion.
    """
    found = documents.get(tables, keys.promotion(code))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no promotion {code}", promotion=code)
    return Promotion.from_json(code, found.body)


def share_of(account: str) -> int:
    """Returns the number of the share in which an account counts."""
    return crc32(account.encode()) % SHARES


def share(tables: Tables, code: str, number: int) -> Share:
    """Reads a share, consistently."""
    return _share(tables.get(tables.wallets, keys.promotion_share(code, number), keys.COUNT))


def pool(tables: Tables, code: str) -> Pool:
    """Reads the pool, consistently."""
    item = tables.get(tables.wallets, keys.promotion(code), keys.COUNT)
    return Pool(_number(item, "version"), *_counts(item), _room(item, "handed"))


def shares(tables: Tables, code: str) -> list[Share]:
    """Reads all shares, each consistently."""
    wanted = [(keys.promotion_share(code, number), keys.COUNT) for number in range(SHARES)]
    found = tables.get_many(tables.wallets, wanted)
    return [_share(found.get(key)) for key in wanted]


def renew(tables: Tables, code: str, version: int) -> None:
    """Makes the pool and the shares those of a promotion's version; those of a later one stay.

    What shares had is void first, so that nothing more is counted in them; then the pool begins with all that was
    counted. Any number may do so at once, and whoever stops half-way leaves it to the next.

    Raises:
        Contended: redemptions kept a share busy.
    """
    for number in range(SHARES):
        _set(tables, keys.promotion_share(code, number), version, "room", NO_ROOM)
    counted_in = shares(tables, code)
    before = pool(tables, code)
    handed = Room(
        before.redeemed + sum(one.redeemed for one in counted_in),
        before.granted + sum(one.granted for one in counted_in),
    )
    _set(tables, keys.promotion(code), version, "handed", handed)


def count(tables: Tables, code: str, plan: SharePlan, bounds: Bounds, steps: int) -> list[Item]:
    """Returns the transact items that count one redemption of ``steps`` credit steps, as planned.

    Their conditions fail where the pool or a share no longer has what the plan takes of it.
    """
    need = bounds.need(steps)
    writes = [
        _share_update(
            tables, code, number, plan.change(number, need), bounds, steps if number == plan.own else 0
        )
        for number in dict.fromkeys((plan.own, *plan.taken))
    ]
    if any(plan.handed):
        writes.append(_pool_update(tables, code, plan.handed, bounds))
    return writes


def _share_update(tables: Tables, code: str, number: int, change: Room, bounds: Bounds, steps: int) -> Item:
    """Returns the update of a share: its room changes, and where ``steps`` are given it counts a redemption."""
    free = "(attribute_not_exists(version) OR version <= :version)"
    conditions = ["version = :version" if bounds.bounded else free]
    values = {":version": items.n(bounds.version)}
    adds = []
    if steps:
        adds += ["redeemed :one", "granted :steps"]
        values |= {":one": items.n(1), ":steps": items.n(steps)}
    for name, by in zip(("room", "room_steps"), change, strict=True):
        if by:
            adds.append(f"{name} :{name}")
            values[f":{name}"] = items.n(by)
        if by < 0:
            conditions.append(f"{name} >= :{name}_taken")
            values[f":{name}_taken"] = items.n(-by)
    update: Item = {
        "TableName": tables.wallets,
        "Key": items.key(keys.promotion_share(code, number), keys.COUNT),
        "UpdateExpression": "ADD " + ", ".join(adds),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeValues": values,
    }
    return {"Update": update}


def _pool_update(tables: Tables, code: str, handed: Room, bounds: Bounds) -> Item:
    """Returns the update of the pool that hands this out, where it is still there."""
    conditions, adds = ["version = :version"], []
    values = {":version": items.n(bounds.version)}
    for name, by, bound in zip(("handed", "handed_steps"), handed, (bounds.most, bounds.budget), strict=True):
        if by and bound is not None:
            adds.append(f"{name} :{name}")
            conditions.append(f"{name} <= :{name}_most")
            values |= {f":{name}": items.n(by), f":{name}_most": items.n(bound - by)}
    update: Item = {
        "TableName": tables.wallets,
        "Key": items.key(keys.promotion(code), keys.COUNT),
        "UpdateExpression": "ADD " + ", ".join(adds),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeValues": values,
    }
    return {"Update": update}


def claim(tables: Tables, code: str, kind: str, value: str) -> Item:
    """Returns the transact item that claims the promotion for an account or an identity.

    Its condition fails where that account or identity claimed it before.
    """
    item = items.key(keys.promotion(code), keys.claim(kind, value))
    condition = "attribute_not_exists(pk)"
    return {"Put": {"TableName": tables.wallets, "Item": item, "ConditionExpression": condition}}


def counted(tables: Tables, code: str) -> tuple[int, int]:
    """Returns how often the promotion was redeemed, and how many credit steps it gave in all."""
    return counted_all(tables, [code])[code]


def counted_all(tables: Tables, codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Returns, by code, how often each promotion was redeemed, and how many credit steps it gave in all."""
    places = {
        code: [keys.promotion(code), *(keys.promotion_share(code, number) for number in range(SHARES))]
        for code in codes
    }
    found = tables.get_many(tables.wallets, [(pk, keys.COUNT) for pks in places.values() for pk in pks])
    counts = {code: [_counts(found.get((pk, keys.COUNT))) for pk in pks] for code, pks in places.items()}
    return {
        code: (sum(redeemed for redeemed, _ in parts), sum(granted for _, granted in parts))
        for code, parts in counts.items()
    }


def _set(tables: Tables, pk: str, version: int, name: str, room: Room) -> None:
    """Sets an item's version and room, where its version is an earlier one."""
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "Key": items.key(pk, keys.COUNT),
        "UpdateExpression": f"SET version = :version, {name} = :redemptions, {name}_steps = :steps",
        "ConditionExpression": "attribute_not_exists(version) OR version < :version",
        "ExpressionAttributeValues": {
            ":version": items.n(version),
            ":redemptions": items.n(room.redemptions),
            ":steps": items.n(room.steps),
        },
    }
    for attempt in range(RENEWAL_TRIES):
        try:
            with refusals():
                tables.client.update_item(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
        except Contended:
            if attempt == RENEWAL_TRIES - 1:
                raise
            continue
        return


def _share(item: Item | None) -> Share:
    return Share(_number(item, "version"), *_counts(item), _room(item, "room"))


def _counts(item: Item | None) -> tuple[int, int]:
    return _number(item, "redeemed"), _number(item, "granted")


def _room(item: Item | None, name: str) -> Room:
    return Room(_number(item, name), _number(item, f"{name}_steps"))


def _number(item: Item | None, name: str) -> int:
    """Returns the number in an attribute; 0 where the item or the attribute is missing."""
    return (items.optional_integer(item, name) or 0) if item else 0
