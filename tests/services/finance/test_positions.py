"""Positions of editions: what lots have after histories of every kind of entry, added up anew in Python.

Tables and bucket are the simulator's. What entries do to lots is told by ``domain.verification.replay``, which knows
nothing of postings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.units import Policy
from scrip.domain.verification.replay import replay
from scrip.services.finance import batches, editions
from scrip.services.finance.editions import Made
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.workspaces import Row, Workspace
from scrip.store import items, keys
from scrip.store.archive import Archive
from scrip.store.tables import Tables
from simulation.bucket import Bucket
from simulation.dynamodb import Dynamo
from simulation.world import TABLES
from tests.domain.memory import Vault, vault
from tests.services.verification.surveys import lives

AFTER = 4_102_444_800_000
"""2100, milliseconds: after all that happens here."""
DAY = 86_400_000


class Ledger:
    """Wallets' heads and entries in tables, and an archive."""

    def __init__(self, folder: Path) -> None:
        self.dynamo, self.folder, self.clock = Dynamo(TABLES), folder, count(1)
        self.tables = Tables(self.dynamo, "wallets", "ledger")  # type: ignore[arg-type]
        self.archive = Archive(Bucket(), "archive")

    def put(self, entries: Sequence[Entry]) -> None:
        """Puts a wallet's entries, of which the last is its head."""
        for entry in entries:
            self.dynamo.put_item(TableName="ledger", Item=items.entry_item(entry))
        # The model's index learns as it is read, and an edition reads in several threads.
        self.dynamo.tables["ledger"].learn(None)
        last = entries[-1]
        key = items.key(keys.wallet(last.account, last.unit), keys.WALLET)
        head = {"version": items.n(last.seq), "head": items.b(last.hash())}
        self.dynamo.put_item(TableName="wallets", Item={**key, **head})

    def make(self, time_left: Callable[[], bool] = editions.always) -> Made:
        """Makes an edition."""
        clock = next(self.clock)
        return editions.make(self.tables, self.archive, self.folder, AFTER, clock, time_left)

    def positions(self, manifest: Manifest) -> list[Row]:
        """What the last edition says that lots have."""
        assert manifest.last
        with Workspace(self.archive, self.folder) as space:
            (path,) = space.bring([manifest.last.positions])
            columns = "account, unit, lot, currency, cost, tax, granted, expires_at, deferred, tax_deferred, credits"
            return space.rows([f"SELECT {columns} FROM read_parquet('{path}') ORDER BY ALL"])  # noqa: S608


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def told(wallets: Iterable[Sequence[Entry]]) -> list[Row]:
    """What the entries of wallets say that each lot with cost basis has."""
    return sorted(
        (
            *(entries[0].account, entries[0].unit, seq, lot.facts["cost"][1], lot.facts["cost"][0], lot.tax),
            *(int(lot.facts["granted"]), lot.facts.get("expires_at")),
            lot.facts["cost"][0] - lot.accounted_for,
            lot.tax - lot.tax_due - lot.tax_refunded - lot.tax_moved if lot.tax_at_redemption else 0,
            lot.left,
        )
        for entries in wallets
        for seq, lot in replay(entries).items()
        if "cost" in lot.facts
    )


def test_after_random_histories_each_lot_has_what_its_entries_leave_it(ledger: Ledger) -> None:
    """Grants, burns, holds, transfers, refunds, disputes, rollovers and ends; half of them in an edition before."""
    wallets = [one for one in lives("positions") if one.wallet.version > 3]
    for made in wallets:
        ledger.put(made.entries[: len(made.entries) // 2])
    first = ledger.make().manifest
    assert ledger.positions(first) == told(one.entries[: len(one.entries) // 2] for one in wallets)
    for made in wallets:
        ledger.put(made.entries)
    second = ledger.make()
    assert (second.manifest.missing, second.manifest.unbooked) == ((), 0)
    assert second.entries == sum(len(one.entries) - len(one.entries) // 2 for one in wallets)
    expected = told(one.entries for one in wallets)
    assert len(expected) > 40
    assert ledger.positions(second.manifest) == expected


def test_credits_of_28_digits_are_exact(ledger: Ledger) -> None:
    """10²⁷ steps for 9 999.99, less a third: (10²⁷ − 1)/3 leave 666 666.…67, and 333 333 of 999 999 are earned."""
    made = vault(f"{LARGEST_TOTAL} cost=999999USD")
    made.burn(LARGEST_TOTAL // 3)
    ledger.put(made.entries)
    left = LARGEST_TOTAL - LARGEST_TOTAL // 3
    assert [(row[6], *row[8:]) for row in ledger.positions(ledger.make().manifest)] == [
        (LARGEST_TOTAL, 666_667, 0, left)
    ]


def test_a_run_whose_time_ends_in_the_middle_is_not_complete_and_the_next_goes_on(ledger: Ledger) -> None:
    """Three wallets are to be read from the ledger, and there is time for one."""
    for account in "abc":
        made = Vault(Policy(), account=account)
        made.grant("10 cost=100USD")
        made.burn(3)
        ledger.put(made.entries)
    turns = count()
    cut = ledger.make(lambda: next(turns) < 1)
    assert (cut.done, cut.read, cut.entries) == (False, 2, 2)
    assert cut.manifest.complete_through is None
    assert cut.manifest.missing_count == 2
    whole = ledger.make()
    assert (whole.done, whole.read, whole.entries) == (True, 4, 4)
    assert whole.manifest.complete_through == AFTER - DAY
    assert whole.manifest.missing == ()
    assert [row[8] for row in ledger.positions(whole.manifest)] == [70, 70, 70]


def test_an_entry_that_cannot_be_booked_is_in_the_edition_and_counted(ledger: Ledger) -> None:
    """Its lot does not say where it came from, as none of today's does: it posts nothing, and is told."""
    (entry,) = vault("10 cost=100USD").entries
    lot = {name: fact for name, fact in entry.extra["lot"].items() if name != "kind"}
    ledger.put([replace(entry, extra={**entry.extra, "lot": lot})])
    made = ledger.make()
    assert (made.entries, made.manifest.unbooked, made.manifest.missing) == (1, 1, ())
    assert sum(part.rows for part in made.manifest.of("postings")) == 0


@pytest.mark.long
def test_all_batches_of_a_day_are_taken_however_many_there_are(ledger: Ledger) -> None:
    """S3 lists 1 000 at once. Each of 1 100 burns came by itself: nothing is read from the ledger."""
    made = Vault(Policy(), checked=False)
    made.grant("2000 cost=100USD")
    for _ in range(1_099):
        made.burn(1)
    ledger.put(made.entries)
    for entry in made.entries:
        batches.keep(ledger.tables, ledger.archive, [entry])
    assert len([*ledger.archive.listed("raw/")]) == 1_100
    whole = ledger.make()
    assert (whole.read, whole.entries, whole.manifest.missing) == (0, 1_100, ())
    assert [*ledger.archive.listed("raw/")] == []
    assert [row[8] for row in ledger.positions(whole.manifest)] == [100 - 100 * 1_099 // 2_000]
