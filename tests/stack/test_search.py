"""Entries are found across accounts within seconds of their commit, by the stream of the deployed ledger, and a search
says up to when it has them all."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from scrip.http.edge.parameters import format_instant, instant
from scrip.store import keys
from tests.stack.conftest import App

Json = dict[str, Any]


@pytest.fixture
def job() -> Json:
    """A reference that nobody else has."""
    return {"type": "job", "id": uuid.uuid4().hex}


def named(job: Json) -> str:
    return f"job:{job['id']}"


def found(stack: App, job: Json, count: int) -> list[Json]:
    """All entries with this reference, page by page, once there are so many."""

    def look() -> list[Json]:
        items: list[Json] = []
        query: dict[str, str] = {"reference": named(job), "limit": "7"}
        while True:
            page = stack.get("/v1/search", **query)
            items += page["items"]
            if page["next_cursor"] is None:
                return items if len(items) == count else []
            query["cursor"] = page["next_cursor"]

    answer: list[Json] = stack.eventually(look)
    return answer


def look(stack: App) -> Json:
    """What a look of the outbox at the stream comes to, as the schedule wakes it."""
    now = format_instant(int(time.time() * 1000))
    answer: Json = stack._invoke("OutboxFunction", {"time": now})
    return answer


@contextmanager
def stopped(stack: App) -> Iterator[None]:
    """The reader of the stream, stopped."""
    client = stack.stack.client("lambda")
    function = stack.stack.outputs["OutboxFunction"]
    (source,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    client.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    time.sleep(1)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


def test_one_reference_on_many_wallets_is_found_within_seconds_and_each_entry_once(
    stack: App, account: str, job: Json
) -> None:
    """Thirty accounts, each granted 5 and burning 2 for one job: sixty entries, in most of the 16 shares."""
    accounts = [f"{account}-{number}" for number in range(30)]

    def use(one: str) -> list[str]:
        granted = stack.grant(one, "5", reference=job)["entry"]["entry_id"]
        burned = stack.burn(one, "2", reference=job).json()["entry"]["entry_id"]
        return [granted, burned]

    with ThreadPoolExecutor(4) as pool:
        made = [id_ for ids in pool.map(use, accounts) for id_ in ids]
    items = found(stack, job, 60)
    assert sorted(one["entry_id"] for one in items) == sorted(made)
    assert {one["account"] for one in items} == set(accounts)
    assert len({keys.reference_share(one, "credits") for one in accounts}) > 8
    assert [one["at"] for one in items] == sorted((one["at"] for one in items), reverse=True)
    last = items[0]
    assert stack.get(f"/v1/accounts/{last['account']}/entries/{last['entry_id']}")["reference"] == job


def test_what_is_complete_passes_a_commit_only_when_it_is_found(stack: App, account: str, job: Json) -> None:
    """Two looks, ten seconds apart, find that nothing is unread: then all before the first is complete."""
    stack.grant(account, "5", reference=job)
    committed = int(time.time() * 1000)
    found(stack, job, 1)
    look(stack)
    time.sleep(10.5)
    told = look(stack)["complete_through"]
    assert instant(told, "complete_through") > committed
    assert stack.get("/v1/search", reference=named(job))["complete_through"] >= told


def test_with_the_reader_stopped_complete_through_stands_still_and_then_goes_on(
    stack: App, account: str, job: Json
) -> None:
    """However often it is looked: what is unread is seen. When the reader is back, all of it is found."""
    stack.grant(account, "5")
    look(stack)
    with stopped(stack):
        for _ in range(3):
            stack.burn(account, "1", reference=job)
        committed = int(time.time() * 1000)
        for _ in range(2):
            assert look(stack)["behind"] == 1
            page = stack.get("/v1/search", reference=named(job))
            assert page["items"] == []
            assert page["complete_through"] is None or instant(page["complete_through"], "at") < committed
            time.sleep(5.5)
    assert [one["seq"] for one in found(stack, job, 3)] == [4, 3, 2]


def test_a_key_and_a_lot_lead_to_their_entries_at_once(stack: App, account: str) -> None:
    """Nothing is waited for: they are the ledger's own keys."""
    granted = stack.post(f"/v1/accounts/{account}/grants", {"amount": "5"}, key=f"{account}-first").json()
    stack.burn(account, "2")
    by_key = stack.get("/v1/search", key=f"{account}-first", account=account)
    assert [one["entry_id"] for one in by_key["items"]] == [granted["entry"]["entry_id"]]
    lot = stack.get("/v1/search", lot=granted["lot"]["lot_id"], account=account)
    assert [one["kind"] for one in lot["items"]] == ["burn", "grant"]
