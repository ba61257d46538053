"""The breaker: what passes the amount is taken, and its wallet is frozen in the same commit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.errors import WalletFrozen
from scrip.domain.credits.units import Policy, Runaway
from scrip.store import items
from tests.domain.memory import Vault, vault

FREEZES = Policy(runaway=Runaway(100, "PT1M"))
TELLS = Policy(runaway=Runaway(100, "PT1M", "notify"))


def told(made: Vault) -> list[tuple[int, str, str]]:
    """What runaways were told of: after which entry, what was burned, and the wallet's status then."""
    return [
        (entry.seq - 1, entry.extra["runaway"]["burned"], entry.status)
        for entry in made.entries
        if entry.kind == "status" and "runaway" in entry.extra
    ]


def test_the_burn_that_passes_is_taken_and_the_wallet_frozen_in_its_commit() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    assert made.burn(60).extra["breaker"] == {"amount": "100", "within": "PT1M", "action": "freeze"}
    made.wait("30s")
    entry = made.burn(41)
    assert (entry.amount, entry.status, "breaker" in entry.extra) == (-41, "frozen", False)
    assert [one.seq for one in made.commits[-1].entries] == [entry.seq, entry.seq + 1]
    assert (told(made), made.wallet.status) == ([(3, "101", "frozen")], "frozen")
    status = made.entries[-1]
    assert status.cause
    assert (status.cause.actor, status.cause.reason) == ("system", "runaway")
    assert (status.extra["runaway"]["from"], status.extra["runaway"]["to"]) == (made.now - 60_000, made.now)
    with pytest.raises(WalletFrozen):
        made.burn(1)


def test_who_unfreezes_it_begins_anew() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    made.burn(101)
    made.set_status("active")
    made.burn(100)
    assert made.wallet.status == "active"
    made.burn(1)
    assert [burned for _, burned, _ in told(made)] == ["101", "101"]


def test_who_unfreezes_what_an_operator_froze_begins_anew_too() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    made.burn(90)
    made.set_status("active")
    made.set_status("frozen")
    made.set_status("active")
    made.burn(90)
    assert told(made) == []


def test_a_wallet_that_is_not_frozen_goes_on_counting_whatever_is_said_of_its_status() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    made.burn(90)
    made.set_status("active")
    made.burn(90)
    assert [burned for _, burned, _ in told(made)] == ["180"]


def test_captures_count_and_holds_and_releases_do_not() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    first, second = made.hold(90), made.hold(90)
    made.release(first.seq)
    made.capture(second.seq, 80)
    assert told(made) == []
    third = made.hold(50)
    made.capture(third.seq, 21)
    assert [burned for _, burned, _ in told(made)] == ["101"]


def test_what_is_captured_while_the_wallet_is_frozen_counts_for_nothing() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    held = made.hold(500)
    made.set_status("frozen")
    made.capture(held.seq, 400)
    made.set_status("active")
    assert told(made) == []
    made.burn(100)
    assert told(made) == []


def test_what_is_reversed_within_the_while_was_not_spent() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    burned = made.burn(90)
    made.wait("1s")
    made.reverse(burned, 40)
    made.burn(50)
    assert told(made) == []
    made.reverse(burned)
    made.burn(51)
    assert [burned for _, burned, _ in told(made)] == ["101"]


def test_it_is_told_once_for_a_crossing_and_the_wallet_goes_on() -> None:
    made = vault("1000", runaway=TELLS.runaway)
    made.burn(101)
    made.burn(50)
    made.wait("2m")
    made.burn(90)
    made.burn(11)
    assert told(made) == [(2, "101", "active"), (6, "101", "active")]


def test_a_breaker_that_is_taken_away_leaves_nothing_behind_and_says_so_once() -> None:
    made = vault("1000", runaway=FREEZES.runaway)
    made.burn(90)
    made.policy = Policy()
    assert made.burn(90).extra["breaker"] is None
    assert made.wallet.pace == b""
    assert "breaker" not in made.burn(1).extra
    made.policy = FREEZES
    made.burn(90)
    assert told(made) == []


def test_grants_and_time_move_the_pace_with_the_wallet() -> None:
    made = vault("1000 exp=+1d", runaway=FREEZES.runaway)
    made.burn(60)
    made.wait("30s")
    made.grant("10 exp=+31s")
    made.wait("2s")
    assert made.sweep() == 1
    made.wait("20s")
    made.burn(41)
    assert [burned for _, burned, _ in told(made)] == ["101"]


def test_the_wallet_item_has_24_bytes_more_at_most_and_none_without_a_breaker() -> None:
    made = vault("1000000", runaway=TELLS.runaway)
    for number in range(40):
        made.burn(10**number % 7919)
        made.wait("700ms")
        assert len(made.wallet.pace) + len(items.PACE) <= 24
    assert items.PACE not in items.wallet_item(replace(made.wallet, pace=b""))
