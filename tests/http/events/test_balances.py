"""Burn through thresholds over HTTP, and what the bus has of it: once each, with the right numbers."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.services.verification import wallets
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.http.search.streaming import index

Json = dict[str, Any]
LATER = "2030-01-02T00:00:00.001Z"
pytestmark = pytest.mark.usefixtures("in_memory")


def told(scrip: Deployment, *accounts: str, unit: str) -> list[tuple[str, int, str | None, str]]:
    """What is told as the stream brings all that these accounts' ledgers have: what, seq, threshold, available."""
    scrip.told()
    index(*accounts, unit=unit)
    return [
        (
            event["type"].rpartition(".")[2],
            *(event["data"][name] for name in ("seq", "threshold", "available")),
        )
        for event in scrip.told("scrip.balance.")
    ]


def unit_of(scrip: Deployment, unit: str, *thresholds: str, **request: Any) -> None:
    body = {"precision": 2, "policy": {"low_balance": list(thresholds), "overdraft_limit": "100"}}
    assert scrip.put(f"/v1/units/{unit}", body, **request).status in (200, 201)


def test_burns_through_thresholds_are_told_and_what_comes_back(scrip: Deployment, account: str) -> None:
    unit_of(scrip, account, "50", "10.50")
    scrip.grant(account, "100", unit=account)
    for amount in ("40", "10", "0.01", "39.49", "10.50"):
        assert scrip.burn(account, amount, unit=account).status == 201
    scrip.grant(account, "10.50", unit=account)
    scrip.grant(account, "39.50", unit=account)
    scrip.grant(account, "0.01", unit=account)
    assert told(scrip, account, unit=account) == [
        ("low", 3, "50", "50"),
        ("low", 5, "10.5", "10.5"),
        ("depleted", 6, None, "0"),
        ("recovered", 8, "10.5", "50"),
        ("recovered", 9, "50", "50.01"),
    ]


def test_one_burn_past_all_of_them_tells_each(scrip: Deployment, account: str) -> None:
    unit_of(scrip, account, "50", "25%", "10")
    scrip.grant(account, "100", unit=account)
    scrip.burn(account, "120", unit=account)
    assert told(scrip, account, unit=account) == [
        ("low", 2, "50", "0"),
        ("low", 2, "10", "0"),
        ("low", 2, "25%", "0"),
        ("depleted", 2, None, "0"),
    ]


def test_who_was_not_told_low_is_not_told_recovered(scrip: Deployment, account: str) -> None:
    """A first grant below the threshold tells nothing, nor does the second that lifts it above."""
    unit_of(scrip, account, "50")
    scrip.grant(account, "20", unit=account)
    scrip.grant(account, "40", unit=account)
    assert told(scrip, account, unit=account) == []


def test_a_percentage_is_of_what_was_available_after_the_last_credits_came(
    scrip: Deployment, account: str
) -> None:
    """Of 100, then of 30 + 60 = 90, of which 20% are 18; each entry shows it."""
    unit_of(scrip, account, "20%")
    scrip.grant(account, "100", unit=account)
    scrip.burn(account, "70", unit=account)
    scrip.grant(account, "60", unit=account)
    scrip.burn(account, "71", unit=account)
    scrip.burn(account, "1", unit=account)
    scrip.grant(account, "3", unit=account)
    bases = [entry["alert_base"] for entry in scrip.entries(account, unit=account)]
    assert bases == ["100", "100", "90", "90", "90", "21"]
    assert told(scrip, account, unit=account) == [("low", 5, "20%", "18"), ("recovered", 6, "20%", "21")]


def test_pending_credits_are_no_base_until_they_begin(scrip: Deployment, account: str) -> None:
    unit_of(scrip, account, "50%")
    scrip.grant(account, "100", unit=account, clock=NEW_YEAR)
    scrip.burn(account, "40", unit=account, clock=NEW_YEAR)
    scrip.grant(account, "40", unit=account, effective_at=NEXT_DAY, clock=NEW_YEAR)
    scrip.burn(account, "1", unit=account, clock=NEXT_DAY)
    bases = [entry["alert_base"] for entry in scrip.entries(account, unit=account)]
    assert bases == ["100", "100", "100", "100", "100"]


def test_no_entry_shows_a_base_where_no_alert_is_a_percentage(scrip: Deployment, account: str) -> None:
    unit_of(scrip, account, "50")
    scrip.grant(account, "100", unit=account)
    assert all("alert_base" not in entry for entry in scrip.entries(account, unit=account))


def test_a_base_of_before_a_percentage_was_asked_for_counts_at_once(scrip: Deployment, account: str) -> None:
    """The wallet has kept it, also while nobody asked."""
    unit_of(scrip, account)
    scrip.grant(account, "100", unit=account, clock=NEW_YEAR)
    scrip.burn(account, "10", unit=account, clock=NEW_YEAR)
    unit_of(scrip, account, "50%", clock=NEXT_DAY)
    scrip.burn(account, "40", unit=account, clock=NEXT_DAY)
    assert "alert_base" not in scrip.entries(account, unit=account)[1]
    assert told(scrip, account, unit=account) == [("low", 3, "50%", "50")]


def test_a_warm_function_that_does_not_know_of_the_percentage_yet_still_tells(
    scrip: Deployment, account: str
) -> None:
    """It remembers the unit for 30 s: its entries show no base, which the reader then looks up."""
    unit_of(scrip, account)
    scrip.grant(account, "100", unit=account, clock=NEW_YEAR)
    scrip.burn(account, "10", unit=account, clock=NEW_YEAR)
    remembered = runtime.executor()._cache.unit(account)
    assert remembered
    unit_of(scrip, account, "50%", clock=NEXT_DAY)
    runtime.executor()._cache.read_unit(*remembered)
    scrip.burn(account, "40", unit=account, clock=NEXT_DAY)
    assert all("alert_base" not in entry for entry in scrip.entries(account, unit=account))
    assert told(scrip, account, unit=account) == [("low", 3, "50%", "50")]


def test_an_accounts_own_percentage_moves_the_wallets_version_so_that_each_entry_shows_the_base(
    scrip: Deployment, account: str
) -> None:
    unit_of(scrip, account, "5")
    path, query = f"/v1/accounts/{account}/alerts", {"unit": account}
    scrip.grant(account, "100", unit=account, clock=NEW_YEAR)
    scrip.put(path, {"low_balance": ["50%"]}, query=query, clock=NEW_YEAR)
    scrip.put(path, {"low_balance": ["40%"]}, query=query, clock=NEW_YEAR)
    scrip.burn(account, "60", unit=account, clock=NEXT_DAY)
    scrip.send("DELETE", path, query=query, clock=LATER)
    scrip.burn(account, "35", unit=account, clock=LATER)
    entries = scrip.entries(account, unit=account)
    assert [entry["kind"] for entry in entries] == ["grant", "status", "burn", "status", "burn"]
    assert [entry.get("alert_base") for entry in entries] == [None, "100", "100", None, None]
    assert {entry["actor"] for entry in entries} == {"key:k1"}
    assert told(scrip, account, unit=account) == [("low", 3, "40%", "40"), ("low", 5, "5", "5")]
    assert wallets.check_wallet(runtime.tables(), account, account).discrepancies == []


def test_a_wallet_is_made_with_an_accounts_own_percentage_and_none_without(
    scrip: Deployment, account: str
) -> None:
    path = f"/v1/accounts/{account}/alerts"
    scrip.put(path, {"low_balance": ["5"]}, clock=NEW_YEAR)
    assert scrip.balance(account, clock=NEW_YEAR)["version"] == 0
    scrip.put(path, {"low_balance": ["50%"]}, clock=NEW_YEAR)
    assert [entry["kind"] for entry in scrip.entries(account)] == ["status"]
    scrip.grant(account, "10", clock=NEW_YEAR)
    scrip.burn(account, "5", clock=NEW_YEAR)
    assert told(scrip, account, unit="credits") == [("low", 3, "50%", "5")]


def test_a_replay_after_a_change_says_what_was_said_before(scrip: Deployment, account: str) -> None:
    unit_of(scrip, account, "50", clock=NEW_YEAR)
    scrip.grant(account, "100", unit=account, clock=NEW_YEAR)
    scrip.burn(account, "60", unit=account, clock=NEW_YEAR)
    scrip.told()
    index(account, unit=account)
    first = scrip.told("scrip.balance.")
    unit_of(scrip, account, "80", clock=NEXT_DAY)
    index(account, unit=account)
    assert scrip.told("scrip.balance.") == first
    (event,) = first
    entry = scrip.entries(account, unit=account)[1]
    assert event["subject"] == account
    assert event["time"] == entry["at"]
    said = {"unit": account, "threshold": "50", "available": "40", "entry_id": entry["entry_id"], "seq": 2}
    assert event["data"] == said


def test_a_hold_and_an_expiry_are_told_as_a_burn_is(scrip: Deployment, account: str) -> None:
    """And a release brings back what it sets free."""
    unit_of(scrip, account, "50")
    scrip.grant(account, "60", unit=account, clock=NEW_YEAR)
    scrip.grant(account, "40", unit=account, expires_at=NEXT_DAY, clock=NEW_YEAR)
    hold = scrip.move(account, "holds", unit=account, amount="55", clock=NEW_YEAR).body["hold"]["hold_id"]
    scrip.move(account, f"holds/{hold}/release", unit=account, clock=NEW_YEAR)
    scrip.burn(account, "60", unit=account, clock=NEXT_DAY)
    kinds = [entry["kind"] for entry in scrip.entries(account, unit=account)]
    assert kinds == ["grant", "grant", "hold", "release", "expiry", "burn"]
    assert told(scrip, account, unit=account) == [
        ("low", 3, "50", "45"),
        ("recovered", 4, "50", "100"),
        ("low", 6, "50", "0"),
        ("depleted", 6, None, "0"),
    ]
