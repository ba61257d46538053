"""Members of types that are kept as JSON, or that fingerprints are made of.

Owns how a member is added to such a type once rows and fingerprints of it are written: it is left out wherever it has
its default, so that these stay what they are. Does not own the types.
"""

from __future__ import annotations

from dataclasses import field, fields
from typing import Any

_ADDED = {"added": True}


def added(default: Any = None) -> Any:
    """Declares a member that its type did not have at first, as in ``label: str | None = members.added()``."""
    return field(default=default, metadata=_ADDED)


def of(one: Any) -> dict[str, Any]:
    """Returns the members of a dataclass's instance, in their order, without added ones that have their default."""
    found = {each: getattr(one, each.name) for each in fields(one)}
    return {
        each.name: value
        for each, value in found.items()
        if "added" not in each.metadata or value != each.default
    }
