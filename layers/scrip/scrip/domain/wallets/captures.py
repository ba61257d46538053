"""Captures: credits that a hold has set aside are spent (law 6).

They take from the front of what the hold drew; of a hold for several meters what was set aside for an item's meter
first. What is captured beyond the hold is burned besides, where the hold says so. Does not own the holds (``holds``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import PolicyViolation, Steps
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import full, spent_of_held
from scrip.domain.wallets.expiry import expire
from scrip.domain.wallets.holds import Hold, beside, close, give_back, open_hold, record
from scrip.domain.wallets.lot_terms import pays_for
from scrip.domain.wallets.repayments import owe_for
from scrip.domain.wallets.shares import ItemCost, Shares, draws_by_meter, pay_parts
from scrip.domain.wallets.status import require_active

if TYPE_CHECKING:
    from scrip.domain.wallets.budget_captures import CaptureBudget


@dataclass(frozen=True, slots=True)
class Capture:
    """Spends credits of a hold.

    Attributes:
        seq: the hold's.
        policy: the unit's, as it is now.
        amount: credit steps; None: all that is held.
        final: what is still held then is given back.
        parts: what each item costs, by quantity, instead of an amount.
        extra: what the entry says of it besides.
        changes: members of the hold that follow from what is counted.
        rests: by meter, what its cost has beyond the steps, or lacks of them.
        listed: the request had a list of items: the entry says which item each draw is for.
    """

    seq: int
    policy: Policy
    amount: int | None = None
    final: bool = True
    parts: Sequence[ItemCost] | None = None
    extra: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] | None = None
    listed: bool = False
    rests: Mapping[str, Fraction] | None = None


@dataclass(slots=True)
class _Plan:
    """What a capture takes of a hold.

    Attributes:
        taken: place of the draw, lot and steps, in order; ``items`` says for which item each is.
        short: what items are short of then.
        across: steps that were set aside for one meter and are taken for another.
    """

    taken: list[tuple[int, int, int]]
    items: list[int]
    short: list[ItemCost]
    across: list[tuple[str | None, str | None, int]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """Returns the held steps that it takes."""
        return sum(steps for _, _, steps in self.taken)

    @property
    def by_draw(self) -> dict[int, int]:
        """Returns the steps that it takes, by the place of their draw."""
        found: dict[int, int] = {}
        for at, _, steps in self.taken:
            found[at] = found.get(at, 0) + steps
        return found


def capture(draft: Draft, command: Capture, now: int, cause: Cause) -> Entry | None:
    """Spends credits of the hold.

    Returns:
        The entry; None where only a part of the rest could be given back in one commit: commit it, and come again.

    Raises:
        NotFound, WalletClosed, HoldNotOpen.
        WalletFrozen, BudgetExceeded, InsufficientCredits, Crowded: more than is held, and it cannot be burned besides.
        PolicyViolation: more than is held, and the hold refuses that; or it is a lease.
    """
    hold = open_hold(draft, command.seq)
    if hold.lease:
        raise PolicyViolation("the hold is a lease: settle it instead", policy="lease")
    parts = command.parts
    if parts is None:
        parts = [ItemCost(0, hold.meter, hold.held if command.amount is None else command.amount)]
    plan = _plan(draft, hold, parts)
    rest = hold.held - plan.steps if command.final else 0
    if plan.short:
        _check_extra(draft, hold)
    budget = _budget(draft, hold, plan, rest, now)
    if plan.short and rest:
        _try_extra(draft, plan, command.policy)
    if rest:
        hold = give_back(draft, hold, rest, now, beside(draft, cause), plan.by_draw)
        if hold.held > plan.steps or full(draft, len(hold.draws)):
            return None
        expire(draft, now)
        budget = _budget(draft, hold, plan, 0, now)
    counted = {} if budget is None else budget.keep()
    extra, overdraft = Shares(), command.policy.overdraft(draft.totals.owed)
    if plan.short:
        extra = pay_parts(draft, plan.short, command.policy, overdraft=overdraft)
    owes = owe_for(draft, extra.owes)
    draws = []
    for _, lot_seq, steps in plan.taken:
        lot = draft.lot(lot_seq)
        after, one = spent_of_held(lot, steps)
        draft.replace(lot, after)
        draws.append(one)
    captured, beyond = hold.captured + plan.steps, hold.extra + sum(part.steps for part in plan.short)
    hold = replace(hold.less(plan.by_draw), captured=captured, extra=beyond, **(command.changes or {}))
    if budget is not None:
        hold = replace(hold, budgets=budget.still)
    # By quantity more may come that costs nothing, so such a hold stays open until it is said to be the last.
    if command.final or (not hold.held and command.parts is None):
        hold = close(draft, hold, "captured")
    items = [*plan.items, *extra.items]
    drawn = draws_by_meter(parts, [*draws, *extra.draws], items)
    owes |= carries.change_all(draft, command.rests or {}, drawn)
    said = {"held": len(draws), **owes, **counted, **(command.extra or {})}
    if command.listed:
        said["items"] = items
    return record(draft, hold, "capture", [*draws, *extra.draws], now, cause, said)


def _plan(draft: Draft, hold: Hold, parts: Sequence[ItemCost]) -> _Plan:
    """Chooses what a capture takes of a hold.

    Of one for several meters that is what was set aside for an item's meter first, then whatever else of it may pay
    for that meter.
    """
    left, plan = hold.left, _Plan([], [], [])
    for part in parts:
        wanted = part.steps
        # The sort keeps the order of the draws within each half. An amount takes them as they come.
        own = sorted(range(len(left)), key=lambda at: part.meter is not None and left[at][0] != part.meter)
        for at in own:
            meter, lot, there = left[at]
            steps = min(wanted, there)
            if not steps or not _may_take(draft, hold, part, meter, lot):
                continue
            left[at] = (meter, lot, there - steps)
            plan.taken.append((at, lot, steps))
            plan.items.append(part.item)
            if hold.split is not None and part.meter not in (None, meter):
                plan.across.append((meter, part.meter, steps))
            wanted -= steps
        if wanted:
            plan.short.append(part._replace(steps=wanted))
    return plan


def _may_take(draft: Draft, hold: Hold, part: ItemCost, meter: str | None, lot: int) -> bool:
    """Tells whether what is held of a lot for one meter may be captured for the part's."""
    own = hold.split is None or part.meter is None or meter == part.meter
    return own or pays_for(draft, draft.lot(lot), part.meter)


def _budget(draft: Draft, hold: Hold, plan: _Plan, rest: int, now: int) -> CaptureBudget | None:
    """Returns what a capture counts of the wallet's budgets; None where it has none.

    Args:
        rest: the steps that are given back with it, before.

    Raises:
        BudgetExceeded: what is captured beyond the hold, or for another meter than it was set aside for, is too much.
    """
    if not draft.budgeted:
        return None
    # Imported where a wallet has budgets: no other request pays for it.
    from scrip.domain.wallets.budget_captures import CaptureBudget

    taken, short = plan.by_draw, [(part.meter, part.steps) for part in plan.short]
    return CaptureBudget(draft, hold, now, taken, plan.across, short, rest)


def _check_extra(draft: Draft, hold: Hold) -> None:
    """Refuses what is captured beyond the hold where that is not allowed.

    Raises:
        WalletFrozen, WalletClosed, PolicyViolation: as ``capture``.
    """
    require_active(draft)
    if hold.over_capture == "refuse":
        raise PolicyViolation("that is more than is held", policy="over_capture", held=Steps(hold.held))


def _try_extra(draft: Draft, plan: _Plan, policy: Policy) -> None:
    """Tries that what is captured beyond the hold can be paid: before anything is given back.

    Raises:
        PolicyViolation, InsufficientCredits, Crowded: as ``capture``.
    """
    saved = draft.savepoint()
    pay_parts(draft, plan.short, policy, overdraft=policy.overdraft(draft.totals.owed))
    draft.rollback(saved)
