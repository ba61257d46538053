"""Takes a batch of the ledger's stream through every step, and marks how far that is.

A step is what follows from entries: that they are found by their reference, that they are told. Steps do not know each
other, and one that fails keeps no other from the batch. It has the batch come again for all of them, who do the same
thing again: no step may do harm by it. Does not own what a step does, nor which shards there are (``looks``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Refusal
from scrip.services.search import references
from scrip.services.usage import rollups
from scrip.store import marks, stream
from scrip.store.shards import LedgerStream
from scrip.store.tables import Tables

Step = Callable[[Tables, Sequence[Entry]], None]
"""Does what follows from these entries, which it may have been given before."""
STEPS: Mapping[str, Step] = {"search": references.index, "usage": rollups.roll_up}
"""Those that need nothing but the tables, by name. A step that cannot do all of a batch raises, and is given the same
entries again."""
Failed = Callable[[str, Exception], None]


def read(
    tables: Tables,
    records: Sequence[Any],
    shard: str | None,
    now: int,
    failed: Failed,
    steps: Mapping[str, Step] = STEPS,
) -> str | None:
    """Takes records through the steps, and moves their shard's mark once all of that is done.

    A row that is no entry is passed over: somebody else put it, and the verification finds it.

    Args:
        records: of one shard, in its order.
        shard: None where it is not known: then nothing is marked.
        now: this machine's clock, epoch milliseconds.
        failed: is told which step failed, and how.

    Returns the sequence number of the record from which on they have to come again; None: all was done.
    """
    rows = [stream.inserted(record) for record in records]
    if not rows:
        return None
    entries = [row.entry for row in rows if row.entry is not None]
    for row in rows:
        if row.entry is None:
            failed("reading", ValueError(f"record {row.position.number} adds no entry"))
    done = [_done(name, step, tables, entries, failed) for name, step in steps.items()]
    if not all(done):
        return rows[0].position.number
    try:
        if shard is not None:
            marks.read_to(tables, shard, rows[-1].position, now)
    except Refusal as refusal:
        failed("mark", refusal)
        return rows[-1].position.number
    return None


def only_shard(ledger: LedgerStream) -> str | None:
    """Returns the shard of a stream that has one alone; None where there are several, and a record may be of any."""
    there = ledger.shards()
    return there[0].id if len(there) == 1 else None


def _done(name: str, step: Step, tables: Tables, entries: Sequence[Entry], failed: Failed) -> bool:
    """Runs one step; returns whether it did all."""
    try:
        step(tables, entries)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other steps go on and the records come again
        failed(name, error)
        return False
    return True
