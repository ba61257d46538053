"""Bodies of what spends credits, sets them aside, or gives them back."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from scrip.domain.credits import limits, rates
from scrip.domain.credits.amounts import AMOUNT_PATTERN
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge.bodies import LONGER_THAN_NOTHING, Amount, Body, Identifier, MovementBody
from scrip.http.edge.parameters import KEY_PATTERN
from scrip.services.wallets.batches import Wanted
from scrip.services.wallets.burns import Spending
from scrip.services.wallets.holds import HoldTerms, check_expires_in

DEFAULT_HOLD = "PT15M"


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
HoldDuration = Annotated[
    str,
    AfterValidator(check_expires_in),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
Dimension = Annotated[str, StringConstraints(min_length=1, max_length=100)]
EntryKey = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]


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


class BatchedBurnBody(BurnBody):
    """One burn of a batch."""

    key: EntryKey

    def wanted(self) -> Wanted:
        return Wanted(self.spending(), self.about(), self.key)


class BatchBody(Body):
    """``POST /v1/accounts/{account}/burns/batch``: burns of one wallet."""

    burns: Annotated[list[BatchedBurnBody], Field(min_length=1, max_length=limits.BATCH_BURNS)]

    @model_validator(mode="after")
    def _of_one_wallet(self) -> BatchBody:
        keys: set[str] = set()
        for number, burn in enumerate(self.burns):
            if burn.key in keys:
                raise ValueError(f"burns.{number}.key: comes twice in this batch")
            if burn.unit != self.burns[0].unit:
                raise ValueError(f"burns.{number}.unit: must be that of the first burn")
            keys.add(burn.key)
        return self


class HoldBody(MovementBody):
    """``POST /v1/accounts/{account}/holds``. ``meter``: what the hold is for, where lots are bound to meters."""

    amount: Amount
    expires_in: HoldDuration = DEFAULT_HOLD
    over_capture: Literal["refuse", "burn_extra"] | None = None
    meter: Identifier | None = None

    def terms(self) -> HoldTerms:
        return HoldTerms(self.amount, self.expires_in, self.over_capture, self.meter)


class CaptureBody(MovementBody):
    """``POST /v1/accounts/{account}/holds/{hold_id}/capture``."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    final: bool = True


class ReleaseBody(MovementBody):
    """``POST /v1/accounts/{account}/holds/{hold_id}/release``."""

    may_be_missing: ClassVar[bool] = True


class ExtendBody(MovementBody):
    """``POST /v1/accounts/{account}/holds/{hold_id}/extend``."""

    may_be_missing: ClassVar[bool] = True
    expires_in: HoldDuration = DEFAULT_HOLD


class PartBody(MovementBody):
    """``POST .../lots/{lot_id}/void`` and ``.../burns/{entry_id}/reversal``: a part, or all that is left."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
