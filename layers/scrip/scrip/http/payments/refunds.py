"""Refunds of payments, and quotes of them: the body and the answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.http.edge.answers import money_view
from scrip.http.edge.bodies import MAX_MONEY, Body, Duration, Reason
from scrip.http.payments.payments import payment_view
from scrip.http.wallets.movements import moved_document
from scrip.services.payments.queries import Quoted, Shown, is_told, refund_of
from scrip.services.payments.refunds import Refunded, Wish

MinorUnits = Annotated[int, Field(ge=1, le=MAX_MONEY)]


class PaymentRefundBody(Body):
    """A refund of a payment, as money or as credit."""

    as_: Annotated[Literal["money", "credit"], Field(alias="as")]
    """`money`: through the provider. `credit`: the money is kept, and as many credits come back as a new lot."""
    amount: MinorUnits | None = None
    """How much, in minor units of the payment's currency, tax included. Left out: all that can be refunded
    without taking credits that were spent."""
    reason: Reason | None = None
    """Why, for people; in the entries for ever."""
    force: bool = False
    """Even where it takes credits that were spent: the unit's policy says what becomes of what is missing.
    Needs scope `admin`, and a reason."""
    expires_in: Duration | None = None
    """How long the credits that come back live, ISO 8601. Left out: for ever."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, members: Any) -> Any:
        # pydantic lets a member's name in Python pass beside its alias.
        if isinstance(members, dict) and "as_" in members:
            raise ValueError("as_: is not a member; it is called as")
        return members

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.force and self.as_ == "credit":
            raise ValueError("force: only of money; what was spent does not come back as credit")
        if self.force and self.reason is None:
            raise ValueError("reason: what is forced must say why")
        if self.expires_in is not None and self.as_ == "money":
            raise ValueError("expires_in: only of credit")
        return self

    def wish(self) -> Wish:
        return Wish(self.as_, self.amount, self.reason, self.force, self.expires_in)


def quote_view(quoted: Quoted) -> dict[str, Any]:
    """What a refund would come to: of all that can be refunded, or of the amount that was asked about."""
    quote, precision = quoted.quote, quoted.unit.precision

    def money(amount: int) -> dict[str, Any] | None:
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


def refunded_view(refunded: Refunded, shown: Shown) -> dict[str, Any]:
    """The answer to a refund: what became of it, the payment as it was then, and what it did to the wallet."""
    payment, unit = refunded.payment, refunded.unit
    request, paid = payment.requests[refunded.request_id], payment.facts.paid
    fact = refund_of(payment, refunded.request_id)
    assert paid
    view: dict[str, Any] = {
        "refund": {
            "request_id": refunded.request_id,
            "refund_id": fact.refund_id if fact and is_told(fact) else None,
            "as": request["as"],
            "status": fact.status if fact else "succeeded",
            "amount": money_view(Money(request["amount"], paid.currency)),
            "credits": format_amount(int(request["credits"]), unit.precision),
        },
        "payment": payment_view(shown),
    }
    return view | (moved_document(refunded.entry, unit) if refunded.entry else {})
