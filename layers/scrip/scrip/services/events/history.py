"""What the ledger had to tell of a time that is over, read again in pieces: for whoever missed it.

Owns which entries those are, and how to go on after a piece. The events that follow from them have the ids of the
first time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from zlib import crc32

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Unavailable
from scrip.services.engine.paging import BATCH
from scrip.store import keys, ledger, lists
from scrip.store.tables import Tables

PIECE: Final = 100
"""Entries of a piece: as many as one call reads."""
TRIES: Final = 20
WAIT: Final = 0.05
"""How often, and how long apart in seconds, the index of the ledger is asked while it lags."""
LAG_MS: Final = 60_000
"""Milliseconds by which it never lags, by far."""
WALLETS: Final = 50
"""Wallets that a piece looks at, at most: it ends within a second or two, whether they have anything or not."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time, and whose entries of it are meant.

    Attributes:
        since, until: epoch milliseconds; ``until`` is not in it. They are held against the instants at which entries
            were committed.
        accounts: whose; None: of all.
        share: which of how many shares of these accounts, counted from 0: shares can be read side by side.
    """

    since: int
    until: int
    accounts: Sequence[str] | None = None
    share: tuple[int, int] = (0, 1)


class HistoryPiece(NamedTuple):
    """Entries in the order of their wallets, those of a wallet in the order of ``seq``, and what to go on after; None:
    that was all. A piece may be empty, and yet not the last."""

    entries: Sequence[Entry]
    following: str | None


class _Place(NamedTuple):
    """Where a piece begins: an account, its wallet, and the position there. Without it, it is the wallet's or the
    account's beginning."""

    account: str = ""
    unit: str = ""
    position: tuple[int, int] | None = None

    @staticmethod
    def after(text: str) -> _Place:
        """Reads a place as a piece said it."""
        account, unit, position = json.loads(text)
        return _Place(account, unit, position and tuple(position))


def piece(tables: Tables, stretch: Stretch, after: str | None = None) -> HistoryPiece:
    """Reads the next piece of a time's entries.

    Args:
        after: what the piece before it said.

    Raises:
        Throttled, Unavailable: a table does not answer, or its index lags. It can be asked again.
    """
    start = _Place.after(after) if after else _Place()
    found: list[Entry] = []
    for number, (account, unit) in enumerate(_wallets(tables, stretch, start)):
        here = start if (account, unit) == start[:2] else _Place(account, unit)
        if number == WALLETS:
            return HistoryPiece(found, json.dumps(here))
        taken = _entries(tables, stretch, here, PIECE - len(found))
        found += taken
        if len(found) == PIECE:
            last = found[-1]
            return HistoryPiece(found, json.dumps(_Place(account, unit, (last.at, last.seq + 1))))
    return HistoryPiece(found, None)


def _entries(tables: Tables, stretch: Stretch, here: _Place, most: int) -> list[Entry]:
    """Returns up to ``most`` entries of a wallet from a place on, in their order.

    Where one is missing among them, the index of the ledger lags, and is asked again for up to a second. What is
    missing before others that are older than it ever lags is gone: somebody deleted it, which the verification finds.

    Raises:
        Unavailable: it still lags.
    """
    for _ in range(TRIES):
        entries, gap = _read(tables, stretch, here, most)
        if gap is None or gap.committed_at < stretch.until - LAG_MS:
            return entries
        time.sleep(WAIT)
    raise Unavailable("the ledger's timeline lags behind")


def _read(tables: Tables, stretch: Stretch, here: _Place, most: int) -> tuple[list[Entry], Entry | None]:
    """Reads entries once; returns them, and the first that does not follow on the one before it (None: all do)."""
    account, unit = here.account, here.unit
    first = here.position or ledger.committed_since(tables, account, unit, stretch.since)
    # What was committed before an instant holds before it. Nothing is expected to be listed yet.
    rows = ledger.listed_from(tables, account, unit, first, stretch.until, (first[1] or 1) - 1, most)
    known = ledger.find_many(tables, account, unit, [row.entry_id for row in rows])
    entries = [known[row.entry_id] for row in rows if known[row.entry_id].committed_at < stretch.until]
    if not entries:
        return [], None
    numbered = enumerate(entries, first[1] or entries[0].seq)
    return entries, next((entry for number, entry in numbered if entry.seq != number), None)


def _wallets(tables: Tables, stretch: Stretch, start: _Place) -> Iterator[tuple[str, str]]:
    """Yields wallets in the order of their accounts, and of their units, from a place on."""
    number, shares = stretch.share
    for account in _accounts(tables, stretch.accounts, start.account):
        if crc32(account.encode()) % shares != number:
            continue
        first = keys.wallet_of(start.unit if account == start.account else "")
        after: str | None = None
        while True:
            page = lists.page(
                tables,
                keys.account(account),
                BATCH,
                first=first,
                last=keys.WALLET_OF + lists.LAST,
                after=after,
            )
            yield from ((account, sk.removeprefix(keys.WALLET_OF)) for sk in page.found)
            after = page.following
            if after is None:
                break


def _accounts(tables: Tables, accounts: Sequence[str] | None, first: str) -> Iterator[str]:
    """Yields accounts in their order from one on: those that are given, or all there are."""
    if accounts is not None:
        yield from (account for account in sorted(set(accounts)) if account >= first)
        return
    after: str | None = None
    while True:
        page = lists.page(tables, keys.ACCOUNTS, BATCH, first=first or lists.FIRST, after=after)
        yield from page.found
        after = page.following
        if after is None:
            return
