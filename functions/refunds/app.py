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
    executor, payment = runtime.executor(), payment_of(request)
    ask = _asking(payment.provider) if body.as_ == "money" else None
    done = refunds.refund(executor, payment, body.wish(), caller, ask)
    replay = {"idempotent_replay": "true"} if done.replayed else {}
    return answer(201, refunded_view(done, queries.shown(executor, done.payment)), **replay)


def resolve(request: HttpRequest) -> Answer:
    """Decides about a payment that waits. The same again changes nothing."""
    body, moment = request.body(ResolutionBody), request.moment()
    executor, payment = runtime.executor(), payment_of(request)
    decider = resolutions.Decider(request.actor, body.reason, moment)
    applied = resolutions.resolve(executor, payment, _decision(body), decider, body.said())
    return answer(200, resolved_view(applied, queries.shown(executor, applied.payment)))


def _decision(body: ResolutionBody) -> resolutions.Decision:
    if body.topup_id is not None:
        return resolutions.accept(runtime.tables(), body.topup_id)
    if body.about is not None and body.amount is not None:
        return resolutions.state(body.about, body.amount)
    if body.about is not None and body.status is not None:
        return resolutions.settle(body.about, body.status)
    return resolutions.dismiss


def _asking(provider: str) -> refunds.AskProvider | None:
    """Asks the provider; None where it has no API here.

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
    "POST /v1/payments/{provider}/{payment_id}/refunds": Route(refund, "grant"),
    "POST /v1/payments/{provider}/{payment_id}/resolutions": Route(resolve, "admin"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
