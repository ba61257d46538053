"""Refunds that we start, and what people decide of payments that wait for them."""

from typing import Any

from scrip import runtime
from scrip.api import paying, views
from scrip.api.door import Answer, Event, Request, Route, answer, serve
from scrip.api.paying_views import payment_view, refunded_view
from scrip.domain.errors import Unavailable
from scrip.operations import refunding, resolving, showing
from scrip.payments import clients

PROVIDER_SECONDS = 15.0
"""What the provider is given: the caller waits behind it, and the gateway ends at 30."""


def refund(request: Request) -> Answer:
    """``POST /v1/payments/{provider}/{payment_id}/refunds``."""
    body, caller = request.body(paying.PaymentRefundBody), request.caller()
    if body.force:
        request.allow("admin")
    teller, payment = runtime.teller(), paying.payment_of(request)
    ask = _asking(payment.provider) if body.as_ == "money" else None
    done = refunding.refund(teller, payment, body.wish(), caller, ask)
    replay = {"idempotent_replay": "true"} if done.replayed else {}
    return answer(201, refunded_view(done, showing.shown(teller, done.payment)), **replay)


def resolve(request: Request) -> Answer:
    """``POST /v1/payments/{provider}/{payment_id}/resolutions``. The same again changes nothing."""
    body, moment = request.body(paying.ResolutionBody), request.moment()
    teller, payment = runtime.teller(), paying.payment_of(request)
    decider = resolving.Decider(request.actor, body.reason, moment)
    applied = resolving.resolve(teller, payment, _decision(body), decider, body.said())
    shown = showing.shown(teller, applied.payment)
    moved = views.moved_document(applied.last, shown.unit) if applied.last and shown.unit else {}
    return answer(200, {"payment": payment_view(shown)} | moved)


def _decision(body: paying.ResolutionBody) -> resolving.Decision:
    if body.topup_id is not None:
        return resolving.accept(runtime.tables(), body.topup_id)
    if body.about is not None and body.amount is not None:
        return resolving.state(body.about, body.amount)
    if body.about is not None and body.status is not None:
        return resolving.settle(body.about, body.status)
    return resolving.dismiss


def _asking(provider: str) -> refunding.AskProvider | None:
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
