"""Anything at all, at every door: never an exception, never a 5xx, never half of something done."""

from __future__ import annotations

import json
import string
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrip.domain.credits.ids import hold_id, key_entry_id, lot_id
from scrip.http.edge.parameters import format_instant
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
    "final", "over_capture", "meter", "dimensions", "burns", "key", "to_account", "source", "value", "paid", "code",
    "identities", "email", "device", "direction", "incident", "accounts", "every", "anchor", "time_zone", "expires",
    "rollover", "fraction", "max_times", "starts_at", "ends_at", "paused", "stacking", "promotional_share_max",
    "transferable", "low_balance",
]  # fmt: skip
VALUES: list[Any] = [
    "1", "0.5", "0", "-1", "1e5", "credits", "acme", "p", "exact", "up_to", "paid", "promotional", "P1D",
    "P9999Y", "USD",
    "2030-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "dodo", "https://a.test/", "admin", "read", "1" * 28,
    "", " ", "é",
    True, False, None, 0, 1, 50, 10**30, -1, 1.5, {"amount": 1, "currency": "USD"}, {"type": "t", "id": "i"},
    {"a": "b"}, [], "per_unit", "table", "volume", {"model": "per_unit", "credits": "1"}, ["operation"], ["email"],
    {"a": "b"}, [], "PT1H", "P1M", "refuse", "burn_extra", "gpu", ["gpu"], "credit", "debit", "period_end", "never",
    "Europe/Berlin", "0.5", "invoice", "jo@example.test", ["100"], "paid_first",
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
MONEY = st.builds(lambda amount: {"amount": amount, "currency": "USD"}, st.integers(1, 1000))
PART = st.fixed_dictionaries({}, optional={"amount": AMOUNTS, "reason": st.just("r")})
NOTHING = st.fixed_dictionaries({}, optional={"reason": st.just("r")})
LENGTHS = st.sampled_from(["PT1S", "PT15M", "PT1H", "P7D"])
BURN = st.fixed_dictionaries(
    {"amount": AMOUNTS}, optional={"mode": st.sampled_from(["exact", "up_to"]), "reason": st.just("r")}
)
KEYED = st.builds(lambda burn, key: {**burn, "key": key}, BURN, st.sampled_from("abcdef"))
# Bodies that are right, by what follows the account in the path.
RIGHT_BODIES: dict[str, st.SearchStrategy[Any]] = {
    "grants": RIGHT,
    "burns": BURN,
    "quotes": BURN,
    "burns/batch": st.builds(lambda burns: {"burns": burns}, st.lists(KEYED, min_size=1, max_size=4)),
    "holds": st.fixed_dictionaries(
        {"amount": AMOUNTS},
        optional={
            "expires_in": LENGTHS,
            "over_capture": st.sampled_from(["refuse", "burn_extra"]),
            "meter": st.just("gpu"),
        },
    ),
    "capture": st.fixed_dictionaries({}, optional={"amount": AMOUNTS, "final": st.booleans()}),
    "release": NOTHING,
    "extend": st.fixed_dictionaries({}, optional={"expires_in": LENGTHS}),
    "void": PART,
    "reversal": PART,
    "transfers": st.fixed_dictionaries({"to_account": st.sampled_from(["other", "acme"]), "amount": AMOUNTS}),
    "refunds": st.builds(
        lambda money, number: {"source": {"type": "invoice", "id": number}, "value": money, "paid": money},
        MONEY,
        st.sampled_from("ab"),
    ),
    "redemptions": st.just({"code": "WELCOME"}),
    "adjustments": st.fixed_dictionaries(
        {"amount": AMOUNTS, "direction": st.sampled_from(["credit", "debit"]), "reason": st.just("r")}
    ),
    "freeze": NOTHING,
    "unfreeze": NOTHING,
    "close": NOTHING,
    "compensations": st.just({"incident": "i", "amount": "1", "accounts": [{"account": "acme"}]}),
    "{allowance_id}": st.fixed_dictionaries(
        {"amount": AMOUNTS, "every": st.sampled_from(["P1D", "P1M", "PT1H"])},
        optional={"rollover": st.just({"max": "5"}), "paused": st.booleans()},
    ),
}
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

RIGHT_NAMES: dict[str, st.SearchStrategy[str]] = {
    "hold_id": st.integers(1, 9).map(lambda seq: hold_id("acme", "credits", seq)),
    "lot_id": st.integers(1, 9).map(lambda seq: lot_id("acme", "credits", seq)),
    "entry_id": st.sampled_from("abcdef").map(lambda key: key_entry_id("acme", "credits", key)),
}
DOORS = [
    "grants", "grants", "burns", "burns/batch", "quotes", "holds", "holds", "holds/{hold_id}/capture",
    "holds/{hold_id}/capture", "holds/{hold_id}/release", "holds/{hold_id}/extend", "lots/{lot_id}/void",
    "burns/{entry_id}/reversal", "refunds", "adjustments", "freeze", "unfreeze", "unfreeze", "close",
]  # fmt: skip
WAITS = st.sampled_from([0, 0, 0, 1, 1_000, 60_000, 3_600_000, 86_400_000])
START = 1_893_456_000_000
"""New Year 2030."""


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, Any, str, int]:
    """What is done to a wallet: where, with what, under which key, how long after the step before."""
    path = draw(st.sampled_from(DOORS))
    body = draw(RIGHT_BODIES.get(path.rpartition("/")[2], RIGHT_BODIES.get(path, RIGHT)))
    if draw(st.integers(0, 9)) == 0:
        body = draw(BODIES)
    for name, names in RIGHT_NAMES.items():
        path = path.replace(f"{{{name}}}", draw(names))
    return path, body, draw(st.sampled_from("abcdefghijkl")), draw(WAITS)


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
        named = {"account": st.just("acme"), **RIGHT_NAMES}
        made["pathParameters"] = {
            name: draw(NAMES if wrong in ("everything", "path") else named.get(name, st.just("acme")))
            for name in made["pathParameters"]
        }
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
                "right": RIGHT_BODIES.get(path.rpartition("/")[2], RIGHT).map(json.dumps),
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


def movements(deployment: Deployment) -> int:
    """How many entries there are: nothing in a wallet changes without one."""
    counted: int = deployment.dynamodb.scan(TableName="ledger", Select="COUNT")["Count"]
    return counted


@settings(STEADY, max_examples=150)
@given(sent=requests())
def test_whatever_arrives_is_answered(deployment: Deployment, sent: Any) -> None:
    name = next(route.function for route in ROUTES if route.key == sent["routeKey"])
    before = movements(deployment)
    reply = function(name).handler(sent, None)
    assert 200 <= reply["statusCode"] < 500, reply
    if reply.get("body"):
        document = json.loads(reply["body"])
        json.dumps(reply).encode()
        if reply["statusCode"] >= 400:
            assert document["status"] == reply["statusCode"]
            assert "Traceback" not in reply["body"]
    if reply["statusCode"] >= 400:
        assert movements(deployment) == before


@settings(STEADY, max_examples=60)
@given(steps=st.lists(steps(), max_size=16))
def test_whatever_is_done_to_a_wallet_it_adds_up_and_every_success_is_replayed(
    deployment: Deployment, steps: list[tuple[str, Any, str, int]]
) -> None:
    """Laws 1 to 6 over random histories in which time goes by; a key answers for ever as it did the first time."""
    deployment.make_tables()
    deployment.cold()
    answered: dict[tuple[str, str, str], Any] = {}
    keyed: set[str] = set()
    now = START
    for what, body, key, wait in steps:
        now += wait
        answer = deployment.post(f"/v1/accounts/acme/{what}", body, key=key, clock=format_instant(now))
        assert answer.status < 500
        if answer.status == 200 and what == "burns/batch":
            keyed |= {item["entry"]["entry_id"] for item in answer.body["items"] if "entry" in item}
        if answer.status == 201:
            keyed.add(answer.body["entry"]["entry_id"])
            place = (what, json.dumps(body), key)
            assert answered.setdefault(place, answer.body) == answer.body
            assert set(answer.balance["by_category"]) == {"paid", "free"}
    deployment.cold()
    for (what, text, key), first in answered.items():
        path, clock = f"/v1/accounts/acme/{what}", format_instant(now)
        again = deployment.post(path, json.loads(text), key=key, clock=clock)
        assert (again.status, again.replayed, again.body) == (201, True, first)
    asked_for = {item["sk"]["S"] for item in deployment.wallet("acme") if item["sk"]["S"].startswith("k.")}
    assert asked_for == keyed, "each key is one entry, and each entry that was asked for has its key"
    balance = deployment.balance("acme", clock=format_instant(now))
    parts = {
        name: Decimal(balance[name]) for name in ("available", "held", "frozen", "pending", "owed", "total")
    }
    assert (
        parts["total"]
        == parts["available"] + parts["held"] + parts["frozen"] + parts["pending"] - parts["owed"]
    )
    assert all(amount >= 0 for name, amount in parts.items() if name != "total")
    deployment.sweep(format_instant(now))
    swept = deployment.balance("acme", clock=format_instant(now))
    assert {**swept, "version": 0} == {**balance, "version": 0}, "the sweep books what reads have shown"
    deployment.sound("acme")
