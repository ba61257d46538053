"""Accounts and their wallets, listed: nothing is lacking, nothing is invented, and a key of one account sees itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Key
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")


def walked(scrip: Deployment, path: str, name: str, **query: str) -> list[list[Any]]:
    """A member of the items of each page, from the first page to the last."""
    pages: list[list[Any]] = []
    cursor: str | None = None
    while not pages or cursor:
        answer = scrip.get(path, query={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status == 200, answer.text
        pages.append([item[name] for item in answer.body["items"]])
        cursor = answer.body["next_cursor"]
    return pages


def test_an_account_is_listed_with_its_first_entry_whatever_that_is(scrip: Deployment, account: str) -> None:
    assert walked(scrip, "/v1/accounts", "account", prefix=account) == [[]]
    assert scrip.burn(f"{account}.a", "1").status == 402
    scrip.grant(f"{account}.b", "10")
    scrip.burn(f"{account}.c", "0.5", mode="up_to")
    scrip.move(f"{account}.d", "freeze")
    scrip.put(f"/v1/accounts/{account}.e/allowances/daily", {"amount": "1", "every": "P1D"})
    listed = [f"{account}.{name}" for name in "bcde"]
    assert walked(scrip, "/v1/accounts", "account", prefix=account) == [listed]
    assert walked(scrip, "/v1/accounts", "account", prefix=f"{account}.d") == [[f"{account}.d"]]


def test_the_other_end_of_a_transfer_is_listed(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": {"transferable": True}})
    scrip.grant(account, "10", unit=account)
    moved = scrip.move(account, "transfers", unit=account, to_account=f"{account}.to", amount="4")
    assert moved.status == 201, moved.text
    assert walked(scrip, "/v1/accounts", "account", prefix=account) == [[account, f"{account}.to"]]


def test_pages_have_each_account_once_in_the_order_of_their_ids(scrip: Deployment, account: str) -> None:
    names = [f"{account}-{number}" for number in range(7)]
    for name in reversed(names):
        scrip.grant(name, "1")
    assert walked(scrip, "/v1/accounts", "account", prefix=account, limit="3") == [
        names[:3],
        names[3:6],
        names[6:],
    ]


def test_a_cursor_is_good_for_its_list_and_its_filters_alone(scrip: Deployment, account: str) -> None:
    for number in range(3):
        scrip.grant(f"{account}-{number}", "1")
        scrip.put(
            f"/v1/packs/{account}-{number}", {"credits": "1", "price": {"amount": 1, "currency": "USD"}}
        )
    first = scrip.get("/v1/accounts", query={"prefix": account, "limit": "1"}).body
    cursor = first["next_cursor"]
    going_on = scrip.get("/v1/accounts", query={"prefix": account, "limit": "2", "cursor": cursor})
    assert [one["account"] for one in going_on.body["items"]] == [f"{account}-1", f"{account}-2"]
    invalid(scrip.get("/v1/accounts", query={"prefix": f"{account}-", "cursor": cursor}), "cursor")
    invalid(scrip.get("/v1/accounts", query={"cursor": cursor}), "cursor")
    invalid(scrip.get("/v1/packs", query={"cursor": cursor}), "cursor")
    invalid(scrip.get("/v1/accounts", query={"prefix": account, "cursor": cursor[:-1]}), "cursor")
    entries = scrip.get(f"/v1/accounts/{account}-0/entries", query={"limit": "1"}).body
    assert entries["next_cursor"] is None


def test_another_accounts_cursor_is_none(scrip: Deployment, account: str) -> None:
    for name in (account, f"{account}.b"):
        scrip.grant(name, "1")
        scrip.burn(name, "1")
    cursor = scrip.get(f"/v1/accounts/{account}/entries", query={"limit": "1"}).body["next_cursor"]
    path = f"/v1/accounts/{account}.b/entries"
    invalid(scrip.get(path, query={"limit": "1", "cursor": cursor}), "cursor")
    for filters in ({"kind": "grant"}, {"unit": "credits"}, {"metadata.a": "1"}):
        query = {"cursor": cursor, **filters}
        invalid(scrip.get(f"/v1/accounts/{account}/entries", query=query), "cursor")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"prefix": "a b"}, "prefix"),
        ({"prefix": "#"}, "prefix"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"account": "acme"}, "account"),
    ],
)
def test_what_is_no_filter_is_named(scrip: Deployment, query: dict[str, str], field: str) -> None:
    invalid(scrip.get("/v1/accounts", query=query), field)


def test_a_key_of_one_account_sees_that_account(scrip: Deployment, account: str) -> None:
    mine = Key("read", account)
    assert scrip.get("/v1/accounts", caller=mine).body == {"items": [], "next_cursor": None}
    scrip.grant(account, "1")
    scrip.grant(f"{account}.b", "1")
    assert scrip.get("/v1/accounts", caller=mine).body["items"] == [{"account": account}]
    assert scrip.get("/v1/accounts", caller=mine, query={"prefix": f"{account}.b"}).body["items"] == []
    assert scrip.get(f"/v1/accounts/{account}/wallets", caller=mine).status == 200
    refused(scrip.get(f"/v1/accounts/{account}.b/wallets", caller=mine), 403, "forbidden")


def test_wallets_are_balances_by_unit(scrip: Deployment, account: str) -> None:
    units = [f"{account}.{name}" for name in "cab"]
    for number, unit in enumerate(units, 1):
        scrip.put(f"/v1/units/{unit}", {"precision": 0})
        scrip.grant(account, str(number), unit=unit)
    path = f"/v1/accounts/{account}/wallets"
    listed = scrip.get(path).body["items"]
    assert [(one["unit"], one["total"]) for one in listed] == [
        (f"{account}.a", "2"),
        (f"{account}.b", "3"),
        (f"{account}.c", "1"),
    ]
    alone = scrip.balance(account, query={"unit": f"{account}.a"})
    assert {**listed[0], "as_of": ""} == {**alone, "as_of": ""}
    assert walked(scrip, path, "total", limit="2") == [["2", "3"], ["1"]]
    assert scrip.get(f"/v1/accounts/{account}.none/wallets").body == {"items": [], "next_cursor": None}


def test_wallets_are_as_if_what_is_due_were_booked(scrip: Deployment, account: str) -> None:
    """10 of 30 expire after a day; at the test clock's instant they have."""
    scrip.grant(account, "20", clock=NEW_YEAR)
    scrip.grant(account, "10", clock=NEW_YEAR, expires_in="P1D")
    path = f"/v1/accounts/{account}/wallets"
    (before,) = scrip.get(path, clock=NEW_YEAR).body["items"]
    (after,) = scrip.get(path, clock=NEXT_DAY).body["items"]
    assert (before["total"], before["next_expiry"]["amount"]) == ("30", "10")
    assert (after["total"], after["next_expiry"]) == ("20", None)
    refused(scrip.get(path, clock="2026-12-31T00:00:00.000Z"), 422, "clock_backwards")
