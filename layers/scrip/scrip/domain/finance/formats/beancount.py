"""A month as a ledger of Beancount's: accounts, balances at its beginning, transactions, assertions at its end.

Every assertion says that nothing may be missing (``~ 0``), and an option says so of every transaction, where Beancount
else forgives half of the last decimal. All amounts of a currency have the same number of decimals, so that half of one
is never missing where that option is not read, as in a file that another one includes.

The form is what bean-check 3.2.3 takes. Does not own what accounts are called (``charts``).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from scrip.domain.credits.currencies import exact
from scrip.domain.finance.charts import ACCOUNTS, PARTS, RATES, Chart, Kind, book_account
from scrip.domain.finance.formats.journals import DAY_MS, Journal, day
from scrip.domain.finance.journal import JournalLine

ROOTS: Final[Mapping[Kind, str]] = {
    "asset": "Assets",
    "liability": "Liabilities",
    "income": "Income",
    "expense": "Expenses",
    "equity": "Equity",
}
"""What Beancount calls where an account stands."""
_LINK: Final = re.compile(r"[^A-Za-z0-9/.-]")
Balances = Mapping[tuple[str, str], int]
"""Minor units by the account's key and the currency; debit positive."""


class BeancountAccounts:
    """Accounts as Beancount can have them, each made of its name.

    Two keys of one name are one account. Two names never are: where they would look alike, the later has a digest.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._accounts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for key in (*ACCOUNTS, *sorted(chart.names.keys() - RATES.keys())):
            if chart.name(key) is not None:
                self.account(key)

    def account(self, key: str) -> str:
        """Returns the account of a key.

        Raises:
            LookupError: there is no such account.
        """
        name = self._chart.called(key)
        if name not in self._accounts:
            made = PARTS.join((ROOTS[book_account(key).kind], *map(component, name.split(PARTS))))
            if made in self._names:
                made += f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
            self._names[made], self._accounts[name] = name, made
        return self._accounts[name]


def component(text: str) -> str:
    """Returns a part of an account's name as Beancount has it: letters, digits and hyphens, a capital or digit first.

    ``Deferred Revenue`` is ``DeferredRevenue``, ``2400`` is ``2400``, ``erlöse 7 %`` is ``Erlöse7``; a word in a script
    without capitals follows an ``X``.
    """
    words, word = [], ""
    for character in f"{unicodedata.normalize('NFC', text)} ":
        category = unicodedata.category(character)
        if category[0] == "L" or category == "Nd" or (character == "-" and word):
            word += character
        elif word:
            words.append(word[0].upper() + word[1:])
            word = ""
    made = "".join(words)
    return made if made and unicodedata.category(made[0]) in ("Lu", "Nd") else f"X{made}"


def write(
    journals: Iterable[Journal], chart: Chart, period: str, opening: Balances | None = None
) -> Iterator[str]:
    """Yields the ledger of a month, text by text.

    Args:
        period: the month, ``2026-11``.
        opening: what every account had at its beginning. They add up to nothing in each currency, so they are a
            transaction too.

    Raises:
        LookupError: there is no such account.
        ValueError: balances of a currency do not add up to nothing.
    """
    accounts = BeancountAccounts(chart)
    opened: set[str] = set()
    balances: dict[tuple[str, str], int] = {}
    first = f"{period}-01"

    def posted(lines: Iterable[JournalLine], currency: str) -> Iterator[str]:
        for line in lines:
            place = (accounts.account(line.account), currency)
            balances[place] = balances.get(place, 0) + line.amount
            yield f"  {place[0]}  {exact(line.amount, currency)} {currency}\n"

    def opens(lines: Iterable[JournalLine]) -> Iterator[str]:
        for key in (line.account for line in lines):
            account = accounts.account(key)
            if account not in opened:
                opened.add(account)
                yield f"{first} open {account}\n  key: {_quoted(key)}\n  name: {_quoted(chart.called(key))}\n"

    yield f'option "title" "Scrip {period}"\noption "tolerance_multiplier" "0"\n\n'
    for currency, lines in _by_currency(opening or {}):
        yield from opens(lines)
        yield f'{first} * "Scrip" "Balances at the beginning, in {currency}"\n'
        yield from posted(lines, currency)
        yield "\n"
    for journal in journals:
        yield from opens(journal.lines)
        yield from _head(journal)
        yield from posted(journal.lines, journal.currency)
        yield "\n"
    for account, currency in sorted(balances):
        amount = _with_those_under(balances, account, currency)
        yield f"{_next_month(period)} balance {account}  {exact(amount, currency)} ~ 0 {currency}\n"


def _with_those_under(balances: Balances, account: str, currency: str) -> int:
    """Returns what an account has, and those under it: Beancount's assertions are about all of them."""
    return sum(
        amount
        for (other, coin), amount in balances.items()
        if coin == currency and f"{other}{PARTS}".startswith(f"{account}{PARTS}")
    )


def _head(journal: Journal) -> Iterator[str]:
    """Yields a transaction's first line, and what is said of it."""
    entry = journal.entry
    late = f" #late-for-{journal.late_for}" if journal.late_for else ""
    if entry is None:
        text = f"{journal.counted} in {journal.currency}"
        yield f'{journal.date} * "Scrip" {_quoted(text)}{late}\n  number: {_quoted(journal.number)}\n'
        return
    link = _LINK.sub(lambda found: "".join(f"_{byte:02x}" for byte in found[0].encode()), entry.entry_id)
    payee = entry.account or entry.entry_id.partition(":")[0]
    yield f"{journal.date} * {_quoted(payee)} {_quoted(entry.kind)} ^{link}{late}\n"
    said = {
        "number": journal.number,
        "entry": entry.entry_id,
        "unit": entry.unit,
        "at": _instant(entry.at),
        "recorded": _instant(entry.recorded_at),
    }
    for name, value in said.items():
        if value is not None:
            yield f"  {name}: {_quoted(value)}\n"
    if entry.seq is not None:
        yield f"  seq: {entry.seq}\n"


def _by_currency(balances: Balances) -> Iterator[tuple[str, list[JournalLine]]]:
    """Yields the balances of each currency as lines, without those of nothing.

    Raises:
        ValueError: they do not add up to nothing.
    """
    for currency in sorted({currency for _, currency in balances}):
        lines = [
            JournalLine(key, amount)
            for (key, of), amount in sorted(balances.items())
            if of == currency and amount
        ]
        if sum(line.amount for line in lines):
            raise ValueError(f"the balances at the beginning do not add up in {currency}")
        if lines:
            yield currency, lines


def _next_month(period: str) -> str:
    """Returns the first day after a month."""
    year, month = map(int, period.split("-"))
    return f"{year + month // 12:04}-{month % 12 + 1:02}-01"


def _instant(at: int) -> str:
    """Writes an instant in UTC, to the millisecond."""
    number, rest = divmod(at, DAY_MS)
    seconds, millis = divmod(rest, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{day(number)}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{millis:03}Z"


def _quoted(text: str) -> str:
    """Writes a text in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
