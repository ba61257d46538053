"""A working copy of a wallet: lots change and move, entries are recorded, the totals follow.

Invariant, kept here and nowhere else: the totals are the sum of what each lot contributes by its place, less what is
owed (law 1). They are only ever changed by replacing a lot or changing the debt, and an entry's amount is what they
changed by.

Does not own: where lots lie (layout), which to take (draws), when (due), how any of it is stored (store).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Draw, Entry, EntryKind, Totals
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Runaway
from scrip.domain.wallets.funds import follow
from scrip.domain.wallets.layout import LotState
from scrip.domain.wallets.lot_pages import PagedLayout
from scrip.domain.wallets.wallet import Due, Name, Page, Sidecar, Snapshot, Status, Wallet

if TYPE_CHECKING:
    from scrip.domain.credits.records import Records


@dataclass(frozen=True, slots=True)
class Decision:
    """All that one commit writes for one wallet: the wallet, its new entries and what lies beside it.

    Attributes:
        seen: the version the decision was made on: the commit's condition.
        pages: by key, None for a page that is gone. dues: by (instant, what), None for one that is gone.
        exhausted: lots that are so now, by sequence; None for one that is so no longer.
        sidecars: by kind and name, None for one that is gone.
        listed: whether the lists have the wallet already.
    """

    seen: int
    wallet: Wallet
    entries: Sequence[Entry]
    pages: Mapping[str, Page | None]
    dues: Mapping[tuple[int, str], Due | None]
    exhausted: Mapping[int, Lot | None]
    sidecars: Mapping[Name, Sidecar | None]
    listed: bool = False

    @property
    def items(self) -> int:
        """Counts the items of the transaction that commits it."""
        blocks = {seq // limits.BLOCK_SEQS for seq in self.exhausted}
        beside = len(self.pages) + len(self.dues) + len(blocks) + len(self.sidecars)
        return 1 + len(self.entries) + beside + (0 if self.listed else limits.LIST_ITEMS)

    def after(self, snapshot: Snapshot) -> Snapshot:
        """Returns what is known of the wallet without reading, once this decision on the snapshot is committed."""
        known = Snapshot(self.wallet)
        if snapshot.sidecars or self.sidecars:
            known.sidecars = {**snapshot.sidecars, **self.sidecars}
        if snapshot.resting or self.exhausted:
            resting = {**snapshot.resting, **self.exhausted}
            known.resting = {seq: lot for seq, lot in resting.items() if lot}
        return known


class Draft(PagedLayout):
    """A working copy of a wallet, made anew for every attempt at a decision. Raises ``Need`` for what was not read."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        recorded_at: int | None = None,
        chained: bool = True,
        beside: bool = True,
        shows_base: bool = False,
        runaway: Runaway | None = None,
    ) -> None:
        """Makes a draft of what was read.

        Args:
            recorded_at: the clock by which it is committed, in epoch milliseconds; None of one that never is.
            chained: one that is not is only looked at: its entries have no hashes.
            shows_base: entries show the wallet's base, as its unit asks for.
            runaway: the unit's breaker.
            beside: what time changes beside the lots is looked at too: notes, and what holds say. A balance shows none.
        """
        super().__init__(snapshot)
        self.beside = beside
        self.chained = chained
        self.status: Status = self.wallet.status
        self.totals = self.wallet.totals
        self.at = self.wallet.at
        self.own_notices = self.wallet.own_notices
        self.budgeted = self.wallet.budgeted
        self.own_rates = self.wallet.own_rates
        self.recorded_at = None if recorded_at is None else max(recorded_at, self.wallet.recorded_at)
        self.entries: list[Entry] = []
        self.asked_at: int | None = None
        """The instant of the last entry that a caller asked for; None where there is none yet."""
        self.given_terms: set[int] = set()
        self.read_terms: dict[int, tuple[int, Terms]] = {}
        self.base = self.wallet.base
        self.shows_base = self.wallet.shows_base
        self._unit_shows_base = shows_base
        self.look_at: int | None = None
        """When somebody is to look for notices of lots that this decision has changed; None: whenever it was."""
        self.pace = self.wallet.pace
        """What was spent of late, as of ``paced_at``."""
        self.paced_at = self.wallet.at
        self.runaway = runaway
        self._booked = 0
        self._recorded = self.wallet.totals
        self._head = self.wallet.head

    @property
    def next_seq(self) -> int:
        """Returns the sequence of the entry that is recorded next."""
        return self.wallet.version + len(self.entries) + 1

    def weight(self, page_cost: int = 1) -> int:
        """Returns how many items of a transaction the decision takes up so far.

        A page that changed counts as ``page_cost``; one that must be split off counts as two, itself and its due item.
        """
        beside = len(self._dues) + len(self._blocks) + len(self.sidecars)
        beside += 0 if self.wallet.listed else limits.LIST_ITEMS
        pages = page_cost * len(self._touched) + 2 * self._splits()
        return 1 + len(self.entries) + pages + beside - self._booked

    def take_as_booked(self) -> None:
        """Treats what is recorded so far as committed: what follows may fill a transaction of its own.

        It serves reads of what would be done. Nothing of this draft can be committed any more.
        """
        self.entries.clear()
        self.asked_at = None
        self._booked += self.weight() - 1

    def add(self, lot: Lot) -> None:
        """Adds a new lot, which is open or exhausted."""
        self._tally(lot, self.put(lot), 1)

    def add_pending(self, lot: Lot) -> None:
        """Adds a new lot whose time has not come."""
        self.put_pending(lot)
        self._tally(lot, "pending", 1)

    def activate(self, pending: Lot, lot: Lot) -> None:
        """Opens a pending lot whose time has come, as ``lot``."""
        self.take_pending(pending.seq)
        self._tally(pending, "pending", -1)
        self.add(lot)

    def replace(self, old: Lot, new: Lot) -> None:
        """Replaces a lot by what it is now, and moves it where it belongs then."""
        was, now = self.swap(old, new)
        if was != now or was != "open":
            self._tally(old, was, -1)
            self._tally(new, now, 1)
            if new.notices and not old.remaining + old.held:
                # Nobody looked for notices of a lot with nothing left.
                self.look(self.at)
            return
        # An open lot that stays one, at once: what it has changed by.
        totals, spendable = self.totals, new.spendable - old.spendable
        self.totals = Totals(
            available=totals.available + spendable,
            held=totals.held + new.held - old.held,
            frozen=totals.frozen + new.frozen - old.frozen,
            pending=totals.pending,
            owed=totals.owed,
            paid=totals.paid + (spendable if new.cost else 0),
            scoped=totals.scoped + (spendable if new.scoped else 0),
        )

    def reorder(self, old: Lot, new: Lot) -> tuple[LotState, LotState]:
        """Replaces a lot whose end is another now, and moves it to its place in the burn order."""
        was, now = super().reorder(old, new)
        self._tally(old, was, -1)
        self._tally(new, now, 1)
        return was, now

    def look(self, at: int) -> None:
        """Notes that somebody is to look for notices at this instant, or earlier. One that has passed is: soon."""
        self.look_at = at if self.look_at is None else min(at, self.look_at)

    def owe(self, steps: int) -> None:
        """Adds steps to what the wallet owes; negative ones lower it."""
        self.totals = self.totals._replace(owed=self.totals.owed + steps)

    def record(
        self,
        kind: EntryKind,
        draws: Sequence[Draw],
        at: int,
        cause: Cause | None = None,
        extra: Mapping[str, Any] | None = None,
        records: Records | None = None,
        undoes: int | None = None,
    ) -> Entry:
        """Writes down what has changed since the last entry. Its instant is never before the wallet's last.

        Where more is spent by it than the unit's breaker allows, an entry more says so, and may freeze the wallet.

        Args:
            undoes: of a reversal, the instant of the entry that it undoes.
        """
        seq, paced = self.next_seq, False
        if self.runaway or self.pace:
            # Imported where somebody has a breaker: no other request pays for it.
            from scrip.domain.wallets import breakers

            paced = breakers.counts(self, kind, cause, extra)
            extra = {**(extra or {}), **breakers.told_by(self)} if paced else extra
        self.at = max(self.at, at)
        if self.recorded_at is not None and self.recorded_at < self.at:
            self.recorded_at = self.at
        entry = Entry(
            id=cause.entry_id if cause else time_entry_id(self.wallet.account, self.wallet.unit, seq),
            account=self.wallet.account,
            unit=self.wallet.unit,
            seq=seq,
            kind=kind,
            at=self.at,
            amount=self.totals.total - self._recorded.total,
            before=self._recorded,
            after=self.totals,
            status=self.status,
            draws=tuple(draws),
            previous_hash=self._head,
            cause=cause,
            extra=extra or {},
            recorded_at=self.recorded_at,
            base=self.base if self.shows_base or self._unit_shows_base else None,
            records=records,
        )
        crossing = None
        if paced:
            crossing = breakers.count(self, entry, undoes)
            if self.status != entry.status:
                entry = replace(entry, status=self.status)
        self.entries.append(entry)
        if entry.renews:
            self.base = self.totals.available
        if not entry.timely:
            self.asked_at = entry.at
        self._recorded = self.totals
        if self.funds is not None:
            self.funds = follow(self.funds, entry, self._currency)
        if self.chained:
            self._head = entry.hash()
        if crossing:
            breakers.tell(self, entry.at, crossing)
        return entry

    def forget_due(self, now: int) -> None:
        """Drops the due items whose pages have nothing more to expire by ``now``.

        It stops where the transaction is full. One that stays costs later decisions a read, and nothing else.
        """
        for due in self.snapshot.dues:
            if due.at > now or not due.page or (due.at, due.what) in self._dues:
                continue
            if self.weight(2) >= limits.BOOKING_ITEMS:
                return
            if any(lot.turns(now) for lot in self.pages.get(due.what, ())):
                continue
            self._drop_due(due)
            if self.page_due.get(due.what) == due.at:
                self.page_due[due.what] = None
                self._touched.add(due.what)

    def savepoint(self) -> Mapping[str, Any]:
        """Returns the draft as it is now, for one ``rollback``."""
        saved = {
            name: value.copy() if isinstance(value, list | dict | set) else value
            for name, value in vars(self).items()
        }
        return saved | {"pages": {key: list(lots) for key, lots in self.pages.items()}}

    def rollback(self, saved: Mapping[str, Any]) -> None:
        """Puts the draft back as it was: a decision that was refused half-way leaves nothing behind."""
        vars(self).update(saved, _times=None)

    def decision(self) -> Decision:
        """Returns what is to be committed. The window is filled or trimmed, pages are split, due items follow."""
        if self.totals != self._recorded or not self.chained:
            raise AssertionError("a change without an entry, or without its hash")
        pages = dict(self._level())
        paged = self._paged()
        window, due_at = tuple(self.window), self.due_at
        if self.pace and self.at > self.paced_at:
            from scrip.domain.wallets import pace

            self.pace, self.paced_at = pace.moved(self.pace, self.at - self.paced_at), self.at
        wallet = Wallet(
            account=self.wallet.account,
            unit=self.wallet.unit,
            order=self.wallet.order,
            version=self.next_seq - 1,
            at=self.at,
            head=self._head,
            status=self.status,
            totals=self.totals,
            window=window,
            paged=paged,
            due_at=due_at,
            sweep_at=self.wallet.sweep_at,
            funds=self.funds,
            # Without an entry nothing is committed, and no list gets it.
            listed=self.wallet.listed or bool(self.entries),
            recorded_at=max(self.recorded_at or self.wallet.recorded_at, self.at),
            base=self.base,
            shows_base=self.shows_base,
            noticed=self.wallet.noticed or self.look_at is not None,
            own_notices=self.own_notices,
            own_rates=self.own_rates,
            pace=self.pace,
            budgeted=self.budgeted,
        )
        return Decision(
            self.wallet.version,
            self._listed_for_sweep(wallet),
            tuple(self.entries),
            pages,
            self._dues,
            self._rest,
            self.sidecars,
            self.wallet.listed,
        )

    def _listed_for_sweep(self, wallet: Wallet) -> Wallet:
        """Returns the wallet with the instant at which the sweep is to look at it."""
        next_due = wallet.next_due
        if wallet.noticed:
            # Who looks for notices knows which were given, and alone moves it later.
            bounds = (wallet.sweep_at, next_due, self.look_at)
            first = min((at for at in bounds if at is not None), default=None)
            return wallet if first == wallet.sweep_at else wallet.sweep(first)
        booked = any(entry.timely for entry in self.entries)
        if booked or (next_due is not None and (wallet.sweep_at is None or next_due < wallet.sweep_at)):
            # Moved later only where something was booked: else a burn would pay for the index as well.
            return wallet.sweep(next_due)
        return wallet

    def _currency(self, seq: int) -> str | None:
        """Returns the currency of a lot's money; None where it cost nothing."""
        cost = self.lot(seq).cost
        return cost.currency if cost else None

    def _tally(self, lot: Lot, state: LotState, sign: int) -> None:
        """Adds what a lot in this state contributes to the totals; ``sign`` -1 takes it off."""
        spendable, totals = sign * lot.spendable, self.totals
        is_open = state == "open"
        # Made anew, since ``_replace`` takes three times as long, and this is done twice for each lot that changes.
        self.totals = Totals(
            available=totals.available + (spendable if is_open else 0),
            held=totals.held + sign * lot.held,
            frozen=totals.frozen + sign * lot.frozen,
            pending=totals.pending + (spendable if state == "pending" else 0),
            owed=totals.owed,
            paid=totals.paid + (spendable if is_open and lot.cost else 0),
            scoped=totals.scoped + (spendable if is_open and lot.scoped else 0),
        )
