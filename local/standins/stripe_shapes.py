"""What the stand-in for Stripe keeps and sends: bodies in Stripe's shape (API 2026-10-28).

What Scrip reads is there, with what else a person would look for; fields that the models leave optional and nobody
reads are not. People and cards are invented.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
CUSTOMER = "cus_standin"
DAY_SECONDS = 86_400


@dataclass
class Payment:
    """One payment intent, its refunds and disputes, and, of a subscription, the invoice that it pays."""

    intent: Json
    invoice: Json | None = None
    invoice_payment: Json | None = None
    refunds: list[Json] = field(default_factory=list)
    disputes: list[Json] = field(default_factory=list)

    @property
    def left(self) -> int:
        """What can still be refunded."""
        gone = sum(one["amount"] for one in self.refunds if one["status"] not in ("failed", "canceled"))
        left: int = self.intent["amount_received"] - gone
        return left


@dataclass
class Checkout:
    """One checkout session as Stripe has it, what it was asked for, and what came of it."""

    session: Json
    asked: Json
    price: int
    payments: list[Payment] = field(default_factory=list)


def name(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(8)}"


def now() -> int:
    """This instant as Stripe writes it."""
    return int(time.time())


def listed(data: list[Json], path: str, more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": more, "url": path}


def event(type_: str, data: Json) -> Json:
    """A webhook's body: what an object is like at this moment, for ever."""
    return {
        "id": name("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now(),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": type_,
        "data": {"object": dict(data)},
    }


def session(asked: Json, price: int, currency: str, url: str) -> Json:
    """An open checkout session."""
    session_id = name("cs_test")
    return {
        "id": session_id,
        "object": "checkout.session",
        "mode": asked["mode"],
        "status": "open",
        "payment_status": "unpaid",
        "amount_subtotal": price,
        "amount_total": price,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "currency": currency,
        "client_reference_id": asked.get("client_reference_id"),
        "customer": None,
        "customer_details": None,
        "payment_intent": None,
        "subscription": None,
        "invoice": None,
        "metadata": asked.get("metadata") or {},
        "created": now(),
        "expires_at": now() + DAY_SECONDS,
        "livemode": False,
        "url": f"{url}/checkout/{session_id}",
        "success_url": asked["success_url"],
        "cancel_url": asked.get("cancel_url"),
        "allow_promotion_codes": asked.get("allow_promotion_codes") == "true",
        "adaptive_pricing": {"enabled": (asked.get("adaptive_pricing") or {}).get("enabled") != "false"},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "payment_method_types": ["card"],
        "shipping_options": [],
    }


def intent(amount: int, currency: str, status: str, metadata: Json) -> Json:
    """A payment intent."""
    return {
        "id": name("pi"),
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": amount if status == "succeeded" else 0,
        "currency": currency,
        "status": status,
        "created": now(),
        "customer": CUSTOMER,
        "latest_charge": name("ch"),
        "metadata": metadata,
        "livemode": False,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "description": None,
        "last_payment_error": None,
        "payment_method_types": ["card"],
        "receipt_email": None,
    }


def invoice(of: Checkout, total: int, tax: int, subscription: str, metadata: Json) -> Json:
    """A paid invoice of a subscription's period. It names no intent: since 2025-03-31 its payments do."""
    made = now()
    first = not of.payments
    return {
        "id": name("in"),
        "object": "invoice",
        "amount_due": total,
        "amount_paid": total,
        "amount_overpaid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "attempt_count": 1,
        "attempted": True,
        "billing_reason": "subscription_create" if first else "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": made,
        "currency": of.session["currency"],
        "customer": CUSTOMER,
        "livemode": False,
        "metadata": {},
        "parent": {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {"subscription": subscription, "metadata": metadata},
        },
        "period_start": made,
        "period_end": made,
        "status": "paid",
        "status_transitions": {
            "finalized_at": made,
            "marked_uncollectible_at": None,
            "paid_at": made,
            "voided_at": None,
        },
        "subtotal": total - tax,
        "total": total,
        "total_excluding_tax": total - tax,
        "total_taxes": [],
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "pre_payment_credit_notes_amount": 0,
        "post_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "lines": listed([], "/v1/invoices/lines"),
    }


def invoice_payment(of: Json, by: Json) -> Json:
    """Which intent paid an invoice."""
    return {
        "id": name("inpay"),
        "object": "invoice_payment",
        "amount_paid": by["amount_received"],
        "amount_requested": by["amount"],
        "created": now(),
        "currency": by["currency"],
        "invoice": of["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": by["id"]},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": now()},
    }


def refund(of: Json, amount: int, status: str, metadata: Json) -> Json:
    return {
        "id": name("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": name("txn") if status == "succeeded" else None,
        "charge": of["latest_charge"],
        "created": now(),
        "currency": of["currency"],
        "metadata": metadata,
        "payment_intent": of["id"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def dispute(of: Json, amount: int, status: str) -> Json:
    return {
        "id": name("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of["latest_charge"],
        "created": now(),
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": now() + 7 * DAY_SECONDS,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["id"],
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"},
        },
        "reason": "fraudulent",
        "status": status,
    }


def charge(of: Json, refunded: int) -> Json:
    """The charge that an intent made."""
    return {
        "id": of["latest_charge"],
        "object": "charge",
        "amount": of["amount"],
        "amount_captured": of["amount_received"],
        "amount_refunded": refunded,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "created": of["created"],
        "currency": of["currency"],
        "customer": of["customer"],
        "disputed": False,
        "livemode": False,
        "metadata": of["metadata"],
        "paid": of["status"] == "succeeded",
        "payment_intent": of["id"],
        "refunded": refunded == of["amount"],
        "status": of["status"],
    }


def movement(of: Json, amount: int) -> Json:
    """Money that a dispute took (negative) or gave back; the bank's fee is beside it."""
    fee = 1500 if amount < 0 else 0
    return {
        "id": name("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now(),
        "created": now(),
        "currency": of["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": of["id"],
        "status": "available",
        "type": "adjustment",
    }
