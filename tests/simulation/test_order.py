"""What the simulator says of the order of lots: which one was passed over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Draw
from scrip.domain.credits.units import Policy
from scrip.domain.verification.replay import ReplayedLot
from simulation.order import out_of_order
from tests.domain.memory import Vault

SCOPED = Policy(scoped_first=True)
HALVES = Policy(stacking="promotional_first", promotional_share_max="0.5")


def lots(**facts: Any) -> dict[int, ReplayedLot]:
    """Lot 1 as it is said, and lot 2 without scope or cost and of priority 50: ten steps each."""
    usual = {"priority": 50, "effective_at": 0}
    return {1: ReplayedLot({**usual, **facts}, 10), 2: ReplayedLot(usual, 10)}


CASES: list[tuple[str, dict[str, Any], Policy, list[tuple[int, int]], bool]] = [
    # lot 1, the policy, what is drawn of which lot for the meter m, whether a lot was passed over
    ("a scope comes first", {"scope": ["m"]}, SCOPED, [(2, 1)], True),
    ("it came first", {"scope": ["m"]}, SCOPED, [(1, 10), (2, 1)], False),
    ("another meter's", {"scope": ["n"]}, SCOPED, [(2, 1)], False),
    ("no order of scopes", {"scope": ["m"]}, Policy(), [(2, 1)], False),
    ("a later priority", {"scope": ["m"], "priority": 60}, SCOPED, [(2, 1)], False),
    ("an earlier priority", {"priority": 10}, Policy(), [(2, 1)], True),
    ("it has ended", {"priority": 10, "expires_at": 5}, Policy(), [(2, 1)], False),
    ("it has not begun", {"priority": 10, "effective_at": 6}, Policy(), [(2, 1)], False),
    ("paid before promotional", {"cost": [1, "USD"]}, HALVES, [(1, 2)], True),
    ("each a half", {"cost": [1, "USD"]}, HALVES, [(2, 1), (1, 1)], False),
    ("less than its half", {"cost": [1, "USD"]}, HALVES, [(2, 1), (1, 3)], True),
]


@pytest.mark.parametrize(
    ("_", "facts", "policy", "taken", "passed_over"), CASES, ids=[row[0] for row in CASES]
)
def test_a_lot_that_comes_first_is_not_passed_over(
    _: str, facts: dict[str, Any], policy: Policy, taken: list[tuple[int, int]], passed_over: bool
) -> None:
    """Law 10: lots are taken in the order that the policy says."""
    made = Vault(now=5)
    made.grant("10")
    entry = replace(
        made.burn(1),
        draws=tuple(Draw(*one) for one in taken),
        extra={"usage": {"meter": "m", "quantity": "1"}},
    )
    assert bool(out_of_order(entry, lots(**facts), policy)) == passed_over
