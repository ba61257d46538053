"""Journals: what each entry posts in one currency, with the month that it is booked in.

Does not own what an entry posts (``domain.finance.postings``), nor the sums of it (``books``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from scrip.domain.finance.periods import month_after, period_of
from scrip.services.finance.books import Books, filled
from scrip.services.finance.manifests import ArchivePart, Manifest
from scrip.services.finance.workspaces import LINES, queries

NAME: Final = "journal"
"""What it is called among the reports."""
COLUMNS: Final = "entry_id, account, unit, seq, kind, held_at, recorded_at, currency, name, amount"

SQL: Final = queries("journals")


def write(books: Books, period: str, path: Path) -> Path:
    """Writes a month's journal into a file, JSON lines that are packed, in the order in which entries hold."""
    view(books, period, period)
    books.space.write(SQL["of_period"], path, LINES, period=period)
    return path


def view(books: Books, first: str, last: str) -> None:
    """Makes the view ``journal``: it has all that is booked in the months from the first to the last, and more."""
    view_of(books, parts_of(books.manifest, books.closes, first, last))


def view_of(books: Books, parts: Sequence[ArchivePart]) -> None:
    """Makes the view ``journal`` of some of the archive's objects; and of what has come since, where that counts."""
    books.load()
    new = f"SELECT {COLUMNS}, NULL::INTEGER AS edition FROM new_postings"  # noqa: S608 - all of it is our own
    view_from(books, f"{books.union(parts, f'{COLUMNS}, edition')} {new}")


def view_from(books: Books, postings: str) -> None:
    """Makes the view ``journal`` of the postings that a query gives, with the edition of each."""
    books.space.run(filled(SQL["posted"], {"postings": postings}))
    books.place()
    books.space.run(SQL["journal"])


def parts_of(manifest: Manifest, closes: Mapping[str, int], first: str, last: str) -> list[ArchivePart]:
    """Returns the objects of which something is booked in one of the months from the first to the last."""
    return [
        part
        for part in manifest.of("postings")
        if any(first <= period_of(month, part.edition, closes) <= last for month in _months(part))
    ]


def _months(part: ArchivePart) -> Iterator[str]:
    """Yields the months in which entries of an object may hold."""
    month, last = part.months
    while month <= last:
        yield month
        month = month_after(month)
