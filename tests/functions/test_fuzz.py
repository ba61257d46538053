"""Anything at all, at every door: never an exception, never a 5xx, never half of something done."""

from __future__ import annotations

import json
import string
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aws import ADMIN, Deployment, Key, event, function, routes

ROUTES = routes()
STEADY = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MEMBERS = [
    "amount", "unit", "mode", "kind", "priority", "effective_at", "expires_at", "expires_in", "cost_basis", "scope",
    "reference", "reason", "metadata", "precision", "name", "policy", "credits", "price", "bonus", "tax_point", "terms",
    "provider_refs", "account", "pack", "quantity", "provider", "return_url", "accept_terms", "currency", "type", "id",
    "minimum", "model", "size", "rounding", "tiers", "up_to", "by", "prices", "starts_at", "ends_at", "max_redemptions",
    "budget", "identities",
]  # fmt: skip
VALUES: list[Any] = [
    "1", "0.5", "0", "-1", "1e5", "credits", "acme", "p", "exact", "up_to", "paid", "promotional", "P1D",
    "P9999Y", "USD",
    "2030-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "dodo", "https://a.test/", "admin", "read", "1" * 28,
    "", " ", "é",
    True, False, None, 0, 1, 50, 10**30, -1, 1.5, {"amount": 1, "currency": "USD"}, {"type": "t", "id": "i"},
    {"a": "b"}, [], "per_unit", "table", "volume", {"model": "per_unit", "credits": "1"}, ["operation"], ["email"],
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
    TEXT
    | st.sampled_from(["credits", "all", "burn", "10", "0", "2020-01-01T00:00:00Z", "WzEsMl0", "WyJhIl0"]),
    max_size=4,
)
CALLERS = st.sampled_from(
    [
        ADMIN,
        ADMIN,
        ADMIN,
        ADMIN,
        Key("grant"),
        Key("burn"),
        Key("read", "acme"),
        Key("read", "other"),
        Key("x"),
        None,
    ]
)

STEPS = st.tuples(st.sampled_from(["grants", "burns"]), RIGHT | BODIES, st.sampled_from("abcdef"))


@st.composite
def requests(draw: st.DrawFn) -> Any:
    """An event of any route, with whatever in it; and sometimes without what the gateway always sends."""
    route = draw(st.sampled_from(ROUTES))
    method, _, path = route.key.partition(" ")
    made = event(method, path.replace("{", "").replace("}", ""), caller=draw(CALLERS))
    wrong = draw(st.sampled_from(["everything", "body", "headers", "path", "query"]))
    made["headers"] = {"content-type": "application/json", "idempotency-key": draw(st.sampled_from("abcdef"))}
    if wrong in ("everything", "headers"):
        made["headers"] |= draw(HEADERS)
    if made.get("pathParameters"):
        names = NAMES if wrong in ("everything", "path") else st.just("acme")
        made["pathParameters"] = {name: draw(names) for name in made["pathParameters"]}
    made["queryStringParameters"] = draw(QUERIES) if wrong in ("everything", "query") else {}
    kind = (
        draw(st.sampled_from(["json", "right", "text", "none"]))
        if wrong in ("everything", "body")
        else "right"
    )
    if kind != "none":
        made["body"] = draw(
            {
                "json": BODIES.map(json.dumps),
                "right": RIGHT.map(json.dumps),
                "text": TEXT | st.binary().map(str),
            }[kind]
        )
    if wrong not in ("everything", "headers"):
        return made
    made["isBase64Encoded"] = draw(st.booleans())
    missing = draw(
        st.sampled_from(["", "", "", "headers", "body", "queryStringParameters", "pathParameters"])
    )
    if missing:
        made[missing] = None
    return made


def ahead(deployment: Deployment, sent: Any) -> bool:
    """Whether the request's wallet was sent into the future."""
    account = (sent["pathParameters"] or {}).get("account", "")
    return any(
        int(item.get("at", {"N": "0"})["N"]) > 1_890_000_000_000 for item in deployment.wallet(account)
    )


@settings(STEADY, max_examples=400)
@given(sent=requests())
def test_whatever_arrives_is_answered(deployment: Deployment, sent: Any) -> None:
    name = next(route.function for route in ROUTES if route.key == sent["routeKey"])
    with deployment.calls() as made:
        reply = function(name).handler(sent, None)
    clocked = "scrip-test-clock" in (sent["headers"] or {})
    # The one 503 that a caller can bring about: after the test clock sent a wallet into the future.
    assert 200 <= reply["statusCode"] < 500 or (reply["statusCode"] == 503 and ahead(deployment, sent)), reply
    assert not (clocked and reply["statusCode"] == 503)
    if reply.get("body"):
        document = json.loads(reply["body"])
        json.dumps(reply).encode()
        if reply["statusCode"] >= 400:
            assert document["status"] == reply["statusCode"]
            assert "Traceback" not in reply["body"]
    # That a key was used already is told by the commit that fails for it.
    if reply["statusCode"] >= 400 and document["code"] != "idempotency_key_reused":
        assert [
            call.name for call in made if call.name == "TransactWriteItems" and "ledger" in str(call.params)
        ] == []


@settings(STEADY, max_examples=40)
@given(steps=st.lists(STEPS, max_size=12))
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
