"""Refunds as credit: the body."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from scrip.http.edge.bodies import Amount, Body, Label, MoneyBody, MovementBody
from scrip.services.wallets.credit_refunds import Source


class SourceBody(Body):
    """What was paid."""

    type: Literal["invoice", "payment"]
    id: Label


class RefundBody(MovementBody):
    """``POST /v1/accounts/{account}/refunds``. ``amount``: credits, one for each major unit of ``value`` by default."""

    source: SourceBody
    value: MoneyBody
    paid: MoneyBody
    amount: Amount | None = None

    @model_validator(mode="after")
    def _consistent(self) -> RefundBody:
        if not self.value.amount:
            raise ValueError("value.amount: must be more than zero")
        if self.value.currency != self.paid.currency:
            raise ValueError("value.currency: must be that of paid")
        if self.value.amount > self.paid.amount:
            raise ValueError("value.amount: must not be more than was paid")
        return self

    def of(self) -> Source:
        return Source(self.source.type, self.source.id, self.paid.money())
