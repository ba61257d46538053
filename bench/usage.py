"""What it costs to know what was used: what the stream's reader reads and writes for a thousand burns of one wallet,
and for a batch of a hundred wallets; and what somebody reads who asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from bench.meter import PRICES, Bill, billed
from bench.search import INVOCATION_MS, entry
from bench.stage import Stage
from scrip import runtime
from scrip.domain.credits.entries import Draw, Entry, Totals
from scrip.domain.credits.lots import Money
from scrip.services.usage import rollups
from scrip.store import items

METERS: Final = 3
MEMBERS: Final = 40
"""Of the burns of one wallet, in turns."""
GAP_MS: Final = 1_000
"""Between two of them: a thousand burns are a quarter of an hour."""
ASKED: Final = (50, 999)
MILLION: Final = 1_000_000


def used(account: str, seq: int, at: int) -> Entry:
    """A burn of a meter by a member, with a tag and a dimension."""
    made = replace(entry(account, seq, "job", at), before=Totals(10**9 - seq), after=Totals(10**9 - seq - 1))
    assert made.cause
    usage = {
        "meter": f"meter-{seq % METERS}",
        "quantity": "1.5",
        "dimensions": {"model": "large"},
        "rate_version": 1,
    }
    cause = replace(
        made.cause, reference=None, member=f"member-{seq % MEMBERS}", tags={"team": f"t{seq % 5}"}
    )
    return replace(
        made, cause=cause, extra={"missing": "0", "usage": usage}, draws=[Draw(1, 1, Money(2, "EUR"))]
    )


def run(stage: Stage) -> dict[str, Any]:
    wallet, at = stage.name("used"), runtime.now() // 3_600_000 * 3_600_000 - 7 * 86_400_000
    made = [used(wallet, seq, at + seq * GAP_MS) for seq in range(1, 3 * rollups.EVERY)]
    _put(stage, made)
    thin = [used(stage.name("thin"), 2, at) for _ in range(100)]
    first, second = made[: rollups.EVERY], made[rollups.EVERY : 2 * rollups.EVERY]
    return {
        "rows": [
            _row(
                "a batch of 100 burns of as many wallets",
                100,
                lambda: rollups.roll_up(stage.tables, thin),
                stage,
            ),
            _row(
                "a wallet's first thousand burns",
                rollups.EVERY,
                lambda: rollups.roll_up(stage.tables, first[-100:]),
                stage,
            ),
            _row(
                "its next thousand",
                rollups.EVERY,
                lambda: rollups.roll_up(stage.tables, second[-100:]),
                stage,
            ),
        ],
        "asked": [_asked(stage, wallet, new) for new in ASKED],
    }


def _row(who: str, burns: int, act: Callable[[], None], stage: Stage) -> dict[str, Any]:
    """What the reader does for so many burns."""
    with billed(stage.tables.client) as bill:
        act()
    return {
        "who": who,
        "calls": len(bill.calls),
        "read_units_a_burn": round(bill.read_units / burns, 3),
        "write_units_a_burn": round(bill.write_units / burns, 3),
        "dollars_per_million": round(_dollars(bill) / burns * MILLION, 2),
    }


def _asked(stage: Stage, wallet: str, new: int) -> dict[str, Any]:
    """What somebody reads who asks after so many burns that are new."""
    version = 2 * rollups.EVERY + new
    began = time.process_time()
    with billed(stage.tables.client) as bill:
        caught = rollups.catch_up(stage.tables, wallet, "credits", version, lambda: True, kept=10**9)
        hours = list(rollups.hours_between(stage.tables, caught.stored, 0, 10**7))
    took = time.process_time() - began
    if caught.spending.seq != version or not hours:
        raise RuntimeError(f"it is read up to {caught.spending.seq} of {version}")
    return {
        "new": new,
        "calls": len(bill.calls),
        "read_units": bill.read_units,
        "processor_ms": round(took * 1000),
    }


def _dollars(bill: Bill) -> float:
    """Of the units, and of the reader's time with its calls: it is invoked anyway."""
    seconds = (len(bill.calls) * PRICES["call_ms"]["else"] + (INVOCATION_MS if bill.calls else 0)) / 1000
    return float(
        bill.write_units * PRICES["write_unit"]
        + bill.read_units * PRICES["read_unit"]
        + seconds * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
    )


def _put(stage: Stage, entries: Sequence[Entry]) -> None:
    """Plants rows of the ledger."""
    for start in range(0, len(entries), 25):
        batch = entries[start : start + 25]
        stage.tables.client.batch_write_item(
            RequestItems={
                stage.tables.ledger: [{"PutRequest": {"Item": items.entry_item(one)}} for one in batch]
            }
        )
