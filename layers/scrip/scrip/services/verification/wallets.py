"""Verifies one wallet against everything that is stored of it.

Its rows are compared with their hashes; its entries with its item, its lots, its timeline, its payments, its transfers
and the invoices that it paid. It owns the reading of one consistent state. What must agree is in
``domain.verification``, ``payments``, ``transfers`` and ``invoices``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.errors import Contended
from scrip.domain.credits.units import BurnOrder
from scrip.domain.verification.budget_checks import SPENT
from scrip.domain.verification.checks import StoredLots, check_chain, check_entries, check_totals
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.drift import Drift, drift
from scrip.domain.verification.due_checks import KINDS, check_due
from scrip.domain.wallets.budgets import KIND as BUDGETS
from scrip.domain.wallets.carries import KIND as CARRIES
from scrip.domain.wallets.counters import KIND as COUNTERS
from scrip.domain.wallets.own_rates import KIND as OWN_RATES
from scrip.domain.wallets.record_reversals import KIND as REVERSED
from scrip.domain.wallets.repayments import KIND as DEBTS
from scrip.domain.wallets.streams import KIND as STREAMS
from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine.executor import Executor
from scrip.services.verification import invoices, payments, transfers, usage
from scrip.store import keys, ledger, partition, rows
from scrip.store.partition import StoredPartition
from scrip.store.rows import Row
from scrip.store.tables import Tables

TRIES: Final = 10
"""How often a wallet is read that is written while it is verified."""
ANY_ORDER: Final[BurnOrder] = "priority_expiry_cost"
"""The order of a wallet that does not exist. It has no lots to sort, so any will do."""


@dataclass(frozen=True, slots=True)
class VerifiedWallet:
    """The result of verifying one wallet.

    Attributes:
        entries: how many rows the ledger has of it.
        discrepancies: everything that is wrong, the first broken entry first.
        drift: how far wallet and ledger are apart, where each is sound by itself.
        surplus: with ``ledger_ahead``, the entries that the wallet has not counted, in their order.
    """

    entries: int
    discrepancies: Sequence[Discrepancy] = ()
    drift: Drift | None = None
    surplus: Sequence[Entry] = ()

    @property
    def kind(self) -> str:
        """Returns ``ledger_ahead`` or ``ledger_behind`` where nothing else is wrong; else ``broken``."""
        drift = self.drift
        only = drift and all(one.seq is not None and one.seq >= drift.first for one in self.discrepancies)
        return drift.kind if drift and only else "broken"


ReserveMemory = Callable[[int], AbstractContextManager[object]]
"""Makes a context in which so many entries may be in memory."""


def verify(executor: Executor, account: str, unit_id: str) -> tuple[int, list[Discrepancy]]:
    """Returns how many entries a wallet has, and every discrepancy, the first broken entry first.

    Raises:
        NotFound: there is no such unit.
        Contended: the wallet is written faster than it can be read.
    """
    executor.unit(unit_id)
    verified = check_wallet(executor.tables, account, unit_id)
    return verified.entries, list(verified.discrepancies)


def check_wallet(
    tables: Tables, account: str, unit: str, reserve: ReserveMemory = nullcontext
) -> VerifiedWallet:
    """Verifies a wallet, whether or not it exists.

    Checks that each row matches its hash, and its records match the entry, that entries, wallet item, lots and payments
    agree, that each transfer is in both wallets, that the timeline lists the ledger's rows, and that everything due is
    listed for the sweep.

    Raises:
        Contended: the wallet is written faster than it can be read.
        Whatever ``reserve`` raises.
    """
    for _ in range(TRIES):
        version = partition.version(tables, account, unit)
        with reserve(version):
            verified = _attempt(tables, account, unit, version)
        if verified:
            return verified
    raise Contended("the wallet is written faster than it can be read")


def _attempt(tables: Tables, account: str, unit: str, version: int) -> VerifiedWallet | None:
    """Verifies the wallet at ``version``; returns None where it was written meanwhile."""
    found_rows = list(rows.stored(tables, account, unit))
    found = partition.read(
        tables,
        account,
        unit,
        (*KINDS, DEBTS, CARRIES, STREAMS, REVERSED, COUNTERS, OWN_RATES, BUDGETS, SPENT),
    )
    if found.version != version:
        return None
    wallet = found.wallet or Wallet(account, unit, ANY_ORDER, version=version)
    broken, entries = rows.read_entries(found_rows, wallet)
    by_grant = payments.load_by_grant(tables, entries.values())
    if by_grant and partition.version(tables, account, unit) != version:
        return None
    comparable = len(entries) == len(found_rows) and (found.wallet or not found.there)
    apart = drift(wallet, entries) if comparable else None
    ahead = apart if apart and apart.kind == "ledger_ahead" else None
    discrepancies = _of_entries(wallet, found, broken, entries)
    if found.wallet:
        discrepancies += _of_lots(wallet, found, entries, apart)
        discrepancies += _unswept(found, wallet)
        discrepancies += payments.check_granted_lots(wallet, entries, by_grant) if not apart or ahead else ()
    discrepancies += transfers.check_transfers(tables, entries.values())
    discrepancies += _unlisted(tables, wallet, found_rows)
    if not discrepancies:
        # Of what follows from the ledger nothing can be told while that is wrong.
        discrepancies += usage.check_usage(tables, account, unit, entries)
        discrepancies += invoices.check_invoices(tables, [entries[seq] for seq in sorted(entries)])
        if discrepancies and partition.version(tables, account, unit) != version:
            return None
    surplus = [entries[seq] for seq in range(ahead.first, ahead.last + 1)] if ahead else ()
    return VerifiedWallet(
        len(found_rows), [_with_entry_id(one, entries) for one in discrepancies], apart, surplus
    )


def _with_entry_id(one: Discrepancy, entries: Mapping[int, Entry]) -> Discrepancy:
    """Returns the discrepancy with the id of the entry it is about; for a lot, that of its grant."""
    entry = entries.get(one.seq) if one.seq and not one.entry_id else None
    return replace(one, entry_id=entry.id) if entry else one


def _of_entries(
    wallet: Wallet, found: StoredPartition, broken: Sequence[Discrepancy], entries: Mapping[int, Entry]
) -> list[Discrepancy]:
    """Returns what is wrong with entries, in their order, so that the first broken one comes first."""
    unreadable = [Discrepancy(f"item {sk} of the wallet cannot be read") for sk in found.unreadable]
    if not found.there:
        orphans = [Discrepancy("there are entries and no wallet item", min(entries))] if entries else []
        orphans += (
            [Discrepancy(f"{found.beside} items are in the partition without a wallet item")]
            if found.beside
            else []
        )
        return [*orphans, *broken]
    if found.wallet is None:
        return [*broken, *unreadable]
    return [*sorted([*broken, *check_chain(wallet, entries)], key=_by_seq), *unreadable]


def _of_lots(
    wallet: Wallet, found: StoredPartition, entries: Mapping[int, Entry], apart: Drift | None
) -> Iterator[Discrepancy]:
    """Checks the lots and the debts against entries and totals.

    Entries that the wallet has not counted say nothing of its lots. Where the ledger lacks entries, the rest of them
    cannot be compared either.
    """
    stored_lots = StoredLots(found.open, found.pending, found.exhausted)
    if not apart or apart.kind != "ledger_behind":
        counted = [entries[seq] for seq in sorted(entries) if seq <= wallet.version]
        yield from check_entries(wallet, counted, stored_lots, found.sidecars)
    yield from check_totals(wallet, stored_lots)


def _unswept(found: StoredPartition, wallet: Wallet) -> Iterator[Discrepancy]:
    """Yields everything that the sweep would not do when its time comes."""
    try:
        yield from check_due(wallet, found.pages, found.dues, found.sidecars)
    except UNREADABLE as error:
        yield Discrepancy(f"a sidecar of the wallet cannot be read: {type(error).__name__}")
    listed = keys.shard(keys.wallet(wallet.account, wallet.unit))
    if wallet.sweep_at is not None and found.shard != listed:
        yield Discrepancy(f"the wallet is listed for the sweep in {found.shard}, not in {listed}")


def _unlisted(tables: Tables, wallet: Wallet, found_rows: Sequence[Row]) -> list[Discrepancy]:
    """Returns the rows that the timeline does not list as they are, and what it lists that is no row.

    The timeline may lag, so a row that it does not list is looked for again for about a second.
    """
    stored = {(row.id, row.timeline, row.kind) for row in found_rows}
    for attempt in range(ledger.LAG_TRIES):
        listed = set(rows.listed(tables, wallet.account, wallet.unit))
        if stored <= listed:
            break
        if attempt < ledger.LAG_TRIES - 1:
            time.sleep(ledger.LAG_WAIT)
    missing = [
        Discrepancy(f"entry {row.seq or row.id} is not in the timeline", row.seq, row.id)
        for row in found_rows
        if (row.id, row.timeline, row.kind) not in listed
    ]
    # An entry that was written since is not among the rows, which were read before.
    extra = [
        Discrepancy(
            f"the timeline lists an entry {id_} that the ledger does not have", rows.seq_in(timeline), id_
        )
        for id_, timeline, _ in listed - stored
        if (rows.seq_in(timeline) or 0) <= wallet.version
    ]
    return sorted([*missing, *extra], key=_by_seq)


def _by_seq(one: Discrepancy) -> int:
    """Returns the sequence to sort a discrepancy by; 0 where it is about no single entry."""
    return one.seq or 0
