"""Budgets stop exactly at their limits, however many spend at once, in whatever way (laws 2 and 3)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.stack.conftest import App

THREADS = 16


def put(stack: App, account: str, name: str, **body: Any) -> None:
    answer = stack.client.put(f"/v1/accounts/{account}/budgets/{name}", json={"every": "P1Y", **body})
    assert answer.status_code in (200, 201), answer.text


def spent(stack: App, account: str, name: str, **query: str) -> Decimal:
    return Decimal(stack.get(f"/v1/accounts/{account}/budgets/{name}", **query)["spent"])


def again(send: Callable[[str], httpx.Response]) -> httpx.Response:
    """Sends under one key until the wallet is not too busy."""
    key = uuid.uuid4().hex
    while (answer := send(key)).status_code == 503 or (
        answer.status_code == 409 and answer.json()["code"] == "contended"
    ):
        pass
    return answer


def burn(stack: App, account: str, amount: str, **more: Any) -> httpx.Response:
    path = f"/v1/accounts/{account}/burns"
    return again(lambda key: stack.post(path, {"amount": amount, **more}, key=key))


def statuses(stack: App, account: str) -> Counter[int]:
    """What becomes of as many burns of 1 at once as there are threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(lambda _: burn(stack, account, "1").status_code, range(THREADS)))


def test_sixteen_at_once_burn_a_budget_to_the_last_and_nothing_more(stack: App, account: str) -> None:
    """50 may be spent, each burns 3: sixteen succeed, and 2 are left; `up_to` takes those."""
    stack.grant(account, "1000")
    put(stack, account, "all", limit="50")

    with ThreadPoolExecutor(THREADS) as pool:
        codes = Counter(pool.map(lambda _: burn(stack, account, "3").status_code, range(2 * THREADS)))
    assert codes == {201: 16, 402: 16}
    assert spent(stack, account, "all") == 48
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _: burn(stack, account, "3", mode="up_to"), range(THREADS)))
    assert sum(Decimal(answer.json()["burned"]) for answer in answers) == 2
    assert spent(stack, account, "all") == 50
    assert stack.balance(account)["total"] == "950"
    assert stack.verify(account)["findings"] == []


@pytest.mark.long
@pytest.mark.parametrize("rounds", [3, 20])
def test_burns_holds_pages_and_reversals_of_members_at_once_never_pass_a_budget(
    stack: App, account: str, rounds: int
) -> None:
    """Each member may spend 40, all together 100. What the entries counted is what is shown as spent."""
    stack.grant(account, "100000")
    put(stack, account, "each", limit="40", member="*")
    put(stack, account, "all", limit="100")

    path = f"/v1/accounts/{account}"

    def spend(number: int) -> None:
        member = f"m{number % 4}"
        for turn in range(rounds):
            burned = burn(stack, account, "7", member=member)
            wanted = {"amount": "9", "member": member}
            held = again(lambda key: stack.post(f"{path}/holds", wanted, key=key))  # noqa: B023
            page = {
                "stream": f"s-{number}",
                "first": 3 * turn,
                "member": member,
                "records": [["2", "a"], ["50", "b"], ["1", "c"]],
            }
            booked = again(lambda _: stack.client.post(f"{path}/burns/pages", json=page))  # noqa: B023
            assert booked.status_code == 200, booked.text
            if held.status_code == 201:
                hold = held.json()["hold"]["hold_id"]
                captured = f"{path}/holds/{hold}/capture"
                again(lambda key: stack.post(captured, {"amount": "4"}, key=key))  # noqa: B023
            if burned.status_code == 201 and number % 2:
                entry = burned.json()["entry"]["entry_id"]
                undone = f"{path}/burns/{entry}/reversal"
                again(lambda key: stack.post(undone, {}, key=key))  # noqa: B023

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(spend, range(THREADS)))
    counted: Counter[tuple[str, str | None]] = Counter()
    cursor: dict[str, str] = {}
    while True:
        found = stack.get(f"/v1/accounts/{account}/entries", limit=200, **cursor)
        for entry in found["items"]:
            for one in entry.get("budgets", ()):
                counted[one["budget_id"], one.get("member")] += Decimal(one["counted"])  # type: ignore[assignment]
        if found["next_cursor"] is None:
            break
        cursor = {"cursor": found["next_cursor"]}
    assert spent(stack, account, "all") == counted["all", None] <= 100
    for number in range(4):
        member = f"m{number}"
        assert spent(stack, account, "each", member=member) == counted["each", member] <= 40
    assert stack.verify(account)["findings"] == []


def test_a_budget_holds_from_its_answer_on_in_every_environment(stack: App, account: str) -> None:
    """Several processes have remembered the wallet as it was before the PUT, and before the DELETE."""
    stack.grant(account, "1000")
    assert statuses(stack, account) == {201: THREADS}
    put(stack, account, "all", limit="5")
    assert statuses(stack, account) == {201: 5, 402: 11}
    assert stack.client.delete(f"/v1/accounts/{account}/budgets/all").status_code == 204
    assert statuses(stack, account) == {201: THREADS}
