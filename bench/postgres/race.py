"""Writers of one wallet, and of 64: what this machine does in a second, what it costs the server, and what a managed
database would come to.

What is measured here is a server beside its clients on one machine: no network, and a disk that says what it likes
about its flushes. The model adds both, and takes from the measurement what a burn costs the server's processors:

- ``TRIP_MS`` for each round trip between a function and the database in the same region
- ``COMMIT_MS`` for a commit that waits for its log on a disk and on a second machine
- ``PROCESSORS`` of the instance, which may all be busy

One wallet is locked from the statement that locks it until the commit is through: it takes one burn (or batch) in that
time. 64 wallets with a writer each are bound by a burn's whole time, or by the processors.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import psycopg

from bench.postgres.cluster import Cluster, NotMeasured, running
from bench.stage import median

TRIP_MS, COMMIT_MS, PROCESSORS = 0.5, 1.0, 2
MODEL: Final = (
    f"{TRIP_MS} ms a round trip, {COMMIT_MS} ms a commit, {PROCESSORS} processors of this machine's kind; a wallet is"
    " locked from its first statement until its commit is through"
)
START: Final = 3_000_000_000
"""Credits of a wallet at first."""
SECONDS, SECONDS_FULL = 0.8, 5.0
STORED, CLEANED_EVERY = 4_500, 900
"""Burns after which bytes are counted: enough that pages which are begun do not matter. What is
dead is taken out as often, as the server would by itself in time."""
HOT_WRITERS: Final = 8
MANY: Final = 64
NOT_MEASURED: Final = "not measured"
WARM: Final = 3
"""Burns of each writer before the time is taken: statements are prepared, pages are there."""


@dataclass(frozen=True, slots=True)
class Style:
    """How burns are sent.

    Attributes:
        trips: round trips of a transaction.
        locked_trips: of these, which come and go while the wallet is locked.
        burns: of one transaction.
    """

    name: str
    trips: int
    locked_trips: int
    burns: int = 1

    def one_wallet(self, cpu_ms: float) -> float:
        """Returns the burns a second of one wallet by the model; ``cpu_ms`` is the server's time for a burn."""
        worked = cpu_ms * self.burns
        held = self.locked_trips * TRIP_MS + COMMIT_MS + worked
        return self.burns * 1000 / max(held, worked / PROCESSORS)

    def alone_ms(self, cpu_ms: float) -> float:
        """Returns how long one transaction takes that nobody is in the way of."""
        return self.trips * TRIP_MS + COMMIT_MS + cpu_ms * self.burns

    def many_wallets(self, cpu_ms: float, writers: int = MANY) -> float:
        """Returns the burns a second of as many wallets as writers."""
        return min(writers * self.burns * 1000 / self.alone_ms(cpu_ms), PROCESSORS * 1000 / max(cpu_ms, 1e-6))


class Schema(ABC):
    """Tables of a ledger, and how one burns in them."""

    name: str
    styles: tuple[Style, ...]

    @abstractmethod
    def create(self, connection: psycopg.Connection[Any]) -> None: ...

    @abstractmethod
    def open(self, connection: psycopg.Connection[Any], wallet: str) -> str:
        """Makes a wallet with ``START`` credits; what ``burn`` calls it."""

    @abstractmethod
    def burn(
        self, connection: psycopg.Connection[Any], style: Style, wallet: str, keys: Sequence[str]
    ) -> None:
        """Burns one credit under each of these keys, which are their references too."""

    @abstractmethod
    def burned(self, connection: psycopg.Connection[Any], wallet: str) -> int | None:
        """Returns how many credits were burned; None where balance, lots and ledger do not agree on it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that a burn leaves in tables and indexes, and in the write-ahead log."""

    stored: float
    logged: float


def kept(cluster: Cluster, schema: Schema, style: Style) -> Kept:
    """Counts the bytes of a burn: one writer on one wallet, so that no writer extends a table beside another."""
    with cluster.connect() as connection:
        wallet = _opened(connection, schema, 1)[0]
        _burn(connection, schema, style, wallet)
        stored, logged = cluster.stored_bytes(), cluster.logged_bytes()
        for number in range(STORED // style.burns):
            if number * style.burns % CLEANED_EVERY == 0:
                cluster.stored_bytes()
            _burn(connection, schema, style, wallet)
        logged = cluster.logged_bytes() - logged
    burned = STORED // style.burns * style.burns
    return Kept((cluster.stored_bytes() - stored) / burned, logged / burned)


def _opened(connection: psycopg.Connection[Any], schema: Schema, wallets: int) -> list[str]:
    """Makes the tables anew, and wallets in them."""
    connection.execute("drop schema public cascade; create schema public", prepare=False)
    schema.create(connection)
    return [schema.open(connection, f"wallet-{number}") for number in range(wallets)]


def _burn(connection: psycopg.Connection[Any], schema: Schema, style: Style, wallet: str) -> None:
    schema.burn(connection, style, wallet, [str(uuid.uuid4()) for _ in range(style.burns)])


def measured(
    cluster: Cluster, schema: Schema, style: Style, wallets: int, seconds: float, *, fsync: bool
) -> dict[str, Any]:
    """Races ``HOT_WRITERS`` of one wallet, or one writer for each of many."""
    cluster.set_fsync(on=fsync)
    writers = HOT_WRITERS if wallets == 1 else wallets
    with ExitStack() as stack:
        connections = [stack.enter_context(cluster.connect()) for _ in range(writers)]
        opened = _opened(connections[0], schema, wallets)
        burns = [
            partial(_burn, connection, schema, style, wallet)
            for connection, wallet in zip(connections, itertools.cycle(opened), strict=False)
        ]
        for burn in burns * WARM:
            burn()
        server, client = cluster.processor_seconds(), time.process_time()
        latencies, took = _raced(burns, seconds)
        server, client = cluster.processor_seconds() - server, time.process_time() - client
        burned = len(latencies) * style.burns
        found = [schema.burned(connections[0], wallet) for wallet in opened]
    before = writers * WARM * style.burns
    cpu_ms = server * 1000 / burned
    modelled = style.one_wallet(cpu_ms) if wallets == 1 else style.many_wallets(cpu_ms)
    return {
        "rival": schema.name,
        "burns are": style.name,
        "wallets": wallets,
        "writers": writers,
        "fsync": fsync,
        "burns_a_second": round(burned / took),
        "p50_ms": round(median(latencies) * 1000, 2),
        "modelled_a_second": round(modelled),
        "modelled_alone_ms": round(style.alone_ms(cpu_ms), 2),
        "server_cpu_ms": round(cpu_ms, 4),
        "client_cpu_ms": round(client * 1000 / burned, 4),
        "exact": None not in found and sum(one or 0 for one in found) == before + burned,
    }


def _raced(burns: Sequence[Callable[[], None]], seconds: float) -> tuple[list[float], float]:
    """Has each thread burn until the time is up; how long each burn took, and all of it."""
    latencies: list[list[float]] = [[] for _ in burns]
    failed: list[BaseException] = []
    began = time.monotonic()

    def writer(burn: Callable[[], None], mine: list[float]) -> None:
        try:
            while (since := time.monotonic()) < began + seconds:
                burn()
                mine.append(time.monotonic() - since)
        except BaseException as error:  # noqa: BLE001 - it is raised where the race ends
            failed.append(error)

    threads = [
        threading.Thread(target=writer, args=pair, daemon=True) for pair in zip(burns, latencies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [one for mine in latencies for one in mine], time.monotonic() - began


def run(schemas: Sequence[Schema], *, full: bool = False) -> dict[str, Any]:
    """Every schema in each of its styles, with one wallet and many, with fsync and without."""
    rows, bytes_of = [], {}
    try:
        with running() as cluster:
            for schema, style in [(one, style) for one in schemas for style in one.styles]:
                cluster.set_fsync(on=False)
                bytes_of[schema.name, style.name] = kept(cluster, schema, style)
                rows += [
                    measured(cluster, schema, style, wallets, SECONDS_FULL if full else SECONDS, fsync=fsync)
                    for wallets in (1, MANY)
                    for fsync in (True, False)
                ]
            version = cluster.version()
    except NotMeasured as why:
        return {"rows": [], NOT_MEASURED: str(why)}
    for row in rows:
        found = bytes_of[row["rival"], row["burns are"]]
        row["bytes"] = round(found.stored)
        row["bytes_with_log"] = round(found.stored + found.logged)
    return {"rows": rows, "postgresql": version, "model": MODEL, "load_average": round(os.getloadavg()[0], 2)}
