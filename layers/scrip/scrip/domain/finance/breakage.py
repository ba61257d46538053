"""Breakage by proportion: what of a lot's money is earned since nobody is expected to spend it, as the rest is spent.

It follows from a rate that a pack's lots are expected to leave unspent (ASC 606-10-55-48): as credits are used, that
share of the money counts as earned in proportion. Once the lot has ended it is what ended unspent. A report beside the
books, which never have it. Does not own what the books call breakage (``postings``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple


class LotStretch(NamedTuple):
    """A lot's time from its beginning, or from something that changed its basis, to the next such change.

    Attributes:
        basis: the money that it had deferred at the beginning, minor units.
        credits: the steps that it had then.
        used: the steps that were used since.
    """

    basis: int
    credits: int
    used: int


@dataclass(frozen=True, slots=True)
class LotHistory:
    """What became of a lot up to an instant.

    Attributes:
        left: the money that it has deferred.
        broken: the money of credits of it that ended unspent.
    """

    stretches: Sequence[LotStretch]
    left: int
    broken: int


def recognised(lot: LotHistory, rate: Fraction) -> int:
    """Returns the breakage of a lot up to an instant, minor units.

    It is never more than what may still end unspent, nor less than what has.

    Args:
        rate: the share of the credits that is expected to be left, from 0 to less than 1.
    """
    expected = sum(_of(stretch, rate) for stretch in lot.stretches)
    return max(lot.broken, min(expected, lot.left + lot.broken))


def _of(stretch: LotStretch, rate: Fraction) -> int:
    """Returns what is earned of a stretch as breakage, rounded down.

    Fractions would be ten times as slow, and a month may have a million stretches.
    """
    share, whole = rate.as_integer_ratio()
    used_up = stretch.credits * (whole - share)
    if used_up <= 0:
        return 0
    used = max(stretch.used, 0)
    if used * whole >= used_up:
        return stretch.basis * share // whole
    return stretch.basis * share * used // used_up
