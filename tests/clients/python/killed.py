"""A program with a coalescer or a lease, which is killed at a point that a test chooses, and starts again.

It runs as a process of its own, forked from one that has read everything it needs. It says by a pipe what it was told.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpx

from scrip_client import AsyncScrip
from tests.clients.python.wallet import Client, Line

Kind = Literal["coalescer", "lease"]
RENEW: Final = 40
"""What the lease is filled up to."""
BURNS: Final = 7
"""How many burns a program makes: of 1, 2, 4, … credits."""
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


@dataclass
class Points:
    """Where a program can be killed: before and after each request, before, amid and after each line of its journal.

    Attributes:
        last: the point at which it is killed; 0: it is not.
    """

    last: int
    passed: int = 0

    def here(self) -> bool:
        """Passes a point; tells whether it is the last."""
        self.passed += 1
        return self.passed == self.last

    def pass_or_die(self) -> None:
        if self.here():
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Told:
    """What a program was told before its end.

    Attributes:
        burned: the burns that returned, by the exponents of their amounts.
        was_killed: whether it was killed.
    """

    burned: list[int]
    was_killed: bool


@dataclass
class Program:
    """A program, as often as it is started."""

    url: str
    key: str
    account: str
    kind: Kind
    journal: str | None
    fsync: bool = False
    made: list[int] = field(default_factory=list)

    def run(self, last: int, burns: range) -> Told:
        """Runs it until its end, or until it is killed."""
        ours, its = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=_run, args=(self, last, burns, its))
        process.start()
        its.close()
        burned = []
        try:
            while True:
                burned.append(ours.recv())
        except EOFError:
            pass
        process.join(30)
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        return Told(burned, process.exitcode != 0)


class _DeadlyLine(Line):
    def __init__(self, points: Points) -> None:
        super().__init__()
        self._points = points

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._points.pass_or_die()
        response = await super().handle_async_request(request)
        whole = httpx.ByteStream(await response.aread())
        self._points.pass_or_die()
        return httpx.Response(response.status_code, headers=response.headers, stream=whole)


def _run(program: Program, last: int, burns: range, pipe: Any) -> None:
    points = Points(last)
    usual = os.write

    def write(file: int, raw: bytes) -> int:
        points.pass_or_die()
        if points.here():
            usual(file, bytes(raw)[: len(raw) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        written = usual(file, raw)
        points.pass_or_die()
        return written

    os.write = write  # type: ignore[assignment]
    asyncio.run(_spend(program, Client(program.url, program.key, _DeadlyLine(points)), burns, pipe))


async def _spend(program: Program, scrip: AsyncScrip, burns: range, pipe: Any) -> None:
    said: dict[str, Any] = {"journal": program.journal, "fsync": program.fsync}
    async with scrip:
        if program.kind == "coalescer":
            async with scrip.coalescer(program.account, page=3, linger=0, **said) as pages:
                await asyncio.gather(*(_burn(pages.burn, one, pipe) for one in burns))
        else:
            async with scrip.lease(program.account, renew=str(RENEW), every=1000, **said) as lease:
                for one in burns:
                    await _burn(lease.burn, one, pipe)


async def _burn(burn: Callable[[str], Awaitable[Any]], exponent: int, pipe: Any) -> None:
    await burn(str(2**exponent))
    pipe.send(exponent)
