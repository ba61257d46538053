"""Bodies that are wrong are answered with the documented status and a problem document that names the field, and change
nothing. A row for each way of being wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from scrip.http.wallets.burns import BurnBody
from tests.aws import Answer, Deployment
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
    Row("dimensions", {"": "v"}, "dimensions"),
    Row("dimensions", {"x" * 101: "v"}, f"dimensions.{'x' * 101}"),
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


# Bodies as bytes

LARGEST = 256 * 1024


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


def test_a_body_that_was_read_stays_as_it_was_said() -> None:
    said = BurnBody.model_validate_json('{"amount": "1"}')
    with pytest.raises(ValidationError, match="frozen"):
        said.amount = "2"
