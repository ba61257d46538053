"""Burns, as the door answers them (laws 1, 2 and 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, Key, lot_of, short
from tests.http.contract import ENTRY, GRANT_ENTRY, MOVED_BALANCE, refused, whole_balance, whole_entry


def test_a_burn_of_30_from_100_leaves_70_and_says_from_which_lot(scrip: Deployment, account: str) -> None:
    granted = scrip.grant(account, "100", clock=NEW_YEAR).body
    about = {"reference": {"type": "job", "id": "j-1"}, "reason": "rendering", "metadata": {"run": "7"}}
    answer = scrip.burn(account, "30.000000", "b1", clock=NEW_YEAR, **about)
    assert answer.status == 201
    assert answer.headers == {"content-type": "application/json", "request-id": "r1"}
    assert set(answer.body) == {"entry", "balance", "burned", "missing"}
    entry, balance = answer.body["entry"], answer.body["balance"]
    whole_entry(entry, ENTRY)
    whole_balance(balance, MOVED_BALANCE)
    assert {name: entry[name] for name in ENTRY - {"entry_id", "hash"}} == {
        "seq": 2,
        "kind": "burn",
        "amount": "-30",
        "balance_before": "100",
        "balance_after": "70",
        "available_after": "70",
        "held_after": "0",
        "frozen_after": "0",
        "owed_after": "0",
        "draws": [{"lot_id": granted["lot"]["lot_id"], "amount": "30"}],
        "reference": {"type": "job", "id": "j-1"},
        "reason": "rendering",
        "actor": "key:k1",
        "actor_name": None,
        "metadata": {"run": "7"},
        "at": NEW_YEAR,
        "recorded_at": NEW_YEAR,
        "previous_hash": granted["entry"]["hash"],
    }
    assert balance == {
        "account": account,
        "unit": "credits",
        "as_of": NEW_YEAR,
        "total": "70",
        "available": "70",
        "held": "0",
        "frozen": "0",
        "pending": "0",
        "owed": "0",
        "by_category": {"paid": "0", "free": "70"},
        "status": "active",
        "version": 2,
    }
    assert (answer.body["burned"], answer.body["missing"]) == ("30", "0")


def test_a_burn_of_10_of_10_000_credits_bought_for_1000_dollars_recognises_one_dollar(
    scrip: Deployment, account: str
) -> None:
    cost = {"amount": 100000, "currency": "USD"}
    scrip.grant(account, "10000", kind="paid", cost_basis=cost)
    answer = scrip.burn(account, "10")
    value = {"amount": 100, "currency": "USD"}
    assert answer.body["entry"]["draws"] == [{"lot_id": lot_of(account, 1), "amount": "10", "value": value}]
    assert answer.balance["by_category"] == {"paid": "9990", "free": "0"}


def test_a_burn_takes_lots_in_burn_order_and_says_so_in_that_order(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "5", clock=NEW_YEAR)  # never expires: lot_1
    scrip.grant(account, "5", clock=NEW_YEAR, expires_in="P30D")  # lot_2
    scrip.grant(account, "5", clock=NEW_YEAR, expires_in="P7D")  # lot_3
    scrip.grant(account, "5", clock=NEW_YEAR, priority=0)  # lot_4
    scrip.grant(
        account, "5", clock=NEW_YEAR, kind="paid", cost_basis={"amount": 1, "currency": "USD"}
    )  # lot_5
    answer = scrip.burn(account, "22", clock=NEW_YEAR)
    drawn = [(short(draw["lot_id"]), draw["amount"]) for draw in answer.body["entry"]["draws"]]
    assert drawn == [("lot_4", "5"), ("lot_3", "5"), ("lot_2", "5"), ("lot_1", "5"), ("lot_5", "2")]


@pytest.mark.parametrize(
    ("available", "wanted", "burned", "missing"),
    [
        ("100", "30", "30", "0"),
        ("20", "30", "20", "10"),
        ("0.5", "0.75", "0.5", "0.25"),
        (None, "30", "0", "30"),
    ],
)
def test_up_to_takes_what_is_there_and_says_what_is_missing(
    scrip: Deployment, account: str, available: str | None, wanted: str, burned: str, missing: str
) -> None:
    if available:
        scrip.grant(account, available)
    answer = scrip.burn(account, wanted, mode="up_to")
    assert answer.status == 201
    assert (answer.body["burned"], answer.body["missing"]) == (burned, missing)
    assert answer.body["entry"]["amount"] == ("0" if burned == "0" else f"-{burned}")
    assert scrip.entries(account)[-1] == answer.body["entry"]


def test_a_burn_of_more_than_there_is_is_refused_and_changes_nothing(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "30")
    before = scrip.wallet(account)
    with scrip.unwritten():
        answer = scrip.burn(account, "30.000001")
    refused(answer, 402, "insufficient_credits", required="30.000001", available="30", unit="credits")
    assert scrip.wallet(account) == before


def test_a_burn_from_a_wallet_never_seen_is_refused_and_makes_no_wallet(
    scrip: Deployment, account: str
) -> None:
    refused(
        scrip.burn(account, "1"), 402, "insufficient_credits", required="1", available="0", unit="credits"
    )
    assert scrip.wallet(account) == []


def test_an_expired_lot_is_not_spendable_to_the_millisecond_before_any_sweep(
    scrip: Deployment, account: str
) -> None:
    """Law 5."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at="2030-01-01T00:00:02.000Z")
    assert scrip.burn(account, "1", clock="2030-01-01T00:00:01.999Z").status == 201
    answer = scrip.burn(account, "1", clock="2030-01-01T00:00:02.000Z")
    refused(answer, 402, "insufficient_credits", required="1", available="0", unit="credits")
    assert [entry["kind"] for entry in scrip.entries(account)] == ["grant", "burn"]


def test_a_burn_books_what_expired_before_it_in_the_same_commit(scrip: Deployment, account: str) -> None:
    """Law 5: the expiry's own instant is its entry's."""
    scrip.grant(account, "10", clock=NEW_YEAR, expires_at="2030-01-01T12:00:00Z")
    scrip.grant(account, "20", clock=NEW_YEAR)
    with scrip.calls() as made:
        answer = scrip.burn(account, "1", clock=NEXT_DAY)
    assert [call.name for call in made] == ["TransactWriteItems"]
    grant, _, expiry, burn = scrip.entries(account)
    assert (expiry["kind"], expiry["amount"], expiry["at"]) == ("expiry", "-10", "2030-01-01T12:00:00.000Z")
    assert (expiry["actor"], expiry["draws"]) == ("time", [{"lot_id": lot_of(account, 1), "amount": "10"}])
    assert burn == answer.body["entry"]
    assert burn["previous_hash"] == expiry["hash"]
    assert (burn["balance_before"], burn["balance_after"]) == ("20", "19")
    assert grant["previous_hash"] == "0" * 64


def test_a_credit_pending_until_tomorrow_is_spendable_tomorrow(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, effective_at=NEXT_DAY)
    refused(scrip.burn(account, "1", clock="2030-01-01T23:59:59.999Z"), 402, "insufficient_credits")
    assert scrip.burn(account, "1", clock=NEXT_DAY).balance["available"] == "9"
    assert [entry["kind"] for entry in scrip.entries(account)] == ["grant", "activation", "burn"]


def test_the_default_unit_may_be_named_or_left_out(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", unit="credits")
    assert scrip.burn(account, "1").balance["unit"] == "credits"
    assert scrip.burn(account, "1", unit="credits").balance["total"] == "8"


def test_units_have_wallets_of_their_own(scrip: Deployment, account: str) -> None:
    assert scrip.put("/v1/units/images", {"precision": 0}).status in (200, 201)
    scrip.grant(account, "10", unit="images")
    assert scrip.burn(account, "3", unit="images").balance["total"] == "7"
    refused(scrip.burn(account, "3"), 402, "insufficient_credits")
    answer = scrip.burn(account, "0.5", unit="images")
    refused(answer, 422, "precision_exceeded", field="amount", precision=0)


def test_an_overdraft_pays_what_an_exact_burn_lacks_and_no_more(scrip: Deployment, account: str) -> None:
    """Law 2: debt only where policy allows it."""
    unit = f"debt-{account}"
    assert scrip.put(f"/v1/units/{unit}", {"precision": 2, "policy": {"overdraft_limit": "5"}}).status == 201
    scrip.grant(account, "10", unit=unit)
    refused(scrip.burn(account, "15.01", unit=unit), 402, "insufficient_credits")
    answer = scrip.burn(account, "15", unit=unit)
    assert (answer.balance["total"], answer.balance["available"], answer.balance["owed"]) == ("-5", "0", "5")
    assert scrip.burn(account, "1", unit=unit, mode="up_to").body["burned"] == "0"
    repaid = scrip.grant(account, "7", unit=unit).body
    assert (repaid["balance"]["owed"], repaid["balance"]["available"]) == ("0", "2")
    assert repaid["lot"]["remaining"] == "2"


CLOSED_AND_FROZEN = [("closed", "wallet_closed"), ("frozen", "wallet_frozen")]


@pytest.mark.parametrize(("status", "code"), CLOSED_AND_FROZEN)
def test_nothing_is_burned_from_a_frozen_or_closed_wallet(
    scrip: Deployment, account: str, status: str, code: str
) -> None:
    scrip.grant(account, "10")
    scrip.set_status(account, status)
    before = scrip.wallet(account)
    refused(scrip.burn(account, "1"), 409, code)
    assert scrip.wallet(account) == before


# Each row repairs what the row before was refused for, and is refused for what comes next (domain/errors.py).
PRECEDENCE: list[tuple[str, int, str]] = [
    ("a key that may only read", 403, "forbidden"),
    ("a body of 256 KiB and a byte", 413, "body_too_large"),
    ("a body that says it is text", 415, "unsupported_media_type"),
    ("an unknown member", 400, "invalid_request"),
    ("no key", 400, "idempotency_key_missing"),
    ("an unknown unit", 404, "not_found"),
    ("too many decimals", 422, "precision_exceeded"),
    ("more than the largest amount", 422, "amount_out_of_range"),
    ("a key that was used", 422, "idempotency_key_reused"),
    ("a clock that runs backwards", 422, "clock_backwards"),
    ("a closed wallet", 409, "wallet_closed"),
    ("a frozen wallet", 409, "wallet_frozen"),
    ("too few credits", 402, "insufficient_credits"),
]


def wrong_from(row: int, account: str) -> dict[str, Any]:
    """A burn in which everything is wrong that a row from ``row`` on names, as far as it can be at once."""
    amount = "1.0000001" if row <= 6 else "1000000000000000000000.000001" if row <= 7 else "11"
    body: dict[str, Any] = {"amount": amount}
    if row <= 3:
        body["colour"] = "red"
    if row <= 5:
        body["unit"] = "nowhere"
    if row <= 1:
        body["reason"] = "x" * 256 * 1024
    return {
        "body": body,
        "caller": Key("read") if row == 0 else Key("admin"),
        "content_type": "text/plain" if row <= 2 else "application/json",
        "key": None if row <= 4 else "used" if row <= 8 else "new",
        "clock": "2020-01-01T00:00:00Z" if row <= 9 else None,
    }


@pytest.mark.parametrize(("row", "expected"), list(enumerate(PRECEDENCE)), ids=[row[0] for row in PRECEDENCE])
def test_of_several_refusals_the_first_in_the_order_of_precedence_is_given(
    scrip: Deployment, account: str, row: int, expected: tuple[str, int, str]
) -> None:
    assert scrip.grant(account, "10", "used").status == 201
    if row <= 11:
        scrip.set_status(account, "closed" if row <= 10 else "frozen")
    before = scrip.wallet(account)
    with scrip.unwritten():
        answer = scrip.send("POST", f"/v1/accounts/{account}/burns", **wrong_from(row, account))
    refused(answer, expected[1], expected[2])
    assert scrip.wallet(account) == before


def test_the_answer_to_a_burn_is_what_a_list_says_of_it(scrip: Deployment, account: str) -> None:
    granted = scrip.grant(account, "10").body["entry"]
    whole_entry(granted, GRANT_ENTRY)
    burned = scrip.burn(account, "1").body["entry"]
    assert scrip.entries(account) == [granted, burned]
    for entry in (granted, burned):
        found = scrip.get(f"/v1/accounts/{account}/entries/{entry['entry_id']}")
        assert (found.status, found.body) == (200, entry)
