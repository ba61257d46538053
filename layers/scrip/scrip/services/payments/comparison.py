"""One payment as its provider has it against what is kept and posted for it here: what is new, and what differs.

Amounts are minor units of the payment's currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from scrip.domain.payments.facts import Delivery, Dispute, Fact, Paid, PaymentFacts, Refund, Unpaid, about
from scrip.domain.payments.target import target
from scrip.services.payments.orders import StoredOrder
from scrip.services.payments.payment import Payment


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not the same on both sides.

    ``about`` is the payment, one of its refunds or disputes (``refund:re_1``), or ``position``, what is posted;
    ``theirs`` and ``ours`` are its amount there and here, None where it is not there, or no amount is known.
    """

    payment_id: str
    about: str
    reasons: Sequence[str]
    theirs: int | None = None
    ours: int | None = None
    currency: str | None = None
    topup_id: str | None = None
    account: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**asdict(self), "reasons": list(self.reasons)}


def news(payment: Payment, delivery: Delivery) -> Sequence[Finding]:
    """What a delivery says that nobody has told yet. When it happened is told differently by webhooks and lists, what a
    provider is asked ranks higher, and an attempt that came to nothing moved no money: none of this is news."""
    found, known = [], payment.facts
    whole = known.merge_all(delivery.facts).part_of
    for fact in delivery.facts:
        if whole and isinstance(fact, Paid):
            continue  # it is told, and granted, under the other id
        merged = known.merge(fact)
        if _told(merged) != _told(known):
            found.append(_finding(payment, about(fact), [_shown(fact)], theirs=_amount(fact)))
        known = merged
    unread = [
        parked
        for parked in delivery.parked
        if payment.notes.get(parked.about, {}).get("reason") != parked.reason
    ]
    return [*found, *(_finding(payment, parked.about, [parked.reason]) for parked in unread)]


def ungranted(payment: Payment, delivery: Delivery) -> Finding | None:
    """Money that the provider has for nothing granted here; None where there is none, or a person has decided so."""
    facts = payment.facts.merge_all(delivery.facts)
    listed = any(isinstance(fact, Paid) for fact in delivery.facts)
    if not listed or facts.paid is None or facts.part_of or payment.posted.lot:
        return None
    if payment.facts.paid is None:
        reasons: Sequence[str] = ["it was passed on and is not applied yet"]
    elif payment.parked:
        reasons = payment.parked
    elif payment.dismissed:
        return None
    else:
        reasons = ["nothing was granted for it"]
    return _finding(replace(payment, facts=facts), "payment", reasons, theirs=facts.paid.total)


def differences(payment: Payment, delivery: Delivery, order: StoredOrder | None) -> Iterator[Finding]:
    """Amounts that differ for a payment that was granted: of what the delivery tells, and of what is posted for it."""
    facts = payment.facts
    if not payment.posted.lot or facts.paid is None:
        return
    for fact in delivery.facts:
        match fact:
            case Paid() if (fact.total, fact.currency) != (facts.paid.total, facts.paid.currency):
                said = [f"{_shown(fact)} there, {_shown(facts.paid)} here"]
                yield _finding(payment, "payment", said, theirs=fact.total, ours=facts.paid.total)
            case Refund() | Dispute():
                ours = _ours(facts, fact)
                if ours is None or _differ(fact, ours):
                    said = [f"{_shown(fact)} there, {_shown(ours) if ours else 'not known'} here"]
                    known = ours.amount if ours else None
                    yield _finding(payment, about(fact), said, theirs=fact.amount, ours=known)
    if order:
        face, basis = order.body.credits, order.body.price.amount
        wanted = target(facts.merge_all(delivery.facts), face, basis, payment.stated)
        posted = payment.posted
        if (wanted.clawed, wanted.refunded) != (posted.clawed, posted.refunded):
            said = [f"{wanted.clawed} steps are to be clawed back, {posted.clawed} are"]
            yield _finding(payment, "position", said, theirs=wanted.refunded, ours=posted.refunded)


def unpaid(payment: Payment, reason: str) -> Finding:
    """What was granted here for a payment that the provider does not have."""
    paid = payment.facts.paid
    return _finding(payment, "payment", [reason], ours=paid.total if paid else None)


def _finding(
    payment: Payment,
    what: str,
    reasons: Sequence[str],
    *,
    theirs: int | None = None,
    ours: int | None = None,
) -> Finding:
    paid = payment.facts.paid
    return Finding(
        payment_id=payment.payment_id,
        about=what,
        reasons=reasons,
        theirs=theirs,
        ours=ours,
        currency=paid.currency if paid else None,
        topup_id=payment.topup_id,
        account=payment.account,
    )


def _told(facts: PaymentFacts) -> list[Any]:
    """Facts without the instants, and without what only orders them."""
    return [
        {name: value for name, value in asdict(fact).items() if name not in ("at", "rank", "movements")}
        for fact in facts.all
        if not isinstance(fact, Unpaid)
    ]


def _ours(facts: PaymentFacts, part: Refund | Dispute) -> Refund | Dispute | None:
    known = facts.refunds if isinstance(part, Refund) else facts.disputes
    return known.get(part.refund_id if isinstance(part, Refund) else part.dispute_id)


def _differ(theirs: Refund | Dispute, ours: Refund | Dispute) -> bool:
    """An amount that one side does not know differs from nothing."""
    amounts = {theirs.amount, ours.amount} - {None}
    return theirs.status != ours.status or len(amounts) > 1


def _amount(fact: Fact) -> int | None:
    match fact:
        case Paid():
            return fact.total
        case Refund() | Dispute():
            return fact.amount
    return None


def _shown(fact: Fact) -> str:
    """A fact in a few words."""
    match fact:
        case Paid():
            return f"paid {fact.total} {fact.currency}"
        case Refund() | Dispute():
            amount = "unknown amount" if fact.amount is None else fact.amount
            return f"{fact.status} {amount} {fact.currency or ''}".rstrip()
        case Unpaid():
            return fact.status
    return f"part of {fact.whole}"
