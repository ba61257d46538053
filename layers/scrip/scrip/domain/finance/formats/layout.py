"""Layouts of CSV: a header, and how a journal's lines become its rows.

Amounts have all decimals of their currency, and are never rounded: what a layout cannot hold is refused. Does not own
which layouts there are (``layouts``).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scrip.domain.credits.currencies import decimals, exact
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.finance.charts import Chart
from scrip.domain.finance.formats.journals import Journal, in_parts
from scrip.domain.finance.journal import JournalLine

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class JournalLayout:
    """How a program wants journals.

    Attributes:
        name: as it is asked for.
        title: the program's own name.
        header: the first row.
        rows: gives a journal's rows, one for each of its lines. It is given the lines with the names of their accounts,
            and the chart.
        most_lines: lines of a file at most, without the header.
        several: whether each journal in a file says its currency, so that a file may have several.
        decimals: how many an amount has at most; None: as many as its currency.
        digits: how many there are before the point at most; None: any number.
    """

    name: str
    title: str
    header: Row
    rows: Callable[[Journal, Sequence[tuple[str, JournalLine]], Chart], Iterator[Row]]
    most_lines: int
    several: bool = False
    decimals: int | None = None
    digits: int | None = None

    def check(self, currencies: Iterable[str]) -> None:
        """Refuses currencies that a file of this layout cannot have.

        Raises:
            InvalidRequest: it cannot; the message names the currency and says what to ask for.
        """
        found = sorted(set(currencies))
        able = [one for one in found if self.decimals is None or decimals(one) <= self.decimals]
        if able != found:
            unable = ", ".join(one for one in found if one not in able)
            others = f", or for currency={able[0]} alone" if able else ""
            said = f"{self.title} takes amounts of at most {self.decimals} decimals, and {unable} has more"
            raise InvalidRequest([("currency", f"{said}: ask for another layout{others}")])
        if len(found) > 1 and not self.several:
            said = f"{self.title} takes one currency a file, and there are {', '.join(found)}"
            raise InvalidRequest([("currency", f"{said}: ask for one after another, as currency={found[0]}")])


class _Text:
    """What a CSV writer writes to, and has back: RFC 4180's text of a row."""

    def write(self, text: str) -> str:
        """Returns what is written."""
        return text


def write(
    layout: JournalLayout, journals: Iterable[Journal], chart: Chart, part: int | None = None
) -> Iterator[str]:
    """Yields the file's lines, the header first.

    Args:
        part: which file of several, from 1 on, each of at most as many lines as the layout has; None: one with all.

    Raises:
        InvalidRequest: a currency is none that a file of this layout can have.
        LookupError: there is no such account.
    """
    line = csv.writer(_Text(), lineterminator="\r\n").writerow
    yield line(layout.header)
    seen: set[str] = set()
    for number, journal in in_parts(journals, layout.most_lines):
        if part is not None and number != part:
            if number > part:
                return
            continue
        if journal.currency not in seen:
            seen.add(journal.currency)
            layout.check(seen)
        named = [(chart.called(line.account), line) for line in _held(layout, journal)]
        for row in layout.rows(journal, named, chart):
            yield line(row)


def debit(line: JournalLine, currency: str) -> str:
    """Writes what a line debits; nothing where it credits."""
    return exact(line.amount, currency) if line.amount > 0 else ""


def credit(line: JournalLine, currency: str) -> str:
    """Writes what a line credits; nothing where it debits."""
    return exact(-line.amount, currency) if line.amount < 0 else ""


def american(date: str) -> str:
    """Writes a date as MM/DD/YYYY."""
    year, month, day = date.split("-")
    return f"{month}/{day}/{year}"


def _held(layout: JournalLayout, journal: Journal) -> Iterator[JournalLine]:
    """Yields a journal's lines, each of no more digits than the layout has: a longer amount is several lines."""
    most = 10 ** (layout.digits + decimals(journal.currency)) - 1 if layout.digits else None
    for line in journal.lines:
        left, sign = abs(line.amount), 1 if line.amount > 0 else -1
        while most and left > most:
            yield JournalLine(line.account, sign * most)
            left -= most
        yield JournalLine(line.account, sign * left)
