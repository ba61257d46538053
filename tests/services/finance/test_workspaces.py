"""Workspaces: SQL over objects that are brought, with nothing fetched by the engine itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from scrip.domain.credits.errors import Unavailable
from scrip.services.finance import workspaces
from scrip.services.finance.workspaces import LINES, OutOfTime, Workspace, queries
from scrip.store.archive import Archive


def test_what_a_query_gives_is_written_and_read_again(archive: Archive, tmp_path: Path) -> None:
    with Workspace(archive, tmp_path) as space:
        rows = space.write(["SELECT unnest(range($n)) AS number"], space.file("x.parquet"), n=7)
        assert rows == 7
        archive.put("some/x.parquet", space.file("x.parquet"))
        paths = space.bring(["some/x.parquet"])
        assert space.one(["SELECT sum(number)::BIGINT FROM read_parquet($paths)"], paths=paths) == 21
        assert space.write(["SELECT 1 AS a WHERE false"], space.file("y.gz"), LINES) == 0
        assert space.one(["SELECT 1 WHERE false"]) is None


def test_an_object_is_brought_once_and_never_in_part(archive: Archive, tmp_path: Path) -> None:
    archive.put("some/x.jsonl.gz", b"1")
    with Workspace(archive, tmp_path) as space:
        (path,) = space.bring(["some/x.jsonl.gz"])
        assert path.endswith(".jsonl.gz")
        archive.delete(["some/x.jsonl.gz"])
        assert space.bring(["some/x.jsonl.gz"]) == [path]
        with pytest.raises(Unavailable):
            space.bring(["some/none.parquet"])
    with Workspace(archive, tmp_path) as space, pytest.raises(Unavailable):
        space.bring(["some/none.parquet"])


def test_what_takes_longer_than_it_may_is_interrupted_and_nothing_is_asked_after(
    archive: Archive, tmp_path: Path
) -> None:
    """A sum over ten thousand million rows would take a minute and more."""
    archive.put("some/x.gz", b"1")
    endless = ["SELECT sum(a.range * b.range) FROM range(100000) a, range($n) b"]
    with Workspace(archive, tmp_path, seconds=0.2) as space:
        with pytest.raises(OutOfTime):
            space.one(endless, n=100_000)
        for asked in (lambda: space.rows(["SELECT 1"]), lambda: space.bring(["some/x.gz"])):
            with pytest.raises(OutOfTime):
                asked()
    with Workspace(archive, tmp_path, seconds=0.2) as space:
        rows = space.each(["SELECT unnest(range(5000))"])
        next(rows)
        time.sleep(0.3)
        with pytest.raises(OutOfTime):
            list(rows)
    with Workspace(archive, tmp_path, seconds=60) as space:
        assert space.one(["SELECT 1"]) == 1
        with pytest.raises(duckdb.Error):
            space.one(["SELECT no_such_column"])


def test_objects_that_nobody_asked_for_lately_make_room(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room for 20 bytes: of four objects of 10 two go, and not the oldest, which was asked for once more."""
    monkeypatch.setattr(workspaces, "KEPT_BYTES", 20)
    with Workspace(archive, tmp_path) as space:
        for number in range(4):
            archive.put(f"some/{number}.gz", str(number).encode() * 10)
            (path,) = space.bring([f"some/{number}.gz"])
            os.utime(path, (number, number))
        space.bring(["some/0.gz"])
    with Workspace(archive, tmp_path):
        left = [path.read_text()[0] for path in (tmp_path / "objects").iterdir()]
    assert sorted(left) == ["0", "3"]


def test_a_database_is_opened_where_something_is_asked_and_is_closed_at_the_end(
    archive: Archive, tmp_path: Path
) -> None:
    with Workspace(archive, tmp_path) as idle:
        idle.bring([])
    assert "sql" not in vars(idle)
    with Workspace(archive, tmp_path) as space:
        assert space.one(["SELECT 1"]) == 1
    with pytest.raises(duckdb.ConnectionException):
        space.sql.execute("SELECT 1")


def test_processes_with_one_folder_leave_each_others_files_alone_and_those_of_the_dead_go(
    archive: Archive, tmp_path: Path
) -> None:
    """On one machine several processes run the function: one's end was the end of what another wrote."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    running, dead = (tmp_path / "spill" / str(pid) for pid in (os.getppid(), gone.pid))
    for path in (running, dead):
        path.mkdir(parents=True)
    with Workspace(archive, tmp_path) as space:
        mine = space.file("heads.tsv").parent
        assert mine not in (running, dead)
        assert (running.exists(), dead.exists(), mine.exists()) == (True, False, True)
    assert (running.exists(), mine.exists()) == (True, False)


def test_files_of_a_process_that_somebody_else_runs_stay(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who is not the process's own may not signal it: then it is there."""

    def refused(_process: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    others = tmp_path / "spill" / "1"
    others.mkdir(parents=True)
    with Workspace(archive, tmp_path):
        pass
    assert others.exists()


def test_an_object_that_another_process_deletes_while_room_is_made_is_none(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brings an object renames its file; two may delete the same one."""
    (tmp_path / "objects").mkdir()
    gone = tmp_path / "objects" / "x.gz"
    gone.symlink_to(tmp_path / "nothing")
    monkeypatch.setattr(workspaces, "KEPT_BYTES", 0)
    with Workspace(archive, tmp_path) as space:
        assert space.one(["SELECT 1"]) == 1


@pytest.mark.parametrize(
    "asked", ["SELECT * FROM 'https://example.com/x.parquet'", "INSTALL httpfs", "LOAD httpfs"]
)
def test_the_engine_fetches_nothing(archive: Archive, tmp_path: Path, asked: str) -> None:
    with Workspace(archive, tmp_path) as space, pytest.raises(duckdb.Error):
        space.rows([asked])


def test_every_query_has_a_name_of_its_own_and_statements(archive: Archive, tmp_path: Path) -> None:
    for name in ("editions", "books"):
        text = (Path(workspaces.__file__).parent / f"{name}.sql").read_text()
        found = queries(name)
        assert len(found) == text.count("-- name: ")
        assert all(found.values())
