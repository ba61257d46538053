"""The two clients: one that waits for each answer, and one whose answers are awaited."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from scrip_client.awaited import AsyncOperations
from scrip_client.operations import Operations


class Scrip(Operations):
    """Scrip, asked one call at a time: ``with Scrip() as scrip: scrip.burn("acme", amount="1")``."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()


class AsyncScrip(AsyncOperations):
    """Scrip, awaited: ``async with AsyncScrip() as scrip: await scrip.burn("acme", amount="1")``."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()
