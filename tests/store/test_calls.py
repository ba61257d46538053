"""What each request costs: the calls to DynamoDB, counted, and what is in them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from bench.meter import item_size
from scrip import runtime
from tests.aws import NEW_YEAR, Call, Deployment

READS = frozenset({"GetItem", "BatchGetItem", "Query"})


def names(made: list[Call]) -> list[str]:
    return [call.name for call in made]


def warm(scrip: Deployment, account: str) -> None:
    """The environment has just written this wallet, and knows its unit as used."""
    scrip.grant(account, "100")
    assert scrip.burn(account, "1", "warm").status == 201
    assert scrip.burn(account, "1").status == 201


def test_a_warm_burn_is_one_transaction_of_two_items_and_nothing_else(
    scrip: Deployment, account: str
) -> None:
    warm(scrip, account)
    with scrip.calls() as made:
        assert scrip.burn(account, "30", "b1").status == 201
    (call,) = made
    assert call.name == "TransactWriteItems"
    assert call.items == ["Put wallets wallet", "Put ledger k"]
    wallet, entry = (item["Put"] for item in call.params["TransactItems"])
    assert wallet["ConditionExpression"] == "version = :seen"
    assert wallet["ExpressionAttributeValues"] == {":seen": {"N": "3"}}
    assert wallet["Item"]["version"] == {"N": "4"}
    assert entry["ConditionExpression"] == "attribute_not_exists(pk)"
    assert entry["Item"]["pk"] == wallet["Item"]["pk"] == {"S": f"w#{account}#credits"}
    for put in (wallet, entry):
        assert put["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert call.params["ClientRequestToken"]


def test_a_warm_burn_of_a_wallet_with_120_lots_is_the_same(scrip: Deployment, account: str) -> None:
    for _ in range(120):
        scrip.grant(account, "10", clock=NEW_YEAR)
    scrip.burn(account, "1", clock=NEW_YEAR)
    with scrip.calls() as made:
        for _ in range(5):
            assert scrip.burn(account, "1", clock=NEW_YEAR).status == 201
    assert [(call.name, call.items) for call in made] == [
        ("TransactWriteItems", ["Put wallets wallet", "Put ledger k"])
    ] * 5


def test_using_lots_up_refills_the_window_with_one_read_at_most_once_per_eight(
    scrip: Deployment, account: str
) -> None:
    """A burn that empties a lot also puts it to rest; a refill adds at most one read and two items."""
    for _ in range(60):
        scrip.grant(account, "1", clock=NEW_YEAR)
    scrip.burn(account, "1", clock=NEW_YEAR)
    refills = 0
    for _ in range(40):
        with scrip.calls() as made:
            assert scrip.burn(account, "1", clock=NEW_YEAR).status == 201
        reads = [name for name in names(made) if name in READS]
        (commit,) = [call for call in made if call.name == "TransactWriteItems"]
        assert len(reads) <= 1
        assert len(commit.items) <= 3 + 2 * len(reads)
        refills += len(reads)
    assert 1 <= refills <= 40 // 8 + 1


def test_a_cold_burn_is_one_read_and_one_transaction(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    scrip.cold()
    with scrip.calls() as made:
        assert scrip.burn(account, "1").status == 201
    assert names(made) == ["BatchGetItem", "TransactWriteItems"]
    (request,) = made[0].params["RequestItems"].values()
    assert request["ConsistentRead"] is True
    assert [key["pk"]["S"] for key in request["Keys"]] == ["unit#credits", f"w#{account}#credits"]


def test_a_burn_of_another_wallet_by_a_warm_function_is_one_read_and_one_transaction(
    scrip: Deployment, account: str
) -> None:
    warm(scrip, account)
    other = f"{account}-b"
    scrip.grant(other, "10")
    scrip.cold()
    scrip.burn(account, "1")
    with scrip.calls() as made:
        assert scrip.burn(other, "1").status == 201
    assert names(made) == ["GetItem", "TransactWriteItems"]
    assert made[0].params["ConsistentRead"] is True


def test_a_refused_warm_burn_is_two_reads_the_wallet_first_then_the_key(
    scrip: Deployment, account: str
) -> None:
    """Law 3: in the other order a twin could commit in between."""
    warm(scrip, account)
    with scrip.calls() as made:
        assert scrip.burn(account, "1000").code == "insufficient_credits"
    assert names(made) == ["GetItem", "GetItem"]
    assert [call.params["TableName"] for call in made] == ["wallets", "ledger"]
    assert all(call.params["ConsistentRead"] for call in made)


def test_a_refused_cold_burn_is_two_reads(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    scrip.cold()
    with scrip.calls() as made:
        assert scrip.burn(account, "1000").code == "insufficient_credits"
    assert names(made) == ["BatchGetItem", "GetItem"]
    assert made[1].params["TableName"] == "ledger"


def test_a_warm_replay_is_one_call(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    with scrip.calls() as made:
        assert scrip.burn(account, "1", "warm").replayed
    assert names(made) == ["TransactWriteItems"]


def test_a_cold_replay_is_two_calls(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    scrip.cold()
    with scrip.calls() as made:
        assert scrip.burn(account, "1", "warm").replayed
    assert names(made) == ["BatchGetItem", "TransactWriteItems"]


def test_a_replay_that_could_not_be_paid_any_more_is_the_present_wallet_and_the_key(
    scrip: Deployment, account: str
) -> None:
    warm(scrip, account)
    scrip.burn(account, "98", "all")
    with scrip.calls() as made:
        assert scrip.burn(account, "98", "all").replayed
    assert names(made) == ["GetItem", "GetItem"]


def test_a_key_reused_is_found_by_the_commit_itself(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    with scrip.calls() as made:
        assert scrip.burn(account, "2", "warm").code == "idempotency_key_reused"
    assert names(made) == ["TransactWriteItems"]


def test_a_warm_grant_inside_the_window_is_one_transaction_of_two_items(
    scrip: Deployment, account: str
) -> None:
    warm(scrip, account)
    with scrip.calls() as made:
        scrip.grant(account, "5")
    assert [call.items for call in made] == [["Put wallets wallet", "Put ledger k"]]


def test_what_is_said_of_a_lot_is_one_item_more(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    with scrip.calls() as made:
        scrip.grant(account, "5", metadata={"a": "b"})
    assert [call.items for call in made] == [["Put wallets wallet", "Put ledger k", "Put wallets note"]]


def test_a_balance_is_one_read(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    with scrip.calls() as made:
        scrip.balance(account)
        scrip.cold()
        scrip.balance(account)
    assert names(made) == ["GetItem", "BatchGetItem"]


def test_a_body_that_is_refused_costs_no_call(scrip: Deployment, account: str) -> None:
    with scrip.calls() as made:
        assert scrip.burn(account, "-1").status == 400
        assert scrip.post(f"/v1/accounts/{account}/burns", {"amount": "1"}).status == 400
    assert made == []


def test_a_unit_is_remembered_for_half_a_minute_and_no_longer(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed one is in force everywhere within 60 s."""
    at = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: at)
    assert scrip.put(f"/v1/units/{account}", {"precision": 0}).status == 201
    scrip.grant(account, "1", unit=account)
    scrip.grant(account, "1", unit=account)  # by now it is known as used
    policy = {"overdraft_limit": "5"}
    assert scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": policy}).status == 200
    at += 29.9
    assert scrip.burn(account, "7", unit=account).code == "insufficient_credits"
    at += 0.2
    assert scrip.burn(account, "7", unit=account).balance["owed"] == "5"


def test_a_full_window_is_written_in_an_item_under_one_kilobyte(scrip: Deployment, account: str) -> None:
    """Two write units in a transaction, whatever the names: each of 128 characters."""
    name, unit = account.ljust(128, "x"), f"u-{account}".ljust(128, "y")
    scrip.put(f"/v1/units/{unit}", {"precision": 9})
    for number in range(40):
        cost = {"amount": 123456789012345, "currency": "USD"}
        answer = scrip.grant(
            name, "999999999999.123456789", unit=unit, clock=NEW_YEAR, kind="paid", cost_basis=cost,
            expires_in=f"P{number + 1}D",
        )  # fmt: skip
        assert answer.status == 201
    scrip.burn(name, "0.000000001", unit=unit, clock=NEW_YEAR)
    with scrip.calls() as made:
        scrip.burn(name, "0.000000001", unit=unit, clock=NEW_YEAR)
    (call,) = made
    wallet = call.params["TransactItems"][0]["Put"]["Item"]
    assert size(wallet) <= 1024
    pages = [item for item in scrip.wallet(name, unit) if item["sk"]["S"].startswith("page#")]
    assert pages
    assert max(map(size, pages)) <= 1024


def test_the_row_of_a_plain_burn_is_under_one_kilobyte(scrip: Deployment, account: str) -> None:
    warm(scrip, account)
    reference = {"type": "job", "id": "0123456789abcdef0123456789abcdef"}
    with scrip.calls() as made:
        scrip.burn(account, "12.345678", "x" * 255, reference=reference)
    row = made[0].params["TransactItems"][1]["Put"]["Item"]
    assert size(row) < 1024


def size(item: Any) -> int:
    """Bytes as DynamoDB counts them: names and values; a number half a byte a digit and one more, at least."""
    total = 0
    for name, ((kind, value),) in ((name, tuple(typed.items())) for name, typed in item.items()):
        total += len(name.encode())
        if kind == "N":
            total += (len(value.lstrip("-")) + 1) // 2 + 1
        else:
            total += len(value.encode() if isinstance(value, str) else value)
    return total


def test_ledger_rows_are_only_ever_put_where_there_is_none(scrip: Deployment, account: str) -> None:
    """Law 4: every write of every kind of request, and none of them changes or deletes a row."""
    with scrip.calls() as made:
        scrip.put(f"/v1/units/{account}", {"precision": 0})
        scrip.grant(account, "10", clock=NEW_YEAR, expires_in="P1D", metadata={"a": "b"})
        scrip.grant(account, "10", "g", clock=NEW_YEAR, effective_at="2030-01-01T12:00:00Z")
        scrip.grant(account, "10", "g", clock=NEW_YEAR, effective_at="2030-01-01T12:00:00Z")
        for _ in range(30):
            scrip.grant(account, "1", clock=NEW_YEAR)
        scrip.burn(account, "35", clock=NEW_YEAR)
        scrip.burn(account, "1000", clock=NEW_YEAR)
        scrip.burn(account, "2", clock="2030-02-01T00:00:00Z", mode="up_to")
        scrip.post("/v1/keys", {"scope": "read"})
        scrip.balance(account)
        scrip.lots(account, status="all")
        scrip.entries(account)
    touched: list[tuple[str, str | None]] = []
    for call in made:
        if call.name == "TransactWriteItems":
            for item in call.params["TransactItems"]:
                ((verb, what),) = item.items()
                if what["TableName"] == "ledger":
                    touched.append((verb, what.get("ConditionExpression")))
        elif call.name not in READS:
            assert call.params["TableName"] == "wallets"
    assert len(touched) >= 35
    assert set(touched) == {("Put", "attribute_not_exists(pk)")}


def test_no_request_scans(scrip: Deployment, account: str) -> None:
    with scrip.calls() as made:
        scrip.grant(account, "10", clock=NEW_YEAR, expires_in="P1D")
        scrip.burn(account, "1", clock=NEW_YEAR)
        scrip.balance(account, query={"at": "2020-01-01T00:00:00Z"})
        scrip.lots(account, status="all")
        scrip.entries(account, kind="burn")
    assert "Scan" not in names(made)


def test_a_row_is_the_text_that_its_hash_is_over_less_what_its_keys_say(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", metadata={"z": "ü", "a": "🂡"})
    entry = scrip.burn(account, "1").body["entry"]
    rows = [item for item in scrip.wallet(account) if "body" in item]
    (row,) = [row for row in rows if row["sk"]["S"] == entry["entry_id"]]
    body = json.loads(row["body"]["S"])
    said = {"account": account, "unit": "credits", "id": row["sk"]["S"], "kind": row["kind"]["S"]}
    said["at"] = int(row["tl"]["S"].partition(".")[0])
    assert not body.keys() & said.keys()
    text = json.dumps(body | said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(row["prev"]["B"] + text.encode()).hexdigest() == entry["hash"]
    assert row["hash"]["B"].hex() == entry["hash"]
    assert row["body"]["S"] == json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Holds: a function that placed one knows all that its captures need


def units(call: Call) -> int:
    """Write units of a transaction on its tables: two for each item and KB of it. An update is a small one."""
    puts = [item["Put"]["Item"] for item in call.params["TransactItems"] if "Put" in item]
    updates = len(call.params["TransactItems"]) - len(puts)
    return 2 * updates + sum(2 * -(-item_size(put) // 1024) for put in puts)


def held(scrip: Deployment, account: str, amount: str) -> str:
    answer = scrip.move(account, "holds", amount=amount, clock=NEW_YEAR)
    assert answer.status == 201, answer.text
    assert scrip.burn(account, "1", clock=NEW_YEAR).status == 201
    return str(answer.body["hold"]["hold_id"])


def test_a_warm_capture_is_one_call(scrip: Deployment, account: str) -> None:
    """Of a part, of another part, and of the last: a burn in between does not matter, since it is written here too."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold = held(scrip, account, "30")
    with scrip.calls() as made:
        for amount, final in (("5", False), ("6", False), ("7", True)):
            on = scrip.move(account, f"holds/{hold}/capture", amount=amount, final=final, clock=NEW_YEAR)
            assert on.status == 201, on.text
    assert names(made) == ["TransactWriteItems"] * 3
    assert made[0].items == ["Put wallets wallet", "Put ledger k", "Put wallets hold"]
    assert scrip.balance(account, clock=NEW_YEAR)["available"] == "81"
    scrip.sound(account)


def test_a_warm_capture_of_lots_that_are_held_whole_is_one_call(scrip: Deployment, account: str) -> None:
    """Such lots rest in a block, and the block is not read: what was put there is remembered."""
    for _ in range(3):
        scrip.grant(account, "10", clock=NEW_YEAR)
    hold = held(scrip, account, "20")
    with scrip.calls() as made:
        assert scrip.move(account, f"holds/{hold}/capture", amount="15", clock=NEW_YEAR).status == 201
    assert names(made) == ["TransactWriteItems"]
    assert scrip.balance(account, clock=NEW_YEAR)["available"] == "14"
    scrip.sound(account)


def test_a_warm_release_and_a_warm_extension_are_one_call(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold = held(scrip, account, "30")
    with scrip.calls() as made:
        for what in ("extend", "release"):
            assert scrip.move(account, f"holds/{hold}/{what}", clock=NEW_YEAR).status == 201
    assert names(made) == ["TransactWriteItems"] * 2
    scrip.sound(account)


def test_a_capture_after_somebody_elses_burn_reads_what_it_needs(scrip: Deployment, account: str) -> None:
    """Law 3: what is remembered is a guess. The other's burn moves the version; nothing of before is believed then."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    hold = held(scrip, account, "30")
    mine = runtime.executor()
    scrip.cold()
    assert scrip.move(account, f"holds/{hold}/capture", amount="4", final=False, clock=NEW_YEAR).status == 201
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "executor", lambda: mine)
        with scrip.calls() as made:
            answer = scrip.move(account, f"holds/{hold}/capture", amount="5", final=False, clock=NEW_YEAR)
    assert answer.body["hold"]["captured"] == "9"
    assert names(made) == ["TransactWriteItems", "BatchGetItem", "TransactWriteItems"]
    scrip.sound(account)


def test_a_capture_of_a_hold_over_60_lots_writes_as_little_as_of_one_over_one(
    scrip: Deployment, account: str
) -> None:
    """Its draws are written once, as it is placed. Later entries and its own record do not repeat them."""
    for _ in range(62):
        scrip.grant(account, "1", clock=NEW_YEAR)
    hold = held(scrip, account, "60")
    with scrip.calls() as made:
        answer = scrip.move(account, f"holds/{hold}/capture", "c", amount="2", final=False, clock=NEW_YEAR)
    assert names(made) == ["TransactWriteItems"]
    assert made[0].items == ["Put wallets wallet", "Put ledger k", "Put wallets hold", "Update wallets rest"]
    assert units(made[0]) == 8
    # The answer shows all of them, as it always did; and again under the same key, in a function that is cold.
    assert len(answer.body["hold"]["draws"]) == 60
    scrip.cold()
    again = scrip.move(account, f"holds/{hold}/capture", "c", amount="2", final=False, clock=NEW_YEAR)
    assert (again.replayed, again.body) == (True, answer.body)
    shown = scrip.get(f"/v1/accounts/{account}/holds/{hold}", clock=NEW_YEAR).body
    assert shown == answer.body["hold"]
    scrip.sound(account)
    # Released, it gives back the 58 that are left: 2 lots were captured, 1 credit was burned, and 1 was never held.
    assert scrip.move(account, f"holds/{hold}/release", clock=NEW_YEAR).status == 201
    assert scrip.balance(account, clock=NEW_YEAR)["available"] == "59"
    scrip.sound(account)


def test_a_hold_over_60_lots_times_out_on_a_read_and_by_the_sweep(scrip: Deployment, account: str) -> None:
    for _ in range(62):
        scrip.grant(account, "1", clock=NEW_YEAR)
    held(scrip, account, "60")
    scrip.cold()
    late = "2030-01-01T00:15:00.000Z"
    assert scrip.balance(account, clock=late)["available"] == "61"
    scrip.sweep(late)
    assert scrip.balance(account, clock=late)["held"] == "0"
    scrip.sound(account)
