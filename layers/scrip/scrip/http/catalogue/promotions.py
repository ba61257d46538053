"""Promotions: the body and the answer."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.bodies import Amount, Body, Distinct, Duration, Identifier, Instant
from scrip.http.edge.parameters import format_instant
from scrip.services.catalogue.promotions import Promotion

MAX_REDEMPTIONS: Final = 10**9
"""Most redemptions that a promotion may be limited to: more is as good as no limit."""


class PromotionBody(Body):
    """Credits that an account may claim once, within a window and a budget."""

    unit: Identifier = DEFAULT_UNIT
    """The unit: with the account it names the wallet."""
    amount: Amount
    """What each redemption gives."""
    kind: Literal["promotional", "compensation"] = "promotional"
    """Kind of the lot."""
    starts_at: Instant | None = None
    """From when on it can be redeemed; null: from the beginning."""
    ends_at: Instant | None = None
    """From when on it cannot any more; later than `starts_at`. Null: never."""
    expires_in: Duration | None = None
    """How long its credits live, ISO 8601; null: as the unit's policy says."""
    max_redemptions: Annotated[int, Field(ge=1, le=MAX_REDEMPTIONS)] | None = None
    """How often it can be redeemed in all; null: no bound."""
    budget: Amount | None = None
    """How many credits it gives in all, `amount` at least; null: no bound."""
    identities: Annotated[Distinct[Literal["email", "card_fingerprint", "device"]], Field(max_length=3)] = (
        Field(default_factory=list)
    )
    """What a redemption must name, and may be used once each."""

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
