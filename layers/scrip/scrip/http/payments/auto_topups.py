"""Automatic top-ups: the body and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits import calendar
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.payments.auto_topup import DEFAULT_EVERY, AutoTopup, AutoTopupTerms, Cap
from scrip.http.edge.answers import MoneyView, TypedDict, money_view
from scrip.http.edge.bodies import Amount, AmountOrZero, Body, Identifier, Instant, MoneyBody, Zone
from scrip.http.edge.parameters import format_instant
from scrip.http.payments.topups import DEFAULT_PROVIDER, MAX_QUANTITY, Provider
from scrip.services.payments.auto_topups import AutoTopupRequest, CapRequest

if TYPE_CHECKING:
    from scrip.domain.payments.auto_topup import AutoTopupReason, AutoTopupState
    from scrip.http.edge.forms import At, Count, Credits, Name, Ordinal, PackCount

MOST: Final = 1_000
"""Charges of one period at most."""
Every = Annotated[
    str,
    AfterValidator(calendar.check_every),
    Field(json_schema_extra={"format": "duration", "pattern": calendar.EVERY_PATTERN}),
]


class CapBody(Body):
    """How much may be charged in each period: `count`, `money`, or both."""

    every: Every = DEFAULT_EVERY
    """The period: a number of days, weeks, months or years, ISO 8601."""
    time_zone: Zone = "UTC"
    """The zone whose calendar the period keeps, of the IANA database."""
    anchor: Instant | None = None
    """An instant at which a period begins. Left out: as it was, or the first day of this month there."""
    count: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """At most so many charges; null: any number."""
    money: MoneyBody | None = None
    """At most so much, without tax, in the pack's currency; null: any amount."""

    @model_validator(mode="after")
    def _caps_something(self) -> CapBody:
        """Refuses a cap of nothing."""
        if self.count is None and self.money is None:
            raise ValueError("count: say this, or money, or both")
        if self.money is not None and not self.money.amount:
            raise ValueError("money.amount: must be more than 0; to stop it, put enabled false")
        return self

    def cap(self) -> CapRequest:
        """Returns the cap that the body asks for."""
        money = self.money.money() if self.money else None
        return CapRequest(self.every, self.time_zone, self.anchor, self.count, money)


class AutoTopupBody(Body):
    """When a wallet is topped up by itself, with what, and how often at most."""

    threshold: AmountOrZero
    """With so many credits available, or fewer, it tops up."""
    pack: Identifier
    """The pack that is ordered, of the wallet's unit; it is paid once, and renews by itself no more."""
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] | None = None
    """How many packs. Left out: one, or as many as `target` takes."""
    target: Amount | None = None
    """Order the fewest packs with which so many credits are available, instead of `quantity`; more than `threshold`."""
    provider: Provider = DEFAULT_PROVIDER
    """Where the payment method is kept that is charged."""
    cap: CapBody | None = None
    """What is charged at most; null: whatever the threshold asks for."""
    enabled: bool = True
    """Whether it tops up. To put it so also forgets failures."""

    @model_validator(mode="after")
    def _one(self) -> AutoTopupBody:
        """Refuses a quantity beside a target."""
        if self.quantity is not None and self.target is not None:
            raise ValueError("target: send either this or quantity")
        return self

    def wanted(self) -> AutoTopupRequest:
        """Returns what the body asks for."""
        return AutoTopupRequest(
            threshold=self.threshold,
            pack=self.pack,
            provider=self.provider,
            quantity=None if self.target is not None else self.quantity or 1,
            target=self.target,
            cap=self.cap.cap() if self.cap else None,
            enabled=self.enabled,
        )


class CapView(TypedDict):
    """How much may be charged in each period."""

    every: str
    """The period, ISO 8601."""
    time_zone: str
    """The zone whose calendar it keeps."""
    anchor: At
    """An instant at which a period begins."""
    count: Ordinal | None
    """At most so many charges; null: any number."""
    money: MoneyView | None
    """At most so much, without tax; null: any amount."""


# A member that is a keyword of Python can be declared in no other way.
SpentFromView = TypedDict("SpentFromView", {"from": "At"})
"""The period's first instant."""


class SpentView(SpentFromView):
    """What was charged in a period: charges that the provider says are paid."""

    to: At
    """The first instant after the period."""
    count: Count
    """How many charges."""
    money: MoneyView | None
    """How much, without tax, in the currency of the cap, or of the last charge; null where there was none."""


class AutoTopupTermsView(TypedDict):
    """When a wallet is topped up by itself, with what, and how often at most."""

    unit: Name
    """The wallet's unit."""
    threshold: Credits
    """With so many credits available, or fewer, it tops up."""
    pack: Name
    """The pack that is ordered."""
    quantity: PackCount | None
    """How many packs; null: as many as `target` takes."""
    target: Credits | None
    """What is available after it; null: whatever `quantity` packs bring."""
    provider: Provider
    """Where the payment method is kept that is charged."""
    cap: CapView | None
    """What is charged at most; null: whatever the threshold asks for."""
    enabled: bool
    """Whether it tops up."""


class AutoTopupView(AutoTopupTermsView):
    """A wallet's automatic top-up, and how it is."""

    state: AutoTopupState
    """What it is doing."""
    reason: AutoTopupReason | None
    """Why; null where it needs none."""
    spent: SpentView
    """What was charged in the cap's present period; without a cap, in this calendar month."""
    next_attempt_at: At | None
    """When it tries again, while it is `backing_off`; null otherwise."""


def auto_topup_terms_view(terms: AutoTopupTerms, unit: Unit) -> AutoTopupTermsView:
    """Shows what an automatic top-up is to do."""
    return {
        "unit": unit.unit,
        "threshold": format_amount(terms.threshold, unit.precision),
        "pack": terms.pack,
        "quantity": terms.quantity,
        "target": None if terms.target is None else format_amount(terms.target, unit.precision),
        "provider": terms.provider,
        "cap": _cap_view(terms.cap) if terms.cap else None,
        "enabled": terms.enabled,
    }


def auto_topup_view(known: AutoTopup, unit: Unit, now: int) -> AutoTopupView:
    """Shows an automatic top-up as it is at ``now``, epoch milliseconds."""
    assert known.terms
    at = known.next_attempt_at
    return {
        **auto_topup_terms_view(known.terms, unit),
        "state": known.state,
        "reason": known.reason,
        "spent": _spent_view(known, now),
        "next_attempt_at": None if at is None else format_instant(at),
    }


def _cap_view(cap: Cap) -> CapView:
    return {
        "every": cap.every,
        "time_zone": cap.time_zone,
        "anchor": format_instant(cap.anchor),
        "count": cap.count,
        "money": money_view(cap.money) if cap.money else None,
    }


def _spent_view(known: AutoTopup, now: int) -> SpentView:
    spent, cap = known.spent(now), known.terms.cap if known.terms else None
    currency = cap.money.currency if cap and cap.money else next(reversed(list(spent.money)), None)
    return {
        "from": format_instant(spent.since),
        "to": format_instant(spent.until),
        "count": spent.count,
        "money": money_view(Money(spent.money.get(currency, 0), currency)) if currency else None,
    }
