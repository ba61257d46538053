"""Clients: of a server that answers what a test wants, whose waits are noted instead of made; and of Scrip."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import pytest

from scrip_client import AsyncPages, AsyncScrip, Pages, Retries, Scrip
from tests.aws import Deployment
from tests.clients.python.answering import Server, answering
from tests.clients.python.wallet import Wallet


@pytest.fixture(scope="module")
def _served() -> Iterator[Server]:
    with answering() as server:
        yield server


@pytest.fixture
def server(_served: Server) -> Server:
    _served.answers.clear()
    _served.asked.clear()
    return _served


class Waits:
    """A clock that only waits move, and the waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.made: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.made.append(seconds)
        self.now += seconds

    async def sleep_awaited(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


Call = Callable[..., Any]
USUAL: Final = Retries()


@pytest.fixture(params=["at once", "awaited"])
def call(request: pytest.FixtureRequest, server: Server, waits: Waits) -> Iterator[Call]:
    """Calls an operation by its name, at once or awaited; a list is read to its end. ``retries`` and ``clock`` are the
    client's."""

    def at_once(name: str, /, *given: Any, retries: Retries = USUAL, clock: Any = None, **named: Any) -> Any:
        with Scrip(server.url, "key-1", retries=retries, test_clock=clock) as scrip:
            scrip._sleep, scrip._now = waits.sleep, lambda: waits.now
            found = getattr(scrip, name)(*given, **named)
            return list(found) if isinstance(found, Pages) else found

    async def awaited(
        name: str, /, *given: Any, retries: Retries = USUAL, clock: Any = None, **named: Any
    ) -> Any:
        async with AsyncScrip(server.url, "key-1", retries=retries, test_clock=clock) as scrip:
            scrip._sleep, scrip._now = waits.sleep_awaited, lambda: waits.now
            found = getattr(scrip, name)(*given, **named)
            if isinstance(found, AsyncPages):
                return [item async for item in found]
            assert isinstance(found, Awaitable)
            return await found

    with asyncio.Runner() as runner:
        if request.param == "at once":
            yield at_once
        else:
            yield lambda *given, **named: runner.run(awaited(*given, **named))


@pytest.fixture
def key(deployment: Deployment) -> str:
    """Makes an admin key of an empty Scrip."""
    deployment.make_tables()
    deployment.cold()
    made = deployment.post("/v1/keys", {"scope": "admin"})
    assert made.status == 201, made.text
    return str(made.body["key"])


@pytest.fixture
def wallet(in_memory: None, deployment: Deployment, url: str, account: str) -> Iterator[Wallet]:
    """Makes an empty wallet of a Scrip whose tables are in memory. After the test, its ledger adds up."""
    made = deployment.post("/v1/keys", {"scope": "admin"})
    assert made.status == 201, made.text
    yield Wallet(url, str(made.body["key"]), account, deployment)
    deployment.sound(account)
