"""Minor units as a decimal of the currency: each with the decimals that ISO 4217 gives it."""

from __future__ import annotations

import pytest
from babel.numbers import get_currency_precision, list_currencies
from iso4217 import Currency, __published__

from scrip.domain.credits.currencies import DECIMALS, exact, major


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1250, "USD", "12.5"),
        (1250, "EUR", "12.5"),
        (5, "GBP", "0.05"),
        (-1999, "CHF", "-19.99"),
        (1250, "JPY", "1250"),
        (1250, "KRW", "1250"),
        (7, "ISK", "7"),
        (1250, "KWD", "1.25"),
        (1, "BHD", "0.001"),
        (5000, "TND", "5"),
        (12345, "CLF", "1.2345"),
        (0, "USD", "0"),
        (1250, "XXX", "12.5"),
    ],
)
def test_minor_units_are_written_with_the_decimals_of_their_currency(
    amount: int, currency: str, text: str
) -> None:
    assert major(amount, currency) == text


def test_the_list_is_that_of_iso_4217_without_what_has_no_minor_unit() -> None:
    """The oracle reads ISO's own list one, of 2026-01-01; metals, drawing rights and codes for tests have none."""
    published = {one.code: one.exponent for one in Currency}
    assert __published__.isoformat() == "2026-01-01"
    assert {code: decimals for code, decimals in published.items() if decimals is not None} == DECIMALS
    assert sorted(published.keys() - DECIMALS.keys()) == [
        *("XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"),
    ]  # fmt: skip


SPOKEN: dict[str, int] = dict.fromkeys(
    (
        *("AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP"),
        *("YER",),
    ),
    0,
)
"""What the Unicode CLDR says otherwise: how people write amounts of these today, without the minor unit that ISO 4217
still gives them, and in which amounts are counted."""


def test_the_decimals_are_those_of_the_unicode_cldr_but_for_what_is_written_otherwise_today() -> None:
    """Another oracle. Arab Accounting Dinar came to ISO's list later than to it; XXX is no currency in either."""
    known = list_currencies()
    assert sorted(DECIMALS.keys() - known) == ["XAD"]
    said = {code: get_currency_precision(code) for code in DECIMALS.keys() & known}
    assert {code: digits for code, digits in said.items() if digits != DECIMALS[code]} == SPOKEN


@pytest.mark.parametrize("code", ["XYZ", "DEM", "FRF", "HRK", "BGN", "ZWL", "VEF", "CUC", "BTC", "usd", ""])
def test_a_code_that_is_not_in_use_is_none(code: str) -> None:
    assert code not in DECIMALS


STRIPES = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF"
"""The currencies without decimals in Stripe's documentation."""


def test_currencies_without_decimals_are_those_that_stripe_lists() -> None:
    """Another source. Stripe counts MGA in whole ariary too, of which ISO 4217 has fifths; it lacks ISK and UYI."""
    found = {code for code, decimals in DECIMALS.items() if not decimals}
    assert found == {*STRIPES.split(), "ISK", "UYI"} - {"MGA"}


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1250, "USD", "12.50"),
        (1250, "JPY", "1250"),
        (1250, "KWD", "1.250"),
        (1250, "CLF", "0.1250"),
        (0, "USD", "0.00"),
        (0, "JPY", "0"),
        (-5, "USD", "-0.05"),
        (-5, "BHD", "-0.005"),
        (-1250, "JPY", "-1250"),
        (5, "DEM", "0.05"),
        (123456789012345678, "USD", "1234567890123456.78"),
    ],
)
def test_tables_have_all_decimals_of_a_currency(amount: int, currency: str, text: str) -> None:
    assert exact(amount, currency) == text
