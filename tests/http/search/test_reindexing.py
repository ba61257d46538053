"""The index made anew: entries that the reader of the stream never had are found, and it goes on from there."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.services.outbox import looks
from scrip.services.search import reindexing
from scrip.services.search.reindexing import Reindexed
from scrip.store import marks
from scrip.store.marks import Reading
from scrip.store.shards import LedgerStream
from simulation.stream import ARN, Stream
from tests.aws import Deployment
from tests.http.search.streaming import search

AT = 1_893_456_000_000
"""2030-01-01T00:00:00Z"""
A, B, C = (f"shardId-0000000{number}" for number in (1, 2, 3))
JOB = {"type": "job", "id": "j_1"}


class Scene:
    """A stream, of which nothing is delivered, and a clock."""

    def __init__(self) -> None:
        self.now = AT
        self.stream = Stream(lambda: self.now)
        self.ledger = LedgerStream(self.stream, ARN)

    def look(self) -> looks.Looked:
        self.now += 60_000
        return looks.look(runtime.tables(), self.ledger, lambda: self.now, lambda: True)

    def reindex(self, workers: int = 3) -> Reindexed:
        return reindexing.reindex(runtime.tables(), self.ledger, lambda: self.now, workers)


@pytest.fixture
def scene(scrip: Deployment) -> Scene:
    scrip.make_tables()
    return Scene()


def used(scrip: Deployment, account: str, count: int) -> None:
    """So many burns for the job, and a grant that is for nothing."""
    scrip.grant(account, "100")
    for _ in range(count):
        scrip.burn(account, "1", reference=JOB)


def test_entries_that_the_reader_never_had_are_found(
    scrip: Deployment, account: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three accounts with two burns each, in pages of two rows, in three parts; once more changes nothing."""
    monkeypatch.setattr("scrip.store.scan.ROWS_PAGE", 2)
    accounts = [f"{account}-{number}" for number in range(3)]
    for one in accounts:
        used(scrip, one, 2)
    assert search(scrip, reference="job:j_1")["items"] == []
    for _ in range(2):
        assert scene.reindex() == Reindexed(9, 6, AT)
        found = search(scrip, reference="job:j_1")
        assert sorted({one["account"] for one in found["items"]}) == accounts
        assert len(found["items"]) == 6
        assert found["complete_through"] == "2030-01-01T00:00:00.000Z"


def test_a_shard_that_was_lost_is_waited_for_no_more(scrip: Deployment, account: str, scene: Scene) -> None:
    """The reader stood still for a day: all stood still, until the ledger itself was read."""
    scene.look()
    scene.look()
    used(scrip, account, 1)
    scene.stream.wrote([("ledger", ("w#acme#credits", "k"), None, {})])
    scene.stream.split(A)
    scene.look()
    scene.stream.forget(A)
    stuck = scene.look()
    assert (stuck.lost, stuck.complete_through) == ([A], AT + 60_000)
    scene.now += 60_000
    done = scene.reindex()
    assert done == Reindexed(2, 1, scene.now)
    after = [scene.look(), scene.look(), scene.look()]
    assert [one.lost for one in after] == [[], [], []]
    assert set(marks.load(runtime.tables()).counted) == {B, C}
    assert after[-1].complete_through == done.complete_through + 120_000  # type: ignore[operator]


def test_what_is_unread_after_it_is_still_waited_for(scrip: Deployment, account: str, scene: Scene) -> None:
    """An entry that was committed while it ran, and that nobody brought yet."""
    used(scrip, account, 1)
    done = scene.reindex()
    scene.stream.wrote([("ledger", ("w#acme#credits", "k"), None, {})])
    for _ in range(3):
        assert scene.look().complete_through == done.complete_through == AT


def test_a_look_at_the_same_moment_is_taken_into_account(
    scrip: Deployment,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It writes which shards there are first: what is written then is made of that."""
    scene.look()
    save, calls = marks.save, list[Any]()

    def overtaken(tables: Any, reading: Reading) -> bool:
        calls.append(reading.rev)
        if len(calls) == 1:
            scene.stream.split(A)
            scene.look()
        return save(tables, reading)

    monkeypatch.setattr(marks, "save", overtaken)
    scene.reindex()
    assert len(calls) == 3
    reading = marks.load(runtime.tables())
    assert (set(reading.counted), set(reading.over)) == ({B, C}, {A})
