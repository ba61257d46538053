"""The teller of budgets: a percentage of one was passed, or all of it is spent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.events.budgets import BudgetCrossing, crossings
from scrip.domain.events.event import Event
from scrip.services.events.entries import units_of
from scrip.store.tables import Tables

ToldOfBudget = Callable[[BudgetCrossing, Unit], Event]
"""Makes the event of a mark that was passed."""


def events_of(told: ToldOfBudget, tables: Tables, entries: Sequence[Entry]) -> list[Event]:
    """Makes the events of what entries pass of budgets; entries that pass nothing cost nothing.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    found = [crossing for entry in entries for crossing in crossings(entry)]
    units = units_of(tables, {one.entry.unit for one in found})
    return [told(one, units[one.entry.unit]) for one in found if one.entry.unit in units]
