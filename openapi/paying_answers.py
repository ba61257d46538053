"""Answers about payments, quotes and refunds, as models (see ``answers``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers import (
    Answer,
    At,
    BalanceAfter,
    Count,
    Credits,
    Currency,
    Entry,
    LotId,
    Money,
    Name,
    sometimes,
)
from openapi.lot_answers import Lot


class PaidMoney(Answer):
    """What was paid."""

    amount: Count
    """Minor units, tax included."""
    tax: Count | None
    """The part of it that is tax; null where the provider does not say."""
    currency: Currency
    """ISO 4217."""
    at: At
    """When."""


class PaymentPart(Answer):
    """A refund or a dispute of a payment, as its provider tells it."""

    id: str
    """The provider's id of it. A refund that was asked for, and that the provider has not told of, is `request:` and
    the request's id."""
    amount: Count | None
    """Minor units, tax included; null where the provider does not say."""
    currency: Currency | None
    """ISO 4217; null where it is not known."""
    at: At
    """When."""


class PaymentRefund(PaymentPart):
    """A refund."""

    status: Literal["pending", "succeeded", "failed"]
    """How far it is."""
    request_id: str | None
    """The request of ours that it answers; null: it was made elsewhere."""


class PaymentDispute(PaymentPart):
    """A dispute."""

    stage: str
    """Its stage, in the provider's words."""
    status: Literal["open", "lost", "won", "contradicted"]
    """How it stands; `contradicted`: the provider has told of two ends, and is asked."""


class PaymentPosition(Answer):
    """Where a payment's facts say that its credits stand."""

    granted: Credits
    """What it granted."""
    clawed: Credits
    """What was taken back."""
    frozen: Credits
    """What open disputes and pending refunds freeze, if it is still there."""
    credited: Credits
    """What became a lot of its own, because its money was kept."""
    refunded: Money
    """The part of the price that went back, without tax."""


class Waiting(Answer):
    """Why a payment waits for a person."""

    reason: str
    """In a sentence."""


class PaymentRequest(Answer):
    """A refund that was asked for here."""

    request_id: str
    """Its id; the provider knows the refund by it too."""
    as_: Annotated[Literal["money", "credit"], Field(alias="as")]
    """What it gives back."""
    amount: Money
    """How much of the payment, tax included."""
    force: bool
    """Whether it might take credits that were spent."""
    reason: str | None
    """Why, as the caller said."""
    actor: str
    """Who asked."""
    at: At
    """When."""


class Resolution(Answer):
    """What a person decided of a payment."""

    action: Literal["accept", "dismiss", "state", "settle"]
    """What was done."""
    topup_id: str = sometimes()
    """Of `accept`: the order that it pays."""
    about: str = sometimes()
    """Of `state` and `settle`: the refund or dispute."""
    amount: Count = sometimes()
    """Of `state`: its amount, minor units of the payment's currency."""
    status: str = sometimes()
    """Of `settle`: how it ended."""
    reason: str
    """Why."""
    actor: str
    """Who."""
    at: At
    """When."""


class Payment(Answer):
    """A payment: what its provider said, and what was done about it."""

    provider: Name
    """Where it was paid."""
    payment_id: str
    """The provider's id of it."""
    status: Literal["unpaid", "paid", "partially_refunded", "refunded", "disputed"]
    """How it stands by what its provider said, parked or not. Money lost in a dispute counts as refunded."""
    account: Name | None
    """Whose it is; null before its order is known."""
    unit: Name | None
    """The unit of its credits."""
    topup_id: str | None
    """Its order."""
    lot_id: LotId | None
    """The lot that it made."""
    part_of: str | None
    """The payment that it is only a part of (an intent that pays an invoice)."""
    paid: PaidMoney | None
    """Null while it is not paid."""
    refunds: list[PaymentRefund]
    """Its refunds."""
    disputes: list[PaymentDispute]
    """Its disputes."""
    position: PaymentPosition | None
    """Where its credits stand; null while it has made none."""
    parked: list[Waiting]
    """Why it waits for a person; empty where it does not."""
    parked_at: At | None
    """Since when it waits."""
    requests: list[PaymentRequest]
    """Refunds that were asked for here."""
    resolutions: list[Resolution]
    """What people decided of it."""


class PaymentPage(Answer):
    """Payments that wait for a person, those that wait longest first. The list may lag by a moment."""

    items: list[Payment]
    """The payments."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last. A page may have fewer items than asked for, or none."""


class PaymentName(Answer):
    """Which payment."""

    provider: Name
    """Where it was paid."""
    payment_id: str
    """The provider's id of it."""


class RefundedAlready(Answer):
    """What of a payment was given back already."""

    refunded: Money
    """Money that went back, by refund or lost dispute, tax included."""
    pending: Money
    """Money that pending refunds and open disputes may take."""
    credited: Money
    """Money that was kept and became credit."""


class RefundQuote(Answer):
    """What a refund would come to now. Nothing is moved."""

    payment: PaymentName
    """Of which payment."""
    unit: Name
    """The unit of its credits."""
    unspent: Credits
    """What is left of its lot: not burned, expired, held or frozen."""
    credits: Credits
    """What the refund would take."""
    amount: Money
    """What would go back, tax included."""
    tax: Money
    """The part of it that is tax."""
    net: Money
    """The rest: the price of the credits."""
    worth: Money
    """What these credits are in the books: the deferred part of their cost basis."""
    refundable: Money
    """The most that can go back without taking credits that are spent, held or frozen, tax included."""
    left: Money
    """The most that is left of the payment: what can be forced."""
    already: RefundedAlready
    """What was given back before."""
    allowed: bool
    """Whether a refund of this amount needs no force."""


class RefundOfPayment(Answer):
    """A refund that was asked for."""

    request_id: str
    """Its id here; the provider knows it too. A webhook of `standard` names it."""
    refund_id: str | None
    """The provider's id; null where it has not told of it, and for credit."""
    as_: Annotated[Literal["money", "credit"], Field(alias="as")]
    """What it gives back."""
    status: Literal["pending", "succeeded", "failed"]
    """`pending`: its credits are frozen until the provider's webhook."""
    amount: Money
    """How much of the payment, tax included."""
    credits: Credits
    """How many credits it takes."""


class PaymentRefunded(Answer):
    """The refund, the payment as it is with it, and what it did to the wallet."""

    refund: RefundOfPayment
    """The refund."""
    payment: Payment
    """The payment."""
    entry: Entry = sometimes()
    """The last entry that it made: a freeze, a clawback, or the grant of the new lot. Not there where a forced refund
    found nothing to freeze."""
    balance: BalanceAfter = sometimes()
    """The balance right after that entry."""
    lot: Lot = sometimes()
    """Of credit: the lot that came back."""


class Resolved(Answer):
    """The payment, and what the decision did to the wallet."""

    payment: Payment
    """The payment as it is now."""
    entry: Entry = sometimes()
    """The last entry that it made, where it made any."""
    balance: BalanceAfter = sometimes()
    """The balance right after that entry."""
    lot: Lot = sometimes()
    """The lot that it granted."""
