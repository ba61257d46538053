"""What was stored before the packages moved (decision 27) is read, verified and continued by today's code.

data/before.json.gz is a recording (see ``recording``) made by the code of commit 0234e66: the rows of both tables after
a life with one of everything (see ``life``); what that code answered to reads and to the same requests again; what it
answered when life went on; and the rows that this left.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from scrip import cli
from tests.aws import Deployment
from tests.store import recording
from tests.store.afterwards import accounts
from tests.store.recording import Json, from_json, play, rows_of, tables_of

BEFORE: Final = recording.read(Path(__file__).parent / "data" / "before.json.gz")
ROWS: Final[recording.Rows] = BEFORE["rows"]
LEFT: Final[recording.Rows] = BEFORE["left"]


@pytest.fixture(scope="module")
def alone() -> Iterator[Deployment]:
    """Deploys Scrip with no payment provider at hand: nothing here may need one."""
    from tests.aws import deployed

    with deployed() as made:
        yield made


def differing(scrip: Deployment, steps: list[Json]) -> list[str]:
    """Plays steps and tells which answers are others than those recorded."""
    told = []
    for step in steps:
        answer = json.loads(json.dumps(play(scrip, step)))
        if answer != step["answer"]:
            told.append(f"{json.dumps(step)[:500]}: {answer}")
    return told


def test_the_recording_has_one_of_everything() -> None:
    kinds = Counter(row["kind"]["S"] for row in LEFT["ledger"])
    assert len(kinds) == 20, "every kind of entry"
    stored = {(row["pk"]["S"].partition("#")[0], row["sk"]["S"].partition("#")[0]) for row in ROWS["wallets"]}
    wallet = {"wallet", "page", "due", "rest", "note", "terms", "hold", "allowance", "reversed", "carry"}
    heads = {"unit", "pack", "rate", "key", "topup", "session", "subscription", "payment", "refund", "source"}
    heads |= {"reconciliation", "verification"}
    promotion = {"head", "count", "claim"}
    assert stored >= {("w", kind) for kind in wallet} | {(kind, "head") for kind in heads}
    assert stored >= {("promo", kind) for kind in promotion}


def test_reads_and_requests_under_the_same_keys_are_answered_as_before(alone: Deployment) -> None:
    """Law 3: a request is known again by its fingerprint."""
    assert sum(step["answer"]["replayed"] for step in BEFORE["again"] if "http" in step) > 90
    with tables_of(alone, ROWS):
        assert differing(alone, BEFORE["again"]) == []


def test_life_goes_on_as_it_would_have_and_leaves_the_same_rows(alone: Deployment) -> None:
    with tables_of(alone, ROWS) as memory:
        assert differing(alone, BEFORE["again"] + BEFORE["later"]) == []
        assert rows_of(memory) == LEFT


@pytest.mark.parametrize("rows", [ROWS, LEFT], ids=["rows", "left"])
def test_verification_finds_nothing(
    alone: Deployment, capsys: pytest.CaptureFixture[str], rows: recording.Rows
) -> None:
    alone.make_tables()
    alone.cold()
    for table, found in rows.items():
        for start in range(0, len(found), 25):
            requests = [{"PutRequest": {"Item": from_json(row)}} for row in found[start : start + 25]]
            alone.dynamodb.batch_write_item(RequestItems={table: requests})  # type: ignore[dict-item]
    capsys.readouterr()
    status = cli.main(["verify", "--all"])
    report = json.loads(capsys.readouterr().out)
    assert (status, report["findings"]) == (0, {"count": 0, "items": []})
    assert report["wallets"] == len(accounts(rows["wallets"]))
    assert report["entries"] == len(rows["ledger"])
