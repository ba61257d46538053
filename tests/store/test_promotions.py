"""What was redeemed of a promotion, and by whom: conditions hold its bounds, whoever redeems meanwhile (law 2)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.promotion import Promotion
from scrip.domain.payments.promotion_shares import (
    Bounds,
    Room,
    SharePlan,
    plan_from_all,
    plan_from_share,
)
from scrip.store import documents, keys, promotions
from scrip.store.tables import Tables
from tests.store.stored import hearing

WELCOME = Promotion(
    code="WELCOME",
    unit="credits",
    amount="10",
    kind="promotional",
    starts_at=None,
    ends_at=None,
    expires_in="P30D",
    max_redemptions=3,
    budget="25",
    identities=("email",),
    version=1,
)


def bounds(most: int | None = None, budget: int | None = None, version: int = 1) -> Bounds:
    return Bounds(version, most, budget)


def redeem(tables: Tables, of: Bounds, steps: int = 10, own: int = 0) -> bool:
    """Counts one redemption as the service does; says whether it was within the bounds."""
    shares = promotions.shares(tables, "WELCOME")
    plan = plan_from_share(of, own, shares[own], steps)
    pool = promotions.pool(tables, "WELCOME")
    plan = plan or plan_from_all(of, own, pool, promotions.shares(tables, "WELCOME"), steps)
    return plan is not None and documents.put_all(
        tables, promotions.count(tables, "WELCOME", plan, of, steps)
    )


def claim(tables: Tables, kind: str, value: str, code: str = "WELCOME") -> bool:
    return documents.put_all(tables, [promotions.claim(tables, code, kind, value)])


def test_a_promotion_is_read_as_it_was_stored(tables: Tables) -> None:
    documents.put(tables, keys.promotion("WELCOME"), documents.NEW, WELCOME.to_json())
    assert promotions.get(tables, "WELCOME") == WELCOME


def test_a_code_that_there_is_not_is_not_found(tables: Tables) -> None:
    with pytest.raises(NotFound) as refusal:
        promotions.get(tables, "NONE")
    assert refusal.value.facts == {"promotion": "NONE"}


def test_redemptions_are_counted_with_the_steps_that_they_gave(tables: Tables) -> None:
    assert promotions.counted(tables, "WELCOME") == (0, 0)
    assert all([redeem(tables, bounds(), 10), redeem(tables, bounds(), 7, own=3)])
    assert promotions.counted(tables, "WELCOME") == (2, 17)


def test_the_fourth_of_three_redemptions_fails(tables: Tables) -> None:
    promotions.renew(tables, "WELCOME", 1)
    done = [redeem(tables, bounds(most=3), own=number) for number in range(5)]
    assert done == [True, True, True, False, False]
    assert promotions.counted(tables, "WELCOME") == (3, 30)


@pytest.mark.parametrize(("budget", "times"), [(10, 1), (19, 1), (20, 2), (25, 2), (30, 3)])
def test_no_more_is_given_than_the_budget(tables: Tables, budget: int, times: int) -> None:
    """Ten steps at a time."""
    promotions.renew(tables, "WELCOME", 1)
    done = [redeem(tables, bounds(budget=budget), own=number) for number in range(4)]
    assert done.count(True) == times
    assert promotions.counted(tables, "WELCOME") == (times, 10 * times)


def test_of_two_redemptions_that_plan_on_the_same_last_one_the_second_fails(tables: Tables) -> None:
    """Law 2, of the pool and of a share alike; both plans were made before either was written."""
    for most in (1, 100):
        promotions.renew(tables, "WELCOME", most)
        of = bounds(most=promotions.counted(tables, "WELCOME")[0] + 1, version=most)
        pool, shares = promotions.pool(tables, "WELCOME"), promotions.shares(tables, "WELCOME")
        plans = [plan_from_all(of, own, pool, shares, 10) for own in (1, 2)]
        writes = [promotions.count(tables, "WELCOME", plan, of, 10) for plan in plans if plan]
        assert [documents.put_all(tables, one) for one in writes] == [True, False]


def test_what_a_share_has_left_is_there_for_all(tables: Tables) -> None:
    """Of 200 the first share is handed 7 at once: those of other shares take the rest, 200 in all."""
    promotions.renew(tables, "WELCOME", 1)
    of = bounds(most=200)
    assert redeem(tables, of, own=0)
    assert promotions.shares(tables, "WELCOME")[0].room.redemptions == 6
    assert [redeem(tables, of, own=1 + number % 15) for number in range(200)].count(True) == 199
    assert promotions.counted(tables, "WELCOME") == (200, 2000)


def test_a_lower_bound_holds_from_the_first_redemption_of_its_version_on(tables: Tables) -> None:
    """100 may be, 5 were redeemed and more lies in a share; the next version gives 6 in all. Who still has the
    version of before takes nothing."""
    promotions.renew(tables, "WELCOME", 1)
    old, new = bounds(most=100), bounds(most=6, version=2)
    assert all(redeem(tables, old, own=4) for _ in range(5))
    shares = promotions.shares(tables, "WELCOME")
    late = plan_from_share(old, 4, shares[4], 10)
    assert late or shares[4].room.redemptions == 0
    promotions.renew(tables, "WELCOME", 2)
    plan = late or SharePlan(4, {4: Room(1, 0)})
    assert not documents.put_all(tables, promotions.count(tables, "WELCOME", plan, old, 10))
    assert [redeem(tables, new, own=number) for number in range(4)] == [True, False, False, False]
    promotions.renew(tables, "WELCOME", 1)  # whoever comes late changes nothing
    assert promotions.pool(tables, "WELCOME").version == 2
    assert promotions.counted(tables, "WELCOME") == (6, 60)


def test_what_was_counted_before_there_were_shares_counts(tables: Tables) -> None:
    """A row of before: 7 redemptions in one item. Three more make ten."""
    row = {"redeemed": {"N": "7"}, "granted": {"N": "70"}}
    key = {"pk": {"S": keys.promotion("WELCOME")}, "sk": {"S": "count"}}
    tables.client.put_item(TableName="wallets", Item={**key, **row})
    promotions.renew(tables, "WELCOME", 4)
    of = bounds(most=10, budget=100, version=4)
    assert [redeem(tables, of, own=number) for number in range(5)].count(True) == 3
    assert promotions.counted(tables, "WELCOME") == (10, 100)


def test_an_identity_claims_a_promotion_once(tables: Tables) -> None:
    """Another identity may, and so may the same one of another code; a value is of its kind."""
    assert claim(tables, "email", "hash-1")
    assert not claim(tables, "email", "hash-1")
    assert claim(tables, "email", "hash-2")
    assert claim(tables, "device", "hash-1")
    assert claim(tables, "email", "hash-1", "SPRING")


def test_of_a_count_and_a_claim_both_are_written_or_neither(tables: Tables) -> None:
    claim(tables, "account", "acme")
    writes = [
        *promotions.count(tables, "WELCOME", SharePlan(0, {}), bounds(), 10),
        promotions.claim(tables, "WELCOME", "account", "acme"),
    ]
    assert not documents.put_all(tables, writes)
    assert promotions.counted(tables, "WELCOME") == (0, 0)


def test_bounds_that_the_table_does_not_take_are_no_bounds(tables: Tables) -> None:
    """A condition that fails says that a later version is there; whatever else it says is an error."""

    def refuse(**_: Any) -> Any:
        return type("Response", (), {"status_code": 400})(), {
            "Error": {"Code": "ValidationException", "Message": ""}
        }

    with (
        hearing(tables, "before-call.dynamodb.UpdateItem", refuse),
        pytest.raises(ClientError, match="ValidationException"),
    ):
        promotions.renew(tables, "WELCOME", 2)


def test_an_account_counts_in_the_share_that_its_name_says() -> None:
    """The CRC-32 of its name, modulo 16: of ``acme`` 0x05c4ba3e. So it counts in one share, whoever counts it."""
    assert promotions.share_of("acme") == 0xE
    assert {promotions.share_of(f"a{number}") for number in range(200)} == set(range(16))


def test_one_redemption_is_counted_in_its_own_share_whatever_others_it_takes_room_of(tables: Tables) -> None:
    """Share 5 is handed room for two of ten steps, and keeps that of one; share 3 takes it then, and counts it."""
    promotions.renew(tables, "WELCOME", 1)
    of = bounds(most=100, budget=1000)
    gives = SharePlan(5, {}, Room(2, 20))
    assert documents.put_all(tables, promotions.count(tables, "WELCOME", gives, of, 10))
    found = promotions.shares(tables, "WELCOME")
    assert (found[5].redeemed, found[5].granted) == (1, 10)
    assert found[5].room == Room(1, 10)
    pool = promotions.pool(tables, "WELCOME")
    assert (pool.handed, pool.version) == (Room(2, 20), 1)
    takes = SharePlan(3, {5: Room(1, 10)})
    assert documents.put_all(tables, promotions.count(tables, "WELCOME", takes, of, 10))
    found = promotions.shares(tables, "WELCOME")
    assert [(found[number].redeemed, found[number].granted) for number in (3, 5)] == [(1, 10), (1, 10)]
    assert [found[number].room for number in (3, 5)] == [Room(0, 0), Room(0, 0)]
    assert not documents.put_all(tables, promotions.count(tables, "WELCOME", takes, of, 10))
