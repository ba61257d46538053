"""Burns: credits are spent, in the order of the wallet's lots.

Pure: changes a draft and records an entry, or raises a refusal by name. Does not own which lots pay (``draws``),
nor what a meter's event costs (``credits.rates``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import pay
from scrip.domain.wallets.repayments import owe_for
from scrip.domain.wallets.shares import ItemCost, draws_by_meter, pay_parts
from scrip.domain.wallets.status import require_active

if TYPE_CHECKING:
    from scrip.domain.wallets.budget_shares import BudgetShares

Mode = Literal["exact", "up_to"]


@dataclass(frozen=True, slots=True)
class Burn:
    """Spends credits, priced.

    Attributes:
        amount: credit steps.
        policy: the unit's, as it is now.
        mode: ``exact`` spends all of it or nothing, ``up_to`` what there is of it.
        meter: what the credits are spent for, None where no meter counts it.
        extra: what the entry says of it besides.
        rests: by meter, what its cost has beyond the steps, or lacks of them.
        parts: what each item costs, where there are several: together the amount.
    """

    amount: int
    policy: Policy
    mode: Mode = "exact"
    meter: str | None = None
    extra: Mapping[str, Any] | None = None
    rests: Mapping[str, Fraction] = field(default_factory=dict)
    parts: Sequence[ItemCost] = ()


def burn(draft: Draft, command: Burn, now: int, cause: Cause) -> Entry:
    """Spends the command's amount, or in mode ``up_to`` what there is of it.

    The policy's overdraft pays what an exact burn lacks. ``up_to`` takes what is there, and makes debt only where the
    policy says so.

    Raises:
        WalletClosed, WalletFrozen: nothing is spent from such a wallet.
        BudgetExceeded: mode ``exact``, and a budget has less left; ``up_to`` takes what budgets leave.
        InsufficientCredits: mode ``exact``, and there is less than that.
        PolicyViolation: mode ``exact``, and more lots would be touched than one commit can hold.
        Crowded: it would fit, were it not for what else is in the decision.
    """
    require_active(draft)
    policy, partly = command.policy, command.mode == "up_to"
    overdraft = 0 if partly and policy.up_to == "available" else policy.overdraft(draft.totals.owed)
    if command.parts:
        return _burn_items(draft, command, overdraft, now, cause)
    meter, amount, counted = command.meter, command.amount, dict[str, Any]()
    counters = _counters(draft, now, cause)
    if counters:
        amount = counters.allowed([ItemCost(0, meter, amount)], partly=partly)[0].steps
    paid = pay(draft, amount, policy, meter=meter, partly=partly, overdraft=overdraft)
    if counters:
        counted = counters.spend({meter: amount - paid.short + paid.owed})
    owes = owe_for(draft, [(meter, paid.owed)])
    owes |= carries.change_all(draft, command.rests, {meter: paid.draws})
    missing = str(command.amount - amount + paid.short - paid.owed)
    extra = {"missing": missing, **owes, **counted, **(command.extra or {})}
    return draft.record("burn", paid.draws, now, cause, extra)


def _burn_items(draft: Draft, command: Burn, overdraft: int, now: int, cause: Cause) -> Entry:
    """Spends what each item costs. What lots lack is owed for the item's own meter. Raises as ``burn``."""
    parts, partly, counted = command.parts, command.mode == "up_to", dict[str, Any]()
    counters = _counters(draft, now, cause)
    if counters:
        paid, counted = counters.pay(parts, command.policy, partly=partly, overdraft=overdraft)
    else:
        paid = pay_parts(draft, parts, command.policy, partly=partly, overdraft=overdraft)
    owes = owe_for(draft, paid.owes)
    owes |= carries.change_all(draft, command.rests, draws_by_meter(parts, paid.draws, paid.items))
    missing = str(paid.short - paid.owed)
    extra = {"missing": missing, **owes, **counted, "items": paid.items, **(command.extra or {})}
    return draft.record("burn", paid.draws, now, cause, extra)


def _counters(draft: Draft, now: int, cause: Cause) -> BudgetShares | None:
    """Returns the counters of the wallet's budgets; None where it has none."""
    if not draft.budgeted:
        return None
    # Imported where a wallet has budgets: no other request pays for it.
    from scrip.domain.wallets.budget_shares import BudgetShares

    return BudgetShares(draft, cause.member, now)
