"""Leases, as callers settle them: what the holder spent is booked, and the hold is filled up again.

Does not own the decision (``domain.wallets.leases``), how a lease is placed (``services.wallets.holds``), nor how
records are read and told (``pages``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scrip.domain.credits import calendar
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import hold_id
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import leases
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage.pages import PageOutcome, SentPage, SentRecord


@dataclass(frozen=True, slots=True)
class SettleLease:
    """What a holder says that it has spent, and how it goes on.

    Attributes:
        seq: names the hold within its wallet.
        first: the offset of the first record.
        renew: credits that the hold is to hold then; None: it is not filled up.
        expires_in: how long it lasts from now on (ISO 8601); None: its deadline stays.
    """

    seq: int
    first: int
    records: Sequence[SentRecord | None]
    renew: str | None = None
    expires_in: str | None = None


def settle(
    executor: Executor, request: WalletRequest, command: SettleLease
) -> tuple[PageOutcome, Hold, Unit]:
    """Books the records that are not known yet, and fills the hold up again.

    Returns what became of each record, the hold as it is then, and the unit of all amounts.

    Raises:
        As ``burn_pages.burn``, and ``HoldNotOpen`` where there is something to do and the hold is over.
        PolicyViolation: the hold is no lease, or a record is of another meter.
    """
    stream = hold_id(request.account, request.unit, command.seq)
    page = SentPage(executor, request, stream, command.first, command.records)
    renew = None
    if command.renew is not None:
        renew = parse_amount(command.renew, page.unit.precision, "renew", zero=True)
    hold, done = None, leases.Settled()

    def decide(draft: Draft, context: WalletContext, now: int) -> Entry | None:
        nonlocal hold, done
        placed = leases.lease(draft, command.seq)
        assert placed.lease
        start = min(page.end, max(page.first, placed.lease["next"]))
        known: list[None] = [None] * (start - page.first)
        expires_at = None
        if command.expires_in is not None:
            expires_at = calendar.after(now, command.expires_in, "expires_in")
        wanted = leases.Settlement(
            command.seq,
            page.first,
            [*known, *page.priced(draft, context, now, start)],
            context.unit.policy,
            renew,
            expires_at,
        )
        done = leases.settle(draft, wanted, now, page.cause)
        hold = leases.lease(draft, command.seq)
        return done.entry

    def carry_out() -> bool:
        while page.book(decide):
            page.made += [done.booked] if done.booked else []
            if not done.booked or done.booked.extra["page"]["next"] >= page.end:
                break
        return bool(page.made or done.renewed)

    if not carry_out():
        # No commit has said that what is remembered of the lease is old, and its holder spends what it is told.
        page.fresh = True
        carry_out()
    assert hold
    assert hold.lease
    outcome = page.outcome(hold.lease["next"])
    return replace(outcome, renewed=done.renewed, short=done.short), hold, page.unit
