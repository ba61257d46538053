"""Where the benchmark plays: a local AWS with the template on it, and functions called in this process as the gateway
would call them."""

from __future__ import annotations

import copy
import importlib.util
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from local.stack import ROOT, Stack
from scrip import runtime
from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.lot_codec import pack
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine.executor import Executor
from scrip.store import items, keys
from scrip.store.tables import Item, Tables

Event = dict[str, Any]
Answer = Mapping[str, Any]
YEAR: Final = 365 * 24 * 3600 * 1000
CREDIT: Final = 1_000_000
"""Steps of one credit of the default unit."""
BULK: Final = 25
"""Items of one BatchWriteItem."""


class Stage:
    """A local stack, and its functions called in this process.

    Functions find their tables in this process's environment, which must be ``environment``.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._numbers = itertools.count(1)
        self._functions: dict[str, ModuleType] = {}

    @property
    def layer(self) -> Path:
        """The layer as ``sam build`` made it."""
        return self.stack.build_dir / "ScripLayer" / "python"

    @property
    def providers(self) -> Path:
        """And the providers' SDKs."""
        return self.stack.build_dir / "ProvidersLayer" / "python"

    @property
    def tables(self) -> Tables:
        return runtime.tables()

    def name(self, what: str = "bench") -> str:
        """An account, or a key, that nobody has used."""
        return f"{what}-{next(self._numbers)}"

    def function(self, name: str) -> Callable[[Event, Any], Answer]:
        """The handler of functions/<name>/app.py."""
        handler: Callable[[Event, Any], Answer] = self._module(name).handler
        return handler

    def routes(self, name: str) -> Sequence[str]:
        """The routes that it serves, as ``GET /v1/units/{unit}``."""
        return list(self._module(name).ROUTES)

    def _module(self, name: str) -> ModuleType:
        if name not in self._functions:
            path = ROOT / "functions" / name / "app.py"
            spec = importlib.util.spec_from_file_location(f"functions.{name}.app", path)
            assert spec
            assert spec.loader
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self._functions[name] = module
        return self._functions[name]

    def cold(self) -> None:
        """The next request finds a function that remembers nothing. Its client is there: that is the cold start's."""
        runtime.executor.cache_clear()

    def executor(self) -> Executor:
        """Another environment of the same function."""
        return Executor(self.tables)


def sample(name: str) -> Event:
    """An event as API Gateway sends it, from events/http."""
    event: Event = json.loads((ROOT / "events" / "http" / f"{name}.json").read_text())
    return event


def request(sent: Event, account: str, body: Any = None, key: str | None = None, **path: str) -> Event:
    """The sample for this account, with this body and key."""
    made = copy.deepcopy(sent)
    made["pathParameters"] = {**made.get("pathParameters", {}), "account": account, **path}
    if body is not None:
        made["body"] = json.dumps(body)
    if key is not None:
        made["headers"]["idempotency-key"] = key
    return made


@contextmanager
def staged(workdir: Path) -> Iterator[Stage]:
    """A stage of its own. The process's environment is the stage's from then on."""
    # Else the deployed sweep would book what the benchmark's own is to book. (sam takes quotes around spaces.)
    with Stack.start(workdir, parameters={"ExpirySchedule": '"cron(0 0 1 1 ? 2099)"'}) as stack:
        os.environ.update(environment(stack))
        _stop_reading(stack)
        yield Stage(stack)


def _stop_reading(stack: Stack) -> None:
    """Has nothing read the ledger's stream: what is planted in bulk would keep this machine from what is measured."""
    client = stack.client("lambda")
    for source in client.list_event_source_mappings()["EventSourceMappings"]:
        if "/stream/" in source["EventSourceArn"]:
            client.update_event_source_mapping(UUID=source["UUID"], Enabled=False)


def environment(stack: Stack) -> dict[str, str]:
    """What functions find around them: as the template sets it for burns."""
    aws = {
        name: value
        for name, value in stack.environment.items()
        if name.startswith(("AWS_", "SCRIP_WALLETS", "SCRIP_LEDGER", "SCRIP_KEYS"))
    }
    named = {"POWERTOOLS_SERVICE_NAME": "burns", "POWERTOOLS_METRICS_NAMESPACE": "Scrip"}
    return {**aws, **named, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


# Wallets planted in bulk: decisions of the domain's own, written past the transactions that would have made them. What
# is then measured reads and writes them as it would any.


def write(tables: Tables, decision: Decision, *, ledger: bool = True) -> None:
    """Writes what a decision decided, in bulk."""
    put_all(tables, tables.wallets, wallet_rows(decision))
    if ledger:
        put_all(tables, tables.ledger, [items.entry_item(entry) for entry in decision.entries])


def wallet_rows(decision: Decision) -> list[Item]:
    """The items of a new wallet."""
    pk = keys.wallet(decision.wallet.account, decision.wallet.unit)
    rows = [items.wallet_item(decision.wallet)]
    rows += [items.page_item(pk, page) for page in decision.pages.values() if page]
    rows += [items.due_item(pk, due) for due in decision.dues.values() if due]
    rows += [items.sidecar_item(pk, name, sidecar) for name, sidecar in decision.sidecars.items() if sidecar]
    blocks: dict[int, Item] = {}
    for seq, lot in decision.exhausted.items():
        number = seq // limits.BLOCK_SEQS
        block = blocks.setdefault(number, items.key(pk, keys.exhausted(number)))
        block |= {f"lot{seq}": items.b(pack((lot,)))} if lot else {}
    return [*rows, *blocks.values()]


def put_all(tables: Tables, table: str, rows: Iterable[Item]) -> None:
    waiting = list(rows)
    for start in range(0, len(waiting), BULK):
        puts: Any = [{"PutRequest": {"Item": row}} for row in waiting[start : start + BULK]]
        answer = tables.client.batch_write_item(RequestItems={table: puts})
        if answer.get("UnprocessedItems"):
            raise RuntimeError("the local AWS leaves items unwritten")


def empty(account: str) -> Wallet:
    return Wallet(account, "credits", "priority_expiry_cost")


def with_lots(account: str, count: int, now: int, credits: int = 1_000_000) -> Decision:
    """A wallet with ``count`` paid lots of ``credits`` each, every one expiring a second after the one before."""
    draft = Draft(Snapshot(empty(account)))
    for number in range(count):
        order = grants.Grant(
            amount=credits * CREDIT,
            kind="paid",
            cost=Money(100, "USD"),
            expires_at=now + YEAR + number * 1000,
        )
        cause = Cause(key_entry_id(account, "credits", f"grant-{number}"), "bulk", "bench")
        grants.grant(draft, order, Policy(), now, cause)
    return draft.decision()


def median(values: Sequence[float]) -> float:
    """The middle one; of an even number, the lower middle: a figure that was measured."""
    return sorted(values)[(len(values) - 1) // 2]
