"""Holds and allowances, listed over HTTP, as if what is due were booked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, Deployment, Key
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")
LATER = "2030-01-01T00:10:00.000Z"


def page(scrip: Deployment, account: str, what: str, **request: Any) -> Any:
    answer = scrip.get(f"/v1/accounts/{account}/{what}", **request)
    assert answer.status == 200, answer.text
    return answer.body


@pytest.fixture
def holder(scrip: Deployment, account: str) -> str:
    """100, of which 1, 2 and 3 are held for 30, 20 and 5 minutes; the first is captured."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    for amount, minutes in (("1", 30), ("2", 20), ("3", 5)):
        scrip.move(account, "holds", amount=amount, expires_in=f"PT{minutes}M", clock=NEW_YEAR)
    captured = scrip.move(account, "holds/hold_2/capture", clock=NEW_YEAR)
    assert captured.status == 201, captured.text
    return account


def test_holds_are_as_each_is_by_itself(scrip: Deployment, holder: str) -> None:
    items = page(scrip, holder, "holds", clock=NEW_YEAR)["items"]
    assert [(one["amount"], one["status"]) for one in items] == [
        ("1", "captured"),
        ("2", "open"),
        ("3", "open"),
    ]
    for one in items:
        assert scrip.get(f"/v1/accounts/{holder}/holds/{one['hold_id']}", clock=NEW_YEAR).body == one


def test_holds_by_what_became_of_them(scrip: Deployment, holder: str) -> None:
    """The hold of 3 is over after five minutes, whether or not that is booked."""

    def amounts(clock: str, **query: str) -> list[str]:
        return [one["amount"] for one in page(scrip, holder, "holds", clock=clock, query=query)["items"]]

    assert amounts(NEW_YEAR, status="open") == ["3", "2"]
    with scrip.unwritten():
        assert (amounts(LATER, status="open"), amounts(LATER, status="expired")) == (["2"], ["3"])
    scrip.sweep(LATER)
    assert (amounts(LATER, status="open"), amounts(LATER, status="expired")) == (["2"], ["3"])
    assert (amounts(LATER, status="captured"), amounts(LATER, status="released")) == (["1"], [])


def test_holds_page_by_page(scrip: Deployment, holder: str) -> None:
    for query in ({}, {"status": "open"}):
        found: list[str] = []
        cursor = None
        while not found or cursor:
            more = {"limit": "1", **query, **({"cursor": cursor} if cursor else {})}
            shown = page(scrip, holder, "holds", clock=NEW_YEAR, query=more)
            found += [one["amount"] for one in shown["items"]]
            cursor = shown["next_cursor"]
        assert found == (["3", "2"] if query else ["1", "2", "3"])


def test_allowances_are_as_each_is_by_itself(scrip: Deployment, account: str) -> None:
    for name in ("b", "a", "c"):
        scrip.put(
            f"/v1/accounts/{account}/allowances/{name}", {"amount": "5", "every": "P1D"}, clock=NEW_YEAR
        )
    gone = scrip.send("DELETE", f"/v1/accounts/{account}/allowances/b", clock=NEW_YEAR)
    assert gone.status == 204
    items = page(scrip, account, "allowances", clock=LATER)["items"]
    assert [one["allowance_id"] for one in items] == ["a", "c"]
    for one in items:
        path = f"/v1/accounts/{account}/allowances/{one['allowance_id']}"
        assert scrip.get(path, clock=LATER).body == one
    first = page(scrip, account, "allowances", clock=LATER, query={"limit": "1"})
    query = {"limit": "1", "cursor": first["next_cursor"]}
    second = page(scrip, account, "allowances", clock=LATER, query=query)
    assert [one["allowance_id"] for one in (*first["items"], *second["items"])] == ["a"]
    query["cursor"] = second["next_cursor"]
    assert [
        one["allowance_id"] for one in page(scrip, account, "allowances", clock=LATER, query=query)["items"]
    ] == ["c"]


@pytest.mark.parametrize("what", ["holds", "allowances"])
def test_a_wallet_never_seen_has_none_and_no_other_account_is_seen(
    scrip: Deployment, account: str, what: str
) -> None:
    assert page(scrip, account, what) == {"items": [], "next_cursor": None}
    path = f"/v1/accounts/{account}/{what}"
    refused(scrip.get(path, query={"unit": f"{account}.none"}), 404, "not_found")
    refused(scrip.get(path, caller=Key("read", f"{account}.b")), 403, "forbidden")
    assert scrip.get(path, caller=Key("read", account)).status == 200
    invalid(scrip.get(path, query={"cursor": "x"}), "cursor")


def test_a_status_that_holds_do_not_have_is_named(scrip: Deployment, account: str) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/holds", query={"status": "closed"}), "status")
