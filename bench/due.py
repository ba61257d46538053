"""What time has done to a wallet that nobody touched: reads that follow it, commits that book it; and many holds."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from bench import sizes, warm
from bench.meter import billed
from bench.operations import Operations
from bench.stage import CREDIT, Stage, empty, wallet_rows, with_lots, write
from scrip import runtime
from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.terms import Rollover, Terms
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import allowances, grants, holds, lot_terms
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.wallets import balances
from scrip.store.tables import Tables

FEW: Final = 1_000
MANY: Final = 10_000
NAMES: Final = 200
"""Allowances of one wallet."""
HELD: Final = 500
"""Lots that one hold lies over."""
DAY_MS: Final = 86_400_000
THEN: Final = 1_893_456_000_000
"""2030-01-01T00:00:00Z: when the wallets were written."""
PART: Final = {"amount": "0.1", "final": False}
NOTE: Final = {"metadata": {"order": "o-1"}}


class Answers(warm.Tables):
    """DynamoDB in memory below the client's own parser. What it takes itself is ``taken``, in processor seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.taken, self.calls = 0.0, 0

    def answer(self, request: Any, **more: Any) -> Any:
        began = time.process_time()
        self.calls += 1
        answer = super().answer(request, **more)
        self.taken += time.process_time() - began
        return answer


def _cause(name: str) -> Cause:
    return Cause(key_entry_id("due", "credits", name), "bulk", "bench")


def _new(names: int = 0) -> Draft:
    """A draft of a new wallet, which is known to have no terms, and no allowance of these."""
    none: list[tuple[str, str]] = [(lot_terms.KIND, lot_terms.ALL)]
    none += [(allowances.KIND, f"a{number}") for number in range(names)]
    return Draft(Snapshot(empty("due"), sidecars=dict.fromkeys(none)))


def _granted(orders: Iterable[grants.Grant]) -> Decision:
    """A wallet with these grants, as one decision."""
    draft = _new()
    for number, order in enumerate(orders):
        grants.grant(draft, order, Policy(), THEN, _cause(f"g-{number}"))
    return draft.decision()


def _grant(**more: Any) -> grants.Grant:
    return grants.Grant(amount=CREDIT, kind="promotional", **more)


def expiries(count: int) -> Decision:
    return _granted(_grant(expires_at=THEN + DAY_MS + number) for number in range(count))


def expiries_at_once(count: int) -> Decision:
    return _granted(_grant(expires_at=THEN + DAY_MS) for _ in range(count))


def activations(count: int) -> Decision:
    return _granted(_grant(effective_at=THEN + DAY_MS + number) for number in range(count))


def rollovers(count: int) -> Decision:
    """Lots with notes, each of which goes on in another at its end."""
    terms = Terms(rollover=Rollover(fraction="0.5"))
    return _granted(
        _grant(expires_at=THEN + DAY_MS + number, note=NOTE, terms=terms) for number in range(count)
    )


def deadlines(count: int) -> Decision:
    """Holds, each over a lot of its own."""
    decision = _new().decision()
    dues, sidecars, exhausted = dict(decision.dues), dict(decision.sidecars), dict(decision.exhausted)
    for number in range(count):
        draft = Draft(Snapshot(decision.wallet))
        grants.grant(draft, _grant(), Policy(), THEN, _cause(f"g-{number}"))
        wanted = holds.Hold(0, CREDIT, THEN + DAY_MS + number, "refuse", ())
        holds.place(draft, wanted, Policy(), THEN, _cause(f"h-{number}"))
        decision = draft.decision()
        dues |= decision.dues
        sidecars |= decision.sidecars
        exhausted |= decision.exhausted
    return replace(decision, dues=dues, sidecars=sidecars, exhausted=exhausted)


def allowed(names: int, days: int, every: str = "P1D") -> Decision:
    """Allowances that were put on the first day, and have been due since the second."""
    draft = _new(names)
    plan = allowances.Plan(CREDIT, every, THEN, "UTC", THEN, ends_at=THEN + days * DAY_MS)
    for number in range(names):
        put = allowances.PutAllowance(f"a{number}", plan, Policy())
        allowances.put(draft, put, THEN, _cause(f"a-{number}"))
    return draft.decision()


def mixed(count: int) -> Decision:
    """Of each kind as many: some end, some begin, some go on, some were held."""
    fifth = count // 5
    decision = deadlines(fifth)
    draft = Draft(replace(_new(1).snapshot, wallet=decision.wallet))
    rolls = Terms(rollover=Rollover(fraction="0.5"))
    for number in range(fifth):
        at = THEN + DAY_MS + number
        for name, order in (
            ("e", _grant(expires_at=at)),
            ("p", _grant(effective_at=at)),
            ("r", _grant(expires_at=at, note=NOTE, terms=rolls)),
        ):
            grants.grant(draft, order, Policy(), THEN, _cause(f"{name}-{number}"))
    plan = allowances.Plan(CREDIT, "P1D", THEN, "UTC", THEN, ends_at=THEN + fifth * DAY_MS)
    allowances.put(draft, allowances.PutAllowance("a0", plan, Policy()), THEN, _cause("a"))
    after = draft.decision()
    return replace(
        after,
        dues={**decision.dues, **after.dues},
        sidecars={**decision.sidecars, **after.sidecars},
        exhausted={**decision.exhausted, **after.exhausted},
    )


KINDS: Final[dict[str, Callable[[int], Decision]]] = {
    "lots that end": expiries,
    "lots that end at one instant": expiries_at_once,
    "lots that begin": activations,
    "lots that roll over": rollovers,
    "holds that time out": deadlines,
    "days of one allowance": lambda count: allowed(1, count),
    "of each kind": mixed,
}


class Place:
    """A DynamoDB in memory with one wallet in it, behind a client as functions have it."""

    def __init__(self, decision: Decision) -> None:
        self.answers = Answers()
        client = runtime.client.__wrapped__("dynamodb")
        client.meta.events.register("before-send.dynamodb", self.answers.answer)
        self.tables = Tables(client, "wallets", "ledger")
        for row in wallet_rows(decision):
            self.answers.dynamo.put_item(TableName="wallets", Item=row)
        self.moment = Moment(THEN + 2 * MANY * DAY_MS)

    def cost(self, act: Callable[[Executor], object]) -> tuple[float, int]:
        """Processor seconds without the table's own, and calls."""
        executor = Executor(self.tables)
        gc.collect()
        gc.freeze()
        self.answers.taken, self.answers.calls = 0.0, 0
        began = time.process_time()
        act(executor)
        return time.process_time() - began - self.answers.taken, self.answers.calls

    def read(self) -> tuple[float, int]:
        return self.cost(lambda executor: balances.balance(executor, "due", "credits", self.moment))

    def book(self) -> tuple[float, int]:
        def act(executor: Executor) -> None:
            context = executor.context("due", "credits", fresh=True)
            executor.book_due(WalletContext(context.unit, 0, context.snapshot), self.moment)

        return self.cost(act)


def _kind(name: str, make: Callable[[int], Decision]) -> dict[str, Any]:
    """A read of few and of many, the best of four each: what disturbs one makes it longer, never shorter. They take
    turns, so that what disturbs one for long disturbs both."""
    places = [Place(make(count)) for count in (FEW, MANY)]
    rounds = [[place.read() for place in places] for _ in range(4)]
    (few, _), (many, calls) = (min(reads) for reads in zip(*rounds, strict=True))
    return {
        "due": name,
        "items": MANY,
        "read_cpu_s": round(many, 2),
        "to_a_tenth": round(many / few, 1),
        "read_calls": calls,
    }


def _allowances() -> dict[str, Any]:
    """Allowances that are due once each: the calls of a read, and of the sweep."""
    place = Place(allowed(NAMES, 2))
    seconds, read = place.read()
    booked, calls = place.book()
    return {
        "due": f"{NAMES} allowances",
        "read_calls": read,
        "read_cpu_s": round(seconds, 2),
        "book_calls": calls,
        "book_cpu_s": round(booked, 2),
    }


def _open_holds(stage: Stage, at: Operations) -> list[dict[str, Any]]:
    """What a capture and a balance cost with one open hold, and with many; and a capture of a hold over many lots."""
    rows = [
        _captured(stage, at, f"beside {count} open holds", sizes.open_holds(stage, count), "1")
        for count in (1, MANY)
    ]
    account = stage.name("held")
    write(stage.tables, with_lots(account, HELD, runtime.now() - 1000, credits=1), ledger=False)
    return [*rows, _captured(stage, at, f"over {HELD} lots", account, str(HELD))]


def _captured(stage: Stage, at: Operations, name: str, account: str, amount: str) -> dict[str, Any]:
    """A hold of this amount, then two captures of a tenth of a credit, of which the second is warm."""
    with billed(stage.tables.client):
        held = at.hold(account, amount)
        at.capture(account, held, PART)
    with billed(stage.tables.client) as bill:
        captured = at.capture(account, held, PART)
    stage.cold()
    with billed(stage.tables.client) as cold:
        at.capture(account, held, PART)
    with billed(stage.tables.client) as looked:
        at.balance(account)
    if captured["statusCode"] != 201:
        raise RuntimeError(captured["body"][:300])
    return {
        "capture": name,
        "calls": len(bill.calls),
        "write_units": bill.billed_write_units,
        "cold_calls": len(cold.calls),
        "cold_read_units": cold.read_units,
        "balance_calls": len(looked.calls),
        "balance_read_units": looked.read_units,
    }


def counting() -> float:
    """Processor seconds in which this machine counts to ten million: how slow it is at the moment."""
    began, total = time.process_time(), 0
    for number in range(10**7):
        total += number
    return time.process_time() - began


def run(stage: Stage) -> dict[str, Any]:
    """Every kind, then the holds."""
    return {
        "rows": [_kind(name, make) for name, make in KINDS.items()],
        "counting_s": round(min(counting() for _ in range(3)), 2),
        "allowances": _allowances(),
        "captures": _open_holds(stage, Operations(stage)),
    }
