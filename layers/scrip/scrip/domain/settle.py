"""What time has done to a wallet: one pure function behind reads, writes and the sweep (law 5).

Events are taken in order of their instants, and at one instant in this order: expiries, then activations. An
entry that books one bears the fact's own instant, never before the wallet's last.
"""

from __future__ import annotations

from scrip.domain import limits
from scrip.domain.book import Book
from scrip.domain.entries import Draw
from scrip.domain.lots import Lot, Money
from scrip.domain.wallet import Due, NeedDue

DUE_PAGE_COST = 3
"""Items a page with something due may take: itself, its due item's removal and its next due item."""


def settle(book: Book, now: int, *, batch: int = limits.DUE_BATCH, room: int | None = None) -> bool:
    """Books in ``book`` what has become due by ``now``.

    Args:
        batch: how many due items to read at a time.
        room: items of a transaction that may be filled; None for a read, which commits nothing.

    Returns:
        Whether all of it is booked. If not, what is booked is to be committed and the rest settled after it.
    """
    unread_at = book.unread_at
    if unread_at is not None and unread_at <= now and not book.snapshot.due_limit:
        raise NeedDue(batch)
    # What is not in hand comes before what lies later, so that the timeline is true.
    until = now if unread_at is None else min(now, unread_at)
    while (instant := _next_instant(book, until)) is not None:
        if not (_expire(book, instant, room) and _activate(book, instant, room)):
            break
    if not book.entries:
        if book.is_due(now):
            # All due items in hand have come to nothing, and a commit needs an entry: further ones may have not.
            raise NeedDue(book.snapshot.due_limit * 4)
        return True
    book.forget_due(now)
    return not book.is_due(now)


def _next_instant(book: Book, now: int) -> int | None:
    instants = [lot.expires_at for lot in book.loaded_lots() if lot.expires_at is not None]
    instants += [due.at for due in book.pending.values()]
    first = min(instants, default=None)
    return first if first is not None and first <= now else None


def _full(book: Book, room: int | None) -> bool:
    return room is not None and book.weight(DUE_PAGE_COST) >= room


def _expire(book: Book, instant: int, room: int | None) -> bool:
    draws: list[Draw] = []
    done = True
    for lot in book.loaded_lots():
        if not lot.expired(instant):
            continue
        if _full(book, room):
            done = False
            break
        after, value = lot.less(lot.spendable, "expired")
        book.replace(lot, after)
        draws.append(Draw(lot.seq, lot.spendable, money(lot, value)))
    if draws:
        book.record("expiry", draws, instant)
    return done


def _activate(book: Book, instant: int, room: int | None) -> bool:
    waiting = [due for due in book.pending.values() if due.at <= instant]
    for due in sorted(waiting, key=_grant_order):
        if _full(book, room):
            return False
        assert due.lot
        lot, draws = repaid(book, due.lot)
        book.activate(due.lot, lot)
        book.record("activation", draws, instant, extra={"lot": lot.seq})
    return True


def _grant_order(due: Due) -> tuple[int, int]:
    assert due.lot
    return due.at, due.lot.seq


def repaid(book: Book, lot: Lot) -> tuple[Lot, list[Draw]]:
    """A lot that comes alive pays what the wallet owes first, where its terms say so."""
    steps = min(book.totals.owed, lot.spendable) if lot.repays else 0
    if not steps:
        return lot, []
    after, value = lot.less(steps)
    book.owe(-steps)
    return after, [Draw(lot.seq, steps, money(lot, value))]


def money(lot: Lot, amount: int) -> Money | None:
    """``amount`` minor units of the lot's currency; None for a lot that cost nothing."""
    return Money(amount, lot.cost.currency) if lot.cost else None
