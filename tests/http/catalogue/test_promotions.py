"""Promotions as they are defined: every PUT that changes one makes a version, and what was put wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Fault
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import MISSING, NO_AMOUNT, NO_DURATION, NO_INSTANT, NO_NAME, ZERO, Row, rows

UNREDEEMED = {"redeemed": 0, "granted": "0"}
WHOLE: dict[str, Any] = {
    "unit": "credits",
    "amount": "50",
    "kind": "promotional",
    "starts_at": None,
    "ends_at": None,
    "expires_in": None,
    "time_zone": "UTC",
    "end_of": None,
    "never_expires": False,
    "max_redemptions": None,
    "budget": None,
    "identities": [],
}


def test_a_promotion_is_made_by_its_first_put_and_versioned_by_every_change(
    scrip: Deployment, account: str
) -> None:
    path = f"/v1/promotions/{account}"
    refused(scrip.get(path), 404, "not_found", promotion=account)
    first = scrip.put(path, {"amount": "50"})
    whole = {"code": account, **WHOLE, **UNREDEEMED, "version": 1}
    assert (first.status, first.body, scrip.get(path).body) == (201, whole, whole)
    again = scrip.put(path, {"amount": "50.000", "kind": "promotional", "identities": []})
    assert (again.status, again.body) == (200, whole)
    changed = scrip.put(path, {"amount": "51"})
    assert (changed.status, changed.body) == (200, {**whole, "amount": "51", "version": 2})
    assert scrip.get(path).body == changed.body


def test_a_promotion_keeps_everything_that_was_said_of_it(scrip: Deployment, account: str) -> None:
    said = {
        "unit": "credits",
        "amount": "0.000001",
        "kind": "compensation",
        "starts_at": NEW_YEAR,
        "ends_at": "2030-01-01T00:00:00.001Z",
        "expires_in": "P3M",
        "time_zone": "Europe/Berlin",
        "end_of": "month",
        "max_redemptions": 1,
        "budget": "0.000001",
        "identities": ["device", "email", "card_fingerprint"],
    }
    whole = {"code": account, **said, "never_expires": False, **UNREDEEMED, "version": 1}
    assert scrip.put(f"/v1/promotions/{account}", said).body == whole
    assert scrip.get(f"/v1/promotions/{account}").body == whole


def test_codes_differ_by_their_case(scrip: Deployment, account: str) -> None:
    scrip.put(f"/v1/promotions/{account}", {"amount": "1"})
    assert scrip.get(f"/v1/promotions/{account.upper()}").status == 404


@pytest.mark.parametrize(
    "more",
    [
        {"max_redemptions": 10**9},
        {"budget": "50"},
        {"budget": "1000000"},
        {"starts_at": NEW_YEAR},
        {"ends_at": "2000-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_promotion_may_have(scrip: Deployment, account: str, more: dict[str, Any]) -> None:
    assert scrip.put(f"/v1/promotions/{account}", {"amount": "50", **more}).status == 201


PROMOTION: list[Row] = [
    *rows("unit", NO_NAME),
    *rows("amount", [MISSING, *NO_AMOUNT, *ZERO]),
    *rows("kind", ["", "paid", "refund", "allowance", "Promotional", None, 1, True, [], {}]),
    *rows("starts_at", NO_INSTANT),
    *rows("ends_at", NO_INSTANT),
    *rows("expires_in", NO_DURATION),
    *rows("max_redemptions", [0, -1, 10**9 + 1, 10**400, "1", 1.5, 1.0, True, [], {}]),
    *rows("budget", [value for value in NO_AMOUNT if value is not None]),
    *rows("budget", [*ZERO, "49.999999"]),
    *rows("identities", [None, "", "email", {}, 1, ["email", "email"], ["email"] * 4]),
    *rows("identities", [["phone"], ["Email"], [""], [None], [1], [[]]], "identities.0"),
    *rows("identities", [["email", "ip"]], "identities.1"),
    Row("identities", ["ip", "email", "device", "card_fingerprint"], "identities"),
    *rows("code", ["x"]),
    *rows("version", [1]),
    *rows("redemptions", [0]),
    *rows("colour", [1]),
]


@pytest.mark.parametrize("row", PROMOTION, ids=lambda row: row.id)
def test_a_promotion_is_refused_with(scrip: Deployment, row: Row) -> None:
    body = {"amount": "50", row.member: row.value}
    if row.value is MISSING:
        del body[row.member]
    with scrip.unwritten():
        answer = scrip.put("/v1/promotions/WELCOME", body)
    invalid(answer, row.field)


@pytest.mark.parametrize(("starts_at", "ends_at"), [(NEXT_DAY, NEW_YEAR), (NEW_YEAR, NEW_YEAR)])
def test_a_promotion_ends_after_it_starts(scrip: Deployment, starts_at: str, ends_at: str) -> None:
    body = {"amount": "50", "starts_at": starts_at, "ends_at": ends_at}
    with scrip.unwritten():
        invalid(scrip.put("/v1/promotions/WELCOME", body), "ends_at")


def test_a_promotion_is_counted_in_its_unit(scrip: Deployment) -> None:
    scrip.put("/v1/units/images", {"precision": 0})
    path = "/v1/promotions/WELCOME"
    refused(scrip.put(path, {"amount": "1", "unit": "nowhere"}), 404, "not_found", unit="nowhere")
    for amount, code in (("1.5", "precision_exceeded"), ("9" * 28, "amount_out_of_range")):
        for member in ("amount", "budget"):
            body = {"unit": "images", "amount": "1", "budget": "9" * 28 if member == "amount" else "2"}
            answer = scrip.put(path, {**body, member: amount})
            refused(answer, 422, code)
            assert answer.body["field"] == member
    assert scrip.get(path).status == 404


def test_a_promotion_that_somebody_else_writes_at_that_moment_is_read_again(
    scrip: Deployment, account: str
) -> None:
    path = f"/v1/promotions/{account}"
    with scrip.broken("TransactWriteItems", Fault.cancelled("ConditionalCheckFailed"), times=4):
        assert scrip.put(path, {"amount": "1"}).status == 201
    with scrip.broken("TransactWriteItems", Fault.cancelled("ConditionalCheckFailed"), times=5):
        refused(scrip.put(path, {"amount": "2"}), 409, "contended")
    assert scrip.get(path).body["version"] == 1


def test_a_promotion_says_how_often_it_was_redeemed_and_what_it_gave(scrip: Deployment, account: str) -> None:
    path = f"/v1/promotions/{account}"
    made = scrip.put(path, {"amount": "2.50", "max_redemptions": 5})
    assert (made.body["redeemed"], made.body["granted"]) == (0, "0")
    for name in ("a", "b"):
        redeemed = scrip.post(f"/v1/accounts/{account}-{name}/redemptions", {"code": account}, key="r")
        assert redeemed.status == 201, redeemed.text
    found = scrip.get(path).body
    assert (found["redeemed"], found["granted"]) == (2, "5")


def test_the_unit_of_a_promotion_is_fixed(scrip: Deployment, account: str) -> None:
    """Its redemptions and its budget are counted in it."""
    scrip.put(f"/v1/units/{account}", {"precision": 0})
    assert scrip.put(f"/v1/promotions/{account}", {"amount": "2"}).status == 201
    answer = scrip.put(f"/v1/promotions/{account}", {"amount": "2", "unit": account})
    assert (answer.status, answer.body["policy"]) == (422, "promotion_unit")
