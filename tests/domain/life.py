"""Random lives of wallets: thousands of operations of every kind, each on the wallet and on paper (``plain``), compared
after every step. A life is made from a seed and is the same in every run."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Entry, Totals
from scrip.domain.credits.errors import (
    AlreadyReversed,
    AmountOutOfRange,
    HoldNotOpen,
    InsufficientCredits,
    LotNotOpen,
    PolicyViolation,
    Refusal,
    WalletFrozen,
)
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.terms import Rollover, Terms
from scrip.domain.wallets import allowances, captures, corrections, holds, transfers
from scrip.domain.wallets import status as standing
from scrip.domain.wallets.burns import Burn, burn
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant
from tests.domain.builders import START, grants, span
from tests.domain.memory import Vault
from tests.domain.plain import Held, Monthly, Paid, Plain, Rule, Sheet, Spent, together

METERS = ("gpu", "img")
ANCHOR = START
"""All allowances and rollovers here are of days from the start: plain's own calendar is a division."""


def days(count: int) -> Callable[[int], tuple[int, int]]:
    """The period of so many days that an instant lies in."""
    length = count * span("1d")

    def period(at: int) -> tuple[int, int]:
        start = ANCHOR + (at - ANCHOR) // length * length
        return start, start + length

    return period


@dataclass
class Life:
    """One wallet's life, step by step, beside the same life on paper.

    Attributes:
        partner: another life with the same clock, for transfers.
        thrift: how many lots it keeps: some wallets live from hand to mouth, some keep a hundred lots in pages.
    """

    dice: random.Random
    vault: Vault
    thrift: int = 0
    partner: Life | None = None
    done: Counter[str] = field(default_factory=Counter)
    seen: dict[int, Totals] = field(default_factory=dict)
    faces: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    spent: dict[int, Spent] = field(default_factory=dict)
    named: int = 0

    def __post_init__(self) -> None:
        self.plain = Plain(self.vault.policy)
        self.thrift = self.thrift or self.dice.choice((1, 3, 8))

    def step(self) -> None:
        frozen = self.vault.wallet.status == "frozen"
        acts: dict[Callable[[], None], float] = {
            self.grants: 4,
            self.burns: 6,
            self.pays: 2,
            self.sleeps: 5,
            self.sweeps: 1,
            self.changes_its_policy: 0.4,
            self.freezes: 9 if frozen else 0.2,
            self.holds: 3,
            self.captures: 2.5,
            self.releases: 1,
            self.extends: 0.7,
            self.voids: 0.7,
            self.reverses: 1.5,
            self.adjusts: 0.5,
            self.allows: 0.8,
            self.transfers: 1 if self.partner else 0,
        }
        (act,) = self.dice.choices(list(acts), list(acts.values()))
        before = self.vault.wallet
        self.plain.apply_due(self.vault.now)
        act()
        if self.vault.wallet is not before:
            self.wrote()
        self.plain.apply_due(self.vault.now)
        self.compare()
        self.seen[self.vault.now] = self.vault.look()

    def wrote(self) -> None:
        """The wallet was written: the paper's time follows, and lots that time made get the names they have there."""
        self.plain.at = max(self.plain.at, self.vault.wallet.at)
        nameless = iter([lot for lot in self.plain.lots if not lot.seq])
        for entry in self.vault.entries[self.named :]:
            made = entry.extra.get("lot")
            by_time = entry.kind == "rollover" or "allowance" in entry.extra
            if by_time and isinstance(made, dict):
                next(nameless).seq = entry.seq
        self.named = len(self.vault.entries)

    # What may happen

    def grants(self) -> None:
        for _ in range(self.dice.randint(1, self.thrift)):
            grant = self.any_grant()
            entry = self.vault.grant_one(grant)
            self.plain.granted(grant, entry.seq, self.vault.now)
        self.done["granted"] += 1

    def burns(self) -> None:
        meter = self.dice.choice((None, None, *METERS))
        mode: Any = self.dice.choice(("exact", "exact", "up_to"))
        overdraft = max(0, self.vault.policy.overdraft_limit - self.plain.owed) if mode == "exact" else 0
        amount = self.some(self.plain.totals().available)
        act = self.acting(
            lambda draft, now: burn(
                draft, Burn(amount, self.vault.policy, mode, meter), now, self.cause("burn")
            )
        )
        if self.vault.wallet.status == "frozen":
            with pytest.raises(WalletFrozen):
                act()
            return
        most = self.plain.payable(meter, overdraft)
        if mode == "exact" and amount > most:
            self.refused_for_lack(act, amount, meter)
            return
        entry = act()
        taken = min(amount, most)
        draws = self.plain.chosen(taken, meter)
        from_lots = sum(steps for _, steps in draws)
        parts = self.plain.spend(draws)
        if taken > from_lots:
            short = taken - from_lots
            parts.append((self.plain.owe(None, (meter,) if meter else (), short), short, 0))
        self.wrote()
        assert [(one.lot, one.amount) for one in entry.draws] == [(lot.seq, steps) for lot, steps in draws]
        assert (entry.amount, entry.extra["missing"]) == (-taken, str(amount - taken))
        self.spent[entry.seq] = Spent(parts)
        self.done["burned"] += 1

    def refused_for_lack(self, act: Callable[[], Entry], amount: int, meter: str | None) -> None:
        """What is there, what is there out of scope, and what is kept back: all of it is said (law 2)."""
        with pytest.raises(InsufficientCredits) as refusal:
            act()
        available, there = self.plain.totals().available, sum(lot.free for lot in self.plain.eligible(meter))
        most = self.plain.payable(meter)
        said = {
            "required": amount,
            "available": most,
            "out_of_scope": available - there,
            "withheld": there - most,
        }
        besides = ("out_of_scope", "withheld")
        assert refusal.value.facts == {
            name: steps for name, steps in said.items() if steps or name not in besides
        }
        self.done["refused"] += 1

    def holds(self) -> None:
        meter = self.dice.choice((None, None, *METERS))
        amount = self.some(self.plain.totals().available)
        until = self.vault.now + self.dice.choice(
            (1, span("1h"), self.dice.randint(1, span("7d")), span("7d"))
        )
        over: Any = self.dice.choice(("refuse", "burn_extra"))
        policy = self.vault.policy
        wanted = holds.Hold(0, amount, until, over, (), meter)
        act = self.acting(lambda draft, now: holds.place(draft, wanted, policy, now, self.cause("hold")))
        if self.vault.wallet.status == "frozen":
            with pytest.raises(WalletFrozen):
                act()
            return
        if amount > self.plain.payable(meter):
            self.refused_for_lack(act, amount, meter)
            return
        entry = act()
        draws = self.plain.hold(entry.seq, amount, until, over == "burn_extra", meter)
        self.wrote()
        assert [(one.lot, one.amount) for one in entry.draws] == [(lot.seq, steps) for lot, steps in draws]
        assert entry.amount == 0, "law 1: a hold's amount is 0"
        self.done["held"] += 1

    def captures(self) -> None:
        hold = self.any_hold()
        if hold is None:
            return
        final = self.dice.random() < 0.6
        amount = self.dice.choice(
            (None, self.dice.randint(1, hold.steps), hold.steps, hold.steps + self.dice.randint(1, 9))
        )
        act = self.acting(
            lambda draft, now: captures.capture(
                draft,
                captures.Capture(hold.seq, self.vault.policy, amount, final),
                now,
                self.cause("capture"),
            )
        )
        wanted = hold.steps if amount is None else amount
        extra = max(0, wanted - hold.steps)
        overdraft = max(0, self.vault.policy.overdraft_limit - self.plain.owed)
        if extra and self.vault.wallet.status == "frozen":
            with pytest.raises(WalletFrozen):
                act()
            return
        if extra and not hold.extra:
            with pytest.raises(PolicyViolation):
                act()
            return
        if extra > self.plain.payable(hold.meter, overdraft):
            self.refused_for_lack(act, extra, hold.meter)
            return
        entry = act()
        besides = self.plain.chosen(extra, hold.meter)
        more = self.plain.spend(besides)
        short = extra - sum(steps for _, steps in besides)
        debt = self.plain.owe(None, (hold.meter,) if hold.meter else (), short) if short else None
        if final and wanted < hold.steps:
            self.plain.give_back(hold, hold.steps - wanted, self.vault.now)
            self.plain.at = max(self.plain.at, self.vault.now)
            self.plain.apply_due(self.vault.now)
        parts = [*self.plain.capture(hold, min(wanted, hold.steps)), *more]
        if debt:
            parts.append((debt, short, 0))
        if final or not hold.steps:
            del self.plain.holds[hold.seq]
        self.wrote()
        assert entry.amount == -wanted
        assert [(one.lot, one.amount) for one in entry.draws] == [
            (lot.seq, steps) for lot, steps, _ in parts if isinstance(lot, Sheet)
        ]
        self.spent[entry.seq] = Spent(parts)
        self.done["captured"] += 1

    def releases(self) -> None:
        hold = self.any_hold()
        if hold is None:
            return
        self.acting(lambda draft, now: holds.release(draft, hold.seq, now, self.cause("release")))()
        self.plain.give_back(hold, hold.steps, self.vault.now)
        del self.plain.holds[hold.seq]
        with pytest.raises(HoldNotOpen):
            self.acting(lambda draft, now: holds.release(draft, hold.seq, now, self.cause("again")))()
        self.done["released"] += 1

    def extends(self) -> None:
        hold = self.any_hold()
        if hold is None:
            return
        until = self.vault.now + self.dice.randint(1, span("7d"))
        self.acting(lambda draft, now: holds.extend(draft, hold.seq, until, now, self.cause("extend")))()
        hold.until = until
        self.done["extended"] += 1

    def voids(self) -> None:
        known = [lot for lot in self.plain.lots if lot.seq]
        if not known:
            return
        lot = self.dice.choice(known)
        amount = self.dice.choice((None, self.dice.randint(1, 9)))
        act = self.acting(
            lambda draft, now: corrections.void(
                draft, corrections.Void(lot.seq, amount), now, self.cause("void")
            )
        )
        if not lot.free or (amount or 0) > lot.free:
            with pytest.raises(AmountOutOfRange if lot.free else LotNotOpen):
                act()
            return
        act()
        lot.end(amount or lot.free)
        if not lot.free and not lot.active:
            lot.active = True
        self.done["voided"] += 1

    def reverses(self) -> None:
        if not self.spent:
            return
        seq = self.dice.choice(list(self.spent)[-6:])
        spent, burned = self.spent[seq], self.vault.entries[seq - 1]
        left = spent.steps - spent.back
        amount = self.dice.choice((None, self.dice.randint(1, max(1, left)), left + 1))
        act = self.acting(
            lambda draft, now: corrections.reverse(
                draft, corrections.Reverse(burned, amount), now, self.cause("reversal")
            )
        )
        if not left or (amount or 0) > left:
            with pytest.raises(AmountOutOfRange if left else AlreadyReversed):
                act()
            return
        entry = act()
        self.wrote()
        returned = entry.draws[: entry.extra["back"]]
        undone = len(entry.extra.get("undone", ()))
        back = self.plain.reversed(spent, amount or left, self.vault.now, returned, undone)
        given = together([(one.lot, one.amount, 0) for one in returned])
        assert given == together([(lot.seq, steps, 0) for lot, steps in back])
        self.done["reversed"] += 1

    def adjusts(self) -> None:
        amount = self.some(self.plain.totals().available)
        act = self.acting(
            lambda draft, now: corrections.debit(draft, corrections.Debit(amount), now, self.cause("debit"))
        )
        if self.vault.wallet.status == "frozen":
            with pytest.raises(WalletFrozen):
                act()
            return
        if amount > self.plain.totals().available:
            with pytest.raises(InsufficientCredits):
                act()
            return
        act()
        for lot in self.plain.open():
            steps = min(amount, lot.free)
            lot.end(steps)
            amount -= steps
        self.done["adjusted"] += 1

    def allows(self) -> None:
        """An allowance is put, changed, paused, resumed or deleted."""
        name, now, policy = self.dice.choice(("a", "b")), self.vault.now, self.vault.policy
        known = self.plain.monthly.get(name)
        if known and self.dice.random() < 0.2:
            try:
                self.acting(lambda draft, at: allowances.delete(draft, name, at, self.cause("delete")))()
                known.running = False
            except Refusal:
                assert not known.running
            return
        every = self.dice.choice((1, 3, 7))
        rule, rollover = self.any_rule(name, every)
        ends = rollover is not None or self.dice.random() < 0.7
        plan = allowances.Plan(
            amount=self.dice.choice((5, 10, 10, 24)),
            every=f"P{every}D",
            anchor=ANCHOR,
            zone="UTC",
            starts_at=START,
            expires=allowances.PERIOD_END if ends else allowances.NEVER,
            rollover=rollover,
            paused=self.dice.random() < 0.1,
        )
        made = self.vault.carry_out_if_any(
            lambda draft, at: allowances.put(
                draft, allowances.PutAllowance(name, plan, policy), at, self.cause("put")
            )
        )
        if made is None:
            return
        one = known or Monthly(0, days(every), None, ends=True, repays=True)
        one.amount, one.periods, one.rule, one.ends = plan.amount, days(every), rule, ends
        one.repays, one.running = policy.repay_first, not plan.paused
        self.plain.monthly[name] = one
        if one.running:
            self.plain.credit(one, now)
        self.done["allowed"] += 1

    def transfers(self) -> None:
        assert self.partner
        other, now = self.partner, self.vault.now
        other.vault.sweep()
        other.wrote()
        amount = self.some(self.plain.totals().available)
        sent: list[Any] = []

        def send(draft: Draft, at: int) -> Entry:
            policy = replace(self.vault.policy, transferable=True)
            sent[:] = transfers.send(
                draft, transfers.Send(amount, other.vault.account, policy), at, self.cause("send")
            )
            entry: Entry = sent[0]
            return entry

        lots = []
        left = amount
        for lot in self.plain.open():
            if left:
                lots.append((lot, min(left, lot.free)))
                left -= min(left, lot.free)
        if "frozen" in (self.vault.wallet.status, other.vault.wallet.status):
            return
        if left or len(lots) > limits.TRANSFER_LOTS:
            with pytest.raises(InsufficientCredits if left else PolicyViolation):
                self.acting(send)()
            return
        self.acting(send)()
        self.wrote()
        entry, pieces = sent
        before = len(other.vault.entries)
        other.acting(
            lambda draft, at: transfers.receive(draft, pieces, entry, at, other.cause("receive"))[-1]
        )()
        arrived = [one for one in other.vault.entries[before:] if one.kind == "transfer_in"]
        for (lot, steps), made in zip(lots, arrived, strict=True):
            money = lot.leave(steps)
            lot.moved += money
            cost = Money(money, lot.grant.cost.currency) if lot.grant.cost else None
            grant = Grant(steps, "transfer", lot.grant.priority, cost=cost)
            new = other.plain.sheet(grant, lot.effective_at, lot.expires_at, lot.repays)
            new.seq, new.scope, new.rule, new.rolled = made.seq, lot.scope, lot.rule, lot.rolled
            new.active = True
            other.plain.lots.append(new)
            other.plain.repay(new, steps, now)
        other.wrote()
        other.seen.pop(now, None)
        self.done["transferred"] += 1

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
        if name not in self.plain.payments and self.expired(text):
            del self.faces[name]
            return
        before = len(self.vault.entries)
        self.vault.pay(name, text, clawed, refunded, frozen)
        if name not in self.plain.payments:
            (seq,) = [
                entry.seq
                for entry in self.vault.entries[before:]
                if entry.kind == "grant" and "allowance" not in entry.extra
            ]
            self.plain.payments[name] = Paid(self.plain.granted(grants(text)[0], seq, self.vault.now))
        if self.vault.entries[before:]:
            self.plain.at = max(self.plain.at, self.vault.entries[-1].at)
        self.wrote()
        given_back = [one for one in self.vault.entries[before:] if one.kind == "reinstatement"]
        draws = [draw for one in given_back for draw in one.draws[: one.extra["back"]]]
        self.plain.posted(name, clawed, refunded, frozen, self.vault.now, draws)
        twice = len(self.vault.entries)
        assert self.vault.pay(name, text, clawed, refunded, frozen) == [], "law 9: facts, not deltas"
        assert len(self.vault.entries) == twice
        self.done["posted"] += 1

    def sleeps(self) -> None:
        """Time goes by: a millisecond, days, or exactly to where something ends or begins, or just before."""
        instants = [lot.expires_at for lot in self.plain.open() if lot.expires_at is not None]
        instants += [lot.effective_at for lot in self.plain.lots if not lot.active]
        instants += [hold.until for hold in self.plain.holds.values()]
        ahead = sorted(at for at in instants if at > self.vault.now)
        jumps = [1, self.dice.randint(1, span("1h")), self.dice.randint(1, span("1d"))]
        if self.dice.random() < 0.04:
            jumps = [self.dice.randint(1, span("12d"))]
        if ahead:
            jumps += [ahead[0] - self.vault.now, max(0, ahead[0] - self.vault.now - 1)]
        self.vault.now += self.dice.choice(jumps)
        if self.partner:
            self.partner.vault.now = self.vault.now
            self.partner.plain.apply_due(self.vault.now)
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
            stacking=self.dice.choice(("free", "free", "promotional_first", "paid_first")),
            promotional_share_max=self.dice.choice(("1", "1", "0.5", "0.333", "0.01")),
        )

    def freezes(self) -> None:
        frozen = self.vault.wallet.status == "frozen"
        status: Any = "active" if frozen else "frozen"
        self.acting(lambda draft, now: standing.set_status(draft, status, now, self.cause("stand")))()
        self.done["stood"] += 1

    # Dice

    def acting(self, act: Callable[[Draft, int], Entry | None]) -> Callable[[], Entry]:
        return lambda: self.vault.carry_out(act)

    def cause(self, about: str) -> Any:
        return self.vault.cause(about)

    def some(self, available: int) -> int:
        if self.dice.random() < 0.1:
            return available + self.dice.randint(1, 9)
        return self.dice.choice(
            (1, self.dice.randint(1, 15), self.dice.randint(1, available // (3 * self.thrift) + 2))
        )

    def any_hold(self) -> Held | None:
        return self.dice.choice(list(self.plain.holds.values())) if self.plain.holds else None

    def any_rule(self, name: str, every: int) -> tuple[Rule | None, Rollover | None]:
        if self.dice.random() < 0.5:
            return None, None
        fraction = self.dice.choice(("1", "0.5", "0.3"))
        least, most = self.dice.choice(((0, None), (2, None), (0, 4), (1, 3)))
        times = self.dice.choice((1, 2, None))
        ends_in = self.dice.choice((None, "P2D"))
        rollover = Rollover(name, fraction, least, most, times, ends_in, f"P{every}D", ANCHOR, "UTC")
        after = (lambda at: at + span("2d")) if ends_in else (lambda at: days(every)(at)[1])
        return Rule((name,), Fraction(fraction), least, most, times, after), rollover

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
        scope = dice.choice(((), (), (), METERS, METERS[:1]))
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
            terms=Terms(scope=scope),
        )

    def expired(self, text: str) -> bool:
        return "exp=+" in text and int(text.split("exp=+")[1].removesuffix("ms")) <= self.elapsed()

    # What must hold

    def compare(self) -> None:
        plain, vault = self.plain, self.vault
        assert vault.look() == plain.totals()
        open_lots = [int(one.partition(":")[2]) for one in vault.open().split()]
        assert open_lots == [sheet.free for sheet in plain.open()]
        assert min(plain.totals()) >= 0, "law 2"

    def ends(self) -> None:
        self.vault.sweep()
        self.wrote()
        self.vault.check()
        for sheet in self.plain.lots:
            same(sheet, self.vault.lot(sheet.seq))
        assert self.money() == {
            "recognised": sum(sheet.recognised for sheet in self.plain.lots),
            "refunded": sum(sheet.refunded for sheet in self.plain.lots),
            "breakage": sum(sheet.breakage for sheet in self.plain.lots),
            "moved": sum(sheet.moved for sheet in self.plain.lots),
            "deferred": sum(sheet.deferred for sheet in self.plain.lots),
        }
        there = sum(self.money().values()) - sum(sheet.lost for sheet in self.plain.lots)
        assert there == sum(sheet.grant.cost.amount for sheet in self.plain.lots if sheet.grant.cost)
        for at, totals in self.seen.items():
            assert as_of(self.vault.entries, at) == totals, "law 5: the timeline is true"

    def money(self) -> dict[str, int]:
        """Law 8, as the ledger tells it."""
        told: Counter[str] = Counter(recognised=0, refunded=0, breakage=0, moved=0)
        goes = {"expiry": "breakage", "void": "breakage", "adjustment": "breakage"}
        goes |= {"rollover": "moved", "transfer_out": "moved"}
        for entry in self.vault.entries:
            told["refunded"] += entry.extra.get("refunded", 0)
            told["recognised"] += entry.extra.get("recognised", 0)
            back = entry.extra.get("back", 0)
            for number, one in enumerate(entry.draws):
                value = one.value.amount if one.value else 0
                told[goes.get(entry.kind, "recognised")] += -value if number < back else value
        return {**told, "deferred": sum(lot.deferred for lot in self.vault.all_lots())}


def same(sheet: Sheet, lot: Lot) -> None:
    """Law 8: to the credit and to the minor unit."""
    assert (lot.remaining, lot.frozen, lot.held) == (sheet.left, sheet.frozen, sheet.held)
    assert lot.deferred == sheet.deferred
    paid = sheet.grant.cost.amount if sheet.grant.cost else 0
    assert lot.lost == sheet.lost
    there = sheet.recognised + sheet.refunded + sheet.breakage + sheet.moved + lot.deferred
    assert there - sheet.lost == paid


def as_of(entries: list[Entry], at: int) -> Totals:
    """The totals after the last entry that is not after ``at``."""
    found = [entry.after for entry in entries if entry.at <= at]
    return found[-1] if found else Totals()
