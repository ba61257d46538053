"""What promotions gave, and what became of it, over HTTP: a month and the next one by hand, in JSON and as a table,
open and closed; also of credits that went to somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Deployment, Json

AFTER = "2030-03-01T00:30:00.000Z"
JANUARY = {"opening": "0", "moved": "0", "expired": "0"}
EXPECTED = {
    "SPRING": JANUARY | {"redemptions": 1, "issued": "5", "burned": "5", "taken_back": "0", "closing": "0"},
    "WELCOME": JANUARY
    | {"redemptions": 2, "issued": "20", "burned": "6.5", "taken_back": "1", "closing": "12.5"},
}


def ask(scrip: Deployment, period: str, **query: Any) -> dict[str, Json]:
    """What the report says of the default unit, by code."""
    answer = scrip.get("/v1/reports/promotions", query={"period": period, **query}, clock=AFTER)
    assert answer.status == 200, answer.text
    assert (answer.body["report"], answer.body["currencies"]) == ("promotions", [])
    units = {one["unit"]: one["rows"] for one in answer.body["units"]}
    assert set(units) <= {"credits"}
    return {row.pop("promotion"): row for row in units.get("credits", [])}


def day(number: int) -> str:
    return f"2030-01-{number:02d}T00:00:00.000Z"


@pytest.fixture
def given(scrip: Deployment) -> Deployment:
    """WELCOME gives 10 to two for 40 days, SPRING 5 to one of them for 20 days. 12 are burned (5 of SPRING,
    7 of WELCOME) and 2 come back, 4 go to somebody who burns 1.5, 1 is taken back. What was paid for is none of it."""
    scrip.empty_archive()
    scrip.make_tables()
    assert scrip.put("/v1/units/credits", {"precision": 6, "policy": {"transferable": True}}).status in (
        200,
        201,
    )
    for code, amount, lasts in (("WELCOME", "10", "P40D"), ("SPRING", "5", "P20D")):
        body = {"unit": "credits", "amount": amount, "expires_in": lasts}
        assert scrip.put(f"/v1/promotions/{code}", body, clock=day(1)).status == 201
    for account, code in (("a", "WELCOME"), ("b", "WELCOME"), ("a", "SPRING")):
        path = f"/v1/accounts/{account}/redemptions"
        answer = scrip.post(path, {"code": code}, key=f"{account}-{code}", clock=day(2))
        assert answer.status == 201, answer.text
    scrip.grant(
        "a", "100", clock=day(3), kind="paid", priority=90, cost_basis={"amount": 100, "currency": "JPY"}
    )
    burn = scrip.burn("a", "12", clock=day(5))
    path = f"/v1/accounts/a/burns/{burn.body['entry']['entry_id']}/reversal"
    back = scrip.post(path, {"amount": "2", "reason": "a part of it failed"}, key="undo", clock=day(6))
    assert back.status == 201, back.text
    sent = scrip.post("/v1/accounts/b/transfers", {"to_account": "c", "amount": "4"}, key="t", clock=day(8))
    assert sent.status == 201, sent.text
    scrip.burn("c", "1.5", clock=day(9))
    less = {"direction": "debit", "amount": "1", "reason": "a mistake"}
    taken = scrip.post("/v1/accounts/b/adjustments", less, key="d", clock=day(10))
    assert taken.status == 201, taken.text
    return scrip


def test_each_promotion_has_what_it_gave_and_what_became_of_it_until_all_of_it_has_ended(
    given: Deployment,
) -> None:
    """20 − 6.5 − 1 = 12.5 are left in January (5 of a, 5 of b, 2.5 of c), and end on 11 February."""
    given.read_archive()
    answer = given.get("/v1/reports/promotions", query={"period": "2030-01"})
    assert {row["promotion"]: row["closing"] for row in answer.body["units"][0]["rows"]} == {
        "SPRING": "0",
        "WELCOME": "12.5",
    }
    assert ask(given, "2030-01") == EXPECTED
    closed = given.post("/v1/periods/2030-02/close", {}, clock=AFTER)
    assert closed.status == 200, closed.text
    assert ask(given, "2030-01") == EXPECTED
    assert ask(given, "2030-02") == {
        "WELCOME": JANUARY
        | {"redemptions": 0, "opening": "12.5", "issued": "0", "burned": "0"}
        | {"expired": "12.5", "taken_back": "0", "closing": "0"},
    }
    assert ask(given, "2030-03") == {}
    assert "promotions" in {one["report"] for one in closed.body["close"]["reports"]}

    table = given.get(
        "/v1/reports/promotions", query={"period": "2030-01", "format": "csv"}, clock=AFTER
    ).text
    assert table.splitlines() == [
        "unit,promotion,redemptions,opening,issued,burned,expired,taken_back,moved,closing",
        "credits,SPRING,1,0,5,5,0,0,0,0",
        "credits,WELCOME,2,0,20,6.5,0,1,0,12.5",
    ]


def test_it_takes_a_unit_and_no_currency(scrip: Deployment) -> None:
    scrip.empty_archive()
    scrip.make_tables()
    assert ask(scrip, "2030-01", unit="credits") == {}
    refused = scrip.get("/v1/reports/promotions", query={"period": "2030-01", "currency": "USD"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "currency")
