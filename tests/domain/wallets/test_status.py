"""Active, frozen, closed: what each lets through (law 2), and what a close asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scrip.domain.credits.entries import Totals, read_entry
from scrip.domain.credits.errors import PolicyViolation, WalletClosed, WalletFrozen
from scrip.domain.wallets.status import show_base
from tests.domain.builders import story
from tests.domain.giving import capture, hold, movable, plan, release
from tests.domain.memory import Vault, vault

Act = Callable[[Vault, Any], Any]


def used() -> tuple[Vault, Any]:
    """A wallet with a burn of 20, an open hold of 10 and a payment that is half burned, in a unit that may move."""
    made = Vault(movable(overdraft_limit=0))
    made.grant("100")
    burned = made.burn(20)
    held = hold(made, 10, "2d")
    made.pay("p", "50 prio=90 cost=500USD")
    return made, (burned, held)


LEAVES: list[tuple[str, Act]] = [
    ("burn", lambda made, _: made.burn(1)),
    ("burn of what there is", lambda made, _: made.burn(1, "up_to")),
    ("hold", lambda made, _: hold(made, 1)),
    ("debit", lambda made, _: made.debit(1)),
    ("transfer", lambda made, _: made.transfer(Vault(made.policy, "beta"), 1)),
    ("transfer to it", lambda made, _: giver(made).transfer(made, 1)),
    ("capture beyond the hold", lambda made, known: capture(made, known[1], 11)),
]
GOES_ON: list[tuple[str, Act]] = [
    ("grant", lambda made, _: made.grant("1")),
    ("capture", lambda made, known: capture(made, known[1])),
    ("capture of a part", lambda made, known: capture(made, known[1], 3)),
    ("release", lambda made, known: release(made, known[1])),
    ("void", lambda made, _: made.void(1)),
    ("reversal", lambda made, known: made.reverse(known[0])),
    ("refund", lambda made, _: made.pay("p", "50 prio=90 cost=500USD", clawed=50, refunded=500)),
    ("dispute", lambda made, _: made.pay("p", "50 prio=90 cost=500USD", frozen=25)),
    ("allowance", lambda made, _: made.allow(plan(100, anchor=made.now))),
    ("freeze", lambda made, _: made.set_status("frozen")),
]


def giver(made: Vault) -> Vault:
    other = Vault(made.policy, "beta")
    other.grant("5")
    return other


@pytest.mark.parametrize(("_", "act"), LEAVES, ids=[row[0].replace(" ", "-") for row in LEAVES])
def test_from_a_frozen_wallet_there_is_no(_: str, act: Act) -> None:
    made, known = used()
    made.set_status("frozen")
    before = made.wallet
    with pytest.raises(WalletFrozen):
        act(made, known)
    assert made.wallet == before
    made.set_status("active")
    act(made, known)


@pytest.mark.parametrize(("_", "act"), GOES_ON, ids=[row[0].replace(" ", "-") for row in GOES_ON])
def test_in_a_frozen_wallet_goes_on(_: str, act: Act) -> None:
    made, known = used()
    made.set_status("frozen")
    act(made, known)
    assert made.entries[-1].status == made.wallet.status == "frozen"


def test_a_frozen_wallets_credits_expire_and_its_holds_time_out() -> None:
    made = vault("100 exp=+1d")
    hold(made, 10, "1h")
    made.set_status("frozen")
    made.wait("2h")
    assert made.look() == Totals(available=100)
    made.wait("1d")
    assert made.look() == Totals()
    made.sweep()
    assert {entry.status for entry in made.entries[2:]} == {"frozen"}


@pytest.mark.parametrize(
    ("_", "act"),
    [
        row
        for row in (*LEAVES, *GOES_ON)
        if not row[0].startswith(("capture", "release", "refund", "dispute"))
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_in_a_closed_wallet_there_is_no(_: str, act: Act) -> None:
    made = Vault(movable())
    made.grant("20")
    burned = made.burn(20)
    made.set_status("closed")
    before = made.wallet
    with pytest.raises(WalletClosed):
        act(made, (burned, 2))
    assert made.wallet == before


@pytest.mark.parametrize("status", ["active", "frozen", "closed"])
def test_a_closed_wallet_stays_closed(status: Any) -> None:
    made = Vault()
    made.set_status("closed")
    with pytest.raises(WalletClosed):
        made.set_status(status)


def owing() -> Vault:
    made = vault("10", overdraft_limit=5)
    made.burn(15)
    return made


def even() -> Vault:
    """A total of zero that is none: 5 are pending, 5 are owed."""
    made = vault("10; 5 from=+1d", overdraft_limit=5)
    made.burn(15)
    return made


def holding() -> Vault:
    made = vault("10")
    hold(made, 10)
    return made


def disputed() -> Vault:
    made = vault()
    made.pay("p", "10 cost=10USD")
    made.pay("p", "10 cost=10USD", frozen=10)
    return made


NOT_EMPTY: list[tuple[str, Callable[[], Vault], int]] = [
    ("available", lambda: vault("10"), 10),
    ("held", holding, 10),
    ("frozen", disputed, 10),
    ("pending", lambda: vault("10 from=+1d"), 10),
    ("owed", owing, -5),
    ("pending and owed", even, 0),
]


@pytest.mark.parametrize(("_", "make", "total"), NOT_EMPTY, ids=[row[0] for row in NOT_EMPTY])
def test_a_wallet_is_not_closed_with_something(_: str, make: Callable[[], Vault], total: int) -> None:
    made = make()
    with pytest.raises(PolicyViolation) as refusal:
        made.set_status("closed")
    assert (refusal.value.facts["policy"], refusal.value.facts["total"]) == ("zero_balance", total)
    made.set_status("frozen")
    with pytest.raises(PolicyViolation):
        made.set_status("closed")


def test_a_wallet_whose_credits_have_expired_may_be_closed() -> None:
    made = vault("10 exp=+1h")
    made.wait("1h")
    assert story(made.commits[-1].entries) == ["grant +10"]
    made.set_status("closed")
    assert story(made.commits[-1].entries) == ["expiry -10 (10 of 1)", "status +0"]


def test_a_wallet_that_never_was_may_be_frozen_and_closed() -> None:
    made = Vault()
    made.set_status("frozen")
    made.set_status("closed")
    assert [entry.status for entry in made.entries] == ["frozen", "closed"]


def test_to_freeze_a_frozen_wallet_is_written_down_and_changes_nothing() -> None:
    made = vault("10")
    for status in ("frozen", "frozen", "active", "active"):
        made.set_status(status)
    assert [entry.status for entry in made.entries] == ["active", "frozen", "frozen", "active", "active"]
    assert made.look() == Totals(available=10)


def test_entries_show_the_base_once_they_are_to_and_no_longer_than_that() -> None:
    """Each has the base before it, and so the one after it. To ask for what is so is no entry."""
    made = vault("100")

    def show(shown: bool) -> None:
        made.carry_out_if_any(lambda draft, now: show_base(draft, shown, now, made.cause("alerts")))

    show(False)
    assert len(made.entries) == 1
    show(True)
    show(True)
    made.burn(40)
    made.grant("30")
    show(False)
    made.burn(1)
    assert [(entry.kind, entry.base, entry.base_after) for entry in made.entries] == [
        ("grant", None, None),
        ("status", 100, 100),
        ("burn", 100, 100),
        ("grant", 100, 90),
        ("status", None, None),
        ("burn", None, None),
    ]
    assert made.wallet.base == 90
    assert [read_entry(entry.canonical(), b"").base for entry in made.entries] == [
        None,
        100,
        100,
        100,
        None,
        None,
    ]
    made.burn(89)
    made.set_status("closed")
    show(True)
    assert made.entries[-1].kind == "status", "nothing happens in a closed wallet any more"
    assert not made.wallet.shows_base
