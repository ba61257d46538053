"""Another end for a lot: it takes its new place in the order, and its entries alone say when it ends; laws 4, 5, 10."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry, Totals
from scrip.domain.credits.errors import (
    Forbidden,
    InvalidRequest,
    LotNotOpen,
    NotFound,
    PolicyViolation,
    Refusal,
    WalletClosed,
)
from scrip.domain.credits.units import Policy
from scrip.domain.verification.replay import replay
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry_changes import ExpiryChange, change_expiry, extend, extendable
from tests.domain.builders import START, moment, story
from tests.domain.giving import hold, plan, release, rolling
from tests.domain.memory import Vault, hoard, vault

DAY = 86_400_000


def change(made: Vault, seq: int, at: int | None = None, **more: Any) -> Entry:
    command = ExpiryChange(seq, made.policy, at, **{"shortens": True, **more})
    return made.carry_out(lambda draft, now: change_expiry(draft, command, now, made.cause("expiry")))


def extend_all(made: Vault, by: str = "P3D") -> list[int]:
    """Extends every lot that ends, as the service does where all of it fits into one commit; gives their sequences."""
    seqs: list[int] = []

    def act(draft: Draft, now: int) -> Entry | None:
        lots = extendable(draft, now)
        seqs[:] = [lot.seq for lot in lots]
        causes = [Cause(f"k.{lot.seq}.{made.wallet.version}", "f", "test") for lot in lots]
        made_ = [extend(draft, lot, by, "i", now, one) for lot, one in zip(lots, causes, strict=True)]
        return made_[-1] if made_ else None

    made.carry_out_if_any(act)
    return seqs


def ends(made: Vault) -> dict[int, int | None]:
    """By the entries alone: in how many milliseconds after the start each lot ends."""
    lots = replay(made.entries)
    found = {seq: one.facts.get("expires_at") for seq, one in lots.items()}
    return {seq: None if at is None else at - START for seq, at in found.items()}


def test_a_later_end_moves_the_lot_behind_those_that_end_before_it() -> None:
    made = vault("100 exp=+1d; 50 exp=+2d")
    assert made.open() == "1:100 2:50"
    entry = change(made, 1, moment("+3d"))
    assert (entry.kind, entry.amount, entry.draws, entry.before) == ("expiry_change", 0, (), entry.after)
    assert entry.extra["was"] == moment("+1d")
    assert made.open() == "2:50 1:100"
    assert story([made.burn(60)]) == ["burn -60 (50 of 2, 10 of 1)"]
    made.wait("36h")
    assert made.look() == Totals(available=90), "its old end passes"
    made.wait("36h")
    assert made.look() == Totals()


def test_an_earlier_end_is_kept_to_the_millisecond() -> None:
    made = vault("100 exp=+9d")
    change(made, 1, moment("+1d"))
    made.until("+1d-1ms")
    assert made.look() == Totals(available=100)
    made.until("+1d")
    assert made.look() == Totals()
    assert made.sweep() == 1
    assert story(made.entries[-1:]) == ["expiry -100 (100 of 1)"]


def test_a_lot_without_an_end_gets_one_and_loses_it() -> None:
    made = vault("100; 30 exp=+2d")
    change(made, 1, moment("+1d"))
    assert made.open() == "1:100 2:30"
    change(made, 1)
    assert made.open() == "2:30 1:100"
    assert ends(made) == {1: None, 2: 2 * DAY}


def test_so_long_from_now_on_and_for_a_lot_to_come_from_its_beginning() -> None:
    made = vault("100 exp=+9d; 20 from=+2d exp=+9d")
    made.wait("1h")
    change(made, 1, expires_in="P1D")
    change(made, 2, expires_in="P1D")
    assert ends(made) == {1: DAY + 3_600_000, 2: 3 * DAY}
    made.until("+2d")
    assert made.look() == Totals(available=20)
    made.until("+3d")
    assert made.look() == Totals()


def test_an_inclusive_end_stays_inclusive_and_a_first_one_is_as_the_unit_says() -> None:
    made = vault("100 exp=+1d; 50", expiry_boundary="inclusive")
    made.policy = Policy(expiry_boundary="exclusive")
    change(made, 1, moment("+2d"))
    change(made, 2, moment("+2d"))
    assert ends(made) == {1: 2 * DAY + 1, 2: 2 * DAY}
    made.until("+2d")
    assert made.look() == Totals(available=100)


@pytest.mark.parametrize("kind", ["held", "frozen"])
def test_what_is_held_or_frozen_of_a_lot_comes_back_to_its_new_end(kind: str) -> None:
    """Law 6."""
    made = vault()
    made.pay("p", "40 cost=400USD exp=+1d")
    if kind == "held":
        held = hold(made, 40, "6d")
    else:
        made.pay("p", "40 cost=400USD exp=+1d", frozen=40)
    change(made, 1, moment("+5d"))
    made.wait("3d")
    if kind == "held":
        release(made, held)
    else:
        made.pay("p", "40 cost=400USD exp=+1d")
    assert made.look().available == 40
    made.until("+5d")
    assert made.look() == Totals()


def test_an_allowance_lot_rolls_over_at_its_new_end_and_the_next_grant_comes_at_its_old_time() -> None:
    made = vault()
    made.allow(plan(10, "P1D", anchor=START, rollover=rolling(fraction="0.5", expires_in="P7D").rollover))
    change(made, 1, moment("+1d") + 5 * 3_600_000)
    made.until("+25h")
    assert story(made.entries[1:]) == ["expiry_change +0"]
    assert made.look() == Totals(available=20), "the next period's grant is there at its own time"
    made.until("+30h")
    made.sweep()
    assert story(made.entries[2:]) == ["grant +10", "rollover +0 (5 of 1)", "expiry -5 (5 of 1)"]


REFUSED: list[tuple[str, dict[str, Any], type[Refusal]]] = [
    ("100 exp=+9d", {"seq": 9, "at": moment("+2d")}, NotFound),
    ("100 exp=+9d", {"at": moment("+8d"), "shortens": False}, Forbidden),
    ("100", {"at": moment("+8d"), "shortens": False}, Forbidden),
    ("100 cost=5USD", {"expires_in": "P1D", "shortens": False}, Forbidden),
    ("100 exp=+9d", {"at": START, "shortens": False}, Forbidden),
    ("100 exp=+9d", {"at": START}, InvalidRequest),
    ("100 from=+1d exp=+9d", {"at": moment("+1d")}, InvalidRequest),
    ("100 exp=+9d", {"expires_in": "P9999Y"}, InvalidRequest),
    ("100 cost=5USD exp=+9d", {"at": moment("+8d")}, PolicyViolation),
    ("100 cost=5USD", {"at": moment("+8d")}, PolicyViolation),
]


@pytest.mark.parametrize(("lots", "asked", "refusal"), REFUSED)
def test_what_is_refused_changes_nothing(lots: str, asked: dict[str, Any], refusal: type[Refusal]) -> None:
    made = vault(lots)
    with pytest.raises(refusal):
        change(made, **{"seq": 1, **asked})
    assert len(made.entries) == 1


def test_a_paid_lot_ends_earlier_by_force_and_later_without() -> None:
    made = vault("100 cost=5USD exp=+9d")
    change(made, 1, moment("+10d"), shortens=False)
    change(made, 1, moment("+8d"), force=True)
    assert ends(made) == {1: 8 * DAY}


@pytest.mark.parametrize("end", ["burned", "voided", "expired", "expired but for a hold"])
def test_a_lot_that_is_over_has_no_other_end(end: str) -> None:
    made = vault("100 exp=+1d")
    if end == "burned":
        made.burn(100)
    elif end == "voided":
        made.void(1)
    else:
        if end.endswith("hold"):
            hold(made, 30, "6d")
        made.wait("2d")
    with pytest.raises(LotNotOpen):
        change(made, 1, moment("+5d"))


def test_a_closed_wallet_has_no_lot_that_ends_otherwise() -> None:
    made = vault("100 exp=+1d")
    made.burn(100)
    made.set_status("closed")
    with pytest.raises(WalletClosed):
        change(made, 1, moment("+5d"))


def test_every_lot_that_ends_is_extended_wherever_it_lies() -> None:
    """Open ones, one to come, one that is wholly held; not one that never ends, nor one that is over."""
    made = vault("10 exp=+1h; 20 exp=+2d; 30; 40 from=+1d exp=+9d; 50 exp=+1m")
    held = hold(made, 50, "6d")
    made.wait("2m")  # the lot that is wholly held has ended
    held = hold(made, 10, "6d")
    assert extend_all(made) == [1, 2, 4]
    assert ends(made) == {1: 3 * DAY + 3_600_000, 2: 5 * DAY, 3: None, 4: 12 * DAY, 5: 60_000}
    made.until("+3d")
    release(made, held)
    assert made.look().available == 10 + 20 + 30 + 40


def test_lots_in_pages_take_their_new_places() -> None:
    """A hundred lots, and each third ends after all others: the burn order is that of the ends."""
    made = vault("; ".join(f"{n} exp=+{n}h" for n in range(1, 101)))
    for seq in range(3, 101, 3):
        change(made, seq, moment("+200h") + seq)
    order = [*(n for n in range(1, 101) if n % 3), *range(3, 101, 3)]
    assert made.open() == " ".join(f"{n}:{n}" for n in order)
    for seq in range(99, 2, -3):
        change(made, seq, moment(f"+{seq}h"))
    assert made.open() == " ".join(f"{n}:{n}" for n in range(1, 101))
    made.until("+50h")
    made.sweep()
    assert made.look() == Totals(available=sum(range(51, 101)))


def test_each_lot_of_all_pages_may_be_extended() -> None:
    """900 lots, 20 to an item: most lie in pages that no write reads."""
    made = hoard(900, "1 exp=+9d")
    found = made.reading(lambda draft: [lot.seq for lot in extendable(draft, made.now)])
    assert found == list(range(1, 901))


def test_no_end_is_after_the_last_year() -> None:
    made = vault()
    made.grant("10")
    change(made, 1, limits.MAX_INSTANT)
    assert extend_all(made) == [1]
    assert made.lot(1).expires_at == limits.MAX_INSTANT
