"""Journals: what each entry posts in one currency, with the month that it is booked in.

Does not own what an entry posts (``domain.finance.postings``), nor the sums of it (``books``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scrip.services.finance.books import Books
from scrip.services.finance.manifests import ArchivePart
from scrip.services.finance.workspaces import LINES, filled, queries

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
    view_of(books, books.manifest.booked("postings", books.closes, first, last))


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
