"""Cost against how much there is: lots, entries, open holds. A warm burn should not feel any of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from bench import row_sizes
from bench.meter import Contestant, billed, item_size, processor_ms
from bench.operations import Operations
from bench.stage import CREDIT, Stage, empty, median, with_lots, write
from scrip import runtime
from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants, holds
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot
from scrip.store import keys

LOTS: Final = (1, 16, 100, 10_000)
ENTRIES: Final = (1, 1_000_000)
HOLDS: Final = (1, 1_000)
ROUNDS: Final = 5
CALLS: Final = 15
HOUR_MS: Final = 3_600_000


def lots(stage: Stage, count: int) -> str:
    account = stage.name("lots")
    write(stage.tables, with_lots(account, count, runtime.now() - 1000), ledger=False)
    return account


def entries(stage: Stage, count: int) -> str:
    """A wallet as it is after so many entries: its version, and so the sequence and the timeline's key of what follows,
    are as long as they get. The rows before are not planted: nothing of a burn reads them, and DynamoDB's price of a
    put does not know how many rows its partition has."""
    account = stage.name("entries")
    decision = with_lots(account, 1, runtime.now() - 1000)
    write(stage.tables, replace(decision, wallet=replace(decision.wallet, version=count)))
    return account


def open_holds(stage: Stage, count: int) -> str:
    """A wallet with so many open holds, each placed by the domain's own decision."""
    account, now = stage.name("holds"), runtime.now() - 1000
    draft = Draft(Snapshot(empty(account)))
    order = grants.Grant(amount=10**12 * CREDIT, kind="promotional")
    grants.grant(
        draft, order, Policy(), now, Cause(key_entry_id(account, "credits", "grant"), "bulk", "bench")
    )
    decision = draft.decision()
    dues, sidecars = dict(decision.dues), dict(decision.sidecars)
    for number in range(count):
        draft = Draft(Snapshot(decision.wallet))
        cause = Cause(key_entry_id(account, "credits", f"hold-{number}"), "bulk", "bench")
        wanted = holds.Hold(0, 1, now + HOUR_MS + number, "refuse", ())
        holds.place(draft, wanted, Policy(), now, cause)
        decision = draft.decision()
        dues |= decision.dues
        sidecars |= decision.sidecars
    write(stage.tables, replace(decision, dues=dues, sidecars=sidecars), ledger=False)
    return account


def run(stage: Stage, rounds: int = ROUNDS) -> dict[str, Any]:
    at, tables = Operations(stage), stage.tables
    made = {
        **{("lots", count): lots(stage, count) for count in LOTS},
        **{("entries", count): entries(stage, count) for count in ENTRIES},
        **{("open holds", count): open_holds(stage, count) for count in HOLDS},
    }
    rows = []
    for (what, count), account in made.items():
        stage.cold()
        with billed(tables.client):
            at.burn(account)
        with billed(tables.client) as bill:
            at.burn(account, key="again")
        with billed(tables.client) as replay:
            at.burn(account, key="again")
        item = tables.get(tables.wallets, keys.wallet(account, "credits"), keys.WALLET)
        assert item
        rows.append(
            {
                "what": what,
                "count": count,
                "calls": bill.calls,
                "write_units": bill.billed_write_units,
                "replay_calls": replay.calls,
                "wallet_bytes": item_size(item),
            }
        )
    stage.cold()
    found = processor_ms(
        {str(name): Contestant(lambda account=account: at.burn(account)) for name, account in made.items()},  # type: ignore[misc]
        rounds,
        CALLS,
    )
    one = found[str(("lots", 1))]
    for row, ms in zip(rows, found.values(), strict=True):
        row["cpu_to_one_lot"] = round(median([a / b for a, b in zip(ms, one, strict=True)]), 2)
    return {"rows": rows, "bytes": row_sizes.rows()}
