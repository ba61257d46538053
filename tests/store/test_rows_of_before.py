"""What was stored before the packages moved (decision 27) is read, verified and continued by today's code.

data/before.json.gz is a recording (see ``recording``) made by the code of commit 0234e66: the rows of both tables after
a life with one of everything (see ``life``); what that code answered to reads and to the same requests again; what it
answered when life went on; and the rows that this left. Ids did not carry the wallet then.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import command_line
from tests.aws import Deployment
from tests.store import recording
from tests.store.afterwards import accounts
from tests.store.recording import Json, from_json, play, rows_of, tables_of

RECORDED: Final = Path(__file__).parent / "data" / "before.json.gz"


def as_decided_since(recorded: Json) -> Json:
    """Returns the recording with the one price that it puts beginning a minute after that (decision 35)."""
    for step in recorded["again"]:
        if step.get("http", {}).get("path") == "/v1/rates/calls":
            step["answer"] = json.loads(json.dumps(step["answer"]).replace("02:00:00.000Z", "02:01:00.000Z"))
    for row in recorded["left"]["wallets"]:
        if row["pk"]["S"] == "rate#calls":
            row["body"]["S"] = row["body"]["S"].replace("1896400800000", "1896400860000")
    return recorded


BEFORE: Final = as_decided_since(recording.read(RECORDED))
ROWS: Final[recording.Rows] = BEFORE["rows"]
LEFT: Final[recording.Rows] = BEFORE["left"]
WALLET: Final = re.compile(r"^(lot_|hold_|s\.).{12}[_.]")


@pytest.fixture(scope="module")
def alone() -> Iterator[Deployment]:
    """Deploys Scrip with no payment provider at hand: nothing here may need one."""
    from tests.aws import deployed

    with deployed() as made:
        yield made


def lacking(answer: Any, recorded: Any, where: str = "") -> Iterator[str]:
    """Tells what an answer lacks of a recorded one, or has otherwise. It may have more, and ids carry their wallet."""
    if isinstance(recorded, dict) and isinstance(answer, dict):
        for name, value in recorded.items():
            yield from lacking(answer.get(name), value, f"{where}.{name}")
    elif isinstance(recorded, list) and isinstance(answer, list) and len(recorded) == len(answer):
        for number, value in enumerate(recorded):
            yield from lacking(answer[number], value, f"{where}.{number}")
    elif answer != recorded and WALLET.sub(r"\1", str(answer)) != recorded:
        yield f"{where}: {answer!r} is not {recorded!r}"


def differing(scrip: Deployment, steps: list[Json]) -> list[str]:
    """Plays steps and tells which answers lack what was recorded."""
    told = []
    for step in steps:
        found = list(lacking(_booked(json.loads(json.dumps(play(scrip, step)))), step["answer"]))
        if found:
            told.append(f"{json.dumps(step)[:300]}: {found[:5]}")
    return told


def _booked(answer: Any) -> Any:
    """An answer without what is due and not booked, which lists did not show before."""
    if isinstance(answer, dict):
        return {name: _booked(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_booked(one) for one in answer if not (isinstance(one, dict) and one.get("hash", "") is None)]
    return answer


def is_read(step: Json) -> bool:
    return "http" in step and step["http"]["method"] == "GET"


def names_an_entry(step: Json) -> bool:
    """Whether a step names an entry of before: no path takes such an id any more."""
    return "/reversal" in step.get("http", {}).get("path", "")


def verify(scrip: Deployment, rows: recording.Rows, capsys: pytest.CaptureFixture[str]) -> Json:
    """The report of the verification of these rows, which finds nothing."""
    scrip.make_tables()
    scrip.cold()
    for table, found in rows.items():
        for start in range(0, len(found), 25):
            requests = [{"PutRequest": {"Item": from_json(row)}} for row in found[start : start + 25]]
            scrip.dynamodb.batch_write_item(RequestItems={table: requests})  # type: ignore[dict-item]
    capsys.readouterr()
    status = command_line.main(["verify", "--all"])
    report: Json = json.loads(capsys.readouterr().out)
    assert (status, report["findings"]) == (0, {"count": 0, "items": []})
    return report


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


def test_reads_are_answered_as_before(alone: Deployment) -> None:
    """Law 3 holds but for the keys of before: their entries are listed, and are no answers any more (decision 30).
    Orders have an end since: those that nobody paid within a day are over."""
    reads = [step for step in BEFORE["again"] if is_read(step)]
    assert len(reads) > 90
    with tables_of(alone, ROWS):
        told = [
            found for found in differing(alone, reads) if "status: 'expired' is not 'pending'" not in found
        ]
        assert told == []


def test_entries_of_before_do_not_say_when_they_were_recorded(alone: Deployment) -> None:
    """Law 4: nobody can say it any more, and their hashes are as they were."""
    with tables_of(alone, ROWS):
        for account, unit in accounts(ROWS["wallets"])[:3]:
            found = alone.get(f"/v1/accounts/{account}/entries", query={"unit": unit}).body["items"]
            booked = [one for one in found if one.get("booked", True)]
            assert booked
            assert {(one["recorded_at"], one["actor_name"]) for one in booked} == {(None, None)}


def test_life_goes_on_as_it_would_have(alone: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    """Lots, holds, allowances and payments of before are taken up, and all of it verifies. New rows say more."""
    told_again = [step for step in BEFORE["again"] if "queue" in step]
    later = [step for step in BEFORE["later"] if not names_an_entry(step)]
    with tables_of(alone, ROWS) as memory:
        statuses = [
            (step, answer["status"], step["answer"]["status"])
            for step in told_again + later
            if (answer := play(alone, step))
            and "http" in step
            and answer["status"] != step["answer"]["status"]
        ]
        rows = rows_of(memory)
    assert not statuses
    before = {(row["pk"]["S"], row["sk"]["S"]): row for row in ROWS["ledger"]}
    after = {(row["pk"]["S"], row["sk"]["S"]): row for row in rows["ledger"]}
    assert len(after) > len(before)
    assert {name: after[name] for name in before} == before
    new = [row["body"]["S"] for name, row in after.items() if name not in before]
    assert all('"lag":' in body for body in new), "what is written since says when it was recorded"
    assert verify(alone, rows, capsys)["entries"] == len(after)


@pytest.mark.parametrize("rows", [ROWS, LEFT], ids=["rows", "left"])
def test_verification_finds_nothing(
    alone: Deployment, capsys: pytest.CaptureFixture[str], rows: recording.Rows
) -> None:
    report = verify(alone, rows, capsys)
    assert report["wallets"] == len(accounts(rows["wallets"]))
    assert report["entries"] == len(rows["ledger"])
