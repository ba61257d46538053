"""Entries of a wallet as they are listed: newest first, as if all that is due were booked. Nothing here changes one.

A filter that no index serves reads on within a bound: a page may be short, or empty, and yet be followed by another.
Does not own how rows are read (``store.ledger``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scrip.domain.credits.entries import TIME, Entry, EntryPage
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import usages_of
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Clock
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.store import ledger, references


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What an entry must be to be listed; None, or nothing: whatever it is.

    Attributes:
        meter: what it counted, or held or captured an amount for.
        reference: its name, ``store.references.name_of``.
        lot: the sequence of a lot that it made, changed, took from or gave to.
        actor: who asked, as entries show it.
        metadata: members that it has, with these values; ``tags``: likewise.
        member: who used the credits.
    """

    meter: str | None = None
    reference: str | None = None
    lot: int | None = None
    actor: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    member: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> bool:
        """Tells whether every entry fits."""
        return self == EntryFilter()

    def fits(self, entry: Entry) -> bool:
        """Tells whether an entry is to be listed."""
        cause = entry.cause
        if self.meter is not None and self.meter not in meters(entry):
            return False
        if self.reference is not None and not (
            cause and cause.reference and references.name_of(cause.reference) == self.reference
        ):
            return False
        if self.lot is not None and self.lot not in lots(entry):
            return False
        if self.actor is not None and self.actor != (cause.actor if cause else TIME):
            return False
        if self.member is not None and self.member != entry.member:
            return False
        told = cause.metadata if cause else {}
        return _has(told, self.metadata) and _has(entry.tags, self.tags)


def _has(told: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(told.get(name) == value for name, value in wanted.items())


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries are asked for.

    Attributes:
        kind: None for all kinds.
        since: the earliest instant, included.
        last: the latest instant and sequence, included.
        limit: how many at most.
        filter: what else they must be.
    """

    kind: str | None
    since: int
    last: tuple[int, int]
    limit: int
    filter: EntryFilter = EntryFilter()

    def fits(self, entry: Entry) -> bool:
        """Tells whether an entry is one of those."""
        return (
            self.kind in (None, entry.kind)
            and self.since <= entry.at
            and (entry.at, entry.seq) <= self.last
            and self.filter.fits(entry)
        )


@dataclass(frozen=True, slots=True)
class ListedEntries:
    """A page of entries.

    Attributes:
        unbooked: how many of the first are due, and not booked.
        through: the sequence up to which the list of those that are booked is complete.
    """

    page: EntryPage
    unbooked: int
    through: int
    unit: Unit


def meters(entry: Entry) -> list[str]:
    """Returns the meters that an entry counted, or held or captured an amount for."""
    hold = entry.extra.get("hold")
    if "usage" in entry.extra:
        return [one["meter"] for one in usages_of(entry)]
    if entry.kind not in ("hold", "capture") or hold is None:
        return []
    if hold.get("split") is not None:
        return [meter for meter, _ in hold["split"] if meter is not None]
    return [] if hold.get("meter") is None else [hold["meter"]]


def lots(entry: Entry) -> set[int]:
    """Returns the sequences of the lots that an entry made, changed, took from or gave to."""
    lot = entry.extra.get("lot")
    made = [] if lot is None else [lot["seq"] if isinstance(lot, Mapping) else lot]
    return {*made, *(draw.lot for draw in entry.draws)}


def entries(
    executor: Executor, account: str, unit_id: str, query: EntryQuery, moment: Moment
) -> ListedEntries:
    """Returns entries, newest first, what is due and not booked before all others.

    Raises:
        NotFound: there is no such unit.
        ClockBackwards: the test clock lies before the wallet's last entry.
        Contended, CatchingUp: the wallet is written faster than it can be read, or too much of it is due.
    """
    context = executor.context(account, unit_id, fresh=True)
    wallet, tables = context.snapshot.wallet, executor.tables
    now, clock = reading_instant(wallet, moment), Clock()
    through = ledger.newest(tables, account, unit_id)
    due: Sequence[Entry] = ()
    if wallet.next_due is not None and wallet.next_due <= now and query.last > (wallet.at, wallet.version):

        def view(draft: Draft) -> tuple[Sequence[Entry], tuple[int, int]]:
            apply_all_due(draft, now)
            return tuple(draft.entries), (draft.wallet.at, draft.wallet.version)

        due, booked = read(executor, context, view)
        found = [entry for entry in reversed(due) if query.fits(entry)]
        if len(found) > query.limit:
            first = found[query.limit]
            return ListedEntries(
                EntryPage(found[: query.limit], (first.at, first.seq)), query.limit, through, context.unit
            )
        # What was booked meanwhile is among those that are not.
        last, left = min(query.last, booked), query.limit - len(found)
        if not left:
            following = booked if booked[0] >= query.since else None
            return ListedEntries(EntryPage(found, following), len(found), through, context.unit)
    else:
        found, last, left = [], query.last, query.limit
    page = ledger.entries(
        tables,
        account,
        unit_id,
        since=query.since,
        last=last,
        kind=query.kind,
        limit=left,
        fits=None if query.filter.all else query.filter.fits,
        in_time=clock.in_time,
    )
    return ListedEntries(
        EntryPage([*found, *page.entries], page.following), len(found), through, context.unit
    )


def entry(executor: Executor, account: str, unit_id: str, entry_id: str) -> tuple[Entry, Unit]:
    """Reads one entry, consistently. Returns it and the unit.

    Raises:
        NotFound: there is no such unit or entry.
    """
    unit = executor.unit(unit_id)
    found = ledger.find(executor.tables, account, unit_id, entry_id)
    if not found:
        raise NotFound(f"there is no entry {entry_id}", entry_id=entry_id)
    return found, unit
