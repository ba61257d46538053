"""A lot has its notices and ends; and one that nobody was told of does not: over HTTP, with the deployed functions,
each in its role (laws 5 and 10)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from scrip.http.edge.parameters import format_instant
from tests.receiver import Receiver, receiver
from tests.stack.conftest import App

DAY = 86_400_000
COST = {"amount": 1000, "currency": "USD"}
Json = dict[str, Any]


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def unit(stack: App) -> str:
    """A unit whose paid lots need a notice, which nobody else uses."""
    name = f"seats-{uuid.uuid4().hex[:8]}"
    policy = {"expiry_notices": ["P30D", "P7D", "P1D"], "expiry_requires_notice": True}
    answer = stack.client.put(f"/v1/units/{name}", json={"precision": 0, "policy": policy})
    assert answer.status_code == 201, answer.text
    return name


def wake(stack: App, at: int) -> Json:
    found: Json = stack._invoke("NoticesFunction", {"time": format_instant(at)})
    return found


def available(stack: App, account: str, unit: str, at: int) -> str:
    clock = {"scrip-test-clock": format_instant(at)}
    answer = stack.client.get(f"/v1/accounts/{account}/balance", params={"unit": unit}, headers=clock)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["available"])


def notices(stack: App, account: str, unit: str) -> list[Json]:
    found: list[Json] = stack.get(f"/v1/accounts/{account}/notices", unit=unit)["items"]
    return found


def _arrived(stack: App, account: str, unit: str, number: int) -> bool:
    """Whether so many notices have been delivered."""
    return sum(bool(one["deliveries"]) for one in notices(stack, account, unit)) == number


def test_a_lot_has_its_three_notices_and_ends_and_one_that_nobody_was_told_of_is_moved(
    stack: App, account: str, unit: str, endpoint: Receiver
) -> None:
    other, end = f"{account}-other", int(time.time() * 1000) // 1000 * 1000 + 60 * DAY
    put = {"url": endpoint.url, "types": ["scrip.lot.expiring"], "accounts": [account]}
    path = f"/v1/webhook-endpoints/{account}"
    secret = stack.client.put(path, json=put).json()["secret"]
    terms = {"unit": unit, "kind": "paid", "cost_basis": COST, "expires_at": format_instant(end)}
    for one in (account, other):
        stack.grant(one, "100", **terms)
    for number, days in enumerate((30, 7, 1), 1):
        wake(stack, end - days * DAY)
        stack.eventually(partial(_arrived, stack, account, unit, number))
        assert len(endpoint.received) == number
    told = [one.verified(secret)["data"] for one in endpoint.received]
    assert [one["notice"] for one in told] == ["P30D", "P7D", "P1D"]
    assert {(one["unit"], one["remaining"], one["expires_at"]) for one in told} == {
        (unit, "100", format_instant(end))
    }
    assert [one["notice_id"] for one in notices(stack, account, unit)] == [
        one["notice_id"] for one in told[::-1]
    ]
    kinds = [one["kind"] for one in stack.entries(account, unit=unit)]
    assert kinds == ["status", "status", "status", "grant"]
    assert [one["deliveries"] for one in notices(stack, other, unit)] == [[], [], []]
    for one, last, after in ((account, "100", "0"), (other, "100", "100")):
        assert available(stack, one, unit, end - 1) == last
        assert available(stack, one, unit, end) == after
    stack.sweep(time=format_instant(end))
    (moved, _) = stack.entries(other, unit=unit)
    assert (moved["kind"], moved["reason"], moved["at"]) == (
        "expiry_change",
        "no_notice",
        format_instant(end - 1),
    )
    assert moved["expiry"] == {"before": format_instant(end), "after": format_instant(end + DAY)}
    assert stack.entries(account, unit=unit)[0]["kind"] == "expiry"
    for one in (account, other):
        assert stack.verify(one, unit)["findings"] == []


def test_an_accounts_own_notices_count_from_the_answer_on_in_every_environment(
    stack: App, account: str, unit: str
) -> None:
    """Whatever a warm function remembers of the wallet, or of nobody's: each grant after the answer has them."""
    end = int(time.time() * 1000) // 1000 * 1000 + 60 * DAY
    terms = {"unit": unit, "expires_at": format_instant(end)}
    stack.grant(account, "1", **terms)
    for number, span in enumerate(("P3D", "P2D", "P4D")):
        answer = stack.client.put(
            f"/v1/accounts/{account}/alerts", params={"unit": unit}, json={"expiry_notices": [span]}
        )
        assert answer.status_code in (200, 201), answer.text
        stack.grant(account, f"{2 + number}", **terms)
    wake(stack, end - DAY // 2)
    stack.eventually(lambda: len(notices(stack, account, unit)) == 6)
    found = sorted((one["remaining"], one["notice"]) for one in notices(stack, account, unit))
    assert found == [("1", "P1D"), ("1", "P30D"), ("1", "P7D"), ("2", "P3D"), ("3", "P2D"), ("4", "P4D")]
