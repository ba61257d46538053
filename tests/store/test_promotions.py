"""What was redeemed of a promotion, and by whom: conditions hold its bounds, whoever redeems meanwhile (law 2)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.promotion import Promotion
from scrip.store import documents, keys, promotions
from scrip.store.tables import Tables

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


def redeem(tables: Tables, steps: int = 10, most: int | None = None, budget: int | None = None) -> bool:
    """Counts one redemption; says whether it was within the bounds."""
    return documents.put_all(tables, [promotions.count(tables, "WELCOME", steps, most, budget)])


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
    assert all([redeem(tables, 10), redeem(tables, 7)])
    assert promotions.counted(tables, "WELCOME") == (2, 17)


def test_the_fourth_of_three_redemptions_fails(tables: Tables) -> None:
    assert [redeem(tables, most=3) for _ in range(5)] == [True, True, True, False, False]
    assert promotions.counted(tables, "WELCOME") == (3, 30)


@pytest.mark.parametrize(("budget", "times"), [(10, 1), (19, 1), (20, 2), (25, 2), (30, 3)])
def test_no_more_is_given_than_the_budget(tables: Tables, budget: int, times: int) -> None:
    """Ten steps at a time."""
    assert [redeem(tables, budget=budget) for _ in range(4)].count(True) == times
    assert promotions.counted(tables, "WELCOME") == (times, 10 * times)


def test_both_bounds_hold_at_once(tables: Tables) -> None:
    assert [redeem(tables, most=3, budget=25) for _ in range(3)] == [True, True, False]
    assert [redeem(tables, most=3, budget=99) for _ in range(2)] == [True, False]


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
        promotions.count(tables, "WELCOME", 10, None, None),
        promotions.claim(tables, "WELCOME", "account", "acme"),
    ]
    assert not documents.put_all(tables, writes)
    assert promotions.counted(tables, "WELCOME") == (0, 0)
