"""A stand-in for Paddle Billing. Scrip calls no API of Paddle's: an app opens the checkout by itself.

Paddle's, with a Bearer key, as an app calls it:

    POST /transactions                          {"items": [...], "currency_code": "USD", "custom_data": {...}}
    GET  /transactions/{transaction_id}

Its own, by which things happen there:

    GET  /checkout/{transaction_id}             the page with the Pay button
    POST /checkout/{transaction_id}/pay         {"tax": 2000, "discount": 0, "status": "completed"}
    POST /checkout/{transaction_id}/bill        the next of its subscription; {"origin": "…", "amount": 10000}
                                                {"status": "past_due"}: declined; {"transaction_id": "txn_…"}: paid now
    POST /checkout/{transaction_id}/adjust      {"action": "refund", "amount": 3000, "tax": 500, "status": "approved"}
    POST /adjustments/{adjustment_id}/settle    {"status": "approved"}

Everything in these bodies is optional, and ``"webhook": false`` keeps any of them silent. An item's price is
``{"unit_price": {"amount": "10000", "currency_code": "USD"}, "billing_cycle": null, "trial_period": null}``; one with a
billing cycle makes a subscription once it is paid, and with a trial period the first transaction is of nothing.
``credit`` is what the buyer has at Paddle, ``prorations`` are amounts of lines, below zero what they get back: that
goes to their balance and pays what is billed next. ``pay`` may also be ``past_due`` or ``canceled``. An adjustment is
of the last transaction that was paid, or of ``transaction_id``. ``"customer": {"name": "Ann"}`` says whose card pays.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from local.standins import paddle_shapes as shapes
from local.standins import pages
from local.standins.paddle_shapes import Bill, Transaction
from local.standins.serving import (
    Asked,
    Json,
    Problem,
    Standin,
    amount,
    buyer,
    choice,
    conflict,
    invalid,
    not_found,
)

ACTIONS = (
    *("refund", "credit", "credit_reverse", "chargeback", "chargeback_reverse"),
    *("chargeback_warning", "chargeback_warning_reverse"),
)
STATUSES = ("pending_approval", "approved", "rejected", "reversed")


class Provider(Standin):
    """A running stand-in."""

    NAME: ClassVar[str] = "paddle"

    def __post_init__(self) -> None:
        self._transactions: dict[str, Transaction] = {}
        super().__post_init__()

    def answer(self, asked: Asked) -> Json | str:
        match asked.method, *asked.path:
            case "GET", "checkout", transaction_id:
                return self._page(self.transaction(transaction_id))
            case "POST", "checkout", transaction_id, "pay" if asked.from_page:
                status = self.pay(transaction_id, {})["webhook_status"]
                return self._page(self.transaction(transaction_id), status)
            case "POST", "checkout", transaction_id, ("pay" | "bill" | "adjust") as what:
                return dict(getattr(self, what)(transaction_id, asked.options))
            case "POST", "adjustments", adjustment_id, "settle":
                return self.settle(adjustment_id, asked.options)
        self.authorize(asked)
        match asked.method, *asked.path:
            case "POST", "transactions":
                return {"data": self.create(asked.options), "meta": {"request_id": shapes.name("req")}}
            case "GET", "transactions", transaction_id:
                found = self._find(transaction_id).data
                return {"data": found, "meta": {"request_id": shapes.name("req")}}
        raise not_found()

    def problem(self, problem: Problem) -> Json:
        kind = "request_error" if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR else "api_error"
        said = {"type": kind, "code": problem.code.lower(), "detail": problem.message}
        return {"error": said, "meta": {"request_id": shapes.name("req")}}

    def signed(self, _event_id: str, raw: bytes, /) -> Mapping[str, str]:
        return sign(self.webhook_secret, raw)

    def transaction(self, transaction_id: str) -> Transaction:
        """The transaction of a checkout."""
        with self.lock:
            found = self._transactions.get(transaction_id)
        if found is None:
            raise not_found("no such transaction")
        return found

    def create(self, asked: Json) -> Json:
        """``POST /transactions``, as the app that sells does it. Raises ``Problem``."""
        items, currency = asked.get("items"), asked.get("currency_code", "USD")
        if not isinstance(items, list) or not items or not all(map(_is_item, items)):
            raise invalid("items: each with quantity and price.unit_price")
        price = sum(int(item["price"]["unit_price"]["amount"]) * item["quantity"] for item in items)
        trial = any(item["price"].get("trial_period") for item in items)
        bill = Bill([("price", 0 if trial else price)])
        made = Transaction(shapes.transaction(asked, currency, bill, "api", None), price, trial)
        made.data["checkout"]["url"] = f"{self.url}/checkout/{made.data['id']}"
        with self.lock:
            self._transactions[made.data["id"]] = made
        return made.data

    def pay(self, transaction_id: str, options: Json) -> Json:
        """Pays a checkout, or delivers its payment once more; or tries to."""
        made = self.transaction(transaction_id)
        data = made.data
        status = choice(options, "status", "completed", "completed", "past_due", "canceled")
        with self.lock:
            if data["status"] != "completed":
                made.balance = amount(options, "credit", made.balance)
                bill = Bill(
                    [("price", 0 if made.trial else made.price)],
                    tax=0 if made.trial else amount(options, "tax", 0),
                    discount=amount(options, "discount", 0),
                    credit=made.balance,
                )
                self._bills(made, data, bill)
                data["status"] = status
                if status == "completed":
                    if _recurring(data):
                        data["subscription_id"] = data["subscription_id"] or shapes.name("sub")
                    shapes.paid(data, buyer(options).get("name", shapes.CARDHOLDER))
        return {"transaction_id": data["id"], "webhook_status": self._say_paid(options, data)}

    def bill(self, transaction_id: str, options: Json) -> Json:
        """Another transaction of a subscription: its next period, unless it is of another origin."""
        first = self.transaction(transaction_id)
        subscription_id = first.data["subscription_id"]
        if subscription_id is None:
            raise conflict("SUBSCRIPTION_NOT_FOUND", "there is no subscription")
        if "transaction_id" in options:
            due = self._find(options["transaction_id"]).data
            if due["status"] != "past_due":
                raise conflict("TRANSACTION_INVALID_STATUS", "it is not past due")
            shapes.paid(due)
            return {"transaction_id": due["id"], "webhook_status": self._say_paid(options, due)}
        status = choice(options, "status", "completed", "completed", "past_due")
        origin = choice(options, "origin", "subscription_recurring", *shapes.ORIGINS)
        price = amount(options, "amount", first.price)
        lines = [("price", 0 if origin == "subscription_payment_method_change" else price)]
        prorations = [("proration", int(one)) for one in options.get("prorations", ())]
        if origin == "subscription_update" and prorations:
            lines = []
        with self.lock:
            first.balance = amount(options, "credit", first.balance)
            bill = Bill(
                lines + prorations,
                tax=amount(options, "tax", 0),
                discount=amount(options, "discount", 0),
                credit=first.balance,
            )
            custom = {"custom_data": options["custom_data"]} if "custom_data" in options else {}
            asked = {"items": first.data["items"], **custom}
            data = shapes.transaction(asked, first.data["currency_code"], bill, origin, subscription_id)
            self._bills(first, data, bill)
            if status == "completed":
                shapes.paid(data)
            else:
                data |= {"status": status, "billed_at": shapes.now()}
            first.later.append(Transaction(data, price))
        return {"transaction_id": data["id"], "webhook_status": self._say_paid(options, data)}

    def _bills(self, first: Transaction, data: Json, bill: Bill) -> None:
        """Settles the buyer's balance with a transaction."""
        data["details"] = shapes.details(bill, data["currency_code"])
        first.balance += bill.totals["credit_to_balance"] - bill.totals["credit"]

    def adjust(self, transaction_id: str, options: Json) -> Json:
        """Gives money of a transaction back, or takes it: all of it by default."""
        first = self.transaction(transaction_id)
        action = choice(options, "action", "refund", *ACTIONS)
        status = choice(options, "status", "approved", *STATUSES)
        type_ = choice(options, "type", "partial", "partial", "full", "tax", "proration")
        known = [one for one in first.all if options.get("transaction_id") in (None, one.data["id"])]
        if not known or known[-1].data["status"] not in ("completed", "past_due"):
            raise conflict("ADJUSTMENT_TRANSACTION_INVALID_STATUS", "there is nothing to adjust")
        of = known[-1]
        totals = of.data["details"]["totals"]
        given = amount(options, "amount", int(totals["grand_total"]))
        tax = amount(
            options, "tax", int(totals["grand_total_tax"]) * given // max(1, int(totals["grand_total"]))
        )
        to_balance = options.get("to_balance", True) if action == "credit" else None
        with self.lock:
            made = shapes.adjustment(of.data, action, given, tax, status, type_, to_balance)
            of.adjustments.append(made)
            first.balance += given if to_balance else 0
        return {"adjustment_id": made["id"], "webhook_status": self._say(options, "adjustment.created", made)}

    def settle(self, adjustment_id: str, options: Json) -> Json:
        """Says how an adjustment came to its end."""
        made = next((one for one in self._adjustments() if one["id"] == adjustment_id), None)
        if made is None:
            raise not_found("no such adjustment")
        made |= {"status": choice(options, "status", "approved", *STATUSES), "updated_at": shapes.now()}
        return {
            "adjustment_id": adjustment_id,
            "webhook_status": self._say(options, "adjustment.updated", made),
        }

    def _adjustments(self) -> list[Json]:
        with self.lock:
            firsts = list(self._transactions.values())
        return [made for first in firsts for one in first.all for made in one.adjustments]

    def _find(self, transaction_id: str) -> Transaction:
        with self.lock:
            firsts = list(self._transactions.values())
        for one in (one for first in firsts for one in first.all):
            if one.data["id"] == transaction_id:
                return one
        raise not_found("no such transaction")

    def _say_paid(self, options: Json, data: Json) -> int | None:
        """Says how a transaction stands; one that is completed was paid before."""
        if data["status"] != "completed":
            return self._say(options, f"transaction.{data['status']}", data)
        self._say(options, "transaction.paid", {**data, "status": "paid"})
        return self._say(options, "transaction.completed", data)

    def _say(self, options: Json, type_: str, data: Json) -> int | None:
        event = shapes.event(type_, json.loads(json.dumps(data)))
        return self.say(event["event_id"], event, options.get("webhook", True))

    def _page(self, of: Transaction, webhook_status: int | None = None) -> str:
        data = of.data
        if data["status"] != "completed":
            lines = [
                (item["quantity"], str(item["price"].get("name") or "credits")) for item in data["items"]
            ]
            return pages.checkout(data["id"], pages.money(of.price, data["currency_code"]), lines)
        return pages.paid(pages.money(of.total, data["currency_code"]), data["id"], None, webhook_status)


def _is_item(item: Any) -> bool:
    unit = (
        item["price"].get("unit_price")
        if isinstance(item, dict) and isinstance(item.get("price"), dict)
        else None
    )
    known = isinstance(unit, dict) and isinstance(unit.get("amount"), str) and unit["amount"].isdigit()
    return known and type(item.get("quantity")) is int and item["quantity"] > 0


def _recurring(data: Json) -> bool:
    return any(item["price"].get("billing_cycle") for item in data["items"])


def start(port: int, scrip_url: str, webhook_secret: str, api_key: str) -> Provider:
    """Starts a stand-in on 127.0.0.1 (port 0: any free one). It sends webhooks to ``scrip_url``."""
    return Provider(port, scrip_url, webhook_secret, api_key)


def sign(secret: str, raw: bytes, at: int | None = None) -> dict[str, str]:
    """The header of a delivery of ``raw``, signed at epoch second ``at`` (default: now)."""
    timestamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{timestamp}:".encode() + raw, hashlib.sha256).hexdigest()
    return {"paddle-signature": f"ts={timestamp};h1={digest}"}
