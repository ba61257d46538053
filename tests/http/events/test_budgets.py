"""What is spent of a budget is told as it passes its marks, once each, and again after something was given back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, Deployment
from tests.http.search.streaming import index

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")


def put(scrip: Deployment, account: str, name: str = "day", **more: Any) -> None:
    body = {"limit": "100", "every": "P1D", "warn_at": ["50%", "80%"], **more}
    assert scrip.put(f"/v1/accounts/{account}/budgets/{name}", body, clock=NEW_YEAR).status == 201


def told(scrip: Deployment, account: str) -> list[tuple[str, str, str, str | None]]:
    """What was told since the last look: of each its kind, budget, mark, and member."""
    scrip.told()
    index(account)
    found = scrip.told("scrip.budget.")
    return [
        (
            one["type"].rpartition(".")[2],
            one["data"]["budget_id"],
            one["data"]["warn_at"],
            one["data"]["member"],
        )
        for one in found
    ]


def test_each_mark_that_an_entry_passes_is_an_event_with_what_is_spent_and_the_period(
    scrip: Deployment, account: str
) -> None:
    """50 reach 50%; 35 more pass 80%; 15 more are all of it."""
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account)
    for amount in ("49", "1", "35"):
        assert scrip.burn(account, amount, clock=NEW_YEAR).status == 201
    last = scrip.burn(account, "15", clock=NEW_YEAR).body["entry"]
    scrip.told()
    index(account)
    events = scrip.told("scrip.budget.")
    assert [(one["type"], one["data"]["warn_at"], one["data"]["spent"]) for one in events] == [
        ("scrip.budget.warning", "50%", "50"),
        ("scrip.budget.warning", "80%", "85"),
        ("scrip.budget.reached", "100%", "100"),
    ]
    assert events[2]["data"] == {
        "unit": "credits",
        "budget_id": "day",
        "member": None,
        "warn_at": "100%",
        "spent": "100",
        "limit": "100",
        "period": {"from": NEW_YEAR, "to": "2030-01-02T00:00:00.000Z"},
        "entry_id": last["entry_id"],
        "seq": last["seq"],
    }
    assert len({one["id"] for one in events}) == 3
    index(account)
    assert [one["id"] for one in scrip.told("scrip.budget.")] == [one["id"] for one in events]


def test_a_mark_is_told_again_after_something_was_given_back(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account)
    hold = scrip.move(account, "holds", amount="85", clock=NEW_YEAR).body["hold"]["hold_id"]
    assert scrip.move(account, f"holds/{hold}/capture", amount="10", clock=NEW_YEAR).status == 201
    scrip.burn(account, "80", clock=NEW_YEAR)
    assert told(scrip, account) == [
        ("warning", "day", "50%", None),
        ("warning", "day", "80%", None),
        ("warning", "day", "50%", None),
        ("warning", "day", "80%", None),
    ]


def test_what_each_member_spends_is_told_by_its_name(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account, "each", member="*", warn_at=[])
    put(scrip, account, "ann", member="ann", limit="50", warn_at=[], action="notify")
    for member in ("ann", "bob"):
        scrip.burn(account, "100", member=member, clock=NEW_YEAR)
    assert told(scrip, account) == [
        ("reached", "ann", "100%", "ann"),
        ("reached", "each", "100%", "ann"),
        ("reached", "each", "100%", "bob"),
    ]


def test_a_refused_burn_is_not_told(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1000", clock=NEW_YEAR)
    put(scrip, account)
    assert scrip.burn(account, "101", clock=NEW_YEAR).status == 402
    assert told(scrip, account) == []
