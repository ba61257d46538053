"""Allowances: the bodies and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.terms import RolloverTerms
from scrip.domain.credits.units import DEFAULT_UNIT, Unit
from scrip.domain.wallets.allowances import NEVER, PERIOD_END, Allowance, Overage, Plan
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import (
    LONGER_THAN_NOTHING,
    Amount,
    AmountOrZero,
    Body,
    Duration,
    Identifier,
    Instant,
    Priority,
    Share,
    Zone,
)
from scrip.http.edge.parameters import format_instant
from scrip.services.engine.paging import Found
from scrip.services.wallets.allowances import PlanTerms

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, LotPriority, Name, Ordinal


def _expires(text: str) -> str:
    return text if text in ("period_end", "never") else calendar.check_duration(text)


Every = Annotated[
    str,
    AfterValidator(calendar.check_every),
    Field(json_schema_extra={"format": "duration", "pattern": calendar.EVERY_PATTERN}),
]
Expires = Annotated[
    str,
    AfterValidator(_expires),
    Field(json_schema_extra={"pattern": f"^(period_end|never)$|{LONGER_THAN_NOTHING}"}),
]


MaxOf = Literal["carried", "living"]
"""What a rollover's `max` is a bound of: what one period's end carries, or all that was carried and still lives."""


class RolloverBody(Body):
    """What is carried into a new lot when a lot ends."""

    fraction: Share = "1"
    """The part of what is left that is carried, 0 to 1."""
    min: AmountOrZero = "0"
    """Carry at least so much, if it is there."""
    max: AmountOrZero | None = None
    """Carry at most so much; null: no bound."""
    max_of: MaxOf = "carried"
    """What `max` is a bound of: `carried`: what one period's end carries; `living`: all that was carried, then and
    before, and still lives, as at Autumn."""
    max_times: Annotated[int, Field(ge=1, le=1000)] | None = 1
    """How often credits may be carried on; null: for ever."""
    expires_in: Duration | None = None
    """How long what is carried lives, ISO 8601. Null: for ever; left out: as the lots themselves do."""

    def terms(self) -> RolloverTerms:
        never = self.expires_in is None and "expires_in" in self.model_fields_set
        return RolloverTerms(
            self.fraction, self.min, self.max, self.max_times, self.expires_in, never, self.max_of == "living"
        )


class AllowanceBody(Body):
    """An allowance: credits that are granted again in each period."""

    unit: Identifier = DEFAULT_UNIT
    """The unit: with the account it names the wallet. Say it where the account has an allowance with this id in another
    unit alone."""
    amount: Amount
    """What each period grants."""
    every: Every
    """The period: a number of days, weeks, months or years, ISO 8601."""
    anchor: Instant | None = None
    """An instant at which a period begins. Left out: as it was, or the start."""
    time_zone: Zone = "UTC"
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    expires: Expires = "period_end"
    """When a period's credits expire: `period_end`, `never`, or an ISO 8601 duration from the grant."""
    rollover: RolloverBody | None = None
    """What becomes of what is left; null: it expires. Not with `expires` `never`."""
    starts_at: Instant | None = None
    """The first instant at which it may grant. Left out: as it was, or now."""
    ends_at: Instant | None = None
    """From when on it grants no more; later than `starts_at`. Null: never."""
    paused: bool = False
    """Whether it grants nothing for now."""
    priority: Priority = limits.DEFAULT_PRIORITY
    """The priority of its lots: lower is taken first."""
    catch_up: bool = False
    """Whether it also grants, each with its own end, the periods from `starts_at` on that were over, or had begun,
    before it was first put."""

    overage: Overage | None = None
    """What becomes of what the wallet owes when a period ends. `forgive`: it is written off; `invoice`: it is written
    off and listed for billing; `carry`: it stays owed, and this allowance's grants do not repay it;
    `carry_auto_repay`: they do. Null: it stays owed, and they repay it as the unit's `repay_first` says."""

    @model_validator(mode="after")
    def _consistent(self) -> AllowanceBody:
        if self.rollover and self.expires == "never":
            raise ValueError(
                "rollover: leave it out, or let the credits expire: what never expires is not carried over"
            )
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
            priority=self.priority,
            catch_up=self.catch_up,
            overage=self.overage,
        )


class RolloverView(TypedDict):
    """What is carried into a new lot when a lot ends."""

    fraction: str
    """The part of what is left, 0 to 1."""
    min: Credits
    """Carry at least so much, if it is there."""
    max: Credits | None
    """Carry at most so much; null: no bound."""
    max_of: MaxOf
    """What `max` is a bound of."""
    max_times: Ordinal | None
    """How often credits may be carried on; null: for ever."""
    expires_in: str | None
    """How long what is carried lives, ISO 8601; null: as the lots themselves, or (`never_expires`) for ever."""
    never_expires: bool
    """Whether what is carried lives for ever."""


class AllowanceView(TypedDict):
    """A recurring grant, its defaults filled in."""

    allowance_id: Name
    """Its id, the caller's."""
    unit: Name
    """What its credits are counted in."""
    amount: Credits
    """What each period grants."""
    every: str
    """The period, ISO 8601."""
    anchor: At
    """An instant at which a period begins."""
    time_zone: str
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    expires: str
    """`period_end`, `never`, or an ISO 8601 duration from the grant."""
    rollover: RolloverView | None
    """What becomes of what is left; null: it expires."""
    starts_at: At
    """The first instant at which it may grant."""
    ends_at: At | None
    """From when on it grants no more."""
    paused: bool
    """Whether it grants nothing for now."""
    priority: LotPriority
    """The priority of its lots."""
    catch_up: bool
    """Whether it also grants what it missed before it was first put."""
    overage: Overage | None
    """What becomes of what the wallet owes when a period ends; null: its grants repay it as the unit says."""
    next_at: At | None
    """When it is to grant next; null: never, as it is."""
    version: Ordinal
    """Counts changes."""


class AllowancePageView(TypedDict):
    """Allowances of a wallet, by their ids. A page may be short, or empty, and yet have a `next_cursor`."""

    items: list[AllowanceView]
    """The allowances."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def allowance_page_view(listed: Sequence[Allowance], following: str | None, unit: Unit) -> AllowancePageView:
    """Shows these allowances. ``following`` is the id that the list goes on after."""
    found = Found([(one.name, one) for one in listed], following)
    items, cursor = pages.shown(found, lambda one: allowance_view(one, unit))
    return {"items": items, "next_cursor": cursor}


def allowance_view(allowance: Allowance, unit: Unit) -> AllowanceView:
    """Shows an allowance as it was put, its defaults filled in, and when it grants next."""
    plan, precision = allowance.plan, unit.precision
    # At its end it grants nothing, though what is owed then is settled.
    next_at = None if allowance.next_at == plan.ends_at else allowance.next_at
    return {
        "allowance_id": allowance.name,
        "unit": unit.unit,
        "amount": format_amount(plan.amount, precision),
        "every": plan.every,
        "anchor": format_instant(plan.anchor),
        "time_zone": plan.zone,
        "expires": plan.expires,
        "rollover": _rollover_view(plan, precision),
        "starts_at": format_instant(plan.starts_at),
        "ends_at": None if plan.ends_at is None else format_instant(plan.ends_at),
        "paused": plan.paused,
        "priority": plan.priority,
        "catch_up": plan.catch_up,
        "overage": plan.overage,
        "next_at": None if next_at is None else format_instant(next_at),
        "version": allowance.version,
    }


def _rollover_view(plan: Plan, precision: int) -> RolloverView | None:
    rule = plan.rollover
    if rule is None:
        return None
    again = plan.expires if plan.expires not in (PERIOD_END, NEVER) else None
    return {
        "fraction": rule.fraction,
        "min": format_amount(rule.least, precision),
        "max": None if rule.most is None else format_amount(rule.most, precision),
        "max_of": "living" if rule.living else "carried",
        "max_times": rule.times,
        "expires_in": None if rule.expires_in == again else rule.expires_in,
        "never_expires": rule.never,
    }
