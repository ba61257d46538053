"""Grants: a wallet gets a new lot, at once or when its time comes.

Pure: changes a draft and records an entry, or raises a refusal by name. Does not own which lots pay (``draws``), nor
what becomes of a lot at its end (``expiry``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry, EntryKind
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, Steps
from scrip.domain.credits.lots import NOTE, Kind, Lot, Money, lot_facts
from scrip.domain.credits.terms import NONE as NO_TERMS
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_terms import code_of
from scrip.domain.wallets.notes import sold_as
from scrip.domain.wallets.notices import first_notice, terms_of_notices
from scrip.domain.wallets.repayments import Repaid, repaid
from scrip.domain.wallets.status import require_open


@dataclass(frozen=True, slots=True)
class Grant:
    """Adds credits. Amount in steps, instants in milliseconds; ``effective_at`` None is now.

    ``note`` is what is kept of the lot beside its numbers (source, metadata, terms, tax), as JSON values;
    ``terms`` are its scope and its rollover rule. ``tax`` is what was paid besides ``cost``, in minor units of the same
    currency.
    """

    amount: int
    kind: Kind
    priority: int = limits.DEFAULT_PRIORITY
    effective_at: int | None = None
    expires_at: int | None = None
    cost: Money | None = None
    note: Mapping[str, Any] | None = None
    terms: Terms = NO_TERMS
    tax: int = 0
    tax_at_redemption: bool = False


def grant(
    draft: Draft,
    command: Grant,
    policy: Policy,
    now: int,
    cause: Cause,
    kind: EntryKind = "grant",
    extra: Mapping[str, Any] | None = None,
) -> tuple[Entry, Lot]:
    """Gives the wallet a new lot. Returns the entry, of ``kind``, and the lot.

    Raises:
        InvalidRequest: it would begin before now, or end before it begins.
        AmountOutOfRange: the wallet would hold more than the largest total.
        WalletClosed: a closed wallet takes nothing in.
        PolicyViolation: the wallet's lots have as many different terms as they may.
    """
    effective_at = command.effective_at if command.effective_at is not None else now
    if effective_at < now:
        raise InvalidRequest([("effective_at", "must not be in the past")])
    if command.expires_at is not None and command.expires_at <= effective_at:
        raise InvalidRequest([("expires_at", "must be later than now and than effective_at")])
    within_range(draft, command.amount)
    require_open(draft)
    inclusive = command.expires_at is not None and policy.expiry_boundary == "inclusive"
    terms, spans = terms_of_notices(draft, policy)
    lot = Lot(
        seq=draft.next_seq,
        kind=command.kind,
        granted=command.amount,
        remaining=command.amount,
        effective_at=effective_at,
        expires_at=command.expires_at + inclusive if command.expires_at is not None else None,
        priority=command.priority,
        cost=command.cost,
        basis=command.cost.amount if command.cost else 0,
        n=command.amount if command.cost else 0,
        inclusive=inclusive,
        noted=bool(command.note),
        repays=policy.repay_first,
        terms=code_of(draft, command.terms, now),
        scoped=bool(command.terms.scope),
        rolls=bool(command.terms.rollover),
        tax=command.tax,
        tax_at_redemption=command.tax_at_redemption,
        notices=terms,
    ).unannounced()
    if terms and (first := first_notice(lot, spans)) is not None:
        draft.look(first)
    if command.note:
        draft.keep(NOTE, str(lot.seq), command.note)
    repays = Repaid()
    if effective_at > now:
        draft.add_pending(lot)
    else:
        lot = repaid(draft, lot, lot.granted, repays)
        draft.add(lot)
    facts = lot_facts(lot, command.terms.scope)
    source = (command.note or {}).get("source")
    if isinstance(source, list) and source != list(cause.reference or ()):
        facts["source"] = source
    facts |= sold_as(command.note or {})
    said = {"lot": facts, **repays.extra, **(extra or {})}
    return draft.record(kind, repays.draws, now, cause, said), lot


def within_range(draft: Draft, amount: int) -> None:
    """Checks the total. Raises ``AmountOutOfRange`` where the wallet would hold more than the largest total."""
    if draft.totals.total + amount > limits.LARGEST_TOTAL:
        raise AmountOutOfRange(
            "the wallet would hold more than the largest total", largest=Steps(limits.LARGEST_TOTAL)
        )
