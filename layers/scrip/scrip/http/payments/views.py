"""Payments, quotes of refunds, and refunds as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.entries import lot_id, money_view, moved_document
from scrip.services.payments.queries import Quoted, Shown, is_told, refund_of, request_of, standing
from scrip.services.payments.refunds import Refunded


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


def quote_view(quoted: Quoted) -> dict[str, Any]:
    """What a refund would come to: of all that can be refunded, or of the amount that was asked about."""
    quote, precision = quoted.quote, quoted.unit.precision

    def money(amount: int) -> dict[str, Any] | None:
        return money_view(Money(amount, quoted.currency))

    return {
        "payment": {"provider": quoted.payment.provider, "payment_id": quoted.payment.payment_id},
        "unit": quoted.unit.unit,
        "unspent": format_amount(quoted.unspent, precision),
        "credits": format_amount(quote.credits, precision),
        "amount": money(quote.amount),
        "tax": money(quote.tax),
        "net": money(quote.net),
        "worth": money(quoted.worth),
        "refundable": money(quote.most),
        "left": money(quote.left),
        "already": {
            "refunded": money(quote.refunded),
            "pending": money(quote.pending),
            "credited": money(quote.kept),
        },
        "allowed": quote.allowed,
    }


def refunded_view(refunded: Refunded, shown: Shown) -> dict[str, Any]:
    """The answer to a refund: what became of it, the payment as it was then, and what it did to the wallet."""
    payment, unit = refunded.payment, refunded.unit
    request, paid = payment.requests[refunded.request_id], payment.facts.paid
    fact = refund_of(payment, refunded.request_id)
    assert paid
    view: dict[str, Any] = {
        "refund": {
            "request_id": refunded.request_id,
            "refund_id": fact.refund_id if fact and is_told(fact) else None,
            "as": request["as"],
            "status": fact.status if fact else "succeeded",
            "amount": money_view(Money(request["amount"], paid.currency)),
            "credits": format_amount(int(request["credits"]), unit.precision),
        },
        "payment": payment_view(shown),
    }
    return view | (moved_document(refunded.entry, unit) if refunded.entry else {})


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
