"""Looks at the shards of the stream: when marks move though nothing comes, and when they must not."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.services.outbox import looks
from scrip.services.outbox.looks import Looked
from scrip.store import marks
from scrip.store.marks import StreamPosition
from scrip.store.shards import LedgerStream
from scrip.store.tables import Tables
from simulation.stream import ARN, Stream
from tests.aws import WRITES, InMemory

BEGIN = 1_000_000_000
MINUTE = 60_000
A, B, C = (f"shardId-0000000{number}" for number in (1, 2, 3))


class Scene:
    """A stream, its reader's table, and a clock."""

    def __init__(self, shards: int = 1, lag: int = 0) -> None:
        self.now = BEGIN
        self.stream = Stream(lambda: self.now, lambda: lag, shards=shards)
        self.tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]

    def write(self, account: str = "acme") -> None:
        row = {"body": {"S": "{}"}}
        self.stream.wrote([("ledger", (f"w#{account}#credits", "k.1"), None, row)])

    def read(self, shard: str) -> None:
        """The reader takes all that the shard has."""
        told = self.stream.shards[shard].records[-1]["dynamodb"]
        position = StreamPosition(told["SequenceNumber"], told["ApproximateCreationDateTime"] * 1000)
        marks.read_to(self.tables, shard, position, self.now)

    def look(self, after: int = MINUTE, *, time_left: bool = True) -> Looked:
        self.now += after
        return looks.look(self.tables, LedgerStream(self.stream, ARN), lambda: self.now, lambda: time_left)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_where_nothing_comes_all_is_read_up_to_the_look_before_this_one(scene: Scene) -> None:
    assert scene.look(0) == Looked(1, 0, [], None)
    assert scene.look().complete_through == BEGIN
    assert scene.look().complete_through == BEGIN + MINUTE


@pytest.mark.parametrize("splits", [0, 1, 2])
def test_a_look_that_finds_nothing_new_writes_nothing_but_the_shards_marks(scene: Scene, splits: int) -> None:
    """Also of shards that go on from others, which are over and still there."""
    scene.look(0)
    for shard in (A, B)[:splits]:
        scene.look()
        scene.stream.split(shard)
        scene.look()
        scene.look()
    written, asked = list[str](), list[str]()
    iterator = scene.stream.get_shard_iterator

    def hearing(**request: Any) -> Any:
        asked.append(request["ShardId"])
        return iterator(**request)

    scene.stream.get_shard_iterator = hearing  # type: ignore[method-assign]
    events = scene.tables.client.meta.events
    events.register("before-parameter-build.dynamodb", lambda model, **_: written.append(model.name))
    scene.look()
    assert [name for name in written if name in WRITES] == ["UpdateItem"] * (1 + splits)
    assert len({*asked}) == 1 + splits, "of what is over nothing is asked"


def test_where_the_reader_stands_still_so_does_what_is_complete(scene: Scene) -> None:
    """The entry is committed after the second look, and not read: five minutes later no more is said than then."""
    scene.look(0)
    scene.look()
    scene.write()
    found = [scene.look() for _ in range(5)]
    assert [one.complete_through for one in found] == [BEGIN] * 5
    assert [one.behind for one in found] == [1] * 5
    scene.read(A)
    assert marks.load(scene.tables).complete_through == BEGIN + MINUTE - 1000
    scene.look()
    assert scene.look().complete_through == BEGIN + 7 * MINUTE


def test_what_the_stream_does_not_show_yet_is_not_taken_for_nothing() -> None:
    """It shows a commit 5 s later. The first look after it finds nothing, and the next one finds it."""
    scene = Scene(lag=5_000)
    scene.look(0)
    scene.look()
    scene.write()
    assert scene.look(1_000).complete_through == BEGIN
    assert scene.look().complete_through == BEGIN


def test_a_shard_that_was_never_read_nor_looked_at_holds_all_up() -> None:
    """The reader has read the one, and of the other nothing is known."""
    scene = Scene(shards=2)
    scene.write("a")
    (shard,) = [one.id for one in scene.stream.shards.values() if one.records]
    scene.read(shard)
    assert marks.load(scene.tables).complete_through is None
    assert scene.look(time_left=False).complete_through is None


def test_a_look_without_time_asks_for_no_shard(scene: Scene) -> None:
    """It says how many there are."""
    for _ in range(3):
        assert scene.look(time_left=False) == Looked(1, 0, [], None)


def test_shards_may_be_listed_in_any_order(scene: Scene) -> None:
    """A shard's shard comes before it, and is known to begin where that one began."""
    scene.look(0)
    scene.look()
    for shard in (A, B):
        scene.stream.split(shard)
    shards = [*scene.stream.shards.items()]
    scene.stream.shards.clear()
    scene.stream.shards.update(reversed(shards))
    scene.look()
    assert {*marks.load(scene.tables).counted.values()} == {BEGIN}


@pytest.mark.parametrize(("late", "lost"), [(-1, []), (0, [A])])
def test_a_shard_is_lost_once_it_was_not_read_for_as_long_as_the_stream_remembers(
    scene: Scene, late: int, lost: list[str]
) -> None:
    """A day less five minutes. All was read up to the first look."""
    scene.look(0)
    assert scene.look().complete_through == BEGIN
    assert scene.look(marks.REMEMBERED_MS - MINUTE + late).lost == lost


def test_of_a_shard_that_is_new_no_more_is_known_than_of_the_one_that_it_goes_on_from(scene: Scene) -> None:
    """It was split right after the second look, and nobody looked for a day."""
    scene.look(0)
    scene.look()
    scene.stream.split(A)
    assert scene.look(marks.REMEMBERED_MS).lost == [A, B, C]


def test_of_a_new_shard_that_nobody_looked_into_for_a_day_what_is_read_then_proves_nothing(
    scene: Scene,
) -> None:
    """It was split, and the look that found its shards had no time for them. What came first may be forgotten."""
    scene.look(0)
    scene.look()
    scene.stream.split(A)
    scene.look(time_left=False)
    scene.now += marks.REMEMBERED_MS
    for number in range(40):
        scene.write(f"a{number}")
    for shard in (B, C):
        scene.read(shard)
    assert scene.look().complete_through == BEGIN
    assert {mark.number for mark in marks.load(scene.tables).marks.values()} == {""}


def test_the_shard_that_is_furthest_behind_counts() -> None:
    scene = Scene(shards=2)
    scene.look(0)
    scene.look()
    for number in range(40):
        scene.write(f"a{number}")
    scene.read(A)
    assert scene.stream.shards[B].records
    assert scene.look().complete_through == BEGIN


def test_a_split_shard_goes_on_in_two_and_neither_is_forgotten(scene: Scene) -> None:
    """What was read of it holds for both; what comes then is in one of them, and is waited for."""
    scene.look(0)
    scene.look()
    scene.stream.split(A)
    for number in range(40):
        scene.write(f"a{number}")
    scene.look()
    reading = marks.load(scene.tables)
    assert dict(reading.counted) == {B: BEGIN, C: BEGIN}
    assert reading.over == {A}
    assert reading.complete_through == BEGIN
    scene.read(B)
    assert scene.look().complete_through == BEGIN
    scene.read(C)
    assert marks.load(scene.tables).complete_through == BEGIN + MINUTE - 1000


def test_a_shard_that_is_split_twice_between_two_looks_takes_nothing_back(scene: Scene) -> None:
    """Law 4: what was complete stays so. The shards' shards begin where the first one ended, too."""
    scene.look(0)
    scene.look()
    scene.write()
    before = scene.look().complete_through
    scene.stream.split(A)
    scene.stream.split(B)
    assert len(scene.stream.shards) == 5
    assert before is not None
    assert (scene.look().complete_through or 0) >= before


def test_a_split_shard_counts_until_it_was_read_to_its_end(scene: Scene) -> None:
    """Of its children nothing can be said before."""
    scene.look(0)
    scene.look()
    scene.write()
    scene.stream.split(A)
    for _ in range(3):
        assert scene.look().complete_through == BEGIN
    scene.read(A)
    scene.look()
    scene.look()
    assert dict(marks.load(scene.tables).counted).keys() == {B, C}
    assert scene.look().complete_through == BEGIN + 6 * MINUTE


def test_a_shard_that_is_over_is_forgotten_with_its_mark_when_the_stream_forgets_it(scene: Scene) -> None:
    scene.write()
    scene.read(A)
    scene.look(0)
    scene.stream.split(A)
    scene.look()
    assert marks.load(scene.tables).over == {A}
    scene.stream.forget(A)
    scene.look()
    reading = marks.load(scene.tables)
    assert reading.over == frozenset()
    assert set(reading.marks) == {B, C}


def test_a_shard_that_the_stream_forgot_unread_is_told_and_holds_all_up(scene: Scene) -> None:
    """The reader stood still for a day: entries are lost to the search, and nobody says otherwise."""
    scene.look(0)
    scene.look()
    scene.write()
    scene.stream.split(A)
    scene.look()
    scene.stream.forget(A)
    found = [scene.look() for _ in range(3)]
    assert [one.lost for one in found] == [[A]] * 3
    assert [one.complete_through for one in found] == [BEGIN] * 3


def test_a_shard_of_which_a_day_is_not_known_is_told_and_holds_all_up(scene: Scene) -> None:
    """It is empty now. Whether it was all the time, nobody can say."""
    scene.look(0)
    scene.look()
    scene.write()
    found = scene.look(24 * 60 * MINUTE)
    assert (found.lost, found.complete_through) == ([A], BEGIN)
    found = scene.look()
    assert (found.lost, found.complete_through) == ([A], BEGIN)


def test_a_mark_that_the_stream_has_forgotten_is_no_error_within_a_day(scene: Scene) -> None:
    """The shard was read and found empty since; its last record is a day old."""
    scene.write()
    scene.read(A)
    scene.look(0)
    scene.look()
    scene.stream.shards[A].records.clear()
    scene.stream.shards[A].seen_at.clear()
    scene.look()
    assert scene.look().complete_through == BEGIN + 2 * MINUTE


def test_two_looks_at_once_come_to_one(scene: Scene) -> None:
    """The schedule came twice: the second is too soon to confirm the first."""
    scene.look(0)
    assert scene.look(0).complete_through is None
    assert scene.look(1_000).complete_through is None
    assert scene.look().complete_through == BEGIN
