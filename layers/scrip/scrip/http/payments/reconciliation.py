"""Reports of reconciliation as a caller reads them: instants as RFC 3339, money in minor units."""

from __future__ import annotations

from typing import Any

from scrip.http.edge.parameters import format_instant
from scrip.services.payments.reconciliation_reports import Place, Report


def report_view(report: Report, place: Place) -> dict[str, Any]:
    """A day's report, and how the pass that is the last one stands."""
    return {
        "provider": report.provider,
        "date": report.date,
        "checked_at": _instant(report.checked_at),
        "listed": report.listed,
        "findings": report.findings,
        **{kind: {"count": noted.count, "items": noted.items} for kind, noted in report.found.items()},
        "last_pass": {
            "begun_at": _instant(place.begun_at),
            "ended_at": _instant(place.ended_at),
            "error": place.error,
        },
    }


def _instant(at: int | None) -> str | None:
    return format_instant(at) if at else None
