"""What a capture of a hold counts of budgets, beside what the hold counted when it was placed.

That is what it takes beyond the hold, and of a hold for several meters what it takes for another meter than it was set
aside for. Does not own the counters (``budget_counters``), nor what a capture takes (``captures``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scrip.domain.wallets import budget_counters
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold

Across = tuple[str | None, str | None, int]
"""Steps that were set aside for one meter, and are taken for another."""


class CaptureBudget:
    """What one capture counts. It is checked as it is made.

    Attributes:
        still: what the hold counts then.
    """

    def __init__(
        self,
        draft: Draft,
        hold: Hold,
        now: int,
        taken: Mapping[int, int],
        across: Sequence[Across],
        short: Iterable[tuple[str | None, int]],
        rest: int,
    ) -> None:
        """Counts what a capture takes.

        Args:
            taken: steps, by the place of their draw.
            short: by meter, what is burned beyond the hold.
            rest: the steps that are given back before it, the last drawn first.

        Raises:
            BudgetExceeded: a budget has not so much left.
        """
        self._counters = counters = budget_counters.load(draft, hold.member, now)
        kept = hold.budgets or {}
        if rest:
            kept = counters.take_back(kept, _rest(hold, taken, rest))
        for meter, other, steps in across:
            # What was set aside for one meter counts for the other now.
            kept = counters.shift(kept, meter, other, steps)
        counters.count(short)
        left: dict[str | None, int] = {}
        for at, (meter, _, there) in enumerate(hold.left):
            left[meter] = left.get(meter, 0) + there - taken.get(at, 0)
        self.still = counters.capture(kept, left) or None

    def keep(self) -> dict[str, Any]:
        """Keeps the counters. Returns what the capture's entry says of them."""
        return self._counters.keep()


def _rest(hold: Hold, taken: Mapping[int, int], rest: int) -> dict[str | None, int]:
    """Returns by meter the steps that are given back when so many are, the last drawn first."""
    found: dict[str | None, int] = {}
    for at, (meter, _, there) in reversed(list(enumerate(hold.left))):
        steps = min(rest, there - taken.get(at, 0))
        found[meter] = found.get(meter, 0) + steps
        rest -= steps
    return found
