"""The target that a payment's facts add up to (laws 8 and 9), and whether they are our order's at all.

``target`` says what credits and money should be; whoever posts it posts the difference to the ``Position``, what is
posted already. Credits are integers of the unit's smallest step, money is integers in minor units. Fractions are exact
and rounded once, over the sum. Does not own the posting (``domain.wallets.position``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal

from scrip.domain.payments.delivery import Parked
from scrip.domain.payments.facts import Dispute, Paid, PaymentFacts, Refund, about
from scrip.domain.wallets.position import GivenBack, Target

Effect = Literal["frozen", "taken", "none"]
_REFUND: Final[Mapping[str, Effect]] = {"pending": "frozen", "succeeded": "taken", "failed": "none"}
# An end that contradicts another of the same stage decides nothing: frozen until somebody asks the provider.
_DISPUTE: Final[Mapping[str, Effect]] = {
    "open": "frozen",
    "contradicted": "frozen",
    "lost": "taken",
    "won": "none",
}


Stated = Mapping[str, int]
"""Amounts that a person has stated, by what they are of (``refund:re_1``): minor units of the payment's currency, in
the place of one that the provider did not say, or said in a currency of no use."""


def void(facts: PaymentFacts, settled: Collection[str] = ()) -> bool:
    """Tells whether a payment buys nothing by its facts: then what was granted for it goes, all of it.

    It failed late; or parts of it pay orders of their own; or two amounts were said of it, and not all of them are
    ``settled``: known to the person who accepted it.
    """
    said = facts.paid.amounts if facts.paid else ()
    return facts.failed_late or bool(facts.parts) or any(one not in settled for one in said)


def target(
    facts: PaymentFacts, face: int, basis: int, stated: Stated | None = None, settled: Collection[str] = ()
) -> Target:
    """Computes the target of an order of ``face`` credit steps, bought for ``basis`` minor units without tax.

    Clawed is ceil(face x taken / total), rounded once over all refunds that succeeded and disputes that were
    lost, and never above the face; pending refunds and open disputes freeze their share of what is left. Neither
    side of the fraction includes tax, for which no credits were sold (see ``share``). While the payment is not known
    to be paid, or where nothing was paid of a price, nothing is granted, so nothing can be taken back. Whatever share
    cannot be computed counts nothing here and is named by ``unusable``. For ``settled`` see
    ``void``.
    """
    if facts.paid is None or (basis and not facts.paid.total):
        return Target()
    if void(facts, settled):
        return Target(granted=face, clawed=face, refunded=basis)
    shares = share(facts, stated)
    given_back = min(shares["taken"], Fraction(1))
    clawed = min(face, ceil(face * given_back))
    return Target(
        granted=face,
        clawed=clawed,
        frozen=min(face - clawed, ceil(face * shares["frozen"])),
        refunded=min(basis, floor(basis * given_back)),
    )


def given_back(facts: PaymentFacts, stated: Stated | None = None, settled: Collection[str] = ()) -> GivenBack:
    """Computes the tax that goes back with the target's cost basis, and which facts give back how much.

    The tax is the difference of two sums that are rounded down: of all that goes back, and of that without tax.
    """
    paid = facts.paid
    if paid is None:
        return GivenBack()
    if void(facts, settled):
        parts_of = {about(part): part.total or 0 for part in facts.parts.values()}
        return GivenBack(tax=tax_share(paid, Fraction(1)), facts=parts_of or {"payment": paid.total})
    shares, money = share(facts, stated), gross(facts, stated)
    parts = {
        about(part): _share(paid, part, stated or {}) for effect, part in _parts(facts) if effect == "taken"
    }
    return GivenBack(
        tax=_tax_back(paid, min(money["taken"], Fraction(1)), min(shares["taken"], Fraction(1))),
        facts={name: floor(paid.total * part) for name, part in parts.items() if part is not None},
    )


def tax_share(paid: Paid, part: Fraction) -> int:
    """Returns the tax in this part of a payment, minor units: what is not without tax of its rounded sum."""
    return _tax_back(paid, part, part)


def _tax_back(paid: Paid, money: Fraction, net: Fraction) -> int:
    """Returns the tax in this part of all the money, minor units, where it has this part of the money without tax."""
    return floor(paid.total * money) - floor((paid.total - (paid.tax or 0)) * net)


def unusable(facts: PaymentFacts, stated: Stated | None = None) -> Iterator[Parked]:
    """Yields a reason to park the payment for each part that ``target`` had to leave out or cannot decide."""
    if facts.paid is None:
        return
    paid = facts.paid
    settled = f", settled in {paid.settlement_currency}" if paid.settlement_currency else ""
    for effect, part in _parts(facts):
        if effect != "none" and _share(paid, part, stated or {}) is None:
            amount = "unknown amount" if part.amount is None else part.amount
            said = f"{amount} {_currency(paid, part) or 'in an unknown currency'}"
            yield Parked(about(part), f"{said} has no share of {paid.total} {paid.currency}{settled}")
        if isinstance(part, Dispute) and part.status == "contradicted":
            yield Parked(about(part), f"it has two ends in stage {part.stage}: the provider has to be asked")


def unanswered(facts: PaymentFacts) -> Iterator[Parked]:
    """Yields a reason to park the payment for each refund that we asked for and its provider has not told of yet."""
    for refund in facts.open_refunds:
        if refund.only_requested and refund.status == "pending":
            yield Parked(about(refund), "a refund was asked for and not answered yet")


def mismatch(paid: Paid, price_amount: int, price_currency: str) -> str | None:
    """Says what differs between a payment and its order's price (minor units, without tax); None: they match.

    A payment that does not match is parked and alarmed, never granted: a discount, another currency or
    another product than the order's would otherwise buy the whole face.
    """
    if paid.currency != price_currency:
        return f"paid in {paid.currency}, the order is in {price_currency}"
    net = paid.total - (paid.tax or 0)
    if net != price_amount:
        taxed = "without tax" if paid.tax is not None else "and nothing said of tax"
        return f"paid {net} {paid.currency} {taxed}, the order costs {price_amount} {price_currency}"
    return None


def share(facts: PaymentFacts, stated: Stated | None = None) -> Mapping[Effect, Fraction]:
    """Adds up the exact parts of the payment without tax that are ``taken`` and ``frozen``; each may exceed 1.

    The tax in a refund is what its provider says, or else the same part as in the payment; in all of them together it
    is no more than was paid. So tax that goes back alone takes no credits, and the credits are gone when all the money
    is, however it was split.
    """
    return _added(facts, stated or {}, net=True)


def gross(facts: PaymentFacts, stated: Stated | None = None) -> Mapping[Effect, Fraction]:
    """Adds up the exact parts of the payment, tax included, that are ``taken`` and ``frozen``; each may exceed 1."""
    return _added(facts, stated or {}, net=False)


def _added(facts: PaymentFacts, stated: Stated, *, net: bool) -> Mapping[Effect, Fraction]:
    """Adds up parts of the payment: ``net`` of their tax, or with it."""
    paid = facts.paid
    sums = dict.fromkeys(("frozen", "taken", "none"), (Fraction(0), Fraction(0)))
    if paid is not None:
        for effect, part in _parts(facts):
            money, tax = sums[effect]
            whole = _share(paid, part, stated) or Fraction(0)
            sums[effect] = money + whole, tax + _tax_in(paid, part, whole, stated)
    taken, waiting = sums["taken"], sums["frozen"]
    both = taken[0] + waiting[0], taken[1] + waiting[1]
    gone = _part(paid, *taken) if net else taken[0]
    # What is frozen is what would be gone besides: whose tax the bound on all of it cuts must not depend on an order.
    frozen = _part(paid, *both) - gone if net else waiting[0]
    return {"taken": gone, "frozen": frozen, "none": Fraction(0)}


def _part(paid: Paid | None, money: Fraction, tax: Fraction) -> Fraction:
    """Returns the part of a payment without tax that ``money``, a part of it with tax, is without its own ``tax``.

    Args:
        tax: minor units. There is no more of it than was paid; more than all of the money has as much more.
    """
    net = paid.total - (paid.tax or 0) if paid else 0
    if paid is None or net <= 0:
        return money
    return (money * paid.total - min(tax, (paid.tax or 0) * max(money, Fraction(1)))) / net


def _tax_in(paid: Paid, part: Refund | Dispute, whole: Fraction, stated: Stated) -> Fraction:
    """Returns the tax in a part that is ``whole`` of the payment, minor units: what is said, or the payment's share.

    It is never more than the part itself: one whose share cannot be computed counts nothing, whatever tax is said.
    """
    said = part.tax if isinstance(part, Refund) and not part.full and about(part) not in stated else None
    return (paid.tax or 0) * whole if said is None else min(Fraction(said), paid.total * whole)


def _parts(facts: PaymentFacts) -> Iterator[tuple[Effect, Refund | Dispute]]:
    """Yields each refund and dispute, and what it does to the payment's credits."""
    for refund in facts.open_refunds:
        yield _REFUND[refund.status], refund
    for dispute in facts.disputes.values():
        yield _DISPUTE[dispute.status], dispute


def _share(paid: Paid, part: Refund | Dispute, stated: Stated) -> Fraction | None:
    """Returns the part of the payment that this refund or dispute is; None where nothing sound can be said.

    It may be expressed in the currency paid or in the one settled in (Dodo's refund items default to the
    second), so it is divided by the amount of the same currency; converting with a rate of our own would be a
    guess. With adaptive pricing a buyer can get back more than was paid: the caps are in ``target``.
    """
    if not paid.total:
        return Fraction(0)
    by_hand = stated.get(about(part))
    if by_hand is not None:
        return Fraction(by_hand, paid.total)
    if isinstance(part, Refund) and part.full:
        return Fraction(1)
    wholes = {paid.settlement_currency: paid.settlement_amount, paid.currency: paid.total}
    currency = _currency(paid, part)
    whole = wholes.get(currency) if currency else None
    if part.amount is None or not whole:
        return None
    return Fraction(part.amount, whole)


def _currency(paid: Paid, part: Refund | Dispute) -> str | None:
    """Returns the currency of a part; None where nothing is said and it could be either of two."""
    if part.currency or paid.settlement_currency in (None, paid.currency):
        return part.currency or paid.currency
    return None
