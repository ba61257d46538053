"""What a person decides of a payment that waits for one: which order it pays, that it was looked at, what an
amount is, how a refund or dispute ended.

A decision changes what is known of the payment, and what follows from that is posted like any fact. It needs no key:
the same decision again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from scrip.domain.credits.errors import AmountOutOfRange, NotFound, PolicyViolation
from scrip.domain.payments.facts import Dispute, Fact, Refund, about
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import orders
from scrip.services.payments.payment import Payment
from scrip.services.payments.posting import Applied, Asked, change
from scrip.store.tables import Tables

MAX_RESOLUTIONS: Final = 100
"""Decisions on one payment: more is a script gone wrong, and the document must stay one item."""

Ending = Literal["won", "lost", "succeeded", "failed"]
"""The first two of a dispute, the others of a refund."""
Decision = Callable[[Payment], Payment]
"""The payment as decided; the very same where that was decided before."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides, when and why."""

    actor: str
    reason: str
    moment: Moment


def resolve(
    executor: Executor, payment: Payment, decision: Decision, decider: Decider, said: Mapping[str, Any]
) -> Applied:
    """Carries out a decision and keeps it with the payment; ``said`` is what it is recorded as.

    Raises:
        NotFound, PolicyViolation, AmountOutOfRange: as the decision says.
        Contended.
    """
    record = {**said, "reason": decider.reason, "actor": decider.actor, "at": decider.moment.at}

    def edit(present: Payment) -> Payment:
        decided = decision(present)
        if decided == present:
            return present
        if len(present.resolutions) >= MAX_RESOLUTIONS:
            raise PolicyViolation(
                f"a payment has {MAX_RESOLUTIONS} resolutions at most", policy="max_resolutions"
            )
        return replace(decided, resolutions=(*present.resolutions, record))

    asked = Asked(decider.actor, decider.reason)
    return change(executor, payment.provider, payment.payment_id, edit, decider.moment, asked)


def accept(tables: Tables, topup_id: str) -> Decision:
    """The payment is for this order, whatever differs."""

    def decision(payment: Payment) -> Payment:
        if payment.accepted == topup_id or (payment.posted.lot and payment.topup_id == topup_id):
            return payment
        order = orders.get(tables, topup_id)
        if order.provider != payment.provider:
            raise PolicyViolation(f"the order is of {order.provider}", policy="order_provider")
        if payment.posted.lot:
            raise PolicyViolation(f"it was granted for {payment.topup_id} already", policy="payment_granted")
        other = order.payment_id
        if not order.every and other not in (None, payment.payment_id):
            raise PolicyViolation(f"the order was paid by {other} already", policy="order_paid")
        return replace(payment, accepted=topup_id)

    return decision


def dismiss(payment: Payment) -> Payment:
    """What the payment is parked for now has been looked at: it parks it no more."""
    return replace(payment, dismissed=tuple(dict.fromkeys((*payment.dismissed, *payment.parked))))


def settle(what: str, end: Ending) -> Decision:
    """A refund or dispute of the payment ended so. It holds until its provider says what comes later."""

    def decision(payment: Payment) -> Payment:
        part = _part(payment, what)
        if part.status == end:
            return payment
        if isinstance(part, Dispute):
            if end not in ("won", "lost"):
                raise PolicyViolation("a dispute is won or lost", policy="resolution_status")
            decided: Fact = replace(part, status=end, rank=part.rank + 1)
        else:
            if end not in ("succeeded", "failed") or part.status == "failed":
                said = "a refund succeeds or fails, and what has failed is over"
                raise PolicyViolation(said, policy="resolution_status")
            decided = replace(part, status=end)
        return replace(payment, facts=payment.facts.merge(decided))

    return decision


def state(what: str, amount: int) -> Decision:
    """The amount of a refund or dispute of the payment is this, in minor units of the payment's currency."""

    def decision(payment: Payment) -> Payment:
        facts = payment.facts
        _part(payment, what)
        if facts.paid and amount > facts.paid.total:
            raise AmountOutOfRange(
                "that is more than was paid", field="amount", largest=str(facts.paid.total)
            )
        return replace(payment, stated={**payment.stated, what: amount})

    return decision


def _part(payment: Payment, what: str) -> Refund | Dispute:
    """Raises ``NotFound`` where the payment has no such refund or dispute."""
    for fact in payment.facts.all:
        if isinstance(fact, Refund | Dispute) and about(fact) == what:
            return fact
    raise NotFound("the payment has no such refund or dispute", about=what)
