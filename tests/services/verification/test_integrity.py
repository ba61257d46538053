"""The function that the ledger's stream wakes where somebody wrote to it past Scrip: what a row was is kept, and the
log names it (law 4)."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.errors import Unavailable
from scrip.store.stream import LARGEST
from tests.aws import ROOT, Deployment, function
from tests.http.edge.test_fuzz import JSON, STEADY

Json = dict[str, Any]

REMOVED: Final[Json] = json.loads((ROOT / "events" / "stream.json").read_text())["Records"][0]
WAS: Final[Json] = REMOVED["dynamodb"]["OldImage"]


@pytest.fixture(autouse=True)
def _empty(scrip: Deployment) -> None:
    scrip.evidence()


def changed(**attributes: Any) -> Json:
    """A record of the same row, changed."""
    record = copy.deepcopy(REMOVED) | {"eventName": "MODIFY"}
    record["dynamodb"]["NewImage"] = WAS | attributes
    return record


def wake(*records: Any) -> None:
    function("archive").handler({"Records": list(records)}, None)


def lines(capfd: pytest.CaptureFixture[str]) -> list[Json]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_what_a_deleted_row_was_is_kept_word_for_word(
    scrip: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    wake(REMOVED)
    assert scrip.evidence() == [REMOVED]
    (line,) = lines(capfd)
    assert (line["level"], line["message"]) == ("ERROR", "the ledger was tampered with")
    assert (line["what"], line["account"], line["unit"]) == ("deleted", "acme", "credits")
    assert line["entry_id"] == "k.5jBunwZaXY-W.c5KlcUbeEJY2LZQqWWTe3Q"


def test_of_a_changed_row_the_log_says_which_of_its_attributes_are_others_and_not_what_was_in_them(
    scrip: Deployment, capfd: pytest.CaptureFixture[str]
) -> None:
    wake(changed(body={"S": "somebody's"}, more={"N": "1"}))
    (kept,) = scrip.evidence()
    assert kept["dynamodb"]["OldImage"] == WAS
    assert kept["dynamodb"]["NewImage"]["body"] == {"S": "somebody's"}
    out = capfd.readouterr().out
    assert json.loads(out)["what"] == "changed"
    assert json.loads(out)["members"] == ["body", "more"]
    assert "somebody's" not in out


def test_a_record_that_comes_again_is_kept_again(scrip: Deployment) -> None:
    """Whoever reads it tells two of one by their ``eventID``."""
    for _ in range(2):
        wake(REMOVED, changed(kind={"S": "burn"}))
    kept = scrip.evidence()
    assert len(kept) == 4
    assert {record["dynamodb"]["OldImage"]["tl"]["S"] for record in kept} == {WAS["tl"]["S"]}


def test_what_a_row_was_is_kept_whatever_was_put_in_its_place(scrip: Deployment) -> None:
    """400 KB beside a row of as many records as one may have; a queue's message takes both. Where it would not, the
    table has what is there now."""
    record = changed(body={"S": "x" * 390_000})
    record["dynamodb"]["OldImage"] = was = WAS | {"records": {"B": "x" * 400_000}}
    wake(record)
    record = changed(body={"S": "é" * 195_000})
    record["dynamodb"]["OldImage"] = was
    wake(record)
    kept = [one["dynamodb"] for one in scrip.evidence()]
    assert [one["OldImage"] for one in kept] == [was, was]
    assert [one["NewImage"] and one["NewImage"]["body"] for one in kept] == [{"S": "x" * 390_000}, None]


def test_a_row_that_was_too_large_is_named_all_the_same(scrip: Deployment) -> None:
    """390 KB of what JSON writes with six bytes each."""
    record = copy.deepcopy(REMOVED)
    record["dynamodb"]["OldImage"] = WAS | {"body": {"S": "é" * 195_000}}
    wake(record)
    (kept,) = scrip.evidence()
    assert kept["dynamodb"]["Keys"] == REMOVED["dynamodb"]["Keys"]
    assert kept["dynamodb"]["OldImage"] is None


def test_where_it_cannot_be_kept_the_records_come_again(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIP_EVIDENCE_QUEUE_URL", scrip.evidence_url + "-none")
    with pytest.raises(Unavailable):
        wake(REMOVED)


@settings(STEADY, max_examples=60)
@given(data=st.data())
def test_whatever_a_record_says_it_is_kept_and_the_next_one_too(
    scrip: Deployment, capfd: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    record = data.draw(JSON | st.just(changed(kind={"S": "x"})))
    if isinstance(record, dict) and "dynamodb" in record:
        record = copy.deepcopy(record)
        place = data.draw(st.sampled_from([*record, *record["dynamodb"]]))
        holder = record if place in record else record["dynamodb"]
        holder[place] = data.draw(JSON)
    capfd.readouterr()
    wake(record, REMOVED)
    assert len(lines(capfd)) == 2
    kept = scrip.evidence()
    assert len(kept) == 2
    assert REMOVED in kept
    assert len(json.dumps(record)) > LARGEST or record in kept
