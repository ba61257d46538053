"""Where a wallet's lots lie, in a working copy: window, pages, due items, blocks; and the sidecars beside them.

Invariants, kept here and nowhere else:
  - no lot in a page sorts before the window's last;
  - a page with an expiry has a due item not later than it;
  - a lot with nothing spendable is exhausted: in a block, in neither window nor pages;
  - what is set for an instant has a due item at just that instant.

A draft of ten thousand lots changes as fast as one of ten, lot for lot: places are looked up, not searched for.

Does not own the totals and the entries (``draft``), the sizes of window and pages (``lot_pages``), which lots are taken
(``draws``), nor when time changes them (``due``, ``agenda``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

from scrip.domain.credits import limits
from scrip.domain.credits.lots import Lot, order_key
from scrip.domain.wallets.agenda import Times
from scrip.domain.wallets.wallet import (
    Due,
    Name,
    NeedBlock,
    NeedDue,
    NeedFront,
    NeedPage,
    NeedSidecars,
    Sidecar,
    Snapshot,
)

LotState = Literal["open", "pending", "exhausted"]
"""Where a lot lies: in the order of open lots, with the due items, or in the blocks of exhausted ones."""
FEW: Final = 64
"""Open lots among which a search is as fast as a look into an index."""


class Layout:
    """The lots of one wallet in burn order, as they are stored. Raises ``Need`` for what was not read.

    Attributes:
        in_time: tells whether there is time to go on; whoever has made the draft may set it.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.in_time: Callable[[], bool] = always
        self.snapshot: Final = snapshot
        self.wallet: Final = snapshot.wallet
        self.funds = snapshot.wallet.funds
        self.window = list(snapshot.wallet.window)
        self.pages = {key: list(page.lots) for key, page in snapshot.pages.items()}
        self.page_due = {key: page.due_at for key, page in snapshot.pages.items()}
        self.pending = {due.lot.seq: due for due in snapshot.dues if due.lot}
        self.timers = {name: due for due in snapshot.dues if (name := due.sidecar)}
        self.sidecars: dict[Name, Sidecar | None] = {}
        self._touched: set[str] = set()
        self._dues: dict[tuple[int, str], Due | None] = {}
        self._new_dues: set[tuple[int, str]] = set()
        self._rest: dict[int, Lot | None] = {}
        self._blocks: set[int] = set()
        self._keys: dict[int, str] = {}
        self._places: dict[int, tuple[Lot, str | None]] | None = None
        self._sorted_pages: list[str] = []
        self._times: Times | None = None

    # What there is

    def key(self, lot: Lot) -> str:
        """Returns the lot's key in the wallet's burn order. It is made once: it changes with the lot's end alone."""
        key = self._keys.get(lot.seq)
        if key is None:
            key = self._keys[lot.seq] = order_key(lot, self.wallet.order)
        return key

    @property
    def times(self) -> Times:
        """Returns what time will do to what was read, and to what this draft has made of it."""
        if self._times is None:
            self._times = Times(self.loaded_lots(), self.pending.values(), self.timers)
        return self._times

    def open_lots(self, pages: int = limits.PAGES_PER_COMMIT) -> Iterator[Lot]:
        """Yields open lots in the order in which they are taken, reading up to ``pages`` pages as it goes.

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

    def every_open_lot(self) -> Iterator[Lot]:
        """Yields all open lots, in no order that matters."""
        if self.wallet.paged and not self.snapshot.complete:
            raise NeedFront(0)
        return self.loaded_lots()

    def has_pages(self) -> bool:
        """Tells whether any open lot lies outside the window."""
        return bool(self.wallet.paged or self.pages)

    def unread_blocks(self, seqs: Iterable[int]) -> set[int]:
        """Returns the numbers of the blocks that were not read, and in which these lots may lie."""
        if self.snapshot.all_blocks:
            return set()
        known = self.snapshot.resting.keys() | self._rest.keys() | self.pending.keys()
        unknown = {seq for seq in seqs if seq not in known and self._find_open(seq) is None}
        return {seq // limits.BLOCK_SEQS for seq in unknown} - self.snapshot.blocks.keys()

    def exhausted_lots(self) -> Iterator[Lot]:
        """Yields the exhausted lots, given that all blocks were read."""
        resting: dict[int, Lot | None] = {}
        for block in self.snapshot.blocks.values():
            resting.update(block)
        resting.update(self._rest)
        return (lot for lot in resting.values() if lot)

    def loaded_lots(self) -> Iterator[Lot]:
        """Yields the open lots that were read, in no order that matters."""
        yield from tuple(self.window)
        for lots in tuple(self.pages.values()):
            yield from tuple(lots)

    def find(self, seq: int) -> Lot | None:
        """Returns the lot that entry ``seq`` granted, wherever it lies; None where it lies nowhere."""
        if (found := self._find_open(seq)) is not None:
            return found
        resting = self._rest.get(seq) or self.snapshot.resting.get(seq)
        if resting:
            return resting
        block = seq // limits.BLOCK_SEQS
        if block not in self.snapshot.blocks and not self.snapshot.all_blocks:
            raise NeedBlock(block)
        resting = self.snapshot.blocks.get(block, {}).get(seq)
        if resting:
            return resting
        if self.wallet.paged and not self.snapshot.complete:
            raise NeedFront(0)
        if self.wallet.totals.pending and self.unread_at is not None:
            raise NeedDue(limits.DUE_BATCH_READ)
        due = self.pending.get(seq)
        return due.lot if due else None

    def _find_open(self, seq: int) -> Lot | None:
        """Returns the open lot that entry ``seq`` granted, if it was read."""
        if self._crowded():
            place = self._index().get(seq)
            return place[0] if place else None
        return next((lot for lot in self.loaded_lots() if lot.seq == seq), None)

    def lot(self, seq: int) -> Lot:
        """Returns the lot that entry ``seq`` granted, wherever it lies.

        Raises:
            LookupError: it lies nowhere.
        """
        lot = self.find(seq)
        if lot is None:
            raise LookupError(f"{self.wallet.account}/{self.wallet.unit} has no lot {seq}")
        return lot

    @property
    def due_at(self) -> int | None:
        """Returns a lower bound of the instants of the due items, as they would be after this decision."""
        instants = [due.at for due in self._dues.values() if due]
        instants += [due.at for due in self.snapshot.dues if (due.at, due.what) not in self._dues]
        if self.unread_at is not None:
            instants.append(self.unread_at)
        return min(instants, default=None)

    @property
    def unread_at(self) -> int | None:
        """Returns a lower bound of the instants of the due items that were not read; None where all were."""
        if not self.snapshot.due_limit:
            return self.wallet.due_at
        dues = self.snapshot.dues
        return dues[-1].at if len(dues) >= self.snapshot.due_limit else None

    def is_due(self, now: int) -> bool:
        """Tells whether time has done something by ``now`` that is not booked yet, or may have in what was not read.

        A due item alone is not enough: what it stood for may have been burned, or moved to another page.
        """
        if self.unread_at is not None and self.unread_at <= now:
            return True
        if self._times is not None:
            first = self._times.first()
            return first is not None and first <= now
        waiting = any(due.at <= now for due in (*self.pending.values(), *self.timers.values()))
        return waiting or any(lot.turns(now) for lot in self.loaded_lots())

    def next_change(self, now: int) -> int | None:
        """Returns when time changes the wallet next, given that nothing is due by ``now``; None: never.

        Due items that came to nothing, and only wait for a commit to be dropped, do not count.
        """
        instants = [at for lot in self.loaded_lots() if (at := lot.turns_at) is not None]
        instants += [due.at for due in self.snapshot.dues if due.at > now]
        if self.unread_at is not None:
            instants.append(self.unread_at)
        return min(instants, default=None)

    # Sidecars

    def sidecar(self, kind: str, name: str) -> Sidecar | None:
        """Returns what is kept under this kind and name; None where there is nothing."""
        if (kind, name) in self.sidecars:
            return self.sidecars[kind, name]
        if (kind, name) not in self.snapshot.sidecars:
            raise NeedSidecars(((kind, name),))
        return self.snapshot.sidecars[kind, name]

    def knows(self, name: Name) -> bool:
        """Tells whether a sidecar can be looked at, without anything being read."""
        return name in self.sidecars or name in self.snapshot.sidecars

    def keep(self, kind: str, name: str, sidecar: Sidecar | None) -> None:
        """Keeps this instead of what was there; None: nothing any more."""
        self.sidecars[kind, name] = sidecar

    def set_timer(self, kind: str, name: str, was: int | None, at: int | None) -> None:
        """Makes a sidecar due at the instant ``at``, and no more at the instant ``was``; None is never."""
        if was is not None:
            self._drop_due(Due(was, f"{kind}.{name}"))
            self.timers.pop((kind, name), None)
            if self._times:
                self._times.timing.drop(was, (kind, name))
        if at is not None:
            due = Due(at, f"{kind}.{name}")
            self._put_due(due)
            self.timers[kind, name] = due
            if self._times:
                self._times.timing.put(at, (kind, name), (at, (kind, name)))

    # Changes of place

    def put(self, lot: Lot) -> LotState:
        """Puts a lot that lies nowhere into the order, or among the exhausted ones where nothing of it can be spent."""
        if lot.spendable:
            self._insert(lot)
            return "open"
        self._rest[lot.seq] = lot
        self._blocks.add(lot.seq // limits.BLOCK_SEQS)
        return "exhausted"

    def put_pending(self, lot: Lot) -> None:
        """Puts a lot whose time has not come among the due items."""
        due = Due(lot.effective_at, f"lot.{lot.seq}", lot)
        self._put_due(due)
        self.pending[lot.seq] = due
        if self._times:
            self._times.waiting.put(due.at, lot.seq, due)

    def take_pending(self, seq: int) -> None:
        """Takes a pending lot out of its due item."""
        due = self.pending.pop(seq)
        self._drop_due(due)
        if self._times:
            self._times.waiting.drop(due.at, seq)

    def swap(self, old: Lot, new: Lot) -> tuple[LotState, LotState]:
        """Replaces a lot by what it is now, and moves it if it must. Returns its state before and after."""
        if old.seq in self.pending:
            self.take_pending(old.seq)
            if not new.spendable:
                return "pending", self.put(new)
            self.put_pending(new)
            return "pending", "pending"
        home = self._home(old)
        if home is None:
            if new.spendable:
                self._take_from_rest(old.seq)
            return "exhausted", self.put(new)
        lots, page, at = home
        if page is not None:
            self._touched.add(page)
        if new.spendable:
            lots[at] = new
            self._opened(new, page)
            return "open", "open"
        del lots[at]
        if self._places is not None:
            del self._places[old.seq]
        if self._times:
            self._times.closed(old)
        return "open", self.put(new)

    def reorder(self, old: Lot, new: Lot) -> tuple[LotState, LotState]:
        """Replaces a lot whose place in the burn order is another now. Returns its state before and after."""
        home = None if old.seq in self.pending else self._home(old)
        self._keys.pop(old.seq, None)
        if home is None:
            return self.swap(old, new)
        lots, page, at = home
        if page is not None:
            self._touched.add(page)
        del lots[at]
        if self._places is not None:
            del self._places[old.seq]
        if self._times:
            self._times.closed(old)
        return "open", self.put(new)

    def _home(self, lot: Lot) -> tuple[list[Lot], str | None, int] | None:
        """Returns where an open lot lies: the list, the key of its page (None: the window), and its position there."""
        if self._crowded():
            place = self._index().get(lot.seq)
            if place is None or place[0] != lot:
                return None
            page = place[1]
            lots = self.window if page is None else self.pages[page]
            # What ends next is mostly the first.
            at = 0 if lots[0] == lot else bisect_left(lots, self.key(lot), key=self.key)
            # Parts of several versions need not be in order: what was decided on them is never written.
            return lots, page, at if at < len(lots) and lots[at] == lot else lots.index(lot)
        for lots, page in ((self.window, None), *((lots, key) for key, lots in self.pages.items())):
            if lot in lots:
                return lots, page, lots.index(lot)
        return None

    def _crowded(self) -> bool:
        """Tells whether so many lots were read that places are looked up."""
        return len(self.window) + len(self.pages) * limits.PAGE_LOTS > FEW

    def _index(self) -> dict[int, tuple[Lot, str | None]]:
        """Returns each open lot that was read, and the key of its page, by its sequence."""
        if self._places is None:
            self._places = {lot.seq: (lot, key) for key, lots in self.pages.items() for lot in lots}
            self._places |= {lot.seq: (lot, None) for lot in self.window}
        return self._places

    def _opened(self, lot: Lot, page: str | None) -> None:
        """Notes where a lot lies that is open now, or has changed there."""
        if self._places is not None:
            self._places[lot.seq] = (lot, page)
        if self._times:
            self._times.opened(lot)

    def _moves(self) -> None:
        """Forgets which lot is in which page: they are about to be moved."""
        self._places = None
        self._sorted_pages = []

    def _take_from_rest(self, seq: int) -> None:
        """Takes a lot out of its block; one that only this decision had put there was never in it."""
        block = seq // limits.BLOCK_SEQS
        if seq in self.snapshot.resting or seq in self.snapshot.blocks.get(block, {}):
            self._rest[seq] = None
            self._blocks.add(block)
        else:
            del self._rest[seq]

    def _front(self) -> list[str]:
        return sorted(self.pages)[: self.snapshot.front]

    def _insert(self, lot: Lot) -> None:
        """Puts an open lot into the window or its page, in order."""
        key = self.key(lot)
        page: str | None = None
        lots = self.window
        if self.has_pages() and not (lots and key < self.key(lots[-1])):
            page = self._page_for(key)
            lots = self.pages[page]
            self._touched.add(page)
        if lots and key > self.key(lots[-1]):
            # What comes in mostly ends last.
            lots.append(lot)
        else:
            insort(lots, lot, key=self.key)
        self._opened(lot, page)

    def _page_for(self, key: str) -> str:
        """Returns the key of the page that a lot with this order key belongs to."""
        whole = self.snapshot.complete or not self.wallet.paged
        if not self._sorted_pages:
            self._sorted_pages = sorted(self.pages) if whole else self._front()
        pages = self._sorted_pages
        if pages and (whole or key < pages[-1]):
            return pages[max(0, bisect_right(pages, key) - 1)]
        if key in self.snapshot.covering:
            page = self.snapshot.covering[key]
            assert page is not None
            return page
        for low, page, high in self.snapshot.spans:
            if low <= key and (high is None or key < high):
                return page
        # One lot asks for its page alone. Who puts in more learns how far the page reaches, and mostly asks no more.
        raise NeedPage(key, spanning=bool(self.snapshot.covering))

    def _put_due(self, due: Due) -> None:
        """Puts a due item, and remembers whether it is one that was never stored."""
        place = (due.at, due.what)
        if place not in self._dues:
            self._new_dues.add(place)
        self._dues[place] = due

    def _drop_due(self, due: Due) -> None:
        """Drops a due item. One that this draft alone has put needs no deletion."""
        place = (due.at, due.what)
        if place in self._new_dues and due.page is None:
            self._new_dues.discard(place)
            del self._dues[place]
        else:
            self._dues[place] = None


def always() -> bool:
    """Tells that there is time, where nobody counts it."""
    return True
