"""All events that follow from entries: the entries themselves, and what is derived of them.

Owns that they are published, as the stream brings entries, and made again later. What a teller makes of entries is its
own; it makes the same of the same entry, with the same id, whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.events.event import Event
from scrip.services.events import bus as buses
from scrip.services.events.bus import Bus
from scrip.store.tables import Tables

Teller = Callable[[Tables, Sequence[Entry]], list[Event]]
"""Makes the events that follow from these entries, in their order."""


def publish(bus: Bus, teller: Teller, tables: Tables, entries: Sequence[Entry]) -> None:
    """Publishes what a teller makes of entries: a step of the stream's reader.

    Raises:
        Throttled, Unavailable: not all of it could be.
    """
    buses.publish(bus, teller(tables, entries))


def events_of(tellers: Iterable[Teller], tables: Tables, entries: Sequence[Entry]) -> list[Event]:
    """Makes all events that follow from entries, those of one teller after those of another."""
    return [event for teller in tellers for event in teller(tables, entries)]
