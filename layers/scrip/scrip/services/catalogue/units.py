"""Units as they are defined. Does not own what a unit may become once it is used (``domain.credits.units``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.units import DEFAULT_UNIT, Unit, default_unit, next_version
from scrip.services.audit.changes import Author
from scrip.services.catalogue import notice_spans
from scrip.services.catalogue.versions import replace_definition
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Found
from scrip.services.notifications import alerts
from scrip.store import documents, keys, lists, scan
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables


def put_unit(executor: Executor, wanted: Unit, moment: Moment, author: Author) -> tuple[Unit, bool]:
    """Stores a unit's next version, and who made it; the same definition again makes none.

    Where its alerts are others and the unit is used, it returns once they are in force.

    Returns:
        The unit as it is stored now, and whether this is its first version.

    Raises:
        PolicyViolation: the unit is used, and its precision or order would change; or accounts have alerts of their
            own in it, and its precision would.
        Contended: other writers were faster each time.
    """
    tables, alerts_from, beside = executor.tables, 0, list[Item]()
    number = notice_spans.number_of(tables, wanted.unit, wanted.policy.expiry_notices)
    wanted = replace(wanted, policy=replace(wanted.policy, notices=number))

    def decide(document: Document) -> tuple[tuple[Unit, bool], dict[str, Any] | None]:
        nonlocal alerts_from
        known = documents.unit_of(wanted.unit, document)
        unit = next_version(known, wanted)
        if unit == known:
            return (known, False), None
        if known and known.precision != unit.precision and alerts.has_own(tables, unit.unit):
            said = "precision is fixed once accounts have alerts of their own in the unit"
            raise PolicyViolation(said, policy="precision")
        beside[:], alerts_from = alerts.unit_writes(executor, known, unit, moment)
        return (unit, unit.version == 1), unit.to_json()

    def told(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        known = documents.unit_of(wanted.unit, Document("", documents.NEW, body))
        # Under which number its notices are kept is no part of what was put.
        return replace(known, policy=replace(known.policy, notices=0)).to_json() if known else None

    pk = keys.unit(wanted.unit)
    stored = replace_definition(tables, pk, ("unit", wanted.unit), decide, author, told, lambda: beside)
    if not moment.pinned:
        executor.wait_until(alerts_from)
    return stored


def list_units(tables: Tables, limit: int, after: str | None) -> Found[str, Unit]:
    """Returns a page of the units, in the order of their ids: those that were put, and the one that there always is."""
    places = lists.page(tables, keys.UNITS, limit, after=after)
    names, following = list(places.found), places.following
    if after is None or after < DEFAULT_UNIT:
        names = sorted({*names, DEFAULT_UNIT})
        if len(names) > limit:
            names, following = names[:limit], names[limit - 1]
    read = documents.get_many(tables, map(keys.unit, names))
    known = {pk: Unit.from_json(document.body) for pk, document in read.items()}
    # The one that nobody has put is the only one without a document.
    return Found([(name, known.get(keys.unit(name)) or default_unit()) for name in names], following)


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
        lists.put(tables, keys.UNITS, unit_id)
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
