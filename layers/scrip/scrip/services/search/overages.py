"""Overages that are to be billed: what was owed as periods of allowances ended, by the month in which they did.

Found as entries by their reference, across accounts. Does not own what is written off (``domain.wallets.overages``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.overages import KIND
from scrip.services.catalogue.units import get_unit
from scrip.services.search import searches
from scrip.store import keys, ledger
from scrip.store.references import Place
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class Overages:
    """A page of overages, newest first.

    Attributes:
        units: of their amounts, by name.
        following: where the next page begins; None: there is none.
        complete_through: none that was committed before this instant is missing; None: that is not known yet.
    """

    entries: Sequence[Entry]
    units: Mapping[str, Unit]
    following: Place | None
    complete_through: int | None


def to_bill(tables: Tables, month: str, last: Place, limit: int) -> Overages:
    """Returns overages of periods that ended in a month (UTC), as ``2030-02``.

    Callers' own entries with such a reference are left out: a page may be short, with others after it.

    Args:
        last: the place that the page begins with.

    Raises:
        Throttled, Unavailable: a table does not answer.
    """
    page = searches.by_reference(tables, f"{KIND}:{month}", last, limit, None)
    places = [(keys.wallet(one.account, one.unit), one.entry_id) for one in page.entries]
    there = {(entry.account, entry.unit, entry.id): entry for entry in ledger.find_places(tables, places)}
    found = [there.get((one.account, one.unit, one.entry_id)) for one in page.entries]
    entries = [entry for entry in found if entry and KIND in entry.extra]
    units = {name: get_unit(tables, name) for name in {entry.unit for entry in entries}}
    return Overages(entries, units, cast("Place | None", page.following), page.complete_through)
