"""Rate cards: what one event of a meter costs, to the last fraction of a step; law 10: priced by the card in force."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.errors import InvalidRequest, PolicyViolation
from scrip.domain.credits.rates import RateVersion, cost, in_force, parse_quantity, whole
from tests.domain.builders import steady


def per_unit(credits: str) -> dict[str, Any]:
    return {"model": "per_unit", "credits": credits}


def package(size: int, credits: str, rounding: str = "up") -> dict[str, Any]:
    return {"model": "package", "size": size, "credits": credits, "rounding": rounding}


def tiers(model: str, text: str) -> dict[str, Any]:
    """``1000: 0.02; 0.01`` is two tiers: up to 1000, and all that follows."""
    made: list[dict[str, Any]] = []
    for part in text.split("; "):
        up_to, colon, credits = part.rpartition(": ")
        made.append({"up_to": int(up_to) if colon else None, "credits": credits})
    return {"model": model, "tiers": made}


def table(by: str, **prices: Any) -> dict[str, Any]:
    """``by`` names the dimensions, with a slash between them."""
    return {"model": "table", "by": by.split("/"), "prices": prices}


def card(price: dict[str, Any], minimum: str = "0") -> RateVersion:
    return RateVersion(1, "credits", 0, minimum, price)


IMAGES = table("operation", raster=per_unit("1"), vector=per_unit("2"), creative_upscale=per_unit("20"))
CALLS = per_unit("1")
TOKENS = package(100, "1")
GRADUATED = tiers("graduated", "1000: 0.02; 5000: 0.01; 0.005")
VOLUME = tiers("volume", "1000: 0.02; 5000: 0.01; 0.005")

PRICED = [
    # one credit is one API call
    ("an API call", CALLS, "1", "1"),
    ("250 API calls", CALLS, "250", "250"),
    # one credit is a hundred tokens
    ("a token", TOKENS, "1", "1"),
    ("99 tokens", TOKENS, "99", "1"),
    ("100 tokens", TOKENS, "100", "1"),
    ("101 tokens", TOKENS, "101", "2"),
    ("12 345 tokens", TOKENS, "12345", "124"),
    ("99 tokens by the token", per_unit("0.01"), "99", "0.99"),
    # for each
    ("half of one", per_unit("3"), "0.5", "1.5"),
    ("a price of many decimals", per_unit("0.000000000000000001"), "1000000000000000000", "1"),
    ("the smallest of all", per_unit("0.000000000000000001"), "0.000000000000000001", f"1/{10**36}"),
    ("the largest of all", per_unit("9" * 28), "9" * 28, str((10**28 - 1) ** 2)),
    ("for nothing", per_unit("0"), "1000000", "0"),
    # packages
    ("rounded up: half a package", package(100, "3", "up"), "50", "3"),
    ("rounded up: a sliver over one", package(100, "3", "up"), "100.000001", "6"),
    ("rounded down: almost one", package(100, "3", "down"), "99.999999", "0"),
    ("rounded down: just one", package(100, "3", "down"), "100", "3"),
    ("rounded down: almost two", package(100, "3", "down"), "199", "3"),
    ("rounded half up: under half", package(100, "3", "half_up"), "49.999999", "0"),
    ("rounded half up: half", package(100, "3", "half_up"), "50", "3"),
    ("rounded half up: under one and a half", package(100, "3", "half_up"), "149", "3"),
    ("rounded half up: one and a half", package(100, "3", "half_up"), "150", "6"),
    ("rounded half up: two and a half, not to even", package(100, "3", "half_up"), "250", "9"),
    ("packages of three do not divide", package(3, "1", "half_up"), "4", "1"),
    ("a package of one is one", package(1, "0.5", "up"), "7", "3.5"),
    ("packages for nothing", package(100, "0", "up"), "250", "0"),
    # each slice at its own tier
    ("graduated: the first", GRADUATED, "1", "0.02"),
    ("graduated: all of the first tier", GRADUATED, "1000", "20"),
    ("graduated: one over it", GRADUATED, "1001", "20.01"),
    ("graduated: all of the second", GRADUATED, "5000", "60"),
    ("graduated: one over that", GRADUATED, "5001", "60.005"),
    ("graduated: half of one over it", GRADUATED, "1000.5", "20.005"),
    ("graduated: far beyond", GRADUATED, "1000000", "5035"),
    ("graduated: the first 100 free", tiers("graduated", "100: 0; 1"), "100", "0"),
    ("graduated: and then one each", tiers("graduated", "100: 0; 1"), "103", "3"),
    ("graduated: one tier", tiers("graduated", "2"), "7", "14"),
    # all at the tier that the total falls into
    ("volume: all of the first tier", VOLUME, "1000", "20"),
    ("volume: one over it", VOLUME, "1001", "10.01"),
    ("volume: a sliver over it", VOLUME, "1000.000001", "10.00000001"),
    ("volume: all of the second", VOLUME, "5000", "50"),
    ("volume: one over that", VOLUME, "5001", "25.005"),
    ("volume: far beyond", VOLUME, "1000000", "5000"),
    ("volume: one tier", tiers("volume", "2"), "7", "14"),
]


@pytest.mark.parametrize(
    ("price", "quantity", "credits"), [row[1:] for row in PRICED], ids=[row[0] for row in PRICED]
)
def test_it_costs(price: dict[str, Any], quantity: str, credits: str) -> None:
    assert cost(card(price), parse_quantity(quantity), {}, 0) == Fraction(credits)


@pytest.mark.parametrize(
    ("precision", "steps"), [(0, "99/100"), (1, "99/10"), (2, "99"), (6, "990000"), (9, "990000000")]
)
def test_a_cost_is_in_steps_of_the_unit(precision: int, steps: str) -> None:
    assert cost(card(per_unit("0.01")), Fraction(99), {}, precision) == Fraction(steps)


@pytest.mark.parametrize(
    ("quantity", "minimum", "credits"),
    [
        ("1", "5", "5"),
        ("9", "5", "5"),
        ("10", "5", "5"),
        ("11", "5", "5.5"),
        ("1", "0", "0.5"),
        ("1", "0.0001", "0.5"),
    ],
)
def test_an_event_costs_the_minimum_at_least(quantity: str, minimum: str, credits: str) -> None:
    """At half a credit each, a minimum of five is what ten cost."""
    assert cost(card(per_unit("0.5"), minimum), parse_quantity(quantity), {}, 0) == Fraction(credits)


def test_what_is_free_still_costs_the_minimum() -> None:
    assert cost(card(per_unit("0"), "0.1"), Fraction(1), {}, 0) == Fraction("0.1")


# Tables

BY_TWO = table(
    "model/quality", **{"small/low": per_unit("1"), "small/high": per_unit("2"), "large/low": per_unit("5")}
)
NESTED = table(
    "operation",
    generate=table(
        "model", small=table("size", big=per_unit("4"), normal=per_unit("2")), large=package(2, "9")
    ),
    describe=per_unit("0.5"),
)
CHOSEN: list[tuple[str, dict[str, Any], dict[str, str], str, str]] = [
    ("a raster image", IMAGES, {"operation": "raster"}, "1", "1"),
    ("three vector images", IMAGES, {"operation": "vector"}, "3", "6"),
    ("a creative upscale", IMAGES, {"operation": "creative_upscale"}, "1", "20"),
    ("a dimension nobody asks for", IMAGES, {"operation": "raster", "size": "4k"}, "1", "1"),
    ("two dimensions", BY_TWO, {"quality": "high", "model": "small"}, "3", "6"),
    ("the same, other values", BY_TWO, {"model": "large", "quality": "low"}, "3", "15"),
    ("a table in a table in a table", NESTED, {"operation": "generate", "model": "small", "size": "big"}, "1", "4"),
    ("a package in a table", NESTED, {"operation": "generate", "model": "large"}, "3", "18"),
    ("no table below", NESTED, {"operation": "describe"}, "3", "1.5"),
    (
        "a slash in a value",
        table("model/quality", **{"acme/m1/high": per_unit("3")}),
        {"model": "acme/m1", "quality": "high"},
        "1",
        "3",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "dimensions", "quantity", "credits"),
    [row[1:] for row in CHOSEN],
    ids=[row[0] for row in CHOSEN],
)
def test_dimensions_choose(
    price: dict[str, Any], dimensions: dict[str, str], quantity: str, credits: str
) -> None:
    assert cost(card(price), parse_quantity(quantity), dimensions, 0) == Fraction(credits)


def test_the_minimum_is_that_of_the_whole_card() -> None:
    assert cost(card(IMAGES, "5"), Fraction(1), {"operation": "vector"}, 0) == 5
    assert cost(card(IMAGES, "5"), Fraction(1), {"operation": "creative_upscale"}, 0) == 20


NO_PRICE: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    ("nothing said", IMAGES, {}, "the price depends on dimensions.operation"),
    ("something else said", IMAGES, {"op": "raster"}, "the price depends on dimensions.operation"),
    ("a value there is not", IMAGES, {"operation": "video"}, "there is no price for this operation"),
    ("another case", IMAGES, {"operation": "Raster"}, "there is no price for this operation"),
    ("an empty value", IMAGES, {"operation": ""}, "there is no price for this operation"),
    ("one of two", BY_TWO, {"model": "small"}, "the price depends on dimensions.quality"),
    ("a pair there is not", BY_TWO, {"model": "large", "quality": "high"}, "there is no price for this model/quality"),
    ("the wrong way round", BY_TWO, {"model": "low", "quality": "small"}, "there is no price for this model/quality"),
    ("two in one", BY_TWO, {"model": "small/low", "quality": ""}, "there is no price for this model/quality"),
    ("deep down", NESTED, {"operation": "generate", "model": "small"}, "the price depends on dimensions.size"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "dimensions", "said"), [row[1:] for row in NO_PRICE], ids=[row[0] for row in NO_PRICE]
)
def test_there_is_no_price_for(price: dict[str, Any], dimensions: dict[str, str], said: str) -> None:
    with pytest.raises(PolicyViolation) as refused:
        cost(card(price), Fraction(1), dimensions, 0)
    assert (refused.value.facts["policy"], refused.value.detail) == ("no_price", said)


# Fractions of a step


def burned(costs: list[Fraction]) -> tuple[int, Fraction]:
    """What events of these costs burn together, one after the other, and what is carried after the last."""
    total, carry = 0, Fraction(0)
    for one in costs:
        steps, carry = whole(one, carry)
        assert 0 <= carry < 1
        total += steps
    return total, carry


def test_a_thousand_events_of_a_tenth_of_a_step_cost_exactly_one_hundred_steps() -> None:
    tenth = cost(card(per_unit("0.0000001")), Fraction(1), {}, 6)
    assert tenth == Fraction(1, 10)
    assert burned([tenth] * 1000) == (100, Fraction(0))


def test_the_step_is_burned_by_the_event_that_completes_it() -> None:
    assert [burned([Fraction(1, 10)] * events)[0] for events in (1, 9, 10, 11, 19, 20)] == [0, 0, 1, 1, 1, 2]


def test_what_was_burned_for_events_that_were_undone_since_is_used_up_first() -> None:
    """A carry below 0: 1.5 steps were burned too many. No event burns less than nothing."""
    assert whole(Fraction(1, 2), Fraction("-1.5")) == (0, Fraction(-1))
    assert whole(Fraction("2.5"), Fraction("-1.5")) == (1, Fraction(0))


@pytest.mark.parametrize(
    ("price", "carry", "steps", "left"),
    [
        ("0", "0", 0, "0"),
        ("0", "0.9", 0, "0.9"),
        ("0.1", "0.9", 1, "0"),
        ("0.2", "0.9", 1, "0.1"),
        ("5", "0", 5, "0"),
        ("5.75", "0.5", 6, "0.25"),
        (f"{10**30}.5", "0.5", 10**30 + 1, "0"),
        (f"1/{10**36}", f"{10**36 - 1}/{10**36}", 1, "0"),
    ],
)
def test_what_is_burned_and_what_is_carried(price: str, carry: str, steps: int, left: str) -> None:
    assert whole(Fraction(price), Fraction(carry)) == (steps, Fraction(left))


COSTS = st.lists(st.fractions(0, 50, max_denominator=1000), max_size=50)


@steady
@given(COSTS)
def test_nothing_is_lost_and_nothing_is_made(costs: list[Fraction]) -> None:
    steps, carry = burned(costs)
    assert steps + carry == sum(costs)


@steady
@given(
    st.sampled_from([CALLS, TOKENS, GRADUATED, package(7, "0.3", "half_up"), package(7, "0.3", "down")]),
    st.decimals(0, 10**6, places=6),
    st.decimals(0, 10**6, places=6),
)
def test_more_never_costs_less(price: dict[str, Any], one: Any, other: Any) -> None:
    """Of all models but volume, where the next tier makes all of it cheaper."""
    low, high = sorted((Fraction(one), Fraction(other)))
    assert cost(card(price), low, {}, 6) <= cost(card(price), high, {}, 6)


@steady
@given(st.decimals(0, 10**6, places=6))
def test_costs_are_decimals_whatever_the_packages_are(quantity: Any) -> None:
    """So a carry can be written down exactly."""
    for price in (GRADUATED, VOLUME, package(7, "0.3"), per_unit("0.0000001")):
        assert 10**36 % cost(card(price), Fraction(quantity), {}, 0).denominator == 0


# Versions

FIRST = RateVersion(1, "credits", 0, "0", per_unit("1"))
LATER = RateVersion(2, "credits", 1000, "0", per_unit("2"))
MENDED = RateVersion(3, "credits", 1000, "0", per_unit("3"))
BETWEEN = RateVersion(4, "credits", 500, "0", per_unit("4"))
ALL = [FIRST, LATER, MENDED, BETWEEN]


@pytest.mark.parametrize(
    ("at", "version"), [(-1, None), (0, 1), (499, 1), (500, 4), (999, 4), (1000, 3), (1001, 3), (10**15, 3)]
)
def test_the_version_in_force_at(at: int, version: int | None) -> None:
    for versions in (ALL, ALL[::-1]):
        found = in_force(versions, at)
        assert (found.version if found else None) == version


def test_without_versions_none_is_in_force() -> None:
    assert in_force([], 0) is None


# Quantities


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        (1, "1"),
        ("1", "1"),
        ("0.5", "0.5"),
        ("12.500", "12.5"),
        ("0.000000000000000001", "0.000000000000000001"),
        (10**28 - 1, "9999999999999999999999999999"),
        ("9999999999999999999999999999", "9999999999999999999999999999"),
    ],
)
def test_a_quantity_is_a_whole_number_or_a_decimal_text(value: str | int, quantity: str) -> None:
    assert parse_quantity(value) == Fraction(quantity)


@pytest.mark.parametrize(
    "value",
    ["", "-01", "+1", " 1", "1 ", "1\n", "01", ".5", "5.", "1e5", "1/2", "0x10", "1_000", "NaN", "\u0661", "1" * 29,
     "9" * 5000, "0." + "1" * 19, "--1", 10**28, 10**400, True, False, 1.5, None, [], {}],
    ids=lambda value: ascii(str(value)[:20]) if not isinstance(value, int) else hex(value)[:20],
)  # fmt: skip
def test_that_is_no_quantity(value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_quantity(value, "events.0.quantity")
    (error,) = refused.value.facts["errors"]
    assert error["field"] == "events.0.quantity"
    assert error["message"] == "must be a whole number, or a decimal string such as 12.5"


@pytest.mark.parametrize("value", [0, "0", "0.0", "0.000000000000000000", -1, -(10**400), "-1", "-0.5", "-0"])
def test_a_quantity_of_nothing_is_refused(value: str | int) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_quantity(value)
    assert refused.value.facts["errors"] == [{"field": "quantity", "message": "must be more than zero"}]
