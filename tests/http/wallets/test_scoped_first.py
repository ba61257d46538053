"""Lots with a scope go first within a priority, where the unit's policy says so: what fewer things can use is used."""

from __future__ import annotations

import pytest

from tests.aws import NEW_YEAR, Deployment
from tests.http.contract import refused

pytestmark = pytest.mark.usefixtures("in_memory")
ORDERS = ["priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice"]


def nth(lot_id: str) -> int:
    """The sequence of the lot's grant."""
    return int(lot_id.rpartition("_")[2])


def stocked(scrip: Deployment, account: str, order: str, *, scoped_first: bool) -> str:
    """10 for anything that end sooner, 30 for the meter, and 5 for the meter that a lower priority puts behind."""
    unit = f"u-{account}"
    policy = {"order": order, "scoped_first": scoped_first}
    assert scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy}).status == 201
    price = {"unit": unit, "price": {"model": "per_unit", "credits": "1"}}
    assert scrip.put(f"/v1/rates/api-{account}", price, clock="2029-12-01T00:00:00Z").status == 201
    more = {"unit": unit, "clock": NEW_YEAR}
    scrip.grant(account, "10", expires_in="P1D", **more)
    scrip.grant(account, "30", scope=[f"api-{account}"], expires_in="P30D", **more)
    scrip.grant(account, "5", scope=[f"api-{account}"], priority=60, **more)
    return unit


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("scoped_first", "drawn"),
    [(False, [(1, "10"), (2, "22")]), (True, [(2, "30"), (1, "2")])],
)
def test_a_burn_of_the_meter_takes(
    scrip: Deployment, account: str, order: str, scoped_first: bool, drawn: list[tuple[int, str]]
) -> None:
    unit = stocked(scrip, account, order, scoped_first=scoped_first)
    body = {"meter": f"api-{account}", "quantity": 32, "unit": unit}
    answer = scrip.post(f"/v1/accounts/{account}/burns", body, key="b1", clock=NEW_YEAR)
    taken = [(nth(one["lot_id"]), one["amount"]) for one in answer.body["entry"]["draws"]]
    assert taken == drawn
    scrip.sound(account, unit)


def test_a_burn_of_anything_passes_the_lots_with_a_scope(scrip: Deployment, account: str) -> None:
    unit = stocked(scrip, account, "openmeter", scoped_first=True)
    taken = scrip.burn(account, "10", unit=unit, clock=NEW_YEAR).body["entry"]["draws"]
    assert [(nth(one["lot_id"]), one["amount"]) for one in taken] == [(1, "10")]


def test_lots_are_listed_and_explained_in_that_order(scrip: Deployment, account: str) -> None:
    unit = stocked(scrip, account, "openmeter", scoped_first=True)
    assert [nth(lot["lot_id"]) for lot in scrip.lots(account, unit=unit)] == [2, 1, 3]
    path = f"/v1/accounts/{account}/explain"
    found = scrip.get(path, query={"unit": unit}, clock=NEW_YEAR).body
    assert [nth(lot["lot_id"]) for lot in found["lots"]] == [2, 1, 3]
    assert [why["by"] for why in found["lots"][0]["why"]][:2] == ["priority", "has_scope"]


def test_it_is_fixed_once_the_unit_is_used(scrip: Deployment, account: str) -> None:
    unit = stocked(scrip, account, "openmeter", scoped_first=True)
    body = {"precision": 0, "policy": {"order": "openmeter"}}
    refused(scrip.put(f"/v1/units/{unit}", body), 422, "policy_violation", policy="order")
