"""``GET /v1/audit``: who changed what, with what there was before and after as its own route shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.http.contract import invalid

pytestmark = pytest.mark.usefixtures("in_memory")

MIDNIGHT = "2030-01-01T00:00:00.000Z"


def audit(scrip: Deployment, **query: str) -> list[Any]:
    answer = scrip.get("/v1/audit", query=query)
    assert answer.status == 200, answer.text
    items: list[Any] = answer.body["items"]
    return items


def test_who_raised_an_overdraft_limit_for_a_day_is_in_the_audit(scrip: Deployment, account: str) -> None:
    path, unit = f"/v1/units/{account}", {"precision": 0}
    assert scrip.put(path, {**unit, "policy": {"overdraft_limit": "10"}}, clock=NEW_YEAR).status == 201
    assert scrip.put(path, {**unit, "policy": {"overdraft_limit": "5000"}}, clock=NEW_YEAR).status == 200
    assert scrip.put(path, {**unit, "policy": {"overdraft_limit": "10"}}, clock=NEXT_DAY).status == 200
    lowered, *others = audit(scrip, target=f"unit:{account}")
    assert lowered["at"] == NEXT_DAY
    limits = {(one["before"] and one["before"]["policy"]["overdraft_limit"],
               one["after"]["policy"]["overdraft_limit"]) for one in others}  # fmt: skip
    assert limits == {(None, "10"), ("10", "5000")}
    assert (lowered["before"]["policy"]["overdraft_limit"], lowered["after"]["version"]) == ("5000", 3)
    for one in (lowered, *others):
        assert one["actor"].startswith("key:")
        assert (one["action"], one["target"]) == ("unit.put", {"type": "unit", "id": account})
        assert one["request_id"] == "r1"
        assert set(one) == {
            "at", "actor", "actor_name", "action", "target", "before", "after", "request_id",
        }  # fmt: skip


def test_the_default_units_first_change_says_what_it_was_before(scrip: Deployment) -> None:
    shown = scrip.get("/v1/units/credits").body
    answer = scrip.put("/v1/units/credits", {"precision": 6, "policy": {"overdraft_limit": "1"}})
    assert answer.status == 201
    (made, *_) = audit(scrip, target="unit:credits")
    assert (made["before"], made["after"]) == (shown, answer.body)
    scrip.put("/v1/units/credits", {"precision": 6, "name": "Credits"})


PACK: dict[str, Any] = {"credits": "1000", "price": {"amount": 1000, "currency": "USD"}}
RATE: dict[str, Any] = {"price": {"model": "per_unit", "credits": "2"}}
PROMOTION: dict[str, Any] = {"amount": "5"}


@pytest.mark.parametrize(
    ("kind", "path", "body", "left_out"),
    [
        ("pack", "packs", PACK, ()),
        ("rate", "rates", RATE, ("meter", "unit", "versions")),
        ("promotion", "promotions", PROMOTION, ("redeemed", "granted")),
    ],
)
def test_each_definition_is_shown_as_its_own_route_does(
    scrip: Deployment, account: str, kind: str, path: str, body: Any, left_out: tuple[str, ...]
) -> None:
    answer = scrip.put(f"/v1/{path}/{account}", body)
    assert answer.status == 201, answer.text
    (made,) = audit(scrip, target=f"{kind}:{account}")
    shown = {name: value for name, value in answer.body.items() if name not in left_out}
    assert (made["action"], made["before"], made["after"]) == (f"{kind}.put", None, shown)


def test_the_same_definition_again_and_a_refused_one_are_no_changes(scrip: Deployment, account: str) -> None:
    assert scrip.put(f"/v1/packs/{account}", PACK).status == 201
    assert scrip.put(f"/v1/packs/{account}", PACK).status == 200
    assert scrip.put(f"/v1/packs/{account}", {**PACK, "credits": "-1"}).status == 400
    assert len(audit(scrip, target=f"pack:{account}")) == 1


def test_changes_are_found_by_instant_action_and_actor(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/packs/{account}", PACK, clock=NEW_YEAR)
    scrip.put(f"/v1/units/{account}", {"precision": 0}, clock=NEXT_DAY)
    mine = [f"pack:{account}", f"unit:{account}"]

    def targets(**query: str) -> list[str]:
        found = [f"{one['target']['type']}:{one['target']['id']}" for one in audit(scrip, **query)]
        return [one for one in found if one in mine]

    assert targets(action="pack.put") == mine[:1]
    assert targets(**{"from": NEXT_DAY}) == mine[1:]
    assert targets(to=NEW_YEAR) == mine[:1]
    (actor,) = {one["actor"] for one in audit(scrip, target=mine[0])}
    assert targets(actor=actor) == mine[::-1]
    assert targets(actor="key:nobody") == []


def test_pages_have_each_change_once(scrip: Deployment, account: str) -> None:
    for number in range(5):
        scrip.put(f"/v1/packs/{account}", {**PACK, "credits": str(number + 1)}, clock=NEW_YEAR)
    found, query = [], {"limit": "2", "target": f"pack:{account}"}
    while True:
        page = scrip.get("/v1/audit", query=query).body
        found += [one["after"]["credits"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(found) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("target", ["unit", "unit:", "wallet:acme", ":credits"])
def test_a_target_that_is_none_is_named(scrip: Deployment, target: str) -> None:
    invalid(scrip.get("/v1/audit", query={"target": target}), "target")


def test_an_action_that_there_is_not_is_named(scrip: Deployment) -> None:
    invalid(scrip.get("/v1/audit", query={"action": "unit.delete"}), "action")


def test_a_decision_about_a_payment_is_in_the_audit_once(scrip: Deployment, account: str) -> None:
    """The same decision again changes nothing, and is no change."""
    told = {"type": "payment.succeeded", "timestamp": "2030-01-01T00:00:00Z", "data": {
        "payment_id": f"pay_{account}", "amount": 1000, "currency": "USD"}}  # fmt: skip
    scrip.deliver(told, provider="standard")
    path = f"/v1/payments/standard/pay_{account}/resolutions"
    for _ in range(2):
        answer = scrip.post(path, {"action": "dismiss", "reason": "not ours"}, clock=NEXT_DAY)
        assert answer.status == 200, answer.text
    (made,) = audit(scrip, target=f"payment:standard:pay_{account}")
    (decided,) = answer.body["payment"]["resolutions"]
    assert (made["action"], made["before"], made["after"]) == ("payment.resolve", None, decided)
    assert (made["at"], made["actor"]) == (NEXT_DAY, decided["actor"])
