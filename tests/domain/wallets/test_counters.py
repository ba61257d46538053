"""What a price over a period goes by: each event counts once, in its own period, and what is undone is taken off (laws
7 and 10). An oracle keeps every period in a plain dictionary, and prices by it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import AlreadyReversed, AmountOutOfRange
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import Usage
from scrip.domain.wallets.counters import KIND, CountedPeriod, counter_of, counts_of, read_counts
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.record_sums import RecordCost
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.contexts import WalletContext
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.pricing import price_over
from tests.domain.builders import START, steady
from tests.domain.memory import Vault, vault
from tests.domain.wallets.test_burn_pages import book

DAY = 86_400_000
TIERS = [{"up_to": 3, "credits": "0"}, {"up_to": "5.5", "credits": "2"}, {"up_to": None, "credits": "0.75"}]
PRICE: dict[str, Any] = {"model": "graduated", "over": "P1D", "time_zone": "UTC", "tiers": TIERS}
CARD = [RateVersion(1, "credits", 0, "0", PRICE)]
FLAT = RateVersion(1, "credits", 0, "0", {"model": "per_unit", "credits": "1"})
TABLE = RateVersion(
    1,
    "credits",
    0,
    "0",
    {
        "model": "table",
        "by": ["size"],
        "prices": {"s": PRICE, "l": {"model": "table", "by": ["place"], "prices": {"eu": PRICE}}},
    },
)


def up_to(quantity: Fraction) -> Fraction:
    """What so much of a period costs in all, worked out by hand: 3 are free, 2.5 cost 2 each, all else 0.75."""
    dear = min(max(quantity - 3, Fraction(0)), Fraction(5, 2))
    return 2 * dear + Fraction(3, 4) * max(quantity - Fraction(11, 2), Fraction(0))


def use(made: Vault, quantity: Fraction, time: int | None = None) -> Entry:
    command = BurnCredits(meter="api", quantity=quantity, time=time)
    context = WalletContext(Unit("credits", 0, policy=made.policy), 1, Snapshot(made.wallet), {"api": CARD})
    return made.carry_out(lambda draft, now: command.decide(draft, context, now, made.cause("use")))


def page(made: Vault, quantities: list[Fraction]) -> list[Entry]:
    over = price_over(CARD[0], "api", {}, made.now, 0)
    return book(made, [RecordCost(0, "r", "api", one, {}, 1, over) for one in quantities])


def stored(made: Vault) -> dict[CountedPeriod, Fraction]:
    found: dict[CountedPeriod, Fraction] = {}
    for (kind, name), sidecar in made.sidecars.items():
        if kind == KIND:
            found.update(read_counts(name, sidecar))
    return found


def paid(entry: Entry) -> Fraction:
    """What an entry took, with what it carried on."""
    return -entry.amount + sum(map(Fraction, entry.extra.get("carry", {}).values()), Fraction(0))


QUANTITIES = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(4), Fraction(7, 10)])
STEPS = st.one_of(
    st.tuples(st.just("use"), QUANTITIES, st.integers(0, 2)),
    st.tuples(st.just("page"), st.lists(QUANTITIES, min_size=1, max_size=4), st.just(0)),
    st.tuples(st.just("undo"), st.integers(0, 5), st.sampled_from([None, 1])),
    st.tuples(st.just("wait"), st.sampled_from([DAY // 2, DAY]), st.just(0)),
)


@steady
@given(st.lists(STEPS, min_size=1, max_size=12))
def test_every_event_costs_what_its_period_says_and_undone_ones_leave_it(steps: list[Any]) -> None:
    made, known, burned = vault("1000"), dict[int, Fraction](), list[tuple[Entry, int, Fraction]]()
    left: dict[str, Fraction] = {}
    for kind, what, more in steps:
        if kind == "wait":
            made.now += what
            continue
        if kind == "undo":
            if what >= len(burned):
                continue
            entry, day, quantity = burned[what]
            amount = more if more and -entry.amount > more and "page" not in entry.extra else None
            try:
                undone = made.reverse(entry, amount)
            except (AlreadyReversed, AmountOutOfRange):
                continue
            taken = -sum((each for _, each in counts_of(undone)), Fraction(0))
            expected = left[entry.id] if amount is None else quantity * Fraction(amount, -entry.amount)
            assert taken == expected
            left[entry.id] -= taken
            known[day] -= taken
            continue
        day = (made.now // DAY - (more if kind == "use" else 0)) * DAY
        before, quantities = known.get(day, Fraction(0)), what if kind == "page" else [what]
        entries = page(made, quantities) if kind == "page" else [use(made, what, day if more else None)]
        known[day] = before + sum(quantities)
        assert sum(map(paid, entries)) == up_to(known[day]) - up_to(before)
        for entry in entries:
            mine = sum((each for _, each in counts_of(entry)), Fraction(0))
            burned.append((entry, day, mine))
            left[entry.id] = mine
    assert {one.start: quantity for one, quantity in stored(made).items()} == {
        day: quantity for day, quantity in known.items() if quantity
    }
    assert made.findings() == []


def test_a_price_without_a_period_counts_in_nothing() -> None:
    assert counter_of(FLAT, "api", {}, START) is None
    made = vault("10")
    context = WalletContext(Unit("credits", 0), 1, Snapshot(made.wallet), {"api": [FLAT]})
    command = BurnCredits(meter="api", quantity=Fraction(2))
    entry = made.carry_out(lambda draft, now: command.decide(draft, context, now, made.cause("use")))
    assert (list(counts_of(entry)), stored(made)) == ([], {})


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({"size": "s", "place": "eu"}, (("size", "s"),)),
        ({"size": "l", "place": "eu", "who": "ann"}, (("place", "eu"), ("size", "l"))),
    ],
    ids=["by one table", "by two"],
)
def test_what_is_counted_together_has_the_dimensions_that_chose_the_price(
    said: dict[str, str], counted: tuple[tuple[str, str], ...]
) -> None:
    found = counter_of(TABLE, "api", said, START)
    assert found
    assert found.dimensions == counted
    assert found.end - found.start == DAY


def test_events_of_one_request_go_on_from_each_other() -> None:
    """2 and 2 of an empty day: 3 are free, the fourth costs 2; then half a one more, another 1."""
    made = vault("10")
    context = WalletContext(Unit("credits", 0), 1, Snapshot(made.wallet), {"api": CARD})
    items = tuple(Usage("api", Fraction(one)) for one in ("2", "2", "0.5"))
    command = BurnCredits(items=items)
    entry = made.carry_out(lambda draft, now: command.decide(draft, context, now, made.cause("use")))
    assert [one["steps"] for one in entry.extra["usage"]] == ["0", "2", "1"]
    assert [one["counted"][0][2] for one in entry.extra["usage"]] == ["0", "2", "4"]


def test_what_was_not_read_is_asked_for_at_once() -> None:
    made = vault("10")
    use(made, Fraction(1))
    assert [type(need).__name__ for need in made.reads] == ["NeedSidecars"]
    draft = Draft(Snapshot(made.wallet))
    assert not draft.knows((KIND, "api"))
