"""What becomes of available credits, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.events.balances import Crossing
from scrip.domain.events.event import Event, event_id
from scrip.http.edge.answers import TypedDict
from scrip.http.notifications.alerts import shown_threshold

if TYPE_CHECKING:
    from scrip.http.edge.forms import Credits, EntryId, Name, Ordinal

TYPE: Final = "scrip.balance"
"""How the types of these events begin: what happened follows."""


class BalanceEventView(TypedDict):
    """What a wallet's available credits fell to, or rose above."""

    unit: Name
    """The wallet's unit."""
    threshold: str | None
    """What was crossed, as the alert says it: an amount, or a percentage of the base. Null: nothing is left."""
    available: Credits
    """What could be spent after the entry."""
    entry_id: EntryId
    """The entry that it follows from."""
    seq: Ordinal
    """That entry's place in the wallet."""


def balance_event(crossing: Crossing, unit: Unit) -> Event:
    """Makes the event of a crossing."""
    type_, threshold = f"{TYPE}.{crossing.what}", crossing.threshold
    shown = None if threshold is None else shown_threshold(threshold, unit.precision)
    data: BalanceEventView = {
        "unit": crossing.unit,
        "threshold": shown,
        "available": format_amount(crossing.available, unit.precision),
        "entry_id": crossing.entry_id,
        "seq": crossing.seq,
    }
    id_ = event_id(type_, crossing.account, crossing.unit, crossing.seq, shown or "")
    return Event(id_, type_, crossing.account, crossing.at, data)
