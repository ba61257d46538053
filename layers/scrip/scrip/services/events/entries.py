"""Which events entries are: each is one. Does not own what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Tables

Told = Callable[[Entry, Unit], Event]
"""Makes the event of an entry."""


def events_of(told: Told, burns: bool, tables: Tables, entries: Sequence[Entry]) -> list[Event]:
    """Makes an event of each entry.

    An entry of a unit that there is not has none: nobody but an intruder puts such a row.

    Args:
        burns: whether entries of the kind ``burn`` have events, too.
    """
    wanted = [entry for entry in entries if burns or entry.kind != "burn"]
    units = units_of(tables, {entry.unit for entry in wanted})
    return [told(entry, units[entry.unit]) for entry in wanted if entry.unit in units]


def units_of(tables: Tables, names: Collection[str]) -> dict[str, Unit]:
    """Reads units by their names. What there is not is left out."""
    pks = {name: keys.unit(name) for name in names}
    found = documents.get_many(tables, pks.values())
    units: dict[str, Unit] = {}
    for name, pk in pks.items():
        unit = documents.unit_of(name, found.get(pk, Document(pk, documents.NEW, {})))
        if unit:
            units[name] = unit
    return units
