"""What the stand-in for Stripe bills a subscription: invoices with their lines, what a customer's balance does to them,
and credit notes.

Written from Stripe's documentation of the invoice, its lines, the customer's balance and credit notes:

* An invoice's ``total`` is its lines, less the discount, and the tax. What the customer has (a balance below zero) or
  owes (above) is settled with it: ``amount_due`` is what is left to pay, ``ending_balance`` what is left over. Nothing
  is due of what is below the least charge, or below zero.
* Where nothing is due there is no intent, and the invoice is paid all the same.
* A trial begins with an invoice of a line of nothing.
* A credit note to a paid invoice gives back by refunds, to the customer's balance, or outside of Stripe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from local.standins import stripe_shapes as shapes
from local.standins.serving import amount
from local.standins.stripe_shapes import Checkout, Json, name, now

LEAST: Final = 50
"""The least charge, of any currency here; at Stripe it has one for each."""
PERIOD, PRORATION, ITEM = "period", "proration", "item"
REASONS: Final = (
    *("subscription_create", "subscription_cycle", "subscription_update", "subscription_threshold"),
    *("manual", "quote_accept", "automatic_pending_invoice_item_invoice"),
)
"""Why an invoice is made."""


@dataclass
class Bill:
    """What an invoice is to be made of.

    Attributes:
        lines: what each is of, and its amount.
        tax, discount: of all of them.
        outside: it was paid outside of Stripe.
        subscription, metadata: whose it is; None: of none.
    """

    reason: str
    lines: list[tuple[str, int]]
    tax: int = 0
    discount: int = 0
    outside: bool = False
    subscription: str | None = None
    metadata: Json = field(default_factory=dict)

    @property
    def subtotal(self) -> int:
        return sum(amount for _, amount in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.tax


def bill(of: Checkout, options: Json, reason: str, subscription: str | None, metadata: Json) -> Bill:
    """What the body of a route asks for: a period of the subscription, unless it says otherwise."""
    trial = options.get("trial") and reason in ("subscription_create", "subscription_update")
    period = 0 if trial else int(options.get("amount", of.price)) * int(options.get("quantity", 1))
    lines = (
        [(PERIOD if reason != "manual" else ITEM, period)] if reason != "subscription_update" or trial else []
    )
    lines += [(PRORATION, int(one)) for one in options.get("prorations", ())]
    lines += [(ITEM, int(one)) for one in options.get("items", ())]
    return Bill(
        reason,
        lines,
        tax=0 if trial else amount(options, "tax", 0),
        discount=amount(options, "discount", 0),
        outside=bool(options.get("outside")),
        subscription=subscription,
        metadata=metadata,
    )


def invoice(of: Checkout, bill: Bill) -> Json:
    """A paid invoice, with which the customer's balance is settled. It names no intent: its payments do."""
    made, before, total = now(), of.balance, bill.total
    owed = total + before
    due = owed if owed >= LEAST else 0
    of.balance = owed - due
    invoice_id = name("in")
    lines = [_line(of, bill, invoice_id, kind, amount) for kind, amount in bill.lines]
    parent = {
        "type": "subscription_details",
        "quote_details": None,
        "subscription_details": {"subscription": bill.subscription, "metadata": bill.metadata},
    }
    taxed = {"amount": bill.tax, "tax_behavior": "exclusive", "taxable_amount": bill.subtotal - bill.discount}
    taxed |= {"tax_rate_details": {"tax_rate": "txr_standin"}, "type": "tax_rate_details"}
    return {
        "id": invoice_id,
        "object": "invoice",
        "amount_due": due,
        "amount_paid": due,
        "amount_paid_off_stripe": due if bill.outside else None,
        "amount_overpaid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "attempt_count": 1 if due else 0,
        "attempted": True,
        "billing_reason": bill.reason,
        "collection_method": "charge_automatically",
        "created": made,
        "currency": of.session["currency"],
        "customer": shapes.CUSTOMER,
        "livemode": False,
        "metadata": {},
        "parent": parent if bill.subscription else None,
        "period_start": made,
        "period_end": made,
        "status": "paid",
        "status_transitions": {
            "finalized_at": made,
            "marked_uncollectible_at": None,
            "paid_at": made,
            "voided_at": None,
        },
        "starting_balance": before,
        "ending_balance": of.balance,
        "subtotal": bill.subtotal,
        "subtotal_excluding_tax": bill.subtotal,
        "total": total,
        "total_excluding_tax": total - bill.tax,
        "total_taxes": [{**taxed, "taxability_reason": "standard_rated"}] if bill.tax else [],
        "total_discount_amounts": [{"amount": bill.discount, "discount": "di_standin"}]
        if bill.discount
        else [],
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "default_tax_rates": [],
        "discounts": ["di_standin"] if bill.discount else [],
        "issuer": {"type": "self"},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "pre_payment_credit_notes_amount": 0,
        "post_payment_credit_notes_amount": 0,
        "lines": shapes.listed(lines, f"/v1/invoices/{invoice_id}/lines"),
    }


def _line(of: Checkout, bill: Bill, invoice_id: str, kind: str, amount: int) -> Json:
    """A line of an invoice, and what it is of."""
    part = "subscription_item" if kind != ITEM and bill.subscription else "invoice_item"
    details: Json = {"proration": kind == PRORATION, "proration_details": None}
    if part == "subscription_item":
        details |= {
            "subscription": bill.subscription,
            "subscription_item": "si_standin",
            "invoice_item": None,
        }
    else:
        details |= {"subscription": bill.subscription, "invoice_item": "ii_standin"}
    other = "invoice_item" if part == "subscription_item" else "subscription_item"
    return {
        "id": name("il"),
        "object": "line_item",
        "amount": amount,
        "currency": of.session["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": kind != PRORATION,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": bill.metadata if part == "subscription_item" else {},
        "parent": {"type": f"{part}_details", f"{part}_details": details, f"{other}_details": None},
        "period": {"start": now(), "end": now() + 30 * shapes.DAY_SECONDS},
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": 1,
        "subtotal": amount,
        "taxes": [],
    }


def invoice_payment(of: Json, by: Json | None) -> Json:
    """Which intent paid an invoice; None: it was paid outside of Stripe, of which there is a record."""
    paid = {"type": "payment_intent", "payment_intent": by["id"]} if by else None
    return {
        "id": name("inpay"),
        "object": "invoice_payment",
        "amount_paid": by["amount_received"] if by else of["amount_paid"],
        "amount_requested": by["amount"] if by else of["amount_paid"],
        "created": now(),
        "currency": of["currency"],
        "invoice": of["id"],
        "is_default": True,
        "livemode": False,
        "payment": paid or {"type": "payment_record", "payment_record": name("prec")},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": now()},
    }


def credit_note(of: Json, amount: int, refunds: list[Json], outside: int) -> Json:
    """A credit note to a paid invoice: what is not refunded, nor given outside of Stripe, is the customer's balance."""
    refunded = sum(one["amount"] for one in refunds)
    to_balance = amount - refunded - outside
    told: list[Any] = [
        {
            "amount_refunded": one["amount"],
            "payment_record_refund": None,
            "refund": one["id"],
            "type": "refund",
        }
        for one in refunds
    ]
    return {
        "id": name("cn"),
        "object": "credit_note",
        "amount": amount,
        "amount_shipping": 0,
        "created": now(),
        "currency": of["currency"],
        "customer": of["customer"],
        "customer_balance_transaction": name("cbtxn") if to_balance else None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": now(),
        "invoice": of["id"],
        "lines": shapes.listed([], "/v1/credit_notes/lines"),
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": "STANDIN-CN-01",
        "out_of_band_amount": outside or None,
        "pdf": "https://pay.stripe.test/credit_notes/standin/pdf",
        "post_payment_amount": amount,
        "pre_payment_amount": 0,
        "pretax_credit_amounts": [],
        "reason": None,
        "refunds": told,
        "status": "issued",
        "subtotal": amount,
        "total": amount,
        "total_excluding_tax": None,
        "total_taxes": None,
        "type": "post_payment",
    }
