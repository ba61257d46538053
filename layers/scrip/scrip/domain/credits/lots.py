"""Lots: what one grant added and what is left of it, its money, and its place in the order of taking.

Money (law 8): ``x`` counts the credits that have left the lot since its money was last set, out of ``n``; a step from
x₀ to x₁ moves ``basis·x₁//n − basis·x₀//n`` minor units to the step's reason. So no split ever loses or makes a minor
unit, and an emptied lot has given exactly its basis. The tax that was paid with it is a second stream over the same
``n`` and ``x``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from scrip.domain.credits.limits import DEFAULT_PRIORITY, LARGEST_TOTAL
from scrip.domain.credits.units import BY, LotOrder

Kind = Literal["paid", "promotional", "refund", "compensation", "allowance", "rollover", "transfer"]
"""How a lot came into its wallet."""
KINDS: Final[tuple[Kind, ...]] = (
    "paid",
    "promotional",
    "refund",
    "compensation",
    "allowance",
    "rollover",
    "transfer",
)
Fate = Literal["", "depleted", "expired", "voided"]
FATES: Final[tuple[Fate, ...]] = ("", "depleted", "expired", "voided")
NOTE: Final = "note"
"""The kind of sidecar that says what is stored of a lot beside its numbers, under the lot's sequence."""


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units of an ISO 4217 currency."""

    amount: int
    currency: str


class Lot(NamedTuple):
    """What a grant added and what is left of it. Amounts are credit steps, instants are epoch milliseconds.

    It is a tuple, because a decision makes and compares so many: a copy with a change takes a fifth of a dataclass's
    time.

    Attributes:
        seq: the sequence of the entry that granted it; it names the lot within its wallet.
        granted: what the grant added; it never changes.
        remaining: what is left, with the frozen part and without the held part.
        held: what open holds have set aside.
        frozen: the part of ``remaining`` that is under dispute or waits for a refund.
        effective_at, expires_at: the lot lives in ``[effective_at, expires_at)``; None: it does not expire.
        inclusive: the caller's ``expires_at`` was the last living instant (one less than the one here).
        cost: money paid for the whole lot at its grant; None for credits that cost nothing. It never changes,
            because it decides the order.
        basis, n: the money that is still to be divided, and the credits that it is divided over. They start as
            ``cost.amount`` and ``granted`` and start again at a refund.
        noted: whether a note (source, terms, metadata) is stored for it.
        repays: whether debt is repaid out of it before it can be spent (the unit's policy at the grant).
        lacking: whether a clawback of it found some of its credits burned: what comes back to it pays for these first.
        terms: the code of its terms among the wallet's (see ``terms``); 0 where it has none.
        scoped: whether its terms name the only meters that it may pay for.
        rolls: whether its terms say what becomes of it at its end; ``rolled``: how often that has happened.
        fate: how it ended; empty while something is left.
        tax: the tax that is still to be divided, minor units of ``cost``'s currency. It starts as what was paid
            besides ``cost`` and starts again with ``basis``.
        tax_at_redemption: whether that tax is due as the credits are spent; else it was due when they were bought.
        moved_money, moved_tax: minor units of basis and of tax that are another lot's by now: the credits were
            transferred or rolled over, or their money was kept as credit.
        moved_tax_before: the part of ``moved_tax`` that had moved when ``tax`` last started again.
        unused: steps that left it unspent (expired, voided, debited) and that no refund has counted yet. Only lots
            with ``cost`` count them.
        breakage, returned: minor units of the cost basis of credits that ended unspent, and those that went back.
        lost: the part of ``returned`` that the lot neither had nor had earned: its credits are another lot's.
        unpaid: minor units of the cost basis that were never paid: the lot was a mistake.
        notices: which notices of its end its terms call for: twice the number under which the unit keeps their spans,
            and one more where a lot with cost basis does not end unannounced; 0: none.
        waits: whether its end is not its end yet: it has to be announced, and no notice of it was delivered in time.
    """

    seq: int
    kind: Kind
    granted: int
    remaining: int
    effective_at: int
    expires_at: int | None = None
    priority: int = DEFAULT_PRIORITY
    cost: Money | None = None
    basis: int = 0
    n: int = 0
    held: int = 0
    frozen: int = 0
    inclusive: bool = False
    noted: bool = False
    repays: bool = True
    terms: int = 0
    scoped: bool = False
    rolls: bool = False
    rolled: int = 0
    fate: Fate = ""
    lacking: bool = False
    tax: int = 0
    tax_at_redemption: bool = False
    moved_money: int = 0
    moved_tax: int = 0
    moved_tax_before: int = 0
    unused: int = 0
    breakage: int = 0
    returned: int = 0
    lost: int = 0
    unpaid: int = 0
    notices: int = 0
    waits: bool = False

    @property
    def spendable(self) -> int:
        """Returns the steps that a burn could take, given that the lot lives."""
        return self.remaining - self.frozen

    @property
    def deferred(self) -> int:
        """Returns the minor units that are not yet earned, refunded or expired."""
        return self.basis - self._earned(self.remaining + self.held)

    @property
    def recognised(self) -> int:
        """Returns the minor units that were earned and not given back: all that is nowhere else (law 8)."""
        gone = self.deferred + self.breakage + self.returned + self.unpaid + self.moved_money - self.lost
        return (self.cost.amount if self.cost else 0) - gone

    @property
    def deferred_tax(self) -> int:
        """Returns the minor units of tax that are still the lot's credits'."""
        return self.tax - self._gone(self.tax, self.remaining + self.held)

    def _earned(self, left: int) -> int:
        """Returns the minor units earned of the basis when ``left`` steps are left, rounded down."""
        return self._gone(self.basis, left)

    def _gone(self, money: int, left: int) -> int:
        """Returns the part of ``money`` that has gone when ``left`` steps are left, rounded down."""
        return money * (self.n - left) // self.n if self.n else money

    def tax_of(self, steps: int) -> int:
        """Returns the minor units of tax that leave with the next ``steps`` credits."""
        left = self.remaining + self.held
        return self._gone(self.tax, left - steps) - self._gone(self.tax, left)

    def lives(self, now: int) -> bool:
        """Returns whether the lot is effective and not expired at ``now``."""
        return self.effective_at <= now and not self.expired(now)

    def expired(self, now: int) -> bool:
        """Returns whether the lot's last instant is over at ``now``. One that waits for a notice has none."""
        return self.expires_at is not None and self.expires_at <= now and not self.waits

    @property
    def turns_at(self) -> int | None:
        """Returns when time does something to it: its end, or the last instant before an end that is to be moved."""
        return None if self.expires_at is None else self.expires_at - self.waits

    def turns(self, now: int) -> bool:
        """Returns whether time has done something to it by ``now``."""
        return self.expires_at is not None and self.expires_at - self.waits <= now

    def unannounced(self) -> Lot:
        """Returns the lot as nobody was told of its end: it waits for a notice where its terms call for one."""
        waits = bool(self.notices & 1 and self.cost and self.expires_at is not None)
        return self if waits == self.waits else self._replace(waits=waits)

    def less(self, steps: int, fate: Fate = "depleted") -> tuple[Lot, int]:
        """Takes ``steps`` out of the remaining credits; returns the lot after it, and the minor units that leave it.

        Raises:
            ValueError: there are not so many.
        """
        if not 0 <= steps <= self.remaining:
            raise ValueError(f"lot {self.seq} has {self.remaining}, not {steps}")
        left = self.remaining + self.held
        value = self._earned(left - steps) - self._earned(left) if self.cost else 0
        return self._replace(remaining=self.remaining - steps, fate="" if left > steps else fate), value

    def held_less(self, steps: int) -> tuple[Lot, int]:
        """Takes ``steps`` out of the held credits; returns the lot after it, and the minor units that leave it.

        Raises:
            ValueError: there are not so many.
        """
        if not 0 <= steps <= self.held:
            raise ValueError(f"lot {self.seq} holds {self.held}, not {steps}")
        freed = self._replace(remaining=self.remaining + steps, held=self.held - steps)
        return freed.less(steps)

    def set_aside(self, steps: int) -> Lot:
        """Moves ``steps`` of the remaining credits to the held ones; back where ``steps`` is negative."""
        return self._replace(remaining=self.remaining - steps, held=self.held + steps, fate="")

    def restored(self, steps: int, money: int, tax: int = 0) -> Lot:
        """Puts ``steps`` credits back that had left with ``money`` and ``tax`` (minor units); returns the lot (law 7).

        If nothing happened to its money in between, x counts back. Otherwise basis, tax, ``n`` and x start again. Tax
        that was due at the purchase comes back only where x counts back: nobody has divided it since. It is never more
        than what did not move to other lots since it started again: rounding would count a minor unit twice.
        """
        after = self._replace(remaining=self.remaining + steps, fate="")
        if not self.cost:
            return after
        left, whole_tax = after.remaining + after.held, self.deferred_tax + tax
        counts_back = left <= self.n and after.deferred == self.deferred + money
        if counts_back and not self.tax_at_redemption:
            whole_tax = min(after.deferred_tax, self.tax - self.moved_tax + self.moved_tax_before)
        if counts_back and after.deferred_tax == whole_tax:
            return after
        return after.started_again(self.deferred + money, whole_tax, left)

    def started_again(self, basis: int, tax: int, n: int) -> Lot:
        """Returns the lot with money and tax (minor units) that are divided from now on, over ``n`` steps."""
        return self._replace(basis=basis, tax=tax, n=n, moved_tax_before=self.moved_tax)

    def moved(
        self, seq: int, kind: Kind, steps: int, money: Money | None, tax: int = 0, **changes: Any
    ) -> Lot:
        """Makes a lot of its own of ``steps`` that left this lot with ``money`` and ``tax`` (minor units).

        It has this lot's terms but for ``changes``, and its cost basis is that money (law 7). Nobody was told of its
        end.
        """
        made = self._replace(
            seq=seq,
            kind=kind,
            granted=steps,
            remaining=steps,
            held=0,
            frozen=0,
            lacking=False,
            cost=money,
            basis=money.amount if money else 0,
            n=steps if money else 0,
            tax=tax,
            moved_money=0,
            moved_tax=0,
            moved_tax_before=0,
            unused=0,
            breakage=0,
            returned=0,
            lost=0,
            unpaid=0,
            **changes,
        )
        return made.unannounced()

    def ended(self, **changes: Any) -> Lot:
        """Returns the lot after its end was booked: whatever comes back to it later expires and does not roll over."""
        return self._replace(rolls=False, rolled=0, terms=self.terms if self.scoped else 0, **changes)

    def value(self, amount: int) -> Money | None:
        """Returns ``amount`` minor units in the lot's currency; None for a lot that cost nothing."""
        return Money(amount, self.cost.currency) if self.cost else None

    def refunded(self, steps: int, money: int, tax: int = 0) -> tuple[Lot, int, int]:
        """Takes ``steps`` credits, ``money`` and ``tax`` (minor units) back for a refund.

        The money comes off what is deferred. If it is more than that, the excess comes off what was earned.

        Returns the lot, with basis, tax, n and x started again; the change of what is earned: negative where earned
        money went back, positive where the last of a lot's money had no credits left to wait for; and likewise the
        change of the tax that was due.
        """
        left = self.remaining - steps + self.held
        rest, rest_tax = self.deferred - money, self.deferred_tax - tax
        earned = rest if rest < 0 or not left else 0
        due = rest_tax if rest_tax < 0 or not left else 0
        after = self._replace(remaining=self.remaining - steps)
        after = after.started_again(rest - earned, rest_tax - due, left)
        return _ended(after, "voided"), earned, due


def order_key(lot: Lot, order: LotOrder) -> str:
    """Returns a text that sorts lots into the order in which credits are taken.

    The same key orders a list of lots and the pages of a wallet. ``priority_expiry_cost`` is Scrip's own: priority,
    expiry (those without one last), lots that cost nothing first, the currency's code, lower cost per credit in that
    currency, ``effective_at``, sequence of the grant. The others follow the product whose name they bear.

    Cost per credit is compared exactly: two fractions with denominators up to 10^27 differ by at least 10^-54, so 55
    decimals tell them apart. A code of letters sorts after the digits that begin the key of a lot without cost, and
    after the key of any page that was named before codes were part of it.
    """
    priority = f"{lot.priority:02x}"
    if BY[order] != order:
        # Within a priority, what fewer things can use goes first.
        priority += "0" if lot.scoped else "1"
    expiry = f"{lot.expires_at:012x}" if lot.expires_at is not None else "f" * 12
    age = f"{lot.seq:010x}"
    match BY[order]:
        case "priority_expiry_cost":
            currency = lot.cost.currency if lot.cost else ""
            cost = lot.cost.amount * 10**55 // lot.granted + 1 if lot.cost else 0
            digits = f"{cost:x}"
            return f"{priority}{expiry}{currency}{len(digits):02x}{digits}{lot.effective_at:012x}{age}"
        case "stripe":
            paid = "1" if lot.cost or lot.kind == "paid" else "0"
            return f"{priority}{expiry}{paid}{lot.effective_at:012x}{age}"
        case "openmeter":
            seconds = f"{lot.expires_at // 1000:012x}" if lot.expires_at is not None else "f" * 12
            return f"{priority}{seconds}{age}"
        case "lago":
            return f"{priority}{'1' if lot.kind == 'paid' else '0'}{age}"
        case "flexprice":
            return f"{priority}{expiry}{LARGEST_TOTAL - lot.granted:023x}{age}"


def lot_facts(lot: Lot, scope: Sequence[str] = ()) -> dict[str, Any]:
    """Returns a lot as JSON values for an entry; amounts are texts of credit steps, instants epoch milliseconds."""
    facts: dict[str, Any] = {
        "seq": lot.seq,
        "kind": lot.kind,
        "granted": str(lot.granted),
        "remaining": str(lot.remaining),
        "priority": lot.priority,
        "effective_at": lot.effective_at,
    }
    if lot.expires_at is not None:
        facts["expires_at"] = lot.expires_at
        facts["inclusive"] = lot.inclusive
    if lot.cost:
        facts["cost"] = [lot.cost.amount, lot.cost.currency]
    if lot.tax or lot.tax_at_redemption:
        facts["tax"] = [lot.tax, "redemption" if lot.tax_at_redemption else "purchase"]
    if scope:
        facts["scope"] = list(scope)
    for name, steps in (("held", lot.held), ("frozen", lot.frozen)):
        if steps:
            facts[name] = str(steps)
    if lot.fate:
        facts["fate"] = lot.fate
    if lot.notices:
        facts["notices"] = lot.notices
    return facts


def _ended(lot: Lot, fate: Fate) -> Lot:
    """Sets the lot's fate where nothing is left of it, and clears it where something is."""
    return lot._replace(fate="" if lot.remaining or lot.held else fate)
