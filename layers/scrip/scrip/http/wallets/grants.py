"""Grants: the bodies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits import limits
from scrip.http.edge.bodies import Amount, Duration, Identifier, Instant, MoneyBody, MovementBody, Priority
from scrip.services.wallets.grants import LotTerms


def _distinct(meters: list[str]) -> list[str]:
    if len(set(meters)) != len(meters):
        raise ValueError("must name each meter once")
    return meters


Scope = Annotated[list[Identifier], Field(max_length=limits.SCOPE_METERS), AfterValidator(_distinct)]


class LotBody(MovementBody):
    """What a lot that is granted may have."""

    priority: Priority = limits.DEFAULT_PRIORITY
    effective_at: Instant | None = None
    expires_at: Instant | None = None
    expires_in: Duration | None = None
    scope: Scope = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_end(self) -> LotBody:
        if self.expires_at is not None and self.expires_in is not None:
            raise ValueError("expires_in: give this or expires_at, not both")
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
        )


class GrantBody(LotBody):
    """``POST /v1/accounts/{account}/grants``."""

    amount: Amount
    kind: Literal["paid", "promotional", "refund", "compensation"] = "promotional"
    cost_basis: MoneyBody | None = None

    @model_validator(mode="after")
    def _consistent(self) -> GrantBody:
        if self.cost_basis and self.kind not in ("paid", "refund"):
            raise ValueError(f"cost_basis: a {self.kind} grant has none")
        return self

    def terms(self) -> LotTerms:
        return self._terms(self.kind, self.cost_basis)
