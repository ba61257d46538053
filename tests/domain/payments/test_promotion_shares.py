"""A promotion's bounds in shares: together they give exactly what it may give (law 2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.payments.promotion_shares import (
    MOST_AT_ONCE,
    SHARES,
    Bounds,
    Pool,
    Room,
    Share,
    SharePlan,
    plan_from_all,
    plan_from_share,
)


@dataclass
class Counted:
    """A promotion whose plans are carried out as the store's conditions do."""

    bounds: Bounds
    pool: Pool = field(default_factory=lambda: Pool(version=1))
    shares: list[Share] = field(default_factory=lambda: [Share(version=1) for _ in range(SHARES)])
    pooled: int = 0
    """How often the pool was written."""

    def redeem(self, own: int, steps: int) -> bool:
        plan = plan_from_share(self.bounds, own, self.shares[own], steps) or plan_from_all(
            self.bounds, own, self.pool, self.shares, steps
        )
        return plan is not None and self.carried_out(plan, steps)

    def carried_out(self, plan: SharePlan, steps: int) -> bool:
        """Whether every condition held; then all of it is written."""
        handed = self.pool.handed + plan.handed
        if self.bounds.most is not None and handed.redemptions > self.bounds.most:
            return False
        if self.bounds.budget is not None and handed.steps > self.bounds.budget:
            return False
        need, after = self.bounds.need(steps), list(self.shares)
        for number in {plan.own, *plan.taken}:
            room = after[number].room + plan.change(number, need)
            if min(room) < 0:
                return False
            after[number] = replace(after[number], room=room)
        own = after[plan.own]
        after[plan.own] = replace(own, redeemed=own.redeemed + 1, granted=own.granted + steps)
        self.shares, self.pool = after, replace(self.pool, handed=handed)
        self.pooled += any(plan.handed)
        return True

    @property
    def redeemed(self) -> int:
        return sum(share.redeemed for share in self.shares)

    @property
    def granted(self) -> int:
        return sum(share.granted for share in self.shares)


OWNS = st.lists(st.tuples(st.integers(0, SHARES - 1), st.integers(1, 9)), max_size=150)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(OWNS, st.none() | st.integers(1, 120), st.none() | st.integers(9, 600))
def test_a_redemption_is_refused_exactly_where_a_bound_would_be_passed(
    wanted: list[tuple[int, int]], most: int | None, budget: int | None
) -> None:
    """In whatever shares, and of whatever amounts: a budget of 25 steps gives 9, 9 and 7, and then no 1."""
    counted = Counted(Bounds(1, most, budget))
    for own, steps in wanted:
        fits = (most is None or counted.redeemed < most) and (
            budget is None or counted.granted + steps <= budget
        )
        before = (counted.redeemed, counted.granted)
        assert counted.redeem(own, steps) is fits
        assert (counted.redeemed - before[0], counted.granted - before[1]) == ((1, steps) if fits else (0, 0))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(OWNS, st.integers(1, 40), st.integers(9, 200))
def test_plans_of_what_is_no_longer_there_fail_and_never_pass_a_bound(
    wanted: list[tuple[int, int]], most: int, budget: int
) -> None:
    """Law 2: two redemptions at a time plan on the same look; whatever of them is carried out keeps the bounds."""
    counted = Counted(Bounds(1, most, budget))
    for (own, steps), (other, others) in zip(wanted[::2], wanted[1::2], strict=False):
        plans = [
            (plan_from_all(counted.bounds, one, counted.pool, counted.shares, amount), amount)
            for one, amount in ((own, steps), (other, others))
        ]
        for plan, amount in plans:
            if plan:
                counted.carried_out(plan, amount)
        assert counted.redeemed <= most
        assert counted.granted <= budget
        in_shares = sum(share.room.redemptions for share in counted.shares)
        assert counted.pool.handed.redemptions == counted.redeemed + in_shares


def test_the_pool_is_written_seldom_while_there_is_much_and_each_time_at_the_end() -> None:
    """10 000 redemptions: 64 at a time at first. The pool is written some 500 times, most of them near the end."""
    counted = Counted(Bounds(1, 10_000, None))
    for number in range(9_000):
        assert counted.redeem(number % SHARES, 10)
    early = counted.pooled
    assert early <= 9_000 / MOST_AT_ONCE * 1.3
    for number in range(9_000, 10_000):
        assert counted.redeem(number * 7 % SHARES, 10)
    assert not counted.redeem(3, 10)
    assert counted.redeemed == 10_000


def test_the_last_redemption_may_take_its_steps_from_several_shares() -> None:
    """4 and 3 steps are left in two shares, the pool has none: a redemption of 7 takes both, one of 8 is refused."""
    shares = [Share(1, room=Room(1, 0)), Share(1, room=Room(0, 4)), Share(1, room=Room(0, 3))]
    bounds, pool = Bounds(1, 10, 100), Pool(1, handed=Room(10, 100))
    plan = plan_from_all(bounds, 2, pool, shares, 7)
    assert plan == SharePlan(2, {2: Room(0, 3), 0: Room(1, 0), 1: Room(0, 4)})
    assert plan.change(2, bounds.need(7)) == Room(0, -3)
    assert plan_from_all(bounds, 2, pool, shares, 8) is None


@pytest.mark.parametrize("version", [0, 2])
def test_room_of_another_version_is_none(version: int) -> None:
    share = Share(version, room=Room(5, 50))
    assert plan_from_share(Bounds(1, 10, 100), 0, share, 10) is None
    assert plan_from_share(Bounds(version or 1, 10, 100), 0, share, 10) == (
        SharePlan(0, {0: Room(1, 10)}) if version else None
    )


def test_what_has_no_bound_takes_nothing_from_anybody() -> None:
    assert plan_from_share(Bounds(1, None, None), 5, Share(), 10) == SharePlan(5, {})
