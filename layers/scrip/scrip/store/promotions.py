"""Reads a promotion, counts its redemptions and stores who claimed it.

Counts and claims are transact items with conditions, so they hold however many redeem it at the same moment. What a
promotion gives is not decided here.
"""

from __future__ import annotations

from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.promotion import Promotion
from scrip.store import documents, items, keys
from scrip.store.tables import Item, Tables


def get(tables: Tables, code: str) -> Promotion:
    """Reads the promotion as it is now.

    Raises:
        NotFound: there is no such promotion.
    """
    found = documents.get(tables, keys.promotion(code))
    if found.rev == documents.NEW:
        raise NotFound(f"there is no promotion {code}", promotion=code)
    return Promotion.from_json(code, found.body)


def count(tables: Tables, code: str, steps: int, most: int | None, budget: int | None) -> Item:
    """Returns the transact item that counts one redemption of ``steps`` credit steps.

    Its condition fails where the redemption would exceed ``most`` redemptions or ``budget`` steps in all (None: no
    limit).
    """
    conditions, values = [], {":one": items.n(1), ":steps": items.n(steps)}
    if most is not None:
        conditions.append("(attribute_not_exists(redeemed) OR redeemed < :most)")
        values[":most"] = items.n(most)
    if budget is not None:
        # The budget holds one redemption at least, so the first needs no check.
        conditions.append("(attribute_not_exists(granted) OR granted <= :room)")
        values[":room"] = items.n(budget - steps)
    update: Item = {
        "TableName": tables.wallets,
        "Key": items.key(keys.promotion(code), keys.COUNT),
        "UpdateExpression": "ADD redeemed :one, granted :steps",
        "ExpressionAttributeValues": values,
    }
    if conditions:
        update["ConditionExpression"] = " AND ".join(conditions)
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
    item = tables.get(tables.wallets, keys.promotion(code), keys.COUNT)
    return (items.integer(item, "redeemed"), items.integer(item, "granted")) if item else (0, 0)
