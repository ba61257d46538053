"""Resolutions: what a person decides of a payment that waits for one.

That is which order it pays, that it was looked at, what an amount is, or how a refund or dispute ended. A resolution
changes what is known of the payment, and what follows from that is posted like any fact. It needs no key: the same
resolution again changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import AmountOutOfRange, NotFound, PolicyViolation
from scrip.domain.credits.steps import format_amount
from scrip.domain.payments.facts import Dispute, Fact, Refund, about
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Payment, Resolution, ResolutionStatus
from scrip.services.audit.changes import Author, Change, record
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import orders
from scrip.services.payments.payment import StoredPayment
from scrip.services.payments.posting import Applied, OwnChange, change
from scrip.store.tables import Item

MAX_RESOLUTIONS: Final = 100
"""Resolutions of one payment: more is a script gone wrong, and the document must stay one item."""


def resolve(
    executor: Executor, stored: StoredPayment, resolution: Resolution, moment: Moment, author: Author
) -> Applied:
    """Carries out a resolution and keeps it with the payment and in the audit, unless it changes nothing.

    Raises:
        NotFound: there is no such top-up, or the payment has no such refund or dispute.
        PolicyViolation: it does not fit the payment, or the payment has too many resolutions.
        AmountOutOfRange: it states more than was paid.
        Contended.
    """

    def edit(present: Payment) -> Payment:
        resolved = _resolved(executor, present, resolution)
        if resolved == present:
            return present
        if len(present.resolutions) >= MAX_RESOLUTIONS:
            raise PolicyViolation(
                f"a payment has {MAX_RESOLUTIONS} resolutions at most", policy="max_resolutions"
            )
        return replace(resolved, resolutions=(*present.resolutions, resolution))

    before = stored.payment.resolutions
    target = f"{stored.payment.provider}:{stored.payment.payment_id}"
    told = record(executor.tables, author, Change("payment.resolve", target, None, resolution.to_json()))

    def beside(payment: Payment, _last: Entry | None) -> list[Item]:
        return [told] if resolution in payment.resolutions and resolution not in before else []

    own = OwnChange(resolution.actor, resolution.reason, beside=beside, actor_name=resolution.actor_name)
    return change(executor, stored, edit, moment, own)


def _resolved(executor: Executor, payment: Payment, resolution: Resolution) -> Payment:
    """Returns the payment as it is resolved; the very same where that was decided before."""
    match resolution:
        case Resolution(action="accept", topup_id=str(topup_id)):
            order = orders.get(executor.tables, topup_id)
            precision = executor.unit(order.unit).precision
            said = None
            if resolution.credits is not None:
                said = parse_amount(resolution.credits, precision, "credits")
            decided = payment.accepted == topup_id or (payment.posted.lot and payment.topup_id == topup_id)
            if decided and not payment.void and said in (None, payment.sale(order).credits):
                return payment
            return _accept(payment, order, said, precision)
        case Resolution(action="state", about=str(what), amount=int(amount)):
            return _state(payment, what, amount)
        case Resolution(action="settle", about=str(what), status=str(end)):
            return _resolve_part(payment, what, end)
    return _dismiss(payment)


def _accept(payment: Payment, order: Order, said: int | None, precision: int) -> Payment:
    """Takes the payment as one of this order, whatever differs: for these steps, or in proportion to what was paid.

    What it waits for now is decided with that, except for its refunds and disputes.
    """
    facts, posted = payment.facts, payment.posted
    if facts.parts or (facts.part_of and not posted.lot):
        whole = "its parts pay orders of their own" if facts.parts else f"it is a part of {facts.part_of}"
        raise PolicyViolation(f"{whole}: accept what is not told by another payment", policy="payment_part")
    if order.provider != payment.provider:
        raise PolicyViolation(f"the order is of {order.provider}", policy="order_provider")
    if posted.lot and not (payment.topup_id == order.topup_id and payment.void):
        raise PolicyViolation(f"it was granted for {payment.topup_id} already", policy="payment_granted")
    other = order.payment_id
    if not order.every and other not in (None, payment.payment_id):
        raise PolicyViolation(f"the order was paid by {other} already", policy="order_paid")
    paid = facts.paid
    if said is not None and said > (posted.granted or order.credits):
        largest = format_amount(posted.granted or order.credits, precision)
        raise AmountOutOfRange("that is more than the order gives", field="credits", largest=largest)
    if paid is None and said is not None:
        raise PolicyViolation("it is not known yet what was paid: accept it then", policy="accept_credits")
    if paid and said is None and paid.currency != order.price.currency:
        told = f"{paid.currency} was paid, and the order is in {order.price.currency}: say how many credits"
        raise PolicyViolation(told, policy="accept_credits")
    agreed = payment.agreeing(order, said) if paid else payment
    if not agreed.sale(order).credits:
        raise PolicyViolation("what was paid comes to no credit: say how many", policy="accept_credits")
    answered = [one for one in payment.parked if not one.startswith(("refund:", "dispute:"))]
    dismissed = tuple(dict.fromkeys((*payment.dismissed, *answered)))
    return replace(agreed, accepted=order.topup_id, dismissed=dismissed)


def _dismiss(payment: Payment) -> Payment:
    """Dismisses what the payment is parked for now: a person has looked at it, and it parks it no more."""
    return replace(payment, dismissed=tuple(dict.fromkeys((*payment.dismissed, *payment.parked))))


def _resolve_part(payment: Payment, what: str, end: ResolutionStatus) -> Payment:
    """Ends a refund or dispute of the payment so. It holds until its provider says what comes later."""
    part = _part(payment, what)
    if part.status == end:
        return _without_note(payment, what)
    if isinstance(part, Dispute):
        if end not in ("won", "lost"):
            raise PolicyViolation("a dispute is won or lost", policy="resolution_status")
        ended: Fact = replace(part, status=end, rank=part.rank + 1)
    else:
        if end not in ("succeeded", "failed") or part.status == "failed":
            said = "a refund succeeds or fails, and what has failed is over"
            raise PolicyViolation(said, policy="resolution_status")
        ended = replace(part, status=end)
    return _without_note(replace(payment, facts=payment.facts.merge(ended)), what)


def _state(payment: Payment, what: str, amount: int) -> Payment:
    """States the amount of a refund or dispute, in minor units of the payment's currency."""
    paid = payment.facts.paid
    _part(payment, what)
    if paid and amount > paid.total:
        raise AmountOutOfRange("that is more than was paid", field="amount", largest=str(paid.total))
    return _without_note(replace(payment, stated={**payment.stated, what: amount}), what)


def _without_note(payment: Payment, what: str) -> Payment:
    """Dismisses what could not be read of a refund or dispute: a person has just said how it is."""
    answered = (f"{what}: {note.reason}" for note in payment.notes.get(what, ()))
    return replace(payment, dismissed=tuple(dict.fromkeys((*payment.dismissed, *answered))))


def _part(payment: Payment, what: str) -> Refund | Dispute:
    """Finds a refund or dispute of the payment. Raises ``NotFound`` where it has no such."""
    for fact in payment.facts.all:
        if isinstance(fact, Refund | Dispute) and about(fact) == what:
            return fact
    raise NotFound("the payment has no such refund or dispute", about=what)
