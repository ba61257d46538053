"""Breakage by proportion over HTTP: a lot of 100.00 for 1 000 credits of a pack at 20 %, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scrip.services.finance import breakage
from tests.aws import Answer, Deployment
from tests.closing import closing

Json = dict[str, Any]
PACK = {
    "unit": "tok",
    "credits": "1000",
    "price": {"amount": 10_000, "currency": "USD"},
    "expires_in": "P120D",
    "provider_refs": {"standard": "p"},
}


@pytest.fixture
def scrip(
    deployment: Deployment, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    """Another pack is listed before and after the one with a rate; they are read one by one."""
    monkeypatch.setattr(breakage, "PAGE", 1)
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.scrip.put("/v1/units/tok", {"precision": 0}, clock="2030-01-01T00:00:00.000Z")
        for name in ("o", "q"):
            made.scrip.put(f"/v1/packs/{name}", PACK, clock="2030-01-01T00:00:00.000Z")
        yield made.scrip


def rate(scrip: Deployment, share: str | None, at: str) -> Answer:
    """Puts the pack with a rate."""
    more = {} if share is None else {"breakage_rate": share}
    answer = scrip.put("/v1/packs/p", {**PACK, **more}, clock=at)
    assert answer.status in (200, 201), answer.text
    return answer


def buy(scrip: Deployment, at: str) -> None:
    """Ann buys one, and it is paid."""
    order = scrip.post(
        "/v1/topups",
        {
            "account": "ann",
            "pack": "p",
            "quantity": 1,
            "provider": "standard",
            "return_url": "https://example.test/",
            "accept_terms": True,
        },
        key=f"buy-{at}",
        clock=at,
    )
    assert order.status == 201, order.text
    data = {"payment_id": "pay_1", "topup_id": order.body["topup_id"]}
    data |= {"amount": 10_000, "tax": 0, "currency": "USD"}
    paid = {"type": "payment.succeeded", "timestamp": at, "data": data}
    assert scrip.webhook(paid, provider="standard", clock=at).status == 200
    assert scrip.apply(scrip.queued()) == []


def burn(scrip: Deployment, amount: str, at: str) -> None:
    answer = scrip.post("/v1/accounts/ann/burns", {"unit": "tok", "amount": amount}, key=at, clock=at)
    assert answer.status == 201, answer.text


def broken(scrip: Deployment, period: str, method: str = "proportional") -> int:
    """A month's breakage of the pack."""
    query = {"period": period, "unit": "tok", "method": method}
    answer = scrip.get("/v1/reports/breakage", query=query, clock="2031-01-01T00:30:00.000Z")
    assert answer.status == 200, answer.text
    return sum(row["amount"] for one in answer.body["currencies"] for row in one["rows"])


def test_a_months_breakage_is_what_its_use_makes_of_the_share_and_the_end_trues_it_up(
    scrip: Deployment,
) -> None:
    rate(scrip, "0.2", "2030-01-01T00:00:00.000Z")
    buy(scrip, "2030-02-01T00:00:00.000Z")
    burn(scrip, "400", "2030-02-10T00:00:00.000Z")
    burn(scrip, "400", "2030-03-10T00:00:00.000Z")
    burn(scrip, "100", "2030-04-10T00:00:00.000Z")
    # Ends on 1 June, 120 days later.
    assert (
        scrip.get("/v1/accounts/ann/balance", query={"unit": "tok"}, clock="2030-07-01T00:00:00.000Z").status
        == 200
    )
    scrip.grant("ann", "1", "after", unit="tok", clock="2030-07-01T00:00:00.000Z")

    months = [f"2030-0{month}" for month in range(1, 8)]
    assert [broken(scrip, month) for month in months] == [0, 1000, 1000, -1000, 0, 0, 0]
    assert [broken(scrip, month, "at_expiry") for month in months] == [0, 0, 0, 0, 0, 1000, 0]


def test_a_new_rate_is_caught_up_on_in_the_month_in_which_it_was_put(scrip: Deployment) -> None:
    """400 used of 1 000: of 20 % half of 20.00; of 40 % two thirds of 40.00."""
    rate(scrip, "0.2", "2030-01-01T00:00:00.000Z")
    buy(scrip, "2030-02-01T00:00:00.000Z")
    burn(scrip, "400", "2030-02-10T00:00:00.000Z")
    shown = rate(scrip, "0.4", "2030-03-15T00:00:00.000Z").body
    assert (shown["breakage_rate"], shown["version"]) == ("0.4", 2)
    again = rate(scrip, None, "2030-04-15T00:00:00.000Z").body
    assert "breakage_rate" not in again

    assert [broken(scrip, f"2030-0{month}") for month in (2, 3, 4)] == [1000, 1666, -2666]


def test_what_holds_as_a_month_begins_is_of_that_month_also_where_an_edition_ends_with_it(
    scrip: Deployment,
) -> None:
    """400 of 1 000 used at the last instant of February, and 400 at the first of March: half of 20.00 each."""
    rate(scrip, "0.2", "2030-01-01T00:00:00.000Z")
    buy(scrip, "2030-02-01T00:00:00.000Z")
    burn(scrip, "400", "2030-02-28T23:59:59.999Z")
    burn(scrip, "400", "2030-03-01T00:00:00.000Z")
    scrip.make_days("2030-03-01T00:30:00.000Z")

    assert [broken(scrip, f"2030-0{month}") for month in (2, 3)] == [1000, 1000]


@pytest.mark.parametrize("share", ["1", "1.5", "-0.1", "0.20", "", "x", "0.1234567", 0.2])
def test_a_rate_is_a_share_below_one(scrip: Deployment, share: Any) -> None:
    answer = scrip.put("/v1/packs/p", {**PACK, "breakage_rate": share})

    assert (answer.status, answer.fields) == (400, ["breakage_rate"])


def test_a_table_of_it_is_by_pack(scrip: Deployment) -> None:
    rate(scrip, "0.2", "2030-01-01T00:00:00.000Z")
    buy(scrip, "2030-02-01T00:00:00.000Z")
    burn(scrip, "400", "2030-02-10T00:00:00.000Z")
    query = {"period": "2030-02", "method": "proportional", "format": "csv"}

    table = scrip.get("/v1/reports/breakage", query=query, clock="2030-03-01T00:30:00.000Z").text

    assert table == "currency,pack,amount\r\nUSD,p,10.00\r\n"
