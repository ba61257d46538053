"""The whole wallet under concurrency, on the real template: what has a bound keeps it, what is once is once."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import httpx
import pytest

from scrip.services.engine.executor import Executor
from scrip.store import documents, keys
from scrip.store.tables import Tables
from tests.stack.conftest import App

T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Each act in a thread of its own, all begun together."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def post(stack: App, path: str, body: Any, key: str | None = None) -> httpx.Response:
    """A request as a well-behaved client sends it: again, under the same key, where it is told to come back."""
    key = key or uuid.uuid4().hex
    deadline = time.monotonic() + 60
    while True:
        answer = stack.post(path, body, key=key)
        if "retry-after" not in answer.headers or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def codes(answers: Sequence[httpx.Response]) -> Counter[str]:
    """How often each: the status, and the problem's code where there is one."""
    return Counter(f"{one.status_code} {one.json().get('code', '')}".strip() for one in answers)


@pytest.fixture(scope="module")
def promote(stack: App) -> Callable[..., str]:
    """Stores a promotion of 10 credits and gives its code."""
    outputs, client = stack.stack.outputs, stack.stack.client("dynamodb")
    tables = Tables(client, outputs["WalletsTable"], outputs["LedgerTable"])

    def put(**terms: Any) -> str:
        code = f"P-{uuid.uuid4().hex[:10]}"
        body = {
            "unit": "credits",
            "amount": "10",
            "kind": "promotional",
            "starts_at": None,
            "ends_at": None,
            "expires_in": None,
            "max_redemptions": None,
            "budget": None,
            "identities": [],
            "version": 1,
            **terms,
        }
        assert documents.put(tables, keys.promotion(code), documents.NEW, body)
        return code

    return put


@pytest.fixture(scope="module")
def miles(stack: App) -> str:
    """A unit whose credits may move."""
    unit = f"miles-{uuid.uuid4().hex[:8]}"
    body = {"precision": 0, "policy": {"transferable": True}}
    assert stack.client.put(f"/v1/units/{unit}", json=body).status_code == 201
    return unit


BOUNDS = [
    ("a cap of 5", {"max_redemptions": 5}, 5),
    ("a budget of 79.5", {"budget": "79.5"}, 7),
]


@pytest.mark.parametrize(("_", "terms", "fits"), BOUNDS, ids=["cap", "budget"])
def test_many_redeem_at_once_and_the_bound_holds(
    stack: App,
    account: str,
    clients: int,
    promote: Callable[..., str],
    _: str,
    terms: dict[str, Any],
    fits: int,
) -> None:
    code = promote(**terms)
    accounts = [f"{account}-{number}" for number in range(clients)]
    answers = at_once(
        [partial(post, stack, f"/v1/accounts/{name}/redemptions", {"code": code}) for name in accounts]
    )
    assert codes(answers) == {"201": fits, "409 promotion_exhausted": clients - fits}
    granted = [stack.balance(name)["total"] for name in accounts]
    assert Counter(granted) == {"10": fits, "0": clients - fits}


def test_one_redemption_sent_by_many_clients_is_one(
    stack: App, account: str, clients: int, promote: Callable[..., str]
) -> None:
    """Law 3, and it is counted once."""
    code = promote(max_redemptions=1, identities=["email"])
    body = {"code": code, "identities": {"email": f"{account}@example.com"}}
    answers = at_once([partial(post, stack, f"/v1/accounts/{account}/redemptions", body, "once")] * clients)
    assert codes(answers) == {"201": clients}
    assert len({answer.text for answer in answers}) == 1
    assert stack.balance(account)["total"] == "10"


def test_one_person_in_many_accounts_at_once_claims_once(
    stack: App, account: str, promote: Callable[..., str]
) -> None:
    code = promote(identities=["email"])
    spellings = [
        f"{account}@gmail.com",
        f"{account}+x@gmail.com",
        f"{account}@GoogleMail.com".replace("-", ".-"),
    ]

    def redeem(number: int) -> httpx.Response:
        body = {"code": code, "identities": {"email": spellings[number % 3]}}
        return post(stack, f"/v1/accounts/{account}-{number}/redemptions", body)

    answers = at_once([partial(redeem, number) for number in range(8)])
    assert codes(answers) == {"201": 1, "409 promotion_already_claimed": 7}


@pytest.mark.long
def test_transfers_there_and_back_at_once_conserve_the_sum(stack: App, account: str, miles: str) -> None:
    """Law 1, over two wallets that write to each other."""
    one, other = account, f"{account}-b"
    for name in (one, other):
        stack.grant(name, "100", unit=miles, kind="paid", cost_basis={"amount": 1000, "currency": "USD"})

    def move(source: str, to: str, amount: str) -> httpx.Response:
        body = {"to_account": to, "amount": amount, "unit": miles}
        return post(stack, f"/v1/accounts/{source}/transfers", body)

    answers = at_once([partial(move, one, other, "7"), partial(move, other, one, "9")] * 4)
    assert codes(answers) == {"201": 8}
    assert [stack.balance(name, unit=miles)["total"] for name in (one, other)] == ["108", "92"]
    for name in (one, other):
        explained = stack.get(f"/v1/accounts/{name}/explain", unit=miles)
        assert explained["proof"]["findings"] == []
    money = [
        lot["cost_basis"]["amount"] * int(lot["remaining"]) // int(lot["granted"])
        for name in (one, other)
        for lot in stack.get(f"/v1/accounts/{name}/lots", unit=miles)["items"]
    ]
    assert sum(money) == 2000


def test_refunds_of_one_source_at_once_never_exceed_what_was_paid(stack: App, account: str) -> None:
    usd = "USD"

    def refund(name: str) -> httpx.Response:
        body = {
            "source": {"type": "invoice", "id": account},
            "value": {"amount": 3000, "currency": usd},
            "paid": {"amount": 10000, "currency": usd},
        }
        return post(stack, f"/v1/accounts/{name}/refunds", body)

    names = [account, f"{account}-b"] * 3
    answers = at_once([partial(refund, name) for name in names])
    assert codes(answers) == {"201": 3, "422 policy_violation": 3}
    assert sum(int(stack.balance(name)["total"]) for name in set(names)) == 90


def test_one_incident_by_two_clients_at_once_compensates_once(stack: App, account: str) -> None:
    accounts = [f"{account}-{number}" for number in range(12)]
    body = {"incident": account, "amount": "5", "accounts": [{"account": name} for name in accounts]}
    answers = at_once([lambda: stack.client.post("/v1/compensations", json=body)] * 2)
    items = [item for answer in answers for item in answer.json()["items"]]
    assert [answer.json()["left"] for answer in answers] == [0, 0]
    assert Counter(item["replayed"] for item in items) == {True: 12, False: 12}
    assert {stack.balance(name)["total"] for name in accounts} == {"5"}


def test_many_captures_of_one_hold_never_exceed_it(stack: App, account: str, clients: int) -> None:
    """Law 6: 100 held pay six times 16, or fourteen times 7; the other two clients find less than that held."""
    amount = 98 // (clients - 2)
    paid = amount * (clients - 2)
    stack.grant(account, "150")
    held = stack.post(f"/v1/accounts/{account}/holds", {"amount": "100"}).json()["hold"]["hold_id"]
    path = f"/v1/accounts/{account}/holds/{held}"
    body = {"amount": str(amount), "final": False}
    answers = at_once([partial(post, stack, f"{path}/capture", body)] * clients)
    assert codes(answers) == {"201": clients - 2, "422 policy_violation": 2}
    hold, balance = stack.get(path), stack.balance(account)
    assert (hold["captured"], hold["status"]) == (str(paid), "open")
    assert (balance["total"], balance["held"]) == (str(150 - paid), str(100 - paid))
    assert stack.verify(account)["findings"] == []


def test_a_hold_that_times_out_while_it_is_captured_is_one_of_the_two(stack: App, account: str) -> None:
    """Law 6: two captures of each hold arrive around its deadline; time has it, or one of them."""
    names = [f"{account}-{number}" for number in range(6)]

    def place(name: str) -> dict[str, Any]:
        stack.grant(name, "100")
        made = stack.post(f"/v1/accounts/{name}/holds", {"amount": "40", "expires_in": "PT2S"})
        hold: dict[str, Any] = made.json()["hold"]
        return hold

    holds = at_once([partial(place, name) for name in names])

    def capture(name: str, hold: dict[str, Any], early: float) -> httpx.Response:
        deadline = datetime.fromisoformat(hold["expires_at"]).timestamp()
        time.sleep(max(0.0, deadline - early - time.time()))
        return post(stack, f"/v1/accounts/{name}/holds/{hold['hold_id']}/capture", {})

    # From well before the deadline, on a busy machine too, to just after it.
    early = (0.7, 0.25, 0.1, 0.05, 0.02, 0.0)
    answers = at_once(
        [
            partial(capture, name, hold, seconds)
            for name, hold, seconds in [*zip(names, holds, early, strict=True)] * 2
        ]
    )
    for number, name in enumerate(names):
        both = codes([answers[number], answers[number + len(names)]])
        hold = stack.get(f"/v1/accounts/{name}/holds/{holds[number]['hold_id']}")
        balance = stack.balance(name)
        outcome = (hold["status"], hold["captured"], balance["total"], balance["held"])
        if both["201"]:
            assert both == {"201": 1, "409 hold_not_open": 1}
            assert outcome == ("captured", "40", "60", "0")
        else:
            assert both == {"409 hold_not_open": 2}
            assert outcome == ("expired", "0", "100", "0")
        explained = stack.get(f"/v1/accounts/{name}/explain")
        assert explained["proof"]["findings"] == []


def test_a_promotion_puts_nothing_but_hashes_into_the_tables(
    stack: App, account: str, promote: Callable[..., str], executor: Executor
) -> None:
    """The redeeming function has its key from the deployed secret."""
    code = promote(identities=["email"])
    body = {"code": code, "identities": {"email": f"Zoe.{account}@Gmail.com"}}
    assert stack.post(f"/v1/accounts/{account}/redemptions", body).status_code == 201
    tables = executor.tables
    for table in (tables.wallets, tables.ledger):
        for page in tables.client.get_paginator("scan").paginate(TableName=table):
            assert f"zoe.{account}" not in repr(page["Items"]).lower()
            assert f"zoe{account}".replace("-", "") not in repr(page["Items"]).lower().replace("-", "")
    assert f"zoe.{account}" not in stack.stack.function_logs().lower()
