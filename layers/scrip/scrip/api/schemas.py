"""Bodies. Strict: no coercion, no unknown members, a bound on everything."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from scrip.api.fields import ID_PATTERN, INSTANT_PATTERN, instant
from scrip.domain import limits
from scrip.domain.amounts import AMOUNT_PATTERN
from scrip.domain.calendar import DURATION_PATTERN, check_duration
from scrip.domain.errors import InvalidRequest
from scrip.domain.lots import Money
from scrip.domain.units import DEFAULT_UNIT, Boundary, Order, OverCapture, Shortfall, Stacking
from scrip.operations.callers import About

SHARE_PATTERN = r"^(0\.[0-9]{0,17}[1-9][0-9]{0,17}|1(\.0{1,18})?)$"
"""A decimal above 0, up to 1."""
LONGER_THAN_NOTHING = f"^(?=.*[1-9]){DURATION_PATTERN.removeprefix('^')}"
URL_PATTERN = r"^(https://[^/\s@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)(/\S*)?$"
MAX_MONEY = 10**15
"""Most minor units of one amount of money: ten trillion dollars is a mistake."""


def _instant(value: Any) -> int:
    try:
        return instant(value if isinstance(value, str) else "", "")
    except InvalidRequest as error:
        raise ValueError(error.facts["errors"][0]["message"]) from error


def _metadata(metadata: dict[str, str]) -> dict[str, str]:
    if len(metadata) > limits.METADATA_MEMBERS:
        raise ValueError(f"must have at most {limits.METADATA_MEMBERS} members")
    return metadata


def _true(value: Any) -> Any:
    # To a Literal 1 is as good as true.
    if value is not True:
        raise ValueError("must be true")
    return value


def _return_url(text: str) -> str:
    if not re.fullmatch(URL_PATTERN.strip("^$"), text):
        raise ValueError("must be an https URL, or one on this machine")
    return text


# A pattern is matched by pydantic's own engine, whose $ is the end of the text and nothing before it. What a validator
# checks in its stead, the OpenAPI document is told (WithJsonSchema).
Amount = Annotated[str, StringConstraints(pattern=AMOUNT_PATTERN)]
Identifier = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Instant = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
"""Epoch milliseconds; on the wire an RFC 3339 text."""
Duration = Annotated[
    str,
    AfterValidator(check_duration),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Priority = Annotated[int, Field(ge=0, le=limits.MAX_PRIORITY)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
MetadataKey = Annotated[str, StringConstraints(min_length=1, max_length=limits.METADATA_KEY)]
MetadataValue = Annotated[str, StringConstraints(max_length=limits.METADATA_VALUE)]
Metadata = Annotated[
    dict[MetadataKey, MetadataValue],
    AfterValidator(_metadata),
    Field(json_schema_extra={"maxProperties": limits.METADATA_MEMBERS}),
]
Url = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(_return_url),
    Field(json_schema_extra={"pattern": URL_PATTERN}),
]


class Body(BaseModel):
    """A JSON object with these members and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class MoneyBody(Body):
    """Minor units of an ISO 4217 currency."""

    amount: Annotated[int, Field(ge=0, le=MAX_MONEY)]
    currency: Currency

    def money(self) -> Money:
        return Money(self.amount, self.currency)


class ReferenceBody(Body):
    """What in the caller's world a movement is about."""

    type: Label
    id: Label


class MovementBody(Body):
    """What every movement may carry."""

    unit: Identifier = DEFAULT_UNIT
    reference: ReferenceBody | None = None
    reason: Reason | None = None
    metadata: Metadata = Field(default_factory=dict)

    def about(self) -> About:
        reference = (self.reference.type, self.reference.id) if self.reference else None
        return About(reference, self.reason, self.metadata)


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


class TopupBody(Body):
    """``POST /v1/topups``."""

    account: Identifier
    pack: Identifier
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1
    provider: Literal["dodo"] = "dodo"
    return_url: Url
    accept_terms: Annotated[Literal[True], BeforeValidator(_true)]
