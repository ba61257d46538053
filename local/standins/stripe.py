"""A stand-in for Stripe.

Stripe's, with a Bearer key, form-encoded bodies and idempotency keys:

    POST /v1/checkout/sessions, /v1/checkout/sessions/{id}/expire; GET /v1/checkout/sessions/{id}
    POST /v1/payment_intents                    off_session, confirmed at once
    GET  /v1/payment_intents, /v1/payment_intents/{id}
    GET  /v1/invoices, /v1/invoices/{id}, /v1/invoice_payments, /v1/credit_notes
    GET  /v1/charges/{id}
    GET  /v1/subscriptions/{id}; POST /v1/subscriptions/{id} cancel_at_period_end; DELETE /v1/subscriptions/{id}
    POST /v1/refunds; GET /v1/refunds, /v1/refunds/{id}
    GET  /v1/disputes, /v1/disputes/{id}
    GET  /v1/balance_transactions               created, starting_after, limit; expand[0]=data.source

Its own, by which things happen there:

    GET  /checkout/{session_id}                 the page with the Pay button
    POST /checkout/{session_id}/pay             {"tax": 2000, "discount": 0, "status": "succeeded"}
    POST /checkout/{session_id}/renew           the next invoice of its subscription; {"tax": 2000}
                                                {"status": "failed"}: declined; {"invoice": "in_…"}: that one is paid
    POST /checkout/{session_id}/expire          {"intent": false}
    POST /checkout/{session_id}/credit_note     {"amount": 12000, "refund": 0, "outside": 0}
    POST /checkout/{session_id}/refund          {"amount": 3000, "status": "succeeded"}
    POST /checkout/{session_id}/dispute         {"status": "needs_response", "amount": 12000}
    POST /refunds/{refund_id}/settle            {"status": "succeeded"}
    POST /payouts                               {"amount": 5000, "currency": "usd"}; {"failed": "po_…"}
    POST /adjustments                           {"category": "other_adjustment", "amount": -100}
    POST /charges                               {"come": "declined", "told": "before"}
    POST /charges/{intent_id}/settle            {"status": "succeeded"}

Everything in these bodies is optional, and ``"webhook": false`` keeps any of them silent. Amounts are Stripe's minor
units (``stripe_money``). A payment with a discount of all of it ends with nothing to pay, and has no intent. A refund's
default is all that is left, a dispute's is the total; with ``"charge_only": true`` they name no intent, as Stripe's
may. Refunds and disputes are of the session's last payment, or of ``payment_intent``. ``pay`` may also be
``processing``, and then again ``succeeded`` or ``failed``; with ``customer`` (``email``, ``name``) it says who pays.
Invoices (``stripe_billing``) also take ``"trial": true``, ``quantity``, ``discount``, ``prorations`` and ``items``
(lists of amounts), ``balance`` (what the customer owes; below zero: has), ``"outside": true`` (paid outside of Stripe)
and another ``billing_reason``. With ``api_version`` events are told as an endpoint of that version is
(``stripe_versions``). A dispute goes on with its next status, unless ``"new": true`` opens another; it takes the money
when it opens (an inquiry, ``warning_…``, does not) and gives it back when it is won, for good. A refund that was asked
for over the API succeeds at once, unless ``refunds_come`` says otherwise.

A session that keeps the payment method (``setup_future_usage``) makes a customer with a method of its own. How charges
of kept methods come from now on says ``/charges``: ``succeeded``, ``processing`` (until they are settled),
``declined``, ``authentication_required``, ``expired``, or ``unavailable``: a 500, which the key keeps as Stripe's does.
Their webhooks are ``told`` ``later``, ``before`` the answer, or ``never``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import ClassVar

from local.standins import pages, stripe_money
from local.standins import stripe_billing as billing
from local.standins import stripe_shapes as shapes
from local.standins import stripe_subscriptions as subscriptions
from local.standins import stripe_versions as versions
from local.standins.serving import Asked, Json, Problem, Standin, amount, buyer, choice, conflict, not_found
from local.standins.stripe_balance import Balance
from local.standins.stripe_requests import bought, cart, charge, form, message, missing, page_of, wrong
from local.standins.stripe_shapes import Checkout, Payment, name

REFUND_STATUSES = ("succeeded", "pending", "requires_action", "failed", "canceled")
DISPUTE_STATUSES = (
    *("needs_response", "under_review", "won", "lost", "prevented"),
    *("warning_needs_response", "warning_under_review", "warning_closed"),
)
DISPUTE_ENDS = ("won", "lost", "warning_closed", "prevented")
CHARGES: Mapping[str, tuple[str, str | None]] = {
    "declined": ("card_declined", "insufficient_funds"),
    "authentication_required": ("authentication_required", "authentication_required"),
    "expired": ("expired_card", None),
}
"""Code and decline code of charges that come so."""
PAID, UNPAID = "succeeded", {"processing": "processing", "failed": "requires_payment_method"}


class Refused(Problem):
    """A charge that came to nothing, with Stripe's own error: its key keeps that, as any answer."""

    def __init__(self, status: HTTPStatus, error: Json) -> None:
        super().__init__(status, str(error.get("code", "")), str(error["message"]))
        self.error = error

    @classmethod
    def missing(cls, kind: str, name: str) -> Refused:
        """The error of a customer or method that there is not."""
        said = {"code": "resource_missing", "message": f"No such {kind}: '{name}'", "param": kind}
        return cls(HTTPStatus.BAD_REQUEST, {"type": "invalid_request_error", **said})


class Provider(Standin):
    """A running stand-in."""

    NAME: ClassVar[str] = "stripe"

    def __post_init__(self) -> None:
        self.refunds_come = "succeeded"
        self.api_version = shapes.API_VERSION
        self.charges_come, self.charges_told = "succeeded", "later"
        self.charged: list[Payment] = []
        """Payments of kept methods, oldest first."""
        self._methods: dict[str, str] = {}
        self.balance = Balance()
        self._checkouts: dict[str, Checkout] = {}
        self._answered: dict[str, tuple[bytes, Json | Refused]] = {}
        super().__post_init__()

    def answer(self, asked: Asked) -> Json | str | tuple[Json, Mapping[str, str]]:
        match asked.method, *asked.path:
            case "GET", "checkout", session_id:
                return self._page(self.checkout(session_id))
            case "POST", "checkout", session_id, "pay" if asked.from_page:
                return self._page(self.checkout(session_id), self.pay(session_id, {})["webhook_status"])
            case "POST", "checkout", session_id, (
                "pay" | "renew" | "refund" | "dispute" | "expire" | "credit_note"
            ) as what:
                return dict(getattr(self, what)(session_id, asked.options))
            case "POST", "refunds", refund_id, "settle":
                return self.settle(refund_id, asked.options)
            case "POST", "payouts":
                return self.balance.payout(asked.options)
            case "POST", "adjustments":
                return self.balance.adjust(asked.options)
            case "POST", "charges":
                return self.charges(asked.options)
            case "POST", "charges", intent_id, "settle":
                return self.settle_charge(intent_id, asked.options)
        self.authorize(asked)
        if asked.path[:1] != ("v1",):
            raise not_found()
        if asked.method == "DELETE" and asked.path[1:2] == ("subscriptions",):
            return self._canceled(asked.path[2])
        return self._once(asked) if asked.method == "POST" else self._get(asked.path[1:], asked.query)

    def problem(self, problem: Problem) -> Json:
        if isinstance(problem, Refused):
            return {"error": problem.error}
        status = problem.status
        kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "api_error"
        # Stripe knows no 409 or 422 for what is wrong in a request, but for itself that tells a person enough.
        said = {"type": kind, "code": problem.code.lower(), "message": problem.message}
        if problem.code == "IDEMPOTENCY_ERROR":
            said = {"type": "idempotency_error", "message": problem.message}
        return {"error": said}

    def signed(self, _event_id: str, raw: bytes, /) -> Mapping[str, str]:
        return sign(self.webhook_secret, raw)

    @property
    def sessions(self) -> list[str]:
        """The ids of all sessions, oldest first."""
        with self.lock:
            return list(self._checkouts)

    def checkout(self, session_id: str) -> Checkout:
        """The session of that id."""
        with self.lock:
            found = self._checkouts.get(session_id)
        if found is None:
            raise missing("checkout.session", session_id)
        return found

    def charges(self, options: Json) -> Json:
        """How charges of kept methods come from now on, and when they are told."""
        known = ("succeeded", "processing", "unavailable", *CHARGES)
        self.charges_come = choice(options, "come", self.charges_come, *known)
        self.charges_told = choice(options, "told", self.charges_told, "later", "before", "never")
        return {"come": self.charges_come, "told": self.charges_told, "charged": len(self.charged)}

    def settle_charge(self, intent_id: str, options: Json) -> Json:
        """Says how a charge came to its end that was under way."""
        status = choice(options, "status", PAID, PAID, "failed")
        payment = next((one for one in self.charged if one.intent["id"] == intent_id), None)
        if payment is None:
            raise missing("payment_intent", intent_id)
        with self.lock:
            payment.intent["status"] = UNPAID.get(status, PAID)
            payment.intent["amount_received"] = payment.intent["amount"] if status == PAID else 0
            if status != PAID:
                shapes.declined(payment.intent, "card_declined", "generic_decline")
        return {"payment_intent": intent_id, "webhook_status": self._say_paid(options, payment)}

    def _charge_method(self, body: Json) -> Json:
        """``POST /v1/payment_intents``: charges a kept method while nobody is there."""
        price, currency = charge(body)
        customer, method = str(body.get("customer")), str(body.get("payment_method"))
        if customer not in self._methods.values():
            raise Refused.missing("customer", customer)
        if self._methods.get(method) != customer:
            raise Refused.missing("payment_method", method)
        come = self.charges_come
        if come == "unavailable":
            raise Refused(
                HTTPStatus.INTERNAL_SERVER_ERROR, {"type": "api_error", "message": "down, as asked for"}
            )
        status = {"succeeded": PAID, "processing": "processing"}.get(come, "requires_payment_method")
        made = shapes.intent(price, currency, status, body.get("metadata") or {})
        made |= {"customer": customer, "payment_method": method, "description": body.get("description")}
        payment = Payment(made)
        error = shapes.declined(made, *CHARGES[come]) if come in CHARGES else None
        with self.lock:
            self.charged.append(payment)
        if self.charges_told == "before":
            self._say_paid({}, payment)
        elif self.charges_told == "later":
            self.later(self._say_paid, {}, payment)
        if error:
            raise Refused(HTTPStatus.PAYMENT_REQUIRED, error)
        return dict(made)

    def forget(self) -> None:
        """A day passes: idempotency keys are forgotten."""
        with self.lock:
            self._answered.clear()

    def pay(self, session_id: str, options: Json) -> Json:
        """Pays a session, tries to, or delivers its payment once more, in other events."""
        checkout, tax = self.checkout(session_id), amount(options, "tax", 0)
        status = choice(options, "status", PAID, PAID, *UNPAID)
        session = checkout.session
        if person := buyer(options):
            session["customer_details"] = {"email": None, "name": None, **person}
        if session["status"] == "expired":
            raise conflict("RESOURCE_MISSING", "the session has expired")
        if session["mode"] == "subscription" and not checkout.payments:
            return self._subscribe(checkout, options, tax, status)
        if amount(options, "discount", 0) >= checkout.price + tax:
            return self._nothing_to_pay(checkout, options, checkout.price + tax)
        with self.lock:
            payment = checkout.payments[0] if checkout.payments else None
            waited = payment is not None and payment.intent["status"] != PAID
            if payment is None:
                payment = self._paid(checkout, tax, status)
                session |= {"status": "complete", "customer": payment.intent["customer"]}
                session["payment_intent"] = payment.intent["id"]
            if waited:
                payment.intent["status"] = UNPAID.get(status, PAID)
                payment.intent["amount_received"] = payment.intent["amount"] if status == PAID else 0
            if status == PAID:
                session["payment_status"] = "paid"
        ended = {PAID: "async_payment_succeeded", "failed": "async_payment_failed"}
        told = ended.get(status, "completed") if waited else "completed"
        sent = self._say_paid(options, payment)
        self._say(options, f"checkout.session.{told}", session)
        said = {"payment_intent": payment.intent["id"], "webhook_status": sent}
        return said | ({"invoice": payment.invoice["id"]} if payment.invoice else {})

    def _subscribe(self, checkout: Checkout, options: Json, tax: int, status: str) -> Json:
        """Begins a subscription: with a trial, its first period, or a debit that is on its way or came to nothing."""
        session = checkout.session
        waited = session["status"] == "complete"
        session |= {"status": "complete", "customer": shapes.CUSTOMER}
        session["subscription"] = session["subscription"] or name("sub")
        if status != PAID:
            told = "async_payment_failed" if waited and status == "failed" else "completed"
            return {"webhook_status": self._say(options, f"checkout.session.{told}", session)}
        if options.get("trial"):
            session |= {"amount_subtotal": 0, "amount_total": 0}
        session["payment_status"] = "no_payment_required" if options.get("trial") else "paid"
        said = self._invoiced(checkout, {**options, "tax": tax}, "subscription_create")
        session["invoice"] = said["invoice"]
        told = "async_payment_succeeded" if waited else "completed"
        self._say(options, f"checkout.session.{told}", session)
        return said

    def _nothing_to_pay(self, checkout: Checkout, options: Json, discount: int) -> Json:
        """Completes a session whose total is 0: there is no intent."""
        session = checkout.session
        with self.lock:
            session |= {"status": "complete", "payment_status": "no_payment_required", "amount_total": 0}
            session["total_details"] = {**session["total_details"], "amount_discount": discount}
        return {"webhook_status": self._say(options, "checkout.session.completed", session)}

    def renew(self, session_id: str, options: Json) -> Json:
        """The next period of a subscription, or another invoice of it."""
        checkout = self.checkout(session_id)
        if checkout.session["subscription"] is None:
            raise conflict("RESOURCE_MISSING", "there is no subscription to renew")
        if "invoice" in options:
            return self._settled(checkout, options)
        reason = choice(options, "billing_reason", "subscription_cycle", *billing.REASONS)
        if choice(options, "status", PAID, PAID, "failed") == "failed":
            return self._declined(checkout, options, reason)
        return self._invoiced(checkout, options, reason)

    def _declined(self, checkout: Checkout, options: Json, reason: str) -> Json:
        """Makes an invoice of a subscription, and says that its card was declined."""
        asked = checkout.asked.get("subscription_data") or {}
        with self.lock:
            bill = billing.bill(
                checkout, options, reason, checkout.session["subscription"], asked.get("metadata") or {}
            )
            invoice = subscriptions.unpaid(billing.invoice(checkout, bill))
            checkout.unpaid.append(invoice)
            checkout.standing["status"] = "past_due"
        sent = self._say(options, "invoice.payment_failed", dict(invoice))
        self._say(options, "customer.subscription.updated", subscriptions.subscription(checkout))
        return {"invoice": invoice["id"], "webhook_status": sent}

    def _settled(self, checkout: Checkout, options: Json) -> Json:
        """Pays an invoice that was declined; or declines it once more."""
        invoice = next((one for one in checkout.unpaid if one["id"] == options["invoice"]), None)
        if invoice is None or invoice["status"] != "open":
            raise conflict("RESOURCE_MISSING", "there is no such invoice that is not paid")
        if choice(options, "status", PAID, PAID, "failed") == "failed":
            invoice["attempt_count"] += 1
            sent = self._say(options, "invoice.payment_failed", dict(invoice))
            return {"invoice": invoice["id"], "webhook_status": sent}
        with self.lock:
            subscriptions.paid(invoice)
            intent = shapes.intent(invoice["amount_due"], checkout.session["currency"], PAID, {})
            payment = Payment(intent, invoice, billing.invoice_payment(invoice, intent))
            checkout.unpaid.remove(invoice)
            checkout.payments.append(payment)
            checkout.standing["status"] = "active"
        sent = self._say_paid(options, payment)
        self._say(options, "customer.subscription.updated", subscriptions.subscription(checkout))
        return {"payment_intent": intent["id"], "invoice": invoice["id"], "webhook_status": sent}

    def _subscribed(self, subscription_id: str) -> Checkout:
        """The session that a subscription began with."""
        with self.lock:
            found = [
                one for one in self._checkouts.values() if one.session["subscription"] == subscription_id
            ]
        if not found or not subscription_id:
            raise missing("subscription", subscription_id)
        return found[0]

    def _canceled(self, subscription_id: str) -> Json:
        """Ends a subscription at once."""
        of = self._subscribed(subscription_id)
        subscriptions.cancel(of)
        said = subscriptions.subscription(of)
        self.later(self._say, {}, "customer.subscription.deleted", said)
        return said

    def _updated(self, subscription_id: str, body: Json) -> Json:
        """Says whether a subscription ends with its period."""
        of = self._subscribed(subscription_id)
        subscriptions.update(of, body)
        said = subscriptions.subscription(of)
        self.later(self._say, {}, "customer.subscription.updated", said)
        return said

    def _invoiced(self, checkout: Checkout, options: Json, reason: str) -> Json:
        """Makes an invoice of a subscription, and says that it is paid."""
        session, asked = checkout.session, checkout.asked.get("subscription_data") or {}
        of = None if reason == "manual" else session["subscription"]
        with self.lock:
            checkout.balance = int(options.get("balance", checkout.balance))
            bill = billing.bill(checkout, options, reason, of, asked.get("metadata") or {})
            invoice = billing.invoice(checkout, bill)
            if not invoice["amount_due"] or bill.outside:
                checkout.unpaid.append(invoice)
                records = [billing.invoice_payment(invoice, None)] if bill.outside else []
                checkout.records += records
            else:
                # The intent of an invoice carries no metadata of the subscription's.
                intent = shapes.intent(invoice["amount_due"], session["currency"], PAID, {})
                payment = Payment(intent, invoice, billing.invoice_payment(invoice, intent))
                checkout.payments.append(payment)
                sent = self._say_paid(options, payment)
                return {"payment_intent": intent["id"], "invoice": invoice["id"], "webhook_status": sent}
        for one in records:
            self._say(options, "invoice_payment.paid", one)
        return {"invoice": invoice["id"], "webhook_status": self._say(options, "invoice.paid", invoice)}

    def expire(self, session_id: str, options: Json) -> Json:
        """Ends an open session: nobody can pay there any more. An intent that it has is canceled."""
        checkout = self.checkout(session_id)
        session = checkout.session
        if session["status"] != "open":
            raise conflict("RESOURCE_MISSING", "only an open session can expire")
        with self.lock:
            session["status"] = "expired"
            told = []
            if options.get("intent"):
                metadata = (checkout.asked.get("payment_intent_data") or {}).get("metadata") or {}
                intent = shapes.intent(checkout.price, session["currency"], "canceled", metadata)
                session["payment_intent"] = intent["id"]
                checkout.payments.append(Payment(intent))
                told.append(("payment_intent.canceled", intent))
        for type_, data in (*told, ("checkout.session.expired", session)):
            sent = self._say(options, type_, data)
        return {"webhook_status": sent}

    def credit_note(self, session_id: str, options: Json) -> Json:
        """A credit note to the last paid invoice: by default all of it goes to the customer's balance."""
        checkout = self.checkout(session_id)
        with self.lock:
            payment = self._which(session_id, options)
            if payment.invoice is None:
                raise conflict("RESOURCE_MISSING", "there is no invoice")
            given = amount(options, "amount", payment.left)
            wanted, outside = amount(options, "refund", 0), amount(options, "outside", 0)
            refunds = [_make_refund(payment, wanted, "succeeded", {})] if wanted else []
            made = billing.credit_note(payment.invoice, given, refunds, outside)
            checkout.balance -= given - wanted - outside
            checkout.notes.append(made)
        for one in refunds:
            self._say(options, "refund.created", one)
        return {"credit_note": made["id"], "webhook_status": self._say(options, "credit_note.created", made)}

    def refund(self, session_id: str, options: Json) -> Json:
        """Refunds a part of a session's payment, all of the rest by default."""
        status = choice(options, "status", "succeeded", *REFUND_STATUSES)
        with self.lock:
            payment = self._which(session_id, options)
            made = _make_refund(payment, amount(options, "amount", payment.left), status, {})
            if options.get("charge_only"):
                made["payment_intent"] = None
        return {"refund_id": made["id"], "webhook_status": self._say(options, "refund.created", made)}

    def settle(self, refund_id: str, options: Json) -> Json:
        """Says how a refund came to its end, also one that had succeeded."""
        status = choice(options, "status", "succeeded", *REFUND_STATUSES)
        made = self._find("refund", refund_id)
        made["status"] = status
        type_ = "refund.failed" if status == "failed" else "refund.updated"
        return {"refund_id": refund_id, "webhook_status": self._say(options, type_, made)}

    def dispute(self, session_id: str, options: Json) -> Json:
        """Opens a dispute, or says how the last one goes on."""
        status = choice(options, "status", "needs_response", *DISPUTE_STATUSES)
        with self.lock:
            payment = self._which(session_id, options)
            opened = not payment.disputes or bool(options.get("new"))
            if opened:
                disputed = amount(options, "amount", payment.intent["amount_received"])
                payment.disputes.append(shapes.dispute(payment.intent, disputed, status))
                if options.get("charge_only"):
                    payment.disputes[-1]["payment_intent"] = None
            made = payment.disputes[-1]
            if made["status"] in ("won", "warning_closed") and made["status"] != status:
                raise conflict("DISPUTE_ALREADY_WON", "it was won, for good: say new to open another")
            made["status"] = status
            moved, taken = made["balance_transactions"], not status.startswith(("warning", "prevented"))
            if taken and not moved:
                moved.append(shapes.movement(made, -made["amount"]))
            if status == "won" and len(moved) == 1:
                moved.append(shapes.movement(made, made["amount"]))
        ended = status in DISPUTE_ENDS and not opened
        type_ = "created" if opened else "closed" if ended else "updated"
        sent = self._say(options, f"charge.dispute.{type_}", made)
        return {"dispute_id": made["id"], "webhook_status": sent}

    def _once(self, asked: Asked) -> tuple[Json, Mapping[str, str]]:
        """A POST of the API: the same idempotency key is the same answer."""
        key = asked.headers.get("idempotency-key", "")
        request = "/".join(asked.path).encode() + b"?" + asked.raw
        with self.lock:
            known = self._answered.get(key)
            if known:
                if known[0] != request:
                    said = "keys for idempotent requests can only be used with the same parameters"
                    raise Problem(HTTPStatus.BAD_REQUEST, "IDEMPOTENCY_ERROR", said)
                if isinstance(known[1], Refused):
                    raise known[1]
                return known[1], {"idempotent-replayed": "true"}
            try:
                answer = self._post(asked.path[1:], form(asked.raw))
            except Refused as refused:
                # What was begun is kept under its key, whatever came of it.
                self._answered[key or name("none")] = (request, refused)
                raise
            if key:
                self._answered[key] = (request, answer)
        return answer, {}

    def _post(self, path: tuple[str, ...], body: Json) -> Json:
        match path:
            case ("checkout", "sessions"):
                price, currency = cart(body)
                session = shapes.session(body, price, currency, self.url)
                self._checkouts[session["id"]] = Checkout(session, body, price)
                return dict(session)
            case ("checkout", "sessions", session_id, "expire"):
                self.expire(session_id, {})
                return dict(self.checkout(session_id).session)
            case ("payment_intents",):
                return self._charge_method(body)
            case ("refunds",):
                return self._create_refund(body)
            case ("subscriptions", subscription_id):
                return self._updated(subscription_id, body)
        raise not_found()

    def _create_refund(self, body: Json) -> Json:
        payment = next(
            (one for one in self._payments() if one.intent["id"] == body.get("payment_intent")), None
        )
        if payment is None:
            raise missing("payment_intent", str(body.get("payment_intent")))
        wanted = body.get("amount", str(payment.left))
        if not re.fullmatch(r"[0-9]{1,12}", str(wanted)):
            raise wrong("amount", "a whole number")
        made = _make_refund(payment, int(wanted), self.refunds_come, body.get("metadata") or {})
        self.later(self._say, {}, "refund.created", made)
        if self.refunds_come == "pending":
            self.later(self.settle, made["id"], {})
        return dict(made)

    def _get(self, path: tuple[str, ...], query: Mapping[str, str]) -> Json:
        match path:
            case ("checkout", "sessions", session_id):
                return dict(self.checkout(session_id).session)
            case ("subscriptions", subscription_id):
                return subscriptions.subscription(self._subscribed(subscription_id))
            case ("balance_transactions",):
                with self.lock:
                    self.balance.look(self._payments())
                    expanded = "data.source" in (query.get("expand[0]"), query.get("expand[]"))
                    return page_of(self.balance.rows(expanded), "balance_transactions", query)
            case ("charges", charge_id):
                return self._charge(charge_id)
            case ("invoices", invoice_id):
                invoice = self._find("invoice", invoice_id)
                paid = [one for one in self._all("invoice_payment") if one["invoice"] == invoice_id]
                return {**invoice, "payments": shapes.listed(paid, "/v1/invoice_payments")}
            case (("payment_intents" | "refunds" | "disputes") as kind, name):
                return dict(self._find(kind.removesuffix("s"), name))
            case (
                (
                    "payment_intents"
                    | "refunds"
                    | "disputes"
                    | "invoices"
                    | "invoice_payments"
                    | "credit_notes"
                ) as kind,
            ):
                return page_of(self._all(kind.removesuffix("s")), kind, query)
        raise not_found()

    def _charge(self, charge_id: str) -> Json:
        for payment in self._payments():
            if payment.intent["latest_charge"] == charge_id:
                return shapes.charge(payment.intent, payment.intent["amount_received"] - payment.left)
        raise missing("charge", charge_id)

    def _paid(self, checkout: Checkout, tax: int, status: str) -> Payment:
        """A payment of the session's price and tax."""
        session, total = checkout.session, checkout.price + tax
        told = (checkout.asked.get("payment_intent_data") or {}).get("metadata") or {}
        session["amount_total"] = total
        session["total_details"] = {**session["total_details"], "amount_tax": tax}
        payment = Payment(shapes.intent(total, session["currency"], UNPAID.get(status, status), told))
        payment.intent["receipt_email"] = (session["customer_details"] or {}).get("email")
        usage = (checkout.asked.get("payment_intent_data") or {}).get("setup_future_usage")
        if usage:
            customer, method = name("cus"), name("pm")
            payment.intent |= {"customer": customer, "payment_method": method, "setup_future_usage": usage}
            self._methods[method] = customer
        checkout.payments.append(payment)
        return payment

    def _say_paid(self, options: Json, payment: Payment) -> int | None:
        type_ = {PAID: "succeeded", "processing": "processing"}.get(
            payment.intent["status"], "payment_failed"
        )
        sent = self._say(options, f"payment_intent.{type_}", payment.intent)
        if payment.invoice and payment.invoice_payment:
            self._say(options, "invoice_payment.paid", payment.invoice_payment)
            sent = self._say(options, "invoice.paid", payment.invoice)
        return sent

    def _which(self, session_id: str, options: Json) -> Payment:
        """The payment that a refund or a dispute is to be of."""
        payments = self.checkout(session_id).payments
        named = [one for one in payments if options.get("payment_intent") in (None, one.intent["id"])]
        if not named or named[-1].intent["status"] != PAID:
            raise conflict(
                "PAYMENT_INTENT_UNEXPECTED_STATE", "there is no payment of which there could be one"
            )
        return named[-1]

    def _payments(self) -> list[Payment]:
        with self.lock:
            bought = [payment for checkout in self._checkouts.values() for payment in checkout.payments]
            return [*bought, *self.charged]

    def _all(self, kind: str) -> list[Json]:
        """Every object of one kind, oldest first."""
        with self.lock:
            checkouts = list(self._checkouts.values())
        if kind in ("invoice", "credit_note"):
            return [one for of in checkouts for one in (of.invoices if kind == "invoice" else of.notes)]
        parts: Mapping[str, Callable[[Payment], list[Json | None]]] = {
            "payment_intent": lambda payment: [payment.intent],
            "invoice_payment": lambda payment: [payment.invoice_payment],
            "refund": lambda payment: list(payment.refunds),
            "dispute": lambda payment: list(payment.disputes),
        }
        found = [one for payment in self._payments() for one in parts[kind](payment) if one]
        return (
            [*found, *(one for of in checkouts for one in of.records)] if kind == "invoice_payment" else found
        )

    def _find(self, kind: str, name: str) -> Json:
        for one in self._all(kind):
            if one["id"] == name:
                return one
        raise missing(kind, name)

    def _say(self, options: Json, type_: str, data: Json) -> int | None:
        version = str(options.get("api_version", self.api_version))
        paying = [
            one for one in self._payments() if data["id"] in (one.intent["id"], (one.invoice or {}).get("id"))
        ]
        paid_by, pays = (paying[0].intent, paying[0].invoice) if paying else (None, None)
        told = versions.told(version, data, paid_by, pays["id"] if pays else None)
        if told is None:
            return None
        event = shapes.event(type_, json.loads(json.dumps(told)), version)
        return self.say(event["id"], event, options.get("webhook", True))

    def _page(self, checkout: Checkout, webhook_status: int | None = None) -> str:
        currency = checkout.session["currency"]
        if not checkout.payments:
            lines = [
                (int(item["quantity"]), bought(item["price_data"])) for item in checkout.asked["line_items"]
            ]
            price, beside = stripe_money.shown(checkout.price, currency), message(checkout.asked)
            return pages.checkout(checkout.session["id"], price, lines, beside)
        intent = checkout.payments[-1].intent
        paid = stripe_money.shown(intent["amount"], currency)
        return pages.paid(paid, intent["id"], checkout.session["success_url"], webhook_status)


def _make_refund(payment: Payment, wanted: int, status: str, metadata: Json) -> Json:
    if wanted > payment.left or wanted == 0:
        code = "CHARGE_ALREADY_REFUNDED" if payment.left == 0 else "AMOUNT_TOO_LARGE"
        raise Problem(HTTPStatus.BAD_REQUEST, code, f"{payment.left} is left to refund")
    stripe_money.check(wanted, payment.intent["currency"])
    made = shapes.refund(payment.intent, wanted, status, metadata)
    payment.refunds.append(made)
    return made


def start(port: int, scrip_url: str, webhook_secret: str, api_key: str) -> Provider:
    """Starts a stand-in on 127.0.0.1 (port 0: any free one). It sends webhooks to ``scrip_url``."""
    return Provider(port, scrip_url, webhook_secret, api_key)


def sign(secret: str, raw: bytes, at: int | None = None) -> dict[str, str]:
    """The header of a delivery of ``raw``, signed at epoch second ``at`` (default: now)."""
    timestamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={timestamp},v1={digest}"}
