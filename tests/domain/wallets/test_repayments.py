"""A debt remembers what it was for, and who repaid it: what is undone goes back to whoever paid (laws 1 to 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.debts import Debts
from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.terms import Rollover, Terms
from scrip.domain.wallets.repayments import ALL, KIND
from tests.domain.builders import START, grants, span, steady, story
from tests.domain.giving import capture, hold, movable, parts, plan, release
from tests.domain.memory import Vault, vault

FACE = "3 cost=10000USD"


def owes(made: Vault) -> dict[str, int]:
    """What is owed, by purpose: ``lot_1 gpu`` is a clawback of lot 1, which had that scope; nothing that is paid up."""
    lines = Debts.from_json(made.sidecars.get((KIND, ALL))).lines
    names = {
        one: " ".join([*([f"lot_{one.lot}"] if one.lot else []), *one.meters]) or "anything" for one in lines
    }
    return {names[one]: line.owed for one, line in lines.items() if line.owed}


def last(made: Vault) -> str:
    return story(made.entries[-1:])[0]


# What a debt is for


def test_a_lot_with_a_scope_repays_only_what_its_meters_owe() -> None:
    """Law 7. 20 are owed for api and 30 for images: 100 for images repay 30 of them."""
    made = vault(overdraft_limit=100)
    made.burn(20, meter="api")
    made.burn(30, meter="images")
    assert owes(made) == {"api": 20, "images": 30}
    made.grant("100 cost=1000USD scope=images")
    assert last(made) == "grant +100 (30 of 3 for 300USD)"
    assert (owes(made), made.look()) == ({"api": 20}, Totals(available=70, paid=70, scoped=70, owed=20))


def test_a_lot_with_a_scope_repays_nothing_that_no_meter_owes() -> None:
    made = vault(overdraft_limit=100)
    made.burn(20)
    made.grant("100 scope=api,images")
    assert (last(made), owes(made)) == ("grant +100", {"anything": 20})


def test_a_lot_without_a_scope_repays_anything_what_is_owed_longest_first() -> None:
    made = vault(overdraft_limit=100)
    made.burn(20, meter="images")
    made.burn(30)
    made.burn(10, meter="api")
    made.grant("25")
    assert last(made) == "grant +25 (20 of 4, 5 of 4)"
    assert owes(made) == {"anything": 25, "api": 10}
    made.grant("100 scope=api")
    made.grant("100")
    assert owes(made) == {}


def by_grant(made: Vault) -> None:
    made.grant("100 scope=images")


def by_activation(made: Vault) -> None:
    made.grant("100 scope=images from=+1h")
    made.wait("2h")
    made.sweep()


def by_transfer(made: Vault) -> None:
    other = Vault(movable(), account="beta", now=made.now)
    other.grant("100 scope=images")
    other.transfer(made, 100)


def by_rollover(made: Vault) -> None:
    terms = Terms(("images",), Rollover(anchor=START, every="P1D"))
    made.grant_one(replace(grants("100 exp=+1d")[0], terms=terms))
    made.wait("1d")
    made.sweep()


@pytest.mark.parametrize("comes", [by_grant, by_activation, by_transfer, by_rollover])
def test_by_whatever_way_it_comes_a_lot_repays_nothing_outside_its_scope(comes: Any) -> None:
    made = vault(overdraft_limit=100)
    made.burn(20, meter="api")
    comes(made)
    assert (owes(made), made.look().available, made.look().owed) == ({"api": 20}, 100, 20)


@pytest.mark.parametrize("comes", [by_grant, by_activation, by_transfer])
def test_by_whatever_way_it_comes_a_lot_repays_what_its_meters_owe(comes: Any) -> None:
    made = vault(overdraft_limit=100)
    made.burn(20, meter="images")
    comes(made)
    assert (owes(made), made.look().available) == ({}, 80)


def test_an_allowance_repays_anything() -> None:
    made = Vault(replace(vault().policy, overdraft_limit=100), now=plan().starts_at)
    made.burn(20, meter="api")
    made.allow(plan(100))
    assert (owes(made), made.look().available) == ({}, 80)


def test_what_a_release_gives_back_to_a_lot_with_a_scope_repays_its_meters_alone() -> None:
    made = vault("40 scope=api", overdraft_limit=100)
    held = made.hold(40, meter="api").seq
    made.burn(10, meter="images")
    made.burn(7, meter="api")
    release(made, held)
    assert (last(made), owes(made)) == ("release +0 (40 of 1, 7 of 1)", {"images": 10})


def test_what_a_reversal_gives_back_to_a_lot_with_a_scope_repays_its_meters_alone() -> None:
    made = vault("40 scope=api", overdraft_limit=100)
    burned = made.burn(40, meter="api")
    made.burn(10, meter="images")
    made.burn(7, meter="api")
    made.reverse(burned)
    assert (last(made), owes(made)) == ("reversal +40 (40 of 1, 7 of 1)", {"images": 10})


def test_what_a_clawback_of_a_lot_with_a_scope_lacks_is_owed_for_its_meters() -> None:
    """10 of 10 for api were burned and paid back: lots for api and images may repay them, lots for images may not."""
    made = vault()
    made.pay("p", "10 cost=1000USD scope=api")
    made.burn(10, meter="api")
    made.pay("p", "10 cost=1000USD scope=api", clawed=10, refunded=1000)
    assert owes(made) == {"lot_1 api": 10}
    made.grant("4 scope=images")
    assert owes(made) == {"lot_1 api": 10}
    made.grant("4 scope=api,images")
    assert owes(made) == {"lot_1 api": 6}


def test_what_a_clawback_of_a_lot_for_two_meters_lacks_is_not_repaid_by_a_lot_for_one() -> None:
    made = vault()
    made.pay("p", "10 cost=1000USD scope=api,images")
    made.burn(10, meter="api")
    made.pay("p", "10 cost=1000USD scope=api,images", clawed=10, refunded=1000)
    made.grant("100 scope=api")
    assert owes(made) == {"lot_1 api images": 10}


def test_other_lots_pay_a_clawback_only_with_what_they_may_pay_for() -> None:
    made = vault("50 scope=api prio=60; 7 prio=70", refund_shortfall="other_lots")
    made.pay("p", "10 prio=0 cost=1000USD")
    made.burn(10)
    made.pay("p", "10 prio=0 cost=1000USD", clawed=10, refunded=1000)
    assert last(made) == "clawback -10 (7 of 2)"
    assert (owes(made), made.look().available) == ({"lot_3": 3}, 50)


def test_a_capture_beyond_its_hold_owes_for_the_holds_meter() -> None:
    made = vault("10 scope=api", overdraft_limit=100)
    held = made.hold(10, over="burn_extra", meter="api").seq
    made.capture(held, 25)
    assert owes(made) == {"api": 15}


def test_only_what_came_back_repays() -> None:
    """16 674 are owed; of 20 000 in the lot 2 252 were held and are released: 2 252 repay."""
    made = vault("20000 cost=20000USD")
    held = hold(made, 2252)
    made.pay("p", "16674 prio=0")
    made.burn(16674)
    made.pay("p", "16674 prio=0", clawed=16674)
    assert owes(made) == {"lot_3": 16674}
    release(made, held)
    assert last(made) == "release +0 (2252 of 1, 2252 of 1 for 2252USD)"
    assert made.look() == Totals(available=17748, paid=17748, owed=14422)


def test_only_what_a_reversal_gives_back_repays() -> None:
    made = vault("100", overdraft_limit=100)
    first = made.burn(10)
    made.pay("p", "50 prio=0")
    made.burn(50)
    made.pay("p", "50 prio=0", clawed=50)
    made.reverse(first)
    assert (last(made), made.look().owed) == ("reversal +10 (10 of 1, 10 of 1)", 40)


# What is undone goes back to whoever paid


def test_what_a_debt_was_repaid_with_comes_back_as_what_it_was() -> None:
    """50 owed; 100 for USD 100.00 with an end and a scope, 50 of which repay; the burn is reversed: 100 are there for
    USD 100.00, deferred, until the same end, for the same meter."""
    made = vault(overdraft_limit=50)
    burned = made.burn(50, meter="api")
    made.grant("100 cost=10000USD exp=+9d scope=api")
    assert (last(made), parts(made, 2)) == (
        "grant +100 (50 of 2 for 5000USD)",
        {"recognised": 5000, "deferred": 5000},
    )
    made.reverse(burned)
    assert last(made) == "reversal +50 (50 of 2 for 5000USD)"
    assert made.look() == Totals(available=100, paid=100, scoped=100)
    assert (parts(made, 2), len(list(made.all_lots()))) == ({"deferred": 10000}, 1)
    made.wait("9d")
    assert made.look() == Totals()


def test_what_was_not_repaid_yet_is_owed_no_more_and_the_rest_goes_back() -> None:
    made = vault("20", overdraft_limit=50)
    burned = made.burn(50)
    made.grant("10 cost=333USD")
    assert made.look() == Totals(owed=20)
    assert story([made.reverse(burned, 25)]) == ["reversal +25 (5 of 3 for 167USD)"]
    assert made.look() == Totals(available=5, paid=5)
    assert story([made.reverse(burned, 10)]) == ["reversal +10 (5 of 3 for 166USD, 5 of 1)"]
    assert (parts(made, 3), made.reverse(burned).amount) == ({"deferred": 333}, 15)
    assert made.look() == Totals(available=30, paid=10)


def test_each_debt_goes_back_to_the_lot_that_repaid_it() -> None:
    """Two burns, each repaid by another lot: the first one's goes back to the first lot."""
    made = vault(overdraft_limit=50)
    first = made.burn(30)
    made.grant("30 cost=300USD")
    second = made.burn(20)
    made.grant("20 cost=900USD")
    assert story([made.reverse(first)]) == ["reversal +30 (30 of 2 for 300USD)"]
    assert story([made.reverse(second)]) == ["reversal +20 (20 of 4 for 900USD)"]


def test_of_several_lots_that_repaid_a_debt_the_last_gets_its_part_back_first() -> None:
    made = vault(overdraft_limit=50)
    burned = made.burn(50)
    made.grant("30 cost=300USD; 40 cost=800USD")
    assert story([made.reverse(burned, 25)]) == ["reversal +25 (20 of 3 for 400USD, 5 of 2 for 50USD)"]
    assert story([made.reverse(burned)]) == ["reversal +25 (25 of 2 for 250USD)"]


def test_what_goes_back_repays_what_is_owed_besides() -> None:
    made = vault(overdraft_limit=90)
    first = made.burn(50)
    made.grant("50 cost=500USD")
    made.burn(20)
    made.reverse(first)
    assert last(made) == "reversal +50 (50 of 2 for 500USD, 20 of 2 for 200USD)"
    assert made.look() == Totals(available=30, paid=30)


def test_what_goes_back_to_a_lot_that_has_ended_expires_at_once() -> None:
    """Law 5. What another burn owes stays owed: an ended lot repays nothing for it."""
    made = vault(overdraft_limit=90)
    burned = made.burn(50)
    made.grant("50 cost=500USD exp=+1h")
    made.burn(20)
    made.wait("1h")
    made.reverse(burned)
    assert story(made.entries[-2:]) == [
        "reversal +50 (50 of 2 for 500USD)",
        "expiry -50 (50 of 2 for 500USD)",
    ]
    assert (made.look(), parts(made, 2)) == (Totals(owed=20), {"breakage": 500})


def test_what_goes_back_to_a_lot_that_was_voided_or_sent_away_is_there_again() -> None:
    for gone in ("voided", "sent"):
        made = Vault(movable(overdraft_limit=50))
        burned = made.burn(50)
        made.grant("100 cost=1000USD")
        if gone == "voided":
            made.void(2)
        else:
            made.transfer(Vault(movable(), account="beta"), 50)
        made.reverse(burned)
        assert made.look() == Totals(available=50, paid=50)
        assert parts(made, 2)["deferred"] == 500


def test_what_goes_back_to_a_lot_that_was_refunded_pays_for_that_first() -> None:
    """100 for USD 10.00, 50 of which repaid; all the money went back, 50 are owed for it; the burn is reversed."""
    made = vault(overdraft_limit=50)
    burned = made.burn(50)
    made.pay("p", "100 cost=1000USD")
    made.pay("p", "100 cost=1000USD", clawed=100, refunded=1000)
    assert (owes(made), parts(made, 2)) == ({"lot_2": 50}, {"refunded": 1000})
    made.reverse(burned)
    assert last(made) == "reversal +50 (50 of 2 for 500USD, 50 of 2 for 500USD)"
    assert (made.look(), parts(made, 2)) == (Totals(), {"refunded": 1000})


def test_what_a_rolled_over_lot_repaid_with_goes_back_to_that_lot() -> None:
    """20 of 100 repaid, 80 were carried on: the 20 go back to the lot that had them, and end with it."""
    made = vault(overdraft_limit=50)
    burned = made.burn(20)
    terms = Terms((), Rollover(anchor=START, every="P1D"))
    made.grant_one(replace(grants("100 exp=+1d")[0], terms=terms))
    made.wait("1d")
    made.reverse(burned)
    assert story(made.entries[-2:]) == ["reversal +20 (20 of 2)", "expiry -20 (20 of 2)"]
    assert made.look().available == 80


def test_a_debt_that_is_repaid_out_of_another_reversal_goes_back_there() -> None:
    made = vault("50 cost=500USD", overdraft_limit=50)
    first = made.burn(50)
    second = made.burn(40)
    made.reverse(first)
    assert last(made) == "reversal +50 (50 of 1 for 500USD, 40 of 1 for 400USD)"
    made.reverse(second)
    assert (last(made), made.look()) == ("reversal +40 (40 of 1 for 400USD)", Totals(available=50, paid=50))


@pytest.mark.parametrize(
    ("text", "meter"), [("", None), ("20", None), ("20 scope=api; 7 cost=333USD", "api")]
)
def test_a_burn_that_owed_and_its_reversal_leave_everything_as_if_not(text: str, meter: str | None) -> None:
    """Lots, money, debt and all that lies beside the wallet."""
    made = vault(text, overdraft_limit=50)
    before = made.copy()
    made.reverse(made.burn(40, meter=meter))
    reversed_ = {name for name in made.sidecars if name[0] == "reversed"}
    assert {name: one for name, one in made.sidecars.items() if name not in reversed_} == before.sidecars
    assert (made.look(), list(made.all_lots())) == (before.look(), list(before.all_lots()))


def test_what_was_repaid_in_small_parts_keeps_every_minor_unit() -> None:
    """Law 8: 7 credits for USD 0.10 repay burns of 1, 2 and 3. They take 8 minor units along: 8·1//6 are the first
    one's, 7·2//5 of the rest the second's."""
    made = vault(overdraft_limit=50)
    burned = [made.burn(steps) for steps in (1, 2, 3)]
    made.grant("7 cost=10USD")
    given = [made.reverse(one).draws[0].value for one in burned]
    assert [value.amount for value in given if value] == [1, 2, 5]
    assert parts(made, 4) == {"deferred": 10}


def test_the_parts_of_what_was_repaid_are_cut_out_of_one_sum() -> None:
    """Law 8: 5 minor units repaid 7 steps of two burns, 6 and 1. 4 of the first come back, then 2, then the other."""
    made = vault(overdraft_limit=50)
    first, second = made.burn(6), made.burn(1)
    made.grant("7 cost=5USD")
    given = [made.reverse(one, steps).draws[0].value for one, steps in ((first, 4), (first, 2), (second, 1))]
    # 5·6//7 - 5·2//7 = 3; then of the first 2 places' 1, and of the last place's 5 - 4.
    assert [value.amount for value in given if value] == [3, 1, 1]
    assert (made.look(), parts(made, 3)) == (Totals(available=7, paid=7), {"deferred": 5})


def test_debts_that_many_burns_made_for_the_same_are_one_line() -> None:
    """What is stored of them does not grow with the burns."""
    made = vault(overdraft_limit=1000)
    for _ in range(50):
        made.burn(7, meter="api")
    assert made.sidecars[KIND, ALL] == {
        "lines": [{"for": [0, "api"], "ever": "350", "since": 1, "spans": []}]
    }
    made.grant("350")
    assert len(made.entries[-1].draws) == 1


# What a clawback found burned


def test_what_was_written_off_is_not_given_back_by_a_reversal() -> None:
    """1 of 3 for USD 100.00 was burned, all the money is back, the 1 was forgiven. The burn is reversed: nothing is
    there to spend, and nothing is deferred."""
    made = vault(refund_shortfall="write_off")
    made.pay("p", FACE)
    burned = made.burn(1)
    made.pay("p", FACE, clawed=3, refunded=10000)
    made.reverse(burned)
    assert last(made) == "reversal +0 (1 of 1 for 3333USD, 1 of 1 for 3333USD)"
    assert (made.look(), parts(made, 1)) == (Totals(), {"refunded": 10000})


def test_nor_by_the_release_of_a_hold() -> None:
    made = vault(refund_shortfall="write_off")
    made.pay("p", FACE)
    held = hold(made, 1)
    made.pay("p", FACE, clawed=3, refunded=10000)
    assert made.look() == Totals(held=1)
    release(made, held)
    assert (made.look(), parts(made, 1)) == (Totals(), {"refunded": 10000})


def test_nor_by_a_hold_that_times_out_or_is_captured_in_part() -> None:
    for captured in (None, 1):
        made = vault(refund_shortfall="write_off")
        made.pay("p", FACE)
        held = hold(made, 2)
        made.pay("p", FACE, clawed=3, refunded=10000)
        if captured:
            capture(made, held, captured)
        made.wait("1h")
        made.sweep()
        assert (made.look(), parts(made, 1)) == (Totals(), {"refunded": 10000})


def test_nor_by_the_reversal_of_a_burn_whose_debt_the_lot_had_repaid() -> None:
    made = vault(refund_shortfall="write_off", overdraft_limit=1)
    burned = made.burn(1)
    made.pay("p", FACE)
    made.pay("p", FACE, clawed=3, refunded=10000)
    made.reverse(burned)
    assert (made.look(), parts(made, 2)) == (Totals(), {"refunded": 10000})


def test_nor_whatever_the_lots_terms_say_of_repaying() -> None:
    made = vault(refund_shortfall="write_off", repay_first=False)
    made.pay("p", FACE)
    burned = made.burn(1)
    made.pay("p", FACE, clawed=3, refunded=10000)
    made.reverse(burned)
    assert made.look() == Totals()


@pytest.mark.parametrize("shortfall", ["owe", "write_off", "other_lots"])
@pytest.mark.parametrize("first", ["reversal", "reinstatement"])
def test_a_burn_that_is_reversed_and_a_refund_that_failed_give_all_back_once(
    shortfall: Any, first: str
) -> None:
    """Law 9: in whatever order, 3 for USD 100.00 are there again, and the other lot is as it was."""
    made = vault("9 prio=90 cost=900USD", refund_shortfall=shortfall)
    made.pay("p", FACE)
    burned = made.burn(1)
    made.pay("p", FACE, clawed=3, refunded=10000)
    if first == "reversal":
        made.reverse(burned)
        made.pay("p", FACE)
    else:
        made.pay("p", FACE)
        made.reverse(burned)
    assert (made.open(), made.look().owed) == ("2:3 1:9", 0)
    assert (parts(made, 2), parts(made, 1)) == ({"deferred": 10000}, {"deferred": 900})


def test_what_other_lots_paid_for_a_refund_that_failed_goes_back_to_them() -> None:
    """Law 7. 20 of 100 were burned; the refund took 20 from a lot that ends, and fails."""
    made = vault("50 prio=90 cost=5000USD exp=+9d", refund_shortfall="other_lots")
    made.pay("p", "100 cost=1000USD")
    made.burn(20)
    made.pay("p", "100 cost=1000USD", clawed=100, refunded=1000)
    assert last(made) == "clawback -100 (80 of 2, 20 of 1 for 2000USD)"
    made.pay("p", "100 cost=1000USD")
    assert last(made) == "reinstatement +100 (20 of 1 for 2000USD)"
    assert made.open() == "2:80 1:50"
    assert (parts(made, 2), parts(made, 1)) == ({"recognised": 200, "deferred": 800}, {"deferred": 5000})


def test_what_a_later_lot_repaid_of_a_refund_that_failed_goes_back_to_it() -> None:
    made = vault()
    made.pay("p", FACE)
    made.burn(1)
    made.pay("p", FACE, clawed=3, refunded=10000)
    made.grant("10 cost=1000USD exp=+9d")
    assert (made.look().available, parts(made, 4)) == (9, {"recognised": 100, "deferred": 900})
    made.pay("p", FACE)
    assert (made.open(), parts(made, 4)) == ("4:10 1:2", {"deferred": 1000})
    assert parts(made, 1) == {"recognised": 3333, "deferred": 6667}


@pytest.mark.parametrize("back", ["reversal", "reinstatement"])
def test_a_lot_that_has_ended_pays_first_what_its_own_clawback_found_burned(back: str) -> None:
    """Law 5: one rule for all that comes back. 60 of 100 burned, all refunded, the lot's time is over."""
    face = "100 cost=1000USD exp=+1h"
    made = vault(overdraft_limit=100)
    made.pay("p", face)
    burned = made.burn(60)
    made.pay("p", face, clawed=100, refunded=1000)
    made.burn(5)
    made.wait("1h")
    if back == "reversal":
        made.reverse(burned)
        assert story(made.entries[-1:]) == ["reversal +60 (60 of 1 for 600USD, 60 of 1 for 600USD)"]
        assert parts(made, 1) == {"refunded": 1000}
    else:
        made.pay("p", face)
        assert story(made.entries[-2:]) == ["reinstatement +100", "expiry -40 (40 of 1 for 400USD)"]
        assert parts(made, 1) == {"recognised": 600, "breakage": 400}
    assert (made.look(), owes(made)) == (Totals(owed=5), {"anything": 5})


def test_a_released_part_of_an_ended_lot_pays_first_what_its_own_clawback_lacked() -> None:
    face = "100 cost=1000USD exp=+1h"
    made = vault()
    made.pay("p", face)
    held = hold(made, 60, "2h")
    made.pay("p", face, clawed=90, refunded=900)
    assert owes(made) == {"lot_1": 50}
    made.wait("1h")
    release(made, held)
    assert story(made.entries[-2:]) == [
        "release +0 (60 of 1, 50 of 1 for 83USD)",
        "expiry -10 (10 of 1 for 17USD)",
    ]
    assert made.look() == Totals()


# In any order


@steady
@given(st.data())
def test_whatever_is_undone_in_whatever_order_nothing_is_left_but_what_was_granted(
    data: st.DataObject,
) -> None:
    """Laws 1, 2, 7, 8: lots of any scope, basis and end, burns that owe, and in the end every burn is undone: no debt
    is left, and every lot that has not ended is whole, with all of its money. The vault checks each step."""
    made = Vault(replace(vault().policy, overdraft_limit=60, repay_first=data.draw(st.booleans())))
    burned: list[Entry] = []
    left: dict[str, int] = {}
    for _ in range(data.draw(st.integers(1, 9))):
        act = data.draw(st.sampled_from(("grant", "burn", "burn", "undo")))
        meter = data.draw(st.sampled_from((None, "api", "images")))
        if act == "grant":
            scope = data.draw(st.sampled_from(("", " scope=api", " scope=api,images")))
            cost = data.draw(st.sampled_from(("", " cost=7USD", " cost=1000USD")))
            end = data.draw(st.sampled_from(("", " exp=+1h")))
            made.grant(f"{data.draw(st.integers(1, 30))}{cost}{scope}{end if made.now == START else ''}")
        elif act == "burn":
            steps = data.draw(st.integers(1, 25))
            there = 60 - made.look().owed + (0 if made.look().scoped else made.look().available)
            burned.append(made.burn(steps, "exact" if steps <= there else "up_to", meter))
            left[burned[-1].id] = -burned[-1].amount
        elif burned:
            one = data.draw(st.sampled_from(burned))
            steps = data.draw(st.integers(0, left[one.id]))
            if steps:
                made.reverse(one, steps)
                left[one.id] -= steps
        if data.draw(st.integers(0, 5)) == 0:
            made.now = max(made.now, START + span("1h"))
    for one in data.draw(st.permutations(burned)):
        if left[one.id]:
            made.reverse(one)
    made.sweep()
    made.check()
    assert made.look().owed == 0
    for lot in made.all_lots():
        paid = lot.cost.amount if lot.cost else 0
        if lot.expires_at is None or lot.expires_at > made.now:
            assert (lot.remaining, lot.deferred) == (lot.granted, paid)
        else:
            assert (lot.remaining, parts(made, lot.seq).get("recognised", 0)) == (0, 0)


# What others paid for a refund whose credits come back


def undoes(made: Vault, name: str) -> list[tuple[int, int, int]]:
    """Sequence, steps left and money deferred of each lot, after that: by hand the same in whatever order."""
    made.sweep()
    assert owes(made) == {}, name
    return [(one.seq, one.remaining + one.held, one.deferred) for one in sorted(made.all_lots())]


TEN = "10 prio=10 cost=1000USD"


@pytest.mark.parametrize("shortfall", ["owe", "other_lots", "write_off"])
@pytest.mark.parametrize("order", ["burn refund grant", "burn grant refund", "grant burn refund"])
def test_a_burn_that_is_reversed_after_its_lots_refund_gives_back_to_whoever_paid_for_that(
    shortfall: Any, order: str
) -> None:
    """Law 7: 10 for USD 10.00, 6 burned, all the money back; 20 for USD 50.00 pay the 6. The burn is reversed: 0 and
    20, with nothing and USD 50.00, as if the 10 had been there when their money went back."""
    made = vault(refund_shortfall=shortfall)
    made.pay("p", TEN)
    burned, lot = None, 0
    for what in order.split():
        if what == "burn":
            burned = made.burn(6)
        elif what == "grant":
            (lot,) = made.grant("20 cost=5000USD prio=90 exp=+9d")
        else:
            made.pay("p", TEN, clawed=10, refunded=1000)
    assert burned
    made.reverse(burned)
    assert undoes(made, order) == [(1, 0, 0), (lot, 20, 5000)]
    assert (parts(made, 1), parts(made, lot)) == ({"refunded": 1000}, {"deferred": 5000})


def test_what_went_back_to_who_paid_is_said_by_the_entry() -> None:
    made = vault()
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("20 cost=5000USD")
    made.reverse(burned, 2)
    assert last(made) == "reversal +2 (2 of 4 for 500USD, 2 of 1 for 200USD, 2 of 1 for 200USD)"
    assert made.open() == "4:16"
    made.reverse(burned)
    assert last(made) == "reversal +4 (4 of 4 for 1000USD, 4 of 1 for 400USD, 4 of 1 for 400USD)"
    assert undoes(made, "whole") == [(1, 0, 0), (4, 20, 5000)]


def test_after_a_part_was_refunded_only_that_part_goes_back_to_others() -> None:
    """USD 8.00 of 10.00 went back, so 4 of 6 burned were owed: 2 for USD 2.00 stay, and 20 are whole."""
    made = vault()
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=8, refunded=800)
    made.grant("20 cost=5000USD")
    made.reverse(burned)
    assert undoes(made, "a part") == [(1, 2, 200), (4, 20, 5000)]


def test_of_two_lots_that_paid_for_a_refund_the_last_gets_its_part_back_first() -> None:
    made = vault()
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("4 cost=400USD prio=90; 20 cost=5000USD")
    assert made.open() == "5:18"
    made.reverse(burned, 3)
    assert made.open() == "5:20 4:1"
    made.reverse(burned)
    assert undoes(made, "two") == [(1, 0, 0), (4, 4, 400), (5, 20, 5000)]


def test_two_refunded_packs_give_back_what_was_paid_for_each() -> None:
    made = vault()
    made.pay("p", TEN)
    made.pay("q", "5 prio=20 cost=500EUR")
    burned = made.burn(12)
    made.pay("q", "5 prio=20 cost=500EUR", clawed=5, refunded=500)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("20 cost=5000USD")
    assert made.open() == "6:8"
    made.reverse(burned, 5)
    assert made.open() == "6:13"
    made.reverse(burned)
    assert undoes(made, "two packs") == [(1, 0, 0), (2, 0, 0), (6, 20, 5000)]


@pytest.mark.parametrize("gone", ["burned", "ended", "voided", "sent", "refunded", "rolled"])
def test_whatever_became_of_who_paid_its_credits_come_back_as_what_they_were(gone: str) -> None:
    """20 for USD 50.00 paid 6 for the refund, and the other 14 are gone: the 6 come back with USD 15.00, to expire
    where the lot has ended, or to pay for its own refund."""
    made = Vault(movable())
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    payer = "20 cost=5000USD exp=+1d"
    if gone == "rolled":
        terms = Terms((), Rollover(anchor=START, every="P1D", times=1))
        made.grant_one(replace(grants(payer)[0], terms=terms))
    else:
        made.pay("q", payer)
    assert made.open() == "4:14"
    if gone == "burned":
        made.burn(14)
    elif gone == "voided":
        made.void(4)
    elif gone == "sent":
        made.transfer(Vault(movable(), account="beta"), 14)
    elif gone == "refunded":
        made.pay("q", payer, clawed=20, refunded=5000)
    else:
        made.wait("1d")
    made.reverse(burned)
    made.sweep()
    back = {"ended": 0, "rolled": 0, "refunded": 0}.get(gone, 6)
    assert (made.lot(4).remaining, made.lot(4).deferred) == (back, 250 * back)
    assert (made.lot(1).remaining, made.lot(1).deferred, made.look().owed) == (0, 0, 0)
    if gone in ("ended", "rolled"):
        assert story(made.entries[-1:]) == ["expiry -6 (6 of 4 for 1500USD)"]


@pytest.mark.parametrize("undoing", ["reinstatement", "reversal"])
def test_a_refund_that_fails_later_and_its_reversed_burn_leave_both_lots_whole(undoing: str) -> None:
    made = vault()
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("20 cost=5000USD prio=90")
    for what in (
        ("reversal", "reinstatement") if undoing == "reinstatement" else ("reinstatement", "reversal")
    ):
        if what == "reversal":
            made.reverse(burned)
        else:
            made.pay("p", TEN)
    assert undoes(made, undoing) == [(1, 10, 1000), (4, 20, 5000)]


@pytest.mark.parametrize("how", ["release", "time-out", "capture"])
def test_what_a_hold_gives_back_of_a_refunded_lot_goes_to_who_paid_for_it(how: str) -> None:
    """6 of 10 are held when all the money goes back; 20 for USD 50.00 pay. What is not captured pays, and the 20 get it
    back: 20, or 19 where one was captured."""
    made = vault()
    made.pay("p", TEN)
    held = hold(made, 6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("20 cost=5000USD prio=90")
    assert made.look() == Totals(available=14, held=6, paid=14)
    if how == "release":
        release(made, held)
        assert last(made) == "release +0 (6 of 4 for 1500USD, 6 of 1, 6 of 1 for 0USD)"
    elif how == "time-out":
        made.wait("15m")
        made.sweep()
    else:
        capture(made, held, 1)
    left = 19 if how == "capture" else 20
    assert undoes(made, how) == [(1, 0, 0), (4, left, 250 * left)]


def test_the_reversal_of_a_capture_gives_back_to_who_paid_for_its_lots_refund() -> None:
    made = vault()
    made.pay("p", TEN)
    spent = capture(made, hold(made, 6))
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("20 cost=5000USD prio=90")
    made.reverse(spent)
    assert undoes(made, "capture") == [(1, 0, 0), (5, 20, 5000)]


def test_lots_with_a_scope_that_paid_for_a_refund_get_theirs_back() -> None:
    face = "10 cost=1000USD scope=api"
    made = vault()
    made.pay("p", face)
    burned = made.burn(6, meter="api")
    made.pay("p", face, clawed=10, refunded=1000)
    made.grant("20 cost=5000USD scope=api")
    assert made.look() == Totals(available=14, paid=14, scoped=14)
    made.reverse(burned)
    assert undoes(made, "scope") == [(1, 0, 0), (4, 20, 5000)]


def test_what_comes_back_to_who_paid_pays_what_is_owed_besides() -> None:
    made = vault(overdraft_limit=100)
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.grant("6 cost=600USD")
    made.burn(5)
    made.reverse(burned)
    assert (
        last(made)
        == "reversal +6 (6 of 4 for 600USD, 6 of 1 for 600USD, 6 of 1 for 600USD, 5 of 4 for 500USD)"
    )
    assert made.look() == Totals(available=1, paid=1)


def test_lots_that_paid_for_each_others_refunds_come_to_rest() -> None:
    """The second pack paid for the first one's refund and was refunded; the third paid for the second's: when the first
    burn is reversed, the first pays for itself, the second too, and the third is whole."""
    made = vault()
    made.pay("p", TEN)
    burned = made.burn(6)
    made.pay("p", TEN, clawed=10, refunded=1000)
    made.pay("q", "6 cost=600USD")
    made.pay("q", "6 cost=600USD", clawed=6, refunded=600)
    made.grant("20 cost=5000USD")
    assert made.open() == "6:14"
    made.reverse(burned)
    assert undoes(made, "chain") == [(1, 0, 0), (4, 0, 0), (6, 20, 5000)]


def test_a_hold_over_a_refunded_lot_that_many_paid_for_is_released_in_parts() -> None:
    """40 lots of 1 paid for 40 held credits: more than one commit puts back. All of them are whole in the end."""
    made = vault()
    made.pay("p", "40 cost=4000USD")
    hold(made, 40)
    made.pay("p", "40 cost=4000USD", clawed=40, refunded=4000)
    for _ in range(40):
        made.grant("1 cost=100USD exp=+9d")
    assert made.look() == Totals(held=40)
    made.wait("15m")
    made.sweep()
    assert made.look() == Totals(available=40, paid=40)
    assert undoes(made, "parts") == [(1, 0, 0), *((seq, 1, 100) for seq in range(4, 44))]


@steady
@given(st.data())
def test_a_burn_that_is_undone_is_as_if_it_had_never_been(data: st.DataObject) -> None:
    """Laws 7, 8, 9: packs bought, refunded in parts and won back, lots granted, under each policy: with a burn that is
    reversed in parts in the end, each lot has the credits and the money that it has without the burn."""
    policy: Any = {"refund_shortfall": data.draw(st.sampled_from(("owe", "other_lots", "write_off")))}
    made, twin = vault(**policy), vault(**policy)
    faces, position, lots = dict[str, str](), dict[str, int](), list[tuple[int, int]]()
    burned: Entry | None = None
    for number in range(data.draw(st.integers(3, 10))):
        act = data.draw(st.sampled_from(("buy", "grant", "refund", "refund", "burn")))
        text = f"{data.draw(st.integers(1, 20))} prio={data.draw(st.integers(1, 9))}"
        if act == "burn" and not burned and made.look().available:
            burned = made.burn(data.draw(st.integers(1, made.look().available)))
        elif act == "refund" and faces:
            name = data.draw(st.sampled_from(sorted(faces)))
            position[name] = data.draw(st.integers(0, int(faces[name].split()[0])))
            for one in (made, twin):
                one.pay(name, faces[name], clawed=position[name], refunded=100 * position[name])
        elif act in ("buy", "grant"):
            face = f"{text} cost={100 * int(text.split()[0])}USD"
            for one in (made, twin):
                one.pay(f"p{number}", face)
            lots.append((made.positions[f"p{number}"].lot, twin.positions[f"p{number}"].lot))
            if act == "buy":
                faces[f"p{number}"] = face
    while burned and (
        left := -burned.amount - int(made.sidecars.get(("reversed", burned.id), {"steps": 0})["steps"])
    ):
        made.reverse(burned, data.draw(st.integers(1, left)))
    assert made.look() == twin.look()
    for ours, theirs in lots:
        assert (made.lot(ours).remaining, parts(made, ours)) == (
            twin.lot(theirs).remaining,
            parts(twin, theirs),
        )
