"""The demo that ``make run`` comes up with: a unit, a pack, an account that bought it, a few burns.

Everything over HTTP as an app would, but for the checkout: the demo opens its session itself and signs its own
payment, so that no provider is ever asked for a demo's sake, not even one that a variable points at.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any, Final

import httpx

from local.stack import Stack, StackError
from local.standins import dodo_shapes as shapes
from local.standins.dodo import Provider, sign
from scrip import runtime
from scrip.domain.payments.order import OrderRequest
from scrip.providers.clients import Session
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Caller
from scrip.services.payments import orders
from scrip.store.tables import Tables

ACCOUNT: Final = "demo-acme"
PACK: Final = "demo-10k"
IMAGES: Final = "demo-images"
PRICE: Final = 100_000
"""USD 1 000.00 in cents, for 10 000 credits."""
BURNS: Final = 3
PATIENCE_SECONDS: Final = 30.0


def seed(stack: Stack) -> None:
    """Puts the demo in. Raises ``StackError`` where Scrip does not do as it is told."""
    headers = {"authorization": f"Bearer {stack.admin_key}"}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as client:
        _put(client, f"/v1/units/{IMAGES}", {"precision": 0, "name": "Images"})
        pack = {
            "credits": "10000",
            "price": {"amount": PRICE, "currency": "USD"},
            "expires_in": "P1Y",
            "provider_refs": {"dodo": "pdt_demo"},
        }
        _put(client, f"/v1/packs/{PACK}", pack)
        _buy(stack, client)
        for number in range(1, BURNS + 1):
            body = {
                "amount": "10",
                "reason": "a demo burn",
                "reference": {"type": "job", "id": f"demo-{number}"},
            }
            headers = {"idempotency-key": f"demo-burn-{number}"}
            _good(client.post(f"/v1/accounts/{ACCOUNT}/burns", json=body, headers=headers))


def _buy(stack: Stack, client: httpx.Client) -> None:
    session = Session(f"cks_demo_{secrets.token_hex(8)}", "https://checkout.example.test/demo")
    tables = Tables(stack.client("dynamodb"), stack.outputs["WalletsTable"], stack.outputs["LedgerTable"])
    wanted = OrderRequest(ACCOUNT, PACK, 1, "dodo", "https://example.test/thanks")
    caller = Caller("demo-order", "demo", Moment(runtime.now()))
    order, _ = orders.order(Executor(tables), wanted, caller, lambda _provider, _sale: session)
    _pay(stack, client, str(order.session_id))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _good(client.get(f"/v1/topups/{order.topup_id}"))["status"] == "paid":
            return
        time.sleep(0.1)
    raise StackError("the demo's payment was not applied")


def _pay(stack: Stack, client: httpx.Client, session_id: str) -> None:
    cart = [{"product_id": "pdt_demo", "quantity": 1}]
    checkout = shapes.Checkout(session_id, cart, PRICE, "USD", {}, None)
    payment = shapes.payment(checkout, PRICE, 0)
    standin = stack.standins.get("dodo")
    if isinstance(standin, Provider):
        # The first reconciliation asks it for what it does not list.
        standin.remember(checkout, payment)
    event = {
        "business_id": shapes.BUSINESS_ID,
        "type": "payment.succeeded",
        "timestamp": shapes.now(),
        "data": {"payload_type": "Payment", **payment},
    }
    raw = json.dumps(event).encode()
    headers = {"content-type": "application/json", **sign(stack.webhook_secrets["dodo"], "msg_demo", raw)}
    _good(client.post("/v1/webhooks/dodo", content=raw, headers=headers))


def _put(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    _good(client.put(path, json=body))


def _good(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise StackError(f"the demo: {answer.request.url.path} answered {answer.status_code}: {answer.text}")
    document: dict[str, Any] = answer.json()
    return document
