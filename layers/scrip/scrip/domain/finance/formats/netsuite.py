"""NetSuite's import of journal entries, in one file: the fields of the entry on each of its lines.

Rows of one External ID are one journal, which brings it in once. Amounts have at most ten digits before the point and
two after it. Dates are MM/DD/YYYY: a company's preference says how it reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scrip.domain.finance.charts import Chart
from scrip.domain.finance.formats.journals import Journal
from scrip.domain.finance.formats.layout import JournalLayout, Row, american, credit, debit
from scrip.domain.finance.journal import JournalLine

HEADER: Final = ("External ID", "Date", "Currency", "Memo", "Account", "Debit", "Credit", "Line Memo")
MOST_LINES: Final = 25_000
"""Records of one import at most, says NetSuite's help; where a record is a journal, there are fewer."""


def rows(journal: Journal, lines: Sequence[tuple[str, JournalLine]], _chart: Chart) -> Iterator[Row]:
    """Yields a journal's rows."""
    entry = (journal.number, american(journal.date), journal.currency, journal.narration)
    for name, line in lines:
        yield *entry, name, debit(line, journal.currency), credit(line, journal.currency), line.account


LAYOUT: Final = JournalLayout(
    "netsuite", "NetSuite", HEADER, rows, MOST_LINES, several=True, decimals=2, digits=10
)
