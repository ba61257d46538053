"""Who may do what: scope by route, one account by key, and the authorizer that says who is calling."""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any, Final

import pytest

from openapi.document import PAGES
from scrip import runtime
from scrip.http.edge.customers import HIDDEN
from scrip.http.edge.parameters import format_instant
from scrip.services.catalogue.keys import NewKey
from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Buyer, Deployment, Fault, Key, event, function, routes
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import Row, rows

SCOPES = ["read", "burn", "grant", "admin"]
NEEDED = {
    "POST /v1/invoices/{invoice_id}/applications": "admin",
    "POST /v1/invoices/{invoice_id}/void": "admin",
    "GET /v1/invoices/{invoice_id}": "admin",
    "GET /v1/accounts": "read",
    "GET /v1/accounts/{account}/statements/{month}": "admin",
    "GET /v1/accounts/{account}/wallets": "read",
    "GET /v1/accounts/{account}/holds": "read",
    "GET /v1/accounts/{account}/allowances": "read",
    "GET /v1/accounts/{account}/budgets": "read",
    "GET /v1/units": "read",
    "GET /v1/packs": "read",
    "GET /v1/rates": "read",
    "GET /v1/promotions": "read",
    "GET /v1/compensations": "read",
    "GET /v1/topups": "read",
    "GET /v1/accounts/{account}/balance": "read",
    "GET /v1/accounts/{account}/profile": "read",
    "PUT /v1/accounts/{account}/profile": "grant",
    "DELETE /v1/accounts/{account}/profile": "grant",
    "GET /v1/accounts/{account}/lots": "read",
    "GET /v1/accounts/{account}/entries": "read",
    "GET /v1/accounts/{account}/entries/{entry_id}": "read",
    "GET /v1/accounts/{account}/entries/{entry_id}/records": "read",
    "GET /v1/accounts/{account}/burns": "read",
    "GET /v1/accounts/{account}/holds/{hold_id}": "read",
    "GET /v1/accounts/{account}/explain": "read",
    "GET /v1/accounts/{account}/usage": "read",
    "GET /v1/accounts/{account}/forecast": "read",
    "POST /v1/accounts/{account}/quotes": "read",
    "POST /v1/accounts/{account}/burns": "burn",
    "POST /v1/accounts/{account}/burns/batch": "burn",
    "POST /v1/accounts/{account}/holds": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/capture": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/settle": "burn",
    "POST /v1/accounts/{account}/burns/pages": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/release": "burn",
    "POST /v1/accounts/{account}/holds/{hold_id}/extend": "burn",
    "POST /v1/accounts/{account}/grants": "grant",
    "POST /v1/accounts/{account}/refunds": "grant",
    "POST /v1/accounts/{account}/redemptions": "grant",
    "POST /v1/accounts/{account}/transfers": "grant",
    "POST /v1/accounts/{account}/lots/{lot_id}/void": "grant",
    "POST /v1/accounts/{account}/lots/{lot_id}/expiry": "grant",
    "POST /v1/accounts/{account}/burns/{entry_id}/reversal": "grant",
    "POST /v1/accounts/{account}/adjustments": "admin",
    "POST /v1/accounts/{account}/freeze": "admin",
    "POST /v1/accounts/{account}/unfreeze": "admin",
    "POST /v1/accounts/{account}/close": "admin",
    "POST /v1/usage": "burn",
    "GET /v1/usage/rejected": "read",
    "POST /v1/usage/rejected/redrive": "burn",
    "POST /v1/usage/rejected/dismissals": "grant",
    "POST /v1/compensations": "admin",
    "POST /v1/extensions": "admin",
    "PUT /v1/accounts/{account}/rates/{meter}": "admin",
    "GET /v1/accounts/{account}/rates": "read",
    "GET /v1/accounts/{account}/rates/{meter}": "read",
    "DELETE /v1/accounts/{account}/rates/{meter}": "admin",
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": "admin",
    "GET /v1/accounts/{account}/allowances/{allowance_id}": "read",
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": "admin",
    "PUT /v1/accounts/{account}/budgets/{budget_id}": "grant",
    "GET /v1/accounts/{account}/budgets/{budget_id}": "read",
    "DELETE /v1/accounts/{account}/budgets/{budget_id}": "grant",
    "PUT /v1/accounts/{account}/alerts": "grant",
    "GET /v1/accounts/{account}/alerts": "read",
    "DELETE /v1/accounts/{account}/alerts": "grant",
    "POST /v1/topups": "top_up",
    "GET /v1/topups/{topup_id}": "read",
    "POST /v1/topups/{topup_id}/cancel": "top_up",
    "GET /v1/search": "read",
    "GET /v1/overages": "admin",
    "GET /v1/audit": "admin",
    "GET /v1/payments": "read",
    "GET /v1/payments/{provider}/{payment_id}": "read",
    "GET /v1/payments/{provider}/{payment_id}/refund-quote": "read",
    "POST /v1/payments/{provider}/{payment_id}/refunds": "grant",
    "POST /v1/payments/{provider}/{payment_id}/resolutions": "admin",
    "GET /v1/reports/reconciliation": "read",
    "GET /v1/reports/journal": "admin",
    "GET /v1/reports/{name}": "admin",
    "PUT /v1/units/{unit}": "admin",
    "GET /v1/units/{unit}": "read",
    "PUT /v1/packs/{pack}": "admin",
    "GET /v1/packs/{pack}": "read",
    "GET /v1/packs/{pack}/terms": "read",
    "PUT /v1/rates/{meter}": "admin",
    "GET /v1/rates/{meter}": "read",
    "PUT /v1/promotions/{code}": "admin",
    "GET /v1/promotions/{code}": "read",
    "POST /v1/keys": "admin",
    "GET /v1/keys": "admin",
    "POST /v1/keys/{key_id}/rotation": "admin",
    "DELETE /v1/keys/{key_id}": "admin",
    "POST /v1/portal-sessions": "grant",
    "GET /v1/accounts/{account}/notices": "read",
    "PUT /v1/dunning": "admin",
    "GET /v1/dunning": "admin",
    "PUT /v1/chart-of-accounts": "admin",
    "GET /v1/chart-of-accounts": "admin",
    "POST /v1/periods/{period}/close": "admin",
    "GET /v1/periods/{period}": "admin",
    "GET /v1/periods": "admin",
    "POST /v1/exports": "admin",
    "GET /v1/exports/{export_id}": "admin",
    "GET /v1/accounts/{account}/dunning": "read",
    "GET /v1/accounts/{account}/subscriptions": "read",
    "POST /v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/cancel": "top_up",
    "POST /v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/resume": "top_up",
    "PUT /v1/accounts/{account}/auto-topup": "auto_top_up",
    "GET /v1/accounts/{account}/auto-topup": "auto_top_up",
    "DELETE /v1/accounts/{account}/auto-topup": "auto_top_up",
    "GET /v1/webhook-endpoints": "admin",
    "PUT /v1/webhook-endpoints/{endpoint_id}": "admin",
    "GET /v1/webhook-endpoints/{endpoint_id}": "admin",
    "DELETE /v1/webhook-endpoints/{endpoint_id}": "admin",
    "POST /v1/webhook-endpoints/{endpoint_id}/rotation": "admin",
    "POST /v1/webhook-endpoints/{endpoint_id}/test": "admin",
    "POST /v1/webhook-endpoints/{endpoint_id}/replays": "admin",
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries": "admin",
}
"""Route → the scope that a key needs."""
OF_NOBODY = [
    "GET /v1/units",
    "GET /v1/packs",
    "GET /v1/rates",
    "GET /v1/units/{unit}",
    "GET /v1/packs/{pack}",
    "GET /v1/packs/{pack}/terms",
    "GET /v1/rates/{meter}",
]
"""Routes without an account, that a key of one account may ask all the same."""
OF_SOMEBODY = [
    "GET /v1/topups/{topup_id}",
    "POST /v1/topups/{topup_id}/cancel",
    "GET /v1/payments/{provider}/{payment_id}",
    "GET /v1/payments/{provider}/{payment_id}/refund-quote",
]
"""Routes that such a key may ask about what is its account's: what is not there is forbidden too."""
AFTER_WHAT_IS_SAID = [
    "POST /v1/topups",
    "POST /v1/payments/{provider}/{payment_id}/refunds",
    "GET /v1/search",
    "GET /v1/accounts",
    "GET /v1/topups",
    "GET /v1/payments",
    "POST /v1/usage",
    "GET /v1/usage/rejected",
    "POST /v1/usage/rejected/redrive",
    "POST /v1/usage/rejected/dismissals",
]
"""Routes that such a key may ask, of which the body or the query is read before the account is known: a top-up's names
it, and a list has what is of the key's account."""
OPEN = [
    "POST /v1/webhooks/{provider}",
    "GET /v1/openapi.json",
    "GET /v1/version",
    "GET /v1/health",
    "GET /v1/statement-keys",
    *sorted(PAGES),
]
WIDER = {
    "read": ["read", "burn", "grant", "admin"],
    "burn": ["burn", "grant", "admin"],
    "grant": ["grant", "admin"],
    "admin": ["admin"],
    "top_up": ["top_up", "grant", "admin"],
    "auto_top_up": ["auto_top_up", "grant", "admin"],
}
"""Scope → the scopes that include it."""
KINDS = [
    *SCOPES,
    *("top_up", "auto_top_up", "read top_up", "read burn", "burn top_up", "read top_up auto_top_up"),
]
"""Sets of scopes that keys have."""


def test_every_route_of_the_template_is_in_the_table_and_answered_by_its_function() -> None:
    found = routes()
    assert sorted(route.key for route in found) == sorted([*NEEDED, *OPEN])
    assert sorted(route.key for route in found if route.open) == sorted(OPEN)
    for route in found:
        assert route.key in function(route.function).ROUTES
    answered = [key for name in {route.function for route in found} for key in function(name).ROUTES]
    assert sorted(answered) == sorted(route.key for route in found)


def ask(scrip: Deployment, route: str, caller: Key) -> Answer:
    """A request of the route about what there is not; nothing comes of it."""
    method, _, path = route.partition(" ")
    # To put what has no members that it needs would be something: it is put with one that there is not.
    body = {"PUT": {"colour": "red"}, "POST": {}}.get(method)
    before = scrip.everything()
    answer = scrip.send(method, re.sub(r"\{\w+\}", "nobody", path), body=body, caller=caller)
    assert scrip.everything() == before
    return answer


@pytest.mark.parametrize("route", NEEDED)
def test_a_key_may_do_what_its_scopes_say(scrip: Deployment, route: str) -> None:
    """Every route, each set of scopes that a key may have."""
    # Nothing that was asked before is there: a portal session or a key is made of an empty body by nobody.
    scrip.make_tables()
    for kind in KINDS:
        answer = ask(scrip, route, Key(kind))
        if not set(kind.split()) & set(WIDER[NEEDED[route]]):
            refused(answer, 403, "forbidden", scope=NEEDED[route])
        else:
            assert answer.status in (200, 202, 400, 404), (kind, answer.text)


@pytest.mark.parametrize("route", NEEDED)
def test_a_key_of_one_account_may_do_that_with_its_account_alone(scrip: Deployment, route: str) -> None:
    """Every route, each set of scopes: of the account in the path, and of another one. Keys of one account are not
    made with ``grant`` or ``admin``, and would be no wider if they were."""
    scrip.make_tables()
    for kind in KINDS:
        allowed = bool(set(kind.split()) & set(WIDER[NEEDED[route]]))
        own, other = (ask(scrip, route, Key(kind, account)) for account in ("nobody", "somebody"))
        if not allowed:
            refused(own, 403, "forbidden", scope=NEEDED[route])
            refused(other, 403, "forbidden", scope=NEEDED[route])
        elif "{account}" in route:
            assert own.status in (200, 400, 404), (kind, own.text)
            refused(other, 403, "forbidden")
        elif route in OF_NOBODY or route in AFTER_WHAT_IS_SAID:
            assert (own.status, own.text) == (other.status, other.text)
            assert own.status in (200, 202, 400, 404)
        else:
            refused(own, 403, "forbidden")
            refused(other, 403, "forbidden")
            assert "scope" not in own.body


def test_every_route_without_an_account_is_refused_to_a_key_of_one_unless_it_says_otherwise() -> None:
    """A route that is added says so on purpose, and is added here."""
    said = {
        key
        for route in routes()
        for key, one in function(route.function).ROUTES.items()
        if one.bound and one.scope
    }
    assert said == {*OF_NOBODY, *OF_SOMEBODY, *AFTER_WHAT_IS_SAID}


def test_a_key_of_one_account_orders_for_it_and_for_no_other(scrip: Deployment, buyer: Buyer) -> None:
    """Its order is its own to see and to cancel; another customer's is not."""
    own, others = (Key("read top_up", account=one) for one in (buyer.account, "somebody"))
    refused(scrip.post("/v1/topups", buyer.wants(), key="o", caller=others), 403, "forbidden")
    assert scrip.post("/v1/topups", buyer.wants(), key="o", caller=Key("read", buyer.account)).status == 403
    made = scrip.post("/v1/topups", buyer.wants(), key="o", caller=own)
    assert (made.status, made.body["account"]) == (201, buyer.account)
    path = f"/v1/topups/{made.body['topup_id']}"
    assert scrip.get(path, caller=own).status == 200
    refused(scrip.get(path, caller=others), 403, "forbidden")
    refused(scrip.post(f"{path}/cancel", {}, caller=others), 403, "forbidden")
    assert scrip.post(f"{path}/cancel", {}, caller=own).body["status"] == "cancelled"


def test_a_key_of_one_account_burns_from_it_and_from_no_other(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    burned = scrip.burn(account, "4", caller=Key("burn", account))
    assert (burned.status, burned.balance["available"]) == (201, "6")
    refused(scrip.burn(account, "4", caller=Key("burn", "somebody")), 403, "forbidden")
    refused(scrip.burn(account, "4", caller=Key("read top_up", account)), 403, "forbidden", scope="burn")


# What a customer is shown


def test_a_customer_is_not_shown_who_nor_why_nor_internal_metadata(scrip: Deployment, account: str) -> None:
    """In lists, single entries, lots, explanations, and what a write answers, the first time and again."""
    metadata = {"job": "7", "internal.cost": "0.02", "internals": "shown"}
    words = {"reason": "he complained", "metadata": metadata, "reference": {"type": "job", "id": "j-1"}}
    granted = scrip.grant(account, "10", "g", **words)
    assert (granted.body["entry"]["reason"], granted.body["entry"]["actor"]) == ("he complained", "key:k1")
    own, path = Key("burn", account), f"/v1/accounts/{account}"
    answers = [scrip.burn(account, "1", "b", caller=own, **words) for _ in range(2)]
    assert [answer.replayed for answer in answers] == [False, True]
    batch = {"burns": [{"key": "c", "amount": "1", **words}]}
    answers.append(scrip.post(f"{path}/burns/batch", batch, caller=own))
    entry_id = granted.body["entry"]["entry_id"]
    looks = ("entries", f"entries/{entry_id}", "lots", "explain", "balance")
    answers += [scrip.get(f"{path}/{what}", caller=own) for what in looks]
    for answer in answers:
        assert answer.status in (200, 201)
        for hidden in ("he complained", "internal.cost", "0.02", '"actor"', '"reason"'):
            assert hidden not in answer.text
    for entry in answers[3].body["items"]:
        assert entry["metadata"] == {"job": "7", "internals": "shown"}
        assert entry["reference"] == {"type": "job", "id": "j-1"}
    assert answers[5].body["items"][0]["metadata"] == {"job": "7", "internals": "shown"}
    whole = scrip.get(f"{path}/entries/{entry_id}", caller=Key("read"))
    assert (whole.body["reason"], whole.body["metadata"]) == ("he complained", metadata)


def test_a_customer_is_shown_why_a_request_was_refused(scrip: Deployment, account: str) -> None:
    """That is said to whoever sends it; and a batch says it of each item."""
    own = Key("burn", account)
    refused(
        scrip.burn(account, "1", caller=own),
        402,
        "insufficient_credits",
        required="1",
        available="0",
        unit="credits",
    )
    batch = {"burns": [{"key": "c", "amount": "1"}]}
    answer = scrip.post(f"/v1/accounts/{account}/burns/batch", batch, caller=own)
    assert answer.body["items"][0]["problem"]["code"] == "insufficient_credits"


NAMED: Final = {"name": "desk"}


def test_a_customer_is_shown_its_payment_but_not_who_decided_what_of_it_and_why(buyer: Buyer) -> None:
    scrip = buyer.scrip
    buyer.order()
    paid = buyer.pays()
    scrip.deliver(paid)
    path = f"/v1/payments/dodo/{paid['data']['payment_id']}"
    refund = {"as": "credit", "amount": 1000, "reason": "he complained"}
    assert scrip.post(f"{path}/refunds", refund, key="r", caller=Key("grant", more=NAMED)).status == 201
    whole, own = (scrip.get(path, caller=Key("read", account)) for account in ("", buyer.account))
    (asked,) = whole.body["requests"]
    assert (asked["reason"], asked["actor"], asked["actor_name"]) == ("he complained", "key:k1", "desk")
    (told,) = own.body["requests"]
    assert told == {name: value for name, value in asked.items() if name not in HIDDEN}
    assert own.body["position"] == whole.body["position"]


def test_a_key_that_sees_all_accounts_reads_payments_reports_and_prices(buyer: Buyer) -> None:
    """It need not be the key that mints keys."""
    scrip, reader = buyer.scrip, Key("read")
    buyer.order()
    paid = buyer.pays()
    scrip.deliver(paid)
    for path in (
        f"/v1/payments/dodo/{paid['data']['payment_id']}",
        f"/v1/packs/{buyer.account}",
        "/v1/units/credits",
    ):
        assert scrip.get(path, caller=reader).status == 200
    assert scrip.get("/v1/payments", query={"status": "parked"}, caller=reader).status == 200
    for pack in (f"/v1/packs/{buyer.account}", "/v1/units/credits"):
        assert scrip.get(pack, caller=Key("read", "somebody")).status == 200


@pytest.mark.parametrize("scope", ["Admin", "root", "admins", "none"])
def test_a_scope_that_there_is_not_may_do_nothing(scrip: Deployment, account: str, scope: str) -> None:
    refused(scrip.get(f"/v1/accounts/{account}/balance", caller=Key(scope)), 403, "forbidden")


def test_without_an_authorizer_nobody_may_do_anything(scrip: Deployment, account: str) -> None:
    """A route that lost its authorizer in the template lets nobody in."""
    refused(scrip.get(f"/v1/accounts/{account}/balance", caller=None), 401, "unauthenticated")
    sent = event("GET", f"/v1/accounts/{account}/balance", caller=None)
    none: list[Any] = [
        {},
        {"lambda": None},
        {"lambda": {}},
        {"lambda": {"key_id": "k1", "scopes": ""}},
        {"lambda": {"key_id": "k1", "scope": "admin"}},
        {"jwt": {"claims": {"scope": "admin"}}},
    ]
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


def test_a_customers_key_is_quoted_its_own_account_and_no_other(scrip: Deployment, account: str) -> None:
    own = Key("read", account=account)
    assert scrip.post(f"/v1/accounts/{account}/quotes", {"amount": "1"}, caller=own).status == 200
    for other in (f"{account}-b", account.upper(), "nobody"):
        answer = scrip.post(f"/v1/accounts/{other}/quotes", {"amount": "1"}, caller=own)
        refused(answer, 403, "forbidden")


def test_a_bound_key_of_any_scope_stays_within_its_account(scrip: Deployment, account: str) -> None:
    """One of scope admin cannot be made, and would be no wider if it could."""
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


def make(scrip: Deployment, **body: Any) -> Any:
    answer = scrip.post("/v1/keys", body)
    assert answer.status == 201, answer.text
    return answer.body


def told(key_id: str, scopes: str, **more: str) -> Any:
    """What the authorizer says of a key."""
    return {
        "key_id": key_id,
        "scopes": scopes,
        "account": "",
        "name": "",
        "rate_limit": "",
        "ends_at": "",
        **more,
    }


@pytest.mark.parametrize("scope", SCOPES)
def test_the_authorizer_says_who_a_key_belongs_to(scrip: Deployment, scope: str) -> None:
    made = make(scrip, scope=scope)
    context = told(made["key_id"], scope)
    for authorization in (f"Bearer {made['key']}", f"bearer {made['key']}", f"BEARER  {made['key']} "):
        assert authorize(authorization) == {"isAuthorized": True, "context": context}
    assert authorize(f"Bearer {made['key']}", "Authorization") == {"isAuthorized": True, "context": context}


def test_the_authorizer_says_what_a_key_may_and_for_how_long(scrip: Deployment) -> None:
    """2099-01-01 is 4 070 908 800 000 ms."""
    terms = {"name": "Portal", "expires_at": "2099-01-01T00:00:00Z", "rate_limit": 5}
    made = make(scrip, scopes=["top_up", "read"], account="acme", **terms)
    answer = authorize(f"Bearer {made['key']}")
    more = {"account": "acme", "name": "Portal", "rate_limit": "5", "ends_at": "4070908800000"}
    assert answer["context"] == told(made["key_id"], "read top_up", **more)
    found = scrip.get("/v1/accounts/acme/balance", caller=Key("read top_up", "acme", made["key_id"]))
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
        f"Bearer scrip_session_{made['key_id']}_{secret}",
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
        assert [call.name for call in made] == ["BatchGetItem", "UpdateItem"]
        assert scrip.send("DELETE", f"/v1/keys/{key['key_id']}").status == 204
        clock.at += 24.9
        assert authorize(f"Bearer {key['key']}") != NOBODY
        clock.at += 0.2
        for _ in range(3):
            assert authorize(f"Bearer {key['key']}") == NOBODY
    deleted = ["BatchGetItem", "TransactWriteItems"]
    assert [call.name for call in made] == ["BatchGetItem", "UpdateItem", *deleted, "BatchGetItem"]


def test_a_key_of_nobody_is_read_once_in_25_seconds(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deleted one stays out; a flood of one and the same false key costs no reads."""
    clock, key = Clock(monkeypatch), make(scrip, scope="read")
    scrip.send("DELETE", f"/v1/keys/{key['key_id']}")
    with scrip.calls() as made:
        for _ in range(50):
            assert authorize(f"Bearer {key['key']}") == NOBODY
        assert len(made) == 1
        clock.at += 25.1
        assert authorize(f"Bearer {key['key']}") == NOBODY
    assert len(made) == 2


def test_each_false_key_is_counted_whether_or_not_it_was_read(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    """The alarm waits for a hundred of them."""
    key = make(scrip, scope="read")
    scrip.send("DELETE", f"/v1/keys/{key['key_id']}")
    capsys.readouterr()
    for _ in range(7):
        authorize(f"Bearer {key['key']}")
    assert capsys.readouterr().out.count('"Unauthorized":1') == 7


def test_a_key_that_is_no_key_costs_no_read(scrip: Deployment) -> None:
    with scrip.calls() as made:
        for text in ("x", "scrip_x_y", "", "Bearer x"):
            assert authorize(f"Bearer {text}") == NOBODY
    assert made == []


def test_the_authorizer_remembers_a_bounded_number_of_keys_and_a_flood_forgets_none_that_is_somebodys(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function("authorizer")
    monkeypatch.setattr(app, "REMEMBERED", 3)
    keys = [make(scrip, scope="read")["key"] for _ in range(5)]
    for key in keys:
        assert authorize(f"Bearer {key}") != NOBODY
        assert len(app._known) <= 3
    for number in range(20):
        assert authorize(f"Bearer scrip_{number:016x}_{'A' * 43}") == NOBODY
        assert len(app._unknown) <= 3
    with scrip.calls() as made:
        for key in keys[2:]:
            assert authorize(f"Bearer {key}") != NOBODY
    assert made == []


def test_a_table_that_does_not_answer_lets_nobody_in(scrip: Deployment) -> None:
    key = make(scrip, scope="admin")["key"]
    with scrip.broken("BatchGetItem", Fault.timeout), pytest.raises(Exception, match="does not answer"):
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
    assert set(answer.body) == {
        *("key_id", "key", "scope", "scopes", "account", "name", "created_by", "created_at"),
        *("expires_at", "rate_limit", "last_used_at", "previous_ends_at"),
    }
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
    # All but the audit has forgotten it.
    left = [item for item in scrip.everything() if item["pk"]["S"] != "audit"]
    assert key_id not in str(left)


@pytest.mark.parametrize("key_id", ["x", "%00", "ä", "x" * 5000, "w#acme#credits", "..", "%2e%2e", " "])
def test_a_key_that_there_is_not_cannot_be_deleted(scrip: Deployment, key_id: str) -> None:
    scrip.grant("acme", "1")
    before = scrip.everything()
    refused(scrip.send("DELETE", f"/v1/keys/{key_id}"), 404, "not_found")
    assert scrip.everything() == before


KEYS: list[Row] = [
    *rows("scope", ["", "Admin", "write", "top_up", 1, True, [], ["read"]]),
    *rows("account", ["", "a b", "a#b", 1, [], "x" * 129]),
    *rows("name", ["", 1, "x" * 201, " ", "\u200b", "a\x00b", "a\nb", "\u202eph"]),
    *rows("expires_at", ["", "soon", 1, "2020-01-01T00:00:00Z", "P1D"]),
    *rows("rate_limit", [0, -1, 1.5, "5", 10_001, True]),
    *rows("key_id", ["x"]),
    *rows("key", ["scrip_x_y"]),
    *rows("hash", ["x"]),
    *rows("secrets", [[]]),
    *rows("session", [True]),
]


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.id)
def test_a_key_is_refused_with(scrip: Deployment, row: Row) -> None:
    with scrip.unwritten():
        answer = scrip.post("/v1/keys", {"scope": "read", row.member: row.value})
    invalid(answer, row.field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scope"),
        ({"scope": None}, "scope"),
        ({"scope": "read", "scopes": ["read"]}, "scopes"),
        ({"scope": "read", "scopes": []}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "read"]}, "scopes"),
        ({"scopes": ["read", "auto_top_up"]}, "scopes.1"),
        ({"scopes": "read"}, "scopes"),
        ({"scope": "grant", "account": "acme"}, "account"),
        ({"scope": "admin", "account": "acme"}, "account"),
        ({"scopes": ["read", "grant"], "account": "acme"}, "account"),
    ],
)
def test_a_key_says_its_scopes_in_one_way_and_a_customer_has_no_wide_one(
    scrip: Deployment, body: dict[str, Any], field: str
) -> None:
    with scrip.unwritten():
        invalid(scrip.post("/v1/keys", body), field)


@pytest.mark.parametrize(
    ("body", "scope", "scopes"),
    [
        ({"scope": "burn"}, "burn", ["burn"]),
        ({"scope": "burn", "account": "acme"}, "burn", ["burn"]),
        ({"scopes": ["burn"]}, "burn", ["burn"]),
        ({"scopes": ["top_up"]}, None, ["top_up"]),
        ({"scopes": ["top_up", "read", "burn"], "account": "acme"}, None, ["read", "burn", "top_up"]),
        ({"scopes": ["admin", "read"]}, None, ["read", "admin"]),
    ],
)
def test_a_key_shows_its_scopes_and_the_one_where_it_has_one(
    scrip: Deployment, body: dict[str, Any], scope: str | None, scopes: list[str]
) -> None:
    made = make(scrip, **body)
    assert (made["scope"], made["scopes"]) == (scope, scopes)


# A key's life


def test_a_key_says_who_made_it_when_and_what_it_is_called(scrip: Deployment) -> None:
    terms = {
        "scope": "read",
        "name": "The shop's",
        "expires_at": "2030-06-01T00:00:00+02:00",
        "rate_limit": 9,
    }
    made = scrip.post("/v1/keys", terms, caller=Key("admin", key_id="k9"), clock=NEW_YEAR).body
    assert (made["name"], made["created_by"], made["rate_limit"]) == ("The shop's", "key:k9", 9)
    assert (made["created_at"], made["expires_at"]) == (NEW_YEAR, "2030-05-31T22:00:00.000Z")
    assert made["last_used_at"] is None


def test_a_key_is_over_at_its_end_and_a_key_that_is_over_opens_nothing(scrip: Deployment) -> None:
    """Made at the new year of 2020 for a day, it is over at once; and a function that was told of a key before its
    end does not let it in after it."""
    made = scrip.post(
        "/v1/keys", {"scope": "read", "expires_at": "2020-01-02T00:00:00Z"}, clock="2020-01-01T00:00:00Z"
    )
    assert made.status == 201
    assert authorize(f"Bearer {made.body['key']}") == NOBODY
    late = Key("admin", more={"ends_at": str(runtime.now() - 1)})
    refused(scrip.get("/v1/accounts/acme/balance", caller=late), 401, "unauthenticated")
    early = Key("admin", more={"ends_at": str(runtime.now() + 60_000)})
    assert scrip.get("/v1/accounts/acme/balance", caller=early).status == 200


def test_keys_are_listed_newest_first_page_by_page_and_never_with_themselves(scrip: Deployment) -> None:
    """Seven keys in pages of three: 3, 3, 1. A page costs a query and a call for each fifty keys."""
    scrip.make_tables()
    made = [
        scrip.post("/v1/keys", {"scope": "read", "name": f"n{number}"}, clock=f"2030-01-0{number}T00:00:00Z")
        for number in range(1, 8)
    ]
    pages, query, texts = [], {"limit": "3"}, ""
    while True:
        with scrip.calls() as calls:
            answer = scrip.get("/v1/keys", query=query)
        assert [call.name for call in calls] == ["Query", "BatchGetItem"]
        pages.append([key["name"] for key in answer.body["items"]])
        texts += answer.text
        if answer.body["next_cursor"] is None:
            break
        query["cursor"] = answer.body["next_cursor"]
    assert pages == [["n7", "n6", "n5"], ["n4", "n3", "n2"], ["n1"]]
    for one in made:
        assert one.body["key_id"] in texts
        assert one.body["key"] not in texts
    assert "hash" not in texts
    assert "secret" not in texts


def test_no_keys_are_an_empty_list(scrip: Deployment) -> None:
    scrip.make_tables()
    assert scrip.get("/v1/keys").body == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("cursor", ["x", "", "WyJhIl0", "WyJrZXkjeCJd", "W10"])
def test_a_cursor_that_no_list_gave_is_refused(scrip: Deployment, cursor: str) -> None:
    invalid(scrip.get("/v1/keys", query={"cursor": cursor}), "cursor")


def test_a_deleted_key_is_in_no_list(scrip: Deployment) -> None:
    scrip.make_tables()
    first, second = (make(scrip, scope="read")["key_id"] for _ in range(2))
    scrip.send("DELETE", f"/v1/keys/{first}")
    assert [key["key_id"] for key in scrip.get("/v1/keys").body["items"]] == [second]
    assert first not in str([one for one in scrip.everything() if one["pk"]["S"] != "audit"])


def test_that_a_key_is_used_is_written_once_a_day(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 0 h, at 23 h 59 and at 24 h: written twice. A cold authorizer asks each time and writes no more often."""
    scrip.make_tables()
    key, day, start = make(scrip, scope="read"), 86_400_000, runtime.now()
    written = []
    for after in (0, 60_000, day - 60_000, day, day + 60_000):
        scrip.cold()
        monkeypatch.setattr(runtime, "now", lambda at=start + after: at)
        with scrip.calls() as calls:
            authorize(f"Bearer {key['key']}")
        written.append([call.name for call in calls].count("UpdateItem"))
        (listed,) = scrip.get("/v1/keys").body["items"]
        assert listed["last_used_at"] == format_instant(start + (day if after >= day else 0))
    assert written == [1, 0, 0, 1, 0]


def test_two_authorizers_that_meet_a_key_at_once_note_it_once_and_both_let_it_in(scrip: Deployment) -> None:
    """The second finds the day noted: that is no failure."""
    key, store, now = make(scrip, scope="read"), runtime.api_keys(), runtime.now()
    store.note_use(key["key_id"], now, now - 86_400_000)
    store.note_use(key["key_id"], now + 5, now + 5 - 86_400_000)
    stored = store.get(key["key_id"])
    assert stored
    assert stored.used_at == now


# Rotation


def rotate(scrip: Deployment, key_id: str, **request: Any) -> Answer:
    return scrip.send("POST", f"/v1/keys/{key_id}/rotation", **request)


def test_a_rotated_key_keeps_its_id_and_both_secrets_open_for_a_day(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, now = make(scrip, scope="burn", name="shop", account="acme"), runtime.now()
    answer = rotate(scrip, made["key_id"])
    assert answer.status == 201
    rotated = answer.body
    assert rotated["key"] != made["key"]
    kept = [name for name in made if name not in ("key", "previous_ends_at")]
    assert {name: rotated[name] for name in kept} == {name: made[name] for name in kept}
    for one in (made, rotated):
        assert authorize(f"Bearer {one['key']}")["context"]["key_id"] == made["key_id"]
    end = int(authorize(f"Bearer {made['key']}")["context"]["ends_at"])
    assert now + 86_400_000 <= end <= now + 86_460_000
    assert rotated["previous_ends_at"] == format_instant(end)
    scrip.cold()
    monkeypatch.setattr(runtime, "now", lambda: end)
    assert authorize(f"Bearer {made['key']}") == NOBODY
    assert authorize(f"Bearer {rotated['key']}") != NOBODY


def test_a_third_secret_within_a_day_ends_the_oldest_at_once(scrip: Deployment) -> None:
    made = make(scrip, scope="read")
    second, third = (rotate(scrip, made["key_id"]).body for _ in range(2))
    scrip.cold()
    opened = [authorize(f"Bearer {one['key']}") != NOBODY for one in (made, second, third)]
    assert opened == [False, True, True]


def test_what_is_not_there_or_is_over_cannot_be_rotated(scrip: Deployment) -> None:
    refused(rotate(scrip, "0" * 16), 404, "not_found", key_id="0" * 16)
    over = scrip.post("/v1/keys", {"scope": "read", "expires_at": NEXT_DAY}, clock=NEW_YEAR).body
    answer = rotate(scrip, over["key_id"], clock="2030-01-02T00:00:00.001Z")
    refused(answer, 422, "policy_violation", policy="key_ended")
    assert rotate(scrip, over["key_id"], clock="2030-01-01T12:00:00Z").status == 201


def test_the_secret_before_ends_with_its_key(scrip: Deployment) -> None:
    """Rotated six hours before its end, the key is over in six hours, and so is what it was rotated from."""
    made = scrip.post("/v1/keys", {"scope": "read", "expires_at": NEXT_DAY}, clock=NEW_YEAR).body
    rotated = rotate(scrip, made["key_id"], clock="2030-01-01T18:00:00Z").body
    assert (rotated["previous_ends_at"], rotated["expires_at"]) == (NEXT_DAY, NEXT_DAY)


# Idempotency


def test_a_key_is_shown_again_after_its_end_and_another_one_that_is_over_is_not_made(
    scrip: Deployment,
) -> None:
    """Law 3: what was answered is answered again, however late. What is new must not be over."""
    body = {"scope": "read", "expires_at": NEXT_DAY}
    mine = with_token("mine")
    first = scrip.post("/v1/keys", body, key="late", clock=NEW_YEAR, headers=mine)
    again = scrip.post("/v1/keys", body, key="late", clock="2030-01-03T00:00:00Z", headers=mine)
    assert (again.status, again.replayed, again.text) == (201, True, first.text)
    invalid(scrip.post("/v1/keys", body, key="later", clock=NEXT_DAY), "expires_at")


def with_token(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **more}


def test_the_same_request_makes_one_key_and_shows_it_to_the_same_caller_alone(scrip: Deployment) -> None:
    """The key is derived from the caller's own, so that nothing in the table shows it."""
    scrip.make_tables()
    body, mine, others = {"scope": "read", "name": "n"}, with_token("mine"), with_token("others")
    first, again, other = (
        scrip.post("/v1/keys", body, key="k-1", headers=headers) for headers in (mine, mine, others)
    )
    assert [answer.status for answer in (first, again, other)] == [201, 201, 201]
    assert [answer.replayed for answer in (first, again, other)] == [False, True, True]
    assert again.text == first.text
    assert (other.body["key_id"], other.body["key"]) == (first.body["key_id"], None)
    assert len(scrip.get("/v1/keys").body["items"]) == 1
    stored = str(scrip.everything())
    assert first.body["key"][-43:] not in stored
    assert "mine" not in stored
    assert authorize(f"Bearer {first.body['key']}")["context"]["key_id"] == first.body["key_id"]


@pytest.mark.parametrize(
    "body",
    [
        {"scope": "burn"},
        {"scopes": ["read", "top_up"]},
        {"scope": "read", "name": "m"},
        {"scope": "read", "account": "acme"},
        {"scope": "read", "expires_at": "2099-01-01T00:00:00Z"},
        {"scope": "read", "rate_limit": 5},
    ],
)
def test_another_request_about_keys_under_the_same_key_is_refused(
    scrip: Deployment, body: dict[str, Any]
) -> None:
    made = scrip.post("/v1/keys", {"scope": "read"}, key=f"k-{body}").body
    refused(scrip.post("/v1/keys", body, key=f"k-{body}"), 422, "idempotency_key_reused")
    refused(rotate(scrip, made["key_id"], key=f"k-{body}"), 422, "idempotency_key_reused")
    session = {"account": "acme"}
    refused(scrip.post("/v1/portal-sessions", session, key=f"k-{body}"), 422, "idempotency_key_reused")


def test_scope_and_scopes_of_one_word_are_the_same_request(scrip: Deployment) -> None:
    first = scrip.post("/v1/keys", {"scope": "read"}, key="same").body
    assert scrip.post("/v1/keys", {"scopes": ["read"]}, key="same").body["key_id"] == first["key_id"]


def test_a_rotation_that_is_sent_again_rotates_once(scrip: Deployment) -> None:
    """A second one would end the secret that its caller never heard of."""
    made = make(scrip, scope="read")
    first, again = (rotate(scrip, made["key_id"], key="rot-1", headers=with_token("mine")) for _ in range(2))
    assert (again.replayed, again.text) == (True, first.text)
    for text in (made["key"], first.body["key"]):
        assert authorize(f"Bearer {text}") != NOBODY


def test_a_deleted_key_is_not_made_again_by_the_request_that_made_it(scrip: Deployment) -> None:
    made = scrip.post("/v1/keys", {"scope": "admin"}, key="once", headers=with_token("mine"))
    scrip.send("DELETE", f"/v1/keys/{made.body['key_id']}")
    again = scrip.post("/v1/keys", {"scope": "admin"}, key="once", headers=with_token("mine"))
    assert (again.replayed, again.text) == (True, made.text)
    assert authorize(f"Bearer {made.body['key']}") == NOBODY


def test_without_an_idempotency_key_each_request_makes_a_key(scrip: Deployment) -> None:
    first, second = (scrip.post("/v1/keys", {"scope": "read"}, headers=with_token("mine")) for _ in range(2))
    assert first.body["key_id"] != second.body["key_id"]


@pytest.mark.parametrize("key", [" x", "x" * 256, "ä"])
def test_an_idempotency_key_has_its_form_here_too(scrip: Deployment, key: str) -> None:
    with scrip.unwritten():
        invalid(scrip.post("/v1/keys", {"scope": "read"}, key=key), "Idempotency-Key")


def test_the_first_try_to_make_a_key_waits_for_nobody(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    assert scrip.post("/v1/keys", {"scope": "read"}, key="at-once").status == 201
    assert waited == []


def test_what_a_key_is_asked_for_keeps_its_words() -> None:
    """Law 3: a request that was sent before an update is known after it by what was asked for, word for word."""
    wanted = NewKey(("read", "burn"), "acme", "portal", 5, 7, True, "https://shop.example.test/", "PT1H")
    assert wanted.to_json() == {
        "scopes": ["read", "burn"],
        "account": "acme",
        "name": "portal",
        "expires_at": 5,
        "rate_limit": 7,
        "session": True,
        "return_url": "https://shop.example.test/",
        "expires_in": "PT1H",
    }
    assert NewKey(("admin",)).to_json() == {"scopes": ["admin"]}
