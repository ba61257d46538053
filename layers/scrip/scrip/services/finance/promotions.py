"""Promotions of a month: how many credits each gave, and what became of them.

What a promotion gives costs nothing, so that no account of the books has it. Does not own what an entry does to such
credits (``domain.finance.gifts``), nor promotions themselves (``services.catalogue.promotions``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.workspaces import filled, queries

Json = dict[str, Any]

NAME: Final = "promotions"
"""What it is called among the reports."""
COLUMNS: Final = "account, unit, lot, cause, credits, promotion, held_at"
AMOUNTS: Final = ("opening", "issued", "burned", "expired", "taken_back", "moved", "closing")
"""Of each promotion: opening + issued − burned − expired − taken_back + moved = closing."""
SQL: Final = queries("promotions")


@dataclass(slots=True)
class UnitRows:
    """The rows of one unit: credits are decimal texts."""

    unit: str
    rows: list[Json] = field(default_factory=list)


def promotions(
    books: Books, period: str, selection: Selection, unit_of: Callable[[str], Unit]
) -> list[UnitRows]:
    """Returns what each promotion gave in a month, what became of what it ever gave, and what is left at its end.

    Args:
        unit_of: returns a unit by its id.
    """
    books.load()
    parts = books.manifest.booked("gifts", books.closes, "", period)
    texts = {"gifts": books.union(parts, f"{COLUMNS}, edition"), "columns": COLUMNS}
    books.space.run(filled(SQL["gifts"], texts))
    books.place()
    found: dict[str, UnitRows] = {}
    for unit, promotion, redemptions, *steps in books.space.rows(
        SQL["promotions"], period=period, unit=selection.unit
    ):
        made = found.setdefault(unit, UnitRows(unit))
        decimals = unit_of(unit).precision
        amounts = {name: format_amount(int(one), decimals) for name, one in zip(AMOUNTS, steps, strict=True)}
        made.rows.append({"promotion": promotion, "redemptions": redemptions, **amounts})
    return list(found.values())
