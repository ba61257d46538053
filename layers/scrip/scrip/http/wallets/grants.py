"""Bodies of what gives credits, corrects them, or moves them to somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.payments.identities import canonical_email
from scrip.http.edge.bodies import (
    LONGER_THAN_NOTHING,
    Amount,
    Body,
    Duration,
    Identifier,
    Instant,
    Label,
    MoneyBody,
    MovementBody,
    Priority,
    Reason,
)
from scrip.services.wallets.allowances import PlanTerms, RolloverTerms
from scrip.services.wallets.compensations import Incident
from scrip.services.wallets.credit_refunds import Source
from scrip.services.wallets.grants import LotTerms


def _distinct(meters: list[str]) -> list[str]:
    if len(set(meters)) != len(meters):
        raise ValueError("must name each meter once")
    return meters


def _expires(text: str) -> str:
    return text if text in ("period_end", "never") else calendar.check_duration(text)


Scope = Annotated[list[Identifier], Field(max_length=limits.SCOPE_METERS), AfterValidator(_distinct)]
Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(canonical_email)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(calendar.check_zone)]
Every = Annotated[
    str,
    AfterValidator(calendar.check_every),
    Field(json_schema_extra={"format": "duration", "pattern": calendar.EVERY_PATTERN}),
]
Share = Annotated[str, StringConstraints(pattern=r"^(0(\.[0-9]{1,18})?|1(\.0{1,18})?)$")]
"""A decimal from 0 to 1."""
Expires = Annotated[
    str,
    AfterValidator(_expires),
    Field(json_schema_extra={"pattern": f"^(period_end|never)$|{LONGER_THAN_NOTHING}"}),
]


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


class TransferBody(MovementBody):
    """``POST /v1/accounts/{account}/transfers``."""

    to_account: Identifier
    amount: Amount


class SourceBody(Body):
    """What was paid."""

    type: Literal["invoice", "payment"]
    id: Label


class RefundBody(MovementBody):
    """``POST /v1/accounts/{account}/refunds``. ``amount``: credits, one for each major unit of ``value`` by default."""

    source: SourceBody
    value: MoneyBody
    paid: MoneyBody
    amount: Amount | None = None

    @model_validator(mode="after")
    def _consistent(self) -> RefundBody:
        if not self.value.amount:
            raise ValueError("value.amount: must be more than zero")
        if self.value.currency != self.paid.currency:
            raise ValueError("value.currency: must be that of paid")
        if self.value.amount > self.paid.amount:
            raise ValueError("value.amount: must not be more than was paid")
        return self

    def of(self) -> Source:
        return Source(self.source.type, self.source.id, self.paid.money())


class IdentitiesBody(Body):
    """Who redeems. Kept as keyed hashes alone."""

    email: Email | None = None
    card_fingerprint: Label | None = None
    device: Label | None = None

    def by_kind(self) -> Mapping[str, str]:
        return {kind: value for kind, value in self.model_dump().items() if value is not None}


class RedemptionBody(MovementBody):
    """``POST /v1/accounts/{account}/redemptions``. The unit is the promotion's."""

    unit: Identifier | None = None  # type: ignore[assignment]  # the promotion says it
    code: Identifier
    identities: IdentitiesBody = Field(default_factory=IdentitiesBody)


class StandingBody(MovementBody):
    """``POST /v1/accounts/{account}/freeze``, ``/unfreeze`` and ``/close``."""

    may_be_missing: ClassVar[bool] = True


class AdjustmentBody(LotBody):
    """``POST /v1/accounts/{account}/adjustments``. What a lot may have goes with a ``credit``."""

    direction: Literal["credit", "debit"]
    amount: Amount
    reason: Reason

    @model_validator(mode="after")
    def _debit_has_no_lot(self) -> AdjustmentBody:
        if self.direction == "debit":
            for name in ("priority", "effective_at", "expires_at", "expires_in", "scope"):
                if name in self.model_fields_set:
                    raise ValueError(f"{name}: goes with a credit")
        return self

    def terms(self) -> LotTerms:
        return self._terms("compensation")


class CompensatedBody(Body):
    """One account of an incident, and what it gets."""

    account: Identifier
    amount: Amount | None = None


class CompensationBody(LotBody):
    """``POST /v1/compensations``. ``amount`` is what an account gets that names none of its own."""

    incident: Identifier
    amount: Amount | None = None
    accounts: Annotated[list[CompensatedBody], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _each_has_an_amount(self) -> CompensationBody:
        seen: set[str] = set()
        for number, one in enumerate(self.accounts):
            if one.amount is None and self.amount is None:
                raise ValueError(f"accounts.{number}.amount: give this, or amount for all")
            if one.account in seen:
                raise ValueError(f"accounts.{number}.account: comes twice")
            seen.add(one.account)
        return self

    def amounts(self) -> list[tuple[str, str]]:
        return [(one.account, one.amount or self.amount or "") for one in self.accounts]

    def of(self) -> Incident:
        return Incident(self.incident, self.unit, self._terms("compensation"))


class RolloverBody(Body):
    """What is carried into a new lot when a lot of the allowance ends."""

    fraction: Share = "1"
    min: Amount = "0"
    max: Amount | None = None
    max_times: Annotated[int, Field(ge=1, le=1000)] | None = 1
    expires_in: Duration | None = None

    def terms(self) -> RolloverTerms:
        return RolloverTerms(self.fraction, self.min, self.max, self.max_times, self.expires_in)


class AllowanceBody(Body):
    """``PUT /v1/accounts/{account}/allowances/{id}``."""

    unit: Identifier = DEFAULT_UNIT
    amount: Amount
    every: Every
    anchor: Instant | None = None
    time_zone: Zone = "UTC"
    expires: Expires = "period_end"
    rollover: RolloverBody | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    paused: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> AllowanceBody:
        if self.rollover and self.expires == "never":
            raise ValueError("rollover: what never expires is never carried over")
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at: must be later than starts_at")
        return self

    def terms(self) -> PlanTerms:
        return PlanTerms(
            amount=self.amount,
            every=self.every,
            zone=self.time_zone,
            anchor=self.anchor,
            expires=self.expires,
            rollover=self.rollover.terms() if self.rollover else None,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            paused=self.paused,
        )
