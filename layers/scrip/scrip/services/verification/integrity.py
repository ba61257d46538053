"""Rows of the ledger that somebody changed or deleted (law 4): what they were is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrip.store import stream
from scrip.store.stream import TouchedRow


def keep(record: Any, leave: Callable[[str], None]) -> TouchedRow:
    """Gives ``leave`` what a record of the ledger's stream is evidence of, and says which row it is of. Once more where
    the record comes again: its ``eventID`` is the same.

    Raises:
        Whatever ``leave`` raises.
    """
    leave(stream.evidence(record))
    return stream.touched(record)
