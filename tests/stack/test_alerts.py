"""Burns over HTTP through thresholds, each function held to its own role: the deployed bus has each crossing once, with
the right numbers, whatever functions are warm and however many burns come at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scrip.http.edge.parameters import format_instant
from tests.stack.conftest import App
from tests.stack.test_events import Queue

Json = dict[str, Any]


@pytest.fixture
def heard(stack: App, account: str) -> Iterator[Queue]:
    pattern = {
        "source": ["scrip"],
        "detail-type": [{"prefix": "scrip.balance."}],
        "detail": {"subject": [{"prefix": account}]},
    }
    queue = Queue(stack, pattern)
    yield queue
    queue.close()


def put(stack: App, path: str, body: Mapping[str, Any], **query: str) -> float:
    """Puts something, and says how many seconds that took."""
    begun = time.monotonic()
    answer = stack.client.put(path, json=body, params=query)
    assert answer.status_code in (200, 201), answer.text
    return time.monotonic() - begun


def told(queue: Queue) -> dict[str, list[tuple[int, str | None, str]]]:
    """What was heard, each once by its id: seq, threshold and available, by what happened."""
    found: dict[str, list[tuple[int, str | None, str]]] = {}
    for event in {event["id"]: event for event in queue.take()}.values():
        data = event["data"]
        what = event["type"].rpartition(".")[2]
        found.setdefault(what, []).append((data["seq"], data["threshold"], data["available"]))
    return {what: sorted(each, key=str) for what, each in found.items()}


def test_sixteen_burns_at_once_cross_each_threshold_once(stack: App, account: str, heard: Queue) -> None:
    """160 of 200 are burned: 100 and 25% of 200 are crossed by the burns that leave 100 and 50."""
    put(stack, f"/v1/units/{account}", {"precision": 0, "policy": {"low_balance": ["100", "25%"]}})
    stack.grant(account, "200", unit=account)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stack.burn(account, "10", unit=account).status_code, range(16)))
    assert answers == [201] * 16
    stack.eventually(lambda: len(told(heard).get("low", [])) == 2)
    stack.grant(account, "70", unit=account)
    stack.burn(account, "110", unit=account)
    stack.eventually(lambda: "depleted" in told(heard))
    time.sleep(1.5)
    assert told(heard) == {
        "low": [(11, "100", "100"), (16, "25%", "50"), (19, "100", "0"), (19, "25%", "0")],
        "recovered": [(18, "100", "110"), (18, "25%", "110")],
        "depleted": [(19, None, "0")],
    }
    entries = {entry["seq"]: entry for entry in stack.entries(account, unit=account)}
    assert (entries[17]["alert_base"], entries[18]["alert_base"]) == ("200", "110")
    assert stack.verify(account, account)["findings"] == []


def test_a_changed_alert_counts_from_its_answer_on_also_where_a_function_is_warm(
    stack: App, account: str, heard: Queue
) -> None:
    unit = f"/v1/units/{account}"
    put(stack, unit, {"precision": 0})
    stack.grant(account, "100", unit=account)
    stack.burn(account, "10", unit=account)
    assert put(stack, unit, {"precision": 0, "policy": {"low_balance": ["80%"]}}) > 0.9
    assert "alert_base" not in stack.burn(account, "10", unit=account).json()["entry"], "it is warm"
    alerts = f"/v1/accounts/{account}/alerts"
    assert put(stack, alerts, {"low_balance": ["50%", "30"]}, unit=account) > 0.9
    assert stack.burn(account, "30", unit=account).json()["entry"]["alert_base"] == "100"
    assert stack.client.delete(alerts, params={"unit": account}).status_code == 204
    stack.burn(account, "30", unit=account)
    stack.grant(account, "60", unit=account)
    stack.eventually(lambda: "recovered" in told(heard))
    time.sleep(1.5)
    # Of 100, 80% are 80; then 50% are 50; at the end nobody wants to hear of 50% or of 30.
    assert told(heard) == {
        "low": [(3, "80%", "80"), (5, "50%", "50")],
        "recovered": [(8, "80%", "80")],
    }
    assert stack.verify(account, account)["findings"] == []


def test_a_run_out_is_told_by_the_look_of_an_hour_and_not_again_by_the_next(
    stack: App, account: str, heard: Queue
) -> None:
    """90 of 100 in a day: the other 10 last for 2 h 40 min."""
    put(stack, f"/v1/units/{account}", {"precision": 0, "policy": {"run_out_days": [7, 1]}})
    stack.grant(account, "100", unit=account)
    stack.burn(account, "90", unit=account)
    now = int(time.time() * 1000)

    def look(hours: int) -> list[int]:
        stack._invoke("RunOutFunction", {"time": format_instant(now + hours * 3_600_000)})
        return [event["data"]["days"] for event in heard.take() if event["subject"] == account]

    stack.eventually(lambda: sorted(set(look(0))) == [1, 7])
    (event, *_) = [event for event in heard.taken if event["data"].get("days") == 1]
    assert event["data"]["burn_rate"] == {"per_day": "90", "days": 1}
    assert event["data"]["run_out_at"] == format_instant(now + 9_600_000)
    look(1)
    look(2)
    time.sleep(1.5)
    assert len({event["id"] for event in heard.take()}) == 2
