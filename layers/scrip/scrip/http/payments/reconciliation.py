"""Reports of reconciliation: the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from scrip.domain.payments.comparison import Finding
from scrip.domain.payments.reconciliation import Findings, Pass, Report
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant
from scrip.services.payments.accounts import FirstSeen

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Count, Currency, Date


class FindingView(TypedDict):
    """Something that is not the same on both sides. Amounts are minor units of the payment's currency."""

    payment_id: str
    """The payment, as the provider names it."""
    about: str
    """The payment, one of its refunds or disputes (`refund:re_1`), or `position`: what is posted for it."""
    reasons: list[str]
    """What differs, or why."""
    theirs: Count | None
    """The amount at the provider; null where it is not there, or none is known."""
    ours: Count | None
    """The amount here; null in the same cases."""
    currency: Currency | None
    """ISO 4217."""
    topup_id: str | None
    """The order, where it is known."""
    account: str | None
    """Whose it is, where that is known."""


class FindingsView(TypedDict):
    """Findings of one kind."""

    count: Count
    """How many there are."""
    items: Annotated[list[FindingView], {"maxItems": 100}]
    """The first 100 of them."""


class OwnAccountView(TypedDict):
    """Which of the provider's accounts is ours, by the first delivery that said one. Those of others are parked."""

    account: str
    """Such as `livemode true`, or `business_id bus_...`."""
    since: At
    """When that delivery came."""


class LastPassView(TypedDict):
    """The last comparison with this provider, over several days."""

    begun_at: At | None
    """When it began."""
    ended_at: At | None
    """When it ended; null: it goes on."""
    error: str | None
    """Why its last run could not go on; the next one tries again."""


class ReconciliationView(TypedDict):
    """What a provider lists for one day (UTC) against what is here."""

    provider: str
    """The payment provider."""
    date: Date
    """The day on which payments, refunds and disputes were made there."""
    checked_at: At | None
    """When both sides were last compared; null: what was missed has been passed on, and no more yet."""
    listed: Count
    """Payments, refunds and disputes that the provider lists, failed attempts included."""
    findings: Count
    """How much there is to look at: all but what was missed."""
    missed: FindingsView
    """What no webhook had told. It was applied as if one had."""
    paid_without_grant: FindingsView
    """Paid at the provider, and nothing granted here."""
    grant_without_payment: FindingsView
    """Granted here for a payment that the provider does not have, or does not call paid."""
    amounts_differ: FindingsView
    """Granted, but a total, a refund or a dispute is not the same there, or is not posted."""
    last_pass: LastPassView
    """How the last comparison stands."""
    own_account: OwnAccountView | None
    """Null where a parameter says whose deliveries are ours, and before the first of them."""


def finding_rows(report: ReconciliationView) -> list[dict[str, Any]]:
    """Returns the findings of a report, each with its ``kind``: at most 100 of each kind, as the report has them."""
    kinds: dict[str, FindingsView] = {
        "missed": report["missed"],
        "paid_without_grant": report["paid_without_grant"],
        "grant_without_payment": report["grant_without_payment"],
        "amounts_differ": report["amounts_differ"],
    }
    return [{**finding, "kind": kind} for kind, found in kinds.items() for finding in found["items"]]


def report_view(report: Report, progress: Pass, own: FirstSeen | None) -> ReconciliationView:
    """Shows a day's report, how the last pass over all days stands, and which account was seen first."""
    return {
        "provider": report.provider,
        "date": report.date,
        "checked_at": _instant(report.checked_at),
        "listed": report.listed,
        "findings": report.findings,
        "missed": _findings_view(report.found["missed"]),
        "paid_without_grant": _findings_view(report.found["paid_without_grant"]),
        "grant_without_payment": _findings_view(report.found["grant_without_payment"]),
        "amounts_differ": _findings_view(report.found["amounts_differ"]),
        "last_pass": {
            "begun_at": _instant(progress.begun_at),
            "ended_at": _instant(progress.ended_at),
            "error": progress.error,
        },
        "own_account": {"account": own.account, "since": format_instant(own.at)} if own else None,
    }


def _findings_view(found: Findings) -> FindingsView:
    return {"count": found.count, "items": [_finding_view(one) for one in found.items]}


def _finding_view(finding: Finding) -> FindingView:
    return {
        "payment_id": finding.payment_id,
        "about": finding.about,
        "reasons": list(finding.reasons),
        "theirs": finding.theirs,
        "ours": finding.ours,
        "currency": finding.currency,
        "topup_id": finding.topup_id,
        "account": finding.account,
    }


def _instant(at: int | None) -> str | None:
    return format_instant(at) if at else None
