"""A payment as its provider has it, compared with what is known and posted for it here.

Each function finds one kind of difference. Amounts are minor units of the payment's currency. Does not own how a
provider is asked, or what becomes of a finding (``reconciliation``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Fact, OwnPart, Paid, PaymentFacts, Refund, Unpaid, about
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Payment


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not the same on both sides. The fields stand in the order of the stored JSON.

    Attributes:
        about: the payment, one of its refunds or disputes (``refund:re_1``), or ``position``, what is posted.
        reasons: what differs, or why, in sentences.
        theirs, ours: the amount there and here; None where it is not there, or no amount is known.
    """

    payment_id: str
    about: str
    reasons: Sequence[str]
    theirs: int | None = None
    ours: int | None = None
    currency: str | None = None
    topup_id: str | None = None
    account: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, with the members in the order in which they are stored."""
        return {**asdict(self), "reasons": list(self.reasons)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError: a member is missing, or is not known.
        """
        return cls(**{**body, "reasons": tuple(body["reasons"])})


def missed(payment: Payment, delivery: Delivery) -> Sequence[Finding]:
    """Finds what a delivery says that nobody has told yet.

    Webhooks and lists tell differently when something happened, what a provider is asked ranks higher, and an attempt
    that came to nothing moved no money: none of this is new.
    """
    found, known = [], payment.facts
    whole = None if payment.posted.lot else known.merge_all(delivery.facts).part_of
    for fact in delivery.facts:
        if whole and isinstance(fact, Paid):
            continue  # it is told, and granted, under the other id
        merged = known.merge(fact)
        if _told(merged) != _told(known):
            found.append(_finding(payment, about(fact), [_shown(fact)], theirs=_amount(fact)))
        known = merged
    noted = {(name, note.reason) for name, notes in payment.notes.items() for note in notes}
    unread = [parked for parked in delivery.parked if (parked.about, parked.reason) not in noted]
    return [*found, *(_finding(payment, parked.about, [parked.reason]) for parked in unread)]


def paid_without_grant(payment: Payment, delivery: Delivery) -> Finding | None:
    """Finds money that the provider has and for which nothing is granted here.

    None where a person has decided so, and of a payment that is not ours.
    """
    facts = payment.facts.merge_all(delivery.facts)
    listed = any(isinstance(fact, Paid) for fact in delivery.facts)
    if not listed or facts.paid is None or facts.part_of or payment.posted.lot or payment.foreign:
        return None
    if (facts.parts or facts.failed_late) and not payment.parked:
        return None  # what it brought is granted for its parts, or it brought nothing
    if payment.facts.paid is None:
        reasons: Sequence[str] = ["it was passed on and is not applied yet"]
    elif payment.parked:
        reasons = payment.parked
    elif payment.dismissed or not facts.paid.total:
        return None
    else:
        reasons = ["nothing was granted for it"]
    return _finding(replace(payment, facts=facts), "payment", reasons, theirs=facts.paid.total)


def grant_without_payment(payment: Payment, reason: str) -> Finding:
    """Reports what was granted here for a payment that the provider does not have, or does not call paid."""
    paid = payment.facts.paid
    return _finding(payment, "payment", [reason], ours=paid.total if paid else None)


def amounts_differ(payment: Payment, delivery: Delivery, order: Order | None) -> Iterator[Finding]:
    """Yields the amounts that differ for a payment that was granted: what the delivery says, and what is posted."""
    facts = payment.facts
    if not payment.posted.lot or facts.paid is None:
        return
    for fact in delivery.facts:
        match fact:
            case Paid() if _amounts(fact) != _amounts(facts.paid):
                here = " and ".join(facts.paid.amounts) or _shown(facts.paid)
                said = [f"{_shown(fact)} there, {here} here"]
                yield _finding(payment, "payment", said, theirs=fact.total, ours=facts.paid.total)
            case Refund() | Dispute():
                ours = _ours(facts, fact)
                if ours is None or _differ(fact, ours):
                    said = [f"{_shown(fact)} there, {_shown(ours) if ours else 'not known'} here"]
                    known = ours.amount if ours else None
                    yield _finding(payment, about(fact), said, theirs=fact.amount, ours=known)
    if order:
        told = replace(payment, facts=facts.merge_all(delivery.facts))
        wanted, posted = told.wanted(order), payment.posted
        if told.void == payment.void and (wanted.clawed, wanted.refunded) != (posted.clawed, posted.refunded):
            said = [f"{wanted.clawed} steps are to be clawed back, {posted.clawed} are"]
            yield _finding(payment, "position", said, theirs=wanted.refunded, ours=posted.refunded)


def _amounts(paid: Paid) -> tuple[object, ...]:
    """Returns what is said of the amount of a payment."""
    return paid.total, paid.currency, paid.amounts


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
        reasons=tuple(reasons),
        theirs=theirs,
        ours=ours,
        currency=paid.currency if paid else None,
        topup_id=payment.topup_id,
        account=payment.account,
    )


def _told(facts: PaymentFacts) -> list[Any]:
    """Returns the facts without their instants, and without what only orders them."""
    return [
        {
            name: value
            for name, value in asdict(fact).items()
            if name not in ("at", "rank", "movements", "said_at", "country")
        }
        for fact in facts.all
        if not isinstance(fact, Unpaid)
    ]


def _ours(facts: PaymentFacts, part: Refund | Dispute) -> Refund | Dispute | None:
    """Finds the same refund or dispute among our facts."""
    known = facts.refunds if isinstance(part, Refund) else facts.disputes
    return known.get(part.refund_id if isinstance(part, Refund) else part.dispute_id)


def _differ(theirs: Refund | Dispute, ours: Refund | Dispute) -> bool:
    """Tells whether status or amount differ. An amount that one side does not know differs from none."""
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
    """Writes a fact in a few words."""
    match fact:
        case Paid():
            return f"paid {fact.total} {fact.currency}"
        case Refund() | Dispute():
            amount = "unknown amount" if fact.amount is None else fact.amount
            return f"{fact.status} {amount} {fact.currency or ''}".rstrip()
        case Unpaid():
            return fact.status
        case OwnPart():
            return f"its part {fact.part_id} pays {fact.topup_id}"
    return f"part of {fact.whole}"
