"""Makes the index of references anew from the ledger: where the stream's reader has lost entries, or tables were taken
back from a backup.

It may be done at any time, also while entries are made: what is there already is put again as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits.errors import Contended
from scrip.store import marks, references, scan
from scrip.store.scan import Key, Segment
from scrip.store.shards import LedgerStream
from scrip.store.tables import Tables

TRIES: Final = 5
"""How often what has to be read is written, where a look was faster."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was indexed.

    Attributes:
        entries: how many entries the ledger has.
        referenced: how many of them have a reference.
        complete_through: an instant before which no entry is missing.
    """

    entries: int
    referenced: int
    complete_through: int | None


def reindex(
    tables: Tables,
    ledger: LedgerStream,
    now: Callable[[], int],
    workers: int,
    tell: Callable[[int], None] = lambda _count: None,
) -> Reindexed:
    """Puts every entry of the ledger under its reference, and has the reader go on from there.

    Args:
        now: this machine's clock, epoch milliseconds.
        workers: how many parts of the ledger are read at a time.
        tell: is told now and then how many entries more were read.

    Raises:
        Throttled, Unavailable: a table or the stream does not answer. It can be done again.
        Contended: looks were faster each time.
    """
    began = now()
    # Before the ledger is read: what a shard that comes later has was committed later.
    before = {shard.id for shard in ledger.shards()}

    def part(number: int) -> tuple[int, int]:
        entries = referenced = 0
        after: Key | None = None
        while True:
            page, after = scan.rows(tables, Segment(number, workers), after)
            with_reference = [entry for entry in page if entry.cause and entry.cause.reference]
            references.put_all(tables, with_reference)
            entries, referenced = entries + len(page), referenced + len(with_reference)
            tell(len(page))
            if after is None:
                return entries, referenced

    with ThreadPoolExecutor(workers) as pool:
        counts = list(pool.map(part, range(workers)))
    through = _go_on(tables, ledger, before, began)
    return Reindexed(sum(one for one, _ in counts), sum(other for _, other in counts), through)


def _go_on(tables: Tables, ledger: LedgerStream, before: set[str], began: int) -> int | None:
    """Writes down that all before ``began`` is indexed, and that shards which the stream has no more need not be read.

    Args:
        before: the shards that there were when the ledger was not read yet. Of one that came later a look says since
            when it has to be read.

    Returns up to when all is indexed.

    Raises:
        Contended: looks were faster each time.
    """
    for _ in range(TRIES):
        reading = marks.load(tables)
        # After that: what has to be read and is not there now is there no more.
        there = {shard.id for shard in ledger.shards()}
        counted = {shard: at for shard, at in reading.counted.items() if shard in there}
        for shard in sorted(before & there - reading.over):
            marks.is_read_until(tables, shard, began)
            counted[shard] = max(reading.through(shard) or began, began)
        if marks.save(tables, replace(reading, counted=counted)):
            return marks.load(tables).complete_through
    raise Contended("looks at the stream were faster each time: do it again")
