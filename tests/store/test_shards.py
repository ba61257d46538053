"""Shards of the stream, and what they have behind a mark."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from scrip.store.shards import LedgerStream, StreamShard
from simulation.stream import ARN, Stream

FIRST = "shardId-00000001"


class Clock:
    """Milliseconds."""

    def __init__(self) -> None:
        self.now = 1_000_000


def written(stream: Stream, count: int = 1, *, changed: bool = False) -> None:
    for number in range(count):
        row = {"body": {"S": "{}"}}
        stream.wrote([("ledger", (f"w#a{number}#credits", "k.1"), row if changed else None, row)])


def last(stream: Stream, shard: str = FIRST) -> str:
    return str(stream.shards[shard].records[-1]["dynamodb"]["SequenceNumber"])


def test_all_shards_are_told_with_those_they_go_on_from() -> None:
    """Page by page: an answer has two."""
    stream = Stream(lambda: 0)
    stream.split(FIRST)
    stream.split("shardId-00000002")
    found = LedgerStream(stream, ARN).shards()
    assert found[:2] == [StreamShard(FIRST, None, True), StreamShard("shardId-00000002", FIRST, True)]
    assert [one.closed for one in found] == [True, True, False, False, False]
    assert [one.parent for one in found] == [None, FIRST, FIRST, "shardId-00000002", "shardId-00000002"]


def test_a_shard_has_something_until_all_of_it_is_read() -> None:
    stream = Stream(lambda: 0)
    ledger = LedgerStream(stream, ARN)
    assert ledger.behind(FIRST, "", trimmed=False) == "nothing"
    written(stream)
    assert ledger.behind(FIRST, "", trimmed=False) == "something"
    assert ledger.behind(FIRST, last(stream), trimmed=False) == "nothing"


def test_rows_that_were_changed_are_nothing_to_the_reader() -> None:
    stream = Stream(lambda: 0)
    written(stream, changed=True)
    assert LedgerStream(stream, ARN).behind(FIRST, "", trimmed=False) == "nothing"


def test_thousands_of_changed_rows_may_hide_an_entry() -> None:
    """Four answers of a thousand do not come to the end: nothing is said then."""
    stream = Stream(lambda: 0)
    written(stream, 4_001, changed=True)
    assert LedgerStream(stream, ARN).behind(FIRST, "", trimmed=False) == "something"


def test_a_closed_shard_ends() -> None:
    stream = Stream(lambda: 0)
    written(stream)
    stream.split(FIRST)
    ledger = LedgerStream(stream, ARN)
    assert ledger.behind(FIRST, "", trimmed=False) == "something"
    assert ledger.behind(FIRST, last(stream), trimmed=False) == "end"


def test_an_empty_answer_is_not_believed_at_once() -> None:
    """Three come, though there is something."""
    stream = Stream(lambda: 0, empty=lambda: True)
    written(stream)
    assert LedgerStream(stream, ARN).behind(FIRST, "", trimmed=False) == "something"


def test_a_record_that_is_not_seen_yet_is_not_there() -> None:
    """It was committed, and the stream is 500 ms late."""
    clock = Clock()
    stream = Stream(lambda: clock.now, lag=lambda: 500)
    written(stream)
    ledger = LedgerStream(stream, ARN)
    assert ledger.behind(FIRST, "", trimmed=False) == "nothing"
    clock.now += 500
    assert ledger.behind(FIRST, "", trimmed=False) == "something"


def test_of_a_record_that_the_stream_forgot_what_comes_after_it_counts() -> None:
    """After a day nothing of before is there; what was written since is. Only where it may be so is that believed."""
    stream = Stream(lambda: 0)
    written(stream, 2)
    forgotten = last(stream)
    stream.shards[FIRST].records.clear()
    stream.shards[FIRST].seen_at.clear()
    ledger = LedgerStream(stream, ARN)
    assert ledger.behind(FIRST, forgotten, trimmed=True) == "nothing"
    written(stream)
    assert ledger.behind(FIRST, forgotten, trimmed=True) == "something"
    with pytest.raises(ClientError, match="Trimmed"):
        ledger.behind(FIRST, forgotten, trimmed=False)
