"""Minor units as a decimal of the currency: each with the decimals that ISO 4217 gives it."""

from __future__ import annotations

import pytest

from scrip.domain.credits.currencies import DECIMALS, major


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


def test_only_currencies_that_have_not_two_decimals_are_listed() -> None:
    assert set(DECIMALS.values()) == {0, 3, 4}
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in DECIMALS)
    assert not DECIMALS.keys() & {"USD", "EUR", "GBP", "CHF", "CNY", "INR", "MGA", "MRU", "HUF", "TWD"}


STRIPES = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF"
"""The currencies without decimals in Stripe's documentation."""


def test_currencies_without_decimals_are_those_that_stripe_lists() -> None:
    """Another source. Stripe counts MGA in whole ariary too, of which ISO 4217 has fifths; it lacks ISK and UYI."""
    found = {code for code, decimals in DECIMALS.items() if not decimals}
    assert found == {*STRIPES.split(), "ISK", "UYI"} - {"MGA"}
