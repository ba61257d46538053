"""Packs: every PUT that changes one makes a version, and what was put wrong is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import pytest

from scrip.http.payments.topups import Provider
from scrip.providers import webhooks
from tests.aws import Deployment
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import NO_DURATION, Row, inside, money, rows

PACK: dict[str, Any] = {"credits": "10000", "price": {"amount": 100000, "currency": "USD"}}
WHOLE_PACK: dict[str, Any] = {
    "unit": "credits",
    **PACK,
    "prices": [],
    "recurring": None,
    "bonus": [],
    "expires_in": None,
    "time_zone": "UTC",
    "end_of": None,
    "never_expires": False,
    "priority": 50,
    "tax_point": "purchase",
    "terms": None,
    "order_expires_in": "P1D",
    "provider_refs": {"dodo": None, "dodo_on_demand": None, "paddle": None, "standard": None, "stripe": None},
}


def test_a_packs_amounts_are_answered_canonically(scrip: Deployment, account: str) -> None:
    """`10`, never `10.000`, however they were put."""
    path = f"/v1/packs/{account}"
    bonus = [{"from_quantity": 5, "credits": "0.500"}, {"from_quantity": 9, "credits": "0.0"}]
    for answer in (scrip.put(path, {**PACK, "credits": "100.000", "bonus": bonus}), scrip.get(path)):
        assert answer.body["credits"] == "100"
        assert [one["credits"] for one in answer.body["bonus"]] == ["0.5", "0"]


def test_a_pack_is_made_by_its_first_put_and_versioned_by_every_change(
    scrip: Deployment, account: str
) -> None:
    path = f"/v1/packs/{account}"
    refused(scrip.get(path), 404, "not_found", pack=account)
    first = scrip.put(path, PACK)
    whole = {"pack": account, **WHOLE_PACK, "version": 1}
    assert (first.status, first.body, scrip.get(path).body) == (201, whole, whole)
    again = scrip.put(path, {**PACK, "priority": 50})
    assert (again.status, again.body) == (200, whole)
    changed = scrip.put(path, {**PACK, "priority": 51})
    assert (changed.status, changed.body["version"]) == (200, 2)


def test_a_pack_keeps_everything_that_was_said_of_it(scrip: Deployment, account: str) -> None:
    said = {
        "unit": "credits",
        "credits": "10000",
        "price": {"amount": 1, "currency": "JPY"},
        "prices": [{"amount": 90000, "currency": "EUR"}, {"amount": 310000, "currency": "KWD"}],
        "recurring": {"every": "P3M"},
        "bonus": [{"from_quantity": 5, "credits": "500"}, {"from_quantity": 10, "percent": "12.5"}],
        "expires_in": "P1Y",
        "time_zone": "America/St_Johns",
        "end_of": "day",
        "priority": 0,
        "tax_point": "redemption",
        "terms": "No refunds after 14 days.",
        "order_expires_in": "PT2H",
        "provider_refs": {
            "dodo": "pdt_1",
            "dodo_on_demand": "pdt_2",
            "paddle": "pri_1",
            "standard": "credits",
            "stripe": "prod_1",
        },
    }
    body = scrip.put(f"/v1/packs/{account}", said).body
    bonus = [
        {"from_quantity": 5, "credits": "500", "percent": None},
        {"from_quantity": 10, "credits": None, "percent": "12.5"},
    ]
    warned = [warning["field"] for warning in body.pop("warnings")]
    assert body == {"pack": account, **said, "never_expires": False, "bonus": bonus, "version": 1}
    # One yen is less than Stripe charges.
    assert warned == ["price"]


@pytest.mark.parametrize(
    ("prices", "field"),
    [
        ({"price": {"amount": 0, "currency": "JPY"}}, "price.amount"),
        ({"prices": [{"amount": 1, "currency": "EUR"}, {"amount": 0, "currency": "KWD"}]}, "prices.1.amount"),
    ],
    ids=["its own", "a further one"],
)
def test_a_pack_that_costs_nothing_is_refused(
    scrip: Deployment, account: str, prices: dict[str, Any], field: str
) -> None:
    """No provider has a payment for a checkout of nothing, and without a payment nothing is granted."""
    answer = scrip.put(f"/v1/packs/{account}", {**PACK, **prices})
    invalid(answer, field)
    refused(scrip.get(f"/v1/packs/{account}"), 404, "not_found", pack=account)


def bonus(name: str, values: list[Any], **others: Any) -> list[Row]:
    """A bonus with one member that is wrong."""
    return [Row("bonus", [{**others, name: value}], f"bonus.0.{name}") for value in values]


NO_BONUS: list[Any] = [None, 1, "x", []]
PACKS: list[Row] = [
    *rows("unit", [None, "", "a b", 1, "x" * 129]),
    *rows("credits", [None, "", 1, "-1", "1e5", "0", "0.0", " 1", True, []]),
    *money("price"),
    Row("price", None, "price"),
    *rows("bonus", [None, "", {}, 1]),
    *[Row("bonus", [value], "bonus.0") for value in NO_BONUS],
    Row("bonus", [{"credits": "1"}], "bonus.0.from_quantity"),
    *bonus("from_quantity", [0, 1001, "5", 1.5, None, True], credits="1"),
    Row("bonus", [{"from_quantity": 5}], "bonus.0.credits"),
    Row("bonus", [{"from_quantity": 5, "credits": "1", "percent": "1"}], "bonus.0.credits"),
    *[
        Row("bonus", [{"from_quantity": 5, "percent": value}], "bonus.0.percent")
        for value in ("", "-1", "1e2", "10000", "0.00001", 10, "01", " 1", "10%")
    ],
    *[
        Row("bonus", [{"from_quantity": 5, "credits": value}], "bonus.0.credits")
        for value in ("", "-1", 1, "1e5")
    ],
    Row("bonus", [{"from_quantity": 5, "credits": "1", "x": 1}], "bonus.0.x"),
    Row("bonus", [{"from_quantity": 5, "credits": "1"}] * 21, "bonus"),
    *rows("expires_in", NO_DURATION),
    *rows("priority", [-1, 101, "1", 1.5, None, True]),
    *rows("tax_point", ["", "sale", None, 1]),
    *rows("terms", ["x" * 4001, 1, [], True]),
    *rows("order_expires_in", ["", "1D", "P0D", "PT0S", "P1.5D", "-P1D", 1, None, []]),
    *rows("provider_refs", [None, "", "x", 1, []]),
    *(row for name in get_args(Provider) for row in inside("provider_refs", name, ["", 1, [], "x" * 201])),
    *rows("prices", [None, "", {}, 1, [{"amount": n, "currency": f"A{n:02}"} for n in range(51)]]),
    Row("prices", [{"amount": 1, "currency": "usd"}], "prices.0.currency"),
    Row("prices", [{"amount": -1, "currency": "EUR"}], "prices.0.amount"),
    Row("prices", [{"amount": 1, "currency": "USD"}], "prices.0.currency"),
    Row("prices", [{"amount": n, "currency": "EUR"} for n in (1, 2)], "prices.1.currency"),
    *rows("recurring", ["", "P1M", 1, []]),
    Row("recurring", {}, "recurring.every"),
    Row("recurring", {"every": "P1M", "x": 1}, "recurring.x"),
    *(
        Row("recurring", {"every": every}, "recurring.every")
        for every in (
            None,
            "",
            "1M",
            "P0M",
            "P1M1D",
            "PT1H",
            "P01M",
            "P37M",
            "P1096D",
            "P157W",
            "P4Y",
            "p1m",
            1,
        )
    ),
    Row("provider_refs", {"paypal": "x"}, "provider_refs.paypal"),
    *rows("colour", [1]),
    *rows("version", [1]),
]


@pytest.mark.parametrize("row", PACKS, ids=lambda row: row.id)
def test_a_pack_is_refused_with(scrip: Deployment, row: Row) -> None:
    with scrip.unwritten():
        answer = scrip.put("/v1/packs/p", {**PACK, row.member: row.value})
    invalid(answer, row.field)


@pytest.mark.parametrize("every", ["P1D", "P1095D", "P2W", "P156W", "P1M", "P36M", "P1Y", "P3Y"])
def test_a_pack_may_be_paid_again_every(scrip: Deployment, account: str, every: str) -> None:
    answer = scrip.put(f"/v1/packs/{account}", {**PACK, "recurring": {"every": every}})
    assert (answer.status, answer.body["recurring"]) == (201, {"every": every})


def test_packs_and_orders_know_every_provider_that_there_is_an_adapter_for(
    scrip: Deployment, account: str
) -> None:
    """Of Dodo a pack has a second product, by which what a buyer pays with is kept."""
    known = set(get_args(Provider))
    assert known == webhooks.names()
    named = set(scrip.put(f"/v1/packs/{account}", PACK).body["provider_refs"])
    assert named == known | {"dodo_on_demand"}


def test_a_pack_needs_credits_and_a_price(scrip: Deployment) -> None:
    invalid(scrip.put("/v1/packs/p", {}), "credits", "price")


def test_a_pack_is_counted_in_its_unit(scrip: Deployment) -> None:
    scrip.put("/v1/units/images", {"precision": 0})
    refused(scrip.put("/v1/packs/p", {**PACK, "unit": "nowhere"}), 404, "not_found", unit="nowhere")
    for amount, code in (("0.5", "precision_exceeded"), ("9" * 28, "amount_out_of_range")):
        answer = scrip.put("/v1/packs/p", {**PACK, "unit": "images", "credits": amount})
        refused(answer, 422, code)
        assert answer.body["field"] == "credits"
        bonus = [{"from_quantity": 5, "credits": amount}]
        answer = scrip.put("/v1/packs/p", {**PACK, "unit": "images", "bonus": bonus})
        refused(answer, 422, code)
        assert answer.body["field"] == "bonus.0.credits"


# What its providers cannot charge


def costs(amount: int, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("price", "prices", "refs", "fields"),
    [
        (costs(400_050, "MGA"), [], {"stripe": "prod_1"}, ["price"]),
        (costs(400_050, "MGA"), [], {"stripe": "prod_1", "dodo": "pdt_1"}, ["price", "price"]),
        (
            costs(1_000, "USD"),
            [costs(5_000, "IQD"), costs(5_124, "KWD")],
            {"stripe": "prod_1"},
            ["prices.0", "prices.1"],
        ),
        (costs(1_000, "USD"), [costs(5_000, "ISK")], {"dodo": "pdt_1"}, ["prices.0"]),
        (costs(30, "USD"), [], {"stripe": "prod_1"}, ["price"]),
        (costs(100_000_000, "USD"), [], {"stripe": "prod_1"}, ["price"]),
        (costs(400_050, "MGA"), [], {"standard": "own", "paddle": "pri_1"}, []),
        (costs(400_050, "MGA"), [], {}, []),
        (costs(500_000, "UGX"), [costs(5, "ISK")], {"stripe": "prod_1"}, []),
    ],
)
def test_a_price_that_a_provider_of_the_pack_does_not_charge_is_warned_of_at_once(
    scrip: Deployment, account: str, price: Any, prices: Any, refs: Any, fields: list[str]
) -> None:
    """It is stored all the same: the pack may be sold elsewhere, and an order says no."""
    body = {**PACK, "price": price, "prices": prices, "provider_refs": refs}
    put, got = scrip.put(f"/v1/packs/{account}", body), scrip.get(f"/v1/packs/{account}")
    assert (put.status, got.body) == (201, put.body)
    said = put.body.get("warnings", [])
    assert [one["field"] for one in said] == fields
    named = {one["message"].partition(" ")[0] for one in said}
    assert named <= refs.keys()
    assert ("warnings" in put.body) == bool(fields)


def test_a_warning_says_what_is_wrong_in_the_currency(scrip: Deployment, account: str) -> None:
    body = {**PACK, "price": costs(400_050, "MGA"), "provider_refs": {"stripe": "prod_1"}}
    (said,) = scrip.put(f"/v1/packs/{account}", body).body["warnings"]
    what, why = "stripe and MGA 4000.5 (400050 minor units)", "stripe takes MGA in multiples of 1"
    assert said["message"] == f"{what}: {why}: an order of it there is refused"


ONE_PACK: Final = {"credits": "1", "price": {"amount": 100, "currency": "USD"}}
ONE_RATE: Final = {"price": {"model": "per_unit", "credits": "1"}}


@pytest.mark.parametrize(
    ("what", "name", "body"),
    [("packs", "pack", ONE_PACK), ("rates", "meter", ONE_RATE), ("promotions", "code", {"amount": "5"})],
)
def test_a_catalogue_is_listed_each_as_it_is_by_itself(
    scrip: Deployment, account: str, what: str, name: str, body: Mapping[str, Any]
) -> None:
    """Two versions of the second are one item of the list."""
    names = [f"{account}.{letter}" for letter in "abc"]
    for one in reversed(names):
        assert scrip.put(f"/v1/{what}/{one}", body).status == 201
    scrip.put(f"/v1/{what}/{names[1]}", body)
    found: list[Any] = []
    cursor = None
    while not found or cursor:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = scrip.get(f"/v1/{what}", query=query).body
        found += page["items"]
        cursor = page["next_cursor"]
    mine = [one for one in found if one[name].startswith(f"{account}.")]
    assert [one[name] for one in mine] == names
    for one in mine:
        assert scrip.get(f"/v1/{what}/{one[name]}").body == one
