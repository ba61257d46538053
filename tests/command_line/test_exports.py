"""``scrip export``: files are written, waited for, brought and checked; what is here already stays."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scrip import runtime
from scrip.domain.finance.exports import KEPT_MS
from scrip.store.archive import Archive
from tests.aws import Deployment
from tests.closing import closing
from tests.command_line.conftest import Line

CLOCK = ("--test-clock", "2030-02-01T00:20:00.000Z")
SPAN = ("--from", "2030-01-01T00:00:00Z", "--to", "2030-02-01T00:00:00Z")
COST = {"amount": 1000, "currency": "USD"}


@pytest.fixture(scope="module", autouse=True)
def _january(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with closing(deployment, tmp_path_factory.mktemp("exports")) as made:
        made.scrip.grant("ann", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
        made.scrip.burn("ann", "4", clock="2030-01-03T00:00:00.000Z")
        yield


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stands in for S3's door, which a signed address leads to: objects as files behind a server of this machine."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def link(archive: Archive, key: str, _seconds: int, _name: str) -> str:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(archive.get(key) or b"")
        return f"http://127.0.0.1:{server.server_address[1]}/{key}"

    monkeypatch.setattr(Archive, "link", link)
    yield folder
    server.shutdown()
    server.server_close()


def test_files_are_waited_for_and_brought(
    line: Line, bucket: Path, scrip: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = line.json(*CLOCK, "export", "start", "entries", *SPAN, "--format", "jsonl")
    assert (made["status"], made["kind"]) == ("queued", "entries")
    monkeypatch.setattr("command_line.exports.time.sleep", lambda _: scrip.work_reports())
    here = tmp_path / "somewhere" / "here"
    fetch = ("export", "fetch", made["export_id"], "--output", str(here))
    status, out, err = line.run(*fetch)
    (file,) = here.iterdir()
    assert (status, err) == (0, f"scrip: {file} is here\n")
    text = file.read_bytes()
    assert text.count(b"\n") == 2
    assert hashlib.sha256(text).hexdigest() in out
    assert [one["file"] for one in line.json(*fetch)["items"]] == [str(file)]
    # It is here already: nothing is brought.
    assert line.run(*fetch)[2] == ""
    shown = line.table("export", "show", made["export_id"])
    assert any(row.startswith("status") and row.endswith("done") for row in shown)
    assert "complete through  2030-02-01T00:00:00.000Z" in shown
    ends = line.json("export", "show", made["export_id"])["expires_at"]
    assert f"expires at        {ends}" in shown
    assert any(row.startswith(file.name) for row in shown)


def test_what_is_not_what_was_exported_is_not_kept(
    line: Line, bucket: Path, scrip: Deployment, tmp_path: Path
) -> None:
    """A file that was cut on its way here is brought again; one that was changed at its source is none."""
    started = line.json(*CLOCK, "export", "start", "lots", *SPAN, "--account", "ann")
    scrip.work_reports()
    here = tmp_path / "here"
    fetch = ("export", "fetch", started["export_id"], "--output", str(here))
    (shown,) = line.json("export", "show", started["export_id"])["files"]
    (source,) = bucket.rglob("lots-*")
    whole = source.read_bytes()
    source.write_bytes(whole[:-1] + b"!")
    assert "is not what was exported, by its SHA-256" in line.sentence(2, *fetch)
    assert [one.name for one in here.iterdir()] == [f"{shown['name']}.part"]
    source.write_bytes(whole)
    (here / shown["name"]).write_bytes(whole[:-1])
    assert line.run(*fetch)[0] == 0
    assert (here / shown["name"]).read_bytes() == whole


def test_files_that_are_gone_are_told_apart_from_those_that_are_deleted(
    line: Line, bucket: Path, scrip: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export's files are deleted some days after it; before that an address may lead elsewhere."""
    started = line.json(*CLOCK, "export", "start", "lots", *SPAN, "--account", "bob")["export_id"]
    scrip.work_reports()
    fetch = ("export", "fetch", started, "--output", str(tmp_path / "here"))
    (shown,) = line.json("export", "show", started)["files"]
    (source,) = bucket.rglob("lots-*")
    source.unlink()
    source.mkdir()
    said = line.sentence(2, *fetch)
    assert said.startswith(f"{shown['name']} cannot be brought now, give the command again: ")
    later = runtime.now() + KEPT_MS
    monkeypatch.setattr(runtime, "now", lambda: later)
    said = line.sentence(2, *fetch)
    assert said == f"the files of {started} are deleted: start the export again under another key"


def test_rows_of_focus_name_who_sells(line: Line) -> None:
    said = [f"{name}=Example" for name in ("provider", "publisher", "invoice_issuer", "service")]
    issuer = [part for one in said for part in ("--issuer", one)]
    assert line.json(*CLOCK, "export", "start", "focus", *SPAN, *issuer)["kind"] == "focus"
    assert "issuer: is needed with kind focus" in line.sentence(1, "export", "start", "focus", *SPAN)
    assert "there is no such export" in line.sentence(1, "export", "fetch", "exp_none")
