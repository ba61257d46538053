"""Terms of sale say what is bought, when it ends and what a refund gives, in words that a buyer can read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.payments import sale_terms
from scrip.domain.payments.pack import Pack

PACKS: dict[str, str] = json.loads((Path(__file__).parent / "data" / "packs.json").read_text())
PLAIN: Final = Pack.from_json("plain", json.loads(PACKS["plain"]))
PRICE: Final = Money(100_000, "USD")

BOUGHT = "You buy a balance of 100.5 Images for USD 1000.00 plus any tax, not a product."
REFUND = "A refund takes back credits of this purchase, in proportion to the money refunded."
OWED = "If too few of them are left, the rest is owed."
REPAID = "What is owed comes off the next credits you get."


@pytest.mark.parametrize(
    ("pack", "policy", "terms"),
    [
        ({}, {}, f"{BOUGHT} The credits do not expire. {REFUND} {OWED} {REPAID} Tax is due when you pay."),
        (
            {"expires_in": "P1Y", "tax_point": "redemption"},
            {"refund_shortfall": "write_off", "default_expires_in": "P1D"},
            (
                f"{BOUGHT} The credits expire 1 year after the payment; what is unspent then is lost. {REFUND} "
                "If too few of them are left, only those are taken back. "
                "Tax is due when you spend the credits, not when you pay."
            ),
        ),
        (
            {"every": "P1M"},
            {"refund_shortfall": "other_lots", "default_expires_in": "P1Y6M", "repay_first": False},
            (
                f"{BOUGHT} You are charged every month until you cancel, and each payment gives the same "
                "credits again. The credits expire 1 year and 6 months after each payment; "
                f"what is unspent then is lost. {REFUND} If too few of them are left, the rest is taken from your "
                "other credits; what these lack is owed. Tax is due when you pay."
            ),
        ),
        (
            {"every": "P3M"},
            {"repay_first": False},
            (
                f"{BOUGHT} You are charged every 3 months until you cancel, and each payment gives the same "
                f"credits again. The credits do not expire. {REFUND} {OWED} Tax is due when you pay."
            ),
        ),
    ],
    ids=["plain", "expiring", "monthly", "quarterly"],
)
def test_terms_follow_the_pack_and_its_units_policy(pack: Any, policy: Any, terms: str) -> None:
    unit = Unit("images", 2, "Images", Policy(**policy))
    assert sale_terms.make_terms(replace(PLAIN, **pack), unit, 10050, PRICE) == terms


def test_a_unit_without_a_name_is_called_by_its_id() -> None:
    assert sale_terms.make_terms(PLAIN, Unit("img", 0), 7, PRICE).startswith("You buy a balance of 7 img for")


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (Money(100_000, "USD"), "USD 1000.00"),
        (Money(5, "USD"), "USD 0.05"),
        (Money(1000, "JPY"), "JPY 1000"),
        (Money(1000, "KWD"), "KWD 1.000"),
        (Money(0, "EUR"), "EUR 0.00"),
    ],
)
def test_money_has_the_decimals_of_its_currency(price: Money, text: str) -> None:
    assert sale_terms.format_money(price) == text


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        ("P1D", "1 day"),
        ("P2W", "2 weeks"),
        ("P1Y6M", "1 year and 6 months"),
        ("P1Y2M3D", "1 year, 2 months and 3 days"),
        ("P90DT12H", "90 days and 12 hours"),
        ("PT1M", "1 minute"),
        ("PT1H0M30S", "1 hour and 30 seconds"),
        ("P0Y3M", "3 months"),
    ],
)
def test_a_duration_is_written_in_words(duration: str, words: str) -> None:
    assert sale_terms.duration_in_words(duration) == words


@pytest.mark.parametrize(
    ("every", "words"),
    [("P1D", "every day"), ("P1W", "every week"), ("P14D", "every 14 days"), ("P3Y", "every 3 years")],
)
def test_a_period_is_written_in_words(every: str, words: str) -> None:
    assert sale_terms.recurrence_in_words(every) == words


def test_terms_have_the_same_version_if_they_are_the_same() -> None:
    # printf %s "Fine print." | sha256sum
    assert sale_terms.terms_version("Fine print.") == "d1f47c036b2fbdd1"
    assert sale_terms.terms_version("Fine print") != sale_terms.terms_version("Fine print.")
