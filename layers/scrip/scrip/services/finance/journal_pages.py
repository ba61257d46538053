"""Pages of a month's journal, each of one or two objects of the archive, and all of it at once for files.

The order of pages is that of the archive's objects as they were when the first page was asked for: first what the
edition of that time has, object by object, then what has come since. So pages have everything that was there then,
once, whatever comes meanwhile. Does not own what an entry posts, nor the month that it is booked in (``journals``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from scrip.domain.finance.journal import JournalEntry, JournalLine
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.journals import COLUMNS, view, view_from, view_of
from scrip.services.finance.workspaces import AND_MORE, Row, queries

BEFORE_ALL: Final = ("", "", 0, "")
"""What no entry's account, unit, sequence and currency come before."""
SINCE: Final = 10**9
"""Stands for an edition where an entry is in none of those that there were as the first page was asked for."""
SQL: Final = queries("journal_pages")


class JournalPlace(NamedTuple):
    """Where an entry stands in the journal's pages.

    Attributes:
        base: the edition of the archive as the first page was asked for.
        edition, day: the object that has the entry, or ``SINCE`` and nothing.
    """

    base: int
    edition: int
    day: str
    account: str
    unit: str
    seq: int
    currency: str


@dataclass(slots=True)
class JournalPage:
    """A page as it is filled, with the place of each of its entries; of one more than it may have, if there is one."""

    limit: int
    entries: list[JournalEntry] = field(default_factory=list)
    places: list[JournalPlace] = field(default_factory=list)

    @property
    def lacking(self) -> int:
        """Returns how many entries more it takes to know that it is full and that there is another one."""
        return self.limit + 1 - len(self.entries)

    @property
    def following(self) -> JournalPlace | None:
        """Returns the place after which the next page begins; None: there is none."""
        return None if self.lacking else self.places[self.limit - 1]


def page(
    books: Books, period: str, selection: Selection, after: JournalPlace | None, limit: int
) -> tuple[list[JournalEntry], JournalPlace | None]:
    """Returns a page of what is booked in a month, and the place after which the next one begins.

    Args:
        after: the last entry of the page before; None: this is the first page.
    """
    place = after or JournalPlace(books.manifest.edition, 0, "", *BEFORE_ALL)
    filling = JournalPage(limit)
    parts = books.manifest.booked("postings", books.closes, period, period)

    def take(edition: int, day: str) -> None:
        start = place[3:] if (edition, day) == place[1:3] else BEFORE_ALL
        for entry in _some(books, period, selection, start, filling.lacking):
            filling.entries.append(entry)
            wallet = (entry.account or "", entry.unit or entry.entry_id, entry.seq or 0, entry.currency)
            filling.places.append(JournalPlace(place.base, edition, day, *wallet))

    for part in parts:
        if part.edition <= place.base and (part.edition, part.day) >= place[1:3] and filling.lacking:
            view_from(books, books.union([part], f"{COLUMNS}, edition").removesuffix(AND_MORE))
            take(part.edition, part.day)
    if filling.lacking:
        view_of(books, [part for part in parts if part.edition > place.base])
        take(SINCE, "")
    return filling.entries[:limit], filling.following


def entries(books: Books, period: str, selection: Selection) -> Iterator[JournalEntry]:
    """Yields what is booked in a month, in the order in which entries hold."""
    view(books, period, period)
    yield from listed(books, period, selection)


def listed(
    books: Books, period: str, selection: Selection, account: str | None = None
) -> Iterator[JournalEntry]:
    """Yields a month's entries of the view ``journal``, of all customers or one, in the order in which they hold."""
    for row in books.space.each(SQL["all"], period=period, account=account, **selection._asdict()):
        yield _entry(row)


def currencies(books: Books, period: str, selection: Selection) -> list[str]:
    """Returns the currencies in which something is booked in a month."""
    books.totals(period, selection)
    return [currency for (currency,) in books.rows("currencies", period=period)]


def _some(
    books: Books, period: str, selection: Selection, start: Sequence[str | int], most: int
) -> list[JournalEntry]:
    """Returns the first of the entries after a place in the view ``journal``."""
    names = ("after_account", "after_unit", "after_seq", "after_currency")
    values = {**dict(zip(names, start, strict=True)), **selection._asdict()}
    return [_entry(row) for row in books.space.rows(SQL["some"], period=period, most=most, **values)]


def _entry(row: Row) -> JournalEntry:
    said: Row = row[:-1]
    lines = tuple(JournalLine(line["account"], line["amount"]) for line in row[-1])
    return JournalEntry(*said, lines)  # type: ignore[call-arg]  # as many as there are before
