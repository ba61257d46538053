"""An account's own alerts over HTTP: put whole, read with those that count, taken away; each mistake is named."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.services.audit.changes import ChangeQuery, list_changes
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Key
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")

NOTHING = {"low_balance": [], "run_out_days": [], "expiry_notices": [], "expiry_requires_notice": False}
WHOLE = {
    "low_balance": ["7", "20%", "100.50", "5.0%"],
    "run_out_days": [1, 30],
    "expiry_notices": ["P1D", "P30D"],
    "expiry_requires_notice": True,
}
SHOWN = {
    "low_balance": ["100.5", "7", "20%", "5%"],
    "run_out_days": [30, 1],
    "expiry_notices": ["P30D", "P1D"],
    "expiry_requires_notice": True,
}


@pytest.fixture
def path(account: str) -> str:
    return f"/v1/accounts/{account}/alerts"


def test_alerts_are_put_read_replaced_and_taken_away(scrip: Deployment, path: str) -> None:
    refused(scrip.get(path), 404, "not_found", unit="credits")
    made = scrip.put(path, WHOLE)
    shown = {"unit": "credits", **SHOWN, "counting": SHOWN}
    assert (made.status, made.body, scrip.get(path).body) == (201, shown, shown)
    with scrip.unwritten():
        assert (scrip.put(path, SHOWN).status, scrip.get(path).body) == (200, shown)
    replaced = scrip.put(path, {"run_out_days": [], "low_balance": None})
    null: dict[str, Any] = {**dict.fromkeys(NOTHING), "run_out_days": []}
    assert (replaced.status, replaced.body) == (200, {"unit": "credits", **null, "counting": NOTHING})
    gone = scrip.send("DELETE", path)
    assert (gone.status, gone.text) == (204, "")
    refused(scrip.get(path), 404, "not_found")
    refused(scrip.send("DELETE", path), 404, "not_found")
    assert scrip.put(path, {}).status == 201, "none of its own say that the unit's count"


def test_what_is_left_out_is_the_units(scrip: Deployment, account: str, path: str) -> None:
    policy = {"low_balance": ["10", "50%"], "expiry_notices": ["P7D"], "expiry_requires_notice": True}
    scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": policy})
    body = scrip.put(path, {"low_balance": ["5"]}, query={"unit": account}).body
    assert body["counting"] == {**NOTHING, **policy, "low_balance": ["5"]}
    body = scrip.put(path, {"expiry_notices": []}, query={"unit": account}).body
    assert body["counting"] == {**NOTHING, "low_balance": ["10", "50%"]}, (
        "none is required where there is none"
    )
    refused(scrip.get(path), 404, "not_found", unit="credits")
    refused(scrip.put(path, {}, query={"unit": "nothing"}), 404, "not_found", unit="nothing")
    refused(scrip.get(path, query={"unit": "nothing"}), 404, "not_found", unit="nothing")


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("low_balance", ["0"], "low_balance.0"),
        ("low_balance", ["1", "0.00%"], "low_balance.1"),
        ("low_balance", ["100%"], "low_balance.0"),
        ("low_balance", ["20%", "20.00%"], "low_balance.1"),
        ("low_balance", ["1", "1.0"], "low_balance.1"),
        ("low_balance", ["1"] * 11, "low_balance"),
        ("low_balance", "20%", "low_balance"),
        ("low_balance", [20], "low_balance.0"),
        ("low_balance", ["20 %"], "low_balance.0"),
        ("low_balance", ["-1"], "low_balance.0"),
        ("run_out_days", [0], "run_out_days.0"),
        ("run_out_days", [366], "run_out_days.0"),
        ("run_out_days", [7, 7], "run_out_days.1"),
        ("run_out_days", ["7"], "run_out_days.0"),
        ("run_out_days", [1.5], "run_out_days.0"),
        ("expiry_notices", ["P2Y"], "expiry_notices.0"),
        ("expiry_notices", ["P7D", "P1W"], "expiry_notices.1"),
        ("expiry_notices", ["7 days"], "expiry_notices.0"),
        ("expiry_notices", ["PT0S"], "expiry_notices.0"),
        ("expiry_notices", ["P1D", "PT59S"], "expiry_notices.1"),
        ("expiry_requires_notice", True, "expiry_requires_notice"),
        ("expiry_requires_notice", "yes", "expiry_requires_notice"),
        ("threshold", "1", "threshold"),
        ("unit", "credits", "unit"),
    ],
)
def test_a_mistake_is_named(scrip: Deployment, path: str, member: str, value: Any, field: str) -> None:
    with scrip.unwritten():
        invalid(scrip.put(path, {member: value}), field)


def test_an_amount_is_one_of_the_unit(scrip: Deployment, path: str) -> None:
    for amount, code in (("0.0000001", "precision_exceeded"), ("9" * 28, "amount_out_of_range")):
        answer = scrip.put(path, {"low_balance": ["1", amount]})
        refused(answer, 422, code)
        assert answer.body["field"] == "low_balance.1"


def test_who_may(scrip: Deployment, account: str, path: str) -> None:
    refused(scrip.put(path, WHOLE, caller=Key("read")), 403, "forbidden")
    refused(scrip.put(path, WHOLE, caller=Key("grant", "another")), 403, "forbidden")
    assert scrip.put(path, WHOLE, caller=Key("grant")).status == 201
    assert scrip.get(path, caller=Key("read", account)).status == 200
    refused(scrip.send("DELETE", path, caller=Key("burn")), 403, "forbidden")


def test_by_the_test_clock_what_is_over_is_judged_no_more(scrip: Deployment, account: str, path: str) -> None:
    scrip.put(path, {"low_balance": ["20%"]}, clock=NEW_YEAR)
    scrip.grant(account, "100", clock=NEXT_DAY)
    with scrip.unwritten():
        refused(
            scrip.put(path, {"low_balance": ["30"]}, clock=NEW_YEAR),
            422,
            "clock_backwards",
            last_entry_at=NEXT_DAY,
        )
        refused(scrip.send("DELETE", path, clock=NEW_YEAR), 422, "clock_backwards", last_entry_at=NEXT_DAY)
    assert scrip.get(path).body["low_balance"] == ["20%"]
    assert scrip.put(path, {"low_balance": ["30"]}, clock=NEXT_DAY).status == 200


def test_each_change_is_in_the_audit(scrip: Deployment, account: str, path: str) -> None:
    scrip.put(path, {"low_balance": ["1"]}, clock=NEW_YEAR)
    scrip.put(path, {"low_balance": ["2"]}, clock=NEW_YEAR)
    scrip.send("DELETE", path, clock=NEW_YEAR)
    query = ChangeQuery(None, None, ("alerts", f"{account}/credits"), 0, 2**44)
    found = [one.change for _, one in list_changes(runtime.tables(), query, 10, None).items]
    one, two = {"low_balance": [1_000_000]}, {"low_balance": [2_000_000]}
    assert [(change.action, change.before, change.after) for change in found] == [
        ("alerts.delete", two, None),
        ("alerts.put", one, two),
        ("alerts.put", None, one),
    ]


def test_a_precision_is_fixed_once_accounts_have_alerts_in_its_steps(
    scrip: Deployment, account: str, path: str
) -> None:
    unit = f"/v1/units/{account}"
    scrip.put(unit, {"precision": 2})
    scrip.put(path, {"low_balance": ["1"]}, query={"unit": account})
    refused(scrip.put(unit, {"precision": 3}), 422, "policy_violation", policy="precision")
    assert scrip.put(unit, {"precision": 2, "name": "New"}).status == 200
