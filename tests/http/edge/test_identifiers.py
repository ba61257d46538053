"""Account ids as identity providers give them, ``auth0|12``, on every route that names an account."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.aws import Deployment, Key, Route, routes

pytestmark = pytest.mark.usefixtures("in_memory")

ACCOUNT = "auth0|12"
NAMED = [route for route in routes() if "{account}" in route.key]


def path_of(route: Route, account: str) -> str:
    names = {"account": account, "unit": "credits", "name": "monthly"}
    return route.key.partition(" ")[2].format_map(_Names(names))


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "x1"


@pytest.mark.parametrize("route", NAMED, ids=lambda route: route.key)
def test_every_route_takes_the_account(scrip: Deployment, route: Route) -> None:
    """Whatever else is wrong with the request, its account is not; and a key of the account sees it."""
    sent: dict[str, Any] = {} if route.method in ("GET", "DELETE") else {"body": {}}
    for account, caller in ((ACCOUNT, Key()), (quote(ACCOUNT), Key("admin", ACCOUNT))):
        answer = scrip.send(route.method, path_of(route, account), caller=caller, **sent)
        assert answer.status in (200, 201, 400, 404), answer.text
        if answer.status == 400:
            assert "account" not in answer.fields
    assert (
        scrip.send(route.method, path_of(route, ACCOUNT), caller=Key("admin", "auth0"), **sent).status == 403
    )


def test_its_wallet_is_its_own(scrip: Deployment) -> None:
    """Grant, burn, hold and transfer; and nothing of it is another's whose id has a part of it."""
    account = quote(ACCOUNT)
    assert scrip.put("/v1/units/moving", {"precision": 0, "policy": {"transferable": True}}).status in (
        200,
        201,
    )
    granted = scrip.grant(account, "10", "g", unit="moving")
    assert granted.status == 201
    assert scrip.move(account, "burns", "b", amount="2", unit="moving").status == 201
    moved = scrip.move(account, "transfers", "t", to_account="google|7", amount="3", unit="moving")
    assert (moved.status, moved.body["entry"]["counterpart"]["account"]) == (201, "google|7")
    assert scrip.get(f"/v1/accounts/{account}/balance", query={"unit": "moving"}).body["available"] == "5"
    assert scrip.get("/v1/accounts/google%7C7/balance", query={"unit": "moving"}).body["available"] == "3"
    assert scrip.get("/v1/accounts/auth0/balance", query={"unit": "moving"}).body["total"] == "0"
    explained = scrip.get(f"/v1/accounts/{account}/explain", query={"unit": "moving"}).body
    assert (explained["proof"]["agrees"], explained["balance"]["account"]) == (True, ACCOUNT)
    found = scrip.get("/v1/search", query={"account": ACCOUNT, "key": "b"}).body["items"]
    assert [(one["account"], one["kind"]) for one in found] == [(ACCOUNT, "burn")]


@pytest.mark.parametrize("account", ["a b", "a#b", "é", "a\\b", "|" * 129])
def test_what_is_no_account_is_refused(scrip: Deployment, account: str) -> None:
    answer = scrip.get(f"/v1/accounts/{quote(account)}/balance")
    assert (answer.status, answer.fields) == (400, ["account"])
