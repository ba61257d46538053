"""A wallet of Scrip over HTTP, and what lies between it and a client: a line that loses what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx

from scrip_client import AsyncScrip, Retries
from tests.aws import Deployment

Fate = Literal["arrives", "lost request", "lost answer", "refused connection"]
ONCE: Final = Retries(attempts=1, first_wait=0.001)
"""Each attempt is one of the coalescer's own."""
Meanwhile = Callable[[], Awaitable[None]]


class Line(httpx.AsyncBaseTransport):
    """Brings requests to Scrip. Of those that burn or settle some are lost, or their answers.

    Attributes:
        sent: the bodies' paths of all that burned or settled.
    """

    def __init__(self, fates: Iterable[Fate] = (), between: Mapping[int, Meanwhile] | None = None) -> None:
        self._inner = httpx.AsyncHTTPTransport(
            verify=False, limits=httpx.Limits(max_connections=4), trust_env=False
        )
        self._fates = list(fates)
        self._between = dict(between or {})
        self.sent: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(("/burns/pages", "/settle")):
            return await self._inner.handle_async_request(request)
        self.sent.append(request.content)
        fate = self._fates.pop(0) if self._fates else "arrives"
        if meanwhile := self._between.get(len(self.sent)):
            await meanwhile()
        if fate == "refused connection":
            raise httpx.ConnectError("nobody listens", request=request)
        if fate == "lost request":
            raise httpx.WriteError("the line broke", request=request)
        response = await self._inner.handle_async_request(request)
        if fate == "lost answer":
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("the line broke", request=request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class Wallet:
    """A wallet, as an operator sees it."""

    url: str
    key: str
    account: str
    deployment: Deployment

    def grant(self, amount: int) -> None:
        self.deployment.grant(self.account, str(amount))

    def change(self, what: str, **body: Any) -> None:
        """Has something done to it that succeeds: a freeze, say."""
        answer = self.deployment.move(self.account, what, **body)
        assert answer.status in (200, 201), answer.text

    def put(self, what: str, body: dict[str, Any]) -> None:
        """Puts something of the account, by what follows its name in the path."""
        made = self.deployment.put(f"/v1/accounts/{self.account}/{what}", body)
        assert made.status in (200, 201), made.text

    @property
    def available(self) -> str:
        return str(self.deployment.balance(self.account)["available"])

    def entries(self, kind: str) -> list[Any]:
        return self.deployment.entries(self.account, kind=kind)

    def spent(self) -> list[int]:
        """What was burned, where every burn was of another power of two: their exponents. One that was burned twice
        shows as another."""
        burned = sum(-int(one["amount"]) for kind in ("burn", "capture") for one in self.entries(kind))
        return [exponent for exponent in range(64) if burned >> exponent & 1]

    def client(self, *fates: Fate, between: Mapping[int, Meanwhile] | None = None) -> Client:
        """Makes a client whose line has these fates for its pages and settlements, and then is whole."""
        return Client(self.url, self.key, Line(fates, between))


class Client(AsyncScrip):
    """A client that waits a hundredth of what it is to wait."""

    def __init__(self, url: str, key: str, line: Line) -> None:
        super().__init__(url, key, retries=ONCE, http=httpx.AsyncClient(transport=line))
        self._own = True
        self.line = line
        self._sleep = lambda seconds: asyncio.sleep(seconds / 100)
