"""Periods of the books: the path, the body of a close, and the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.finance.closes import Close, FrozenReport
from scrip.domain.finance.periods import is_month
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body
from scrip.http.edge.parameters import format_instant
from scrip.services.engine.paging import Found
from scrip.services.finance.periods import RUNNING, Period
from scrip.services.finance.periods import CloseStatus as CloseStatus

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Count, Date, Hash

SHOWN_BYTES: Final = 32 * 1024
"""Bytes up to which a frozen report is shown within the close."""
Read = Callable[[str], bytes | None]
"""Returns an object of the archive."""


class CloseBody(Body):
    """A close. It has no members."""


class MissingView(TypedDict):
    """Why a month cannot be closed yet."""

    what: str
    """What is missing: `wallets`, `deliveries`, `dead_letters` or `editions`."""
    detail: str
    """What of it is missing, for people."""
    items: list[str]
    """The first hundred of it."""


class FrozenReportView(TypedDict):
    """A report as the close has frozen it."""

    report: str
    """Its name among the reports."""
    by: str | None
    """What it is by; null where it is by one thing alone."""
    sha256: Hash
    """Of the object's bytes."""
    bytes: Count
    """The object's."""
    object: str
    """Its key in the archive's bucket."""
    currencies: list[dict[str, Any]] | None
    """Its rows by currency, as the report itself has them; null where they are too many to be shown here, and of the
    journal and of promotions."""


class HeadsView(TypedDict):
    """The object that has the sequence and the hash of every wallet's last entry that the close has seen."""

    object: str
    """Its key in the archive's bucket."""
    sha256: Hash
    """Of its bytes."""


class DayVersionView(TypedDict):
    """A day of the archive."""

    day: Date
    """On which entries were recorded."""
    version: Count
    """How often entries of it were added: more than once where some came after the day was made."""


class ParkedAtCloseView(TypedDict):
    """A payment that waited for a person as the month was closed."""

    payment: str
    """The provider and its id of the payment."""
    since: At
    """Since when it waits."""


class CloseView(TypedDict):
    """What the close of a month has frozen. It never changes."""

    as_of: At
    """When it was closed."""
    complete_through: At
    """Every entry that was recorded before this instant is in it."""
    edition: Count
    """The edition of the archive that the close has seen. An entry that is not in it is booked in a later month."""
    edition_sha256: str
    """Of the edition's manifest, which has the SHA-256 of each of its objects."""
    heads: HeadsView
    """How far every wallet had come."""
    chart_of_accounts: dict[str, Any]
    """What the accounts of the books were called: those that somebody had named, and the version."""
    reports: list[FrozenReportView]
    """What the books said, each by its hash."""
    days: list[DayVersionView]
    """The days of the month, in the versions that the close has seen; those without entries are left out."""
    parked: list[ParkedAtCloseView]
    """The first hundred payments that waited for a person: nothing of them is in the books."""
    parked_count: Count
    """How many such payments there were; 100 stands for that many or more."""
    closed_by: str
    """The key that asked for it."""
    closed_by_name: str | None
    """What people call that key."""
    sha256: Hash
    """Of all of this that the close has stored, and so of the reports, by their own: docs/periods.md says how it is
    made."""


class PeriodView(TypedDict):
    """A month of the books, and how far its close is."""

    period: str
    """The month (UTC), such as `2026-11`."""
    status: CloseStatus
    """How far the close is."""
    asked_at: At
    """As of when it is closed."""
    frozen: Count
    """How many months of those that are closed together have all of their reports frozen."""
    months: Count
    """How many are closed together: this one, and the open ones right before it. 0: that is not known yet."""
    reasons: list[MissingView]
    """Why it was refused, where it was; close it again once that is seen to."""
    close: CloseView | None
    """What it came to; null: the month is not closed."""


class PeriodSummaryView(TypedDict):
    """A closed month."""

    period: str
    """The month (UTC)."""
    as_of: At
    """When it was closed."""
    edition: Count
    """The edition of the archive that the close has seen."""
    sha256: Hash
    """Of all that the close has frozen."""
    closed_by: str
    """The key that asked for it."""


class PeriodPageView(TypedDict):
    """Closed months, the latest first."""

    items: list[PeriodSummaryView]
    """The months."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def month(path: Mapping[str, str]) -> str:
    """Reads the month in the path.

    Raises:
        InvalidRequest: it is none.
    """
    text = unquote(path.get("period", ""))
    if not is_month(text):
        raise InvalidRequest([("period", "must be a month such as 2030-02")])
    return text


def period_view(period: Period, read: Read) -> PeriodView:
    """Shows how far the close of a month is; small reports with their rows."""
    running = period.status in RUNNING
    return {
        "period": period.period,
        "status": period.status,
        "asked_at": format_instant(period.at),
        "frozen": len(period.frozen) if running else 0 if period.close is None else period.months,
        "months": period.months,
        "reasons": [
            {"what": reason.what, "detail": reason.detail, "items": list(reason.items)}
            for reason in period.reasons
        ],
        "close": close_view(period.close, read) if period.close else None,
    }


def close_view(close: Close, read: Read) -> CloseView:
    """Shows what a close has frozen."""
    key, digest = close.heads
    return {
        "as_of": format_instant(close.as_of),
        "complete_through": format_instant(close.complete_through),
        "edition": close.edition,
        "edition_sha256": close.edition_sha256,
        "heads": {"object": key, "sha256": digest},
        "chart_of_accounts": dict(close.chart),
        "reports": [_report(report, read) for report in close.reports],
        "days": [{"day": day, "version": version} for day, version in close.days.items()],
        "parked": [{"payment": one.payment, "since": format_instant(one.since)} for one in close.parked],
        "parked_count": close.parked_count,
        "closed_by": close.closed_by,
        "closed_by_name": close.closed_by_name,
        "sha256": close.hash(),
    }


def period_page_view(found: Found[str, Period]) -> PeriodPageView:
    """Shows a page of closed months."""
    items, cursor = pages.shown(found, _summary)
    return {"items": items, "next_cursor": cursor}


def _summary(period: Period) -> PeriodSummaryView:
    close = period.close
    assert close, "a listed month is closed"
    return {
        "period": period.period,
        "as_of": format_instant(close.as_of),
        "edition": close.edition,
        "sha256": close.hash(),
        "closed_by": close.closed_by,
    }


def _report(report: FrozenReport, read: Read) -> FrozenReportView:
    shown = report.bytes <= SHOWN_BYTES and report.object.endswith(".json")
    text = read(report.object) if shown else None
    return {
        "report": report.report,
        "by": report.options.get("by"),
        "sha256": report.sha256,
        "bytes": report.bytes,
        "object": report.object,
        "currencies": json.loads(text).get("currencies") if text else None,
    }
