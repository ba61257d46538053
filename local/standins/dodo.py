"""A stand-in for Dodo Payments.

Dodo's, with a Bearer key:

    POST /checkouts                             product_cart with amounts; without, of a product made below
    GET  /payments, /payments/{payment_id}      the second without the key too, so that a browser can show it
    POST /refunds; GET /refunds, /refunds/{refund_id}
    GET  /disputes, /disputes/{dispute_id}
    GET  /balances/ledger                       created_at_gte, created_at_lte, page_number, page_size
    GET, PATCH /subscriptions/{subscription_id}  cancel_at_next_billing_date; status: cancelled
    POST /subscriptions/{subscription_id}/charge   of one that is on demand

Its own, by which things happen there:

    GET  /checkout/{session_id}                 the page with the Pay button
    POST /checkout/{session_id}/pay             {"tax": 2000, "total_amount": 12000, "status": "succeeded"}
                                                {"customer": {"email": "ann@example.com", "name": "Ann"}}
    POST /checkout/{session_id}/renew           the next payment of its subscription; {"tax": 2000}
    POST /checkout/{session_id}/refund          {"amount": 3000, "status": "succeeded"}
    POST /checkout/{session_id}/dispute         {"status": "opened", "stage": "dispute", "amount": 12000}
    POST /refunds/{refund_id}/settle            {"status": "succeeded"}
    POST /payouts                               {"amount": 5000, "currency": "USD"}; {"failed": "pyt_…"}
    POST /ledger                                {"event_type": "reserve_hold", "amount": 100, "is_credit": false}
    POST /charges                               {"come": "declined", "told": "before"}
    POST /charges/{payment_id}/settle           {"status": "succeeded"}
    POST /products/{product_id}                 {"price": 1000, "currency": "USD", "interval": "Month", "count": 1}

Everything in these bodies is optional but for a product's price, and ``"webhook": false`` keeps any of them silent.
Amounts are minor units; a payment's default total is the price plus ``tax`` (default 0), a refund's is all that is
left, a dispute's is the total. Refunds and disputes are of the session's last payment, or of ``payment_id``. Paying
twice delivers the same payment again, under a new webhook id and with its refunds so far, as a replay from Dodo's
dashboard would. A payment may also say ``settlement_currency`` with ``settlement_amount`` and ``settlement_tax``, and
``renew`` a ``charge_type`` that is no period's, with ``metadata`` of its own, ``"usage": true`` (it bills usage alone),
``status`` and ``retry_attempt``. A product may have ``trial_period_days`` and ``trial_amount``. A dispute goes on with
its next status, unless ``"new": true`` opens another. A refund that was asked
for over the API is pending, and comes to its end in a moment.

A checkout whose subscription data say ``on_demand`` sells its product at the price that they say, as a subscription
that is on demand. How its charges come from now on says ``/charges``: ``succeeded``, ``processing`` (until settled),
``declined``, ``authentication_required``, ``expired``, or ``unavailable``: a 500, and no payment. Their webhooks are
``told`` ``later``, ``before`` the answer, or ``never``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar, get_args
from urllib.parse import urlsplit

from dodopayments.types import Currency

from local.standins import dodo_shapes as shapes
from local.standins import pages
from local.standins.dodo_balance import Balance
from local.standins.dodo_shapes import Charge, Checkout, Payment, Product
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

DEFAULT_PAGE, MAX_PAGE = 10, 100
DISPUTE_STATUSES = ("opened", "expired", "accepted", "cancelled", "challenged", "won", "lost")
CHARGES: Mapping[str, str] = {
    "declined": "INSUFFICIENT_FUNDS",
    "authentication_required": "AUTHENTICATION_REQUIRED",
    "expired": "EXPIRED_CARD",
}
"""The code of charges that come so."""
STAGES = ("dispute", "pre_dispute", "pre_arbitration")


class Provider(Standin):
    """A running stand-in."""

    NAME: ClassVar[str] = "dodo"

    def __post_init__(self) -> None:
        self._checkouts: dict[str, Checkout] = {}
        self._products: dict[str, Product] = {}
        self.balance = Balance()
        self.charges_come, self.charges_told = "succeeded", "later"
        self.charged: list[Payment] = []
        """Payments that were charged on demand, oldest first."""
        self.gone: set[str] = set()
        """Products that were deleted: what is in here is sold no more."""
        super().__post_init__()

    def answer(self, asked: Asked) -> Json | str:
        happened = self._happening(asked)
        if happened is not None:
            return happened
        self.authorize(asked)
        return self._api(asked)

    def _happening(self, asked: Asked) -> Json | str | None:
        """Its own routes."""
        match asked.method, *asked.path:
            case "GET", "checkout", session_id:
                return self._page(self.checkout(session_id))
            case "GET", "payments", payment_id:
                return self.payment(payment_id)
            case "POST", "checkout", session_id, "pay" if asked.from_page:
                return self._page(self.checkout(session_id), self.pay(session_id, {})["webhook_status"])
            case "POST", "checkout", session_id, ("pay" | "renew" | "refund" | "dispute") as what:
                return dict(getattr(self, what)(session_id, asked.options))
            case "POST", "refunds", refund_id, "settle":
                return self.settle(refund_id, asked.options)
            case "POST", "payouts":
                return self.balance.payout(asked.options)
            case "POST", "ledger":
                return self.balance.enter(asked.options)
            case "POST", "charges":
                return self.charges(asked.options)
            case "POST", "charges", payment_id, "settle":
                return self.settle_charge(payment_id, asked.options)
            case "POST", "products", product_id:
                return self.product(product_id, asked.options)
        return None

    def _api(self, asked: Asked) -> Json:
        """Dodo's."""
        match asked.method, *asked.path:
            case "POST", "checkouts":
                return self._create(asked.options)
            case "POST", "refunds":
                return self._create_refund(asked.options)
            case "GET", "payments":
                of = asked.query.get("subscription_id")
                known = [one for one in self._payments() if of in (None, one.data["subscription_id"])]
                return _listed([payment.listed() for payment in known], asked.query)
            case "GET", "refunds":
                made = [refund for payment in self._payments() for refund in payment.refunds]
                return _listed([shapes.listed_refund(refund) for refund in made], asked.query)
            case "GET", "refunds", refund_id:
                return self._refund(refund_id)[1]
            case "GET", "disputes":
                opened = [dispute for payment in self._payments() for dispute in payment.disputes]
                return _listed([shapes.listed_dispute(dispute) for dispute in opened], asked.query)
            case "GET", "disputes", dispute_id:
                return self._dispute(dispute_id)
            case "GET", "balances", "ledger":
                self.balance.look(self._payments())
                return _listed(list(self.balance.entries), asked.query)
            case "GET", "subscriptions", subscription_id:
                return self._subscription(subscription_id)
            case "PATCH", "subscriptions", subscription_id:
                return self._update(subscription_id, asked.options)
            case "POST", "subscriptions", subscription_id, "charge":
                return self._charge_subscription(subscription_id, asked.options)
        raise not_found()

    def problem(self, problem: Problem) -> Json:
        return {"code": problem.code, "message": problem.message}

    def signed(self, event_id: str, raw: bytes, /) -> Mapping[str, str]:
        return sign(self.webhook_secret, event_id, raw)

    def checkout(self, session_id: str) -> Checkout:
        """The session of that id."""
        with self.lock:
            found = self._checkouts.get(session_id)
        if found is None:
            raise not_found("no such checkout session")
        return found

    def payment(self, payment_id: str) -> Json:
        """The payment as it is now."""
        return self._payment(payment_id).now()

    def remember(self, checkout: Checkout, paid: Json) -> None:
        """Knows a payment that was made elsewhere, as if it had been made here."""
        with self.lock:
            checkout.payments.append(Payment(paid))
            self._checkouts[checkout.session_id] = checkout

    def product(self, product_id: str, options: Json) -> Json:
        """Makes a subscription product."""
        price, count = amount(options, "price", -1), amount(options, "count", 1)
        interval = choice(options, "interval", "Month", "Day", "Week", "Month", "Year")
        made = Product(
            product_id,
            price,
            str(options.get("currency", "USD")),
            interval,
            count,
            amount(options, "trial_period_days", 0),
            amount(options, "trial_amount", 0),
        )
        with self.lock:
            self._products[product_id] = made
        return {"product_id": product_id}

    def pay(self, session_id: str, options: Json) -> Json:
        """Pays a session, or delivers its payment once more."""
        checkout = self.checkout(session_id)
        status = choice(options, "status", "succeeded", "succeeded", "failed", "processing")
        tax = amount(options, "tax", 0)
        checkout.customer = checkout.customer | buyer(options)
        product = self._products.get(checkout.cart[0]["product_id"])
        if checkout.on_demand:
            product = Product(checkout.cart[0]["product_id"], checkout.price, checkout.currency)
        price = checkout.price
        if product and product.trial_days:
            price = product.trial_amount * checkout.cart[0]["quantity"]
        total = amount(options, "total_amount", price + tax)
        with self.lock:
            first = checkout.payments[0] if checkout.payments else None
            if first is None or first.data["status"] != "succeeded":
                if product and status == "succeeded":
                    quantity = checkout.cart[0]["quantity"]
                    checkout.subscription = shapes.subscription(
                        product, quantity, checkout.metadata, checkout.customer, checkout.on_demand
                    )
                first = Payment(shapes.payment(checkout, total, tax, status, _charge(options)))
                checkout.payments.append(first)
        sent = self._say(options, f"payment.{first.data['status']}", "Payment", first.now())
        return {"payment_id": first.id, "webhook_status": sent}

    def renew(self, session_id: str, options: Json) -> Json:
        """The next payment of a subscription, and both webhooks that Dodo sends for it."""
        checkout = self.checkout(session_id)
        if checkout.subscription is None:
            raise conflict("SUBSCRIPTION_NOT_FOUND", "there is no subscription to renew")
        tax, charge = amount(options, "tax", 0), _charge(options)
        status = choice(options, "status", "succeeded", "succeeded", "failed", "processing")
        total = amount(options, "total_amount", checkout.price + tax)
        with self.lock:
            payment = Payment(shapes.payment(checkout, total, tax, status, charge))
            checkout.payments.append(payment)
        sent = self._say(options, f"payment.{status}", "Payment", payment.now())
        if charge.type is None and not charge.usage and status == "succeeded":
            checkout.subscription |= {"previous_billing_date": shapes.now(), "status": "active"}
            self._say(options, "subscription.renewed", "Subscription", checkout.subscription)
        if charge.type is None and not charge.usage and status == "failed":
            checkout.subscription["status"] = "on_hold"
            self._say(options, "subscription.on_hold", "Subscription", checkout.subscription)
        return {"payment_id": payment.id, "webhook_status": sent}

    def refund(self, session_id: str, options: Json) -> Json:
        """Refunds a part of a session's payment, all of the rest by default, and says so by webhook."""
        status = choice(options, "status", "succeeded", "succeeded", "failed", "pending", "review")
        with self.lock:
            payment = self._which(session_id, options)
            made = self._make_refund(payment, amount(options, "amount", payment.left), status)
        return {"refund_id": made["refund_id"], "webhook_status": self._say_refund(options, made)}

    def settle(self, refund_id: str, options: Json) -> Json:
        """Brings a refund to its end, and says so by webhook."""
        status = choice(options, "status", "succeeded", "succeeded", "failed")
        _, made = self._refund(refund_id)
        made["status"] = status
        return {"refund_id": refund_id, "webhook_status": self._say_refund(options, made)}

    def dispute(self, session_id: str, options: Json) -> Json:
        """Opens a dispute, or says how the last one goes on."""
        status = choice(options, "status", "opened", *DISPUTE_STATUSES)
        with self.lock:
            payment = self._which(session_id, options)
            total = int(payment.data["total_amount"])
            if not payment.disputes or options.get("new"):
                stage, disputed = (
                    choice(options, "stage", "dispute", *STAGES),
                    amount(options, "amount", total),
                )
                made = shapes.dispute(payment.data, disputed, stage, f"dispute_{status}")
                payment.disputes.append(made)
            made = payment.disputes[-1]
            made["dispute_status"] = f"dispute_{status}"
            made["dispute_stage"] = choice(options, "stage", made["dispute_stage"], *STAGES)
            made["amount"] = str(amount(options, "amount", int(made["amount"])))
            made["is_resolved_by_rdr"] = options.get("is_resolved_by_rdr")
        sent = self._say(options, f"dispute.{status}", "Dispute", shapes.dispute_event(made))
        return {"dispute_id": made["dispute_id"], "webhook_status": sent}

    def charges(self, options: Json) -> Json:
        """How charges on demand come from now on, and when they are told."""
        known = ("succeeded", "processing", "unavailable", *CHARGES)
        self.charges_come = choice(options, "come", self.charges_come, *known)
        self.charges_told = choice(options, "told", self.charges_told, "later", "before", "never")
        return {"come": self.charges_come, "told": self.charges_told, "charged": len(self.charged)}

    def settle_charge(self, payment_id: str, options: Json) -> Json:
        """Says how a charge came to its end that was under way."""
        status, made = (
            choice(options, "status", "succeeded", "succeeded", "failed"),
            self._payment(payment_id),
        )
        made.data |= {"status": status, "error_code": None if status == "succeeded" else CHARGES["declined"]}
        return {"payment_id": payment_id, "webhook_status": self._say_charge(made, options)}

    def _charge_subscription(self, subscription_id: str, body: Json) -> Json:
        """``POST /subscriptions/{id}/charge``."""
        plan, come = self._subscription(subscription_id), self.charges_come
        if not plan["on_demand"]:
            raise conflict("SUBSCRIPTION_NOT_ON_DEMAND", "the subscription is not on demand")
        price = body.get("product_price")
        if type(price) is not int or price <= 0:
            raise invalid("product_price: minor units, above 0")
        if come == "unavailable":
            raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "down, as asked for")
        of = next(one for one in self._checkouts.values() if one.subscription is plan)
        charge = Charge("on_demand", body.get("metadata"), error=CHARGES.get(come), away=True)
        with self.lock:
            status = come if come in ("succeeded", "processing") else "failed"
            made = Payment(shapes.payment(of, price, 0, status, charge))
            of.payments.append(made)
            self.charged.append(made)
        if self.charges_told == "before":
            self._say_charge(made, {})
        elif self.charges_told == "later":
            self.later(self._say_charge, made, {})
        return {"payment_id": made.id}

    def _say_charge(self, made: Payment, options: Json) -> int | None:
        return self._say(options, f"payment.{made.data['status']}", "Payment", made.now())

    def _create(self, body: Json) -> Json:
        """``POST /checkouts``."""
        cart, on_demand = body.get("product_cart"), (body.get("subscription_data") or {}).get("on_demand")
        if on_demand is not None:
            # The product is sold at the price that is said here.
            cart = [{**item, "amount": on_demand.get("product_price")} for item in cart or ()]
        if not isinstance(cart, list) or not 1 <= len(cart) <= 20 or not all(map(self._is_item, cart)):
            raise invalid("product_cart: 1 to 20 of product_id, quantity and, but of subscriptions, amount")
        if any(item["product_id"] in self.gone for item in cart):
            raise not_found("a product of the cart does not exist")
        currency = body.get("billing_currency") or "USD"
        if currency not in get_args(Currency):
            raise invalid("billing_currency: one of those that Dodo sells in")
        metadata = body.get("metadata") or {}
        if not isinstance(metadata, dict) or len(metadata) > 50:
            raise invalid("metadata: at most 50 members")
        return_url = body.get("return_url")
        if return_url is not None and urlsplit(str(return_url)).scheme not in ("http", "https"):
            raise invalid("return_url: a URL")
        checkout = Checkout(
            session_id=f"cks_{secrets.token_hex(8)}",
            cart=[{"product_id": item["product_id"], "quantity": item["quantity"]} for item in cart],
            price=sum(
                (int(item["amount"]) if on_demand else self._price(item)) * item["quantity"] for item in cart
            ),
            currency=currency,
            metadata=metadata,
            return_url=return_url,
            on_demand=on_demand is not None,
        )
        with self.lock:
            self._checkouts[checkout.session_id] = checkout
        checkout_url = f"{self.url}/checkout/{checkout.session_id}"
        answer = {"session_id": checkout.session_id, "checkout_url": checkout_url}
        return answer | dict.fromkeys(("client_secret", "payment_id", "publishable_key"))

    def _is_item(self, item: Any) -> bool:
        if (
            not isinstance(item, dict)
            or not isinstance(item.get("product_id"), str)
            or not item["product_id"]
        ):
            return False
        numbers = ["quantity"] if item["product_id"] in self._products else ["quantity", "amount"]
        return all(type(item.get(name)) is int and item[name] > 0 for name in numbers)

    def _price(self, item: Json) -> int:
        # Of a subscription product the amount would be ignored.
        product = self._products.get(item["product_id"])
        return product.price if product else int(item["amount"])

    def _create_refund(self, body: Json) -> Json:
        """``POST /refunds``."""
        payment = self._payment(str(body.get("payment_id")))
        items, metadata = body.get("items"), body.get("metadata") or {}
        if items and body.get("currency") != payment.data["currency"]:
            raise invalid(
                "currency: the one that was paid in; another settlement currency is not stood in for"
            )
        with self.lock:
            if not items and payment.refunds:
                raise conflict("PAYMENT_ALREADY_REFUNDED", "a part of it was refunded: say items")
            wanted = sum(amount(item, "amount", payment.left) for item in items) if items else payment.left
            made = self._make_refund(payment, wanted, "pending", body.get("reason"), metadata)
        self.later(self.settle, made["refund_id"], {})
        return dict(made)

    def _make_refund(self, payment: Payment, wanted: int, status: str, *more: Any) -> Json:
        if wanted > payment.left or wanted == 0:
            raise conflict("REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", f"{payment.left} is left to refund")
        made = shapes.refund(payment.data, wanted, status, *more)
        payment.refunds.append(made)
        return made

    def _which(self, session_id: str, options: Json) -> Payment:
        """The payment that a refund or a dispute is to be of."""
        payments = self.checkout(session_id).payments
        named = [one for one in payments if options.get("payment_id") in (None, one.id)]
        if not named or named[-1].data["status"] != "succeeded":
            raise conflict("PAYMENT_NOT_SUCCEEDED", "there is no payment of which there could be one")
        return named[-1]

    def _payments(self) -> list[Payment]:
        with self.lock:
            return [payment for checkout in self._checkouts.values() for payment in checkout.payments]

    def _payment(self, payment_id: str) -> Payment:
        for payment in self._payments():
            if payment.id == payment_id:
                return payment
        raise not_found("no such payment")

    def _refund(self, refund_id: str) -> tuple[Payment, Json]:
        for payment in self._payments():
            for refund in payment.refunds:
                if refund["refund_id"] == refund_id:
                    return payment, refund
        raise not_found("no such refund")

    def _dispute(self, dispute_id: str) -> Json:
        for payment in self._payments():
            for dispute in payment.disputes:
                if dispute["dispute_id"] == dispute_id:
                    return dict(dispute)
        raise not_found("no such dispute")

    def _subscription(self, subscription_id: str) -> Json:
        for checkout in list(self._checkouts.values()):
            if checkout.subscription and checkout.subscription["subscription_id"] == subscription_id:
                return checkout.subscription
        raise not_found("no such subscription")

    def _update(self, subscription_id: str, changes: Json) -> Json:
        """Cancels a subscription at once, or says whether it ends at its next billing date."""
        made = self._subscription(subscription_id)
        if made["status"] == "cancelled":
            raise conflict("INACTIVE_SUBSCRIPTION", "the subscription is cancelled")
        ends = changes.get("cancel_at_next_billing_date")
        if isinstance(ends, bool):
            made["cancel_at_next_billing_date"] = ends
        elif changes.get("status") == "cancelled":
            made |= {"status": "cancelled", "cancelled_at": shapes.now()}
        else:
            raise invalid("cancel_at_next_billing_date or status")
        type_ = "subscription.cancelled" if made["status"] == "cancelled" else "subscription.updated"
        self.later(self._say, {}, type_, "Subscription", dict(made))
        return made

    def _say(self, options: Json, type_: str, payload_type: str, data: Json) -> int | None:
        webhook_id = f"msg_{secrets.token_hex(12)}"
        return self.say(webhook_id, shapes.event(type_, payload_type, data), options.get("webhook", True))

    def _say_refund(self, options: Json, made: Json) -> int | None:
        # Dodo has no webhook for a refund that waits: it is only seen in the payment.
        if made["status"] not in ("succeeded", "failed"):
            return None
        return self._say(options, f"refund.{made['status']}", "Refund", made)

    def _page(self, checkout: Checkout, webhook_status: int | None = None) -> str:
        if checkout.payment is None:
            price = pages.money(checkout.price, checkout.currency)
            lines = [(item["quantity"], item["product_id"]) for item in checkout.cart]
            return pages.checkout(checkout.session_id, price, lines)
        paid = pages.money(checkout.payment["total_amount"], checkout.currency)
        return pages.paid(paid, checkout.payment["payment_id"], checkout.return_url, webhook_status)


def _charge(options: Json) -> Charge:
    """What else the body of a route says of a payment."""
    settled = None
    if "settlement_currency" in options:
        told = [amount(options, name, 0) for name in ("settlement_amount", "settlement_tax")]
        settled = (str(options["settlement_currency"]), told[0], told[1])
    return Charge(
        type=options.get("charge_type"),
        metadata=options.get("metadata"),
        usage=bool(options.get("usage")),
        retry=amount(options, "retry_attempt", 0),
        settled=settled,
    )


def _listed(rows: list[Json], query: Mapping[str, str]) -> Json:
    """A page of a list, newest first."""
    number, size = int(query.get("page_number", 0)), int(query.get("page_size", DEFAULT_PAGE))
    if not 1 <= size <= MAX_PAGE:
        raise invalid(f"page_size: 1 to {MAX_PAGE}")
    found = [row for row in reversed(rows) if _within(row, query)]
    return {"items": found[number * size : (number + 1) * size]}


def _within(row: Json, query: Mapping[str, str]) -> bool:
    made = datetime.fromisoformat(row["created_at"])
    bounds = dict(_bounds(query))
    return bounds.get("created_at_gte", made) <= made <= bounds.get("created_at_lte", made)


def _bounds(query: Mapping[str, str]) -> Iterator[tuple[str, datetime]]:
    for name in ("created_at_gte", "created_at_lte"):
        if name in query:
            try:
                yield name, datetime.fromisoformat(query[name])
            except ValueError:
                raise invalid(f"{name}: an instant") from None


def start(port: int, scrip_url: str, webhook_secret: str, api_key: str) -> Provider:
    """Starts a stand-in on 127.0.0.1 (port 0: any free one). It sends webhooks to ``scrip_url``."""
    return Provider(port, scrip_url, webhook_secret, api_key)


def sign(secret: str, webhook_id: str, raw: bytes, at: int | None = None) -> dict[str, str]:
    """The headers of a Standard Webhooks delivery of ``raw``, signed at epoch second ``at`` (default: now)."""
    timestamp = int(time.time()) if at is None else at
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + raw, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
