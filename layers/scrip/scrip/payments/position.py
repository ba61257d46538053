"""The position that a payment's facts add up to (laws 8 and 9), and whether they are our order's at all.

``target`` says where credits and money should stand; whoever posts it posts the difference to what was
posted before. Credits are integers of the unit's smallest step, money is integers in minor units. Fractions
are exact and rounded once, over the sum. Pure, standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from scrip.payments.facts import Paid, PaymentFacts, Refund


@dataclass(frozen=True, slots=True)
class Position:
    """Where a payment's facts say its credits should stand; cumulative, never a change.

    ``granted``, ``clawed`` and ``frozen`` are credit steps, ``refunded`` is the part of the cost basis
    given back, in minor units of the payment's currency. Always: clawed + frozen <= granted.
    """

    granted: int = 0
    clawed: int = 0
    frozen: int = 0
    refunded: int = 0


def target(facts: PaymentFacts, face: int, basis: int) -> Position:
    """The position for ``facts`` of an order of ``face`` credit steps bought for ``basis`` minor units
    without tax.

    Clawed is ceil(face x refunded / total), rounded once over all refunds that succeeded and never above
    the face; pending refunds freeze their share of what is left. Both sides of the fraction include tax, so
    tax cancels out. While the payment is not known to be paid, nothing is granted, so nothing can be taken
    back. A refund whose share cannot be computed counts nothing here and is named by ``unusable_refunds``.
    """
    if facts.paid is None:
        return Position()
    shares = {"pending": Fraction(0), "succeeded": Fraction(0), "failed": Fraction(0)}
    for refund in facts.refunds:
        shares[refund.status] += _share(facts.paid, refund) or 0
    given_back = min(shares["succeeded"], Fraction(1))
    clawed = min(face, ceil(face * given_back))
    return Position(
        granted=face,
        clawed=clawed,
        frozen=min(face - clawed, ceil(face * shares["pending"])),
        refunded=min(basis, floor(basis * given_back)),
    )


def unusable_refunds(facts: PaymentFacts) -> tuple[str, ...]:
    """A sentence for each refund that ``target`` had to leave out: park the payment with these, and alarm."""
    if facts.paid is None:
        return ()
    paid = facts.paid
    settled = f", settled in {paid.settlement_currency}" if paid.settlement_currency else ""
    return tuple(
        f"refund {refund.refund_id} of {'unknown amount' if refund.amount is None else refund.amount}"
        f" {refund.currency or paid.currency} has no share of {paid.total} {paid.currency}{settled}"
        for refund in facts.refunds
        if refund.status != "failed" and _share(paid, refund) is None
    )


def mismatch(paid: Paid, price_amount: int, price_currency: str) -> str | None:
    """What differs between a payment and its order's price (minor units, without tax), or None: they match.

    A payment that does not match is parked and alarmed, never granted: a discount, another currency or
    another product than the order's would otherwise buy the whole face.
    """
    if paid.currency != price_currency:
        return f"paid in {paid.currency}, the order is in {price_currency}"
    net = paid.total - (paid.tax or 0)
    if net != price_amount:
        return f"paid {net} {paid.currency} without tax, the order costs {price_amount} {price_currency}"
    return None


def _share(paid: Paid, refund: Refund) -> Fraction | None:
    """The part of the payment that this refund is; None where nothing sound can be said.

    A refund may be expressed in the currency paid or in the one settled in (Dodo's refund items default to
    the second), so it is divided by the amount of the same currency; converting with a rate of our own
    would be a guess. With adaptive pricing a buyer can get back more than was paid: the caps are in
    ``target``.
    """
    if refund.full:
        return Fraction(1)
    currency = refund.currency or paid.currency
    whole = {paid.settlement_currency: paid.settlement_amount, paid.currency: paid.total}.get(currency)
    if refund.amount is None or not whole:
        return None
    return Fraction(refund.amount, whole)
