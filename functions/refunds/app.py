"""Refunds that we start, and what people decide of payments that wait for them."""

from typing import Any

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.payments.payments import payment_of
from scrip.http.payments.refunds import PaymentRefundBody, refunded_view
from scrip.http.payments.resolutions import ResolutionBody, resolved_view
from scrip.providers import clients
from scrip.services.payments import queries, refunds, resolutions

PROVIDER_SECONDS = 15.0
"""What the provider is given: the caller waits behind it, and the gateway ends at 30."""


def refund(request: HttpRequest) -> Answer:
    """Refunds a payment, as money or as credit."""
    body, caller = request.body(PaymentRefundBody), request.caller()
    if body.force:
        request.allow("admin")
    executor, stored = runtime.executor(), payment_of(request)
    ask = _asking(stored.payment.provider) if body.as_ == "money" else None
    done = refunds.refund(executor, stored, body.command(), caller, ask)
    replay = {"idempotent_replay": "true"} if done.replayed else {}
    return answer(201, refunded_view(done, queries.details(executor, done.payment)), **replay)


def resolve(request: HttpRequest) -> Answer:
    """Decides about a payment that waits. The same again changes nothing."""
    body, moment = request.body(ResolutionBody), request.moment()
    executor, stored = runtime.executor(), payment_of(request)
    resolution = body.resolution(request.actor, request.actor_name, moment.at)
    applied = resolutions.resolve(executor, stored, resolution, moment, request.author())
    return answer(200, resolved_view(applied, queries.details(executor, applied.payment)))


def _asking(provider: str) -> refunds.AskProvider | None:
    """Returns what asks the provider for a refund; None where it has no API here.

    Raises:
        Unavailable: it has, and no key for it was put into its secret: nothing is frozen for what nobody could ask.
    """
    if provider not in clients.names():
        return None
    client = runtime.provider(provider, PROVIDER_SECONDS)
    if client is None:
        raise Unavailable(f"there is no API key of {provider}")
    return client.refund


ROUTES = {
    "POST /v1/payments/{provider}/{payment_id}/refunds": Route(refund, "grant", bound=True),
    "POST /v1/payments/{provider}/{payment_id}/resolutions": Route(resolve, "admin"),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
