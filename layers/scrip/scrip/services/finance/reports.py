"""Reports: what the books say of a month, or of an instant, by currency.

Amounts are whole minor units. Rows add up to the minor unit, and currencies are never mixed. Does not own what is in
the books (``books``), nor how a report is shown (``http.finance.reports``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from scrip.services.finance.books import Books, Selection

Json = dict[str, Any]
ReportName = Literal[
    "trial-balance", "roll-forward", "revenue", "breakage", "liability", "cash", "tax", "promotions"
]
"""What a report says."""
LINES: Final = ("opening", "sold", "recognised", "breakage", "refunded", "charged_back", "moved", "closing")
"""The lines of a roll-forward: opening + sold − recognised − breakage − refunded − charged_back + moved = closing."""
CLEARING: Final = ("clearing", "balance", "reserved", "on_the_way")
"""What stands beside the cash of a provider: clearing = balance + reserved + on_the_way."""
RevenueBy = Literal["day", "meter", "pack", "account"]
_BY: Final[Mapping[RevenueBy, str]] = {
    "day": "CASE WHEN late_for IS NULL THEN strftime(held_on, '%Y-%m-%d') ELSE period || '-01' END",
    "meter": "meter",
    "pack": "pack",
    "account": "account",
}


@dataclass(slots=True)
class CurrencyRows:
    """The rows of one currency; ``beside`` are further figures, which are no part of the sum."""

    currency: str
    rows: list[Json] = field(default_factory=list)
    beside: list[Json] = field(default_factory=list)


def trial_balance(books: Books, period: str, selection: Selection) -> list[CurrencyRows]:
    """Returns what each account of the books has at the end of a month: debit positive. They add up to nothing.

    ``opening`` is what it had at the month's beginning, ``movement`` what was booked in the month.
    """
    books.totals(period, selection)
    found = _Rows()
    for currency, account, opening, movement, amount in books.rows("trial_balance", period=period):
        found.add(currency, account=account, opening=opening or 0, movement=movement or 0, amount=amount)
    return found.listed


def roll_forward(books: Books, period: str, selection: Selection) -> list[CurrencyRows]:
    """Returns from what to what deferred revenue went in a month, and why. What is subtracted is positive.

    Beside it stands what was paid back of money that had been earned: it comes off revenue, and was deferred no more.
    """
    books.totals(period, selection)
    found = _Rows()
    for currency, *amounts in books.rows("roll_forward", period=period):
        for line, amount in zip(LINES, amounts, strict=False):
            found.add(currency, line=line, amount=amount or 0)
        for line, amount in zip(("refunded", "charged_back"), amounts[len(LINES) :], strict=True):
            if amount:
                found.beside(currency, line=f"recognised_given_back.{line}", amount=amount)
    return found.listed


def revenue(books: Books, period: str, selection: Selection, by: RevenueBy) -> list[CurrencyRows]:
    """Returns what was earned in a month, by day (UTC), meter, pack or account; less what was given back of it.

    A meter or a pack is null where there was none.
    """
    (books.accounts if by == "account" else books.totals)(period, selection)
    found = _Rows()
    for currency, name, amount in books.rows("revenue", {"by": _BY[by]}, period=period):
        found.add(currency, **{by: name}, amount=amount)
    return found.listed


def breakage(books: Books, period: str, selection: Selection) -> list[CurrencyRows]:
    """Returns the money of credits that ended unspent in a month, by the kind of entry that ended them, without tax."""
    books.totals(period, selection)
    found = _Rows()
    for currency, kind, amount in books.rows("breakage", period=period):
        found.add(currency, kind=kind, amount=amount)
    return found.listed


def cash(books: Books, period: str, selection: Selection) -> list[CurrencyRows]:
    """Returns what providers took in, gave back, kept and paid out in a month: debit positive.

    Beside it stands, of each provider that says what moves its balance, what the books have there at the month's end
    (``clearing``): its balance, what it has set aside, and what is on its way.
    """
    books.totals(period, selection)
    found = _Rows()
    for currency, provider, line, amount in books.rows("cash", period=period):
        found.add(currency, provider=provider, line=line, amount=amount)
    if selection.unit is None:
        # What moved at a provider is of no unit.
        books.settlements(period)
        for row in books.rows("clearing", currency=selection.currency):
            currency, provider, clearing, balance, reserved = row
            figures = (clearing, balance, reserved, clearing - balance - reserved)
            for line, amount in zip(CLEARING, figures, strict=True):
                found.beside(currency, line=f"{line}.{provider}", amount=amount)
    return found.listed


def tax(books: Books, period: str, selection: Selection) -> list[CurrencyRows]:
    """Returns the tax that became due in a month, by country and by when it is due; less what was reversed.

    Beside it stands the tax that is still to become due, at the month's end; and what providers paid of it in our
    place, which is negative.
    """
    books.totals(period, selection)
    found = _Rows()
    for currency, country, point, taxable, amount, deferred in books.rows("tax", period=period):
        if taxable or amount:
            found.add(currency, country=country, tax_point=point, taxable=taxable, amount=amount)
        if deferred:
            found.beside(currency, line=f"tax_deferred.{country}", amount=deferred)
    for currency, provider, amount in books.rows("remitted", period=period):
        found.beside(currency, line=f"remitted.{provider}", amount=amount)
    return found.listed


def liability(books: Books, at: int, selection: Selection, *, by_account: bool) -> list[CurrencyRows]:
    """Returns what is deferred as of an instant (epoch milliseconds), by when lots end, or by account."""
    books.standing(at, selection)
    name, query = ("account", "liability_by_account") if by_account else ("bucket", "liability_aged")
    found = _Rows()
    for currency, one, amount in books.rows(query, at=at):
        found.add(currency, **{name: one}, amount=amount)
    return found.listed


OF_A_MONTH: Final[Mapping[str, Callable[[Books, str, Selection], list[CurrencyRows]]]] = {
    "trial-balance": trial_balance,
    "roll-forward": roll_forward,
    "breakage": breakage,
    "cash": cash,
    "tax": tax,
}
"""Reports of a month that are asked for by nothing else."""


def asked(
    books: Books, name: ReportName, period: str, selection: Selection, by: str | None, at: int
) -> list[CurrencyRows]:
    """Returns a report by its name.

    Args:
        by: what its rows are by, where it may be by several things; None: as they are by themselves.
        at: of a report of an instant, epoch milliseconds.
    """
    if name == "revenue":
        return revenue(books, period, selection, cast("RevenueBy", by or "day"))
    if name == "liability":
        return liability(books, at, selection, by_account=by == "account")
    return OF_A_MONTH[name](books, period, selection)


class _Rows:
    """Rows by currency, in the order in which they are added."""

    def __init__(self) -> None:
        self._found: dict[str, CurrencyRows] = {}

    def add(self, currency: str, **row: Any) -> None:
        """Adds a row."""
        self._of(currency).rows.append(row)

    def beside(self, currency: str, **row: Any) -> None:
        """Adds a figure that is no part of the sum."""
        self._of(currency).beside.append(row)

    @property
    def listed(self) -> list[CurrencyRows]:
        """Returns all of them, by the code of their currency."""
        return [self._found[currency] for currency in sorted(self._found)]

    def _of(self, currency: str) -> CurrencyRows:
        return self._found.setdefault(currency, CurrencyRows(currency))
