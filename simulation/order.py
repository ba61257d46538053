"""In which order lots are taken, as far as every unit's policy says it: held against what each entry takes (law 10).

Promotional and paid ones in the policy's stacking, then by priority, then those with a scope first where the policy has
``scoped_first``. What comes after that differs from order to order: the tests of the domain have it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Policy
from scrip.domain.verification.replay import ReplayedLot
from simulation.prices import meters_of

TAKING: Final = frozenset({"burn", "hold"})


def out_of_order(entry: Entry, told: Mapping[int, ReplayedLot], policy: Policy) -> str:
    """Which lot of the entry was taken before another that comes first; nothing where none was.

    ``told``: the lots as they were before it.
    """
    if entry.kind not in TAKING or not entry.draws:
        return ""
    meters = meters_of(entry)
    taken: Counter[int] = Counter()
    last: dict[tuple[str | None, bool], tuple[tuple[int, int, int], int]] = {}
    for draw, meter in zip(entry.draws, meters, strict=True):
        lot = told[draw.lot]
        taken[draw.lot] += draw.amount
        one = _rank(lot, policy), draw.lot
        last[meter, _paid(lot)] = max(one, last.get((meter, _paid(lot)), one))
    # What each record of a page may take of promotional lots is rounded for itself.
    apart = len(set(meters)) > 1 or ("page" in entry.extra and Fraction(policy.promotional_share_max) < 1)
    kept_back = apart or _kept_back(taken, told, policy)
    for seq, lot in told.items():
        if lot.left - lot.held - lot.frozen - taken[seq] <= 0 or not _lives(lot, entry.at):
            continue
        scope, rank = lot.facts.get("scope", ()), _rank(lot, policy)
        for (meter, paid), (latest, other) in last.items():
            if (scope and meter not in scope) or (kept_back and paid and not _paid(lot)):
                continue
            if rank < latest:
                return f"takes from lot {other} for {meter}, and lot {seq} comes before it and has something left"
    return ""


def _kept_back(taken: Mapping[int, int], told: Mapping[int, ReplayedLot], policy: Policy) -> bool:
    """Whether promotional lots gave all that they may of it."""
    share = Fraction(policy.promotional_share_max)
    given = sum(steps for seq, steps in taken.items() if not _paid(told[seq]))
    return share < 1 and given >= int(share * sum(taken.values()))


def _paid(lot: ReplayedLot) -> bool:
    return "cost" in lot.facts


def _rank(lot: ReplayedLot, policy: Policy) -> tuple[int, int, int]:
    """What comes first in the order of lots; the lower, the earlier."""
    paid = _paid(lot)
    stacked = {"free": 0, "promotional_first": paid, "paid_first": not paid}[policy.stacking]
    return int(stacked), lot.facts["priority"], int(policy.scoped_first and not lot.facts.get("scope"))


def _lives(lot: ReplayedLot, at: int) -> bool:
    return not lot.pending and lot.facts["effective_at"] <= at and lot.facts.get("expires_at", at + 1) > at
