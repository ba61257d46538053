"""A pack is stored as it always was, and gives and costs what it says.

The documents are of the code before packs had a type (commit 0234e66); ``first`` is of the first code there was (commit
a73899e), before there were prices in further currencies and subscriptions.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, PrecisionExceeded, Refusal
from scrip.domain.credits.lots import Money
from scrip.domain.payments.pack import Bonus, Pack

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "packs.json").read_text())
ADDED_LATER: Final = {"prices", "recurring"}


def stored(name: str) -> Pack:
    return Pack.from_json(name, json.loads(STORED[name]))


PLAIN: Final = stored("plain")


@pytest.mark.parametrize("name", sorted(set(STORED) - {"first"}))
def test_a_stored_pack_is_read_and_written_back_byte_for_byte(name: str) -> None:
    assert json.dumps(stored(name).to_json(), ensure_ascii=False) == STORED[name]


def test_a_pack_with_everything_is_read() -> None:
    pack = stored("rich")
    assert (pack.pack, pack.version, pack.every, pack.tax_point) == ("rich", 1, "P1M", "redemption")
    assert pack.prices == (Money(4500, "EUR"), Money(7000, "JPY"))
    assert pack.bonus == (Bonus(2, credits="10"), Bonus(5, percent="12.5"))
    assert pack.provider_refs["stripe"] == "price_9"


def test_a_pack_of_the_first_code_is_a_single_payment_in_its_own_currency() -> None:
    pack = stored("first")
    assert (pack.prices, pack.every) == ((), None)
    assert pack.to_json() == {**json.loads(STORED["first"]), "prices": [], "recurring": None}


def test_a_pack_keeps_the_providers_that_there_were_when_it_was_put() -> None:
    body = {**json.loads(STORED["plain"]), "provider_refs": {"dodo": "pdt_1"}}
    assert json.dumps(Pack.from_json("old", body).to_json()) == json.dumps(body)


@pytest.mark.parametrize("name", sorted(set(json.loads(STORED["plain"])) - ADDED_LATER - {"version"}))
def test_a_pack_that_lacks_a_member_is_not_read(name: str) -> None:
    body = {key: value for key, value in json.loads(STORED["plain"]).items() if key != name}
    with pytest.raises((KeyError, TypeError)):
        Pack.from_json("plain", body)


def test_a_pack_with_a_member_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TypeError):
        Pack.from_json("plain", {**json.loads(STORED["plain"]), "discount": 5})


# Credits


@pytest.mark.parametrize(
    ("quantity", "steps"),
    [(1, 10050), (2, 20100 + 1000), (4, 40200 + 1000), (5, 50250 + 6281), (1000, 10_050_000 + 1_256_250)],
)
def test_the_bonus_of_the_highest_quantity_reached_counts_and_a_percentage_is_rounded_down(
    quantity: int, steps: int
) -> None:
    """100.50 credits; 10 on top of two packs, 12.5 % of five: 6 281.25 steps."""
    assert stored("rich").steps(quantity, 2) == steps


def test_the_order_of_bonuses_does_not_matter() -> None:
    pack = stored("rich")
    assert replace(pack, bonus=pack.bonus[::-1]).steps(7, 2) == pack.steps(7, 2)


def test_a_bonus_may_be_nothing() -> None:
    pack = replace(PLAIN, bonus=(Bonus(1, credits="10"), Bonus(2, credits="0")))
    assert (pack.steps(1, 0), pack.steps(2, 0)) == (1010, 2000)


@pytest.mark.parametrize(
    ("change", "precision", "refusal", "field"),
    [
        ({"credits": "1.5"}, 0, PrecisionExceeded, "credits"),
        ({"credits": "9" * 28}, 9, AmountOutOfRange, "credits"),
        (
            {"bonus": (Bonus(2, percent="5"), Bonus(3, credits="0.5"))},
            0,
            PrecisionExceeded,
            "bonus.1.credits",
        ),
    ],
    ids=["decimals", "size", "bonus"],
)
def test_amounts_that_the_unit_does_not_have_are_named(
    change: dict[str, Any], precision: int, refusal: type[Refusal], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        replace(PLAIN, **change).check(precision)
    assert refused.value.facts["field"] == field


def test_a_pack_without_credits_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        replace(PLAIN, credits="0").check(0)


# Prices


@pytest.mark.parametrize(
    ("currency", "price"),
    [
        (None, Money(5000, "USD")),
        ("USD", Money(5000, "USD")),
        ("EUR", Money(4500, "EUR")),
        ("JPY", Money(7000, "JPY")),
    ],
)
def test_a_pack_has_a_price_in_its_own_currency_and_in_others(currency: str | None, price: Money) -> None:
    assert stored("rich").price_in(currency) == price


def test_a_currency_without_a_price_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest) as refused:
        stored("rich").price_in("GBP")
    (error,) = refused.value.facts["errors"]
    assert error["field"] == "currency"
    assert "USD, EUR, JPY" in error["message"]
