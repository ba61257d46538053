"""Balances: what there is, and what there was at any past instant. Nothing here writes (laws 1 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.store import ledger
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.http.contract import BALANCE, MOVED_BALANCE, invalid, refused, whole_balance

pytestmark = pytest.mark.usefixtures("in_memory")


ZERO = {
    "total": "0",
    "available": "0",
    "held": "0",
    "frozen": "0",
    "pending": "0",
    "owed": "0",
    "by_category": {"paid": "0", "free": "0"},
    "next_expiry": None,
    "status": "active",
    "version": 0,
}


NOON = "2030-01-01T12:00:00.000Z"


# Balance


def test_a_wallet_never_seen_has_zeros(scrip: Deployment, account: str) -> None:
    with scrip.unwritten():
        found = scrip.balance(account, clock=NEW_YEAR)
    assert found == {"account": account, "unit": "credits", "as_of": NEW_YEAR, **ZERO}


def test_a_balance_says_everything_that_is_documented(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "50", clock=NEW_YEAR)
    scrip.grant(account, "20", clock=NEW_YEAR, expires_at=NEXT_DAY)
    scrip.grant(account, "5", clock=NEW_YEAR, effective_at=NOON)
    scrip.grant(account, "30", clock=NEW_YEAR, kind="paid", cost_basis={"amount": 1, "currency": "USD"})
    found = scrip.balance(account, clock=NEW_YEAR)
    whole_balance(found, BALANCE)
    assert found == {
        "account": account,
        "unit": "credits",
        "as_of": NEW_YEAR,
        "total": "105",
        "available": "100",
        "held": "0",
        "frozen": "0",
        "pending": "5",
        "owed": "0",
        "by_category": {"paid": "30", "free": "70"},
        "next_expiry": {"at": NEXT_DAY, "amount": "20"},
        "status": "active",
        "version": 4,
    }


def test_a_read_shows_what_is_due_as_if_it_were_booked_and_books_nothing(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "50", clock=NEW_YEAR)
    scrip.grant(account, "20", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "5", clock=NEW_YEAR, effective_at=NOON)
    before = scrip.wallet(account)
    with scrip.unwritten():
        found = scrip.balance(account, clock=NOON)
    assert (found["total"], found["available"], found["pending"]) == ("55", "55", "0")
    assert (found["version"], found["next_expiry"]) == (3, None)
    assert scrip.wallet(account) == before
    # A read in the future moved no time: what comes next may come before it.
    assert scrip.burn(account, "70", clock="2030-01-01T11:59:59.999Z").status == 201


def test_lots_that_expire_at_one_instant_expire_together(scrip: Deployment, account: str) -> None:
    for amount in ("1", "2", "3"):
        scrip.grant(account, amount, clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NEXT_DAY)
    assert scrip.balance(account, clock=NEW_YEAR)["next_expiry"] == {"at": NOON, "amount": "6"}


def test_the_next_expiry_may_lie_past_the_window(scrip: Deployment, account: str) -> None:
    """A low priority keeps a lot that expires first out of the sixteen that lie in the wallet item."""
    for _ in range(20):
        scrip.grant(account, "1", clock=NEW_YEAR, priority=0)
    scrip.grant(account, "7", clock=NEW_YEAR, priority=100, expires_at=NOON)
    assert scrip.balance(account, clock=NEW_YEAR)["next_expiry"] == {"at": NOON, "amount": "7"}


def history(scrip: Deployment, account: str) -> None:
    """100 at midnight, 20 more at 1:00 that expire at 3:00; burns of 10 at 2:00 and 4:00."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    scrip.grant(account, "20", clock="2030-01-01T01:00:00Z", expires_at="2030-01-01T03:00:00Z")
    scrip.burn(account, "10", clock="2030-01-01T02:00:00Z")
    scrip.burn(account, "10", clock="2030-01-01T04:00:00Z")


PAST = [
    ("2029-12-31T23:59:59.999Z", "0", 0),
    ("2030-01-01T00:00:00.000Z", "100", 1),
    ("2030-01-01T00:00:00.001Z", "100", 1),
    ("2030-01-01T00:59:59.999Z", "100", 1),
    ("2030-01-01T01:00:00.000Z", "120", 2),
    ("2030-01-01T02:00:00.000Z", "110", 3),
    ("2030-01-01T02:59:59.999Z", "110", 3),
    ("2030-01-01T03:00:00.000Z", "100", 4),
    ("2030-01-01T04:00:00.000Z", "90", 5),
    ("2030-01-01T05:00:00.000Z", "90", 5),
    ("1970-01-01T00:00:00.000Z", "0", 0),
    ("1960-01-01T00:00:00.000Z", "0", 0),
    ("0001-01-01T00:00:00.000Z", "0", 0),
]


@pytest.mark.parametrize(("at", "total", "version"), PAST)
def test_a_balance_is_as_it_was_at_a_past_instant(
    scrip: Deployment, account: str, at: str, total: str, version: int
) -> None:
    history(scrip, account)
    found = scrip.balance(account, query={"at": at}, clock=NEXT_DAY)
    assert set(found) >= MOVED_BALANCE
    assert (found["total"], found["available"], found["version"], found["as_of"]) == (
        total,
        total,
        version,
        at,
    )


def test_entries_of_one_instant_are_all_in_the_balance_at_it(scrip: Deployment, account: str) -> None:
    for _ in range(3):
        scrip.grant(account, "1", clock=NEW_YEAR)
    scrip.grant(account, "1", clock=NEXT_DAY)
    assert scrip.balance(account, query={"at": NEW_YEAR})["total"] == "3"


def test_a_balance_at_an_instant_after_the_last_entry_has_what_was_due_by_then(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    for at, total in (("2030-01-01T11:59:59.999Z", "10"), (NOON, "0")):
        assert scrip.balance(account, query={"at": at}, clock=NEXT_DAY)["total"] == total


@pytest.mark.parametrize("at", ["1960-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z"])
def test_a_wallet_never_seen_had_zeros_at_any_past_instant(scrip: Deployment, account: str, at: str) -> None:
    found = scrip.balance(account, query={"at": at})
    assert {**found, "next_expiry": None} == {"account": account, "unit": "credits", "as_of": at, **ZERO}


def test_the_future_is_not_told(scrip: Deployment, account: str) -> None:
    answer = scrip.get(
        f"/v1/accounts/{account}/balance", query={"at": "2030-01-01T00:00:00.001Z"}, clock=NEW_YEAR
    )
    invalid(answer, "at")
    invalid(scrip.get(f"/v1/accounts/{account}/balance", query={"at": "9999-12-31T23:59:59.999Z"}), "at")


def test_a_past_balance_waits_for_a_timeline_that_lags(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is eventual: what it says counts once the entries on both sides of the instant are neighbours."""
    history(scrip, account)
    answers: list[Any] = []
    whole = ledger._timeline

    def lagging(*args: Any, **kwargs: Any) -> Any:
        found = whole(*args, **kwargs)
        answers.append(found)
        # For two rounds the index does not know the burn at 2:00 yet.
        return [item for item in found if len(answers) > 4 or not item["tl"]["S"].endswith(".000000000003")]

    monkeypatch.setattr(ledger, "_timeline", lagging)
    monkeypatch.setattr(ledger, "LAG_WAIT", 0.0)
    assert scrip.balance(account, query={"at": "2030-01-01T02:30:00Z"})["total"] == "110"
    assert len(answers) > 4


def test_a_timeline_that_lags_for_ever_is_not_believed(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(scrip, account)
    whole = ledger._timeline
    monkeypatch.setattr(ledger, "LAG_WAIT", 0.0)
    monkeypatch.setattr(
        ledger,
        "_timeline",
        lambda *args, **kwargs: [
            item for item in whole(*args, **kwargs) if not item["tl"]["S"].endswith("3")
        ],
    )
    answer = scrip.get(f"/v1/accounts/{account}/balance", query={"at": "2030-01-01T02:30:00Z"})
    refused(answer, 503, "unavailable")


# Lots


def test_a_wallet_never_seen_has_no_lots_and_no_entries(scrip: Deployment, account: str) -> None:
    for query in ({}, {"status": "all"}, {"status": "open"}):
        answer = scrip.get(f"/v1/accounts/{account}/lots", query=query)
        assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})
    answer = scrip.get(f"/v1/accounts/{account}/entries")
    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None, "through_seq": 0})
