"""A wallet's partition read whole, as it is: what cannot be read is named, and ends nothing."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.verification.due_checks import KINDS
from scrip.store import keys, partition
from scrip.store.partition import StoredPartition
from scrip.store.tables import Tables
from tests.domain.memory import Vault
from tests.store.stored import put, rich

PK = keys.wallet("acme", "credits")


@pytest.fixture
def made(tables: Tables) -> Vault:
    """A wallet with one of everything, in the tables."""
    return put(tables, rich())


def read(tables: Tables) -> StoredPartition:
    return partition.read(tables, "acme", "credits", KINDS)


def change(tables: Tables, sk: str, **attributes: Any) -> None:
    """Replaces attributes of an item, past Scrip; None takes one away."""
    changed = {**(tables.get("wallets", PK, sk) or {}), **attributes}
    item: Any = {name: value for name, value in changed.items() if value is not None}
    tables.client.put_item(TableName="wallets", Item=item)


def test_a_wallet_that_does_not_exist_has_nothing(tables: Tables) -> None:
    assert read(tables) == StoredPartition()
    assert partition.version(tables, "acme", "credits") == 0


def test_everything_of_a_wallet_is_read_as_it_was_committed(tables: Tables, made: Vault) -> None:
    found = read(tables)
    assert (found.there, found.wallet, found.unreadable) == (True, made.wallet, [])
    assert found.version == partition.version(tables, "acme", "credits") == made.wallet.version
    assert found.shard == keys.shard(PK)
    assert {page.key: page for page in found.pages} == made.pages
    assert {(due.at, due.what): due for due in found.dues} == made.dues
    lots = made.stored_lots()
    assert (found.open, found.pending) == (list(lots.open), list(lots.pending))
    assert sorted(found.exhausted) == sorted(lots.exhausted)
    beside = len(made.pages) + len(made.dues) + len(made.blocks) + len(made.sidecars)
    assert found.beside == beside


def test_sidecars_are_read_of_the_kinds_that_were_asked_for(tables: Tables, made: Vault) -> None:
    """The wallet has a note too."""
    assert {kind for kind, _ in made.sidecars} == {"note", "hold", "allowance"}
    wanted = {name: sidecar for name, sidecar in made.sidecars.items() if name[0] in KINDS}
    assert read(tables).sidecars == wanted


@pytest.mark.parametrize("kind", ["page#", "due#", "rest#", "hold#"])
def test_an_item_that_cannot_be_read_is_named_and_the_others_are_read(
    tables: Tables, made: Vault, kind: str
) -> None:
    sk = tables.query_wallet(PK, kind)[0]["sk"]["S"]
    name = {"page#": "lots", "due#": "lot", "rest#": "lot1", "hold#": "body"}[kind]
    change(tables, sk, **{name: {"S": "{"} if name == "body" else {"B": b"\xff"}})
    found = read(tables)
    assert (found.unreadable, found.wallet) == ([sk], made.wallet)


def test_a_wallet_item_that_cannot_be_read_is_there_all_the_same(tables: Tables, made: Vault) -> None:
    change(tables, keys.WALLET, window={"B": b"\xff"})
    found = read(tables)
    assert (found.there, found.wallet, found.unreadable) == (True, None, ["wallet"])
    assert found.version == made.wallet.version


def test_a_wallet_item_without_a_version_has_version_0(tables: Tables, made: Vault) -> None:
    change(tables, keys.WALLET, version=None)
    assert partition.version(tables, "acme", "credits") == 0
    assert read(tables).unreadable == ["wallet"]


@pytest.mark.parametrize("name", ["shard", "sweep_at"])
def test_without_one_of_its_two_attributes_no_index_lists_a_wallet(
    tables: Tables, made: Vault, name: str
) -> None:
    change(tables, keys.WALLET, **{name: None})
    assert read(tables).shard is None


def test_items_without_a_wallet_item_are_counted(tables: Tables, made: Vault) -> None:
    tables.client.delete_item(TableName="wallets", Key={"pk": {"S": PK}, "sk": {"S": keys.WALLET}})
    found = read(tables)
    assert (found.there, found.wallet) == (False, None)
    assert found.beside > 5
