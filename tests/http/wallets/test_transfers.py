"""Transfers at their door: two wallets, one transaction (laws 1, 3 and 7)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits import limits
from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment, Key, lot_of, short
from tests.http.contract import (
    ENTRY,
    GRANT_ENTRY,
    MOVED_BALANCE,
    invalid,
    refused,
    whole_balance,
    whole_entry,
)

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
LATER = "2030-06-01T00:00:00.000Z"


@pytest.fixture
def other(account: str) -> str:
    return f"{account}-b"


@pytest.fixture
def unit(scrip: Deployment, account: str) -> str:
    """A unit whose credits may move."""
    name = f"miles-{account}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 2, "policy": {"transferable": True}}).status == 201
    return name


def transfer(
    scrip: Deployment, account: str, to: str, amount: str, unit: str, key: str = "t1", **body: Any
) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller") if name in body}
    said = {"to_account": to, "amount": amount, "unit": unit, **body}
    return scrip.post(f"/v1/accounts/{account}/transfers", said, key=key, **request)


def total(scrip: Deployment, account: str, unit: str) -> str:
    return str(scrip.balance(account, query={"unit": unit})["total"])


def test_a_transfer_answers_with_both_sides(scrip: Deployment, account: str, other: str, unit: str) -> None:
    cost = {"amount": 333, "currency": "USD"}
    note: Json = {"reference": {"type": "invoice", "id": "in_1"}, "metadata": {"order": "7"}}
    scrip.grant(
        account,
        "100",
        unit=unit,
        clock=NEW_YEAR,
        kind="paid",
        cost_basis=cost,
        expires_at=LATER,
        priority=9,
        **note,
    )
    scrip.grant(account, "5", unit=unit, clock=NEW_YEAR, priority=1, scope=["images"])
    answer = transfer(scrip, account, other, "38", unit, clock=NEXT_DAY, reason="shared")
    assert (answer.status, set(answer.body)) == (201, {"entry", "balance", "to_entry", "to_entries"})
    entry, arrived = answer.body["entry"], answer.body["to_entries"]
    whole_entry(entry, ENTRY | {"counterpart"})
    whole_balance(answer.balance, MOVED_BALANCE)
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("transfer_out", "-38", "shared")
    assert entry["draws"] == [
        {"lot_id": lot_of(account, 2, unit), "amount": "5"},
        {"lot_id": lot_of(account, 1, unit), "amount": "33", "value": {"amount": 109, "currency": "USD"}},
    ]
    assert answer.body["to_entry"] == arrived[-1]
    for one in arrived:
        whole_entry(one, GRANT_ENTRY | {"counterpart"})
    assert [(one["kind"], one["amount"], short(one["lot_id"])) for one in arrived] == [
        ("transfer_in", "5", "lot_1"),
        ("transfer_in", "33", "lot_2"),
    ]
    first, second = scrip.lots(other, unit=unit)
    assert (first["kind"], first["scope"], first["cost_basis"]) == ("transfer", ["images"], None)
    assert second["cost_basis"] == {"amount": 109, "currency": "USD"}
    assert (second["effective_at"], second["expires_at"], second["priority"]) == (NEW_YEAR, LATER, 9)
    assert (second["source"], second["metadata"]) == (note["reference"], note["metadata"])
    assert (total(scrip, account, unit), total(scrip, other, unit)) == ("67", "38")
    scrip.sound(account, unit)
    scrip.sound(other, unit)


def test_what_moved_expires_when_it_would_have(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    """Law 7."""
    scrip.grant(account, "10", unit=unit, clock=NEW_YEAR, expires_at=LATER)
    transfer(scrip, account, other, "10", unit, clock=NEXT_DAY)
    scrip.sweep(LATER)
    assert [entry["kind"] for entry in scrip.entries(other, unit=unit)] == ["transfer_in", "expiry"]


def test_a_transfer_is_replayed(scrip: Deployment, account: str, other: str, unit: str) -> None:
    """Law 3: the key is the sender's."""
    scrip.grant(account, "10", unit=unit)
    first = transfer(scrip, account, other, "4", unit)
    scrip.burn(other, "4", unit=unit)
    scrip.grant(account, "1", unit=unit)
    scrip.cold()
    before = scrip.wallet(account, unit), scrip.wallet(other, unit)
    again = transfer(scrip, account, other, "4.0", unit)
    assert (again.status, again.text, again.replayed) == (201, first.text, True)
    assert (scrip.wallet(account, unit), scrip.wallet(other, unit)) == before
    # The receiver's keys are its own.
    assert transfer(scrip, other, account, "1", unit, "t1").code == "insufficient_credits"
    scrip.grant(other, "1", unit=unit)
    assert transfer(scrip, other, account, "1", unit, "t1").status == 201


@pytest.mark.parametrize("change", [{"amount": "5"}, {"to": "somebody"}, {"reason": "x"}])
def test_a_key_carries_one_transfer(
    scrip: Deployment, account: str, other: str, unit: str, change: Json
) -> None:
    scrip.grant(account, "10", unit=unit)
    transfer(scrip, account, other, "4", unit)
    answer = transfer(scrip, account, **{"to": other, "amount": "4", "unit": unit, **change})
    refused(answer, 422, "idempotency_key_reused")
    refused(scrip.burn(account, "4", "t1", unit=unit), 422, "idempotency_key_reused")
    assert (total(scrip, account, unit), total(scrip, other, unit)) == ("6", "4")


def test_a_replay_wins_over_what_has_become_of_the_receiver(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    scrip.grant(account, "10", unit=unit)
    first = transfer(scrip, account, other, "10", unit)
    scrip.burn(other, "10", unit=unit)
    for name in (other, account):
        assert scrip.post(f"/v1/accounts/{name}/close", {"unit": unit}, key="x").status == 201
    again = transfer(scrip, account, other, "10", unit)
    assert (again.text, again.replayed) == (first.text, True)
    refused(transfer(scrip, account, other, "10", unit, "t2"), 409, "wallet_closed")


BAD: list[tuple[str, Json, str]] = [
    ("to oneself", {"to_account": "@"}, "to_account"),
    ("to nobody", {"to_account": ""}, "to_account"),
    ("to a name that is none", {"to_account": "a b"}, "to_account"),
    ("of nothing", {"amount": "0"}, "amount"),
    ("of a number", {"amount": 1}, "amount"),
    ("with an expiry", {"expires_in": "P1D"}, "expires_in"),
]


@pytest.mark.parametrize(("_", "change", "field"), BAD, ids=[row[0].replace(" ", "-") for row in BAD])
def test_there_is_no_transfer(
    scrip: Deployment, account: str, other: str, unit: str, _: str, change: Json, field: str
) -> None:
    scrip.grant(account, "10", unit=unit)
    body = {"to_account": other, "amount": "1", "unit": unit, **change}
    body["to_account"] = body["to_account"].replace("@", account)
    invalid(scrip.post(f"/v1/accounts/{account}/transfers", body, key="t1"), field)
    assert scrip.wallet(other, unit) == []


ORDER: list[tuple[str, Json, int, str]] = [
    # Each of them would be refused for what stands below it, too.
    ("a narrow key", {"caller": Key("burn"), "amount": "x"}, 403, "forbidden"),
    ("a bad amount", {"amount": "x", "unit": "nowhere"}, 400, "invalid_request"),
    ("an unknown unit", {"unit": "nowhere", "amount": "1.001"}, 404, "not_found"),
    ("too many decimals", {"amount": "1.001"}, 422, "precision_exceeded"),
    ("too large an amount", {"amount": "9" * 28}, 422, "amount_out_of_range"),
    ("a used key", {"key": "g1"}, 422, "idempotency_key_reused"),
    ("an earlier instant", {"clock": "2020-01-01T00:00:00Z"}, 422, "clock_backwards"),
    ("a unit whose credits stay", {}, 422, "policy_violation"),
]


@pytest.mark.parametrize(
    ("_", "change", "status", "code"), ORDER, ids=[row[0].replace(" ", "-") for row in ORDER]
)
def test_a_transfer_is_refused_first_for(
    scrip: Deployment, account: str, other: str, _: str, change: Json, status: int, code: str
) -> None:
    unit = f"kept-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 2})
    scrip.grant(account, "10", "g1", unit=unit)
    refused(transfer(scrip, account, other, **{"amount": "100", "unit": unit, **change}), status, code)
    assert (total(scrip, account, unit), scrip.wallet(other, unit)) == ("10", [])


@pytest.mark.parametrize("amount", ["1", "10.01"])
def test_a_unit_whose_credits_stay_says_so_whatever_there_is(
    scrip: Deployment, account: str, other: str, amount: str
) -> None:
    """Nothing, and too little: to sell more would not help."""
    unit = f"kept-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 2})
    if amount != "1":
        scrip.grant(account, "10", unit=unit)
    answer = transfer(scrip, account, other, amount=amount, unit=unit)
    refused(answer, 422, "policy_violation", policy="transferable")


def test_a_transfer_of_more_than_there_is_is_refused_where_credits_move(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    scrip.grant(account, "10", unit=unit)
    refused(transfer(scrip, account, other, amount="10.01", unit=unit), 402, "insufficient_credits")


STANDS: list[tuple[str, str, str]] = [
    ("freeze", "sender", "wallet_frozen"),
    ("close", "sender", "wallet_closed"),
    ("freeze", "receiver", "wallet_frozen"),
    ("close", "receiver", "wallet_closed"),
]


@pytest.mark.parametrize(("door", "whose", "code"), STANDS)
def test_a_wallet_that_does_not_take_part_says_so(
    scrip: Deployment, account: str, other: str, unit: str, door: str, whose: str, code: str
) -> None:
    scrip.grant(account, "10", unit=unit)
    if (door, whose) == ("close", "sender"):
        scrip.burn(account, "10", unit=unit)
    name = account if whose == "sender" else other
    assert scrip.post(f"/v1/accounts/{name}/{door}", {"unit": unit}, key="x").status == 201
    facts = {"account": other} if whose == "receiver" else {}
    answer = transfer(scrip, account, other, "10", unit)
    refused(answer, 409, code, **facts)
    assert ("account" in answer.body) == (whose == "receiver")


def test_a_receiver_that_is_full_says_so(scrip: Deployment, account: str, other: str, unit: str) -> None:
    scrip.grant(account, "10", unit=unit)
    scrip.grant(other, "1" + "0" * 25, unit=unit)
    answer = transfer(scrip, account, other, "10", unit)
    refused(answer, 422, "amount_out_of_range", largest="1" + "0" * 25, unit=unit, account=other)
    assert total(scrip, account, unit) == "10"


def test_what_there_is_of_too_few_credits_is_told(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    scrip.grant(account, "10", unit=unit)
    answer = transfer(scrip, account, other, "10.01", unit)
    refused(answer, 402, "insufficient_credits", required="10.01", available="10", unit=unit)


def test_credits_stay_with_their_account_by_default(scrip: Deployment, account: str, other: str) -> None:
    scrip.grant(account, "10")
    refused(transfer(scrip, account, other, "10", "credits"), 422, "policy_violation", policy="transferable")


def test_seventeen_lots_are_too_many_for_one_transfer(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    for _ in range(17):
        scrip.grant(account, "1", unit=unit)
    refused(
        transfer(scrip, account, other, "17", unit), 422, "policy_violation", policy="max_lots_per_transfer"
    )
    assert len(transfer(scrip, account, other, "16", unit).body["to_entries"]) == 16
    scrip.sound(account, unit)
    scrip.sound(other, unit)


def test_sixteen_noted_lots_with_expiries_fit_into_one_transaction(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    """The widest transfer there is: sixteen lots of as many scopes, into a wallet that has pages."""
    for number in range(16):
        scrip.grant(other, "1", unit=unit, clock=NEW_YEAR, priority=1)
        body: Json = {"metadata": {"n": str(number)}, "scope": [f"m{number}"], "priority": 50 + number}
        scrip.grant(
            account, "1", unit=unit, clock=NEW_YEAR, expires_at=f"2030-06-{number + 1:02}T00:00:00Z", **body
        )
    scrip.grant(other, "1", unit=unit, clock=NEW_YEAR, priority=1)
    answer = transfer(scrip, account, other, "16", unit, clock=NEXT_DAY)
    assert (answer.status, len(answer.body["to_entries"])) == (201, 16)
    scrip.sound(account, unit)
    scrip.sound(other, unit)


def commits(made: list[Any]) -> list[int]:
    """How many items each transaction wrote."""
    return [len(call.params["TransactItems"]) for call in made if call.name == "TransactWriteItems"]


def test_what_is_due_is_booked_by_itself_where_a_transfer_does_not_fit_beside_it(
    scrip: Deployment, account: str, other: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lots move, one by one 1, and two lots of the sender ended at noon. There is room for the transfer and its
    slack, and for nothing else: so the ends are committed before it. With an item less it is refused. The receiver is
    known before: its first commit would put it into lists besides."""
    scrip.grant(other, "1", unit=unit, clock=NEW_YEAR)
    for number in range(3):
        scrip.grant(account, "1", unit=unit, clock=NEW_YEAR, priority=number)
    for _ in range(2):
        scrip.grant(account, "1", unit=unit, clock=NEW_YEAR, expires_at="2030-01-01T12:00:00Z")
    ended = f"{account}-ended"
    for number in range(3):
        scrip.grant(ended, "1", unit=unit, clock=NEW_YEAR, priority=number)
    with scrip.calls() as made:
        assert transfer(scrip, ended, other, "3", unit, clock=NEXT_DAY).status == 201
    (alone,) = commits(made)
    monkeypatch.setattr(limits, "COMMIT_ITEMS", alone + limits.COMMIT_SLACK)
    with scrip.calls() as made:
        answer = transfer(scrip, account, other, "3", unit, clock=NEXT_DAY)
    assert answer.status == 201, answer.text
    assert len(commits(made)) == 2
    assert max(commits(made)) <= alone
    assert [entry["kind"] for entry in scrip.entries(account, unit=unit)][-2:] == ["expiry", "transfer_out"]
    scrip.sound(account, unit)
    scrip.sound(other, unit)

    monkeypatch.setattr(limits, "COMMIT_ITEMS", alone + limits.COMMIT_SLACK - 1)
    for number in range(3):
        scrip.grant(ended, "1", unit=unit, clock=NEXT_DAY, priority=number)
    with scrip.unwritten():
        answer = transfer(scrip, ended, other, "3", unit, "t2", clock=NEXT_DAY)
        refused(answer, 422, "policy_violation", policy="max_lots_per_burn")


def test_a_receiver_written_meanwhile_is_decided_on_again(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    scrip.grant(account, "10", unit=unit)
    scrip.grant(other, "1", unit=unit)
    with scrip.meanwhile(lambda: scrip.grant(other, "5", unit=unit)):
        assert transfer(scrip, account, other, "10", unit).status == 201
    assert (total(scrip, account, unit), total(scrip, other, unit)) == ("0", "16")
    scrip.sound(other, unit)


def test_a_sender_written_meanwhile_is_decided_on_again(
    scrip: Deployment, account: str, other: str, unit: str
) -> None:
    """Law 2: what it had was burned by somebody else."""
    scrip.grant(account, "10", unit=unit)
    with scrip.meanwhile(lambda: scrip.burn(account, "1", unit=unit)):
        refused(transfer(scrip, account, other, "10", unit), 402, "insufficient_credits")
    assert (total(scrip, account, unit), scrip.wallet(other, unit)) == ("9", [])


def test_the_receiver_owes_less_after_it(scrip: Deployment, account: str, other: str) -> None:
    unit = f"owing-{account}"
    policy = {"transferable": True, "overdraft_limit": "50"}
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": policy})
    scrip.grant(account, "100", unit=unit)
    scrip.burn(other, "30", unit=unit)
    answer = transfer(scrip, account, other, "40", unit)
    assert answer.body["to_entry"]["owed_after"] == "0"
    assert answer.body["to_entry"]["draws"] == [{"lot_id": lot_of(other, 2, unit), "amount": "30"}]
    assert total(scrip, other, unit) == "10"
    scrip.sound(other, unit)


def test_both_sides_of_a_transfer_name_each_other(scrip: Deployment, account: str, other: str) -> None:
    """The entries, and the lots that arrived, in the answer, in lists and by the entry's own path."""
    unit = f"moves-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0, "policy": {"transferable": True}})
    for _ in range(2):
        scrip.grant(account, "5", unit=unit)
    answer = transfer(scrip, account, other, "8", unit)
    sent, arrived = answer.body["entry"], answer.body["to_entries"]
    ids = [one["entry_id"] for one in arrived]
    assert len(ids) == 2
    assert sent["counterpart"] == {"account": other, "entry_id": ids[1], "entry_ids": ids}
    assert answer.body["to_entry"]["entry_id"] == sent["counterpart"]["entry_id"]
    back = {"account": account, "entry_id": sent["entry_id"]}
    assert [one["counterpart"] for one in arrived] == [back, back]
    assert [lot["counterpart"] for lot in scrip.lots(other, unit=unit)] == [back, back]
    assert scrip.get(f"/v1/accounts/{other}/entries/{ids[0]}").body["counterpart"] == back
    assert scrip.entries(account, unit=unit)[-1]["counterpart"] == sent["counterpart"]
    third = transfer(scrip, other, f"{account}-3", "8", unit).body["entry"]
    assert {lot["counterpart"]["entry_id"] for lot in scrip.lots(f"{account}-3", unit=unit)} == {
        third["entry_id"]
    }
