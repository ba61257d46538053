"""Bodies of the catalogue: units, packs, promotions, API keys. Those of rate cards are in ``rate_schemas``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from scrip.domain.credits import limits
from scrip.domain.credits.calendar import EVERY_PATTERN, check_every
from scrip.domain.credits.units import DEFAULT_UNIT, Boundary, Order, OverCapture, Shortfall, Stacking
from scrip.http.edge.bodies import (
    Amount,
    Body,
    Duration,
    Identifier,
    Instant,
    Label,
    MoneyBody,
    Priority,
    distinct,
)

SHARE_PATTERN = r"^(0\.[0-9]{0,17}[1-9][0-9]{0,17}|1(\.0{1,18})?)$"
"""A decimal above 0, up to 1."""

MAX_PRICES: Final = 50
"""Further currencies of a pack: there are some 150 in all, and a pack is one item."""

LONGEST_PERIOD: Final[Mapping[str, int]] = {"D": 1095, "W": 156, "M": 36, "Y": 3}
"""What a subscription may be charged after at most: three years, which is Stripe's bound, and then Dodo's too."""

MAX_REDEMPTIONS: Final = 10**9
"""Most redemptions that a promotion may be limited to: more is as good as no limit."""


def _period(text: str) -> str:
    check_every(text)
    if int(text[1:-1]) > LONGEST_PERIOD[text[-1]]:
        raise ValueError("must be at most three years")
    return text


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


class RecurringBody(Body):
    """How often a buyer is charged, and granted."""

    every: Annotated[str, AfterValidator(_period), Field(json_schema_extra={"pattern": EVERY_PATTERN})]


class ProviderRefsBody(Body):
    """The pack's product at each provider."""

    dodo: Label | None = None
    paddle: Label | None = None
    standard: Label | None = None
    stripe: Label | None = None


class PackBody(Body):
    """``PUT /v1/packs/{pack}``."""

    unit: Identifier = DEFAULT_UNIT
    credits: Amount
    price: MoneyBody
    prices: Annotated[list[MoneyBody], Field(max_length=MAX_PRICES)] = Field(default_factory=list)
    recurring: RecurringBody | None = None
    bonus: Annotated[list[BonusBody], Field(max_length=20)] = Field(default_factory=list)
    expires_in: Duration | None = None
    priority: Priority = limits.DEFAULT_PRIORITY
    tax_point: Literal["purchase", "redemption"] = "purchase"
    terms: Annotated[str, StringConstraints(max_length=4000)] | None = None
    provider_refs: ProviderRefsBody = Field(default_factory=ProviderRefsBody)

    @model_validator(mode="after")
    def _once_each(self) -> PackBody:
        currencies = [price.currency for price in (self.price, *self.prices)]
        for index, currency in enumerate(currencies[1:]):
            if currency in currencies[: index + 1]:
                raise ValueError(f"prices.{index}.currency: has a price already")
        return self


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


class KeyBody(Body):
    """``POST /v1/keys``."""

    scope: Literal["read", "burn", "grant", "admin"]
    account: Identifier | None = None

    @model_validator(mode="after")
    def _bound(self) -> KeyBody:
        if self.account and self.scope != "read":
            raise ValueError("account: a key bound to an account has scope read")
        return self
