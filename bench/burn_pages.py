"""One wallet at any rate: pages of burns by one sender, and leases by many holders.

Counted on the local AWS: units, bytes and processor time of a page and of a settlement, through the function's handler.
Then modelled, with the product's client (``gateway``): what one sender and what many holders come to.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from bench import hot, operations
from bench.dollars import Measured, parts
from bench.gateway import HEADER_BYTES, HOLDS, PAGES, RELEASE, SETTLE, Gateway, Work
from bench.meter import Contestant, billed, item_size, processor_ms
from bench.row_sizes import OVERHEAD
from bench.stage import CREDIT, Answer, Event, Stage, median, request, sample, with_lots, write
from scrip import runtime
from scrip.services.engine.executor import Executor
from scrip.services.verification import wallets
from scrip.store import keys
from scrip_client import AsyncScrip
from scrip_client.leases import AsyncLease

PAGE, SMALL = 500, 100
LOTS: Final = 3
ROUNDS, CALLS = 3, 4
"""Of the handlers whose processor time is measured before the runs."""
OPEN_RATE: Final = 10_000
"""Burns a second that arrive, whether those before are answered or not."""
LEASED_RATE: Final = 6_000
"""The same of all holders of leases together."""
TICKS: Final = 1_000
"""In each of so many parts of a second as many of them arrive."""
SECONDS, SECONDS_FULL = 2.0, 10.0
"""Virtual seconds of a run."""
LEASED_SECONDS, LEASED_SECONDS_FULL = 10.0, 30.0
"""Those of holders to whom burns come: each settles several times."""
BEGINNING: Final = 0.5
"""Virtual seconds before them, which are not counted: what a partition takes at once is used up."""
BURNERS: Final = 2_000
"""Tasks of one sender, each of which burns again as soon as it is answered."""
RENEW, ENOUGH = "1000", "100000"
HOLDERS: Final = (8, 32)
START: Final = LOTS * 1_000_000 * CREDIT


def records(count: int) -> list[list[str]]:
    """Burns of one credit, whose references are UUIDs of 36 characters."""
    return [["1", str(uuid.uuid4())] for _ in range(count)]


class Counted:
    """Pages and settlements through the function's handler, on the local AWS."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.at = stage, operations.Operations(stage)
        self._usage, self._burns = stage.function("usage"), stage.function("burns")
        self._page, self._settle, self._hold = map(sample, ("post_burn_page", "post_settle", "post_hold"))
        self._ready: list[Event] = []
        self._next: dict[str, int] = {}

    def lease(self, account: str) -> str:
        """A lease that is never too small; its id."""
        sent = request(self._hold, account, {"amount": ENOUGH, "lease": True}, self.stage.name("lease"))
        return str(_body(self._burns(sent, None), 201)["hold"]["hold_id"])

    def page(self, account: str, count: int) -> Callable[[], None]:
        """What makes ready the next page of the account's stream."""

        def ready() -> None:
            body = {"stream": "bench", "first": self._first(account, count), "records": records(count)}
            self._ready.append(request(self._page, account, body))

        return ready

    def settlement(self, account: str, lease: str, count: int) -> Callable[[], None]:
        """What makes ready the next settlement, which fills the lease up again."""

        def ready() -> None:
            body = {"first": self._first(lease, count), "records": records(count), "renew": ENOUGH}
            self._ready.append(request(self._settle, account, body, hold_id=lease))

        return ready

    def _first(self, stream: str, count: int) -> int:
        """The offset with which a stream goes on; so many are used up then."""
        first = self._next.get(stream, 0)
        self._next[stream] = first + count
        return first

    def send(self) -> Answer:
        return self._usage(self._ready.pop(), None)

    def ledger_bytes(self, account: str) -> int:
        """Bytes of the account's rows in the ledger and in its index, with what each item costs beside."""
        tables = self.stage.tables
        rows = tables.client.query(
            TableName=tables.ledger,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.wallet(account, "credits")}},
            ConsistentRead=True,
        )["Items"]
        return sum(item_size(row) + operations.listed_size(row) + 2 * OVERHEAD for row in rows)

    def row(
        self, name: str, account: str, ready: Callable[[], None], status: int, ms: float
    ) -> dict[str, Any]:
        """What one costs for each of its records; the one before it is not counted."""
        client = self.stage.tables.client
        ready()
        with billed(client):
            _body(self.send(), status)
        ready()
        before = self.ledger_bytes(account)
        with billed(client) as bill:
            answer = self.send()
        _body(answer, status)
        bill.answer_bytes = len(answer["body"].encode()) + HEADER_BYTES
        stored = self.ledger_bytes(account) - before
        dollars = parts(Measured(bill, ms, bill.answer_bytes, stored))
        return {
            "request": name,
            "calls": bill.calls,
            "write_units_a_burn": round(bill.billed_write_units / PAGE, 4),
            "bytes_a_burn": round(stored / PAGE, 1),
            "cpu_ms": round(ms, 2),
            "dollars_per_million": round(dollars["at once"] / PAGE, 3),
            "dollars_with_a_year_of_storage": round(dollars["together"] / PAGE, 3),
        }


def _body(answer: Answer, status: int) -> Mapping[str, Any]:
    if answer["statusCode"] != status:
        raise RuntimeError(f"{answer['statusCode']} instead of {status}: {answer['body'][:300]}")
    found: Mapping[str, Any] = json.loads(answer["body"])
    return found


def _milliseconds(counted: Counted) -> dict[str, float]:
    """Processor time of each request, on this machine."""
    paged, beaten, leased = (counted.at.wallet() for _ in range(3))
    with billed(counted.stage.tables.client):
        lease = counted.lease(leased)
    again = counted.page(beaten, PAGE)

    def ready_beaten() -> None:
        again()
        counted.at.elsewhere(beaten)

    found = processor_ms(
        {
            "small page": Contestant(counted.send, before=counted.page(paged, SMALL)),
            "page": Contestant(counted.send, before=counted.page(paged, PAGE)),
            "page, beaten once": Contestant(counted.send, before=ready_beaten),
            "small settlement": Contestant(counted.send, before=counted.settlement(leased, lease, SMALL)),
            "settlement": Contestant(counted.send, before=counted.settlement(leased, lease, PAGE)),
            "lease": Contestant(lambda: counted.lease(paged)),
        },
        ROUNDS,
        CALLS,
    )
    return {name: min(ms) for name, ms in found.items()}


def work(milliseconds: Mapping[str, float]) -> dict[str, Work]:
    """What each route works, from what was measured: a straight line through two pages."""
    again = max(0.0, milliseconds["page, beaten once"] / milliseconds["page"] - 1)

    def line(small: float, large: float) -> Work:
        record = (large - small) / (PAGE - SMALL)
        return Work(_seconds(small - SMALL * record), _seconds(record), again)

    held = Work(_seconds(milliseconds["lease"]), again=again)
    return {
        PAGES: line(milliseconds["small page"], milliseconds["page"]),
        SETTLE: line(milliseconds["small settlement"], milliseconds["settlement"]),
        HOLDS: held,
        RELEASE: held,
    }


def _seconds(milliseconds: float) -> float:
    return float(milliseconds / 1000 / hot.SHARE)


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


def run(stage: Stage, *, full: bool = False) -> dict[str, Any]:
    counted = Counted(stage)
    ms = _milliseconds(counted)
    worked, seconds = work(ms), SECONDS_FULL if full else SECONDS
    paged, leased = counted.at.wallet(), counted.at.wallet()
    with billed(stage.tables.client):
        settled = counted.settlement(leased, counted.lease(leased), PAGE)
    rows = [
        counted.row(f"page of {PAGE}", paged, counted.page(paged, PAGE), 200, ms["page"]),
        counted.row(f"settlement of {PAGE}, renewed", leased, settled, 201, ms["settlement"]),
    ]
    modelled = [one_sender(stage, worked, seconds, rate) for rate in (None, OPEN_RATE)]
    longer = LEASED_SECONDS_FULL if full else LEASED_SECONDS
    modelled += [holders_of_leases(stage, worked, longer, holders, LEASED_RATE) for holders in HOLDERS]
    modelled += [holders_of_leases(stage, worked, seconds, holders, None) for holders in HOLDERS]
    return {
        "rows": rows,
        "modelled": modelled,
        "cpu_ms": {name: round(one, 2) for name, one in ms.items()},
        "function_ms": {
            name: round(worked[route].first(PAGE) * 1000, 1)
            for name, route in ((f"page of {PAGE}", PAGES), (f"settlement of {PAGE}", SETTLE))
        },
    }
