"""What a wallet owes as a period of an allowance ends: forgiven, carried or billed, exactly then (laws 1, 5 and 10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import TIME
from scrip.domain.credits.units import CreditValue, Policy
from scrip.domain.wallets.allowances import Overage, Plan
from scrip.domain.wallets.grants import Grant
from tests.domain.builders import story
from tests.domain.giving import NEW_YEAR, day, plan
from tests.domain.memory import Vault

POLICY = Policy(overdraft_limit=1000, repay_first=True, value=CreditValue(50, "USD", 3))
FEBRUARY, MARCH = day("2027-02-01"), day("2027-03-01")


def monthly(overage: Overage | None, **more: Any) -> Plan:
    return replace(plan(100, "P1M", anchor=NEW_YEAR), overage=overage, **more)


def owing(overage: Overage | None, policy: Policy = POLICY, **more: Any) -> Vault:
    """100 each month from New Year on, and 130 burned in January: 30 are owed."""
    made = Vault(policy)
    made.now = NEW_YEAR
    made.allow(monthly(overage, **more))
    made.now = NEW_YEAR + 5
    made.burn(130)
    assert made.wallet.totals.owed == 30
    return made


def later(made: Vault, at: int) -> list[str]:
    """What time books up to this instant."""
    made.now, before = at, len(made.entries)
    made.sweep()
    return story(made.entries[before:])


@pytest.mark.parametrize(
    ("overage", "repay_first", "booked", "available", "owed"),
    [
        (None, True, ["grant +100 (30 of 4)"], 70, 0),
        (None, False, ["grant +100"], 100, 30),
        ("forgive", True, ["write_off +30", "grant +100"], 100, 0),
        ("forgive", False, ["write_off +30", "grant +100"], 100, 0),
        ("invoice", True, ["write_off +30", "grant +100"], 100, 0),
        ("invoice", False, ["write_off +30", "grant +100"], 100, 0),
        ("carry", True, ["grant +100"], 100, 30),
        ("carry", False, ["grant +100"], 100, 30),
        ("carry_auto_repay", True, ["grant +100 (30 of 3)"], 70, 0),
        ("carry_auto_repay", False, ["grant +100 (30 of 3)"], 70, 0),
    ],
)
def test_what_is_owed_at_a_periods_end(
    overage: Overage | None, repay_first: bool, booked: list[str], available: int, owed: int
) -> None:
    made = owing(overage, replace(POLICY, repay_first=repay_first))
    assert (made.look(FEBRUARY - 1).available, made.look(FEBRUARY - 1).owed) == (0, 30)
    read = made.look(FEBRUARY)
    assert (read.available, read.owed) == (available, owed), "a read shows what time will book"
    found = [one.split(" (")[0] for one in later(made, FEBRUARY)]
    assert found == [one.split(" (")[0] for one in booked]
    assert (made.wallet.totals.available, made.wallet.totals.owed) == (available, owed)
    assert made.wallet.totals == read


def test_what_is_billed_has_its_value_and_is_found_by_the_month_in_which_the_period_ended() -> None:
    """30 at 50 cents for 3 are 500 cents; of 31 516, and two thirds are nobody's."""
    made = owing("invoice")
    made.burn(1)
    later(made, FEBRUARY)
    (entry,) = [one for one in made.entries if one.kind == "write_off"]
    assert entry.extra["overage"] == {
        "allowance": "plan", "version": 1, "as": "invoice", "value": [516, "USD"],
    }  # fmt: skip
    assert entry.cause
    assert (entry.cause.actor, entry.cause.reference, entry.at) == (TIME, ("overage", "2027-02"), FEBRUARY)
    assert (entry.amount, entry.draws) == (31, ())


def test_what_is_forgiven_is_found_by_its_allowance_and_has_no_value() -> None:
    made = owing("forgive")
    later(made, FEBRUARY)
    (entry,) = [one for one in made.entries if one.kind == "write_off"]
    assert entry.cause
    assert entry.cause.reference == ("allowance", "plan")
    assert entry.extra["overage"] == {"allowance": "plan", "version": 1, "as": "forgive"}


def test_a_value_that_is_changed_is_billed_once_the_allowance_is_put_again() -> None:
    """Law 10: the value is that of when the allowance was put."""
    made = owing("invoice")
    made.policy = replace(POLICY, value=CreditValue(100, "EUR", 1))
    later(made, FEBRUARY)
    made.burn(110)
    assert made.allow(monthly("invoice")), "with another value it is another version"
    assert made.allow(monthly("invoice")) is None
    later(made, MARCH)
    said = [one.extra["overage"] for one in made.entries if one.kind == "write_off"]
    assert [(one["value"], one["version"]) for one in said] == [([500, "USD"], 1), ([1000, "EUR"], 2)]


def test_a_unit_without_a_value_bills_without_one() -> None:
    made = owing("invoice", replace(POLICY, value=None))
    later(made, FEBRUARY)
    (entry,) = [one for one in made.entries if one.kind == "write_off"]
    assert "value" not in entry.extra["overage"]


def test_nobody_looks_for_a_year_and_it_is_written_off_once_at_the_first_end() -> None:
    made = owing("forgive")
    made.now = day("2028-01-01")
    made.sweep()
    written = [(one.at, one.amount) for one in made.entries if one.kind == "write_off"]
    assert written == [(FEBRUARY, 30)]
    assert made.wallet.totals.available == 100


def test_of_two_allowances_the_first_that_ends_writes_it_off() -> None:
    made = owing("invoice")
    made.allow(replace(plan(7, "P1W", anchor=NEW_YEAR), overage="forgive"), "week")
    later(made, MARCH)
    (written,) = [one for one in made.entries if one.kind == "write_off"]
    assert (written.at, written.extra["overage"]["allowance"]) == (NEW_YEAR + 7 * 86_400_000, "week")


def test_of_two_that_end_at_once_neither_grants_before_it_is_written_off() -> None:
    """The other one, which comes first by its name, would have repaid it."""
    made = Vault(POLICY)
    made.now = NEW_YEAR
    made.allow(monthly("forgive"))
    made.allow(monthly("carry_auto_repay"), "all")
    made.burn(230)
    later(made, FEBRUARY)
    (written,) = [one for one in made.entries if one.kind == "write_off"]
    assert (written.extra["overage"]["allowance"], made.wallet.totals.available) == ("plan", 200)


def test_of_two_that_both_settle_at_once_the_first_by_name_does() -> None:
    made = Vault(POLICY)
    made.now = NEW_YEAR
    made.allow(monthly("forgive"), "b")
    made.allow(monthly("invoice"), "a")
    made.burn(230)
    later(made, FEBRUARY)
    (written,) = [one for one in made.entries if one.kind == "write_off"]
    assert (written.amount, written.extra["overage"]["allowance"]) == (30, "a")


def test_what_ends_at_that_instant_ends_before_and_keeps_nothing_from_being_written_off() -> None:
    made = owing("forgive", replace(POLICY, repay_first=False))
    made.grant_one(Grant(10, "promotional", expires_at=FEBRUARY))
    assert made.wallet.totals.available == 10, "it repays nothing, as the unit says"
    assert [one.split(" (")[0] for one in later(made, FEBRUARY)] == [
        "expiry -10",
        "write_off +30",
        "grant +100",
    ]


def test_a_change_in_the_middle_of_a_period_settles_nothing_before_its_end() -> None:
    made = owing("carry")
    made.allow(monthly("forgive"))
    assert made.wallet.totals.owed == 30
    made.now = FEBRUARY - 1
    made.allow(monthly("forgive", priority=7))
    assert made.wallet.totals.owed == 30
    later(made, FEBRUARY)
    assert made.wallet.totals.owed == 0


def test_the_last_period_settles_at_its_own_end_and_grants_no_more() -> None:
    end = day("2027-01-20")
    made = Vault(POLICY)
    made.now = NEW_YEAR
    made.allow(monthly("forgive", ends_at=end))
    assert made.wallet.totals.available == 61, "19 of 31 days"
    made.burn(91)
    assert (made.look(end - 1).owed, made.look(end).owed) == (30, 0)
    assert [one.split(" ")[0] for one in later(made, MARCH)] == ["write_off", "status"]
    assert (made.wallet.totals.owed, made.allowance().next_at) == (0, None)
    assert [one.at for one in made.entries if one.kind == "write_off"] == [end]


def test_a_paused_and_a_deleted_allowance_write_nothing_off() -> None:
    paused = owing("forgive")
    paused.allow(monthly("forgive", paused=True))
    later(paused, MARCH)
    deleted = owing("forgive")
    deleted.disallow()
    later(deleted, MARCH)
    assert (paused.wallet.totals.owed, deleted.wallet.totals.owed) == (30, 30)


def test_a_period_that_is_caught_up_with_forgives_nothing_that_is_owed_since() -> None:
    """What is owed now was not owed at ends that were over when the allowance was put."""
    made = Vault(POLICY)
    made.now = MARCH + 5
    made.burn(30)
    made.allow(replace(monthly("forgive"), starts_at=NEW_YEAR, catch_up=True, expires="never"))
    made.sweep()
    assert made.wallet.totals.owed == 0, "its grants repaid it, as the unit says"
    assert [one.kind for one in made.entries if one.kind == "write_off"] == []


def test_a_burn_at_the_very_end_belongs_to_the_next_period() -> None:
    made = owing("forgive")
    made.now = FEBRUARY
    made.burn(110)
    assert made.wallet.totals.owed == 10
    later(made, MARCH)
    assert [(one.at, one.amount) for one in made.entries if one.kind == "write_off"] == [
        (FEBRUARY, 30),
        (MARCH, 10),
    ]


def test_what_was_written_off_comes_back_to_nobody_when_its_burn_is_undone() -> None:
    made = owing("invoice")
    burned = made.entries[1]
    later(made, FEBRUARY)
    made.reverse(burned)
    assert made.wallet.totals.owed == 0
    assert made.wallet.totals.available == 100, "the 100 of January have ended, and the 30 were nobody's"


def test_what_is_owed_for_several_meters_and_a_clawback_is_written_off_together() -> None:
    made = owing("forgive", replace(POLICY, repay_first=False))
    made.burn(5, meter="api")
    made.burn(6, meter="gpu")
    made.pay("p", "50 cost=500USD")
    made.burn(50)
    made.pay("p", "50 cost=500USD", clawed=50, refunded=500)
    assert made.wallet.totals.owed == 30 + 5 + 6 + 50
    later(made, FEBRUARY)
    (written,) = [one for one in made.entries if one.kind == "write_off"]
    assert (written.amount, made.wallet.totals.owed) == (91, 0)
    assert [row[1:] for row in written.extra["forgives"]] == [
        ["30", 0],
        ["5", 0, "api"],
        ["6", 0, "gpu"],
        ["50", 5],
    ]


def test_with_carry_no_lot_of_the_allowance_repays_not_even_one_that_gets_credits_back() -> None:
    made = owing("carry")
    later(made, FEBRUARY)
    spent = made.burn(60)
    made.reverse(spent)
    assert (made.wallet.totals.available, made.wallet.totals.owed) == (100, 30)
    made.grant("10")
    assert made.wallet.totals.owed == 20, "others repay as the unit says"
