"""``scrip trigger``: what a provider would say of an order, said to a Scrip on this machine.

Beside ``make run`` there are stand-ins of the providers: they are told to be paid, and send what the provider would
send, signed with the local secrets. A gateway of one's own (``standard``) has no stand-in, so its event is made and
signed here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote, urlsplit

import typer

from command_line.mistakes import REFUSED, Mistake
from command_line.parameters import given, invocation

if TYPE_CHECKING:
    from scrip_client.models import Topup

_CHECKOUT: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "payment.succeeded": ("pay", {}),
    "payment.failed": ("pay", {"status": "failed"}),
    "refund.succeeded": ("refund", {}),
    "dispute.opened": ("dispute", {}),
    "dispute.won": ("dispute", {"status": "won"}),
    "dispute.lost": ("dispute", {"status": "lost"}),
    "subscription.renewed": ("renew", {}),
}
_PADDLE: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "payment.succeeded": ("pay", {}),
    "payment.failed": ("pay", {"status": "past_due"}),
    "refund.succeeded": ("adjust", {"action": "refund"}),
    "dispute.lost": ("adjust", {"action": "chargeback"}),
}
_STANDARD: Final = (
    *("payment.processing", "payment.failed", "payment.succeeded"),
    *("refund.pending", "refund.failed", "refund.succeeded"),
    *("dispute.opened", "dispute.won", "dispute.lost"),
)
EVENTS: Final = {
    "dodo": tuple(_CHECKOUT),
    "stripe": tuple(_CHECKOUT),
    "paddle": tuple(_PADDLE),
    "standard": _STANDARD,
}
"""What can be said, by provider."""


def trigger(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="dodo, stripe, paddle or standard")],
    event: Annotated[str, typer.Argument(help="such as payment.succeeded")],
    topup_id: Annotated[str, typer.Argument(metavar="TOPUP_ID", help="the order")],
    amount: Annotated[
        int | None, typer.Option(help="of a refund or dispute, in minor units; else all")
    ] = None,
) -> int:
    """Says an event of a provider about an order to a Scrip on this machine. 1: the webhook was not taken."""
    if provider not in EVENTS:
        raise Mistake(f"there is no provider {provider}; there are {', '.join(EVENTS)}")
    if event not in EVENTS[provider]:
        raise Mistake(f"{provider} says no {event} here; it says {', '.join(EVENTS[provider])}")
    asked = invocation(context)
    url, _ = asked.place()
    if urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Mistake(f"{url} is not on this machine, and nobody's payments are made up elsewhere")
    with asked.client() as scrip:
        order = scrip.get_order(topup_id)
    if order.provider != provider:
        raise Mistake(f"{topup_id} is paid at {order.provider}, and not at {provider}")
    if provider == "standard":
        said = _say_standard(url, event, order, amount)
    elif provider == "paddle":
        what, options = _PADDLE[event]
        paid_as = order.payment_id or _transaction(order)
        said = _tell("paddle", f"/checkout/{quote(paid_as)}/{what}", options | given(amount=amount))
    else:
        what, options = _CHECKOUT[event]
        session = quote(str(order.checkout_session_id), safe="")
        said = _tell(provider, f"/checkout/{session}/{what}", options | given(amount=amount))
    asked.output.document({"topup_id": topup_id, "provider": provider, "event": event, **said})
    return 0 if said.get("webhook_status") == 200 else REFUSED


def _setting(name: str) -> str:
    """Returns a setting of the local Scrip. Raises ``Mistake`` where it is not set."""
    if not os.environ.get(name):
        raise Mistake(f"set {name}: beside make run, . .local/env does")
    return os.environ[name]


def _tell(provider: str, path: str, options: dict[str, Any]) -> dict[str, Any]:
    """Tells a stand-in what happens there. Raises ``Mistake`` where it does not answer, or refuses."""
    return _post(f"{_setting(f'SCRIP_{provider.upper()}_STANDIN')}{path}", json.dumps(options).encode(), {})


def _transaction(order: Topup) -> str:
    """Opens a checkout at Paddle's stand-in, as an app does there, and returns its id."""
    price = {"unit_price": {"amount": str(order.price.amount), "currency_code": order.price.currency}}
    body = {
        "items": [{"quantity": 1, "price": {**price, "description": order.pack, "name": order.pack}}],
        "currency_code": order.price.currency,
        "custom_data": {"topup_id": order.topup_id},
    }
    headers = {"authorization": f"Bearer {_setting('SCRIP_PADDLE_APP_KEY')}"}
    made = _post(f"{_setting('SCRIP_PADDLE_STANDIN')}/transactions", json.dumps(body).encode(), headers)
    return str(made["data"]["id"])


def _say_standard(url: str, event: str, order: Topup, amount: int | None) -> dict[str, Any]:
    """Makes an event of a gateway of one's own, signs it and sends it."""
    named = order.topup_id.replace(":", "_")
    whole = {
        "amount": order.price.amount if amount is None else amount,
        "currency": order.price.currency,
    }
    payment_id = f"pay_{named}"
    data: dict[str, Any] = {"payment_id": payment_id}
    family = event.partition(".")[0]
    if family == "payment":
        data |= {"topup_id": order.topup_id, **(whole if event == "payment.succeeded" else {})}
    else:
        data |= {f"{family}_id": f"{family}_{named}", **whole}
    now = int(time.time())
    said = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
    raw = json.dumps({"type": event, "timestamp": said, "data": data}).encode()
    name = f"msg_{secrets.token_hex(8)}"
    try:
        key = base64.b64decode(
            _setting("SCRIP_STANDARD_WEBHOOK_SECRET").removeprefix("whsec_"), validate=True
        )
    except ValueError:
        raise Mistake("SCRIP_STANDARD_WEBHOOK_SECRET is whsec_ and base64") from None
    digest = hmac.new(key, f"{name}.{now}.".encode() + raw, hashlib.sha256).digest()
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    _post(f"{url.rstrip('/')}/v1/webhooks/standard", raw, headers)
    return {"payment_id": payment_id, "webhook_status": 200}


def _post(url: str, raw: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Posts JSON and returns what is answered. Raises ``Mistake`` where that is no success, or no object."""
    import httpx

    try:
        with httpx.Client(trust_env=False, timeout=30) as client:
            answer = client.post(url, content=raw, headers={"content-type": "application/json", **headers})
        said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Mistake(f"{url} does not answer: {error}") from error
    if not answer.is_success or not isinstance(said, dict):
        raise Mistake(f"{url} answers {answer.status_code}: {answer.text[:500]}")
    return said
