"""What is spent of budgets is counted exactly, and given back in the period it was counted in (laws 1, 3 and 6)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.errors import BudgetExceeded, InsufficientCredits, Refusal, WalletFrozen
from scrip.domain.wallets import budgets
from scrip.domain.wallets.wallet import NeedSidecars
from tests.domain.builders import steady
from tests.domain.spending import DAY, MIDNIGHT, Purse, daily, purse


def test_a_burn_past_a_budget_is_refused_with_what_is_left_of_it_and_until_when() -> None:
    """100 a day: 60 and 40 fit, and not a step more until midnight."""
    made = purse()
    made.budget(daily(100))
    made.burn(60)
    with pytest.raises(BudgetExceeded) as refused:
        made.burn(41)
    facts = {"budget_id": "day", "limit": 100, "spent": 60, "resets_at": MIDNIGHT + DAY}
    assert refused.value.facts == facts
    assert made.counted(made.burn(40)) == 40
    assert made.spent() == 100
    with pytest.raises(BudgetExceeded):
        made.burn(1)
    made.now = MIDNIGHT + DAY - 1
    with pytest.raises(BudgetExceeded):
        made.burn(1)
    made.now = MIDNIGHT + DAY
    assert made.spent() == 0
    made.burn(100)
    assert made.spent() == 100


def test_a_budget_is_looked_at_before_credits_and_after_the_wallets_status() -> None:
    made = purse("10")
    made.budget(daily(5))
    with pytest.raises(BudgetExceeded):
        made.burn(11)
    made.set_status("frozen")
    with pytest.raises(WalletFrozen):
        made.burn(11)


def test_a_refused_burn_counts_nothing() -> None:
    made = purse("10")
    made.budget(daily(50))
    with pytest.raises(InsufficientCredits):
        made.burn(11)
    assert made.spent() == 0
    made.burn(10)
    assert made.spent() == 10


def test_what_is_owed_is_spent_too() -> None:
    made = purse("10", overdraft_limit=100)
    made.budget(daily(30))
    made.burn(25)
    assert (made.look().owed, made.spent()) == (15, 25)
    with pytest.raises(BudgetExceeded):
        made.burn(6)


def test_members_have_budgets_of_their_own_and_each_for_itself() -> None:
    """Ann may spend 40, each member 50, all together 100: Bob's last 10 are the wallet's budget's."""
    made = purse()
    made.budget(daily(40, member="ann"), "ann")
    made.budget(daily(50, member="*"), "each")
    made.budget(daily(100), "all")
    made.member = "ann"
    made.burn(40)
    with pytest.raises(BudgetExceeded) as refused:
        made.burn(1)
    assert (refused.value.facts["budget_id"], refused.value.facts["member"]) == ("ann", "ann")
    made.member = "bob"
    entry = made.burn(50)
    assert entry.extra["budgets"]["each"] == {
        "of": 3,
        "from": MIDNIGHT,
        "counted": "50",
        "member": "bob",
        "crossed": {
            "at": ["100%"],
            "spent": "50",
            "limit": "50",
            "to": MIDNIGHT + DAY,
            "member": "bob",
        },
    }
    made.member = "cid"
    with pytest.raises(BudgetExceeded) as refused:
        made.burn(11)
    assert refused.value.facts["budget_id"] == "all"
    made.burn(4)
    made.member = None
    made.burn(6)
    assert [made.spent("each", one) for one in ("ann", "bob", "cid", "dan")] == [40, 50, 4, 0]
    assert (made.spent("ann"), made.spent("all")) == (40, 100)


def test_a_burn_of_nobody_counts_in_no_members_budget() -> None:
    made = purse()
    made.budget(daily(1, member="*"))
    assert "budgets" not in made.burn(500).extra


def test_of_several_budgets_the_one_with_the_least_left_refuses() -> None:
    made = purse()
    made.budget(daily(10), "b")
    made.budget(daily(5), "c")
    made.budget(daily(5), "a")
    with pytest.raises(BudgetExceeded) as refused:
        made.burn(11)
    assert refused.value.facts["budget_id"] == "a"


def test_one_that_only_notifies_counts_and_refuses_nothing() -> None:
    made = purse()
    made.budget(daily(10, action="notify", warn_at=("50%", "80%")))
    assert made.burn(5).extra["budgets"]["day"]["crossed"]["at"] == ["50%"]
    assert made.burn(5).extra["budgets"]["day"]["crossed"]["at"] == ["80%", "100%"]
    assert "crossed" not in made.burn(90).extra["budgets"]["day"]
    assert made.spent() == 100


def test_holds_count_when_they_are_placed_and_give_back_what_they_release() -> None:
    """100 a day: a hold of 80 leaves 20; 30 captured and 50 given back leave 70."""
    made = purse()
    made.budget(daily(100))
    hold = made.hold(80)
    with pytest.raises(BudgetExceeded):
        made.burn(21)
    with pytest.raises(BudgetExceeded):
        made.hold(21)
    capture = made.capture(hold.seq, 30)
    assert [made.counted(entry) for entry in made.entries[-2:]] == [-50, 0]
    assert made.spent() == 30
    made.reverse(capture, 10)
    assert made.spent() == 20
    made.reverse(capture)
    assert made.spent() == 0


def test_a_hold_that_times_out_gives_back_in_its_own_day_alone() -> None:
    made = purse()
    made.budget(daily(100))
    made.hold(60)
    made.wait("15m")
    assert made.spent() == 0
    made.now = MIDNIGHT + DAY - 60_000
    hold = made.hold(70, "10m")
    made.now = MIDNIGHT + DAY
    made.burn(100)
    made.release(hold.seq)
    assert made.spent() == 100
    with pytest.raises(BudgetExceeded):
        made.burn(1)


def test_a_page_refuses_a_record_past_the_budget_alone() -> None:
    """100 a day: 60, 50, 30, 20 and 10 are 60, 30 and 10."""
    made = purse()
    made.budget(daily(100))
    entry = made.page((None, 60), (None, 50), (None, 30), (None, 20), (None, 10))
    assert entry.records
    assert [one.paid for one in entry.records.listed if one] == [True, False, True, False, True]
    assert (made.spent(), made.counted(entry)) == (100, 100)
    made.reverse(entry, offset=2)
    assert made.spent() == 70
    made.reverse(entry)
    assert made.spent() == 0


def test_a_record_that_lots_cannot_pay_leaves_the_budget_to_the_next() -> None:
    made = purse("40")
    made.budget(daily(60))
    entry = made.page((None, 50), (None, 30), (None, 10))
    assert (entry.amount, made.spent()) == (-40, 40)


def test_a_lease_counts_what_it_holds_and_is_filled_up_as_far_as_the_budget_goes() -> None:
    """100 a day: 60 leased; 30 settled and filled up to 80 would be 50 more; 40 are left, so it holds 70."""
    made = purse()
    made.budget(daily(100))
    hold = made.lease(60)
    assert made.spent() == 60
    made.settle(hold, 0, (None, 30), renew=80)
    after = made.found(hold.seq)
    assert (after.held, made.spent()) == (70, 100)
    made.settle(hold, 1, (None, 20), renew=80)
    assert (made.found(hold.seq).held, made.spent()) == (50, 100)
    made.release(hold.seq)
    assert made.spent() == 50


def test_a_lease_of_two_days_gives_back_what_the_second_set_aside() -> None:
    """60 on the first day; on the second 30 settled and 40 set aside more: 70 are held, and 40 of them count."""
    made = purse()
    made.budget(daily(100))
    made.now = MIDNIGHT + DAY - 60_000
    hold = made.lease(60, "2h")
    made.now = MIDNIGHT + DAY
    made.settle(hold, 0, (None, 30), renew=70)
    assert made.spent() == 40
    entry = made.settle(hold, 1, (None, 45))
    assert entry
    assert entry.extra["budgets"]["day"]["held"] == "15"
    made.reverse(entry)
    assert made.spent() == 25
    made.release(hold.seq)
    assert made.spent() == 0


def test_a_lease_of_no_meter_counts_for_a_meter_when_it_is_settled() -> None:
    made = purse()
    made.budget(daily(10, meter="api"), "api")
    made.budget(daily(100), "all")
    hold = made.lease(50)
    entry = made.settle(hold, 0, ("api", 8), ("gpu", 8), ("api", 3), ("api", 2))
    assert entry
    assert entry.records
    assert [one.paid for one in entry.records.listed if one] == [True, True, False, True]
    assert (made.spent("api"), made.spent("all")) == (10, 50)
    made.reverse(entry, offset=0)
    assert (made.spent("api"), made.spent("all")) == (2, 42)


def test_what_a_lease_captures_at_its_deadline_stays_spent() -> None:
    made = purse(lease_timeout="capture")
    made.budget(daily(100))
    made.lease(60, "10m")
    made.wait("11m")
    assert made.spent() == 60
    made.sweep()
    assert made.spent() == 60
    made.reverse(made.entries[-1])
    assert made.spent() == 0


def test_corrections_transfers_and_debits_are_no_spending() -> None:
    made = purse(transferable=True)
    other = purse("1")
    other.account = "other"
    made.budget(daily(1))
    made.void(1, 10)
    made.debit(10)
    assert made.spent() == 0


def test_what_was_counted_in_a_budget_of_before_comes_back_to_none_of_now() -> None:
    """Deleted and put again, a budget begins with nothing; so does one that counts another meter from now on."""
    made = purse()
    made.budget(daily(100))
    burned, hold = made.burn(30), made.hold(20)
    made.unbudget()
    assert "budgets" not in made.reverse(burned, 5).extra
    made.budget(daily(100))
    made.burn(10)
    made.reverse(burned)
    made.release(hold.seq)
    assert made.spent() == 10
    made.budget(daily(100, meter="api"))
    assert made.spent() == 0


def test_a_changed_limit_counts_on_and_may_lie_below_what_is_spent() -> None:
    made = purse()
    made.budget(daily(100))
    made.burn(60)
    made.budget(daily(50))
    assert made.spent() == 60
    with pytest.raises(BudgetExceeded):
        made.burn(1)
    made.budget(daily(70))
    made.burn(10)


def test_a_wallet_without_budgets_reads_and_writes_nothing_for_them() -> None:
    made = purse()
    made.burn(1)
    assert made.reads == []
    assert made.commits[-1].items == 2
    made.budget(daily(100))
    made.unbudget()
    made.burn(1)
    assert made.reads == []
    assert made.commits[-1].items == 2


def test_holds_of_many_members_that_time_out_at_once_are_read_for_together() -> None:
    made = purse()
    made.budget(daily(100, member="*"))
    for number in range(12):
        made.member = f"m{number}"
        made.hold(5, "10m")
    made.member = None
    made.wait("11m")
    made.reads = []
    assert made.sweep() == 12
    assert len(made.reads) <= 4
    assert [made.spent(member=f"m{number}") for number in range(12)] == [0] * 12


def test_of_a_member_for_whom_nothing_is_counted_alone_nothing_is_read() -> None:
    """Ann's hold times out as Bob burns: what all spend was read for the one, and is known for the other."""
    made = purse()
    made.budget(daily(100))
    made.member = "ann"
    made.hold(5, "10m")
    made.wait("11m")
    made.member, made.reads = "bob", []
    made.burn(3)
    counters = [
        asked for asked in made.reads if isinstance(asked, NeedSidecars) and ("spent", "all") in asked.names
    ]
    assert len(counters) == 1
    assert made.spent() == 3


def test_a_burn_in_eight_budgets_writes_two_items_more() -> None:
    made = purse()
    for number in range(4):
        made.budget(daily(100, member="*", meter=f"m{number}" if number else None), f"each{number}")
        made.budget(daily(100, meter=f"m{number}" if number else None), f"all{number}")
    made.member = "ann"
    entry = made.items(*((f"m{number}", 5) for number in range(4)))
    assert len(entry.extra["budgets"]) == 8
    assert made.commits[-1].items == 2 + 2
    assert len(made.reads) == 1


def test_a_counter_of_a_budget_that_is_no_more_goes_with_the_next_change() -> None:
    made = purse()
    made.budget(daily(100), "one")
    made.budget(daily(100), "two")
    made.burn(5)
    made.unbudget("one")
    made.burn(1)
    assert set(made.sidecars["spent", "all"]) == {"two"}


STEP = st.one_of(
    st.tuples(st.just("burn"), st.integers(0, 60), st.sampled_from((None, "ann", "bob"))),
    st.tuples(st.just("up_to"), st.integers(1, 60), st.sampled_from((None, "ann", "bob"))),
    st.tuples(st.just("hold"), st.integers(1, 60), st.sampled_from((None, "ann", "bob"))),
    st.tuples(st.just("page"), st.integers(1, 30), st.sampled_from((None, "ann"))),
    st.tuples(st.just("capture"), st.integers(1, 80), st.none()),
    st.tuples(st.just("release"), st.integers(0, 9), st.none()),
    st.tuples(st.just("reverse"), st.integers(1, 60), st.none()),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 11, 25)), st.none()),
    st.tuples(st.just("limit"), st.integers(20, 150), st.none()),
)


@steady
@given(st.lists(STEP, min_size=3, max_size=14))
def test_what_entries_counted_in_a_period_is_what_is_spent_and_never_more_than_the_limit(
    steps: list[tuple[str, int, str | None]],
) -> None:
    """Law 1 of budgets: the sum of `counted` over a period's entries is `spent`; no entry that counts leaves more than
    the limit of its moment."""
    made = purse("100; 2000")
    made.budget(daily(100), "all")
    made.budget(daily(50, member="*"), "each")
    for what, number, member in steps:
        made.member = member
        limit = budgets.read(made.sidecars["budgets", "all"])["all"].terms.limit
        before = len(made.entries)
        with suppress(Refusal):
            _do(made, what, number)
        made.member = None
        for entry in made.entries[before:]:
            if (made.counted(entry, "all") or 0) > 0:
                assert _sum(made, "all", None, entry.seq) <= limit
    assert made.spent("all") == _sum(made, "all", None)
    for name in ("ann", "bob"):
        assert made.spent("each", name) == _sum(made, "each", name) <= 50


def _do(made: Purse, what: str, number: int) -> None:
    hold = _last(made, "hold")
    if what in ("burn", "up_to"):
        made.burn(number, "up_to" if what == "up_to" else "exact")
    elif what == "hold":
        made.hold(number, "6h", over="burn_extra")
    elif what == "page":
        made.page((None, number), (None, 2 * number), (None, 1), stream=f"s{made.wallet.version}")
    elif what == "capture" and hold:
        made.capture(hold, number, final=number % 2 == 0)
    elif what == "release" and hold:
        made.release(hold)
    elif what == "reverse":
        _reverse(made, number)
    elif what == "wait":
        made.now += number * 3_600_000
    elif what == "limit":
        made.budget(daily(number), "all")


def _last(made: Purse, kind: str) -> int:
    return next((entry.seq for entry in reversed(made.entries) if entry.kind == kind), 0)


def _reverse(made: Purse, number: int) -> None:
    burned = [entry for entry in made.entries if entry.kind in ("burn", "capture")]
    if burned:
        one = burned[number % len(burned)]
        made.reverse(one, None if "page" in one.extra or number % 3 else number)


def _sum(made: Purse, name: str, member: str | None, until: int | None = None) -> int:
    """What entries counted in the period of now, or of the entry ``until``, up to it."""
    at = made.now if until is None else made.entries[until - 1].at
    start = at - at % DAY
    told = [
        entry.extra["budgets"][name]
        for entry in made.entries
        if name in entry.extra.get("budgets", {}) and (until is None or entry.seq <= until)
    ]
    return sum(int(one["counted"]) for one in told if one["from"] == start and one.get("member") == member)
