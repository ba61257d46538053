"""Webhooks: verify on the raw bytes, translate into facts, put them in the queue, answer. Nothing is applied here."""

import json
from typing import Any

from scrip import runtime
from scrip.api.door import Answer, Event, Request, Route, answer, serve
from scrip.domain.errors import InvalidRequest, NotFound, Unauthenticated, Unavailable
from scrip.payments import dodo, signatures


def receive(request: Request) -> Answer:
    """``POST /v1/webhooks/{provider}``. 401 on a bad signature; 200 once the facts are durably queued, or there are
    none; what cannot be read is queued too, and parked with its reason."""
    if request.path.get("provider") != "dodo":
        raise NotFound("there is no such provider", provider=request.path.get("provider", ""))
    raw = request.raw_body()
    secrets = runtime.secret("SCRIP_DODO_WEBHOOK_SECRET_ID")["webhook_secrets"]
    try:
        delivery_id = signatures.verify_standard(raw, request.headers, secrets, runtime.now())
    except signatures.BadSignature as error:
        raise Unauthenticated("the signature is not one of ours") from error
    except signatures.NoSecrets as error:
        runtime.count("WebhookSecretMissing", provider="dodo")
        raise Unavailable("no webhook secret is set for this provider") from error
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest([("body", "is not JSON")]) from error
    business_id = runtime.Settings.value("SCRIP_DODO_BUSINESS_ID") or None
    delivery = dodo.translate(body, business_id=business_id)
    if not delivery.ignored:
        message = {"delivery_id": delivery_id, "delivery": delivery.to_dict()}
        group = f"{delivery.provider}:{delivery.payment_id or delivery_id}"
        runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    return answer(200, {"received": True})


ROUTES = {"POST /v1/webhooks/{provider}": Route(receive, None)}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
