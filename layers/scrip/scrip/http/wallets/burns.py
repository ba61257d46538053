"""Burns: the body. Quotes take the same one."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from scrip.domain.credits import rates
from scrip.domain.credits.amounts import AMOUNT_PATTERN
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge.bodies import Amount, Identifier, MovementBody
from scrip.services.wallets.burns import Spending


def _quantity(value: Any) -> Fraction:
    try:
        return rates.parse_quantity(value)
    except InvalidRequest as error:
        raise ValueError(error.facts["errors"][0]["message"]) from error


Quantity = Annotated[
    Fraction,
    BeforeValidator(_quantity),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": AMOUNT_PATTERN}, {"type": "integer"}]}),
]
Dimension = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class BurnBody(MovementBody):
    """``POST /v1/accounts/{account}/burns``, and ``/quotes``."""

    amount: Amount | None = None
    meter: Identifier | None = None
    quantity: Quantity | None = None
    dimensions: Annotated[dict[Dimension, Dimension], Field(max_length=10)] | None = None
    mode: Literal["exact", "up_to"] = "exact"

    @model_validator(mode="after")
    def _amount_or_meter(self) -> BurnBody:
        if (self.amount is None) == (self.meter is None):
            raise ValueError("amount: give this or meter, one of them")
        if (self.meter is None) != (self.quantity is None):
            raise ValueError("quantity: goes with meter")
        if self.meter is None and self.dimensions is not None:
            raise ValueError("dimensions: go with meter")
        return self

    def spending(self) -> Spending:
        quantity = self.quantity if self.quantity is not None else Fraction(0)
        return Spending(self.amount, self.meter, quantity, self.dimensions, self.mode)
