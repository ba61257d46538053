"""The product's client in front of the product's functions, in virtual time: what many burns of one wallet come to.

The client is that of clients/python, unchanged: it sends through a transport that stands where the network would be.
Each request is served by an environment of its function, with a memory of its own; one that is idle is taken before
another is begun, as Lambda does. It works as long as such a request took this machine's processor, measured before, at
the share that a function has of one; then its calls take what ``bench.model`` says. Tables are the simulator's.

What the way from the client to the function takes is not in it.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

import httpx

from bench.meter import PRICES, item_size
from bench.model import Table
from bench.stage import Answer, Event, Stage, sample
from bench.virtual import Clock
from scrip import runtime
from scrip.services.engine.executor import Executor
from scrip.store.tables import Tables
from simulation.dynamodb import Change, Dynamo
from simulation.tables import Index
from simulation.world import TABLES

HOLDS: Final = "POST /v1/accounts/{account}/holds"
RELEASE: Final = "POST /v1/accounts/{account}/holds/{hold_id}/release"
PAGES: Final = "POST /v1/accounts/{account}/burns/pages"
SETTLE: Final = "POST /v1/accounts/{account}/holds/{hold_id}/settle"
FUNCTIONS: Final = ("usage", "burns", "wallets", "records", "catalogue")
"""That the client asks for something."""
HEADER_BYTES: Final = 400
"""Headers of an answer, as the gateway sends them."""


@dataclass(frozen=True, slots=True)
class Work:
    """Processor seconds of a request, at a function's share: ``base``, more for each record; and ``again`` of the whole
    for each further attempt at its transaction."""

    base: float
    record: float = 0.0
    again: float = 0.0

    def first(self, records: int) -> float:
        return self.base + self.record * records

    def further(self, records: int) -> float:
        return self.again * self.first(records)


@dataclass
class Spent:
    """What requests took of what is paid for."""

    requests: int = 0
    function_seconds: float = 0.0
    answer_bytes: int = 0
    index_units: int = 0
    reads: int = 0

    def dollars(self, write_units: float, log_bytes: int) -> float:
        """Returns the dollars of them all, without storage: as ``bench.dollars`` adds them up."""
        lines = log_bytes + self.requests * PRICES["gateway_line_bytes"]
        return float(
            write_units * PRICES["write_unit"]
            + self.reads * PRICES["read_unit"]
            + self.requests * (PRICES["http_request"] + PRICES["lambda_request"])
            + self.function_seconds * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
            + self.answer_bytes * PRICES["egress_byte"]
            + lines * (PRICES["log_byte"] + PRICES["log_stored_byte_month"])
        )


class Environment(Table):
    """One environment's client of the table that all share: it works again where a transaction is tried again."""

    def __init__(self, shared: Table, spent: Spent) -> None:
        super().__init__(shared.client, shared.clock, shared.random)
        self._shared, self._spent = shared, spent
        self.again, self.tried = 0.0, 0
        self.executor = Executor(
            Tables(cast(Any, self), "wallets", "ledger"), shared.clock.sleep, lambda: shared.clock.now
        )

    def get_item(self, **request: Any) -> Any:
        self._spent.reads += 1
        return self._shared.get_item(**request)

    def batch_get_item(self, **request: Any) -> Any:
        self._spent.reads += sum(len(of["Keys"]) for of in request["RequestItems"].values())
        return self._shared.batch_get_item(**request)

    def query(self, **request: Any) -> Any:
        self._spent.reads += 1
        return self._shared.query(**request)

    def transact_write_items(self, **request: Any) -> Any:
        if self.tried:
            self.clock.sleep(self.again)
        self.tried += 1
        return self._shared.transact_write_items(**request)


@dataclass
class Gateway(httpx.AsyncBaseTransport):
    """The functions, behind the routes that a client of hot wallets asks for."""

    stage: Stage
    work: Mapping[str, Work]
    clock: Clock = field(default_factory=Clock)
    spent: Spent = field(default_factory=Spent)

    def __post_init__(self) -> None:
        self.dynamo = Dynamo(TABLES, now=runtime.now, changed=self._changed)
        self.table = Table(self.dynamo, cast(Any, self.clock))
        self.tables = Tables(cast(Any, self.dynamo), "wallets", "ledger")
        self._idle: list[Environment] = []
        self._local = threading.local()
        self._event = sample("post_burn_page")
        self._event["requestContext"]["authorizer"]["lambda"]["scopes"] = "admin"
        self._routes = [
            (route, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.partition(" ")[2])), name)
            for name in FUNCTIONS
            for route in self.stage.routes(name)
        ]
        self._indexes = {
            definition.name: [Index(index) for index in definition.indexes] for definition in TABLES
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode()
        environment = self._idle.pop() if self._idle else Environment(self.table, self.spent)
        began = self.clock.now
        try:
            answer = await self.clock.serve(partial(self._handle, environment, request, body))
        finally:
            self._idle.append(environment)
        self.spent.requests += 1
        self.spent.function_seconds += self.clock.now - began
        content = answer["body"].encode()
        self.spent.answer_bytes += len(content) + HEADER_BYTES
        return httpx.Response(
            answer["statusCode"], headers=answer["headers"], stream=httpx.ByteStream(content)
        )

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Functions of this process are environments of this gateway meanwhile."""
        real = runtime.executor, runtime.tables
        runtime.executor = lambda: self._local.executor  # type: ignore[assignment]
        runtime.tables = lambda: self._local.executor.tables  # type: ignore[assignment]
        try:
            yield
        finally:
            runtime.executor, runtime.tables = real

    def _handle(self, environment: Environment, request: httpx.Request, body: str) -> Answer:
        route, path, name = self._way(request.method, request.url.path)
        records = len(json.loads(body).get("records", [])) if body else 0
        work = self.work.get(route, self.work[HOLDS])
        self._local.executor = environment.executor
        environment.again, environment.tried = work.further(records), 0
        self.clock.sleep(work.first(records))
        return self.stage.function(name)(self._sent(request, route, path, body), None)

    def _sent(self, request: httpx.Request, route: str, path: Mapping[str, str], body: str) -> Event:
        event = copy.deepcopy(self._event)
        event |= {"routeKey": route, "rawPath": request.url.path, "pathParameters": dict(path), "body": body}
        event["headers"] = dict(request.headers)
        event["rawQueryString"] = request.url.query.decode()
        event["requestContext"] |= {"routeKey": route}
        event["requestContext"]["http"] |= {"method": request.method, "path": request.url.path}
        return event

    def _changed(self, changes: Sequence[Change]) -> None:
        """Counts what the indexes take: a unit for each KB of a row that changes, and one for a row that goes."""
        for table, key, before, after in changes:
            for index in self._indexes[table]:
                was, now = index.row(key, before), index.row(key, after)
                index.take(key, None, after)
                row = index.items.pop(key, None)
                if was and was != now:
                    self.spent.index_units += 1
                if now and row is not None and (was != now or before != after):
                    self.spent.index_units += max(1, -(-item_size(row) // 1024))

    def _way(self, method: str, path: str) -> tuple[str, Mapping[str, str], str]:
        """A request's route, what its path says, and the function that serves it."""
        for route, pattern, name in self._routes:
            if route.startswith(f"{method} ") and (match := pattern.fullmatch(path)):
                return route, match.groupdict(), name
        raise LookupError(f"{method} {path} is no route of {', '.join(FUNCTIONS)}")
