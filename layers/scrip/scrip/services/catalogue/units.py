"""Units as they are defined. Does not own what a unit may become once it is used (``domain.credits.units``)."""

from __future__ import annotations

from typing import Any

from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.units import Unit, next_version
from scrip.services.catalogue.versions import replace_document
from scrip.store import documents, keys, scan
from scrip.store.documents import Document
from scrip.store.tables import Tables


def put_unit(tables: Tables, wanted: Unit) -> tuple[Unit, bool]:
    """Stores a unit's next version; the same definition again makes none.

    Returns:
        The unit as it is stored now, and whether this is its first version.

    Raises:
        PolicyViolation: the unit is used, and its precision or order would change.
        Contended: other writers were faster each time.
    """

    def decide(document: Document) -> tuple[tuple[Unit, bool], dict[str, Any] | None]:
        known = documents.unit_of(wanted.unit, document)
        unit = next_version(known, wanted)
        if unit == known:
            return (known, False), None
        return (unit, unit.version == 1), unit.to_json()

    # Before the unit itself: one that there is can then be found by the id of anything counted in it.
    documents.list_unit(tables, wanted.unit)
    return replace_document(tables, keys.unit(wanted.unit), "unit", decide)


def list_all(tables: Tables) -> tuple[list[str], list[str]]:
    """Lists the names of all units that there are. Returns them, and those among them that were not listed."""
    listed, there = set(documents.listed_units(tables)), set[str]()
    after: scan.Key | None = None
    while True:
        found, after = scan.units(tables, after)
        there.update(found)
        if after is None:
            break
    missing = sorted(there - listed)
    for unit_id in missing:
        documents.list_unit(tables, unit_id)
    return sorted(there), missing


def get_unit(tables: Tables, unit_id: str) -> Unit:
    """Reads the unit as it is now.

    Raises:
        NotFound: there is no such unit.
    """
    known = documents.unit_of(unit_id, documents.get(tables, keys.unit(unit_id)))
    if known is None:
        raise NotFound(f"there is no unit {unit_id}", unit=unit_id)
    return known
