"""Explanations: why a balance is what it is, computed again from the ledger alone and compared with what is stored.

Entries come in their order, page by page. What a page says of sums counts from the wallet's first entry, so that the
last page's are those of the whole wallet; each page begins with the entry that the page before ended with, as it is
stored, so that the chain is followed across pages. One page that has all entries also has the lots; of several, each
says what its own entries changed.

Does not own the reading of rows (``store.rows``), nor what a replay makes of entries (``domain.verification``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from scrip.domain.credits import limits
from scrip.domain.credits.entries import UNREADABLE, Entry, Status, Totals
from scrip.domain.credits.errors import InvalidRequest, Unavailable
from scrip.domain.credits.lots import NOTE, Lot, order_key
from scrip.domain.credits.units import LotOrder, Unit
from scrip.domain.verification.checks import check_chain, check_links
from scrip.domain.verification.replay import LotChange, ReplayedLot, changes_of, replay
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Name, Sidecar, Wallet
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import read, reading_instant
from scrip.store import ledger, rows, wallets

SETTLED_MS: Final = 60_000
"""How long after a wallet's last entry the timeline may lag: a row that it lacks later is missing."""


MOST_BYTES: Final = 10_000_000
"""Characters of entries that one page reads: as many as a function reads within a second or two."""


class Told(NamedTuple):
    """What pages of an explanation have told so far, and where the next one begins.

    Attributes:
        as_of: the instant that is explained, in epoch milliseconds.
        at, seq: the position of the last entry that was told; 0 before the first.
        summed: the sum of the amounts of all entries so far, in steps.
        in_lots: what these entries leave in lots, less what is owed, in steps.
    """

    as_of: int
    at: int = 0
    seq: int = 0
    summed: int = 0
    in_lots: int = 0


@dataclass(frozen=True, slots=True)
class Explained:
    """A page of why a wallet is as it is at an instant, from its entries.

    Attributes:
        lots: those with something left, in burn order, each with what the entries tell of it; only where the page has
            all entries.
        notes: what is kept beside the numbers of these lots, by sequence, where there is something.
        changes: what the page's entries changed, by lot.
        entries: of the page, in their order; the last ``unbooked`` of them are what time has done and nobody has
            written down yet.
        totals, status, version: of the balance that is explained. ``version`` counts what is written down.
        told: what this page and those before it have told. On the last page that is all.
        more: whether another page follows.
        findings: what does not agree; empty where the ledger proves the balance so far.
    """

    account: str
    order: LotOrder
    lots: Sequence[tuple[Lot, ReplayedLot]]
    notes: Mapping[int, Sidecar]
    changes: Mapping[int, LotChange]
    entries: Sequence[Entry]
    unbooked: int
    totals: Totals
    status: Status
    version: int
    told: Told
    more: bool
    findings: Sequence[str]


@dataclass(frozen=True, slots=True)
class ExplainQuery:
    """What is to be explained: the balance at ``at`` (now where None), from ``told`` on, ``limit`` entries of it."""

    at: int | None = None
    told: Told | None = None
    limit: int = limits.LISTED_ENTRIES


class _Present(NamedTuple):
    """The wallet, and what time has done to it by the instant that is explained."""

    wallet: Wallet
    unbooked: Sequence[Entry]
    totals: Totals
    status: Status
    version: int
    sidecars: Mapping[Name, Sidecar | None]


class _Entries(NamedTuple):
    """Entries of a page by sequence; the stored one before them; findings; the position of the last, and the next."""

    known: Mapping[int, Entry]
    before: Entry | None
    findings: Sequence[str]
    last: tuple[int, int]
    more: bool


def explain(
    executor: Executor, account: str, unit_id: str, moment: Moment, query: ExplainQuery
) -> tuple[Explained, Unit]:
    """Returns a page of the explanation of a balance, and the unit.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: the instant lies in the future.
        Unavailable: the ledger's timeline lags too far behind to tell.
        Contended: the wallet is written faster than it can be read.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)
    wanted = query.told.as_of if query.told else query.at
    if wanted is not None and wanted > now:
        raise InvalidRequest([("cursor" if query.told else "at", "must not lie in the future")])
    as_of = now if wanted is None else wanted

    def view(draft: Draft) -> _Present:
        apply_due(draft, as_of, batch=limits.DUE_BATCH_READ)
        return _Present(
            draft.wallet, draft.entries, draft.totals, draft.status, draft.wallet.version, draft.sidecars
        )

    present = read(executor, context, view, chained=True)
    if present.wallet.version and as_of < present.wallet.at:
        last = ledger.last_until(executor.tables, account, unit_id, as_of)
        totals, status, seq = (last.after, last.status, last.seq) if last else (Totals(), "active", 0)
        present = present._replace(totals=totals, status=status, version=seq)
    told = query.told or Told(as_of)
    found = None
    if told.seq == 0 and present.wallet.version <= query.limit:
        found = _everything(executor, present, as_of)
    found = found or _page(executor, present, told, query.limit, now)
    explained = _explained(present, found, told, first=told.seq == 0)
    if explained.lots:
        names = [(NOTE, str(lot.seq)) for lot, _ in explained.lots]
        noted = {**wallets.sidecars(executor.tables, present.wallet, names), **present.sidecars}
        notes = {int(name): note for (kind, name), note in noted.items() if kind == NOTE and note}
        explained = replace(explained, notes=notes)
    return explained, context.unit


def _everything(executor: Executor, present: _Present, as_of: int) -> _Entries | None:
    """Reads all rows of a wallet that has no more than a page of them, consistently, from the table itself.

    Returns None where they are too long for one page.
    """
    wallet = present.wallet
    stored: list[rows.Row] = []
    size = 0
    for row in rows.stored(executor.tables, wallet.account, wallet.unit):
        stored.append(row)
        size += len(row.body)
        if size > MOST_BYTES:
            return None
    broken, known = rows.read_entries(stored, wallet)
    # What is after the wallet's last entry was written since it was read.
    broken = [finding for finding in broken if finding.seq is None or finding.seq <= wallet.version]
    findings = [finding.what for finding in (*broken, *check_chain(wallet, known))]
    of_page = {seq: entry for seq, entry in known.items() if seq <= wallet.version and entry.at <= as_of}
    last = (max((entry.at for entry in of_page.values()), default=0), max(of_page, default=0))
    return _Entries(of_page, None, findings, last, more=False)


def _page(executor: Executor, present: _Present, told: Told, limit: int, now: int) -> _Entries:
    """Reads the rows of a page by the timeline, and the one that they follow."""
    wallet, final = present.wallet, present.version
    first = (told.at, told.seq)
    expected = min(final, told.seq + limit)
    listed = ledger.listed_from(
        executor.tables, wallet.account, wallet.unit, first, told.as_of, expected, limit + (told.seq > 0)
    )
    listed = [row for row in listed if row.position[1] <= final]
    missing = sorted(set(range(told.seq + 1, expected + 1)) - {row.position[1] for row in listed})
    if missing and now - wallet.at < SETTLED_MS:
        raise Unavailable("the ledger's timeline lags behind")
    ids = [row.entry_id for row in listed]
    stored, count = rows.named(executor.tables, wallet.account, wallet.unit, ids, MOST_BYTES)
    if count < len(ids):
        listed, expected = listed[:count], listed[count - 1].position[1]
    broken, known = rows.read_entries(stored, wallet)
    before = known.pop(told.seq, None) if told.seq else None
    links = check_links(known, told.seq + 1, expected, before, begins=told.seq == 0)
    findings = [finding.what for finding in (*broken, *links)]
    last = max((row.position for row in listed), default=first)
    newest = known.get(wallet.version)
    if newest and newest.hash() != wallet.head:
        findings.append("the wallet's head is not the hash of its last entry")
    return _Entries(known, before, findings, last, more=expected < final)


def _explained(present: _Present, found: _Entries, told: Told, *, first: bool) -> Explained:
    """Returns the page without notes; what does not add up joins its findings."""
    wallet, findings = present.wallet, list(found.findings)
    booked = [found.known[seq] for seq in sorted(found.known)]
    entries = booked if found.more else [*booked, *present.unbooked]
    lots: list[tuple[Lot, ReplayedLot]] = []
    changes: Mapping[int, LotChange] = {}
    try:
        changes = changes_of(entries)
        if first and not found.more:
            lots = [(one.lot(), one) for one in replay(entries).values() if one.left]
    except UNREADABLE:
        findings.append("an entry speaks of a lot that no entry before it made")
    before = found.before.after.owed if found.before else 0
    owed = (entries[-1].after.owed if entries else before) - before
    summed = told.summed + sum(entry.amount for entry in entries)
    in_lots = told.in_lots + sum(change.left for change in changes.values()) - owed
    total = entries[-1].after.total if entries else (found.before.after.total if found.before else 0)
    for what, number in (("amounts", summed), ("lots", in_lots)):
        if number != total:
            findings.append(f"its {what} add up to {number} steps, the last entry says {total}")
    if not found.more and total != present.totals.total:
        findings.append(f"the last entry says {total} steps, the balance is {present.totals.total}")
    at, seq = found.last
    return Explained(
        account=wallet.account,
        order=wallet.order,
        lots=sorted(lots, key=lambda one: order_key(one[0], wallet.order)),
        notes={},
        changes=changes,
        entries=entries,
        unbooked=len(entries) - len(booked),
        totals=present.totals,
        status=present.status,
        version=present.version,
        told=Told(told.as_of, at, seq, summed, in_lots),
        more=found.more,
        findings=findings,
    )
