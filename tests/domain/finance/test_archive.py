"""What the archive keeps of an entry: enough to compute its hash anew, what it posts, what it says of lots."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.domain.finance.archive import MEMBERS, archived, booked, intact
from scrip.store import ledger
from tests.aws import Deployment
from tests.month import Month, through


@pytest.fixture(scope="module")
def entries(deployment: Deployment) -> list[Entry]:
    """All of the worked month."""
    deployment.fresh()
    deployment.make_tables()
    month = Month("m-")
    month.play(through(deployment))
    return [
        entry
        for account in month.wallets()
        for entry in ledger.following(runtime.tables(), account, month.unit, (0, 1), 1000)
    ]


def test_a_row_has_exactly_the_members_that_their_types_say(entries: list[Entry]) -> None:
    assert len(entries) > 50
    for entry in entries:
        assert list(archived(entry, None)) == list(MEMBERS)


def test_the_hash_follows_from_what_is_kept_as_from_the_entry_itself(entries: list[Entry]) -> None:
    """SHA-256 of the hash before and the canonical JSON, with what names the entry put back: by json alone."""
    for entry in entries:
        row = archived(entry, None)
        whole = {**json.loads(row["body"]), "account": row["account"], "unit": row["unit"], "id": row["id"]}
        whole |= {"kind": row["kind"], "at": row["held_at"]}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(bytes.fromhex(row["previous_hash"]) + text.encode("utf-8", "surrogatepass"))
        assert digest.hexdigest() == row["hash"], whole


def test_postings_and_lots_are_those_of_the_entry(entries: list[Entry]) -> None:
    """Each with its number; one that moved no money has a line of nothing, so that its credits are counted."""
    lots = 0
    for entry in entries:
        row = archived(entry, "DE")
        made = booked(entry)
        assert made is not None
        assert row["country"] == "DE"
        assert [one["number"] for one in row["postings"]] == [*range(len(made))]
        for one, posting in zip(row["postings"], made, strict=True):
            assert sum(line["amount"] for line in one["lines"]) == 0
            assert one["credits"] == str(posting.credits)
            assert len(one["lines"]) == max(1, len(posting.lines))
        lots += len(row["lots"])
    assert lots == 14


def test_an_entry_that_cannot_be_booked_is_kept_all_the_same(entries: list[Entry]) -> None:
    """It says that it made a lot at a cost, and not of how many credits."""
    bought = next(one for one in entries if "cost" in (one.extra.get("lot") or {}))
    facts: dict[str, Any] = {name: fact for name, fact in bought.extra["lot"].items() if name != "granted"}
    broken = replace(bought, extra={**bought.extra, "lot": facts})
    assert archived(broken, None)["postings"] is None


def test_an_entry_that_does_not_say_how_much_it_gave_away_is_kept_all_the_same(entries: list[Entry]) -> None:
    free = next(one for one in entries if one.kind == "grant" and "cost" not in one.extra["lot"])
    assert [one["credits"] for one in archived(free, None)["gifts"]] == [str(-free.amount)]
    facts = {name: fact for name, fact in free.extra["lot"].items() if name != "granted"}
    assert archived(replace(free, extra={**free.extra, "lot": facts}), None)["gifts"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "1"},
        {"previous_hash": "00" * 32},
        {"previous_hash": "no digits"},
        {"previous_hash": None},
        {"body": "{"},
        {"body": "[]"},
        {"records": "AAAA"},
        {"records": "no base 64"},
        {"account": None},
        {"lots": []},
        {"postings": None},
    ],
    ids=str,
)
def test_a_row_of_which_a_member_was_changed_is_not_intact(
    entries: list[Entry], change: dict[str, Any]
) -> None:
    """Law 4. It is an answer, not an error, whatever the member is by now."""
    rows = (archived(entry, "DE") for entry in entries)
    row = next(one for one in rows if one["lots"] and one["postings"] and one["seq"] > 1)
    assert intact(row)
    assert not intact({**row, **change})
    assert not intact({name: fact for name, fact in row.items() if name not in change})
