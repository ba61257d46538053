"""What is to be billed of a month: what accounts owed as periods of their allowances ended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, Deployment
from tests.http.contract import invalid
from tests.http.search.streaming import index

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")
MONTH = "2031-02"


def owing(scrip: Deployment, account: str, unit: str, burned: str, overage: str = "invoice") -> None:
    """1 000 each month from January 2031 on, and more burned in it, of a unit in which a credit is 2 cents."""
    policy = {"overdraft_limit": "500", "value": {"amount": 2, "currency": "USD"}}
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy})
    plan = {"unit": unit, "amount": "1000", "every": "P1M", "overage": overage}
    clock = "2031-01-01T00:00:00.000Z"
    assert scrip.put(f"/v1/accounts/{account}/allowances/plan", plan, clock=clock).status == 201
    assert scrip.burn(account, burned, unit=unit, clock="2031-01-20T00:00:00.000Z").status == 201
    scrip.sweep("2031-02-01T00:00:00.000Z")
    index(account, unit=unit)


def billed(scrip: Deployment, unit: str, **query: str) -> tuple[list[Json], str | None]:
    answer = scrip.get("/v1/overages", query={"month": MONTH, **query})
    assert answer.status == 200, answer.text
    return [one for one in answer.body["items"] if one["unit"] == unit], answer.body["next_cursor"]


def test_what_is_billed_is_listed_with_its_value_and_what_is_forgiven_is_not(
    scrip: Deployment, account: str
) -> None:
    owing(scrip, f"{account}-a", account, "1300")
    owing(scrip, f"{account}-b", account, "1001")
    owing(scrip, f"{account}-c", account, "1200", "forgive")
    owing(scrip, f"{account}-d", account, "1000")
    found, _ = billed(scrip, account)
    written = scrip.entries(f"{account}-a", unit=account, kind="write_off")[0]
    assert {one["account"]: (one["amount"], one["value"]["amount"]) for one in found} == {
        f"{account}-a": ("300", 600),
        f"{account}-b": ("1", 2),
    }
    (one,) = [each for each in found if each["account"] == f"{account}-a"]
    assert one == {
        "account": f"{account}-a",
        "unit": account,
        "allowance_id": "plan",
        "amount": "300",
        "value": {"amount": 600, "currency": "USD"},
        "at": "2031-02-01T00:00:00.000Z",
        "entry_id": written["entry_id"],
        "seq": 3,
    }
    assert scrip.get("/v1/overages", query={"month": "2031-03"}).body["items"] == []


def test_pages_have_each_once_and_no_callers_own_entry(scrip: Deployment, account: str) -> None:
    for number in range(5):
        owing(scrip, f"{account}-{number}", account, f"{1001 + number}")
    own = {"type": "overage", "id": MONTH}
    scrip.grant(account, "5", unit=account, reference=own, clock=NEW_YEAR)
    index(account, unit=account)
    seen, cursor = list[Json](), None
    while True:
        found, cursor = billed(scrip, account, limit="2", **({"cursor": cursor} if cursor else {}))
        seen += found
        if cursor is None:
            break
    assert sorted(one["amount"] for one in seen) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("month", ["", "2031", "2031-13", "2031-00", "31-02", "2031-02-01", "2031-2", "feb"])
def test_a_month_that_is_none_is_refused(scrip: Deployment, month: str) -> None:
    invalid(scrip.get("/v1/overages", query={"month": month}), "month")


def test_a_month_has_to_be_said(scrip: Deployment) -> None:
    invalid(scrip.get("/v1/overages"), "month")
