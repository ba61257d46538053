"""Anything at all, at every door: never an exception, never a 5xx, never half of something done."""

from __future__ import annotations

import json
import string
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aws import Deployment, Key, event, function, routes

ROUTES = routes()
STEADY = settings(
    deadline=None,
    database=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MEMBERS = [
    "amount", "unit", "mode", "kind", "priority", "effective_at", "expires_at", "expires_in", "cost_basis", "scope",
    "reference", "reason", "metadata", "precision", "name", "policy", "credits", "price", "bonus", "tax_point", "terms",
    "provider_refs", "account", "pack", "quantity", "provider", "return_url", "accept_terms", "currency", "type", "id",
]  # fmt: skip
VALUES: list[Any] = [
    "1", "0.5", "0", "-1", "1e5", "credits", "acme", "p", "exact", "up_to", "paid", "promotional", "P1D", "P9999Y", "USD",
    "2030-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "dodo", "https://a.test/", "admin", "read", "1" * 28, "", " ", "é",
    True, False, None, 0, 1, 50, 10**30, -1, 1.5, {"amount": 1, "currency": "USD"}, {"type": "t", "id": "i"}, {"a": "b"}, [],
]  # fmt: skip
TEXT = st.text(max_size=30) | st.text(string.printable, max_size=30)
SCALARS = st.sampled_from(VALUES) | TEXT | st.integers() | st.floats() | st.booleans() | st.none()
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS) | TEXT, inner, max_size=4)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6) | JSON
AMOUNTS = st.decimals(0, 20, places=3).map(str) | st.sampled_from(["1", "2.5", "0.000001", "10", "0.0000001"])
RIGHT = st.fixed_dictionaries(
    {"amount": AMOUNTS},
    optional={
        "mode": st.sampled_from(["exact", "up_to"]),
        "kind": st.sampled_from(["paid", "promotional", "refund"]),
        "priority": st.integers(0, 100),
        "expires_in": st.sampled_from(["PT1S", "P1D", "P1M"]),
        "reason": st.text(min_size=1, max_size=20),
        "metadata": st.dictionaries(st.text(min_size=1, max_size=10), st.text(max_size=10), max_size=3),
        "cost_basis": st.just({"amount": 100, "currency": "USD"}),
    },
)
NAMES = st.sampled_from(["acme", "p", "credits", "images", "nobody", "-", "a#b", "", "x" * 129]) | TEXT
HEADERS = st.dictionaries(
    st.sampled_from(
        ["content-type", "Content-Type", "idempotency-key", "scrip-test-clock", "authorization", "webhook-id",
         "webhook-timestamp", "webhook-signature", "x"]
    ),
    TEXT | st.sampled_from(["application/json", "k1", "k2", "2030-01-01T00:00:00Z", "1795428000", "v1,AAAA"]),
    max_size=5,
)  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(["unit", "at", "status", "kind", "from", "to", "limit", "cursor", "x"]),
    TEXT | st.sampled_from(["credits", "all", "burn", "10", "0", "2020-01-01T00:00:00Z", "WzEsMl0", "WyJhIl0"]),
    max_size=4,
)
CALLERS = st.none() | st.builds(
    Key, st.sampled_from(["admin", "grant", "burn", "read", "x"]), st.sampled_from(["", "acme", "other"])
)


@st.composite
def requests(draw: st.DrawFn) -> Any:
    """An event of any route, with whatever in it; and sometimes without what the gateway always sends."""
    route = draw(st.sampled_from(ROUTES))
    method, _, path = route.key.partition(" ")
    made = event(method, path.replace("{", "").replace("}", ""), caller=draw(CALLERS))
    made["headers"] = draw(HEADERS)
    if draw(st.booleans()):
        made["headers"] |= {"content-type": "application/json", "idempotency-key": draw(st.sampled_from("abc"))}
    if made.get("pathParameters"):
        made["pathParameters"] = {name: draw(NAMES) for name in made["pathParameters"]}
    made["queryStringParameters"] = draw(QUERIES)
    kind = draw(st.sampled_from(["json", "right", "text", "none"]))
    if kind != "none":
        made["body"] = draw(
            {"json": BODIES.map(json.dumps), "right": RIGHT.map(json.dumps), "text": TEXT | st.binary().map(str)}[kind]
        )
    made["isBase64Encoded"] = draw(st.sampled_from([False, False, False, True]))
    for member in draw(st.lists(st.sampled_from(["headers", "body", "queryStringParameters", "pathParameters"]), max_size=1)):
        made[member] = None
    return made


@settings(STEADY, max_examples=50000)
@given(sent=requests())
def test_whatever_arrives_is_answered(deployment: Deployment, sent: Any) -> None:
    name = next(route.function for route in ROUTES if route.key == sent["routeKey"])
    with deployment.calls() as made:
        reply = function(name).handler(sent, None)
    assert 200 <= reply["statusCode"] < 500 or reply["statusCode"] == 503
    if reply["statusCode"] == 503:
        # Only what stands for a provider that is not there, or a clock that was sent into the future.
        assert sent["routeKey"].startswith(("POST /v1/topups", "POST /v1/accounts"))
    if reply.get("body"):
        document = json.loads(reply["body"])
        json.dumps(reply).encode()
        if reply["statusCode"] >= 400:
            assert document["status"] == reply["statusCode"]
            assert "Traceback" not in reply["body"]
    if reply["statusCode"] >= 400:
        assert [call.name for call in made if call.name == "TransactWriteItems" and "ledger" in str(call.params)] == []


@settings(STEADY, max_examples=500)
@given(steps=st.lists(st.tuples(st.sampled_from(["grants", "burns"]), RIGHT | BODIES, st.sampled_from("abcdef")), max_size=12))
def test_whatever_is_done_to_a_wallet_it_adds_up_and_every_success_is_replayed(
    deployment: Deployment, steps: list[tuple[str, Any, str]]
) -> None:
    """Laws 1 to 4 over random histories; a key answers for ever as it did the first time."""
    deployment.make_tables()
    deployment.cold()
    answered: dict[tuple[str, str, str], Any] = {}
    succeeded = 0
    for what, body, key in steps:
        answer = deployment.post("/v1/accounts/acme/" + what, body, key=key)
        assert answer.status < 500
        place = (what, json.dumps(body), key)
        if answer.status == 201:
            succeeded += not answer.replayed
            assert answered.setdefault(place, answer.body) == answer.body
            assert set(answer.balance["by_category"]) == {"paid", "free"}
    deployment.cold()
    for (what, text, key), first in answered.items():
        again = deployment.post("/v1/accounts/acme/" + what, json.loads(text), key=key)
        assert (again.status, again.replayed, again.body) == (201, True, first)
    assert deployment.balance("acme")["version"] == succeeded
    deployment.sound("acme")
