"""Changes that mean nothing, each with its reason: they are not chosen."""

from __future__ import annotations

from typing import Final

from mutation.changes import Change

ACCEPTED: Final[dict[str, str]] = {}
"""By the change as ``Change.shown`` says it, without its line."""


def reason(change: Change, source: bytes) -> str | None:
    """Returns why a change means nothing; None where it means something."""
    path, _, rest = change.shown(source).split(":", 2)
    return ACCEPTED.get(f"{path}:{rest}")
