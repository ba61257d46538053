"""Rows of FOCUS 1.2, the FinOps Open Cost and Usage Specification, in which credits are a virtual currency.

A purchase of credits is billed and costs nothing yet; their use is not billed, and costs the money that leaves their
lots. So a customer's billed and effective costs add up to the same once all credits are used or ended. docs/finance.md
has the rules with an example. Does not own where facts come from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Literal

from scrip.domain.credits.currencies import exact

Charge = Literal["purchase", "tax", "usage", "unused"]
"""What a row is of: credits that were bought, tax on them, credits that were spent, or ended unspent."""
ColumnType = Literal["string", "decimal", "instant", "json"]
CATEGORIES: Final = (
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
)
"""Service categories that the specification has."""
COLUMNS: Final[Mapping[str, ColumnType]] = {
    "BilledCost": "decimal",
    "BillingAccountId": "string",
    "BillingAccountName": "string",
    "BillingCurrency": "string",
    "BillingPeriodEnd": "instant",
    "BillingPeriodStart": "instant",
    "ChargeCategory": "string",
    "ChargeClass": "string",
    "ChargeDescription": "string",
    "ChargeFrequency": "string",
    "ChargePeriodEnd": "instant",
    "ChargePeriodStart": "instant",
    "ConsumedQuantity": "decimal",
    "ConsumedUnit": "string",
    "ContractedCost": "decimal",
    "ContractedUnitPrice": "decimal",
    "EffectiveCost": "decimal",
    "InvoiceIssuerName": "string",
    "ListCost": "decimal",
    "ListUnitPrice": "decimal",
    "PricingCategory": "string",
    "PricingCurrency": "string",
    "PricingCurrencyContractedUnitPrice": "decimal",
    "PricingCurrencyEffectiveCost": "decimal",
    "PricingCurrencyListUnitPrice": "decimal",
    "PricingQuantity": "decimal",
    "PricingUnit": "string",
    "ProviderName": "string",
    "PublisherName": "string",
    "ServiceCategory": "string",
    "ServiceName": "string",
    "SkuId": "string",
    "SkuMeter": "string",
    "SkuPriceDetails": "json",
    "SkuPriceId": "string",
    "Tags": "json",
    "x_EntryId": "string",
    "x_EntryKind": "string",
    "x_Member": "string",
}
"""Columns in their order, the specification's first, each with what it holds."""
FocusRow = dict[str, str | None]
"""A row by column, each value as text. None where there is no value, which is never an empty text."""
_CATEGORY: Final[Mapping[Charge, str]] = {
    "purchase": "Purchase",
    "tax": "Tax",
    "usage": "Usage",
    "unused": "Usage",
}
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_STEP: Final = Decimal(1).scaleb(-18)
"""Decimals of a unit price: with so many, price times quantity is the cost to the minor unit."""
_WITHOUT: Final = "Payments"
"""What is counted where money moves and no credits do."""


@dataclass(frozen=True, slots=True)
class FocusIssuer:
    """Who sells the credits, as customers know it.

    Attributes:
        provider, publisher, invoice_issuer: the names of companies: whose platform it is, whose service, and who bills.
        service: the name of what credits are spent on.
        category: the kind of that, one of ``CATEGORIES``.
    """

    provider: str
    publisher: str
    invoice_issuer: str
    service: str
    category: str = "Other"

    def __post_init__(self) -> None:
        """Refuses an issuer that no row may have.

        Raises:
            ValueError: a name is empty, or the category is none.
        """
        for name in ("provider", "publisher", "invoice_issuer", "service"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} must not be empty")
        if self.category not in CATEGORIES:
            raise ValueError(f"category must be one of {', '.join(CATEGORIES)}")


@dataclass(frozen=True, slots=True)
class FocusFact:
    """What one row is made of: one currency's and one meter's part of an entry.

    Attributes:
        account_name: what the customer is called; None: it has no name.
        unit: the virtual currency.
        at: when it holds, epoch milliseconds.
        period: the month that it is billed in, ``2026-11``.
        currency: of the customer's bills. Credits that cost nothing are of one too.
        money: minor units: a purchase's price without tax, its tax, or what left a lot. What is undone, or paid back,
            is negative.
        credits: a decimal, of a purchase what it brought, else what was spent; of the same sign.
        meter: what they were spent on; None: no meter counted it.
        quantity: how much of the meter, a decimal; None: it is counted in credits.
        pack: what was bought; None: no pack.
        version: of the pack, or of the meter's rate card; None: it has none.
        recurring: whether it is a period of a subscription.
        corrects: whether it corrects a month that was billed before.
        member: who of the account used it.
    """

    charge: Charge
    entry_id: str
    entry_kind: str
    account: str
    account_name: str | None
    unit: str
    at: int
    period: str
    currency: str
    money: int
    credits: str = "0"
    meter: str | None = None
    quantity: str | None = None
    pack: str | None = None
    version: int | None = None
    recurring: bool = False
    corrects: bool = False
    member: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def row(fact: FocusFact, issuer: FocusIssuer) -> FocusRow:
    """Returns the row of a fact, with every column.

    Raises:
        ValueError: money and credits, or quantity, have different signs, so that a unit price would be negative.
    """
    made: FocusRow = dict.fromkeys(COLUMNS)
    start = fact.at // 1000
    made |= {
        "BillingAccountId": fact.account,
        "BillingAccountName": fact.account_name or None,
        "BillingCurrency": fact.currency,
        "BillingPeriodStart": f"{fact.period}-01T00:00:00Z",
        "BillingPeriodEnd": f"{_next_month(fact.period)}-01T00:00:00Z",
        "ChargeCategory": _CATEGORY[fact.charge],
        "ChargeClass": "Correction" if fact.corrects else None,
        "ChargeDescription": _description(fact),
        "ChargeFrequency": _frequency(fact),
        "ChargePeriodStart": _second(start),
        "ChargePeriodEnd": _second(start + 1),
        "InvoiceIssuerName": issuer.invoice_issuer,
        "ProviderName": issuer.provider,
        "PublisherName": issuer.publisher,
        "ServiceCategory": issuer.category,
        "ServiceName": issuer.service,
        "Tags": json.dumps(dict(fact.tags), ensure_ascii=False, sort_keys=True) if fact.tags else None,
        "x_EntryId": fact.entry_id,
        "x_EntryKind": fact.entry_kind,
        "x_Member": fact.member,
    }
    return made | _costs(fact) | ({} if fact.charge == "tax" else {**_prices(fact), **_sku(fact)})


def _costs(fact: FocusFact) -> FocusRow:
    """Returns what a fact costs: a purchase is billed, and its cost comes with the use of its credits."""
    money, none = exact(fact.money, fact.currency), exact(0, fact.currency)
    bought = fact.charge in ("purchase", "tax")
    return {
        "BilledCost": money if bought else none,
        "EffectiveCost": none if bought else money,
        "ListCost": money,
        "ContractedCost": money,
        "PricingCurrency": fact.currency if bought else fact.unit,
        "PricingCurrencyEffectiveCost": "0" if bought else _plain(Decimal(fact.credits)),
    }


def _prices(fact: FocusFact) -> FocusRow:
    """Returns quantities, and what one costs in money and in what it is priced in.

    Raises:
        ValueError: that would be negative.
    """
    money = Decimal(exact(fact.money, fact.currency))
    credits_ = Decimal(fact.credits)
    counted = fact.charge == "usage" and fact.quantity is not None
    quantity, unit = (Decimal(fact.quantity or 0), fact.meter) if counted else (credits_, fact.unit)
    if not quantity and (money or (counted and credits_)):
        quantity, unit = Decimal(-1 if money < 0 or credits_ < 0 else 1), _WITHOUT
    priced = money if fact.charge == "purchase" else credits_
    price, own = _price(money, quantity), _price(priced, quantity)
    found: FocusRow = {
        "PricingQuantity": _plain(quantity),
        "PricingUnit": unit or fact.unit,
        "PricingCategory": "Standard",
        "ListUnitPrice": price,
        "ContractedUnitPrice": price,
        "PricingCurrencyListUnitPrice": own,
        "PricingCurrencyContractedUnitPrice": own,
    }
    if fact.charge != "purchase":
        used = fact.charge == "usage"
        found["ConsumedQuantity"] = found["PricingQuantity"] if used else "0"
        found["ConsumedUnit"] = found["PricingUnit"]
    return found


def _sku(fact: FocusFact) -> FocusRow:
    """Returns what was bought or used, as a price list has it."""
    name = fact.pack or fact.meter or fact.unit
    version = "" if fact.version is None else f"@{fact.version}"
    return {"SkuId": name, "SkuMeter": fact.meter or fact.unit, "SkuPriceId": f"{name}{version}"}


def _price(amount: Decimal, quantity: Decimal) -> str:
    """Returns what one of a quantity costs.

    Raises:
        ValueError: that is negative.
    """
    price = _EXACT.divide(amount, quantity).quantize(_STEP, context=_EXACT) if quantity else Decimal(0)
    if price < 0:
        raise ValueError(f"{amount} for {quantity} is a negative unit price")
    return _plain(price)


def _description(fact: FocusFact) -> str:
    """Says what a row is of, in words."""
    credits_ = _plain(abs(Decimal(fact.credits)))
    if fact.charge == "purchase":
        what = f"{credits_} {fact.unit}" + (f", pack {fact.pack}" if fact.pack else "")
        return f"{'Purchase of' if fact.money >= 0 else 'Refund of'} {what}"
    if fact.charge == "tax":
        return "Tax on a purchase" if fact.money >= 0 else "Tax on a refund"
    if fact.charge == "unused":
        return f"{credits_} {fact.unit} that ended unused"
    undone = Decimal(fact.credits) < 0 or fact.money < 0
    what = f"{fact.meter or fact.unit} for {credits_} {fact.unit}"
    return f"{'Use that was undone of' if undone else 'Use of'} {what}"


def _frequency(fact: FocusFact) -> str:
    """Returns how often such a charge occurs."""
    if fact.charge == "usage":
        return "Usage-Based"
    return "Recurring" if fact.recurring else "One-Time"


def _plain(number: Decimal) -> str:
    """Writes a number without exponent, and without zeros at the end of its decimals."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def _second(at: int) -> str:
    """Writes an instant, given in seconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _next_month(period: str) -> str:
    """Returns the month after one."""
    year, month = map(int, period.split("-"))
    return f"{year + month // 12:04}-{month % 12 + 1:02}"
