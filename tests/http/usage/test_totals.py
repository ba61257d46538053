"""What was used, by day and hour: of burns, captures, pages, settlements, batches and items, and what is given back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.usage.test_burn_pages import page
from tests.http.usage.test_leases import lease, settle

pytestmark = pytest.mark.usefixtures("in_memory")
Json = dict[str, Any]
DAY: Json = {"from": "2030-01-01T00:00:00.000Z", "to": "2030-01-02T00:00:00.000Z"}


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 3, 4, 6 and 8, after every test."""
    yield
    scrip.sound(account)


@pytest.fixture
def metered(scrip: Deployment) -> tuple[str, str]:
    """A unit, and a meter of it that costs 2 each."""
    unit, meter = f"u-{uuid.uuid4().hex[:8]}", f"m-{uuid.uuid4().hex[:8]}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2}).status == 201
    card = {"unit": unit, "price": {"model": "per_unit", "credits": "2"}}
    assert scrip.put(f"/v1/rates/{meter}", card).status == 201
    return unit, meter


def used(scrip: Deployment, account: str, unit: str = "credits", **query: str) -> list[Json]:
    answer = scrip.get(f"/v1/accounts/{account}/usage", query={"unit": unit, **query})
    assert answer.status == 200, answer.text
    return list(answer.body["items"])


def of(rows: list[Json]) -> list[tuple[Any, ...]]:
    """What rows say, but for their periods."""
    return [(row["by"], row["quantity"], row["credits"], row["value"]) for row in rows]


def burn(scrip: Deployment, account: str, body: Json, clock: str = NEW_YEAR) -> Json:
    answer = scrip.move(account, "burns", clock=clock, **body)
    assert answer.status == 201, answer.text
    return dict(answer.body["entry"])


def reverse(scrip: Deployment, account: str, entry: Json, clock: str, **body: Any) -> Answer:
    answer = scrip.move(account, f"burns/{entry['entry_id']}/reversal", clock=clock, **body)
    assert answer.status == 201, answer.text
    return answer


def test_of_a_wallet_that_used_nothing_there_is_nothing(scrip: Deployment, account: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/usage")
    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None, "through_seq": 0})
    scrip.grant(account, "10")
    assert scrip.get(f"/v1/accounts/{account}/usage").body["through_seq"] == 1


def test_burns_of_a_day_are_one_row_and_hours_are_told_apart(scrip: Deployment, account: str) -> None:
    """3 at half past ten, 4 at five past eleven: 7 of the day. Ten cost 5.00: 1.50 and 2.00 (law 8)."""
    cost = {"amount": 500, "currency": "EUR"}
    scrip.grant(account, "10", kind="paid", cost_basis=cost, clock="2030-01-01T00:00:00Z")
    burn(scrip, account, {"amount": "3"}, "2030-01-01T10:30:00Z")
    burn(scrip, account, {"amount": "4"}, "2030-01-01T11:05:00Z")
    row = {**DAY, "by": None, "quantity": None, "credits": "7", "value": {"amount": 350, "currency": "EUR"}}
    assert used(scrip, account) == [row]
    hours = used(scrip, account, every="PT1H")
    assert [(one["from"][11:16], one["credits"], one["value"]["amount"]) for one in hours] == [
        ("10:00", "3", 150),
        ("11:00", "4", 200),
    ]
    since = {"from": "2030-01-01T11:00:00Z"}
    assert [one["credits"] for one in used(scrip, account, every="PT1H", **since)] == ["4"]
    until = {"to": "2030-01-01T11:00:00Z"}
    assert [one["credits"] for one in used(scrip, account, every="PT1H", **until)] == ["3"]


def test_by_meter_member_tag_and_dimension(scrip: Deployment, account: str, metered: tuple[str, str]) -> None:
    """1.5 and 2 of the meter at 2 each are 3 and 4, and an amount of 5 is of no meter."""
    unit, meter = metered
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    one = {"unit": unit, "meter": meter, "quantity": "1.5", "dimensions": {"model": "x"}}
    burn(scrip, account, {**one, "member": "ann", "tags": {"team": "a"}})
    burn(
        scrip,
        account,
        {
            **one,
            "quantity": "2",
            "dimensions": {"model": "y"},
            "member": "bob",
            "tags": {"team": "a", "job": "1"},
        },
    )
    burn(scrip, account, {"unit": unit, "amount": "5"})
    assert of(used(scrip, account, unit)) == [(None, "3.5", "12", None)]
    assert of(used(scrip, account, unit, by="meter")) == [
        (meter, "3.5", "7", None),
        (None, None, "5", None),
    ]
    assert of(used(scrip, account, unit, by="member")) == [
        ("ann", "1.5", "3", None),
        ("bob", "2", "4", None),
        (None, None, "5", None),
    ]
    assert of(used(scrip, account, unit, by="tag:team")) == [
        ("a", "3.5", "7", None),
        (None, None, "5", None),
    ]
    assert of(used(scrip, account, unit, by="tag:job")) == [
        ("1", "2", "4", None),
        (None, "1.5", "8", None),
    ]
    assert of(used(scrip, account, unit, by="dimension:model", meter=meter)) == [
        ("x", "1.5", "3", None),
        ("y", "2", "4", None),
    ]
    assert of(used(scrip, account, unit, by="tag:nobody")) == [(None, "3.5", "12", None)]


def test_items_are_told_by_meter_and_of_several_meters_there_is_no_quantity(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    unit, meter = metered
    other = f"{meter}-2"
    assert scrip.put(
        f"/v1/rates/{other}", {"unit": unit, "price": {"model": "per_unit", "credits": "1"}}
    ).status == (201)
    scrip.grant(
        account, "100", unit=unit, kind="paid", cost_basis={"amount": 1000, "currency": "EUR"}, clock=NEW_YEAR
    )
    items = [{"meter": meter, "quantity": "3"}, {"meter": other, "quantity": "4"}]
    entry = burn(scrip, account, {"unit": unit, "items": items})
    assert of(used(scrip, account, unit)) == [(None, None, "10", {"amount": 100, "currency": "EUR"})]
    by_meter = [
        (meter, "3", "6", {"amount": 60, "currency": "EUR"}),
        (other, "4", "4", {"amount": 40, "currency": "EUR"}),
    ]
    assert of(used(scrip, account, unit, by="meter")) == by_meter
    # What was taken last comes back first: two of the four.
    reverse(scrip, account, entry, "2030-01-03T00:00:00Z", amount="2")
    assert of(used(scrip, account, unit, by="meter"))[1] == (
        other,
        "2",
        "2",
        {"amount": 20, "currency": "EUR"},
    )
    reverse(scrip, account, entry, "2030-01-03T00:00:00Z")
    assert used(scrip, account, unit, by="meter") == []


def test_what_is_undone_is_given_back_where_it_was_counted(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    """100 cost 3.33, 7 of them 0.23. Undone in parts (1, 2, the rest) they leave nothing, to the last digit."""
    unit, meter = metered
    scrip.grant(
        account, "100", unit=unit, kind="paid", cost_basis={"amount": 333, "currency": "EUR"}, clock=NEW_YEAR
    )
    entry = burn(scrip, account, {"unit": unit, "meter": meter, "quantity": "3.5", "member": "ann"})
    whole = of(used(scrip, account, unit, by="member"))
    assert whole == [("ann", "3.5", "7", {"amount": 23, "currency": "EUR"})]
    reverse(scrip, account, entry, "2030-02-01T00:00:00Z", amount="1")
    assert of(used(scrip, account, unit, by="member"))[0][1:3] == ("3", "6")
    reverse(scrip, account, entry, "2030-02-02T00:00:00Z", amount="2")
    assert of(used(scrip, account, unit, by="member"))[0][1:3] == ("2", "4")
    reverse(scrip, account, entry, "2030-02-03T00:00:00Z")
    assert used(scrip, account, unit, by="member") == []


def test_a_capture_is_used_and_a_hold_is_not(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    """Also of the part beyond the hold; the member is the hold's."""
    unit, meter = metered
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    body = {"unit": unit, "meter": meter, "quantity": "5", "expires_in": "PT1H", "over_capture": "burn_extra"}
    held = scrip.move(account, "holds", clock=NEW_YEAR, member="ann", **body)
    assert held.status == 201, held.text
    assert used(scrip, account, unit) == []
    hold = held.body["hold"]["hold_id"]
    answer = scrip.move(account, f"holds/{hold}/capture", clock=NEW_YEAR, quantity="6", final=True)
    assert answer.status == 201, answer.text
    assert of(used(scrip, account, unit, by="member")) == [("ann", "6", "12", None)]


def test_records_of_pages_and_settlements_count_one_by_one(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    """What was skipped or refused counts not. One record is undone in parts, then all that is left."""
    unit, meter = metered
    scrip.grant(account, "20", unit=unit, kind="paid", cost_basis={"amount": 200, "currency": "EUR"})
    records = [
        ["2", "a"],
        [meter, "1.5", "b", {"model": "x"}],
        None,
        [meter, "2", "c", {"model": "y"}],
        ["99", "d"],
    ]
    entry = page(scrip, account, 0, records, unit=unit, member="ann", tags={"job": "1"}).body["entry"]
    eur = {"currency": "EUR"}
    assert of(used(scrip, account, unit, by="dimension:model")) == [
        ("x", "1.5", "3", {"amount": 30, **eur}),
        ("y", "2", "4", {"amount": 40, **eur}),
        (None, None, "2", {"amount": 20, **eur}),
    ]
    assert of(used(scrip, account, unit, by="member")) == [("ann", "3.5", "9", {"amount": 90, **eur})]
    for amount in ("1", "1.5"):
        answer = scrip.move(account, f"burns/{entry['entry_id']}/reversal", offset=3, amount=amount)
        assert answer.status == 201, answer.text
    assert of(used(scrip, account, unit, by="dimension:model"))[1] == (
        "y",
        "0.75",
        "1.5",
        {"amount": 15, **eur},
    )
    assert scrip.move(account, f"burns/{entry['entry_id']}/reversal", offset=1).status == 201
    rest = of(used(scrip, account, unit, by="dimension:model"))
    assert [one[:3] for one in rest] == [("y", "0.75", "1.5"), (None, None, "2")]
    assert scrip.move(account, f"burns/{entry['entry_id']}/reversal").status == 201
    assert used(scrip, account, unit) == []


def test_a_settlement_counts_for_the_member_of_its_lease(
    scrip: Deployment, account: str, metered: tuple[str, str]
) -> None:
    unit, meter = metered
    scrip.grant(account, "100", unit=unit)
    held = lease(scrip, account, "50", unit=unit, member="ann")
    answer = settle(scrip, account, held, first=0, records=[["2", "a"], [meter, "1", "b"]])
    assert answer.status == 201, answer.text
    assert of(used(scrip, account, unit, by="member")) == [("ann", "1", "4", None)]
    assert of(used(scrip, account, unit, by="meter")) == [(meter, "1", "2", None), (None, None, "2", None)]


def test_money_of_several_currencies_is_listed(scrip: Deployment, account: str) -> None:
    for currency in ("USD", "EUR"):
        scrip.grant(account, "5", kind="paid", cost_basis={"amount": 500, "currency": currency})
    scrip.grant(account, "5")
    burn(scrip, account, {"amount": "15"}, "2030-01-01T10:30:00Z")
    (row,) = used(scrip, account)
    assert (row["credits"], row["value"]) == ("15", None)
    assert row["values"] == [{"amount": 500, "currency": "EUR"}, {"amount": 500, "currency": "USD"}]


def test_pages_have_each_row_once(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    for day in (1, 2, 5):
        for member in ("a", "b", "c"):
            body = {"amount": "1", "member": member}
            burn(scrip, account, body, f"2030-01-0{day}T10:30:00Z")
        burn(scrip, account, {"amount": "1"}, f"2030-01-0{day}T10:31:00Z")
    whole = used(scrip, account, by="member")
    assert len(whole) == 12
    for limit in (1, 3, 5, 12):
        found, query = list[Json](), {"by": "member", "limit": str(limit)}
        while True:
            answer = scrip.get(f"/v1/accounts/{account}/usage", query=query)
            assert answer.status == 200, answer.text
            found += answer.body["items"]
            if answer.body["next_cursor"] is None:
                break
            query["cursor"] = answer.body["next_cursor"]
        assert found == whole


def test_days_are_those_of_a_zone(scrip: Deployment, account: str) -> None:
    """22:30 UTC on the 1st is half past six on the 2nd in Shanghai. In Kolkata days begin with half an hour."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3"}, "2030-01-01T22:30:00Z")
    (row,) = used(scrip, account, time_zone="Asia/Shanghai")
    assert (row["from"], row["to"]) == ("2030-01-01T16:00:00.000Z", "2030-01-02T16:00:00.000Z")
    (long,) = used(scrip, account, time_zone="America/Sao_Paulo")
    assert long["from"] == "2030-01-01T03:00:00.000Z"
    path = f"/v1/accounts/{account}/usage"
    invalid(scrip.get(path, query={"time_zone": "Asia/Kolkata"}), "time_zone")
    invalid(scrip.get(path, query={"time_zone": "Asia/Shanghai", "every": "PT1H"}), "time_zone")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "unit"}, "by"),
        ({"by": "tag:"}, "by"),
        ({"by": "dimension:" + "x" * 101}, "by"),
        ({"every": "P1M"}, "every"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"from": "2030-01-02T00:00:00Z", "to": "2030-01-02T00:00:00Z"}, "to"),
        ({"meter": "a b"}, "meter"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_is_wrong_is_named(scrip: Deployment, account: str, query: dict[str, str], field: str) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/usage", query=query), field)


def test_a_customer_sees_its_own_and_nothing_internal(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3", "tags": {"internal.cost": "7"}})
    own, other = Key("read", account=account), Key("read", account="somebody")
    path = f"/v1/accounts/{account}/usage"
    assert scrip.get(path, caller=own).body["items"][0]["credits"] == "3"
    refused(scrip.get(path, caller=other), 403, "forbidden")
    refused(scrip.get(path, query={"by": "tag:internal.cost"}, caller=own), 403, "forbidden")
    assert of(used(scrip, account, by="tag:internal.cost")) == [("7", None, "3", None)]


def test_it_is_a_table_too(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", kind="paid", cost_basis={"amount": 100, "currency": "EUR"}, clock=NEW_YEAR)
    burn(scrip, account, {"amount": "3", "member": "ann"})
    answer = scrip.get(
        f"/v1/accounts/{account}/usage", query={"by": "member"}, headers={"accept": "text/csv"}
    )
    assert answer.status == 200, answer.text
    head, row, *_ = answer.text.split("\r\n")
    assert head == "from,to,by,quantity,credits,value.amount,value.currency,values"
    assert row == "2030-01-01T00:00:00.000Z,2030-01-02T00:00:00.000Z,ann,,3,30,EUR,"
