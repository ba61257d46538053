"""Members of types that are kept as JSON, or that fingerprints are made of.

Owns how a member is added to such a type once rows and fingerprints of it are written: it is left out wherever it has
its default, so that these stay what they are. Does not own the types.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, field, fields
from functools import cache
from typing import Any

_ADDED = {"added": True}


def added(default: Any = None) -> Any:
    """Declares a member that its type did not have at first, as in ``label: str | None = members.added()``."""
    return field(default=default, metadata=_ADDED)


def of(one: Any) -> dict[str, Any]:
    """Returns the members of a dataclass's instance, in their order, without added ones that have their default."""
    found: dict[str, Any] = {}
    for name, default in _defaults(one.__class__):
        value = getattr(one, name)
        if default is MISSING or value != default:
            found[name] = value
    return found


@cache
def _defaults(cls: type) -> list[tuple[str, Any]]:
    """Returns each member's name, and the value with which it is left out (``MISSING``: it never is)."""
    found: tuple[Field[Any], ...] = fields(cls)
    return [(each.name, each.default if "added" in each.metadata else MISSING) for each in found]
