"""Bodies of the catalogue: units, packs, API keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from scrip.api.schemas import Amount, Body, Duration, Identifier, Label, MoneyBody, Priority
from scrip.domain import limits
from scrip.domain.units import DEFAULT_UNIT, Boundary, Order, OverCapture, Shortfall, Stacking

SHARE_PATTERN = r"^(0\.[0-9]{0,17}[1-9][0-9]{0,17}|1(\.0{1,18})?)$"
"""A decimal above 0, up to 1."""


class PolicyBody(Body):
    """A unit's policy: what is left out has its default."""

    order: Order = "priority_expiry_cost"
    expiry_boundary: Boundary = "exclusive"
    overdraft_limit: Amount = "0"
    repay_first: bool = True
    refund_shortfall: Shortfall = "owe"
    default_expires_in: Duration | None = None
    transferable: bool = False
    stacking: Stacking = "free"
    promotional_share_max: Annotated[str, StringConstraints(pattern=SHARE_PATTERN)] = "1"
    over_capture: OverCapture = "refuse"
    low_balance: Annotated[list[Amount], Field(max_length=10)] = Field(default_factory=list)


class UnitBody(Body):
    """``PUT /v1/units/{unit}``."""

    precision: Annotated[int, Field(ge=0, le=9)]
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    policy: PolicyBody = Field(default_factory=PolicyBody)


class BonusBody(Body):
    """Credits on top, from a quantity up: so many, or so many percent of the packs' own."""

    from_quantity: Annotated[int, Field(ge=1, le=1000)]
    credits: Amount | None = None
    percent: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,4})?$")] | None = None

    @model_validator(mode="after")
    def _one(self) -> BonusBody:
        if (self.credits is None) == (self.percent is None):
            raise ValueError("credits: give this or percent, one of them")
        return self


class ProviderRefsBody(Body):
    """The pack's product at each provider."""

    dodo: Label | None = None


class PackBody(Body):
    """``PUT /v1/packs/{pack}``."""

    unit: Identifier = DEFAULT_UNIT
    credits: Amount
    price: MoneyBody
    bonus: Annotated[list[BonusBody], Field(max_length=20)] = Field(default_factory=list)
    expires_in: Duration | None = None
    priority: Priority = limits.DEFAULT_PRIORITY
    tax_point: Literal["purchase", "redemption"] = "purchase"
    terms: Annotated[str, StringConstraints(max_length=4000)] | None = None
    provider_refs: ProviderRefsBody = Field(default_factory=ProviderRefsBody)


class KeyBody(Body):
    """``POST /v1/keys``."""

    scope: Literal["read", "burn", "grant", "admin"]
    account: Identifier | None = None

    @model_validator(mode="after")
    def _bound(self) -> KeyBody:
        if self.account and self.scope != "read":
            raise ValueError("account: a key bound to an account has scope read")
        return self
