"""Rollups as they are stored: all of a write or nothing, and the hours of one number apart from those of another."""

from __future__ import annotations

from scrip.store import rollups
from scrip.store.tables import Tables


def test_hours_are_written_with_how_far_they_go_or_not_at_all(tables: Tables) -> None:
    before = rollups.head(tables, "acme", "u")
    first = rollups.save(tables, before, {"seq": 1}, 0, [(24, b"a"), (48, b"b")])
    assert first
    assert rollups.head(tables, "acme", "u") == first
    assert rollups.save(tables, before, {"seq": 2}, 0, [(24, b"c")]) is None
    assert list(rollups.hours(tables, "acme", "u", 0, 0, 100)) == [(24, b"a"), (48, b"b")]
    second = rollups.save(tables, first, {"seq": 2}, 0, [(24, b"c")])
    assert second
    assert list(rollups.hours(tables, "acme", "u", 0, 24, 47)) == [(24, b"c")]


def test_hours_before_1970_come_first(tables: Tables) -> None:
    rollups.save(tables, rollups.head(tables, "acme", "u"), {}, 0, [(5, b"b"), (-17_000_000, b"a")])
    assert [hour for hour, _ in rollups.hours(tables, "acme", "u", 0, -20_000_000, 10)] == [-17_000_000, 5]


def test_what_another_rollup_has_taken_the_place_of_is_deleted(tables: Tables) -> None:
    first = rollups.save(tables, rollups.head(tables, "acme", "u"), {}, 0, [(5, b"a")])
    assert first
    rollups.save(tables, first, {"number": 1}, 1, [(5, b"b")])
    rollups.forget(tables, "acme", "u", 0)
    assert list(rollups.hours(tables, "acme", "u", 0, 0, 10)) == []
    assert list(rollups.hours(tables, "acme", "u", 1, 0, 10)) == [(5, b"b")]
