"""The balance of the stand-in for Stripe: its transactions, payouts, and what is exchanged.

After docs.stripe.com/api/balance_transactions and /reports/reporting-categories: a charge is booked before its fee, a
refund gives no fee back, a dispute takes its amount and a fee, a won one gives the amount back. A payout that fails
comes back as a transaction of its own, and so does a refund. Transactions are listed newest first, in the currency of
the balance, which ``settles`` may say to be another one than the customer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from local.standins import stripe_shapes as shapes
from local.standins.serving import Json, amount, not_found
from local.standins.stripe_shapes import Payment

FEE_THOUSANDTHS, FEE = 29, 30
"""What a charge costs: 2.9 % and 30 of its minor units."""


class Balance:
    """What moved, in the order in which it did."""

    def __init__(self) -> None:
        self.transactions: list[Json] = []
        self.settles: dict[str, tuple[str, str]] = {}
        """In which currency those of another are paid out, and for how much of it."""
        self._known: set[str] = set()

    def look(self, payments: Sequence[Payment]) -> None:
        """Books what has happened to payments since it was looked last."""
        for payment in payments:
            for key, row in self._of(payment):
                if key not in self._known:
                    self._known.add(key)
                    self.transactions.append(row)
        self.transactions.sort(key=lambda row: int(row["created"]))

    def _of(self, payment: Payment) -> Iterator[tuple[str, Json]]:
        intent = payment.intent
        if intent["status"] == "succeeded":
            charge = shapes.charge(intent, intent["amount_received"] - payment.left)
            paid = intent["amount_received"]
            yield intent["id"], self._row("charge", "charge", paid, charge, fee=True)
        for refund in payment.refunds:
            if refund["status"] not in ("canceled", "requires_action"):
                yield refund["id"], self._row("refund", "refund", -refund["amount"], refund)
            if refund["status"] == "failed":
                key = f"{refund['id']} failed"
                yield key, self._row("refund_failure", "refund_failure", refund["amount"], refund)
        for dispute in payment.disputes:
            for moved in dispute["balance_transactions"]:
                yield moved["id"], {**moved, "source": dispute, "balance_type": "payments"}

    def _row(self, type_: str, category: str, moved: int, source: Json, *, fee: bool = False) -> Json:
        currency, rate = self.settles.get(source["currency"], (source["currency"], None))
        settled = int(moved * Decimal(rate)) if rate else moved
        kept = settled * FEE_THOUSANDTHS // 1000 + FEE if fee else 0
        return self._made(type_, category, settled, kept, currency, source, float(rate) if rate else None)

    def _made(
        self, type_: str, category: str, moved: int, fee: int, currency: str, source: Json, rate: Any = None
    ) -> Json:
        at = int(source.get("created", shapes.now()))
        details = [{"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}]
        return {
            "id": shapes.name("txn"),
            "object": "balance_transaction",
            "amount": moved,
            "available_on": at + 2 * 86_400,
            "balance_type": "payments",
            "created": at,
            "currency": currency,
            "description": None,
            "exchange_rate": rate,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": moved - fee,
            "reporting_category": category,
            "source": source,
            "status": "pending",
            "type": type_,
        }

    def payout(self, options: Json) -> Json:
        """Pays out, or says that a payout failed."""
        if "failed" in options:
            of = [one["source"] for one in self.transactions if one["source"]["id"] == options["failed"]]
            if not of:
                raise not_found("no such payout")
            payout, category = {**of[0], "status": "failed", "created": shapes.now()}, "payout_reversal"
            row = self._made("payout_failure", category, payout["amount"], 0, payout["currency"], payout)
        else:
            payout = {
                "id": shapes.name("po"),
                "object": "payout",
                "amount": amount(options, "amount", 0),
                "currency": str(options.get("currency", "usd")),
                "created": shapes.now(),
                "status": "paid",
            }
            row = self._made("payout", "payout", -payout["amount"], 0, payout["currency"], payout)
        self.transactions.append(row)
        return {"payout": payout["id"]}

    def adjust(self, options: Json) -> Json:
        """Moves the balance for another reason: ``{"category": "other_adjustment", "amount": -100, "fee": 0}``."""
        moved, fee = int(options.get("amount", 0)), int(options.get("fee", 0))
        category, currency = (
            str(options.get("category", "other_adjustment")),
            str(options.get("currency", "usd")),
        )
        source = {"id": shapes.name("adj"), "object": "adjustment", "created": shapes.now()}
        self.transactions.append(self._made("adjustment", category, moved, fee, currency, source))
        return {"transaction": self.transactions[-1]["id"]}

    def rows(self, expanded: bool) -> list[Json]:
        """Every transaction, oldest first; with what it is of, or only the id of that."""
        return [row if expanded else {**row, "source": row["source"]["id"]} for row in self.transactions]
