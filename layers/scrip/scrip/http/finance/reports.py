"""Reports of the books: the parameters, and the answers in JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args
from urllib.parse import unquote

from scrip.domain.credits.currencies import exact
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.finance.periods import begins, ends, is_month, month_of
from scrip.http.edge import tables
from scrip.http.edge.answers import Answer, TypedDict
from scrip.http.edge.parameters import Query, format_instant
from scrip.http.edge.request import HttpRequest
from scrip.services.finance import promotions
from scrip.services.finance.books import Selection
from scrip.services.finance.promotions import UnitRows
from scrip.services.finance.reports import CurrencyRows, ReportName, RevenueBy

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import At, Credits, Currency, Month, Name

BreakageMethod = Literal["at_expiry", "proportional"]
"""When money of credits that nobody spends counts as earned."""
ReportFormat = Literal["json", "csv"]
"""What a report is written as."""
NAMES: Final[tuple[ReportName, ...]] = get_args(ReportName)
PARAMETERS: Final = ("period", "currency", "unit", "format", "by", "method", "at")
OWN: Final[Mapping[ReportName, tuple[str, ...]]] = {
    "revenue": ("by",),
    "breakage": ("method",),
    "liability": ("by", "at"),
}
"""Parameters that not all reports take, by those that do."""
BY: Final[Mapping[ReportName, tuple[str, ...]]] = {"revenue": get_args(RevenueBy), "liability": ("account",)}
"""What a report may be by."""
COLUMNS: Final[Mapping[ReportName, tuple[str, ...]]] = {
    "trial-balance": ("account", "opening", "movement"),
    "roll-forward": ("line",),
    "revenue": (),
    "breakage": ("kind",),
    "liability": (),
    "cash": ("provider", "line"),
    "tax": ("country", "tax_point", "taxable"),
    "promotions": (),
}
"""Columns of a report's table, after the currency and before the amount; of some, what they are by is one too."""
MONEY: Final = ("opening", "movement", "taxable", "amount")
"""Members of a row that are amounts."""
MONTH_FORM: Final = "must be a month such as 2030-02"


class ReportRowView(TypedDict):
    """A row of a report. Which members it has depends on the report; `amount` is always there."""

    account: NotRequired[str]
    """Of the trial balance: the account of the books, by its key in the chart. By account: the customer's."""
    line: NotRequired[str]
    """Which line of the report it is."""
    day: NotRequired[str | None]
    """The day (UTC). What came late for a closed month is of the first day of the month that it is booked in."""
    meter: NotRequired[str | None]
    """What the credits were spent for; null: no meter counted it."""
    pack: NotRequired[str | None]
    """The pack that the credits came of; null: of none."""
    kind: NotRequired[str]
    """The kind of the entries by which the credits ended."""
    bucket: NotRequired[str]
    """How long after the instant the credits end: `ended` (what is held or frozen past its end), `0-30d`, `31-90d`,
    `91-365d`, `over-365d`, `never`."""
    provider: NotRequired[str]
    """The payment provider."""
    country: NotRequired[str]
    """That of the payment that bought the credits; where it told none, the one that the account was of when the entry
    was recorded; `unknown`: none was said."""
    tax_point: NotRequired[str]
    """When the tax is due: `purchase` or `redemption`."""
    opening: NotRequired[int]
    """What the account had at the month's beginning."""
    movement: NotRequired[int]
    """What was booked to it in the month."""
    taxable: NotRequired[int]
    """What the tax is of, without it."""
    amount: int
    """Minor units (cents)."""


class ReportBesideView(TypedDict):
    """A further figure, which is no part of the sum."""

    line: str
    """What the figure tells, such as `tax_deferred.DE`."""
    amount: int
    """Minor units (cents)."""


class ReportPromotionView(TypedDict):
    """What a promotion gave: opening + issued − burned − expired − taken_back + moved = closing."""

    promotion: str
    """Its code."""
    redemptions: int
    """How often it gave something in the month."""
    opening: Credits
    """What was left at the month's beginning of all that it had given."""
    issued: Credits
    """What it gave in the month."""
    burned: Credits
    """What was spent of what it ever gave, less what came back."""
    expired: Credits
    """What ended unspent."""
    taken_back: Credits
    """What was taken back otherwise: voids and debits."""
    moved: Credits
    """What came from other lots of it, by transfers and rollovers, less what went: 0 where both are in the month."""
    closing: Credits
    """What is left at the month's end."""


class ReportUnitView(TypedDict):
    """What promotions gave in one unit."""

    unit: Name
    """Which unit the credits are of."""
    rows: list[ReportPromotionView]
    """By code."""


class ReportCurrencyView(TypedDict):
    """What a report says in one currency. Currencies are never added up."""

    currency: Currency
    """ISO 4217."""
    rows: list[ReportRowView]
    """What it says of each account, day, provider and so on."""
    beside: list[ReportBesideView]
    """Further figures."""


class BooksReportView(TypedDict):
    """A report of the books. Amounts are minor units; debit is positive where accounts of the books are meant."""

    report: ReportName
    """The name that it was asked for by."""
    period: Month | None
    """The month (UTC) that it is of; null: it is of an instant."""
    at: NotRequired[At]
    """The instant that it is of, where it is of one: what holds at it is in the report."""
    as_of: At
    """When the books were so; of a closed month, when it was closed."""
    complete_through: At | None
    """Every entry that was recorded before this instant is in it. Null: that is not proved yet."""
    currencies: list[ReportCurrencyView]
    """What it says, by currency. One in which there is nothing is left out; of `promotions` all are."""
    units: NotRequired[list[ReportUnitView]]
    """Of `promotions` alone: what is given away costs nothing, so that it is credits of a unit and no money."""


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What is asked for.

    Attributes:
        period: the month whose books are meant.
        said: whether the caller named it.
        by: what its rows are by; None: as they are by themselves.
        at: the instant that it is of, epoch milliseconds; None: the last one of the month.
    """

    name: ReportName
    period: str
    said: bool
    selection: Selection
    by: str | None
    method: BreakageMethod
    at: int
    table: bool


def report_query(request: HttpRequest) -> ReportQuery:
    """Reads which report is asked for.

    Raises:
        NotFound: there is no such report.
        InvalidRequest: a parameter is none, is missing, or is one that the report does not take.
    """
    query, now = request.query, request.moment().at
    text = unquote(request.path.get("name", ""))
    if text not in NAMES:
        others = "journal, reconciliation"
        raise NotFound(f"there is no report {text[:100]}: there are {', '.join(NAMES)}, {others}")
    name: ReportName = text
    _refuse_others(query, name)
    if name == promotions.NAME and "currency" in query.sent:
        raise InvalidRequest([("currency", "leave it out: what promotions give has none, ask for a unit")])
    at, chosen = query.instant("at"), selection(query)
    said = month(query, needed=name != "liability")
    period = said or month_of(now if at is None else at)
    if said and at is not None and not begins(period) <= at <= ends(period):
        raise InvalidRequest([("at", "must lie in the period, or be its end: leave one of the two out")])
    return ReportQuery(
        name,
        period,
        said is not None,
        chosen,
        query.choice("by", BY.get(name, ())),
        cast("BreakageMethod", query.choice("method", get_args(BreakageMethod)) or "at_expiry"),
        at if at is not None else ends(period) - 1 if said else now,
        as_table(request, query.choice("format", get_args(ReportFormat))),
    )


def month(query: Query, *, needed: bool = True) -> str | None:
    """Reads the month that ``period`` names; None where it is missing.

    Raises:
        InvalidRequest: it is none, or is missing and needed.
    """
    text = query.text("period")
    if text is None and needed:
        raise InvalidRequest([("period", f"is missing: it {MONTH_FORM}")])
    if text is not None and not is_month(text):
        raise InvalidRequest([("period", MONTH_FORM)])
    return text


def selection(query: Query) -> Selection:
    """Reads of which unit and currency a report is. Raises ``InvalidRequest``."""
    return Selection(query.said_unit(), query.currency("currency"))


def as_table(request: HttpRequest, said: str | None) -> bool:
    """Tells whether a table is asked for: by the parameter ``format``, or else by the header ``Accept``."""
    return said == "csv" or (said is None and tables.wanted(request.headers.get("accept", "")))


def report_view(
    asked: ReportQuery, found: Sequence[CurrencyRows], as_of: int, complete_through: int | None
) -> BooksReportView:
    """Shows a report."""
    view: BooksReportView = {
        "report": asked.name,
        "period": asked.period if asked.said else None,
        "as_of": format_instant(as_of),
        "complete_through": None if complete_through is None else format_instant(complete_through),
        "currencies": [
            {
                "currency": one.currency,
                "rows": cast("list[ReportRowView]", one.rows),
                "beside": cast("list[ReportBesideView]", one.beside),
            }
            for one in found
        ],
    }
    if asked.name == "liability":
        view["at"] = format_instant(asked.at)
    return view


def promotions_view(
    asked: ReportQuery, found: Sequence[UnitRows], as_of: int, complete_through: int | None
) -> BooksReportView:
    """Shows what promotions gave."""
    view = report_view(asked, (), as_of, complete_through)
    view["units"] = [{"unit": one.unit, "rows": cast("list[ReportPromotionView]", one.rows)} for one in found]
    return view


def promotions_table(found: Sequence[UnitRows]) -> str:
    """Writes what promotions gave as a table: the unit first."""
    names = ("unit", "promotion", "redemptions", *promotions.AMOUNTS)
    rows = [{"unit": one.unit, **row} for one in found for row in one.rows]
    return tables.written([tables.Column((name,), name not in names[:2]) for name in names], rows)


def report_table(asked: ReportQuery, found: Sequence[CurrencyRows]) -> str:
    """Writes a report as a table: the currency first, amounts in major units with all decimals of the currency."""
    by = asked.by or {"revenue": "day", "liability": "bucket"}.get(asked.name)
    columns = ("pack",) if asked.method == "proportional" else COLUMNS[asked.name]
    names = ("currency", *((by,) if by else ()), *columns, "amount")
    rows = [_row(one.currency, row) for one in found for row in one.rows]
    return tables.written([tables.Column((name,), name in MONEY) for name in names], rows)


def text_answer(text: str, media_type: str, **headers: str) -> Answer:
    """Makes the answer that carries a text."""
    return {
        "statusCode": 200,
        "headers": {"content-type": f"{media_type}; charset=utf-8", **headers},
        "body": text,
    }


def _row(currency: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row with its currency, its amounts as decimals."""
    made = {name: exact(value, currency) if name in MONEY else value for name, value in row.items()}
    return {"currency": currency, **made}


def _refuse_others(query: Query, name: ReportName) -> None:
    """Refuses parameters that other reports take.

    Raises:
        InvalidRequest: there are some.
    """
    some = {one for own in OWN.values() for one in own} - set(OWN.get(name, ()))
    found = sorted(some & set(query.sent))
    if found:
        takers = {one: ", ".join(report for report, own in OWN.items() if one in own) for one in found}
        raise InvalidRequest(
            [(one, f"leave it out: {name} does not take it, {takers[one]} does") for one in found]
        )
