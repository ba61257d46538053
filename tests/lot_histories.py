"""What became of a lot, from what each entry did to it: a second way to what the books' SQL works out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from scrip.domain.finance.breakage import LotHistory, LotStretch


class LotStep(NamedTuple):
    """What one entry did to a lot: steps and money that came, and of those that went, which were used or ended.

    Attributes:
        credits, deferred: by how much the lot's changed.
        used: steps that were used; negative: given back.
        broken: money of credits that ended unspent.
        rebases: whether its basis is another one from then on: a refund, or credits that moved.
    """

    credits: int
    deferred: int
    used: int
    broken: int
    rebases: bool


def history(changes: Iterable[LotStep]) -> LotHistory:
    """Returns what became of a lot, given what each entry did to it, in their order; the first one made it."""
    stretches: list[LotStretch] = []
    credits = deferred = broken = 0
    for change in changes:
        credits, deferred, broken = (
            credits + change.credits,
            deferred + change.deferred,
            broken + change.broken,
        )
        if change.rebases or not stretches:
            stretches.append(LotStretch(deferred, credits, 0))
        elif change.used:
            last = stretches[-1]
            stretches[-1] = last._replace(used=last.used + change.used)
    return LotHistory(stretches, deferred, broken)
