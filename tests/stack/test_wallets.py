"""Wallets over HTTP: concurrency, time, tampering, access."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from local.stack import StackError
from tests.stack.conftest import App


def test_the_same_burn_from_many_clients_at_once_burns_once(stack: App, account: str, clients: int) -> None:
    """Law 3: one key, many senders; equal answers, all but one of them replays."""
    stack.grant(account, "100")
    path = f"/v1/accounts/{account}/burns"
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(lambda _: stack.post(path, {"amount": "30"}, key="once"), range(clients)))
    assert [answer.status_code for answer in answers] == [201] * clients
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotent-replay" in answer.headers for answer in answers) == clients - 1
    assert stack.balance(account)["total"] == "70"
    assert stack.verify(account)["entries"] == 2


def test_many_different_burns_at_once_never_overspend(stack: App, account: str, clients: int) -> None:
    """Law 2: 50 credits pay five burns of 10; the others are refused, not half done."""
    stack.grant(account, "50")
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(lambda _: stack.burn(account, "10"), range(clients)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 5 + [402] * (clients - 5), codes
    assert stack.balance(account)["total"] == "0"
    assert stack.verify(account)["findings"] == []


def test_a_lot_that_expires_in_two_seconds_is_gone_before_any_sweep_and_booked_once_after(
    stack: App, account: str
) -> None:
    """Law 5: expiry is a fact of time; the sweep only books it, at the fact's own instant."""
    stack.grant(account, "50")
    assert stack.balance(account)["available"] == "50", "from here on the functions are warm"
    granted = stack.grant(account, "20", expires_in="PT2S", priority=1)
    assert stack.balance(account)["available"] == "70"
    time.sleep(2.1)
    assert stack.balance(account)["available"] == "50"
    assert stack.burn(account, "60").status_code == 402
    listed = [(entry["kind"], entry.get("booked", True)) for entry in stack.entries(account)]
    assert listed == [("expiry", False), ("grant", True), ("grant", True)]

    stack.eventually(lambda: stack.sweep()["wallets"] or len(stack.entries(account)) == 3)
    kinds = [(entry["kind"], entry["amount"]) for entry in stack.entries(account)]
    assert kinds == [("expiry", "-20"), ("grant", "20"), ("grant", "50")]
    assert stack.entries(account)[0]["at"] == granted["lot"]["expires_at"]
    stack.sweep()
    assert len(stack.entries(account)) == 3
    assert stack.verify(account)["findings"] == []


def test_a_flipped_byte_is_found_and_named(stack: App, account: str) -> None:
    """Law 4: one character of one amount in the middle of the chain."""
    stack.grant(account, "100")
    target = stack.burn(account, "30").json()["entry"]
    stack.burn(account, "1")
    dynamodb, table = stack.stack.client("dynamodb"), stack.stack.outputs["LedgerTable"]
    key = {"pk": {"S": f"w#{account}#credits"}, "sk": {"S": target["entry_id"]}}
    body = dynamodb.get_item(TableName=table, Key=key)["Item"]["body"]["S"]
    flipped = body.replace('"amount":"-30000000"', '"amount":"-20000000"')
    assert flipped != body
    dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": flipped}},
    )
    with pytest.raises(StackError) as error:
        stack.verify(account)
    assert f'"entry_id": "{target["entry_id"]}"' in str(error.value)
    assert "entry 2 does not match its hash" in str(error.value)


def test_a_balance_can_be_read_as_it_was(stack: App, account: str) -> None:
    first = stack.grant(account, "100")["entry"]["at"]
    time.sleep(0.01)
    second = stack.burn(account, "30").json()["entry"]["at"]
    time.sleep(0.01)
    stack.burn(account, "5")
    assert stack.balance(account, at=first)["total"] == "100"
    assert stack.balance(account, at=second)["total"] == "70"
    assert stack.balance(account, at="2020-01-01T00:00:00.000Z")["total"] == "0"
    assert stack.balance(account)["total"] == "65"


def test_the_test_clock_moves_a_wallet_into_the_future_and_never_back(stack: App, account: str) -> None:
    path = f"/v1/accounts/{account}/grants"
    later = stack.post(path, {"amount": "10"}, scrip_test_clock="2030-01-01T00:00:00.000Z")
    assert later.json()["entry"]["at"] == "2030-01-01T00:00:00.000Z"
    back = stack.post(path, {"amount": "10"}, scrip_test_clock="2029-01-01T00:00:00.000Z")
    assert (back.status_code, back.json()["code"]) == (422, "clock_backwards")


def test_keys_open_what_their_scope_says(stack: App, account: str) -> None:
    """A portal's key reads its own account."""
    made = stack.client.post("/v1/keys", json={"scope": "read", "account": account}).json()
    portal = {"authorization": f"Bearer {made['key']}"}
    own = stack.client.get(f"/v1/accounts/{account}/balance", headers=portal)
    other = stack.client.get("/v1/accounts/somebody/balance", headers=portal)
    burn = stack.client.post(f"/v1/accounts/{account}/burns", json={"amount": "1"}, headers=portal)
    assert [own.status_code, other.status_code, burn.status_code] == [200, 403, 403]
    assert burn.json()["code"] == "forbidden"
    unknown = httpx.get(f"{stack.url}/v1/accounts/{account}/balance", timeout=30, trust_env=False)
    assert unknown.status_code == 401


@pytest.mark.long
def test_a_deleted_key_is_dead_within_a_minute(stack: App, account: str) -> None:
    made = stack.client.post("/v1/keys", json={"scope": "read", "account": account}).json()
    portal = {"authorization": f"Bearer {made['key']}"}

    def status() -> int:
        return stack.client.get(f"/v1/accounts/{account}/balance", headers=portal).status_code

    assert status() == 200
    stack.client.delete(f"/v1/keys/{made['key_id']}").raise_for_status()
    stack.eventually(lambda: status() in (401, 403), seconds=60)


def test_a_worker_of_the_burn_function_stays_under_128_mb(stack: App, account: str) -> None:
    stack.grant(account, "100")
    for _ in range(20):
        assert stack.burn(account, "1").status_code == 201
    sizes = [
        int(line.split()[1])
        for process in Path("/proc").glob("[0-9]*")
        if "BurnsFunction" in _read(process / "cmdline")
        and str(stack.stack.workdir) in _read(process / "cmdline")
        for line in _read(process / "status").splitlines()
        if line.startswith("VmHWM")
    ]
    assert sizes
    assert max(sizes) < 128 * 1024, f"{max(sizes)} KB"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
