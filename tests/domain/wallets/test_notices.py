"""A lot that must not end unannounced has as its end the first one before which a notice was delivered in time: a fact
of time, and nothing but entries says so; laws 4, 5, 10. When notices are due follows from the lot alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.verification.replay import replay
from scrip.domain.wallets.announcements import Announced, tell
from scrip.domain.wallets.notices import NO_NOTICE, SPANS, first_notice, notices_of
from tests.domain.builders import START, grants, lot, moment, steady, story
from tests.domain.giving import hold, plan, release, rolling
from tests.domain.memory import Vault, vault

DAY = 86_400_000
WEEKS = ("P30D", "P7D", "P1D")
TOLD: dict[str, Any] = {"notices": 1, "expiry_notices": WEEKS, "expiry_requires_notice": True}
"""Terms by which a lot with cost basis does not end unannounced: number 1 of the unit, twice, and one more."""


def announced(text: str, **policy: Any) -> Vault:
    """A wallet of a unit whose lots are not to end unannounced."""
    made = vault("1", **{**TOLD, **policy})
    made.sidecars[SPANS, "1"] = {"spans": list(made.policy.expiry_notices)}
    made.burn(1)
    made.grant(text)
    return made


def deliver(made: Vault, seq: int, ends: str) -> Entry:
    """A notice of the lot's end is delivered now."""
    said = Announced(seq, f"notice-{seq}-{ends}-{made.wallet.version}", moment(ends))
    return made.carry_out(lambda draft, now: tell(draft, said, now, made.cause("told")))


def ends(made: Vault, seq: int) -> int | None:
    """By the entries alone: in how many milliseconds after the start the lot ends."""
    at = replay(made.entries)[seq].facts.get("expires_at")
    return None if at is None else at - START


def test_a_paid_lot_that_nobody_was_told_of_moves_by_its_last_span_a_millisecond_before_its_end() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.until("+40d-2ms")
    assert made.look() == Totals(available=100, paid=100)
    assert made.sweep() == 0
    made.until("+40d-1ms")
    assert made.look() == Totals(available=100, paid=100)
    assert made.sweep() == 1
    moved = made.entries[-1]
    assert (moved.kind, moved.at, moved.amount, moved.draws) == ("expiry_change", moment("+40d-1ms"), 0, ())
    assert moved.cause is not None
    assert (moved.cause.actor, moved.cause.reason) == ("system", NO_NOTICE)
    assert (moved.extra["was"], moved.extra["lot"]["expires_at"]) == (moment("+40d"), moment("+41d"))
    assert moved.timely


def test_reads_show_it_as_booked_and_again_and_again_however_late_it_is_booked() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.until("+45d")
    assert made.look() == Totals(available=100, paid=100)
    assert made.look(moment("+43d")) == Totals(available=100, paid=100)
    made.burn(10)
    assert story(made.commits[-1].entries) == ["expiry_change +0"] * 6 + ["burn -10 (10 of 3 for 50USD)"]
    at = [entry.at for entry in made.commits[-1].entries]
    assert at == [moment(f"+{day}d-1ms") for day in range(40, 46)] + [moment("+45d")]
    assert ends(made, 3) == 46 * DAY


def test_one_that_was_told_of_in_time_ends_at_its_end() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.until("+10d")
    entry = deliver(made, 3, "+40d")
    assert (entry.kind, entry.amount, entry.extra["lot"], entry.extra["in_time"]) == ("status", 0, 3, True)
    made.until("+40d-1ms")
    assert (made.look().available, made.sweep()) == (100, 0)
    made.until("+40d")
    assert (made.look().available, made.sweep()) == (0, 1)
    assert story(made.entries[-1:]) == ["expiry -100 (100 of 3 for 500USD)"]


@pytest.mark.parametrize(("at", "in_time", "ends_at"), [("+39d", True, 40), ("+39d1ms", False, 41)])
def test_in_time_is_the_last_span_before_the_end_to_the_millisecond(
    at: str, in_time: bool, ends_at: int
) -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.until(at.replace("d1ms", "d+1ms"))
    assert deliver(made, 3, "+40d").extra["in_time"] is in_time
    made.until("+40d")
    made.sweep()
    assert ends(made, 3) == ends_at * DAY
    assert made.look().available == (0 if in_time else 100)


def test_each_new_end_has_to_be_told_of_itself() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.until("+40d")
    made.sweep()
    assert deliver(made, 3, "+41d").extra["in_time"], "a day before the new end"
    made.until("+41d")
    made.sweep()
    assert story(made.entries[-1:]) == ["expiry -100 (100 of 3 for 500USD)"]


def test_free_credits_end_unannounced_and_so_do_those_whose_terms_do_not_ask_for_it() -> None:
    made = announced("100 exp=+40d")
    asks = replace(made.policy, expiry_requires_notice=False)
    made.policy, was = asks, made.policy
    made.grant("50 exp=+40d cost=100USD")
    made.policy = was
    made.until("+40d")
    assert made.look() == Totals()
    made.sweep()
    assert story(made.entries[-1:]) == ["expiry -150 (100 of 3, 50 of 4 for 100USD)"]


def test_terms_are_those_of_the_grant_whatever_the_unit_says_later() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.policy = replace(made.policy, notices=0, expiry_notices=(), expiry_requires_notice=False)
    made.grant("7 exp=+40d cost=70USD")
    made.until("+40d")
    made.sweep()
    assert story(made.entries[-2:]) == ["expiry_change +0", "expiry -7 (7 of 4 for 70USD)"]


def test_what_is_held_over_an_end_that_was_not_told_of_comes_back_to_a_lot_that_lives() -> None:
    made = announced("100 exp=+1d cost=500USD", expiry_notices=("PT1H",))
    hold(made, 100, "6d")
    made.until("+5d")
    assert made.sweep() == 0, "nothing of it can be spent"
    release(made, made.entries[-1].seq)
    assert story(made.commits[-1].entries) == ["release +0 (100 of 3)", "expiry_change +0"]
    assert ends(made, 3) == 5 * DAY + 3_600_000
    assert made.look().available == 100


def test_what_is_reversed_years_later_comes_back_in_one_commit() -> None:
    made = announced("100 exp=+1d cost=500USD", expiry_notices=("PT1H",))
    burned = made.burn(100)
    made.until("+2000d")
    made.reverse(burned)
    assert story(made.commits[-1].entries) == ["reversal +100 (100 of 3 for 500USD)", "expiry_change +0"]
    assert ends(made, 3) == 2000 * DAY + 3_600_000


def test_at_the_end_of_the_calendar_a_lot_never_ends() -> None:
    """Two years before it, of which nobody is told."""
    last = 253_402_300_799_999
    made = announced("1", expiry_notices=("P1Y",))
    made.now = last - 2 * 365 * DAY
    made.grant_one(replace(grants("1 cost=5USD")[0], expires_at=made.now + 9 * DAY))
    made.grant_one(replace(grants("100 cost=500USD")[0], expires_at=last))
    made.now = last
    assert made.look().available == 102
    made.sweep()
    assert [ends(made, seq) for seq in (4, 5)] == [None, None]


def test_a_moved_end_takes_its_place_in_the_order() -> None:
    made = announced("100 exp=+1d cost=500USD; 50 exp=+36h cost=100USD", expiry_notices=("P7D",))
    assert made.open() == "3:100 4:50"
    made.until("+1d")
    assert story([made.burn(60)]) == ["burn -60 (50 of 4 for 100USD, 10 of 3 for 50USD)"]


def test_a_lot_in_a_page_moves_too() -> None:
    made = announced("; ".join(f"{n} exp=+{n}d cost=5USD" for n in range(1, 61)), expiry_notices=("P100D",))
    made.until("+60d")
    assert made.look().available == sum(range(1, 61))
    made.sweep()
    assert made.look().available == sum(range(1, 61))
    moved = [entry for entry in made.entries if entry.kind == "expiry_change"]
    assert len(moved) == 60
    assert ends(made, 62) == 160 * DAY


def test_a_transfer_and_a_rollover_have_to_be_told_of_themselves() -> None:
    made = announced("100 exp=+40d cost=500USD", transferable=True)
    deliver(made, 3, "+40d")
    other = Vault(policy=made.policy, account="beta")
    other.sidecars[SPANS, "1"] = {"spans": list(WEEKS)}
    made.transfer(other, 40)
    for one in (made, other):
        one.until("+40d")
        one.sweep()
    assert made.look().available == 0
    assert other.look() == Totals(available=40, paid=40)
    assert ends(other, 1) == 41 * DAY


def test_an_end_that_was_changed_has_to_be_told_of_again() -> None:
    from tests.domain.wallets.test_expiry_changes import change

    made = announced("100 exp=+40d cost=500USD")
    deliver(made, 3, "+40d")
    change(made, 3, moment("+50d"))
    made.until("+50d")
    made.sweep()
    assert ends(made, 3) == 51 * DAY
    change(made, 3, moment("+51d"))
    assert replay(made.entries)[3].waits


def test_an_allowances_grants_go_on_beside_it() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.allow(plan(10, "P1D"))
    made.until("+42d")
    made.sweep()
    assert made.look().available == 110


def test_a_notice_is_due_so_long_before_the_end_and_none_before_the_beginning() -> None:
    found = notices_of(lot("1 exp=+20d"), WEEKS)
    assert [(one.span, one.at) for one in found] == [("P7D", moment("+13d")), ("P1D", moment("+19d"))]
    assert first_notice(lot("1 exp=+30d"), WEEKS) == START
    assert first_notice(lot("1 exp=+6h"), WEEKS) is None
    assert first_notice(lot("1"), WEEKS) is None


def test_the_sweep_is_to_look_when_the_first_notice_is_due_and_no_commit_moves_that_later() -> None:
    made = announced("100 exp=+40d cost=500USD; 5 exp=+20d")
    assert made.wallet.noticed
    assert made.wallet.sweep_at == moment("+10d"), "the longer one's month"
    made.burn(1)
    assert made.wallet.sweep_at == moment("+10d")
    made.until("+21d")
    made.burn(1)
    assert made.wallet.sweep_at == moment("+10d"), (
        "an expiry was booked, and whether the notice is out is not known"
    )
    made.grant("1 exp=+22d")
    assert made.wallet.sweep_at == moment("+10d")


def test_a_lot_that_comes_back_from_nothing_is_looked_at_again() -> None:
    made = announced("100 exp=+40d")
    burned = made.burn(100)
    made.wallet = made.wallet.sweep(None)
    made.wait("1d")
    made.reverse(burned, 5)
    assert made.wallet.sweep_at is not None
    assert made.wallet.sweep_at <= made.now


@steady
@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 59), st.integers(0, 80))
def test_the_end_is_the_first_before_which_a_notice_was_delivered_however_often_it_is_booked(
    life: int, told_on: int, sweep_on: int, look_on: int
) -> None:
    """Worked by hand: ends at life, life + 1, …; a notice counts on a day ``d`` for an end not before ``d + 1``."""
    quiet = announced(f"100 exp=+{life}d cost=500USD")
    swept = announced(f"100 exp=+{life}d cost=500USD")
    expected: int | None = None
    present = max(life, told_on + (1 if told_on >= life else 0))
    if told_on + 1 <= present:
        expected = present
    for made in (quiet, swept):
        for day in range(81):
            made.until(f"+{day}d")
            if made is swept and day % sweep_on == 0:
                made.sweep()
            if day == told_on:
                made.sweep() if made is swept else made.burn(1)
                deliver(made, 3, f"+{present}d")
                break
        made.until(f"+{told_on + look_on}d")
        alive = expected is None or told_on + look_on < expected
        left = 100 - (0 if made is swept else 1)
        assert made.look().available == (left if alive else 0)


def test_a_paid_lot_that_rolls_over_does_so_at_the_end_that_was_told_of_and_what_goes_on_is_told_of_anew() -> (
    None
):
    made = announced("100 exp=+40d")
    (order,) = grants("80 exp=+20d cost=400USD")
    made.grant_one(replace(order, terms=rolling(fraction="0.5", expires_in="P30D")))
    made.until("+20d")
    made.sweep()
    assert ends(made, 4) == 21 * DAY, "nobody was told of its end: it neither ends nor goes on"
    deliver(made, 4, "+21d")
    made.until("+21d")
    made.sweep()
    assert story(made.entries[-2:]) == ["rollover +0 (40 of 4 for 200USD)", "expiry -40 (40 of 4 for 200USD)"]
    seq = made.entries[-2].seq
    assert replay(made.entries)[seq].waits
    assert ends(made, seq) == 51 * DAY


def test_what_a_won_dispute_gives_back_to_a_lot_that_ended_ends_and_to_one_that_waits_lives() -> None:
    """As any other that comes back: only an end that was told of is an end."""
    for told, left in ((True, 0), (False, 30)):
        made = announced("1 exp=+90d")
        made.pay("p", "100 exp=+20d cost=500USD")
        made.pay("p", "100 exp=+20d cost=500USD", clawed=30, refunded=150)
        if told:
            deliver(made, made.wallet.version - 1, "+20d")
        made.until("+25d")
        made.sweep()
        made.pay("p", "100 exp=+20d cost=500USD")
        made.sweep()
        assert made.look().available == 1 + left + (0 if told else 70)


@steady
@given(st.data())
def test_however_a_life_is_booked_it_comes_to_the_same(data: st.DataObject) -> None:
    """Two wallets live the same life; one is swept whenever chance says. They end alike, to the last hash but the
    instants at which each was recorded."""
    swept, quiet = (announced("100 exp=+3d cost=500USD; 40 exp=+5d; 60 exp=+5d cost=90USD") for _ in range(2))
    for step in range(1, data.draw(st.integers(2, 12))):
        what = data.draw(st.sampled_from(["burn", "tell", "hold", "look"]))
        steps = data.draw(st.integers(1, 5))
        if data.draw(st.booleans()):
            swept.until(f"+{step * 12}h")
            swept.sweep()
        for made in (swept, quiet):
            made.until(f"+{step * 12}h")
            if what == "burn":
                made.burn(steps, "up_to")
            elif what == "hold":
                hold(made, steps, "6d") if made.look().available >= steps else None
            elif what == "tell":
                made.burn(1, "up_to")
                lots = [lot for lot in made.wallet.window if lot.waits]
                if lots:
                    day, rest = divmod((lots[0].expires_at or 0) - START, DAY)
                    assert rest == 0
                    deliver(made, lots[0].seq, f"+{day}d")
        assert swept.look() == quiet.look()
    for made in (swept, quiet):
        made.sweep()
    assert [(one.kind, one.at, one.amount) for one in swept.entries] == [
        (one.kind, one.at, one.amount) for one in quiet.entries
    ]
