"""Lives that are recorded: what Scrip was asked, in which tables that left what, and what it answered.

Owns the form of a recording and how a step of it is played. ``python -m tests.store.recording FILE`` writes one; what
is asked is in ``life`` and ``afterwards``. Run in a work tree of another commit, into which these modules were copied,
it records what that commit does.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.store.tables import Tables
from tests.aws import Answer, Context, Deployment, InMemory, Key, event, function, spelled

Json = dict[str, Any]
Rows = dict[str, list[Json]]
"""The items of both tables, by the table's name, in DynamoDB's own JSON; bytes are written in base64."""
TABLES: Final = ("wallets", "ledger")
TEXTS: Final = frozenset({"detail", "message"})
"""Members of answers that only people read."""


@contextmanager
def clock(at: int) -> Iterator[None]:
    """Stops this machine's clock, as functions read it, at an epoch millisecond."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: at * 1_000_000)
        yield


def play(scrip: Deployment, step: Json) -> Any:
    """Plays a step and returns its answer, without texts for people.

    A step is a request over HTTP, messages of the queue of payments, or a run of the sweep. ``now`` is the instant.
    """
    with clock(step["now"]):
        if "queue" in step:
            return scrip.apply(step["queue"])
        if "sweep" in step:
            return scrip.sweep(step["sweep"])
        answer = _sent(scrip, step["http"])
    return {"status": answer.status, "replayed": answer.replayed, "body": without_texts(answer.body)}


def _sent(scrip: Deployment, request: Json) -> Answer:
    headers = {
        header: request[name]
        for name, header in (("key", "idempotency-key"), ("clock", "scrip-test-clock"))
        if name in request
    }
    unit = {**request.get("query", {}), **(request.get("body") or {})}.get("unit", "credits")
    made = event(
        request["method"],
        spelled(request["path"], unit),
        body=request.get("body"),
        query=request.get("query"),
        caller=Key(request.get("scope", "admin")),
        headers=headers,
    )
    return scrip.invoke(made)


def without_texts(value: Any) -> Any:
    """Returns an answer without the members that only people read."""
    if isinstance(value, dict):
        return {name: without_texts(one) for name, one in value.items() if name not in TEXTS}
    return [without_texts(one) for one in value] if isinstance(value, list) else value


def verify_daily() -> None:
    """Runs the daily verification, which keeps how far it came."""
    function("verification").handler({"time": "2030-06-01T00:00:00Z", "share": [0, 1]}, Context())


# Tables


@contextmanager
def tables_of(scrip: Deployment, rows: Rows) -> Iterator[InMemory]:
    """Gives the functions tables in memory that hold these rows."""
    memory = InMemory()
    for name in TABLES:
        for item in rows.get(name, ()):
            memory._dynamo.put_item(TableName=name, Item=from_json(item))
    tables = Tables(memory, "wallets", "ledger")  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "tables", cache(lambda: tables))
        scrip.cold()
        yield memory
    scrip.cold()


def rows_of(client: Any) -> Rows:
    """Returns all that both tables hold, by key."""
    return {
        name: sorted(
            (to_json(item) for item in client.scan(TableName=name)["Items"]),
            key=lambda item: (item["pk"]["S"], item["sk"]["S"]),
        )
        for name in TABLES
    }


def to_json(item: Mapping[str, Any]) -> Json:
    """Returns an item with its bytes in base64, its attributes by name."""
    return {
        name: {kind: base64.b64encode(bytes(inner)).decode() if kind == "B" else inner}
        for name, value in sorted(item.items())
        for kind, inner in value.items()
    }


def from_json(item: Mapping[str, Any]) -> Json:
    """Returns the item that ``to_json`` wrote."""
    return {
        name: {kind: base64.b64decode(inner) if kind == "B" else inner}
        for name, value in item.items()
        for kind, inner in value.items()
    }


def read(file: Path) -> Any:
    """Returns what a recording holds."""
    return json.loads(gzip.decompress(file.read_bytes()))


def write(file: Path, recording: Any) -> None:
    """Writes a recording: the same one has the same bytes."""
    text = json.dumps(recording, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


# Making one


def record(file: Path) -> None:
    """Records a life (see ``life``) as this code lives it, from empty tables."""
    from local.standins import dodo, stripe
    from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET, deployed
    from tests.store import afterwards, life

    at_dodo = dodo.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    at_stripe = stripe.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    try:
        with deployed(at_dodo.url, at_stripe.url) as scrip:
            lived = life.Life(scrip, play)
            life.first(lived, at_dodo, at_stripe)
            scrip.post("/v1/keys", {"scope": "read", "account": "acme"})
            scrip.post("/v1/keys", {"scope": "admin"})
            for hours in (1, 2):
                scrip.reconcile(_ahead(hours))
            verify_daily()
            rows, now = rows_of(runtime.tables().client), afterwards.END
    finally:
        at_dodo.stop()
        at_stripe.stop()
    with deployed() as scrip, tables_of(scrip, rows) as memory:
        again = played(scrip, afterwards.again(rows, lived.steps, now))
        later = played(scrip, afterwards.later(rows, lived.late, now))
        left = rows_of(memory)
    write(file, {"rows": rows, "again": again, "later": later, "left": left})


def played(scrip: Deployment, steps: Iterator[Json] | Sequence[Json]) -> list[Json]:
    """Plays steps and returns them with their answers."""
    return [{**step, "answer": play(scrip, step)} for step in steps]


def _ahead(hours: int) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="milliseconds")[:23] + "Z"


if __name__ == "__main__":
    record(Path(sys.argv[1]))
