"""What is told of budgets: a percentage of one was passed, or all of it is spent.

Each follows from one entry alone, which says which marks it passed; so it is the same whenever it is asked. A mark that
is passed again, after something was given back, is told again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrip.domain.credits.entries import Entry
from scrip.domain.wallets.budget_counters import LIMIT, MEMBER


@dataclass(frozen=True, slots=True)
class BudgetCrossing:
    """An entry by which a mark of a budget was passed.

    Attributes:
        mark: a percentage of the limit; ``LIMIT``: all of it.
        member: whose budget it is; of the wallet's own None.
        spent, limit: after the entry, in steps.
        start, end: the budget's period, epoch milliseconds.
    """

    entry: Entry
    budget: str
    mark: str
    member: str | None
    spent: int
    limit: int
    start: int
    end: int

    @property
    def whole(self) -> bool:
        """Tells whether all of the budget is spent."""
        return self.mark == LIMIT


def crossings(entry: Entry) -> Iterator[BudgetCrossing]:
    """Yields what an entry passes of budgets, mark by mark."""
    for name, told in sorted(entry.extra.get(MEMBER, {}).items()):
        crossed = told.get("crossed")
        if not crossed:
            continue
        for mark in crossed["at"]:
            yield BudgetCrossing(
                entry,
                name,
                mark,
                crossed.get("member"),
                int(crossed["spent"]),
                int(crossed["limit"]),
                told["from"],
                crossed["to"],
            )
