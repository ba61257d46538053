"""Grants, as the door answers them (laws 1, 7 and 10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, lot_of
from tests.http.contract import (
    GRANT_ENTRY,
    MOVED_BALANCE,
    invalid,
    refused,
    whole_balance,
    whole_entry,
    whole_lot,
)

JANUARY = "2030-01-31T10:00:00.000Z"


def test_a_grant_makes_a_lot_and_an_entry_and_says_the_balance(scrip: Deployment, account: str) -> None:
    answer = scrip.grant(account, "100.50", "g1", clock=NEW_YEAR)
    assert answer.headers == {"content-type": "application/json", "request-id": "r1"}
    assert set(answer.body) == {"entry", "balance", "lot"}
    entry, balance, lot = answer.body["entry"], answer.body["balance"], answer.body["lot"]
    whole_entry(entry, GRANT_ENTRY)
    whole_balance(balance, MOVED_BALANCE)
    whole_lot(lot)
    assert (entry["seq"], entry["kind"], entry["amount"]) == (1, "grant", "100.5")
    assert (entry["balance_before"], entry["balance_after"], entry["draws"]) == ("0", "100.5", [])
    assert (entry["reference"], entry["reason"], entry["metadata"]) == (None, None, {})
    assert (balance["total"], balance["by_category"]) == ("100.5", {"paid": "0", "free": "100.5"})
    assert lot == {
        "lot_id": lot_of(account, 1),
        "kind": "promotional",
        "granted": "100.5",
        "remaining": "100.5",
        "held": "0",
        "frozen": "0",
        "priority": 50,
        "effective_at": NEW_YEAR,
        "expires_at": None,
        "cost_basis": None,
        "scope": [],
        "status": "open",
        "source": None,
        "metadata": {},
    }
    assert [one | {"money": None} for one in scrip.lots(account)] == [lot | {"money": None}]


def test_a_paid_grant_keeps_everything_that_was_said_of_it(scrip: Deployment, account: str) -> None:
    said: dict[str, Any] = {
        "kind": "paid",
        "priority": 7,
        "cost_basis": {"amount": 100000, "currency": "USD"},
        "expires_at": "2031-01-01T00:00:00.000Z",
        "scope": [],
        "reference": {"type": "invoice", "id": "in_1"},
        "reason": "bought",
        "metadata": {"order": "7"},
    }
    answer = scrip.grant(account, "10000", clock=NEW_YEAR, **said)
    lot, entry = answer.body["lot"], answer.body["entry"]
    for name in ("kind", "priority", "cost_basis", "expires_at", "scope", "metadata"):
        assert lot[name] == said[name]
    assert lot["source"] == {"type": "invoice", "id": "in_1"}
    assert (entry["reference"], entry["reason"], entry["metadata"]) == (
        {"type": "invoice", "id": "in_1"},
        "bought",
        {"order": "7"},
    )
    assert answer.balance["by_category"] == {"paid": "10000", "free": "0"}
    assert [one | {"money": None} for one in scrip.lots(account)] == [lot | {"money": None}]


@pytest.mark.parametrize(
    ("duration", "at"),
    [
        ("PT1S", "2030-01-31T10:00:01.000Z"),
        ("PT15M", "2030-01-31T10:15:00.000Z"),
        ("P1D", "2030-02-01T10:00:00.000Z"),
        ("P2W", "2030-02-14T10:00:00.000Z"),
        ("P1M", "2030-02-28T10:00:00.000Z"),
        ("P3M", "2030-04-30T10:00:00.000Z"),
        ("P1Y", "2031-01-31T10:00:00.000Z"),
        ("P1Y2M3DT4H5M6S", "2031-04-03T14:05:06.000Z"),
    ],
)
def test_a_duration_keeps_the_day_clamped_to_short_months(
    scrip: Deployment, account: str, duration: str, at: str
) -> None:
    answer = scrip.grant(account, "1", clock=JANUARY, expires_in=duration)
    assert answer.body["lot"]["expires_at"] == at


def test_a_pending_grant_is_visible_and_not_spendable(scrip: Deployment, account: str) -> None:
    answer = scrip.grant(account, "10", clock=NEW_YEAR, effective_at=NEXT_DAY, expires_in="P1D")
    lot, balance = answer.body["lot"], answer.balance
    assert (lot["status"], lot["effective_at"]) == ("pending", NEXT_DAY)
    assert lot["expires_at"] == "2030-01-03T00:00:00.000Z"
    assert (balance["total"], balance["available"], balance["pending"]) == ("10", "0", "10")
    assert [one | {"money": None} for one in scrip.lots(account)] == [lot | {"money": None}]


def test_an_inclusive_boundary_gives_a_lot_its_last_millisecond(scrip: Deployment, account: str) -> None:
    unit = f"inclusive-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"expiry_boundary": "inclusive"}})
    answer = scrip.grant(account, "10", unit=unit, clock=NEW_YEAR, expires_at=NEXT_DAY)
    assert answer.body["lot"]["expires_at"] == NEXT_DAY
    assert scrip.burn(account, "1", unit=unit, clock=NEXT_DAY).status == 201
    assert (
        scrip.burn(account, "1", unit=unit, clock="2030-01-02T00:00:00.001Z").code == "insufficient_credits"
    )


def test_a_unit_may_say_when_its_credits_expire(scrip: Deployment, account: str) -> None:
    unit = f"monthly-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"default_expires_in": "P1M"}})
    answer = scrip.grant(account, "10", unit=unit, clock=JANUARY)
    assert answer.body["lot"]["expires_at"] == "2030-02-28T10:00:00.000Z"


def test_a_changed_unit_policy_does_not_touch_a_lot_already_granted(scrip: Deployment, account: str) -> None:
    """Law 10."""
    unit = f"changing-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0})
    scrip.grant(account, "10", unit=unit, clock=NEW_YEAR)
    answer = scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"default_expires_in": "PT1S"}})
    assert (answer.status, answer.body["version"]) == (200, 2)
    scrip.cold()
    scrip.grant(account, "5", unit=unit, clock=NEW_YEAR)
    found = scrip.balance(account, query={"unit": unit}, clock=NEXT_DAY)
    assert (found["total"], found["version"]) == ("10", 2)


OUT_OF_PLACE: list[tuple[str, dict[str, Any], str]] = [
    ("begins before now", {"effective_at": "2029-12-31T23:59:59.999Z"}, "effective_at"),
    ("ends now", {"expires_at": NEW_YEAR}, "expires_at"),
    ("ended before now", {"expires_at": "2029-12-31T23:59:59.999Z"}, "expires_at"),
    ("ends when it begins", {"effective_at": NEXT_DAY, "expires_at": NEXT_DAY}, "expires_at"),
    ("ends before it begins", {"effective_at": NEXT_DAY, "expires_at": "2030-01-01T00:00:01Z"}, "expires_at"),
    ("ends in two ways", {"expires_at": NEXT_DAY, "expires_in": "P1D"}, "expires_in"),
    ("reaches past 9999", {"expires_in": "P9999Y"}, "expires_in"),
    ("reaches past 9999 by months", {"expires_in": "P99999M"}, "expires_in"),
    ("reaches past 9999 by everything", {"expires_in": "P5000Y99999M99999W999999DT9999999H"}, "expires_in"),
    (
        "reaches past 9999 by seconds",
        {"effective_at": "9999-12-31T23:59:59Z", "expires_in": "PT1S"},
        "expires_in",
    ),
    ("is promotional with a cost", {"cost_basis": {"amount": 1, "currency": "USD"}}, "cost_basis"),
    (
        "is a compensation with a cost",
        {"kind": "compensation", "cost_basis": {"amount": 1, "currency": "USD"}},
        "cost_basis",
    ),
]


@pytest.mark.parametrize(("_", "body", "field"), OUT_OF_PLACE, ids=[row[0] for row in OUT_OF_PLACE])
def test_a_grant_is_refused_that(
    scrip: Deployment, account: str, _: str, body: dict[str, Any], field: str
) -> None:
    scrip.grant(account, "1", clock=NEW_YEAR)
    before = scrip.wallet(account)
    answer = scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1", **body}, key="g", clock=NEW_YEAR)
    invalid(answer, field)
    assert scrip.wallet(account) == before


def test_a_wallet_takes_10_to_the_27_steps_and_not_one_more(scrip: Deployment, account: str) -> None:
    path, largest = f"/v1/accounts/{account}/grants", "1000000000000000000000"
    answer = scrip.post(path, {"amount": f"{largest}.000001"}, key="g0")
    refused(answer, 422, "amount_out_of_range", field="amount", largest=largest)
    assert scrip.grant(account, largest).balance["total"] == largest
    answer = scrip.post(path, {"amount": "0.000001"}, key="g2")
    refused(answer, 422, "amount_out_of_range", largest=largest, unit="credits")
    assert scrip.burn(account, "0.000001").balance["total"] == "999999999999999999999.999999"
    assert scrip.grant(account, "0.000001").balance["total"] == largest


def test_a_frozen_wallet_takes_grants_and_a_closed_one_does_not(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1")
    scrip.set_status(account, "frozen")
    assert scrip.grant(account, "1").balance["status"] == "frozen"
    scrip.set_status(account, "closed")
    refused(scrip.post(f"/v1/accounts/{account}/grants", {"amount": "1"}, key="g"), 409, "wallet_closed")


def test_the_hashes_are_a_chain_from_zeros(scrip: Deployment, account: str) -> None:
    """Law 4."""
    for _ in range(3):
        scrip.grant(account, "1")
    first, second, third = scrip.entries(account)
    assert first["previous_hash"] == "0" * 64
    assert (second["previous_hash"], third["previous_hash"]) == (first["hash"], second["hash"])


@pytest.mark.parametrize("kind", ["paid", "refund"])
@pytest.mark.parametrize("basis", [{}, {"cost_basis": None}], ids=["left out", "null"])
def test_law_7_a_grant_that_says_it_was_paid_and_not_what_is_warned_of(
    scrip: Deployment, account: str, kind: str, basis: dict[str, None]
) -> None:
    """It counts as free: a credit is paid while it has cost basis, whatever the kind says."""
    granted = scrip.grant(account, "10", "k", kind=kind, **basis)
    assert granted.balance["by_category"] == {"paid": "0", "free": "10"}
    (warning,) = granted.body["warnings"]
    assert warning["field"] == "cost_basis"
    assert "count as free" in warning["message"]
    assert scrip.grant(account, "10", "k", kind=kind, **basis).body == granted.body


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "paid", "cost_basis": {"amount": 1000, "currency": "USD"}},
        {"kind": "paid", "cost_basis": {"amount": 0, "currency": "USD"}},
        {"kind": "refund", "cost_basis": {"amount": 1, "currency": "JPY"}},
        {"kind": "promotional"},
        {"kind": "compensation"},
        {},
    ],
    ids=str,
)
def test_any_other_grant_is_not(scrip: Deployment, account: str, terms: Any) -> None:
    assert "warnings" not in scrip.grant(account, "10", **terms).body
