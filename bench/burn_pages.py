"""Pages of burns and settlements of leases: counted, and what one wallet takes of them.

Units, bytes and processor time of one are counted through the function's handler, on the local AWS. What one sender and
many holders come to is modelled from that (``senders``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from bench import hot, operations, senders
from bench.dollars import Measured, parts
from bench.gateway import HEADER_BYTES, HOLDS, PAGES, RELEASE, SETTLE, Work
from bench.meter import Contestant, billed, item_size, processor_ms
from bench.row_sizes import OVERHEAD
from bench.senders import PAGE
from bench.stage import Answer, Event, Stage, request, sample
from scrip.store import keys

SMALL: Final = 100
ROUNDS, CALLS = 3, 4
"""Of the handlers whose processor time is measured before the runs."""
OPEN_RATE: Final = 10_000
"""Burns a second that come to one sender, whether those before are answered or not."""
LEASED_RATE: Final = 6_000
"""The same of all holders of leases together."""
SECONDS, SECONDS_FULL = 2.0, 10.0
"""Virtual seconds of a run."""
LEASED_SECONDS, LEASED_SECONDS_FULL = 10.0, 30.0
"""Those of holders to whom burns come: each settles several times."""
HOLDERS: Final = (8, 32)
ENOUGH: Final = "100000"


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
    modelled = [senders.one_sender(stage, worked, seconds, rate) for rate in (None, OPEN_RATE)]
    longer = LEASED_SECONDS_FULL if full else LEASED_SECONDS
    modelled += [
        senders.holders_of_leases(stage, worked, longer, holders, LEASED_RATE) for holders in HOLDERS
    ]
    modelled += [senders.holders_of_leases(stage, worked, seconds, holders, None) for holders in HOLDERS]
    return {
        "rows": rows,
        "modelled": modelled,
        "cpu_ms": {name: round(one, 2) for name, one in ms.items()},
        "function_ms": {
            name: round(worked[route].first(PAGE) * 1000, 1)
            for name, route in ((f"page of {PAGE}", PAGES), (f"settlement of {PAGE}", SETTLE))
        },
    }
