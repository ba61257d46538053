"""Quotes: what a burn would do now, were it made. Nothing here changes a wallet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrip.domain.credits.entries import Cause, Draw
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.wallets.burns import BurnCredits


@dataclass(frozen=True, slots=True)
class Quote:
    """What a burn would cost, take and leave. Steps; ``refusal`` is the code of the refusal it would meet."""

    amount: int
    draws: Sequence[Draw]
    available_after: int
    rate_version: int | None
    refusal: str | None


def quote(
    executor: Executor, account: str, unit_id: str, command: BurnCredits, moment: Moment
) -> tuple[Quote, Unit]:
    """Returns what the burn would do, and the unit of its amounts.

    Raises:
        NotFound: there is no such unit, or meter.
        PolicyViolation: the meter has no price for it.
        InvalidRequest: the meter is priced in another unit.
        PrecisionExceeded, AmountOutOfRange.
    """
    context = executor.context(account, unit_id, command.meters, fresh=True, fresh_rates=moment.pinned)
    command.to_json(context.unit)  # its amount is looked at before the wallet is
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Quote:
        at = apply_all_due(draft, now)
        draft.take_as_booked()
        priced = command.price(draft, context, at)
        before, saved = draft.totals.available, draft.savepoint()
        try:
            entry = command.decide(draft, context, at, Cause("", "", ""))
        except Refusal as refusal:
            draft.rollback(saved)
            return Quote(priced.steps, [], before, priced.version, refusal.code)
        return Quote(priced.steps, entry.draws, draft.totals.available, priced.version, None)

    return read(executor, context, view), context.unit
