"""A wallet is read as it was committed, and whatever else of it a decision needs. A part that another worker has
written since is read too, and nothing is decided on it (law 2)."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.wallets.wallet import (
    Need,
    NeedBlock,
    NeedDue,
    NeedFront,
    NeedPage,
    NeedSidecars,
    Snapshot,
    Wallet,
)
from scrip.store import documents, keys
from scrip.store.tables import Tables
from scrip.store.wallets import load, load_many, load_with_catalogue, provide, sidecars
from tests.aws import Deployment, patient_executor
from tests.domain.memory import Vault, vault
from tests.store.stored import put, requests, rich


@pytest.fixture
def made(tables: Tables) -> Vault:
    """A wallet with one of everything, in the tables."""
    return put(tables, rich())


def test_a_wallet_is_read_as_it_was_committed(tables: Tables, made: Vault) -> None:
    assert load(tables, "acme", "credits", "lago") == made.wallet


def test_a_wallet_that_has_no_item_is_empty_and_has_its_units_order(tables: Tables) -> None:
    assert load(tables, "acme", "credits", "lago") == Wallet("acme", "credits", "lago")


NEEDS: list[Need] = [
    NeedFront(1),
    NeedFront(2),
    NeedFront(99),
    NeedFront(0),
    NeedPage(""),
    NeedPage("~"),
    NeedPage("", spanning=True),
    NeedPage("~", spanning=True),
    NeedDue(1),
    NeedDue(3),
    NeedDue(1000),
    NeedBlock(0),
    NeedBlock(7),
    NeedBlock(None),
    NeedSidecars((("note", "82"), ("note", "1"), ("hold", "84"), ("allowance", "plan"))),
]


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: f"{type(need).__name__} {need.args[0]}")
def test_what_a_decision_needs_is_read_as_a_wallet_in_memory_has_it(
    tables: Tables, made: Vault, need: Need
) -> None:
    """The wallet in memory, which the domain's tests decide on, is a second implementation."""
    here, there = Snapshot(made.wallet), Snapshot(made.wallet)
    provide(tables, here, need)
    made.provide(there, need)
    assert here == there


def test_a_lot_belongs_to_the_last_page_that_does_not_begin_after_it(tables: Tables, made: Vault) -> None:
    first, second, *_ = sorted(made.pages)
    for key, page in ((first, first), (second, second), (second + "0", second), (second[:-1], first)):
        snapshot = Snapshot(made.wallet)
        provide(tables, snapshot, NeedPage(key))
        assert (snapshot.covering, list(snapshot.pages)) == ({key: page}, [page])


def test_a_need_that_nobody_knows_is_raised_again(tables: Tables, made: Vault) -> None:
    with pytest.raises(Need):
        provide(tables, Snapshot(made.wallet), Need())


def test_of_sidecars_those_that_there_are_are_read_by_name(tables: Tables, made: Vault) -> None:
    found = sidecars(tables, made.wallet, [("note", "82"), ("note", "1")])
    assert found == {("note", "82"): {"source": "ad"}}


def test_of_many_wallets_those_that_exist_are_read(tables: Tables, made: Vault) -> None:
    other = put(tables, Vault(account="beta"))
    beta = vault("7")
    assert load_many(tables, [("acme", "credits"), ("beta", "credits"), ("acme", "miles")]) == [made.wallet]
    assert (other.commits, beta.wallet.version) == ([], 1)


def test_wallet_unit_and_rates_are_one_read(tables: Tables, made: Vault) -> None:
    """The default unit is there before it is stored, at revision 0; of two meters one has a card."""
    versions = [
        {
            "version": 1,
            "unit": "credits",
            "effective_at": 0,
            "minimum": "0",
            "price": {"model": "per_unit", "credits": "2"},
        }
    ]
    card = documents.put(tables, keys.rate("calls"), documents.NEW, {"versions": versions})
    assert card
    with requests(tables, "BatchGetItem") as sent:
        found = load_with_catalogue(tables, "acme", DEFAULT_UNIT, ["calls", "tokens"])
    assert len(sent) == 1
    assert sent[0]["RequestItems"]["wallets"]["ConsistentRead"] is True
    assert found.unit
    unit, rev = found.unit
    assert (unit.unit, rev, found.wallet(unit)) == (DEFAULT_UNIT, 0, made.wallet)
    assert found.rates == {"calls": documents.rates_of(card)}


def test_a_unit_that_there_is_not_is_said_to_be_none(tables: Tables) -> None:
    found = load_with_catalogue(tables, "acme", "miles")
    assert (found.unit, found.item) == (None, None)


@pytest.mark.parametrize(("amount", "status"), [("8", 201), ("9", 402)])
def test_pages_of_a_later_version_are_never_decided_on(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, amount: str, status: int
) -> None:
    """18 lots of 1. This worker burns 1 and remembers 17, some in a page; another burns 9, and the page is gone."""
    mine, other = patient_executor([]), patient_executor([])
    monkeypatch.setattr(runtime, "executor", lambda: mine)
    for _ in range(18):
        scrip.grant(account, "1")
    scrip.burn(account, "1")
    monkeypatch.setattr(runtime, "executor", lambda: other)
    for _ in range(9):
        scrip.burn(account, "1")
    monkeypatch.setattr(runtime, "executor", lambda: mine)
    assert scrip.burn(account, amount).status == status
