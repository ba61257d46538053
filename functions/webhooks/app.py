"""Webhooks: verify on the raw bytes, keep the body, put its facts into the queue, answer. Nothing is applied here."""

from typing import Any, Final

from scrip import runtime
from scrip.domain.credits.errors import Throttled, Unauthenticated, Unavailable
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.payments.deliveries import received_view
from scrip.providers import signatures
from scrip.providers.webhooks import Webhook
from scrip.services.payments import deliveries

DAY_SECONDS: Final = 86_400


def receive(request: HttpRequest) -> Answer:
    """Takes what a payment provider says.

    401 on a bad signature. 200 once the body is kept and its facts are queued, or there are none. What cannot be read
    is queued too, and parked with its reason. 503 where anything of ours fails: the provider has the event still, and
    tries again.
    """
    name = request.path.get("provider", "")
    provider, raw = deliveries.adapter(name), request.raw_body()
    moment = request.moment()
    at = moment.at if moment.pinned else None
    try:
        _take(provider, _verified(provider, raw, request, at), raw, at)
    except signatures.BadSignature as error:
        runtime.count("WebhookRefused", provider=name, why=str(error))
        raise Unauthenticated("the signature is not one of ours") from error
    except signatures.NoSecrets as error:
        runtime.count("WebhookSecretMissing", provider=name)
        raise Unavailable("no webhook secret is set for this provider") from error
    except (Throttled, Unavailable) as error:
        cause = type(error.__cause__).__name__
        runtime.count("WebhookUnavailable", provider=name, why=error.detail, cause=cause)
        raise Unavailable(error.detail) from error
    return answer(200, received_view())


def _verified(provider: Webhook, raw: bytes, request: HttpRequest, at: int | None) -> str:
    """Returns the delivery's id, if one of our secrets signed it: one of those we remember, or of those there are now.

    It was signed just now; or just before the test clock's instant ``at``, where there is one.

    Raises:
        BadSignature, NoSecrets.
    """
    name = provider.PROVIDER
    secret_id = f"SCRIP_{name.upper()}_WEBHOOK_SECRET_ID"

    def verify(secrets: list[str]) -> str:
        try:
            return provider.verify(raw, request.headers, secrets, runtime.now())
        except signatures.BadSignature:
            if at is None:
                raise
        return provider.verify(raw, request.headers, secrets, at)

    try:
        return verify(_secrets(runtime.secret(secret_id)))
    except (signatures.BadSignature, signatures.NoSecrets):
        fresh = runtime.secret_again(secret_id)
        if fresh is None:
            raise
    return verify(_secrets(fresh))


def _take(provider: Webhook, delivery_id: str, raw: bytes, at: int | None) -> None:
    """Keeps what was said and passes it on, in this order: what is in the queue can always be looked up.

    ``at`` is the test clock's instant, where it is to be applied as at that.
    """
    name = provider.PROVIDER
    ours = runtime.Settings.value(f"SCRIP_{name.upper()}_OURS")
    now, days = runtime.now(), int(runtime.Settings.value("SCRIP_DELIVERY_RETENTION_DAYS"))
    until = now // 1000 + days * DAY_SECONDS
    came = now if at is None else at
    delivery = deliveries.take(runtime.deliveries(), provider, delivery_id, raw, ours, came, until)
    if delivery.ignored:
        return
    message, group = deliveries.message(delivery, delivery_id, at, raw)
    runtime.enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)
    # Where others use the account too, only who reads the tables can tell whether it is for us to look.
    if delivery.parked and name not in runtime.shared_providers():
        runtime.count("UnknownEvent", provider=name, type=delivery.type, delivery_id=delivery_id)


def _secrets(secret: Any) -> list[str]:
    """Lists those in a secret of the shape that the docs ask for; any other is as good as no secret."""
    listed = secret.get("webhook_secrets")
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


ROUTES = {"POST /v1/webhooks/{provider}": Route(receive, None)}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
