"""Reading: what there is, what there was, and why. Nothing here writes (laws 1 and 5)."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import pytest

from scrip.http.edge.parameters import Query, make_cursor
from scrip.store import ledger
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment
from tests.http.contract import BALANCE, MOVED_BALANCE, invalid, refused, whole_balance, whole_lot

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


def test_lots_come_in_burn_order_and_those_that_ended_only_if_asked_for(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "1", clock=NEW_YEAR, expires_at=NOON)  # lot_1 expires
    scrip.grant(account, "2", clock=NEW_YEAR, priority=0)  # lot_2 is used up
    scrip.grant(account, "3", clock=NEW_YEAR)  # lot_3
    scrip.grant(account, "4", clock=NEW_YEAR, effective_at="2030-01-01T20:00:00Z")  # lot_4 is pending
    scrip.grant(account, "5", clock=NEW_YEAR, expires_at=NEXT_DAY)  # lot_5
    scrip.burn(account, "2.5", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/lots"
    found = scrip.get(path, clock="2030-01-01T13:00:00Z").body["items"]
    for lot in found:
        whole_lot(lot)
    assert [(lot["lot_id"], lot["remaining"], lot["status"]) for lot in found] == [
        ("lot_5", "5", "open"),
        ("lot_3", "3", "open"),
        ("lot_4", "4", "pending"),
    ]
    found = scrip.get(path, query={"status": "all"}, clock="2030-01-01T13:00:00Z").body["items"]
    assert [(lot["lot_id"], lot["remaining"], lot["status"]) for lot in found] == [
        ("lot_2", "0", "depleted"),
        ("lot_1", "0", "expired"),
        ("lot_5", "5", "open"),
        ("lot_3", "3", "open"),
        ("lot_4", "4", "pending"),
    ]


def test_120_lots_come_in_pages_none_twice_and_none_missing(scrip: Deployment, account: str) -> None:
    for number in range(120):
        days = number * 7 % 31 + 1
        answer = scrip.grant(account, "1", clock=NEW_YEAR, priority=number % 3, expires_in=f"P{days}D")
        assert answer.status == 201
    whole = scrip.lots(account)
    assert len(whole) == 120
    order = [(lot["priority"], lot["expires_at"], int(lot["lot_id"][4:])) for lot in whole]
    assert order == sorted(order)
    assert scrip.get(f"/v1/accounts/{account}/lots").body["next_cursor"]
    for limit in (7, 60, 120):
        assert paged(scrip, f"/v1/accounts/{account}/lots", limit) == whole
    burned = scrip.burn(account, "50", clock=NEW_YEAR).body["entry"]
    assert [draw["lot_id"] for draw in burned["draws"]] == [lot["lot_id"] for lot in whole[:50]]
    assert scrip.lots(account) == whole[50:]
    ended = scrip.lots(account, status="all")
    assert [lot["lot_id"] for lot in ended] == [lot["lot_id"] for lot in whole]
    assert [lot["status"] for lot in ended] == ["depleted"] * 50 + ["open"] * 70
    assert paged(scrip, f"/v1/accounts/{account}/lots", 33, status="all") == ended


def paged(scrip: Deployment, path: str, limit: int, **query: str) -> list[Any]:
    """A whole list, page by page."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        answer = scrip.get(path, query={"limit": str(limit), **query, **more})
        assert answer.status == 200
        assert 1 <= len(answer.body["items"]) <= limit
        found += answer.body["items"]
        cursor = answer.body["next_cursor"]
    return found


def test_a_cursor_of_lots_holds_while_lots_come_and_go(scrip: Deployment, account: str) -> None:
    for number in range(10):
        scrip.grant(account, "1", clock=NEW_YEAR, priority=number * 10)
    path = f"/v1/accounts/{account}/lots"
    first = scrip.get(path, query={"limit": "5"}).body
    scrip.burn(account, "5", clock=NEW_YEAR)  # the whole first page
    scrip.grant(account, "1", clock=NEW_YEAR, priority=1)  # before the cursor
    scrip.grant(account, "1", clock=NEW_YEAR, priority=95)  # after it
    rest = scrip.get(path, query={"limit": "5", "cursor": first["next_cursor"]}).body
    assert [lot["priority"] for lot in first["items"]] == [0, 10, 20, 30, 40]
    assert [lot["priority"] for lot in rest["items"]] == [50, 60, 70, 80, 90]
    last = scrip.get(path, query={"cursor": rest["next_cursor"]}).body
    assert [lot["priority"] for lot in last["items"]] == [95]


def heavy(number: int) -> dict[str, str]:
    """The most metadata there can be: 50 members of 500 characters that JSON writes with six bytes each."""
    return {f"m{member:02d}-{number}": "\x01" * 500 for member in range(50)}


def test_a_page_of_the_heaviest_lots_and_entries_stays_under_lambdas_six_megabytes(
    scrip: Deployment, account: str
) -> None:
    """45 of 150 KB are 6.7 MB: the page ends early and the cursor goes on, none missing."""
    for number in range(45):
        scrip.grant(account, "1", clock=NEW_YEAR, metadata=heavy(number))
    lots = paged(scrip, f"/v1/accounts/{account}/lots", 100)
    assert [lot["lot_id"] for lot in lots] == [f"lot_{number}" for number in range(1, 46)]
    assert lots[44]["metadata"] == heavy(44)
    entries = paged(scrip, f"/v1/accounts/{account}/entries", 100)
    assert [entry["seq"] for entry in entries] == list(range(45, 0, -1))


# Entries


def test_entries_come_newest_first_in_pages_and_say_how_far_they_reach(
    scrip: Deployment, account: str
) -> None:
    for _ in range(5):
        scrip.grant(account, "1", clock=NEW_YEAR)
    for _ in range(5):
        scrip.burn(account, "1", clock=NEXT_DAY)
    answer = scrip.get(f"/v1/accounts/{account}/entries")
    assert set(answer.body) == {"items", "next_cursor", "through_seq"}
    assert answer.body["through_seq"] == 10
    whole = answer.body["items"]
    assert [entry["seq"] for entry in whole] == list(range(10, 0, -1))
    for limit in (1, 3, 5, 9, 10, 11):
        assert paged(scrip, f"/v1/accounts/{account}/entries", limit) == whole
    for newer, older in pairwise(whole):
        assert newer["previous_hash"] == older["hash"]
        assert newer["balance_before"] == older["balance_after"]


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ({"kind": "grant"}, [2, 1]),
        ({"kind": "burn"}, [5, 3]),
        ({"kind": "expiry"}, [4]),
        ({"kind": "hold"}, []),
        ({"from": "2030-01-01T02:00:00Z"}, [5, 4, 3]),
        ({"from": "2030-01-01T02:00:00.001Z"}, [5, 4]),
        ({"to": "2030-01-01T02:00:00Z"}, [3, 2, 1]),
        ({"to": "2030-01-01T01:59:59.999Z"}, [2, 1]),
        ({"from": "2030-01-01T01:00:00Z", "to": "2030-01-01T03:00:00Z"}, [4, 3, 2]),
        ({"from": "2030-01-01T01:00:00Z", "to": "2030-01-01T03:00:00Z", "kind": "burn"}, [3]),
        ({"from": "2030-01-01T03:00:00Z", "to": "2030-01-01T01:00:00Z"}, []),
        ({"from": "1960-01-01T00:00:00Z"}, [5, 4, 3, 2, 1]),
        ({"to": "1960-01-01T00:00:00Z"}, []),
        ({"from": "1950-01-01T00:00:00Z", "to": "1960-01-01T00:00:00Z"}, []),
        ({"from": "1950-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"}, [5, 4, 3, 2, 1]),
        ({"from": "9999-12-31T23:59:59.999Z"}, []),
        ({"to": "9999-12-31T23:59:59.999Z"}, [5, 4, 3, 2, 1]),
    ],
)
def test_entries_may_be_asked_for_by_kind_and_instant(
    scrip: Deployment, account: str, query: dict[str, str], seqs: list[int]
) -> None:
    history(scrip, account)
    with scrip.calls() as made:
        answer = scrip.get(f"/v1/accounts/{account}/entries", query=query)
    assert [entry["seq"] for entry in answer.body["items"]] == seqs
    assert answer.body["through_seq"] == 5
    for call in made:
        bounds = call.params.get("ExpressionAttributeValues", {})
        if ":first" in bounds:
            # What DynamoDB refuses and moto does not: a BETWEEN from the later to the earlier.
            assert bounds[":first"]["S"] <= bounds[":last"]["S"]


def test_a_rare_kind_among_many_entries_is_found_in_a_few_calls(scrip: Deployment, account: str) -> None:
    """A limit counts what is read, not what is found: one by one it would take a call for each entry."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    for _ in range(40):
        scrip.burn(account, "1", clock=NEW_YEAR)
    with scrip.calls() as made:
        answer = scrip.get(f"/v1/accounts/{account}/entries", query={"kind": "grant", "limit": "1"})
    assert [entry["seq"] for entry in answer.body["items"]] == [1]
    assert len(made) <= 5


def test_through_seq_says_how_far_the_timeline_reaches(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        scrip.grant(account, "1", clock=NEW_YEAR)
    whole = ledger._timeline
    monkeypatch.setattr(
        ledger,
        "_timeline",
        lambda *args, **kwargs: [
            item for item in whole(*args, **{**kwargs, "limit": 9}) if item["tl"]["S"][-1] != "3"
        ],
    )
    answer = scrip.get(f"/v1/accounts/{account}/entries").body
    assert ([entry["seq"] for entry in answer["items"]], answer["through_seq"]) == ([2, 1], 2)


def test_an_entry_that_there_is_not_is_not_found(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1")
    for entry_id in (
        "k.AAAAAAAAAAAAAAAAAAAAAA",
        "s.1",
        "s.99",
        "nothing",
        "-",
        "x" * 200,
        "x" * 5000,
        "%00",
        "ä",
        "%20",
    ):
        answer = scrip.get(f"/v1/accounts/{account}/entries/{entry_id}")
        refused(answer, 404, "not_found")
        assert len(answer.text) < 1000


def test_an_entry_of_another_account_is_not_found(scrip: Deployment, account: str) -> None:
    entry_id = scrip.grant(account, "1").body["entry"]["entry_id"]
    refused(scrip.get(f"/v1/accounts/{account}-b/entries/{entry_id}"), 404, "not_found")


@pytest.mark.parametrize("what", ["balance", "lots", "entries", "entries/s.1"])
def test_an_unknown_unit_is_not_found(scrip: Deployment, account: str, what: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/{what}", query={"unit": "nowhere"})
    refused(answer, 404, "not_found", unit="nowhere")


# Parameters

WRONG: list[tuple[str, dict[str, str], str]] = [
    ("balance", {"unit": ""}, "unit"),
    ("balance", {"unit": "a b"}, "unit"),
    ("balance", {"unit": "a#b"}, "unit"),
    ("balance", {"unit": "a,b"}, "unit"),
    ("balance", {"unit": "x" * 129}, "unit"),
    ("balance", {"unit": "credits\n"}, "unit"),
    ("balance", {"at": ""}, "at"),
    ("balance", {"at": "yesterday"}, "at"),
    ("balance", {"at": "2020-01-01"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00+00:00"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00z"}, "at"),
    ("balance", {"at": "2020-01-01 00:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00.0000Z"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00.Z"}, "at"),
    ("balance", {"at": "2020-02-30T00:00:00Z"}, "at"),
    ("balance", {"at": "2021-02-29T00:00:00Z"}, "at"),
    ("balance", {"at": "2020-13-01T00:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T24:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T23:59:60Z"}, "at"),
    ("balance", {"at": "0000-01-01T00:00:00Z"}, "at"),
    ("balance", {"at": "10000-01-01T00:00:00Z"}, "at"),
    ("balance", {"at": "2020-01-01T00:00:00Z\n"}, "at"),
    ("balance", {"at": "٢٠٢٠-01-01T00:00:00Z"}, "at"),
    ("balance", {"at": "1577836800000"}, "at"),
    ("balance", {"colour": "red"}, "colour"),
    ("balance", {"limit": "1"}, "limit"),
    ("balance", {"Unit": "credits"}, "Unit"),
    ("lots", {"status": "closed"}, "status"),
    ("lots", {"status": ""}, "status"),
    ("lots", {"status": "ALL"}, "status"),
    ("lots", {"at": NEW_YEAR}, "at"),
    ("lots", {"kind": "paid"}, "kind"),
    ("lots", {"limit": "0"}, "limit"),
    ("lots", {"limit": "1001"}, "limit"),
    ("lots", {"limit": "-1"}, "limit"),
    ("lots", {"limit": "+1"}, "limit"),
    ("lots", {"limit": "1.0"}, "limit"),
    ("lots", {"limit": "1e2"}, "limit"),
    ("lots", {"limit": ""}, "limit"),
    ("lots", {"limit": " 1"}, "limit"),
    ("lots", {"limit": "1\n"}, "limit"),
    ("lots", {"limit": "٣"}, "limit"),
    ("lots", {"limit": "9" * 5000}, "limit"),
    ("entries", {"limit": "0"}, "limit"),
    ("entries", {"limit": "1001"}, "limit"),
    ("entries", {"kind": "Burn"}, "kind"),
    ("entries", {"kind": "refund"}, "kind"),
    ("entries", {"kind": ""}, "kind"),
    ("entries", {"from": "now"}, "from"),
    ("entries", {"to": "now"}, "to"),
    ("entries", {"at": NEW_YEAR}, "at"),
    ("entries", {"status": "all"}, "status"),
    ("entries/s.1", {"limit": "1"}, "limit"),
    ("entries/s.1", {"unit": "a b"}, "unit"),
]


@pytest.mark.parametrize(("what", "query", "field"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_parameter_is_named(
    scrip: Deployment, account: str, what: str, query: dict[str, str], field: str
) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/{what}", query=query), field)


def test_every_unknown_parameter_is_named(scrip: Deployment, account: str) -> None:
    answer = scrip.get(f"/v1/accounts/{account}/balance", query={"b": "1", "a": "2", "unit": "credits"})
    invalid(answer, "a", "b")


def cursor(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("digits", range(1, 13))
def test_a_cursor_of_any_length_is_taken_back(digits: int) -> None:
    """Base64 comes in fours, and what is cut off a cursor's end has to be put back exactly."""
    at, seq = 1893456000000, 10**digits - 1
    query = Query({"cursor": make_cursor(at, seq)}, ("cursor",))
    assert query.cursor(range(2 * at), range(10**12)) == [at, seq]


TAMPERED = [
    "",
    "x",
    "!!!!",
    "AAAA",
    "ä",
    "\x00",
    "A" * 5000,
    cursor([]),
    cursor(None),
    cursor(5),
    cursor("a"),
    cursor({"a": 1}),
    cursor([None]),
    cursor([[]]),
    cursor([1]),
    cursor(["a", "b"]),
    cursor([True, True]),
    cursor([1.5, 2]),
    cursor([1, 2, 3]),
    cursor(["1", 2]),
    cursor([1, "2"]),
    cursor("\ud800"),
    cursor([[[[[[[[]]]]]]]]),
    "W" * 900,
    base64.urlsafe_b64encode(b"[1, 2").decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b"[NaN, 1]").decode(),
    base64.urlsafe_b64encode(b"[1e999, 1]").decode(),
    base64.urlsafe_b64encode(b"[" * 700).decode(),
]
WRONG_PLACES = [
    [-1, 1],
    [1, -2],
    [253402300800000, 1],
    [10**20, 1],
    [10**100, 10**100],
    [1, 10**12],
    [1, 10**13],
]


@pytest.mark.parametrize("text", TAMPERED, ids=lambda text: text[:20])
@pytest.mark.parametrize("what", ["lots", "entries"])
def test_a_cursor_that_no_list_gave_is_refused(scrip: Deployment, account: str, what: str, text: str) -> None:
    invalid(scrip.get(f"/v1/accounts/{account}/{what}", query={"cursor": text}), "cursor")


@pytest.mark.parametrize("place", WRONG_PLACES, ids=str)
def test_a_cursor_of_a_place_that_cannot_be_is_refused(
    scrip: Deployment, account: str, place: list[int]
) -> None:
    path = f"/v1/accounts/{account}/entries"
    invalid(scrip.get(path, query={"cursor": cursor(place)}), "cursor")


@pytest.mark.parametrize("place", ["", "x", "\x00", "ä" * 200, "z" * 600], ids=lambda place: place[:5])
def test_a_cursor_of_lots_that_is_no_place_in_the_order_is_refused(
    scrip: Deployment, account: str, place: str
) -> None:
    scrip.grant(account, "1")
    invalid(scrip.get(f"/v1/accounts/{account}/lots", query={"cursor": cursor([place])}), "cursor")


def test_a_cursor_of_one_list_is_refused_by_another(scrip: Deployment, account: str) -> None:
    for _ in range(3):
        scrip.grant(account, "1")
    for what, other in (("lots", "entries"), ("entries", "lots")):
        given = scrip.get(f"/v1/accounts/{account}/{what}", query={"limit": "1"}).body["next_cursor"]
        invalid(scrip.get(f"/v1/accounts/{account}/{other}", query={"cursor": given}), "cursor")
