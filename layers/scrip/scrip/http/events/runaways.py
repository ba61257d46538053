"""A wallet that spends too fast, as an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event, event_id
from scrip.domain.wallets.pace import RUNAWAY
from scrip.http.wallets.entries import RunawayFactsView, runaway_view

if TYPE_CHECKING:
    from scrip.http.edge.forms import EntryId, Name, Ordinal

TYPE: Final = "scrip.wallet.runaway"


class RunawayEventView(RunawayFactsView):
    """A wallet spent faster than its unit's breaker allows."""

    unit: Name
    """The wallet's unit."""
    entry_id: EntryId
    """The entry that says so, right after the one that passed the amount."""
    seq: Ordinal
    """That entry's place in the wallet."""


def runaway_event(entry: Entry, unit: Unit) -> Event:
    """Makes the event of an entry that says that its wallet ran away."""
    data: RunawayEventView = {
        "unit": entry.unit,
        **runaway_view(entry.extra[RUNAWAY], unit.precision),
        "entry_id": entry.id,
        "seq": entry.seq,
    }
    return Event(event_id(TYPE, entry.account, entry.unit, entry.seq), TYPE, entry.account, entry.at, data)
