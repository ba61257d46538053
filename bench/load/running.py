"""A town of wallets on a deployed stack, clients that use it for a while, and what came of it."""

from __future__ import annotations

import os
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx

from bench.load.asking import TIMEOUT_SECONDS, Asking, Books
from bench.load.audit import Audited, audit, payments
from bench.load.memory import GROWTH_MB, Watch
from bench.load.mix import Customer, Town
from bench.stage import median
from local.stack import Stack
from scrip.services.engine.executor import Executor
from scrip.store.tables import Tables

ACCOUNTS: Final = 600
"""More than a function remembers (512), so that what it remembers is full and must stay so."""
HOT_ACCOUNTS: Final = 3


@dataclass(frozen=True, slots=True)
class Load:
    """How much, for how long."""

    seconds: float
    clients: int
    seed: int
    accounts: int = ACCOUNTS


@dataclass
class Outcome:
    """What came of a run."""

    load: Load
    seconds: float
    books: Books
    ledger: Audited
    memory: list[dict[str, Any]]
    findings: list[str]
    machine_load: tuple[float, float]
    """The load average before and after: who else used the machine."""

    def operations(self) -> list[dict[str, Any]]:
        """A row for each operation, and one for all."""
        taken = {**self.books.milliseconds}
        taken["all"] = [one for name, every in taken.items() if name != "webhook" for one in every]
        return [
            {
                "operation": name,
                "answers": len(every),
                "a_second": round(len(every) / self.seconds, 2),
                "p50_ms": round(median(every), 1),
                "p99_ms": round(sorted(every)[min(len(every) - 1, len(every) * 99 // 100)], 1),
                "statuses": ", ".join(
                    f"{status} ×{times}"
                    for status, times in sorted(self.books.statuses.get(name, {}).items())
                ),
            }
            for name, every in sorted(taken.items(), key=lambda row: -len(row[1]))
            if every
        ]

    def asked_to_wait(self) -> int:
        """Answers 503 with Retry-After: any other 5xx is a finding."""
        return sum(
            times
            for statuses in self.books.statuses.values()
            for status, times in statuses.items()
            if status.startswith("503")
        )

    def figures(self) -> dict[str, Any]:
        """Everything, as JSON."""
        burns = sum(told.kind == "burn" for told in self.books.told.values())
        return {
            "seconds": round(self.seconds),
            "clients": self.load.clients,
            "seed": self.load.seed,
            "wallets": self.load.accounts + HOT_ACCOUNTS,
            "load_average": list(self.machine_load),
            "requests": dict(self.books.counts),
            "asked_to_wait_503": self.asked_to_wait(),
            "burns_acknowledged": burns,
            "of_those_in_the_ledger": self.ledger.acknowledged,
            "entries": self.ledger.entries,
            "kinds": dict(self.ledger.kinds.most_common()),
            "payments": len(self.books.purchases),
            "refunded": sum(0 not in one.clawed for one in self.books.purchases),
            "findings": self.findings,
            "operations": self.operations(),
            "memory": self.memory,
        }


def run(stack: Stack, load: Load, *, memory: bool = True) -> Outcome:
    """Uses the stack for so long, then looks at everything. ``memory``: whether a worker that grew is a finding."""
    books, name = Books(), f"load-{uuid.uuid4().hex[:8]}"
    town = Town(
        name,
        [f"{name}.{number}" for number in range(load.accounts)],
        [f"{name}.hot{number}" for number in range(HOT_ACCOUNTS)],
        stack.standins,
    )
    headers = {"authorization": f"Bearer {stack.admin_key}"}
    busy_before = os.getloadavg()[0]
    with httpx.Client(base_url=stack.url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        for path, body in town.catalogue().items():
            http.put(path, json=body).raise_for_status()
        _use(stack, town, books, load, stock=True)
        print(f"{len(books.told)} wallets have credits", flush=True)
        books.milliseconds.clear()
        books.statuses.clear()
        with Watch(stack.workdir) as watch:
            began = time.monotonic()
            _use(stack, town, books, load)
            seconds = time.monotonic() - began
        busy_after = os.getloadavg()[0]
        print(f"{books.counts['tries']} requests in {seconds:.0f} s; now the payments", flush=True)
        findings = payments(http, books)
    print("and every wallet", flush=True)
    used = sorted({*books.asked.values(), *books.received})
    ledger = audit(_made_executor(stack), used, town.unit, books)
    rows = watch.rows()
    findings = [*books.findings, *findings, *ledger.findings]
    if memory:
        findings += [
            f"workers of {row['function']} grew by {row['growth_mb']} MB"
            for row in rows
            if row["growth_mb"] is not None and row["growth_mb"] > GROWTH_MB
        ]
    return Outcome(load, seconds, books, ledger, rows, findings, (busy_before, busy_after))


def _use(stack: Stack, town: Town, books: Books, load: Load, *, stock: bool = False) -> None:
    """All clients at once, until the time is up. To ``stock`` the wallets: until all have credits, and every function
    has started."""
    until = time.monotonic() + load.seconds

    def client(number: int) -> None:
        chance = random.Random(f"{load.seed}.{number}.{stock}")
        asking = Asking(stack.url, stack.admin_key, books, chance)
        customer = Customer(f"{number}{'s' if stock else ''}", town, asking, chance)
        try:
            if stock:
                customer.stock((town.hot + town.accounts)[number :: load.clients])
                if not number:
                    customer.try_everything(town.accounts[0])
            else:
                customer.run(until)
        finally:
            asking.close()

    with ThreadPoolExecutor(load.clients) as pool:
        for done in [pool.submit(client, number) for number in range(load.clients)]:
            done.result()


def _made_executor(stack: Stack) -> Executor:
    """The operations themselves, in this process, on the stack's tables."""
    client, outputs = stack.client("dynamodb"), stack.outputs
    return Executor(Tables(client, outputs["WalletsTable"], outputs["LedgerTable"]))
