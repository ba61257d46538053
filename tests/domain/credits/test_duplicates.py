"""Members that come twice in one object of a JSON text are found by their paths, at any depth."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.duplicates import duplicates


def test_bytes_are_read_as_text_is() -> None:
    assert duplicates(b'{"a":{"b":1,"b":2},"a":3}') == ["a.b", "a"]
    assert duplicates(b"\xff") == []


def test_a_text_that_is_no_json_has_none_here() -> None:
    for text in ("", "{", '{"a":1,"a":', "[" * 100_000, "1" * 5000, '{"a":1,"a":2} x', "\ud800"):
        assert duplicates(text) == []


NAMES = st.sampled_from(["a", "b", "amount", "", "ä"])
JSON: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(value=JSON)
def test_whatever_a_library_writes_has_none(value: Any) -> None:
    assert duplicates(json.dumps(value)) == []


@settings(derandomize=True, deadline=None, max_examples=200)
@given(inside=JSON, around=st.lists(NAMES, max_size=4), name=NAMES)
def test_one_at_any_depth_is_found(inside: Any, around: list[str], name: str) -> None:
    text = f"{{{json.dumps(name)}: {json.dumps(inside)}, {json.dumps(name)}: 1}}"
    for outer in around:
        text = f"{{{json.dumps(outer)}: [{text}]}}"
    path = [part for outer in reversed(around) for part in (outer, "0")]
    assert duplicates(text) == [".".join([*path, name])]
