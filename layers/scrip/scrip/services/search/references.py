"""The step of the stream's reader by which entries are found by their reference. Does not own how one is searched."""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.entries import Entry
from scrip.store import references
from scrip.store.tables import Tables


def index(tables: Tables, entries: Sequence[Entry]) -> None:
    """Puts each entry that has a reference under it; entries that have none cost nothing.

    Raises:
        Throttled, Unavailable: not all of them could be put.
    """
    references.put_all(tables, entries)
