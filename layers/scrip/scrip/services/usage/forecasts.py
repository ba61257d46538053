"""When a wallet's credits run out, and what its lots will have left at their ends, if they are used as they were.

The rate is the one by which a run-out is told (``services.events.run_outs``): that of ``Spending``. Nothing here
changes a wallet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits.errors import CatchingUp
from scrip.domain.credits.units import Unit
from scrip.domain.usage import forecasts
from scrip.domain.usage.forecasts import ForecastEnd, LivingLot
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_lists import BEGINNING, LotPlace, list_lots
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Clock
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.usage import rollups

LOTS: Final = 5_000
"""Lots that are looked at, the first in burn order."""
LISTED: Final = 1_000
SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected of a wallet.

    Attributes:
        used, in_ms: how many steps were used in how many milliseconds.
        run_out_at: when nothing is left; None: never, as nothing is used. Epoch milliseconds.
        ends: what ends when, the soonest first.
    """

    used: int
    in_ms: int
    run_out_at: int | None
    ends: Sequence[ForecastEnd]


def forecast(executor: Executor, account: str, unit_id: str, moment: Moment) -> tuple[Forecast, Unit]:
    """Returns what is to be expected of a wallet, and its unit.

    Raises:
        NotFound: there is no such unit.
        CatchingUp: more is to be read first than there is time for; what was read is kept.
        Contended: the wallet is written faster than it can be read.
    """
    context = executor.context(account, unit_id, fresh=True)
    wallet, clock = context.snapshot.wallet, Clock(SECONDS)
    now = reading_instant(wallet, moment)
    caught = rollups.catch_up(
        executor.tables, account, unit_id, wallet.version, lambda: clock.in_time() and executor.in_time()
    )
    if caught.spending.seq < wallet.version:
        raise CatchingUp("much was used in this wallet: send the same request again, it goes on from here")

    def view(draft: Draft) -> tuple[int, int, list[LivingLot]]:
        at = apply_all_due(draft, now)
        return at, draft.totals.available, _lots(draft, at)

    at, available, lots = read(executor, context, view)
    spending = replace(caught.spending, available=available)
    used, in_ms = spending.rate(at)
    ends = forecasts.ends(lots, at, used, in_ms)
    return Forecast(used, in_ms, spending.run_out_at(at), ends), context.unit


def _lots(draft: Draft, now: int) -> list[LivingLot]:
    """Returns the lots that have something to spend, or will have."""
    found: list[LivingLot] = []
    place: LotPlace | None = BEGINNING
    while place is not None and place.part != "rest" and len(found) < LOTS:
        listed, place = list_lots(draft, now, place, LISTED, ended=False)
        found += [
            LivingLot(
                draft.key(one.lot),
                one.lot.spendable,
                one.lot.effective_at if one.pending else now,
                None if one.lot.expires_at is None else one.lot.expires_at - one.lot.inclusive,
            )
            for one in listed
            if one.lot.spendable > 0
        ]
    return found
