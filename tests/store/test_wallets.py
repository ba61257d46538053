"""A wallet is read as it was committed, and whatever else of it a decision needs. A part that another worker has
written since is read too, and nothing is decided on it (law 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from scrip import runtime
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.wallets.wallet import (
    Due,
    Need,
    NeedBlock,
    NeedBlocks,
    NeedDue,
    NeedFront,
    NeedPage,
    NeedRun,
    NeedSidecars,
    RunKind,
    Snapshot,
    Wallet,
)
from scrip.store import documents, keys, wallets
from scrip.store.tables import Tables
from scrip.store.wallets import (
    is_missing,
    load,
    load_many,
    load_with_catalogue,
    missing,
    provide,
    sidecars,
    units_with,
)
from tests.aws import Deployment, InMemory, patient_executor
from tests.domain.builders import moment
from tests.domain.giving import hold, plan
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
    NeedBlocks((0, 7)),
    NeedBlocks(()),
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


@pytest.fixture(scope="module")
def long() -> tuple[Tables, Vault]:
    """A wallet with several of everything that lists show: pages, due items, blocks, holds and allowances."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 exp=+{number}d" for number in range(1, 131)) + "; 9 from=+2d; 9 from=+3d")
    made.burn(90)
    for _ in range(3):
        hold(made, 2)
    for number in range(3):
        made.allow(plan(10, "P1D", anchor=made.now), name=f"plan-{number}")
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    return tables, put(tables, made)


RUNS: Final[list[RunKind]] = ["page", "due", "rest", "hold", "allowance"]


def run_keys(made: Vault, kind: RunKind) -> list[str]:
    """The keys of all items of a kind, in order."""
    snapshot = Snapshot(made.wallet)
    made.provide(snapshot, NeedRun(kind, "", 1000))
    return list(snapshot.runs[kind, ""].keys)


@pytest.mark.parametrize("kind", RUNS)
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_a_run_goes_on_behind_what_was_read_of_it(
    long: tuple[Tables, Vault], kind: RunKind, count: int
) -> None:
    """From the beginning, and behind any key: one that there is, one between two, and the last."""
    tables, made = long
    known = run_keys(made, kind)
    assert len(known) > 1
    for after in ("", known[0], known[1], known[1][:-1] + "!", known[-2], known[-1]):
        here, there = Snapshot(made.wallet), Snapshot(made.wallet)
        for _ in range(4 if count == 1 else len(known)):
            provide(tables, here, NeedRun(kind, after, count))
            made.provide(there, NeedRun(kind, after, count))
            assert here == there
            if here.runs[kind, after].ended:
                break


@pytest.mark.parametrize("page", [1, 2, 1000])
@pytest.mark.parametrize("until", ["+0h", "+1d", "+2d", "+2d-1ms", "+100d", "+300d"])
def test_due_items_are_read_up_to_an_instant_in_pages_of_any_length(
    long: tuple[Tables, Vault], monkeypatch: pytest.MonkeyPatch, page: int, until: str
) -> None:
    """All of them up to it, and one after it; with the pages that they name and that there still are."""
    tables, made = long
    monkeypatch.setattr(wallets, "DUE_PAGE", page)
    snapshot, whole = Snapshot(made.wallet), sorted(made.dues)
    provide(tables, snapshot, NeedDue(1, moment(until)))
    found = [(due.at, due.what) for due in snapshot.dues]
    assert found == whole[: len(found)]
    assert set(snapshot.pages) == {due.page for due in snapshot.dues} & set(made.pages)
    then = sum(at <= moment(until) for at, _ in whole)
    behind = len(found) - then
    assert behind == 0 if then == len(whole) else 1 <= behind <= page
    assert snapshot.due_limit == len(found) + (behind == 0)


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_due_items_are_read_up_to_a_number(long: tuple[Tables, Vault], limit: int) -> None:
    tables, made = long
    snapshot = Snapshot(made.wallet)
    provide(tables, snapshot, NeedDue(limit))
    assert (len(snapshot.dues), snapshot.due_limit) == _cut(snapshot.dues, limit, len(made.dues))


def test_a_page_that_is_known_is_not_read_again(long: tuple[Tables, Vault]) -> None:
    """The first page is known; of those that due items name, the others are asked for."""
    tables, made = long
    snapshot = Snapshot(made.wallet)
    provide(tables, snapshot, NeedFront(1))
    with requests(tables, "BatchGetItem") as sent:
        provide(tables, snapshot, NeedDue(1, moment("+300d")))
    asked = {key["sk"]["S"] for one in sent for key in one["RequestItems"]["wallets"]["Keys"]}
    named = {due.page for due in snapshot.dues if due.page}
    assert min(made.pages) in named
    assert asked == {keys.page(page) for page in named - {min(made.pages)}}


def _cut(dues: Sequence[Due], limit: int, there: int) -> tuple[int, int]:
    """How many of them are followed, and how many that is at least: two of five may name pages, and one in any case."""
    named = [number for number, due in enumerate(dues, 1) if due.page is not None]
    most = max(1, limit * 2 // 5)
    return (named[most - 1], named[most - 1]) if len(named) >= most else (min(limit, there), limit)


def test_of_many_units_those_wallets_are_told_that_have_a_sidecar(tables: Tables, made: Vault) -> None:
    found = units_with(tables, "acme", ["credits", "miles"], ("note", "82"))
    assert found == {"credits": {"source": "ad"}}
    assert units_with(tables, "acme", ["credits"], ("note", "1")) == {}


def test_a_wallet_is_missing_or_not_and_what_needs_that_is_written_only_then(
    tables: Tables, made: Vault
) -> None:
    assert (missing(tables, "acme", "credits"), missing(tables, "acme", "miles")) == (False, True)
    assert documents.put_all(tables, [is_missing(tables, "acme", "miles")])
    assert not documents.put_all(tables, [is_missing(tables, "acme", "credits")])


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
