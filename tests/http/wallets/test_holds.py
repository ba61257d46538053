"""Holds: set aside, then spent or given back; capturable until their own deadline, and not a millisecond longer
(law 6). An entry's amount is what the total changed by: a hold's and a release's is 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment, hold_of, lot_of, short
from tests.http.contract import ENTRY, MOVED_BALANCE, invalid, refused, whole_balance, whole_entry

pytestmark = pytest.mark.usefixtures("in_memory")

HOLD = {
    "hold_id",
    "amount",
    "captured",
    "released",
    "status",
    "expires_at",
    "over_capture",
    "meter",
    "draws",
}
JUST_BEFORE, DEADLINE = "2030-01-01T00:14:59.999Z", "2030-01-01T00:15:00.000Z"
NOON, EVENING = "2030-01-01T12:00:00.000Z", "2030-01-01T18:00:00.000Z"


@pytest.fixture(autouse=True)
def _adds_up(scrip: Deployment, account: str) -> Iterator[None]:
    """Laws 1, 4 and 8, after every test."""
    yield
    scrip.sound(account)


def hold(scrip: Deployment, account: str, amount: str, key: str | None = None, **rest: Any) -> Answer:
    """A hold that succeeds, at New Year where nothing else is said."""
    answer = scrip.move(account, "holds", key, **{"amount": amount, "clock": NEW_YEAR, **rest})
    assert answer.status == 201, answer.text
    return answer


def on(
    scrip: Deployment, account: str, hold_id: str, what: str, key: str | None = None, **rest: Any
) -> Answer:
    """What is done to a hold, at New Year where nothing else is said; whatever the answer."""
    return scrip.move(account, f"holds/{hold_id}/{what}", key, **{"clock": NEW_YEAR, **rest})


def look(scrip: Deployment, account: str, hold_id: str, clock: str = NEW_YEAR, **query: str) -> Any:
    answer = scrip.get(f"/v1/accounts/{account}/holds/{hold_id}", clock=clock, query=query)
    assert answer.status == 200, answer.text
    return answer.body


def told(balance: Any) -> tuple[str, str, str]:
    """Total, available and held."""
    return balance["total"], balance["available"], balance["held"]


def drawn(entry: Any) -> list[tuple[str, str]]:
    return [(short(draw["lot_id"]), draw["amount"]) for draw in entry["draws"]]


def kinds(scrip: Deployment, account: str, **query: str) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["amount"]) for entry in scrip.entries(account, **query)]


# Placed


def test_a_hold_of_30_from_100_leaves_70_available_and_the_total_as_it_was(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    about = {"reference": {"type": "job", "id": "j-1"}, "reason": "rendering", "metadata": {"run": "7"}}
    answer = hold(scrip, account, "30.000000", "h1", **about)
    assert set(answer.body) == {"entry", "balance", "hold"}
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"hold_id"})
    whole_balance(answer.balance, MOVED_BALANCE)
    assert (entry["kind"], entry["amount"], entry["hold_id"]) == ("hold", "0", hold_of(account, 2))
    assert (entry["balance_before"], entry["balance_after"]) == ("100", "100")
    assert (entry["available_after"], entry["held_after"]) == ("70", "30")
    assert {name: entry[name] for name in about} == about
    assert drawn(entry) == [("lot_1", "30")]
    assert told(answer.balance) == ("100", "70", "30")
    assert answer.balance["by_category"] == {"paid": "0", "free": "70"}
    assert set(answer.body["hold"]) == HOLD
    assert answer.body["hold"] == {
        "hold_id": hold_of(account, 2),
        "amount": "30",
        "captured": "0",
        "released": "0",
        "status": "open",
        "expires_at": DEADLINE,
        "over_capture": "refuse",
        "meter": None,
        "draws": [{"lot_id": lot_of(account, 1), "amount": "30"}],
    }
    assert look(scrip, account, "hold_2") == answer.body["hold"]
    (lot,) = scrip.lots(account)
    assert (lot["remaining"], lot["held"], lot["status"]) == ("70", "30", "open")


def test_a_lot_that_is_held_whole_is_still_open(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    hold(scrip, account, "10")
    (lot,) = scrip.lots(account)
    assert (lot["remaining"], lot["held"], lot["status"]) == ("0", "10", "open")


def test_held_credits_are_neither_burned_nor_held_again(scrip: Deployment, account: str) -> None:
    """Law 2."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "70")
    short = {"required": "30.5", "available": "30", "unit": "credits"}
    refused(scrip.burn(account, "30.5", clock=NEW_YEAR), 402, "insufficient_credits", **short)
    refused(scrip.move(account, "holds", amount="30.5", clock=NEW_YEAR), 402, "insufficient_credits", **short)
    assert scrip.burn(account, "40", mode="up_to", clock=NEW_YEAR).body["missing"] == "10"


def test_a_hold_takes_lots_in_burn_order(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "20", clock=NEW_YEAR)
    scrip.grant(account, "10", clock=NEW_YEAR, priority=0)
    scrip.grant(account, "10", clock=NEW_YEAR, expires_in="P1D")
    assert drawn(hold(scrip, account, "25").body["entry"]) == [
        ("lot_2", "10"),
        ("lot_3", "10"),
        ("lot_1", "5"),
    ]


def test_a_hold_of_more_than_there_is_is_refused_and_changes_nothing(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "30", clock=NEW_YEAR)
    before = scrip.wallet(account)
    with scrip.unwritten():
        answer = scrip.move(account, "holds", amount="30.000001", clock=NEW_YEAR)
    refused(answer, 402, "insufficient_credits", required="30.000001", available="30", unit="credits")
    assert scrip.wallet(account) == before


def test_a_wallet_never_seen_has_nothing_to_hold(scrip: Deployment, account: str) -> None:
    answer = scrip.move(account, "holds", amount="1")
    refused(answer, 402, "insufficient_credits", required="1", available="0", unit="credits")
    assert scrip.wallet(account) == []


def test_debt_cannot_be_held(scrip: Deployment, account: str) -> None:
    """An overdraft pays burns, and no holds."""
    unit = f"debt-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"overdraft_limit": "5"}})
    scrip.grant(account, "10", unit=unit)
    answer = scrip.move(account, "holds", amount="11", unit=unit)
    refused(answer, 402, "insufficient_credits", required="11", available="10", unit=unit)
    assert scrip.burn(account, "11", unit=unit).status == 201
    scrip.sound(account, unit)


DEADLINES = [
    (None, DEADLINE),
    ("PT1S", "2030-01-01T00:00:01.000Z"),
    ("PT15M", DEADLINE),
    ("PT1H30M", "2030-01-01T01:30:00.000Z"),
    ("P1D", "2030-01-02T00:00:00.000Z"),
    ("P1W", "2030-01-08T00:00:00.000Z"),
    ("P7D", "2030-01-08T00:00:00.000Z"),
    ("P6DT24H", "2030-01-08T00:00:00.000Z"),
    ("PT168H", "2030-01-08T00:00:00.000Z"),
    ("PT604800S", "2030-01-08T00:00:00.000Z"),
]


@pytest.mark.parametrize(("expires_in", "deadline"), DEADLINES)
def test_a_hold_lasts_15_minutes_by_default_and_at_most_seven_days(
    scrip: Deployment, account: str, expires_in: str | None, deadline: str
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    said = {"expires_in": expires_in} if expires_in else {}
    assert hold(scrip, account, "1", **said).body["hold"]["expires_at"] == deadline


# Captured


def test_a_capture_of_all_spends_what_was_held(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    answer = on(scrip, account, "hold_2", "capture", clock=JUST_BEFORE)
    assert answer.status == 201
    assert set(answer.body) == {"entry", "balance", "hold"}
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"hold_id"})
    assert (entry["kind"], entry["amount"], entry["hold_id"]) == ("capture", "-30", hold_of(account, 2))
    assert (entry["balance_before"], entry["balance_after"], entry["held_after"]) == ("100", "70", "0")
    assert drawn(entry) == [("lot_1", "30")]
    assert told(answer.balance) == ("70", "70", "0")
    captured = {name: answer.body["hold"][name] for name in ("amount", "captured", "released", "status")}
    assert captured == {"amount": "30", "captured": "30", "released": "0", "status": "captured"}
    assert kinds(scrip, account) == [("grant", "100"), ("hold", "0"), ("capture", "-30")]


def test_a_capture_of_a_part_gives_the_rest_back(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    answer = on(scrip, account, "hold_2", "capture", "c1", amount="12", reason="done early")
    assert told(answer.balance) == ("88", "88", "0")
    given_back = scrip.entries(account)[2]
    assert (given_back["kind"], given_back["amount"]) == ("release", "0")
    assert (drawn(given_back), given_back["hold_id"]) == ([("lot_1", "18")], hold_of(account, 2))
    assert (given_back["actor"], given_back["reason"]) == ("key:k1", "done early")
    assert answer.body["entry"] == scrip.entries(account)[3]
    found = look(scrip, account, "hold_2")
    assert (found["captured"], found["released"], found["status"]) == ("12", "18", "captured")


# What is held of 20 (lot_1) and 10 of priority 0 (lot_2): 25, from lot_2 10 and lot_1 15. Each step captures so much,
# finally or not; then: what it drew, and the hold's captured, released and status, and the wallet's total and held.
PARTS: dict[str, list[tuple[dict[str, Any], list[tuple[str, str]], tuple[str, str, str], tuple[str, str]]]] = {
    "all at once": [({}, [("lot_2", "10"), ("lot_1", "15")], ("25", "0", "captured"), ("5", "0"))],
    "all, by name": [
        ({"amount": "25"}, [("lot_2", "10"), ("lot_1", "15")], ("25", "0", "captured"), ("5", "0"))
    ],
    "all, and not final": [
        ({"final": False}, [("lot_2", "10"), ("lot_1", "15")], ("25", "0", "captured"), ("5", "0"))
    ],
    "one part": [({"amount": "4"}, [("lot_2", "4")], ("4", "21", "captured"), ("26", "0"))],
    "in three parts": [
        ({"amount": "4", "final": False}, [("lot_2", "4")], ("4", "0", "open"), ("26", "21")),
        ({"amount": "8", "final": False}, [("lot_2", "6"), ("lot_1", "2")], ("12", "0", "open"), ("18", "13")),
        ({"amount": "3"}, [("lot_1", "3")], ("15", "10", "captured"), ("15", "0")),
    ],
    "a part, then the rest": [
        ({"amount": "4", "final": False}, [("lot_2", "4")], ("4", "0", "open"), ("26", "21")),
        ({}, [("lot_2", "6"), ("lot_1", "15")], ("25", "0", "captured"), ("5", "0")),
    ],
    "parts that make it up, none of them final": [
        ({"amount": "10", "final": False}, [("lot_2", "10")], ("10", "0", "open"), ("20", "15")),
        ({"amount": "15", "final": False}, [("lot_1", "15")], ("25", "0", "captured"), ("5", "0")),
    ],
    "the smallest part": [
        ({"amount": "0.000001"}, [("lot_2", "0.000001")], ("0.000001", "24.999999", "captured"), ("29.999999", "0"))
    ],
}  # fmt: skip


@pytest.mark.parametrize("steps", PARTS.values(), ids=PARTS.keys())
def test_a_hold_is_captured(scrip: Deployment, account: str, steps: list[Any]) -> None:
    """From the front of what it set aside; what is given back comes off its end."""
    scrip.grant(account, "20", clock=NEW_YEAR)
    scrip.grant(account, "10", clock=NEW_YEAR, priority=0)
    hold_id = hold(scrip, account, "25").body["hold"]["hold_id"]
    for body, draws, (captured, released, status), (total, held) in steps:
        answer = on(scrip, account, hold_id, "capture", **body)
        assert answer.status == 201, answer.text
        assert drawn(answer.body["entry"]) == draws
        found = answer.body["hold"]
        assert (found["captured"], found["released"], found["status"]) == (captured, released, status)
        assert look(scrip, account, hold_id) == found
        assert (answer.balance["total"], answer.balance["held"]) == (total, held)
    if steps[-1][0].get("amount") == "4":
        given_back = scrip.entries(account)[3]
        assert drawn(given_back) == [("lot_1", "15"), ("lot_2", "6")], "the last drawn first"


@pytest.mark.parametrize("what", ["capture", "release", "extend"])
@pytest.mark.parametrize("ended", ["captured", "released", "expired"])
def test_a_hold_that_has_ended_takes_nothing_more(
    scrip: Deployment, account: str, what: str, ended: str
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    if ended != "expired":
        assert (
            on(scrip, account, "hold_2", {"captured": "capture", "released": "release"}[ended]).status == 201
        )
    before = scrip.wallet(account)
    with scrip.unwritten():
        answer = on(scrip, account, "hold_2", what, clock=DEADLINE)
    refused(answer, 409, "hold_not_open", hold_status=ended)
    assert scrip.wallet(account) == before


# Released


def test_a_release_gives_all_back_that_was_not_captured(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "20", clock=NEW_YEAR)
    scrip.grant(account, "10", clock=NEW_YEAR, priority=0)
    hold(scrip, account, "25")
    on(scrip, account, "hold_3", "capture", amount="4", final=False)
    answer = on(scrip, account, "hold_3", "release", reason="cancelled")
    assert answer.status == 201
    assert set(answer.body) == {"entry", "balance", "hold"}
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"hold_id"})
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("release", "0", "cancelled")
    assert drawn(entry) == [("lot_1", "15"), ("lot_2", "6")]
    assert told(answer.balance) == ("26", "26", "0")
    found = answer.body["hold"]
    assert (found["captured"], found["released"], found["status"]) == ("4", "21", "released")
    assert [(short(lot["lot_id"]), lot["remaining"], lot["held"]) for lot in scrip.lots(account)] == [
        ("lot_2", "6", "0"),
        ("lot_1", "20", "0"),
    ]


# Extended, and timed out

EXTENSIONS = [
    ("later", "2030-01-01T00:10:00.000Z", {"expires_in": "PT1H"}, "2030-01-01T01:10:00.000Z"),
    ("sooner", "2030-01-01T00:05:00.000Z", {"expires_in": "PT1M"}, "2030-01-01T00:06:00.000Z"),
    ("by the default", "2030-01-01T00:10:00.000Z", {}, "2030-01-01T00:25:00.000Z"),
    ("at the last moment", JUST_BEFORE, {"expires_in": "P7D"}, "2030-01-08T00:14:59.999Z"),
]


@pytest.mark.parametrize(("_", "clock", "body", "deadline"), EXTENSIONS, ids=[row[0] for row in EXTENSIONS])
def test_a_deadline_is_moved(
    scrip: Deployment, account: str, _: str, clock: str, body: dict[str, str], deadline: str
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    answer = on(scrip, account, "hold_2", "extend", clock=clock, **body)
    assert answer.status == 201
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"hold_id"})
    assert (entry["kind"], entry["amount"], entry["draws"]) == ("extend", "0", [])
    assert told(answer.balance) == ("100", "70", "30")
    assert answer.body["hold"]["expires_at"] == deadline
    assert look(scrip, account, "hold_2", clock=deadline)["status"] == "expired"
    assert look(scrip, account, "hold_2", clock=clock)["status"] == "open"
    assert told(scrip.balance(account, clock=deadline)) == ("100", "100", "0")
    assert scrip.burn(account, "100", clock=deadline).status == 201


def test_a_hold_that_was_extended_outlives_its_first_deadline(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    on(scrip, account, "hold_2", "extend", expires_in="PT1H")
    with scrip.unwritten():
        assert told(scrip.balance(account, clock=DEADLINE)) == ("100", "70", "30")
        assert look(scrip, account, "hold_2", clock="2030-01-01T00:59:59.999Z")["status"] == "open"
    scrip.sweep("2030-01-01T00:30:00.000Z")
    assert on(scrip, account, "hold_2", "capture", clock="2030-01-01T00:59:59.999Z").status == 201


def test_a_hold_times_out_by_time_alone_on_reads(scrip: Deployment, account: str) -> None:
    """Law 5: no sweep has run, and nothing is written."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    with scrip.unwritten():
        assert told(scrip.balance(account, clock=JUST_BEFORE)) == ("100", "70", "30")
        assert look(scrip, account, "hold_2", clock=JUST_BEFORE)["status"] == "open"
        assert told(scrip.balance(account, clock=DEADLINE)) == ("100", "100", "0")
        found = look(scrip, account, "hold_2", clock=DEADLINE)
        assert (found["status"], found["released"], found["captured"]) == ("expired", "30", "0")
        answer = scrip.get(f"/v1/accounts/{account}/lots", clock=DEADLINE)
        assert [(lot["remaining"], lot["held"]) for lot in answer.body["items"]] == [("100", "0")]
    assert kinds(scrip, account) == [("grant", "100"), ("hold", "0")]


def test_a_hold_times_out_by_time_alone_on_writes(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    refused(scrip.burn(account, "71", clock=JUST_BEFORE), 402, "insufficient_credits")
    with scrip.calls() as made:
        assert scrip.burn(account, "100", clock=NOON).status == 201
    assert [call.name for call in made if call.name == "TransactWriteItems"] == ["TransactWriteItems"]
    timed_out = scrip.entries(account)[2]
    assert (timed_out["kind"], timed_out["amount"], timed_out["actor"]) == ("release", "0", "time")
    assert (timed_out["at"], drawn(timed_out)) == (DEADLINE, [("lot_1", "30")])
    assert kinds(scrip, account)[2:] == [("release", "0"), ("burn", "-100")]


def test_the_sweep_books_a_hold_that_timed_out(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    on(scrip, account, "hold_2", "capture", amount="10", final=False)
    scrip.sweep(JUST_BEFORE)
    assert len(scrip.entries(account)) == 3
    scrip.sweep(DEADLINE)
    assert kinds(scrip, account)[3:] == [("release", "0")]
    scrip.sweep(NOON)
    assert len(scrip.entries(account)) == 4, "once"
    found = look(scrip, account, "hold_2", clock=DEADLINE)
    assert (found["captured"], found["released"], found["status"]) == ("10", "20", "expired")
    refused(on(scrip, account, "hold_2", "capture", clock=NOON), 409, "hold_not_open", hold_status="expired")


@pytest.mark.parametrize(("clock", "status"), [(JUST_BEFORE, 201), (DEADLINE, 409), (NOON, 409)])
def test_a_late_capture_is_refused_and_nothing_is_moved(
    scrip: Deployment, account: str, clock: str, status: int
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    before = scrip.wallet(account)
    answer = on(scrip, account, "hold_2", "capture", clock=clock)
    assert answer.status == status
    if status == 409:
        refused(answer, 409, "hold_not_open", hold_status="expired")
        assert scrip.wallet(account) == before
        assert told(scrip.balance(account, clock=clock)) == ("100", "100", "0")


# Lots that expire under a hold


def test_held_credits_of_an_expired_lot_are_captured_until_the_holds_own_deadline(
    scrip: Deployment, account: str
) -> None:
    """Law 6."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    hold(scrip, account, "6", expires_in="P1D")
    assert told(scrip.balance(account, clock=NOON)) == ("6", "0", "6")
    scrip.sweep(NOON)
    assert kinds(scrip, account)[2:] == [("expiry", "-4")]
    answer = on(scrip, account, "hold_2", "capture", clock="2030-01-01T23:59:59.999Z")
    assert (answer.status, answer.body["entry"]["amount"]) == (201, "-6")
    assert told(answer.balance) == ("0", "0", "0")


def test_what_is_released_to_an_expired_lot_expires_at_once(scrip: Deployment, account: str) -> None:
    """Laws 5 and 6: in the same commit, and never shown as available."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    scrip.grant(account, "5", clock=NEW_YEAR)
    hold(scrip, account, "12", expires_in="P1D")
    with scrip.calls() as made:
        answer = on(scrip, account, "hold_3", "release", clock=EVENING)
    assert [call.name for call in made].count("TransactWriteItems") == 1
    assert told(answer.balance) == ("5", "5", "0")
    assert told(scrip.balance(account, clock=EVENING)) == ("5", "5", "0")
    assert kinds(scrip, account)[3:] == [("release", "0"), ("expiry", "-10")]
    expiry = scrip.entries(account)[-1]
    assert (expiry["at"], expiry["actor"], drawn(expiry)) == (EVENING, "time", [("lot_1", "10")])
    refused(
        scrip.burn(account, "5.5", clock=EVENING),
        402,
        "insufficient_credits",
        required="5.5",
        available="5",
        unit="credits",
    )


def test_a_capture_of_a_part_gives_the_rest_back_to_an_expired_lot_and_it_expires(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    hold(scrip, account, "10", expires_in="P1D")
    answer = on(scrip, account, "hold_2", "capture", amount="4", clock=EVENING)
    assert told(answer.balance) == ("0", "0", "0")
    assert kinds(scrip, account)[2:] == [("release", "0"), ("expiry", "-6"), ("capture", "-4")]


def test_a_capture_that_is_not_final_leaves_the_rest_held_in_an_expired_lot(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    hold(scrip, account, "10", expires_in="P1D")
    answer = on(scrip, account, "hold_2", "capture", amount="4", final=False, clock=EVENING)
    assert told(answer.balance) == ("6", "0", "6")
    later = "2030-01-02T00:00:00.000Z"
    assert told(scrip.balance(account, clock=later)) == ("0", "0", "0")
    scrip.sweep(later)
    assert kinds(scrip, account)[3:] == [("release", "0"), ("expiry", "-6")]
    assert [entry["at"] for entry in scrip.entries(account)[3:]] == [later, later]


def test_a_hold_may_be_placed_up_to_the_last_millisecond_of_a_lot(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at=NOON)
    hold(scrip, account, "10", clock="2030-01-01T11:59:59.999Z")
    assert on(scrip, account, "hold_2", "capture", clock="2030-01-01T12:14:59.998Z").status == 201
    refused(scrip.move(account, "holds", amount="1", clock=EVENING), 402, "insufficient_credits")


# More than was held

FREE: dict[str, Any] = {"over_capture": "burn_extra"}


def test_a_capture_of_more_is_refused_by_default(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    before = scrip.wallet(account)
    for body in ({"amount": "30.000001"}, {"amount": "31", "final": False}, {"amount": "1000"}):
        with scrip.unwritten():
            answer = on(scrip, account, "hold_2", "capture", **body)
        refused(answer, 422, "policy_violation", policy="over_capture", held="30", unit="credits")
    assert scrip.wallet(account) == before
    on(scrip, account, "hold_2", "capture", amount="20", final=False)
    answer = on(scrip, account, "hold_2", "capture", amount="15")
    refused(answer, 422, "policy_violation", policy="over_capture", held="10", unit="credits")


@pytest.mark.parametrize("final", [True, False])
def test_a_capture_of_more_burns_the_rest_where_the_hold_says_so(
    scrip: Deployment, account: str, final: bool
) -> None:
    scrip.grant(account, "40", clock=NEW_YEAR)
    scrip.grant(account, "60", clock=NEW_YEAR)
    assert hold(scrip, account, "30", **FREE).body["hold"]["over_capture"] == "burn_extra"
    answer = on(scrip, account, "hold_3", "capture", amount="45", final=final)
    assert answer.status == 201
    assert answer.body["entry"]["amount"] == "-45"
    assert drawn(answer.body["entry"]) == [("lot_1", "30"), ("lot_1", "10"), ("lot_2", "5")]
    assert told(answer.balance) == ("55", "55", "0")
    found = answer.body["hold"]
    assert (found["captured"], found["released"], found["status"]) == ("45", "0", "captured")


def test_a_capture_of_more_than_there_is_moves_nothing(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30", **FREE)
    before = scrip.wallet(account)
    with scrip.unwritten():
        answer = on(scrip, account, "hold_2", "capture", amount="101")
    refused(answer, 402, "insufficient_credits", required="71", available="70", unit="credits")
    assert scrip.wallet(account) == before
    assert on(scrip, account, "hold_2", "capture", amount="100").balance["total"] == "0"


def test_an_overdraft_pays_what_is_captured_beyond_a_hold(scrip: Deployment, account: str) -> None:
    unit = f"over-{account}"
    policy = {"overdraft_limit": "5", "over_capture": "burn_extra"}
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy})
    scrip.grant(account, "10", unit=unit, clock=NEW_YEAR)
    hold(scrip, account, "10", unit=unit)
    answer = on(scrip, account, "hold_2", "capture", amount="16", unit=unit)
    refused(answer, 402, "insufficient_credits", required="6", available="0", unit=unit)
    answer = on(scrip, account, "hold_2", "capture", amount="14", unit=unit)
    assert (answer.balance["total"], answer.balance["owed"]) == ("-4", "4")
    assert answer.body["hold"]["captured"] == "14"
    scrip.sound(account, unit)


def test_what_a_hold_does_not_say_of_more_its_unit_says_when_it_is_placed(
    scrip: Deployment, account: str
) -> None:
    """Law 10: a unit that changes later does not change the hold."""
    unit = f"extra-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"over_capture": "burn_extra"}})
    scrip.grant(account, "100", unit=unit, clock=NEW_YEAR)
    assert hold(scrip, account, "10", unit=unit).body["hold"]["over_capture"] == "burn_extra"
    strict = hold(scrip, account, "10", unit=unit, over_capture="refuse").body["hold"]
    assert (short(strict["hold_id"]), strict["over_capture"]) == ("hold_3", "refuse")
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"over_capture": "refuse"}})
    scrip.cold()
    assert hold(scrip, account, "10", unit=unit).body["hold"]["over_capture"] == "refuse"
    assert on(scrip, account, "hold_2", "capture", amount="12", unit=unit).status == 201
    for hold_id in ("hold_3", "hold_4"):
        answer = on(scrip, account, hold_id, "capture", amount="12", unit=unit)
        refused(answer, 422, "policy_violation", policy="over_capture", held="10", unit=unit)
    scrip.sound(account, unit)


# Scopes


def test_a_hold_for_a_meter_takes_lots_that_are_bound_to_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, scope=["gpu"])
    scrip.grant(account, "5", clock=NEW_YEAR)
    short = {"available": "5", "out_of_scope": "10", "unit": "credits"}
    for wanted, said in (("12", {}), ("6", {"meter": "cpu"})):
        answer = scrip.move(account, "holds", amount=wanted, clock=NEW_YEAR, **said)
        refused(answer, 402, "insufficient_credits", required=wanted, **short)
    answer = hold(scrip, account, "12", meter="gpu", **FREE)
    assert answer.body["hold"]["meter"] == "gpu"
    assert drawn(answer.body["entry"]) == [("lot_1", "10"), ("lot_2", "2")]
    captured = on(scrip, account, "hold_3", "capture", amount="15")
    assert drawn(captured.body["entry"]) == [("lot_1", "10"), ("lot_2", "2"), ("lot_2", "3")]


def test_what_is_captured_beyond_a_hold_is_paid_by_lots_of_its_meter(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, scope=["gpu"])
    scrip.grant(account, "5", clock=NEW_YEAR)
    hold(scrip, account, "5", meter="gpu", **FREE)
    plain = hold(scrip, account, "5", **FREE)
    assert drawn(plain.body["entry"]) == [("lot_2", "5")]
    answer = on(scrip, account, "hold_4", "capture", amount="6")
    refused(
        answer, 402, "insufficient_credits", required="1", available="0", out_of_scope="5", unit="credits"
    )
    answer = on(scrip, account, "hold_3", "capture", amount="6")
    assert drawn(answer.body["entry"]) == [("lot_1", "5"), ("lot_1", "1")]


# The same again


def replayed(first: Answer, again: Answer) -> None:
    assert (first.status, first.replayed) == (201, False)
    assert (again.status, again.text) == (201, first.text)
    assert again.replayed


REPLAYED: list[tuple[str, str, dict[str, Any]]] = [
    ("a hold", "holds", {"amount": "30", "expires_in": "PT1H", **FREE}),
    ("a capture", "holds/hold_2/capture", {}),
    ("a capture of a part", "holds/hold_2/capture", {"amount": "10"}),
    ("a capture that is not final", "holds/hold_2/capture", {"amount": "10", "final": False}),
    ("a capture of more", "holds/hold_2/capture", {"amount": "45"}),
    ("a release", "holds/hold_2/release", {}),
    ("an extension", "holds/hold_2/extend", {"expires_in": "PT2H"}),
]


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
@pytest.mark.parametrize(("_", "path", "body"), REPLAYED, ids=[row[0] for row in REPLAYED])
def test_the_same_again_is_answered_as_the_first_time(
    scrip: Deployment, account: str, _: str, path: str, body: dict[str, Any], warm: bool
) -> None:
    """Law 3: with the hold and the balance as they were then, whatever became of both."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30", **FREE)
    first = scrip.move(account, path, "k", clock=NEW_YEAR, **body)
    if first.body["hold"]["status"] == "open":
        on(scrip, account, first.body["hold"]["hold_id"], "release")
    scrip.burn(account, "5", clock=NOON)
    if not warm:
        scrip.cold()
    before = scrip.wallet(account)
    for clock in (NEW_YEAR, EVENING):
        replayed(first, scrip.move(account, path, "k", clock=clock, **body))
    assert scrip.wallet(account) == before


OTHER_HOLDS: list[tuple[str, str, dict[str, Any]]] = [
    ("another amount", "holds", {"amount": "31"}),
    ("another duration", "holds", {"amount": "30", "expires_in": "PT16M"}),
    ("a meter", "holds", {"amount": "30", "meter": "gpu"}),
    ("more to be burned", "holds", {"amount": "30", **FREE}),
    ("a reason", "holds", {"amount": "30", "reason": "r"}),
    ("a burn", "burns", {"amount": "30"}),
    ("a grant", "grants", {"amount": "30"}),
    ("a capture", "holds/hold_2/capture", {}),
    ("a release", "holds/hold_2/release", {}),
    ("an extension", "holds/hold_2/extend", {}),
]


@pytest.mark.parametrize(("_", "path", "body"), OTHER_HOLDS, ids=[row[0] for row in OTHER_HOLDS])
def test_a_holds_key_is_refused_to(
    scrip: Deployment, account: str, _: str, path: str, body: dict[str, Any]
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    entry = hold(scrip, account, "30", "h").body["entry"]
    before = scrip.wallet(account)
    answer = scrip.move(account, path, "h", clock=NEW_YEAR, **body)
    refused(answer, 422, "idempotency_key_reused", entry_id=entry["entry_id"], kind="hold")
    assert scrip.wallet(account) == before


OTHER_CAPTURES: list[tuple[str, str, dict[str, Any]]] = [
    ("all", "holds/hold_2/capture", {}),
    ("another amount", "holds/hold_2/capture", {"amount": "11", "final": False}),
    ("a final one", "holds/hold_2/capture", {"amount": "10"}),
    ("another hold", "holds/hold_3/capture", {"amount": "10", "final": False}),
    ("a release", "holds/hold_2/release", {}),
]


@pytest.mark.parametrize(("_", "path", "body"), OTHER_CAPTURES, ids=[row[0] for row in OTHER_CAPTURES])
def test_a_captures_key_is_refused_to(
    scrip: Deployment, account: str, _: str, path: str, body: dict[str, Any]
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    hold(scrip, account, "30")
    entry = on(scrip, account, "hold_2", "capture", "c", amount="10", final=False).body["entry"]
    answer = scrip.move(account, path, "c", clock=NEW_YEAR, **body)
    refused(answer, 422, "idempotency_key_reused", entry_id=entry["entry_id"], kind="capture")


def test_a_default_may_be_named_in_the_same_request(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    first = hold(scrip, account, "30", "h")
    replayed(first, hold(scrip, account, "30.0", "h", expires_in="PT15M", unit="credits", meter=None))
    first = on(scrip, account, "hold_2", "capture", "c", amount="10")
    replayed(first, on(scrip, account, "hold_2", "capture", "c", amount="10.000000", final=True))


def test_a_refusal_is_not_remembered(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    refused(scrip.move(account, "holds", "h", amount="30", clock=NEW_YEAR), 402, "insufficient_credits")
    scrip.grant(account, "90", clock=NEW_YEAR)
    assert not hold(scrip, account, "30", "h").replayed
    refused(on(scrip, account, "hold_3", "capture", "c", amount="31"), 422, "policy_violation")
    assert on(scrip, account, "hold_3", "capture", "c", amount="30").status == 201


# Which there is not

NO_HOLDS = [
    "hold_9", "hold_0", "hold_1", "hold_02", "hold_-2", "hold_2x", "hold_", "hold_1000000000000", "lot_1", "2", "x",
    "hold_%32%00", "%20", "w%23acme", "hold_\u0662",
]  # fmt: skip


@pytest.mark.parametrize("hold_id", NO_HOLDS, ids=ascii)
def test_there_is_no_hold(scrip: Deployment, account: str, hold_id: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30")
    before = scrip.wallet(account)
    with scrip.unwritten():
        for what in ("capture", "release", "extend"):
            refused(on(scrip, account, hold_id, what), 404, "not_found")
        refused(scrip.get(f"/v1/accounts/{account}/holds/{hold_id}", clock=NEW_YEAR), 404, "not_found")
    assert scrip.wallet(account) == before


def test_a_hold_belongs_to_its_wallet(scrip: Deployment, account: str) -> None:
    scrip.put("/v1/units/images", {"precision": 0})
    for owner, unit in ((account, "credits"), (account, "images"), (f"{account}-b", "credits")):
        scrip.grant(owner, "100", unit=unit, clock=NEW_YEAR)
    placed = hold(scrip, account, "30").body["hold"]["hold_id"]
    for what in ("capture", "release", "extend"):
        for owner, more in (
            (account, {"unit": "images"}),
            (f"{account}-b", {}),
            (account, {"unit": "nowhere"}),
        ):
            refused(on(scrip, owner, placed, what, **more), 404, "not_found", hold_id=placed)
        refused(on(scrip, account, "hold_2", what, unit="nowhere"), 404, "not_found", unit="nowhere")
    path = f"/v1/accounts/{account}/holds/{placed}"
    refused(scrip.get(path, query={"unit": "images"}), 404, "not_found", hold_id=placed)
    invalid(scrip.get(path, query={"colour": "red"}), "colour")
    assert scrip.get(path, query={"unit": "credits"}, clock=NEW_YEAR).body["status"] == "open"


# Frozen and closed


def test_a_frozen_wallet_holds_nothing_new_and_keeps_what_it_promised(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    for _ in range(4):
        hold(scrip, account, "10", **FREE)
    assert scrip.move(account, "freeze", clock=NEW_YEAR).status == 201
    refused(scrip.move(account, "holds", amount="1", clock=NEW_YEAR), 409, "wallet_frozen")
    answer = on(scrip, account, "hold_2", "capture", amount="11")
    refused(answer, 409, "wallet_frozen")
    assert on(scrip, account, "hold_2", "capture", amount="10").status == 201
    assert on(scrip, account, "hold_3", "capture", amount="4").status == 201
    assert on(scrip, account, "hold_4", "release").status == 201
    answer = on(scrip, account, "hold_5", "extend", expires_in="PT1H")
    assert told(answer.balance) == ("86", "76", "10")
    assert answer.balance["status"] == "frozen"
    assert told(scrip.balance(account, clock=NOON)) == ("86", "86", "0")


def test_a_wallet_with_something_held_is_not_closed(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    hold(scrip, account, "10")
    answer = scrip.move(account, "close", clock=NEW_YEAR)
    refused(answer, 422, "policy_violation", policy="zero_balance", total="10", unit="credits")


def test_a_closed_wallet_holds_nothing_and_its_holds_are_over(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    hold(scrip, account, "10")
    on(scrip, account, "hold_2", "capture")
    assert scrip.move(account, "close", clock=NEW_YEAR).status == 201
    before = scrip.wallet(account)
    refused(scrip.move(account, "holds", amount="1", clock=NEW_YEAR), 409, "wallet_closed")
    for what in ("capture", "release", "extend"):
        refused(on(scrip, account, "hold_2", what), 409, "wallet_closed")
        refused(on(scrip, account, "hold_9", what), 404, "not_found", hold_id=hold_of(account, 9))
    assert scrip.wallet(account) == before
    assert look(scrip, account, "hold_2")["status"] == "captured"


# Money, and debt


def test_money_is_recognised_when_it_is_captured_not_when_it_is_held(scrip: Deployment, account: str) -> None:
    """Law 8: one credit of 10 000 for 1 000.00 USD is ten cents."""
    cost = {"amount": 100000, "currency": "USD"}
    scrip.grant(account, "10000", kind="paid", cost_basis=cost, clock=NEW_YEAR)
    held = hold(scrip, account, "30")
    assert held.body["entry"]["draws"] == [{"lot_id": lot_of(account, 1), "amount": "30"}]
    assert held.balance["by_category"] == {"paid": "9970", "free": "0"}
    captured = on(scrip, account, "hold_2", "capture", amount="10")
    value = {"amount": 100, "currency": "USD"}
    assert captured.body["entry"]["draws"] == [{"lot_id": lot_of(account, 1), "amount": "10", "value": value}]
    assert scrip.entries(account)[2]["draws"] == [{"lot_id": lot_of(account, 1), "amount": "20"}]
    assert captured.balance["by_category"] == {"paid": "9990", "free": "0"}


def test_money_follows_credits_in_the_order_in_which_they_leave(scrip: Deployment, account: str) -> None:
    """Three credits for 1.00 USD: 33, 33 and 34 cents, whichever of them were held first."""
    cost = {"amount": 100, "currency": "USD"}
    scrip.grant(account, "3", kind="paid", cost_basis=cost, clock=NEW_YEAR)
    hold(scrip, account, "2")
    burned = scrip.burn(account, "1", clock=NEW_YEAR)
    first = on(scrip, account, "hold_2", "capture", amount="1", final=False)
    last = on(scrip, account, "hold_2", "capture")
    cents = [answer.body["entry"]["draws"][0]["value"]["amount"] for answer in (burned, first, last)]
    assert cents == [33, 33, 34]


def test_money_of_held_credits_that_expire_is_breakage_when_they_are_given_back(
    scrip: Deployment, account: str
) -> None:
    cost = {"amount": 1000, "currency": "USD"}
    scrip.grant(account, "10", kind="paid", cost_basis=cost, expires_at=NOON, clock=NEW_YEAR)
    hold(scrip, account, "6", expires_in="P1D")
    on(scrip, account, "hold_2", "release", clock=EVENING)
    values = [draw.get("value") for entry in scrip.entries(account)[2:] for draw in entry["draws"]]
    cents = [value and value["amount"] for value in values]
    assert kinds(scrip, account)[2:] == [("expiry", "-4"), ("release", "0"), ("expiry", "-6")]
    assert cents == [400, None, 600]


# Credits that repay debt or not; then: the release's draws, and what is available and owed.
REPAYS = [
    (True, [("lot_1", "10"), ("lot_1", "4")], ("6", "6", "0")),
    (False, [("lot_1", "10")], ("6", "10", "4")),
]


@pytest.mark.parametrize("by_time", [False, True], ids=["released", "timed out"])
@pytest.mark.parametrize(("repays", "draws", "after"), REPAYS, ids=["repays first", "does not repay"])
def test_what_is_given_back_repays_debt_first_where_the_lots_terms_say_so(
    scrip: Deployment,
    account: str,
    repays: bool,
    draws: list[tuple[str, str]],
    after: tuple[str, str, str],
    by_time: bool,
) -> None:
    unit = f"debt-{account}"
    policy = {"overdraft_limit": "5", "repay_first": repays}
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy})
    scrip.grant(account, "10", unit=unit, clock=NEW_YEAR)
    hold(scrip, account, "10", unit=unit)
    assert scrip.burn(account, "4", unit=unit, clock=NEW_YEAR).balance["owed"] == "4"
    if by_time:
        scrip.sweep(DEADLINE)
    else:
        assert on(scrip, account, "hold_2", "release", unit=unit).status == 201
    entry = scrip.entries(account, unit=unit)[-1]
    assert (entry["kind"], entry["amount"], drawn(entry)) == ("release", "0", draws)
    balance = scrip.balance(account, query={"unit": unit}, clock=DEADLINE)
    assert (balance["total"], balance["available"], balance["owed"]) == after
    scrip.sound(account, unit)


def test_a_past_balance_says_what_was_held_then(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold(scrip, account, "30", clock="2030-01-01T01:00:00.000Z")
    on(scrip, account, "hold_2", "capture", clock="2030-01-01T01:10:00.000Z")
    for at, expected in (
        (NEW_YEAR, ("100", "100", "0")),
        ("2030-01-01T01:05:00.000Z", ("100", "70", "30")),
        ("2030-01-01T01:10:00.000Z", ("70", "70", "0")),
    ):
        assert told(scrip.balance(account, query={"at": at}, clock=NOON)) == expected
