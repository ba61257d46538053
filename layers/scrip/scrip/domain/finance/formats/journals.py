"""Journals as accounting programs take them: of one date and one currency, each of one entry or of a whole day.

A million entries are no import, so the entries of a day can be one journal: their sums, by account. Does not own how a
journal is written (``layout``, ``beancount``).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from scrip.domain.finance.accounts import CASH
from scrip.domain.finance.charts import ACCOUNTS
from scrip.domain.finance.journal import JournalEntry, JournalLine

Group = Literal["day", "entry"]
"""What one journal is of: all entries of a day, or one entry."""
DAY_MS: Final = 86_400_000
MAX_NUMBER: Final = 21
"""Characters of a journal's number, as QuickBooks Online has them at most."""
_ORDER: Final[Mapping[str, int]] = {key: place for place, key in enumerate(ACCOUNTS)}


@dataclass(frozen=True, slots=True)
class Journal:
    """One journal. Its lines add up to nothing, each account has one, and none is 0.

    Attributes:
        number: names it for ever, among all journals of all months.
        date: as ``2026-11-02``.
        late_for: the month that its entries are of, where that was closed without them.
        entries: of how many entries it is.
        entry: the entry that it is of; None: it is of a day.
    """

    number: str
    date: str
    currency: str
    late_for: str | None
    entries: int
    lines: tuple[JournalLine, ...]
    entry: JournalEntry | None = None

    @property
    def narration(self) -> str:
        """Says what it is of, in words that no other journal has."""
        late = f", late for {self.late_for}" if self.late_for else ""
        if self.entry:
            one = self.entry
            if one.settlement:
                return f"Scrip {self.number}: {one.kind}, {one.settlement}{late}"
            return f"Scrip {self.number}: {one.kind} {one.seq} of {one.account}, {one.unit}{late}"
        return f"Scrip {self.number}: {self.counted} of {self.date} in {self.currency}{late}"

    @property
    def counted(self) -> str:
        """Says of how many entries it is."""
        return "1 entry" if self.entries == 1 else f"{self.entries} entries"


def journals(entries: Iterable[JournalEntry], group: Group) -> Iterator[Journal]:
    """Yields the journals of entries; none of what adds up to nothing in each account.

    Those of entries come one by one, in the entries' order. Those of days come by date and currency once all entries
    were read; there are as many sums in memory as days, currencies and accounts.

    Raises:
        ValueError: an entry is dated in another month than its period.
    """
    if group == "day":
        yield from _of_days(entries)
        return
    for entry in entries:
        lines = _lines(_summed({}, entry))
        if lines:
            number = f"S{_digest(entry.entry_id, entry.currency)}"
            late = entry.late_for
            yield Journal(number, date_of(entry), entry.currency, late, 1, lines, entry)


def date_of(entry: JournalEntry) -> str:
    """Returns the date of an entry in the books, in UTC: of one that came late, the first day of its period.

    Raises:
        ValueError: its instant lies in another month than its period, and it did not come late.
    """
    if entry.late_for is not None:
        return f"{entry.period}-01"
    found = day(entry.at // DAY_MS)
    if not found.startswith(entry.period):
        raise ValueError(f"entry {entry.entry_id} of {found} stands in the books of {entry.period}")
    return found


@lru_cache(maxsize=64)
def day(number: int) -> str:
    """Returns a day in UTC, by its number since 1970. A month's entries are of some thirty."""
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()


def of_day(on: tuple[str, str, str | None], entries: int, sums: Mapping[str, int]) -> Journal | None:
    """Returns the journal of a day, for whoever has its sums already; None where they are nothing.

    Args:
        on: the date, the currency, and the month that its entries came late for.
        entries: how many there are.
        sums: minor units by the account's key.
    """
    dated, currency, late = on
    lines = _lines(sums)
    if not lines:
        return None
    number = f"S{dated.replace('-', '')}-{currency}"
    number += f"-L{late.replace('-', '')}" if late else ""
    return Journal(number, dated, currency, late, entries, lines)


def in_parts(journals: Iterable[Journal], most: int) -> Iterator[tuple[int, Journal]]:
    """Yields journals, each whole, with the number of the file that it is in, from 1 on.

    Args:
        most: how many lines a file has at most. A journal that has more is alone in one.
    """
    part, lines = 1, 0
    for journal in journals:
        if lines and lines + len(journal.lines) > most:
            part, lines = part + 1, 0
        lines += len(journal.lines)
        yield part, journal


def _of_days(entries: Iterable[JournalEntry]) -> Iterator[Journal]:
    """Yields a journal of each day, currency and closed month that entries came late for."""
    sums: dict[tuple[str, str, str], dict[str, int]] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        on = (date_of(entry), entry.currency, entry.late_for or "")
        sums[on] = _summed(sums.get(on, {}), entry)
        counts[on] = counts.get(on, 0) + 1
    for on in sorted(sums):
        journal = of_day((on[0], on[1], on[2] or None), counts[on], sums[on])
        if journal:
            yield journal


def _summed(sums: dict[str, int], entry: JournalEntry) -> dict[str, int]:
    """Adds an entry's lines to sums by account, and returns them."""
    for line in entry.lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount
    return sums


def _lines(sums: Mapping[str, int]) -> tuple[JournalLine, ...]:
    """Returns lines of sums that are not 0: what is debited first, then in the chart's order."""

    def place(line: JournalLine) -> tuple[bool, int, str]:
        first = -1 if line.account.startswith(CASH) else len(_ORDER)
        return line.amount < 0, _ORDER.get(line.account, first), line.account

    return tuple(sorted((JournalLine(*one) for one in sums.items() if one[1]), key=place))


def _digest(*parts: str) -> str:
    """Returns 100 bits of SHA-256 as 20 letters and digits: an entry's id is longer than a number may be."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    return base64.b32encode(digest).decode()[: MAX_NUMBER - 1]
