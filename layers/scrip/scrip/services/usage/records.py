"""Records as they are read: those of an entry, and one by its stream and offset. Nothing here changes one.

Does not own how the records of a request are booked (``pages``).
"""

from __future__ import annotations

from typing import NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.records import Numbered, facts_of, numbered
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.record_reversals import KIND, reversed_of
from scrip.domain.wallets.wallet import Sidecar, Wallet
from scrip.services.engine.executor import Executor
from scrip.services.engine.paging import Found
from scrip.services.wallets import entries
from scrip.store import ledger, wallets


class BookedRecord(NamedTuple):
    """An offset with its record, and how many steps of that were reversed since."""

    numbered: Numbered
    reversed: int = 0


def list_records(
    executor: Executor, account: str, unit_id: str, entry_id: str, after: int | None, limit: int
) -> tuple[Found[int, BookedRecord], Unit]:
    """Returns records of an entry in the order of their offsets, and its unit; none of an entry without records.

    Args:
        after: the offset that the list goes on after; None: it begins.

    Raises:
        NotFound: there is no such unit or entry.
    """
    entry, unit = entries.entry(executor, account, unit_id, entry_id)
    facts = facts_of(entry)
    if facts is None:
        return Found([], None), unit
    first = facts.first if after is None else max(after + 1, facts.first)
    end = min(first + limit, facts.next)
    sidecar = _sidecar(executor, entry, unit)
    found = [(one.offset, _booked(one, sidecar)) for one in numbered(entry, first, end)]
    return Found(found, end - 1 if end < facts.next else None), unit


def find_record(
    executor: Executor, account: str, unit_id: str, stream: str, offset: int
) -> tuple[Entry, BookedRecord, Unit]:
    """Returns the entry that used up the offset of a stream, its record, and the unit.

    Raises:
        NotFound: there is no such unit, or the offset was not used yet.
    """
    unit = executor.unit(unit_id)
    tables = executor.tables
    for entry in ledger.pages_of(tables, account, unit_id, stream, offset, offset, given_up=True):
        for one in numbered(entry, offset, offset + 1):
            return entry, _booked(one, _sidecar(executor, entry, unit)), unit
    raise NotFound(f"offset {offset} of stream {stream} was not used yet in the unit {unit_id}")


def _sidecar(executor: Executor, entry: Entry, unit: Unit) -> Sidecar | None:
    """Reads what is kept of reversals of an entry; None: nothing was reversed."""
    wallet, name = Wallet(entry.account, entry.unit, unit.policy.lot_order), (KIND, entry.id)
    return wallets.sidecars(executor.tables, wallet, [name]).get(name)


def _booked(one: Numbered, sidecar: Sidecar | None) -> BookedRecord:
    if sidecar is None or one.record is None or not one.record.paid:
        return BookedRecord(one)
    return BookedRecord(one, reversed_of(sidecar, one.offset, one.record))
