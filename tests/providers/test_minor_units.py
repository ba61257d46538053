"""Minor units of each provider, held against ISO's own list, the providers' documentation and their SDKs (law 3)."""

from __future__ import annotations

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from scrip.providers.minor_units import MinorUnits, NotChargeable, minor_units
from tests.providers.samples import steady

ISO = {one.code: one.exponent for one in Currency if one.exponent is not None}
KNOWN = ["dodo", "paddle", "standard", "stripe"]


@pytest.mark.parametrize(
    ("provider", "different"),
    [("stripe", {"ISK": 2, "UGX": 2, "MGA": 0}), ("dodo", {}), ("paddle", {}), ("standard", {})],
)
def test_each_counts_as_iso_4217_but_for(provider: str, different: dict[str, int]) -> None:
    decimals = minor_units(provider).decimals
    assert {code: said for code, said in decimals.items() if said != ISO[code]} == different


SPOKEN = {*("AFN", "ALL", "LAK", "LBP", "MMK", "RSD", "SOS", "YER")}
"""Currencies of which the CLDR says that people write no decimals; ISO 4217 and the providers have two."""


@pytest.mark.parametrize(
    ("provider", "different"),
    [
        # Stripe: ISK and UGX have two decimals in its API that are 0. MGA has none there, as people write it.
        ("stripe", {**dict.fromkeys(SPOKEN, 2), "ISK": 2, "UGX": 2}),
        # Dodo: as ISO 4217 has it. It does not charge in AFN.
        ("dodo", {**dict.fromkeys(SPOKEN - {"AFN"}, 2), "IQD": 3}),
    ],
)
def test_each_counts_as_the_unicode_cldr_but_for(provider: str, different: dict[str, int]) -> None:
    decimals = minor_units(provider).decimals
    assert {
        code: said for code, said in decimals.items() if said != get_currency_precision(code)
    } == different


PADDLES = (
    "USD EUR GBP JPY AUD CAD CHF HKD SGD SEK ARS BRL CLP CNY COP CZK DKK HUF ILS INR KRW MXN NOK NZD PEN PLN RUB THB "
    "TRY TWD UAH VND ZAR"
)
"""The currencies of Paddle's SDK (CurrencyCode)."""


def test_paddles_currencies_have_the_decimals_of_iso_4217_and_of_the_cldr() -> None:
    """So its lowest denomination is the minor unit here, and yen, won, dong and Chilean pesos have none."""
    counted = {code: minor_units("paddle").decimals[code] for code in PADDLES.split()}
    assert counted == {code: get_currency_precision(code) for code in PADDLES.split()}
    assert {code for code, decimals in counted.items() if not decimals} == {"CLP", "JPY", "KRW", "VND"}


@pytest.mark.parametrize(
    ("amount", "currency", "doubt"),
    [
        (50, "USD", None),
        (49, "USD", "stripe charges USD 0.5 at the least, unless it pays out in another currency"),
        (29, "GBP", "stripe charges GBP 0.3 at the least, unless it pays out in another currency"),
        (49, "JPY", "stripe charges JPY 50 at the least, unless it pays out in another currency"),
        (17_499, "HUF", "stripe charges HUF 175 at the least, unless it pays out in another currency"),
        (1, "KES", None),
        (99_999_999, "USD", None),
        (
            100_000_000,
            "USD",
            "stripe takes amounts of at most 8 digits in USD, as far as its documentation says",
        ),
        (999_999, "UGX", None),
        (
            1_000_000,
            "UGX",
            "stripe takes amounts of at most 8 digits in UGX, as far as its documentation says",
        ),
        (999_999_999_999, "IDR", None),
        (10**12, "IDR", "stripe takes amounts of at most 12 digits in IDR, as far as its documentation says"),
    ],
)
def test_what_stripe_may_refuse_is_doubted(amount: int, currency: str, doubt: str | None) -> None:
    assert minor_units("stripe").doubt(amount, currency) == doubt
    assert minor_units("paddle").doubt(amount, currency) is None


@pytest.mark.parametrize("provider", KNOWN)
@steady
@given(data=st.data())
def test_what_can_be_said_comes_back_as_it_was_and_what_is_floored_can_be_said(
    provider: str, data: st.DataObject
) -> None:
    units: MinorUnits = minor_units(provider)
    currency = data.draw(st.sampled_from(sorted(units.decimals)))
    amount = data.draw(st.integers(0, 10**13))
    floored = units.floor(amount, currency)
    assert 0 <= amount - floored < units.least(currency)
    assert units.ours(units.theirs(floored, currency), currency) == floored
    if floored != amount:
        with pytest.raises(NotChargeable):
            units.theirs(amount, currency)


def test_stripe_charges_at_the_least_what_its_documentation_says() -> None:
    """https://docs.stripe.com/currencies, "Minimum and maximum charge amounts", in major units."""
    said = {
        **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "INR", "NZD", "SGD", "USD"), "0.50"),
        "AED": "2.00",
        "CZK": "15.00",
        "DKK": "2.50",
        "GBP": "0.30",
        "HKD": "4.00",
        "HUF": "175.00",
        "JPY": "50",
        "MXN": "10.00",
        "MYR": "2.00",
        "NOK": "3.00",
        "PLN": "2.00",
        "RON": "2.00",
        "SEK": "3.00",
    }
    known = minor_units("stripe").smallest
    assert {code: int(text.replace(".", "")) for code, text in said.items()} == known
