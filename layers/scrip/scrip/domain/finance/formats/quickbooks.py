"""QuickBooks Online's import of journal entries: its columns, as Intuit's help names them.

One number is one journal. Amounts are debits or credits, dates MM/DD/YYYY: its import asks for the form of dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scrip.domain.finance.charts import Chart
from scrip.domain.finance.formats.journals import Journal
from scrip.domain.finance.formats.layout import JournalLayout, Row, american, credit, debit
from scrip.domain.finance.journal import JournalLine

HEADER: Final = (
    "Journal No.",
    "Journal Date",
    "Account Name",
    "Debits",
    "Credits",
    "Description",
    "Name",
    "Currency",
)
MOST_LINES: Final = 999
"""An import has 1 000 rows at most, the header among them, say those who sell converters; Intuit does not."""


def rows(journal: Journal, lines: Sequence[tuple[str, JournalLine]], _chart: Chart) -> Iterator[Row]:
    """Yields a journal's rows. A name is asked for with accounts payable and receivable alone."""
    currency = journal.currency
    narration = journal.narration
    for name, line in lines:
        amounts = (debit(line, currency), credit(line, currency))
        yield journal.number, american(journal.date), name, *amounts, narration, "", currency


LAYOUT: Final = JournalLayout("quickbooks", "QuickBooks Online", HEADER, rows, MOST_LINES)
"""A company without foreign currencies has no use of the column Currency: so a file has one currency alone."""
