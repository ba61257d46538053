"""Grants: the bodies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits import limits
from scrip.http.edge.bodies import (
    UNIQUE,
    Amount,
    Duration,
    Identifier,
    Instant,
    LifetimeBody,
    MoneyBody,
    MovementBody,
    Priority,
    distinct,
)
from scrip.services.wallets.grants import GrantCredits, LotTerms

Scope = Annotated[
    list[Identifier],
    Field(max_length=limits.SCOPE_METERS, json_schema_extra=UNIQUE),
    AfterValidator(distinct),
]

GrantKind = Literal["paid", "promotional", "refund", "compensation"]
"""The kinds of lot that a caller may grant."""


class LotBody(LifetimeBody, MovementBody):
    """What a lot that is granted may have."""

    priority: Priority = limits.DEFAULT_PRIORITY
    """Lower is taken first."""
    effective_at: Instant | None = None
    """From when on the credits can be spent; not before now, which it is where left out."""
    expires_at: Instant | None = None
    """Until when; later than now and than `effective_at`. Null: for ever. Not together with `expires_in`."""
    expires_in: Duration | None = None
    """How long the credits live, from `effective_at` on; a calendar duration, ISO 8601. Null: for ever; left out, and
    `expires_at` too: as the unit's policy says."""
    scope: Scope = Field(default_factory=list)
    """The meters that these credits may pay for; none: everything."""

    @model_validator(mode="after")
    def _one_end(self) -> LotBody:
        if self.expires_at is not None and self.expires_in is not None:
            raise ValueError("expires_in: send either this or expires_at, not both")
        return self

    def _terms(self, kind: Any, cost: MoneyBody | None = None) -> LotTerms:
        return LotTerms(
            kind=kind,
            priority=self.priority,
            effective_at=self.effective_at,
            expires_at=self.expires_at,
            expires_in=self.expires_in,
            cost=cost.money() if cost else None,
            scope=tuple(self.scope),
            time_zone=self.time_zone,
            end_of=self.end_of,
            never_expires=self.never_expires,
        )

    @property
    def never_expires(self) -> bool:
        """Tells whether it was said that the credits live for ever: by a null, where nothing else is an end."""
        said = self.model_fields_set & {"expires_at", "expires_in"}
        return bool(said) and self.expires_at is None and self.expires_in is None


class GrantBody(LotBody):
    """Credits to add, as one lot."""

    amount: Amount
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""
    kind: GrantKind = "promotional"
    """How the credits come."""
    cost_basis: MoneyBody | None = None
    """Money paid for the whole lot. Only with kind `paid` or `refund`."""

    @model_validator(mode="after")
    def _consistent(self) -> GrantBody:
        if self.cost_basis and self.kind not in ("paid", "refund"):
            raise ValueError(
                f"cost_basis: leave it out of a {self.kind} grant: only paid and refund have one"
            )
        return self

    def command(self) -> GrantCredits:
        return GrantCredits(self.amount, self._terms(self.kind, self.cost_basis))
