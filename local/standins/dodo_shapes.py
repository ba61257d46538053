"""What the stand-in for Dodo Payments keeps and sends: bodies in Dodo's shape.

Every field of Dodo's models is there, with the values of an ordinary card payment; people and cards are invented.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

BUSINESS_ID = "bus_standin"
BRAND_ID = "brd_standin"
CUSTOMER: Json = {
    "customer_id": "cus_standin",
    "name": "Example Customer",
    "email": "customer@example.test",
    "metadata": {},
    "phone_number": None,
}
BILLING: Json = {"country": "SE", "state": None, "city": "Uppsala", "street": None, "zipcode": "75310"}


@dataclass
class Product:
    """A subscription product: what one of it costs, every ``count`` of ``interval``."""

    product_id: str
    price: int
    currency: str
    interval: str = "Month"
    count: int = 1
    trial_days: int = 0
    trial_amount: int = 0
    """What the trial costs, without tax."""


@dataclass
class Payment:
    """One payment, its refunds and its disputes."""

    data: Json
    refunds: list[Json] = field(default_factory=list)
    disputes: list[Json] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.data["payment_id"])

    @property
    def left(self) -> int:
        """What can still be refunded."""
        gone = sum(refund["amount"] for refund in self.refunds if refund["status"] != "failed")
        left: int = self.data["total_amount"] - gone
        return left

    @property
    def summary(self) -> str | None:
        """Dodo's word for all that was refunded."""
        done = sum(refund["amount"] for refund in self.refunds if refund["status"] == "succeeded")
        return None if not done else "full" if done == self.data["total_amount"] else "partial"

    def now(self) -> Json:
        """The payment with its refunds and disputes so far: Dodo sends the state at delivery, not at the event."""
        refunds = [{name: one[name] for name in _LISTED_REFUND} for one in self.refunds]
        disputes = [{name: one[name] for name in _OWN_DISPUTE} for one in self.disputes]
        return {**self.data, "refunds": refunds, "disputes": disputes, "refund_status": self.summary}

    def listed(self) -> Json:
        """The payment as a list has it: without tax, refunds and disputes."""
        said = {name: self.data[name] for name in self.data if name not in _NOT_LISTED}
        last = self.disputes[-1]["dispute_status"] if self.disputes else None
        return {**said, "has_license_key": False, "refund_status": self.summary, "dispute_status": last}


@dataclass
class Checkout:
    """One checkout session, and what came of it: a subscription's payments are several."""

    session_id: str
    cart: list[Json]
    price: int
    currency: str
    metadata: Json
    return_url: str | None
    customer: Json = field(default_factory=CUSTOMER.copy)
    subscription: Json | None = None
    payments: list[Payment] = field(default_factory=list)
    on_demand: bool = False

    @property
    def payment(self) -> Json | None:
        """The last payment."""
        return self.payments[-1].data if self.payments else None

    @property
    def refunds(self) -> list[Json]:
        """Refunds of the last payment."""
        return self.payments[-1].refunds if self.payments else []


def now() -> str:
    """This instant as Dodo writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event(type_: str, payload_type: str, data: Json) -> Json:
    """A webhook's body."""
    return {
        "business_id": BUSINESS_ID,
        "type": type_,
        "timestamp": now(),
        "data": {"payload_type": payload_type, **data},
    }


@dataclass
class Charge:
    """What a payment is for besides its session's price, and what of it reaches the seller.

    Attributes:
        type: why a subscription is charged; None: its beginning or, after that, its next period.
        metadata: of the payment; None: that of the session.
        usage: it bills usage alone, and pays for no period.
        retry: the number of the attempt.
        settled: currency, amount and tax after conversion; None: as they were paid.
        error: why it failed, by Dodo's code; None where it did not.
        away: nobody was at a checkout.
    """

    type: str | None = None
    metadata: Json | None = None
    usage: bool = False
    retry: int = 0
    settled: tuple[str, int, int] | None = None
    error: str | None = None
    away: bool = False


def payment(
    checkout: Checkout, total: int, tax: int, status: str = "succeeded", charge: Charge | None = None
) -> Json:
    """A card payment of ``total`` minor units, ``tax`` of them tax; of a subscription, if the session made one."""
    charge = charge or Charge()
    plan = checkout.subscription
    subscription_id = plan["subscription_id"] if plan else None
    # After an attempt that failed somebody is at the same checkout again.
    renewal = any(one.data["status"] == "succeeded" for one in checkout.payments)
    type_ = charge.type or ("renewal" if renewal else "new")
    pays = (
        plan is not None and total > 0 and status == "succeeded" and type_ != "on_demand" and not charge.usage
    )
    settled = charge.settled or (checkout.currency, total, tax)
    return {
        "payment_id": f"pay_{secrets.token_hex(8)}",
        "business_id": BUSINESS_ID,
        "brand_id": BRAND_ID,
        "status": status,
        "total_amount": total,
        "tax": tax,
        "currency": checkout.currency,
        "settlement_amount": settled[1],
        "settlement_tax": settled[2],
        "settlement_currency": settled[0],
        "created_at": now(),
        "updated_at": None,
        "customer": checkout.customer,
        "billing": BILLING,
        "metadata": checkout.metadata if charge.metadata is None else charge.metadata,
        "product_cart": None if plan else checkout.cart,
        # A renewal is charged by itself: nobody was at a checkout.
        "checkout_session_id": None if renewal or charge.away else checkout.session_id,
        "payment_link": None,
        "subscription_id": subscription_id,
        "subscription_ids": [subscription_id] if plan else [],
        "charge_type": type_ if plan else None,
        "service_periods": [_service_period(plan, type_)] if plan and pays else [],
        "is_multi_subscription": False,
        "includes_usage": charge.usage,
        "is_update_payment_method": False,
        "retry_attempt": charge.retry,
        "payment_provider": "dodo",
        "payment_method": "card",
        "payment_method_type": "credit",
        "payment_method_id": None,
        "card_last_four": "4242",
        "card_network": "visa",
        "card_type": "credit",
        "card_issuing_country": "SE",
        "card_holder_name": "E CUSTOMER",
        "card_exp_month": "08",
        "card_exp_year": "2030",
        "three_ds_flow": None,
        "three_ds_status": None,
        "three_ds_version": None,
        "error_code": charge.error,
        "error_message": "It was declined." if charge.error else None,
        "invoice_id": None,
        "invoice_url": None,
        "discount_id": None,
        "discounts": None,
        "custom_field_responses": None,
        "digital_products_delivered": False,
        "refund_status": None,
        "refunds": [],
        "disputes": [],
    }


def _service_period(plan: Json, type_: str) -> Json:
    """What a payment pays for: a whole period, but for a change of plan in its midst."""
    return {
        "subscription_id": plan["subscription_id"],
        "starts_at": now(),
        "ends_at": plan["next_billing_date"],
        "proration_factor": "0.5" if type_ == "plan_change" else "1",
    }


def refund(
    of: Json, amount: int, status: str, reason: str | None = None, metadata: Json | None = None
) -> Json:
    """A refund. ``is_partial`` says whether this one alone returns everything."""
    return {
        "refund_id": f"ref_{secrets.token_hex(8)}",
        "payment_id": of["payment_id"],
        "business_id": BUSINESS_ID,
        "brand_id": BRAND_ID,
        "amount": amount,
        "currency": of["currency"],
        "is_partial": amount != of["total_amount"],
        "status": status,
        "reason": reason,
        "created_at": now(),
        "network_reference": None,
        "network_reference_type": None,
        "network_reference_updated_at": None,
        "customer": of["customer"],
        "metadata": metadata or {},
    }


def dispute(of: Json, amount: int, stage: str, status: str) -> Json:
    """A dispute as ``GET /disputes/{id}`` has it."""
    return {
        "dispute_id": f"dsp_{secrets.token_hex(8)}",
        "payment_id": of["payment_id"],
        "business_id": BUSINESS_ID,
        "brand_id": BRAND_ID,
        "amount": str(amount),
        "currency": of["currency"],
        "created_at": now(),
        "dispute_stage": stage,
        "dispute_status": status,
        "customer": of["customer"],
        "payment_provider": "dodo",
        "is_resolved_by_rdr": None,
        "reason": None,
        "remarks": None,
    }


def subscription(
    product: Product, quantity: int, metadata: Json, customer: Json, on_demand: bool = False
) -> Json:
    """A subscription that has begun."""
    return {
        "subscription_id": f"sub_{secrets.token_hex(8)}",
        "brand_id": BRAND_ID,
        "product_id": product.product_id,
        "quantity": quantity,
        "status": "active",
        "currency": product.currency,
        "recurring_pre_tax_amount": product.price,
        "tax_inclusive": False,
        "on_demand": on_demand,
        "payment_frequency_count": product.count,
        "payment_frequency_interval": product.interval,
        "subscription_period_count": 10,
        "subscription_period_interval": "Year",
        "created_at": now(),
        "previous_billing_date": now(),
        "next_billing_date": now(),
        "trial_period_days": product.trial_days,
        "trial_amount": product.trial_amount or None,
        "cancel_at_next_billing_date": False,
        "cancelled_at": None,
        "expires_at": None,
        "customer": customer,
        "billing": BILLING,
        "metadata": metadata,
        "addons": [],
        "meters": [],
        "credit_entitlement_cart": [],
        "meter_credit_entitlement_cart": [],
        "discount_id": None,
        "discount_cycles_remaining": None,
        "tax_id": None,
        "payment_method_id": None,
        "has_payment_method": True,
    }


def dispute_event(made: Json) -> Json:
    """A dispute as its webhook carries it: with neither customer nor metadata."""
    return {name: made[name] for name in _OWN_DISPUTE}


def listed_dispute(made: Json) -> Json:
    return {name: made[name] for name in _LISTED_DISPUTE}


def listed_refund(made: Json) -> Json:
    """A refund as lists and payments have it: without its metadata."""
    return {name: made[name] for name in _LISTED_REFUND}


_LISTED_REFUND = (
    *("refund_id", "payment_id", "business_id", "amount", "currency", "is_partial", "status", "reason"),
    *("created_at", "network_reference", "network_reference_type", "network_reference_updated_at"),
)
_OWN_DISPUTE = (
    *("dispute_id", "payment_id", "business_id", "amount", "currency", "created_at"),
    *("dispute_stage", "dispute_status", "is_resolved_by_rdr", "remarks"),
)
_LISTED_DISPUTE = (*(name for name in _OWN_DISPUTE if name != "remarks"), "payment_provider")
_NOT_LISTED = frozenset(
    (
        *("billing", "business_id", "card_holder_name", "card_issuing_country", "custom_field_responses"),
        *("discount_id", "discounts", "disputes", "error_code", "error_message", "is_update_payment_method"),
        *("payment_link", "payment_method_id", "product_cart", "refunds", "settlement_amount"),
        *("settlement_currency", "settlement_tax", "tax", "updated_at"),
    )
)
