"""A stand-in for Dodo Payments on this machine, so that buying works without an account there.

It answers the part of Dodo's API that Scrip calls, shows a checkout page, and sends the signed webhooks
that a payment or a refund there would cause. Bodies have Dodo's full shape (the tests hold them against the
models of its SDK); signatures are made here and not with Scrip's own code, so that both sides cannot be
wrong in the same way.

    POST /checkouts                      Dodo's: Bearer key, product_cart with amounts
    GET  /payments/{payment_id}          Dodo's, but without the key, so that a browser can show it
    GET  /checkout/{session_id}          the page with the Pay button
    POST /checkout/{session_id}/pay      {"tax": 2000, "total_amount": 12000, "webhook": true}
    POST /checkout/{session_id}/refund   {"amount": 3000, "status": "succeeded", "webhook": true}

Everything in the last two bodies is optional. Amounts are minor units; a payment's default total is the
price plus ``tax`` (default 0), a refund's is all that is left. Paying twice delivers the same payment
again, under a new webhook id and with its refunds so far, as a replay from Dodo's dashboard would. State is
in memory. Standard library only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local import provider_shapes as shapes
from local.provider_http import Problem, handler
from local.provider_shapes import Checkout

Json = dict[str, Any]

#: Seconds before each try to deliver a webhook. Dodo's own schedule spans 27 hours; a developer waits for
# this one.
DELIVERY_DELAYS = (0.0, 0.2, 0.5, 1.0)
DELIVERY_TIMEOUT_SECONDS = 15.0


class Provider:
    """A running stand-in. ``scrip_url`` may be set later, ``down = True`` makes every request answer 503."""

    def __init__(self, port: int, scrip_url: str, webhook_secret: str, api_key: str) -> None:
        self.scrip_url = scrip_url
        self.webhook_secret = webhook_secret
        self.api_key = api_key
        self.down = False
        self._checkouts: dict[str, Checkout] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops serving and frees the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def create(self, authorization: str, body: Json) -> Json:
        """``POST /checkouts``."""
        if not hmac.compare_digest(authorization.encode(), f"Bearer {self.api_key}".encode()):
            raise Problem(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "the API key is missing or wrong")
        cart = body.get("product_cart")
        if not isinstance(cart, list) or not 1 <= len(cart) <= 20 or not all(map(_is_item, cart)):
            raise _invalid("product_cart: 1 to 20 of product_id, quantity and, here always, amount")
        currency = body.get("billing_currency") or "USD"
        if not isinstance(currency, str) or len(currency) != 3 or not currency.isupper():
            raise _invalid("billing_currency: three capital letters")
        metadata = body.get("metadata") or {}
        if not isinstance(metadata, dict) or len(metadata) > 50:
            raise _invalid("metadata: at most 50 members")
        return_url = body.get("return_url")
        if return_url is not None and urlsplit(str(return_url)).scheme not in ("http", "https"):
            raise _invalid("return_url: a URL")
        checkout = Checkout(
            session_id=f"cks_{secrets.token_hex(8)}",
            cart=[{"product_id": item["product_id"], "quantity": item["quantity"]} for item in cart],
            price=sum(item["amount"] * item["quantity"] for item in cart),
            currency=currency,
            metadata=metadata,
            return_url=return_url,
        )
        with self._lock:
            self._checkouts[checkout.session_id] = checkout
        checkout_url = f"{self.url}/checkout/{checkout.session_id}"
        return {"session_id": checkout.session_id, "checkout_url": checkout_url}

    def checkout(self, session_id: str) -> Checkout:
        """The session of that id."""
        with self._lock:
            found = self._checkouts.get(session_id)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such checkout session")
        return found

    def payment(self, payment_id: str) -> Json:
        """``GET /payments/{payment_id}``: the payment as it is now."""
        with self._lock:
            for checkout in self._checkouts.values():
                if checkout.payment is not None and checkout.payment["payment_id"] == payment_id:
                    return shapes.as_of_now(checkout)
        raise Problem(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such payment")

    def pay(self, session_id: str, options: Json) -> Json:
        """Pays a session, or delivers its payment once more."""
        checkout = self.checkout(session_id)
        tax = _amount(options, "tax", 0)
        total = _amount(options, "total_amount", checkout.price + tax)
        with self._lock:
            if checkout.payment is None:
                checkout.payment = shapes.payment(checkout, total, tax)
            data = shapes.as_of_now(checkout)
        status = self._send("payment.succeeded", "Payment", data) if options.get("webhook", True) else None
        return {"payment_id": data["payment_id"], "webhook_status": status}

    def refund(self, session_id: str, options: Json) -> Json:
        """Refunds a part of a session's payment, all of the rest by default, and says so by webhook."""
        checkout = self.checkout(session_id)
        status = options.get("status", "succeeded")
        if status not in ("succeeded", "failed", "pending", "review"):
            raise _invalid("status: succeeded, failed, pending or review")
        with self._lock:
            if checkout.payment is None:
                raise Problem(HTTPStatus.CONFLICT, "PAYMENT_NOT_SUCCEEDED", "there is no payment to refund")
            total = int(checkout.payment["total_amount"])
            gone = sum(refund["amount"] for refund in checkout.refunds if refund["status"] != "failed")
            amount = _amount(options, "amount", total - gone)
            if amount > total - gone or amount == 0:
                message = f"{total - gone} is left to refund"
                raise Problem(HTTPStatus.CONFLICT, "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", message)
            refund = shapes.refund(checkout.payment, amount, status)
            checkout.refunds.append(refund)
            data = shapes.refund_event(refund, checkout.payment)
        # Dodo has no webhook for a refund that waits: it is only seen in the payment.
        sends = options.get("webhook", True) and status in ("succeeded", "failed")
        sent = self._send(f"refund.{status}", "Refund", data) if sends else None
        return {"refund_id": refund["refund_id"], "webhook_status": sent}

    def _send(self, event: str, payload_type: str, data: Json) -> int | None:
        """Delivers one webhook, with the retries of a patient provider; the last status, None without any
        answer."""
        envelope = {
            "business_id": shapes.BUSINESS_ID,
            "type": event,
            "timestamp": shapes.now(),
            "data": {"payload_type": payload_type, **data},
        }
        raw = json.dumps(envelope, separators=(",", ":")).encode()
        webhook_id = f"msg_{secrets.token_hex(12)}"
        status: int | None = None
        for delay in DELIVERY_DELAYS:
            time.sleep(delay)
            if not self.scrip_url:
                continue
            request = urllib.request.Request(
                f"{self.scrip_url.rstrip('/')}/v1/webhooks/dodo",
                data=raw,
                headers={"content-type": "application/json", **sign(self.webhook_secret, webhook_id, raw)},
            )
            try:
                with _OPENER.open(request, timeout=DELIVERY_TIMEOUT_SECONDS) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                status = error.code
                error.close()
            except OSError:
                continue
        return status


# Webhooks go to this machine: never through a proxy that the environment may name.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def start(port: int, scrip_url: str, webhook_secret: str, api_key: str) -> Provider:
    """Starts a stand-in on 127.0.0.1 (port 0: any free one). It sends webhooks to ``scrip_url``."""
    return Provider(port, scrip_url, webhook_secret, api_key)


def sign(secret: str, webhook_id: str, raw: bytes, at: int | None = None) -> dict[str, str]:
    """The headers of a Standard Webhooks delivery of ``raw``, signed at epoch second ``at`` (default:
    now)."""
    timestamp = int(time.time()) if at is None else at
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + raw, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _invalid(message: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "UNPROCESSABLE_ENTITY", message)


def _is_item(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("product_id"), str)
        and bool(item["product_id"])
        and all(type(item.get(name)) is int and item[name] > 0 for name in ("quantity", "amount"))
    )


def _amount(options: Json, name: str, default: int) -> int:
    value = options.get(name, default)
    if type(value) is not int or value < 0:
        raise _invalid(f"{name}: minor units, a whole number")
    return value
