"""Holds what is kept of a wallet's usage against its entries: the same sums, made of them anew.

It is no record, and nothing is decided on it. What is wrong with it is mended by making it anew (``scrip rollup``).
Does not own what an entry used (``domain.usage.uses``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.records import MEMBER
from scrip.domain.events.run_outs import Spending
from scrip.domain.usage.rollups import Hours, add_all
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.services.usage import rollups
from scrip.store import ledger, partition
from scrip.store.keys import ROLLUP_BEGINS
from scrip.store.tables import Tables

TRIES: Final = 3
"""How often it is read where it is written meanwhile."""
MEND: Final = "`scrip rollup` makes it anew"


def check_usage(
    tables: Tables, account: str, unit: str, entries: Mapping[int, Entry]
) -> Iterator[Discrepancy]:
    """Yields what is not as the entries say. Of a wallet that is used faster than this is read, nothing.

    Args:
        entries: of the wallet, by sequence.
    """
    for _ in range(TRIES):
        try:
            stored = rollups.load(tables, account, unit)
            kept: Hours = {}
            for part in rollups.hours_between(tables, stored, -ROLLUP_BEGINS, ROLLUP_BEGINS * 5):
                kept |= part
        except UNREADABLE as error:
            yield Discrepancy(f"what is kept of its usage cannot be read ({type(error).__name__}): {MEND}")
            return
        if rollups.load(tables, account, unit).document.rev == stored.document.rev:
            break
    else:
        return
    last = stored.spending.seq
    if last > len(entries) and last > partition.version(tables, account, unit):
        yield Discrepancy(f"its usage is kept up to entry {last}, which there is not: {MEND}")
    if not all(seq in entries for seq in range(1, last + 1)):
        return
    made: Hours = {}
    known = {entry.id: entry for entry in entries.values()}
    spending = Spending()
    for seq in range(1, last + 1):
        entry, undone = entries[seq], known.get(entries[seq].extra.get("of", ""))
        # Of thousands of entries the records are not in memory.
        paged = [one.id for one in (entry, undone) if one and MEMBER in one.extra]
        whole = ledger.with_records(tables, account, unit, paged) if paged else {}
        spending, uses = rollups.counted(
            spending, whole.get(entry.id, entry), {**known, **whole} if whole else known
        )
        add_all(made, uses)
    wrong = [hour for hour in sorted({*made, *kept}) if _said(made, hour) != _said(kept, hour)]
    if wrong:
        yield Discrepancy(f"its usage is not kept as its entries say, of {len(wrong)} hours: {MEND}")
    elif spending.to_json(spending.at) != stored.spending.to_json(spending.at):
        yield Discrepancy(f"what its forecast goes by is not as its entries say: {MEND}")


def _said(hours: Hours, hour: int) -> object:
    return hours[hour].to_json() if hour in hours else None
