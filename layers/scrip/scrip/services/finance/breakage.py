"""Breakage by proportion of a month: of lots whose packs have a rate, from what became of each up to its end.

Does not own the rule (``domain.finance.breakage``), nor what the books call breakage (``reports``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from scrip.domain.finance.breakage import LotHistory, LotStretch, recognised
from scrip.domain.finance.periods import begins, ends, month_before
from scrip.domain.payments.pack import Pack
from scrip.services.catalogue import packs as catalogue
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.reports import CurrencyRows
from scrip.services.finance.workspaces import queries
from scrip.store.tables import Tables

PAGE: Final = 100
"""Packs that are read at a time."""
SQL: Final = queries("breakage")
Rated = dict[str, Pack]
"""Packs that have, or had, a rate, by their ids."""


def proportional(tables: Tables, books: Books, period: str, selection: Selection) -> list[CurrencyRows]:
    """Returns what of a month is breakage by proportion, by pack; of lots without a rate, what ended unspent.

    The rate of a pack is the one that it has at an instant, of all its lots: a new one is caught up on in the month in
    which it was put.
    """
    rated = {pack.pack: pack for pack in _packs(tables) if pack.breakage_rates}
    found: Counter[tuple[str, str | None]] = Counter()
    books.totals(period, selection)
    for currency, name, amount in books.space.rows(SQL["of_others"], period=period, packs=list(rated)):
        found[currency, name] += amount
    if rated:
        for currency, name, amount in _of_lots(books, period, selection, rated):
            found[currency, name] += amount
    made: dict[str, CurrencyRows] = {}
    for (currency, name), amount in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        if amount:
            made.setdefault(currency, CurrencyRows(currency)).rows.append({"pack": name, "amount": amount})
    return list(made.values())


def _of_lots(books: Books, period: str, selection: Selection, rated: Rated) -> Iterator[tuple[str, str, int]]:
    """Yields the currency, the pack and the month's breakage of each lot that has some, or may have.

    A lot that nothing happened to has none, unless its rate is another one than before.
    """
    first, last = begins(period) - 1, ends(period) - 1
    rates = {name: (pack.expected_at(first), pack.expected_at(last)) for name, pack in rated.items()}
    changed = [name for name, (before, after) in rates.items() if before != after]
    books.stretches("lots_before", month_before(period))
    books.stretches("lots", period)
    rows = books.space.each(SQL["lots"], packs=list(rated), changed=changed, **selection._asdict())
    for currency, name, *said in rows:
        before, after = rates[name]
        amount = recognised(_history(said[:3]), after) - recognised(_history(said[3:]), before)
        yield currency, name, amount


def _history(said: Sequence[Any]) -> LotHistory:
    """Reads what became of a lot: what is left, what ended unspent, and its stretches; nothing where it was not yet."""
    left, broken, stretches = said
    return LotHistory([LotStretch(*map(int, one)) for one in stretches or ()], left or 0, broken or 0)


def _packs(tables: Tables) -> Iterator[Pack]:
    """Yields every pack as it is now."""
    after: str | None = None
    while True:
        found = catalogue.list_packs(tables, PAGE, after)
        yield from (pack for _, pack in found.items)
        if (after := found.following) is None:
            return
