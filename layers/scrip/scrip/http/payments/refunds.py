"""Refunds of payments, and quotes of them: the body and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.payments.payment import RefundAs
from scrip.domain.payments.refund_request import RefundPayment
from scrip.http.edge.answers import MoneyView, TypedDict, money_view
from scrip.http.edge.bodies import MAX_MONEY, LifetimeBody, Reason, called
from scrip.http.payments.payments import EffectView, PaymentView, RefundAsView, effect_view, payment_view
from scrip.services.payments.queries import PaymentDetails, QuotedPayment
from scrip.services.payments.refunds import Refunded

if TYPE_CHECKING:
    from scrip.domain.payments.facts import RefundStatus
    from scrip.http.edge.forms import Credits, Name

MinorUnits = Annotated[int, Field(ge=1, le=MAX_MONEY)]


class PaymentRefundBody(LifetimeBody):
    """A refund of a payment, as money or as credit."""

    as_: Annotated[RefundAs, Field(alias="as")]
    """`money`: through the provider. `credit`: the money is kept, and as many credits come back as a new lot."""
    amount: MinorUnits | None = None
    """How much, in minor units of the payment's currency, tax included. Left out: all that can be refunded
    without taking credits that were spent."""
    reason: Reason | None = None
    """Why, for people; in the entries for ever."""
    force: bool = False
    """Even where it takes credits that were spent: the unit's policy says what becomes of what is missing.
    Needs scope `admin`, and a reason."""

    _named = called("as")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.force and self.as_ == "credit":
            raise ValueError("force: leave it out of a refund as credit: what was spent does not come back")
        if self.force and self.reason is None:
            raise ValueError("reason: say why the refund is forced")
        if "expires_in" in self.model_fields_set and self.as_ == "money":
            raise ValueError("expires_in: leave it out of a refund as money")
        return self

    def command(self) -> RefundPayment:
        """Returns what is asked for."""
        return RefundPayment(kind=self.as_, **self.members_of(RefundPayment))


class PaymentNameView(TypedDict):
    """Which payment."""

    provider: Name
    """Where it was paid."""
    payment_id: str
    """The provider's id of it."""


class RefundedAlreadyView(TypedDict):
    """What of a payment was given back already."""

    refunded: MoneyView
    """Money that went back, by refund or lost dispute, tax included."""
    pending: MoneyView
    """Money that pending refunds and open disputes may take."""
    credited: MoneyView
    """Money that was kept and became credit."""


class RefundQuoteView(TypedDict):
    """What a refund would come to now. Nothing is moved."""

    payment: PaymentNameView
    """What would be refunded."""
    unit: Name
    """The unit of its credits."""
    unspent: Credits
    """What is left of its lot: not burned, expired, held or frozen."""
    credits: Credits
    """What the refund would take."""
    amount: MoneyView
    """What would go back, tax included."""
    tax: MoneyView
    """The part of it that is tax."""
    net: MoneyView
    """The rest: the price of the credits."""
    worth: MoneyView
    """What these credits are in the books: the deferred part of their cost basis."""
    refundable: MoneyView
    """The most that can go back without taking credits that are spent, held or frozen, tax included."""
    left: MoneyView
    """The most that is left of the payment: what can be forced."""
    already: RefundedAlreadyView
    """What was given back before."""
    allowed: bool
    """Whether a refund of this amount needs no force."""


class RefundOfPaymentView(RefundAsView):
    """A refund that was asked for."""

    request_id: str
    """Its id here; the provider knows it too. A webhook of `standard` names it."""
    refund_id: str | None
    """The provider's id; null where it has not told of it, and for credit."""
    status: RefundStatus
    """`pending`: its credits are frozen until the provider's webhook."""
    amount: MoneyView
    """How much of the payment, tax included."""
    credits: Credits
    """How many credits it takes."""


class PaymentRefundedView(EffectView):
    """The refund, the payment as it is with it, and what it did to the wallet: a freeze, a clawback, or the grant of a
    new lot; nothing where a forced refund found nothing to freeze."""

    refund: RefundOfPaymentView
    """What was asked for, and how far it is."""
    payment: PaymentView
    """The payment as it is with the refund."""


def refund_quote_view(quoted: QuotedPayment) -> RefundQuoteView:
    """Shows what a refund would come to: of all that can be refunded, or of the amount that was asked about."""
    quote, precision = quoted.quote, quoted.unit.precision

    def money(amount: int) -> MoneyView:
        return money_view(Money(amount, quoted.currency))

    return {
        "payment": {"provider": quoted.payment.provider, "payment_id": quoted.payment.payment_id},
        "unit": quoted.unit.unit,
        "unspent": format_amount(quoted.unspent, precision),
        "credits": format_amount(quote.credits, precision),
        "amount": money(quote.amount),
        "tax": money(quote.tax),
        "net": money(quote.net),
        "worth": money(quoted.worth),
        "refundable": money(quote.most),
        "left": money(quote.left),
        "already": {
            "refunded": money(quote.refunded),
            "pending": money(quote.pending),
            "credited": money(quote.kept),
        },
        "allowed": quote.allowed,
    }


def refunded_view(refunded: Refunded, shown: PaymentDetails) -> PaymentRefundedView:
    """Shows what became of a refund, the payment as it is with it, and what the refund did to the wallet."""
    payment, unit = refunded.payment, refunded.unit
    requested, paid = payment.requests[refunded.request_id], payment.facts.paid
    fact = payment.refund_of(refunded.request_id)
    assert paid
    return {
        "refund": {
            "request_id": refunded.request_id,
            "refund_id": fact.refund_id if fact and not fact.only_requested else None,
            "as": requested.kind,
            "status": fact.status if fact else "succeeded",
            "amount": money_view(Money(requested.amount, paid.currency)),
            "credits": format_amount(requested.credits, unit.precision),
        },
        "payment": payment_view(shown),
        **effect_view(refunded.entry, unit),
    }
