"""``scrip statement fetch``: a month with all of its pages, as one file that proves itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scrip.services.finance import statements
from tests.aws import Deployment
from tests.command_line.conftest import Line

END = "2030-02-01T00:00:00.000Z"


def test_all_pages_become_one_file_that_proves_itself(
    line: Line, url: str, scrip: Deployment, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        reference = {"type": "job", "id": f"j{number} ä €"}
        scrip.grant(account, "1.25", clock="2030-01-10T00:00:00.000Z", reference=reference)
    monkeypatch.setattr(statements, "MOST_BYTES", 1)  # so that each page has one entry
    file = tmp_path / "january.json"
    status, _, err = line.run(
        "--test-clock", END, "statement", "fetch", account, "2030-01", "--output", str(file)
    )
    assert (status, err) == (0, f"scrip: 2030-01 of {account}, 5 entries, final, is in {file}\n")
    said = json.loads(file.read_text(encoding="utf-8"))
    assert (said["entries_count"], len(said["entries"]), said["next_cursor"]) == (5, 5, None)
    told = line.json("statement", "verify", str(file), "--keys", url)
    assert (told["statements"][0]["findings"], told["statements"][0]["not_proven"]) == ([], [])


def test_it_is_printed_where_no_file_is_named(line: Line, scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1", clock="2030-01-10T00:00:00.000Z")
    status, out, _ = line.run(
        "--test-clock", END, "statement", "fetch", account, "2030-01", "--unit", "credits"
    )
    assert status == 0
    assert json.loads(out[out.index("{\n") :])["closing"]["total"] == "1"


def test_a_month_that_is_none_is_refused(line: Line, account: str) -> None:
    assert "must be a month such as 2026-11" in line.sentence(1, "statement", "fetch", account, "2030-13")
    assert line.sentence(2, "statement", "verify").startswith("Missing argument 'FILE...'")
