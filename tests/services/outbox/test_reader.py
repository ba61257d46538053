"""A batch of the stream through every step: what is done, what comes again, and what is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Throttled
from scrip.services.outbox import reader
from scrip.store import items, marks
from scrip.store.marks import Mark, StreamPosition
from scrip.store.shards import LedgerStream
from scrip.store.tables import Tables
from simulation.stream import ARN, Stream
from tests.aws import Fault, InMemory
from tests.domain.memory import vault
from tests.store.stored import hearing

SHARD = "shardId-1"
NOW = 60_000


@pytest.fixture
def tables() -> Tables:
    return Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]


def batch(*numbers: int) -> list[Any]:
    """Records of entries: of each number one, made at so many seconds."""
    (entry,) = vault("10").entries
    row = items.entry_item(entry)
    return [
        {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": number, "NewImage": row}}
        for number in numbers
    ]


class Log:
    """What steps were given, and which failed."""

    def __init__(self) -> None:
        self.given: list[tuple[str, int]] = []
        self.failed: list[tuple[str, str]] = []

    def step(self, name: str, error: Exception | None = None) -> reader.Step:
        def act(_tables: Tables, entries: Sequence[Entry]) -> None:
            self.given.append((name, len(entries)))
            if error:
                raise error

        return act

    def tell(self, name: str, error: Exception) -> None:
        self.failed.append((name, type(error).__name__))


def test_every_step_is_given_the_entries_and_then_the_shard_is_marked(tables: Tables) -> None:
    log = Log()
    steps = {"one": log.step("one"), "other": log.step("other")}
    assert reader.read(tables, batch(5, 6), SHARD, NOW, log.tell, steps) is None
    assert log.given == [("one", 2), ("other", 2)]
    assert marks.load(tables).marks == {SHARD: Mark("6", 6_000)}


@pytest.mark.parametrize("error", [Throttled("busy"), KeyError("a defect")])
def test_a_step_that_fails_keeps_no_other_from_the_batch_which_comes_again(
    tables: Tables, error: Exception
) -> None:
    """From its first record on. Nothing is marked, so nothing is said to be complete that is not."""
    log = Log()
    steps = {"bad": log.step("bad", error), "good": log.step("good")}
    assert reader.read(tables, batch(5, 6), SHARD, NOW, log.tell, steps) == "5"
    assert log.given == [("bad", 2), ("good", 2)]
    assert log.failed == [("bad", type(error).__name__)]
    assert marks.load(tables).marks == {}


def test_a_mark_that_cannot_be_written_has_the_last_record_come_again(tables: Tables) -> None:
    """What the steps did is done: only the mark is missing."""
    log = Log()
    with hearing(tables, "before-call.dynamodb.UpdateItem", lambda **_: Fault.error("ThrottlingException")()):
        assert reader.read(tables, batch(5, 6), SHARD, NOW, log.tell, {}) == "6"
    assert log.failed == [("mark", "Throttled")]
    assert reader.read(tables, batch(6), SHARD, NOW, log.tell, {}) is None
    assert marks.load(tables).marks == {SHARD: Mark("6", 6_000)}


def test_records_of_no_shard_are_done_and_nothing_is_marked(tables: Tables) -> None:
    log = Log()
    assert reader.read(tables, batch(5), None, NOW, log.tell, {"one": log.step("one")}) is None
    assert log.given == [("one", 1)]
    assert marks.load(tables).marks == {}


def test_a_row_that_is_no_entry_is_told_of_and_holds_nothing_up(tables: Tables) -> None:
    """Somebody with rights of their own put it: if it came again and again, nothing after it would be found."""
    records = batch(5, 6)
    records[0]["dynamodb"]["NewImage"] = {"body": {"S": "forged"}}
    log = Log()
    assert reader.read(tables, records, SHARD, NOW, log.tell, {"one": log.step("one")}) is None
    assert log.given == [("one", 1)]
    assert log.failed == [("reading", "ValueError")]
    assert marks.load(tables).marks[SHARD].number == "6"


def test_the_end_of_a_window_without_records_changes_nothing(tables: Tables) -> None:
    log = Log()
    marks.read_to(tables, SHARD, StreamPosition("5", 5_000), NOW)
    assert reader.read(tables, [], SHARD, NOW, log.tell, {"one": log.step("one")}) is None
    assert log.given == []
    assert marks.load(tables).marks == {SHARD: Mark("5", 5_000)}


def test_an_event_that_names_no_shard_is_of_the_only_one_there_is() -> None:
    """A local AWS has one. Of two it may be either."""
    stream = Stream(lambda: 0)
    assert reader.only_shard(LedgerStream(stream, ARN)) == "shardId-00000001"
    stream.split("shardId-00000001")
    assert reader.only_shard(LedgerStream(stream, ARN)) is None
