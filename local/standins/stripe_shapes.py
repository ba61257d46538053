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
    unpaid: list[Json] = field(default_factory=list)
    """Invoices that no intent paid."""
    records: list[Json] = field(default_factory=list)
    """What paid some of those, outside of Stripe."""
    notes: list[Json] = field(default_factory=list)
    """Credit notes."""
    balance: int = 0
    """What its customer owes; below zero: what they have."""
    standing: Json = field(default_factory=dict)
    """What of its subscription is not as it was when that began."""

    @property
    def invoices(self) -> list[Json]:
        """Its invoices, those that an intent paid first."""
        return [*(one.invoice for one in self.payments if one.invoice), *self.unpaid]


def name(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(8)}"


def now() -> int:
    """This instant as Stripe writes it."""
    return int(time.time())


def listed(data: list[Json], path: str, more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": more, "url": path}


def event(type_: str, data: Json, version: str = API_VERSION) -> Json:
    """A webhook's body: what an object is like at this moment, for ever, in one version of the API."""
    return {
        "id": name("evt"),
        "object": "event",
        "api_version": version,
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
        "payment_method": None,
        "receipt_email": None,
        "setup_future_usage": None,
    }


def declined(of: Json, code: str, decline_code: str | None) -> Json:
    """The error of a charge that a bank declined, with the intent as it is left."""
    said = {
        "type": "card_error",
        "code": code,
        "message": "Your card was declined.",
        "charge": of["latest_charge"],
    }
    said |= {"decline_code": decline_code} if decline_code else {}
    of["last_payment_error"] = {
        **said,
        "payment_method": {"id": of["payment_method"], "object": "payment_method"},
    }
    return {**said, "payment_intent": dict(of), "payment_method": of["last_payment_error"]["payment_method"]}


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
        "billing_details": {
            "address": None,
            "email": of["receipt_email"],
            "name": None,
            "phone": None,
            "tax_id": None,
        },
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
