"""Tables that can be scanned page by page, and some of which a survey's part has a few things of each kind."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, Final

from scrip.domain.payments.payment import Payment
from scrip.services.verification.survey import PARTS, Survey, SurveyRun
from scrip.store import documents, keys
from scrip.store.tables import Tables
from simulation.dynamodb import Dynamo, error
from simulation.world import TABLES
from tests.domain.memory import Vault
from tests.services.verification.surveys import items_of

Json = dict[str, Any]
SECOND: Final = 1
"""The part that everything lies in."""


class Scanned(Dynamo):
    """Tables that can be scanned page by page, as surveys do; ``busy``: so many scans are refused first."""

    busy = 0

    def scan(self, **asked: Any) -> Json:
        if self.busy:
            self.busy -= 1
            raise error("ProvisionedThroughputExceededException", "later", "Scan")
        after = {name: value["S"] for name, value in asked.get("ExclusiveStartKey", {}).items()}
        rows = [
            item
            for pk, partition in self.tables[asked["TableName"]].partitions.items()
            if crc32(pk.encode()) % asked["TotalSegments"] == asked["Segment"]
            for item in partition.items.values()
            if "IndexName" not in asked or "tl" in item
        ]
        places = [(row["pk"]["S"], row["sk"]["S"]) for row in rows]
        begin = places.index((after["pk"], after["sk"])) + 1 if after else 0
        end = begin + asked["Limit"]
        names = ("pk", "sk", "tl") if "IndexName" in asked else ("pk", "sk")
        wanted = tuple(value["S"] for value in asked.get("ExpressionAttributeValues", {}).values()) or ("",)
        page = [{name: row[name] for name in names} for row in rows[begin:end]]
        last = {"LastEvaluatedKey": page[-1]} if page and end < len(rows) else {}
        return {"Items": [row for row in page if row["pk"]["S"].startswith(wanted)], **last}


def of_part(form: str, part: int = SECOND) -> Iterator[str]:
    """Names whose partitions, which are like ``form``, a survey of one share has in a part."""
    names = (f"n{number}" for number in count())
    return (name for name in names if crc32(form.format(name).encode()) % PARTS == part)


def grown(account: str, entries: int) -> Vault:
    """A wallet of so many grants."""
    vault = Vault(account=account)
    for _ in range(entries):
        vault.grant("10")
    return vault


class Surveyed:
    """Tables with three sound wallets of 1, 2 and 3 entries, two that have lost all but their 2 entries each, two keys
    of none, two payments that wait, one that cannot be read, and one that is nothing yet: all in one part."""

    def __init__(self) -> None:
        self.dynamo = Scanned(TABLES)
        self.tables = Tables(self.dynamo, "wallets", "ledger")  # type: ignore[arg-type]
        wallets = list(islice(of_part(keys.wallet("{}", "credits")), 5))
        self.sound, self.lost = wallets[:3], wallets[3:]
        whole = items_of([grown(account, 1 + number) for number, account in enumerate(self.sound)])
        lost = items_of([grown(account, 2) for account in self.lost])
        for row in whole["wallets"]:
            self.dynamo.put_item(TableName="wallets", Item=row)
        for row in (*whole["ledger"], *lost["ledger"]):
            self.dynamo.put_item(TableName="ledger", Item=row)
        for name in islice(of_part(f"{keys.WALLETS}{{}}"), 2):
            key = {"pk": {"S": f"{keys.WALLETS}{name}"}, "sk": {"S": "wallet"}}
            self.dynamo.put_item(TableName="wallets", Item=key)
        payments = list(islice(of_part(keys.payment("dodo", "{}")), 4))
        self.parked, self.unread = payments[:2], payments[2]
        for name in payments:
            parked = ("amount is no number",) if name in self.parked else ()
            body = Payment("dodo", name, parked=parked).to_json()
            documents.put(self.tables, keys.payment("dodo", name), 0, body)
        documents.put(self.tables, keys.payment("dodo", self.unread), 1, {"facts": 7})

    def run(self, of: Survey | None = None, **options: Any) -> Survey:
        of = of or Survey(0)
        save = options.pop("save", lambda _: None)
        SurveyRun(self.tables, of, save, **{"pause": lambda _: None, **options}).go(options.pop("workers", 1))
        return of
