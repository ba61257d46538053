"""A wallet that spends too fast is frozen in the commit of what passes its unit's breaker, and that is told (law 2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Deployment
from tests.http.contract import refused
from tests.http.search.streaming import index

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")


def at(seconds: float) -> str:
    minutes, rest = divmod(round(1000 * seconds), 60_000)
    return f"2030-01-01T00:{minutes:02}:{rest / 1000:06.3f}Z"


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """What entries tell of the pace is what the wallet keeps of it, after every test."""
    yield
    scrip.sound(account, unit=account)


def stocked(scrip: Deployment, unit: str, **breaker: str) -> None:
    """A wallet of 10 000, in a unit whose breaker is 100 within a minute, where nothing else is said."""
    runaway = {"amount": "100", "within": "PT1M", **breaker}
    body = {"precision": 2, "policy": {"runaway": runaway, "overdraft_limit": "100"}}
    assert scrip.put(f"/v1/units/{unit}", body).status in (200, 201)
    scrip.grant(unit, "10000", unit=unit, clock=NEW_YEAR)


def burn(scrip: Deployment, account: str, amount: str, seconds: float, **rest: Any) -> Any:
    return scrip.burn(account, amount, unit=account, clock=at(seconds), **rest)


def unfreeze(scrip: Deployment, account: str, seconds: float) -> int:
    return scrip.move(account, "unfreeze", unit=account, clock=at(seconds)).status


def status(scrip: Deployment, account: str) -> str:
    found: str = scrip.balance(account, query={"unit": account})["status"]
    return found


def told(scrip: Deployment, account: str) -> list[Json]:
    scrip.told()
    index(account, unit=account)
    found: list[Json] = [event["data"] for event in scrip.told("scrip.wallet.runaway")]
    return found


def test_what_passes_the_amount_is_taken_and_freezes_the_wallet_in_its_commit(
    scrip: Deployment, account: str
) -> None:
    """100 within a minute: 60 at the start, 40 after 30 s are just that; a cent more after 59.999 s is a runaway."""
    stocked(scrip, account)
    assert burn(scrip, account, "60", 0).status == 201
    assert burn(scrip, account, "40", 30).status == 201
    assert status(scrip, account) == "active"
    passing = burn(scrip, account, "0.01", 59.999)
    assert (passing.status, status(scrip, account)) == (201, "frozen")
    assert (passing.body["balance"]["status"], passing.body["balance"]["available"]) == ("frozen", "9899.99")
    refused(burn(scrip, account, "1", 60), 409, "wallet_frozen")
    entry = scrip.entries(account, unit=account)[-1]
    assert (entry["kind"], entry["actor"], entry["reason"], entry["seq"]) == (
        "status",
        "system",
        "runaway",
        5,
    )
    facts = {
        "burned": "100.01",
        "window": {"from": "2029-12-31T23:59:59.999Z", "to": at(59.999)},
        "amount": "100",
        "within": "PT1M",
        "action": "freeze",
    }
    assert entry["runaway"] == facts
    assert told(scrip, account) == [{"unit": account, **facts, "entry_id": entry["entry_id"], "seq": 5}]


def test_what_was_spent_a_while_ago_counts_no_more(scrip: Deployment, account: str) -> None:
    stocked(scrip, account)
    for seconds in (0, 60, 120.001, 181):
        assert burn(scrip, account, "99", seconds).status == 201
    assert (status(scrip, account), told(scrip, account)) == ("active", [])


def test_a_notifying_breaker_tells_once_for_each_crossing(scrip: Deployment, account: str) -> None:
    stocked(scrip, account, action="notify")
    for amount, seconds in (("90", 0), ("20", 1), ("30", 2), ("50", 65), ("51", 66), ("1", 70)):
        assert burn(scrip, account, amount, seconds).status == 201
    assert [(one["burned"], one["seq"]) for one in told(scrip, account)] == [("110", 4), ("101", 8)]


def test_whoever_unfreezes_the_wallet_begins_anew(scrip: Deployment, account: str) -> None:
    stocked(scrip, account)
    burn(scrip, account, "500", 0)
    assert status(scrip, account) == "frozen"
    assert unfreeze(scrip, account, 1) == 201
    assert burn(scrip, account, "100", 2).status == 201
    assert status(scrip, account) == "active"
    assert burn(scrip, account, "0.01", 3).status == 201
    assert status(scrip, account) == "frozen"


def test_a_batch_goes_on_until_one_passes_and_the_others_are_refused_alone(
    scrip: Deployment, account: str
) -> None:
    stocked(scrip, account)
    burns = [{"key": f"k{number}", "amount": "40", "unit": account} for number in range(5)]
    answer = scrip.post(f"/v1/accounts/{account}/burns/batch", {"burns": burns}, clock=NEW_YEAR)
    assert [one["status"] for one in answer.body["items"]] == [201, 201, 201, 409, 409]
    assert told(scrip, account)[0]["burned"] == "120"


def test_a_page_counts_as_a_whole_and_a_settlement_and_what_is_owed(scrip: Deployment, account: str) -> None:
    stocked(scrip, account)
    page = {"unit": account, "stream": "s", "first": 0, "records": [["30", "a"], ["30", "b"]]}
    assert scrip.post(f"/v1/accounts/{account}/burns/pages", page, clock=NEW_YEAR).status == 200
    lease: Json = {"unit": account, "amount": "500", "lease": True, "clock": at(1)}
    placed = scrip.move(account, "holds", **lease).body["hold"]["hold_id"]
    assert status(scrip, account) == "active", "what is set aside is not spent"
    settled = scrip.post(
        f"/v1/accounts/{account}/holds/{placed}/settle",
        {"records": [["40", "c"], ["0.01", "d"]], "renew": "500"},
        clock=at(2),
    )
    assert settled.body["burned"] == "40.01"
    assert settled.body["hold"]["left"] == "459.99", "a frozen wallet sets nothing aside"
    assert (status(scrip, account), told(scrip, account)[0]["burned"]) == ("frozen", "100.01")


def test_law_3_whatever_passes_shows_the_wallet_as_it_left_it_and_so_does_its_repeat(
    scrip: Deployment, account: str
) -> None:
    """Two holds of 300, one of them a lease; each way to spend passes 100, and between them the wallet is unfrozen."""
    stocked(scrip, account)
    holds = f"/v1/accounts/{account}/holds"
    whole: Json = {}
    placed: list[str] = [
        scrip.move(account, "holds", unit=account, amount="300", clock=NEW_YEAR, **more).body["hold"][
            "hold_id"
        ]
        for more in (whole, {"lease": True})
    ]
    page = {"unit": account, "stream": "s", "first": 0, "records": [["60", "a"], ["60", "b"]]}
    asked: list[tuple[str, Json, str | None]] = [
        (f"/v1/accounts/{account}/burns", {"unit": account, "amount": "101"}, "b"),
        (f"{holds}/{placed[0]}/capture", {"amount": "101"}, "c"),
        (f"/v1/accounts/{account}/burns/pages", page, None),
        (f"{holds}/{placed[1]}/settle", {"records": [["101", "c"]], "renew": "300"}, None),
    ]
    for number, (path, body, key) in enumerate(asked):
        sent = [scrip.post(path, body, key=key, clock=at(100 * number)) for _ in range(2)]
        assert [answer.status // 100 for answer in sent] == [2, 2], path
        assert [answer.body["balance"]["status"] for answer in sent] == ["frozen", "frozen"], path
        assert unfreeze(scrip, account, 100 * number + 1) == 201
        if key:
            again = scrip.post(path, body, key=key, clock=at(100 * number))
            assert again.body["balance"] == sent[0].body["balance"], path
    assert [one["burned"] for one in told(scrip, account)] == ["101", "101", "120", "101"]


def test_what_was_reversed_was_not_spent(scrip: Deployment, account: str) -> None:
    stocked(scrip, account)
    first = burn(scrip, account, "90", 0).body["entry"]["entry_id"]
    assert scrip.move(account, f"burns/{first}/reversal", amount="80", clock=at(5)).status == 201
    assert burn(scrip, account, "90", 6).status == 201
    assert status(scrip, account) == "active"
    assert burn(scrip, account, "0.01", 7).status == 201
    assert status(scrip, account) == "frozen"


def test_a_repeat_of_what_passed_answers_as_it_did_and_counts_no_more(
    scrip: Deployment, account: str
) -> None:
    stocked(scrip, account)
    asked = {"unit": account, "clock": NEW_YEAR, "key": "once"}
    first = scrip.burn(account, "101", **asked)
    assert unfreeze(scrip, account, 1) == 201
    again = scrip.burn(account, "101", **asked)
    assert (again.status, again.body["entry"]) == (201, first.body["entry"])
    assert status(scrip, account) == "active"


def test_a_breaker_that_is_taken_away_freezes_nobody(scrip: Deployment, account: str) -> None:
    stocked(scrip, account)
    burn(scrip, account, "90", 0)
    scrip.put(f"/v1/units/{account}", {"precision": 2})
    scrip.cold()
    for seconds in (1, 2):
        assert burn(scrip, account, "90", seconds).status == 201
    assert (status(scrip, account), told(scrip, account)) == ("active", [])
