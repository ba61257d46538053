"""Budgets at their doors: put, read, deleted; what they refuse, whatever spends; and what entries say of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment, Key
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
TOMORROW = "2030-01-02T00:00:00.000Z"
VIEW = {
    "budget_id",
    "unit",
    "limit",
    "every",
    "anchor",
    "time_zone",
    "member",
    "meter",
    "warn_at",
    "action",
    "spent",
    "from",
    "resets_at",
    "version",
}


def path(account: str, name: str = "day") -> str:
    return f"/v1/accounts/{account}/budgets/{name}"


def put(scrip: Deployment, account: str, name: str = "day", clock: str = NEW_YEAR, **body: Any) -> Answer:
    request = {member: body.pop(member) for member in ("caller",) if member in body}
    return scrip.put(path(account, name), {"limit": "100", "every": "P1D", **body}, clock=clock, **request)


def shown(scrip: Deployment, account: str, name: str = "day", clock: str = NEW_YEAR, **query: str) -> Json:
    answer = scrip.get(path(account, name), query=query, clock=clock)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def refusal(answer: Answer, status: int, code: str) -> Json:
    refused(answer, status, code)
    return dict(answer.body)


def burn(scrip: Deployment, account: str, amount: str, clock: str = NEW_YEAR, **body: Any) -> Answer:
    return scrip.burn(account, amount, clock=clock, **body)


def test_a_budget_is_of_a_meter_that_there_is_and_that_its_unit_pays_for(
    scrip: Deployment, account: str
) -> None:
    answer = put(scrip, account, meter=f"none-{account}")
    assert refusal(answer, 404, "not_found")["meter"] == f"none-{account}"
    assert scrip.put(f"/v1/units/{account}", {"precision": 2}).status == 201
    card = {"unit": account, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/m-{account}", card).status == 201
    invalid(put(scrip, account, meter=f"m-{account}"), "unit")
    assert put(scrip, account, unit=account, meter=f"m-{account}").status == 201


def test_a_budget_is_put_with_its_defaults_and_shown_with_what_is_spent(
    scrip: Deployment, account: str
) -> None:
    answer = put(scrip, account)
    assert (answer.status, set(answer.body)) == (201, VIEW)
    assert answer.body == {
        "budget_id": "day",
        "unit": "credits",
        "limit": "100",
        "every": "P1D",
        "anchor": "1973-01-01T00:00:00.000Z",
        "time_zone": "UTC",
        "member": None,
        "meter": None,
        "warn_at": [],
        "action": "refuse",
        "spent": "0",
        "from": NEW_YEAR,
        "resets_at": TOMORROW,
        "version": 1,
    }
    assert put(scrip, account).body == answer.body
    assert put(scrip, account).status == 200
    changed = put(scrip, account, limit="50.5", warn_at=["90%", "80%"])
    assert (changed.status, changed.body["version"], changed.body["warn_at"]) == (200, 2, ["80%", "90%"])
    (entry, _) = scrip.entries(account)
    assert (entry["kind"], entry["amount"], entry["reference"]) == (
        "status",
        "0",
        {"type": "budget", "id": "day"},
    )


def test_a_burn_past_a_budget_is_402_with_what_is_left_and_until_when(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account)
    answer = burn(scrip, account, "60")
    assert answer.body["entry"]["budgets"] == [{"budget_id": "day", "from": NEW_YEAR, "counted": "60"}]
    problem = refusal(burn(scrip, account, "40.000001"), 402, "budget_exceeded")
    facts = {name: problem[name] for name in ("budget_id", "limit", "spent", "resets_at", "unit")}
    assert facts == {
        "budget_id": "day",
        "limit": "100",
        "spent": "60",
        "resets_at": TOMORROW,
        "unit": "credits",
    }
    assert burn(scrip, account, "40").status == 201
    assert shown(scrip, account)["spent"] == "100"
    assert shown(scrip, account, clock=TOMORROW)["spent"] == "0"
    assert burn(scrip, account, "100", clock=TOMORROW).status == 201


def test_each_member_has_a_budget_for_itself_and_is_shown_by_name(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account, "each", member="*", limit="10")
    assert burn(scrip, account, "10", member="ann").status == 201
    problem = refusal(burn(scrip, account, "1", member="ann"), 402, "budget_exceeded")
    assert problem["member"] == "ann"
    answer = burn(scrip, account, "7", member="bob")
    assert answer.body["entry"]["budgets"] == [
        {"budget_id": "each", "from": NEW_YEAR, "counted": "7", "member": "bob"}
    ]
    assert burn(scrip, account, "500").status == 201
    assert shown(scrip, account, "each")["spent"] is None
    assert [shown(scrip, account, "each", member=one)["spent"] for one in ("ann", "bob", "cid")] == [
        "10",
        "7",
        "0",
    ]
    listed = scrip.get(f"/v1/accounts/{account}/budgets", query={"member": "bob"}, clock=NEW_YEAR)
    assert [(one["budget_id"], one["spent"]) for one in listed.body["items"]] == [("each", "7")]


def test_an_item_of_a_batch_past_the_budget_is_refused_alone(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account, "each", member="*", limit="10")
    burns = [{"key": f"k{n}", "amount": "6", "member": f"m{n % 60}"} for n in range(70)]
    answer = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR, key=None)
    assert [one["status"] for one in answer.body["items"]] == [201] * 60 + [402] * 10
    assert answer.body["items"][60]["problem"]["code"] == "budget_exceeded"
    again = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR, key=None)
    assert [one["status"] for one in again.body["items"]] == [201] * 60 + [402] * 10
    assert shown(scrip, account, "each", member="m3")["spent"] == "6"
    scrip.sound(account)


def test_a_quote_says_that_a_budget_would_refuse(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account, limit="10")
    answer = scrip.post(f"/v1/accounts/{account}/quotes", {"amount": "11"}, clock=NEW_YEAR, key=None)
    assert (answer.body["refusal"], answer.body["budget_id"]) == ("budget_exceeded", "day")
    up_to = {"amount": "11", "mode": "up_to"}
    answer = scrip.post(f"/v1/accounts/{account}/quotes", up_to, clock=NEW_YEAR, key=None)
    assert (answer.body["burned"], answer.body["missing"]) == ("10", "1")
    assert shown(scrip, account)["spent"] == "0"


def test_a_quote_looks_at_the_budgets_of_the_member_that_it_names(scrip: Deployment, account: str) -> None:
    """10 a day each: ann has spent 7 of hers. What nobody is named for counts in none; a capture has its hold's."""
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account, "each", limit="10", member="*")
    burn(scrip, account, "7", member="ann")

    def quote(**asked: Any) -> Answer:
        return scrip.post(f"/v1/accounts/{account}/quotes", asked, clock=NEW_YEAR, key=None)

    def said(**asked: Any) -> tuple[Any, ...]:
        body = quote(**asked).body
        return body["allowed"], body["refusal"], body.get("budget_id")

    for operation in ("burn", "hold"):
        kind = {"for": operation}
        assert said(amount="4", member="ann", tags={"team": "a"}, **kind) == (
            False,
            "budget_exceeded",
            "each",
        )
        assert said(amount="3", member="ann", **kind) == (True, None, None)
        assert said(amount="4", member="bob", **kind) == (True, None, None)
        assert said(amount="4", **kind) == (True, None, None)
    assert quote(amount="4", member="ann", mode="up_to").body["burned"] == "3"
    put(scrip, account, "all", limit="12")
    assert said(amount="13", member="ann") == (False, "budget_exceeded", "each")
    assert said(amount="13", member="bob") == (False, "budget_exceeded", "each")
    assert said(amount="13") == (False, "budget_exceeded", "all")
    placed = scrip.move(account, "holds", amount="3", member="ann", clock=NEW_YEAR).body["hold"]["hold_id"]
    capture = {"for": "capture", "hold_id": placed}
    assert said(**capture) == (True, None, None)
    invalid(quote(member="ann", **capture), "member")
    invalid(quote(tags={"a": "b"}, **capture), "tags")


def test_a_locked_price_is_whosever_uses_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    asked = {"amount": "4", "member": "ann", "lock_for": "PT10M"}
    answer = scrip.post(f"/v1/accounts/{account}/quotes", asked, clock=NEW_YEAR, key=None)
    for member in ("ann", "bob"):
        assert burn(scrip, account, "4", member=member, quote=answer.body["quote"]).status == 201


def test_a_replay_is_the_first_answer_whatever_the_budget_says_by_now(
    scrip: Deployment, account: str
) -> None:
    """Law 3."""
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account)
    first = scrip.post(f"/v1/accounts/{account}/burns", {"amount": "80"}, clock=NEW_YEAR, key="once")
    again = scrip.post(f"/v1/accounts/{account}/burns", {"amount": "80"}, clock=NEW_YEAR, key="once")
    assert (again.status, again.body["entry"]) == (201, first.body["entry"])
    assert shown(scrip, account)["spent"] == "80"


def test_a_put_without_an_anchor_keeps_the_one_that_it_had(scrip: Deployment, account: str) -> None:
    put(scrip, account, every="P1M", anchor="2030-01-31T09:00:00Z")
    changed = put(scrip, account, every="P1M", limit="5").body
    assert changed["anchor"] == "2030-01-31T09:00:00.000Z"
    assert (changed["from"], changed["resets_at"]) == ("2029-12-31T09:00:00.000Z", "2030-01-31T09:00:00.000Z")
    weekly = put(scrip, account, every="P1W").body
    assert (weekly["from"], weekly["resets_at"]) == ("2029-12-31T00:00:00.000Z", "2030-01-07T00:00:00.000Z")


def test_a_day_is_one_of_the_budgets_zone(scrip: Deployment, account: str) -> None:
    answer = put(scrip, account, time_zone="Europe/Berlin", clock="2030-03-31T12:00:00.000Z")
    assert (answer.body["from"], answer.body["resets_at"]) == (
        "2030-03-30T23:00:00.000Z",
        "2030-03-31T22:00:00.000Z",
    )


def test_budgets_are_listed_page_by_page_and_deleted(scrip: Deployment, account: str) -> None:
    for name in ("c", "a", "b"):
        put(scrip, account, name)
    listed = scrip.get(f"/v1/accounts/{account}/budgets", query={"limit": "2"}, clock=NEW_YEAR)
    assert [one["budget_id"] for one in listed.body["items"]] == ["a", "b"]
    cursor = listed.body["next_cursor"]
    rest = scrip.get(
        f"/v1/accounts/{account}/budgets", query={"limit": "2", "cursor": cursor}, clock=NEW_YEAR
    )
    assert ([one["budget_id"] for one in rest.body["items"]], rest.body["next_cursor"]) == (["c"], None)
    assert scrip.send("DELETE", path(account, "a"), clock=NEW_YEAR).status == 204
    problem = refusal(scrip.send("DELETE", path(account, "a"), clock=NEW_YEAR), 404, "not_found")
    assert problem["budget"] == "a"
    refused(scrip.get(path(account, "a"), clock=NEW_YEAR), 404, "not_found")


def test_a_budget_is_found_in_the_unit_that_it_is_in(scrip: Deployment, account: str) -> None:
    scrip.put("/v1/units/tokens", {"precision": 0})
    put(scrip, account, unit="tokens")
    assert shown(scrip, account)["unit"] == "tokens"
    invalid(put(scrip, account), "unit")
    put(scrip, account, unit="credits")
    invalid(scrip.get(path(account), clock=NEW_YEAR), "unit")
    assert scrip.send("DELETE", path(account), query={"unit": "tokens"}, clock=NEW_YEAR).status == 204
    assert shown(scrip, account)["unit"] == "credits"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"limit": "-1"}, "limit"),
        ({"limit": 5}, "limit"),
        ({"every": "PT1H"}, "every"),
        ({"every": "P0D"}, "every"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"member": "a b"}, "member"),
        ({"member": "**"}, "member"),
        ({"member": ""}, "member"),
        ({"meter": "*"}, "meter"),
        ({"warn_at": ["100%"]}, "warn_at.0"),
        ({"warn_at": ["0%"]}, "warn_at.0"),
        ({"warn_at": ["80"]}, "warn_at.0"),
        ({"warn_at": ["80%", "80.0%"]}, "warn_at"),
        ({"action": "freeze"}, "action"),
        ({"anchor": "yesterday"}, "anchor"),
        ({"every_": "P1D"}, "every_"),
    ],
)
def test_what_a_budget_may_not_say(scrip: Deployment, account: str, body: Json, field: str) -> None:
    invalid(put(scrip, account, **body), field)


def test_the_limit_is_an_amount_of_the_unit(scrip: Deployment, account: str) -> None:
    problem = refusal(put(scrip, account, limit="0.0000001"), 422, "precision_exceeded")
    assert problem["field"] == "limit"
    assert put(scrip, account, limit="0").status == 201
    refused(burn(scrip, account, "1"), 402, "budget_exceeded")


def test_who_may_put_and_who_may_read(scrip: Deployment, account: str) -> None:
    put(scrip, account)
    for scope, status in (("read", 403), ("burn", 403), ("grant", 200), ("admin", 200)):
        # Only an admin sets the test clock, so it is by the machine's.
        answer = scrip.put(path(account), {"limit": "100", "every": "P1D"}, caller=Key(scope))
        assert answer.status == status, scope
    assert scrip.get(path(account), caller=Key("read", account=account)).status == 200
    assert scrip.get(path(account), caller=Key("read", account="other")).status == 403


def test_changes_of_budgets_are_audited_with_what_they_were(scrip: Deployment, account: str) -> None:
    """Each with the terms that were put; what is spent is no part of them."""
    terms: Json = {"member": "*", "warn_at": ["80%"], "action": "notify"}
    put(scrip, account, **terms)
    put(scrip, account, **terms)
    changed = put(scrip, account, limit="50", **terms).body
    scrip.send("DELETE", path(account), clock=NEW_YEAR)
    query = {"target": f"budget:{account}/credits/day"}
    found = scrip.get("/v1/audit", query=query).body["items"]
    told = [
        (one["action"], (one["before"] or {}).get("limit"), (one["after"] or {}).get("limit"))
        for one in found
    ]
    assert told == [
        ("budget.delete", "50", None),
        ("budget.put", "100", "50"),
        ("budget.put", None, "100"),
    ]
    kept = VIEW - {"spent", "from", "resets_at", "version"}
    assert found[0]["before"] == found[1]["after"] == {name: changed[name] for name in kept}
