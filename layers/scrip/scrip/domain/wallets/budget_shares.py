"""What a burn may take of a wallet's budgets, where it may be less than was asked for.

In mode ``up_to`` a burn takes what budgets leave, item by item, and of that what lots give. An item that lots cannot
pay leaves what it was allowed to those after it. Does not own the counters (``budget_counters``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scrip.domain.credits.units import Policy
from scrip.domain.wallets import budget_counters
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.shares import ItemCost, Shares, pay_parts


class BudgetShares:
    """The budgets that count what a burn takes."""

    def __init__(self, draft: Draft, member: str | None, now: int) -> None:
        self._draft, self._counters = draft, budget_counters.load(draft, member, now)

    def allowed(
        self, parts: Sequence[ItemCost], *, partly: bool, most: Mapping[int, int] | None = None
    ) -> list[ItemCost]:
        """Returns the items with the steps that budgets leave for each, and makes room for the counters in the commit.

        Args:
            partly: less is better than nothing.
            most: by item, the steps that it takes at most.

        Raises:
            BudgetExceeded: not ``partly``, and a budget leaves less.
        """
        counters = self._counters
        counters.changes.clear()
        counters.reserve()
        if not partly:
            counters.count((part.meter, part.steps) for part in parts)
            return list(parts)
        found = []
        for part in parts:
            room = counters.room(part.meter)
            bounds = [part.steps, *([] if room is None else [room])]
            steps = min(*bounds, (most or {}).get(part.item, part.steps))
            counters.count([(part.meter, steps)], checked=False)
            found.append(part._replace(steps=steps))
        return found

    def spend(self, taken: Mapping[str | None, int]) -> dict[str, Any]:
        """Counts what was taken for each meter. Returns what the entry says of it."""
        self._counters.changes.clear()
        self._counters.count(taken.items(), checked=False)
        return self._counters.keep()

    def pay(
        self, parts: Sequence[ItemCost], policy: Policy, *, partly: bool, overdraft: int
    ) -> tuple[Shares, dict[str, Any]]:
        """Takes what the items cost, and budgets leave. Returns it, and what the entry says of budgets.

        Raises:
            BudgetExceeded: not ``partly``, and a budget leaves less.
            InsufficientCredits, PolicyViolation, Crowded: as ``shares.pay_parts``.
        """
        most: dict[int, int] = {}
        for tries_left in range(len(parts), -1, -1):
            saved = self._draft.savepoint()
            allowed = self.allowed(parts, partly=partly, most=most)
            paid = pay_parts(self._draft, allowed, policy, partly=partly, overdraft=overdraft)
            taken = _taken(allowed, paid)
            withheld = sum(part.steps for part in parts) - sum(part.steps for part in allowed)
            short = {part.item: taken[part.item] for part in allowed if taken[part.item] < part.steps}
            if not (tries_left and withheld and short):
                break
            # What these items cannot use may be used by others.
            most |= short
            self._draft.rollback(saved)
        sums: dict[str | None, int] = {}
        for part in allowed:
            sums[part.meter] = sums.get(part.meter, 0) + taken[part.item]
        missing = [
            ItemCost(part.item, part.meter, part.steps - one.steps)
            for part, one in zip(parts, allowed, strict=True)
            if part.steps > one.steps
        ]
        said = self.spend(sums)
        # What budgets withhold is missing as what lots lack is, and is never owed: it stands behind that.
        paid.lacking = [*paid.lacking, *missing]
        return paid, said


def _taken(parts: Sequence[ItemCost], paid: Shares) -> dict[int, int]:
    """Returns the steps that each item cost at last: what lots gave, and what is owed, the first item's first."""
    found = {part.item: part.steps for part in parts}
    left = paid.owed
    for part in paid.lacking:
        owed = min(left, part.steps)
        left -= owed
        found[part.item] -= part.steps - owed
    return found
