"""How Stripe counts money, held against its documentation and against a stand-in that was written from that alone."""

from __future__ import annotations

import pytest

from local.standins import stripe_money
from scrip.providers.minor_units import NotChargeable
from scrip.providers.reading import Unreadable
from scrip.providers.stripe.money import MINOR_UNITS as STRIPE
from scrip.providers.stripe.money import charged, optional_charged


def test_stripes_currencies_without_decimals_are_those_of_its_documentation() -> None:
    """The page lists UGX too, and says below that its amounts have two decimals, which are 0; so it says of ISK."""
    listed = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
    assert {code for code, said in STRIPE.decimals.items() if said == 0} == set(listed.split())
    assert {code for code, said in STRIPE.decimals.items() if said == 3} == {
        "BHD",
        "JOD",
        "KWD",
        "OMR",
        "TND",
    }


def test_the_stand_in_was_written_apart_and_says_the_same() -> None:
    assert {code: stripe_money.decimals(code.lower()) for code in STRIPE.decimals} == STRIPE.decimals
    assert stripe_money.UNKNOWN.isdisjoint(code.lower() for code in STRIPE.decimals)


@pytest.mark.parametrize(
    ("ours", "currency", "theirs"),
    [
        (500_000, "UGX", 50_000_000),
        (5, "ISK", 500),
        (500_000, "MGA", 5_000),
        (5_120, "KWD", 5_120),
        (1_000, "JPY", 1_000),
        (1_050, "HUF", 1_050),
        (999, "TWD", 999),
        (1_999, "USD", 1_999),
        (0, "ISK", 0),
    ],
)
def test_an_amount_at_stripe_is_the_amount_in_the_terms(ours: int, currency: str, theirs: int) -> None:
    assert STRIPE.theirs(ours, currency) == theirs
    assert STRIPE.ours(theirs, currency) == ours


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        (500_050, "MGA", "stripe takes MGA in multiples of 1"),
        (5_124, "KWD", "stripe takes KWD in multiples of 0.01"),
        (1_000, "IQD", "stripe does not charge in IQD, as far as its documentation says"),
        (1_000, "CLF", "stripe does not charge in CLF, as far as its documentation says"),
        (1_000, "MRU", "stripe does not charge in MRU, as far as its documentation says"),
    ],
)
def test_what_stripe_cannot_charge_is_refused(amount: int, currency: str, reason: str) -> None:
    with pytest.raises(NotChargeable) as refusal:
        STRIPE.theirs(amount, currency)
    assert str(refusal.value) == reason


def test_a_part_of_a_crown_that_stripe_speaks_of_is_no_amount() -> None:
    with pytest.raises(NotChargeable, match="4010 of stripe's units of ISK is no whole minor unit of it"):
        STRIPE.ours(4_010, "ISK")


def test_an_amount_is_read_in_the_minor_units_of_iso_4217() -> None:
    assert charged({"amount": 400_000}, "amount", "ISK") == 4_000
    assert optional_charged({"amount": None}, "amount", "ISK") is None
    with pytest.raises(
        Unreadable, match="amount: 4010 of stripe's units of ISK is no whole minor unit of it"
    ):
        charged({"amount": 4_010}, "amount", "ISK")
    with pytest.raises(Unreadable, match="amount: stripe does not charge in IQD"):
        charged({"amount": 1_000}, "amount", "IQD")
