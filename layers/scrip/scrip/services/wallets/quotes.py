"""What a burn would do now, were it made. Nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Draw
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.wallets.burns import Spending, context_with_rates, decide, price


@dataclass(frozen=True, slots=True)
class Quote:
    """What a burn would cost, take and leave. Steps; ``refusal`` is the code of the refusal it would meet."""

    amount: int
    draws: Sequence[Draw]
    available_after: int
    rate_version: int | None
    refusal: str | None


def quote(
    executor: Executor, account: str, unit_id: str, spending: Spending, moment: Moment
) -> tuple[Quote, Unit]:
    """The quote, and its unit.

    Raises:
        NotFound: there is no such unit, or meter.
        PolicyViolation: the meter has no price for it.
        InvalidRequest: the meter is priced in another unit.
        PrecisionExceeded, AmountOutOfRange.
    """
    context = context_with_rates(executor, account, unit_id, [spending], fresh=True)
    steps = parse_optional(spending.amount, context.unit.precision)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Quote:
        at = apply_all_due(draft, now)
        draft.take_as_booked()
        amount, version = steps, None
        if amount is None:
            priced = price(draft, context, spending, at)
            amount, version = priced.steps, priced.version
        before = draft.totals.available
        saved = draft.savepoint()
        try:
            entry = decide(draft, context, spending, steps, at, Cause("", "", ""))
        except Refusal as refusal:
            draft.rollback(saved)
            return Quote(amount, [], before, version, refusal.code)
        return Quote(amount, entry.draws, draft.totals.available, version, None)

    return read(executor, context, view), context.unit
