"""Rate cards: every PUT that changes one makes a version, and what was put wrong is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scrip import runtime
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.rates import RateVersion, cost, in_force, parse_quantity
from scrip.http.catalogue.rates import RateBody
from scrip.http.edge.parameters import format_instant, instant
from scrip.store import documents, keys
from tests.aws import NEW_YEAR, NEXT_DAY, ROOT, Deployment, Fault
from tests.http.contract import INSTANT, invalid, refused
from tests.http.edge.wrong import (
    MISSING,
    NO_AMOUNT,
    NO_INSTANT,
    NO_NAME,
    NO_OBJECT,
    NO_TEXT,
    Row,
    inside,
    rows,
)

pytestmark = pytest.mark.usefixtures("in_memory")

EVER = "1970-01-01T00:00:00.000Z"
Price = dict[str, Any]


def each(credits: str = "1") -> Price:
    return {"model": "per_unit", "credits": credits}


def tiered(*tiers: Any, model: str = "graduated") -> Price:
    """Tiers as pairs of ``up_to`` and credits."""
    return {"model": model, "tiers": [{"up_to": up_to, "credits": credits} for up_to, credits in tiers]}


def by(names: list[str], prices: Any) -> Price:
    return {"model": "table", "by": names, "prices": prices}


def put(scrip: Deployment, meter: str, price: Any, clock: str | None = None, **more: Any) -> Any:
    return scrip.put(f"/v1/rates/{meter}", {"price": price, **more}, clock=clock)


def hour(number: int, **later: int) -> str:
    """So many hours, and perhaps more, after the new year."""
    at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=number, **later)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def numbers(body: Any) -> list[int]:
    return [version["version"] for version in body["versions"]]


# Versions


def test_a_rate_is_made_by_its_first_put_and_in_force_since_ever(scrip: Deployment, account: str) -> None:
    """There is no earlier price that the first could follow."""
    path = f"/v1/rates/{account}"
    refused(scrip.get(path), 404, "not_found", meter=account)
    first = put(scrip, account, each("0.5"))
    version = {"effective_at": EVER, "minimum": "0", "price": each("0.5"), "version": 1}
    whole = {"meter": account, "unit": "credits", **version, "versions": [version]}
    assert (first.status, first.body, scrip.get(path).body) == (201, whole, whole)


def test_a_change_is_a_version_from_a_minute_later_on_and_all_are_kept(
    scrip: Deployment, account: str
) -> None:
    put(scrip, account, each("1"), NEW_YEAR)
    changed = put(scrip, account, each("2"), NEXT_DAY, minimum="0.1")
    assert changed.status == 200
    assert (changed.body["version"], changed.body["effective_at"], changed.body["minimum"]) == (
        2,
        "2030-01-02T00:01:00.000Z",
        "0.1",
    )
    told = [
        (one["version"], one["effective_at"], one["price"]["credits"]) for one in changed.body["versions"]
    ]
    assert told == [(1, EVER, "1"), (2, "2030-01-02T00:01:00.000Z", "2")]
    assert scrip.get(f"/v1/rates/{account}").body == changed.body


def test_now_is_the_machines_clock_where_no_other_is_set(scrip: Deployment, account: str) -> None:
    put(scrip, account, each("1"))
    effective_at = put(scrip, account, each("2")).body["effective_at"]
    assert INSTANT.fullmatch(effective_at)
    assert EVER < effective_at < NEW_YEAR
    assert 50_000 < instant(effective_at, "") - runtime.now() <= 60_000, "a minute after it was put"


def test_a_version_may_be_in_force_from_another_instant(scrip: Deployment, account: str) -> None:
    """In the future, and a meter's first one in the past too."""
    for number, effective_at in enumerate(("2020-02-29T12:00:00.500Z", hour(1000), NEXT_DAY), 1):
        answer = put(scrip, account, each(str(number)), NEW_YEAR, effective_at=effective_at)
        assert (answer.body["version"], answer.body["effective_at"]) == (number, effective_at)
    assert scrip.get(f"/v1/rates/{account}").body["version"] == 3


def test_a_later_version_does_not_begin_before_all_can_know_it(scrip: Deployment, account: str) -> None:
    """Law 10: what was decided at an instant before the PUT has its price, and who remembers the card prices by it."""
    put(scrip, account, each("1"))
    for effective_at in (EVER, "2020-02-29T12:00:00.500Z", format_instant(runtime.now() + 30_000)):
        before = runtime.now()
        answer = put(scrip, account, each("2"), effective_at=effective_at)
        refused(answer, 422, "policy_violation")
        assert (answer.body["policy"], answer.body["field"]) == ("rate_effective_at", "effective_at")
        assert 0 <= instant(answer.body["earliest_at"], "") - before - 60_000 < 10_000
    answer = put(scrip, account, each("2"), NEW_YEAR, effective_at=hour(-1))
    told = {"policy": "rate_effective_at", "field": "effective_at", "earliest_at": NEW_YEAR}
    refused(answer, 422, "policy_violation", **told)
    assert numbers(scrip.get(f"/v1/rates/{account}").body) == [1]
    assert put(scrip, account, each("2"), NEW_YEAR, effective_at=NEW_YEAR).body["effective_at"] == NEW_YEAR


def test_the_same_again_makes_no_version(scrip: Deployment, account: str) -> None:
    first = put(scrip, account, each("0.5"), NEW_YEAR).body
    for more in ({}, {"minimum": "0"}, {"minimum": "0.000"}, {"unit": "credits"}, {"effective_at": EVER}):
        again = put(scrip, account, each("0.50"), NEXT_DAY, **more)
        assert (again.status, again.body) == (200, first)
    assert put(scrip, account, each("0.51"), NEXT_DAY).body["version"] == 2


def test_the_same_from_another_instant_is_a_version(scrip: Deployment, account: str) -> None:
    put(scrip, account, each("1"), NEW_YEAR)
    answer = put(scrip, account, each("1"), NEW_YEAR, effective_at=NEXT_DAY)
    assert (answer.status, answer.body["version"]) == (200, 2)
    assert put(scrip, account, each("1"), NEW_YEAR, effective_at=NEXT_DAY).body == answer.body


def test_what_is_the_same_is_asked_of_the_version_in_force(scrip: Deployment, account: str) -> None:
    """A rise next week is no reason to make today's price anew, and today's price can be made the risen one."""
    put(scrip, account, each("1"), NEW_YEAR)
    put(scrip, account, each("2"), NEW_YEAR, effective_at=hour(200))
    today = put(scrip, account, each("1"), NEW_YEAR)
    assert (today.body["version"], numbers(today.body)) == (1, [1, 2])
    sooner = put(scrip, account, each("2"), NEW_YEAR)
    assert (sooner.body["version"], sooner.body["effective_at"]) == (3, "2030-01-01T00:01:00.000Z")
    mended = put(scrip, account, each("3"), NEW_YEAR, effective_at=hour(200))
    assert (mended.body["version"], mended.body["effective_at"]) == (4, hour(200))
    back = put(scrip, account, each("2"), NEW_YEAR, effective_at=hour(200))
    assert back.body["version"] == 5


def test_a_meter_stays_with_its_unit(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    assert put(scrip, account, each(), unit=account).body["unit"] == account
    before = scrip.get(f"/v1/rates/{account}").body
    for more in ({}, {"unit": "credits"}):
        refused(put(scrip, account, each(), **more), 422, "policy_violation", policy="rate_unit")
    assert scrip.get(f"/v1/rates/{account}").body == before


def test_a_rate_is_of_a_unit_that_there_is(scrip: Deployment, account: str) -> None:
    with scrip.unwritten():
        refused(put(scrip, account, each(), unit="nowhere"), 404, "not_found", unit="nowhere")


def test_a_price_may_have_more_decimals_than_its_unit(scrip: Deployment, account: str) -> None:
    """Fractions of a step are carried, not refused."""
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    fine = "0.000000000000000001"
    answer = put(scrip, account, each(fine), unit=account, minimum=fine)
    assert (answer.status, answer.body["price"], answer.body["minimum"]) == (201, each(fine), fine)


def test_fifty_versions_are_kept_and_older_ones_go_when_their_time_is_35_days_over(
    scrip: Deployment, account: str
) -> None:
    for number in range(50):
        assert put(scrip, account, each(str(number)), hour(number)).body["version"] == number + 1
    for clock in (hour(50), hour(1, days=35, minutes=1, milliseconds=-1)):
        answer = put(scrip, account, each("99"), clock)
        refused(answer, 422, "policy_violation", policy="max_rate_versions")
    assert put(scrip, account, each("49"), hour(50)).body["version"] == 50
    # The first version was over when the second came into force, an hour and a minute after the new year.
    made = put(scrip, account, each("99"), hour(1, days=35, minutes=1))
    assert (made.body["version"], numbers(made.body)) == (51, list(range(2, 52)))
    assert numbers(scrip.get(f"/v1/rates/{account}").body) == list(range(2, 52))


def test_a_version_that_is_never_in_force_goes_first(scrip: Deployment, account: str) -> None:
    """Another one from the same instant has taken its place."""
    for number in range(49):
        put(scrip, account, each(str(number)), hour(number))
    put(
        scrip, account, each("100"), hour(48), effective_at=hour(48, minutes=1)
    )  # the 49th is from then on too
    made = put(scrip, account, each("101"), hour(50))
    assert numbers(made.body) == [number for number in range(1, 52) if number != 49]


def test_a_version_that_comes_into_force_stays_whatever_its_age(scrip: Deployment, account: str) -> None:
    for number in range(50):
        put(scrip, account, each(str(number)), NEW_YEAR, effective_at=hour(10_000 + number))
    refused(put(scrip, account, each("99"), NEXT_DAY), 422, "policy_violation", policy="max_rate_versions")


def huge(credits: str, count: int = 600) -> Price:
    """A table of about 48 KB."""
    return by(["model"], {f"model-{number:030d}": each(credits) for number in range(count)})


def test_a_card_has_at_most_64_kib(scrip: Deployment, account: str) -> None:
    with scrip.unwritten():
        invalid(put(scrip, account, huge("1", 1000)), "price")
    assert put(scrip, account, huge("1")).status == 201


def test_versions_that_no_item_could_hold_are_as_many_too_many(scrip: Deployment, account: str) -> None:
    """Seven of them are over 300 KB: an eighth would be more than a table takes."""
    made = 0
    while (answer := put(scrip, account, huge(str(made)), hour(made))).status != 422:
        made += 1
    refused(answer, 422, "policy_violation", policy="max_rate_versions")
    assert 5 <= made <= 8
    assert put(scrip, account, huge("99"), hour(1, days=35, minutes=1)).body["version"] == made + 1


def test_a_rate_that_somebody_else_writes_at_that_moment_is_read_again(
    scrip: Deployment, account: str
) -> None:
    put(scrip, account, each("1"))
    with scrip.broken("TransactWriteItems", Fault.cancelled("ConditionalCheckFailed"), times=4):
        assert put(scrip, account, each("2")).body["version"] == 2
    with scrip.broken("TransactWriteItems", Fault.cancelled("ConditionalCheckFailed"), times=5):
        refused(put(scrip, account, each("3")), 409, "contended")
    assert scrip.get(f"/v1/rates/{account}").body["version"] == 2


# What may be said

PRICES: list[tuple[str, Price]] = [
    ("for nothing", each("0")),
    ("a package", {"model": "package", "size": 100, "credits": "1", "rounding": "half_up"}),
    ("one tier", tiered((None, "1"))),
    ("tiers", tiered((1000, "0.02"), (None, "0.01"))),
    ("tiers by volume", tiered((1, "0"), (2, "1"), (10**28 - 1, "2"), (None, "3"), model="volume")),
    ("a table", by(["operation"], {"raster": each("1"), "vector": each("2")})),
    ("of five dimensions", by(["a", "b", "c", "d", "e"], {"1/2/3/4/5": each()})),
    ("a slash in a value", by(["model", "quality"], {"acme/m1/high": each()})),
    ("any letters", by(["größe"], {"日本": each(), "a b": each(), "per_unit": each(), "\x00": each()})),
    (
        "tables in tables",
        by(["a"], {"x": by(["b"], {"y": by(["c"], {"z": each()}), "w": tiered((None, "1"))})}),
    ),
]


@pytest.mark.parametrize("price", [row[1] for row in PRICES], ids=[row[0] for row in PRICES])
def test_a_price_is_kept_as_it_was_said(scrip: Deployment, account: str, price: Price) -> None:
    answer = put(scrip, account, price)
    assert (answer.status, answer.body["price"]) == (201, price)
    assert scrip.get(f"/v1/rates/{account}").body["versions"][0]["price"] == price


def test_a_part_of_a_package_is_a_whole_one_where_nobody_says(scrip: Deployment, account: str) -> None:
    price = {"model": "package", "size": 100, "credits": "1.0"}
    assert put(scrip, account, price).body["price"] == {**price, "credits": "1", "rounding": "up"}


# What is wrong

PACKAGE = {"model": "package", "size": 100, "credits": "1"}
NO_MODEL: list[Any] = [MISSING, None, "", "Per_unit", "flat", "table ", 1, True, [], {}, ["table"]]
NO_COUNT: list[Any] = [0, -1, 10**28, 10**400, "1", 1.5, 1.0, True, [], {}]
NO_BOUND: list[Any] = [*(one for one in NO_COUNT if one != "1"), "0", "-1", "1e3", "1.0000000000000000001"]
NOTHING: list[Any] = [None, "", 1, []]
NO_NUMBER = [value for value in NO_AMOUNT if value is not None]


def within(place: str, prices: list[Any], field: str) -> list[Row]:
    """Prices that are wrong in this place."""
    return [Row("price", price, f"price{place}.{field}" if field else f"price{place}") for price in prices]


def lacking(price: Price, name: str) -> Price:
    return {member: value for member, value in price.items() if member != name}


RATE: list[Row] = [
    *rows("unit", NO_NAME),
    *rows("effective_at", NO_INSTANT),
    *rows("minimum", [None, *NO_NUMBER]),
    *rows("price", [MISSING, None, *NO_OBJECT]),
    *rows("version", [1]),
    *rows("meter", ["x"]),
    *rows("colour", [1]),
    *within("", [{"credits": "1"} if model is MISSING else {**each(), "model": model} for model in NO_MODEL], "model"),
    # for each
    *within("", [{"model": "per_unit"}], "credits"),
    *inside("price", "credits", [None, *NO_NUMBER], model="per_unit"),
    *inside("price", "size", [1], **each()),
    *inside("price", "tiers", [[]], **each()),
    # packages
    *within("", [lacking(PACKAGE, "size")], "size"),
    *within("", [lacking(PACKAGE, "credits")], "credits"),
    *inside("price", "size", [None, *NO_COUNT], model="package", credits="1"),
    *inside("price", "credits", [None, "-1", 1], model="package", size=1),
    *inside("price", "rounding", ["", "half_even", "UP", None, 1, True], **PACKAGE),
    # tiers
    *within("", [{"model": "volume"}], "tiers"),
    *inside("price", "tiers", [None, "", {}, 1, [], [{"up_to": None, "credits": "1"}] * 51], model="volume"),
    *within("", [{"model": "graduated", "tiers": [tier]} for tier in NOTHING], "tiers.0"),
    *within("", [{"model": "graduated", "tiers": [{"up_to": None}]}], "tiers.0.credits"),
    *within("", [{"model": "graduated", "tiers": [{"credits": "1"}]}], "tiers.0.up_to"),
    *within("", [{"model": "graduated", "tiers": [{"up_to": None, "credits": "1", "flat": 1}]}], "tiers.0.flat"),
    *within("", [tiered((None, credits)) for credits in (None, 1, "-1", "1e5")], "tiers.0.credits"),
    *within("", [tiered((up_to, "1"), (None, "1")) for up_to in NO_BOUND], "tiers.0.up_to"),
    *within("", [tiered((None, "1"), (None, "1")), tiered((None, "1"), (5, "1"), (None, "1"))], "tiers.0.up_to"),
    *within("", [tiered((5, "1")), tiered((5, "1"), model="volume")], "tiers.0.up_to"),
    *within("", [tiered((5, "1"), (6, "1"))], "tiers.1.up_to"),
    *within("", [tiered((5, "1"), (5, "1"), (None, "1")), tiered((5, "1"), (4, "1"), (None, "1"))], "tiers.1.up_to"),
    # tables
    *within("", [{"model": "table", "prices": {"x": each()}}], "by"),
    *within("", [{"model": "table", "by": ["a"]}], "prices"),
    *inside("price", "by", [None, "", "a", {}, 1, [], list("abcdef")], model="table", prices={"x": each()}),
    *inside("price", "by", [["", *"abcdef"]], model="table", prices={"x": each()}),
    *within("", [by(["a", "a"], {"1/2": each()})], "by"),
    *within("", [by([name], {"x": each()}) for name in [*NO_TEXT, None, "", "x" * 101]], "by.0"),
    *inside("price", "prices", [None, "", [], 1, {}], model="table", by=["a"]),
    *within("", [by(["a"], {"x": price}) for price in NOTHING], "prices.x"),
    *within("", [by(["a"], {"": each()})], "prices"),
    *within("", [by(["a"], {"x" * 506: each()})], f"prices.{'x' * 187}..."),
    *within("", [by(["a", "b"], {"x": each()}), by(["a", "b", "c"], {"x/y": each(), "x/y/z": each()})], "prices"),
    *within("", [by(["a"], {"x": each("-1")})], "prices.x.credits"),
    *within("", [by(["a"], {"table": tiered((5, "1"))})], "prices.table.tiers.0.up_to"),
    *within("", [by(["a"], {"x": by(["b"], {"y": {"model": "x"}})})], "prices.x.prices.y.model"),
    *within(
        ".prices.x.prices.x.prices.x",
        [by(["a"], {"x": by(["a"], {"x": by(["a"], {"x": by(["a"], {"x": each()})})})})],
        "model",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", RATE, ids=lambda row: row.id)
def test_a_rate_is_refused_with(scrip: Deployment, row: Row) -> None:
    body = {"price": each(), row.member: row.value}
    if row.value is MISSING:
        del body[row.member]
    with scrip.unwritten():
        answer = scrip.put("/v1/rates/meter", body)
    invalid(answer, row.field)


def test_everything_that_is_wrong_with_a_card_is_named(scrip: Deployment) -> None:
    price = by(
        ["a", "a"], {"x": each("-1"), "y": {**PACKAGE, "size": 0, "rounding": "off"}, "z": tiered((1, "x"))}
    )
    answer = put(scrip, "meter", price, minimum="-1", unit="", colour="red")
    wrong = ["by", "prices.x.credits", "prices.y.size", "prices.y.rounding", "prices.z.tiers.0.credits"]
    invalid(answer, "minimum", "unit", "colour", *(f"price.{field}" for field in wrong))


def test_tables_without_end_are_refused(scrip: Deployment) -> None:
    price = each()
    for _ in range(60):
        price = by(["a"], {"x": price})
    with scrip.unwritten():
        invalid(put(scrip, "meter", price), "price.prices.x.prices.x.prices.x.model")


@pytest.mark.parametrize("clock", ["", "soon", "2030-01-01"])
def test_the_test_clock_of_a_rate_is_an_instant(scrip: Deployment, clock: str) -> None:
    invalid(put(scrip, "meter", each(), clock), "Scrip-Test-Clock")


ROUNDINGS, MODELS = st.sampled_from(["up", "down", "half_up"]), st.sampled_from(["graduated", "volume"])
BOUNDS = st.lists(st.integers(1, 20), max_size=4, unique=True).map(sorted)
MADE = st.recursive(
    st.builds(each, st.sampled_from(["0", "1", "0.25"]))
    | st.builds(
        lambda size, rounding: {**PACKAGE, "size": size, "rounding": rounding}, st.integers(1, 5), ROUNDINGS
    )
    | st.builds(
        lambda model, up_to: tiered(*((n, "0.5") for n in [*up_to, None]), model=model), MODELS, BOUNDS
    ),
    lambda inner: (
        st.builds(by, st.just(["a"]), st.dictionaries(st.sampled_from(["x", "y"]), inner, min_size=1))
        | st.builds(
            by, st.just(["b", "a"]), st.dictionaries(st.sampled_from(["x/y", "y/x"]), inner, min_size=1)
        )
    ),
    max_leaves=6,
)
SAID = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))


@settings(deadline=None, database=None, derandomize=True, max_examples=500)
@given(MADE, SAID, st.integers(1, 30))
def test_a_card_that_is_accepted_can_be_priced(price: Price, said: dict[str, str], quantity: int) -> None:
    """Or refused for what an event says of itself, and for nothing else."""
    try:
        body = RateBody.model_validate_json(json.dumps({"price": price})).model_dump()
    except ValidationError:
        return
    rate = RateVersion(1, "credits", 0, body["minimum"], body["price"])
    try:
        found = cost(rate, Fraction(quantity), said, 6)
    except PolicyViolation:
        assert price["model"] == "table"
    else:
        assert found >= 0


# The cards of events/rates

EXAMPLES: list[tuple[str, dict[str, str], str | int, str]] = [
    ("api_calls", {}, 1, "1"),
    ("api_calls", {}, 250, "250"),
    ("tokens", {}, 100, "1"),
    ("tokens", {}, 101, "2"),
    ("tokens", {}, "12345", "124"),
    ("image_tool", {"operation": "raster"}, 1, "1"),
    ("image_tool", {"operation": "vector"}, 1, "2"),
    ("image_tool", {"operation": "creative_upscale"}, 1, "20"),
    ("image_tool", {"operation": "vector"}, 3, "6"),
]


def test_every_card_is_known_here() -> None:
    assert {path.stem for path in (ROOT / "events" / "rates").iterdir()} == {row[0] for row in EXAMPLES}


@pytest.mark.parametrize(("name", "dimensions", "quantity", "credits"), EXAMPLES)
def test_an_example_card_is_accepted_and_prices_right(
    scrip: Deployment, account: str, name: str, dimensions: dict[str, str], quantity: str | int, credits: str
) -> None:
    body = json.loads((ROOT / "events" / "rates" / f"{name}.json").read_text())
    assert scrip.put(f"/v1/rates/{account}", body).status == 201
    stored = documents.rates_of(documents.get(runtime.tables(), keys.rate(account)))
    rate = in_force(stored, 0)
    assert rate
    assert cost(rate, parse_quantity(quantity), dimensions, 6) == Fraction(credits) * 10**6
