"""Compensations of an incident: the body and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from scrip.domain.credits.units import Unit
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Amount, Body, Identifier
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.entries import OutcomeView, outcome_view
from scrip.http.wallets.grants import LotBody
from scrip.services.engine.paging import Found
from scrip.services.wallets.compensations import Compensated, Incident, RecordedIncident

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import At, Count, Name


class CompensatedBody(Body):
    """One account of an incident, and what it gets."""

    account: Identifier
    """The customer, by your own id for them."""
    amount: Amount | None = None
    """What this account gets."""


class CompensationBody(LotBody):
    """An incident, and what its accounts get."""

    incident: Identifier
    """What went wrong: an account is compensated for it once, for ever."""
    amount: Amount | None = None
    """What an account gets that names no amount of its own."""
    accounts: Annotated[list[CompensatedBody], Field(min_length=1, max_length=500)]
    """Who is compensated; each account once."""

    @model_validator(mode="after")
    def _each_has_an_amount(self) -> CompensationBody:
        seen: set[str] = set()
        for number, one in enumerate(self.accounts):
            if one.amount is None and self.amount is None:
                raise ValueError(f"accounts.{number}.amount: send it here, or one amount for all accounts")
            if one.account in seen:
                raise ValueError(f"accounts.{number}.account: name each account once")
            seen.add(one.account)
        return self

    def amounts(self) -> list[tuple[str, str]]:
        return [(one.account, one.amount or self.amount or "") for one in self.accounts]

    def of(self) -> Incident:
        return Incident(self.incident, self.unit, self._terms("compensation"))


class CompensatedView(OutcomeView):
    """What became of one account."""

    account: Name
    """Who is to be compensated."""


class CompensationView(TypedDict):
    """What became of each account of an incident."""

    incident: Name
    """What is made good, as the request named it."""
    unit: Name
    """What its credits are counted in."""
    items: list[CompensatedView]
    """In the order of the request."""
    compensated: Count
    """How many accounts have their credits, now or from before."""
    left: Count
    """How many have not: send the same request again."""


def compensation_view(found: Sequence[Compensated], incident: str, unit: Unit) -> CompensationView:
    """Shows what became of each account of an incident."""
    items: list[CompensatedView] = [
        {"account": one.account, **outcome_view(one.outcome, unit)} for one in found
    ]
    done = sum(one.outcome.refusal is None for one in found)
    return {
        "incident": incident,
        "unit": unit.unit,
        "items": items,
        "compensated": done,
        "left": len(items) - done,
    }


class IncidentView(TypedDict):
    """An incident that accounts are compensated for."""

    incident: Name
    """What went wrong."""
    unit: Name
    """What its credits are counted in."""
    reason: str | None
    """Why, as the first request said."""
    actor: str
    """Who asked first: `key:<key id>`."""
    actor_name: NotRequired[str | None]
    """What that key was called then; null where it had no name."""
    at: At
    """When that was. Whom it made good is told by the entries that have it as `incident`."""


class IncidentPageView(TypedDict):
    """Incidents, by name and unit."""

    items: list[IncidentView]
    """The incidents."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def incident_page_view(found: Found[str, RecordedIncident]) -> IncidentPageView:
    """Shows incidents."""
    items, cursor = pages.shown(found, incident_view)
    return {"items": items, "next_cursor": cursor}


def incident_view(recorded: RecordedIncident) -> IncidentView:
    """Shows an incident."""
    return {
        "incident": recorded.incident,
        "unit": recorded.unit,
        "reason": recorded.reason,
        "actor": recorded.actor,
        "actor_name": recorded.actor_name,
        "at": format_instant(recorded.at),
    }
