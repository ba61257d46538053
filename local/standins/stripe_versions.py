"""How Stripe's events looked before 2025-03-31.basil, at an endpoint that keeps an earlier version of its API.

Written from the models of Stripe's SDK for 2025-02-24.acacia and from the changelog of basil: an invoice named its
subscription, intent and charge at the top; its tax and lines had other members; an intent named its invoice; there were
no invoice payments, and one refund at most to a credit note.
"""

from __future__ import annotations

from typing import Final

from local.standins.stripe_shapes import Json

ACACIA: Final = "2025-02-24.acacia"
"""The last version before basil."""
BASIL: Final = "2025-03-31"
"""The day of the version that changed invoices."""
_SINCE_BASIL: Final = frozenset(
    {
        *("amount_overpaid", "amount_paid_off_stripe", "customer_account", "parent", "payments"),
        *("status_details", "total_taxes"),
    }
)


def is_before_basil(version: str) -> bool:
    return version[:10] < BASIL


def told(version: str, data: Json, paid_by: Json | None, pays: str | None) -> Json | None:
    """An object as an endpoint of a version is told of it; None where that version has no such event.

    ``paid_by`` is the intent that paid an invoice, ``pays`` the invoice that an intent pays.
    """
    if not is_before_basil(version):
        return data
    match data["object"]:
        case "invoice":
            return _invoice(data, paid_by)
        case "payment_intent":
            return {**data, "invoice": pays}
        case "invoice_payment":
            return None
        case "credit_note":
            return _credit_note(data)
    return data


def _invoice(data: Json, paid_by: Json | None) -> Json:
    details = (data["parent"] or {}).get("subscription_details") or {}
    outside = data["amount_paid_off_stripe"] is not None
    taxes = [{**tax, "inclusive": False, "tax_rate": "txr_standin"} for tax in data["total_taxes"]]
    for tax in taxes:
        del tax["tax_behavior"], tax["tax_rate_details"], tax["type"]
    return {
        **{member: value for member, value in data.items() if member not in _SINCE_BASIL},
        "application_fee_amount": None,
        "charge": paid_by["latest_charge"] if paid_by else None,
        "discount": None,
        "lines": {**data["lines"], "data": [_line(line) for line in data["lines"]["data"]]},
        "paid": True,
        "paid_out_of_band": outside,
        "payment_intent": paid_by["id"] if paid_by else None,
        "quote": None,
        "subscription": details.get("subscription"),
        "subscription_details": {"metadata": details.get("metadata")},
        "tax": sum(tax["amount"] for tax in taxes) if taxes else None,
        "total_tax_amounts": taxes,
        "transfer_data": None,
    }


def _line(line: Json) -> Json:
    parent = line["parent"]
    details = parent[parent["type"]]
    item = parent["type"] == "invoice_item_details"
    return {
        **{member: value for member, value in line.items() if member not in ("parent", "subtotal", "taxes")},
        "invoice_item": details["invoice_item"],
        "plan": None,
        "price": None,
        "proration": details["proration"],
        "proration_details": None,
        "subscription": details["subscription"],
        "subscription_item": details.get("subscription_item"),
        "tax_amounts": [],
        "tax_rates": [],
        "type": "invoiceitem" if item else "subscription",
    }


def _credit_note(data: Json) -> Json:
    since = ("post_payment_amount", "pre_payment_amount", "refunds", "total_taxes")
    refunds = data["refunds"]
    return {
        **{member: value for member, value in data.items() if member not in since},
        "refund": refunds[0]["refund"] if refunds else None,
        "tax_amounts": [],
    }
