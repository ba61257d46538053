"""Heads that a close froze: how far one wallet had come, among others whose names begin or end alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scrip.domain.credits.errors import Unavailable
from scrip.services.finance import frozen_heads
from scrip.services.finance.manifests import Manifest, Summary
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive

WALLETS = {("ann", "u"): 7, ("ann", "u2"): 123, ("anna", "u"): 10**12, ("xann", "u"): 1}


def frozen(archive: Archive, folder: Path, wallets: Mapping[tuple[str, str], int]) -> str:
    """Writes the heads of edition 3, and what a close freezes of them."""
    with Workspace(archive, folder) as space:
        path = space.file("heads.parquet")
        rows = [[account, unit, str(seq)] for (account, unit), seq in wallets.items()]
        query = "SELECT row[1] AS account, row[2] AS unit, row[3]::BIGINT AS seq FROM (SELECT unnest($rows) AS row)"
        space.run([f"CREATE TABLE made AS {query}"], rows=rows)
        space.write(["FROM made"], path)
        archive.put("heads/000000003.parquet", path)
        last = Summary(3, "heads/000000003.parquet", "", 0, "", "")
        return frozen_heads.write(space, archive, Manifest(edition=3, summaries=(last,)))


def test_each_wallet_is_found_by_its_whole_name(archive: Archive, tmp_path: Path) -> None:
    told = frozen(archive, tmp_path, WALLETS)
    for (account, unit), seq in WALLETS.items():
        assert frozen_heads.sequence(archive, 3, told, account, unit) == seq
    for account, unit in (("nn", "u"), ("ann", ""), ("an", "nu"), ("ann", "u3"), ("", "")):
        assert frozen_heads.sequence(archive, 3, told, account, unit) == 0


def test_written_again_they_are_the_same_bytes(archive: Archive, tmp_path: Path) -> None:
    """A close that was killed writes them once more: what others have noted of them stays right."""
    assert frozen(archive, tmp_path, WALLETS) == frozen(archive, tmp_path, dict(reversed(WALLETS.items())))
    text = archive.get("periods/heads/000000003.tsv.gz") or b""
    assert text[4:8] == bytes(4), "no time is in them"


def test_an_edition_of_nothing_has_no_wallet(archive: Archive, tmp_path: Path) -> None:
    with Workspace(archive, tmp_path) as space:
        told = frozen_heads.write(space, archive, Manifest())
    assert frozen_heads.sequence(archive, 0, told, "ann", "u") == 0


def test_what_is_not_as_it_was_written_is_no_proof(archive: Archive, tmp_path: Path) -> None:
    told = frozen(archive, tmp_path, WALLETS)
    for edition, sha256 in ((3, "0" * 64), (4, told)):
        with pytest.raises(Unavailable, match=f"the heads of edition {edition} "):
            frozen_heads.sequence(archive, edition, sha256, "ann", "u")
