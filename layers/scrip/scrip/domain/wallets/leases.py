"""Leases: holds that one process spends in memory, and settles from time to time (laws 3 and 6).

A settlement books what was spent as records, whose stream is the hold, and fills the hold up again, in one commit. What
a lease holds at its deadline stays held for its grace, and then is given back or captured, as was said when it was
placed. Its draws are those that it still holds. Pure. Does not own holds in general (``holds``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import Crowded, HoldNotOpen, InvalidRequest, PolicyViolation, WalletFrozen
from scrip.domain.credits.ids import hold_id
from scrip.domain.credits.records import BUDGET, POLICY, REFUSALS
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import carries, draws, holds, streams
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import Drawn, spent_of_held
from scrip.domain.wallets.holds import LOT_ITEMS, Hold, beside
from scrip.domain.wallets.record_sums import RecordCost, budget_of, sums_of
from scrip.domain.wallets.shares import draws_by_meter, split
from scrip.domain.wallets.status import require_open

if TYPE_CHECKING:
    pass

CauseOf = Callable[[int], Cause]
"""Gives the cause of the entry that books records from an offset on."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a holder says that it has spent, and how it goes on.

    Attributes:
        seq: the hold's.
        first: the offset of the first record.
        records: each priced; None where the holder gave its offset up.
        policy: the unit's, as it is now.
        renew: credit steps that the hold is to hold then; None: it is not filled up.
        expires_at: its deadline from now on, epoch milliseconds; None: as it is.
    """

    seq: int
    first: int
    records: Sequence[RecordCost | None]
    policy: Policy
    renew: int | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement recorded: the entry of its records, and that by which the hold was filled up or prolonged.

    Attributes:
        short: the code of why the hold has less than it was to be filled up to; None where it has that.
    """

    booked: Entry | None = None
    renewed: Entry | None = None
    short: str | None = None

    @property
    def entry(self) -> Entry | None:
        """Returns the entry that answers; None where nothing was done."""
        return self.booked or self.renewed


def terms(grace: int, policy: Policy) -> dict[str, Any]:
    """Returns what holds of a lease that is placed now; ``grace``: the policy's, in milliseconds."""
    return {"grace": grace, "timeout": policy.lease_timeout, "next": 0, "trimmed": "0"}


def lease(draft: Draft, seq: int) -> Hold:
    """Returns the hold, which is a lease, open or over. Raises ``NotFound``, and ``PolicyViolation`` of other holds."""
    hold = holds.find(draft, seq)
    if hold.lease is None:
        raise PolicyViolation("the hold is no lease: capture it instead", policy="lease")
    return hold


def settle(draft: Draft, command: Settlement, now: int, cause_of: CauseOf) -> Settled:
    """Books the records that are not known yet, and fills the hold up; fewer records where one commit can do no more.

    What a record costs beyond what the hold has, or a budget of its meter, refuses it alone. To be filled up is never
    refused: there may be less.

    Nothing is done where nothing is asked for, or all is known and the hold is over.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
        PolicyViolation: the hold is no lease, or a record is of another meter than its own.
        OffsetGap: records are missing in between.
        InvalidRequest: the hold would last longer than holds may.
        BodyTooLarge: the entry's row would be too large.
    """
    hold = lease(draft, command.seq)
    assert hold.lease
    there = hold.lease["next"]
    known = streams.fresh_from(there, command.first, len(command.records))
    fresh = command.records[known:]
    if not fresh and (
        (command.renew is None and command.expires_at is None) or (known and hold.status != "open")
    ):
        # Who asks again for what was settled learns so, though the lease cannot be filled up any more.
        return Settled()
    require_open(draft)
    if hold.status != "open":
        raise HoldNotOpen(f"the hold is {hold.status}", hold_status=hold.status)
    if command.expires_at is not None and not now < command.expires_at <= now + limits.HOLD_MS:
        raise InvalidRequest([("expires_in", "must be at most seven days")])
    booked, cause = None, cause_of(there)
    if fresh:
        booked = _capture(draft, hold, fresh, now, cause)
        hold = holds.find(draft, command.seq)
        if hold.lease and hold.lease["next"] < command.first + len(command.records):
            return Settled(booked)
    renewed, short = _renew(draft, hold, command, now, beside(draft, cause))
    return Settled(booked, renewed, short)


def time_out(draft: Draft, seq: int, instant: int, room: int | None) -> bool:
    """Ends a hold whose time is over, a lease or not. Tells whether all of it fitted."""
    hold = holds.find(draft, seq)
    if hold.lease is None or hold.lease["timeout"] == "release" or not hold.held:
        return holds.time_out(draft, seq, instant, room)
    taken: list[Draw] = []
    for _, lot_seq, steps in hold.left:
        if room is not None and draft.weight(LOT_ITEMS) >= room:
            break
        taken.append(_take(draft, lot_seq, steps))
    if not taken:
        return False
    hold = _trimmed(hold, sum(one.amount for one in taken))
    counted: dict[str, Any] = {}
    if hold.budgets and draft.beside:
        # Imported where a lease counts in budgets: no other request pays for it.
        from scrip.domain.wallets import budget_counters

        hold, counted = budget_counters.captured(draft, hold, instant)
    if not hold.held:
        hold = holds.close(draft, hold, "captured")
    holds.record(draft, hold, "capture", taken, instant, None, {"held": len(taken), **counted})
    return not hold.held


def _capture(draft: Draft, hold: Hold, wanted: Sequence[RecordCost | None], now: int, cause: Cause) -> Entry:
    """Books records out of what the hold has."""
    assert hold.lease
    budget = budget_of(draft, hold.member, now)
    sums, first = sums_of(draft, wanted), hold.lease["next"]
    left, within = hold.held, sum(steps for _, _, steps in hold.left[: limits.LEASE_LOTS])
    for one in wanted:
        if one is None:
            sums.skip()
            continue
        if hold.meter is not None and one.meter not in (None, hold.meter):
            raise PolicyViolation(f"the lease is for {hold.meter} alone", policy="hold_meter")
        steps, rest = sums.price(one)
        if steps > left:
            sums.refuse(one, steps)
        elif budget and not budget.allows(one.meter or hold.meter, steps, [hold.meter]):
            sums.refuse(one, steps, BUDGET)
        elif steps > within and sums.records:
            break
        elif steps > within and not _fits(draft, hold, steps):
            # Of more lots than any commit can hold: it is refused alone, or the lease would stand still.
            sums.refuse(one, steps, POLICY)
        else:
            sums.pay(one, steps, rest)
            if budget:
                budget.count([(one.meter or hold.meter, steps)], [hold.meter], checked=False)
            left, within = left - steps, within - steps
    taken = _taken(draft, hold, sums.steps)
    shares = split(Drawn(taken, 0, 0), sums.parts)
    records = sums.packed()
    hold = _trimmed(hold, sums.steps, first + len(sums.records))
    counted: dict[str, Any] = {}
    if budget:
        hold, counted = replace(hold, budgets=budget.capture_of(hold)), budget.keep()
    changed = carries.change_all(draft, sums.rests, draws_by_meter(sums.parts, shares.draws, shares.items))
    stream = hold_id(draft.wallet.account, draft.wallet.unit, hold.seq)
    said = sums.told(stream, first, None, records, shares.items)
    sums.keep_counts()
    extra = {"held": len(shares.draws), **changed, **counted, **said}
    return holds.record(draft, hold, "capture", shares.draws, now, cause, extra, records)


def _fits(draft: Draft, hold: Hold, steps: int) -> bool:
    """Tells whether so many steps are of no more lots than one commit can hold."""
    saved = draft.savepoint()
    _taken(draft, hold, steps)
    fits = not draws.full(draft)
    draft.rollback(saved)
    return fits


def _taken(draft: Draft, hold: Hold, wanted: int) -> list[Draw]:
    """Takes steps from the front of what the hold has."""
    found: list[Draw] = []
    for _, lot_seq, there in hold.left:
        steps = min(wanted, there)
        if not steps:
            continue
        found.append(_take(draft, lot_seq, steps))
        wanted -= steps
        if not wanted:
            break
    return found


def _take(draft: Draft, lot_seq: int, steps: int) -> Draw:
    """Spends held steps of a lot."""
    lot = draft.lot(lot_seq)
    after, one = spent_of_held(lot, steps)
    draft.replace(lot, after)
    return one


def _trimmed(hold: Hold, spent: int, offset: int | None = None) -> Hold:
    """Returns the hold after steps of it were captured from the front, without the draws that have nothing left."""
    assert hold.lease
    left, draws_left = spent, list[tuple[int, int]]()
    for _, lot, steps in hold.left:
        gone = min(left, steps)
        left -= gone
        if steps > gone:
            draws_left.append((lot, steps - gone))
    captured = hold.captured + spent
    said = {**hold.lease, "trimmed": str(captured)}
    if offset is not None:
        said["next"] = offset
    return replace(hold, captured=captured, draws=draws_left, lease=said)


def _renew(
    draft: Draft, hold: Hold, command: Settlement, now: int, cause: Cause
) -> tuple[Entry | None, str | None]:
    """Fills the hold up as far as there is something, and moves its deadline.

    Returns the entry, None where neither changes anything; and the code of why the hold has less than it was to have.
    """
    drawn: Sequence[Draw] = ()
    counted: dict[str, Any] = {}
    short = None
    if command.renew is not None and command.renew > hold.held:
        if draft.status == "active":
            wanted, budget = command.renew - hold.held, budget_of(draft, hold.member, now)
            room = budget.room(hold.meter) if budget else None
            allowed = wanted if room is None else min(wanted, room)
            drawn = _set_aside(draft, hold, allowed, command.policy)
            taken = sum(one.amount for one in drawn)
            if budget and drawn:
                budget.count([(hold.meter, taken)])
                hold, counted = replace(hold, budgets=budget.hold(hold.budgets)), budget.keep()
            if taken < wanted:
                short = REFUSALS["" if taken < allowed else BUDGET]
        else:
            short = WalletFrozen.code
    moves = command.expires_at is not None and command.expires_at != hold.expires_at
    if not drawn and not moves:
        return None, short
    if command.expires_at is not None:
        hold = holds.postponed(draft, hold, command.expires_at)
    kept = holds.merged_lots([*hold.draws, *((one.lot, one.amount) for one in drawn)])
    hold = replace(hold, amount=hold.amount + sum(one.amount for one in drawn), draws=kept)
    return holds.record(draft, hold, "hold" if drawn else "extend", drawn, now, cause, counted), short


def _set_aside(draft: Draft, hold: Hold, wanted: int, policy: Policy) -> Sequence[Draw]:
    """Sets aside as much of ``wanted`` as there is; nothing where that does not fit into the commit."""
    if not wanted:
        return ()
    saved = draft.savepoint()
    try:
        return draws.pay(draft, wanted, policy, meter=hold.meter, partly=True, take=draws.set_aside).draws
    except (Crowded, PolicyViolation):
        draft.rollback(saved)
        return ()
