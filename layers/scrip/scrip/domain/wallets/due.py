"""What time has done to a wallet: one pure function behind reads, writes and the sweep (law 5).

Events are taken in order of their instants, and at one instant in this order: holds that time out, rollovers,
expiries, grants of allowances, activations. An entry that books one bears the fact's own instant, never before the
wallet's last.
"""

from __future__ import annotations

from scrip.domain.credits import limits
from scrip.domain.credits.errors import CatchingUp
from scrip.domain.wallets import allowances, holds
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry import expire, no_room, roll
from scrip.domain.wallets.repayments import Repaid, repaid
from scrip.domain.wallets.wallet import Due, NeedDue, NeedSidecars


def apply_due(draft: Draft, now: int, *, batch: int = limits.DUE_BATCH, room: int | None = None) -> bool:
    """Books in the draft what has become due by ``now``.

    Args:
        batch: how many due items to read at a time.
        room: items of a transaction that may be filled; None for a read, which commits nothing.

    Returns:
        Whether all of it is booked. If not, what is booked is to be committed, and the rest is applied after it.

    Raises:
        CatchingUp: without a bound of ``room``, more has become due than one look follows.
    """
    unread_at = draft.unread_at
    if unread_at is not None and unread_at <= now and not draft.snapshot.due_limit:
        raise NeedDue(batch)
    until = _until(draft, now)
    _read_sidecars(draft, until)
    while (instant := _next_instant(draft, until)) is not None:
        if not _happens(draft, instant, room):
            break
        if len(draft.entries) > limits.BOOKED_AT_SIGHT:
            raise CatchingUp(
                "more has become due than one look follows: let a write, or the sweep, book it first"
            )
    if not draft.entries:
        if draft.is_due(now):
            # All due items that were read have come to nothing, and a commit needs an entry: further ones may have not.
            raise NeedDue(draft.snapshot.due_limit * 4)
        return True
    draft.forget_due(now)
    return not draft.is_due(now)


def _until(draft: Draft, now: int) -> int:
    """Returns the instant up to which time can be followed with what was read.

    What was not read may come before what lies later. All of one instant is booked together, unless nothing else was
    read.
    """
    unread_at = draft.unread_at
    if unread_at is None or unread_at > now:
        return now
    first = _next_instant(draft, unread_at)
    return unread_at if first is None or first == unread_at else unread_at - 1


def _happens(draft: Draft, instant: int, room: int | None) -> bool:
    """Books everything of this instant, in its order. Tells whether all of it fitted."""
    return (
        _time_out(draft, instant, room)
        and roll(draft, instant, room)
        and expire(draft, instant, room)
        and _allow(draft, instant, room)
        and _activate(draft, instant, room)
    )


def _read_sidecars(draft: Draft, until: int) -> None:
    """Asks for the sidecars whose time has come, all of them in one read."""
    due = [name for name, timer in draft.timers.items() if timer.at <= until]
    missing = [name for name in due if name not in draft.snapshot.sidecars and name not in draft.sidecars]
    if not missing:
        held = (name for name in due if name[0] == holds.KIND)
        apart = (holds.draws_apart(name, draft.sidecar(kind, name)) for kind, name in held)
        missing = [one for one in apart if one and one not in draft.snapshot.sidecars]
    if missing:
        raise NeedSidecars(tuple(missing))


def _next_instant(draft: Draft, now: int) -> int | None:
    """Returns the first instant by ``now`` at which time does something that is not booked yet; None: there is none."""
    instants = [lot.expires_at for lot in draft.loaded_lots() if lot.expires_at is not None]
    instants += [due.at for due in (*draft.pending.values(), *draft.timers.values())]
    first = min(instants, default=None)
    return first if first is not None and first <= now else None


def _timers(draft: Draft, kind: str, instant: int) -> list[str]:
    """Returns the names of this kind's sidecars that are due by the instant, in the order in which they became so."""
    due = [(timer.at, name) for (of, name), timer in draft.timers.items() if of == kind]
    return [name for at, name in sorted(due, key=lambda one: (one[0], len(one[1]), one[1])) if at <= instant]


def _time_out(draft: Draft, instant: int, room: int | None) -> bool:
    """Gives back what holds set aside whose deadline has come. Tells whether all of it fitted."""
    return all(
        not no_room(draft, room) and holds.time_out(draft, int(name), instant, room)
        for name in _timers(draft, holds.KIND, instant)
    )


def _allow(draft: Draft, instant: int, room: int | None) -> bool:
    """Applies the allowances whose time has come. Tells whether all of them fitted."""
    for name in _timers(draft, allowances.KIND, instant):
        if no_room(draft, room):
            return False
        allowances.come_due(draft, name, instant)
    return True


def _activate(draft: Draft, instant: int, room: int | None) -> bool:
    """Opens the pending lots whose time has come. Tells whether all of them fitted."""
    waiting = [due for due in draft.pending.values() if due.at <= instant]
    for due in sorted(waiting, key=_grant_order):
        if no_room(draft, room):
            return False
        assert due.lot
        repays = Repaid()
        lot = repaid(draft, due.lot, due.lot.spendable, repays)
        draft.activate(due.lot, lot)
        draft.record("activation", repays.draws, instant, extra={"lot": lot.seq, **repays.extra})
    return True


def _grant_order(due: Due) -> tuple[int, int]:
    assert due.lot
    return due.at, due.lot.seq
