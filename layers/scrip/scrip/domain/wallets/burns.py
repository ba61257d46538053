"""Burns: credits are spent, in the order of the wallet's lots.

Pure: changes a draft and records an entry, or raises a refusal by name. Does not own which lots pay (``draws``),
nor what a meter's event costs (``credits.rates``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import Drawn, pay
from scrip.domain.wallets.repayments import for_meters, owe
from scrip.domain.wallets.shares import ItemCost, Shares, draws_by_meter, pay_parts
from scrip.domain.wallets.status import require_active

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
        InsufficientCredits: mode ``exact``, and there is less than that.
        PolicyViolation: mode ``exact``, and more lots would be touched than one commit can hold.
        Crowded: it would fit, were it not for what else is in the decision.
    """
    require_active(draft)
    policy, partly = command.policy, command.mode == "up_to"
    overdraft = 0 if partly and policy.up_to == "available" else policy.overdraft(draft.totals.owed)
    items: dict[str, Any] = {}
    paid: Drawn | Shares
    if command.parts:
        paid = pay_parts(draft, command.parts, policy, partly=partly, overdraft=overdraft)
        items["items"] = paid.items
    else:
        paid = pay(draft, command.amount, policy, meter=command.meter, partly=partly, overdraft=overdraft)
    meters = [part.meter for part in command.parts] or [command.meter]
    owes = owe(draft, for_meters(meters), paid.owed)
    missing = str(paid.short - paid.owed)
    drawn = (
        draws_by_meter(command.parts, paid.draws, items["items"]) if items else {command.meter: paid.draws}
    )
    owes |= carries.change_all(draft, command.rests, drawn)
    extra = {"missing": missing, **owes, **items, **(command.extra or {})}
    return draft.record("burn", paid.draws, now, cause, extra)
