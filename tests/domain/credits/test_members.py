"""Members that a type gets once it is stored: what was written before stays what it is."""

from __future__ import annotations

from dataclasses import dataclass

from scrip.domain.credits import members


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    meter: str | None = None
    label: str | None = members.added()


def test_an_added_member_is_left_out_where_it_has_its_default() -> None:
    assert members.of(Kept("a")) == {"name": "a", "meter": None}


def test_an_added_member_is_there_where_it_says_something() -> None:
    assert members.of(Kept("a", label="b")) == {"name": "a", "meter": None, "label": "b"}


def test_what_was_kept_before_a_member_was_added_is_read_with_its_default() -> None:
    assert Kept(name="a", meter=None) == Kept("a")
