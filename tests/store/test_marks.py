"""How far the stream was read: marks move forward alone, and say no more than was seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.store import marks
from scrip.store.marks import SETTLED_MS, Mark, Reading, StreamPosition
from scrip.store.tables import Tables
from tests.domain.builders import steady

A, B = "shardId-a", "shardId-b"


def mark(tables: Tables, shard: str = A) -> Mark:
    return marks.load(tables).marks[shard]


def test_nothing_is_known_before_anything_was_read(tables: Tables) -> None:
    reading = marks.load(tables)
    assert reading == Reading()
    assert reading.complete_through is None


def test_a_record_that_was_read_says_that_all_before_its_second_was(tables: Tables) -> None:
    """The stream tells whole seconds: one made at 9.4 s and one at 9.6 s have the same, or the next."""
    assert marks.read_to(tables, A, StreamPosition("100", 9_000), 100_000) is True
    assert mark(tables) == Mark("100", 9_000)
    assert mark(tables).through == 8_000


def test_a_mark_does_not_go_back(tables: Tables) -> None:
    """A batch that comes again is older; 9 is less than 10, though not as a text."""
    marks.read_to(tables, A, StreamPosition("10", 9_000), 100_000)
    assert marks.read_to(tables, A, StreamPosition("9", 8_000), 100_000) is False
    assert marks.read_to(tables, A, StreamPosition("10", 9_000), 100_000) is False
    assert mark(tables) == Mark("10", 9_000)
    assert marks.read_to(tables, A, StreamPosition("11", 9_000), 100_000) is True


def test_one_look_that_finds_nothing_says_nothing_yet(tables: Tables) -> None:
    """What was committed a moment ago may not be in the stream yet."""
    assert marks.found_empty(tables, A, Mark(), 50_000) is True
    assert mark(tables) == Mark(looked_at=50_000)
    assert mark(tables).through is None


def test_a_second_look_later_says_that_nothing_was_before_the_first(tables: Tables) -> None:
    marks.found_empty(tables, A, Mark(), 50_000)
    assert marks.found_empty(tables, A, mark(tables), 50_000 + SETTLED_MS - 1) is False
    assert mark(tables).through is None
    assert marks.found_empty(tables, A, mark(tables), 50_000 + SETTLED_MS) is True
    assert mark(tables) == Mark(empty_at=50_000, looked_at=60_000)
    assert mark(tables).through == 50_000


def test_a_look_that_a_record_overtook_counts_for_nothing(tables: Tables) -> None:
    """It was at the mark of before: what it found empty is not so any more."""
    marks.read_to(tables, A, StreamPosition("10", 9_000), 100_000)
    before = mark(tables)
    marks.read_to(tables, A, StreamPosition("11", 12_000), 100_000)
    assert marks.found_empty(tables, A, before, 50_000) is False
    assert mark(tables) == Mark("11", 12_000)
    assert marks.found_empty(tables, A, Mark(), 50_000) is False


def test_a_record_after_a_look_takes_the_look_away(tables: Tables) -> None:
    """Else a look from before the record, and one after it, would count as two that found the same."""
    marks.found_empty(tables, A, Mark(), 50_000)
    marks.found_empty(tables, A, mark(tables), 70_000)
    marks.read_to(tables, A, StreamPosition("10", 71_000), 100_000)
    assert mark(tables) == Mark("10", 71_000, empty_at=50_000)
    marks.found_empty(tables, A, mark(tables), 80_000)
    assert mark(tables).through == 70_000


@pytest.mark.parametrize(
    ("counted", "through"),
    [
        ({}, None),
        ({A: None}, 8_000),
        ({A: None, B: 5_000}, 5_000),
        ({A: None, B: 20_000}, 8_000),
        ({A: 8_500}, 8_500),
        ({A: None, B: None}, None),
    ],
)
def test_all_is_read_up_to_the_shard_that_is_furthest_behind(
    tables: Tables, counted: dict[str, int | None], through: int | None
) -> None:
    """Of A a record of 9 s was read; of B nothing, which may begin where another one ended."""
    marks.read_to(tables, A, StreamPosition("10", 9_000), 100_000)
    assert marks.save(tables, Reading(counted=counted)) is True
    assert marks.load(tables).complete_through == through


def test_which_shards_there_are_is_written_by_one_look_at_a_time(tables: Tables) -> None:
    marks.save(tables, Reading(counted={A: None}))
    found = marks.load(tables)
    assert found == Reading({A: None}, frozenset(), {}, 1)
    assert marks.save(tables, Reading(counted={B: 7}, over=frozenset({A}), rev=1)) is True
    assert marks.save(tables, Reading(counted={A: 7}, rev=1)) is False
    assert marks.save(tables, Reading()) is False
    assert marks.load(tables) == Reading({B: 7}, frozenset({A}), {}, 2)


@pytest.mark.parametrize(("late", "moved"), [(marks.REMEMBERED_MS, True), (marks.REMEMBERED_MS + 1, False)])
def test_a_mark_that_stood_still_for_a_day_is_not_moved_by_what_came_then(
    tables: Tables, late: int, moved: bool
) -> None:
    """The stream keeps a record for a day: what was between the two may have been lost unread."""
    marks.read_to(tables, A, StreamPosition("10", 9_000), 9_500)
    assert marks.read_to(tables, A, StreamPosition("11", 9_000 + late), 9_000 + late) is moved
    assert mark(tables).number == ("11" if moved else "10")


def test_a_shard_that_looks_found_empty_meanwhile_has_lost_nothing(tables: Tables) -> None:
    """Its last record is two days old, and a minute ago nothing was behind it."""
    day = 24 * 3_600_000
    marks.read_to(tables, A, StreamPosition("10", 9_000), 9_500)
    for at in (2 * day - 120_000, 2 * day - 60_000):
        marks.found_empty(tables, A, mark(tables), at)
    assert marks.read_to(tables, A, StreamPosition("11", 2 * day), 2 * day) is True


def test_what_the_ledger_itself_was_read_for_lets_a_mark_move_again(tables: Tables) -> None:
    """It is never less than what was known."""
    day = 24 * 3_600_000
    marks.read_to(tables, A, StreamPosition("10", 9_000), 9_500)
    assert marks.is_read_until(tables, A, 2 * day) is True
    assert marks.is_read_until(tables, A, 2 * day - 1) is False
    assert mark(tables).through == 2 * day
    assert marks.read_to(tables, A, StreamPosition("11", 2 * day), 2 * day) is True


def test_a_mark_that_is_forgotten_is_no_more(tables: Tables) -> None:
    marks.read_to(tables, A, StreamPosition("10", 9_000), 100_000)
    marks.forget(tables, A)
    marks.forget(tables, B)
    assert marks.load(tables).marks == {}


@steady
@given(one=st.integers(0, 10**40), other=st.integers(0, 10**40))
def test_sequence_numbers_sort_as_numbers(one: int, other: int) -> None:
    assert (marks.placed(str(one)) < marks.placed(str(other))) == (one < other)
