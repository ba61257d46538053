"""What FOCUS 1.2 requires of a row, written from the specification: its columns and attributes at the tag v1.2. It
knows nothing of Scrip; it finds fault, each fault in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from iso4217 import Currency

MANDATORY = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
]
CONDITIONAL = [
    "ChargeFrequency",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "Tags",
]
"""Those of what Scrip supports: prices in a virtual currency, price lists, measured usage, tags."""
NEVER_NULL = [
    "BilledCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "PricingCurrency",
    "PricingCurrencyEffectiveCost",
    "ChargeFrequency",
    "ChargeDescription",
]
"""``ChargeDescription`` SHOULD NOT be null."""
METRICS = [
    "BilledCost",
    "ContractedCost",
    "EffectiveCost",
    "ListCost",
    "PricingQuantity",
    "ConsumedQuantity",
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
]
OF_PRICED = [
    "PricingQuantity",
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
    "SkuId",
    "SkuPriceId",
]
"""Null of Tax, and not null of Usage and Purchase that are no Correction."""
NUMBER = re.compile(r"-?\d+(\.\d+)?(E-?\d+)?")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
VALUES = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {"Correction"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "PricingCategory": {"Standard", "Dynamic", "Committed", "Other"},
}
Row = Mapping[str, str | None]


def faults(row: Row) -> list[str]:
    """What is wrong with a row; nothing where all is well."""
    found = [*_columns(row), *_forms(row), *_nulls(row)]
    return found or [*_sums(row)]


def _columns(row: Row) -> Iterator[str]:
    yield from (f"{name} is not there" for name in (*MANDATORY, *CONDITIONAL) if name not in row)
    own = [name for name in row if name not in MANDATORY and name not in CONDITIONAL]
    yield from (f"{name} is no column" for name in own if not re.fullmatch(r"x_([A-Z][a-z0-9]*)+", name))
    if list(row)[len(row) - len(own) :] != own:
        yield "columns of one's own come last"


def _forms(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if value is not None and not value.strip():
            yield f"{name} is empty"
    for name in METRICS:
        value = row[name]
        if value is not None and not NUMBER.fullmatch(value):
            yield f"{name} is no number: {value}"
    for name, values in VALUES.items():
        if row[name] is not None and row[name] not in values:
            yield f"{name} is {row[name]}"
    for kind in ("Billing", "Charge"):
        start, end = row[f"{kind}PeriodStart"] or "", row[f"{kind}PeriodEnd"] or ""
        if not INSTANT.fullmatch(start) or not INSTANT.fullmatch(end) or not start < end:
            yield f"{kind}Period from {start} to {end}"
    if row["BillingCurrency"] not in {one.code for one in Currency}:
        yield "BillingCurrency is no national one"
    for name in ("Tags", "SkuPriceDetails"):
        said = json.loads(row[name] or "{}")
        if not isinstance(said, dict) or any(isinstance(one, dict | list) for one in said.values()):
            yield f"{name} is no object of plain values"


def _nulls(row: Row) -> Iterator[str]:
    yield from (f"{name} is null" for name in NEVER_NULL if row[name] is None)
    category, correction = row["ChargeCategory"], row["ChargeClass"] == "Correction"
    for name in OF_PRICED:
        if category == "Tax" and row[name] is not None:
            yield f"{name} of a tax is not null"
        if category in ("Usage", "Purchase") and not correction and row[name] is None:
            yield f"{name} is null"
    for one, other in (("PricingUnit", "PricingQuantity"), ("ConsumedUnit", "ConsumedQuantity")):
        if (row[one] is None) != (row[other] is None):
            yield f"{one} and {other} are not null together"
    if row["ConsumedQuantity"] is None and category == "Usage" and not correction:
        yield "ConsumedQuantity of usage is null"
    if row["ConsumedQuantity"] is not None and category != "Usage":
        yield "ConsumedQuantity is of usage alone"
    for name in ("SkuMeter", "SkuPriceDetails"):
        if row[name] is not None and row["SkuId"] is None:
            yield f"{name} without SkuId"
    if category == "Purchase" and row["ChargeFrequency"] == "Usage-Based":
        yield "a purchase is not usage-based"


def _sums(row: Row) -> Iterator[str]:
    number = {name: Decimal(value) for name in METRICS if (value := row[name]) is not None}
    if row["ChargeCategory"] == "Purchase":
        if number["EffectiveCost"] or number["PricingCurrencyEffectiveCost"]:
            yield "a prepaid purchase costs nothing in effect"
        if row["PricingCurrency"] != row["BillingCurrency"]:
            yield "a purchase is priced in another currency"
    decimals = -int(Decimal(row["BilledCost"] or "0").as_tuple().exponent)
    half = Decimal(5).scaleb(-decimals - 1)
    for name in METRICS:
        if name.endswith("UnitPrice") and number.get(name, Decimal(0)) < 0:
            yield f"{name} is negative"
    if row["ChargeClass"] == "Correction" or "PricingQuantity" not in number:
        return
    for kind in ("List", "Contracted"):
        if abs(number[f"{kind}UnitPrice"] * number["PricingQuantity"] - number[f"{kind}Cost"]) >= half:
            yield f"{kind}UnitPrice times PricingQuantity is not {kind}Cost"
