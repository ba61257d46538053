"""Clients of one wallet in virtual time: one sender of pages, and many holders of leases, with the product's own client
in front of the product's functions (``gateway``)."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from bench import hot
from bench.gateway import Gateway, Work
from bench.stage import CREDIT, Stage, median, with_lots, write
from scrip import runtime
from scrip.services.engine.executor import Executor
from scrip.services.verification import wallets
from scrip_client import AsyncScrip
from scrip_client.leases import AsyncLease

PAGE: Final = 500
LOTS: Final = 3
START: Final = LOTS * 1_000_000 * CREDIT
TICKS: Final = 1_000
"""In each of so many parts of a second as many burns come as in any other."""
BEGINNING: Final = 0.5
"""Virtual seconds before those of a run, which are not counted: what a partition takes at once is used up."""
BURNERS: Final = 2_000
"""Tasks of one sender, each of which burns again as soon as it is answered."""
RENEW: Final = "1000"
"""Credits that a lease is filled up to; a burn is of one."""


@dataclass
class Burned:
    """What clients saw: how many credits each burned, when each was answered, and how long that took."""

    clients: int
    until: float
    each: list[int] = field(default_factory=list)
    answered: list[tuple[float, float]] = field(default_factory=list)
    longest: float = 0.0

    def __post_init__(self) -> None:
        self.each = [0] * self.clients

    def note(self, client: int, began: float, now: float) -> None:
        self.each[client] += 1
        self.longest = max(self.longest, now - began)
        self.answered.append((now, now - began))


class Run:
    """A gateway, one wallet behind it, and a client before it."""

    def __init__(self, stage: Stage, worked: Mapping[str, Work], seconds: float, clients: int = 1) -> None:
        self.gateway, self.account = Gateway(stage, worked), stage.name("hot")
        self.clock, self.seconds = self.gateway.clock, seconds
        self.burned = Burned(clients, BEGINNING + seconds)
        self.sender_seconds = 0.0
        write(self.gateway.tables, with_lots(self.account, LOTS, runtime.now() - hot.BEGIN_MS))

    def carry_out(self, clients: Callable[[AsyncScrip], Awaitable[None]]) -> int:
        """Has clients burn; the bytes that functions printed."""

        async def main() -> None:
            async with httpx.AsyncClient(transport=self.gateway) as http:
                await clients(AsyncScrip("https://scrip.example", "key", http=http))

        random.seed(1)
        printed, began = io.StringIO(), time.thread_time()
        with self.gateway.serving(), contextlib.redirect_stdout(printed):
            self.clock.run(main())
        self.sender_seconds = time.thread_time() - began
        return len(printed.getvalue().encode())

    def row(self, who: str, log_bytes: int) -> dict[str, Any]:
        gateway, burned = self.gateway, sum(self.burned.each)
        counted = [took for at, took in self.burned.answered if BEGINNING <= at < self.burned.until]
        spread = sorted(counted) or [0.0]
        units = gateway.table.write_units + gateway.spent.index_units
        mean = burned / self.burned.clients
        return {
            "who": who,
            "burns_a_second": round(len(counted) / self.seconds),
            "p50_ms": round(median(spread) * 1000, 1),
            "p99_ms": round(spread[min(len(spread) - 1, len(spread) * 99 // 100)] * 1000, 1),
            "longest_ms": round(self.burned.longest * 1000, 1),
            "least_to_mean": round(min(self.burned.each) / max(1, mean), 2),
            "requests": gateway.spent.requests,
            "records_a_request": round(burned / max(1, gateway.spent.requests), 1),
            "conflicts": gateway.table.conflicts,
            "lost": gateway.table.lost,
            "throttled": gateway.table.throttled,
            "units_a_burn": round(units / max(1, burned), 4),
            "dollars_per_million": round(gateway.spent.dollars(units, log_bytes) * 1e6 / max(1, burned), 3),
            "client_cpu_ms": round(self.sender_seconds * 1000 / max(1, burned), 4),
            "exact": self.exact(burned),
        }

    def exact(self, burned: int) -> bool:
        """Tells whether the wallet holds what it held less what was burned, and verifies."""
        executor = Executor(self.gateway.tables)
        totals = executor.context(self.account, "credits", fresh=True).snapshot.wallet.totals
        findings = wallets.verify(executor, self.account, "credits")[1]
        return not findings and totals.available == START - burned * CREDIT and totals.held == 0


def one_sender(stage: Stage, worked: Mapping[str, Work], seconds: float, rate: int | None) -> dict[str, Any]:
    """One sender with pages of 500: as fast as it goes, or with burns that come at a rate."""
    run = Run(stage, worked, seconds)

    async def clients(scrip: AsyncScrip) -> None:
        loop = asyncio.get_running_loop()
        async with scrip.coalescer(run.account, page=PAGE) as pages:

            async def burn() -> None:
                began = loop.time()
                await pages.burn("1", reference=str(uuid.uuid4()))
                run.burned.note(0, began, loop.time())

            async def burner() -> None:
                while loop.time() < run.burned.until:
                    await burn()

            async with asyncio.TaskGroup() as tasks:
                if rate is None:
                    for _ in range(BURNERS):
                        tasks.create_task(burner())
                    return
                for _ in range(int(run.burned.until * TICKS)):
                    for _ in range(rate // TICKS):
                        tasks.create_task(burn())
                    await asyncio.sleep(1 / TICKS)

    printed = run.carry_out(clients)
    return run.row(f"one sender, pages of {PAGE}" + (f", {rate} a second come" if rate else ""), printed)


def holders_of_leases(
    stage: Stage, worked: Mapping[str, Work], seconds: float, holders: int, rate: int | None
) -> dict[str, Any]:
    """Holders of leases: burns come to each at random instants, or it burns as fast as its lease lets it."""
    run = Run(stage, worked, seconds, holders)

    async def clients(scrip: AsyncScrip) -> None:
        loop = asyncio.get_running_loop()

        async def burn(number: int, lease: AsyncLease) -> None:
            began = loop.time()
            await lease.burn("1", reference=str(uuid.uuid4()))
            run.burned.note(number, began, loop.time())

        async def holder(number: int) -> None:
            async with scrip.lease(run.account, renew=RENEW) as lease, asyncio.TaskGroup() as tasks:
                while loop.time() < run.burned.until:
                    if rate is None:
                        await burn(number, lease)
                    else:
                        await asyncio.sleep(random.expovariate(rate / holders))
                        tasks.create_task(burn(number, lease))

        async with asyncio.TaskGroup() as tasks:
            for number in range(holders):
                tasks.create_task(holder(number))

    printed = run.carry_out(clients)
    return run.row(f"lease, {holders} holders" + (f", {rate} a second come" if rate else ""), printed)
