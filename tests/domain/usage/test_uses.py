"""What entries use and give back: what left the wallet, and nothing once all of it is undone (laws 1 and 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy
from scrip.domain.usage.uses import Use, given_back, used_at, uses_of
from scrip.domain.wallets.record_sums import RecordCost
from tests.domain.builders import START, steady
from tests.domain.memory import Vault, vault
from tests.domain.wallets.test_burn_pages import book

HOUR = 3_600_000


def all_of(entries: Sequence[Entry]) -> list[Use]:
    """What these entries used, and gave back."""
    known = {entry.id: entry for entry in entries}
    return [
        use
        for entry in entries
        for use in (
            given_back(entry, known[entry.extra["of"]]) if entry.kind == "reversal" else uses_of(entry)
        )
    ]


def steps_of(uses: Sequence[Use]) -> int:
    return sum(use.steps for use in uses)


def money_of(uses: Sequence[Use]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for use in uses:
        found.update(use.money)
    return {currency: amount for currency, amount in found.items() if amount}


def quantity_of(uses: Sequence[Use]) -> Fraction:
    return sum((use.quantity for use in uses), Fraction(0))


def counted(entry: Entry, usage: Any, **extra: Any) -> Entry:
    """The entry as if it had been of such usage."""
    return replace(entry, extra={**entry.extra, "usage": usage, **extra})


def told(uses: Sequence[Use], *members: str) -> list[Any]:
    """What uses say of these members; of one use by itself."""
    return [tuple(getattr(use, member) for member in members) for use in uses]


def usage(quantity: str, steps: int, meter: str = "api", **dimensions: str) -> dict[str, Any]:
    return {"meter": meter, "quantity": quantity, "dimensions": dimensions, "steps": str(steps)}


def test_a_hold_uses_nothing_and_its_capture_what_it_takes() -> None:
    wallet = vault("10 cost=100USD")
    held = wallet.hold(6)
    assert uses_of(held) == []
    captured = wallet.capture(held.seq, 4)
    assert told(all_of(wallet.entries), "steps", "money", "meter") == [(4, {"USD": 40}, None)]
    assert captured.kind == "capture"


def test_what_is_owed_has_no_money() -> None:
    """4 of 6 are there, worth 40 cents. Who repays the other 2 later paid for no use of now."""
    wallet = Vault(Policy(overdraft_limit=10))
    wallet.grant("4 cost=40USD")
    burned = wallet.burn(6)
    assert [(use.steps, use.money) for use in uses_of(burned)] == [(6, {"USD": 40})]
    wallet.grant("5 cost=50USD")
    assert money_of(all_of(wallet.entries)) == {"USD": 40}
    # Of what is undone the debt comes first.
    wallet.reverse(burned, 1)
    assert (steps_of(all_of(wallet.entries)), money_of(all_of(wallet.entries))) == (5, {"USD": 40})
    wallet.reverse(burned)
    assert all_of(wallet.entries)[0].steps == 6
    assert (steps_of(all_of(wallet.entries)), money_of(all_of(wallet.entries))) == (0, {})


def test_items_take_what_their_draws_say() -> None:
    """2 of api and 3 of gpu, at 10 cents a step. What was taken last comes back first."""
    wallet = vault("10 cost=100USD")
    burned = counted(wallet.burn(5), [usage("1", 2), usage("30", 3, "gpu", size="l")], items=[1])
    draws = [Draw(1, 2, Money(20, "USD")), Draw(1, 3, Money(30, "USD"))]
    burned = replace(burned, draws=draws, extra={**burned.extra, "items": [0, 1]})
    assert told(uses_of(burned), "meter", "quantity", "steps", "money") == [
        ("api", 1, 2, {"USD": 20}),
        ("gpu", 30, 3, {"USD": 30}),
    ]
    back = wallet.reverse(wallet.entries[1], 4)
    assert [
        (use.meter, use.dimensions, use.quantity, use.steps, use.money) for use in given_back(back, burned)
    ] == [
        ("api", (), Fraction(-1, 2), -1, {"USD": -10}),
        ("gpu", (("size", "l"),), -30, -3, {"USD": -30}),
    ]


def test_an_event_that_burned_nothing_is_given_back_at_once() -> None:
    """0.4 of a step burns none, and is carried. Undone, its quantity goes."""
    wallet = vault("10")
    wallet.use(Fraction(2, 5))
    burned = counted(wallet.entries[-1], usage("2", 0))
    assert told(uses_of(burned), "quantity", "steps") == [(2, 0)]
    back = wallet.reverse(wallet.entries[-1])
    assert told(given_back(back, burned), "quantity", "steps") == [(-2, 0)]


def test_a_step_that_fractions_of_others_completed_is_given_back_where_the_undone_one_was_counted() -> None:
    """0.4 and 0.6: the second burns a step. When the first is undone, that step comes back: 0.6 is carried."""
    wallet = vault("10")
    wallet.use(Fraction(2, 5))
    first = wallet.entries[-1]
    wallet.use(Fraction(3, 5))
    back = wallet.reverse(first)
    assert (back.amount, back.extra["wanted"]) == (1, "0")
    assert steps_of(given_back(back, first)) == -1
    assert steps_of(all_of(wallet.entries)) == 0


def test_records_take_their_own_places() -> None:
    """4 free, then 3 of which 1 is free and 2 cost 20 cents, then 3 for 30: of two dimensions."""
    wallet = Vault()
    wallet.grant("5 prio=1; 10 cost=100USD")
    one, other = {"model": "x"}, {"model": "y"}
    records = [
        RecordCost(4, "a", "api", Fraction(2), one, 1),
        RecordCost(3, "b", "api", Fraction(1), other, 1),
        RecordCost(3, "c", "api", Fraction(3), one, 1),
    ]
    (page,) = book(wallet, list(records))
    assert told(uses_of(page), "dimensions", "quantity", "steps", "money") == [
        ((("model", "x"),), 5, 7, {"USD": 30}),
        ((("model", "y"),), 1, 3, {"USD": 20}),
    ]
    wallet.reverse(page, 1, offset=1)
    (part,) = given_back(wallet.entries[-1], page)
    assert (part.dimensions, part.quantity, part.steps, part.money) == (
        (("model", "y"),),
        Fraction(-1, 3),
        -1,
        {"USD": -10},
    )
    wallet.reverse(page)
    uses = all_of(wallet.entries)
    assert steps_of(uses) == quantity_of(uses) == 0
    assert money_of(uses) == {}


def test_usage_that_is_told_later_counts_when_it_was() -> None:
    wallet = vault("10")
    burned = counted(wallet.burn(5), {**usage("1", 5), "time": START - 30 * HOUR})
    assert used_at(burned) == START - 30 * HOUR
    assert [use.at for use in given_back(wallet.reverse(wallet.entries[1]), burned)] == [START - 30 * HOUR]
    assert used_at(wallet.entries[0]) == wallet.entries[0].at


@pytest.mark.parametrize("kind", ["grant", "void", "adjustment", "expiry", "transfer_out", "release"])
def test_what_goes_otherwise_is_not_used(kind: Any) -> None:
    assert uses_of(replace(vault("10").burn(5), kind=kind)) == []


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["burn", "use", "page", "hold", "reverse", "reverse", "grant"]),
        st.integers(1, 9),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=16,
)


@steady
@given(acts=ACTS)
def test_together_it_is_what_left_the_wallet_and_nothing_once_all_is_undone(
    acts: list[tuple[str, int, int]],
) -> None:
    """Whatever is used and undone, in whatever parts, with debts and fractions: the sums are the entries' own."""
    wallet = Vault(Policy(overdraft_limit=40))
    wallet.grant("5; 7 cost=701USD; 9 prio=1 cost=100USD; 4 cost=33EUR")
    for what, amount, which in acts:
        try:
            _act(wallet, what, amount, which)
        except Refusal:
            continue
        _check(wallet)
    for entry in [one for one in wallet.entries if one.kind in ("burn", "capture")]:
        try:
            wallet.reverse(entry)
        except Refusal:
            continue
    _check(wallet)
    uses = all_of(wallet.entries)
    assert quantity_of(uses) == 0


def _act(wallet: Vault, what: str, amount: int, which: int) -> None:
    if what == "burn":
        wallet.burn(amount)
    elif what == "use":
        wallet.use(Fraction(amount, which + 1))
    elif what == "hold":
        held = wallet.hold(amount)
        wallet.capture(held.seq, max(1, amount - which))
    elif what == "grant":
        wallet.grant(f"{amount} cost={which}1USD")
    elif what == "page":
        costs = [Fraction(amount, 1 + (which + number) % 3) for number in range(1 + which)]
        book(wallet, [RecordCost(one, "r", "api", Fraction(1), {}, 1) for one in costs])
    elif burned := [one for one in wallet.entries if one.kind in ("burn", "capture")]:
        entry = burned[which % len(burned)]
        offset = entry.extra["page"]["first"] + which % 2 if "page" in entry.extra else None
        wallet.reverse(entry, amount if amount < 7 else None, offset if amount % 3 else None)


def _check(wallet: Vault) -> None:
    uses = all_of(wallet.entries)
    moved = [one for one in wallet.entries if one.kind in ("burn", "capture", "reversal")]
    assert steps_of(uses) == -sum(one.amount for one in moved)
    money: Counter[str] = Counter()
    for one in moved:
        first = len(one.extra.get("undone", ()))
        back = one.draws[first : one.extra["back"]] if one.kind == "reversal" else one.draws
        for draw in back:
            if draw.value:
                money[draw.value.currency] += draw.value.amount * (-1 if one.kind == "reversal" else 1)
    assert money_of(uses) == {currency: amount for currency, amount in money.items() if amount}
