"""Units, packs and API keys: every PUT makes a version, and what was put wrong is named."""

from __future__ import annotations

import hashlib
from typing import Any, get_args

import pytest

from scrip.http.payments.topups import Provider
from scrip.providers import webhooks
from tests.aws import NEW_YEAR, Deployment
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import NO_DURATION, Row, inside, money, rows

DEFAULT_POLICY = {
    "order": "priority_expiry_cost",
    "expiry_boundary": "exclusive",
    "overdraft_limit": "0",
    "repay_first": True,
    "refund_shortfall": "owe",
    "default_expires_in": None,
    "transferable": False,
    "stacking": "free",
    "promotional_share_max": "1",
    "over_capture": "refuse",
    "low_balance": [],
}
PACK: dict[str, Any] = {"credits": "10000", "price": {"amount": 100000, "currency": "USD"}}
WHOLE_PACK: dict[str, Any] = {
    "unit": "credits",
    **PACK,
    "prices": [],
    "recurring": None,
    "bonus": [],
    "expires_in": None,
    "priority": 50,
    "tax_point": "purchase",
    "terms": None,
    "provider_refs": {"dodo": None, "paddle": None, "standard": None, "stripe": None},
}


# Units


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
    "0", "0.0", "0.000000000000000000", "1.1", "1.000000000000000001", "2", "10", "-0.5", "+0.5", ".5", "0.", "1.",
    "00.5", "01", "5e-1", "50%", "1/2", "0,5", " 0.5", "0.5 ", "0.5\n", "", "half", "0." + "1" * 40, "1." + "0" * 19,
    0.5, 1, 0, True, None, [], {},
]  # fmt: skip


NO_LOW_BALANCE: list[Any] = ["", "-1", "1e5", " 1", "01", ".5", "1" * 29, 1, 1.5, None, True, [], {}]
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
    *inside("policy", "transferable", ["true", "", 1, 0, None, [], {}]),
    *inside("policy", "stacking", ["", "promotional", "Free", "paid_only", None, 1, True, []]),
    *inside("policy", "promotional_share_max", NO_SHARE),
    *inside("policy", "over_capture", ["", "burn", "Refuse", "allow", None, 1, True, []]),
    *inside("policy", "low_balance", ["", "10", 10, None, True, {}, ["1"] * 11, [str(n) for n in range(11)]]),
    *[Row("policy", {"low_balance": ["100", value]}, "policy.low_balance.1") for value in NO_LOW_BALANCE],
    *[
        Row("policy", {"low_balance": values}, f"policy.low_balance.{len(values) - 1}")
        for values in (["1", "1"], ["5", "3", "5"], ["0", "0"], ["10", "9", "8", "10"])
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
    ({"over_capture": "burn_extra"}, {}),
    ({"low_balance": ["100"]}, {}),
    ({"low_balance": ["10", "1000", "100.50"]}, {"low_balance": ["1000", "100.5", "10"]}),
    ({"low_balance": ["0"]}, {}),
    ({"low_balance": [str(n) for n in range(10)]}, {"low_balance": [str(n) for n in range(9, -1, -1)]}),
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


# Packs


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
        "price": {"amount": 0, "currency": "JPY"},
        "prices": [{"amount": 90000, "currency": "EUR"}, {"amount": 310000, "currency": "KWD"}],
        "recurring": {"every": "P3M"},
        "bonus": [{"from_quantity": 5, "credits": "500"}, {"from_quantity": 10, "percent": "12.5"}],
        "expires_in": "P1Y",
        "priority": 0,
        "tax_point": "redemption",
        "terms": "No refunds after 14 days.",
        "provider_refs": {"dodo": "pdt_1", "paddle": "pri_1", "standard": "credits", "stripe": "prod_1"},
    }
    body = scrip.put(f"/v1/packs/{account}", said).body
    bonus = [
        {"from_quantity": 5, "credits": "500", "percent": None},
        {"from_quantity": 10, "credits": None, "percent": "12.5"},
    ]
    assert body == {"pack": account, **said, "bonus": bonus, "version": 1}


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
    known = set(get_args(Provider))
    assert known == webhooks.names()
    assert set(scrip.put(f"/v1/packs/{account}", PACK).body["provider_refs"]) == known


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


# Keys


def test_a_key_is_shown_once_and_stored_as_a_hash(scrip: Deployment) -> None:
    answer = scrip.post("/v1/keys", {"scope": "burn"})
    assert answer.status == 201
    assert set(answer.body) == {"key_id", "key", "scope", "account"}
    key = answer.body["key"]
    secret = key.removeprefix(f"scrip_{answer.body['key_id']}_")
    assert len(secret) >= 43
    stored = str(scrip.everything())
    assert answer.body["key_id"] in stored
    for plain in (key, secret, secret[:20], secret[20:]):
        assert plain not in stored
    assert hashlib.sha256(secret.encode()).hexdigest() in stored


def test_no_two_keys_are_alike(scrip: Deployment) -> None:
    made = [scrip.post("/v1/keys", {"scope": "read"}).body["key"] for _ in range(20)]
    assert len(set(made)) == 20


def test_a_key_that_is_deleted_is_gone(scrip: Deployment) -> None:
    key_id = scrip.post("/v1/keys", {"scope": "read"}).body["key_id"]
    answer = scrip.send("DELETE", f"/v1/keys/{key_id}")
    assert (answer.status, answer.text) == (204, "")
    refused(scrip.send("DELETE", f"/v1/keys/{key_id}"), 404, "not_found", key_id=key_id)
    assert key_id not in str(scrip.everything())


@pytest.mark.parametrize("key_id", ["x", "%00", "ä", "x" * 5000, "w#acme#credits", "..", "%2e%2e", " "])
def test_a_key_that_there_is_not_cannot_be_deleted(scrip: Deployment, key_id: str) -> None:
    scrip.grant("acme", "1")
    before = scrip.everything()
    refused(scrip.send("DELETE", f"/v1/keys/{key_id}"), 404, "not_found")
    assert scrip.everything() == before


KEYS: list[Row] = [
    *rows("scope", [None, "", "Admin", "write", 1, True, [], ["read"]]),
    *rows("account", ["", "a b", "a#b", 1, [], "x" * 129]),
    *rows("key_id", ["x"]),
    *rows("key", ["scrip_x_y"]),
    *rows("hash", ["x"]),
]


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.id)
def test_a_key_is_refused_with(scrip: Deployment, row: Row) -> None:
    with scrip.unwritten():
        answer = scrip.post("/v1/keys", {"scope": "read", row.member: row.value})
    invalid(answer, row.field)


@pytest.mark.parametrize("scope", ["burn", "grant", "admin"])
def test_a_key_of_one_account_can_only_read(scrip: Deployment, scope: str) -> None:
    invalid(scrip.post("/v1/keys", {"scope": scope, "account": "acme"}), "account")


def test_the_catalogue_has_no_clock(scrip: Deployment) -> None:
    assert scrip.get("/v1/units/credits", clock=NEW_YEAR).status == 200
