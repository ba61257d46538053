"""What an event of a meter costs beyond whole steps is carried; and what is undone is as if it had never been."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.errors import AlreadyReversed, AmountOutOfRange
from tests.domain.builders import steady, story
from tests.domain.giving import parts
from tests.domain.memory import Vault, vault

HALF = Fraction(1, 2)


def carry(made: Vault, meter: str = "api") -> float:
    """The fraction that the meter carries, where a float holds it exactly."""
    return float(exactly(made, meter))


def exactly(made: Vault, meter: str) -> Fraction:
    body = made.sidecars.get(("carry", meter)) or {"carry": "0"}
    return Fraction(body["carry"])


def steps(*entries: Entry) -> list[int]:
    return [-entry.amount for entry in entries]


def test_an_event_burns_whole_steps_and_its_entry_says_what_it_carried() -> None:
    made = vault("10")
    assert steps(*(made.use(Fraction("0.4")) for _ in range(5))) == [0, 0, 1, 0, 1]
    assert [entry.extra["carry"] for entry in made.entries[1:]] == [
        {"api": "2/5"},
        {"api": "2/5"},
        {"api": "-3/5"},
        {"api": "2/5"},
        {"api": "-3/5"},
    ]
    assert carry(made) == 0


def test_an_event_and_its_reversal_leave_the_fraction_as_if_not() -> None:
    """2.5 steps burn 2 and carry 0.5; reversed, the next 0.5 burns nothing, as the first event would."""
    made = vault("10")
    used = made.use(Fraction("2.5"))
    assert story([made.reverse(used)]) == ["reversal +2 (2 of 1)"]
    assert (carry(made), made.look()) == (0, Totals(available=10))
    assert ("carry", "api") not in made.sidecars
    assert steps(made.use(HALF), made.use(HALF)) == [0, 1]


def test_an_event_that_burned_nothing_but_a_fraction_is_reversed_once() -> None:
    made = vault("10")
    used = made.use(HALF)
    assert story([made.reverse(used)]) == ["reversal +0"]
    assert carry(made) == 0
    with pytest.raises(AlreadyReversed):
        made.reverse(used)
    assert steps(made.use(HALF)) == [0]


def test_no_steps_of_an_event_that_burned_none_can_be_named_for_its_reversal() -> None:
    """A reversal of 3 steps of it undid its fraction, and a second one undid the fraction again."""
    made = vault("10")
    used = made.use(HALF)
    with pytest.raises(AmountOutOfRange):
        made.reverse(used, 3)
    made.reverse(used)
    with pytest.raises(AlreadyReversed):
        made.reverse(used, 3)
    assert (carry(made), made.look().available) == (0, 10)


def test_an_event_without_a_fraction_that_burned_nothing_has_nothing_to_reverse() -> None:
    made = vault("10")
    with pytest.raises(AlreadyReversed):
        made.reverse(made.use(Fraction(0)))


def test_a_step_that_an_undone_fraction_had_completed_comes_back_from_who_paid_it() -> None:
    """0.5, then 0.5 that burns 1. Without the first the second would have burned nothing: its step comes back, for the
    USD 1.00 that it took along. Undone as well, nothing more comes back."""
    made = vault("10 cost=1000USD")
    first, second = made.use(HALF), made.use(HALF)
    assert steps(first, second) == [0, 1]
    assert story([made.reverse(first)]) == ["reversal +1 (1 of 1 for 100USD)"]
    assert (carry(made), parts(made, 1)) == (0.5, {"deferred": 1000})
    assert story([made.reverse(second)]) == ["reversal +0"]
    assert (carry(made), made.look().available) == (0, 10)
    assert ("carry", "api") not in made.sidecars


def test_a_step_that_others_are_due_to_pay_stays_burned() -> None:
    """0.5, 0.5 that burns 1, 0.5. Without the second the third would have burned the 1."""
    made = vault("10")
    events = [made.use(HALF) for _ in range(3)]
    assert story([made.reverse(events[1])]) == ["reversal +0"]
    assert (carry(made), made.look().available) == (0, 9)
    assert steps(made.use(HALF), made.use(HALF)) == [0, 1]


def test_the_step_comes_back_from_the_lot_that_was_drawn_first() -> None:
    """The second event takes 3 steps of two lots. Its reversal gives back the last drawn first: the other two."""
    made = vault("1 prio=1 cost=7USD; 9 prio=2 cost=900USD")
    first, second = made.use(HALF), made.use(Fraction("2.5"))
    assert story([second]) == ["burn -3 (1 of 1 for 7USD, 2 of 2 for 200USD)"]
    assert story([made.reverse(first)]) == ["reversal +1 (1 of 1 for 7USD)"]
    assert story([made.reverse(second)]) == ["reversal +2 (2 of 2 for 200USD)"]
    assert (made.open(), carry(made)) == ("1:1 2:9", 0)


def test_a_reversal_in_parts_undoes_the_fraction_in_parts() -> None:
    """4.5 steps: 4 burned, 0.5 carried. Of half of it half of the fraction goes."""
    made = vault("10")
    used = made.use(Fraction("4.5"))
    made.reverse(used, 2)
    assert carry(made) == 0.25
    made.reverse(used)
    assert (carry(made), made.look().available) == (0, 10)


def test_a_fraction_of_one_meter_is_nothing_to_another() -> None:
    made = vault("10")
    used = made.use(HALF)
    made.use(HALF, "images")
    made.reverse(used)
    assert (carry(made), carry(made, "images")) == (0, 0.5)


def test_a_burn_up_to_what_is_there_keeps_its_fraction_until_it_is_undone() -> None:
    """2.5 steps where 1 is left: 1 burned, 1 missing, 0.5 carried."""
    made = vault("1")
    used = made.use(Fraction("2.5"), mode="up_to")
    assert (steps(used), used.extra["missing"], carry(made)) == ([1], "1", 0.5)
    made.reverse(used)
    assert (carry(made), made.look().available) == (0, 1)


def test_a_debt_whose_step_stays_burned_stays_owed() -> None:
    """All of it by overdraft: what the third event is due to pay of the second's step is owed still."""
    made = vault(overdraft_limit=9)
    events = [made.use(HALF) for _ in range(3)]
    assert made.look() == Totals(owed=1)
    made.reverse(events[1])
    assert (made.look(), carry(made)) == (Totals(owed=1), 0)


costs = st.fractions(0, 3, max_denominator=10)


@steady
@given(st.data())
def test_later_events_cost_what_they_would_have_cost_without_what_was_undone(data: st.DataObject) -> None:
    """Beside a wallet in which the undone events never were: what is there, what is carried, and what every later event
    burns. Any events in between, of two meters, undone in any order, in whole or in parts."""
    made, other = (
        vault("40 prio=1 cost=777USD; 400 cost=10USD"),
        vault("40 prio=1 cost=777USD; 400 cost=10USD"),
    )
    events: list[tuple[str, Fraction, Entry]] = []
    undone: set[int] = set()
    for _ in range(data.draw(st.integers(1, 8))):
        meter, cost = data.draw(st.sampled_from(("api", "images"))), data.draw(costs)
        events.append((meter, cost, made.use(cost, meter)))
        if data.draw(st.booleans()):
            number = data.draw(st.integers(0, len(events) - 1))
            _, cost, entry = events[number]
            if number not in undone and (entry.amount or cost.denominator != 1):
                for part in range(data.draw(st.integers(0, 1))):
                    if -entry.amount > part + 1:
                        made.reverse(entry, 1)
                made.reverse(entry)
                undone.add(number)
    for number, (meter, cost, _) in enumerate(events):
        if number not in undone:
            other.use(cost, meter)
    assert made.look().available == other.look().available
    for meter in ("api", "images"):
        assert exactly(made, meter) == exactly(other, meter)
        assert 0 <= exactly(made, meter) < 1
        for cost in data.draw(st.lists(costs, min_size=1, max_size=3)):
            assert steps(made.use(cost, meter)) == steps(other.use(cost, meter))
    assert all(made.lot(seq).remaining <= made.lot(seq).granted for seq in (1, 2))
    made.check()


def test_what_is_remembered_of_a_meter_does_not_grow() -> None:
    """Of the last eight steps alone it is known who paid them. Where more come back, the carry is below 0 instead, and
    later events use that up: what was burned and what is carried is together what the events cost."""
    made = vault("100")
    events = [made.use(HALF) for _ in range(40)]
    for first, _ in list(pairwise(events))[::2]:
        made.reverse(first)
    burned = 100 - made.look().available
    assert (burned, carry(made)) == (12, -2)
    assert steps(*(made.use(HALF) for _ in range(6))) == [0, 0, 0, 0, 0, 1]
    assert len(made.sidecars["carry", "api"].get("steps", ())) <= 8
