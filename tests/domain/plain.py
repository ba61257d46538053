"""The same wallet on paper: a list of lots, taken one by one, with no window, no pages and no hurry.

It says the laws as plainly as they can be said, and shares no code with what it checks but the words that commands
are made of. ``life`` compares the two after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from scrip.domain.credits.entries import Totals
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.grants import Grant

NEVER = float("inf")


@dataclass
class Rule:
    """A rollover rule on paper; ``ends`` says when what is carried at an instant expires. Rules with one ``name`` share
    their bounds."""

    name: tuple[Any, ...]
    fraction: Fraction
    least: int
    most: int | None
    times: int | None
    ends: Callable[[int], int]


@dataclass(eq=False)
class Sheet:
    """One lot on paper. ``gone`` is x of law 8: what left since the money was last set, out of ``of``; ``left`` is what
    is neither gone nor held. ``born`` counts lots; ``seq`` is known once the lot is in the book."""

    born: int
    grant: Grant
    effective_at: int
    expires_at: int | None
    repays: bool
    left: int
    seq: int = 0
    held: int = 0
    frozen: int = 0
    active: bool = False
    basis: int = 0
    of: int = 0
    gone: int = 0
    recognised: int = 0
    refunded: int = 0
    breakage: int = 0
    moved: int = 0
    scope: tuple[str, ...] = ()
    rule: Rule | None = None
    rolled: int = 0

    @property
    def free(self) -> int:
        return self.left - self.frozen

    @property
    def paid(self) -> bool:
        return self.grant.cost is not None

    @property
    def deferred(self) -> int:
        return self.basis - self.basis * self.gone // self.of if self.of else self.basis

    def leave(self, steps: int) -> int:
        """Steps leave the lot; their money."""
        before = self.deferred
        self.left -= steps
        self.gone += steps
        return before - self.deferred

    def come_back(self, steps: int, money: int) -> None:
        """Steps come back with the money that left with them: x counts back where that comes to the same."""
        before, self.left, self.gone = self.deferred, self.left + steps, self.gone - steps
        if self.paid and (self.gone < 0 or self.deferred != before + money):
            self.basis, self.of, self.gone = before + money, self.left + self.held, 0

    def place(self, order: str) -> tuple[Any, ...]:
        """Where the lot stands in the order, in the order's own words."""
        grant, priority = self.grant, self.grant.priority
        expiry = self.expires_at if self.expires_at is not None else NEVER
        match order:
            case "priority_expiry_cost":
                cost = Fraction(grant.cost.amount, grant.amount) if grant.cost else Fraction(-1)
                return priority, expiry, cost, self.effective_at, self.born
            case "stripe":
                paid = grant.kind == "paid" or grant.cost is not None
                return priority, expiry, paid, self.effective_at, self.born
            case "openmeter":
                return priority, expiry if expiry == NEVER else expiry // 1000, self.born
            case "lago":
                return priority, grant.kind == "paid", self.born
            case _:
                return priority, expiry, -grant.amount, self.born


Draws = list[tuple[Sheet, int]]


@dataclass
class Paid:
    """What was posted of one payment."""

    lot: Sheet
    clawed: int = 0
    refunded: int = 0
    forgiven: int = 0


@dataclass
class Held:
    """A hold on paper: lots and steps that are still held, in the order taken."""

    seq: int
    until: int
    extra: bool
    meter: str | None
    parts: Draws

    @property
    def steps(self) -> int:
        return sum(steps for _, steps in self.parts)


@dataclass
class Spent:
    """A burn on paper, for its reversal: its parts in the order taken, each with its money; ``None`` is debt."""

    parts: list[tuple[Sheet | None, int, int]]
    back: int = 0

    @property
    def steps(self) -> int:
        return sum(steps for _, steps, _ in self.parts)


@dataclass
class Monthly:
    """An allowance on paper. ``periods`` gives the period that an instant lies in."""

    amount: int
    periods: Callable[[int], tuple[int, int]]
    rule: Rule | None
    ends: bool
    repays: bool
    running: bool = True
    since: int = 0
    until: int = 0
    level: int = 0


@dataclass
class Plain:
    """A wallet on paper."""

    policy: Policy
    lots: list[Sheet] = field(default_factory=list)
    owed: int = 0
    at: int = 0
    payments: dict[str, Paid] = field(default_factory=dict)
    holds: dict[int, Held] = field(default_factory=dict)
    monthly: dict[str, Monthly] = field(default_factory=dict)

    def open(self) -> list[Sheet]:
        return sorted(
            (lot for lot in self.lots if lot.active and lot.free),
            key=lambda lot: lot.place(self.policy.order),
        )

    def totals(self) -> Totals:
        return Totals(
            available=sum(lot.free for lot in self.open()),
            held=sum(lot.held for lot in self.lots),
            frozen=sum(lot.frozen for lot in self.lots),
            pending=sum(lot.free for lot in self.lots if not lot.active),
            owed=self.owed,
            paid=sum(lot.free for lot in self.open() if lot.paid),
            scoped=sum(lot.free for lot in self.open() if lot.scope),
        )

    # Time

    def apply_due(self, now: int) -> None:
        """What time did by ``now``, in order of the instants; at one instant holds end first, then rollovers, expiries,
        allowances, activations."""
        while True:
            event = min(
                (one for one in self._events() if one[0] <= now), default=None, key=lambda one: one[:3]
            )
            if event is None:
                return
            instant, kind, _, what = event
            self.at = max(self.at, instant)
            if kind == 0:
                self._time_out(what, instant)
            elif kind == 1:
                self._roll(what, instant)
            elif kind == 2:
                what.breakage += what.leave(what.free)
            elif kind == 3:
                self.credit(what, instant)
            else:
                what.active = True
                self.repay(what)

    def _events(self) -> Iterator[tuple[int, int, Any, Any]]:
        yield from ((hold.until, 0, (seq,), hold) for seq, hold in self.holds.items())
        for lot in self.open():
            if lot.expires_at is not None:
                rolls = lot.rule and lot.expires_at >= self.at and self._carried(lot)
                yield lot.expires_at, 1 if rolls else 2, lot.place(self.policy.order), lot
        for name, one in self.monthly.items():
            if one.running:
                yield one.until, 3, (name,), one
        yield from ((lot.effective_at, 4, (lot.born,), lot) for lot in self.lots if not lot.active)

    def _time_out(self, hold: Held, instant: int) -> None:
        self.give_back(hold, hold.steps, instant, instant - 1)
        del self.holds[hold.seq]

    def _carried(self, lot: Sheet) -> int:
        rule = lot.rule
        if rule is None or (rule.times is not None and lot.rolled >= rule.times):
            return 0
        before = sum(
            new.grant.amount
            for new in self.lots
            if new.rule and new.rule.name == rule.name and new.rolled and new.effective_at == lot.expires_at
        )
        wanted = max(rule.least - before, floor(lot.free * rule.fraction))
        return max(0, min(lot.free, wanted if rule.most is None else min(rule.most - before, wanted)))

    def _roll(self, lot: Sheet, instant: int) -> None:
        carried = self._carried(lot)
        money = lot.leave(carried)
        lot.moved += money
        assert lot.rule
        cost = Money(money, lot.grant.cost.currency) if lot.grant.cost else None
        grant = Grant(carried, "rollover", lot.grant.priority, cost=cost)
        new = self.sheet(grant, instant, lot.rule.ends(instant), lot.repays)
        new.scope, new.rule, new.rolled, new.active = lot.scope, lot.rule, lot.rolled + 1, True
        self.lots.append(new)
        # What is not carried expires at the same instant, and a lot ends once.
        lot.breakage += lot.leave(lot.free)
        lot.rule = None

    def credit(self, one: Monthly, at: int) -> int:
        """What an allowance grants at this instant: the whole of a period, or the difference for what is left of it."""
        level = one.level if at < one.until else 0
        if at >= one.until:
            one.since, one.until = one.periods(at)
        share = Fraction(one.until - at, one.until - one.since)
        steps = floor(max(0, one.amount - level) * share)
        one.level = max(level, one.amount)
        if steps:
            lot = self.sheet(Grant(steps, "allowance"), at, one.until if one.ends else None, one.repays)
            lot.rule, lot.active = one.rule, True
            self.lots.append(lot)
            self.repay(lot)
        return steps

    # Acts

    def sheet(self, grant: Grant, at: int, expires_at: int | None, repays: bool) -> Sheet:
        return Sheet(
            born=len(self.lots),
            grant=grant,
            effective_at=at if grant.effective_at is None else grant.effective_at,
            expires_at=expires_at,
            repays=repays,
            left=grant.amount,
            basis=grant.cost.amount if grant.cost else 0,
            of=grant.amount if grant.cost else 0,
        )

    def granted(self, grant: Grant, seq: int, now: int) -> Sheet:
        self.at = max(self.at, now)
        inclusive = grant.expires_at is not None and self.policy.expiry_boundary == "inclusive"
        expires_at = grant.expires_at + inclusive if grant.expires_at is not None else None
        lot = self.sheet(grant, now, expires_at, self.policy.repay_first)
        lot.seq, lot.scope = seq, grant.terms.scope
        lot.active = lot.effective_at <= now
        self.lots.append(lot)
        if lot.active:
            self.repay(lot)
        return lot

    def payable(self, meter: str | None, overdraft: int = 0) -> int:
        """The largest burn there can be: of which promotional credits pay their share at most."""
        free = sum(lot.free for lot in self.eligible(meter) if not lot.paid)
        paid = sum(lot.free for lot in self.eligible(meter) if lot.paid) + overdraft
        share = Fraction(self.policy.promotional_share_max)
        return free + paid if share == 1 else min(free + paid, floor(paid / (1 - share)))

    def eligible(self, meter: str | None) -> list[Sheet]:
        return [lot for lot in self.open() if not lot.scope or meter in lot.scope]

    def chosen(self, amount: int, meter: str | None, overdraft: int = 0) -> Draws:
        """Which lots give how much of ``amount``, which there is."""
        share = Fraction(self.policy.promotional_share_max)
        budget = {True: 10**40, False: floor(share * amount) if share < 1 else 10**40}
        lots = self.eligible(meter)
        if self.policy.stacking != "free":
            lots.sort(key=lambda lot: lot.paid is (self.policy.stacking == "promotional_first"))
        draws = []
        for lot in lots:
            steps = min(amount, lot.free, budget[lot.paid])
            if steps:
                draws.append((lot, steps))
                amount -= steps
                budget[lot.paid] -= steps
        return draws

    def spend(self, draws: Draws) -> list[tuple[Sheet | None, int, int]]:
        """The steps leave their lots, earned."""
        parts: list[tuple[Sheet | None, int, int]] = []
        for lot, steps in draws:
            money = lot.leave(steps)
            lot.recognised += money
            parts.append((lot, steps, money))
        return parts

    def burned(self, amount: int) -> Draws:
        """Takes as much of ``amount`` as there is, whatever its scope; which lots gave how much."""
        draws = []
        for lot in self.open():
            steps = min(amount, lot.free)
            if steps:
                lot.recognised += lot.leave(steps)
                draws.append((lot, steps))
                amount -= steps
        return draws

    def hold(self, seq: int, amount: int, until: int, extra: bool, meter: str | None) -> Draws:
        draws = self.chosen(amount, meter)
        for lot, steps in draws:
            lot.left -= steps
            lot.held += steps
        self.holds[seq] = Held(seq, until, extra, meter, list(draws))
        return draws

    def give_back(self, hold: Held, steps: int, at: int, ended_by: int | None = None) -> None:
        """Gives steps of a hold back, the last taken first; alive lots pay what is owed, those that have ended roll no
        more."""
        while steps:
            lot, part = hold.parts.pop()
            back = min(steps, part)
            if part > back:
                hold.parts.append((lot, part - back))
            lot.held -= back
            lot.left += back
            steps -= back
            self._end(lot, at if ended_by is None else ended_by)
            if lot.expires_at is None or lot.expires_at > at:
                self.repay(lot)

    def _end(self, lot: Sheet, by: int) -> None:
        if lot.expires_at is not None and lot.expires_at <= by:
            lot.rule = None

    def capture(self, hold: Held, steps: int) -> list[tuple[Sheet | None, int, int]]:
        """Held steps are spent, the first taken first."""
        parts: list[tuple[Sheet | None, int, int]] = []
        while steps:
            lot, part = hold.parts.pop(0)
            taken = min(steps, part)
            if part > taken:
                hold.parts.insert(0, (lot, part - taken))
            lot.held -= taken
            lot.left += taken
            money = lot.leave(taken)
            lot.recognised += money
            parts.append((lot, taken, money))
            steps -= taken
        return parts

    def reversed(self, spent: Spent, amount: int, seq: int, now: int) -> list[tuple[Sheet, int]]:
        """Gives steps of a burn back, the last taken first: debt, then lots; where debt was repaid, as a new lot."""
        skip, back = spent.back, []
        spent.back += amount
        for lot, steps, money in reversed(spent.parts):
            skipped = min(skip, steps)
            part = min(amount, steps - skipped)
            skip, amount = skip - skipped, amount - part
            if not part:
                continue
            if lot is None:
                owed = min(part, self.owed)
                self.owed -= owed
                if part > owed:
                    new = self.sheet(Grant(part - owed, "compensation"), now, None, True)
                    new.seq, new.active = seq, True
                    self.lots.append(new)
                continue
            value = money * (skipped + part) // steps - money * skipped // steps
            lot.come_back(part, value)
            lot.recognised -= value
            back.append((lot, part))
            self._end(lot, now)
            if lot.expires_at is None or lot.expires_at > now:
                self.repay(lot)
        return back

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
            self.repay(lot)
        lot.frozen = min(frozen, lot.left)
        paid.clawed, paid.refunded = clawed, refunded
        self.apply_due(now)

    def _refund(self, lot: Sheet, steps: int, money: int) -> None:
        """Money comes off what is deferred, then off what was recognised; n and x start again."""
        exhausted = lot.deferred - money
        lot.left -= steps
        lot.refunded += money
        if exhausted < 0 or not (lot.left + lot.held):
            lot.recognised += exhausted
            exhausted = 0
        lot.basis, lot.of, lot.gone = exhausted, lot.left + lot.held, 0

    def repay(self, lot: Sheet) -> None:
        steps = min(self.owed, lot.free) if lot.repays else 0
        self.owed -= steps
        lot.recognised += lot.leave(steps)
