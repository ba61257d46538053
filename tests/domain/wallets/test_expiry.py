"""What a lot's end carries on: ``min(max, max(min, ⌊remaining × fraction⌋))``, at most what remains; laws 5, 7, 8."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.entries import Totals
from scrip.domain.credits.limits import COMMIT_ITEMS, MAX_INSTANT
from scrip.domain.credits.lots import Money
from scrip.domain.credits.terms import Rollover, Terms
from scrip.domain.wallets.expiry import CARRIED
from scrip.domain.wallets.grants import Grant
from scrip.domain.wallets.position import Position, Post, Target, post
from tests.domain.builders import moment, story
from tests.domain.giving import allowed, capture, day, hold, parts, plan, release, rolling
from tests.domain.memory import Vault

RULES: list[tuple[int, dict[str, Any], int]] = [
    # remaining, the rule, what is carried
    (70, {}, 70),
    (70, {"fraction": "0.5"}, 35),
    (75, {"fraction": "0.5"}, 37),
    (1, {"fraction": "0.5"}, 0),
    (100, {"fraction": "0.333333333333333333"}, 33),
    (3, {"fraction": "0.999999999999999999"}, 2),
    (70, {"most": 25}, 25),
    (20, {"most": 25}, 20),
    (70, {"fraction": "0.1", "least": 30}, 30),
    (20, {"fraction": "0.1", "least": 30}, 20),
    (70, {"fraction": "0.5", "most": 30}, 30),
    (70, {"fraction": "0.5", "least": 10, "most": 40}, 35),
    (70, {"fraction": "0"}, 0),
    (70, {"fraction": "0", "least": 5}, 5),
    (70, {"most": 0}, 0),
    (10**27, {"fraction": "0.1"}, 10**26),
    (10**27 - 1, {"fraction": "0.5"}, 5 * 10**26 - 1),
]


def rolls(amount: int, cost: Money | None = None, **rule: Any) -> Vault:
    """A wallet with such a lot, which ends after a day; what is carried lives a day more, unless the rule says else."""
    made = Vault()
    end, terms = moment("+1d"), rolling(**{"expires_in": "P1D", **rule})
    made.grant_one(Grant(amount, "paid" if cost else "promotional", expires_at=end, cost=cost, terms=terms))
    return made


@pytest.mark.parametrize(("remaining", "rule", "carried"), RULES)
def test_so_much_is_carried_and_the_rest_expires(remaining: int, rule: dict[str, Any], carried: int) -> None:
    made = rolls(remaining, **rule)
    made.wait("1d")
    assert made.look() == Totals(available=carried)
    made.sweep()
    told = [f"rollover +0 ({carried} of 1)"] if carried else []
    exhausted = remaining - carried
    told += [f"expiry {-exhausted} ({exhausted} of 1)"] if exhausted else []
    assert story(made.entries[1:]) == told
    assert {entry.at for entry in made.entries[1:]} == {moment("+1d")}
    assert made.lot(1).fate == "expired"
    assert not {kind for commit in made.commits for kind, _ in commit.sidecars} & {CARRIED}, (
        "one commit had room"
    )


def test_what_is_carried_is_a_lot_of_its_own_that_keeps_its_place() -> None:
    made = Vault()
    end, terms = moment("+1d"), Terms(scope=("images",), rollover=Rollover(expires_in="P1D"))
    made.grant_one(Grant(70, "promotional", 7, expires_at=end, note={"source": ["ad", "1"]}, terms=terms))
    made.wait("1d")
    made.sweep()
    lot = made.lot(2)
    assert (lot.kind, lot.granted, lot.priority, lot.rolled) == ("rollover", 70, 7, 1)
    assert (lot.effective_at, lot.expires_at) == (moment("+1d"), moment("+2d"))
    assert (lot.scoped, made.look().scoped) == (True, 70)
    assert made.sidecars["note", "2"] == {"source": ["ad", "1"]}
    assert made.entries[-1].extra["of"] == 1


def test_a_lot_that_was_used_up_carries_nothing() -> None:
    made = rolls(70)
    made.burn(70)
    made.wait("1d")
    assert made.sweep() == 0


TIMES: list[tuple[int | None, list[int]]] = [
    # how often at most; what is there after each of five days
    (1, [100, 0, 0, 0, 0]),
    (2, [100, 100, 0, 0, 0]),
    (4, [100, 100, 100, 100, 0]),
    (None, [100, 100, 100, 100, 100]),
]


@pytest.mark.parametrize(("times", "left"), TIMES)
def test_credits_are_carried_so_often_and_then_expire(times: int | None, left: list[int]) -> None:
    made = rolls(100, times=times)
    assert [made.look(moment(f"+{days}d")).available for days in range(1, 6)] == left
    made.wait("5d")
    made.sweep()
    assert made.look().available == left[-1]


def test_halved_every_time_it_is_soon_nothing() -> None:
    made = rolls(100, times=None, fraction="0.5")
    assert [made.look(moment(f"+{days}d")).available for days in range(1, 9)] == [50, 25, 12, 6, 3, 1, 0, 0]
    made.wait("30d")
    made.sweep()
    assert made.dues == {}


def test_an_end_that_nobody_booked_for_a_month_is_carried_as_if_on_time() -> None:
    made = rolls(100, times=3, fraction="0.5")
    made.wait("30d")
    made.sweep()
    assert [(entry.kind, entry.amount, entry.at) for entry in made.entries[1:]] == [
        ("rollover", 0, moment("+1d")),
        ("expiry", -50, moment("+1d")),
        ("rollover", 0, moment("+2d")),
        ("expiry", -25, moment("+2d")),
        ("rollover", 0, moment("+3d")),
        ("expiry", -13, moment("+3d")),
        ("expiry", -12, moment("+4d")),
    ]


# Allowances


def test_what_an_allowance_carries_lives_until_the_next_period_ends() -> None:
    made = allowed(100, rollover=Rollover(anchor=day("2027-01-01"), most=40))
    made.burn(30)
    made.now = day("2027-02-01")
    made.sweep()
    assert story(made.entries[2:]) == ["rollover +0 (40 of 1)", "expiry -30 (30 of 1)", "grant +100"]
    assert made.open() == "3:40 5:100", "what was carried goes first"
    assert made.lot(3).expires_at == made.lot(5).expires_at == day("2027-03-01")
    made.burn(50)
    assert made.look(day("2027-03-01")) == Totals(available=100 + 40)


def test_the_bounds_are_of_all_that_an_allowance_carries_at_one_instant() -> None:
    """Raised from 100 to 156 half-way through February: two lots end with March's beginning, and 40 are carried of both
    together; of another allowance 40 besides."""
    bounded = Rollover("a", anchor=day("2027-01-01"), most=40)
    made = allowed(100, rollover=bounded, at=day("2027-02-01"))
    made.now = day("2027-02-15")
    made.allow(plan(156, rollover=bounded))
    made.allow(plan(50, rollover=Rollover("b", anchor=day("2027-01-01"), most=40)), "other")
    made.burn(65)
    made.now = day("2027-03-01")
    made.sweep()
    carried = [
        (entry.extra["of"], one.amount)
        for entry in made.entries
        if entry.kind == "rollover"
        for one in entry.draws
    ]
    assert carried == [(1, 35), (2, 5), (3, 25)]


def test_the_least_that_is_carried_is_of_all_lots_together_too() -> None:
    made = allowed(100, rollover=Rollover("a", "0", 30, anchor=day("2027-01-01")), at=day("2027-02-01"))
    made.now = day("2027-02-15")
    made.allow(plan(200, rollover=Rollover("a", "0", 30, anchor=day("2027-01-01"))))
    made.burn(80)
    assert made.look(day("2027-03-01")).available == 200 + 30


def test_a_day_that_short_months_lack_is_kept_by_what_is_carried() -> None:
    anchor = day("2027-01-31")
    made = allowed(100, anchor=anchor, rollover=Rollover(anchor=anchor, times=None))
    made.now = day("2027-05-15")
    made.sweep()
    ends = {made.lot(entry.seq).expires_at for entry in made.entries if entry.kind == "rollover"}
    assert ends == {day("2027-03-31"), day("2027-04-30"), day("2027-05-31")}
    assert made.look() == Totals(available=400)


def test_what_is_carried_may_live_for_a_time_of_its_own() -> None:
    made = allowed(100, rollover=Rollover(anchor=day("2027-01-01"), expires_in="P1W"))
    made.now = day("2027-02-01")
    assert (made.look().available, made.look(day("2027-02-08")).available) == (200, 100)


def test_a_rule_that_changes_binds_what_is_granted_later() -> None:
    """Law 10: what was promised when the lot was granted is what it gets."""
    made = allowed(100, rollover=Rollover(anchor=day("2027-01-01")))
    made.allow(plan(100))
    assert made.look(day("2027-02-01")) == Totals(available=200)
    assert made.look(day("2027-03-01")) == Totals(available=100)


def test_the_credits_of_a_raise_are_carried_like_the_others() -> None:
    """Two lots end at one instant; each goes by the rule that it was granted with."""
    made = allowed(100, rollover=Rollover(anchor=day("2027-01-01"), fraction="0.5"))
    made.now = day("2027-01-16T12:00")
    made.allow(plan(151, rollover=Rollover(anchor=day("2027-01-01"), fraction="0.5")))
    made.now = day("2027-02-01")
    made.sweep()
    assert story(made.entries[2:]) == [
        "rollover +0 (50 of 1)",
        "rollover +0 (12 of 2)",
        "expiry -63 (50 of 1, 13 of 2)",
        "grant +151",
    ]


RAISED: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    # half-way through January 100 become 156: 28 more; what is carried of 100 by the first rule and 28 by the second
    ("the same", {"most": 40}, {"most": 40}, 40),
    ("another fraction", {"most": 40}, {"most": 40, "fraction": "0.9"}, 40),
    ("another zone", {"most": 40}, {"most": 40, "zone": "Asia/Kolkata"}, 40),
    ("a higher cap", {"most": 40}, {"most": 60}, 60),
    ("a lower cap", {"most": 60, "fraction": "0.5"}, {"most": 20}, 50),
    ("another least", {"fraction": "0", "least": 30}, {"fraction": "0", "least": 20}, 30),
    ("another time to live", {"most": 40}, {"most": 40, "expires_in": "P1W"}, 40),
    ("no cap any more", {"most": 40}, {}, 68),
]


@pytest.mark.parametrize(
    ("_", "first", "second", "carried"), RAISED, ids=[row[0].replace(" ", "-") for row in RAISED]
)
def test_the_cap_is_of_all_that_an_allowance_carries_whatever_was_changed_meanwhile(
    _: str, first: dict[str, Any], second: dict[str, Any], carried: int
) -> None:
    """Each lot by the rule that it was granted with (law 10), whose cap counts what the others have carried."""
    start = day("2027-01-01")
    made = allowed(100, rollover=Rollover("plan", anchor=start, **first))
    made.now = day("2027-01-16T12:00")
    made.allow(plan(156, rollover=Rollover("plan", anchor=start, **second)))
    made.now = day("2027-02-01")
    made.sweep()
    assert made.look() == Totals(available=carried + 156)


def test_whole_steps_are_of_all_lots_that_end_together() -> None:
    """Six raises by 2 at half-time make six lots of 1: 3 of the 6 are carried, and not ⌊½⌋ of each."""
    made = allowed(1, rollover=Rollover("plan", fraction="0.5", anchor=day("2027-01-01")))
    made.burn(1)
    made.now = day("2027-01-16T12:00")
    for amount in range(3, 15, 2):
        made.allow(plan(amount, rollover=Rollover("plan", fraction="0.5", anchor=day("2027-01-01"))))
    assert made.look() == Totals(available=6)
    made.now = day("2027-02-01")
    made.sweep()
    assert made.look() == Totals(available=3 + 13)


LIVING: list[tuple[bool, list[int]]] = [
    # what lives on the first of February, March, April, May, June of 10 a month, carried for two months, at most 15
    (False, [10 + 10, 10 + 20, 10 + 20, 10 + 20, 10 + 20]),
    (True, [10 + 10, 10 + 15, 10 + 15, 10 + 15, 10 + 15]),
]


@pytest.mark.parametrize(("living", "there"), LIVING)
def test_a_cap_may_be_of_all_that_lives_of_what_was_carried(living: bool, there: list[int]) -> None:
    """10 are carried each month and live for two: on 1 March, 10 of January's live, so 5 of February's are carried, if
    the cap is of what lives."""
    start = day("2027-01-01")
    rule = Rollover("plan", most=15, anchor=start, expires_in="P2M", living=living)
    made = allowed(10, rollover=rule)
    seen = []
    for month in range(2, 7):
        made.now = day(f"2027-{month:02d}-01")
        made.sweep()
        seen.append(made.look().available)
    assert seen == there


def test_what_is_held_of_what_was_carried_lives() -> None:
    """All 10 that were carried are on hold when the next 10 end: 5 more may be carried, as if nobody held them."""
    rule = Rollover("plan", most=15, anchor=day("2027-01-01"), expires_in="P2M", living=True)
    made = allowed(10, rollover=rule)
    made.now = day("2027-02-27")
    made.burn(10)
    hold(made, 10, "3d")
    made.now = day("2027-03-01")
    made.sweep()
    assert (made.look().held, made.look().available) == (10, 10), (
        "the 10 of February were burned: the hold is of January's"
    )
    made.burn(4)
    made.now = day("2027-03-02")
    made.sweep()


def test_what_is_carried_may_live_for_ever() -> None:
    made = allowed(10, rollover=Rollover("plan", anchor=day("2027-01-01"), never=True))
    made.now = day("2037-01-01")
    made.sweep()
    assert made.look() == Totals(available=10 * 121)


def test_a_reversal_at_the_very_end_comes_after_what_was_carried() -> None:
    """What a caller asks for at an instant comes after what time does at it: 40 are carried, and the 60 end."""
    made = rolls(100, most=70)
    burned = made.burn(60)
    made.wait("1d")
    made.reverse(burned)
    assert story(made.entries[2:]) == [
        "rollover +0 (40 of 1)",
        "reversal +60 (60 of 1)",
        "expiry -60 (60 of 1)",
    ]
    made = rolls(100, most=70)
    burned = made.burn(100)
    made.wait("1d")
    made.reverse(burned)
    assert story(made.entries[2:]) == ["reversal +100 (100 of 1)", "expiry -100 (100 of 1)"]


# Money


MONEY: list[tuple[int, int, int, dict[str, Any], dict[str, int], int]] = [
    # granted, cost, burned; the rule; where the lot's money is then; the cost of what is carried
    (100, 1000, 30, {"fraction": "0.5"}, {"recognised": 300, "moved": 350, "breakage": 350}, 350),
    (100, 333, 33, {"fraction": "0.5"}, {"recognised": 109, "moved": 110, "breakage": 114}, 110),
    (7, 10, 2, {}, {"recognised": 2, "moved": 8}, 8),
    (7, 10, 2, {"most": 1}, {"recognised": 2, "moved": 2, "breakage": 6}, 2),
    (9, 1, 0, {"most": 8}, {"breakage": 1}, 0),
]


@pytest.mark.parametrize(("granted", "cost", "burned", "rule", "where", "carried"), MONEY)
def test_the_money_goes_with_the_credits(
    granted: int, cost: int, burned: int, rule: dict[str, Any], where: dict[str, int], carried: int
) -> None:
    """Laws 7 and 8: to the minor unit, and the new lot is paid as the old one was."""
    made = rolls(granted, Money(cost, "USD"), **rule)
    if burned:
        made.burn(burned)
    made.wait("1d")
    made.sweep()
    new = made.lot(next(entry.seq for entry in made.entries if entry.kind == "rollover"))
    assert (parts(made, 1), new.cost) == (where, Money(carried, "USD"))
    assert sum(where.values()) == cost
    assert made.look().paid == new.granted
    made.burn(new.granted)
    assert parts(made, new.seq).get("recognised", 0) == carried


def test_carried_ten_times_no_minor_unit_is_lost() -> None:
    made = rolls(97, Money(1000, "USD"), times=None, fraction="0.9")
    made.wait("10d")
    made.sweep()
    lots = [lot.seq for lot in made.all_lots()]
    whole = [parts(made, seq) for seq in lots]
    assert sum(found.get("breakage", 0) + found.get("deferred", 0) for found in whole) == 1000


# Several at once, held, frozen


def test_lots_that_end_at_one_instant_are_carried_in_burn_order() -> None:
    made = Vault()
    for amount, priority in ((10, 60), (20, 40), (30, 50)):
        made.grant_one(
            Grant(amount, "promotional", priority, expires_at=moment("+1d"), terms=rolling(expires_in="P1D"))
        )
    made.grant("5 exp=+1d")
    made.wait("1d")
    made.sweep()
    assert story(made.entries[4:]) == [
        "rollover +0 (20 of 2)",
        "rollover +0 (30 of 3)",
        "rollover +0 (10 of 1)",
        "expiry -5 (5 of 4)",
    ]


def test_a_hundred_lots_that_end_at_one_instant_are_each_carried_once() -> None:
    """Half of each is carried, however many commits that takes: not half of the half that a first commit left."""
    made = Vault(checked=False)
    for _ in range(100):
        made.grant_one(
            Grant(
                10, "promotional", expires_at=moment("+1d"), terms=rolling(expires_in="P1D", fraction="0.5")
            )
        )
    made.wait("1d")
    assert made.look() == Totals(available=500)
    made.sweep()
    assert made.look() == made.wallet.totals == Totals(available=500)
    carried = [entry for entry in made.entries if entry.kind == "rollover"]
    assert [entry.draws[0].amount for entry in carried] == [5] * 100
    assert all(decision.items <= COMMIT_ITEMS for decision in made.commits)
    made.check()


def test_hundreds_of_lots_beyond_what_is_read_at_a_time_are_each_carried_once() -> None:
    """Ends in many pages, with due items of their own."""
    made = Vault(checked=False)
    made.grant("; ".join(["1 prio=1"] * 16))
    for _ in range(600):
        made.grant_one(
            Grant(
                3, "promotional", expires_at=moment("+1d"), terms=rolling(expires_in="P1D", fraction="0.34")
            )
        )
    made.wait("1d")
    made.sweep()
    assert made.look() == made.wallet.totals == Totals(available=16 + 612), (
        "⌊600 × 3 × 0.34⌋: no step is lost"
    )
    assert not [name for name in made.sidecars if name[0] == "carried"]
    made.check()


MANY: list[tuple[dict[str, Any], int]] = [
    # of 600 lots of 3 that end at one instant: the rule, and what is carried of the 1 800
    ({"fraction": "0.3"}, 540),
    ({"fraction": "0.001"}, 1),
    ({"fraction": "0"}, 0),
    ({"fraction": "0", "least": 2}, 2),
    ({"fraction": "0.01", "least": 5}, 18),
    ({"fraction": "0.3", "most": 7}, 7),
    ({"most": 1000}, 1000),
]


@pytest.mark.parametrize("under", [True, False], ids=["behind others", "alone"])
@pytest.mark.parametrize(("rule", "carried"), MANY)
def test_what_hundreds_of_lots_carry_is_the_same_in_however_many_commits(
    rule: dict[str, Any], carried: int, *, under: bool
) -> None:
    """A lot of which nothing is carried counts once, whichever commit looks at it or books its end."""
    made = Vault(checked=False)
    others = 16 if under else 0
    if others:
        made.grant("; ".join(["1 prio=1"] * others))
    terms = rolling(expires_in="P1D", **rule)
    for _ in range(600):
        made.grant_one(Grant(3, "promotional", expires_at=moment("+1d"), terms=terms))
    made.wait("1d")
    assert made.look() == Totals(available=others + carried)
    made.sweep()
    assert made.wallet.totals == Totals(available=others + carried)
    made.check()


def test_what_is_held_is_not_carried_and_expires_when_it_comes_back() -> None:
    """Laws 5 and 6."""
    made = rolls(100)
    held = hold(made, 40, "2d")
    made.wait("1d")
    assert made.look() == Totals(available=60, held=40)
    capture(made, held, 15, final=False)
    release(made, held)
    assert story(made.entries[2:]) == [
        "rollover +0 (60 of 1)",
        "capture -15 (15 of 1)",
        "release +0 (25 of 1)",
        "expiry -25 (25 of 1)",
    ]


def test_a_hold_that_times_out_at_the_lots_end_gives_back_in_time_to_be_carried() -> None:
    made = rolls(100)
    hold(made, 40, "1d")
    made.wait("1d")
    made.sweep()
    assert story(made.entries[2:]) == ["release +0 (40 of 1)", "rollover +0 (100 of 1)"]


def test_what_is_frozen_is_not_carried_and_expires_when_it_thaws() -> None:
    made = Vault()
    order = Grant(100, "paid", expires_at=moment("+1d"), cost=Money(1000, "USD"), terms=rolling())
    position = Position()

    def stands(frozen: int) -> None:
        nonlocal position

        def act(draft: Any, now: int) -> Any:
            nonlocal position
            position = post(
                draft,
                Post(order, made.policy, position, Target(frozen=frozen)),
                now,
                lambda kind: made.cause(kind),
            )
            return draft.entries[-1]

        made.carry_out(act)

    stands(30)
    made.wait("1d")
    assert made.look() == Totals(available=70, frozen=30, paid=70)
    stands(0)
    assert story(made.entries[2:]) == [
        "rollover +0 (70 of 1 for 700USD)",
        "thaw +0 (30 of 1 for 0USD)",
        "expiry -30 (30 of 1 for 300USD)",
    ]


def test_what_a_reversal_gives_back_after_the_end_is_not_carried() -> None:
    made = rolls(100)
    burned = made.burn(60)
    made.wait("1d")
    made.reverse(burned)
    assert story(made.entries[2:]) == [
        "rollover +0 (40 of 1)",
        "reversal +60 (60 of 1)",
        "expiry -60 (60 of 1)",
    ]


def test_what_is_carried_beyond_the_year_9999_never_ends() -> None:
    made = Vault()
    terms = rolling(expires_in="P9000Y")
    made.grant_one(Grant(70, "promotional", expires_at=moment("+1d"), terms=terms))
    made.wait("2d")
    made.sweep()
    (carried,) = [one for one in made.entries if one.kind == "rollover"]
    assert made.lot(carried.seq).expires_at == MAX_INSTANT + 1
    assert made.look(MAX_INSTANT) == Totals(available=70)
