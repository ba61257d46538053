"""Xero's import of manual journals: the columns of its template.

Rows of one narration and one date are one journal. An amount is debited, or negative and credited; a date is
DD/MM/YYYY; an account is its code; a tax rate is the name that the organisation has for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scrip.domain.credits.currencies import exact
from scrip.domain.finance.charts import TAX_RATE, Chart
from scrip.domain.finance.formats.journals import Journal
from scrip.domain.finance.formats.layout import JournalLayout, Row
from scrip.domain.finance.journal import JournalLine

HEADER: Final = (
    "*Narration",
    "*Date",
    "Description",
    "*AccountCode",
    "*TaxRate",
    "*Amount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
)
MOST_LINES: Final = 300
"""Lines that one file may have, says Xero's help."""


def rows(journal: Journal, lines: Sequence[tuple[str, JournalLine]], chart: Chart) -> Iterator[Row]:
    """Yields a journal's rows."""
    year, month, day = journal.date.split("-")
    date = f"{day}/{month}/{year}"
    narration, rate = journal.narration, chart.rate(TAX_RATE)
    for name, line in lines:
        amount = exact(line.amount, journal.currency)
        yield narration, date, line.account, name, rate, amount, "", "", "", ""


LAYOUT: Final = JournalLayout("xero", "Xero", HEADER, rows, MOST_LINES)
"""No column says a currency, so a file has one: the organisation's base currency."""
