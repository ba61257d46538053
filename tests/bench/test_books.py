"""Reports that the benchmark measures: each can be asked of an archive that was made up."""

from __future__ import annotations

from pathlib import Path

from bench.archives import FolderClient, generate
from bench.books import REPORTS, _asking


def test_every_report_can_be_asked_of_an_archive_that_was_made_up(tmp_path: Path) -> None:
    """Six wallets have 100 entries in 31 days, so 6 each in the first two, in which nothing ends unspent."""
    *_, manifest = generate(tmp_path / "archive", 6, 2)
    assert sum(part.rows for part in manifest.of("entries")) == 36
    empty = []
    for report, ask in REPORTS.items():
        with _asking(tmp_path / "work", FolderClient(tmp_path / "archive"), manifest) as books:
            if not ask(books):
                empty.append(report)
    assert empty == ["breakage"]
