"""Promotions: the body and the answer."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.bodies import Amount, Body, Duration, Identifier, Instant, distinct
from scrip.http.edge.parameters import format_instant
from scrip.services.catalogue.promotions import Promotion

MAX_REDEMPTIONS: Final = 10**9
"""Most redemptions that a promotion may be limited to: more is as good as no limit."""


class PromotionBody(Body):
    """``PUT /v1/promotions/{code}``. ``budget`` is of credits, over all redemptions."""

    unit: Identifier = DEFAULT_UNIT
    amount: Amount
    kind: Literal["promotional", "compensation"] = "promotional"
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    expires_in: Duration | None = None
    max_redemptions: Annotated[int, Field(ge=1, le=MAX_REDEMPTIONS)] | None = None
    budget: Amount | None = None
    identities: Annotated[
        list[Literal["email", "card_fingerprint", "device"]], Field(max_length=3), AfterValidator(distinct)
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> PromotionBody:
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at: must be later than starts_at")
        if self.budget is not None and Fraction(self.budget) < Fraction(self.amount):
            raise ValueError("budget: must be at least amount")
        return self


def promotion_view(promotion: Promotion) -> dict[str, Any]:
    window = {
        name: None if promotion.body[name] is None else format_instant(promotion.body[name])
        for name in ("starts_at", "ends_at")
    }
    counted = {"redeemed": promotion.redeemed, "granted": promotion.granted}
    return {"code": promotion.code, **promotion.body, **window, **counted, "version": promotion.version}
