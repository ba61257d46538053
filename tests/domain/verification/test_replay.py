"""The entries alone give the lots, whatever was done to them (laws 1, 4 and 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.verification.replay import LotChange, ReplayedLot, changes_of, funds_of, replay
from scrip.domain.wallets.announcements import Announced, tell
from scrip.domain.wallets.grants import Grant
from scrip.domain.wallets.notices import SPANS
from tests.domain.builders import moment
from tests.domain.giving import capture, hold, movable, plan, release, rolling
from tests.domain.memory import Vault, vault

NONE = LotChange()
Script = Callable[[Vault], object]
PAID = "100 cost=1000USD"


def refunded(made: Vault) -> None:
    made.pay("p", "40 cost=400USD")
    made.burn(100)
    made.pay("p", "40 cost=400USD", frozen=10)
    made.pay("p", "40 cost=400USD", clawed=20, refunded=200)
    made.pay("p", "40 cost=400USD")


def held(made: Vault) -> None:
    first, second = hold(made, 60), hold(made, 30, "30m")
    capture(made, first, 20, final=False)
    capture(made, first, 10)
    made.wait("1h")
    assert second


def moved(made: Vault) -> None:
    other = Vault(made.policy, "beta")
    made.transfer(other, 33)
    other.transfer(made, 20)


def carried(made: Vault) -> None:
    made.grant_one(
        Grant(70, "promotional", expires_at=moment("+1d"), terms=rolling(fraction="0.5", expires_in="P1D"))
    )
    made.wait("36h")


def began(made: Vault) -> None:
    made.grant("20 from=+1d")
    made.wait("2d")


def allowed(made: Vault) -> None:
    made.allow(plan(10, "P1D", anchor=moment("+0s")))
    made.wait("4d")


def expired(made: Vault) -> None:
    made.grant("30 exp=+1h")
    burned = made.burn(20)
    made.wait("2h")
    made.reverse(burned)


SCRIPTS: list[tuple[str, Script]] = [
    ("nothing", lambda made: None),
    ("burns", lambda made: (made.burn(33), made.burn(33))),
    ("an overdraft repaid", lambda made: (made.burn(120), made.grant("30 cost=90USD"))),
    ("an overdraft reversed", lambda made: made.reverse(made.burn(120))),
    ("an overdraft reversed when repaid", lambda made: made.reverse(repaid(made))),
    ("a void", lambda made: (made.burn(33), made.void(1, 33), made.void(1))),
    ("reversals", lambda made: parts(made, made.burn(99))),
    ("an expiry and what came back", expired),
    ("a debit", lambda made: made.debit(37)),
    ("holds", held),
    ("an open hold", lambda made: hold(made, 60)),
    ("a hold released", lambda made: release(made, hold(made, 60))),
    ("a capture beyond its hold", lambda made: capture(made, hold(made, 60), 110)),
    ("a refund that was undone", refunded),
    ("transfers", moved),
    ("a rollover", carried),
    ("a pending lot", lambda made: made.grant("20 from=+1d")),
    ("a pending lot that began", began),
    ("an allowance", allowed),
    ("a freeze", lambda made: made.set_status("frozen")),
]


def repaid(made: Vault) -> Entry:
    burned = made.burn(120)
    made.grant("30 cost=90USD")
    return burned


def parts(made: Vault, burned: Entry) -> None:
    for steps in (1, 50, 7):
        made.reverse(burned, steps)


@pytest.mark.parametrize(("_", "script"), SCRIPTS, ids=[row[0].replace(" ", "-") for row in SCRIPTS])
def test_the_entries_tell_the_lots_of(_: str, script: Script) -> None:
    made = Vault(movable(overdraft_limit=50))
    made.grant(PAID)
    script(made)
    made.sweep()
    told = replay(made.entries)
    there = {lot.seq: lot for lot in made.all_lots()}
    assert told.keys() == there.keys()
    for seq, lot in there.items():
        found = told[seq].lot()
        assert (found.remaining, found.held, found.frozen) == (lot.remaining, lot.held, lot.frozen)
        same = ("kind", "granted", "priority", "effective_at", "expires_at", "inclusive", "cost")
        assert [getattr(found, name) for name in same] == [getattr(lot, name) for name in same]
        if lot.cost:
            assert told[seq].accounted_for + lot.deferred == lot.cost.amount
    pending = {due.lot.seq for due in made.dues.values() if due.lot}
    assert {seq for seq, one in told.items() if one.pending} == pending


@pytest.mark.parametrize(("_", "script"), SCRIPTS, ids=[row[0].replace(" ", "-") for row in SCRIPTS])
def test_changes_of_parts_of_a_history_add_up_to_its_lots(_: str, script: Script) -> None:
    """However it is cut in two: what is left of each lot, what is held of it, and which entries touched it (law 1)."""
    made = Vault(movable(overdraft_limit=50))
    made.grant(PAID)
    script(made)
    made.sweep()
    told = {seq: one for seq, one in replay(made.entries).items() if one.entries}
    for cut in range(len(made.entries) + 1):
        first, second = changes_of(made.entries[:cut]), changes_of(made.entries[cut:])
        pairs = {
            seq: (first.get(seq, NONE), second.get(seq, NONE)) for seq in sorted(first.keys() | second.keys())
        }
        found = {
            seq: (one.left + other.left, one.held + other.held, one.entries + other.entries)
            for seq, (one, other) in pairs.items()
        }
        assert found == {seq: (one.left, one.held, tuple(one.entries)) for seq, one in told.items()}


def test_each_lot_names_the_entries_that_touched_it() -> None:
    made = vault("100 cost=1000USD; 30 prio=1")
    burned = made.burn(50)
    held = hold(made, 10)
    capture(made, held)
    made.reverse(burned, 25)
    made.set_status("frozen")
    told = replay(made.entries)
    assert (told[1].entries, told[2].entries) == ([1, 3, 4, 5, 6], [2, 3, 6])


def test_at_every_step_it_tells_what_there_was() -> None:
    made = vault("100 cost=1000USD")
    burned = made.burn(60)
    made.void(1, 10)
    made.reverse(burned, 25)
    left = [replay(made.entries[:count])[1] for count in range(1, 5)]
    assert [one.left for one in left] == [100, 40, 30, 55]
    assert [(one.recognised, one.breakage) for one in left] == [(0, 0), (600, 0), (600, 100), (350, 100)]


def test_an_entry_that_speaks_of_a_lot_that_nobody_made_is_an_error() -> None:
    made = vault("100")
    broken = replace(made.burn(10), draws=[Draw(7, 10)])
    with pytest.raises(KeyError):
        replay([made.entries[0], broken])


def test_a_lot_is_told_with_its_money_by_where_it_went() -> None:
    assert (
        ReplayedLot(
            {}, 0, recognised=1, refunded=2, expired=3, voided=4, debited=5, moved=6, unpaid=7, lost=8
        ).accounted_for
        == 20
    )


def test_a_notice_of_its_end_changes_nothing_of_a_lot_and_is_one_of_its_entries() -> None:
    made = vault("1", notices=1, expiry_notices=("P7D",), expiry_requires_notice=True)
    made.sidecars[SPANS, "1"] = {"spans": ["P7D"]}
    made.grant("100 exp=+40d cost=500USD")
    told = Announced(2, "notice-2", moment("+40d"))
    entry = made.carry_out(lambda draft, now: tell(draft, told, now, made.cause("told")))
    assert changes_of([entry]) == {2: LotChange(0, 0, (entry.seq,))}


@pytest.mark.parametrize("currency", [None, 5, ["USD"]])
def test_money_of_what_is_no_currency_is_not_counted(currency: object) -> None:
    (lot,) = replay(vault("100 cost=500USD").entries).values()
    lot.facts["cost"] = [500, currency]
    with pytest.raises(TypeError, match="a currency is a text"):
        funds_of([lot])
