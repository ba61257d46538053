"""Events of usage that were rejected after they had been accepted: kept with the reason, listed, brought back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.usage.reported import AT, CARD, accepted, used


@pytest.mark.usefixtures("calls")
def test_a_frozen_wallets_usage_is_kept_and_brought_back_once_it_is_unfrozen(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", clock=AT)
    scrip.move(account, "freeze", reason="a chargeback", clock=AT)
    accepted(scrip.report(used("a", account), used("b", account), clock=AT), 2)
    assert scrip.book_usage() == []
    assert [one["data"]["reason"] for one in scrip.told("scrip.usage.rejected")] == ["wallet_frozen"] * 2
    listed = scrip.get("/v1/usage/rejected", query={"account": account}).body["items"]
    assert {one["event"]["id"] for one in listed} == {"a", "b"}
    assert {one["reason"] for one in listed} == {"wallet_frozen"}
    scrip.move(account, "unfreeze", reason="it was won", clock=AT)
    body = {"all": True, "account": account, "reason": "wallet_frozen"}
    again = scrip.post("/v1/usage/rejected/redrive", body)
    assert (again.status, again.body) == (202, {"redriven": 2, "more": False})
    assert scrip.book_usage() == []
    assert scrip.get("/v1/usage/rejected", query={"account": account}).body["items"] == []
    assert scrip.balance(account, clock=AT)["available"] == "96"


@pytest.mark.usefixtures("calls")
def test_what_is_brought_back_and_rejected_again_is_listed_and_told_again(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "1", clock=AT)
    scrip.burn(account, "1", clock=AT)
    scrip.move(account, "close", reason="gone", clock=AT)
    accepted(scrip.report(used("a", account), clock=AT), 1)
    messages = scrip.used()
    assert scrip.book_usage(messages) == []
    assert scrip.book_usage(messages) == []
    first, same = scrip.told("scrip.usage.rejected")
    assert first == same, "an event that comes again is the same"
    (listed,) = scrip.get("/v1/usage/rejected", query={"account": account}).body["items"]
    body = {"ids": [listed["rejected_id"]]}
    assert scrip.post("/v1/usage/rejected/redrive", body).body == {"redriven": 1, "more": False}
    assert scrip.post("/v1/usage/rejected/redrive", body).body == {"redriven": 0, "more": False}
    assert scrip.book_usage() == []
    (again,) = scrip.told("scrip.usage.rejected")
    assert again["id"] != first["id"]
    assert again["data"] == first["data"]
    assert again["data"]["reason"] == "wallet_closed"


def test_a_key_of_one_account_sees_and_brings_back_what_is_its_own(scrip: Deployment, account: str) -> None:
    assert scrip.put("/v1/rates/calls", CARD, clock="2029-01-01T00:00:00Z").status in (200, 201)
    other = f"{account}-2"
    for one in (account, other):
        scrip.grant(one, "10", clock=AT)
        scrip.move(one, "freeze", reason="x", clock=AT)
        scrip.report(used("a", one), clock=AT)
    assert scrip.book_usage() == []
    bound = Key("burn", account)
    (listed,) = scrip.get("/v1/usage/rejected", caller=bound).body["items"]
    assert listed["event"]["subject"] == account
    named = scrip.get("/v1/usage/rejected", query={"account": other}).body["items"][0]["rejected_id"]
    assert scrip.post("/v1/usage/rejected/redrive", {"ids": [named]}, caller=bound).body["redriven"] == 0
    assert scrip.post("/v1/usage/rejected/redrive", {"all": True}, caller=bound).body["redriven"] == 1
    assert len(scrip.get("/v1/usage/rejected", query={"account": other}).body["items"]) == 1


def test_rejected_events_are_listed_those_that_came_last_first_page_by_page(
    scrip: Deployment, account: str
) -> None:
    assert scrip.put("/v1/rates/calls", CARD, clock="2029-01-01T00:00:00Z").status in (200, 201)
    scrip.grant(account, "10", clock="2029-12-31T00:00:00Z")
    scrip.move(account, "freeze", reason="x", clock="2029-12-31T00:00:00Z")
    for number in range(5):
        clock = f"2030-01-01T00:00:0{number}Z"
        scrip.report(used(str(number), account), clock=clock)
    assert scrip.book_usage() == []
    asked = {"account": account, "reason": "wallet_frozen", "limit": "2"}
    found = []
    while True:
        page = scrip.get("/v1/usage/rejected", query=asked)
        assert page.status == 200, page.text
        found += [one["event"]["id"] for one in page.body["items"]]
        if page.body["next_cursor"] is None:
            break
        asked["cursor"] = page.body["next_cursor"]
    assert found == ["4", "3", "2", "1", "0"]
    assert (
        scrip.get("/v1/usage/rejected", query={"account": account, "reason": "not_found"}).body["items"] == []
    )
    table = scrip.get("/v1/usage/rejected", query={"account": account}, headers={"accept": "text/csv"})
    assert table.text.startswith("rejected_id,event.specversion,event.id,event.source,event.type,")


REDRIVES: list[tuple[Any, str]] = [
    ({}, "ids"),
    ({"ids": ["1.evt_" + "a" * 22], "all": True}, "ids"),
    ({"ids": []}, "ids"),
    ({"ids": ["x"]}, "ids.0"),
    ({"ids": ["1.evt_" + "a" * 22] * 2}, "ids"),
    ({"ids": ["1.evt_" + "a" * 22], "account": "a"}, "account"),
    ({"all": False}, "ids"),
    ({"all": 1}, "all"),
    ({"all": True, "reason": "Wallet"}, "reason"),
]


@pytest.mark.parametrize("what", ["redrive", "dismissals"])
@pytest.mark.parametrize(("body", "field"), REDRIVES, ids=str)
def test_what_is_brought_back_or_dismissed_is_said_in_one_way(
    scrip: Deployment, body: Any, field: str, what: str
) -> None:
    invalid(scrip.post(f"/v1/usage/rejected/{what}", body), field)


@pytest.mark.usefixtures("calls")
def test_what_is_dismissed_is_in_the_list_no_more_and_burned_only_if_it_is_sent_again(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", clock=AT)
    scrip.move(account, "freeze", reason="x", clock=AT)
    events = [used(name, account) for name in "abc"]
    scrip.report(*events, clock=AT)
    assert scrip.book_usage() == []
    listed = scrip.get("/v1/usage/rejected", query={"account": account}).body["items"]
    one = {"ids": [listed[0]["rejected_id"]]}
    dismissed = [scrip.post("/v1/usage/rejected/dismissals", one) for _ in range(2)]
    assert [(answer.status, answer.body["dismissed"]) for answer in dismissed] == [(200, 1), (200, 0)]
    other = {"all": True, "account": account, "reason": "wallet_closed"}
    assert scrip.post("/v1/usage/rejected/dismissals", other).body == {"dismissed": 0, "more": False}
    bound = Key("grant", f"{account}-2")
    assert scrip.post("/v1/usage/rejected/dismissals", {"all": True}, caller=bound).body["dismissed"] == 0
    refused(scrip.post("/v1/usage/rejected/dismissals", {"all": True}, caller=Key("burn")), 403, "forbidden")
    left = scrip.get("/v1/usage/rejected", query={"account": account}).body["items"]
    assert len(left) == 2
    bound = Key("grant", account)
    assert scrip.post("/v1/usage/rejected/dismissals", {"all": True}, caller=bound).body["dismissed"] == 2
    scrip.move(account, "unfreeze", reason="y", clock=AT)
    assert scrip.book_usage() == []
    assert scrip.balance(account, clock=AT)["available"] == "10"
    accepted(scrip.report(events[0], clock=AT), 1)
    assert scrip.book_usage() == []
    assert scrip.balance(account, clock=AT)["available"] == "8"


def test_a_rejection_has_the_numbers_of_its_refusal(scrip: Deployment, account: str) -> None:
    """7 of a budget of 10 a day are spent, and an event costs 4; of 1 credit nobody pays 4 where nothing is owed."""
    policy = {"unpaid_usage": "reject"}
    assert scrip.put(f"/v1/units/{account}", {"precision": 2, "policy": policy}).status == 201
    card = {"unit": account, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/m-{account}", card, clock="2029-01-01T00:00:00Z").status == 201
    for one, amount in ((account, "100"), (f"{account}-2", "1")):
        scrip.grant(one, amount, unit=account, clock=AT)
    budget = {"unit": account, "limit": "10", "every": "P1D", "member": "*"}
    assert scrip.put(f"/v1/accounts/{account}/budgets/day", budget, clock=AT).status == 201
    assert scrip.burn(account, "7", unit=account, member="ann", clock=AT).status == 201
    events = [
        used("a", account, "2", type=f"m-{account}", data={"member": "ann"}),
        used("a", f"{account}-2", "2", type=f"m-{account}"),
    ]
    accepted(scrip.report(*events, clock=AT), 2)
    assert scrip.book_usage() == []
    listed = [
        scrip.get("/v1/usage/rejected", query={"account": one}).body["items"][0]
        for one in (account, f"{account}-2")
    ]
    assert [one["reason"] for one in listed] == ["budget_exceeded", "insufficient_credits"]
    bounded = {"budget_id": "day", "member": "ann", "limit": "10", "spent": "7"}
    bounded |= {"resets_at": "2030-01-02T00:00:00.000Z", "unit": account}
    assert [one["facts"] for one in listed] == [bounded, {"required": "4", "available": "1", "unit": account}]
    told = {one["subject"]: one["data"].get("facts") for one in scrip.told("scrip.usage.rejected")}
    assert [told[one["event"]["subject"]] for one in listed] == [one["facts"] for one in listed]


def test_an_id_that_names_nothing_brings_nothing_back(scrip: Deployment) -> None:
    body = {"ids": ["999999999999999.evt_" + "a" * 22]}
    assert scrip.post("/v1/usage/rejected/redrive", body).body == {"redriven": 0, "more": False}
