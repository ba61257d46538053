"""Sends calls over HTTP, and reads what comes back."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import NoneType
from typing import Any, Final, cast

import httpx
from pydantic import TypeAdapter, ValidationError

from scrip_client.bases import Answer, Http
from scrip_client.calls import Answered, Call, check_header
from scrip_client.errors import (
    GatewayRefused,
    InExport,
    NotReached,
    NotUnderstood,
    Refused,
    ScripError,
    Unsendable,
)
from scrip_client.models import Export, Problem
from scrip_client.pages import Table
from scrip_client.refusals import REFUSALS
from scrip_client.retries import Retries

AGENT: Final = "scrip-client-python"
_PROBLEM: Final[TypeAdapter[Any]] = TypeAdapter(Problem)
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class _Settings:
    """Where Scrip is, and how it is asked."""

    def __init__(
        self,
        url: str | None,
        key: str | None,
        timeout: float,
        retries: Retries,
        test_clock: datetime | str | None,
    ) -> None:
        url = url or os.environ.get("SCRIP_URL", "")
        if not url.startswith(("https://", "http://")):
            raise Unsendable("no URL: give `url`, or set SCRIP_URL, to something that begins with https://")
        self.url = url.rstrip("/")
        self.key = key or os.environ.get("SCRIP_API_KEY")
        if self.key:
            check_header("the API key", self.key)
        self.timeout, self.retries, self.test_clock = timeout, retries, test_clock


class Attempts:
    """One call, as often as it is sent. It decides and does not send: so it is the same whether one waits or awaits."""

    def __init__(self, call: Call[Any], settings: _Settings, now: float) -> None:
        self._call, self._settings, self._began = call, settings, now
        self._key = call.idempotency_key()
        self._made = 0
        headers = call.sent_headers(self._key, settings.test_clock)
        headers["user-agent"] = AGENT
        if settings.key:
            headers["authorization"] = f"Bearer {settings.key}"
        self._request: dict[str, Any] = {
            "method": call.method,
            "url": settings.url + call.path,
            "params": call.sent_query() or None,
            "headers": headers,
            "content": call.sent_body(),
        }

    def request(self, now: float) -> dict[str, Any]:
        """Returns what to send now: always the same, and it never takes longer than all of it may."""
        self._made += 1
        left = self._settings.retries.seconds - (now - self._began)
        return {**self._request, "timeout": max(0.1, min(self._settings.timeout, left))}

    def answer(self, response: httpx.Response) -> Any:
        """Reads what came back.

        Raises:
            ScripError: it is no answer, but a refusal or something that nobody understands.
        """
        if not response.is_success:
            raise self._told(refusal(response), response)
        kind = self._call.answer
        if kind is NoneType:
            return None
        if kind is not Export and (export_id := _export_id(response)):
            raise self._told(InExport(export_id), response)
        if kind is str:
            table = Table(response.text)
            table.link = response.headers.get("link")
            return table
        try:
            answer: Answer = kind.model_validate_json(response.content)
        except ValidationError:
            said = f"the answer is not Scrip's: {response.status_code} {response.headers.get('content-type', '')}"
            unread = NotUnderstood(said, status=response.status_code, text=response.text)
            raise self._told(unread, response) from None
        headers = dict(response.headers)
        return answer.came_with(
            Http(
                status=response.status_code,
                headers=headers,
                request_id=headers.get("request-id"),
                replayed=headers.get("idempotent-replay") == "true",
                idempotency_key=self._key,
                attempts=self._made,
            )
        )

    def not_reached(self, error: Exception) -> ScripError:
        """Returns what it means that nothing came back."""
        sent = not isinstance(error, _NOT_SENT)
        said = str(error) or type(error).__name__
        return self._told(NotReached(f"{self._settings.url}: {said}", sent=sent), None)

    def wait(self, failed: ScripError, now: float) -> float:
        """Returns how many seconds to wait until it is sent again.

        Raises:
            ScripError: it is not.
        """
        wait = self._settings.retries.wait(self._call, failed, now - self._began)
        if wait is None:
            raise failed
        return wait

    def _told(self, failed: ScripError, response: httpx.Response | None) -> ScripError:
        failed.idempotency_key, failed.attempts = self._key, self._made
        if response is not None:
            failed.request_id = response.headers.get("request-id")
            failed.retry_after = seconds(response.headers.get("retry-after"))
        return failed


def refusal(response: httpx.Response) -> ScripError:
    """Returns what an answer that is no success means."""
    try:
        said = json.loads(response.content)
    except ValueError:
        said = None
    if isinstance(said, dict) and isinstance(said.get("code"), str):
        try:
            problem = _PROBLEM.validate_python(said)
        except ValidationError:
            said = None
        else:
            known = type(problem).__name__ != "OtherProblem"
            return (REFUSALS[problem.code] if known else Refused)(problem)
    if isinstance(said, dict) and isinstance(said.get("message"), str):
        return GatewayRefused(response.status_code, said["message"])
    return NotUnderstood(
        f"the answer is not Scrip's: {response.status_code} {response.headers.get('content-type', '')}".rstrip(),
        status=response.status_code,
        text=response.text,
    )


def _export_id(response: httpx.Response) -> str | None:
    """Returns the export that is answered in the place of what is too big for an answer; None: it is no such answer."""
    if response.status_code != httpx.codes.ACCEPTED:
        return None
    said = response.json()
    return said.get("export_id") if isinstance(said, dict) else None


def seconds(retry_after: str | None) -> float | None:
    """Returns the seconds that ``Retry-After`` asks for; None where it asks for none, or for a date."""
    try:
        found = float(retry_after or "")
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _late(timeout: float) -> httpx.ReadTimeout:
    return httpx.ReadTimeout(f"no whole answer in {timeout:g} s")


def _whole(response: httpx.Response, raw: bytearray) -> httpx.Response:
    return httpx.Response(response.status_code, headers=response.headers, content=bytes(raw))


class Sender:
    """A client's connection to one Scrip. It may be used by several threads at once."""

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries = Retries(),  # noqa: B008 - it is never changed
        test_clock: datetime | str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        """Makes a client. Nothing is asked for yet.

        Args:
            url: where Scrip is. Left out: ``SCRIP_URL`` of the environment.
            key: an API key. Left out: ``SCRIP_API_KEY`` of the environment; without either, no key is sent.
            timeout: seconds that one attempt may take.
            retries: how often, and for how long, a call is sent.
            test_clock: the instant at which every call is decided; only where Scrip's test clock is enabled.
            http: what to send with, for proxies, certificates and the like; you close it.

        Raises:
            Unsendable: there is no URL.
        """
        self._settings = _Settings(url, key, timeout, retries, test_clock)
        self._own = http is None
        self._client = http or httpx.Client()
        self._sleep: Callable[[float], None] = time.sleep
        self._now: Callable[[], float] = time.monotonic

    def _send(self, call: Call[Answered]) -> Answered:
        attempts = Attempts(call, self._settings, self._now())
        while True:
            try:
                return cast(Answered, attempts.answer(self._exchange(**attempts.request(self._now()))))
            except httpx.RequestError as error:
                failed = attempts.not_reached(error)
            except httpx.InvalidURL as error:
                raise Unsendable(f"{self._settings.url}: {error}") from None
            except ScripError as error:
                failed = error
            self._sleep(attempts.wait(failed, self._now()))

    def _exchange(self, timeout: float, **request: Any) -> httpx.Response:
        # httpx bounds each wait for a part of an answer; this bounds all of them together.
        end, raw = time.monotonic() + timeout, bytearray()
        with self._client.stream(timeout=timeout, **request) as response:
            for part in response.iter_raw():
                raw += part
                if time.monotonic() > end:
                    raise _late(timeout)
        return _whole(response, raw)

    def disconnect(self) -> None:
        """Closes the connections; ``close`` closes a wallet."""
        if self._own:
            self._client.close()


class AsyncSender:
    """A client's connection to one Scrip. It may be used by several tasks at once."""

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries = Retries(),  # noqa: B008 - it is never changed
        test_clock: datetime | str | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Makes a client. Nothing is asked for yet. Its arguments are those of ``Scrip``.

        Raises:
            Unsendable: there is no URL.
        """
        self._settings = _Settings(url, key, timeout, retries, test_clock)
        self._own = http is None
        self._client = http or httpx.AsyncClient()
        self._sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._now: Callable[[], float] = time.monotonic

    async def _send(self, call: Call[Answered]) -> Answered:
        attempts = Attempts(call, self._settings, self._now())
        while True:
            try:
                response = await self._exchange(**attempts.request(self._now()))
                return cast(Answered, attempts.answer(response))
            except httpx.RequestError as error:
                failed = attempts.not_reached(error)
            except httpx.InvalidURL as error:
                raise Unsendable(f"{self._settings.url}: {error}") from None
            except ScripError as error:
                failed = error
            await self._sleep(attempts.wait(failed, self._now()))

    async def _exchange(self, timeout: float, **request: Any) -> httpx.Response:
        end, raw = time.monotonic() + timeout, bytearray()
        async with self._client.stream(timeout=timeout, **request) as response:
            async for part in response.aiter_raw():
                raw += part
                if time.monotonic() > end:
                    raise _late(timeout)
        return _whole(response, raw)

    async def disconnect(self) -> None:
        """Closes the connections; ``close`` closes a wallet."""
        if self._own:
            await self._client.aclose()
