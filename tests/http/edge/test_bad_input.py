"""Whatever a caller sends is answered with the documented status and a problem document that names the field, and
changes nothing. A row for each way of being wrong; a leading ``+`` marks what must be taken."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, Key, encoded
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import (
    MISSING,
    NO_AMOUNT,
    NO_DURATION,
    NO_INSTANT,
    NO_NAME,
    NO_OBJECT,
    NO_TEXT,
    ZERO,
    Row,
    inside,
    metadata_rows,
    money,
    rows,
)

pytestmark = pytest.mark.usefixtures("in_memory")

ABOUT: list[Row] = [
    *rows("unit", NO_NAME),
    *rows("reference", NO_OBJECT),
    *inside("reference", "id", [None, 1, "", "x" * 201, [], True], type="job"),
    *inside("reference", "type", [None, 1, "", "x" * 201, [], True], id="1"),
    Row("reference", {"id": "1"}, "reference.type"),
    Row("reference", {"type": "job"}, "reference.id"),
    Row("reference", {"type": "job", "id": "1", "url": "x"}, "reference.url"),
    *rows("reason", [*NO_TEXT, "", "x" * 501]),
    *metadata_rows(),
    *rows("colour", ["red", None, 1, {}]),
    *rows("Amount", ["1"]),
    *rows("amount ", ["1"]),
    *rows("idempotency_key", ["k"]),
    *rows("account", ["other"]),
    *rows("__proto__", [{}]),
]
AMOUNT: list[Row] = rows("amount", [MISSING, *NO_AMOUNT, *ZERO])
BURN: list[Row] = [
    *AMOUNT,
    *ABOUT,
    *rows("mode", ["", "EXACT", "all", None, 1, True, [], {}, "exact "]),
    *rows("cost_basis", [{"amount": 1, "currency": "USD"}]),
]
NO_QUANTITY: list[Any] = [*[value for value in NO_AMOUNT if type(value) is not int], *ZERO, 0, -1, 10**400]
METERED: list[Row] = [
    *rows("quantity", [MISSING, *NO_QUANTITY]),
    *rows("meter", [name for name in NO_NAME if name is not None]),
    *rows("meter", [MISSING, None], "amount"),
    *rows("amount", ["1"]),
    *rows("dimensions", ["", "x", 1, True, [], [["a", "b"]], {f"d{n}": "v" for n in range(11)}]),
    *inside("dimensions", "a", [1, None, True, 1.5, [], {}, "", "x" * 101]),
    Row("dimensions", {"": "v"}, "dimensions..[key]"),
    Row("dimensions", {"x" * 101: "v"}, f"dimensions.{'x' * 101}.[key]"),
    *rows("mode", ["", "EXACT", None, 1]),
]
NO_HOLD_TIME: list[Any] = [
    *NO_DURATION, None, "P8D", "P7DT1S", "P1W1D", "P2W", "PT169H", "PT604801S", "P1M", "P1Y", "P9999Y",
]  # fmt: skip
HOLD: list[Row] = [
    *AMOUNT,
    *ABOUT,
    *rows("expires_in", NO_HOLD_TIME),
    *rows("over_capture", ["", "Refuse", "burn", "allow", 1, True, [], {}]),
    *rows("meter", [name for name in NO_NAME if name is not None]),
    *rows("quantity", [1]),
    *rows("mode", ["exact"]),
    *rows("expires_at", ["2030-01-01T00:00:00Z"]),
]
NO_PART: list[Any] = [*[value for value in NO_AMOUNT if value is not None], *ZERO]
CAPTURE: list[Row] = [
    *rows("amount", NO_PART),
    *ABOUT,
    *rows("final", ["true", "", 0, 1, None, [], {}]),
    *rows("expires_in", ["PT1H"]),
]
RELEASE: list[Row] = [
    *[row for row in ABOUT if row.member != "amount "],
    *rows("amount", ["1"]),
    *rows("final", [True]),
]
EXTEND: list[Row] = [*ABOUT, *rows("expires_in", NO_HOLD_TIME), *rows("amount", ["1"])]
PART: list[Row] = [*rows("amount", NO_PART), *ABOUT, *rows("final", [True])]
# What each door on the spending side refuses, by its path; and a body that is otherwise right.
SPENDING: dict[str, tuple[dict[str, Any], list[Row]]] = {
    "burns": ({"meter": "gpu", "quantity": 1}, METERED),
    "quotes": ({"amount": "1"}, BURN),
    "holds": ({"amount": "1"}, HOLD),
    "holds/hold_2/capture": ({"amount": "1"}, CAPTURE),
    "holds/hold_2/release": ({}, RELEASE),
    "holds/hold_2/extend": ({}, EXTEND),
    "lots/lot_1/void": ({"amount": "1"}, PART),
    "burns/k.x/reversal": ({"amount": "1"}, PART),
}
GRANT: list[Row] = [
    *AMOUNT,
    *ABOUT,
    *rows("kind", ["", "Paid", "allowance", "rollover", "transfer", "gift", None, 1, True, [], {}]),
    *rows("priority", [-1, 101, 10**400, "50", "", 1.5, 50.0, True, None, [], {}]),
    *rows("effective_at", NO_INSTANT),
    *rows("expires_at", NO_INSTANT),
    *rows("expires_in", NO_DURATION),
    *money("cost_basis"),
    *rows("scope", ["", "x", None, 1, {}, ["gpu", "gpu"], [f"m{n}" for n in range(21)]]),
    *[Row("scope", [value], "scope.0") for value in NO_NAME],
    Row("scope", ["not a name", *[f"m{n}" for n in range(20)]], "scope"),
    *rows("mode", ["exact"]),
]


def send(scrip: Deployment, account: str, what: str, row: Row) -> Answer:
    body = {"amount": "1", "kind": "paid"} if what == "grants" else {"amount": "1"}
    body = {**body, row.member: row.value}
    if row.value is MISSING:
        del body[row.member]
    with scrip.unwritten():
        return scrip.post(f"/v1/accounts/{account}/{what}", body, key="k")


@pytest.mark.parametrize("row", BURN, ids=lambda row: row.id)
def test_a_burn_is_refused_with(scrip: Deployment, row: Row) -> None:
    invalid(send(scrip, "acme", "burns", row), row.field)


@pytest.mark.parametrize("row", GRANT, ids=lambda row: row.id)
def test_a_grant_is_refused_with(scrip: Deployment, row: Row) -> None:
    invalid(send(scrip, "acme", "grants", row), row.field)


WRONG = [(what, body, row) for what, (body, table) in SPENDING.items() for row in table]


@pytest.mark.parametrize(("what", "body", "row"), WRONG, ids=lambda value: getattr(value, "id", None))
def test_a_door_on_the_spending_side_refuses(
    scrip: Deployment, what: str, body: dict[str, Any], row: Row
) -> None:
    """Before it asks whether there is such a lot, a hold, a burn or a meter."""
    body = {**body, row.member: row.value}
    if row.value is MISSING:
        del body[row.member]
    with scrip.unwritten():
        invalid(scrip.post(f"/v1/accounts/acme/{what}", body, key="k"), row.field)


KEYED = [what for what in SPENDING if what != "quotes"]


@pytest.mark.parametrize("what", KEYED)
def test_a_movement_on_the_spending_side_needs_a_key(scrip: Deployment, what: str) -> None:
    with scrip.unwritten():
        answer = scrip.post(f"/v1/accounts/acme/{what}", SPENDING[what][0])
        refused(answer, 400, "idempotency_key_missing")
        for key in ("", " ", "x" * 256, "ä", "a\n"):
            answer = scrip.post(f"/v1/accounts/acme/{what}", SPENDING[what][0], key=key)
            invalid(answer, "Idempotency-Key")


TAKEN: list[dict[str, Any]] = [
    {"amount": "0.000001"},
    {"amount": "1.000000"},
    {"amount": "1000000"},
    {"reason": "x" * 500},
    {"reason": "ä" * 500},
    {"reason": "\x00"},
    {"reason": "🂡"},
    {"reference": {"type": "x" * 200, "id": "日" * 200}},
    {"metadata": {}},
    {"metadata": {f"k{n}": "v" for n in range(50)}},
    {"metadata": {"x" * 40: "y" * 500}},
    {"metadata": {"ä" * 40: "🂡" * 500}},
    {"metadata": {"k": ""}},
    {"metadata": {"\x00": "\x00\x1f\u2028"}},
    {"metadata": {f"{n:02d}" + "🂡" * 38: "🂡" * 500 for n in range(50)}},
    {"metadata": {"__proto__": "x", "constructor": "y"}},
]


@pytest.mark.parametrize("more", TAKEN, ids=lambda more: json.dumps(more)[:40])
def test_a_grant_and_a_burn_take_and_give_back(scrip: Deployment, account: str, more: dict[str, Any]) -> None:
    body = {"amount": "2", **more}
    for what in ("grants", "burns"):
        answer = scrip.post(f"/v1/accounts/{account}/{what}", body, key=what)
        assert answer.status == 201, answer.text[:500]
        for name, value in more.items():
            if name != "amount":
                assert answer.body["entry"][name] == value
        again = scrip.post(f"/v1/accounts/{account}/{what}", body, key=what)
        assert (again.body, again.replayed) == (answer.body, True)
    assert scrip.entries(account)[1]["metadata"] == more.get("metadata", {})


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0.0000001", "precision_exceeded"),
        ("1.0000000", "precision_exceeded"),
        ("1.123456789012345678", "precision_exceeded"),
        ("9999999999999999999999999999.1234567", "precision_exceeded"),
        ("1000000000000000000000.000001", "amount_out_of_range"),
        ("1000000000000000000001", "amount_out_of_range"),
        ("9" * 28, "amount_out_of_range"),
    ],
)
@pytest.mark.parametrize(
    "what",
    ["grants", "burns", "quotes", "holds", "holds/hold_2/capture", "lots/lot_1/void"],
)
def test_an_amount_past_the_unit_is_refused(
    scrip: Deployment, account: str, what: str, amount: str, code: str
) -> None:
    scrip.grant(account, "5")
    before = scrip.wallet(account)
    answer = scrip.post(f"/v1/accounts/{account}/{what}", {"amount": amount}, key="k")
    refused(answer, 422, code)
    assert answer.body["field"] == "amount"
    assert scrip.wallet(account) == before


# Names in the path

NAMES = ["a", "x" * 128, "A-Z.a_z:0@9", "...", "..", "-", "_", ":", "@", "user@example.com", "urn:acme:1"]
NO_NAMES = [
    "",
    " ",
    "x" * 129,
    "x" * 5000,
    "a b",
    "a#b",
    "a/b",
    "a?b",
    "a%b",
    "a+b",
    "a,b",
    "a\\b",
    "a'b",
    'a"b',
    "a\x00",
    "a\n",
    "\na",
    "ä",
    "日本",
    "a\u202eb",
    "🂡",
    "w#acme#credits",
    "acme#credits",
    "%",
    "%zz",
    "{account}",
    "<script>",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
def test_an_account_may_be_called(scrip: Deployment, name: str) -> None:
    for spelled in (name, encoded(name), "".join(f"%{ord(letter):02x}" for letter in name)):
        granted = scrip.grant(spelled, "10")
        assert granted.balance["account"] == name
        assert scrip.burn(spelled, "1").balance["account"] == name
        assert scrip.balance(spelled)["account"] == name
    assert scrip.balance(name)["total"] == "27"


@pytest.mark.parametrize("name", NO_NAMES, ids=lambda name: repr(name)[:20])
def test_no_account_may_be_called(scrip: Deployment, name: str) -> None:
    path = f"/v1/accounts/{encoded(name)}"
    with scrip.unwritten():
        for what in ("grants", "burns", "quotes", "holds", "holds/hold_2/capture", "lots/lot_1/void"):
            invalid(scrip.post(f"{path}/{what}", {"amount": "1"}, key="k"), "account")
        for what in ("holds/hold_2/release", "holds/hold_2/extend", "freeze", "unfreeze", "close"):
            invalid(scrip.post(f"{path}/{what}", {}, key="k"), "account")
        invalid(scrip.post(f"{path}/burns/batch", {"burns": [{"key": "k", "amount": "1"}]}), "account")
        for what in ("balance", "lots", "entries", "entries/s.1", "holds/hold_2", "explain"):
            invalid(scrip.get(f"{path}/{what}"), "account")


@pytest.mark.parametrize("name", NO_NAMES, ids=lambda name: repr(name)[:20])
def test_nothing_in_the_catalogue_may_be_called(scrip: Deployment, name: str) -> None:
    with scrip.unwritten():
        invalid(scrip.put(f"/v1/units/{encoded(name)}", {"precision": 0}), "unit")
        invalid(scrip.get(f"/v1/units/{encoded(name)}"), "unit")
        pack = {"credits": "1", "price": {"amount": 1, "currency": "USD"}}
        invalid(scrip.put(f"/v1/packs/{encoded(name)}", pack), "pack")
        invalid(scrip.get(f"/v1/packs/{encoded(name)}"), "pack")
        rate = {"price": {"model": "per_unit", "credits": "1"}}
        invalid(scrip.put(f"/v1/rates/{encoded(name)}", rate), "meter")
        invalid(scrip.get(f"/v1/rates/{encoded(name)}"), "meter")
        invalid(scrip.put(f"/v1/promotions/{encoded(name)}", {"amount": "1"}), "code")
        invalid(scrip.get(f"/v1/promotions/{encoded(name)}"), "code")


# Bodies as bytes

LARGEST = 256 * 1024


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


def test_a_member_that_comes_twice_is_never_two_things_at_once(scrip: Deployment, account: str) -> None:
    """The last one counts, and the fingerprint is of what was understood: so a replay of it is the same."""
    path = f"/v1/accounts/{account}/grants"
    first = scrip.send("POST", path, raw='{"amount":"1","amount":"2"}', key="k")
    if first.status == 400:
        return
    assert first.body["entry"]["amount"] == "2"
    assert scrip.post(path, {"amount": "2"}, key="k").replayed


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


# Many things wrong at once


def test_every_field_that_is_wrong_is_named(scrip: Deployment) -> None:
    body = {"reference": {"type": 1}, "metadata": {"a": 1}, "colour": "red"}
    answer = scrip.post("/v1/accounts/acme/grants", {"kind": "x", **body}, key="k")
    invalid(answer, "amount", "kind", "reference.type", "reference.id", "metadata.a", "colour")
    answer = scrip.post("/v1/accounts/acme/burns", {"amount": "-1", "mode": "x", **body}, key="k")
    invalid(answer, "amount", "mode", "reference.type", "reference.id", "metadata.a", "colour")


@pytest.mark.parametrize("member", ["colour", "metadata"])
def test_a_body_full_of_mistakes_has_a_short_answer(scrip: Deployment, member: str) -> None:
    """30 000 mistakes, each told, would be an answer of megabytes: past six, a 500 of the gateway."""
    many = {f"{number:x}": 1 for number in range(26_000)}
    body = many if member == "colour" else {"amount": "1", "metadata": many}
    raw = json.dumps(body, separators=(",", ":"))
    assert len(raw) <= LARGEST
    answer = scrip.send("POST", "/v1/accounts/acme/burns", raw=raw, key="k")
    refused(answer, 400, "invalid_request")
    assert len(answer.text) < 20_000


def test_a_name_of_200_kb_is_not_given_back_whole(scrip: Deployment) -> None:
    for body in ({"x" * 200_000: 1}, {"amount": "1", "metadata": {"y" * 200_000: "1"}}):
        answer = scrip.post("/v1/accounts/acme/burns", body, key="k")
        refused(answer, 400, "invalid_request")
        assert len(answer.text) < 5_000


def test_many_unknown_parameters_have_a_short_answer(scrip: Deployment) -> None:
    query = {f"{number:x}" * 10: "1" for number in range(1000)}
    answer = scrip.get("/v1/accounts/acme/balance", query=query)
    refused(answer, 400, "invalid_request")
    assert len(answer.text) < 20_000


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
    ["", "soon", "2030-01-01", "2030-01-01T00:00:00+00:00", "2030-13-01T00:00:00Z", "1893456000", "\ud800"],
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


def test_a_wallet_ahead_of_the_machines_clock_is_read_but_not_written(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """More than five seconds ahead is a broken clock somewhere, and an alarm."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    before = scrip.wallet(account)
    assert scrip.balance(account)["total"] == "10"
    capsys.readouterr()
    refused(scrip.burn(account, "1"), 503, "unavailable")
    assert "ClockSkew" in capsys.readouterr().out
    assert scrip.wallet(account) == before
