"""A working copy of a wallet: lots change and move, entries are recorded, the totals follow.

Invariants, kept here and nowhere else:
  - the totals are the sum of what each lot contributes by its place, less what is owed (law 1): they are only ever
    changed by replacing a lot or changing the debt, and an entry's amount is what they changed by;
  - no lot in a page sorts before the window's last;
  - a page with an expiry has a due item not later than it;
  - a lot with nothing spendable is at rest, in neither window nor pages.

Does not own: which lots to take (decide), when (settle), how any of it is stored (store).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from scrip.domain import limits
from scrip.domain.entries import Cause, Draw, Entry, EntryKind, time_entry_id
from scrip.domain.lots import Lot, order_key
from scrip.domain.packing import packed_size
from scrip.domain.wallet import (
    Due,
    NeedBlock,
    NeedDue,
    NeedFront,
    NeedPage,
    Page,
    Snapshot,
    Status,
    Wallet,
)

Place = Literal["window", "page", "pending", "rest"]


@dataclass(frozen=True, slots=True)
class Decision:
    """All that one commit writes for one wallet: the wallet, its new entries and what lies beside it.

    Attributes:
        seen: the version the decision was made on: the commit's condition.
        pages: by key, None for a page that is gone. dues: by (instant, what), None for one that is gone.
        rest: lots now at rest, None for one that left. notes: of new lots, by sequence.
    """

    seen: int
    wallet: Wallet
    entries: Sequence[Entry]
    pages: Mapping[str, Page | None]
    dues: Mapping[tuple[int, str], Due | None]
    rest: Mapping[int, Lot | None]
    notes: Mapping[int, Mapping[str, Any]]

    @property
    def items(self) -> int:
        """Items of the transaction that commits it."""
        blocks = {seq // limits.BLOCK_SEQS for seq in self.rest}
        return 1 + len(self.entries) + len(self.pages) + len(self.dues) + len(blocks) + len(self.notes)


class Book:
    """See the module. Made anew for every attempt at a decision; raises ``Need`` for what is not in hand."""

    def __init__(self, snapshot: Snapshot) -> None:
        wallet = snapshot.wallet
        self.snapshot: Final = snapshot
        self.wallet: Final = wallet
        self.window = list(wallet.window)
        self.pages = {key: list(page.lots) for key, page in snapshot.pages.items()}
        self.page_due = {key: page.due_at for key, page in snapshot.pages.items()}
        self.pending = {due.lot.seq: due for due in snapshot.dues if due.lot}
        self.status: Status = wallet.status
        self.totals = wallet.totals
        self.at = wallet.at
        self.entries: list[Entry] = []
        self.notes: dict[int, Mapping[str, Any]] = {}
        self._recorded = wallet.totals
        self._head = wallet.head
        self._touched: set[str] = set()
        self._dues: dict[tuple[int, str], Due | None] = {}
        self._rest: dict[int, Lot | None] = {}
        self._blocks: set[int] = set()

    # What there is

    @property
    def next_seq(self) -> int:
        return self.wallet.version + len(self.entries) + 1

    def key(self, lot: Lot) -> str:
        return order_key(lot, self.wallet.order)

    def open_lots(self, pages: int = limits.PAGES_PER_COMMIT) -> Iterator[Lot]:
        """Open lots in the order in which they are taken, reading up to ``pages`` pages as it goes.

        Lots may be replaced while it runs. Ends early, without a word, where the pages read do not go on.
        """
        yield from tuple(self.window)
        if not self.wallet.paged:
            return
        step = 0
        while True:
            front = (sorted(self.pages) if self.snapshot.complete else self._front())[:pages]
            for key in front[step:]:
                yield from tuple(self.pages[key])
            step = len(front)
            if self.snapshot.complete or step >= pages:
                return
            raise NeedFront(min(pages, max(1, step * 4)))

    def has_pages(self) -> bool:
        return bool(self.wallet.paged or self.pages)

    def resting_lots(self) -> Iterator[Lot]:
        """Lots at rest, given that all blocks are in hand."""
        resting: dict[int, Lot | None] = {}
        for block in self.snapshot.blocks.values():
            resting.update(block)
        resting.update(self._rest)
        return (lot for lot in resting.values() if lot)

    def loaded_lots(self) -> Iterator[Lot]:
        """Open lots in hand, in no order that matters."""
        yield from tuple(self.window)
        for lots in tuple(self.pages.values()):
            yield from tuple(lots)

    def find(self, seq: int) -> Lot | None:
        """The lot that entry ``seq`` granted, wherever it lies, or None."""
        for lot in self.loaded_lots():
            if lot.seq == seq:
                return lot
        block = seq // limits.BLOCK_SEQS
        if block not in self.snapshot.blocks and not self.snapshot.all_blocks:
            raise NeedBlock(block)
        resting = self._rest.get(seq) or self.snapshot.blocks.get(block, {}).get(seq)
        if resting:
            return resting
        if self.wallet.paged and not self.snapshot.complete:
            raise NeedFront(0)
        if self.wallet.totals.pending and self.unread_at is not None:
            raise NeedDue(limits.DUE_BATCH_READ)
        due = self.pending.get(seq)
        return due.lot if due else None

    @property
    def due_at(self) -> int | None:
        """A lower bound of the instants of the due items, as they would be after this decision."""
        instants = [due.at for due in self._dues.values() if due]
        instants += [due.at for due in self.snapshot.dues if (due.at, due.what) not in self._dues]
        if self.unread_at is not None:
            instants.append(self.unread_at)
        return min(instants, default=None)

    @property
    def unread_at(self) -> int | None:
        """A lower bound of the instants of the due items that are not in hand, None where all are."""
        if not self.snapshot.due_limit:
            return self.wallet.due_at
        dues = self.snapshot.dues
        return dues[-1].at if len(dues) >= self.snapshot.due_limit else None

    def is_due(self, now: int) -> bool:
        """Whether time has done something by ``now`` that is not in the book yet, or may have in what is not in hand.

        A due item alone is not enough: what it stood for may have been burned, or moved to another page.
        """
        if self.unread_at is not None and self.unread_at <= now:
            return True
        waiting = any(due.at <= now for due in self.pending.values())
        return waiting or any(lot.expired(now) for lot in self.loaded_lots())

    def next_change(self, now: int) -> int | None:
        """When time changes the wallet next, given that nothing is due by ``now``: due items that came to nothing, and
        only wait for a commit to be dropped, left out."""
        instants = [lot.expires_at for lot in self.loaded_lots() if lot.expires_at is not None]
        instants += [due.at for due in self.snapshot.dues if due.at > now]
        if self.unread_at is not None:
            instants.append(self.unread_at)
        return min(instants, default=None)

    def weight(self, page_cost: int = 1) -> int:
        """Items the decision takes up so far, counting ``page_cost`` for each page that changed."""
        beside = len(self._dues) + len(self._blocks) + len(self.notes)
        return 1 + len(self.entries) + page_cost * len(self._touched) + beside

    # Changes

    def add(self, lot: Lot) -> None:
        """A new open lot takes its place. One with nothing spendable goes to rest."""
        self._tally(lot, "window" if lot.spendable else "rest", 1)
        if lot.spendable:
            self._insert(lot)
        else:
            self._put_to_rest(lot)

    def add_pending(self, lot: Lot) -> None:
        """A new lot whose time has not come waits as a due item."""
        self._tally(lot, "pending", 1)
        self._put_due(Due(lot.effective_at, f"lot.{lot.seq}", lot))

    def activate(self, due: Due, lot: Lot) -> None:
        """A pending lot's time has come: it takes its place as ``lot``."""
        assert due.lot
        self._tally(due.lot, "pending", -1)
        self._drop_due(due)
        del self.pending[due.lot.seq]
        self.add(lot)

    def replace(self, old: Lot, new: Lot) -> None:
        """The lot ``old`` becomes ``new`` and changes its place if it must."""
        place, page = self._place(old)
        self._tally(old, place, -1)
        self._tally(new, "window" if place == "rest" and new.spendable else self._place_of(new, place), 1)
        if place == "pending":
            due = self.pending.pop(old.seq)
            if new.spendable:
                self._put_due(Due(due.at, due.what, new))
                self.pending[new.seq] = Due(due.at, due.what, new)
            else:
                self._drop_due(due)
                self._put_to_rest(new)
        elif place == "rest":
            if new.spendable:
                self._rest[old.seq] = None
                self._blocks.add(old.seq // limits.BLOCK_SEQS)
                self._insert(new)
            else:
                self._put_to_rest(new)
        else:
            lots = self.window if place == "window" else self.pages[page]
            index = lots.index(old)
            if place == "page":
                self._touched.add(page)
            if new.spendable:
                lots[index] = new
            else:
                del lots[index]
                self._put_to_rest(new)

    def owe(self, steps: int) -> None:
        """The wallet's debt grows (or shrinks, if negative)."""
        self.totals = self.totals._replace(owed=self.totals.owed + steps)

    def record(
        self,
        kind: EntryKind,
        draws: Sequence[Draw],
        at: int,
        cause: Cause | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Writes down what has changed since the last entry. Its instant is never before the wallet's last."""
        seq = self.next_seq
        self.at = max(self.at, at)
        entry = Entry(
            id=cause.entry_id if cause else time_entry_id(seq),
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
        )
        self.entries.append(entry)
        self._recorded = self.totals
        self._head = entry.hash()
        return entry

    def forget_due(self, now: int) -> None:
        """Drops the due items in hand whose pages have nothing more to expire by ``now``, while there is room: one
        that stays costs later decisions a read, and nothing else."""
        for due in self.snapshot.dues:
            if due.at > now or due.lot or (due.at, due.what) in self._dues:
                continue
            if self.weight(2) >= limits.BOOKING_ITEMS:
                return
            if any(lot.expired(now) for lot in self.pages.get(due.what, ())):
                continue
            self._drop_due(due)
            if self.page_due.get(due.what) == due.at:
                self.page_due[due.what] = None
                self._touched.add(due.what)

    def decision(self) -> Decision:
        """What is to be committed. The window is filled or trimmed, pages are split, due items follow."""
        if self.totals != self._recorded:
            raise AssertionError("a change without an entry")
        pages = dict(self._level())
        paged = self._paged()
        window, due_at = tuple(self.window), self.due_at
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
        )
        next_due, booked = wallet.next_due, any(entry.cause is None for entry in self.entries)
        if booked or (next_due is not None and (wallet.sweep_at is None or next_due < wallet.sweep_at)):
            # Moved later only where something was booked: else a burn would pay for the index as well.
            wallet = wallet.sweep(next_due)
        return Decision(
            self.wallet.version, wallet, tuple(self.entries), pages, self._dues, self._rest, self.notes
        )

    # Places

    def _front(self) -> list[str]:
        return sorted(self.pages)[: self.snapshot.front]

    def _place(self, lot: Lot) -> tuple[Place, str]:
        if lot in self.window:
            return "window", ""
        for key, lots in self.pages.items():
            if lot in lots:
                return "page", key
        return ("pending", "") if lot.seq in self.pending else ("rest", "")

    @staticmethod
    def _place_of(lot: Lot, place: Place) -> Place:
        return place if lot.spendable else "rest"

    def _tally(self, lot: Lot, place: Place, sign: int) -> None:
        spendable, totals = sign * lot.spendable, self.totals
        is_open = place in ("window", "page")
        self.totals = totals._replace(
            available=totals.available + (spendable if is_open else 0),
            paid=totals.paid + (spendable if is_open and lot.cost else 0),
            pending=totals.pending + (spendable if place == "pending" else 0),
            held=totals.held + sign * lot.held,
            frozen=totals.frozen + sign * lot.frozen,
        )

    def _insert(self, lot: Lot) -> None:
        key = self.key(lot)
        if not self.has_pages() or (self.window and key < self.key(self.window[-1])):
            insort(self.window, lot, key=self.key)
            return
        page = self._page_for(key)
        insort(self.pages[page], lot, key=self.key)
        self._touched.add(page)

    def _page_for(self, key: str) -> str:
        """The key of the page that a lot with this order key belongs to."""
        if self.snapshot.complete or not self.wallet.paged:
            covering = [page for page in self.pages if page <= key]
            return max(covering, default=min(self.pages))
        if key not in self.snapshot.covering:
            raise NeedPage(key)
        page = self.snapshot.covering[key]
        assert page is not None
        return page

    def _put_to_rest(self, lot: Lot) -> None:
        self._rest[lot.seq] = lot
        self._blocks.add(lot.seq // limits.BLOCK_SEQS)

    def _put_due(self, due: Due) -> None:
        self._dues[due.at, due.what] = due

    def _drop_due(self, due: Due) -> None:
        self._dues[due.at, due.what] = None

    def _paged(self) -> int:
        loaded_before = sum(len(page.lots) for page in self.snapshot.pages.values())
        return self.wallet.paged - loaded_before + sum(len(lots) for lots in self.pages.values())

    # Levelling: window, pages and due items as the invariants want them

    def _level(self) -> Iterator[tuple[str, Page | None]]:
        self._trim()
        self._refill()
        for key in sorted(self._touched):
            self._split(key)
        for key in sorted(self._touched):
            lots = self.pages.get(key)
            if not lots:
                self.pages.pop(key, None)
                if key in self.snapshot.pages:
                    yield key, None
                continue
            first = min((lot.expires_at for lot in lots if lot.expires_at is not None), default=None)
            due_at = self.page_due.get(key)
            if first is not None and (due_at is None or first < due_at):
                if due_at is not None:
                    self._drop_due(Due(due_at, key))
                self._put_due(Due(first, key))
                due_at = first
            yield key, Page(key, tuple(lots), due_at)

    def _fits(self, lots: Sequence[Lot], most: int, most_bytes: int) -> bool:
        room = most_bytes - len(self.wallet.account) - len(self.wallet.unit)
        return len(lots) <= most and sum(map(packed_size, lots)) <= room

    def _trim(self) -> None:
        """What does not fit in the window goes to the front of the pages."""
        while not self._fits(self.window, limits.WINDOW_LOTS, limits.WINDOW_BYTES):
            page = self._first_page() if self._paged() else self.key(self.window[-1])
            self.pages.setdefault(page, []).insert(0, self.window.pop())
            self._touched.add(page)

    def _refill(self) -> None:
        """A low window takes lots from the first two pages: one read and two items, and it is full for eight lots at
        least, wherever in the first page the last refill stopped."""
        if not self._paged() or not self._is_low():
            return
        if self.snapshot.front < limits.REFILL_PAGES and not self.snapshot.complete and self.wallet.paged:
            raise NeedFront(limits.REFILL_PAGES)
        for _ in range(limits.REFILL_PAGES):
            if not self._paged():
                return
            page = self._first_page()
            lots = self.pages[page]
            while lots and self._fits([*self.window, lots[0]], limits.WINDOW_LOTS, limits.WINDOW_BYTES):
                self.window.append(lots.pop(0))
                self._touched.add(page)

    def _is_low(self) -> bool:
        """Half empty by count and by bytes, so that no refill adds next to nothing."""
        return self._fits(self.window, limits.WINDOW_LOW, limits.WINDOW_BYTES // 2)

    def _first_page(self) -> str:
        """The first page that has lots in it."""
        if not self.wallet.paged or self.snapshot.complete:
            return min(key for key, lots in self.pages.items() if lots)
        for key in self._front():
            if self.pages[key]:
                return key
        raise NeedFront(self.snapshot.front + 1)

    def _split(self, key: str) -> None:
        """Cuts a page that has outgrown its item. One that only grew at its end keeps what it had."""
        lots = self.pages.get(key, [])
        if self._fits(lots, limits.PAGE_LOTS, limits.PAGE_BYTES):
            return
        was = self.snapshot.pages.get(key)
        grew_at_end = was is not None and lots[: len(was.lots)] == list(was.lots)
        cut = len(was.lots) if was and grew_at_end else len(lots) // 2
        lower, upper = lots[:cut], lots[cut:]
        del self.pages[key]
        # The lower part keeps the page's key, unless the page took lots that sort before it (the first page does)
        # and the upper part begins there: a key is never after its page's second neighbour's first lot.
        keeps = key if key < self.key(upper[0]) else self.key(lower[0])
        for name, part in ((keeps, lower), (self.key(upper[0]), upper)):
            self.pages[name] = part
            self.page_due.setdefault(name, None)
            self._touched.add(name)
            self._split(name)
