"""Verification of one wallet against its ledger: every entry is as it was written, and all of it adds up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits.entries import UNREADABLE, Entry, read_entry
from scrip.domain.credits.errors import Contended
from scrip.domain.credits.units import Order
from scrip.domain.verification.checks import Finding, StoredLots, added_up, chained, explained
from scrip.domain.verification.drift import Drift, drift
from scrip.domain.verification.due_checks import KINDS, timed
from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine.executor import Executor
from scrip.services.verification import payments, transfers
from scrip.store import keys, ledger, whole
from scrip.store.ledger import Row
from scrip.store.tables import Tables
from scrip.store.whole import StoredPartition

TRIES: Final = 10
"""How often a wallet that is written while it is verified is read again."""
ANY_ORDER: Final[Order] = "priority_expiry_cost"
"""Of a wallet that is not there: it has no lots to be put in any."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification came to.

    Attributes:
        entries: how many rows the ledger has of it.
        findings: everything that is wrong, the first broken entry first.
        drift: where nothing but the two tables' instants differ, by how much.
        surplus: then, entries that the wallet has not seen, in their order.
    """

    entries: int
    findings: Sequence[Finding] = ()
    drift: Drift | None = None
    surplus: Sequence[Entry] = ()

    @property
    def kind(self) -> str:
        """``ledger_ahead`` or ``ledger_behind`` where nothing else is wrong; else ``broken``."""
        drift = self.drift
        only = drift and all(found.seq is not None and found.seq >= drift.first for found in self.findings)
        return drift.kind if drift and only else "broken"


Room = Callable[[int], AbstractContextManager[object]]
"""Given to so many entries while they are in memory."""


def verify(executor: Executor, account: str, unit_id: str) -> tuple[int, list[Finding]]:
    """How many entries a wallet has, and everything that is wrong with it, the first broken entry first.

    Raises:
        NotFound: there is no such unit.
        Contended: the wallet is written faster than it can be read.
    """
    executor.unit(unit_id)
    verified = check(executor.tables, account, unit_id)
    return verified.entries, list(verified.findings)


def check(tables: Tables, account: str, unit: str, room: Room = nullcontext) -> Verified:
    """Verifies a wallet, whether or not there is one.

    Each row must say what its hash says; the entries, the wallet, its lots and its payments must agree, and what was
    transferred must be in both wallets; the timeline
    must list the ledger's rows, and all that time will do to the wallet must be down where the sweep looks.

    Raises:
        Contended: the wallet is written faster than it can be read.
        Whatever ``room`` raises.
    """
    for _ in range(TRIES):
        version = whole.version(tables, account, unit)
        with room(version):
            verified = _attempt(tables, account, unit, version)
        if verified:
            return verified
    raise Contended("the wallet is written faster than it can be read")


def _attempt(tables: Tables, account: str, unit: str, version: int) -> Verified | None:
    """None where the wallet was written meanwhile."""
    rows = list(ledger.rows(tables, account, unit))
    found = whole.read(tables, account, unit, KINDS)
    if found.version != version:
        return None
    wallet = found.wallet or Wallet(account, unit, ANY_ORDER, version=version)
    broken, entries = readable(rows, wallet)
    paid = payments.of_entries(tables, entries.values())
    if paid and whole.version(tables, account, unit) != version:
        return None
    comparable = len(entries) == len(rows) and (found.wallet or not found.there)
    apart = drift(wallet, entries) if comparable else None
    ahead = apart if apart and apart.kind == "ledger_ahead" else None
    findings = _of_entries(wallet, found, broken, entries)
    if found.wallet:
        findings += _of_lots(wallet, found, entries, apart)
        findings += _misplaced(found, wallet)
        findings += payments.agree(wallet, entries, paid) if not apart or ahead else ()
    findings += transfers.agree(tables, entries.values())
    findings += _unlisted(tables, wallet, rows)
    surplus = [entries[seq] for seq in range(ahead.first, ahead.last + 1)] if ahead else ()
    return Verified(len(rows), [_named(finding, entries) for finding in findings], apart, surplus)


def _named(finding: Finding, entries: Mapping[int, Entry]) -> Finding:
    """With the id of the entry that it is about: that of a lot is its grant's."""
    entry = entries.get(finding.seq) if finding.seq and not finding.entry_id else None
    return replace(finding, entry_id=entry.id) if entry else finding


def readable(rows: Iterable[Row], wallet: Wallet) -> tuple[list[Finding], dict[int, Entry]]:
    """The rows' entries by sequence, and the rows that are not what they were when they were written."""
    broken: list[Finding] = []
    entries: dict[int, Entry] = {}
    for row in rows:
        try:
            entry = read_entry(row.body, row.previous_hash)
            written = entry.canonical()
        except UNREADABLE:
            broken.append(Finding(f"entry {row.id} cannot be read", _seq(row), row.id))
            continue
        # In that text alone: in another, the hash below would not be that of what is stored.
        intact = written == row.body.encode("utf-8", "surrogatepass") and entry.hash() == row.hash
        placed = (entry.account, entry.unit, entry.id, entry.kind, keys.timeline(entry.at, entry.seq))
        if not intact:
            broken.append(Finding(f"entry {entry.seq} does not match its hash", entry.seq, row.id))
        if placed != (wallet.account, wallet.unit, row.id, row.kind, row.timeline):
            broken.append(Finding(f"entry {entry.seq} is not where it belongs", entry.seq, row.id))
        if entry.seq > wallet.version or entry.seq in entries:
            broken.append(Finding(f"entry {entry.seq} is one too many", entry.seq, row.id))
        entries[entry.seq] = entry
    return sorted(broken, key=_by_seq), entries


def _of_entries(
    wallet: Wallet, found: StoredPartition, broken: Sequence[Finding], entries: Mapping[int, Entry]
) -> list[Finding]:
    """What is wrong with entries, in their order, so that the first broken one comes first."""
    unreadable = [Finding(f"item {sk} of the wallet cannot be read") for sk in found.unreadable]
    if not found.there:
        orphans = [Finding("there are entries and no wallet item", min(entries))] if entries else []
        orphans += [Finding(f"{found.beside} items lie beside no wallet item")] if found.beside else []
        return [*orphans, *broken]
    if found.wallet is None:
        return [*broken, *unreadable]
    return [*sorted([*broken, *chained(wallet, entries)], key=_by_seq), *unreadable]


def _of_lots(
    wallet: Wallet, found: StoredPartition, entries: Mapping[int, Entry], apart: Drift | None
) -> Iterator[Finding]:
    """Whether the lots are what the entries say. Entries that the wallet has not seen say nothing of its lots; where
    the ledger lacks some, the rest of them says as little."""
    stored_lots = StoredLots(found.open, found.pending, found.exhausted)
    if not apart or apart.kind != "ledger_behind":
        yield from explained([entries[seq] for seq in sorted(entries) if seq <= wallet.version], stored_lots)
    yield from added_up(wallet, stored_lots)


def _misplaced(found: StoredPartition, wallet: Wallet) -> Iterator[Finding]:
    """What time would pass over."""
    try:
        yield from timed(wallet, found.pages, found.dues, found.sidecars)
    except UNREADABLE as error:
        yield Finding(f"a paper of the wallet cannot be read: {type(error).__name__}")
    listed = keys.shard(keys.wallet(wallet.account, wallet.unit))
    if wallet.sweep_at is not None and found.shard != listed:
        yield Finding(f"the wallet is listed for the sweep in {found.shard}, not in {listed}")


def _unlisted(tables: Tables, wallet: Wallet, rows: Sequence[Row]) -> list[Finding]:
    """Rows that the timeline does not list as they are, and what it lists that is no row. It may lag: what it does not
    have yet is looked for again."""
    there = {(row.id, row.timeline, row.kind) for row in rows}
    for attempt in range(ledger.LAG_TRIES):
        listed = set(ledger.timeline(tables, wallet.account, wallet.unit))
        if there <= listed:
            break
        if attempt < ledger.LAG_TRIES - 1:
            time.sleep(ledger.LAG_WAIT)
    missing = [
        Finding(f"entry {_seq(row) or row.id} is not in the timeline", _seq(row), row.id)
        for row in rows
        if (row.id, row.timeline, row.kind) not in listed
    ]
    # One that was written since is no row yet that was read.
    extra = [
        Finding(f"the timeline lists an entry {id_} that the ledger does not have", _place(place), id_)
        for id_, place, kind in listed - there
        if (_place(place) or 0) <= wallet.version
    ]
    return sorted([*missing, *extra], key=_by_seq)


def _seq(row: Row) -> int | None:
    """The sequence that a row's place in the timeline, or its body, says."""
    if (seq := _place(row.timeline)) is not None:
        return seq
    try:
        return read_entry(row.body, row.previous_hash).seq
    except UNREADABLE:
        return None


def _place(timeline: str) -> int | None:
    _, _, seq = timeline.partition(".")
    return int(seq) if seq.isdecimal() else None


def _by_seq(finding: Finding) -> int:
    return finding.seq or 0
