"""Breakage by proportion of a month: of lots whose packs have a rate, from what became of each up to its end.

Does not own the rule (``domain.finance.breakage``), nor what the books call breakage (``reports``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final

from scrip.domain.finance.breakage import LotStep, history, recognised
from scrip.domain.finance.periods import begins, ends
from scrip.domain.payments.pack import Pack
from scrip.services.catalogue import packs as catalogue
from scrip.services.finance.books import Books, Selection, filled
from scrip.services.finance.reports import CurrencyRows
from scrip.services.finance.workspaces import Row, queries
from scrip.store.tables import Tables

COLUMNS: Final = "account, unit, lot, seq, cause, currency, pack, name, amount, transit, credits, held_at"
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
        rows = _changes(books, period, selection, list(rated))
        for _, changes in groupby(rows, key=lambda row: row[:3]):
            currency, name, amount = _of_lot([*changes], period, rated)
            found[currency, name] += amount
    made: dict[str, CurrencyRows] = {}
    for (currency, name), amount in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        if amount:
            made.setdefault(currency, CurrencyRows(currency)).rows.append({"pack": name, "amount": amount})
    return list(made.values())


def _of_lot(changes: Sequence[Row], period: str, rated: Rated) -> tuple[str, str, int]:
    """Returns the currency, the pack and the month's breakage of one lot."""
    currency, name = changes[0][3], changes[0][4]
    expected: Callable[[int], Fraction] = rated[name].expected_at
    before = [_change(row) for row in changes if row[5] < period]
    amount = recognised(history([_change(row) for row in changes]), expected(ends(period) - 1))
    amount -= recognised(history(before), expected(begins(period) - 1))
    return currency, name, amount


def _change(row: Row) -> LotStep:
    credits, deferred, used, broken, rebases = row[6:]
    return LotStep(int(credits), deferred, int(used), broken, rebases)


def _changes(books: Books, period: str, selection: Selection, names: Sequence[str]) -> Iterator[Row]:
    """Yields what each entry did to each lot of these packs up to a month's end."""
    parts = [part for part in books.manifest.of("postings") if part.first_at < ends(period)]
    texts = {"postings": books.union(parts, f"{COLUMNS}, edition"), "columns": COLUMNS}
    books.load()
    books.space.run(filled(SQL["postings"], texts), packs=names, **selection._asdict())
    books.place()
    yield from books.space.each(SQL["changes"], period=period)


def _packs(tables: Tables) -> Iterator[Pack]:
    """Yields every pack as it is now."""
    after: str | None = None
    while True:
        found = catalogue.list_packs(tables, PAGE, after)
        yield from (pack for _, pack in found.items)
        if (after := found.following) is None:
            return
