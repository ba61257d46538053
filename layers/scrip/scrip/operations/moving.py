"""Grants and burns, as callers ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scrip.domain import calendar, decide, limits
from scrip.domain.amounts import parse_amount
from scrip.domain.book import Book
from scrip.domain.entries import Cause, Entry, fingerprint, key_entry_id
from scrip.domain.lots import Kind, Money
from scrip.domain.units import Policy, Unit
from scrip.operations.teller import Done, Moment, Teller


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, when, under which key."""

    key: str
    actor: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class About:
    """What a caller says of a movement, for whoever reads the ledger later."""

    reference: tuple[str, str] | None = None
    reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a lot that is granted. Instants in milliseconds, ``cost`` in minor units for the whole lot."""

    kind: Kind = "promotional"
    priority: int = limits.DEFAULT_PRIORITY
    effective_at: int | None = None
    expires_at: int | None = None
    expires_in: str | None = None
    cost: Money | None = None


def grant(
    teller: Teller, account: str, unit_id: str, amount: str, terms: Terms, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Adds credits: the wallet has a new lot, which the entry's ``extra`` shows as it was then.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest, WalletClosed, KeyReused, Contended.
    """
    desk = teller.desk(account, unit_id)
    steps = parse_amount(amount, desk.unit.precision)
    cause = _cause("grant", account, unit_id, caller, about, {"amount": str(steps), **_json(terms)})
    note = _note(about)

    def act(book: Book, now: int) -> Entry:
        order = decide.Grant(
            amount=steps,
            kind=terms.kind,
            priority=terms.priority,
            effective_at=terms.effective_at,
            expires_at=expiry(terms, desk.unit.policy, now),
            cost=terms.cost,
            note=note,
        )
        return decide.grant(book, order, desk.unit.policy, now, cause)[0]

    done = teller.carry_out(desk, caller.moment, act, cause)
    assert isinstance(done, Done)
    return done, desk.unit


def burn(
    teller: Teller, account: str, unit_id: str, amount: str, mode: decide.Mode, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Spends credits now.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, WalletClosed, WalletFrozen, InsufficientCredits, PolicyViolation,
        KeyReused, Contended.
    """
    desk = teller.desk(account, unit_id)
    steps = parse_amount(amount, desk.unit.precision)
    cause = _cause("burn", account, unit_id, caller, about, {"amount": str(steps), "mode": mode})

    def act(book: Book, now: int) -> Entry:
        return decide.burn(book, steps, mode, desk.unit.policy, now, cause)

    done = teller.carry_out(desk, caller.moment, act, cause)
    assert isinstance(done, Done)
    return done, desk.unit


def expiry(terms: Terms, policy: Policy, now: int) -> int | None:
    """When a lot granted now on these terms expires: as they say, else as the unit's policy says."""
    if terms.expires_at is not None:
        return terms.expires_at
    duration = terms.expires_in or policy.default_expires_in
    if not duration:
        return None
    start = terms.effective_at if terms.effective_at is not None else now
    return calendar.after(start, duration, "expires_in")


def _cause(
    operation: str, account: str, unit_id: str, caller: Caller, about: About, command: Mapping[str, Any]
) -> Cause:
    said = {
        "reference": about.reference,
        "reason": about.reason,
        "metadata": dict(about.metadata),
    }
    return Cause(
        entry_id=key_entry_id(caller.key),
        fingerprint=fingerprint(operation, {"account": account, "unit": unit_id, **command, **said}),
        actor=caller.actor,
        reference=about.reference,
        reason=about.reason,
        metadata=about.metadata,
    )


def _json(terms: Terms) -> dict[str, Any]:
    return {
        "kind": terms.kind,
        "priority": terms.priority,
        "effective_at": terms.effective_at,
        "expires_at": terms.expires_at,
        "expires_in": terms.expires_in,
        "cost": [terms.cost.amount, terms.cost.currency] if terms.cost else None,
    }


def _note(about: About) -> dict[str, Any] | None:
    note: dict[str, Any] = {}
    if about.reference:
        note["source"] = list(about.reference)
    if about.metadata:
        note["metadata"] = dict(about.metadata)
    return note or None
