"""Everything that reads entries reads those with records: lists, tables, events, explanations, the past, forecasts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.events.run_outs import Spending
from scrip.http.events.entries import entry_event
from scrip.services.events import history
from scrip.store import ledger
from tests.aws import NEW_YEAR, Deployment
from tests.http.events.test_entries import read
from tests.http.usage.test_booked_records import metered, reverse
from tests.http.usage.test_burn_pages import page
from tests.http.usage.test_leases import lease, settle

pytestmark = pytest.mark.usefixtures("in_memory")
__all__ = ["metered"]
FIVE, TEN = "2030-01-01T00:05:00.000Z", "2030-01-01T00:10:00.000Z"


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    yield
    scrip.sound(account)


@pytest.fixture
def unit(scrip: Deployment, account: str, metered: tuple[str, str]) -> str:
    """Of 100: a page of 2, of a meter's 3 (for 1.5) and of one that is refused; a lease of 30 of which 5 are settled;
    five minutes later the first record is undone."""
    unit, meter = metered
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    records = [["2", "req-1"], [meter, "1.5", "req-2", {"model": "x"}], None, ["900", "req-3"]]
    paged = page(scrip, account, 0, records, unit=unit, clock=NEW_YEAR)
    placed = lease(scrip, account, "30", unit=unit)
    settle(scrip, account, placed, records=[["5", "req-4"]], renew="30")
    undone = reverse(scrip, account, paged.body["entry"]["entry_id"], offset=0, clock=FIVE, unit=unit)
    assert undone.status == 201, undone.text
    return unit


def kinds(entries: list[Any]) -> list[str]:
    return [one["kind"] for one in entries]


def test_lists_show_how_many_records_and_whose(scrip: Deployment, account: str, unit: str) -> None:
    entries = scrip.entries(account, unit=unit)
    assert kinds(entries) == ["grant", "burn", "hold", "capture", "hold", "reversal"]
    told = [(one.get("stream"), one.get("first"), one.get("records")) for one in entries]
    assert told[1] == ("s", 0, 4)
    assert told[3] == (entries[2]["hold_id"], 0, 1)
    assert told[0] == told[2] == told[4] == told[5] == (None, None, None)
    assert (entries[5]["offset"], entries[5]["of_entry_id"]) == (0, entries[1]["entry_id"])
    assert [(one["quantity"], one["amount"]) for one in entries[1]["usage"]] == [("1.5", "3")]


def test_lists_are_found_by_meter_and_not_by_the_reference_of_a_record(
    scrip: Deployment, account: str, unit: str, metered: tuple[str, str]
) -> None:
    path = f"/v1/accounts/{account}/entries"
    counted = scrip.get(path, query={"unit": unit, "meter": metered[1]}).body["items"]
    assert kinds(counted) == ["burn"]
    assert scrip.get(path, query={"unit": unit, "reference": "job:req-1"}).body["items"] == []
    assert scrip.get("/v1/search", query={"reference": "job:req-1"}).body["items"] == []
    lot = counted[0]["draws"][0]["lot_id"]
    found = scrip.get("/v1/search", query={"lot": lot, "account": account})
    assert found.status == 200, found.text
    assert len(found.body["items"]) == 6


def test_entries_as_a_table_have_their_columns(scrip: Deployment, account: str, unit: str) -> None:
    answer = scrip.get(
        f"/v1/accounts/{account}/entries", query={"unit": unit}, headers={"accept": "text/csv"}
    )
    assert answer.status == 200, answer.text
    head, *rows = [line.split(",") for line in answer.text.strip().split("\r\n")]
    assert {"stream", "first", "records", "offset"} <= set(head)
    assert len(rows) == 6


def test_the_balance_is_explained_and_proven_with_them(scrip: Deployment, account: str, unit: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/explain", query={"unit": unit}, clock=TEN)
    assert answer.status == 200, answer.text
    assert (answer.body["proof"]["agrees"], answer.body["proof"]["findings"]) == (True, [])
    assert (answer.body["balance"]["available"], answer.body["balance"]["held"]) == ("62", "30")


def test_a_past_balance_counts_what_was_booked_then(scrip: Deployment, account: str, unit: str) -> None:
    """100 − 5 of the page − 5 settled − 30 held; the reversal of 2 comes later."""
    path = f"/v1/accounts/{account}/balance"
    for at, available in ((NEW_YEAR, "60"), (FIVE, "62")):
        found = scrip.get(path, query={"unit": unit, "at": at}, clock=FIVE)
        assert (found.status, found.body["held"]) == (200, "30"), found.text
        assert found.body["available"] == available


def test_an_event_has_the_sums_and_no_record(scrip: Deployment, account: str, unit: str) -> None:
    told = read(scrip, account, unit=unit)
    assert [event["type"].rpartition(".")[2] for event in told] == kinds(scrip.entries(account, unit=unit))
    paged, settled = told[1]["data"], told[3]["data"]
    assert (paged["stream"], paged["first"], paged["records"], paged["amount"]) == ("s", 0, 4, "-5")
    assert [one["amount"] for one in paged["usage"]] == ["3"]
    assert (settled["stream"], settled["records"]) == (settled["hold_id"], 1)
    assert "req-1" not in json.dumps(told)
    assert told[5]["data"]["offset"] == 0


def test_the_largest_page_is_an_event_that_a_bus_takes(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000")
    page(scrip, account, 0, [["1", f"r-{number:062}"] for number in range(1000)])
    event = read(scrip, account)[1]
    assert event["data"]["records"] == 1000
    assert len(json.dumps(event)) < 3000


def test_what_was_told_is_told_again_from_the_ledger(scrip: Deployment, account: str, unit: str) -> None:
    first = read(scrip, account, unit=unit)
    piece = history.piece(runtime.tables(), history.Stretch(0, 2**42, [account]))
    again = [entry_event(entry, runtime.executor().unit(unit)) for entry in piece.entries]
    assert [(event.id, event.data) for event in again] == [(one["id"], one["data"]) for one in first]


def test_pages_and_settlements_count_as_spent_in_forecasts(
    scrip: Deployment, account: str, unit: str
) -> None:
    """5 of the page and 5 that were settled, in steps of 1/100; what is undone is not taken back."""
    spending = Spending()
    for one in scrip.entries(account, unit=unit):
        entry = ledger.find(runtime.tables(), account, unit, one["entry_id"])
        assert entry
        spending = spending.with_entry(entry)
    assert list(spending.used.values()) == [1000]


def test_the_audit_has_a_leases_terms(scrip: Deployment, unit: str) -> None:
    policy = {"lease_timeout": "capture", "lease_grace": "PT1M"}
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": policy}).status == 200
    found = scrip.get("/v1/audit", query={"target": f"unit:{unit}"})
    assert found.status == 200, found.text
    (change, *_) = found.body["items"]
    before, after = change["before"]["policy"], change["after"]["policy"]
    assert (before["lease_timeout"], after["lease_timeout"]) == ("release", "capture")
    assert (before["lease_grace"], after["lease_grace"]) == ("PT30S", "PT1M")
