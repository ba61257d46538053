"""The same wallet on paper: a list of lots, taken one by one, with no window, no pages and no hurry.

It says the laws as plainly as they can be said, and shares no code with what it checks but the words that commands
are made of. ``test_history`` compares the two after every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scrip.domain.decide import Grant
from scrip.domain.entries import Totals
from scrip.domain.units import Policy

NEVER = float("inf")


@dataclass
class Sheet:
    """One lot on paper. ``gone`` is x of law 8: what left since the money was last set, out of ``of``."""

    seq: int
    grant: Grant
    effective_at: int
    expires_at: int | None
    repays: bool
    left: int
    frozen: int = 0
    active: bool = False
    basis: int = 0
    of: int = 0
    gone: int = 0
    recognised: int = 0
    refunded: int = 0
    breakage: int = 0

    @property
    def free(self) -> int:
        return self.left - self.frozen

    @property
    def deferred(self) -> int:
        return self.basis - self.basis * self.gone // self.of if self.of else self.basis

    def leave(self, steps: int) -> int:
        """Steps leave the lot; their money."""
        before = self.deferred
        self.left -= steps
        self.gone += steps
        return before - self.deferred

    def place(self, order: str) -> tuple[Any, ...]:
        """Where the lot stands in the order, in the order's own words."""
        grant, priority = self.grant, self.grant.priority
        expiry = self.expires_at if self.expires_at is not None else NEVER
        match order:
            case "priority_expiry_cost":
                cost = Fraction(grant.cost.amount, grant.amount) if grant.cost else Fraction(-1)
                return priority, expiry, cost, self.effective_at, self.seq
            case "stripe":
                paid = grant.kind == "paid" or grant.cost is not None
                return priority, expiry, paid, self.effective_at, self.seq
            case "openmeter":
                return priority, expiry if expiry == NEVER else expiry // 1000, self.seq
            case "lago":
                return priority, grant.kind == "paid", self.seq
            case _:
                return priority, expiry, -grant.amount, self.seq


@dataclass
class Paid:
    """What was posted of one payment."""

    lot: Sheet
    clawed: int = 0
    refunded: int = 0
    forgiven: int = 0


@dataclass
class Plain:
    """A wallet on paper."""

    policy: Policy
    lots: list[Sheet] = field(default_factory=list)
    owed: int = 0
    payments: dict[str, Paid] = field(default_factory=dict)

    def open(self) -> list[Sheet]:
        return sorted(
            (lot for lot in self.lots if lot.active and lot.free),
            key=lambda lot: lot.place(self.policy.order),
        )

    def totals(self) -> Totals:
        return Totals(
            available=sum(lot.free for lot in self.open()),
            held=0,
            frozen=sum(lot.frozen for lot in self.lots),
            pending=sum(lot.free for lot in self.lots if not lot.active),
            owed=self.owed,
            paid=sum(lot.free for lot in self.open() if lot.grant.cost),
        )

    def settle(self, now: int) -> None:
        """What time did by ``now``: expiries before activations at one instant."""
        while True:
            expiring = [
                (lot.expires_at, 0, lot.seq, lot) for lot in self.open() if lot.expires_at is not None
            ]
            starting = [(lot.effective_at, 1, lot.seq, lot) for lot in self.lots if not lot.active]
            events = sorted(event[:3] for event in (*expiring, *starting) if event[0] <= now)
            if not events:
                return
            _, starts, seq = events[0]
            (lot,) = [lot for lot in self.lots if lot.seq == seq]
            if starts:
                lot.active = True
                self._repay(lot)
            else:
                lot.breakage += lot.leave(lot.free)

    def granted(self, grant: Grant, seq: int, now: int) -> Sheet:
        inclusive = grant.expires_at is not None and self.policy.expiry_boundary == "inclusive"
        lot = Sheet(
            seq=seq,
            grant=grant,
            effective_at=now if grant.effective_at is None else grant.effective_at,
            expires_at=grant.expires_at + inclusive if grant.expires_at is not None else None,
            repays=self.policy.repay_first,
            left=grant.amount,
            basis=grant.cost.amount if grant.cost else 0,
            of=grant.amount if grant.cost else 0,
        )
        lot.active = lot.effective_at <= now
        self.lots.append(lot)
        if lot.active:
            self._repay(lot)
        return lot

    def burned(self, amount: int) -> list[tuple[int, int]]:
        """Takes as much of ``amount`` as there is; which lots gave how much."""
        draws = []
        for lot in self.open():
            steps = min(amount, lot.free)
            if steps:
                lot.recognised += lot.leave(steps)
                draws.append((lot.seq, steps))
                amount -= steps
        return draws

    def posted(self, name: str, clawed: int, refunded: int, frozen: int, now: int) -> None:
        """The payment's lot comes to where its facts say."""
        paid = self.payments[name]
        lot, credits, back = paid.lot, clawed - paid.clawed, refunded - paid.refunded
        if credits > 0 or back > 0:
            taken = min(credits, lot.left)
            lot.frozen -= max(0, taken - lot.free)
            self._refund(lot, taken, back)
            short = credits - taken
            if self.policy.refund_shortfall == "other_lots":
                short -= sum(steps for _, steps in self.burned(short))
            elif self.policy.refund_shortfall == "write_off":
                paid.forgiven += short
                short = 0
            self.owed += short
        elif credits < 0 or back < 0:
            unforgiven = min(-credits, paid.forgiven)
            paid.forgiven -= unforgiven
            self._refund(lot, credits, back)
            lot.recognised += lot.leave(unforgiven)
            self._repay(lot)
        lot.frozen = min(frozen, lot.left)
        paid.clawed, paid.refunded = clawed, refunded
        self.settle(now)

    def _refund(self, lot: Sheet, steps: int, money: int) -> None:
        """Money comes off what is deferred, then off what was recognised; n and x start again."""
        rest = lot.deferred - money
        lot.left -= steps
        lot.refunded += money
        if rest < 0 or not lot.left:
            lot.recognised += rest
            rest = 0
        lot.basis, lot.of, lot.gone = rest, lot.left, 0

    def _repay(self, lot: Sheet) -> None:
        steps = min(self.owed, lot.free) if lot.repays else 0
        self.owed -= steps
        lot.recognised += lot.leave(steps)
