"""The ledger against itself and against the wallet: is every entry as it was written, and does it all add up?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from scrip.domain import limits
from scrip.domain.audit import Finding, Shelf, audit
from scrip.domain.book import Book
from scrip.domain.entries import Entry, chain, read_entry
from scrip.domain.errors import Contended
from scrip.domain.wallet import Need, NeedBlock, NeedDue, NeedFront, Snapshot, Wallet
from scrip.operations.teller import Teller
from scrip.store import keys, ledger, wallets
from scrip.store.ledger import Row

TRIES: Final = 10
"""How often a wallet that is written while it is verified is read again."""


def verify(teller: Teller, account: str, unit_id: str) -> tuple[int, list[Finding]]:
    """How many entries a wallet has, and everything that is wrong with it, the first broken entry first.

    Each row must say what its hash says, and the entries, the wallet and its lots must agree (``domain.audit``).

    Raises:
        NotFound: there is no such unit.
        Contended: the wallet is written faster than it can be read.
    """
    order = teller.unit(unit_id).policy.order
    for _ in range(TRIES):
        wallet = wallets.load(teller.tables, account, unit_id, order)
        rows = list(ledger.rows(teller.tables, account, unit_id))
        shelf = _shelf(teller, wallet)
        if wallets.load(teller.tables, account, unit_id, order).version == wallet.version:
            broken, entries = readable(rows, wallet)
            return len(rows), [*broken, *audit(wallet, entries, shelf)]
    raise Contended("the wallet is written faster than it can be read")


def readable(rows: Iterable[Row], wallet: Wallet) -> tuple[list[Finding], dict[int, Entry]]:
    """The rows' entries by sequence, and the rows that are not what they were when they were written."""
    broken: list[Finding] = []
    entries: dict[int, Entry] = {}
    for row in rows:
        try:
            entry = read_entry(row.body, row.previous_hash)
        except (ValueError, KeyError, TypeError):
            broken.append(Finding(f"entry {row.id} cannot be read", None, row.id))
            continue
        intact = chain(row.previous_hash, row.body.encode("utf-8", "surrogatepass")) == row.hash
        placed = (entry.account, entry.unit, entry.id, entry.kind, keys.timeline(entry.at, entry.seq))
        if not intact:
            broken.append(Finding(f"entry {entry.seq} does not match its hash", entry.seq, row.id))
        if placed != (wallet.account, wallet.unit, row.id, row.kind, row.timeline):
            broken.append(Finding(f"entry {entry.seq} is not where it belongs", entry.seq, row.id))
        if entry.seq > wallet.version or entry.seq in entries:
            broken.append(Finding(f"entry {entry.seq} is one too many", entry.seq, row.id))
        entries[entry.seq] = entry
    return sorted(broken, key=lambda finding: finding.seq or 0), entries


def _shelf(teller: Teller, wallet: Wallet) -> Shelf:
    snapshot = Snapshot(wallet)
    needs: tuple[Need, ...] = (NeedFront(0), NeedDue(limits.DUE_BATCH_READ), NeedBlock(None))
    for need in needs:
        wallets.provide(teller.tables, snapshot, need)
    book = Book(snapshot)
    pending = [due.lot for due in book.pending.values() if due.lot]
    return Shelf(list(book.loaded_lots()), pending, list(book.resting_lots()))
