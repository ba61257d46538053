"""What a refund that is not asked for yet would come to: credits, money, tax, and the most that there is to give
back.

A refund of a payment of ``total`` that bought ``face`` credit steps takes ``ceil(face x all refunded / total)`` steps
in sum (see ``target``), so each refund takes the difference that it makes. Money that is kept and becomes credit
counts by itself, rounded down: then what went back as money and what was kept never take more than the face between
them. Fractions are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from scrip.domain.payments.facts import PaymentFacts
from scrip.domain.payments.target import Stated, gross, share


@dataclass(frozen=True, slots=True)
class Sold:
    """What a payment bought, and what of it is there.

    Attributes:
        face: credit steps of the order.
        basis: its price, minor units without tax.
        kept: money of this payment that became credit, minor units with tax.
        clawed: credit steps taken back for facts so far.
        remaining: credit steps left in the lot, those frozen included, those held not.
    """

    face: int
    basis: int
    kept: int
    clawed: int
    remaining: int


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What a refund of ``amount`` would come to. Credits in steps, money in minor units of the payment's currency.

    Attributes:
        amount: what is refunded, tax included; ``tax`` is the part of it that is tax, ``net`` the rest.
        credits: the steps that it takes.
        allowed: whether it needs nobody's force.
        most: the largest amount that takes no credit that is spent, held, or frozen for something else.
        left: the largest amount there is to refund at all.
        refunded, pending, kept: what went back, what may yet, and what became credit; tax included.
    """

    amount: int
    tax: int
    net: int
    credits: int
    allowed: bool
    most: int
    left: int
    refunded: int
    pending: int
    kept: int


def as_money(facts: PaymentFacts, stated: Stated, sold: Sold, amount: int | None = None) -> RefundQuote:
    """Quotes a refund through the provider; without an amount, of all that can be. The payment must be paid."""
    gone, open_ = _shares(facts, stated)
    return _quote(facts, stated, sold, amount, gone + open_, ceil)


def as_credit(facts: PaymentFacts, stated: Stated, sold: Sold, amount: int | None = None) -> RefundQuote:
    """Quotes a refund as credit: the money is kept, and as many credits come back as a lot of their own.

    The payment must be paid.
    """
    assert facts.paid is not None
    return _quote(facts, stated, sold, amount, Fraction(sold.kept, facts.paid.total or 1), floor)


def kept_part(face: int, basis: int, total: int, kept: int) -> tuple[int, int]:
    """Returns the credit steps, and the minor units of cost basis, of the money that became credit.

    Args:
        face, basis: of the order, in steps and in minor units without tax.
        total: what was paid; ``kept``: the part of it that became credit. Minor units with tax.
    """
    return (face * kept // total, basis * kept // total) if total else (0, 0)


def _quote(
    facts: PaymentFacts,
    stated: Stated,
    sold: Sold,
    amount: int | None,
    before: Fraction,
    rounded: Callable[[Fraction], int],
) -> RefundQuote:
    """Quotes one way of refunding.

    Args:
        before: the part of the payment that was refunded in the same way before.
        rounded: rounds the credits of all that was refunded that way, in sum.
    """
    assert facts.paid is not None
    face, tax = sold.face, facts.paid.tax or 0
    # Of nothing there is nothing to give back.
    total = facts.paid.total
    if not total:
        return RefundQuote(
            amount or 0, 0, amount or 0, 0, allowed=False, most=0, left=0, refunded=0, pending=0, kept=0
        )
    gone, open_ = _shares(facts, stated)
    # What is frozen stays for what froze it: whichever of them come true, the lot must have enough.
    free = sold.remaining - (ceil(face * (gone + open_)) - sold.clawed)

    def taken(minor_units: int) -> int:
        return rounded(face * (before + Fraction(minor_units, total))) - rounded(face * before)

    back = gross(facts, stated)
    back_now = min(back["taken"], Fraction(1))
    back_yet = min(back["frozen"], 1 - back_now)
    left = max(0, floor(total * (1 - back_now - back_yet)) - sold.kept)
    unspent = Fraction(free + rounded(face * before), face) - before
    most = left if taken(left) <= free else max(0, floor(total * unspent))
    wanted = most if amount is None else amount
    after = before + Fraction(wanted, total)
    # Up, as the target's price goes down: together they are what is refunded, to the minor unit.
    taxed = ceil(tax * after) - ceil(tax * before)
    credits = taken(wanted)
    return RefundQuote(
        amount=wanted,
        tax=taxed,
        net=wanted - taxed,
        credits=credits,
        # Money that is kept must come to a credit: there is no lot of none.
        allowed=0 < wanted <= most and (credits > 0 or rounded is ceil),
        most=most,
        left=left,
        refunded=ceil(total * back_now),
        pending=ceil(total * back_yet),
        kept=sold.kept,
    )


def _shares(facts: PaymentFacts, stated: Stated) -> tuple[Fraction, Fraction]:
    """Returns the parts of the payment that are taken back and that open ones may yet take; together 1 at most."""
    shares = share(facts, stated)
    gone = min(shares["taken"], Fraction(1))
    return gone, min(shares["frozen"], 1 - gone)
