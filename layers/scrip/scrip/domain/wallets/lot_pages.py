"""Window and pages of a wallet's lots, kept within their sizes: the window is refilled and trimmed, pages are split.

Does not own where a lot that changes belongs (``layout``), nor how pages are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrip.domain.credits import limits
from scrip.domain.credits.lot_codec import packed_size
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.funds_codec import pack_funds
from scrip.domain.wallets.layout import Layout
from scrip.domain.wallets.wallet import Due, NeedFront, Page


class PagedLayout(Layout):
    """A layout whose window and pages can be written. Raises ``Need`` for what was not read."""

    def _splits(self) -> int:
        """Returns the most pages that will be split off where lots have come in."""
        sizes = [len(self.pages[key]) for key in self._touched if key in self.pages]
        sizes.append(len(self.window) - limits.WINDOW_LOTS + limits.PAGE_LOTS)
        return sum(size // limits.SPLIT_LOTS for size in sizes if size > limits.PAGE_LOTS)

    def _paged(self) -> int:
        """Counts the lots in pages, those that were not read included."""
        loaded_before = sum(len(page.lots) for page in self.snapshot.pages.values())
        return self.wallet.paged - loaded_before + sum(len(lots) for lots in self.pages.values())

    def _level(self) -> Iterator[tuple[str, Page | None]]:
        """Makes the invariants true again. Yields the pages that changed, by key; None for one that is gone."""
        self._moves()
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
            first = min((at for lot in lots if (at := lot.turns_at) is not None), default=None)
            due_at = self.page_due.get(key)
            if first is not None and (due_at is None or first < due_at):
                if due_at is not None:
                    self._drop_due(Due(due_at, key))
                self._put_due(Due(first, key))
                due_at = first
            yield key, Page(key, tuple(lots), due_at)
        self._check_others()

    def _check_others(self) -> None:
        """Checks that no exhausted or pending lot has a number below zero, as may come of parts of several versions.

        Those in window and pages were measured, and so checked.

        Raises:
            ValueError: one has.
        """
        waiting = (due.lot for due in self._dues.values() if due)
        for lot in (*self._rest.values(), *waiting):
            if lot:
                packed_size(lot)

    def _fits(self, lots: Sequence[Lot], most: int, most_bytes: int) -> bool:
        """Tells whether these lots are no more than so many, and fit into an item of so many bytes."""
        beside = len(pack_funds(self.funds or ()))
        room = most_bytes - len(self.wallet.account) - len(self.wallet.unit) - beside
        return len(lots) <= most and sum(map(packed_size, lots)) <= room

    def _trim(self) -> None:
        """Moves what does not fit in the window to the front of the pages."""
        while not self._fits(self.window, limits.WINDOW_LOTS, limits.WINDOW_BYTES):
            page = self._first_page() if self._paged() else self.key(self.window[-1])
            self.pages.setdefault(page, []).insert(0, self.window.pop())
            self._touched.add(page)

    def _refill(self) -> None:
        """Moves lots from the first two pages into a window that is low.

        One read and two items give it eight lots at least, wherever in the first page the last refill stopped.
        """
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

    def refills(self, until: int) -> bool:
        """Tells whether the window must be filled again after its lots that end by ``until``, from pages not read."""
        if not self.wallet.paged or self.snapshot.complete or self.snapshot.front:
            return False
        left = sum(not lot.turns(until) for lot in self.window)
        return left < len(self.window) and left <= limits.WINDOW_LOW

    def _is_low(self) -> bool:
        """Tells whether the window is half empty by count and by bytes, so that no refill adds next to nothing."""
        return self._fits(self.window, limits.WINDOW_LOW, limits.WINDOW_BYTES // 2)

    def _first_page(self) -> str:
        """Returns the key of the first page that has lots in it."""
        if not self.wallet.paged or self.snapshot.complete:
            return min(key for key, lots in self.pages.items() if lots)
        for key in self._front():
            if self.pages[key]:
                return key
        # As many again: where time has emptied the first twenty pages, they are not asked for one by one.
        raise NeedFront(max(self.snapshot.front * 2, limits.REFILL_PAGES))

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
