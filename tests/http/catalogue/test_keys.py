"""Who may do what: scope by route, one account by key, and the authorizer that says who is calling."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from tests.aws import Deployment, Fault, Key, event, function, routes
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import Row, rows

SCOPES = ["read", "burn", "grant", "admin"]
NEEDED = {
    "GET /v1/accounts/{account}/balance": "read",
    "GET /v1/accounts/{account}/lots": "read",
    "GET /v1/accounts/{account}/entries": "read",
    "GET /v1/accounts/{account}/entries/{entry_id}": "read",
    "GET /v1/accounts/{account}/holds/{hold_id}": "read",
    "GET /v1/accounts/{account}/explain": "read",
    "POST /v1/accounts/{account}/quotes": "read",
    "POST /v1/accounts/{account}/burns": "burn",
    "POST /v1/accounts/{account}/burns/batch": "burn",
    "POST /v1/accounts/{account}/holds": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/capture": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/release": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/extend": "burn",
    "POST /v1/accounts/{account}/grants": "grant",
    "POST /v1/accounts/{account}/refunds": "grant",
    "POST /v1/accounts/{account}/redemptions": "grant",
    "POST /v1/accounts/{account}/transfers": "grant",
    "POST /v1/accounts/{account}/lots/{lot_id}/void": "grant",
    "POST /v1/accounts/{account}/burns/{entry_id}/reversal": "grant",
    "POST /v1/accounts/{account}/adjustments": "admin",
    "POST /v1/accounts/{account}/freeze": "admin",
    "POST /v1/accounts/{account}/unfreeze": "admin",
    "POST /v1/accounts/{account}/close": "admin",
    "POST /v1/compensations": "admin",
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": "admin",
    "GET /v1/accounts/{account}/allowances/{allowance_id}": "admin",
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": "admin",
    "POST /v1/topups": "grant",
    "GET /v1/topups/{topup_id}": "read",
    "POST /v1/topups/{topup_id}/cancel": "grant",
    "GET /v1/payments": "admin",
    "GET /v1/payments/{provider}/{payment_id}": "read",
    "GET /v1/payments/{provider}/{payment_id}/refund-quote": "read",
    "POST /v1/payments/{provider}/{payment_id}/refunds": "grant",
    "POST /v1/payments/{provider}/{payment_id}/resolutions": "admin",
    "GET /v1/reports/reconciliation": "admin",
    "PUT /v1/units/{unit}": "admin",
    "GET /v1/units/{unit}": "admin",
    "PUT /v1/packs/{pack}": "admin",
    "GET /v1/packs/{pack}": "admin",
    "GET /v1/packs/{pack}/terms": "read",
    "PUT /v1/rates/{meter}": "admin",
    "GET /v1/rates/{meter}": "admin",
    "PUT /v1/promotions/{code}": "admin",
    "GET /v1/promotions/{code}": "admin",
    "POST /v1/keys": "admin",
    "DELETE /v1/keys/{key_id}": "admin",
}
OPEN = ["POST /v1/webhooks/{provider}"]


def test_every_route_of_the_template_is_in_the_table_and_answered_by_its_function() -> None:
    found = routes()
    assert sorted(route.key for route in found) == sorted([*NEEDED, *OPEN])
    assert [route.key for route in found if route.open] == OPEN
    for route in found:
        assert route.key in function(route.function).ROUTES
    answered = [key for name in {route.function for route in found} for key in function(name).ROUTES]
    assert sorted(answered) == sorted(route.key for route in found)


MATRIX = [(route, scope) for route in NEEDED for scope in SCOPES]


@pytest.mark.parametrize(("route", "scope"), MATRIX)
def test_a_key_may_do_what_its_scope_says(scrip: Deployment, route: str, scope: str) -> None:
    method, _, path = route.partition(" ")
    path = re.sub(r"\{\w+\}", "nobody", path)
    body: dict[str, Any] | None = None if method in ("GET", "DELETE") else {}
    before = scrip.everything()
    answer = scrip.send(method, path, body=body, caller=Key(scope))
    assert scrip.everything() == before
    if SCOPES.index(scope) < SCOPES.index(NEEDED[route]):
        refused(answer, 403, "forbidden", scope=NEEDED[route])
    else:
        assert answer.status in (200, 400, 404)


@pytest.mark.parametrize("scope", ["Admin", "root", "admin ", "none"])
def test_a_scope_that_there_is_not_may_do_nothing(scrip: Deployment, account: str, scope: str) -> None:
    refused(scrip.get(f"/v1/accounts/{account}/balance", caller=Key(scope)), 403, "forbidden")


def test_without_an_authorizer_nobody_may_do_anything(scrip: Deployment, account: str) -> None:
    """A route that lost its authorizer in the template lets nobody in."""
    refused(scrip.get(f"/v1/accounts/{account}/balance", caller=None), 401, "unauthenticated")
    sent = event("GET", f"/v1/accounts/{account}/balance", caller=None)
    none: list[Any] = [{}, {"lambda": None}, {"lambda": {}}, {"jwt": {"claims": {"scope": "admin"}}}]
    for authorizer in none:
        sent["requestContext"]["authorizer"] = authorizer
        refused(scrip.invoke(sent), 401, "unauthenticated")


@pytest.mark.parametrize("route", NEEDED)
@pytest.mark.parametrize("body", [None, "{", '{"amount":"1"}'], ids=["no body", "half a body", "a body"])
def test_who_is_nobody_is_told_so_by_every_route_before_anything_is_read(
    scrip: Deployment, route: str, body: str | None
) -> None:
    """The authorizer says that the key is nobody's by saying nothing; whatever else is wrong, that is the answer."""
    method, _, path = route.partition(" ")
    sent = event(method, re.sub(r"\{\w+\}", "a%20b", path), raw=body, query={"x": "1"}, caller=None)
    sent["requestContext"]["authorizer"] = {"lambda": {}}
    with scrip.calls("dynamodb", "sqs", "secretsmanager") as made:
        answer = scrip.invoke(sent)
    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert made == []


READS = ["balance", "lots", "entries", "entries/s.1", "holds/hold_9", "explain"]


@pytest.mark.parametrize("what", READS)
def test_a_customers_key_sees_its_own_account_and_no_other(
    scrip: Deployment, account: str, what: str
) -> None:
    scrip.grant(account, "10")
    own = Key("read", account=account)
    answer = scrip.get(f"/v1/accounts/{account}/{what}", caller=own)
    assert answer.status == (404 if what in ("entries/s.1", "holds/hold_9") else 200)
    encoded = "".join(f"%{ord(letter):02X}" for letter in account)
    assert scrip.get(f"/v1/accounts/{encoded}/{what}", caller=own).status == answer.status
    others = (
        f"{account}-b",
        account.upper(),
        f"{account}%00",
        f"{account}%20",
        f"x{account}",
        "%2E",
        "",
        "nobody",
    )
    for other in others:
        refused(scrip.get(f"/v1/accounts/{other}/{what}", caller=own), 403, "forbidden")


def test_a_customers_key_cannot_spend_grant_or_order(scrip: Deployment, account: str) -> None:
    own = Key("read", account=account)
    moves = [route for route, scope in NEEDED.items() if scope != "read"]
    assert len(moves) > 20
    for route in moves:
        method, _, path = route.partition(" ")
        path = re.sub(r"\{\w+\}", "x", path.replace("{account}", account))
        refused(scrip.send(method, path, body={"amount": "1"}, key="k", caller=own), 403, "forbidden")


def test_a_customers_key_is_quoted_its_own_account_and_no_other(scrip: Deployment, account: str) -> None:
    own = Key("read", account=account)
    assert scrip.post(f"/v1/accounts/{account}/quotes", {"amount": "1"}, caller=own).status == 200
    for other in (f"{account}-b", account.upper(), "nobody"):
        answer = scrip.post(f"/v1/accounts/{other}/quotes", {"amount": "1"}, caller=own)
        refused(answer, 403, "forbidden")


def test_a_bound_key_of_any_scope_stays_within_its_account(scrip: Deployment, account: str) -> None:
    """Such keys cannot be made, and would be no wider if they could."""
    bound = Key("admin", account=account)
    refused(
        scrip.post(f"/v1/accounts/{account}-b/grants", {"amount": "1"}, key="k", caller=bound),
        403,
        "forbidden",
    )
    assert scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1"}, key="k", caller=bound).status == 201


def test_what_a_caller_may_not_see_it_is_not_told_of(scrip: Deployment, account: str) -> None:
    """Whether an account, a unit or an entry exists makes no difference to who may not ask."""
    scrip.grant(account, "10")
    other = Key("read", account="somebody")
    texts = {
        scrip.get(f"/v1/accounts/{name}/balance", query=query, caller=other).text
        for name in (account, "nobody", "a%20b")
        for query in ({}, {"unit": "nowhere"}, {"colour": "red"})
    }
    assert len(texts) == 1


# The authorizer

NOBODY = {"isAuthorized": True, "context": {}}
"""The gateway's own refusal is no problem document: it lets the request pass, and the function's edge refuses it."""


class Clock:
    """A monotonic clock that stands still until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1000.0
        monkeypatch.setattr(function("authorizer").time, "monotonic", lambda: self.at)


def authorize(authorization: str | None, name: str = "authorization") -> Any:
    sent = {
        "version": "2.0",
        "type": "REQUEST",
        "routeKey": "GET /v1/accounts/{account}/balance",
        "identitySource": [authorization],
        "headers": {} if authorization is None else {name: authorization},
    }
    return function("authorizer").handler(sent, None)


def make(scrip: Deployment, **body: str) -> Any:
    answer = scrip.post("/v1/keys", body)
    assert answer.status == 201
    return answer.body


@pytest.mark.parametrize("scope", SCOPES)
def test_the_authorizer_says_who_a_key_belongs_to(scrip: Deployment, scope: str) -> None:
    made = make(scrip, scope=scope)
    context = {"key_id": made["key_id"], "scope": scope, "account": ""}
    for authorization in (f"Bearer {made['key']}", f"bearer {made['key']}", f"BEARER  {made['key']} "):
        assert authorize(authorization) == {"isAuthorized": True, "context": context}
    assert authorize(f"Bearer {made['key']}", "Authorization") == {"isAuthorized": True, "context": context}


def test_the_authorizer_says_which_account_a_key_is_bound_to(scrip: Deployment) -> None:
    made = make(scrip, scope="read", account="acme")
    answer = authorize(f"Bearer {made['key']}")
    assert answer["context"] == {"key_id": made["key_id"], "scope": "read", "account": "acme"}
    found = scrip.get("/v1/accounts/acme/balance", caller=Key("read", "acme", made["key_id"]))
    assert found.status == 200


def test_the_authorizer_knows_nobody_else(scrip: Deployment) -> None:
    made = make(scrip, scope="admin")
    key, other = made["key"], make(scrip, scope="admin")
    head, secret = f"scrip_{made['key_id']}_", key[-43:]
    wrong = [
        None,
        "",
        "Bearer",
        "Bearer ",
        key,
        f"Basic {key}",
        f"Token {key}",
        f"Bearer {key}x",
        f"Bearer x{key}",
        f"Bearer {key[:-1]}",
        f"Bearer {key.upper()}",
        f"Bearer {head}{'A' * 43}",
        f"Bearer {head}",
        f"Bearer {head}{other['key'][-43:]}",
        f"Bearer scrip_{other['key_id']}_{secret}",
        f"Bearer scrip_{'0' * 16}_{secret}",
        f"Bearer {key}\n",
        f"Bearer {key} {key}",
        f"Bearer {key},{key}",
        "Bearer scrip_ä_ö",
        "Bearer \x00",
        "Bearer \ud800",
        "Bearer " + "x" * 100_000,
        f"Bearer scrip_w#acme#credits_{secret}",
    ]
    for authorization in wrong:
        answer = authorize(authorization)
        if authorization == f"Bearer {key}\n":
            continue  # no header can hold a line's end; it is cut off like a space
        assert answer == NOBODY, authorization


def test_the_authorizer_survives_an_event_without_headers(scrip: Deployment) -> None:
    events: list[Any] = [{}, {"headers": None}, {"headers": {}}]
    for sent in events:
        assert function("authorizer").handler(sent, None) == NOBODY


def test_the_authorizer_remembers_a_key_for_25_seconds_and_no_longer(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the gateway's own 30 that is less than the 60 in which a deleted key is dead everywhere."""
    clock, key = Clock(monkeypatch), make(scrip, scope="read")
    with scrip.calls() as made:
        for _ in range(5):
            assert authorize(f"Bearer {key['key']}") != NOBODY
        assert [call.name for call in made] == ["GetItem"]
        assert scrip.send("DELETE", f"/v1/keys/{key['key_id']}").status == 204
        clock.at += 24.9
        assert authorize(f"Bearer {key['key']}") != NOBODY
        clock.at += 0.2
        assert authorize(f"Bearer {key['key']}") == NOBODY
    assert [call.name for call in made] == ["GetItem", "DeleteItem", "GetItem"]


def test_a_deleted_key_stays_out_and_an_unknown_one_is_not_remembered(scrip: Deployment) -> None:
    key = make(scrip, scope="read")
    scrip.send("DELETE", f"/v1/keys/{key['key_id']}")
    with scrip.calls() as made:
        for _ in range(3):
            assert authorize(f"Bearer {key['key']}") == NOBODY
    assert len(made) == 3
    assert function("authorizer")._known == {}


def test_a_key_that_is_no_key_costs_no_read(scrip: Deployment) -> None:
    with scrip.calls() as made:
        for text in ("x", "scrip_x_y", "", "Bearer x"):
            assert authorize(f"Bearer {text}") == NOBODY
    assert made == []


def test_the_authorizer_remembers_a_bounded_number_of_keys(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function("authorizer")
    monkeypatch.setattr(app, "REMEMBERED", 3)
    keys = [make(scrip, scope="read")["key"] for _ in range(8)]
    for key in keys:
        assert authorize(f"Bearer {key}") != NOBODY
        assert len(app._known) <= 3


def test_a_table_that_does_not_answer_lets_nobody_in(scrip: Deployment) -> None:
    key = make(scrip, scope="admin")["key"]
    with scrip.broken("GetItem", Fault.timeout), pytest.raises(Exception, match="does not answer"):
        authorize(f"Bearer {key}")
    assert authorize(f"Bearer {key}") != NOBODY


def test_neither_key_nor_account_nor_amount_is_logged(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    key = make(scrip, scope="admin")
    capsys.readouterr()
    authorize(f"Bearer {key['key']}")
    authorize("Bearer scrip_0000000000000000_" + "s" * 43)
    body = {"amount": "77.125", "metadata": {"secret": "hush"}, "reference": {"type": "job", "id": "j-77"}}
    scrip.post("/v1/accounts/buyer-1/grants", body, key="idem-1", caller=Key("admin"))
    scrip.post("/v1/accounts/buyer-1/burns", {**body, "amount": "-1"}, key="idem-2")
    printed = capsys.readouterr().out
    for told in (key["key"][-43:], "s" * 43, "buyer-1", "77.125", "hush", "j-77", "idem-"):
        assert told not in printed
    assert key["key_id"] in printed


def test_a_request_prints_one_line_of_less_than_300_bytes(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.grant(account, "10")
    capsys.readouterr()
    scrip.burn(account, "1")
    (line,) = capsys.readouterr().out.splitlines()
    assert len(line) < 300


# Keys as they are made and deleted


def test_a_key_is_shown_once_and_stored_as_a_hash(scrip: Deployment) -> None:
    answer = scrip.post("/v1/keys", {"scope": "burn"})
    assert answer.status == 201
    assert set(answer.body) == {"key_id", "key", "scope", "account"}
    key = answer.body["key"]
    secret = key.removeprefix(f"scrip_{answer.body['key_id']}_")
    assert len(secret) >= 43
    stored = str(scrip.everything())
    assert answer.body["key_id"] in stored
    for plain in (key, secret, secret[:20], secret[20:]):
        assert plain not in stored
    assert hashlib.sha256(secret.encode()).hexdigest() in stored


def test_no_two_keys_are_alike(scrip: Deployment) -> None:
    made = [scrip.post("/v1/keys", {"scope": "read"}).body["key"] for _ in range(20)]
    assert len(set(made)) == 20


def test_a_key_that_is_deleted_is_gone(scrip: Deployment) -> None:
    key_id = scrip.post("/v1/keys", {"scope": "read"}).body["key_id"]
    answer = scrip.send("DELETE", f"/v1/keys/{key_id}")
    assert (answer.status, answer.text) == (204, "")
    refused(scrip.send("DELETE", f"/v1/keys/{key_id}"), 404, "not_found", key_id=key_id)
    assert key_id not in str(scrip.everything())


@pytest.mark.parametrize("key_id", ["x", "%00", "ä", "x" * 5000, "w#acme#credits", "..", "%2e%2e", " "])
def test_a_key_that_there_is_not_cannot_be_deleted(scrip: Deployment, key_id: str) -> None:
    scrip.grant("acme", "1")
    before = scrip.everything()
    refused(scrip.send("DELETE", f"/v1/keys/{key_id}"), 404, "not_found")
    assert scrip.everything() == before


KEYS: list[Row] = [
    *rows("scope", [None, "", "Admin", "write", 1, True, [], ["read"]]),
    *rows("account", ["", "a b", "a#b", 1, [], "x" * 129]),
    *rows("key_id", ["x"]),
    *rows("key", ["scrip_x_y"]),
    *rows("hash", ["x"]),
]


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.id)
def test_a_key_is_refused_with(scrip: Deployment, row: Row) -> None:
    with scrip.unwritten():
        answer = scrip.post("/v1/keys", {"scope": "read", row.member: row.value})
    invalid(answer, row.field)


@pytest.mark.parametrize("scope", ["burn", "grant", "admin"])
def test_a_key_of_one_account_can_only_read(scrip: Deployment, scope: str) -> None:
    invalid(scrip.post("/v1/keys", {"scope": scope, "account": "acme"}), "account")
