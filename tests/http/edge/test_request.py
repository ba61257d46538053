"""What a request is read from: its body as bytes, its content type, the test clock, an id in its path. What is wrong is
refused with the documented status, and changes nothing."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from openapi.document import PAGES
from openapi.routes import OPERATIONS
from scrip import runtime
from scrip.domain.credits import ids
from scrip.http.edge.parameters import EXAMPLES
from tests.aws import (
    NEW_YEAR,
    NEXT_DAY,
    Answer,
    Deployment,
    Json,
    Key,
    event,
    function,
    hold_of,
    lot_of,
    routes,
)
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")


# Bodies as bytes

LARGEST = 256 * 1024
MONEY = {"amount": 100, "currency": "USD"}


def body_of(size: int) -> str:
    """A JSON body of exactly so many bytes, otherwise right."""
    frame = '{"amount":"1"}'
    return frame[:-1] + " " * (size - len(frame)) + "}"


NO_JSON: list[tuple[str, str | bytes]] = [
    ("nothing", ""),
    ("white space", "  \n\t"),
    ("half an object", '{"amount":'),
    ("an object without an end", '{"amount":"1"'),
    ("two objects", '{"amount":"1"}{"amount":"1"}'),
    ("something after it", '{"amount":"1"} x'),
    ("a comma too many", '{"amount":"1",}'),
    ("single quotes", "{'amount':'1'}"),
    ("no quotes", "{amount:1}"),
    ("a comment", '{"amount":"1"} // one'),
    ("NaN", '{"amount":NaN}'),
    ("infinity", '{"amount":Infinity}'),
    ("undefined", "undefined"),
    ("a byte order mark", "\ufeff" + '{"amount":"1"}'),
    ("a control character in a text", '{"amount":"1","reason":"a\nb"}'),
    ("half a surrogate, escaped", '{"amount":"1","reason":"\\ud800"}'),
    ("the other half, escaped", '{"amount":"1","reason":"\\udc00x"}'),
    ("half a surrogate in a name", '{"amount":"1","\\ud800":"1"}'),
    ("half a surrogate in metadata", '{"amount":"1","metadata":{"\\udfff":"1"}}'),
    ("half a surrogate, as it is", '{"amount":"1","reason":"\ud800"}'),
    ("a wrong escape", '{"amount":"\\x31"}'),
    ("deep nesting", '{"amount":' + "[" * 50_000),
    ("deep nesting, closed", '{"metadata":' + '{"a":' * 20_000 + "1" + "}" * 20_000 + ',"amount":"1"}'),
    ("invalid UTF-8", b'{"amount":"1","reason":"\xff"}'),
    ("overlong UTF-8", b'{"amount":"1","reason":"\xc0\x80"}'),
    ("latin-1", '{"amount":"1","reason":"ä"}'.encode("latin-1")),
    ("UTF-16", '{"amount":"1"}'.encode("utf-16")),
    ("UTF-32", '{"amount":"1"}'.encode("utf-32-le")),
    ("a zip", b"\x1f\x8b\x08\x00\x00"),
    ("zeros", b"\x00" * 100),
    ("a list", "[]"),
    ("a list of bodies", '[{"amount":"1"}]'),
    ("a text", '"amount"'),
    ("a number", "1"),
    ("a huge number", "1" * 5000),
    ("null", "null"),
    ("true", "true"),
]


WAYS = [
    "POST burns",
    "POST grants",
    "PUT unit",
    "PUT rate",
    "PUT promotion",
    "POST topups",
    "POST keys",
    *(
        "POST burns/batch",
        "POST quotes",
        "POST holds",
        "POST holds/hold_2/capture",
        "POST holds/hold_2/release",
    ),
    "POST lots/lot_1/void",
]


NO_BODY_NEEDED = ("POST holds/hold_2/capture", "POST holds/hold_2/release", "POST lots/lot_1/void")


REFUSED = [
    pytest.param(way, raw, id=f"{way}-{name}")
    for way in WAYS
    for name, raw in NO_JSON
    if raw or way not in NO_BODY_NEEDED
]


@pytest.mark.parametrize(("way", "raw"), REFUSED)
def test_a_body_is_refused_that_is(scrip: Deployment, way: str, raw: str | bytes) -> None:
    method, _what, what = way.partition(" ")
    named = {
        "unit": "/v1/units/images",
        "rate": "/v1/rates/images",
        "promotion": "/v1/promotions/WELCOME",
        "topups": "/v1/topups",
        "keys": "/v1/keys",
    }
    path = named.get(what, f"/v1/accounts/acme/{what}")
    with scrip.unwritten():
        if isinstance(raw, str):
            answer = scrip.send(method, path, raw=raw, key="k")
            refused(answer, 400, "invalid_request")
            raw = raw.encode("utf-8", "surrogatepass")
        text = base64.b64encode(raw).decode()
        answer = scrip.send(method, path, raw=text, base64_encoded=True, key="k")
        refused(answer, 400, "invalid_request")


def test_no_body_at_all_is_one_of_no_type(scrip: Deployment) -> None:
    refused(scrip.send("POST", "/v1/accounts/acme/burns", key="k"), 415, "unsupported_media_type")
    headers = {"content-type": "application/json"}
    invalid(scrip.send("POST", "/v1/accounts/acme/burns", key="k", headers=headers), "body")


REPLACED = '{"amount":"1","reason":"caf\ufffd"}'
"""What the gateway passes on of a body whose é was one byte of latin-1: that byte is U+FFFD, which has three."""


@pytest.mark.parametrize("length", ["30", None, "", "x"], ids=repr)
def test_a_byte_that_is_not_utf_8_is_not_kept_as_something_else(
    scrip: Deployment, account: str, length: str | None
) -> None:
    """The gateway puts U+FFFD in its place; the length that was sent tells it from one that is meant."""
    headers = {} if length is None else {"content-length": length}
    path = f"/v1/accounts/{account}/grants"
    with scrip.unwritten():
        invalid(scrip.send("POST", path, raw=REPLACED, key="k", headers=headers), "body")


def test_a_replacement_character_that_is_meant_is_kept(scrip: Deployment, account: str) -> None:
    path, size = f"/v1/accounts/{account}/grants", str(len(REPLACED.encode()))
    meant = scrip.send("POST", path, raw=REPLACED, key="k", headers={"content-length": size})
    escaped = scrip.send("POST", path, raw=REPLACED.replace("\ufffd", "\\ufffd"), key="l")
    binary = base64.b64encode(REPLACED.encode()).decode()
    encoded_ = scrip.send("POST", path, raw=binary, base64_encoded=True, key="m")
    for answer in (meant, escaped, encoded_):
        assert answer.body["entry"]["reason"] == "caf\ufffd"


# What every route refuses

EVERY = [route.key for route in routes() if route.key not in PAGES]
BODILESS = [key for key in EVERY if key.startswith(("GET ", "DELETE "))]


def ask(scrip: Deployment, route: str, query: str = "", body: str | None = None) -> Answer:
    """Sends what is otherwise the route's own example, with this query."""
    method, _, path = route.partition(" ")
    example = next(one.example for one in OPERATIONS if one.route == route)
    raw = json.dumps(example) if example and body is None else body
    sent = event(method, re.sub(r"\{\w+\}", "x", path), raw=raw, headers={"idempotency-key": "k"})
    sent["rawQueryString"] = query
    sent["queryStringParameters"] = dict.fromkeys(re.findall(r"(\w+)=?[^&]*", query), ",")
    return scrip.invoke(sent)


@pytest.mark.parametrize("route", EVERY)
def test_a_query_parameter_that_a_route_has_not_is_refused_by_its_name(scrip: Deployment, route: str) -> None:
    """Whoever sends ``?unit=images`` to a burn means another wallet than the one that it would take from."""
    declared = next(function(one.function).ROUTES[route].query for one in routes() if one.key == route)
    with scrip.unwritten():
        invalid(ask(scrip, route, "x=1"), "x")
        invalid(ask(scrip, route, "x"), "x")
        invalid(ask(scrip, route, "x="), "x")
        invalid(ask(scrip, route, "x=1&x=2"), "x")
        invalid(ask(scrip, route, "y=1&dry_run=true"), "dry_run", "y")
        invalid(ask(scrip, route, "=1"), "query")
        invalid(ask(scrip, route, "%78=1"), "x")
        if "unit" not in declared:
            invalid(ask(scrip, route, "unit=images"), "unit")
        if "account" not in declared:
            invalid(ask(scrip, route, "account=a"), "account")
        for name in declared:
            name = f"{name}name" if name.endswith(".") else name
            invalid(ask(scrip, route, f"{name}=credits&{name}=credits"), name)
            beside = {
                "GET /v1/payments": "status=parked&",
                "GET /v1/reports/reconciliation": "provider=dodo&",
            }
            others = "" if name in ("status", "provider") else beside.get(route, "")
            invalid(ask(scrip, route, f"{others}{name}="), name)


@pytest.mark.parametrize("route", EVERY)
def test_a_route_has_the_query_parameters_that_are_declared(route: str) -> None:
    declared = next(one.query for one in OPERATIONS if one.route == route)
    answered = next(function(one.function).ROUTES[route].query for one in routes() if one.key == route)
    # What stands before a point tells apart parameters that are called alike; one that ends with it is a family.
    assert answered == tuple(name if name.endswith(".") else name.rpartition(".")[2] for name in declared)


@pytest.mark.parametrize("route", BODILESS)
def test_a_body_where_there_is_none_is_refused(scrip: Deployment, route: str) -> None:
    with scrip.unwritten():
        for body in ("{}", '{"unit": "images"}', "x"):
            invalid(ask(scrip, route, body=body), "body")


@pytest.mark.parametrize("route", EVERY)
def test_a_test_clock_that_is_none_is_refused_also_where_nothing_is_decided_by_it(
    scrip: Deployment, route: str
) -> None:
    method, _, path = route.partition(" ")
    answer = scrip.send(method, re.sub(r"\{\w+\}", "x", path), headers={"scrip-test-clock": "soon"})
    invalid(answer, "Scrip-Test-Clock")


def test_a_header_that_is_not_known_does_no_harm(scrip: Deployment, account: str) -> None:
    headers = {"x-forwarded-for": "192.0.2.1", "x": "1", "traceparent": "00-0-0-00"}
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1"}, key="k", headers=headers)
    assert answer.status == 201


def test_every_answer_has_the_requests_id(scrip: Deployment, account: str) -> None:
    """The one that the function's own line of the log has."""
    path = f"/v1/accounts/{account}"
    deleted = scrip.post("/v1/keys", {"scope": "read"}).body["key_id"]
    for answer in (
        scrip.post(f"{path}/grants", {"amount": "1"}, key="k"),
        scrip.get(f"{path}/balance"),
        scrip.get(f"{path}/balance", caller=None),
        scrip.burn(account, "9"),
        scrip.send("DELETE", f"/v1/keys/{deleted}"),
        scrip.webhook("{}", headers={"webhook-signature": "v1,x"}),
    ):
        assert answer.headers["request-id"] == "r1"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])
def test_what_no_route_takes_is_not_found(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The default route has no authorizer, so whoever asks is answered: 404, whatever query or body there is."""
    sent = event("GET", "/v1/accounts/acme/balance", query={"x": "1"}, caller=None)
    sent |= {"routeKey": "$default", "rawPath": "/v1/nowhere", "pathParameters": None, "body": "{"}
    sent["requestContext"]["http"]["method"] = method
    sent["headers"]["scrip-test-clock"] = "soon"
    reply = function("public").handler(sent, None)
    document = json.loads(reply["body"])
    assert (reply["statusCode"], document["status"], document["code"]) == (404, 404, "not_found")
    assert reply["headers"] == {"content-type": "application/problem+json", "request-id": "r1"}
    assert '"$default"' in capsys.readouterr().out


@pytest.mark.parametrize("encoded_", [False, True], ids=["plain", "base64"])
def test_a_body_may_have_256_kib_and_not_a_byte_more(scrip: Deployment, account: str, encoded_: bool) -> None:
    path = f"/v1/accounts/{account}/grants"
    for size, status in ((LARGEST, 201), (LARGEST + 1, 413), (LARGEST * 4, 413), (9 * 1024 * 1024, 413)):
        raw = body_of(size)
        text = base64.b64encode(raw.encode()).decode() if encoded_ else raw
        answer = scrip.send("POST", path, raw=text, base64_encoded=encoded_, key=f"k{size}")
        assert answer.status == status
        if status == 413:
            refused(answer, 413, "body_too_large", limit=LARGEST)
            assert len(answer.text) < 1000
    assert scrip.balance(account)["total"] == "1"


def test_a_body_is_measured_in_bytes_not_in_characters(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/grants"
    raw = json.dumps({"amount": "1", "reason": "ä" * (LARGEST // 2)}, ensure_ascii=False)
    assert len(raw) < LARGEST
    refused(scrip.send("POST", path, raw=raw, key="k"), 413, "body_too_large")


def test_metadata_of_a_megabyte_is_too_large(scrip: Deployment, account: str) -> None:
    body = {"amount": "1", "metadata": {"a": "x" * 1024 * 1024}}
    answer = scrip.post(f"/v1/accounts/{account}/grants", body, key="k")
    refused(answer, 413, "body_too_large")
    assert len(answer.text) < 1000
    assert scrip.wallet(account) == []


@pytest.mark.parametrize(
    "text", ["!!!!", "AAA", "A", "====", "AAAA=AAA", "AA AA", "{}", "ä", "\ud800", "AAA\n", "-_-_"], ids=ascii
)
def test_a_body_that_is_not_the_base64_it_says_is_refused(scrip: Deployment, text: str) -> None:
    answer = scrip.send("POST", "/v1/accounts/acme/burns", raw=text, base64_encoded=True, key="k")
    invalid(answer, "body")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-patch+json",
        "application/problem+json",
        "*/*",
        "json",
        "application/json, text/plain",
        "ä",
        "\x00",
    ],
)
@pytest.mark.parametrize(
    "what", ["grants", "burns", "burns/batch", "quotes", "holds", "holds/hold_2/capture"]
)
def test_a_body_of_another_type_is_refused(scrip: Deployment, what: str, content_type: str | None) -> None:
    path = f"/v1/accounts/acme/{what}"
    with scrip.unwritten():
        answer = scrip.send("POST", path, raw='{"amount":"1"}', content_type=content_type, key="k")
    refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;",
        " application/json ",
    ],
)
def test_json_is_taken_however_it_is_written(scrip: Deployment, account: str, content_type: str) -> None:
    path = f"/v1/accounts/{account}/grants"
    answer = scrip.send("POST", path, raw='{"amount":"1"}', content_type=content_type, key="k")
    assert answer.status == 201


# The test clock


@pytest.mark.parametrize("scope", ["read", "burn", "grant"])
def test_the_test_clock_is_for_admin_keys(scrip: Deployment, account: str, scope: str) -> None:
    """Whatever else is wrong: this comes first."""
    key, path = Key(scope), f"/v1/accounts/{account}"
    for what in ("balance", "lots", "entries", "entries/s.1"):
        refused(scrip.get(f"{path}/{what}", caller=key, clock=NEW_YEAR), 403, "forbidden")
    for clock in (NEW_YEAR, "soon", ""):
        if scope != "read":
            answer = scrip.post(f"{path}/burns", {"amount": "-1"}, caller=key, clock=clock)
            refused(answer, 403, "forbidden")
        if scope == "grant":
            answer = scrip.post(f"{path}/grants", {"amount": "1"}, key="k", caller=key, clock=clock)
            refused(answer, 403, "forbidden")
    assert scrip.wallet(account) == []


@pytest.mark.parametrize(
    "clock",
    ["", "soon", "2030-01-01", "2030-01-01T00:00:00+25:00", "2030-13-01T00:00:00Z", "1893456000", "\ud800"],
)
def test_the_test_clock_is_an_instant(scrip: Deployment, account: str, clock: str) -> None:
    path = f"/v1/accounts/{account}"
    invalid(scrip.post(f"{path}/grants", {"amount": "1"}, key="k", clock=clock), "Scrip-Test-Clock")
    invalid(scrip.post(f"{path}/burns", {"amount": "1"}, key="k", clock=clock), "Scrip-Test-Clock")
    invalid(scrip.get(f"{path}/balance", clock=clock), "Scrip-Test-Clock")
    invalid(scrip.get(f"{path}/lots", clock=clock), "Scrip-Test-Clock")


@pytest.mark.parametrize("value", ["disabled", "", "Enabled", "true"])
def test_the_test_clock_is_refused_where_it_is_disabled(
    scrip: Deployment, account: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIP_TEST_CLOCK", value)
    scrip.cold()
    path = f"/v1/accounts/{account}"
    invalid(scrip.post(f"{path}/grants", {"amount": "1"}, key="k", clock=NEW_YEAR), "Scrip-Test-Clock")
    invalid(scrip.get(f"{path}/balance", clock=NEW_YEAR), "Scrip-Test-Clock")
    assert scrip.wallet(account) == []


def test_a_wallets_time_does_not_run_backwards(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEXT_DAY)
    before = scrip.wallet(account)
    path = f"/v1/accounts/{account}"
    for clock in (NEW_YEAR, "2030-01-01T23:59:59.999Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        for answer in (
            scrip.burn(account, "1", "b", clock=clock),
            scrip.post(f"{path}/grants", {"amount": "1"}, key="g", clock=clock),
            scrip.get(f"{path}/balance", clock=clock),
            scrip.get(f"{path}/lots", clock=clock),
        ):
            refused(answer, 422, "clock_backwards", last_entry_at=NEXT_DAY)
    assert scrip.wallet(account) == before
    assert scrip.burn(account, "1", clock=NEXT_DAY).status == 201
    assert scrip.burn(account, "1", clock="9999-12-31T23:59:59.999Z").status == 201


AHEAD: list[tuple[str, dict[str, Any]]] = [
    ("grants", {"amount": "1"}),
    ("burns", {"amount": "1"}),
    ("holds", {"amount": "1"}),
    ("lots/lot_1/void", {"amount": "1"}),
    ("refunds", {"source": {"type": "invoice", "id": "1"}, "value": MONEY, "paid": MONEY}),
    ("adjustments", {"direction": "debit", "amount": "1", "reason": "r"}),
    ("freeze", {}),
]


@pytest.mark.parametrize("enabled", [True, False], ids=["with a test clock", "without"])
@pytest.mark.parametrize(("what", "body"), AHEAD, ids=lambda value: str(value)[:20])
def test_a_wallet_that_is_ahead_of_the_clock_goes_on_at_its_own_time(
    scrip: Deployment,
    account: str,
    what: str,
    body: dict[str, Any],
    enabled: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An entry's instant is never before its wallet's last one: clamped up, never refused. More than five seconds is a
    broken clock somewhere, and an alarm, where no test clock can have done it."""
    lot_id = scrip.grant(account, "10", clock=NEXT_DAY).body["lot"]["lot_id"]
    what = what.replace("lot_1", lot_id)
    if not enabled:
        monkeypatch.setenv("SCRIP_TEST_CLOCK", "disabled")
        scrip.cold()
    capsys.readouterr()
    answer = scrip.post(f"/v1/accounts/{account}/{what}", body, key="k")
    assert (answer.status, answer.body["entry"]["at"]) == (201, NEXT_DAY)
    assert ("ClockSkew" in capsys.readouterr().out) is not enabled
    again = scrip.post(f"/v1/accounts/{account}/{what}", body, key="k")
    assert (again.replayed, again.body) == (True, answer.body)
    assert scrip.balance(account)["as_of"] == NEXT_DAY
    scrip.sound(account)


def test_what_a_wallet_ahead_of_the_clock_refuses_is_what_any_wallet_refuses(
    scrip: Deployment, account: str
) -> None:
    """Law 5: the lot had expired at the wallet's own time, so that no clock behind it brings the lot back."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.grant(account, "1", clock=NEXT_DAY)
    refused(
        scrip.burn(account, "2"), 402, "insufficient_credits", required="2", available="1", unit="credits"
    )
    batch = {"burns": [{"key": "a", "amount": "1"}, {"key": "b", "amount": "1"}]}
    items = scrip.post(f"/v1/accounts/{account}/burns/batch", batch).body["items"]
    assert [item["status"] for item in items] == [201, 402]


# Ids in paths (law 3): an id names one thing, and the unit follows from it


def two_units(scrip: Deployment, account: str) -> tuple[Json, Json]:
    """7 images and 100 credits of one account, 2 images and 40 credits burned under one key, 1 of each held.

    Returns the two entries of the burns, the images' first.
    """
    assert scrip.put("/v1/units/images", {"precision": 0}).status in (200, 201)
    made = []
    for unit, granted, burned in (("images", "7", "2"), ("credits", "100", "40")):
        scrip.grant(account, granted, "g", unit=unit)
        made.append(scrip.burn(account, burned, "b", unit=unit).body["entry"])
        assert scrip.move(account, "holds", "h", amount="1", unit=unit).status == 201
    return made[0], made[1]


def totals(scrip: Deployment, account: str) -> tuple[str, str]:
    """Images and credits."""
    images, credits = (
        scrip.balance(account, query={"unit": unit})["total"] for unit in ("images", "credits")
    )
    return images, credits


def test_a_reversal_undoes_the_burn_that_its_path_names(scrip: Deployment, account: str) -> None:
    """Both units have an entry of the same key: 5 + 2 = 7 images, and the 60 credits stay."""
    images, credits = two_units(scrip, account)
    assert images["entry_id"] != credits["entry_id"]
    answer = scrip.move(account, f"burns/{images['entry_id']}/reversal")
    assert (answer.status, answer.body["entry"]["amount"], answer.balance["unit"]) == (201, "2", "images")
    assert totals(scrip, account) == ("7", "60")


def test_a_void_takes_the_lot_that_its_path_names(scrip: Deployment, account: str) -> None:
    """4 images are left that nothing holds; the 60 credits stay."""
    two_units(scrip, account)
    lot = scrip.lots(account, unit="images")[0]["lot_id"]
    answer = scrip.move(account, f"lots/{lot}/void")
    assert (answer.status, answer.body["entry"]["amount"], answer.body["lot"]["lot_id"]) == (201, "-4", lot)
    assert totals(scrip, account) == ("1", "60")


@pytest.mark.parametrize(("what", "images"), [("capture", "4"), ("release", "5"), ("extend", "5")])
def test_a_hold_is_the_one_that_the_path_names(
    scrip: Deployment, account: str, what: str, images: str
) -> None:
    two_units(scrip, account)
    hold = hold_of(account, 3, "images")
    answer = scrip.move(account, f"holds/{hold}/{what}")
    assert (answer.status, answer.balance["unit"], answer.body["hold"]["hold_id"]) == (201, "images", hold)
    assert totals(scrip, account) == (images, "60")
    assert scrip.get(f"/v1/accounts/{account}/holds/{hold}").body["amount"] == "1"


def test_an_entry_is_the_one_that_the_path_names(scrip: Deployment, account: str) -> None:
    for entry in two_units(scrip, account):
        path = f"/v1/accounts/{account}/entries/{entry['entry_id']}"
        assert scrip.get(path).body == entry
        assert scrip.get(path, query={"unit": "colours"}).status == 404


def test_the_same_key_of_two_customers_makes_two_ids(scrip: Deployment, account: str) -> None:
    """So whoever reads entries of all wallets can tell them apart by their ids."""
    found = set()
    for owner in (account, f"{account}-b"):
        scrip.grant(owner, "10", "g", clock=NEW_YEAR, expires_at=NEXT_DAY)
        assert scrip.burn(owner, "1", "b", clock=NEW_YEAR).status == 201
        scrip.grant(owner, "5", "late", clock="2030-01-03T00:00:00Z")
        found |= {entry["entry_id"] for entry in scrip.entries(owner)}
    incident = {
        "incident": f"i-{account}",
        "amount": "1",
        "accounts": [{"account": account}, {"account": f"{account}-b"}],
    }
    answer = scrip.post("/v1/compensations", incident, clock="2030-01-03T00:00:00Z")
    found |= {item["entry"]["entry_id"] for item in answer.body["items"]}
    assert len(found) == 10, "grant, burn, expiry, grant, compensation; twice"


DOORS_OF_IDS: list[tuple[str, str, Json]] = [
    ("POST", "holds/{hold}/capture", {}),
    ("POST", "holds/{hold}/release", {}),
    ("POST", "holds/{hold}/extend", {}),
    ("POST", "lots/{lot}/void", {}),
    ("POST", "burns/{entry}/reversal", {}),
    ("GET", "holds/{hold}", {}),
    ("GET", "entries/{entry}", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), DOORS_OF_IDS, ids=[row[1] for row in DOORS_OF_IDS])
def test_an_id_of_another_account_or_unit_is_not_found(
    scrip: Deployment, account: str, method: str, path: str, body: Json
) -> None:
    entry = two_units(scrip, account)[0]["entry_id"]
    two_units(scrip, f"{account}-b")
    named = {"hold": hold_of(account, 3, "images"), "lot": lot_of(account, 1, "images"), "entry": entry}
    (name,) = (name for name in named if f"{{{name}}}" in path)
    with scrip.unwritten():
        for owner, said in (
            (f"{account}-b", {}),
            (f"{account}-b", {"unit": "images"}),
            (account, {"unit": "credits"}),
            (account, {"unit": "nowhere"}),
            ("nobody", {}),
        ):
            sent: dict[str, Any] = (
                {"query": said} if method == "GET" else {"body": {**body, **said}, "key": "k"}
            )
            answer = scrip.send(method, f"/v1/accounts/{owner}/{path.format(**named)}", **sent)
            refused(answer, 404, "not_found", **{f"{name}_id": named[name]})
    sent = (
        {"query": {"unit": "images"}} if method == "GET" else {"body": {**body, "unit": "images"}, "key": "k"}
    )
    answer = scrip.send(method, f"/v1/accounts/{account}/{path.format(**named)}", **sent)
    assert answer.status in (200, 201), "the unit that fits may be said"


def test_a_request_is_the_same_with_and_without_its_unit(scrip: Deployment, account: str) -> None:
    """Law 3: values are compared after defaults."""
    two_units(scrip, account)
    path = f"holds/{hold_of(account, 3, 'images')}/capture"
    first, again = scrip.move(account, path, "c"), scrip.move(account, path, "c", unit="images")
    assert (first.status, again.status, again.replayed) == (201, 201, True)
    assert again.body == first.body


NO_IDS = {
    "holds/{}/capture": [
        "hold_0",
        "hold_01",
        "hold_1",
        "lot_1",
        "hold_",
        "x" * 300,
        "%00",
        "%F0%9F",
        "hold_\u0661",
    ],
    "lots/{}/void": ["lot_0", "lot_01", "lot_1", "hold_1", "1", "LOT_1"],
    "burns/{}/reversal": ["s.1", "s.0", "k.c5KlcUbeEJY2LZQqWWTe3Q", "-", "lot_1"],
}


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in NO_IDS.items() for text in texts])
def test_what_is_no_id_is_told_what_one_looks_like(
    scrip: Deployment, account: str, path: str, text: str
) -> None:
    """Ids of before, which did not carry the wallet, are none any more."""
    two_units(scrip, account)
    sent = event(
        "POST", f"/v1/accounts/{account}/{path.format('x')}", body={}, headers={"idempotency-key": "k"}
    )
    name = next(name for name in sent["pathParameters"] if name != "account")
    sent["pathParameters"][name] = text
    answer = scrip.invoke(sent)
    refused(answer, 404, "not_found")
    assert answer.body["detail"].endswith(f"such as {EXAMPLES[name.removesuffix('_id')]}")
    assert name in answer.body


def test_a_warm_capture_in_any_unit_is_one_transaction(scrip: Deployment, account: str) -> None:
    """The unit costs no call where it is known; a new environment reads the names of all units once."""
    two_units(scrip, account)
    for cold in (False, False, True):
        hold = scrip.move(account, "holds", amount="1", unit="images").body["hold"]["hold_id"]
        if cold:
            scrip.cold()
        with scrip.calls() as made:
            assert scrip.move(account, f"holds/{hold}/capture").status == 201
        reads = ["Query", "BatchGetItem", "BatchGetItem"] if cold else []
        assert [call.name for call in made] == [*reads, "TransactWriteItems"]


def test_a_unit_that_somebody_else_made_a_moment_ago_is_found(scrip: Deployment, account: str) -> None:
    scrip.put("/v1/units/before", {"precision": 0})
    refused(scrip.move(account, f"holds/{hold_of(account, 2, 'before')}/release"), 404, "not_found")
    scrip.put("/v1/units/after", {"precision": 0})
    remembered = runtime.executor()
    scrip.cold()
    scrip.grant(account, "5", unit="after")
    hold = scrip.move(account, "holds", amount="1", unit="after").body["hold"]["hold_id"]
    assert remembered.unit_of(account, ids.wallet_hash(account, "after")) == "after"
    scrip.cold()
    assert scrip.move(account, f"holds/{hold}/release").status == 201
