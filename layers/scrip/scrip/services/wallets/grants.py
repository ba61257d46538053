"""Grants, as callers ask for them, and the terms of the lots that they make.

Does not own the decision (``domain.wallets.grants``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.lots import Kind, Money
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Result
from scrip.services.engine.requests import About, Caller, cause_of, execute


@dataclass(frozen=True, slots=True)
class LotTerms:
    """The terms of a lot that is granted. Instants in milliseconds, ``cost`` in minor units for the whole lot."""

    kind: Kind = "promotional"
    priority: int = limits.DEFAULT_PRIORITY
    effective_at: int | None = None
    expires_at: int | None = None
    expires_in: str | None = None
    cost: Money | None = None
    scope: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        cost = [self.cost.amount, self.cost.currency] if self.cost else None
        return {
            "kind": self.kind,
            "priority": self.priority,
            "effective_at": self.effective_at,
            "expires_at": self.expires_at,
            "expires_in": self.expires_in,
            "cost": cost,
            "scope": sorted(self.scope),
        }


def grant(
    executor: Executor, account: str, unit_id: str, amount: str, terms: LotTerms, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Adds credits: the wallet has a new lot, which the entry's ``extra`` shows as it was then.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest, WalletClosed, PolicyViolation, KeyReused, Contended.
    """
    context = executor.context(account, unit_id)
    steps = parse_amount(amount, context.unit.precision)
    cause = cause_of("grant", account, unit_id, caller, about, {"amount": str(steps), **terms.to_json()})

    def act(draft: Draft, now: int) -> Entry:
        order = on_terms(steps, terms, context.unit.policy, now, about.note())
        return grants.grant(draft, order, context.unit.policy, now, cause)[0]

    return execute(executor, context, caller, cause, act)


def on_terms(
    steps: int, terms: LotTerms, policy: Policy, now: int, note: Mapping[str, Any] | None
) -> grants.Grant:
    """Returns the grant of ``steps`` on these terms, decided now."""
    return grants.Grant(
        amount=steps,
        kind=terms.kind,
        priority=terms.priority,
        effective_at=terms.effective_at,
        expires_at=expiry(terms, policy, now),
        cost=terms.cost,
        note=note,
        terms=Terms(scope=tuple(sorted(terms.scope))),
    )


def expiry(terms: LotTerms, policy: Policy, now: int) -> int | None:
    """Returns when a lot granted now on these terms expires: as they say, else as the unit's policy says."""
    if terms.expires_at is not None:
        return terms.expires_at
    duration = terms.expires_in or policy.default_expires_in
    if not duration:
        return None
    start = terms.effective_at if terms.effective_at is not None else now
    return calendar.after(start, duration, "expires_in")
