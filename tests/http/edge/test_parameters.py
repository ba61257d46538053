"""Paths, queries and cursors: the texts of a caller that are taken, and those that are refused by the name of their
parameter, with nothing written."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from openapi.declare import Operation
from openapi.parameters import PATH, QUERY
from openapi.routes import OPERATIONS
from scrip.http.edge.parameters import Query, format_instant, instant, make_cursor
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, encoded, event
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")


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


def test_many_unknown_parameters_have_a_short_answer(scrip: Deployment) -> None:
    query = {f"{number:x}" * 10: "1" for number in range(1000)}
    answer = scrip.get("/v1/accounts/acme/balance", query=query)
    refused(answer, 400, "invalid_request")
    assert len(answer.text) < 20_000


# Parameters

WRONG: list[tuple[str, dict[str, str], str]] = [
    ("balance", {"unit": ""}, "unit"),
    ("balance", {"unit": "a b"}, "unit"),
    ("balance", {"unit": "a#b"}, "unit"),
    ("balance", {"unit": "a,b"}, "unit"),
    ("balance", {"unit": "x" * 129}, "unit"),
    ("balance", {"unit": "credits\n"}, "unit"),
    ("balance", {"at": ""}, "at"),
    ("balance", {"at": "yesterday"}, "at"),
    ("balance", {"at": "2020-01-01"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00+0000"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00+24:00"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00z"}, "at"),
    ("balance", {"at": "2020-01-01 00:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00.0000Z"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00.Z"}, "at"),
    ("balance", {"at": "2020-02-30T00:00:00Z"}, "at"),
    ("balance", {"at": "2021-02-29T00:00:00Z"}, "at"),
    ("balance", {"at": "2020-13-01T00:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T24:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T23:59:60Z"}, "at"),
    ("balance", {"at": "0000-01-01T00:00:00Z"}, "at"),
    ("balance", {"at": "10000-01-01T00:00:00Z"}, "at"),
    ("balance", {"at": "9999-12-31T23:30:00-01:00"}, "at"),
    ("balance", {"at": "0001-01-01T00:30:00+01:00"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00Z\n"}, "at"),
    ("balance", {"at": "٢٠٢٠-01-01T00:00:00Z"}, "at"),
    ("balance", {"at": "1577836800000"}, "at"),
    ("balance", {"colour": "red"}, "colour"),
    ("balance", {"limit": "1"}, "limit"),
    ("balance", {"Unit": "credits"}, "Unit"),
    ("lots", {"status": "closed"}, "status"),
    ("lots", {"status": ""}, "status"),
    ("lots", {"status": "ALL"}, "status"),
    ("lots", {"at": NEW_YEAR}, "at"),
    ("lots", {"kind": "paid"}, "kind"),
    ("lots", {"limit": "0"}, "limit"),
    ("lots", {"limit": "1001"}, "limit"),
    ("lots", {"limit": "-1"}, "limit"),
    ("lots", {"limit": "+1"}, "limit"),
    ("lots", {"limit": "1.0"}, "limit"),
    ("lots", {"limit": "1e2"}, "limit"),
    ("lots", {"limit": ""}, "limit"),
    ("lots", {"limit": " 1"}, "limit"),
    ("lots", {"limit": "1\n"}, "limit"),
    ("lots", {"limit": "٣"}, "limit"),
    ("lots", {"limit": "9" * 5000}, "limit"),
    ("entries", {"limit": "0"}, "limit"),
    ("entries", {"limit": "1001"}, "limit"),
    ("entries", {"kind": "Burn"}, "kind"),
    ("entries", {"kind": "refund"}, "kind"),
    ("entries", {"kind": ""}, "kind"),
    ("entries", {"from": "now"}, "from"),
    ("entries", {"to": "now"}, "to"),
    ("entries", {"at": NEW_YEAR}, "at"),
    ("entries", {"status": "all"}, "status"),
    ("entries/s.1", {"limit": "1"}, "limit"),
    ("entries/s.1", {"unit": "a b"}, "unit"),
]


@pytest.mark.parametrize(("what", "query", "field"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_parameter_is_named(
    scrip: Deployment, account: str, what: str, query: dict[str, str], field: str
) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/{what}", query=query), field)


def test_every_unknown_parameter_is_named(scrip: Deployment, account: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/balance", query={"b": "1", "a": "2", "unit": "credits"})
    invalid(answer, "a", "b")


@pytest.mark.parametrize("name", ["tags", "metadata", "tags."])
def test_a_parameter_that_has_a_name_after_a_point_says_so(
    scrip: Deployment, account: str, name: str
) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/entries", query={name: "chat"})
    message = f"has a name after a point: {name.rstrip('.')}.<name>=<value>"
    assert answer.body["errors"] == [{"field": name, "message": message}]


SAME: Final = 1_795_428_000_000
"""2026-11-23T10:00:00Z."""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23T10:00:00Z", SAME),
        ("2026-11-23T10:00:00.000Z", SAME),
        ("2026-11-23T10:00:00+00:00", SAME),
        ("2026-11-23T10:00:00-00:00", SAME),
        ("2026-11-23T12:00:00+02:00", SAME),
        ("2026-11-23T04:30:00.5-05:30", SAME + 500),
        ("2026-11-24T09:59:00.25+23:59", SAME + 250),
        ("2026-11-22T10:01:00.125-23:59", SAME + 125),
        ("1970-01-01T01:00:00.001+01:00", 1),
        ("1969-12-31T23:59:59.999Z", -1),
        ("0001-01-01T01:00:00+01:00", -62_135_596_800_000),
        ("9999-12-31T22:59:59.999-01:00", 253_402_300_799_999),
    ],
)
def test_an_instant_may_have_any_offset(text: str, at: int) -> None:
    """Worked out by hand: 12:00 at two hours east is 10:00 in UTC."""
    assert instant(text, "at") == at
    assert instant(format_instant(at), "at") == at


def test_an_offset_in_a_query_may_be_sent_as_it_is(scrip: Deployment, account: str) -> None:
    """A plus is a space in a query, so that one which is not encoded arrives as a space."""
    scrip.grant(account, "5", clock=NEW_YEAR)
    for spelled in ("2030-01-01T02:00:00%2B02:00", "2030-01-01T02:00:00+02:00", "2030-01-01T02:00:00 02:00"):
        sent = event("GET", f"/v1/accounts/{account}/balance", headers={"scrip-test-clock": NEXT_DAY})
        sent["rawQueryString"] = f"at={spelled}"
        answer = scrip.invoke(sent)
        assert (answer.body["total"], answer.body["as_of"]) == ("5", NEW_YEAR)


def cursor(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("digits", range(1, 13))
def test_a_cursor_of_any_length_is_taken_back(digits: int) -> None:
    """Base64 comes in fours, and what is cut off a cursor's end has to be put back exactly."""
    at, seq = 1893456000000, 10**digits - 1
    query = Query("", {"cursor": make_cursor(at, seq)}, ("cursor",))
    assert query.cursor(range(2 * at), range(10**12)) == [at, seq]


TAMPERED = [
    "",
    "x",
    "!!!!",
    "AAAA",
    "ä",
    "\x00",
    "A" * 5000,
    cursor([]),
    cursor(None),
    cursor(5),
    cursor("a"),
    cursor({"a": 1}),
    cursor([None]),
    cursor([[]]),
    cursor([1]),
    cursor(["a", "b"]),
    cursor([True, True]),
    cursor([1.5, 2]),
    cursor([1, 2, 3]),
    cursor(["1", 2]),
    cursor([1, "2"]),
    cursor("\ud800"),
    cursor([[[[[[[[]]]]]]]]),
    "W" * 900,
    base64.urlsafe_b64encode(b"[1, 2").decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b"[NaN, 1]").decode(),
    base64.urlsafe_b64encode(b"[1e999, 1]").decode(),
    base64.urlsafe_b64encode(b"[" * 700).decode(),
]


WRONG_PLACES = [
    [-1, 1],
    [1, -2],
    [253402300800000, 1],
    [10**20, 1],
    [10**100, 10**100],
    [1, 10**12],
    [1, 10**13],
]


@pytest.mark.parametrize("text", TAMPERED, ids=lambda text: text[:20])
@pytest.mark.parametrize("what", ["lots", "entries"])
def test_a_cursor_that_no_list_gave_is_refused(scrip: Deployment, account: str, what: str, text: str) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/{what}", query={"cursor": text}), "cursor")


@pytest.mark.parametrize("place", WRONG_PLACES, ids=str)
def test_a_cursor_of_a_place_that_cannot_be_is_refused(
    scrip: Deployment, account: str, place: list[int]
) -> None:
    path = f"/v1/accounts/{account}/entries"
    invalid(scrip.get(path, query={"cursor": cursor(place)}), "cursor")


@pytest.mark.parametrize("place", ["", "x", "\x00", "ä" * 200, "z" * 600], ids=lambda place: place[:5])
def test_a_cursor_of_lots_that_is_no_place_in_the_order_is_refused(
    scrip: Deployment, account: str, place: str
) -> None:
    scrip.grant(account, "1")
    invalid(scrip.get(f"/v1/accounts/{account}/lots", query={"cursor": cursor([place])}), "cursor")


@pytest.mark.parametrize("what", ["lots", "entries"])
def test_a_cursor_without_what_it_is_bound_to_is_refused(scrip: Deployment, account: str, what: str) -> None:
    for _ in range(2):
        scrip.grant(account, "1")
    path = f"/v1/accounts/{account}/{what}"
    given = scrip.get(path, query={"limit": "1"}).body["next_cursor"]
    assert scrip.get(path, query={"limit": "1", "cursor": given}).status == 200
    bare = given.rpartition(".")[2]
    assert bare != given
    invalid(scrip.get(path, query={"limit": "1", "cursor": bare}), "cursor")


def test_a_cursor_of_one_list_is_refused_by_another(scrip: Deployment, account: str) -> None:
    for _ in range(3):
        scrip.grant(account, "1")
    for what, other in (("lots", "entries"), ("entries", "lots")):
        given = scrip.get(f"/v1/accounts/{account}/{what}", query={"limit": "1"}).body["next_cursor"]
        invalid(scrip.get(f"/v1/accounts/{account}/{other}", query={"cursor": given}), "cursor")


MACHINES: Final = re.compile(r"\^|\\|\$|\(\?|\{\d|\[[^\]]*-[^\]]*\]|\)[?*+]")
"""What only a regular expression has."""


NOTHING: Final = "\n"
"""A text that no pattern of a member takes."""


BESIDE: Final = {
    ("search", "key"): {"account": "acme"},
    ("search", "lot"): {"account": "acme"},
    ("search", "account"): {"key": "k"},
    ("search", "unit"): {"key": "k", "account": "acme"},
}
"""What else a query has to say for one of its parameters to be looked at."""

# Path and query parameters


def wrong() -> Iterator[tuple[Operation, str, str]]:
    """Yields each parameter of each operation that a pattern constrains, and where it is."""
    for operation in OPERATIONS:
        for name in re.findall(r"\{(\w+)\}", operation.path):
            if "pattern" in PATH[name][0]:
                yield operation, name, "path"
        for name in operation.query:
            if "pattern" in QUERY[name][0]:
                yield operation, name.rpartition(".")[2], "query"


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize(
    ("operation", "name", "where"), list(wrong()), ids=lambda part: getattr(part, "id", part)
)
def test_no_message_about_a_parameter_is_a_pattern(
    scrip: Deployment, operation: Operation, name: str, where: str
) -> None:
    """Of ids that Scrip gave out, any other text is not found."""
    path = re.sub(
        r"\{(\w+)\}", lambda found: "a%0Ab" if (found[1], where) == (name, "path") else "x", operation.path
    )
    query = {
        **({"provider": "dodo"} if "provider" in operation.query else {}),
        **({"stream": "s", "offset": "0"} if "burns.offset" in operation.query else {}),
        **(BESIDE.get((operation.id, name), {}) if where == "query" else {}),
        **({name: NOTHING} if where == "query" else {}),
    }
    answer = scrip.send(
        operation.method,
        path,
        body=dict(operation.example) or ({} if operation.body else None),
        query=query,
        key="k" if operation.key else None,
    )
    assert answer.status in (400, 404), answer.text
    if answer.status == 400:
        messages = [error["message"] for error in answer.body["errors"] if error["field"] == name]
        assert messages, answer.text
        assert not any(map(MACHINES.search, messages)), messages
