"""Quotes: what a burn, a hold or a capture would do now, were it made. Nothing here changes a wallet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scrip.domain.credits import calendar
from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.holds import CaptureHold, PlaceHold
from scrip.services.wallets.pricing import Priced

Quotable = BurnCredits | PlaceHold | CaptureHold
"""What may be asked for in a quote."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What would be done. Credit steps; ``amount`` is ``burned``, ``held`` and ``missing`` together.

    Attributes:
        amount: what it costs, or is to be set aside.
        burned, held: what would be spent, or set aside.
        missing: what would be neither.
        draws: what lots would give.
        rate_version: the version that priced it; None of an amount, and of several items.
        refusal: the code of the refusal that it would meet; ``budget``: the name of the budget that would refuse it.
        extra: what the entry would say of its usage and items.
        token: what locks the price; None where that was not asked for.
        token_ends_at: until when, in epoch milliseconds.
    """

    amount: int
    burned: int
    held: int
    missing: int
    draws: Sequence[Draw]
    available_after: int
    rate_version: int | None
    refusal: str | None
    budget: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None
    token_ends_at: int = 0


@dataclass(frozen=True, slots=True)
class Locking:
    """That the price is to be locked: for how long (ISO 8601), and with which key."""

    lock_for: str
    key: Callable[[], bytes]


def quote(
    executor: Executor,
    account: str,
    unit_id: str,
    command: Quotable,
    moment: Moment,
    locking: Locking | None = None,
    member: str | None = None,
) -> tuple[Quote, Unit]:
    """Returns what the command would do, and the unit of its amounts.

    Args:
        member: who would use the credits: that one's budgets are looked at.

    Raises:
        NotFound: there is no such unit, meter or hold.
        PolicyViolation: the meter has no price for it, or the hold is not for that meter.
        InvalidRequest: the meter is priced in another unit.
        PrecisionExceeded, AmountOutOfRange.
    """
    context = executor.context(account, unit_id, command.meters, fresh=True, fresh_rates=moment.pinned)
    command.to_json(context.unit)  # its amount is looked at before the wallet is
    now = reading_instant(context.snapshot.wallet, moment)
    decide = command.attempt(executor, context, moment).decide

    def view(draft: Draft) -> Quote:
        at = apply_all_due(draft, now)
        draft.take_as_booked()
        priced = command.quoted(executor, draft, context, moment, at)
        locked = _locked(draft, context.unit, command, priced, at, locking)
        listed = command.items is not None
        before, saved, said = draft.totals.available, draft.savepoint(), priced.usage(listed)
        try:
            entry = None
            while entry is None:
                draft.take_as_booked()
                entry = decide(draft, context, at, Cause("", "", "", member=member))
        except Refusal as refusal:
            draft.rollback(saved)
            budget = refusal.facts.get("budget_id")
            made = Quote(
                priced.steps, 0, 0, priced.steps, [], before, priced.version, refusal.code, budget, said
            )
            return replace(made, **locked)
        return replace(_done(draft, entry, priced.steps, priced.version, said), **locked)

    return read(executor, context, view), context.unit


def _locked(
    draft: Draft, unit: Unit, command: Quotable, priced: Priced, at: int, locking: Locking | None
) -> dict[str, Any]:
    """Returns the members of a quote that lock its price."""
    if locking is None:
        return {}
    # Imported where a price is locked: no other request pays for it.
    from scrip.services.wallets import locks

    ends_at = calendar.after(at, locking.lock_for, "lock_for")
    token = locks.sign(locking.key(), command.asked(draft, unit), ends_at, priced)
    return {"token": token, "token_ends_at": ends_at}


def _done(draft: Draft, entry: Entry, amount: int, version: int | None, said: Mapping[str, Any]) -> Quote:
    """Returns what the entry did."""
    held = amount if entry.kind == "hold" else 0
    items = {"items": entry.extra["items"]} if "items" in entry.extra else {}
    after = draft.totals.available
    missing = amount + entry.amount - held
    return Quote(
        amount, -entry.amount, held, missing, entry.draws, after, version, None, None, {**said, **items}
    )
