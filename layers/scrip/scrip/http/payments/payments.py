"""Payments: the answer, and which payment a request is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip import runtime
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge import parameters
from scrip.http.edge.answers import money_view
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.http.wallets.lots import lot_id
from scrip.services.payments import queries
from scrip.services.payments.payment import Payment
from scrip.services.payments.queries import Shown, request_of, standing


def payment_of(request: HttpRequest) -> Payment:
    """The payment in the path, if the caller may see it: a key of one account sees those of this account, and what is
    nobody's yet is an admin's.

    Raises:
        NotFound, Forbidden.
    """
    with request.hiding():
        payment_id = parameters.opaque(request.path, "payment_id")
        found = queries.get(runtime.tables(), request.path.get("provider", ""), payment_id)
    request.allow_account(found.account or "")
    if found.account is None:
        request.allow("admin")
    return found


def payment_view(shown: Shown) -> dict[str, Any]:
    """A payment: what its provider said, what was done about it, and why it waits, where it does."""
    payment, facts = shown.payment, shown.payment.facts
    paid = facts.paid
    currency = paid.currency if paid else None
    return {
        "provider": payment.provider,
        "payment_id": payment.payment_id,
        "status": standing(payment),
        "account": payment.account,
        "unit": payment.unit,
        "topup_id": payment.topup_id,
        "lot_id": lot_id(payment.posted.lot) if payment.posted.lot else None,
        "part_of": facts.part_of,
        "paid": paid
        and {
            "amount": paid.total,
            "tax": paid.tax,
            "currency": paid.currency,
            "at": format_instant(paid.at),
        },
        "refunds": [
            {
                "id": refund.refund_id,
                "status": refund.status,
                "amount": refund.amount,
                "currency": refund.currency or currency,
                "at": format_instant(refund.at),
                "request_id": request_of(refund),
            }
            for refund in facts.open_refunds
        ],
        "disputes": [
            {
                "id": dispute.dispute_id,
                "stage": dispute.stage,
                "status": dispute.status,
                "amount": dispute.amount,
                "currency": dispute.currency or currency,
                "at": format_instant(dispute.at),
            }
            for dispute in facts.disputes.values()
        ],
        "position": _position_view(shown),
        "parked": [{"reason": reason} for reason in payment.parked],
        "parked_at": None if payment.parked_at is None else format_instant(payment.parked_at),
        "requests": [
            {
                "request_id": name,
                "as": one["as"],
                "amount": {"amount": one["amount"], "currency": currency},
                "force": one["force"],
                "reason": one["reason"],
                "actor": one["actor"],
                "at": format_instant(one["at"]),
            }
            for name, one in payment.requests.items()
        ],
        "resolutions": [{**one, "at": format_instant(one["at"])} for one in payment.resolutions],
    }


def _position_view(shown: Shown) -> Mapping[str, Any] | None:
    """Where the payment stands: credits of its unit, and money of its cost basis."""
    position, paid, unit = shown.position, shown.payment.facts.paid, shown.unit
    if position is None or paid is None or unit is None:
        return None
    return {
        "granted": _amount(position.granted, unit),
        "clawed": _amount(position.clawed, unit),
        "frozen": _amount(position.frozen, unit),
        "credited": _amount(shown.payment.posted.credited, unit),
        "refunded": money_view(Money(position.refunded, paid.currency)),
    }


def _amount(steps: int, unit: Unit) -> str:
    return format_amount(steps, unit.precision)
