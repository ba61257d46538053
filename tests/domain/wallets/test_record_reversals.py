"""Laws 1, 7 and 8 of records that are undone: every step goes back to the lot that paid it, with its money, in whatever
order and in whatever parts, and no step goes back twice."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import (
    AlreadyReversed,
    AmountOutOfRange,
    InvalidRequest,
    NotFound,
)
from scrip.domain.credits.lots import Money
from scrip.domain.credits.records import numbered
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import carries, record_reversals
from scrip.domain.wallets.record_sums import RecordCost
from tests.domain.builders import steady
from tests.domain.memory import Vault
from tests.domain.wallets.test_burn_pages import LOTS, asked, book
from tests.domain.wallets.test_leases import placed, settled


def counted(steps: int | Fraction, meter: str = "api") -> RecordCost:
    return RecordCost(steps, "r", meter, Fraction(1), {}, 1)


def given_back(entry: Entry) -> list[tuple[int, int, int | None]]:
    """Lot, steps and money of each draw."""
    return [(one.lot, one.amount, one.value.amount if one.value else None) for one in entry.draws]


def carry(vault: Vault, meter: str = "api") -> Any:
    return Fraction((vault.sidecars.get((carries.KIND, meter)) or {}).get("carry", 0))


def left(vault: Vault) -> dict[int, tuple[int, int]]:
    """Of each lot, what is left and the money that is deferred."""
    return {lot.seq: (lot.remaining, lot.deferred if lot.cost else 0) for lot in vault.all_lots()}


def test_each_record_goes_back_to_the_lot_that_paid_for_it() -> None:
    """4, 3 and 3 of lots of 5 and 10: the second record has 1 of the first lot and 2 of the second. 10 credits were
    worth 100 cents: its 2 take 20, after the third's 3."""
    vault = Vault()
    vault.grant("5 prio=1; 10 cost=100USD")
    (page,) = book(vault, [RecordCost(4, "a"), RecordCost(3, "b"), RecordCost(3, "c")])
    assert given_back(page) == [(1, 5, None), (2, 5, 50)]
    first = vault.reverse(page, offset=1)
    assert given_back(first) == [(2, 2, 20), (1, 1, None)]
    assert (first.extra["of"], first.extra["offset"], first.extra["reversed"]) == (page.id, 1, "3")
    assert given_back(vault.reverse(page, 1, offset=0)) == [(1, 1, None)]
    rest = vault.reverse(page)
    assert given_back(rest) == [(2, 3, 30), (1, 3, None)]
    assert rest.extra["reversed"] == "10"
    assert vault.sidecars[record_reversals.KIND, page.id] == {"steps": "10"}
    assert left(vault) == {1: (5, 0), 2: (10, 100)}


def test_money_that_does_not_divide_comes_back_to_the_cent() -> None:
    """7 steps of 10 cents: parts of 1, 2 and 4 give 1, 3 and 6 in one order and 2, 3, 5 in another."""
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        vault = Vault()
        vault.grant("7 cost=10USD")
        (page,) = book(vault, [RecordCost(steps, "r") for steps in (1, 2, 4)])
        money = [vault.reverse(page, offset=one).draws[0].value for one in order]
        assert sum(one.amount for one in money if one) == 10
        assert money[0] != Money(0, "USD")
        assert left(vault) == {1: (7, 10)}


def test_a_record_finds_its_own_debt() -> None:
    """Of 5: a meter's 4 and then 4 plain ones are there but for 3, of which 2 are the last record's whole."""
    vault = Vault(Policy(overdraft_limit=10))
    vault.grant("5")
    (page,) = book(vault, [counted(4), RecordCost(2, "a"), RecordCost(2, "b")])
    assert vault.wallet.totals.owed == 3
    undone = vault.reverse(page, offset=2)
    assert (vault.wallet.totals.owed, given_back(undone)) == (1, [])
    undone = vault.reverse(page, offset=1)
    assert (vault.wallet.totals.owed, given_back(undone)) == (0, [(1, 1, None)])
    vault.reverse(page, offset=0)
    assert (vault.wallet.totals.available, vault.wallet.totals.owed) == (5, 0)


def test_debt_of_a_record_that_was_repaid_goes_back_to_who_paid() -> None:
    """3 are owed, of the second record, and repaid by a later lot, with 30 of its 100 cents."""
    vault = Vault(Policy(overdraft_limit=10))
    vault.grant("5")
    (page,) = book(vault, [RecordCost(5, "a"), RecordCost(3, "b")])
    vault.grant("10 cost=100USD")
    assert left(vault)[3] == (7, 70)
    assert given_back(vault.reverse(page, offset=1)) == [(3, 3, 30)]
    assert left(vault) == {1: (0, 0), 3: (10, 100)}


def test_fractions_are_undone_with_their_record() -> None:
    """0.4 each: 0, 0, 1, 0, 1. Without the first, 1.6 are 1 step and 0.6 carried: a step comes back, though the first
    record had none. Then the third, of 1: without both 1.2, and 1 is burned still."""
    vault = Vault()
    vault.grant("10")
    (page,) = book(vault, [counted(Fraction(2, 5)) for _ in range(5)])
    assert (page.amount, carry(vault)) == (-2, 0)
    assert (vault.reverse(page, offset=0).amount, carry(vault)) == (1, Fraction(3, 5))
    assert (vault.reverse(page, offset=2).amount, carry(vault)) == (0, Fraction(1, 5))
    assert (vault.reverse(page, offset=4).amount, carry(vault)) == (1, Fraction(4, 5))
    assert (vault.reverse(page).amount, carry(vault)) == (0, 0)
    assert vault.wallet.totals.available == 10
    with pytest.raises(AlreadyReversed):
        vault.reverse(page)


def test_later_events_cost_what_they_would_have_cost_without_it() -> None:
    """0.6 burns nothing, then a page's 0.7 and 0.7 burn 1 and 1. Without the first event the page costs 1 and carries
    0.4; without its second record too it costs nothing and carries 0.7."""
    vault = Vault()
    vault.grant("10")
    first = vault.use(Fraction(3, 5))
    (page,) = book(vault, [counted(Fraction(7, 10)), counted(Fraction(7, 10))])
    assert (first.amount, page.amount, carry(vault)) == (0, -2, 0)
    vault.reverse(first)
    assert (vault.wallet.totals.available, carry(vault)) == (9, Fraction(2, 5))
    vault.reverse(page, offset=1)
    assert (vault.wallet.totals.available, carry(vault)) == (10, Fraction(7, 10))
    vault.reverse(page)
    assert (vault.wallet.totals.available, carry(vault)) == (10, 0)


def test_a_record_of_a_lease_goes_back_to_its_lot_and_not_to_the_lease() -> None:
    vault = Vault()
    vault.grant("5 prio=1; 10 cost=100USD")
    hold = placed(vault, 12)
    entry = settled(vault, hold, 0, [4, 3])
    assert entry
    assert given_back(vault.reverse(entry, offset=1)) == [(2, 2, 20), (1, 1, None)]
    assert (vault.wallet.totals.available, vault.wallet.totals.held) == (6, 5)
    vault.reverse(entry)
    assert vault.wallet.totals.available == 10


REFUSED: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"amount": 1}, InvalidRequest),
    ({"offset": 9}, NotFound),
    ({"offset": 0}, NotFound),
    ({"offset": 1}, AlreadyReversed),
    ({"offset": 3}, AlreadyReversed),
    ({"offset": 4}, AlreadyReversed),
    ({"offset": 2, "amount": 4}, AmountOutOfRange),
]


@pytest.mark.parametrize(("said", "refusal"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_what_was_not_burned_is_not_reversed(said: dict[str, Any], refusal: type[Exception]) -> None:
    """Offset 0 is of the page before; 1 was given up, 2 burned 3, 3 was skipped, 4 refused."""
    vault = Vault()
    vault.grant("10")
    book(vault, [RecordCost(1, "a")])
    (page,) = book(vault, [RecordCost(3, "a"), None, RecordCost(30, "b")], first=2, since=1)
    with pytest.raises(refusal):
        vault.reverse(page, **said)
    vault.reverse(page, offset=2)
    with pytest.raises(AlreadyReversed):
        vault.reverse(page, offset=2)
    with pytest.raises(AlreadyReversed):
        vault.reverse(page)


def test_a_burn_without_records_has_no_offset() -> None:
    vault = Vault()
    vault.grant("10")
    burned = vault.burn(3)
    with pytest.raises(InvalidRequest):
        vault.reverse(burned, offset=0)


def reverse_parts(vault: Vault, entries: list[Entry], order: list[tuple[int, int]]) -> None:
    """Reverses records, chosen by number, in parts; then all that is left."""
    there = [
        (entry, one.offset, one.record)
        for entry in entries
        for one in numbered(entry)
        if one.record and one.record.paid
    ]
    for number, steps in order:
        if not there:
            break
        entry, offset, record = there[number % len(there)]
        sidecar = vault.sidecars.get((record_reversals.KIND, entry.id))
        still = record.steps - record_reversals.reversed_of(sidecar, offset, record)
        amount = min(steps, still) or None
        try:
            vault.reverse(entry, amount, offset)
        except AlreadyReversed:
            assert not still
    for entry in entries:
        try:
            vault.reverse(entry)
        except AlreadyReversed:
            continue


chosen = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=10)


@settings(steady, max_examples=150)
@given(st.lists(asked, min_size=1, max_size=8), chosen, st.sampled_from([0, 10]))
def test_in_whatever_order_and_parts_all_comes_back_to_the_lots_as_they_were(
    records: list[RecordCost], order: list[tuple[int, int]], overdraft: int
) -> None:
    vault = Vault(Policy(overdraft_limit=overdraft))
    vault.grant(LOTS)
    before, totals = left(vault), vault.wallet.totals
    entries = book(vault, list(records))
    reverse_parts(vault, entries, order)
    assert (left(vault), vault.wallet.totals) == (before, totals)
    assert (carry(vault), carry(vault, "gpu")) == (0, 0)
    vault.check()


@settings(steady, max_examples=80)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.lists(st.integers(1, 6), max_size=4), chosen)
def test_all_of_a_lease_comes_back_too(
    first: list[int], second: list[int], order: list[tuple[int, int]]
) -> None:
    vault = Vault()
    vault.grant("5 prio=1 cost=33USD; 7 prio=2 cost=100USD; 20 cost=70USD exp=+3d")
    before = left(vault)
    hold = placed(vault, 14)
    one = settled(vault, hold, 0, first, renew=14)
    two = settled(vault, hold, len(first), second) if second else None
    reverse_parts(vault, [entry for entry in (one, two) if entry and entry.records], order)
    vault.release(hold.seq)
    assert left(vault) == before
    assert vault.wallet.totals.held == 0
    vault.check()


@settings(steady, max_examples=120)
@given(
    st.lists(st.fractions(min_value=0, max_value=2, max_denominator=5), min_size=1, max_size=5),
    st.lists(st.fractions(min_value=0, max_value=2, max_denominator=5), max_size=3),
    st.lists(st.fractions(min_value=0, max_value=2, max_denominator=5), max_size=3),
    st.lists(st.tuples(st.sampled_from(["page", "before", "after"]), st.integers(0, 5)), max_size=8),
)
def test_what_is_left_costs_what_it_would_have_cost_alone(
    page: list[Fraction], before: list[Fraction], after: list[Fraction], undone: list[tuple[str, int]]
) -> None:
    """Single events around a page, any of them undone: steps burned and the carry are what the others cost (law 7)."""
    vault = Vault()
    vault.grant("100")
    events: dict[tuple[str, int], tuple[Entry, int | None]] = {}
    costs: dict[tuple[str, int], Fraction] = {}
    for number, cost in enumerate(before):
        events["before", number], costs["before", number] = (vault.use(cost), None), cost
    (entry,) = book(vault, [counted(cost) for cost in page])
    for number, cost in enumerate(page):
        events["page", number], costs["page", number] = (entry, number), cost
    for number, cost in enumerate(after):
        events["after", number], costs["after", number] = (vault.use(cost), None), cost
    for name in undone:
        if name not in events:
            continue
        burned, offset = events.pop(name)
        try:
            vault.reverse(burned, offset=offset)
        except AlreadyReversed:
            assert not costs[name]
        del costs[name]
        spent = 100 - vault.wallet.totals.available
        assert spent - sum(costs.values()) == -carry(vault)
        assert 0 <= carry(vault) < 1
        vault.check()
