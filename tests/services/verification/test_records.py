"""What was done to the records of pages and leases past Scrip is found by ``scrip verify`` (laws 3, 4 and 6)."""

from __future__ import annotations

import json
import random
from typing import Any, Final

import pytest

from scrip.domain.credits.entries import chain
from scrip.services.verification import wallets as verifying
from scrip.store import items, keys, ledger
from scrip.store.tables import Tables as Stored
from simulation.dynamodb import Dynamo
from simulation.world import TABLES
from tests.aws import NEW_YEAR, Deployment
from tests.domain.memory import Vault
from tests.domain.verification.test_record_checks import made
from tests.services.verification.damage import Damage, Tables
from tests.services.verification.surveys import Verify, items_of
from tests.services.verification.test_forged_rows import ANYTHING, other, paths

pytestmark = pytest.mark.usefixtures("small_in_memory")
__all__ = ["made"]
FORGED: Final = 250


def history(scrip: Deployment, account: str) -> Tables:
    """Four entries: a grant; a page of three records, of which one is skipped; a lease of 5; a settlement of 2."""
    scrip.grant(account, "20", clock=NEW_YEAR)
    body = {"stream": "s", "first": 0, "records": [["2", "a"], None, ["1", "b"]]}
    answer = scrip.post(f"/v1/accounts/{account}/burns/pages", body, clock=NEW_YEAR)
    assert answer.status == 200, answer.text
    placed = scrip.move(account, "holds", amount="5", lease=True, clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/holds/{placed.body['hold']['hold_id']}/settle"
    settled = scrip.post(path, {"records": [["2", "c"]]}, clock=NEW_YEAR)
    assert settled.status == 201, settled.text
    return Tables(scrip, account)


def records(seq: int, packed: bytes | None) -> Damage:
    """Puts other bytes in the place of a row's records; None takes them away."""

    def damage(tables: Tables) -> None:
        row = tables.entry(seq)
        row.pop(items.RECORDS, None)
        if packed is not None:
            row[items.RECORDS] = {"B": packed}
        tables.put("ledger", row)

    return damage


def swapped(tables: Tables) -> None:
    first, second = tables.entry(2), tables.entry(4)
    tables.put("ledger", {**first, items.RECORDS: second[items.RECORDS]})


def cursor(goes_on: int | None) -> Damage:
    """Another next offset of stream `s`, or none."""

    def damage(tables: Tables) -> None:
        (item,) = tables.of("wallets", "stream#")
        tables.delete("wallets", item)
        if goes_on is not None:
            tables.put(
                "wallets",
                {**item, **items.sidecar_item("x", ("stream", "s"), {"next": goes_on}), "pk": item["pk"]},
            )

    return damage


def lease(tables: Tables) -> None:
    (item,) = tables.of("wallets", "hold#")
    body = items.read_sidecar(item)
    changed = {**body, "lease": {**body["lease"], "next": 7}}
    tables.put(
        "wallets", {**items.sidecar_item("x", ("hold", "3"), changed), "pk": item["pk"], "sk": item["sk"]}
    )


def reversal_forgotten(tables: Tables) -> None:
    entry = tables.entry(2)["sk"]["S"]
    tables.scrip.move(tables.account, f"burns/{entry}/reversal", offset=0, clock=NEW_YEAR)
    (item,) = tables.of("wallets", "reversed#")
    tables.delete("wallets", item)


DAMAGE: list[tuple[str, Damage, int, str]] = [
    ("records lost", records(2, None), 2, "entry 2 has lost its records"),
    ("records that are no deflate", records(2, b"x"), 2, "entry 2 has records that do not match their hash"),
    ("records of nothing", records(4, b""), 4, "entry 4 has records that do not match their hash"),
    ("records of another entry", swapped, 2, "entry 2 has records that do not match their hash"),
    ("records of an entry without", records(1, b"x"), 1, "entry 1 has records, and does not say so"),
    ("a cursor lost", cursor(None), 2, "stream s goes on with offset 0, by its entries with 3"),
    ("a cursor behind", cursor(2), 2, "stream s goes on with offset 2, by its entries with 3"),
    ("a cursor ahead", cursor(4), 2, "stream s goes on with offset 4, by its entries with 3"),
    ("a reversal forgotten", reversal_forgotten, 5, "its reversals say 2000000"),
    ("a lease's offset", lease, 4, "goes on with offset 7, by its entries with 1"),
]


@pytest.mark.parametrize(("name", "damage", "seq", "what"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_damage_to_records_is_found(
    scrip: Deployment, account: str, verify: Verify, name: str, damage: Damage, seq: int, what: str
) -> None:
    tables = history(scrip, account)
    assert verify()["findings"]["count"] == 0
    damage(tables)
    (finding,) = verify()["findings"]["items"]
    assert (finding["account"], finding["kind"], finding["seq"]) == (account, "broken", seq)
    assert what in finding["what"]


def test_whatever_an_entry_with_records_says_verification_ends_in_findings(
    made: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash is right for what it says."""
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    dynamo = Dynamo(TABLES)
    for table, rows in items_of([made]).items():
        for item in rows:
            dynamo.put_item(TableName=table, Item=item)
    tables = Stored(dynamo, "wallets", "ledger")  # type: ignore[arg-type]
    assert verifying.check_wallet(tables, made.account, made.unit).discrepancies == []
    dice, pk = random.Random(3), keys.wallet(made.account, made.unit)
    with_records = [entry for entry in made.entries if entry.records]
    for number in range(FORGED):
        entry = dice.choice(with_records)
        row: Any = items.entry_item(entry)
        body = json.loads(row["body"]["S"])
        inside = [path for path in paths(body) if path[:1] == ("extra",)]
        path, value = dice.choice(inside), dice.choice(ANYTHING)
        text = other(body, path, value)
        if json.loads(text) == body:
            continue
        named = {
            "account": made.account,
            "unit": made.unit,
            "id": entry.id,
            "kind": entry.kind,
            "at": entry.at,
        }
        whole = json.dumps({**named, **json.loads(text)}, sort_keys=True, separators=(",", ":"))
        digest = chain(row["prev"]["B"], whole.encode("utf-8", "surrogatepass"))
        dynamo.put_item(TableName="ledger", Item={**row, "body": {"S": text}, "hash": {"B": digest}})
        found = verifying.check_wallet(tables, made.account, made.unit).discrepancies
        assert found, f"{number}: {path} = {value!r} in {body}"
        dynamo.put_item(TableName="ledger", Item=row)
    assert row["pk"] == {"S": pk}
