"""Looks whether the shards of the ledger's stream have anything unread, so that marks move where nothing comes.

Also keeps account of which shards there are: one that was split goes on in others, of which each has to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scrip.store import marks
from scrip.store.marks import REMEMBERED_MS, Mark, Reading
from scrip.store.shards import LedgerStream, StreamShard
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found.

    Attributes:
        shards: how many have to be read.
        behind: how many of them have records that were not read yet.
        lost: shards that the stream has forgotten, or may have, before they were read to their end.
        complete_through: an instant before which nothing is unread; None: there is no evidence of any.
    """

    shards: int
    behind: int
    lost: Sequence[str]
    complete_through: int | None


def look(
    tables: Tables, ledger: LedgerStream, now: Callable[[], int], time_left: Callable[[], bool]
) -> Looked:
    """Looks at every shard that has to be read, while there is time, and writes down what that shows.

    Args:
        now: this machine's clock, epoch milliseconds.

    Raises:
        Throttled, Unavailable: the table or the stream does not answer.
    """
    reading = marks.load(tables)
    present = ledger.shards()
    counted = _counted(reading, present)
    there = {one.id for one in present}
    lost = [shard for shard in counted if shard not in there]
    over, behind = set(reading.over), 0
    for shard in present:
        if shard.id not in counted or not time_left():
            continue
        mark, at = reading.marks.get(shard.id, Mark()), now()
        through = replace(reading, counted=counted).through(shard.id)
        if through is not None and at - through >= REMEMBERED_MS:
            # What is there by now does not tell whether there was more.
            lost.append(shard.id)
            continue
        found = ledger.behind(shard.id, mark.number, trimmed=through is not None)
        behind += found == "something"
        if found == "nothing":
            marks.found_empty(tables, shard.id, mark, at)
        elif found == "end" and any(other.parent == shard.id for other in present):
            over.add(shard.id)
    kept = {shard: begins for shard, begins in counted.items() if shard not in over}
    after = replace(reading, counted=kept, over=frozenset(over & there))
    if (after.counted, after.over) != (reading.counted, reading.over):
        marks.save(tables, after)
        for shard_id, begins in counted.items():
            if shard_id not in reading.counted and begins is not None:
                marks.is_read_until(tables, shard_id, begins)
    for shard_id in sorted(reading.marks.keys() - there - kept.keys()):
        marks.forget(tables, shard_id)
    return Looked(len(kept), behind, lost, marks.load(tables).complete_through)


def _counted(reading: Reading, present: Sequence[StreamShard]) -> dict[str, int | None]:
    """Adds shards that are new to those that have to be read, each with an instant that all of its records come after.

    A shard begins where its parent ends, so nothing in it is older than what was read of the parent. That may be new,
    too: a shard may be split twice between two looks.
    """
    counted = dict(reading.counted)
    there = {shard.id: shard for shard in present}

    def add(shard: StreamShard) -> None:
        if shard.id in counted or shard.id in reading.over:
            return
        parent = shard.parent or ""
        if parent in there:
            add(there[parent])
        counted[shard.id] = replace(reading, counted=counted).through(parent) if parent in counted else None

    for shard in present:
        add(shard)
    return counted
