"""Entries that somebody wrote anew, with a hash that is right for what they say now: whatever a row says, verification
ends in findings and never in an error (law 4)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest

from scrip.domain.credits.entries import chain
from scrip.services.verification import wallets as verifying
from scrip.store import items, ledger
from scrip.store.tables import Tables
from simulation.dynamodb import Dynamo
from simulation.world import TABLES
from tests.domain.memory import Vault
from tests.services.verification.surveys import items_of, lives

Path = tuple[str | int, ...]
FORGED: Final = 400
ANYTHING: Final[Sequence[Any]] = (
    None, True, 0, -1, 7, 1.5, float("inf"), 10**40, "", "7", "x", "\ud800", "9" * 5000,
    [], [[]], ["x"], [1, "2"], [0, "1", 2], {}, {"x": 1}, {"seq": 1},
)  # fmt: skip
OTHER: Final = {"a": "b", "b": "a"}
NO_ENTRIES: Final = ("", "[]", "{}", "null", "7", '"x"', "[" * 100_000, '{"cause":[]}', '{"id":')


@pytest.fixture(scope="module")
def wallets() -> list[Vault]:
    """With transfers, holds, allowances, refunds: every kind of entry."""
    return [vault for vault in lives("forged") if vault.wallet.version > 3]


@pytest.fixture(scope="module")
def tables(wallets: list[Vault]) -> Tables:
    dynamo = Dynamo(TABLES)
    for table, rows in items_of(wallets).items():
        for row in rows:
            dynamo.put_item(TableName=table, Item=row)
    return Tables(dynamo, "wallets", "ledger")  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)


def findings(tables: Tables, vault: Vault, row: dict[str, Any], body: str) -> list[str]:
    """What verification says of a wallet while a row of it has another body; of the one that it sends to and receives
    from it says something too, or nothing."""
    digest = chain(row["prev"]["B"], body.encode("utf-8", "surrogatepass"))
    forged = {**row, "body": {"S": body}, "hash": {"B": digest}}
    tables.client.put_item(TableName="ledger", Item=forged)
    try:
        verifying.check_wallet(tables, vault.account[:-1] + OTHER[vault.account[-1]], vault.unit)
        return [one.what for one in verifying.check_wallet(tables, vault.account, vault.unit).discrepancies]
    finally:
        tables.client.put_item(TableName="ledger", Item=row)


def paths(node: Any, at: Path = ()) -> Iterator[Path]:
    """To every value in a JSON text."""
    yield at
    if isinstance(node, dict | list):
        inside = node.items() if isinstance(node, dict) else enumerate(node)
        for name, value in inside:
            yield from paths(value, (*at, name))


def other(body: Any, path: Path, value: Any) -> str:
    """The text with another value there."""
    if not path:
        changed = value
    else:
        changed = holder = json.loads(json.dumps(body))
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
    return json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def test_sound_wallets_have_no_findings(tables: Tables, wallets: list[Vault]) -> None:
    for vault in wallets:
        assert verifying.check_wallet(tables, vault.account, vault.unit).discrepancies == []


@pytest.mark.parametrize("body", NO_ENTRIES, ids=lambda body: body[:12] or "empty")
def test_a_row_that_is_no_entry_is_named(tables: Tables, wallets: list[Vault], body: str) -> None:
    vault = wallets[0]
    row = items.entry_item(vault.entries[1])
    assert f"entry {row['sk']['S']} cannot be read" in findings(tables, vault, row, body)


def test_whatever_a_row_says_verification_ends_in_findings(tables: Tables, wallets: list[Vault]) -> None:
    dice = random.Random(4)
    for number in range(FORGED):
        vault = dice.choice(wallets)
        row = items.entry_item(dice.choice(vault.entries))
        body = json.loads(row["body"]["S"])
        path, value = dice.choice(list(paths(body))), dice.choice(ANYTHING)
        forged = other(body, path, value)
        if json.loads(forged) == body:
            continue
        assert findings(tables, vault, row, forged), f"{number}: {path} = {value!r} in {body}"
