"""events/schemas and the examples of events: they are what the catalogue declares, and describe what is published."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from openapi import events
from scrip.http.events.catalogue import TYPES
from tests.described import DescribedEvents

EXAMPLES = sorted(events.EXAMPLES.glob("scrip.*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_committed_schemas_are_those_that_are_declared() -> None:
    """Run `make openapi` after a change, and commit what it writes."""
    there = {path: path.read_text(encoding="utf-8") for path in events.FOLDER.iterdir()}
    assert there == events.schemas()


def test_each_type_has_one_schema_and_an_example() -> None:
    assert DescribedEvents.committed().types == set(TYPES)
    assert {path.stem for path in EXAMPLES} == set(TYPES)
    assert events.missing() == {}


def test_the_page_of_events_names_each_type() -> None:
    """But those that are on no bus, and the kinds of entries, which are one line."""
    page = (events.EXAMPLES.parent / "docs" / "events.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(scrip\.[a-z_.]+)`", page))
    there = {name for name, type_ in TYPES.items() if not type_.schema and "no bus" not in type_.said}
    assert there - named == set()
    assert {name for name in named if name.count(".") == 2} - set(TYPES) <= {"scrip.entry.burn"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_what_its_schema_describes_and_of_its_type(path: Path) -> None:
    event = read(path)
    DescribedEvents.committed().check(event)
    assert event["type"] == path.stem
    if path.stem.startswith("scrip.entry."):
        assert event["data"]["kind"] == path.stem.rpartition(".")[2]


@pytest.mark.parametrize("name", TYPES)
def test_an_example_that_is_made_is_described_too(name: str) -> None:
    """That of a type which has none yet."""
    DescribedEvents.committed().check(events.example(name))


@pytest.mark.parametrize("path", sorted(events.FOLDER.iterdir()), ids=lambda path: path.stem)
def test_a_schema_is_of_the_dialect_that_it_names_and_everything_in_it_has_a_meaning(path: Path) -> None:
    schema = read(path)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == path.name
    assert re.fullmatch(r"[A-Z].*\.", schema["description"])
    assert "components" not in path.read_text(encoding="utf-8")
    for name, part in schema["$defs"].items():
        assert part["description"], name
        assert all(member["description"] for member in part.get("properties", {}).values()), name


WRONG: list[tuple[str, Any]] = [
    ("specversion", "0.3"),
    ("id", "1"),
    ("source", "scrip"),
    ("type", "scrip.entry.lost"),
    ("subject", None),
    ("time", "2030-01-01T00:00:00Z"),
    ("datacontenttype", "text/plain"),
    ("data", {}),
    ("more", 1),
]


@pytest.mark.parametrize(("member", "value"), WRONG)
def test_what_is_not_as_its_schema_says_is_noticed(member: str, value: Any) -> None:
    event = read(events.EXAMPLES / "scrip.entry.burn.json")
    with pytest.raises(AssertionError):
        DescribedEvents.committed().check({**event, member: value})


@pytest.mark.parametrize("member", ["account", "unit", "seq", "entry_id", "hash"])
def test_so_is_data_without_a_member_or_with_another(member: str) -> None:
    event = read(events.EXAMPLES / "scrip.entry.burn.json")
    for data in ({**event["data"], "stranger": 1}, {k: v for k, v in event["data"].items() if k != member}):
        with pytest.raises(AssertionError):
            DescribedEvents.committed().check({**deepcopy(event), "data": data})
