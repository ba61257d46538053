"""The list of notices: unit by unit, page by page, each with where it has arrived."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.services.notifications import notices
from scrip.store import keys
from tests.aws import NEW_YEAR, Deployment, Key
from tests.http.contract import invalid, refused
from tests.noticing import deliver, give

END, WEEK = "2030-03-02T00:00:00.000Z", "2030-02-23T00:00:00.000Z"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def given(scrip: Deployment, account: str, one_shard_at_a_time: None, in_memory: None) -> None:
    """Two lots in each of two units, with two notices each."""
    for unit in ("credits", "images"):
        policy = {"expiry_notices": ["P30D", "P7D"]}
        scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": policy}, clock=NEW_YEAR)
        for amount in ("10", "2.50"):
            scrip.grant(account, amount, unit=unit, expires_at=END, clock=NEW_YEAR)
        give(account, WEEK, unit)
    scrip.told()


def shown(items: list[Json]) -> list[tuple[str, str, str]]:
    return [(one["unit"], one["notice"], one["remaining"]) for one in items]


def test_notices_of_all_units_come_unit_by_unit_those_that_were_due_last_first(
    scrip: Deployment, account: str
) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/notices")
    assert answer.status == 200
    found = shown(answer.body["items"])
    assert [one[:2] for one in found] == [
        (unit, notice) for unit in ("credits", "images") for notice in ("P7D", "P7D", "P30D", "P30D")
    ]
    assert {one[2] for one in found} == {"10", "2.5"}
    assert answer.body["next_cursor"] is None
    one = scrip.get(f"/v1/accounts/{account}/notices", query={"unit": "images"}).body
    assert one["items"] == answer.body["items"][4:]


@pytest.mark.parametrize("limit", [1, 3, 4, 5])
def test_pages_have_together_what_one_has(
    scrip: Deployment, account: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the account's units are listed one by one."""
    monkeypatch.setattr(notices, "UNITS_TOGETHER", 1)
    path, whole, query = f"/v1/accounts/{account}/notices", list[Json](), {"limit": str(limit)}
    while True:
        page = scrip.get(path, query=query).body
        whole += page["items"]
        assert len(page["items"]) <= limit
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert whole == scrip.get(path).body["items"]


def test_a_page_that_is_full_reads_of_no_unit_more(scrip: Deployment, account: str) -> None:
    """Four notices of the first unit: whether there are others says the unit itself."""
    with scrip.calls() as made:
        page = scrip.get(f"/v1/accounts/{account}/notices", query={"limit": "4"}).body
    assert len(page["items"]) == 4
    assert page["next_cursor"]
    read = [str(call.params) for call in made if call.name == "Query"]
    asked = [any(keys.notices(account, unit) in one for one in read) for unit in ("credits", "images")]
    assert asked == [True, False]


def test_a_notice_tells_where_it_has_arrived(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/notices"
    (first, *_) = scrip.get(path).body["items"]
    deliver(account, first["notice_id"], WEEK)
    (found, *_) = scrip.get(path).body["items"]
    arrived = {"channel": "webhook", "to": "crm", "status": "delivered", "delivered_at": WEEK}
    assert found == {**first, "deliveries": [arrived]}


def test_it_is_a_table_too(scrip: Deployment, account: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/notices", headers={"accept": "text/csv"})
    assert answer.status == 200
    assert answer.text.splitlines()[0].startswith("notice_id,unit,lot_id,notice,expires_at")
    assert len(answer.text.splitlines()) == 9


def test_who_may_and_what_is_wrong(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/notices"
    assert scrip.get(path, caller=Key("read", account)).status == 200
    assert scrip.get(path, caller=Key("read", "another")).status == 403
    refused(scrip.get(path, query={"unit": "nothing"}), 404, "not_found")
    invalid(scrip.get(path, query={"unit": "!"}), "unit")
    invalid(scrip.get(path, query={"cursor": "x"}), "cursor")
    invalid(scrip.get(path, query={"status": "open"}), "status")
    assert scrip.get("/v1/accounts/nobody/notices").body == {"items": [], "next_cursor": None}
