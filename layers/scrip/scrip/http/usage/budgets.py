"""Budgets: the body and the answers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field

from scrip.domain.credits import calendar
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import DEFAULT_UNIT, Unit
from scrip.domain.wallets.budgets import BudgetAction, BudgetTerms
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, AmountOrZero, Body, Identifier, Instant, Zone
from scrip.http.edge.mistakes import matching
from scrip.http.edge.parameters import ID_FORM, ID_PATTERN, format_instant
from scrip.services.engine.paging import Found
from scrip.services.usage.budgets import KnownBudget, WantedBudget

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, Name, Ordinal

MARKS: Final = 10
"""Marks of one budget at most."""
MARK_PATTERN: Final = r"^(?!0(\.0+)?%$)(0|[1-9][0-9]?)(\.[0-9]{1,4})?%$"
WHOSE_PATTERN: Final = ID_PATTERN.replace("^", r"^(\*|", 1).replace("$", ")$")


def _ascending(marks: list[str]) -> list[str]:
    """Refuses a mark that comes twice. Returns them, the smallest first."""
    ordered = sorted(marks, key=_part)
    if len({_part(mark) for mark in marks}) < len(marks):
        raise ValueError("name each one once")
    return ordered


def _part(mark: str) -> Fraction:
    return Fraction(mark.removesuffix("%"))


def _mark(text: str) -> str:
    if not _part(text):
        raise ValueError("must be more than 0%")
    return text


Mark = Annotated[
    str,
    matching(r"^(0|[1-9][0-9]?)(\.[0-9]{1,4})?%$", "must be a percentage below 100% such as 80%"),
    AfterValidator(_mark),
    Field(json_schema_extra={"pattern": MARK_PATTERN}),
]
Marks = Annotated[list[Mark], Field(max_length=MARKS, json_schema_extra=UNIQUE), AfterValidator(_ascending)]
Every = Annotated[
    str,
    AfterValidator(calendar.check_every),
    Field(json_schema_extra={"format": "duration", "pattern": calendar.EVERY_PATTERN}),
]
Whose = Annotated[str, matching(WHOSE_PATTERN, f"{ID_FORM}, or * for each member")]


class BudgetBody(Body):
    """How much may be spent of a wallet in each period."""

    unit: Identifier = DEFAULT_UNIT
    """The unit: with the account it names the wallet. Say it where the account has a budget with this id in another
    unit alone."""
    limit: AmountOrZero
    """What may be spent in a period; `0`: nothing."""
    every: Every
    """The period: a number of days, weeks, months or years, ISO 8601."""
    anchor: Instant | None = None
    """An instant at which a period begins. Left out: as it was, or the calendar's: a midnight, of a Monday, of the
    first of a month or of a year; several of them are counted from 1 January 1973."""
    time_zone: Zone = "UTC"
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    member: Whose | None = None
    """Whose spending counts: that of one member, or `*`: of each member for itself. Null: all of the wallet's."""
    meter: Identifier | None = None
    """Only what is spent for this meter; null: whatever it is spent for."""
    warn_at: Marks = Field(default_factory=list)
    """Percentages of the limit, such as `80%`: what passes one is told as `scrip.budget.warning`."""
    action: BudgetAction = "refuse"
    """What becomes of what would be spent beyond the limit: `refuse`: 402 `budget_exceeded`; `notify`: it is taken, and
    only told."""

    def wanted(self) -> WantedBudget:
        """Returns what the body asks for."""
        return WantedBudget(
            self.limit,
            self.every,
            self.time_zone,
            self.anchor,
            self.member,
            self.meter,
            tuple(self.warn_at),
            self.action,
        )


# A member that is a keyword of Python can be declared in no other way.
SpentSinceView = TypedDict("SpentSinceView", {"from": "At"})
"""The first instant of its present period."""


class BudgetTermsView(TypedDict):
    """What a budget says."""

    budget_id: Name
    """Its id, the caller's."""
    unit: Name
    """What its credits are counted in."""
    limit: Credits
    """What may be spent in a period."""
    every: str
    """The period, ISO 8601."""
    anchor: At
    """An instant at which a period begins."""
    time_zone: str
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    member: str | None
    """Whose spending counts; `*`: of each member for itself. Null: all of the wallet's."""
    meter: Name | None
    """Only what is spent for this meter; null: whatever it is spent for."""
    warn_at: list[str]
    """Percentages of the limit that are told of, smallest first."""
    action: BudgetAction
    """What becomes of what would be spent beyond the limit."""


class BudgetView(SpentSinceView, BudgetTermsView):
    """A budget, and what is spent of it in its present period."""

    spent: Credits | None
    """What was spent, or is held, in the present period. Null where each member has a counter of its own, and the
    request names no `member`."""
    resets_at: At
    """When the next period begins, with nothing spent."""
    version: Ordinal
    """Counts changes."""


class BudgetPageView(TypedDict):
    """Budgets of a wallet, by their ids."""

    items: list[BudgetView]
    """The budgets."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def budget_terms_view(name: str, terms: BudgetTerms, unit: Unit) -> BudgetTermsView:
    """Shows what a budget says."""
    return {
        "budget_id": name,
        "unit": unit.unit,
        "limit": format_amount(terms.limit, unit.precision),
        "every": terms.every,
        "anchor": format_instant(terms.anchor),
        "time_zone": terms.zone,
        "member": terms.member,
        "meter": terms.meter,
        "warn_at": list(terms.warn_at),
        "action": terms.action,
    }


def budget_view(known: KnownBudget, unit: Unit) -> BudgetView:
    """Shows a budget as it is now."""
    one, spent = known.budget, known.spent
    return {
        **budget_terms_view(one.name, one.terms, unit),
        "spent": None if known.steps is None else format_amount(known.steps, unit.precision),
        "from": format_instant(spent.start),
        "resets_at": format_instant(spent.end),
        "version": one.version,
    }


def budget_page_view(found: Found[str, KnownBudget], unit: Unit) -> BudgetPageView:
    """Shows these budgets."""
    items, cursor = pages.shown(found, lambda one: budget_view(one, unit))
    return {"items": items, "next_cursor": cursor}
