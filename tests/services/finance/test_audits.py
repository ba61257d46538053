"""An auditor computes each wallet's chain of hashes from the archive's files alone, as docs/archive.md says."""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path

import duckdb

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.finance import editions
from scrip.store.archive import Archive
from tests.aws import NEW_YEAR, Deployment

SECOND = "2030-01-02T00:10:00.000Z"
HUGE = "9" * 21
SAID = {"note": 'a "quote",\n a tab\t, \\ and 🎉'}


def test_hashes_follow_from_the_files_alone(scrip: Deployment, archive: Archive, tmp_path: Path) -> None:
    scrip.make_tables()
    scrip.grant("a", HUGE, clock=NEW_YEAR)
    scrip.burn("a", "4", clock=NEW_YEAR, metadata=SAID)
    records = [["1", f"r-{number}"] for number in range(1000)]
    page = {"stream": "s", "first": 0, "records": records}
    assert scrip.post("/v1/accounts/a/burns/pages", page, clock=NEW_YEAR).status == 200
    scrip.grant("b", "3", clock=NEW_YEAR)
    made = editions.make(runtime.tables(), archive, tmp_path, instant(SECOND, "at"), 1000)
    for number, part in enumerate(made.manifest.of("entries")):
        archive.fetch(part.key, tmp_path / f"{number}.parquet")
    columns = "account, unit, id, kind, epoch_ms(held_at), seq, body, previous_hash, hash, records"
    files = str(tmp_path / "*.parquet")
    query = f"SELECT {columns} FROM read_parquet(?) ORDER BY account, unit, seq"  # noqa: S608
    rows = duckdb.execute(query, [files]).fetchall()
    heads: dict[tuple[str, str], bytes] = {}
    for account, unit, id_, kind, at, _, body, previous, hash_, packed in rows:
        said = json.loads(body) | {"account": account, "unit": unit, "id": id_, "kind": kind, "at": at}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert previous == heads.get((account, unit), bytes(32))
        assert hashlib.sha256(previous + text.encode()).digest() == hash_
        heads[account, unit] = hash_
        if packed:
            assert len(json.loads(zlib.decompress(packed, -15))) == 1000
    assert [(row[0], row[5]) for row in rows] == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
    assert sum(row[9] is not None for row in rows) == 1
