"""Allowances: each period's credits once, whatever changes and however late anybody looks (laws 3, 5 and 10)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits import limits
from scrip.domain.credits.entries import TIME, Totals
from scrip.domain.credits.errors import (
    AmountOutOfRange,
    InvalidRequest,
    NotFound,
    PolicyViolation,
    WalletClosed,
)
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.terms import Rollover
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.allowances import Plan
from tests.domain.builders import steady, story
from tests.domain.giving import NEW_YEAR, allowed, day, days, plan
from tests.domain.memory import Vault, kinds

HALF = "2027-01-16T12:00"
"""Half of January is over."""


def granted(made: Vault) -> list[tuple[int, int]]:
    """Instant and credits of each grant."""
    return [(entry.at, entry.amount) for entry in made.entries if entry.kind == "grant"]


# Periods

PERIODS: list[tuple[str, str, str, str]] = [
    # every, time zone, anchor in UTC, when each of the next periods begins in UTC
    ("P1D", "UTC", "2027-01-30T08:30", "2027-01-31T08:30 2027-02-01T08:30 2027-02-02T08:30"),
    ("P2D", "UTC", "2027-12-30", "2028-01-01 2028-01-03"),
    ("P1W", "UTC", "2027-01-15", "2027-01-22 2027-01-29 2027-02-05"),
    ("P2W", "UTC", "2027-12-24", "2028-01-07 2028-01-21"),
    ("P1M", "UTC", "2027-01-31", "2027-02-28 2027-03-31 2027-04-30 2027-05-31 2027-06-30"),
    ("P1M", "UTC", "2027-12-30", "2028-01-30 2028-02-29 2028-03-30"),
    ("P3M", "UTC", "2027-11-30", "2028-02-29 2028-05-30 2028-08-30 2028-11-30 2029-02-28"),
    ("P1Y", "UTC", "2028-02-29", "2029-02-28 2030-02-28 2031-02-28 2032-02-29"),
    # Berlin: at nine on both sides of the change of 28 March, and midnight of 31 October
    (
        "P1D",
        "Europe/Berlin",
        "2027-03-26T08:00",
        "2027-03-27T08:00 2027-03-28T07:00 2027-03-29T07:00",
    ),
    ("P1M", "Europe/Berlin", "2027-09-29T22:00", "2027-10-29T22:00 2027-11-29T23:00 2027-12-29T23:00"),
    # New York: the first of each month there
    ("P1M", "America/New_York", "2027-10-01T04:00", "2027-11-01T04:00 2027-12-01T05:00 2028-01-01T05:00"),
    # Kiritimati is a day ahead: 1 February there begins on 31 January
    ("P1M", "Pacific/Kiritimati", "2026-12-31T10:00", "2027-01-31T10:00 2027-02-28T10:00"),
]


@pytest.mark.parametrize(
    ("every", "zone", "anchor", "later"), PERIODS, ids=[f"{row[0]} {row[1]} {row[2]}" for row in PERIODS]
)
def test_each_period_grants_at_its_beginning_what_expires_at_its_end(
    every: str, zone: str, anchor: str, later: str
) -> None:
    made = allowed(100, every, anchor=day(anchor), zone=zone)
    instants = [day(anchor), *days(later)]
    made.now = instants[-1] - 1
    made.sweep()
    assert made.look() == Totals(available=100)
    made.now += 1
    made.sweep()
    assert granted(made) == [(at, 100) for at in instants]
    ends = [made.lot(entry.seq).expires_at for entry in made.entries if entry.kind == "grant"]
    assert ends[:-1] == instants[1:]


def test_at_the_border_the_old_lot_ends_before_the_new_one_begins() -> None:
    made = allowed()
    made.burn(30)
    made.now = day("2027-02-01")
    assert made.look() == Totals(available=100)
    made.sweep()
    assert story(made.commits[-1].entries) == ["expiry -70 (70 of 1)", "grant +100"]
    assert {entry.at for entry in made.commits[-1].entries} == {day("2027-02-01")}


def test_what_time_grants_bears_the_allowances_name_and_no_callers() -> None:
    made = allowed()
    made.now = day("2027-02-01")
    made.sweep()
    entry = made.entries[-1]
    assert entry.cause
    assert (entry.cause.actor, entry.cause.reference) == (TIME, ("allowance", "plan"))
    assert (entry.extra["allowance"], entry.extra["version"]) == ("plan", 1)
    assert made.sidecars["note", str(entry.seq)] == {"source": ["allowance", "plan"]}


# Late


def test_after_an_outage_each_missed_period_is_granted_once_and_expires_at_its_own_end() -> None:
    made = allowed(100, "P1D")
    made.burn(30)
    made.now = day("2027-01-04T18:00")
    assert made.look() == Totals(available=100), "a read needs nobody to have looked"
    assert made.sweep() == 6
    assert made.sweep() == 0
    assert story(made.entries[2:]) == [
        "expiry -70 (70 of 1)",
        "grant +100",
        "expiry -100 (100 of 4)",
        "grant +100",
        "expiry -100 (100 of 6)",
        "grant +100",
    ]
    assert [entry.at for entry in made.entries[2:]] == days(
        "2027-01-02 2027-01-02 2027-01-03 2027-01-03 2027-01-04 2027-01-04"
    )


def test_a_burn_after_an_outage_finds_what_the_present_period_grants() -> None:
    made = allowed(100, "P1D")
    made.now = day("2027-01-04T18:00")
    assert story([made.burn(100)]) == ["burn -100 (100 of 7)"]


def test_a_year_of_missed_days_is_caught_up_in_as_many_commits_as_it_takes() -> None:
    made = Vault(now=day("2027-01-01"), checked=False)
    made.allow(plan(1, "P1D"))
    made.now = day("2028-01-01")
    assert made.burn(1).seq == 1 + 2 * 365 + 1
    made.check()
    assert len({entry.at for entry in made.entries if entry.kind == "grant"}) == 366
    assert all(decision.items <= limits.COMMIT_ITEMS for decision in made.commits)


def test_three_allowances_of_one_wallet_each_keep_their_own_time() -> None:
    made = allowed(1, "P1D")
    made.allow(plan(10, "P1W"), "weekly")
    made.allow(plan(100, "P1M"), "monthly")
    made.now = day("2027-02-01")
    made.sweep()
    of = [entry.extra["allowance"] for entry in made.entries if entry.kind == "grant"]
    assert (of.count("plan"), of.count("weekly"), of.count("monthly")) == (32, 5, 2)
    assert made.look() == Totals(available=111)


# In the middle of a period


def test_one_that_begins_in_the_middle_grants_for_what_is_left_of_the_period() -> None:
    """16 of 24 hours are over: 33 of 100, and the third of a credit that is left is not rounded up."""
    made = allowed(100, "P1D", at=day("2027-01-01T16:00"))
    assert granted(made) == [(day("2027-01-01T16:00"), 33)]
    assert made.lot(1).expires_at == day("2027-01-02")


def test_one_whose_part_is_less_than_a_step_grants_nothing_until_the_next_period() -> None:
    made = allowed(1, "P1D", at=day("2027-01-01T16:00"))
    assert story(made.entries) == ["status +0"]
    made.now = day("2027-01-02")
    assert made.look() == Totals(available=1)


CHANGES: list[tuple[str, list[tuple[str, int]], list[int]]] = [
    # when in January 2027 the amount becomes what; what each change grants at once. It begins with 100 on the first.
    ("up at half time", [(HALF, 200)], [50]),
    ("up at once", [("2027-01-01", 200)], [100]),
    ("up in the last quarter of a day", [("2027-01-31T18:00", 224)], [1]),
    ("down", [(HALF, 40)], [0]),
    ("down and up to what it was", [(HALF, 40), (HALF, 100)], [0, 0]),
    ("down and up to more", [(HALF, 40), (HALF, 200)], [0, 50]),
    ("up, down and up again", [(HALF, 200), (HALF, 100), (HALF, 200)], [50, 0, 0]),
    ("up twice", [(HALF, 200), (HALF, 300)], [50, 50]),
    ("up twice, later less", [(HALF, 200), ("2027-01-24T06:00", 300)], [50, 25]),
    ("up by odd steps", [(HALF, 101), (HALF, 102), (HALF, 103)], [0, 0, 0]),
]


@pytest.mark.parametrize(("_", "changes", "gives"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_changed_amount_grants_the_difference_for_the_time_left_once(
    _: str, changes: list[tuple[str, int]], gives: list[int]
) -> None:
    made = allowed(100)
    made_of = []
    for at, amount in changes:
        made.now = day(at)
        entry = made.allow(plan(amount))
        assert entry
        assert entry.kind == ("grant" if entry.amount else "status")
        made_of.append(entry.amount)
    assert made_of == gives
    made.now = day("2027-02-01")
    assert made.look() == Totals(available=changes[-1][1]), "the next period grants what it is by then"


def test_a_lot_that_was_granted_stays_as_it_was_when_the_allowance_changes() -> None:
    """Law 10."""
    made = allowed(100, expires="never")
    made.now = day(HALF)
    made.allow(plan(60, expires="P1D"))
    made.now = day("2027-02-02")
    assert made.look() == Totals(available=100)


def test_the_same_again_changes_nothing() -> None:
    made = allowed(100)
    made.now = day(HALF)
    assert made.allow(plan(100)) is None
    assert (made.allowance().version, len(made.entries)) == (1, 1)


def test_other_periods_begin_when_the_one_that_was_credited_is_over() -> None:
    """A month was credited: days begin after it."""
    made = allowed(310)
    made.now = day(HALF)
    made.allow(plan(10, "P1D"))
    made.now = day("2027-02-03")
    made.sweep()
    assert granted(made) == [
        (day("2027-01-01"), 310),
        (day("2027-02-01"), 10),
        (day("2027-02-02"), 10),
        (day("2027-02-03"), 10),
    ]


def test_the_first_of_the_other_periods_is_credited_for_what_is_left_of_it() -> None:
    """Days become months on 15 January, and their amount with them: on the 16th, 16 of 31 days are left."""
    made = allowed(10, "P1D", at=day("2027-01-15"))
    made.allow(plan(310))
    made.now = day("2027-02-01")
    made.sweep()
    assert granted(made) == [
        (day("2027-01-15"), 10),
        (day("2027-01-16"), 160),
        (day("2027-02-01"), 310),
    ]


CHANGED: list[tuple[str, dict[str, Any], list[tuple[str, int]]]] = [
    # what 100 a month from New Year become half-way through January; what is granted after that
    ("a year", {"amount": 1200, "every": "P1Y"}, [("2027-02-01", 1098), ("2028-01-01", 1200)]),
    (
        "days",
        {"amount": 10, "every": "P1D", "ends_at": day("2027-02-03")},
        [("2027-02-01", 10), ("2027-02-02", 10)],
    ),
    ("another day", {"amount": 310, "anchor": day("2027-01-11")}, [("2027-02-01", 100), ("2027-02-11", 310)]),
]


@pytest.mark.parametrize(
    ("_", "change", "grants"), CHANGED, ids=[row[0].replace(" ", "-") for row in CHANGED]
)
def test_other_periods_and_their_amount_take_over_when_the_present_one_ends(
    _: str, change: dict[str, Any], grants: list[tuple[str, int]]
) -> None:
    """Nothing at once. 1 200 a year: on 1 February, 334 of 365 days are left. 310 from the 11th: 10 of 31 are."""
    made = allowed(100)
    made.now = day(HALF)
    said = {"every": "P1M", "anchor": NEW_YEAR, **change}
    entry = made.allow(plan(said.pop("amount"), said.pop("every"), starts_at=NEW_YEAR, **said))
    assert entry
    assert (entry.kind, entry.amount) == ("status", 0)
    made.now = day(grants[-1][0])
    made.sweep()
    assert granted(made)[1:] == [(day(at), amount) for at, amount in grants]


def test_changed_there_and_back_it_is_as_if_nothing_had_been() -> None:
    made = allowed(100)
    made.now = day(HALF)
    made.allow(plan(1200, "P1Y"))
    made.allow(plan(100))
    made.allow(plan(24, "P1D"))
    made.disallow()
    made.allow(plan(5000, "P1W"))
    made.allow(plan(100))
    assert len(granted(made)) == 1
    made.now = day("2027-02-01")
    assert made.look() == Totals(available=100)


def test_a_change_at_the_border_comes_after_what_the_border_grants() -> None:
    made = allowed(100)
    made.now = day("2027-02-01")
    made.allow(plan(1200, "P1Y"))
    made.now = day("2027-03-01")
    made.sweep()
    assert granted(made)[1:] == [(day("2027-02-01"), 100), (day("2027-03-01"), 1200 * 306 // 365)]


EVERY = [("P1D", 1), ("P1W", 7), ("P30D", 30), ("P1M", 28), ("P3M", 90), ("P1Y", 365)]
"""Periods, and how many days they have at least."""
PUTS = st.lists(
    st.tuples(
        st.integers(0, 40),  # hours or days later
        st.booleans(),
        st.integers(0, 900),  # the amount
        st.sampled_from(EVERY),
        st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
        st.sampled_from([None, None, None, 3, 17, 45]),  # ends so many days later
        st.sampled_from(["put", "put", "put", "put", "pause", "delete", "anchor", "starts"]),
    ),
    min_size=1,
    max_size=9,
)


@settings(steady, max_examples=150, deadline=None)
@given(PUTS)
def test_no_sequence_of_changes_grants_more_than_the_largest_rate_in_force(puts: list[Any]) -> None:
    """Law 3: whatever is put, paused, moved, deleted and put again, all grants together are no more than the highest
    rate of all plans would have given for the time that they are for, until the last period that was credited ends."""
    start = day("2027-01-01")
    made, rates = Vault(now=start, checked=False), [Fraction()]
    until = start
    for later, in_days, amount, (every, shortest), zone, ends, what in puts:
        made.now += later * (86_400_000 if in_days else 3_600_000)
        if what == "delete":
            with suppress(NotFound):
                made.disallow()
            continue
        made.allow(
            plan(
                amount + 1,
                every,
                anchor=made.now - 86_400_000 if what == "anchor" else start,
                zone=zone,
                starts_at=made.now + 86_400_000 if what == "starts" else start,
                ends_at=made.now + ends * 86_400_000 if ends else None,
                paused=what == "pause",
                expires="never",
            )
        )
        rates.append(Fraction(amount + 1, shortest))
        until = max(until, made.allowance().until)
        assert sum(amount for _, amount in granted(made)) <= max(rates) * Fraction(
            until - start + 7_200_000, 86_400_000
        )
    made.check()


def test_the_lots_have_the_allowances_priority() -> None:
    made = allowed(100, priority=20)
    made.allow(plan(50, priority=10), "first")
    made.burn(120)
    assert made.open() == "1:30"
    assert made.allowance().plan.priority == 20


# What was missed


def missed(**said: Any) -> Vault:
    """100 a month from New Year on, put on 16 March at noon, that are to be caught up with."""
    made = Vault(now=day("2027-03-16T12:00"))
    made.allow(plan(100, catch_up=True, **said))
    return made


def test_one_that_catches_up_grants_each_period_that_was_missed_with_its_own_end() -> None:
    made = missed()
    assert story(made.entries) == [
        "status +0",
        "grant +100",
        "expiry -100 (100 of 2)",
        "grant +100",
        "expiry -100 (100 of 4)",
        "grant +100",
    ]
    assert [lot.expires_at for lot in made.all_lots() if lot.remaining] == [day("2027-04-01")]
    assert {entry.at for entry in made.entries} == {day("2027-03-16T12:00")}, (
        "an instant is never before the last"
    )
    assert made.allowance().next_at == day("2027-04-01")


CAUGHT: list[tuple[str, dict[str, Any], int]] = [
    ("never", {"expires": "never"}, 300),
    ("90 days", {"expires": "P90D"}, 300),
    ("60 days", {"expires": "P60D"}, 200),
    ("carried once", {"rollover": Rollover("plan", anchor=NEW_YEAR)}, 200),
    ("carried twice", {"rollover": Rollover("plan", anchor=NEW_YEAR, times=2)}, 300),
    ("half carried twice", {"rollover": Rollover("plan", anchor=NEW_YEAR, times=2, fraction="0.5")}, 175),
    ("carried to a cap", {"rollover": Rollover("plan", anchor=NEW_YEAR, times=None, most=70)}, 170),
    ("carried for 20 days", {"rollover": Rollover("plan", anchor=NEW_YEAR, expires_in="P20D")}, 200),
    ("carried for 10 days", {"rollover": Rollover("plan", anchor=NEW_YEAR, expires_in="P10D")}, 100),
    ("from the middle", {"expires": "never", "starts_at": day("2027-01-16T12:00")}, 250),
    ("to an end", {"expires": "never", "ends_at": day("2027-02-15")}, 150),
    ("other periods", {"expires": "never", "every": "P1D"}, 7500),
]


@pytest.mark.parametrize(("_", "said", "there"), CAUGHT, ids=[row[0].replace(" ", "-") for row in CAUGHT])
def test_what_was_missed_is_there_as_if_it_had_been_put_in_time(
    _: str, said: dict[str, Any], there: int
) -> None:
    """Law 5: as a wallet has it in which the allowance was put when it starts."""
    every = said.get("every", "P1M")
    more = {name: value for name, value in said.items() if name != "every"}
    made = Vault(now=day("2027-03-16T12:00"))
    made.allow(plan(100, every, catch_up=True, **more))
    assert made.look() == Totals(available=there)
    in_time = allowed(100, every, **more)
    in_time.now = made.now
    in_time.sweep()
    assert in_time.look() == made.look()


def test_one_that_was_followed_catches_up_with_what_came_before_once() -> None:
    """Put on 16 March at noon, it had half of March. Told to catch up, it has all of January, February and March."""
    made = Vault(now=day("2027-03-16T12:00"))
    made.allow(plan(100, expires="never"))
    assert made.look() == Totals(available=50)
    made.allow(plan(100, expires="never", catch_up=True))
    assert made.look() == Totals(available=300)
    for more in ({}, {"paused": True}, {}, {"starts_at": day("2027-02-01")}, {}):
        made.allow(plan(100, expires="never", catch_up=True, **more))
    made.disallow()
    made.allow(plan(100, expires="never", catch_up=True))
    assert made.look() == Totals(available=300), "nothing is granted twice"
    made.allow(plan(100, expires="never", catch_up=True, starts_at=day("2026-12-01")))
    assert made.look() == Totals(available=400)


def test_what_it_catches_up_with_in_two_steps_ends_each_with_its_own_period() -> None:
    """First from the middle of February on, then with the half of February before: that ended with February, too."""
    made = Vault(now=day("2027-03-16T12:00"))
    made.allow(plan(100))
    made.allow(plan(100, catch_up=True, starts_at=day("2027-02-15")))
    assert made.look() == Totals(available=100)
    made.allow(plan(100, catch_up=True, starts_at=day("2027-02-01")))
    assert made.look() == Totals(available=100)
    assert [entry.amount for entry in made.entries if entry.kind == "grant"] == [50, 50, 50, 50]


APRIL = Rollover("plan", anchor=NEW_YEAR, most=40)
LEAST = replace(APRIL, most=None, fraction="0", least=60)
LIVING = replace(APRIL, living=True)
A_WEEK = replace(APRIL, expires_in="P1W")
FOLLOWED: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    # 100 a month, first followed at noon of 16 March with 50 of it; on 1 April these are carried by the first rule,
    # 1 is burned, and on 3 April it is told to catch up with the rest by the second: what is there of it then
    ("the same", {"rollover": APRIL}, {"rollover": APRIL}, 40 + 100 - 1),
    (
        "no cap",
        {"rollover": replace(APRIL, most=None)},
        {"rollover": replace(APRIL, most=None)},
        100 + 100 - 1,
    ),
    ("another amount", {"rollover": APRIL}, {"rollover": APRIL, "amount": 128}, 40 + 126 - 1),
    ("a higher cap", {"rollover": APRIL}, {"rollover": replace(APRIL, most=60)}, 60 + 100 - 1),
    ("a lower cap", {"rollover": APRIL}, {"rollover": replace(APRIL, most=30)}, 40 + 100 - 1),
    (
        "half of it",
        {"rollover": replace(APRIL, fraction="0.5")},
        {"rollover": replace(APRIL, fraction="0.5")},
        40 + 99,
    ),
    ("a least", {"rollover": LEAST}, {"rollover": LEAST}, 60 + 100 - 1),
    ("of what lives", {"rollover": LIVING}, {"rollover": LIVING}, 40 + 100 - 1),
    ("no rule before", {}, {"rollover": APRIL}, 40 + 100 - 1),
    ("no rule any more", {"rollover": APRIL}, {}, 40 + 100 - 1),
    ("carried for a week", {"rollover": A_WEEK}, {"rollover": A_WEEK}, 40 + 100 - 1),
    (
        "another zone",
        {"rollover": APRIL},
        {"rollover": replace(APRIL, zone="Asia/Kolkata"), "zone": "Asia/Kolkata"},
        139,
    ),
    ("weeks", {"rollover": APRIL}, {"rollover": replace(APRIL, every="P1W"), "every": "P1W"}, 40 + 100 - 1),
    ("paused", {"rollover": APRIL}, {"rollover": APRIL, "paused": True}, 40 + 100 - 1),
]


@pytest.mark.parametrize(
    ("_", "first", "second", "there"), FOLLOWED, ids=[row[0].replace(" ", "-") for row in FOLLOWED]
)
def test_what_is_caught_up_with_late_is_bound_by_what_was_carried_in_time(
    _: str, first: dict[str, Any], second: dict[str, Any], there: int
) -> None:
    """Laws 5, 10: March is credited in two parts, half a month apart, and both end on 1 April: one bound."""
    made = Vault(now=day("2027-03-16T12:00"))
    made.allow(plan(100, **first))
    made.now = day("2027-04-01")
    made.burn(1)
    made.now = day("2027-04-03")
    said = {"amount": 100, **second}
    made.allow(plan(catch_up=True, **said))
    assert made.look() == Totals(available=there)
    if said.get("paused"):
        made.allow(plan(catch_up=True, **{**said, "paused": False}))
        assert made.look() == Totals(available=there)
    made.check()


@pytest.mark.parametrize("put", ["2027-03-01", "2027-03-16T12:00", "2027-03-31T23:59:59.999"])
@pytest.mark.parametrize("told", ["2027-03-31", "2027-04-01", "2027-04-03", "2027-05-01", "2027-06-30"])
@pytest.mark.parametrize("start", ["2027-01-01", "2027-02-15", "2026-12-31T12:00"])
def test_it_is_as_if_it_had_been_put_in_time_whenever_it_is_told_to_catch_up(
    put: str, told: str, start: str
) -> None:
    """A cap and a fraction, put and told at borders too: what lives then, and a month later. Where the parts of a month
    are no whole steps, one step may be lost between them."""
    rule = Rollover("plan", anchor=NEW_YEAR, most=40, fraction="0.7")
    more: dict[str, Any] = {"rollover": rule, "starts_at": day(start)}
    made = Vault(now=day(put))
    made.allow(plan(124, **{**more, "starts_at": day(put)}))
    made.now = day(told)
    made.allow(plan(124, catch_up=True, **more))
    in_time = Vault(now=day(start))
    in_time.allow(plan(124, **more))
    for at in (made.now, made.now + 86_400_000 * 31):
        ours, theirs = made.look(at).available, in_time.look(at).available
        assert theirs - 1 <= ours <= theirs, at


def test_told_to_begin_further_back_again_and_again_it_is_bound_once() -> None:
    """First followed on 16 March at noon, then from 15 February, 14 days or half of it, then from 1 December on: 40 of
    each month are carried, in however many parts it was granted."""
    rule = Rollover("plan", anchor=NEW_YEAR, most=40)
    made = Vault(now=day("2027-03-16T12:00"))
    for now, start in (
        ("2027-03-16T12:00", "2027-03-16T12:00"),
        ("2027-04-02", "2027-02-15"),
        ("2027-04-03", "2027-01-16T12:00"),
        ("2027-04-04", "2026-12-01"),
    ):
        made.now = day(now)
        made.allow(plan(100, catch_up=True, rollover=rule, starts_at=day(start)))
    assert made.look() == Totals(available=140)
    rolled: dict[int, int] = {}
    for entry in made.entries:
        if entry.kind == "rollover":
            at = entry.extra["lot"]["effective_at"]
            rolled[at] = rolled.get(at, 0) + entry.draws[0].amount
    assert rolled == {day(text): 40 for text in ("2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01")}


def test_what_a_pause_missed_is_not_caught_up_with() -> None:
    made = allowed(100, expires="never", catch_up=True)
    made.allow(plan(100, expires="never", catch_up=True, paused=True))
    made.now = day("2027-04-01")
    made.allow(plan(100, expires="never", catch_up=True))
    assert made.look() == Totals(available=200)


def test_a_year_of_missed_days_is_caught_up_with_in_as_many_commits_as_it_takes() -> None:
    made = Vault(now=day("2028-01-01"), checked=False)
    made.allow(plan(1, "P1D", catch_up=True, rollover=Rollover("plan", every="P1D", anchor=NEW_YEAR)))
    assert made.look() == Totals(available=2)
    assert all(decision.items <= limits.COMMIT_ITEMS for decision in made.commits)
    made.check()


def test_more_than_400_missed_periods_are_refused() -> None:
    made = Vault(now=day("2028-02-06"))
    with pytest.raises(InvalidRequest) as refusal:
        made.allow(plan(1, "P1D", catch_up=True))
    assert refusal.value.facts["errors"][0]["field"] == "starts_at"
    made.allow(plan(1, "P1W", catch_up=True, expires="never"))
    assert made.look() == Totals(available=58)


# Pause, end, delete


def test_a_pause_grants_nothing_and_takes_nothing_back() -> None:
    made = allowed(100)
    made.now = day(HALF)
    entry = made.allow(plan(100, paused=True))
    assert entry
    assert (entry.kind, entry.amount, made.look()) == ("status", 0, Totals(available=100))
    made.now = day("2027-03-15")
    made.sweep()
    assert (made.look(), made.allowance().next_at) == (Totals(), None)


RESUMES: list[tuple[str, str, str, int]] = [
    # paused, resumed, what that grants at once of 100 a month
    ("in the same period", HALF, "2027-01-20", 0),
    ("at the border", HALF, "2027-02-01", 100),
    ("in the middle of the next", HALF, "2027-02-15", 50),
    ("three months later", HALF, "2027-04-16", 50),
    ("at the end of a period", HALF, "2027-01-31T23:59", 0),
]


@pytest.mark.parametrize(
    ("_", "paused", "resumed", "gives"), RESUMES, ids=[row[0].replace(" ", "-") for row in RESUMES]
)
def test_resumed_it_grants_for_what_is_left_and_misses_what_went_by(
    _: str, paused: str, resumed: str, gives: int
) -> None:
    made = allowed(100)
    made.now = day(paused)
    made.allow(plan(100, paused=True))
    made.now = day(resumed)
    entry = made.allow(plan(100))
    assert entry
    assert entry.amount == gives
    assert made.allowance().next_at == made.allowance().until


def test_one_that_starts_later_grants_nothing_before() -> None:
    made = allowed(100, at=day("2026-12-20"), starts_at=day(HALF))
    assert (story(made.entries), made.allowance().next_at) == (["status +0"], day(HALF))
    made.now = day("2027-02-01")
    made.sweep()
    assert granted(made) == [(day(HALF), 50), (day("2027-02-01"), 100)]


ENDS: list[tuple[str, str, list[tuple[str, int]]]] = [
    # when it ends; what is granted when, of 100 a month: a last period in part grants its part, rounded down
    ("at a border", "2027-02-01", [("2027-01-01", 100)]),
    ("just after a border", "2027-02-01T00:01", [("2027-01-01", 100)]),
    ("a day after a border", "2027-02-02", [("2027-01-01", 100), ("2027-02-01", 3)]),
    ("in the middle", "2027-01-16T12:00", [("2027-01-01", 50)]),
    ("in the middle of the second", "2027-02-15", [("2027-01-01", 100), ("2027-02-01", 50)]),
    ("two months later", "2027-03-01", [("2027-01-01", 100), ("2027-02-01", 100)]),
]


@pytest.mark.parametrize(("_", "ends", "grants"), ENDS, ids=[row[0].replace(" ", "-") for row in ENDS])
def test_an_end_is_excluded_and_its_period_is_granted_in_part(
    _: str, ends: str, grants: list[tuple[str, int]]
) -> None:
    made = allowed(100, ends_at=day(ends))
    made.now = day("2027-06-01")
    made.sweep()
    assert granted(made) == [(day(at), amount) for at, amount in grants]
    assert made.allowance().next_at is None


def test_an_end_that_is_moved_grants_what_was_cut_off_and_never_twice() -> None:
    """100 for January, until the 16th at noon: 50. To the 24th at six: 25 more. Earlier: nothing. For ever: 25 more."""
    made = allowed(100, ends_at=day("2027-01-16T12:00"))
    moves = ["2027-01-24T06:00", "2027-01-10", "2027-01-24T06:00", None, "2027-01-16T12:00", None]
    for ends in moves:
        made.allow(plan(100, ends_at=day(ends) if ends else None))
    assert [amount for _, amount in granted(made)] == [50, 25, 25]
    made.now = day("2027-02-01")
    assert made.look() == Totals(available=100)


def test_a_raise_until_an_end_is_for_that_time_alone() -> None:
    """200 until the 16th at noon, where 100 were granted until the 24th at six: 50 more; then 300 to the end of January
    are 100 for the first half, 50 for the next quarter, and 75 for the last."""
    made = allowed(100, ends_at=day("2027-01-24T06:00"))
    made.allow(plan(200, ends_at=day("2027-01-16T12:00")))
    made.allow(plan(300))
    assert [amount for _, amount in granted(made)] == [75, 50, 50 + 50 + 75]
    made.allow(plan(300, ends_at=day("2027-01-20")))
    made.allow(plan(300))
    assert len(granted(made)) == 3


def test_one_that_has_ended_may_be_given_a_later_end() -> None:
    made = allowed(100, ends_at=day("2027-02-01"))
    made.now = day("2027-02-15")
    made.allow(plan(100))
    made.now = day("2027-03-01")
    made.sweep()
    assert granted(made)[1:] == [(day("2027-02-15"), 50), (day("2027-03-01"), 100)]


def test_a_deleted_one_grants_no_more_and_leaves_what_it_granted() -> None:
    made = allowed(100)
    made.now = day(HALF)
    assert story([made.disallow()]) == ["status +0"]
    assert made.look() == Totals(available=100)
    made.now = day("2027-04-01")
    made.sweep()
    assert (made.look(), made.dues) == (Totals(), {})
    with pytest.raises(NotFound):
        made.disallow()
    with pytest.raises(NotFound):
        made.disallow("another")


AGAIN: list[tuple[str, str, int]] = [
    ("in the same period", "2027-01-20", 0),
    ("in the next", "2027-02-15", 50),
    ("at the border", "2027-02-01", 100),
]


@pytest.mark.parametrize(("_", "at", "gives"), AGAIN, ids=[row[0].replace(" ", "-") for row in AGAIN])
def test_deleted_and_put_again_it_mints_nothing_twice(_: str, at: str, gives: int) -> None:
    made = allowed(100)
    made.now = day(HALF)
    made.disallow()
    made.now = day(at)
    entry = made.allow(plan(100))
    assert entry
    assert (entry.amount, made.allowance().version) == (gives, 3)


def test_deleted_and_put_again_with_other_periods_it_mints_nothing_twice() -> None:
    made = allowed(100)
    made.disallow()
    made.allow(plan(100, "P1D"))
    made.disallow()
    made.allow(plan(100, "P1W", anchor=day("2026-12-31"), starts_at=day("2027-01-01")))
    assert granted(made) == [(day("2027-01-01"), 100)]


# The wallet's own state


def test_a_frozen_wallet_gets_its_allowance() -> None:
    made = allowed()
    made.set_status("frozen")
    made.now = day("2027-02-01")
    assert made.look() == Totals(available=100)


def test_a_closed_wallet_gets_nothing_more() -> None:
    made = allowed()
    made.burn(100)
    made.set_status("closed")
    made.now = day("2027-05-01")
    assert made.look() == Totals()
    made.sweep()
    assert (kinds(made.entries[3:]), made.dues, made.wallet.sweep_at) == (["status"], {}, None)
    with pytest.raises(WalletClosed):
        made.allow(plan(100))


def test_debt_is_repaid_out_of_it_first() -> None:
    made = Vault(Policy(overdraft_limit=50), now=day("2027-01-01"))
    made.allow(plan(100))
    made.burn(130)
    made.now = day("2027-02-01")
    assert made.look() == Totals(available=70)
    made.sweep()
    assert story(made.entries[2:]) == ["grant +100 (30 of 3)"]


def test_a_wallet_as_full_as_wallets_get_is_given_what_still_fits() -> None:
    made = allowed(100, at=day("2026-12-31"))
    made.grant(str(limits.LARGEST_TOTAL - 40))
    made.now = day("2027-01-01")
    assert made.look().total == limits.LARGEST_TOTAL
    made.sweep()
    assert granted(made)[-1] == (day("2027-01-01"), 40)
    made.burn(1000)
    made.now = day("2027-02-01")
    made.sweep()
    assert granted(made)[-1] == (day("2027-02-01"), 100)


def test_a_wallet_that_is_quite_full_is_given_nothing_and_an_entry_says_so() -> None:
    made = allowed(100, at=day("2026-12-31"))
    made.grant(str(limits.LARGEST_TOTAL))
    made.now = day("2027-01-01")
    made.sweep()
    assert story(made.entries[-1:]) == ["status +0"]
    made.burn(1000)
    assert made.allow(plan(100)) is None, "it has had its turn"
    made.now = day("2027-02-01")
    assert made.look().total == limits.LARGEST_TOTAL - 900


REFUSED: list[tuple[str, Plan, type[Exception]]] = [
    ("more than fits", plan(limits.LARGEST_TOTAL), AmountOutOfRange),
    ("credits that end beyond 9999", plan(1, expires="P9999Y"), InvalidRequest),
]


@pytest.mark.parametrize(("_", "wanted", "error"), REFUSED, ids=[row[0].replace(" ", "-") for row in REFUSED])
def test_an_allowance_is_refused_that_grants(_: str, wanted: Plan, error: type[Exception]) -> None:
    made = Vault(now=day("2027-01-01"))
    made.grant("1")
    with pytest.raises(error):
        made.allow(wanted)
    assert (made.wallet.version, made.sidecars) == (1, {})


def test_a_wallet_keeps_a_hundred_rollover_rules_and_not_one_more() -> None:
    made = Vault(now=day("2027-01-01"))
    for number in range(limits.TERMS):
        made.allow(plan(1, rollover=Rollover(most=number)), f"plan{number}")
    with pytest.raises(PolicyViolation) as refusal:
        made.allow(plan(1, rollover=Rollover(most=1000)))
    assert refusal.value.facts["policy"] == "max_terms"
    made.allow(plan(1, rollover=Rollover(most=7)))


def test_time_that_ends_in_9999_ends_the_allowance() -> None:
    made = allowed(100, "P1Y", at=day("9999-06-01"))
    assert made.allowance().next_at is None
    assert made.lot(1).expires_at == MAX_INSTANT + 1
    later = allowed(100, "P1Y", at=day("9998-06-01"), expires="P1Y")
    later.now = day("9999-01-01")
    later.sweep()
    assert later.lot(later.entries[-1].seq).expires_at == MAX_INSTANT + 1


# Expiry of what it grants

LIVES: list[tuple[str, str | None]] = [
    ("never", None),
    ("period_end", "2027-02-01"),
    ("P1D", "2027-01-02"),
    ("P40D", "2027-02-10"),
    ("P2M", "2027-03-01"),
    ("PT1H", "2027-01-01T01:00"),
]


@pytest.mark.parametrize(("expires", "end"), LIVES)
def test_what_it_grants_lives_as_it_says(expires: str, end: str | None) -> None:
    made = allowed(100, expires=expires)
    assert made.lot(1).expires_at == (None if end is None else day(end))


def test_what_never_expires_adds_up() -> None:
    made = allowed(100, expires="never")
    made.now = day("2027-12-01")
    assert made.look() == Totals(available=1200)


def test_short_lived_credits_that_were_missed_come_and_go_at_their_own_instants() -> None:
    made = allowed(100, expires="P1D")
    made.now = day("2027-03-15")
    made.sweep()
    assert [(entry.kind, entry.at) for entry in made.entries[1:]] == [
        ("expiry", day("2027-01-02")),
        ("grant", day("2027-02-01")),
        ("expiry", day("2027-02-02")),
        ("grant", day("2027-03-01")),
        ("expiry", day("2027-03-02")),
    ]


def test_its_sidecar_says_it_all() -> None:
    made = allowed(10**26, rollover=Rollover(most=10**25, times=None), ends_at=day("2030-01-01"))
    found = made.allowance()
    assert found.plan == plan(10**26, rollover=Rollover(most=10**25, times=None), ends_at=day("2030-01-01"))
    assert replace(found, plan=plan()) != found
    said: dict[str, Any] = found.to_json()
    assert said["plan"]["amount"] == said["level"] == str(10**26)


def test_a_timer_that_is_not_its_allowances_is_not_followed_for_ever() -> None:
    """It comes of a read that met the wallet before a write, and the allowance after it: the read is made again."""
    made = allowed(100, "P1D")
    before = made.copy()
    made.now = before.now = day("2027-01-03")
    made.sweep()
    before.sidecars.update(made.sidecars)

    with pytest.raises(LookupError, match="a timer"):
        before.look()
