"""Stretches: what became of lots of packs, worked out from what was known of them and from postings that came after it.

A stretch of a lot goes from something that changed its basis to the next such thing. Does not own what of it is
breakage (``domain.finance.breakage``).
"""

from __future__ import annotations

from typing import Any, Final

from scrip.services.finance.workspaces import Workspace, filled, queries

SQL: Final = queries("stretches")


def load(space: Workspace, name: str, key: str | None) -> None:
    """Makes a table of what an object of the archive knows of lots; None: of nothing."""
    if key:
        space.run(filled(SQL["known"], {"name": name}), paths=space.bring([key]))
    else:
        space.run(filled(SQL["nothing"], {"name": name}))


def add(space: Workspace, name: str, known: str, lines: str, **values: Any) -> None:
    """Makes a table of lots after some lines of postings.

    Args:
        known: the table that has them before.
        lines: the text of a query in parentheses, or a table; ``values`` are those that it names.
    """
    space.run(filled(SQL["after"], {"name": name, "known": known, "lines": lines}), **values)
