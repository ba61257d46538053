"""Explanations: why a balance is what it is, computed again from the ledger alone and compared with what is stored.

Does not own the reading of rows (``store.rows``), nor what a replay makes of entries (``domain.verification``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import UNREADABLE, Entry, Status, Totals
from scrip.domain.credits.errors import InvalidRequest, PolicyViolation
from scrip.domain.credits.lots import NOTE, Lot, order_key
from scrip.domain.credits.units import BurnOrder, Unit
from scrip.domain.verification.checks import check_chain
from scrip.domain.verification.replay import ReplayedLot, replay
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Name, Sidecar, Wallet
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import read, reading_instant
from scrip.store import rows, wallets

MOST_ENTRIES: Final = 10_000
"""Entries that one explanation reads: some ten megabytes, in a second or two."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A wallet as of an instant, from its entries.

    Attributes:
        lots: those with something left, in burn order, each with what the entries tell of it.
        notes: what is kept beside the numbers of these lots, by sequence, where there is something.
        entries: up to the instant, in their order; the last ``unbooked`` of them are what time has done and nobody has
            written down yet.
        totals, status: as the last entry says.
        summed: the sum of all amounts; ``in_lots``: what the lots have left, less what is owed.
        findings: what does not agree; empty where the ledger proves the balance.
    """

    account: str
    as_of: int
    order: BurnOrder
    lots: Sequence[tuple[Lot, ReplayedLot]]
    notes: Mapping[int, Sidecar]
    entries: Sequence[Entry]
    unbooked: int
    totals: Totals
    status: Status
    summed: int
    in_lots: int
    findings: Sequence[str]


def explain(
    executor: Executor, account: str, unit_id: str, moment: Moment, at: int | None = None
) -> tuple[Explained, Unit]:
    """Returns the balance at ``at`` (now where None), its lots and the entries that made it, and the unit.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: ``at`` lies in the future.
        PolicyViolation: the wallet has more entries than one explanation reads.
        Contended: the wallet is written faster than it can be read.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)
    if at is not None and at > now:
        raise InvalidRequest([("at", "must not lie in the future")])
    as_of = now if at is None else at

    def view(draft: Draft) -> tuple[Wallet, Sequence[Entry], Mapping[Name, Sidecar | None]]:
        if as_of >= draft.wallet.at:
            apply_due(draft, as_of, batch=limits.DUE_BATCH_READ)
        return draft.wallet, draft.entries, draft.sidecars

    wallet, unbooked, sidecars = read(executor, context, view)
    if wallet.version > MOST_ENTRIES:
        raise PolicyViolation(
            f"the wallet has more than {MOST_ENTRIES} entries: list them instead",
            policy="max_entries_explained",
        )
    broken, known = rows.read_entries(rows.stored(executor.tables, account, unit_id), wallet)
    # What is after the wallet's last entry was written since it was read.
    broken = [finding for finding in broken if finding.seq is None or finding.seq <= wallet.version]
    findings = [finding.what for finding in (*broken, *check_chain(wallet, known))]
    entries = [known[seq] for seq in sorted(known) if seq <= wallet.version and known[seq].at <= as_of]
    explained = _explained(wallet, [*entries, *unbooked], len(unbooked), as_of, findings)
    names = [(NOTE, str(lot.seq)) for lot, _ in explained.lots]
    noted = {**wallets.sidecars(executor.tables, wallet, names), **sidecars}
    notes = {int(name): note for (kind, name), note in noted.items() if kind == NOTE and note}
    return replace(explained, notes=notes), context.unit


def _explained(
    wallet: Wallet, entries: Sequence[Entry], unbooked: int, as_of: int, findings: list[str]
) -> Explained:
    """Replays the entries. Returns the explanation without notes; what does not add up joins ``findings``."""
    try:
        replayed = replay(entries)
    except UNREADABLE:
        replayed = {}
        findings.append("an entry speaks of a lot that no entry before it made")
    lots = [(one.lot(), one) for one in replayed.values() if one.left]
    totals = entries[-1].after if entries else Totals()
    summed, in_lots = (
        sum(entry.amount for entry in entries),
        sum(one.left for one in replayed.values()) - totals.owed,
    )
    for what, number in (("its amounts", summed), ("its lots", in_lots)):
        if number != totals.total:
            findings.append(f"{what} add up to {number} steps, the last entry says {totals.total}")
    return Explained(
        account=wallet.account,
        as_of=as_of,
        order=wallet.order,
        lots=sorted(lots, key=lambda one: order_key(one[0], wallet.order)),
        notes={},
        entries=entries,
        unbooked=unbooked,
        totals=totals,
        status=entries[-1].status if entries else "active",
        summed=summed,
        in_lots=in_lots,
        findings=findings,
    )
