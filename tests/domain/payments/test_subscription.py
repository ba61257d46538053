"""What is known of a subscription follows from all that was said of it, in whatever order it came (law 9)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from scrip.domain.payments.subscription import FailedRenewal, Standing, State, Subscription

NEW = Subscription("dodo", "sub_1", "top_1", "acme", "credits")
Step = Callable[[Subscription], Subscription]


def stands(state: State, at: int, **more: Any) -> Step:
    return lambda known: known.heard(Standing("sub_1", state, at, **more))


def paid(at: int, by: str = "pay_1") -> Step:
    return lambda known: known.paid(at, by)


def fails(at: int, by: str = "pay_2") -> Step:
    return lambda known: known.failing(FailedRenewal(at, by))


@pytest.mark.parametrize(
    ("steps", "state", "overdue"),
    [
        ([], "active", False),
        ([paid(1)], "active", False),
        ([paid(1), fails(5)], "past_due", True),
        ([paid(1), fails(5), paid(7, "pay_3")], "active", False),
        # The invoice itself was paid, within the second of its failure, and of the period before.
        ([paid(5, "pay_9"), fails(5), paid(5, "pay_2")], "active", False),
        ([paid(1), fails(5), paid(5, "pay_2")], "active", False),
        ([paid(1), stands("past_due", 5, unpaid=True)], "past_due", True),
        ([paid(1), stands("past_due", 5, unpaid=True), fails(4)], "past_due", True),
        ([paid(1), stands("past_due", 5), stands("active", 8)], "active", False),
        # A provider that goes on charging says of itself that all is well again.
        ([paid(1), fails(5), stands("active", 8)], "active", True),
        ([paid(1), stands("cancelling", 3), fails(5)], "cancelling", True),
        ([paid(1), stands("cancelling", 3), stands("active", 4)], "active", False),
        ([paid(1), stands("cancelled", 9), stands("active", 4), paid(6, "pay_3")], "cancelled", False),
        ([stands("active", 4), stands("cancelled", 4)], "cancelled", False),
        ([paid(1), stands("paused", 3)], "paused", False),
    ],
)
def test_it_stands_as_the_latest_says_in_any_order_and_repeated(
    steps: list[Step], state: State, overdue: bool
) -> None:
    for order in permutations(steps):
        known = NEW
        for step in (*order, *order):
            known = step(known)
        assert (known.state, known.overdue is not None) == (state, overdue)
        assert Subscription.from_json(known.to_json()) == known


def test_a_failure_that_two_tell_of_has_the_name_that_one_gives() -> None:
    for order in permutations([stands("past_due", 5, unpaid=True), fails(4)]):
        known = NEW
        for step in order:
            known = step(known)
        assert known.failed == FailedRenewal(5, "pay_2")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"subscription_id": "s", "state": "lost", "at": 1},
        {"subscription_id": 1, "state": "active", "at": 1},
        {"subscription_id": "s", "state": "active", "at": True},
        {"subscription_id": "s", "state": "active", "at": 1, "renews_at": "2"},
    ],
)
def test_a_message_that_says_it_otherwise_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="standing is not what it should be"):
        Standing.from_json(body)
