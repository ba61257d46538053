"""Records of the ledger's stream: rows that were added; which row somebody changed or deleted, and a copy that can be
put back (law 4)."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.entries import Entry
from scrip.store import items, stream
from scrip.store.marks import StreamPosition
from scrip.store.stream import LARGEST, InsertedRow, TouchedRow, evidence, inserted, touched
from tests.aws import ROOT
from tests.domain.memory import vault

REMOVED: Final[dict[str, Any]] = json.loads((ROOT / "events" / "stream.json").read_text())["Records"][0]
WAS: Final[dict[str, Any]] = REMOVED["dynamodb"]["OldImage"]
ID: Final = "k.5jBunwZaXY-W.c5KlcUbeEJY2LZQqWWTe3Q"


def record(**images: Any) -> dict[str, Any]:
    """The sample, which tells of a deleted row, with other images: that of a changed row where it has a new one."""
    made = copy.deepcopy(REMOVED)
    made["dynamodb"].update(images)
    made["eventName"] = "MODIFY" if "NewImage" in images else "REMOVE"
    return made


def test_a_deleted_row_is_named_with_all_that_it_had() -> None:
    assert touched(REMOVED) == TouchedRow(
        "deleted", "acme", "credits", ID, ["body", "hash", "kind", "pk", "prev", "sk", "tl"]
    )


def test_of_a_changed_row_the_attributes_are_named_that_are_not_what_they_were() -> None:
    now = {**WAS, "body": {"S": "{}"}, "more": {"N": "1"}}
    del now["kind"]
    assert touched(record(NewImage=now)) == TouchedRow(
        "changed", "acme", "credits", ID, ["body", "kind", "more"]
    )


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "x",
        {},
        {"dynamodb": None},
        {"dynamodb": {"Keys": {}}},
        {**REMOVED, "eventName": "INSERT"},
        {**REMOVED, "eventName": None},
        {**REMOVED, "dynamodb": {"Keys": {"pk": {"S": "w#acme"}, "sk": {"S": "k"}}}},
        {**REMOVED, "dynamodb": {**REMOVED["dynamodb"], "OldImage": []}},
    ],
)
def test_a_record_that_cannot_be_read_names_nothing_and_is_no_error(said: Any) -> None:
    """It is kept as evidence all the same."""
    assert touched(said) == TouchedRow()
    assert json.loads(evidence(said)) == said


def test_evidence_is_the_record_word_for_word() -> None:
    assert json.loads(evidence(REMOVED)) == REMOVED


@pytest.mark.parametrize(("more", "left"), [(0, {"OldImage", "NewImage"}), (1, {"OldImage"})])
def test_a_record_may_be_as_large_as_that_to_the_byte(more: int, left: set[str]) -> None:
    empty = record(NewImage={"body": {"S": ""}})
    filled = record(NewImage={"body": {"S": "x" * (LARGEST - len(json.dumps(empty)) + more)}})
    kept = json.loads(evidence(filled))["dynamodb"]
    assert {name for name in ("OldImage", "NewImage") if kept[name] is not None} == left


@pytest.mark.parametrize(
    ("was", "now", "left"),
    [
        (10, 10, {"OldImage", "NewImage"}),
        (10, LARGEST, {"OldImage"}),
        (LARGEST, 10, set()),
        (LARGEST, LARGEST, set()),
    ],
)
def test_of_a_record_that_is_too_large_the_new_image_is_left_out_first(
    was: int, now: int, left: set[str]
) -> None:
    """The table has that one still. The row's key stays in any case."""
    large = record(OldImage={"body": {"S": "x" * was}}, NewImage={"body": {"S": "y" * now}})
    text = evidence(large)
    assert len(text) <= LARGEST
    kept = json.loads(text)["dynamodb"]
    assert {name for name in ("OldImage", "NewImage") if kept[name] is not None} == left
    assert kept["Keys"] == REMOVED["dynamodb"]["Keys"]


def test_of_what_is_too_large_even_then_the_size_is_told() -> None:
    large = {**REMOVED, "more": "x" * LARGEST}
    size = len(json.dumps({**large, "dynamodb": {**REMOVED["dynamodb"], "NewImage": None, "OldImage": None}}))
    assert json.loads(evidence(large)) == {"left_out": f"{size} bytes"}


def test_a_record_is_not_changed_by_what_is_left_out_of_its_copy() -> None:
    large = record(NewImage={"body": {"S": "x" * LARGEST}})
    before = copy.deepcopy(large)
    evidence(large)
    assert large == before


# Rows that were added


def added(entry: Entry) -> Any:
    """The record of a row as it is stored."""
    told = {
        "ApproximateCreationDateTime": 1795428000,
        "SequenceNumber": "4421584500000000017450439091",
        "NewImage": items.entry_item(entry),
    }
    return {"eventName": "INSERT", "dynamodb": told}


def test_a_row_that_was_added_is_its_entry_and_its_place_in_the_shard() -> None:
    made = vault("10")
    (entry,) = made.entries
    row = inserted(added(entry))
    assert row.position == StreamPosition("4421584500000000017450439091", 1795428000000)
    assert row.entry
    assert row.entry.canonical() == entry.canonical()
    assert row.entry.hash() == entry.hash()


def test_the_hash_before_an_entry_comes_as_bytes_or_as_lambda_writes_them() -> None:
    """The event of an entry shows both of its hashes: 32 bytes of 7 are 43 letters B and one H, in base64."""
    record = added(replace(*vault("10").entries, previous_hash=b"\x07" * 32))
    for said in (b"\x07" * 32, base64.b64encode(b"\x07" * 32).decode()):
        record["dynamodb"]["NewImage"]["prev"] = {"B": said}
        row = inserted(record)
        assert row.entry
        assert row.entry.previous_hash == b"\x07" * 32
    record["dynamodb"]["NewImage"]["prev"] = {"B": "no base64"}
    assert inserted(record).entry is None


@pytest.mark.parametrize("body", [None, {}, {"S": "{}"}, {"S": "x"}, {"N": "1"}])
def test_a_row_that_is_no_entry_has_its_place_alone(body: Any) -> None:
    """Somebody else put it; the verification finds it."""
    record = copy.deepcopy(REMOVED)
    record["dynamodb"]["NewImage"] = {"body": body}
    assert inserted(record) == InsertedRow(
        StreamPosition("4421584500000000017450439091", 1795428000000), None
    )


@pytest.mark.parametrize("kind", ["MODIFY", "REMOVE", None, "insert"])
def test_only_a_record_of_a_new_row_adds_one(kind: Any) -> None:
    record = added(*vault("10").entries)
    assert stream.added(record) == inserted(record)
    assert stream.added({**record, "eventName": kind}) is None


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"eventName": "INSERT"},
        {"eventName": "INSERT", "dynamodb": {}},
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "7", "ApproximateCreationDateTime": "x"}},
    ],
)
def test_a_record_that_cannot_be_read_adds_nothing(said: Any) -> None:
    assert stream.added(said) is None


@pytest.mark.parametrize(
    ("at", "ms"), [(1795428000, 1795428000000), (1.5, 1500), ("1795428000", 1795428000000)]
)
def test_a_record_says_when_it_was_made_in_seconds(at: Any, ms: int) -> None:
    record = added(*vault("10").entries)
    record["dynamodb"]["ApproximateCreationDateTime"] = at
    assert inserted(record).position.made_at == ms
