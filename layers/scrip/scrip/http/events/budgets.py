"""What is spent of a budget, as an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.events.budgets import BudgetCrossing
from scrip.domain.events.event import Event, event_id
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, EntryId, Name, Ordinal

WARNING: Final = "scrip.budget.warning"
REACHED: Final = "scrip.budget.reached"

# A member that is a keyword of Python can be declared in no other way.
BudgetFromView = TypedDict("BudgetFromView", {"from": "At"})
"""The first instant of the period."""


class BudgetPeriodView(BudgetFromView):
    """The period of a budget, its end excluded."""

    to: At
    """When the next one begins, with nothing spent."""


class BudgetEventView(TypedDict):
    """What was spent of a budget passed a percentage of its limit, or is all of it."""

    unit: Name
    """The wallet's unit."""
    budget_id: Name
    """The budget of which it tells."""
    member: Name | None
    """Whose budget it is; null: the whole wallet's."""
    warn_at: str
    """What was passed: one of the budget's percentages, or `100%`."""
    spent: Credits
    """What was spent, or is held, after the entry."""
    limit: Credits
    """What may be spent in the period."""
    period: BudgetPeriodView
    """The present period of the budget."""
    entry_id: EntryId
    """The entry that it follows from."""
    seq: Ordinal
    """That entry's place in the wallet."""


def budget_event(crossing: BudgetCrossing, unit: Unit) -> Event:
    """Makes the event of a mark that was passed."""
    entry, type_ = crossing.entry, REACHED if crossing.whole else WARNING
    period: BudgetPeriodView = {"from": format_instant(crossing.start), "to": format_instant(crossing.end)}
    data: BudgetEventView = {
        "unit": entry.unit,
        "budget_id": crossing.budget,
        "member": crossing.member,
        "warn_at": crossing.mark,
        "spent": format_amount(crossing.spent, unit.precision),
        "limit": format_amount(crossing.limit, unit.precision),
        "period": period,
        "entry_id": entry.id,
        "seq": entry.seq,
    }
    id_ = event_id(type_, entry.account, entry.unit, entry.seq, crossing.budget, crossing.mark)
    return Event(id_, type_, entry.account, entry.at, data)
