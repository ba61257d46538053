"""The teller of wallets that spend too fast: an entry says so, and it is told."""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.events.event import Event
from scrip.domain.wallets.pace import RUNAWAY
from scrip.services.events.entries import Told, units_of
from scrip.store.tables import Tables


def events_of(told: Told, tables: Tables, entries: Sequence[Entry]) -> list[Event]:
    """Makes the events of runaways that entries tell of; other entries cost nothing.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    found = [entry for entry in entries if entry.kind == "status" and RUNAWAY in entry.extra]
    units = units_of(tables, {entry.unit for entry in found})
    return [told(entry, units[entry.unit]) for entry in found if entry.unit in units]
