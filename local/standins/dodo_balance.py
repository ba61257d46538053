"""The balance ledger of the stand-in for Dodo Payments.

After docs.dodopayments.com (api-reference/balance-ledger/list-ledger-entries, features/account-summary-payout-wallet):
every fee and every tax is an entry of its own, amounts are positive, and ``is_credit`` says which way. A payment that
settles in another currency moves the wallet of that, by its ``settlement_amount``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from local.standins import dodo_shapes as shapes
from local.standins.dodo_shapes import Payment
from local.standins.serving import Json, amount, not_found

FEE_PERCENT, FEE, REFUND_FEE, DISPUTE_FEE = 4, 40, 100, 3000
"""What a payment costs (4 % and 40 minor units), a refund and a dispute."""
WON = ("dispute_won", "dispute_cancelled")


class Balance:
    """The entries of all wallets, in the order in which they were made."""

    def __init__(self) -> None:
        self.entries: list[Json] = []
        self._known: set[str] = set()

    def look(self, payments: Sequence[Payment]) -> None:
        """Enters what has happened to payments since it was looked last."""
        for payment in payments:
            for key, at, entry in self._of(payment):
                if key not in self._known:
                    self._known.add(key)
                    self.enter({**entry, "created_at": at})
        self.entries.sort(key=lambda entry: str(entry["created_at"]))

    def _of(self, payment: Payment) -> Iterator[tuple[str, Any, Json]]:
        data = payment.data
        if data["status"] != "succeeded":
            return
        at = data["created_at"]
        coin = data.get("settlement_currency") or data["currency"]
        other = coin != data["currency"]
        total = int(data["settlement_amount"] if other else data["total_amount"])
        tax = int((data.get("settlement_tax") if other else data.get("tax")) or 0)
        of = {"currency": coin, "reference_object_id": payment.id}
        fee = total * FEE_PERCENT // 100 + FEE
        yield payment.id, at, {**of, "event_type": "payment", "amount": total, "is_credit": True}
        yield f"{payment.id} fee", at, {**of, "event_type": "payment_fees", "amount": fee}
        if tax:
            yield f"{payment.id} tax", at, {**of, "event_type": "tax", "amount": tax}
        for refund in payment.refunds:
            if refund["status"] in ("succeeded", "failed"):
                of, id_ = {**of, "reference_object_id": refund["refund_id"]}, refund["refund_id"]
                back = int(refund["amount"])
                yield id_, refund["created_at"], {**of, "event_type": "refund", "amount": back}
                yield f"{id_} fee", at, {**of, "event_type": "refund_fees", "amount": REFUND_FEE}
                if refund["status"] == "failed":
                    failed = {**of, "event_type": "refund_reversal", "amount": back, "is_credit": True}
                    yield f"{id_} failed", at, failed
        for dispute in payment.disputes:
            of, id_ = {**of, "reference_object_id": dispute["dispute_id"]}, dispute["dispute_id"]
            taken = int(dispute["amount"])
            yield id_, dispute["created_at"], {**of, "event_type": "dispute", "amount": taken}
            yield f"{id_} fee", at, {**of, "event_type": "dispute_fees", "amount": DISPUTE_FEE}
            if dispute["dispute_status"] in WON:
                won = {**of, "event_type": "dispute_reversal", "amount": taken, "is_credit": True}
                yield f"{id_} won", at, won

    def enter(self, options: Json) -> Json:
        """Makes an entry of any kind."""
        entry = {
            "id": f"ble_{secrets.token_hex(8)}",
            "amount": amount(options, "amount", 0),
            "business_id": "bus_standin",
            "created_at": options.get("created_at") or shapes.now(),
            "currency": str(options.get("currency", "USD")),
            "event_type": str(options.get("event_type", "adjustment")),
            "is_credit": bool(options.get("is_credit")),
            "usd_equivalent_amount": amount(options, "amount", 0),
            "after_balance": None,
            "before_balance": None,
            "description": None,
            "payout_id": options.get("payout_id"),
            "reference_object_id": options.get("reference_object_id"),
        }
        self.entries.append(entry)
        return {"id": entry["id"]}

    def payout(self, options: Json) -> Json:
        """Pays out, with its fee beside it; or says that a payout failed, which gives back its amount alone."""
        if "failed" in options:
            of = [one for one in self.entries if one["payout_id"] == options["failed"]]
            if not of:
                raise not_found("no such payout")
            self.enter({**of[0], "event_type": "payout_reversal", "is_credit": True, "created_at": None})
            return {"payout_id": options["failed"]}
        of_ = {"payout_id": f"pyt_{secrets.token_hex(8)}", "currency": options.get("currency", "USD")}
        self.enter({**of_, "event_type": "payout", "amount": options["amount"]})
        if options.get("fee"):
            self.enter({**of_, "event_type": "payout_fees", "amount": options["fee"]})
        return {"payout_id": of_["payout_id"]}
