"""Damage that nothing in Scrip can do: the tables of a wallet are written past it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from scrip import runtime
from scrip.store import keys
from tests.aws import NEW_YEAR, Deployment

LATER: Final = "2031-01-01T00:00:00.000Z"
Item = dict[str, Any]
Damage = Callable[["Tables"], None]


class Tables:
    """The tables past Scrip: one wallet's items, and payments."""

    def __init__(self, scrip: Deployment, account: str, unit: str = "credits") -> None:
        self.client, self.pk = runtime.tables().client, keys.wallet(account, unit)
        self.scrip, self.account = scrip, account

    def of(self, table: str, prefix: str = "") -> list[Any]:
        """Items whose sort key begins so; the ledger's in their order."""
        found = self.client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self.pk}},
        )["Items"]
        mine = [item for item in found if item["sk"]["S"].startswith(prefix)]
        return sorted(mine, key=lambda item: item["tl"]["S"][-12:]) if table == "ledger" else mine

    def entry(self, seq: int) -> Any:
        return self.of("ledger")[seq - 1]

    def delete(self, table: str, item: Any) -> None:
        self.client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})

    def put(self, table: str, item: Any) -> None:
        self.client.put_item(TableName=table, Item=item)

    def change(self, prefix: str, **attributes: Any) -> None:
        """Attributes of the one item of the wallet that begins so; None takes one away."""
        (item,) = self.of("wallets", prefix)
        changed = {**item, **attributes}
        self.put("wallets", {name: value for name, value in changed.items() if value is not None})

    def payment(self, payment_id: str, **changes: Any) -> None:
        """Members of a payment's document; None takes the whole document away."""
        key: Any = {"pk": {"S": keys.payment("dodo", payment_id)}, "sk": {"S": "head"}}
        item: Any = self.client.get_item(TableName="wallets", Key=key)["Item"]
        body = json.loads(item["body"]["S"])
        item["body"] = {"S": json.dumps({**body, **changes})}
        self.put("wallets", item)


def history(scrip: Deployment, account: str) -> Tables:
    """Seven entries: four grants, of which the last lies in a page; a burn, a hold, a burn."""
    for number in range(4):
        scrip.grant(account, "10", f"g{number}", clock=NEW_YEAR, expires_at=LATER, priority=50 + number)
    scrip.burn(account, "3", "b1", clock=NEW_YEAR)
    scrip.move(account, "holds", "h1", amount="2", expires_in="P1D", clock=NEW_YEAR)
    scrip.burn(account, "1", "b2", clock=NEW_YEAR)
    tables = Tables(scrip, account)
    assert len(tables.of("ledger")) == 7
    assert len(tables.of("wallets", "page#")) == 1
    return tables


def flip(tables: Tables) -> None:
    row = tables.entry(3)
    row["body"] = {"S": row["body"]["S"].replace('"amount":"10000000"', '"amount":"10000001"', 1)}
    tables.put("ledger", row)


def delete_entry(*seqs: int) -> Damage:
    def damage(tables: Tables) -> None:
        rows = tables.of("ledger")
        for seq in seqs:
            tables.delete("ledger", rows[seq - 1])

    return damage


def delete_items(prefix: str) -> Damage:
    def damage(tables: Tables) -> None:
        for item in tables.of("wallets", prefix):
            tables.delete("wallets", item)

    return damage


def hold_forgotten(tables: Tables) -> None:
    (due,) = [item for item in tables.of("wallets", "due#") if item["sk"]["S"].endswith("hold.6")]
    tables.delete("wallets", due)
