"""Units: every PUT that changes one makes a version, what is used of it is fixed, and what was put wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, Deployment
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import NO_DURATION, Row, inside, rows

DEFAULT_POLICY = {
    "order": "priority_expiry_cost",
    "scoped_first": False,
    "expiry_boundary": "exclusive",
    "overdraft_limit": "0",
    "repay_first": True,
    "refund_shortfall": "owe",
    "default_expires_in": None,
    "time_zone": "UTC",
    "end_of": None,
    "transferable": False,
    "stacking": "free",
    "promotional_share_max": "1",
    "over_capture": "refuse",
    "lease_timeout": "release",
    "lease_grace": "PT30S",
    "unpaid_usage": "owe",
    "usage_window": "P34D",
    "low_balance": [],
    "run_out_days": [],
    "expiry_notices": [],
    "expiry_requires_notice": False,
    "up_to": "available",
    "runaway": None,
    "value": None,
}


def test_the_default_unit_is_there_before_anybody_put_it(scrip: Deployment) -> None:
    answer = scrip.get("/v1/units/credits")
    whole = {"unit": "credits", "precision": 6, "name": "Credits", "policy": DEFAULT_POLICY, "version": 0}
    assert (answer.status, answer.body) == (200, whole)


def test_a_unit_is_made_by_its_first_put_and_versioned_by_every_change(
    scrip: Deployment, account: str
) -> None:
    path = f"/v1/units/{account}"
    refused(scrip.get(path), 404, "not_found", unit=account)
    first = scrip.put(path, {"precision": 2, "name": "Images"})
    whole = {"unit": account, "precision": 2, "name": "Images", "policy": DEFAULT_POLICY, "version": 1}
    assert (first.status, first.body, scrip.get(path).body) == (201, whole, whole)
    again = scrip.put(path, {"precision": 2, "name": "Images"})
    assert (again.status, again.body) == (200, whole)
    changed = scrip.put(path, {"precision": 2, "policy": {"overdraft_limit": "1.50"}})
    policy = {**DEFAULT_POLICY, "overdraft_limit": "1.5"}
    assert (changed.status, changed.body) == (200, {**whole, "name": "", "policy": policy, "version": 2})


@pytest.mark.parametrize(
    ("policy", "what"),
    [({}, {"precision": 3}), ({"order": "stripe"}, {"precision": 2})],
    ids=["precision", "order"],
)
def test_precision_and_order_are_fixed_once_a_unit_is_used(
    scrip: Deployment, account: str, policy: dict[str, str], what: dict[str, int]
) -> None:
    path = f"/v1/units/{account}"
    scrip.put(path, {"precision": 2})
    scrip.grant(account, "0.01", unit=account)
    before = scrip.get(path).body
    answer = scrip.put(path, {**what, "policy": policy})
    refused(answer, 422, "policy_violation", policy="order" if policy else "precision")
    assert scrip.get(path).body == before
    assert scrip.put(path, {"precision": 2, "name": "New"}).body["version"] == 2


def test_an_unused_unit_may_change_its_precision(scrip: Deployment, account: str) -> None:
    path = f"/v1/units/{account}"
    for precision in range(10):
        answer = scrip.put(path, {"precision": precision})
        assert (answer.body["precision"], answer.body["version"]) == (precision, precision + 1)
    smallest = scrip.grant(account, "0.000000001", unit=account)
    assert smallest.balance["total"] == "0.000000001"


NO_SHARE: list[Any] = [
    "1.1", "1.000000000000000001", "2", "10", "-0.5", "+0.5", ".5", "0.", "1.",
    "00.5", "01", "5e-1", "50%", "1/2", "0,5", " 0.5", "0.5 ", "0.5\n", "", "half", "0." + "1" * 40, "1." + "0" * 19,
    0.5, 1, 0, True, None, [], {},
]  # fmt: skip


NO_LOW_BALANCE: list[Any] = ["", "-1", "1e5", " 1", "01", ".5", "1" * 29, 1, 1.5, None, True, [], {}]
NO_DAYS: list[Any] = [0, -1, 366, 10**400, "7", 1.5, True, None, [], 30]
NO_NOTICE: list[Any] = [
    "",
    "7D",
    "P0D",
    "P367D",
    "P2Y",
    "P9999Y",
    "P1M1",
    7,
    None,
    [],
    "P7D",
    "P1W",
    "PT168H",
]
NO_VALUE: dict[str, list[Any]] = {
    "amount": [0, -1, "50", 0.5, 10**16, None, True],
    "currency": ["", "usd", "XXX", None, 1],
    "per": ["", "-1", 1, None, "1e3"],
    "unit": ["credits"],
}
UNIT: list[Row] = [
    *rows("precision", [None, -1, 10, 10**400, "2", 1.5, 2.0, True, [], {}]),
    *rows("name", [None, 1, True, [], {}, "x" * 201]),
    *rows("policy", [None, "", 1, True, []]),
    *rows("unit", ["x"]),
    *rows("version", [1]),
    *rows("used", [False]),
    Row("policy", {"colour": 1}, "policy.colour"),
    *inside("policy", "order", ["", "fifo", None, 1, []]),
    *inside("policy", "expiry_boundary", ["", "both", None, 1]),
    *inside("policy", "repay_first", ["true", 1, 0, None, []]),
    *[
        Row("policy", {"refund_shortfall": value}, "policy.refund_shortfall")
        for value in ("", "pay", None, 1)
    ],
    *inside("policy", "overdraft_limit", ["", "-1", "1e5", " 1", "01", ".5", 1, None, True, [], "1" * 29]),
    *inside("policy", "default_expires_in", NO_DURATION),
    *inside("policy", "time_zone", [None, "", "Mars/Base", 1, "../UTC"]),
    Row("policy", {"default_expires_in": "P1D", "end_of": "week"}, "policy.end_of"),
    Row("policy", {"end_of": "day"}, "policy.end_of"),
    *inside("policy", "transferable", ["true", "", 1, 0, None, [], {}]),
    *inside("policy", "stacking", ["", "promotional", "Free", "paid_only", None, 1, True, []]),
    *inside("policy", "promotional_share_max", NO_SHARE),
    *inside("policy", "lease_timeout", ["", "keep", "Release", None, 1, True, []]),
    *inside("policy", "lease_grace", [*NO_DURATION, "PT1H1S", "P1D", "P9999999Y"]),
    *inside("policy", "unpaid_usage", ["", "refuse", "Owe", None, 1, True, []]),
    *inside("policy", "usage_window", [*NO_DURATION, "P35D", "P34DT1S", "P2M", "P9999999Y"]),
    *inside("policy", "value", ["", "1", 1, True, []]),
    *[
        Row("policy", {"value": {"amount": 50, "currency": "USD", name: value}}, f"policy.value.{name}")
        for name, values in NO_VALUE.items()
        for value in values
    ],
    *inside("policy", "runaway", ["", "freeze", 1, True, []]),
    *[
        Row("policy", {"runaway": {"amount": "100", "within": "PT1M", name: value}}, f"policy.runaway.{name}")
        for name, values in {
            "amount": ["", "-1", 100, None, True],
            "within": [*NO_DURATION, "P31DT1S", "P2M", "P9999Y"],
            "action": ["", "stop", "Freeze", None, 1],
            "limit": ["1"],
        }.items()
        for value in values
    ],
    *inside("policy", "over_capture", ["", "burn", "Refuse", "allow", None, 1, True, []]),
    *inside("policy", "low_balance", ["", "10", 10, None, True, {}, ["1"] * 11, [str(n) for n in range(11)]]),
    *[Row("policy", {"low_balance": ["100", value]}, "policy.low_balance.1") for value in NO_LOW_BALANCE],
    *inside("policy", "run_out_days", ["", 7, None, True, {}, [1] * 11, list(range(1, 12))]),
    *[Row("policy", {"run_out_days": [30, value]}, "policy.run_out_days.1") for value in NO_DAYS],
    *inside("policy", "expiry_notices", ["", "P7D", None, True, {}, ["P1D"] * 11]),
    *[Row("policy", {"expiry_notices": ["P7D", value]}, "policy.expiry_notices.1") for value in NO_NOTICE],
    *inside("policy", "expiry_requires_notice", ["true", 1, None, True]),
    Row("policy", {"expiry_notices": [], "expiry_requires_notice": True}, "policy.expiry_requires_notice"),
    *[
        Row("policy", {"low_balance": values}, f"policy.low_balance.{len(values) - 1}")
        for values in (
            ["1", "1"],
            ["5", "3", "5"],
            ["0"],
            ["10", "9", "8", "10"],
            ["0%"],
            ["5", "0.00%"],
            ["20%", "20.0%"],
            ["1", "101%"],
            ["1", "100%"],
            ["1", "20 %"],
            ["1", "%"],
            ["1", "-1%"],
            ["1", "1.23456%"],
            ["1", "01%"],
        )
    ],
]


@pytest.mark.parametrize("row", UNIT, ids=lambda row: row.id)
def test_a_unit_is_refused_with(scrip: Deployment, row: Row) -> None:
    with scrip.unwritten():
        answer = scrip.put("/v1/units/images", {"precision": 0, row.member: row.value})
    invalid(answer, row.field)


def test_a_unit_needs_a_precision(scrip: Deployment) -> None:
    invalid(scrip.put("/v1/units/images", {}), "precision")


def test_an_overdraft_limit_is_an_amount_of_the_unit(scrip: Deployment) -> None:
    for limit, code in (("0.5", "precision_exceeded"), ("9" * 28, "amount_out_of_range")):
        answer = scrip.put("/v1/units/images", {"precision": 0, "policy": {"overdraft_limit": limit}})
        refused(answer, 422, code)
        assert answer.body["field"] == "policy.overdraft_limit"


def test_a_breakers_amount_is_one_of_the_unit_and_more_than_nothing(scrip: Deployment) -> None:
    for amount, status, code in (
        ("0.5", 422, "precision_exceeded"),
        ("9" * 28, 422, "amount_out_of_range"),
        ("0", 400, "invalid_request"),
    ):
        policy = {"runaway": {"amount": amount, "within": "PT1M"}}
        answer = scrip.put("/v1/units/images", {"precision": 0, "policy": policy})
        assert (answer.status, answer.body["code"]) == (status, code)
        assert "policy.runaway.amount" in answer.text


POLICIES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"transferable": True}, {}),
    ({"stacking": "free"}, {}),
    ({"stacking": "promotional_first"}, {}),
    ({"stacking": "paid_first"}, {}),
    ({"promotional_share_max": "0.5"}, {}),
    ({"promotional_share_max": "0.000000000000000001"}, {}),
    ({"promotional_share_max": "0.999999999999999999"}, {}),
    ({"promotional_share_max": "0.333"}, {}),
    ({"promotional_share_max": "1"}, {}),
    ({"promotional_share_max": "0"}, {}),
    ({"order": "openmeter", "scoped_first": True}, {}),
    ({"default_expires_in": "P30D", "time_zone": "Asia/Kolkata", "end_of": "month"}, {}),
    ({"over_capture": "burn_extra"}, {}),
    ({"lease_timeout": "capture", "lease_grace": "PT1H"}, {}),
    ({"unpaid_usage": "reject", "usage_window": "PT1H"}, {}),
    ({"usage_window": "P1M"}, {}),
    (
        {"value": {"amount": 50, "currency": "JPY"}},
        {"value": {"amount": 50, "currency": "JPY", "per": "1"}},
    ),
    ({"value": {"amount": 10**15, "currency": "USD", "per": "0.01"}}, {}),
    ({"runaway": {"amount": "100", "within": "PT1M", "action": "notify"}}, {}),
    (
        {"runaway": {"amount": "0.50", "within": "P31D"}},
        {"runaway": {"amount": "0.5", "within": "P31D", "action": "freeze"}},
    ),
    ({"low_balance": ["100"]}, {}),
    ({"low_balance": ["10", "1000", "100.50"]}, {"low_balance": ["1000", "100.5", "10"]}),
    ({"low_balance": [str(n) for n in range(1, 11)]}, {"low_balance": [str(n) for n in range(10, 0, -1)]}),
    ({"low_balance": ["5.50%", "20%", "7", "0.0001%", "50"]},
     {"low_balance": ["50", "7", "20%", "5.5%", "0.0001%"]}),
    ({"run_out_days": [1, 365, 7]}, {"run_out_days": [365, 7, 1]}),
    ({"expiry_notices": ["P1D", "P1Y", "P7D", "PT1H"], "expiry_requires_notice": True},
     {"expiry_notices": ["P1Y", "P7D", "P1D", "PT1H"]}),
    ({"overdraft_limit": "5.00"}, {"overdraft_limit": "5"}),
    (
        {"stacking": "paid_first", "promotional_share_max": "0.25", "transferable": True, "low_balance": ["3", "7"]},
        {"low_balance": ["7", "3"]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "told"), POLICIES, ids=lambda value: str(value)[:50])
def test_a_policy_is_kept_and_told_with_all_its_defaults(
    scrip: Deployment, account: str, said: dict[str, Any], told: dict[str, Any]
) -> None:
    """Amounts are canonical; low balances come back the largest first."""
    path = f"/v1/units/{account}"
    answer = scrip.put(path, {"precision": 2, "policy": said})
    assert answer.status == 201
    assert answer.body["policy"] == {**DEFAULT_POLICY, **said, **told}
    scrip.cold()
    assert scrip.get(path).body == answer.body
    again = scrip.put(path, {"precision": 2, "policy": {**said, **told}})
    assert (again.status, again.body["version"]) == (200, 1)


def test_low_balances_are_amounts_of_the_unit(scrip: Deployment) -> None:
    for amount, code in (("0.5", "precision_exceeded"), ("9" * 28, "amount_out_of_range")):
        policy = {"low_balance": ["10", "5", amount]}
        with scrip.unwritten():
            answer = scrip.put("/v1/units/images", {"precision": 0, "policy": policy})
        refused(answer, 422, code)
        assert answer.body["field"] == "policy.low_balance.2"
    answer = scrip.put("/v1/units/images", {"precision": 2, "policy": {"low_balance": ["10", "10.00"]}})
    invalid(answer, "policy.low_balance.1")


def test_the_catalogue_has_no_clock(scrip: Deployment) -> None:
    assert scrip.get("/v1/units/credits", clock=NEW_YEAR).status == 200


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_units_are_listed_the_one_that_there_always_is_in_its_place(scrip: Deployment, limit: int) -> None:
    """`credits` though nobody put it, and the second time as it was put; each once, page by page."""
    names = ["a", "b", "credits", "zz"]
    for name in ("zz", "b", "a"):
        assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
    for version in (0, 1):
        found: list[tuple[str, int]] = []
        sizes: list[int] = []
        cursor = ""
        while not sizes or cursor:
            query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
            page = scrip.get("/v1/units", query=query).body
            found += [(one["unit"], one["version"]) for one in page["items"]]
            sizes.append(len(page["items"]))
            cursor = page["next_cursor"]
        assert found == [(name, version if name == "credits" else 1) for name in names]
        assert sizes == [len(names[start : start + limit]) for start in range(0, 4, limit)]
        scrip.put("/v1/units/credits", {"precision": 6, "name": "Ours"})
