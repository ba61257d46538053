"""Batches: each entry of the stream is in an object of the day on which it was recorded, however often it comes."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from scrip import runtime
from scrip.services.finance import batches
from scrip.store import ledger
from scrip.store.archive import Archive
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment

COST = {"amount": 1000, "currency": "USD"}


@pytest.fixture
def empty(scrip: Deployment, archive: Archive) -> Deployment:
    scrip.make_tables()
    return scrip


def rows(archive: Archive) -> dict[str, list[Any]]:
    """What is in batches, by their days."""
    found: dict[str, list[Any]] = {}
    for key, _ in archive.listed("raw/"):
        text = gzip.decompress(archive.get(key) or b"").decode("utf-8", "surrogatepass")
        found.setdefault(key.split("/")[1], []).extend(map(json.loads, text.splitlines()))
    return found


def test_entries_lie_by_the_day_on_which_they_were_recorded(empty: Deployment, archive: Archive) -> None:
    empty.grant("a", "10", clock=NEW_YEAR)
    empty.burn("a", "4", clock="2030-01-01T23:59:59.999Z")
    empty.burn("a", "1", clock=NEXT_DAY)
    assert empty.read_archive() == 3
    found = rows(archive)
    assert {day: sorted(row["seq"] for row in several) for day, several in found.items()} == {
        "2030-01-01": [1, 2],
        "2030-01-02": [3],
    }


def test_a_batch_that_comes_again_is_the_same_object(empty: Deployment, archive: Archive) -> None:
    empty.grant("a", "10", clock=NEW_YEAR)
    empty.read_archive()
    before = [*archive.listed("raw/")]
    empty.read_archive()
    assert [*archive.listed("raw/")] == before
    ((key, _),) = before
    assert (archive.get(key) or b"")[4:8] == bytes(4), "no time is in it"


def test_texts_are_in_a_batch_as_they_are(empty: Deployment, archive: Archive) -> None:
    empty.grant("a", "10", clock=NEW_YEAR)
    empty.burn("a", "1", clock=NEW_YEAR, tags={"team": "süd"})
    empty.read_archive()
    ((key, _),) = archive.listed("raw/")
    assert "süd".encode() in gzip.decompress(archive.get(key) or b"")


def test_the_country_is_the_one_that_the_account_had_when_the_entry_was_recorded(
    empty: Deployment, archive: Archive
) -> None:
    """DE on the 1st, AT on the 2nd: 6 are burned, 5 of them free. Those need no country."""
    empty.put("/v1/accounts/a/profile", {"country": "DE"}, clock=NEW_YEAR)
    empty.grant("a", "10", clock=NEW_YEAR, kind="paid", cost_basis=COST)
    empty.grant("a", "5", clock=NEW_YEAR)
    empty.put("/v1/accounts/a/profile", {"country": "AT"}, clock=NEXT_DAY)
    empty.burn("a", "6", clock=NEXT_DAY)
    empty.read_archive()
    found = rows(archive)
    assert sorted((row["seq"], row["country"]) for row in found["2030-01-01"]) == [(1, "DE"), (2, None)]
    assert [(row["seq"], row["country"]) for row in found["2030-01-02"]] == [(3, "AT")]


def test_countries_of_an_account_are_read_once_for_all_of_a_batch(
    empty: Deployment, archive: Archive
) -> None:
    empty.grant("a", "10", kind="paid", cost_basis=COST)
    for _ in range(5):
        empty.burn("a", "1")
    entries = ledger.following(runtime.tables(), "a", "credits", (0, 1), 10)
    with empty.calls() as made:
        batches.keep(runtime.tables(), archive, entries)
    assert [call.name for call in made] == ["Query"]


def test_a_row_that_is_no_entry_keeps_none_from_the_archive(empty: Deployment, archive: Archive) -> None:
    empty.grant("a", "10", clock=NEW_YEAR)
    (row,) = empty.dynamodb.scan(TableName="ledger")["Items"]
    garbage: dict[str, Any] = {**row, "body": {"S": "{"}}
    records = [empty.added(one, number) for number, one in enumerate([garbage, dict(row), {}])]
    (entry,), others = batches.added(records)
    assert (entry.seq, others) == (1, [])


def test_a_record_that_cannot_be_read_holds_up_no_other_and_is_told(empty: Deployment) -> None:
    """It is evidence, as a row that was changed is: nobody knows what it stands for."""
    empty.grant("a", "10", clock=NEW_YEAR)
    (row,) = empty.dynamodb.scan(TableName="ledger")["Items"]
    good = empty.added(dict(row), 0)
    nameless = {name: value for name, value in good["dynamodb"].items() if name != "SequenceNumber"}
    odd = [
        None,
        7,
        {},
        {"eventName": "INSERT"},
        {**good, "dynamodb": nameless},
        {**good, "eventName": "MODIFY"},
    ]
    (entry,), others = batches.added([*odd, good])
    assert (entry.seq, others) == (1, odd)
