"""Rows of FOCUS 1.2: an example of each kind, and the specification's own rules over whatever hypothesis thinks of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.currencies import decimals
from scrip.domain.finance.focus import CATEGORIES, COLUMNS, FocusFact, FocusIssuer, FocusRow, row
from tests.domain.finance.focus_rules import CONDITIONAL, MANDATORY, faults

ACME = FocusIssuer("Acme Cloud", "Acme", "Acme Inc.", "Acme API", "AI and Machine Learning")
AT = 1_793_613_600_123  # 2026-11-02T10:00:00.123Z
FACT = FocusFact(
    charge="usage",
    entry_id="k.w.2",
    entry_kind="burn",
    account="ann",
    account_name=None,
    unit="credits",
    at=AT,
    period="2026-11",
    currency="USD",
    money=3333,
    credits="1",
    meter="chat",
    quantity="40",
    version=2,
    member="bob",
    tags={"team": "search"},
)
BOUGHT = replace(
    FACT,
    charge="purchase",
    entry_kind="grant",
    money=10000,
    credits="3",
    pack="three",
    meter=None,
    quantity=None,
)


def made(fact: FocusFact, **more: Any) -> FocusRow:
    found = row(replace(fact, **more), ACME)
    assert faults(found) == []
    return found


def shown(found: FocusRow, *names: str) -> list[str | None]:
    return [found[name] for name in names]


def test_a_row_has_the_specifications_columns_and_then_its_own() -> None:
    own = [name for name in COLUMNS if name.startswith("x_")]
    assert set(COLUMNS) == {*MANDATORY, *CONDITIONAL, *own}
    assert list(made(FACT)) == list(COLUMNS)


def test_usage_is_not_billed_and_costs_what_left_its_lots() -> None:
    """40 chats for 1 of 3 credits that cost 100.00: 33.33, 0.83325 each, 0.025 credits each."""
    assert made(FACT) == {
        "BilledCost": "0.00",
        "BillingAccountId": "ann",
        "BillingAccountName": None,
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-12-01T00:00:00Z",
        "BillingPeriodStart": "2026-11-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": "Use of chat for 1 credits",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": "2026-11-02T10:00:01Z",
        "ChargePeriodStart": "2026-11-02T10:00:00Z",
        "ConsumedQuantity": "40",
        "ConsumedUnit": "chat",
        "ContractedCost": "33.33",
        "ContractedUnitPrice": "0.83325",
        "EffectiveCost": "33.33",
        "InvoiceIssuerName": "Acme Inc.",
        "ListCost": "33.33",
        "ListUnitPrice": "0.83325",
        "PricingCategory": "Standard",
        "PricingCurrency": "credits",
        "PricingCurrencyContractedUnitPrice": "0.025",
        "PricingCurrencyEffectiveCost": "1",
        "PricingCurrencyListUnitPrice": "0.025",
        "PricingQuantity": "40",
        "PricingUnit": "chat",
        "ProviderName": "Acme Cloud",
        "PublisherName": "Acme",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "Acme API",
        "SkuId": "chat",
        "SkuMeter": "chat",
        "SkuPriceDetails": None,
        "SkuPriceId": "chat@2",
        "Tags": '{"team": "search"}',
        "x_EntryId": "k.w.2",
        "x_EntryKind": "burn",
        "x_Member": "bob",
    }


COSTS = (
    "ChargeCategory",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "PricingCurrency",
    "PricingCurrencyEffectiveCost",
)
PRICED = (
    "PricingQuantity",
    "PricingUnit",
    "ListUnitPrice",
    "PricingCurrencyListUnitPrice",
    "ConsumedQuantity",
)


def test_a_purchase_is_billed_and_costs_nothing_yet() -> None:
    """3 credits for 100.00: a third of it each, to 18 decimals; three times that is 100.00 to the cent."""
    found = made(BOUGHT, account_name="Ann & Co.")
    assert shown(found, *COSTS) == ["Purchase", "100.00", "0.00", "100.00", "USD", "0"]
    third = "33.333333333333333333"
    assert shown(found, *PRICED) == ["3", "credits", third, third, None]
    assert shown(found, "ChargeFrequency", "SkuId", "SkuMeter") == ["One-Time", "three", "credits"]
    assert shown(found, "BillingAccountName", "ChargeDescription") == [
        "Ann & Co.",
        "Purchase of 3 credits, pack three",
    ]
    assert made(BOUGHT, recurring=True)["ChargeFrequency"] == "Recurring"


def test_the_tax_of_a_purchase_is_a_row_without_quantities() -> None:
    found = made(BOUGHT, charge="tax", money=1900)
    assert shown(found, *COSTS) == ["Tax", "19.00", "0.00", "19.00", "USD", "0"]
    assert shown(found, *PRICED, "SkuId", "PricingCategory") == [None] * 7


def test_what_is_paid_back_is_a_negative_purchase_and_of_an_earlier_month_a_correction() -> None:
    found = made(BOUGHT, money=-5000, credits="-1.5", corrects=True)
    assert shown(found, *COSTS) == ["Purchase", "-50.00", "0.00", "-50.00", "USD", "0"]
    assert shown(found, "ChargeClass", "PricingQuantity") == ["Correction", "-1.5"]
    assert found["ChargeDescription"] == "Refund of 1.5 credits, pack three"


def test_money_that_goes_back_without_credits_is_counted_as_a_payment() -> None:
    """All were used: nothing is left to take back."""
    found = made(BOUGHT, money=-5000, credits="0")
    assert shown(found, "PricingQuantity", "PricingUnit", "ListUnitPrice") == ["-1", "Payments", "50"]


def test_usage_that_is_undone_is_negative() -> None:
    found = made(FACT, money=-3333, credits="-1", quantity="-40")
    assert shown(found, *COSTS) == ["Usage", "0.00", "-33.33", "-33.33", "credits", "-1"]
    assert shown(found, "ListUnitPrice", "ConsumedQuantity") == ["0.83325", "-40"]
    assert found["ChargeDescription"] == "Use that was undone of chat for 1 credits"


def test_credits_that_were_free_are_usage_that_costs_nothing() -> None:
    found = made(FACT, money=0)
    assert shown(found, *COSTS) == ["Usage", "0.00", "0.00", "0.00", "credits", "1"]
    assert shown(found, "ListUnitPrice", "PricingCurrencyListUnitPrice") == ["0", "0.025"]


def test_what_is_used_without_a_meter_is_counted_in_credits() -> None:
    found = made(FACT, meter=None, quantity=None, credits="2.50")
    assert shown(found, *PRICED) == ["2.5", "credits", "13.332", "1", "2.5"]
    assert shown(found, "SkuId", "SkuPriceId") == ["credits", "credits@2"]


def test_credits_that_end_unused_cost_what_was_left_of_them() -> None:
    """So billed and effective cost are the same once nothing is left: 100.00 = 33.33 + 66.67."""
    found = made(
        FACT, charge="unused", entry_kind="expiry", money=6667, credits="2", meter=None, quantity=None
    )
    assert shown(found, *COSTS) == ["Usage", "0.00", "66.67", "66.67", "credits", "2"]
    assert shown(found, "ConsumedQuantity", "ConsumedUnit", "ChargeFrequency") == ["0", "credits", "One-Time"]
    rows = [made(BOUGHT), made(FACT), found]
    assert sum(Decimal(one["BilledCost"] or 0) for one in rows) == 100
    assert sum(Decimal(one["EffectiveCost"] or 0) for one in rows) == 100


@pytest.mark.parametrize(("currency", "money"), [("JPY", "10000"), ("BHD", "10.000"), ("USD", "100.00")])
def test_costs_have_all_decimals_of_their_currency(currency: str, money: str) -> None:
    assert made(BOUGHT, currency=currency)["BilledCost"] == money


def test_december_is_billed_until_january() -> None:
    found = made(FACT, period="2026-12")
    assert shown(found, "BillingPeriodStart", "BillingPeriodEnd") == [
        "2026-12-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    ]


def test_a_negative_unit_price_is_refused() -> None:
    with pytest.raises(ValueError, match="negative unit price"):
        row(replace(FACT, money=-1), ACME)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("", "a", "a", "a"), "provider"),
        (("a", " ", "a", "a"), "publisher"),
        (("a", "a", "", "a"), "invoice_issuer"),
        (("a", "a", "a", ""), "service"),
        (("a", "a", "a", "a", "AI"), "category"),
    ],
)
def test_an_issuer_has_names_and_a_category_of_the_specification(given: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        FocusIssuer(*given)
    assert len(CATEGORIES) == 19


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("EffectiveCost", "1.00"),
        ("BilledCost", "$1"),
        ("BilledCost", "1,000"),
        ("BillingCurrency", "credits"),
        ("ChargeCategory", "Expiry"),
        ("PricingUnit", None),
        ("PricingQuantity", "4"),
        ("ChargePeriodEnd", "2026-11-02T10:00:00Z"),
        ("ConsumedQuantity", "3"),
        ("ListUnitPrice", "-1"),
        ("BillingAccountName", ""),
        ("Tags", '{"a": []}'),
        ("SkuId", None),
        ("x_own", "1"),
    ],
)
def test_the_rules_find_what_is_wrong(column: str, value: str | None) -> None:
    assert faults({**made(BOUGHT), column: value}) != []


NUMBERS = st.decimals(Decimal("0.000000001"), Decimal(10**9), places=9, allow_nan=False).map(
    lambda one: f"{one:f}"
)


@given(
    charge=st.sampled_from(["purchase", "tax", "usage", "unused"]),
    money=st.integers(0, 10**15),
    credits_=NUMBERS | st.just("0"),
    quantity=NUMBERS | st.sampled_from(["0", None]),
    back=st.booleans(),
    currency=st.sampled_from(["USD", "JPY", "BHD", "CLF"]),
    meter=st.sampled_from(["chat", None]),
    corrects=st.booleans(),
)
def test_every_row_keeps_the_specifications_rules(
    charge: Any,
    money: int,
    credits_: str,
    quantity: str | None,
    back: bool,
    currency: str,
    meter: Any,
    corrects: bool,
) -> None:
    sign = "-" if back else ""
    fact = replace(
        FACT,
        charge=charge,
        money=-money if back else money,
        credits=sign + credits_,
        quantity=None if quantity is None or meter is None else sign + quantity,
        meter=meter,
        currency=currency,
        corrects=corrects,
    )
    found = row(fact, ACME)
    assert faults(found) == []
    cost = Decimal(found["ListCost"] or 0).scaleb(decimals(currency))
    assert cost == fact.money
