"""The coalescer and the lease for programs that wait: the awaited ones, on a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from scrip_client.awaited import AsyncOperations
from scrip_client.calls import Answered, Call
from scrip_client.coalescers import AsyncCoalescer
from scrip_client.leases import AsyncLease
from scrip_client.metrics import CoalescerMetrics, LeaseMetrics
from scrip_client.settings import CoalescerSettings, LeaseSettings
from scrip_client.streams import Recorded

if TYPE_CHECKING:
    from scrip_client.operations import Operations

Result = TypeVar("Result")


class _Bridge(AsyncOperations):
    """Awaits what a client that waits does: on a thread, so that others go on."""

    def __init__(self, scrip: Operations) -> None:
        self._scrip = scrip
        self._settings = scrip._settings
        self._sleep = asyncio.sleep

    async def _send(self, call: Call[Answered]) -> Answered:
        return await asyncio.to_thread(self._scrip._send, call)


class _Thread:
    """An event loop on a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scrip-client", daemon=True)
        self._thread.start()

    def wait(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Has a coroutine carried out there, and waits for it. Who is interrupted ends it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def end(self) -> None:
        """Ends the thread. Again: nothing."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


class Coalescer:
    """Burns of one wallet: ``with scrip.coalescer("acme") as pages: pages.burn("2")``, from any number of threads. Each
    burn waits until its record is answered."""

    def __init__(self, scrip: Operations, account: str, settings: CoalescerSettings) -> None:
        self._awaited = AsyncCoalescer(_Bridge(scrip), account, settings)
        self._thread: _Thread | None = None

    def __enter__(self) -> Self:
        """Opens the journal, where there is one, and sends what it says was not answered; see ``AsyncCoalescer``."""
        self._thread = _begun(self._awaited)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def burn(
        self,
        amount: str | None = None,
        *,
        meter: str | None = None,
        quantity: str | int | None = None,
        dimensions: Mapping[str, str] | None = None,
        reference: str | None = None,
    ) -> Recorded:
        """Burns credits, in a page with others, and returns once it is known that they are; see ``AsyncCoalescer``."""
        burned = self._awaited.burn(
            amount, meter=meter, quantity=quantity, dimensions=dimensions, reference=reference
        )
        return _running(self._thread, burned)

    def metrics(self) -> CoalescerMetrics:
        """Returns what was done, and what waits."""
        return _read(self._thread, self._awaited.metrics)

    def close(self) -> None:
        """Takes no more burns, sends what waits, and lets go of the journal. Again: nothing."""
        _ended(self._thread, self._awaited)
        self._thread = None


class Lease:
    """Credits that one process spends in memory: ``with scrip.lease("acme", renew="500") as lease: lease.burn("2")``,
    from any number of threads. It never spends more than it has, whoever asks at once."""

    def __init__(self, scrip: Operations, account: str, settings: LeaseSettings) -> None:
        self._awaited = AsyncLease(_Bridge(scrip), account, settings)
        self._thread: _Thread | None = None

    def __enter__(self) -> Self:
        """Sets the credits aside, or goes on with a journal's lease; see ``AsyncLease``."""
        self._thread = _begun(self._awaited)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def left(self) -> str:
        """Returns the credits that can be spent in memory now."""
        return self._awaited.left

    def burn(self, amount: str, *, reference: str | None = None) -> None:
        """Spends credits: in memory, or after the lease was filled up where it has too few; see ``AsyncLease``."""
        _running(self._thread, self._awaited.burn(amount, reference=reference))

    def metrics(self) -> LeaseMetrics:
        """Returns what it has, and what was done."""
        return _read(self._thread, self._awaited.metrics)

    def close(self) -> None:
        """Settles what was spent, gives the rest back, and lets go of the journal. Again: nothing."""
        _ended(self._thread, self._awaited)
        self._thread = None


def _begun(awaited: AsyncCoalescer | AsyncLease) -> _Thread:
    thread = _Thread()
    try:
        thread.wait(awaited.__aenter__())
    except BaseException:
        thread.end()
        raise
    return thread


def _running(thread: _Thread | None, coroutine: Coroutine[Any, Any, Result]) -> Result:
    if thread is None:
        coroutine.close()
        raise RuntimeError("it is closed, or was not opened: use it in a block that begins with `with`")
    return thread.wait(coroutine)


def _read(thread: _Thread | None, metrics: Callable[[], Result]) -> Result:
    async def read() -> Result:
        return metrics()

    return metrics() if thread is None else thread.wait(read())


def _ended(thread: _Thread | None, awaited: AsyncCoalescer | AsyncLease) -> None:
    if thread is None:
        return
    try:
        thread.wait(awaited.close())
    finally:
        thread.end()
