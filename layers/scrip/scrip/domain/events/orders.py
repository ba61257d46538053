"""What becomes of orders and payments, as somebody may want to hear of it.

That an order is paid, and that its credits go back, is said by entries, whoever made them: a webhook, the
reconciliation or a person. That it failed or is disputed need move no credits, and is said by what a provider tells
of the payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import business_key, former_entry_id, key_entry_id
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Unpaid
from scrip.domain.payments.payment import Payment
from scrip.domain.wallets.position import KEPT

OrderNews = Literal["paid", "failed", "refunded", "disputed"]
"""What became of an order."""
OrderReason = Literal["refund", "dispute", "payment_failed"]
"""Why credits of an order went back, are frozen, or never came."""


@dataclass(frozen=True, slots=True)
class OrderFact:
    """That something became of an order.

    Attributes:
        payment: by which payment of it, ``dodo:pay_1``.
        named: what tells it from what else became of the order by this payment.
        at: when it holds, epoch milliseconds.
        reason: None where nothing is wrong.
    """

    what: OrderNews
    topup_id: str
    payment: str
    named: str
    at: int
    reason: OrderReason | None = None


@dataclass(frozen=True, slots=True)
class PaymentParked:
    """That a payment waits for a person.

    Attributes:
        payment: ``dodo:pay_1``.
        topup_id, account, unit: of what it is, where that is known.
        reasons: sentences.
        at: since when it waits, epoch milliseconds.
    """

    payment: str
    topup_id: str | None
    account: str | None
    unit: str | None
    reasons: Sequence[str]
    at: int


def of_entry(entry: Entry) -> OrderFact | None:
    """Returns what an entry says of an order: that it is paid, or that credits of it went back; None: nothing."""
    cause = entry.cause
    if cause is None or cause.reference is None or cause.reference[0] != "payment":
        return None
    payment, topup_id = cause.reference[1], cause.metadata.get("topup_id")
    if topup_id is None:
        return None
    if entry.kind == "grant" and entry.id in _granted(entry, payment):
        return OrderFact("paid", topup_id, payment, "", entry.at)
    # Nobody but a payment makes this kind.
    if entry.kind == "clawback" and entry.extra.get("as") != KEPT and (reason := _went_back(entry)):
        return OrderFact("refunded", topup_id, payment, str(entry.seq), entry.at, reason)
    return None


def of_delivery(payment: Payment, delivery: Delivery) -> list[OrderFact]:
    """Returns what a provider's word about a payment says of its order, beside what entries say.

    It says the same whenever the delivery comes again. Of an attempt that failed, the order may have been paid by
    another meanwhile: whoever tells it looks whether the order has failed.
    """
    found: list[OrderFact] = []
    if payment.topup_id is None:
        return found
    for fact in delivery.facts:
        if isinstance(fact, Dispute) and fact.status == "open":
            found.append(
                OrderFact("disputed", payment.topup_id, payment.name, fact.dispute_id, fact.at, "dispute")
            )
        elif isinstance(fact, Unpaid) and fact.status == "failed":
            found.append(
                OrderFact("failed", payment.topup_id, payment.name, str(fact.at), fact.at, "payment_failed")
            )
    return found


def parked(payment: Payment) -> PaymentParked | None:
    """Returns that a payment waits for a person; None where it does not."""
    if not payment.parked or payment.parked_at is None:
        return None
    return PaymentParked(
        payment.name,
        payment.topup_id,
        payment.account,
        payment.unit,
        [wait.sentence for wait in payment.waits],
        payment.parked_at,
    )


def _granted(entry: Entry, payment: str) -> tuple[str, str]:
    """Returns the ids that the grant of a payment has, and of before: so a caller's own grant is none of them."""
    provider, _, payment_id = payment.partition(":")
    key = business_key(provider, "payment", payment_id)
    return key_entry_id(entry.account, entry.unit, key), former_entry_id(key)


def _went_back(entry: Entry) -> OrderReason | None:
    """Says why credits went back; None where their payment was none. Entries of before do not say it: a refund."""
    facts: list[str] = entry.extra.get("facts", ["refund:"])
    if any(fact.startswith("dispute:") for fact in facts):
        return "dispute"
    return "refund" if any(fact.startswith("refund:") for fact in facts) else None
