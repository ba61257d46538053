"""The same wallet on paper: a list of lots, taken one by one, with no window, no pages and no hurry.

It says the laws as plainly as they can be said, and shares no code with what it checks but the words that commands
are made of. ``life`` compares the two after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from scrip.domain.credits.entries import Draw, Totals
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
    unused: int = 0
    lost: int = 0

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

    def end(self, steps: int) -> None:
        """Steps leave the lot, and nobody spent them: no refund of them makes debt."""
        self.breakage += self.leave(steps)
        self.unused += steps if self.paid else 0

    def place(self, order: str) -> tuple[Any, ...]:
        """Where the lot stands in the order, in the order's own words."""
        grant, priority = self.grant, self.grant.priority
        expiry = self.expires_at if self.expires_at is not None else NEVER
        match order:
            case "priority_expiry_cost":
                cost = Fraction(grant.cost.amount, grant.amount) if grant.cost else Fraction(-1)
                currency = grant.cost.currency if grant.cost else ""
                return priority, expiry, currency, cost, self.effective_at, self.born
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
Back = tuple[Sheet, int, int]
"""A lot that is given credits back, the steps, and the money that had left it with them."""


OWED, OFF = "owed", "written off"
Payer = Sheet | str
"""Who paid a piece of a debt: a lot, nobody yet, or nobody for ever."""


def together(parts: list[Any]) -> list[tuple[int, int, int]]:
    """Parts of the same lot that follow each other as one: lot, steps, money."""
    found: list[tuple[int, int, int]] = []
    for lot, steps, money in parts:
        if found and found[-1][0] == lot:
            found[-1] = lot, found[-1][1] + steps, found[-1][2] + money
        else:
            found.append((lot, steps, money))
    return found


@dataclass(eq=False)
class Debt:
    """A debt on paper, in pieces, each with who paid it, its steps, and the money that they took along.

    ``lot`` is the one that a clawback found burned, ``meters`` what it was for; ``since`` counts debts, and is that of
    the first since which something was owed for the same without a break."""

    lot: Sheet | None
    meters: tuple[str, ...]
    since: int
    pieces: list[tuple[Payer, int, int]]

    @property
    def owed(self) -> int:
        return sum(steps for payer, steps, _ in self.pieces if payer == OWED)


@dataclass
class Paid:
    """What was posted of one payment."""

    lot: Sheet
    clawed: int = 0
    refunded: int = 0
    unused: int = 0
    lost: int = 0


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
    """A burn on paper, for its reversal: its parts in the order taken, each with its money; the last may be debt."""

    parts: list[tuple[Sheet | Debt, int, int]]
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
    debts: list[Debt] = field(default_factory=list)
    at: int = 0
    payments: dict[str, Paid] = field(default_factory=dict)
    holds: dict[int, Held] = field(default_factory=dict)
    monthly: dict[str, Monthly] = field(default_factory=dict)
    shares: dict[tuple[tuple[Any, ...], int], Fraction] = field(default_factory=dict)
    """What of lots that end at an instant rules would carry, whole steps or not: a sum for each rule's name."""

    def open(self) -> list[Sheet]:
        return sorted(
            (lot for lot in self.lots if lot.active and lot.free),
            key=lambda lot: lot.place(self.policy.order),
        )

    @property
    def owed(self) -> int:
        return sum(debt.owed for debt in self.debts)

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
                what.end(what.free)
            elif kind == 3:
                self.credit(what, instant)
            else:
                what.active = True
                self.repay(what, what.free, instant)

    def _events(self) -> Iterator[tuple[int, int, Any, Any]]:
        yield from ((hold.until, 0, (seq,), hold) for seq, hold in self.holds.items())
        for lot in self.open():
            if lot.expires_at is not None:
                rolls = lot.expires_at >= self.at and self._may_roll(lot)
                yield lot.expires_at, 1 if rolls else 2, lot.place(self.policy.order), lot
        for name, one in self.monthly.items():
            if one.running:
                yield one.until, 3, (name,), one
        yield from ((lot.effective_at, 4, (lot.born,), lot) for lot in self.lots if not lot.active)

    def _time_out(self, hold: Held, instant: int) -> None:
        self.give_back(hold, hold.steps, instant, instant - 1)
        del self.holds[hold.seq]

    def _may_roll(self, lot: Sheet) -> bool:
        rule = lot.rule
        return rule is not None and (rule.times is None or lot.rolled < rule.times)

    def _carried(self, lot: Sheet, instant: int) -> int:
        rule = lot.rule
        assert rule
        before = sum(
            new.grant.amount
            for new in self.lots
            if new.rule and new.rule.name == rule.name and new.rolled and new.effective_at == instant
        )
        share = self.shares.get((rule.name, instant), Fraction()) + lot.free * rule.fraction
        self.shares[rule.name, instant] = share
        wanted = max(rule.least, floor(share))
        wanted = wanted if rule.most is None else min(rule.most, wanted)
        return max(0, min(lot.free, wanted - before))

    def _roll(self, lot: Sheet, instant: int) -> None:
        carried = self._carried(lot, instant)
        if not carried:
            lot.breakage += lot.leave(lot.free)
            return
        money = lot.leave(carried)
        lot.moved += money
        assert lot.rule
        cost = Money(money, lot.grant.cost.currency) if lot.grant.cost else None
        grant = Grant(carried, "rollover", lot.grant.priority, cost=cost)
        new = self.sheet(grant, instant, lot.rule.ends(instant), lot.repays)
        new.scope, new.rule, new.rolled, new.active = lot.scope, lot.rule, lot.rolled + 1, True
        self.lots.append(new)
        # What is not carried expires at the same instant, and a lot ends once.
        lot.end(lot.free)
        lot.rule = None

    def credit(self, one: Monthly, at: int) -> int:
        """What an allowance grants at this instant: the whole of a period, or the difference for what is left of it."""
        level = one.level if at < one.until else 0
        if at >= one.until:
            one.since, one.until = one.periods(at)
            one.level = 0
        elif one.periods(at) != (one.since, one.until):
            return 0
        share = Fraction(one.until - at, one.until - one.since)
        steps = floor(max(0, one.amount - level) * share)
        one.level = max(level, one.amount)
        if steps:
            lot = self.sheet(Grant(steps, "allowance"), at, one.until if one.ends else None, one.repays)
            lot.rule, lot.active = one.rule, True
            self.lots.append(lot)
            self.repay(lot, steps, at)
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
            self.repay(lot, lot.free, now)
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

    def spend(self, draws: Draws) -> list[tuple[Sheet | Debt, int, int]]:
        """The steps leave their lots, earned."""
        parts: list[tuple[Sheet | Debt, int, int]] = []
        for lot, steps in draws:
            money = lot.leave(steps)
            lot.recognised += money
            parts.append((lot, steps, money))
        return parts

    def hold(self, seq: int, amount: int, until: int, extra: bool, meter: str | None) -> Draws:
        draws = self.chosen(amount, meter)
        for lot, steps in draws:
            lot.left -= steps
            lot.held += steps
        self.holds[seq] = Held(seq, until, extra, meter, list(draws))
        return draws

    def give_back(self, hold: Held, steps: int, at: int, ended_by: int | None = None) -> None:
        """Gives steps of a hold back, the last taken first, by portions; alive lots pay what is owed, those that have
        ended roll no more."""
        while steps:
            lot, part = hold.parts.pop()
            back = self.portion(lot, min(steps, part))
            if part > back:
                hold.parts.append((lot, part - back))
            lot.held -= back
            lot.left += back
            steps -= back
            self._end(lot, at if ended_by is None else ended_by)
            self.repay(lot, back, at, ended_by)

    def portion(self, lot: Sheet, most: int, known: frozenset[int] = frozenset()) -> int:
        """Steps that come back to a lot and go on to one other at most: so much of a hold is given back by itself."""
        mine = [debt for debt in self.debts if debt.lot is lot and lot.seq not in known]
        unpaid = sum(
            steps for debt in mine for payer, steps, _ in debt.pieces if not isinstance(payer, Sheet)
        )
        others = [
            (payer, steps)
            for debt in mine
            for payer, steps, _ in debt.pieces
            if steps and isinstance(payer, Sheet) and payer is not lot
        ]
        if most <= unpaid or not others:
            return most
        payer, steps = others[-1]
        return unpaid + self.portion(payer, min(most - unpaid, steps), known | {lot.seq})

    def _end(self, lot: Sheet, by: int) -> None:
        if lot.expires_at is not None and lot.expires_at <= by:
            lot.rule = None

    def capture(self, hold: Held, steps: int) -> list[tuple[Sheet | Debt, int, int]]:
        """Held steps are spent, the first taken first."""
        parts: list[tuple[Sheet | Debt, int, int]] = []
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

    def reversed(
        self, spent: Spent, amount: int, now: int, draws: Sequence[Draw], undone: int
    ) -> list[tuple[Sheet, int]]:
        """Gives steps of a burn back, the last taken first: debt, or what repaid it, then lots. Returns what each lot
        got, as ``restore`` does."""
        skip, back, returned = spent.back, list[Back](), list[Back]()
        spent.back += amount
        for lot, steps, money in reversed(spent.parts):
            skipped = min(skip, steps)
            part = min(amount, steps - skipped)
            skip, amount = skip - skipped, amount - part
            if not part:
                continue
            if isinstance(lot, Debt):
                returned += self.undo([lot], part)
                continue
            back.append((lot, part, money * (skipped + part) // steps - money * skipped // steps))
        return self.restore(returned, back, now, draws, undone)

    def undo(self, debts: Sequence[Debt], amount: int) -> list[Back]:
        """Debt is undone: what is owed, then what was written off, then what lots repaid. What goes back to these."""
        back = []
        for of in (lambda payer: payer == OWED, lambda payer: payer == OFF, lambda payer: True):
            for debt in reversed(debts):
                for number, (payer, steps, money) in reversed(list(enumerate(debt.pieces))):
                    part = min(amount, steps) if of(payer) else 0
                    if not part:
                        continue
                    kept = money * (steps - part) // steps
                    debt.pieces[number] = payer, steps - part, kept
                    amount -= part
                    if isinstance(payer, Sheet):
                        back.append((payer, part, money - kept))
        return back

    def restore(
        self, returned: list[Back], back: Sequence[Back], now: int, draws: Sequence[Draw], undone: int
    ) -> list[tuple[Sheet, int]]:
        """Steps go back to their lots with their money: what was ``returned`` to lots that had paid, then ``back``.
        What a lot pays of its own clawback in the place of others is returned to these before anything else goes on.

        A lot that repaid several debts at once took one sum along: which of them had which minor unit, the entry says.
        Its first ``undone`` draws are what was returned. Returns what each lot got, in the order of the entry."""
        said = [(draw.lot, draw.amount, draw.value.amount if draw.value else 0) for draw in draws]
        first, rest = said[:undone], said[undone:]
        lots, done = {lot.seq: lot for lot in self.lots}, 0
        while first or rest:
            here = first if done < sum(steps for _, steps, _ in returned) else rest
            seq, part, money = here.pop(0)
            done += part if here is first else 0
            returned += self._comes_back(lots[seq], part, money, now, now)
        for wanted, given in ((returned, said[:undone]), (back, said[undone:])):
            there, told = together([(lot.seq, *more) for lot, *more in wanted]), together(given)
            assert [one[:2] for one in told] == [one[:2] for one in there]
            assert all(abs(one[2] - other[2]) <= 2 for one, other in zip(told, there, strict=True))
        return [(lot, part) for lot, part, _ in (*returned, *back)]

    def _comes_back(self, lot: Sheet, part: int, money: int, at: int, ended_by: int) -> list[Back]:
        """Returns what goes back to others, since the lot pays in their place."""
        lot.come_back(part, money)
        lot.recognised -= money
        self._end(lot, ended_by)
        return self._repay(lot, part, ended=lot.expires_at is not None and lot.expires_at <= at)

    def posted(
        self, name: str, clawed: int, refunded: int, frozen: int, now: int, draws: Sequence[Draw]
    ) -> None:
        """The payment's lot comes to where its facts say. ``draws``: what a reinstatement gave back to other lots."""
        paid = self.payments[name]
        lot, credits, back = paid.lot, clawed - paid.clawed, refunded - paid.refunded
        mine = [debt for debt in self.debts if debt.lot is lot]
        if credits > 0 or back > 0:
            taken = min(credits, lot.left)
            unused = min(credits - taken, lot.unused)
            lot.frozen -= max(0, taken - lot.free)
            lot.unused -= unused
            paid.unused += unused
            self._refund(lot, taken, back)
            # What was given back and is neither here nor was earned here: its credits went on to another lot.
            lost = max(0, -(lot.recognised + lot.breakage))
            lot.recognised, lot.lost, paid.lost = lot.recognised + lost, lot.lost + lost, paid.lost + lost
            if credits > taken + unused:
                debt = self.owe(lot, lot.scope, credits - taken - unused)
                if self.policy.refund_shortfall == "other_lots":
                    for other in self.open():
                        if self.may_repay(other, debt):
                            self.pay([debt], OWED, other, other.free)
                elif self.policy.refund_shortfall == "write_off":
                    debt.pieces = [(OFF, credits - taken - unused, 0)]
        elif credits < 0 or back < 0:
            short = min(-credits, sum(steps for debt in mine for _, steps, _ in debt.pieces))
            returned = self.undo(mine, short)
            unused = min(-credits - short, paid.unused)
            found = min(-back, paid.lost)
            paid.unused, paid.lost, lot.lost = paid.unused - unused, paid.lost - found, lot.lost - found
            lot.refunded -= found
            self._refund(lot, credits, back + found)
            lot.recognised += lot.leave(short)
            lot.recognised += lot.leave(unused)
            lot.unused += unused
            given = -credits - short - unused
            returned += self._repay(lot, given, ended=lot.expires_at is not None and lot.expires_at <= now)
            self.restore(returned, (), now, draws, len(draws))
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

    def owe(self, lot: Sheet | None, meters: tuple[str, ...], steps: int) -> Debt:
        alike = [debt for debt in self.debts if debt.owed and (debt.lot, debt.meters) == (lot, meters)]
        since = alike[0].since if alike else len(self.debts)
        debt = Debt(lot, meters, since, [(OWED, steps, 0)])
        self.debts.append(debt)
        return debt

    def may_repay(self, lot: Sheet, debt: Debt) -> bool:
        return not lot.scope or (debt.meters != () and all(meter in lot.scope for meter in debt.meters))

    def repay(self, lot: Sheet, came: int, at: int, ended_by: int | None = None) -> None:
        """Of what came into a lot, it pays what it is to pay; what others had paid in its place goes back to them."""
        returned = self._repay(lot, came, ended=lot.expires_at is not None and lot.expires_at <= at)
        for other, part, money in returned:  # which grows
            returned += self._comes_back(other, part, money, at, at if ended_by is None else ended_by)

    def _repay(self, lot: Sheet, came: int, *, ended: bool) -> list[Back]:
        """Of what came into a lot, it pays what its own clawback lacked, also what others paid of that, and then what
        it may, in the order of who has owed longest. Returns what goes back to others."""
        came = min(came, lot.free)
        mine = [debt for debt in self.debts if debt.lot is lot]
        for payer in (OWED, OFF):
            came -= self.pay(mine, payer, lot, came)
        returned = self.pay_for_others(mine, lot, came)
        came -= sum(steps for _, steps, _ in returned)
        if not lot.repays or ended:
            return returned
        purposes: dict[Any, list[Debt]] = {}
        for debt in self.debts:
            if debt.owed and debt.lot is not lot and self.may_repay(lot, debt):
                purposes.setdefault((debt.lot, debt.meters), []).append(debt)
        for debts in sorted(purposes.values(), key=lambda found: found[-1].since):
            came -= self.pay(debts, OWED, lot, came)
        return returned

    def pay_for_others(self, debts: Sequence[Debt], lot: Sheet, most: int) -> list[Back]:
        """A lot pays what others paid of its own clawbacks, the last first. Returns what goes back to them (law 7)."""
        returned: list[Back] = []
        for debt in reversed(debts):
            for number, (payer, steps, took) in reversed(list(enumerate(debt.pieces))):
                part = min(most, steps)
                if not part or not isinstance(payer, Sheet) or payer is lot:
                    continue
                money, kept = lot.leave(part), took * (steps - part) // steps
                lot.recognised += money
                debt.pieces[number : number + 1] = [(payer, steps - part, kept), (lot, part, money)]
                returned.append((payer, part, took - kept))
                most -= part
        return returned

    def pay(self, debts: Sequence[Debt], payer: str, lot: Sheet, most: int) -> int:
        """A lot pays pieces of these debts. Returns how much; what it took along is shared out among the pieces."""
        there = sum(steps for debt in debts for who, steps, _ in debt.pieces if who == payer)
        paid = left = min(most, there)
        money = lot.leave(paid)
        lot.recognised += money
        for debt in debts:
            pieces: list[tuple[Payer, int, int]] = []
            for who, steps, took in debt.pieces:
                part = min(left, steps) if who == payer else 0
                if part:
                    done = paid - left
                    share = money * (done + part) // paid - money * done // paid
                    pieces.append((lot, part, share))
                    left -= part
                if steps > part:
                    pieces.append((who, steps - part, took))
            debt.pieces = pieces
        return paid
