"""Thousands of operations on wallets with each order, every law checked after every step.

A history is made from a seed and is the same in every run. The wallet is compared with the one on paper
(``plain``), with itself (``memory``: invariants and audit) and with its own past: what a read showed at an
instant is what the ledger says of that instant ever after.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Any

import pytest

from scrip.domain import limits
from scrip.domain.decide import Grant, burn, grant
from scrip.domain.entries import Entry, Totals
from scrip.domain.errors import InsufficientCredits, Refusal, WalletFrozen
from scrip.domain.lots import Lot, Money
from scrip.domain.units import Order, Policy
from tests.domain.builders import START, grants, span
from tests.domain.memory import Vault
from tests.domain.plain import Paid, Plain, Sheet

ORDERS: tuple[Order, ...] = ("priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice")
SEEDS = 3
STEPS = 220
SMALL = {"WINDOW_LOTS": 4, "WINDOW_LOW": 2, "PAGE_LOTS": 5, "BOOKING_ITEMS": 12, "DUE_BATCH": 2}


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("order", ORDERS)
def test_every_law_holds_after_every_step(order: Order, seed: int) -> None:
    """Laws 1, 2, 4, 5, 8, 9 and 10."""
    history = lived(order, seed)
    assert history.done.keys() >= {"granted", "burned", "posted", "slept", "swept", "refused"}


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("order", ORDERS)
def test_every_law_holds_in_small_rooms(order: Order, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a window of four lots, pages of five, and little booked or read at a time: so that windows are
    filled, pages are split and bookings go ahead all the time."""
    for name, limit in SMALL.items():
        monkeypatch.setattr(limits, name, limit)
    history = lived(order, seed, thrift=8)
    assert max(len(decision.pages) for decision in history.vault.commits) > 2
    assert any(decision.wallet.paged > 20 for decision in history.vault.commits)


@pytest.mark.parametrize("order", ORDERS)
def test_what_was_read_while_somebody_else_wrote_is_never_committed(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wallet that was remembered, with pages and due items of a later version beside it: the decision is one that the
    commit's condition refuses, or a refusal, or an error that says the parts do not fit. It always comes to an end."""
    for name, limit in SMALL.items():
        monkeypatch.setattr(limits, name, limit)
    history = History(random.Random(f"torn {order}"), Vault(Policy(order=order), checked=False), thrift=3)
    remembered, ends = [history.vault.wallet], Counter[str]()
    for step in range(120):
        history.step()
        remembered = [*remembered[-5:], history.vault.wallet]
        torn = history.vault.copy()
        torn.wallet = remembered[step % len(remembered)]
        version, command = history.vault.wallet.version, grants(f"3 prio={step % 3 * 50}")[0]
        acts = (
            lambda book, now: burn(book, 9, "up_to", torn.policy, now, torn.cause("burn")),  # noqa: B023
            lambda book, now: grant(book, command, torn.policy, now, torn.cause("grant"))[0],  # noqa: B023
            None,
        )
        for act in acts:
            try:
                decision, _ = torn.decide(act)
            except (Refusal, ValueError, LookupError, AssertionError) as error:
                ends[type(error).__name__] += 1
                continue
            assert decision.seen == torn.wallet.version
            ends["decided" if decision.seen == version else "moved"] += 1
    assert ends.keys() >= {"decided", "moved"}


def lived(order: Order, seed: int, thrift: int = 0) -> History:
    history = History(random.Random(f"{order} {seed}"), Vault(Policy(order=order)), thrift)
    for _ in range(STEPS):
        history.step()
    history.ends()
    return history


@dataclass
class History:
    """One wallet's life, step by step, beside the same life on paper."""

    dice: random.Random
    vault: Vault
    thrift: int = 0
    done: Counter[str] = field(default_factory=Counter)
    seen: dict[int, Totals] = field(default_factory=dict)
    faces: dict[str, tuple[str, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plain = Plain(self.vault.policy)
        # Some wallets live from hand to mouth, some keep a hundred lots in a dozen pages.
        self.thrift = self.thrift or self.dice.choice((1, 3, 8))

    def step(self) -> None:
        acts = (
            self.grants,
            self.burns,
            self.pays,
            self.sleeps,
            self.sweeps,
            self.changes_its_policy,
            self.freezes,
        )
        frozen = self.vault.wallet.status == "frozen"
        (act,) = self.dice.choices(acts, (4, 7, 3, 5, 1, 0.3, 9 if frozen else 0.2))
        act()
        self.plain.settle(self.vault.now)
        self.compare()
        self.seen[self.vault.now] = self.vault.look()

    # What may happen

    def grants(self) -> None:
        for _ in range(self.dice.randint(1, self.thrift)):
            self.grants_one()

    def grants_one(self) -> None:
        grant = self.any_grant()
        entry = self.vault.grant_one(grant)
        self.plain.settle(self.vault.now)
        self.plain.granted(grant, entry.seq, self.vault.now)
        self.done["granted"] += 1

    def burns(self) -> None:
        self.plain.settle(self.vault.now)
        available, limit = self.plain.totals().available, self.vault.policy.overdraft_limit
        mode = self.dice.choice(("exact", "exact", "up_to"))
        amount = self.dice.choice(
            (1, self.dice.randint(1, 15), self.dice.randint(1, available // (3 * self.thrift) + 2))
        )
        if self.dice.random() < 0.1:
            amount = available + self.dice.randint(0, 9)
        room = available + max(0, limit - self.plain.owed)
        if self.vault.wallet.status == "frozen":
            with pytest.raises(WalletFrozen):
                self.vault.burn(amount)
            return
        if mode == "exact" and amount > room:
            with pytest.raises(InsufficientCredits) as refusal:
                self.vault.burn(amount)
            assert refusal.value.facts == {"required": amount, "available": available}
            self.done["refused"] += 1
            return
        entry = self.vault.burn(amount, "exact" if mode == "exact" else "up_to")
        draws = self.plain.burned(amount)
        taken = sum(steps for _, steps in draws)
        if mode == "exact":
            self.plain.owed += amount - taken
            taken = amount
        assert [(draw.lot, draw.amount) for draw in entry.draws] == draws
        assert (entry.amount, entry.extra["missing"]) == (-taken, str(amount - taken))
        self.done["burned"] += 1

    def pays(self) -> None:
        """A payment, or news of one: a refund, a refund that failed after all, one that is pending."""
        if not self.faces or self.dice.random() < 0.3:
            name, face, cost = (
                f"pay{self.vault.wallet.version}",
                self.dice.randint(1, 60),
                self.dice.randint(0, 2000),
            )
            life = self.dice.choice(("", f" exp=+{self.elapsed() + self.dice.randint(1, 20 * span('1d'))}ms"))
            self.faces[name] = f"{face} cost={cost}USD{life}", face, cost
        name = self.dice.choice(list(self.faces))
        text, face, basis = self.faces[name]
        share, waiting = (self.dice.choice((0.0, 0.0, self.dice.random(), 1.0)) for _ in range(2))
        clawed, refunded = ceil(face * share), floor(basis * share)
        frozen = min(face - clawed, ceil(face * waiting))
        self.plain.settle(self.vault.now)
        if name not in self.plain.payments and self.expired(text):
            del self.faces[name]
            return
        before = len(self.vault.entries)
        self.vault.pay(name, text, clawed, refunded, frozen)
        if name not in self.plain.payments:
            (seq,) = [entry.seq for entry in self.vault.entries[before:] if entry.kind == "grant"]
            self.paid(name, text, seq)
        self.plain.posted(name, clawed, refunded, frozen, self.vault.now)
        twice = len(self.vault.entries)
        assert self.vault.pay(name, text, clawed, refunded, frozen) == [], "law 9: facts, not deltas"
        assert len(self.vault.entries) == twice
        self.done["posted"] += 1

    def sleeps(self) -> None:
        """Time goes by: a millisecond, days, or exactly to where something ends or begins, or just before."""
        instants = [lot.expires_at for lot in self.plain.open() if lot.expires_at is not None]
        instants += [lot.effective_at for lot in self.plain.lots if not lot.active]
        ahead = sorted(at for at in instants if at > self.vault.now)
        jumps = [1, self.dice.randint(1, span("1h")), self.dice.randint(1, span("1d"))]
        if self.dice.random() < 0.04:
            jumps = [self.dice.randint(1, span("12d"))]
        if ahead:
            jumps += [ahead[0] - self.vault.now, max(0, ahead[0] - self.vault.now - 1)]
        self.vault.now += self.dice.choice(jumps)
        self.done["slept"] += 1

    def sweeps(self) -> None:
        self.vault.sweep()
        assert self.vault.wallet.totals == self.vault.look(), "law 5: the sweep books what reads have shown"
        assert self.vault.sweep() == 0, "law 5: each credit once"
        sweep_at = self.vault.wallet.sweep_at
        assert sweep_at is None or sweep_at > self.vault.now, "a second sweep finds nothing to do"
        self.done["swept"] += 1

    def changes_its_policy(self) -> None:
        """Law 10: no lot that is there already hears of it."""
        self.vault.policy = self.plain.policy = replace(
            self.vault.policy,
            expiry_boundary=self.dice.choice(("exclusive", "inclusive")),
            overdraft_limit=self.dice.choice((0, 0, 40)),
            repay_first=self.dice.choice((True, False)),
            refund_shortfall=self.dice.choice(("owe", "write_off", "other_lots")),
        )

    def freezes(self) -> None:
        """No operation freezes a wallet yet; what one would leave behind is a status."""
        frozen = self.vault.wallet.status == "frozen"
        self.vault.wallet = replace(self.vault.wallet, status="active" if frozen else "frozen")

    # Dice

    def elapsed(self) -> int:
        return self.vault.now - START

    def any_grant(self) -> Grant:
        dice, now = self.dice, self.vault.now
        begins = dice.choice((None, None, None, now, now + dice.randint(1, span("3d"))))
        life = dice.choice(
            (None, dice.randint(1, span("2h")), dice.randint(1, self.thrift * span("9d")), span("5d"))
        )
        kind: Any = dice.choice(("paid", "promotional", "promotional", "refund", "compensation"))
        cost = Money(dice.choice((0, dice.randint(1, 5000))), "USD") if dice.random() < 0.5 else None
        return Grant(
            amount=dice.choice(
                (1, dice.randint(1, 20), dice.randint(1, 20), 10**15 if dice.random() < 0.02 else 3)
            ),
            kind=kind,
            priority=dice.choice((50, 50, 50, 0, 10, 100)),
            effective_at=begins,
            expires_at=(begins or now) + life if life else None,
            cost=cost if kind in ("paid", "refund") else None,
            note={"source": "dice"} if dice.random() < 0.1 else None,
        )

    def expired(self, text: str) -> bool:
        return "exp=+" in text and int(text.split("exp=+")[1].removesuffix("ms")) <= self.elapsed()

    def paid(self, name: str, text: str, seq: int) -> None:
        self.plain.payments[name] = Paid(self.plain.granted(grants(text)[0], seq, self.vault.now))

    # What must hold

    def compare(self) -> None:
        plain, vault = self.plain, self.vault
        assert vault.look() == plain.totals()
        assert vault.open() == " ".join(f"{sheet.seq}:{sheet.free}" for sheet in plain.open())
        totals = plain.totals()
        assert min(totals) >= 0, "law 2"

    def ends(self) -> None:
        self.vault.sweep()
        self.vault.check()
        for sheet in self.plain.lots:
            same(sheet, self.vault.lot(sheet.seq))
        assert self.money() == {
            "recognised": sum(sheet.recognised for sheet in self.plain.lots),
            "refunded": sum(sheet.refunded for sheet in self.plain.lots),
            "breakage": sum(sheet.breakage for sheet in self.plain.lots),
            "deferred": sum(sheet.deferred for sheet in self.plain.lots),
        }
        assert sum(self.money().values()) == sum(
            sheet.grant.cost.amount for sheet in self.plain.lots if sheet.grant.cost
        )
        for at, totals in self.seen.items():
            assert as_of(self.vault.entries, at) == totals, "law 5: the timeline is true"

    def money(self) -> dict[str, int]:
        """Law 8, as the ledger tells it."""
        told: Counter[str] = Counter()
        for entry in self.vault.entries:
            told["refunded"] += entry.extra.get("refunded", 0)
            told["recognised"] += entry.extra.get("recognised", 0)
            value = sum(draw.value.amount for draw in entry.draws if draw.value)
            told["breakage" if entry.kind == "expiry" else "recognised"] += value
        return {**told, "deferred": sum(lot.deferred for lot in self.vault.all_lots())}


def same(sheet: Sheet, lot: Lot) -> None:
    """Law 8: to the credit and to the minor unit."""
    assert (lot.remaining, lot.frozen, lot.held) == (sheet.left, sheet.frozen, 0)
    assert lot.deferred == sheet.deferred
    paid = sheet.grant.cost.amount if sheet.grant.cost else 0
    assert sheet.recognised + sheet.refunded + sheet.breakage + lot.deferred == paid


def as_of(entries: list[Entry], at: int) -> Totals:
    """The totals after the last entry that is not after ``at``."""
    found = [entry.after for entry in entries if entry.at <= at]
    return found[-1] if found else Totals()
