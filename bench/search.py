"""Entries with one and the same reference: what the stream's reader writes for them, at a rate that one partition would
not take, and what a search among them reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from bench.meter import PRICES, billed
from bench.model import Clock, Table
from bench.stage import Stage
from scrip import runtime
from scrip.domain.credits.entries import NOTHING, Cause, Entry
from scrip.domain.credits.errors import Throttled
from scrip.services.outbox import reader
from scrip.services.search import searches
from scrip.store import items, references
from scrip.store.references import Place
from scrip.store.tables import Tables

RATE: Final = 2_000
"""Burns a second, all with one reference."""
SECONDS, SECONDS_TOGETHER = 2.0, 0.6
"""Virtual ones: eight times what a partition takes at once before it is held to its rate; and fewer where that is what
happens, for who is throttled waits in real time."""
SHARDS: Final = 8
"""Of the stream, each with a reader of its own."""
BATCH: Final = 25
WALLETS: Final = 2_000
LISTED: Final = 10_000
LISTED_FULL: Final = 100_000
PAGE: Final = 100
INVOCATION_MS: Final = 15
"""Of the reader, beside the waits for its calls."""


def entry(account: str, seq: int, name: str, at: int) -> Entry:
    """A burn with a reference, as its row tells it."""
    cause = Cause(f"k.{account}.{seq}", "f", "key:bench", ("job", name))
    return Entry(
        id=cause.entry_id,
        account=account,
        unit="credits",
        seq=seq,
        kind="burn",
        at=at,
        amount=-1,
        before=NOTHING,
        after=NOTHING,
        status="active",
        draws=[],
        previous_hash=bytes(32),
        cause=cause,
    )


def run(stage: Stage, *, full: bool = False) -> dict[str, Any]:
    rows = [
        _written(stage, "one reference on 2 000 wallets", False),
        _written(stage, "the same in one partition", True),
    ]
    return {
        "rows": rows,
        "pages": _pages(stage, LISTED_FULL if full else LISTED),
        "dollars": [_dollars(stage, batch) for batch in (1, 10, 100)],
    }


def _written(stage: Stage, who: str, together: bool) -> dict[str, Any]:
    """What the readers of all shards write of so many burns a second, each shard's in its order."""
    clock = Clock()
    table = Table(stage.tables.client, clock, together=together)
    tables = Tables(table, stage.tables.wallets, stage.tables.ledger)  # type: ignore[arg-type]
    name, late = stage.name("job"), [0.0]
    made = [
        entry(f"w{number % WALLETS}", number, name, number)
        for number in range(int(RATE * (SECONDS_TOGETHER if together else SECONDS)))
    ]

    def of_shard(mine: Sequence[Entry]) -> Callable[[], None]:
        def act() -> None:
            for start in range(0, len(mine), BATCH):
                batch = mine[start : start + BATCH]
                # Not before it was committed; later, where the reader is behind.
                due = batch[-1].at / RATE
                clock.sleep(max(0.0, due - clock.now))
                while not _put(tables, batch):
                    clock.sleep(0.05)
                late[0] = max(late[0], clock.now - due)

        return act

    clock.run([of_shard(made[number::SHARDS]) for number in range(SHARDS)])
    return {
        "who": who,
        "entries_a_second": round(len(made) / clock.now),
        "write_units_an_entry": round(table.write_units / len(made), 2),
        "throttled": table.throttled,
        "latest_ms": round(late[0] * 1000),
        "partitions": table.partitions,
    }


def _put(tables: Tables, batch: Sequence[Entry]) -> bool:
    """Puts a batch; returns whether all of it was taken."""
    try:
        references.put_all(tables, batch)
    except Throttled:
        return False
    return True


def _pages(stage: Stage, count: int) -> list[dict[str, Any]]:
    """What the first and the last page of a search among many read."""
    name = stage.name("job")
    references.put_all(
        stage.tables, (entry(f"w{number % WALLETS}", number, name, number) for number in range(count))
    )
    found = []
    places: tuple[tuple[str, Place], ...] = (("first", searches.NEWEST), ("last", (PAGE, PAGE, "~")))
    for said, last in places:
        with billed(stage.tables.client) as bill:
            page = searches.by_reference(stage.tables, f"job:{name}", last, PAGE, None)
        if len(page.entries) != PAGE:
            raise RuntimeError(f"a page has {len(page.entries)} entries instead of {PAGE}")
        row = {"page": f"{said} of {count} entries", "calls": len(bill.calls), "read_units": bill.read_units}
        found.append(row)
    return found


def _dollars(stage: Stage, count: int) -> dict[str, Any]:
    """What the reader adds to a million burns with a reference, in batches of so many."""
    name, at = stage.name("job"), runtime.now()
    rows = [items.entry_item(entry(f"w{number}", 1, name, at)) for number in range(count)]
    records = [
        {
            "dynamodb": {
                "ApproximateCreationDateTime": at // 1000,
                "SequenceNumber": str(10**20 + number),
                "NewImage": row,
            }
        }
        for number, row in enumerate(rows)
    ]
    with billed(stage.tables.client) as bill:
        again = reader.read(stage.tables, records, stage.name("shard"), at, _raise)
    if again is not None:
        raise RuntimeError("the reader wants a batch again")
    seconds = (INVOCATION_MS + len(bill.calls) * PRICES["call_ms"]["else"]) / 1000
    each = (
        bill.write_units * PRICES["write_unit"]
        + PRICES["lambda_request"]
        + seconds * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
    )
    return {
        "batch_of": count,
        "calls": len(bill.calls),
        "write_units_a_burn": round(bill.write_units / count, 2),
        "dollars_per_million": round(each / count * 1_000_000, 2),
    }


def _raise(_step: str, error: Exception) -> None:
    raise error
