"""Grants: the bodies, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import WarningView
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
from scrip.http.wallets.movements import GrantedView, granted_view
from scrip.services.wallets.grants import GrantCredits, LotTerms

if TYPE_CHECKING:
    from typing import NotRequired

Scope = Annotated[
    list[Identifier],
    Field(max_length=limits.SCOPE_METERS, json_schema_extra=UNIQUE),
    AfterValidator(distinct),
]

WITH_MONEY: Final = ("paid", "refund")
"""The kinds of lot that money is paid or kept for."""
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
        if self.cost_basis and self.kind not in WITH_MONEY:
            raise ValueError(
                f"cost_basis: leave it out of a {self.kind} grant: only paid and refund have one"
            )
        return self

    def command(self) -> GrantCredits:
        return GrantCredits(self.amount, self._terms(self.kind, self.cost_basis))


class GrantMadeView(GrantedView):
    """The entry, the balance right after it, and the lot it made."""

    warnings: NotRequired[list[WarningView]]
    """What is perhaps not as it was meant; left out where there is nothing."""


def grant_view(entry: Entry, unit: Unit) -> GrantMadeView:
    """Shows a grant with its lot, and warns of one that says it was paid and not what: it counts as free (law 7)."""
    made = granted_view(entry, unit)
    view: GrantMadeView = {"entry": made["entry"], "balance": made["balance"], "lot": made["lot"]}
    kind = view["lot"]["kind"]
    if kind not in WITH_MONEY or view["lot"]["cost_basis"] is not None:
        return view
    said = (
        f"credits of kind {kind} without a cost_basis count as free: if money was paid for them, void the lot and "
        'grant it again with what was paid, such as {"amount": 1000, "currency": "USD"} for ten dollars'
    )
    view["warnings"] = [{"field": "cost_basis", "message": said}]
    return view
