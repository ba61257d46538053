"""Thousands of operations of every kind on wallets of every order, all ten laws checked after every step.

A wallet is compared with the one on paper (``plain``), with itself (``memory``: invariants and audit) and with its own
past: what a read showed at an instant is what the ledger says of that instant ever after.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.lot_codec import pack
from scrip.domain.credits.units import BurnOrder, Policy
from scrip.domain.wallets.burns import Burn, burn
from scrip.domain.wallets.grants import grant
from scrip.domain.wallets.wallet import Wallet
from tests.domain.builders import grants
from tests.domain.life import Life
from tests.domain.memory import Vault

ORDERS: tuple[BurnOrder, ...] = ("priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice")
SEEDS = [2, pytest.param(5, marks=pytest.mark.long)]
STEPS = 200
"""Two histories for each order and seed: 5 × 5 × 2 × 200 are 10 000 operations, with 2 seeds 4 000."""
SMALL = {"WINDOW_LOTS": 4, "WINDOW_LOW": 2, "PAGE_LOTS": 5, "BOOKING_ITEMS": 16, "DUE_BATCH": 8}
TORN = {"priority_expiry_cost": 8, "stripe": 9, "openmeter": 6, "lago": 7, "flexprice": 0}
"""Seeds of lives in which parts of several versions once made a lot with a number below zero, past every check."""
EVERYTHING = {
    *("granted", "burned", "posted", "slept", "swept", "refused", "held", "captured", "released", "extended"),
    *("voided", "reversed", "adjusted", "allowed", "transferred", "stood"),
}


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_law_holds_after_every_step(order: BurnOrder, seeds: int) -> None:
    """Laws 1 to 10."""
    done: Counter[str] = Counter()
    for seed in range(seeds):
        for life in lived(order, seed):
            done += life.done
    assert seeds < 5 or done.keys() >= EVERYTHING


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_law_holds_in_small_rooms(
    order: BurnOrder, seeds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with a window of four lots, pages of five, and little booked or read at a time: so that windows are
    filled, pages are split and bookings go ahead all the time."""
    for name, limit in SMALL.items():
        monkeypatch.setattr(limits, name, limit)
    pages, paged = 0, 0
    for seed in range(seeds):
        for life in lived(order, seed, thrift=8):
            pages = max(pages, *(len(decision.pages) for decision in life.vault.commits))
            paged = max(paged, *(decision.wallet.paged for decision in life.vault.commits))
    assert pages > 2
    assert paged > 20


@pytest.mark.parametrize("order", ORDERS)
def test_what_was_read_while_somebody_else_wrote_is_never_committed(
    order: BurnOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wallet that was remembered, with pages and due items of a later version beside it: the decision is one that the
    commit's condition refuses, or a refusal, or an error that says the parts do not fit. It always comes to an end."""
    for name, limit in SMALL.items():
        monkeypatch.setattr(limits, name, limit)
    life = Life(
        random.Random(f"torn {order} {TORN[order]}"), Vault(Policy(order=order), checked=False), thrift=3
    )
    remembered, ends = [life.vault.wallet], Counter[str]()
    for step in range(160):
        life.step()
        remembered = [*remembered[-5:], life.vault.wallet]
        for wallet in remembered:
            decided_on_parts(life.vault.copy(), wallet, step, ends)
    assert ends.keys() >= {"decided", "moved"}


def decided_on_parts(torn: Vault, remembered: Wallet, step: int, ends: Counter[str]) -> None:
    """Three decisions on the wallet as it was, with what lies beside it as it is."""
    version, torn.wallet = torn.wallet.version, remembered
    command = grants(f"3 prio={step % 3 * 50}")[0]
    acts = (
        lambda draft, now: burn(draft, Burn(9, torn.policy, "up_to"), now, torn.cause("burn")),
        lambda draft, now: grant(draft, command, torn.policy, now, torn.cause("grant"))[0],
        None,
    )
    for act in acts:
        try:
            decision, _ = torn.decide(act)
        except (Refusal, ValueError, LookupError, AssertionError) as error:
            ends[type(error).__name__] += 1
            continue
        assert decision.seen == torn.wallet.version
        waiting = [due.lot for due in decision.dues.values() if due and due.lot]
        for lot in (*decision.exhausted.values(), *waiting):
            assert not lot or pack((lot,)), "what is decided can be written"
        ends["decided" if decision.seen == version else "moved"] += 1


def lived(order: BurnOrder, seed: int, thrift: int = 0) -> tuple[Life, Life]:
    """Two wallets with one clock, which send each other credits; 100 steps each."""
    dice = random.Random(f"{order} {seed}")
    one, other = (Life(dice, Vault(Policy(order=order), account=name), thrift) for name in ("acme", "beta"))
    one.partner, other.partner = other, one
    for _ in range(STEPS // 2):
        one.step()
        other.step()
    one.ends()
    other.ends()
    return one, other
