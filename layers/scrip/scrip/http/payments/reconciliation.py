"""Reports of reconciliation: the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from scrip.domain.finance.settlement import (
    TYPES,
    CurrencySums,
    MoneyOfDay,
    SettlementProgress,
    SettlementType,
)
from scrip.domain.payments.comparison import Finding
from scrip.domain.payments.reconciliation import Findings, Pass, Report
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant
from scrip.services.finance.settlements import Judged
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


class SettledMovementView(TypedDict):
    """What moved the provider's balance for one reason."""

    type: SettlementType
    """Why it moved. `tax` is what the provider pays in your place, `reserve` what it sets aside and releases."""
    amount: int
    """Minor units: positive is more for you."""


class SettledCurrencyView(TypedDict):
    """One currency on that day, in minor units."""

    currency: Currency
    """ISO 4217."""
    charged: int
    """Payments less refunds, as the provider has them in the customers' currency."""
    booked: int
    """The same as it is here."""
    moved: list[SettledMovementView]
    """What moved the provider's balance in this currency: payments as they arrived there, fees, payouts."""
    net: int
    """By how much the balance changed."""


class SettledDifferenceView(TypedDict):
    """A movement of the provider's balance that is not as it is here."""

    settlement_id: str
    """The movement, as the provider names it."""
    type: SettlementType
    """Why it moved."""
    about: str | None
    """What it is of (`payment:pi_1`, `refund:re_1`, `dispute:dp_1`); null: the provider does not say."""
    reason: str
    """What differs."""
    theirs: int
    """The amount at the provider, in the customer's currency."""
    ours: int | None
    """The amount here; null: nothing is known of it."""
    currency: Currency
    """ISO 4217."""
    payment_id: str | None
    """The payment, where it is of one."""
    topup_id: str | None
    """The order, where it is known."""
    account: str | None
    """Whose it is, where that is known."""


class SettledMoneyView(TypedDict):
    """What moved the provider's balances on that day, against what is here."""

    through: At | None
    """Up to which instant the provider's list was taken by the last walk that came to its end."""
    error: str | None
    """Why the last run could not go on; the next one tries again."""
    currencies: list[SettledCurrencyView]
    """By currency. None is mixed with another."""
    differences: Count
    """How many movements are not as they are here."""
    items: Annotated[list[SettledDifferenceView], {"maxItems": 100}]
    """The first 100 of them."""


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
    money: SettledMoneyView
    """What moved the provider's balances on that day: payments, fees, payouts."""


def finding_rows(report: ReconciliationView) -> list[dict[str, Any]]:
    """Returns the findings of a report, each with its ``kind``: at most 100 of each kind, as the report has them."""
    kinds: dict[str, FindingsView] = {
        "missed": report["missed"],
        "paid_without_grant": report["paid_without_grant"],
        "grant_without_payment": report["grant_without_payment"],
        "amounts_differ": report["amounts_differ"],
    }
    return [{**finding, "kind": kind} for kind, found in kinds.items() for finding in found["items"]]


def report_view(
    report: Report, progress: Pass, own: FirstSeen | None, money: SettledMoneyView
) -> ReconciliationView:
    """Shows a day's report, how the last pass over all days stands, which account was seen first, and what moved."""
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
        "money": money,
    }


def money_view(money: MoneyOfDay, left: Sequence[Judged], progress: SettlementProgress) -> SettledMoneyView:
    """Shows what moved on a day, and what of it differs still."""
    return {
        "through": _instant(progress.done_until),
        "error": progress.error,
        "currencies": [_currency_view(currency, one) for currency, one in sorted(money.sums.items())],
        "differences": money.count,
        "items": [_difference_view(one) for one in left],
    }


def _currency_view(currency: str, sums: CurrencySums) -> SettledCurrencyView:
    moved: list[SettledMovementView] = [
        {"type": type_, "amount": sums.moved[type_]} for type_ in TYPES if type_ in sums.moved
    ]
    return {
        "currency": currency,
        "charged": sums.charged,
        "booked": sums.booked,
        "moved": moved,
        "net": sums.net,
    }


def _difference_view(judged: Judged) -> SettledDifferenceView:
    one, payment = judged.settlement, judged.payment
    theirs, currency = one.as_charged
    return {
        "settlement_id": one.id,
        "type": one.type,
        "about": one.of,
        "reason": judged.reason or "",
        "theirs": theirs,
        "ours": judged.ours,
        "currency": currency,
        "payment_id": one.payment_id,
        "topup_id": payment.topup_id if payment else None,
        "account": payment.account if payment else None,
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
