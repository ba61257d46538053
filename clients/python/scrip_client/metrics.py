"""What a coalescer and a lease have done, and what they have before them: counts, and ages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoalescerMetrics:
    """What a coalescer has done, and what it has before it.

    Attributes:
        waiting: records that are not answered yet.
        oldest: seconds for which the oldest of them has waited.
        pages: pages that were answered.
        burned: records that were burned.
        refused: records that were refused.
        repeated: pages that were sent again, since no answer came.
        known: records that an attempt had burned whose answer was lost.
        moved: records that got another place, since somebody else had theirs: a copy of this process, say.
    """

    waiting: int
    oldest: float
    pages: int
    burned: int
    refused: int
    repeated: int
    known: int
    moved: int


@dataclass(frozen=True, slots=True)
class LeaseMetrics:
    """What a lease has, and what was done with it.

    Attributes:
        left: credits that can be spent in memory now.
        unsettled: records that are spent and not settled; without a journal these are lost with the process.
        unsettled_amount: their credits.
        oldest: seconds for which the oldest of them has not been settled.
        settled: records that were settled.
        refused: records that Scrip refused when they were settled: something took the lease's credits away.
        settlements: settlements that were answered.
        repeated: settlements that were sent again, since no answer came.
        renewals: settlements that filled the lease up.
        replaced: leases that ended before their records were settled, which then were burned from another.
    """

    left: str
    unsettled: int
    unsettled_amount: str
    oldest: float
    settled: int
    refused: int
    settlements: int
    repeated: int
    renewals: int
    replaced: int
