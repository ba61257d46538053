"""Leases: spent in memory, settled from time to time, never more than was set aside (laws 3 and 6)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment
from tests.http.contract import invalid, refused

pytestmark = pytest.mark.usefixtures("in_memory")
DEADLINE, LATE, OVER = "2030-01-01T00:15:00.000Z", "2030-01-01T00:15:29.999Z", "2030-01-01T00:15:30.000Z"


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 3, 4, 6 and 8, after every test."""
    yield
    scrip.sound(account)


def lease(scrip: Deployment, account: str, amount: str, **rest: Any) -> Any:
    """A lease that is placed, at New Year where nothing else is said."""
    answer = scrip.move(account, "holds", **{"amount": amount, "lease": True, "clock": NEW_YEAR, **rest})
    assert answer.status == 201, answer.text
    return answer.body["hold"]


def settle(scrip: Deployment, account: str, hold: Any, clock: str = NEW_YEAR, **body: Any) -> Answer:
    path = f"/v1/accounts/{account}/holds/{hold['hold_id']}/settle"
    return scrip.post(path, body, clock=clock)


def told(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 201, answer.text
    return [(one["status"], one["amount"]) for one in answer.body["records"]]


def look(scrip: Deployment, account: str, hold: Any, clock: str = NEW_YEAR) -> Any:
    answer = scrip.get(f"/v1/accounts/{account}/holds/{hold['hold_id']}", clock=clock)
    assert answer.status == 200, answer.text
    return answer.body


def test_a_lease_is_settled_and_filled_up_in_one_commit(scrip: Deployment, account: str) -> None:
    """Of 100, 30 are leased; 2 and 3 spent; filled up to 30 again: 65 are left to others, 30 to the holder."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    assert (placed["lease"], placed["left"], placed["next"]) == (True, "30", 0)
    answer = settle(scrip, account, placed, records=[["2", "a"], ["3", "b"]], renew="30")
    assert told(answer) == [("burned", "2"), ("burned", "3")]
    assert (answer.body["burned"], answer.body["next"], answer.body["hold"]["left"]) == ("5", 2, "30")
    balance = answer.body["balance"]
    assert (balance["available"], balance["held"], balance["total"]) == ("65", "30", "95")
    assert [
        one["kind"]
        for one in scrip.entries(
            account,
        )
    ] == ["grant", "hold", "capture", "hold"]
    assert answer.body["entry"]["kind"] == "capture"
    assert answer.body["entry"]["entry_id"].startswith("p.")


def test_a_lease_that_is_not_filled_up_says_why(scrip: Deployment, account: str) -> None:
    """Of 20 with a budget of 15 a day: 10 are leased; 5 more are left by the budget, 10 by the wallet; a frozen wallet
    gives none. What the lease has is spent all the same, and its third record is more than that."""
    scrip.grant(account, "20", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/budgets/day"
    assert scrip.put(path, {"limit": "15", "every": "P1D"}, clock=NEW_YEAR).status == 201
    placed = lease(scrip, account, "10")
    answer = settle(scrip, account, placed, renew="12")
    assert (answer.body["short"], answer.body["hold"]["left"]) == (None, "12")
    for _ in range(2):
        answer = settle(scrip, account, placed, renew="16")
        assert (answer.body["short"], answer.body["hold"]["left"]) == ("budget_exceeded", "15")
    assert scrip.put(path, {"limit": "90", "every": "P1D"}, clock=NEW_YEAR).status == 200
    answer = settle(scrip, account, placed, renew="21")
    assert (answer.body["short"], answer.body["hold"]["left"]) == ("insufficient_credits", "20")
    assert scrip.move(account, "freeze", reason="asked", clock=NEW_YEAR).status in (200, 201)
    records = [["2", "a"], ["3", "b"], ["16", "c"]]
    answer = settle(scrip, account, placed, records=records, renew="20")
    assert (answer.body["short"], answer.body["hold"]["left"]) == ("wallet_frozen", "15")
    assert [one.get("reason") for one in answer.body["records"]] == [None, None, "insufficient_credits"]


def test_a_settlement_again_books_nothing_and_fills_up_to_the_same(scrip: Deployment, account: str) -> None:
    """Law 3."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    first = settle(scrip, account, placed, records=[["2", "a"], ["3", "b"]], renew="30")
    again = settle(scrip, account, placed, records=[["2", "a"], ["3", "b"]], renew="30")
    assert told(again) == [("known", "2"), ("known", "3")]
    assert (again.body["burned"], again.body["entry"]) == ("0", first.body["entry"])
    assert scrip.balance(account, clock=NEW_YEAR)["available"] == "65"
    more = settle(scrip, account, placed, first=1, records=[["3", "b"], ["4", "c"]])
    assert told(more) == [("known", "3"), ("burned", "4")]
    assert more.body["hold"]["left"] == "26"


def test_a_record_beyond_the_lease_is_refused_and_uses_its_offset(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "10")
    answer = settle(scrip, account, placed, records=[["4", "a"], ["7", "b"], ["6", "c"], ["1", "d"]])
    assert told(answer) == [("burned", "4"), ("refused", "0"), ("burned", "6"), ("refused", "0")]
    assert (answer.body["next"], answer.body["hold"]["left"], answer.body["hold"]["status"]) == (
        4,
        "0",
        "open",
    )
    refused(settle(scrip, account, placed, first=5, records=[["1", "e"]]), 409, "offset_gap", next=4)


def test_what_is_not_there_does_not_fill_a_lease_up(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "40", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    answer = settle(scrip, account, placed, records=[["25", "a"]], renew="30")
    assert (answer.body["hold"]["left"], answer.body["balance"]["available"]) == ("15", "0")
    again = settle(scrip, account, placed, renew="30", first=1)
    assert (again.status, again.body["hold"]["left"], again.body["records"]) == (201, "15", [])
    assert scrip.move(account, "freeze", reason="looked at", clock=NEW_YEAR).status == 201
    late = settle(scrip, account, placed, first=1, records=[["5", "b"]], renew="30")
    assert (told(late), late.body["hold"]["left"]) == ([("burned", "5")], "10")


@pytest.mark.parametrize("timeout", ["release", "capture"])
def test_at_its_end_the_policy_says_whose_the_rest_is(scrip: Deployment, account: str, timeout: str) -> None:
    """Of 30 that were leased 5 were settled. The rest is held until 30 seconds after the deadline (law 6)."""
    unit = f"u-{account}-{timeout}"
    policy = {"lease_timeout": timeout}
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": policy}).status == 201
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    placed = lease(scrip, account, "30", unit=unit)
    settle(scrip, account, placed, records=[["5", "a"]])
    # What is placed stays as it was said (law 10).
    other = {"release": "capture", "capture": "release"}[timeout]
    scrip.put(
        f"/v1/units/{unit}", {"precision": 2, "policy": {"lease_timeout": other, "lease_grace": "PT1S"}}
    )
    assert look(scrip, account, placed, LATE)["status"] == "open"
    ended = look(scrip, account, placed, OVER)
    assert (ended["status"], ended["left"]) == ({"release": "expired", "capture": "captured"}[timeout], "0")
    balance = scrip.balance(account, clock=OVER, query={"unit": unit})
    assert (balance["available"], balance["held"]) == ({"release": "95", "capture": "70"}[timeout], "0")
    refused(
        settle(scrip, account, placed, OVER, first=1, records=[["1", "b"]]),
        409,
        "hold_not_open",
        hold_status=ended["status"],
    )
    assert told(settle(scrip, account, placed, OVER, records=[["5", "a"]])) == [("known", "5")]


def test_a_settlement_within_the_grace_counts_and_may_go_on(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    answer = settle(scrip, account, placed, LATE, records=[["5", "a"]], renew="30", expires_in="PT15M")
    assert (told(answer), answer.body["hold"]["left"]) == ([("burned", "5")], "30")
    assert answer.body["hold"]["expires_at"] == "2030-01-01T00:30:29.999Z"
    assert look(scrip, account, placed, OVER)["status"] == "open"


def test_a_lease_is_settled_and_not_captured(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    path = f"holds/{placed['hold_id']}/capture"
    refused(scrip.move(account, path, amount="1", clock=NEW_YEAR), 422, "policy_violation", policy="lease")
    plain = scrip.move(account, "holds", amount="5", clock=NEW_YEAR).body["hold"]
    refused(settle(scrip, account, plain, records=[["1", "a"]]), 422, "policy_violation", policy="lease")
    answer = scrip.move(account, f"holds/{placed['hold_id']}/release", clock=NEW_YEAR)
    assert (answer.status, answer.body["hold"]["status"], answer.body["balance"]["available"]) == (
        201,
        "released",
        "95",
    )


def test_held_credits_of_a_lot_that_ends_are_the_holders_to_spend(scrip: Deployment, account: str) -> None:
    """The lot ends at minute 5. What is held of it can be settled at minute 10, and is not filled up from it."""
    scrip.grant(account, "40", expires_at="2030-01-01T00:05:00Z", clock=NEW_YEAR)
    placed = lease(scrip, account, "30")
    answer = settle(scrip, account, placed, "2030-01-01T00:10:00Z", records=[["5", "a"]], renew="30")
    assert (told(answer), answer.body["hold"]["left"]) == ([("burned", "5")], "25")


def test_a_lease_over_many_lots_is_settled_in_parts(scrip: Deployment, account: str) -> None:
    """60 lots of 1: one commit spends from 40 of them."""
    for number in range(60):
        scrip.grant(account, "1", priority=number % 100, clock=NEW_YEAR)
    placed = lease(scrip, account, "60")
    answer = settle(scrip, account, placed, records=[["1", f"r-{number}"] for number in range(61)])
    assert [status for status, _ in told(answer)] == ["burned"] * 60 + ["refused"]
    assert (answer.body["burned"], answer.body["hold"]["left"]) == ("60", "0")


def test_one_record_may_be_of_more_lots_than_a_settlement_takes_at_once(
    scrip: Deployment, account: str
) -> None:
    """60 lots of 1: a commit of several records spends from 40 of them, and this one is set aside as well (law 6)."""
    for number in range(60):
        scrip.grant(account, "1", expires_in=f"P{10 + number}D", clock=NEW_YEAR)
    placed = lease(scrip, account, "60")
    answer = settle(scrip, account, placed, records=[["2", "a"], ["57", "b"], ["2", "c"], ["1", "d"]])
    assert told(answer) == [("burned", "2"), ("burned", "57"), ("refused", "0"), ("burned", "1")]


def test_what_another_settles_between_two_commits_is_known_and_told(scrip: Deployment, account: str) -> None:
    """60 lots of 1: the first commit has 40 records. Then somebody who was thought dead settles ten of the same, before
    the rest is: each record is told, as what it is (law 3)."""
    for number in range(60):
        scrip.grant(account, "1", expires_in=f"P{10 + number}D", clock=NEW_YEAR)
    placed = lease(scrip, account, "60")
    records, commits = [["1", f"r-{number}"] for number in range(60)], count(1)

    def another() -> None:
        if next(commits) == 2:
            answer = settle(scrip, account, placed, first=40, records=records[40:50])
            assert told(answer) == [("burned", "1")] * 10

    with scrip.meanwhile(another, times=2):
        answer = settle(scrip, account, placed, records=records)
    assert told(answer) == [("burned", "1")] * 40 + [("known", "1")] * 10 + [("burned", "1")] * 10
    assert [one["offset"] for one in answer.body["records"]] == list(range(60))
    assert (answer.body["burned"], answer.body["next"], answer.body["hold"]["left"]) == ("50", 60, "0")


def test_what_another_settles_to_its_end_is_known_and_told(scrip: Deployment, account: str) -> None:
    """As before, but nothing is left for the second commit."""
    for number in range(60):
        scrip.grant(account, "1", expires_in=f"P{10 + number}D", clock=NEW_YEAR)
    placed = lease(scrip, account, "60")
    records, commits = [["1", f"r-{number}"] for number in range(60)], count(1)

    def another() -> None:
        if next(commits) == 2:
            settle(scrip, account, placed, first=40, records=records[40:])

    with scrip.meanwhile(another, times=2):
        answer = settle(scrip, account, placed, records=records)
    assert told(answer) == [("burned", "1")] * 40 + [("known", "1")] * 20
    assert (answer.body["burned"], answer.body["next"]) == ("40", 60)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lease": True, "meter": "m", "quantity": 1}, "amount"),
        ({"lease": True, "amount": "1", "over_capture": "burn_extra"}, "over_capture"),
        ({"lease": "yes", "amount": "1"}, "lease"),
    ],
)
def test_a_lease_is_of_an_amount(scrip: Deployment, account: str, body: Any, field: str) -> None:
    invalid(scrip.move(account, "holds", **body), field)


def test_what_was_settled_is_answered_at_any_test_clock_and_after_the_end(
    scrip: Deployment, account: str
) -> None:
    """Law 3: though a lease that is over is not filled up any more, nor its deadline moved."""
    scrip.grant(account, "10", clock=NEW_YEAR)
    placed = lease(scrip, account, "5")
    settle(scrip, account, placed, "2030-01-01T00:10:00.000Z", records=[["1", "a"]])
    assert told(settle(scrip, account, placed, records=[["1", "a"]])) == [("known", "1")]
    again = settle(scrip, account, placed, OVER, records=[["1", "a"]], renew="5", expires_in="PT1H")
    assert told(again) == [("known", "1")]
    assert (again.body["hold"]["status"], again.body["hold"]["left"]) == ("expired", "0")
    answer = settle(scrip, account, placed, OVER, records=[["1", "a"], ["1", "b"]])
    refused(answer, 409, "hold_not_open", hold_status="expired")
