"""Grants, as callers ask for them, and the terms of the lots that they make.

Owns the command, its fingerprint and the terms. Does not own the decision (``domain.wallets.grants``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.lifetimes import lifetime_json, lifetime_of
from scrip.domain.credits.lots import Kind, Money
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.requests import WalletCommand


@dataclass(frozen=True, slots=True)
class LotTerms:
    """The terms of a lot that is granted. Instants in milliseconds, ``cost`` in minor units for the whole lot.

    ``time_zone`` and ``end_of`` are those of ``expires_in``, as of a ``Lifetime``. ``never_expires`` says that there is
    no end; where nothing says an end, the unit's policy does.
    """

    kind: Kind = "promotional"
    priority: int = limits.DEFAULT_PRIORITY
    effective_at: int | None = None
    expires_at: int | None = None
    expires_in: str | None = None
    cost: Money | None = None
    scope: tuple[str, ...] = ()
    time_zone: str = "UTC"
    end_of: EndOf | None = None
    never_expires: bool = False

    def to_json(self) -> dict[str, Any]:
        """Returns the terms as fingerprints have them."""
        cost = [self.cost.amount, self.cost.currency] if self.cost else None
        return {
            "kind": self.kind,
            "priority": self.priority,
            "effective_at": self.effective_at,
            "expires_at": self.expires_at,
            "expires_in": self.expires_in,
            "cost": cost,
            "scope": sorted(self.scope),
            **lifetime_json(self.time_zone, self.end_of, self.never_expires),
        }


@dataclass(frozen=True, slots=True)
class GrantCredits(WalletCommand):
    """Adds credits: the wallet has a new lot on these terms, which the entry's ``extra`` shows as it was then.

    ``incident`` is what is made good, None where nothing is.
    """

    operation: ClassVar[str] = "grant"
    amount: str
    terms: LotTerms
    incident: str | None = None

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the amount in steps, the terms, and the incident where there is one."""
        incident = {"incident": self.incident} if self.incident else {}
        return {"amount": str(parse_amount(self.amount, unit.precision)), **self.terms.to_json(), **incident}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Grants. Raises as ``domain.wallets.grants.grant``."""
        steps, policy = parse_amount(self.amount, context.unit.precision), context.unit.policy
        order = on_terms(steps, self.terms, policy, now, note_of(cause))
        extra = {"incident": self.incident} if self.incident else None
        return grants.grant(draft, order, policy, now, cause, extra=extra)[0]


def note_of(cause: Cause) -> dict[str, Any]:
    """Returns what is kept of a cause with a lot that its entry makes: the reference as its source, and metadata."""
    source = {"source": list(cause.reference)} if cause.reference else {}
    metadata = {"metadata": dict(cause.metadata)} if cause.metadata else {}
    return {**source, **metadata}


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
        note=note or None,
        terms=Terms(scope=tuple(sorted(terms.scope))),
    )


def expiry(terms: LotTerms, policy: Policy, now: int) -> int | None:
    """Returns when a lot granted now on these terms expires: as they say, else as the unit's policy says."""
    if terms.expires_at is not None:
        return terms.expires_at
    said = lifetime_of(terms.expires_in, terms.time_zone, terms.end_of, terms.never_expires)
    start = terms.effective_at if terms.effective_at is not None else now
    return (said or policy.lifetime).end(start, inclusive=policy.expiry_boundary == "inclusive")
