"""Exports: how one stands, and that it is read as it was written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.finance.exports import Export, ExportFile, ExportOrder, FocusNames

WEEK_MS = 7 * 86_400_000
ORDER = ExportOrder("focus", 0, WEEK_MS, "csv", "acme", FocusNames("A", "B", "C", "D"))
ASKED = Export("exp_1", ORDER, at=5, pinned=True)
DONE = replace(
    ASKED,
    edition=(3, "e" * 64),
    closes={"2026-11": 2},
    pieces=1,
    done=1,
    files=(ExportFile("exports/exp_1/focus-0001.csv", 10, "f" * 64, 2),),
    finished_at=1000,
)


@pytest.mark.parametrize(
    ("export", "now", "status"),
    [
        (ASKED, 10, "queued"),
        (replace(ASKED, edition=(3, "e" * 64)), 10, "running"),
        (DONE, 1000, "done"),
        (DONE, 1000 + WEEK_MS - 1, "done"),
        (DONE, 1000 + WEEK_MS, "expired"),
    ],
)
def test_files_are_there_for_seven_days(export: Export, now: int, status: str) -> None:
    assert export.status(now) == status


@pytest.mark.parametrize("export", [ASKED, DONE, replace(ASKED, order=replace(ORDER, issuer=None))])
def test_an_export_is_read_as_it_was_written(export: Export) -> None:
    assert Export.from_json(export.to_json()) == export
