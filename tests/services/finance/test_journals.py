"""Journals: a month's entries in the order in which they hold, each once, and what came late in the month after."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from scrip.services.finance import journals
from scrip.services.finance.books import Books
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive
from tests.month import Month


def journal(
    archive: Archive, folder: Path, manifest: Manifest, period: str, closes: dict[str, int]
) -> list[Any]:
    with Workspace(archive, folder) as space:
        path = journals.write(Books(space, archive, manifest, closes), period, space.file("journal.jsonl.gz"))
        return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def test_a_month_has_what_was_worked_out_by_hand(
    month: Month, archive: Archive, edition: Manifest, tmp_path: Path
) -> None:
    found = journal(archive, tmp_path, edition, "2030-11", {})

    sums: dict[str, dict[str, int]] = {}
    for entry in found:
        assert sum(line["amount"] for line in entry["lines"]) == 0
        for line in entry["lines"]:
            of = sums.setdefault(entry["currency"], {})
            of[line["account"]] = of.get(line["account"], 0) + line["amount"]
    kept = {
        currency: {name: amount for name, amount in of.items() if amount} for currency, of in sums.items()
    }
    assert kept == month.said["expected"]["trial_balance"]
    assert [entry["at"] for entry in found] == sorted(entry["at"] for entry in found)
    assert len({(entry["entry_id"], entry["currency"]) for entry in found}) == len(found)


def test_what_a_close_has_not_seen_stands_in_the_next_month(
    month: Month, archive: Archive, edition: Manifest, tmp_path: Path
) -> None:
    """Nothing was seen by a close with an edition of before."""
    whole = journal(archive, tmp_path, edition, "2030-11", {})
    seen = {"2030-11": edition.edition - 1}

    assert journal(archive, tmp_path, edition, "2030-11", seen) == []
    late = journal(archive, tmp_path, edition, "2030-12", seen)
    assert [{**entry, "late_for": None} for entry in late] == whole
    assert {entry["late_for"] for entry in late} == {"2030-11"}


def test_both_halves_of_a_transfer_are_seen(
    month: Month, archive: Archive, edition: Manifest, tmp_path: Path
) -> None:
    found = journal(archive, tmp_path, edition, "2030-11", {})
    (sent,) = (entry for entry in found if entry["kind"] == "transfer_out")
    debit, credit = sent["lines"]
    assert (debit["account"], credit["account"]) == ("deferred_revenue", "deferred_revenue")
    assert debit["amount"] == -credit["amount"] > 0
