"""What the stand-in payment provider sends and shows: bodies in Dodo's shape, and its two pages.

Every field of Dodo's models is there, with the values of an ordinary card payment; people and cards are
invented.
"""

from __future__ import annotations

import html
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

BUSINESS_ID = "bus_standin"
BRAND_ID = "brd_standin"
#: ISO 4217 currencies without and with three decimals, for showing a price only.
ZERO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass
class Checkout:
    """One checkout session, its payment once it is paid, and the refunds of that."""

    session_id: str
    cart: list[Json]
    price: int
    currency: str
    metadata: Json
    return_url: str | None
    payment: Json | None = None
    refunds: list[Json] = field(default_factory=list)


def now() -> str:
    """This instant as Dodo writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def payment(checkout: Checkout, total: int, tax: int) -> Json:
    """A succeeded one-time card payment of ``total`` minor units, ``tax`` of them tax."""
    return {
        "payment_id": f"pay_{secrets.token_hex(8)}",
        "business_id": BUSINESS_ID,
        "brand_id": BRAND_ID,
        "status": "succeeded",
        "total_amount": total,
        "tax": tax,
        "currency": checkout.currency,
        "settlement_amount": total,
        "settlement_tax": tax,
        "settlement_currency": checkout.currency,
        "created_at": now(),
        "updated_at": None,
        "customer": {
            "customer_id": "cus_standin",
            "name": "Example Customer",
            "email": "customer@example.test",
            "metadata": {},
            "phone_number": None,
        },
        "billing": {"country": "SE", "state": None, "city": "Uppsala", "street": None, "zipcode": "75310"},
        "metadata": checkout.metadata,
        "product_cart": checkout.cart,
        "checkout_session_id": checkout.session_id,
        "payment_link": None,
        "subscription_id": None,
        "subscription_ids": [],
        "charge_type": None,
        "service_periods": [],
        "is_multi_subscription": False,
        "includes_usage": False,
        "is_update_payment_method": False,
        "retry_attempt": 0,
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
        "error_code": None,
        "error_message": None,
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


def as_of_now(checkout: Checkout) -> Json:
    """A session's payment with its refunds so far: Dodo sends the state at delivery, not at the event."""
    assert checkout.payment is not None
    done = sum(refund["amount"] for refund in checkout.refunds if refund["status"] == "succeeded")
    summary = None if not done else "full" if done == checkout.payment["total_amount"] else "partial"
    return {**checkout.payment, "refunds": list(checkout.refunds), "refund_status": summary}


def refund(of: Json, amount: int, status: str) -> Json:
    """A refund as a payment lists it. ``is_partial`` says whether this one alone returns everything."""
    return {
        "refund_id": f"ref_{secrets.token_hex(8)}",
        "payment_id": of["payment_id"],
        "business_id": BUSINESS_ID,
        "amount": amount,
        "currency": of["currency"],
        "is_partial": amount != of["total_amount"],
        "status": status,
        "reason": None,
        "created_at": now(),
        "network_reference": None,
        "network_reference_type": None,
        "network_reference_updated_at": None,
    }


def refund_event(listed: Json, of: Json) -> Json:
    """A refund as its own webhook carries it: with the customer, without the payment's metadata."""
    return {**listed, "brand_id": BRAND_ID, "customer": of["customer"], "metadata": {}}


def money(amount: int, currency: str) -> str:
    """An amount for people to read: ``USD 1,000.00``, ``JPY 1,000``, ``KWD 1.000``."""
    digits = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    whole, part = divmod(amount, 10**digits)
    return f"{currency} {whole:,}" + (f".{part:0{digits}d}" if digits else "")


def checkout_page(checkout: Checkout) -> str:
    """The page a buyer is sent to."""
    if checkout.payment is not None:
        return paid_page(checkout, None)
    lines = "".join(
        f"<li>{item['quantity']} &times; {html.escape(item['product_id'])}</li>" for item in checkout.cart
    )
    action = f"/checkout/{html.escape(checkout.session_id)}/pay"
    return _page(
        money(checkout.price, checkout.currency),
        f'<ul>{lines}</ul><form method="post" action="{action}"><button>Pay</button></form>',
    )


def paid_page(checkout: Checkout, webhook_status: int | None) -> str:
    """The page after paying: what was bought, and whether Scrip took the webhook."""
    told = "" if webhook_status is None else f"<p>Webhook delivered: {webhook_status}</p>"
    back = ""
    if checkout.return_url:
        back = f'<p><a href="{html.escape(checkout.return_url)}">Back to the shop</a></p>'
    paid = checkout.payment or {}
    return _page(
        "Paid",
        f"<p>{money(paid.get('total_amount', 0), checkout.currency)}"
        f" as {html.escape(paid.get('payment_id', ''))}</p>{told}{back}",
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title>"
        "<style>body{font:16px system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem}"
        "button{font:inherit;padding:.6rem 2rem}ul{padding-left:1.2rem}small{color:#777}</style>"
        f"<h1>{html.escape(title)}</h1>{body}"
        "<p><small>A stand-in payment provider on this machine. No money moves.</small></p></html>\n"
    )
