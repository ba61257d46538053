"""Refunds as credit: the body."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from scrip.http.edge.bodies import Amount, Body, Label, LifetimeBody, MoneyBody, MovementBody
from scrip.services.wallets.credit_refunds import RefundAsCredit, Source

PaidType = Literal["invoice", "payment"]
"""What a refund gives back money of."""


class SourceBody(Body):
    """What was paid."""

    type: PaidType
    """An invoice or a payment."""
    id: Label
    """Which one."""


class RefundBody(LifetimeBody, MovementBody):
    """Money that was paid, is kept, and becomes credits."""

    source: SourceBody
    """What was paid. All refunds of one source together are never above what was paid for it."""
    value: MoneyBody
    """The money that is kept and becomes credit; not more than was paid. It is the lot's cost basis."""
    paid: MoneyBody
    """The money that was paid for the source; the same each time."""
    amount: Amount | None = None
    """How many credits that is. Left out: one for each major unit of `value`."""

    @model_validator(mode="after")
    def _consistent(self) -> RefundBody:
        if not self.value.amount:
            raise ValueError("value.amount: must be more than zero")
        if self.value.currency != self.paid.currency:
            raise ValueError("value.currency: must be the currency of paid")
        if self.value.amount > self.paid.amount:
            raise ValueError("value.amount: must not be more than was paid")
        return self

    def command(self) -> RefundAsCredit:
        """Returns the command that the body asks for."""
        source = Source(self.source.type, self.source.id, self.paid.money())
        return RefundAsCredit(
            source,
            self.value.money(),
            self.amount,
            self.expires_in,
            self.time_zone,
            self.end_of,
            self.never_expires,
        )
