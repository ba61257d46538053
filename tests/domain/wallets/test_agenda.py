"""What time will do, by instant: kept as lots and timers change, and looked up instead of searched for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits import limits
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import allowances
from scrip.domain.wallets.agenda import Agenda
from scrip.domain.wallets.allowances import Plan, PutAllowance
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Need, Snapshot
from tests.domain.builders import START, span, steady
from tests.domain.memory import Vault

DAY = span("1d")


@steady
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "drop", "until", "at"]), st.integers(0, 5), st.integers(0, 3)),
        max_size=60,
    )
)
def test_an_agenda_knows_what_a_dictionary_would(steps: list[tuple[str, int, int]]) -> None:
    agenda: Agenda[int, str] = Agenda()
    there: dict[tuple[int, int], str] = {}
    for number, (what, at, key) in enumerate(steps):
        if what == "put":
            agenda.put(at, key, str(number))
            there[at, key] = str(number)
        elif what == "drop":
            agenda.drop(at, key)
            there.pop((at, key), None)
        elif what == "until":
            found = agenda.until(at)
            assert sorted(found) == sorted(value for (when, _), value in there.items() if when <= at)
            assert [when for value in found for (when, _), one in there.items() if one == value] == sorted(
                when for (when, _) in there if when <= at
            )
        else:
            assert sorted(agenda.at(at)) == sorted(value for (when, _), value in there.items() if when == at)
        assert agenda.first() == min((when for when, _ in there), default=None)


# To follow time costs what happens, not its square. Calls of Python's functions are counted: a clock would tell what
# else the machine does.


def calls(run: Callable[[], object]) -> int:
    """Calls of Python's functions that a run makes."""
    made = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal made
        made += event == "call"

    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(None)
    return made


def looked(vault: Vault) -> Draft:
    """The draft of a read, as ``engine.reads`` makes it."""
    snapshot = Snapshot(vault.wallet)
    while True:
        try:
            draft = Draft(snapshot, chained=False)
            assert apply_due(draft, vault.now, batch=limits.DUE_BATCH_READ)
            return draft
        except Need as need:
            vault.provide(snapshot, need)


def of_lots(text: Callable[[int], str], count: int) -> Vault:
    made = Vault(checked=False)
    for number in range(count):
        made.grant(text(number))
    return made


def of_holds(count: int) -> Vault:
    made = of_lots(lambda _: "10", count)
    for _ in range(count):
        made.hold(10)
    return made


def of_allowance(days: int) -> Vault:
    """A daily allowance that grants on so many days."""
    made = Vault(checked=False)
    plan = Plan(10, "P1D", START, "UTC", START, ends_at=START + days * DAY)
    policy = Policy()
    made.carry_out(
        lambda draft, now: allowances.put(draft, PutAllowance("a", plan, policy), now, made.cause("a"))
    )
    return made


KINDS: dict[str, Callable[[int], Vault]] = {
    "lots that end one after the other": lambda count: of_lots(lambda n: f"10 exp=+{1000 + n}s", count),
    "lots that end at one instant": lambda count: of_lots(lambda _: "10 exp=+1d", count),
    "lots that begin one after the other": lambda count: of_lots(lambda n: f"10 from=+{1000 + n}s", count),
    "lots that begin at one instant": lambda count: of_lots(lambda _: "10 from=+1d", count),
    "holds that time out": of_holds,
    "an allowance's periods": of_allowance,
}
FEW, MANY = 100, 1000


@pytest.mark.parametrize("kind", KINDS)
def test_ten_times_as_much_that_is_due_is_ten_times_the_work_of_a_read(kind: str) -> None:
    """At most twelve times: what is sorted grows a little faster than what is counted."""
    made = []
    for count in (FEW, MANY):
        vault = KINDS[kind](count)
        vault.now = START + (MANY + 1) * DAY
        made.append(calls(lambda vault=vault: looked(vault)))  # type: ignore[misc]
    assert made[1] <= 12 * made[0], made


@pytest.mark.parametrize("kind", KINDS)
def test_and_about_so_of_the_writes_that_book_it(kind: str) -> None:
    """At most twenty times, where its square would be a hundred: the first commits of few have less to read."""
    made = []
    for count in (FEW, MANY):
        vault = KINDS[kind](count)
        vault.now = START + (MANY + 1) * DAY
        made.append(calls(vault.sweep))
        assert not looked(vault).entries
    assert made[1] <= 20 * made[0], made


def test_a_timer_that_was_set_and_came_in_one_commit_is_not_deleted() -> None:
    """An allowance of 20 days that is caught up in one commit: its 19 timers in between were never stored."""
    made = of_allowance(20)
    made.now = START + 30 * DAY
    made.sweep()
    (commit,) = made.commits[1:]
    assert len(commit.dues) == 1, "the first one is deleted, and there is no next"
