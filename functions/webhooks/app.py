"""Webhooks: verify on the raw bytes, translate into facts, put them in the queue, answer. Nothing is applied here."""

import json
from typing import Any

from scrip import runtime
from scrip.api.door import Answer, Event, Request, Route, answer, serve
from scrip.domain.errors import InvalidRequest, NotFound, Unauthenticated, Unavailable
from scrip.payments import signatures
from scrip.payments.adapters import adapter


def receive(request: Request) -> Answer:
    """``POST /v1/webhooks/{provider}``. 401 on a bad signature; 200 once the facts are durably queued, or there are
    none; what cannot be read is queued too, and parked with its reason."""
    name = request.path.get("provider", "")
    provider = adapter(name)
    if provider is None:
        raise NotFound("there is no such provider", provider=name)
    raw = request.raw_body()
    secrets = runtime.secret(f"SCRIP_{name.upper()}_WEBHOOK_SECRET_ID")["webhook_secrets"]
    try:
        delivery_id = provider.verify(raw, request.headers, secrets, runtime.now())
    except signatures.BadSignature as error:
        raise Unauthenticated("the signature is not one of ours") from error
    except signatures.NoSecrets as error:
        runtime.count("WebhookSecretMissing", provider=name)
        raise Unavailable("no webhook secret is set for this provider") from error
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest([("body", "is not JSON")]) from error
    delivery = provider.translate(body, runtime.Settings.value(f"SCRIP_{name.upper()}_OURS"))
    if not delivery.ignored:
        message = {"delivery_id": delivery_id, "delivery": delivery.to_dict()}
        group = f"{delivery.provider}:{delivery.payment_id or delivery_id}"
        runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    return answer(200, {"received": True})


ROUTES = {"POST /v1/webhooks/{provider}": Route(receive, None)}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
