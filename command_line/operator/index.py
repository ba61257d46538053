"""``scrip reindex``: makes the index of references anew from the ledger.

For entries that the stream's reader has lost, because it stood still for more than a day; and for tables that were
taken back from a backup.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import asdict
from typing import Final

from command_line.output import print_json
from scrip import runtime
from scrip.http.edge.parameters import format_instant
from scrip.services.search import reindexing

TOLD: Final = 100_000
"""Entries after which it is told how far it is."""


def reindex(workers: int) -> int:
    """Indexes all entries, and prints how many there were and up to when the search has them all."""
    done = reindexing.reindex(runtime.tables(), runtime.stream(), runtime.now, workers, _Counter())
    through = done.complete_through
    return print_json(
        {**asdict(done), "complete_through": None if through is None else format_instant(through)}
    )


class _Counter:
    """Prints how many entries were read, now and then, to the standard error."""

    def __init__(self) -> None:
        self._lock, self._read, self._told = threading.Lock(), 0, 0

    def __call__(self, count: int) -> None:
        """Adds so many, and prints the sum where it has grown by enough."""
        with self._lock:
            self._read += count
            if self._read - self._told >= TOLD:
                self._told = self._read
                print(f"{self._read} entries", file=sys.stderr)
