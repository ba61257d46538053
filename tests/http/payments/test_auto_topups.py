"""Settings of automatic top-ups: what may be put, by whom, and what is shown of them."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.dodo import Provider as Dodo
from tests.aws import NEW_YEAR, Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.payments.automatic import Automatic

SHOWN = {
    *("unit", "threshold", "pack", "quantity", "target", "provider", "cap", "enabled"),
    *("state", "reason", "spent", "next_attempt_at"),
}


@pytest.fixture
def automatic(scrip: Deployment, dodo: Dodo, account: str) -> Automatic:
    return Automatic(scrip, dodo, account)


def test_it_is_shown_as_it_was_put_with_what_was_spent(automatic: Automatic) -> None:
    cap = {"every": "P1M", "time_zone": "UTC", "count": 5, "money": {"amount": 50000, "currency": "USD"}}
    answer = automatic.put(threshold="100.50", cap=cap, clock="2030-03-17T12:00:00Z")
    assert answer.status == 200
    assert set(answer.body) == SHOWN
    assert answer.body == {
        "unit": "credits",
        "threshold": "100.5",
        "pack": automatic.account,
        "quantity": 1,
        "target": None,
        "provider": "dodo",
        "cap": {**cap, "anchor": "2030-03-01T00:00:00.000Z"},
        "enabled": True,
        "state": "needs_action",
        "reason": "method_missing",
        "spent": {
            "from": "2030-03-01T00:00:00.000Z",
            "to": "2030-04-01T00:00:00.000Z",
            "count": 0,
            "money": {"amount": 0, "currency": "USD"},
        },
        "next_attempt_at": None,
    }
    again = automatic.scrip.get(automatic.path, clock="2030-04-02T00:00:00Z")
    assert again.body["spent"]["from"] == "2030-04-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("zone", "at", "anchor"),
    [
        ("UTC", "2030-02-28T23:59:59.999Z", "2030-02-01T00:00:00.000Z"),
        ("UTC", "2030-03-01T00:00:00Z", "2030-03-01T00:00:00.000Z"),
        ("Europe/Berlin", "2030-02-28T23:30:00Z", "2030-02-28T23:00:00.000Z"),
        ("America/New_York", "2030-03-01T04:59:59Z", "2030-02-01T05:00:00.000Z"),
    ],
)
def test_a_period_begins_with_the_first_day_of_the_month_there(
    automatic: Automatic, zone: str, at: str, anchor: str
) -> None:
    answer = automatic.put(cap={"every": "P2W", "time_zone": zone, "count": 1}, clock=at)
    assert answer.body["cap"]["anchor"] == anchor
    kept = automatic.put(cap={"every": "P2W", "time_zone": zone, "count": 2}, clock="2030-09-09T00:00:00Z")
    assert kept.body["cap"]["anchor"] == anchor, "periods do not move because it is put again"


def test_without_a_unit_in_the_query_it_is_of_the_credits(automatic: Automatic) -> None:
    automatic.put()
    assert automatic.known["unit"] == "credits"
    assert automatic.scrip.get(automatic.path, query={"unit": "credits"}).body == automatic.known


def test_one_that_there_is_not_is_not_found(automatic: Automatic) -> None:
    refused(automatic.scrip.get(automatic.path), 404, "not_found")
    refused(automatic.scrip.send("DELETE", automatic.path), 404, "not_found")
    refused(automatic.scrip.get(automatic.path, query={"unit": "none"}), 404, "not_found")
    automatic.put()
    assert automatic.scrip.send("DELETE", automatic.path).status == 204
    refused(automatic.scrip.send("DELETE", automatic.path), 404, "not_found")


def test_one_that_is_off_says_so(automatic: Automatic) -> None:
    assert automatic.put(enabled=False).body["state"] == "off"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"threshold": "-1"}, ["threshold"]),
        ({"threshold": 100}, ["threshold"]),
        ({"threshold": "0.0000001"}, ["threshold"]),
        ({"threshold": None}, ["threshold"]),
        ({"target": "100"}, ["target"]),
        ({"target": "0"}, ["target"]),
        ({"target": "1000", "quantity": 1}, ["target"]),
        ({"quantity": 0}, ["quantity"]),
        ({"quantity": 1001}, ["quantity"]),
        ({"quantity": True}, ["quantity"]),
        ({"provider": "paypal"}, ["provider"]),
        ({"enabled": "yes"}, ["enabled"]),
        ({"cap": {}}, ["cap.count"]),
        ({"cap": {"count": 0}}, ["cap.count"]),
        ({"cap": {"count": 1001}}, ["cap.count"]),
        ({"cap": {"count": 1, "every": "PT1H"}}, ["cap.every"]),
        ({"cap": {"count": 1, "every": "P0D"}}, ["cap.every"]),
        ({"cap": {"count": 1, "time_zone": "Mars/Olympus"}}, ["cap.time_zone"]),
        ({"cap": {"count": 1, "anchor": "yesterday"}}, ["cap.anchor"]),
        ({"cap": {"count": 1, "more": 1}}, ["cap.more"]),
        ({"cap": {"money": {"amount": 0, "currency": "USD"}}}, ["cap.money.amount"]),
        ({"cap": {"money": {"amount": 1, "currency": "XXX"}}}, ["cap.money.currency"]),
        ({"cap": {"money": {"amount": 1, "currency": "EUR"}}}, ["cap.money.currency"]),
        ({"more": 1}, ["more"]),
    ],
)
def test_what_is_wrong_is_named(automatic: Automatic, body: dict[str, Any], fields: list[str]) -> None:
    answer = automatic.put(**body)
    if answer.code == "precision_exceeded":
        assert answer.body["field"] == fields[0]
    else:
        invalid(answer, *fields)
    refused(automatic.scrip.get(automatic.path), 404, "not_found")


def test_a_pack_of_another_unit_is_named(automatic: Automatic) -> None:
    automatic.scrip.put("/v1/units/images", {"precision": 0})
    invalid(
        automatic.scrip.put(
            automatic.path, {"threshold": "1", "pack": automatic.account}, query={"unit": "images"}
        ),
        "pack",
    )
    refused(automatic.put(pack="none"), 404, "not_found")


@pytest.mark.parametrize("name", ["standard", "paddle"])
def test_a_provider_that_is_not_called_charges_nothing(automatic: Automatic, name: str) -> None:
    refused(automatic.put(provider=name), 422, "policy_violation", policy="payment_method", field="provider")
    refused(
        automatic.orders(provider=name), 422, "policy_violation", policy="payment_method", field="provider"
    )


def test_a_pack_without_a_product_for_it_keeps_no_method_at_dodo(
    scrip: Deployment, dodo: Dodo, account: str
) -> None:
    automatic = Automatic(scrip, dodo, account, provider_refs={"dodo": "pdt_1"})
    for answer in (automatic.put(), automatic.orders()):
        refused(answer, 422, "policy_violation", policy="payment_method", field="pack")
    assert automatic.put(provider="stripe").status == 200


def test_a_subscription_is_charged_by_its_provider_and_not_by_us(
    scrip: Deployment, dodo: Dodo, account: str
) -> None:
    automatic = Automatic(scrip, dodo, account, recurring={"every": "P1M"})
    for answer in (automatic.put(), automatic.orders(), automatic.put(provider="stripe")):
        refused(answer, 422, "policy_violation", policy="payment_method", field="pack")


def test_an_amount_that_the_provider_cannot_charge_is_refused(
    scrip: Deployment, dodo: Dodo, account: str
) -> None:
    automatic = Automatic(scrip, dodo, account, price={"amount": 10001, "currency": "ISK"})
    assert automatic.put(provider="stripe").code in ("policy_violation", "")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read", False),
        ("burn", False),
        ("top_up", False),
        ("auto_top_up", True),
        ("grant", True),
        ("admin", True),
    ],
)
def test_it_takes_the_scope_of_its_own_or_grant(automatic: Automatic, scope: str, allowed: bool) -> None:
    caller = Key(scope)
    assert (automatic.put(caller=caller).status == 200) == allowed
    assert (automatic.scrip.get(automatic.path, caller=caller).status == 200) == allowed
    assert (automatic.scrip.send("DELETE", automatic.path, caller=caller).status == 204) == allowed


def test_a_customers_session_sets_its_own_and_no_other(automatic: Automatic) -> None:
    mine, others = Key("auto_top_up", automatic.account), Key("auto_top_up", "somebody-else")
    assert automatic.put(caller=mine).status == 200
    refused(automatic.put(caller=others), 403, "forbidden")
    refused(automatic.scrip.get(automatic.path, caller=others), 403, "forbidden")


def test_who_changed_it_stands_in_the_audit_and_the_same_again_does_not(automatic: Automatic) -> None:
    automatic.put(threshold="12.5", clock=NEW_YEAR)
    automatic.put(threshold="12.5", clock="2030-01-01T00:00:01Z")
    automatic.scrip.send("DELETE", automatic.path, clock="2030-01-01T00:00:02Z")
    target = f"auto_topup:{automatic.account}:credits"
    items = automatic.scrip.get("/v1/audit", query={"target": target}).body["items"]
    assert [(one["action"], bool(one["before"]), bool(one["after"])) for one in items] == [
        ("auto_topup.delete", True, False),
        ("auto_topup.put", False, True),
    ]
    assert items[1]["after"]["threshold"] == "12.5"
