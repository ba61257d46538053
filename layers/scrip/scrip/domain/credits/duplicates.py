"""Finds members that come twice in one JSON object. JSON does not forbid them; which of the two counts is different in
every library, so that a body with two of one member says two things at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


class _Members(list[tuple[str, Any]]):
    """The members of one object in the order they came, repeated ones included."""


def duplicates(text: str | bytes) -> list[str]:
    """Returns the path of each member that comes more than once in its object, such as ``burns.3.amount``.

    Of a text that is no JSON it returns nothing: whoever parses it says what is wrong with it.
    """
    found = False

    def note(members: list[tuple[str, Any]]) -> None:
        nonlocal found
        if len(members) > 1 and len(dict.fromkeys(name for name, _ in members)) < len(members):
            found = True

    try:
        json.loads(text, object_pairs_hook=note)
        if not found:
            return []
        whole = json.loads(text, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return []
    return list(dict.fromkeys(_paths(whole, "")))


def _paths(value: Any, path: str) -> Iterator[str]:
    """Yields the paths of the members that come twice, those of inner objects too."""
    if isinstance(value, _Members):
        names: set[str] = set()
        for name, inner in value:
            if name in names:
                yield f"{path}{name}"
            names.add(name)
            yield from _paths(inner, f"{path}{name}.")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _paths(inner, f"{path}{number}.")
