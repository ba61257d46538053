"""Editions: each entry is in exactly one part, whatever was lost, doubled or changed on its way."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended
from scrip.domain.finance.settlement import ProviderSettlement
from scrip.http.edge.parameters import instant
from scrip.providers.clients import Client
from scrip.services.finance import batches, editions
from scrip.services.finance.editions import Made
from scrip.services.finance.manifests import LOCK_MS, EditionAttempt, Manifest, PartKind
from scrip.services.finance.settlements import SettlementRun
from scrip.services.finance.workspaces import Row, Workspace
from scrip.store import ledger
from scrip.store.archive import Archive
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.metrics import counted
from tests.services.finance.test_settlements import Movements

COST = {"amount": 1000, "currency": "USD"}
SECOND = "2030-01-02T00:10:00.000Z"
"""The first instant at which the year's first day may be complete."""
FIRST_DAY_MS = 1_893_456_000_000
DAY = 86_400_000


class Made_by:  # noqa: N801
    """What makes editions of a deployment's tables, one second after the other."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive, self.folder, self.clock = archive, folder, 0

    def __call__(self, at: str) -> Made:
        self.clock += 1000
        return editions.make(runtime.tables(), self.archive, self.folder, instant(at, "at"), self.clock)

    def rows(self, manifest: Manifest, kind: PartKind, columns: str) -> list[Row]:
        with Workspace(self.archive, self.folder) as space:
            paths = space.bring(part.key for part in manifest.of(kind))
            if not paths:
                return []
            return space.rows([f"SELECT {columns} FROM read_parquet($paths) ORDER BY ALL"], paths=paths)  # noqa: S608


@pytest.fixture
def make(scrip: Deployment, archive: Archive, tmp_path: Path) -> Made_by:
    scrip.make_tables()
    return Made_by(archive, tmp_path)


def test_a_day_is_complete_ten_minutes_after_it_is_over(scrip: Deployment, make: Made_by) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR)
    made = make("2030-01-02T00:09:59.999Z")
    assert (made.entries, made.manifest.complete_through) == (1, FIRST_DAY_MS)
    made = make(SECOND)
    assert (made.entries, made.manifest.complete_through) == (0, FIRST_DAY_MS + DAY)


@pytest.mark.parametrize("came", ["never", "once", "twice"])
def test_every_entry_is_in_exactly_one_part_whatever_came(
    scrip: Deployment, make: Made_by, came: str
) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR, kind="paid", cost_basis=COST)
    scrip.burn("a", "4", clock=NEW_YEAR)
    if came != "never":
        scrip.read_archive()
    scrip.grant("b", "3", clock=NEW_YEAR)
    if came == "twice":
        scrip.read_archive()
    made = make(SECOND)
    assert make.rows(made.manifest, "entries", "account, seq") == [("a", 1), ("a", 2), ("b", 1)]
    assert made.read == {"never": 3, "once": 1, "twice": 0}[came]
    assert [*make.archive.listed("raw/")] == []
    assert make.rows(made.manifest, "postings", "seq, name, amount") == [
        (1, "deferred_revenue", -1000), (1, "funding.manual", 1000),
        (2, "deferred_revenue", 400), (2, "revenue", -400),
    ]  # fmt: skip


def test_an_entry_of_a_day_that_was_over_makes_a_new_version_of_it(scrip: Deployment, make: Made_by) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR)
    assert make(SECOND).manifest.versions() == {"2030-01-01": 1}
    scrip.burn("a", "4", clock=NEW_YEAR)
    scrip.burn("a", "4", clock=NEXT_DAY)
    made = make(SECOND)
    assert made.late == 1
    assert made.manifest.versions() == {"2030-01-01": 2, "2030-01-02": 1}
    assert make.rows(made.manifest, "entries", "seq, edition") == [(1, 1), (2, 2), (3, 2)]


def test_nothing_is_due_once_the_days_that_are_over_are_there(scrip: Deployment, make: Made_by) -> None:
    """The schedule comes each hour; a new edition each hour would be many small objects."""
    scrip.grant("a", "10", clock=NEW_YEAR)
    answer = scrip.make_days(SECOND)
    said = {name: answer[name] for name in ("entries", "late", "missing", "done")}
    assert said == {"entries": 1, "late": 0, "missing": 0, "done": True}
    assert set(answer) == {*said, "edition", "read"}
    scrip.burn("a", "4", clock=NEXT_DAY)
    assert scrip.make_days("2030-01-03T00:09:59.999Z")["entries"] == 0
    assert scrip.make_days("2030-01-03T00:10:00.000Z")["entries"] == 1


def change(archive: Archive, old: str, new: str) -> None:
    """Changes the text of every batch."""
    for key, _ in [*archive.listed("raw/")]:
        text = gzip.decompress(archive.get(key) or b"").decode()
        assert old in text
        archive.put(key, gzip.compress(text.replace(old, new).encode()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"previous_hash":"00', '"previous_hash":"01'),
        ('"amount":-1000', '"amount":-9000'),
        ('\\"granted\\":\\"1000', '\\"granted\\":\\"9000'),
        ('"held_at":1', '"held_at":2'),
        ('"pack":null', '"pack":"p"'),
        ("{", "["),
    ],
)
def test_a_row_of_a_batch_that_was_changed_on_its_way_is_read_from_the_ledger_again(
    scrip: Deployment, make: Made_by, old: str, new: str
) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR, kind="paid", cost_basis=COST)
    scrip.read_archive()
    change(make.archive, old, new)
    made = make(SECOND)
    assert (made.read, made.entries, made.manifest.missing) == (1, 1, ())
    assert make.rows(made.manifest, "postings", "name, amount") == [
        *(("deferred_revenue", -1000), ("funding.manual", 1000)),
    ]
    assert [*make.archive.listed("raw/")] == []


@pytest.mark.parametrize("left", [0, 30])
def test_a_batch_that_was_cut_off_is_read_from_the_ledger_again(
    scrip: Deployment, make: Made_by, left: int
) -> None:
    """One that cannot be unpacked must keep no edition from being made."""
    scrip.grant("a", "10", clock=NEW_YEAR, kind="paid", cost_basis=COST)
    scrip.read_archive()
    ((key, _),) = make.archive.listed("raw/")
    make.archive.put(key, (make.archive.get(key) or b"")[:left])
    made = make(SECOND)
    assert (made.read, made.entries, made.manifest.missing) == (1, 1, ())
    assert [*make.archive.listed("raw/")] == []


def test_a_wallet_whose_entry_is_gone_from_the_ledger_is_named_and_the_day_is_not_complete(
    scrip: Deployment, make: Made_by
) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR)
    scrip.grant("b", "10", clock=NEW_YEAR)
    (row,) = [one for one in scrip.wallet("a") if "tl" in one]
    scrip.dynamodb.delete_item(TableName="ledger", Key={"pk": row["pk"], "sk": row["sk"]})
    made = make(SECOND)
    assert [name.partition(":")[0] for name in made.manifest.missing] == ["a/credits"]
    assert made.manifest.complete_through is None
    assert make.rows(made.manifest, "entries", "account") == [("b",)]


def test_a_wallet_that_is_gone_is_named(scrip: Deployment, make: Made_by) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR)
    through = make(SECOND).manifest.complete_through
    (row,) = [one for one in scrip.wallet("a") if one["sk"]["S"] == "wallet"]
    scrip.dynamodb.delete_item(TableName="wallets", Key={"pk": row["pk"], "sk": row["sk"]})
    made = make("2030-01-03T00:10:00.000Z")
    assert made.manifest.missing == ("a/credits: there is no such wallet any more",)
    assert made.manifest.complete_through == through


def test_an_edition_that_adds_nothing_has_the_objects_of_the_one_before_it(
    scrip: Deployment, make: Made_by
) -> None:
    """It says that a further day is complete. Of attempts at such ones only what they wrote themselves is deleted."""
    assert make(SECOND).manifest.summaries == ()
    scrip.grant("a", "10", clock=NEXT_DAY)
    before = make("2030-01-03T00:10:00.000Z").manifest
    objects = {key for key, _ in make.archive.listed("")}
    made = make("2030-01-04T00:10:00.000Z").manifest
    assert (made.parts, made.complete_through) == (before.parts, FIRST_DAY_MS + 3 * DAY)
    assert (made.summaries[-1].heads, made.edition) == (before.summaries[-1].heads, before.edition + 1)
    assert {key for key, _ in make.archive.listed("")} - objects == {"editions/000000003.json"}
    dead = EditionAttempt(runtime.tables(), make.archive, make.clock)
    make.archive.put(f"editions/{dead.number:09d}.json", replace(made, edition=dead.number).to_bytes())
    make.clock += LOCK_MS
    scrip.burn("a", "1", clock="2030-01-04T00:00:00.000Z")
    last = make("2030-01-05T00:10:00.000Z").manifest
    assert make.rows(last, "entries", "seq") == [(1,), (2,)]
    kept = {key for key, _ in make.archive.listed("")}
    assert objects < kept
    assert f"editions/{dead.number:09d}.json" not in kept


@pytest.mark.parametrize(("more", "first"), [(-1, 1), (0, 2)])
def test_what_there_is_no_time_to_add_the_next_edition_adds(
    scrip: Deployment, make: Made_by, monkeypatch: pytest.MonkeyPatch, more: int, first: int
) -> None:
    """Three batches, of which as many are added at a time as have the bytes of two, or a byte less: after the first
    time there is none left. Nothing is read once more."""
    for account in "abc":
        scrip.grant(account, "10", clock=NEW_YEAR)
        entries = ledger.following(runtime.tables(), account, "credits", (0, 1), 10)
        batches.keep(runtime.tables(), make.archive, entries)
    sizes = [size for _, size in make.archive.listed("raw/")]
    monkeypatch.setattr(editions, "ADDED_BYTES", sum(sizes[:2]) + more)
    now, folder = instant(SECOND, "at"), make.folder
    made = editions.make(runtime.tables(), make.archive, folder, now, 1, lambda: False)
    assert (made.entries, made.read, made.done, made.manifest.complete_through) == (first, 0, False, None)
    assert len([*make.archive.listed("raw/")]) == 3 - first
    made = make(SECOND)
    assert (made.entries, made.read, made.done) == (3 - first, 0, True)
    assert make.rows(made.manifest, "entries", "account") == [("a",), ("b",), ("c",)]
    assert made.manifest.complete_through == FIRST_DAY_MS + DAY


@pytest.mark.parametrize(("batches_sized", "more", "left"), [(0, 1, 2), (2, -1, 2), (2, 0, 1)])
def test_batches_that_are_more_than_an_edition_takes_are_taken_by_the_next_one(
    scrip: Deployment,
    make: Made_by,
    monkeypatch: pytest.MonkeyPatch,
    batches_sized: int,
    more: int,
    left: int,
) -> None:
    """Of three. An edition takes the first however big it is, and others while all are no more than so many bytes."""
    for account in "abc":
        scrip.grant(account, "1", clock=NEW_YEAR)
        scrip.read_archive()
    sizes = [size for _, size in make.archive.listed("raw/")]
    monkeypatch.setattr(editions, "MOST_BYTES", sum(sizes[:batches_sized]) + more)
    made = make(SECOND)
    assert (len([*make.archive.listed("raw/")]), made.done) == (left, not left)
    assert (made.manifest.complete_through is None) is bool(left)
    while not made.done:
        made = make(SECOND)
    assert make.rows(made.manifest, "entries", "account, seq") == [("a", 1), ("b", 1), ("c", 1)]


class Noting(Archive):
    """An archive that knows of how many entries each batch was that was put."""

    rows: ClassVar[list[int]] = []

    def put(self, key: str, text: bytes | Path) -> None:
        if isinstance(text, bytes) and key.startswith("raw/"):
            self.rows.append(len(gzip.decompress(text).splitlines()))
        Archive.put(self, key, text)


@pytest.mark.parametrize(
    ("wallets", "batches_of"),
    [
        ((1, 1, 1), [2, 1]),
        ((1, 1, 1, 1), [2, 2]),
        ((2,), [2]),
        ((5,), [2, 2, 1]),
        ((1, 2), [3]),
        ((3, 1), [2, 2]),
    ],
)
def test_entries_of_many_wallets_that_are_read_are_put_together(
    scrip: Deployment,
    make: Made_by,
    monkeypatch: pytest.MonkeyPatch,
    wallets: Sequence[int],
    batches_of: list[int],
) -> None:
    """Of wallets with so many entries two are read at a time, and what is left of each waits until it is two. One
    object for each wallet would be a hundred thousand of them."""
    monkeypatch.setattr(editions, "READ_ROWS", 2)
    for number, entries in enumerate(wallets):
        for _ in range(entries):
            scrip.grant(f"a{number}", "10", clock=NEW_YEAR)
    make.archive = Noting(make.archive.client, make.archive.bucket)
    Noting.rows.clear()
    made = make(SECOND)
    assert (made.read, made.entries, made.done) == (sum(wallets), sum(wallets), True)
    assert sorted(Noting.rows, reverse=True) == batches_of


def test_what_there_is_no_time_to_read_of_a_wallet_the_next_edition_reads(
    scrip: Deployment, make: Made_by, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five entries that are read two at a time there is time for two."""
    monkeypatch.setattr(editions, "READ_ROWS", 2)
    for _ in range(5):
        scrip.grant("a", "10", clock=NEW_YEAR)
    turns, now = iter([True, False]), instant(SECOND, "at")
    made = editions.make(runtime.tables(), make.archive, make.folder, now, 1, lambda: next(turns))
    assert (made.read, made.entries, made.done) == (2, 2, False)
    made = make(SECOND)
    assert (made.read, made.entries, made.done, made.manifest.missing) == (3, 3, True, ())
    assert make.rows(made.manifest, "entries", "seq, edition") == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2)]


def test_tables_of_nothing_have_the_columns_that_what_is_new_has(archive: Archive, tmp_path: Path) -> None:
    def columns(query: str) -> list[Row]:
        with Workspace(archive, tmp_path) as space:
            editions.load_before(space, Manifest())
            editions.load_held(space, Manifest())
            editions.add_settlements(space, None, Manifest())
            space.run(["CREATE TABLE fit AS SELECT rowid AS place FROM came", *editions.SQL[query]])
            return [
                (table, *row[:2])
                for table in (
                    "new_lots",
                    "new_postings",
                    "new_totals",
                    "new_accounts",
                    "new_settlements",
                    "new_gifts",
                )
                for row in space.rows([f"DESCRIBE {table}"])
            ]

    assert columns("nothing_new") == columns("new")


def test_what_providers_moved_is_in_exactly_one_part_however_much_an_edition_takes(
    make: Made_by, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven fees of 0.10 and a gift, three an edition, read two at a time: no day is complete before all are there."""
    provider = Movements()
    provider.rows += [Movements.fee(number, FIRST_DAY_MS) for number in range(7)]
    odd = ProviderSettlement("txn_0009", "adjustment", 5, "JPY", FIRST_DAY_MS, kind="dodo_credits")
    provider.rows.append(odd)
    client = cast("Client", provider)
    outcome = SettlementRun(runtime.tables(), "dodo", client, FIRST_DAY_MS + DAY, lambda: True).go(1)
    assert outcome.recorded == 8, outcome
    monkeypatch.setattr(editions, "MOST_SETTLEMENTS", 3)
    monkeypatch.setattr("scrip.services.finance.settlements.READ_AT_ONCE", 2)
    made = [make(SECOND) for _ in range(4)]
    assert [(one.settlements, one.done) for one in made] == [(3, False), (3, False), (2, True), (0, True)]
    assert [one.manifest.complete_through for one in made[1:]] == [
        None,
        FIRST_DAY_MS + DAY,
        FIRST_DAY_MS + DAY,
    ]
    last = made[-1].manifest
    assert [id_ for (id_,) in make.rows(last, "settlements", "id")] == [
        f"txn_{number:04}" for number in (*range(7), 9)
    ]
    assert make.rows(last, "settlements", "kind, amount")[0] == ("dodo_credits", 5)
    postings = make.rows(last, "postings", "entry_id, account, name, amount")
    assert len(postings) == 16
    assert [row for row in postings if row[0] == "dodo:txn_0009"] == [
        *(("dodo:txn_0009", None, "adjustments", -5), ("dodo:txn_0009", None, "cash.dodo", 5)),
    ]
    assert make.rows(last, "entries", "*") == make.rows(last, "accounts", "*") == []


def test_an_edition_that_lacks_entries_is_measured_and_the_log_names_each_wallet(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.grant("a", "10", clock=NEW_YEAR)
    assert scrip.make_days(SECOND)["missing"] == 0
    assert counted(capsys, "ArchiveIncomplete", "ArchiveLate") == [
        {"ArchiveIncomplete": 0},
        {"ArchiveLate": 0},
    ]
    scrip.burn("a", "4", clock=NEW_YEAR)
    scrip.grant("b", "10", clock=NEW_YEAR)
    (row,) = [one for one in scrip.wallet("b") if "tl" in one]
    scrip.dynamodb.delete_item(TableName="ledger", Key={"pk": row["pk"], "sk": row["sk"]})
    assert scrip.make_days("2030-01-03T00:10:00.000Z")["missing"] == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [
        line[name] for line in lines for name in ("ArchiveIncomplete", "ArchiveLate") if name in line
    ] == [1, 1]
    (named,) = [line for line in lines if line.get("message") == "the archive lacks entries"]
    assert named["wallet"].startswith("b/credits: ")


def test_a_function_that_comes_while_another_makes_an_edition_leaves_it_alone(
    scrip: Deployment, make: Made_by, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schedule comes again in an hour."""
    scrip.grant("a", "10", clock=NEW_YEAR)

    def busy(*_: Any) -> Any:
        raise Contended("another edition is being made")

    monkeypatch.setattr(editions, "make", busy)
    assert scrip.make_days(SECOND) == {"busy": True}
