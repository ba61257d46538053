"""Which lots pay: those that may, promotional or paid ones first, and promotional ones for their share at most.
A credit is paid while it has cost basis, whatever the kind of its lot says (law 7)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Totals
from scrip.domain.credits.errors import InsufficientCredits, PolicyViolation
from tests.domain.builders import steady, story
from tests.domain.memory import Vault, hoard, vault

# Scope


def test_a_plain_burn_takes_no_lot_that_is_bound_to_a_meter() -> None:
    made = vault("10 scope=gpu prio=0; 5")
    assert story([made.burn(4)]) == ["burn -4 (4 of 2)"]
    assert made.look() == Totals(available=11, scoped=10)
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(2)
    assert refusal.value.facts == {"required": 2, "available": 1, "out_of_scope": 10}


# What is there, what is burned for which meter, and what pays.
METERS: list[tuple[str, int, str | None, str]] = [
    ("10 scope=gpu; 10", 12, "gpu", "burn -12 (10 of 1, 2 of 2)"),
    ("10; 10 scope=gpu", 12, "gpu", "burn -12 (10 of 1, 2 of 2)"),
    ("10; 10 scope=gpu exp=+1d", 12, "gpu", "burn -12 (10 of 2, 2 of 1)"),
    ("10 scope=api prio=0; 10 scope=gpu; 10", 12, "gpu", "burn -12 (10 of 2, 2 of 3)"),
    ("10 scope=api,gpu; 10 scope=disk; 10", 12, "api", "burn -12 (10 of 1, 2 of 3)"),
    ("10 scope=api,gpu; 10 scope=disk; 10", 12, "gpu", "burn -12 (10 of 1, 2 of 3)"),
    ("10 scope=api,gpu; 10 scope=disk; 10", 10, "net", "burn -10 (10 of 3)"),
    ("9 scope=gpu; 9 cost=45USD scope=gpu; 9 cost=9USD", 19, "gpu",
     "burn -19 (9 of 1, 9 of 3 for 9USD, 1 of 2 for 5USD)"),
]  # fmt: skip


@pytest.mark.parametrize(("lots", "amount", "meter", "burned"), METERS)
def test_lots_that_may_pay_do_so_in_their_order(
    lots: str, amount: int, meter: str | None, burned: str
) -> None:
    assert story([vault(lots).burn(amount, meter=meter)]) == [burned]


def test_up_to_takes_what_may_pay_and_says_what_is_missing() -> None:
    made = vault("10 scope=gpu; 5 scope=api; 3")
    entry = made.burn(20, "up_to", "api")
    assert story([entry]) == ["burn -8 (5 of 2, 3 of 3)"]
    assert entry.extra["missing"] == "12"


def test_an_overdraft_pays_what_bound_lots_may_not() -> None:
    made = vault("10 scope=gpu; 3", overdraft_limit=5)
    made.burn(7)
    assert made.look() == Totals(available=10, scoped=10, owed=4)
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(2)
    assert refusal.value.facts == {"required": 2, "available": 0, "out_of_scope": 10}


def test_bound_lots_leave_what_is_bound_when_they_are_used_up_or_expire() -> None:
    """Law 1, of the part that is bound."""
    made = vault("10 scope=gpu exp=+1h; 10 scope=api cost=70USD; 5 from=+2h scope=gpu; 1")
    assert made.look() == Totals(available=21, paid=10, scoped=20, pending=5)
    made.burn(4, meter="gpu")
    made.burn(7, meter="api")
    assert made.look() == Totals(available=10, paid=4, scoped=10, pending=5)
    made.wait("2h")
    made.sweep()
    assert made.open() == "3:5 2:4"
    assert made.look() == Totals(available=9, paid=4, scoped=9)


def test_a_burn_beside_bound_lots_that_needs_none_of_them_reads_nothing() -> None:
    """However many they are: the totals say how much is bound to nothing."""
    made = Vault(checked=False)
    made.grant("; ".join(["1 scope=gpu"] * 60) + "; 50 prio=0")
    for meter in (None, "gpu", "disk"):
        made.burn(3, meter=meter)
        assert made.reads == []
        assert made.commits[-1].items == 2
    made.check()


# Stacking. The lots, what is burned, and by which draws in each of the three ways.
STACKINGS: list[tuple[str, int, tuple[str, str, str]]] = [
    ("9 cost=9USD; 9", 12, ("9 of 2, 3 of 1 for 3USD", "9 of 2, 3 of 1 for 3USD", "9 of 1 for 9USD, 3 of 2")),
    ("9 cost=9USD prio=0; 9", 12, ("9 of 1 for 9USD, 3 of 2", "9 of 2, 3 of 1 for 3USD", "9 of 1 for 9USD, 3 of 2")),
    ("9 cost=9USD; 9 prio=90", 5, ("5 of 1 for 5USD", "5 of 2", "5 of 1 for 5USD")),
    ("9 cost=9USD; 9 exp=+1d", 5, ("5 of 2", "5 of 2", "5 of 1 for 5USD")),
    ("5; 5 prio=0; 5 exp=+1d", 12, ("5 of 2, 5 of 3, 2 of 1",) * 3),
    ("9 cost=0USD prio=90; 9", 5, ("5 of 2", "5 of 2", "5 of 1 for 0USD")),
    ("9 kind=paid; 9 cost=9USD kind=refund prio=0", 5, ("5 of 2 for 5USD", "5 of 1", "5 of 2 for 5USD")),
]  # fmt: skip
WAYS = ("free", "promotional_first", "paid_first")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("lots", "amount", "draws"), STACKINGS)
def test_stacking_takes_one_category_before_the_other(
    lots: str, amount: int, draws: tuple[str, str, str], way: str
) -> None:
    made = vault(lots, stacking=way)
    assert story([made.burn(amount)]) == [f"burn -{amount} ({draws[WAYS.index(way)]})"]


@pytest.mark.parametrize("way", ["paid_first", "promotional_first"])
def test_stacking_reaches_past_the_window(way: str) -> None:
    """The category that is wanted first lies behind 60 lots of the other one, in pages."""
    made = Vault(vault(stacking=way).policy, checked=False)
    first, last = (
        ("1 prio=1", "20 cost=40USD prio=9") if way == "paid_first" else ("1 cost=3USD prio=1", "20 prio=9")
    )
    made.grant("; ".join([first] * 60) + f"; {last}")
    entry = made.burn(22)
    assert [(draw.lot, draw.amount) for draw in entry.draws] == [(61, 20), (1, 1), (2, 1)]
    made.check()


# Shares. Promotional (lot 1) and paid (lot 2) credits, the share, what is burned, how much of lot 1 and lot 2.
SHARES: list[tuple[int, int, str, int, tuple[int, int]]] = [
    (100, 100, "0.5", 10, (5, 5)),
    (100, 100, "0.5", 7, (3, 4)),
    (100, 100, "0.5", 1, (0, 1)),
    (100, 100, "0.3", 10, (3, 7)),
    (100, 100, "0.3", 9, (2, 7)),
    (100, 100, "0.999999999999999999", 50, (49, 1)),
    (100, 100, "0.000000000000000001", 50, (0, 50)),
    (2, 100, "0.5", 10, (2, 8)),
    (100, 5, "0.5", 10, (5, 5)),
    (100, 5, "0.75", 20, (15, 5)),
    (10, 10, "1", 15, (10, 5)),
]  # fmt: skip


@pytest.mark.parametrize(("free", "paid", "share", "amount", "taken"), SHARES)
def test_promotional_credits_pay_their_share_at_most(
    free: int, paid: int, share: str, amount: int, taken: tuple[int, int]
) -> None:
    made = vault(f"{free}; {paid} cost=77USD", promotional_share_max=share)
    drawn = {draw.lot: draw.amount for draw in made.burn(amount).draws}
    assert (drawn.get(1, 0), drawn.get(2, 0)) == taken


# The same, of which at most so much can be burned; the rest of the promotional ones is kept back.
TOO_MUCH: list[tuple[int, int, str, int, int]] = [
    (100, 5, "0.5", 10, 95),
    (100, 5, "0.75", 20, 85),
    (100, 0, "0.5", 0, 100),
    (100, 1, "0.5", 2, 99),
    (100, 1, "0.9", 10, 91),
    (3, 100, "0.5", 103, 0),
]


@pytest.mark.parametrize(("free", "paid", "share", "most", "withheld"), TOO_MUCH)
def test_more_than_the_share_allows_is_refused_and_said_to_be_kept_back(
    free: int, paid: int, share: str, most: int, withheld: int
) -> None:
    lots = f"{free}" + (f"; {paid} cost=77USD" if paid else "")
    made = vault(lots, promotional_share_max=share)
    before = made.wallet
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(most + 1)
    kept_back = {"withheld": withheld} if withheld else {}
    assert refusal.value.facts == {"required": most + 1, "available": most, **kept_back}
    assert made.wallet == before
    entry = made.burn(most + 1, "up_to")
    assert (entry.amount, entry.extra["missing"]) == (-most, "1")


def test_an_overdraft_counts_as_paid() -> None:
    made = vault("100", promotional_share_max="0.5", overdraft_limit=5)
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(11)
    assert refusal.value.facts == {"required": 11, "available": 0, "withheld": 100}
    assert story([made.burn(10)]) == ["burn -10 (5 of 1)"]
    assert made.look() == Totals(available=95, owed=5)


def test_the_share_is_of_the_lots_that_may_pay() -> None:
    made = vault("100; 5 cost=50USD; 50 cost=50USD scope=gpu", promotional_share_max="0.5")
    with pytest.raises(InsufficientCredits) as refusal:
        made.burn(11)
    assert refusal.value.facts == {"required": 11, "available": 10, "out_of_scope": 50, "withheld": 95}
    assert story([made.burn(10)]) == ["burn -10 (5 of 1, 5 of 2 for 50USD)"]


@settings(steady, max_examples=300)
@given(
    free=st.integers(0, 40),
    paid=st.integers(0, 40),
    bound=st.integers(0, 20),
    share=st.integers(1, 100),
    overdraft=st.integers(0, 10),
    amount=st.integers(1, 130),
    way=st.sampled_from(WAYS),
)
def test_whatever_is_burned_the_share_holds_and_what_is_said_to_be_available_is(
    free: int, paid: int, bound: int, share: int, overdraft: int, amount: int, way: str
) -> None:
    text = "1" if share == 100 else f"0.{share:02d}"
    lots = [(free, ""), (paid, " cost=90USD"), (bound, " scope=gpu"), (bound, " cost=9USD scope=gpu")]
    policy: dict[str, Any] = {"promotional_share_max": text, "stacking": way, "overdraft_limit": overdraft}
    made = vault("; ".join(f"{steps}{exhausted}" for steps, exhausted in lots if steps), **policy)
    for meter in (None, "gpu"):
        one = made.copy()
        try:
            entry = one.burn(amount, meter=meter)
        except InsufficientCredits as refusal:
            most = int(refusal.facts["available"])
            assert most < amount
            if most:
                one.policy = vault(**{**policy, "overdraft_limit": 0}).policy
                assert one.copy().burn(most, meter=meter).amount == -most
                with pytest.raises(InsufficientCredits):
                    one.burn(most + 1, meter=meter)
            continue
        promotional = sum(draw.amount for draw in entry.draws if draw.value is None)
        assert promotional <= Fraction(share, 100) * amount
        assert -entry.amount == amount == sum(draw.amount for draw in entry.draws) + one.look().owed


# The limit: as many lots as one commit can hold


@pytest.mark.parametrize("way", WAYS)
def test_a_hold_of_more_lots_than_a_commit_can_hold_is_refused_by_name(way: str) -> None:
    made = hoard(1000, stacking=way)
    before = made.wallet
    with pytest.raises(PolicyViolation) as refusal:
        made.hold(817)
    assert refusal.value.facts == {"policy": "max_lots_per_burn"}
    assert made.wallet == before


def test_a_hold_may_take_some_800_lots() -> None:
    """Two pages fewer than a burn: the hold itself and its deadline are items too."""
    made = hoard(1000)
    entry = made.hold(776)
    assert len(entry.draws) == 776
    assert made.commits[-1].items <= limits.COMMIT_ITEMS - limits.COMMIT_SLACK // 2
    made.check()
