"""A wallet as it was read, and what else of it was read.

A wallet is one item (totals and window) with its further lots beside it:

    window   the first lots in burn order, up to sixteen
    pages    the lots that follow, in burn order, twenty to a page; none sorts before the window's last
    due      one item per page with an expiry (a lower bound of it), pending lot (the lot itself), open hold
             and allowance
    rest     exhausted lots, with nothing spendable left, in blocks by sequence: emptied, or all held or frozen
    sidecars   what else is kept of it, each under a kind and a name: notes of lots, terms, holds, allowances, how
             much of a burn was reversed, fractions of a step that a meter carries

A decision that needs more than was read raises ``Need``. The executor reads it and decides again. Does not own where a
lot belongs (``layout``), nor how any of this is stored (``store``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from scrip.domain.credits.entries import GENESIS, NOTHING, Totals
from scrip.domain.credits.entries import Status as Status
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.units import LotOrder
from scrip.domain.wallets.funds import Funds

Name = tuple[str, str]
"""A sidecar's kind, and its name within the kind."""
Sidecar = Mapping[str, Any]
"""Members of a sidecar: JSON values."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """The wallet item. Amounts are credit steps, instants epoch milliseconds.

    Attributes:
        version: the sequence of the last entry; 0 for a wallet that has none.
        at: the instant of the last entry.
        head: the hash of the last entry.
        recorded_at: when the last entry was committed: the next one is not before it. Of one of before it was kept,
            its instant.
        window: the first open lots in burn order.
        paged: how many open lots follow in pages.
        due_at: a lower bound of the instants of its due items, None where there are none.
        sweep_at: when the sweep is to look at it: never later than ``next_due``.
        funds: what became of its credits' money; None where it was not counted from the beginning.
        base: what was available right after the last entry that renews it; None in a wallet of before it was kept,
            until one does.
        shows_base: whether entries show the base whatever the unit's policy says.
        noticed: whether it has lots of whose ends somebody is to be told: ``sweep_at`` is then no later than the first
            such notice, and only who looks for notices moves it later.
        own_notices: whether notices of its lots' ends are its account's own, not its unit's.
        pace: what it has spent of late, as ``pace`` keeps it, as of ``at``; nothing where its unit has no breaker.
        budgeted: whether it has budgets: only such a wallet's burns look for them.
        own_rates: whether its account has, or had, rate cards of its own in it.
        listed: whether the lists of accounts and of their wallets have it: from its first commit on. One of before
            there were lists comes into them with its next commit.
    """

    account: str
    unit: str
    order: LotOrder
    version: int = 0
    at: int = 0
    head: bytes = GENESIS
    status: Status = "active"
    totals: Totals = NOTHING
    window: tuple[Lot, ...] = ()
    paged: int = 0
    due_at: int | None = None
    sweep_at: int | None = None
    funds: tuple[Funds, ...] | None = ()
    listed: bool = False
    recorded_at: int = 0
    base: int | None = 0
    shows_base: bool = False
    noticed: bool = False
    own_notices: bool = False
    own_rates: bool = False
    pace: bytes = b""
    budgeted: bool = False

    @property
    def next_due(self) -> int | None:
        """Returns a lower bound of the next instant at which time changes this wallet; None where it never will."""
        instants = [lot.expires_at - lot.waits for lot in self.window if lot.expires_at is not None]
        if self.due_at is not None:
            instants.append(self.due_at)
        return min(instants, default=None)

    def sweep(self, at: int | None) -> Wallet:
        """Returns the same wallet, listed for the sweep at this instant; None: not listed."""
        return replace(self, sweep_at=at)


@dataclass(frozen=True, slots=True)
class Page:
    """Lots that follow the window, in burn order.

    Attributes:
        key: where the page sorts. A lot belongs to the last page whose key is not after its own, or the first.
        due_at: the instant of the page's due item, a lower bound of its lots' expiries; None where it has none.
    """

    key: str
    lots: tuple[Lot, ...]
    due_at: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Something that time will change at ``at``, or later: a page, a pending lot, or a sidecar (a hold, an allowance).

    Attributes:
        what: a page's key, a lot's sequence, or a sidecar's kind and name with a point between them.
        lot: the lot, if it is one.
    """

    at: int
    what: str
    lot: Lot | None = None

    @property
    def sidecar(self) -> Name | None:
        """Returns the kind and name of the sidecar it stands for; None for a page or a lot."""
        kind, point, name = self.what.partition(".")
        return (kind, name) if point and not self.lot else None

    @property
    def page(self) -> str | None:
        """Returns the key of the page it stands for; None for a lot or a sidecar."""
        return None if self.lot or "." in self.what else self.what


RunKind = Literal["page", "due", "rest", "hold", "allowance"]
"""What lists read in runs: pages of open lots, due items, blocks of exhausted lots; sidecars of a kind."""


@dataclass(frozen=True, slots=True)
class KeyRun:
    """Items of one kind that were read one after the other, for a list.

    Attributes:
        keys: their sort keys without the kind's prefix, in order.
        ended: whether no others follow.
        dues: the due items themselves. Pages, blocks and sidecars are with the snapshot's others.
    """

    keys: tuple[str, ...] = ()
    ended: bool = False
    dues: tuple[Due, ...] = ()


@dataclass(slots=True)
class Snapshot:
    """What has been read of one wallet, all of it at or after the wallet's own version.

    Attributes:
        fresh: the wallet was read for this request, not remembered from the one before.
        front: how many of the first pages were read, in order; ``complete``: all of them.
        covering: for an order key, the key of the page that it belongs to.
        spans: pages with the order keys that belong to them, from the first one to the one (None: no end) before which
            they end.
        dues: the due items that were read, earliest first; ``due_limit`` is how many were asked for, 0: none yet.
        blocks: blocks of exhausted lots, by block number; ``all_blocks``: all of them.
        sidecars: those that were asked for, None where there is none.
        runs: what lists have read, by kind and the key that it follows. A run of pages begins with the page that its
            key belongs to.
        resting: exhausted lots that are known one by one, without their blocks.
    """

    wallet: Wallet
    fresh: bool = True
    pages: dict[str, Page] = field(default_factory=dict)
    front: int = 0
    complete: bool = False
    covering: dict[str, str | None] = field(default_factory=dict)
    spans: list[tuple[str, str, str | None]] = field(default_factory=list)
    dues: tuple[Due, ...] = ()
    due_limit: int = 0
    blocks: dict[int, dict[int, Lot]] = field(default_factory=dict)
    all_blocks: bool = False
    sidecars: dict[Name, Sidecar | None] = field(default_factory=dict)
    runs: dict[tuple[RunKind, str], KeyRun] = field(default_factory=dict)
    resting: dict[int, Lot] = field(default_factory=dict)

    @property
    def in_parts(self) -> bool:
        """Tells whether more than the wallet item was read: somebody may have written it in between."""
        return bool(self.pages or self.sidecars or self.blocks or self.due_limit)


class Need(Exception):
    """The decision needs a part of the wallet that was not read."""


class NeedFront(Need):
    """The first ``count`` pages, in order."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class NeedPage(Need):
    """The page that a lot with this order key belongs to; ``spanning``: and how far the page reaches."""

    def __init__(self, key: str, *, spanning: bool = False) -> None:
        super().__init__(key)
        self.key = key
        self.spanning = spanning


class NeedDue(Need):
    """The earliest ``limit`` due items, and the pages they name; or all up to ``until``, and one after it."""

    def __init__(self, limit: int, until: int | None = None) -> None:
        super().__init__(limit, until)
        self.limit = limit
        self.until = until

    def cut(self, dues: list[Due]) -> tuple[list[Due], int]:
        """Returns those of the first ``limit`` due items that are to be followed, and how many that is at least.

        Two of five may name pages: a page has twenty lots, and more of them would be read than one commit can book.
        """
        pages = 0
        for number, due in enumerate(dues, 1):
            pages += due.page is not None
            if pages >= max(1, self.limit * 2 // 5):
                return dues[:number], number
        return dues, self.limit


class NeedBlock(Need):
    """The block of exhausted lots with this number, or all of them (None)."""

    def __init__(self, number: int | None) -> None:
        super().__init__(number)
        self.number = number


class NeedBlocks(Need):
    """The blocks of exhausted lots with these numbers."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


class NeedSidecars(Need):
    """The sidecars of these names."""

    def __init__(self, names: tuple[Name, ...]) -> None:
        super().__init__(names)
        self.names = names


class NeedRun(Need):
    """The next ``count`` items of a kind in the order of their keys: after ``after``, or after those read since."""

    def __init__(self, kind: RunKind, after: str, count: int) -> None:
        super().__init__(kind, after, count)
        self.kind, self.after, self.count = kind, after, count
