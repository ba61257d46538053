"""Dictionaries that may be given in a model's place. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

from scrip_client.models import *


class BatchedBurnBodyDict(TypedDict, total=False):
    """A `BatchedBurnBody`, as a dictionary."""

    unit: str
    reference: ReferenceBody | ReferenceBodyDict | None
    reason: str | None
    metadata: Mapping[str, str]
    member: str | None
    tags: Mapping[str, str]
    amount: str | None
    meter: str | None
    quantity: str | int | None
    dimensions: Mapping[str, str] | None
    items: Sequence[ItemBody | ItemBodyDict] | None
    quote: str | None
    mode: BurnMode
    key: Required[str]


class BonusBodyDict(TypedDict, total=False):
    """A `BonusBody`, as a dictionary."""

    from_quantity: Required[int]
    credits: str | None
    percent: str | None


class CapBodyDict(TypedDict, total=False):
    """A `CapBody`, as a dictionary."""

    every: str
    time_zone: str
    anchor: datetime | str | None
    count: int | None
    money: MoneyBody | MoneyBodyDict | None


class CompensatedBodyDict(TypedDict, total=False):
    """A `CompensatedBody`, as a dictionary."""

    account: Required[str]
    amount: str | None


class FocusIssuerBodyDict(TypedDict, total=False):
    """A `FocusIssuerBody`, as a dictionary."""

    provider: Required[str]
    publisher: Required[str]
    invoice_issuer: Required[str]
    service: Required[str]
    category: str


class GraceBodyDict(TypedDict, total=False):
    """A `GraceBody`, as a dictionary."""

    amount: Required[str]
    expires_in: Required[str]


class IdentitiesBodyDict(TypedDict, total=False):
    """A `IdentitiesBody`, as a dictionary."""

    email: str | None
    card_fingerprint: str | None
    device: str | None


class InvoiceLineBodyDict(TypedDict, total=False):
    """A `InvoiceLineBody`, as a dictionary."""

    line_id: Required[str]
    description: str | None
    amount: Required[int]
    tax: int


class ItemBodyDict(TypedDict, total=False):
    """A `ItemBody`, as a dictionary."""

    meter: Required[str]
    quantity: Required[str | int]
    dimensions: Mapping[str, str] | None


class MoneyBodyDict(TypedDict, total=False):
    """A `MoneyBody`, as a dictionary."""

    amount: Required[int]
    currency: Required[str]


class PackageBodyDict(TypedDict, total=False):
    """A `PackageBody`, as a dictionary."""

    model: Required[Literal["package"]]
    size: Required[int]
    credits: Required[str]
    rounding: PackageRounding


class PerUnitBodyDict(TypedDict, total=False):
    """A `PerUnitBody`, as a dictionary."""

    model: Required[Literal["per_unit"]]
    credits: Required[str]


class PolicyBodyDict(TypedDict, total=False):
    """A `PolicyBody`, as a dictionary."""

    order: BurnOrder
    scoped_first: bool
    expiry_boundary: ExpiryBoundary
    overdraft_limit: str
    up_to: UpTo
    repay_first: bool
    refund_shortfall: RefundShortfall
    default_expires_in: str | None
    time_zone: str
    end_of: EndOf | None
    transferable: bool
    stacking: Stacking
    promotional_share_max: str
    over_capture: OverCapture
    lease_timeout: LeaseTimeout
    lease_grace: str
    unpaid_usage: UnpaidUsage
    usage_window: str
    value: ValueBody | ValueBodyDict | None
    runaway: RunawayBody | RunawayBodyDict | None
    low_balance: Sequence[str]
    run_out_days: Sequence[int]
    expiry_notices: Sequence[str]
    expiry_requires_notice: bool


class ProviderRefsBodyDict(TypedDict, total=False):
    """A `ProviderRefsBody`, as a dictionary."""

    dodo: str | None
    dodo_on_demand: str | None
    paddle: str | None
    standard: str | None
    stripe: str | None


class RecurringBodyDict(TypedDict, total=False):
    """A `RecurringBody`, as a dictionary."""

    every: Required[str]


class ReferenceBodyDict(TypedDict, total=False):
    """A `ReferenceBody`, as a dictionary."""

    type: Required[str]
    id: Required[str]


class RolloverBodyDict(TypedDict, total=False):
    """A `RolloverBody`, as a dictionary."""

    fraction: str
    min: str
    max: str | None
    max_of: MaxOf
    max_times: int | None
    expires_in: str | None


class RunawayBodyDict(TypedDict, total=False):
    """A `RunawayBody`, as a dictionary."""

    amount: Required[str]
    within: Required[str]
    action: RunawayAction


class SourceBodyDict(TypedDict, total=False):
    """A `SourceBody`, as a dictionary."""

    type: Required[PaidType]
    id: Required[str]


class TableBodyDict(TypedDict, total=False):
    """A `TableBody`, as a dictionary."""

    model: Required[Literal["table"]]
    by: Required[Sequence[str]]
    prices: Required[Mapping[str, Price | PriceDict]]


class TierBodyDict(TypedDict, total=False):
    """A `TierBody`, as a dictionary."""

    up_to: Required[int | str | None]
    credits: Required[str]


class TieredBodyDict(TypedDict, total=False):
    """A `TieredBody`, as a dictionary."""

    model: Required[Literal["graduated", "volume"]]
    over: str | None
    time_zone: str | None
    tiers: Required[Sequence[TierBody | TierBodyDict]]


class UsageDataBodyDict(TypedDict, total=False):
    """A `UsageDataBody`, as a dictionary."""

    quantity: Required[str | int]
    dimensions: Mapping[str, str] | None
    unit: str | None
    member: str | None
    tags: Mapping[str, str]


class UsageEventBodyDict(TypedDict, total=False):
    """A `UsageEventBody`, as a dictionary."""

    specversion: Required[Literal["1.0"]]
    id: Required[str]
    source: Required[str]
    type: Required[str]
    subject: Required[str]
    time: datetime | str | None
    datacontenttype: str | None
    dataschema: str | None
    data: Required[UsageDataBody | UsageDataBodyDict]


class ValueBodyDict(TypedDict, total=False):
    """A `ValueBody`, as a dictionary."""

    amount: Required[int]
    currency: Required[str]
    per: str


PriceDict = PerUnitBodyDict | PackageBodyDict | TieredBodyDict | TableBodyDict
"""A `Price`, as a dictionary."""
