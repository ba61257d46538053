"""What time has done to a wallet: one pure function behind reads, writes and the sweep (law 5).

Events are taken in order of their instants, and at one instant in this order: holds that time out, ends that are
moved because nobody was told of them, rollovers, expiries, what allowances write off as their periods end, what they
grant, activations. An entry that books one
bears the fact's own instant, never before the wallet's last. What that takes grows with what happens, not with its
square: what will be needed is asked for at once, and what happens next is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.errors import CatchingUp
from scrip.domain.credits.lots import NOTE
from scrip.domain.wallets import allowances, holds, lot_terms, notices
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry import end, no_room
from scrip.domain.wallets.layout import FEW
from scrip.domain.wallets.repayments import Repaid, repaid, restore
from scrip.domain.wallets.wallet import Due, Name, NeedBlocks, NeedDue, NeedFront, NeedSidecars

LOOK: Final = 64
"""Instants that are followed between two looks at the time that is left: some milliseconds."""


def apply_due(draft: Draft, now: int, *, batch: int = limits.DUE_BATCH, room: int | None = None) -> bool:
    """Books in the draft what has become due by ``now``.

    Args:
        batch: how many due items to read at a time; ``limits.DUE_BATCH_READ``: all that are due.
        room: items of a transaction that may be filled; None for a read, which commits nothing.

    Returns:
        Whether all of it is booked. If not, what is booked is to be committed, and the rest is applied after it.

    Raises:
        CatchingUp: more has become due than can be followed in the time that is left.
    """
    unread_at = draft.unread_at
    if unread_at is not None and unread_at <= now and not draft.snapshot.due_limit:
        raise NeedDue(batch, now if batch == limits.DUE_BATCH_READ else None)
    if draft.is_due(now):
        _follow(draft, now, room)
    if not draft.entries:
        if draft.is_due(now):
            # All due items that were read have come to nothing, and a commit needs an entry: further ones may have not.
            raise NeedDue(draft.snapshot.due_limit * 4)
        return True
    draft.forget_due(now)
    return not draft.is_due(now)


def _follow(draft: Draft, now: int, room: int | None) -> None:
    """Books what happens, instant by instant, as far as was read and as there is room."""
    until = _until(draft, now)
    _read_ahead(draft, until, room)
    instants = 0
    while (instant := draft.times.first()) is not None and instant <= until:
        if not _happens(draft, instant, room):
            break
        if (left := draft.times.timing.first()) is not None and left <= instant:
            # It would be followed for ever. That a timer and its sidecar differ means that they were read apart.
            raise LookupError(f"a timer at {left} is not that of its sidecar")
        instants += 1
        if not instants % LOOK and not draft.in_time():
            raise CatchingUp("much has become due, and is not booked yet: send the same request again")


def _until(draft: Draft, now: int) -> int:
    """Returns the instant up to which time can be followed with what was read.

    What was not read may come before what lies later. All of one instant is booked together, unless nothing else was
    read.
    """
    unread_at = draft.unread_at
    if unread_at is None or unread_at > now:
        return now
    first = draft.times.first()
    return unread_at if first is None or first >= unread_at else unread_at - 1


def _happens(draft: Draft, instant: int, room: int | None) -> bool:
    """Books everything of this instant, the first of all, in its order. Tells whether all of it fitted."""
    timed = draft.times.timing.at(instant)
    return (
        (not timed or _time_out(draft, _named(timed, holds.KIND), instant, room))
        and (not draft.times.moving.comes(instant) or notices.move(draft, instant, room))
        and (not draft.times.ending.comes(instant) or end(draft, instant, room))
        and (not timed or _allow(draft, _named(timed, allowances.KIND), instant, room))
        and _activate(draft, instant, room)
    )


def _read_ahead(draft: Draft, until: int, room: int | None) -> None:
    """Asks for what the instants up to ``until`` need, a read for each kind of it: else each would ask by itself."""
    times, sidecars = draft.times, draft.snapshot.sidecars
    timers = [name for _, name in times.timing.until(until)]
    ruled = [lot for lot in times.ending.until(until) if lot.rolls]
    rolling = [lot for lot in ruled if lot.noted and draft.beside]
    if room is not None:
        # Each becomes an entry, a lot and a note: no more fit into a transaction.
        rolling = rolling[: limits.COMMIT_ITEMS // 3]
    notes = [(NOTE, str(lot.seq)) for lot in rolling]
    moved = times.moving.until(until)
    spans = {notices.spans_name(lot) for lot in moved}
    scoped = ruled or [lot for lot in moved if lot.scoped]
    terms = [(lot_terms.KIND, lot_terms.ALL)] if scoped else []
    _ask(draft, [*timers, *notes, *terms, *sorted(spans)])
    held = [name for kind, name in timers if kind == holds.KIND]
    apart = [holds.draws_apart(name, sidecars.get((holds.KIND, name))) for name in held]
    _ask(draft, [one for one in apart if one])
    if held and draft.budgeted and draft.beside:
        # Imported where a wallet has budgets: no other request pays for it.
        from scrip.domain.wallets import budget_counters

        found = [draft.sidecar(holds.KIND, name) or {} for name in held]
        budget_counters.need(draft, (hold.get("member") for hold in found if hold.get("budgets")))
    moving = timers or ruled or moved or times.waiting.until(until) or len(times.ending.until(until)) > FEW
    if room is None and moving and draft.wallet.paged and not draft.snapshot.complete:
        # Lots come in between others, or many go: to be asked for one page after the other would take a look for each.
        raise NeedFront(0)
    if room is not None and draft.refills(until):
        raise NeedFront(min(limits.PAGES_PER_COMMIT, len(draft.pages) + limits.REFILL_PAGES))
    if len(held) > 1:
        blocks = draft.unread_blocks(seq for name in held for seq in holds.drawn_from(draft, name))
        if blocks:
            raise NeedBlocks(tuple(blocks))


def _ask(draft: Draft, names: Iterable[Name]) -> None:
    """Raises ``NeedSidecars`` for those of these sidecars that are not known."""
    missing = [name for name in names if name not in draft.snapshot.sidecars and name not in draft.sidecars]
    if missing:
        raise NeedSidecars(tuple(missing))


def _named(timed: Sequence[tuple[int, Name]], kind: str) -> list[str]:
    """Returns the names of this kind's sidecars among those that are due, in the order in which they became so."""
    named = [(at, len(name), name) for at, (of, name) in timed if of == kind]
    return [name for _, _, name in sorted(named)]


def _time_out(draft: Draft, names: Sequence[str], instant: int, room: int | None) -> bool:
    """Ends holds whose deadline has come: what they set aside is given back, or captured. Tells whether all fitted."""
    if not names:
        return True
    # Imported where a hold times out: no other request pays for it.
    from scrip.domain.wallets import leases

    return all(
        not no_room(draft, room) and leases.time_out(draft, int(name), instant, room) for name in names
    )


def _allow(draft: Draft, names: Sequence[str], instant: int, room: int | None) -> bool:
    """Applies the allowances whose time has come. Tells whether all of them fitted."""
    if names and draft.totals.owed:
        # Imported where something is owed as a period ends: no other request pays for it.
        from scrip.domain.wallets import overages

        for name in names:
            if no_room(draft, room):
                return False
            overages.end_period(draft, name, instant)
    for name in names:
        if no_room(draft, room):
            return False
        allowances.come_due(draft, name, instant)
    return True


def _activate(draft: Draft, instant: int, room: int | None) -> bool:
    """Opens the pending lots whose time has come. Tells whether all of them fitted."""
    waiting = draft.times.waiting.until(instant)
    for due in sorted(waiting, key=_grant_order) if len(waiting) > 1 else waiting:
        if no_room(draft, room):
            return False
        assert due.lot
        repays = Repaid()
        lot = repaid(draft, due.lot, due.lot.spendable, repays)
        draft.activate(due.lot, lot)
        if repays.undone:
            restore(draft, (), instant, repays)
        back = repays.back
        extra = {"lot": lot.seq, **({"back": len(back)} if back else {}), **repays.extra}
        draft.record("activation", [*back, *repays.draws], instant, extra=extra)
    return True


def _grant_order(due: Due) -> tuple[int, int]:
    assert due.lot
    return due.at, due.lot.seq
