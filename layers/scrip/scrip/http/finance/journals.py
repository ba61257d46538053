"""The journal: the parameters, and the answers as pages in JSON and CSV, and as files for other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args
from urllib.parse import urlencode

from scrip.domain.credits.currencies import exact
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.finance.formats import beancount, journals, layout
from scrip.domain.finance.formats.journals import Group
from scrip.domain.finance.formats.layouts import LAYOUTS, LayoutName
from scrip.domain.finance.journal import JournalEntry
from scrip.http.edge import tables
from scrip.http.edge.answers import Answer, TypedDict, answer
from scrip.http.edge.parameters import Query, format_instant, make_cursor
from scrip.http.edge.request import HttpRequest
from scrip.http.finance.reports import as_table, month, selection, text_answer
from scrip.services.finance import journal_pages, reports
from scrip.services.finance.books import Selection
from scrip.services.finance.journal_pages import SINCE, JournalPlace
from scrip.services.finance.readings import BooksReading

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Count, Currency, EntryId, Month, Name

JournalFormat = Literal["json", "csv", "beancount"]
"""What the journal is written as."""
PARAMETERS: Final = (*("period", "currency", "unit", "format", "layout", "group", "part", "limit", "cursor"),)
OF_PAGES: Final = ("limit", "cursor")
OF_FILES: Final = ("group", "part")
MOST_PARTS: Final = 10**6
COLUMNS: Final = (
    *("currency", "entry_id", "account", "unit", "seq", "at", "recorded_at", "kind", "late_for"),
    *("book_account", "amount", "settlement"),
)
"""Columns of the journal's table: a row is a line."""
_TEXT: Final = re.compile(r"[^\x00-\x1f]{0,300}")
_ORDINALS: Final = range(SINCE + 1)


class JournalLineView(TypedDict):
    """A line of the journal."""

    account: str
    """The account of the books, by its key in the chart of accounts."""
    amount: int
    """Minor units: positive is debited, negative credited."""


class JournalItemView(TypedDict):
    """What an entry of the ledger, or a movement at a provider, posts in one currency. Its lines add up to nothing."""

    entry_id: EntryId | None
    """Which entry of the ledger posts it; null: what moved at a payment provider does."""
    settlement: str | None
    """What moved at a payment provider, by the provider and its id for it: `stripe:txn_1`; null of an entry."""
    account: Name | None
    """Whose wallet it is of; null of a settlement."""
    unit: Name | None
    """The wallet's unit; null of a settlement."""
    seq: Count | None
    """Its place in the wallet; null of a settlement."""
    at: At
    """When it holds."""
    recorded_at: At
    """When it was committed, or recorded."""
    kind: str
    """What the entry did: `grant`, `burn` and so on; of a settlement `fee`, `payout` and so on."""
    currency: Currency
    """ISO 4217."""
    late_for: Month | None
    """The month that it is of, where that was closed without it; null: it is of the month that it is booked in."""
    lines: list[JournalLineView]
    """Debits first. Both sides of what moves within an account are there."""


class JournalPageView(TypedDict):
    """A page of a month's journal: all that was there when the first page was asked for, each once."""

    period: Month
    """The month (UTC)."""
    as_of: At
    """When the books were so; of a closed month, when it was closed."""
    complete_through: At | None
    """Every entry that was recorded before this instant is there. Null: that is not proved yet."""
    items: list[JournalItemView]
    """What is booked in it."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """What is asked for.

    Attributes:
        table: whether pages are tables.
        form: ``beancount``, or the layout of a file; None: pages.
        group: what one journal of a file is of.
        part: which of several files.
    """

    period: str
    selection: Selection
    table: bool
    form: Literal["beancount"] | LayoutName | None
    group: Group
    part: int


def journal_query(request: HttpRequest) -> JournalQuery:
    """Reads which journal is asked for, and as what.

    Raises:
        InvalidRequest: a parameter is none, is missing, or is one that the form does not take.
    """
    query = request.query
    said = query.choice("format", get_args(JournalFormat))
    named = cast("LayoutName | None", query.choice("layout", get_args(LayoutName)))
    table = as_table(request, said)
    if named and not table:
        raise InvalidRequest([("layout", "send it with format=csv")])
    form: Literal["beancount"] | LayoutName | None = "beancount" if said == "beancount" else named
    group = cast("Group | None", query.choice("group", get_args(Group)))
    part = query.whole("part", MOST_PARTS)
    _refuse_others(query, form)
    chosen = selection(query)
    return JournalQuery(
        cast("str", month(query)),
        chosen,
        table,
        form,
        group or ("entry" if form == "beancount" else "day"),
        part or 1,
    )


def journal_place(query: Query) -> JournalPlace | None:
    """Reads the place that the journal goes on after; None for its beginning. Raises ``InvalidRequest``."""
    forms = (_ORDINALS, _ORDINALS, _TEXT, _TEXT, _TEXT, range(2**53), _TEXT)
    place = query.cursor(*forms)
    return None if place is None else JournalPlace(*place)


def journal_answer(
    request: HttpRequest,
    asked: JournalQuery,
    read: BooksReading,
    found: Sequence[JournalEntry],
    following: JournalPlace | None,
) -> Answer:
    """Makes the answer that carries a page of the journal; the next page of a table is a header ``Link``."""
    view = journal_page_view(asked.period, found, following, read.as_of, read.complete_through)
    view["next_cursor"] = cursor = request.query.bind(view["next_cursor"])
    if not asked.table:
        return answer(200, view)
    more = {"cursor": cursor} if cursor else {}
    return text_answer(journal_table(found), "text/csv", **_next(request, more))


def journal_file(request: HttpRequest, asked: JournalQuery, read: BooksReading) -> Answer:
    """Makes the answer that carries the journal as a file for another program.

    Where the program takes so many lines a file and there are more, the next file is a header ``Link``.

    Raises:
        InvalidRequest: a currency is none that such a file can have.
    """
    books, period = read.books, asked.period
    found = journals.journals(journal_pages.entries(books, period, asked.selection), asked.group)
    if asked.form == "beancount":
        opening = {
            (row["account"], one.currency): row["opening"]
            for one in reports.trial_balance(books, period, asked.selection)
            for row in one.rows
            if row["opening"]
        }
        text = "".join(beancount.write(found, read.chart, period, opening))
        return text_answer(text, "text/plain")
    wanted = LAYOUTS[cast("LayoutName", asked.form)]
    wanted.check(journal_pages.currencies(books, period, asked.selection))
    listed = [*found]
    parts = max((number for number, _ in journals.in_parts(listed, wanted.most_lines)), default=1)
    if asked.part > parts:
        raise InvalidRequest([("part", f"must be at most {parts}: there are no more files")])
    text = "".join(layout.write(wanted, listed, read.chart, asked.part))
    more = {"part": str(asked.part + 1)} if asked.part < parts else {}
    return text_answer(text, "text/csv", **_next(request, more))


def journal_page_view(
    period: str,
    found: Sequence[JournalEntry],
    following: JournalPlace | None,
    as_of: int,
    complete_through: int | None,
) -> JournalPageView:
    """Shows a page of the journal."""
    return {
        "period": period,
        "as_of": format_instant(as_of),
        "complete_through": None if complete_through is None else format_instant(complete_through),
        "items": [journal_item_view(entry) for entry in found],
        "next_cursor": None if following is None else make_cursor(*following),
    }


def journal_item_view(entry: JournalEntry) -> JournalItemView:
    """Shows what an entry posts."""
    return {
        "entry_id": None if entry.settlement else entry.entry_id,
        "settlement": entry.settlement,
        "account": entry.account,
        "unit": entry.unit,
        "seq": entry.seq,
        "at": format_instant(entry.at),
        "recorded_at": format_instant(entry.recorded_at),
        "kind": entry.kind,
        "currency": entry.currency,
        "late_for": entry.late_for,
        "lines": [{"account": line.account, "amount": line.amount} for line in entry.lines],
    }


def journal_table(found: Sequence[JournalEntry]) -> str:
    """Writes a page of the journal as a table: a row for each line."""
    rows = []
    for entry in found:
        view: dict[str, Any] = {**journal_item_view(entry)}
        for line in entry.lines:
            amount = exact(line.amount, entry.currency)
            rows.append({**view, "book_account": line.account, "amount": amount})
    columns = [tables.Column((name,), name in ("seq", "amount")) for name in COLUMNS]
    return tables.written(columns, rows)


def _next(request: HttpRequest, more: dict[str, str]) -> dict[str, str]:
    """Returns the header that leads to what comes next, which has these parameters; none where there is nothing."""
    if not more:
        return {}
    return {"link": f'</v1/reports/journal?{urlencode({**request.query.sent, **more})}>; rel="next"'}


def _refuse_others(query: Query, form: str | None) -> None:
    """Refuses parameters that other forms of the journal take.

    Raises:
        InvalidRequest: there are some.
    """
    not_taken: tuple[str, ...] = OF_PAGES if form else OF_FILES
    if form == "beancount":
        not_taken = (*OF_PAGES, "part", "layout")
    who = "pages in JSON and CSV do" if form else "files of a layout do"
    found = [name for name in not_taken if name in query.sent]
    if found:
        raise InvalidRequest([(name, f"leave it out: {who}") for name in found])
