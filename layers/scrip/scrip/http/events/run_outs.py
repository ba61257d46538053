"""The forecast run-out of a wallet, as an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event, event_id
from scrip.domain.events.run_outs import RunOut
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, Name, Ordinal

TYPE: Final = "scrip.balance.run_out_soon"


class BurnRateView(TypedDict):
    """How fast credits are used: burned and captured."""

    per_day: Credits
    """How many in a day, rounded down."""
    days: Ordinal
    """In how many days they were used, rounded up: 28 at most, and fewer where the first use is not so long ago."""


class RunOutEventView(TypedDict):
    """The forecast run-out of a wallet came within a number of days."""

    unit: Name
    """The wallet's unit."""
    days: Ordinal
    """Within how many days, as the alert says it."""
    run_out_at: At
    """When nothing is left, if credits are used as they were."""
    burn_rate: BurnRateView
    """How fast they are used."""


def run_out_event(fact: RunOut, unit: Unit) -> Event:
    """Makes the event of a forecast run-out."""
    rate: BurnRateView = {
        "per_day": format_amount(fact.per_day, unit.precision),
        "days": fact.of_days,
    }
    data: RunOutEventView = {
        "unit": fact.unit,
        "days": fact.days,
        "run_out_at": format_instant(fact.run_out_at),
        "burn_rate": rate,
    }
    # A number of days is told once for an entry at most: it is told again only after entries that moved it off.
    id_ = event_id(TYPE, fact.account, fact.unit, fact.days, fact.seq)
    return Event(id_, TYPE, fact.account, fact.at, data)
