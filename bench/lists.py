"""What lists read, at their first page and at their last, of wallets that hold much."""

from __future__ import annotations

from typing import Any, Final

from bench.meter import Bill, billed
from bench.stage import CREDIT, Stage, empty, put_all, wallet_rows, with_lots, write
from scrip import runtime
from scrip.domain.credits.entries import Cause
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import grants
from scrip.domain.wallets.burns import Burn, burn
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_lists import BEGINNING, LotPlace
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.executor import Moment
from scrip.services.wallets import entries, explanations
from scrip.services.wallets import lots as listing
from scrip.services.wallets.entries import EntryQuery
from scrip.store import items, keys

LOTS: Final = 2_000
PAGE: Final = 100
ENTRIES: Final = 10_000
ENTRIES_FULL: Final = 100_000
EXPLAINED: Final = 2_500
"""Entries of the wallet that is explained: two pages and a half."""


def run(stage: Stage, *, full: bool = False) -> dict[str, Any]:
    """Each list, with its calls and read units."""
    entries = ENTRIES_FULL if full else ENTRIES
    rows = [_lots(stage), *_filtered(stage, entries), *_explained(stage)]
    return {"rows": rows}


def _row(name: str, pages: int, bill: Bill) -> dict[str, Any]:
    return {"list": name, "pages": pages, "calls": len(bill.calls), "read_units": bill.read_units}


def _lots(stage: Stage) -> dict[str, Any]:
    account, executor, now = stage.name("listed"), stage.executor(), runtime.now()
    write(stage.tables, with_lots(account, LOTS, now - 1000), ledger=False)
    executor.context(account, "credits")
    after: LotPlace | None = BEGINNING
    pages = found = 0
    with billed(stage.tables.client) as bill:
        while after is not None:
            query = listing.LotQuery(False, after, PAGE)
            listed, after, _ = listing.lots(executor, account, "credits", Moment(now), query)
            pages, found = pages + 1, found + len(listed)
    if found != LOTS:
        raise RuntimeError(f"{found} lots were listed instead of {LOTS}")
    return _row(f"{LOTS} lots in pages of {PAGE}", pages, bill)


def _filtered(stage: Stage, count: int) -> list[dict[str, Any]]:
    """A wallet whose entries are all of another kind than is looked for. Of a row that a list passes over is planted
    what the index has of it."""
    account, executor = stage.name("long"), stage.executor()
    pk = keys.wallet(account, "credits")
    rows = (
        {
            **items.key(pk, f"s.{seq}"),
            "tl": items.s(keys.timeline(1_800_000_000_000 + seq, seq)),
            "kind": items.s("burn"),
        }
        for seq in range(1, count + 1)
    )
    put_all(stage.tables, stage.tables.ledger, rows)
    executor.context(account, "credits")
    found = []
    for name, last in (
        ("first", (MAX_INSTANT, LAST_SEQ)),
        ("last", (1_800_000_000_000 + PAGE, PAGE)),
    ):
        with billed(stage.tables.client) as bill:
            page = entries.entries(
                executor, account, "credits", EntryQuery("void", 0, last, PAGE), Moment(runtime.now())
            ).page
        if page.entries or (name == "first") != bool(page.following):
            raise RuntimeError("a page of a kind that there is not is empty, and goes on")
        found.append(_row(f"a filtered page of {count} entries, {name}", 1, bill))
    return found


def _explained(stage: Stage) -> list[dict[str, Any]]:
    account, executor, now = stage.name("explained"), stage.executor(), runtime.now() - 120_000
    draft = Draft(Snapshot(empty(account)))
    order = grants.Grant(amount=10**6 * CREDIT, kind="promotional")
    grants.grant(
        draft, order, Policy(), now, Cause(key_entry_id(account, "credits", "grant"), "bulk", "bench")
    )
    decision = draft.decision()
    made = list(decision.entries)
    for number in range(EXPLAINED - 1):
        draft = Draft(Snapshot(decision.wallet))
        cause = Cause(key_entry_id(account, "credits", f"burn-{number}"), "bulk", "bench")
        burn(draft, Burn(CREDIT, Policy(), "exact", None), now, cause)
        decision = draft.decision()
        made += decision.entries
    put_all(stage.tables, stage.tables.wallets, wallet_rows(decision))
    put_all(stage.tables, stage.tables.ledger, [items.entry_item(entry) for entry in made])
    executor.context(account, "credits")
    rows = []
    told, more, number = None, True, 0
    while more:
        number += 1
        query = explanations.ExplainQuery(now, told)
        with billed(stage.tables.client) as bill:
            page, _ = explanations.explain(executor, account, "credits", Moment(now + 60_000), query)
        if page.findings:
            raise RuntimeError(f"the explanation does not agree: {page.findings}")
        told, more = page.told, page.more
        rows.append(_row(f"explain, page {number} of {EXPLAINED} entries", 1, bill))
    return rows
