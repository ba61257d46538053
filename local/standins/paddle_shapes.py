"""What the stand-in for Paddle keeps and sends: bodies in Paddle's shape, as its documentation and the fixtures of its
SDK have them. Amounts are texts of minor units; people and cards are invented."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
CARDHOLDER = "Example Customer"
CARD = {"type": "visa", "last4": "4242", "expiry_month": 12, "expiry_year": 2031}
CUSTOMER, ADDRESS = "ctm_01kb2wk4a0000000000000c001", "add_01kb2wk4a0000000000000d001"
ORIGINS = (
    *("api", "subscription_charge", "subscription_payment_method_change", "subscription_recurring"),
    *("subscription_update", "web"),
)


@dataclass
class Bill:
    """What a transaction is to come to, in minor units.

    Attributes:
        lines: what each is of (``price`` or ``proration``), and its amount without tax; below zero it gives back.
        tax, discount: of all of them.
        credit: what the buyer has at Paddle, of which as much is used as there is to pay.
    """

    lines: list[tuple[str, int]]
    tax: int = 0
    discount: int = 0
    credit: int = 0

    @property
    def totals(self) -> dict[str, int]:
        """The totals of a transaction: what is below zero goes to the buyer's balance, and nothing is to pay."""
        subtotal = sum(amount for _, amount in self.lines)
        total = subtotal - self.discount + self.tax
        used = max(0, min(self.credit, total))
        due = max(0, total - used)
        return {
            "subtotal": subtotal,
            "discount": self.discount,
            "tax": self.tax,
            "total": total,
            "credit": used,
            "credit_to_balance": max(0, -total),
            "balance": 0,
            "grand_total": due,
            "grand_total_tax": self.tax * due // total if total > 0 else 0,
        }


@dataclass
class Transaction:
    """A transaction, and its adjustments. Those of a subscription are of its first one."""

    data: Json
    price: int
    trial: bool = False
    adjustments: list[Json] = field(default_factory=list)
    later: list[Transaction] = field(default_factory=list)
    balance: int = 0
    """What the buyer has at Paddle, minor units."""

    @property
    def all(self) -> list[Transaction]:
        return [self, *self.later]

    @property
    def total(self) -> int:
        return int(self.data["details"]["totals"]["total"])


def name(prefix: str) -> str:
    """An id as Paddle's are: a prefix and 26 letters and digits."""
    return f"{prefix}_01{''.join(secrets.choice(LETTERS) for _ in range(24))}"


def now() -> str:
    """This instant as Paddle writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event(type_: str, data: Json) -> Json:
    """A webhook's body."""
    return {
        "event_id": name("evt"),
        "event_type": type_,
        "occurred_at": now(),
        "notification_id": name("ntf"),
        "data": data,
    }


def transaction(asked: Json, currency: str, bill: Bill, origin: str, subscription_id: str | None) -> Json:
    """A transaction that nobody has paid yet."""
    made = now()
    return {
        "id": name("txn"),
        "items": asked["items"],
        "origin": origin,
        "status": "ready",
        "details": details(bill, currency),
        "checkout": {"url": None},
        "payments": [],
        "billed_at": None,
        "address_id": ADDRESS,
        "created_at": made,
        "invoice_id": None,
        "updated_at": made,
        "revised_at": None,
        "business_id": None,
        "custom_data": asked.get("custom_data"),
        "customer_id": CUSTOMER,
        "discount_id": None,
        "currency_code": currency,
        "billing_period": None,
        "invoice_number": None,
        "billing_details": None,
        "collection_mode": "automatic",
        "subscription_id": subscription_id,
    }


def details(bill: Bill, currency: str) -> Json:
    """What a transaction comes to, in texts."""
    totals: Json = {member: str(value) for member, value in bill.totals.items()}
    totals |= {"fee": None, "earnings": None, "currency_code": currency}
    rated = {member: totals[member] for member in ("subtotal", "discount", "tax", "total")}
    return {
        "totals": totals,
        "line_items": [_line(kind, amount) for kind, amount in bill.lines],
        "payout_totals": None,
        "tax_rates_used": [{"totals": rated, "tax_rate": "0.2" if bill.tax else "0"}],
        "adjusted_payout_totals": None,
        "adjusted_totals": None,
    }


def _line(kind: str, amount: int) -> Json:
    period = {"starts_at": now(), "ends_at": now()}
    totals = {"subtotal": str(amount), "discount": "0", "tax": "0", "total": str(amount)}
    return {
        "id": name("txnitm"),
        "totals": totals,
        "unit_totals": totals,
        "product": None,
        "price_id": "pri_01kb2wk4a0000000000000p001",
        "quantity": 1 if amount >= 0 else -1,
        "proration": {"rate": "0.5", "billing_period": period} if kind == "proration" else None,
        "tax_rate": "0",
    }


def paid(data: Json, cardholder: str = CARDHOLDER) -> None:
    """A transaction becomes paid: by card, where there is something to pay."""
    made, due = now(), data["details"]["totals"]["grand_total"]
    data |= {"status": "completed", "billed_at": data["billed_at"] or made, "updated_at": made}
    data |= {"invoice_id": name("inv"), "invoice_number": "325-10566"}
    if due != "0":
        data["payments"] = [
            {
                "amount": due,
                "status": "captured",
                "created_at": made,
                "captured_at": made,
                "error_code": None,
                "method_details": {
                    "type": "card",
                    "card": {**CARD, "cardholder_name": cardholder},
                    "underlying_details": None,
                },
                "payment_method_id": name("paymtd"),
                "payment_attempt_id": secrets.token_hex(16),
                "stored_payment_method_id": secrets.token_hex(16),
            }
        ]


def adjustment(
    of: Json, action: str, amount: int, tax: int, status: str, type_: str, to_balance: bool | None
) -> Json:
    """Money that goes back, or is taken back, of a transaction."""
    made, currency = now(), of["currency_code"]
    totals = {"subtotal": str(amount - tax), "tax": str(tax), "total": str(amount), "fee": "0"}
    totals |= {"earnings": str(amount - tax), "currency_code": currency, "retained_fee": "0"}
    part = {member: totals[member] for member in ("subtotal", "tax", "total")}
    line = of["details"]["line_items"][0]["id"]
    item = {"id": name("adjitm"), "type": type_, "amount": str(amount), "totals": part, "item_id": line}
    return {
        "id": name("adj"),
        "items": [{**item, "proration": None}],
        "action": action,
        "type": "full" if type_ == "full" else "partial",
        "reason": "error",
        "status": status,
        "totals": totals,
        "payout_totals": {**totals, "chargeback_fee": None},
        "created_at": made,
        "updated_at": made,
        "customer_id": CUSTOMER,
        "currency_code": currency,
        "transaction_id": of["id"],
        "subscription_id": of["subscription_id"],
        "credit_applied_to_balance": to_balance,
        "tax_rates_used": None,
    }
