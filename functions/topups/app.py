"""Top-ups: the function that talks to payment providers, and so the only one with their SDKs."""

from dataclasses import replace
from typing import Any, Final

from scrip import runtime
from scrip.domain.payments.order import Order
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.payments.topups import (
    MAX_QUANTITY,
    PROVIDERS,
    CancelBody,
    TopupBody,
    terms_view,
    topup_view,
)
from scrip.providers.clients import ProviderUnavailable, Sale, Session
from scrip.services.payments import orders
from scrip.services.payments.payment import load_payments

PROVIDER_SECONDS: Final = 8.0
"""For a session, the second attempt included: the caller and API Gateway (30 s) are waiting."""


def create(request: HttpRequest) -> Answer:
    """Orders packs, and opens a checkout where the provider has one here."""
    body, caller = request.body(TopupBody), request.caller()
    request.allow_account(body.account)
    order, replayed = orders.order(runtime.executor(), body.order_request(), caller, _open_session)
    unit = runtime.executor().unit(order.unit)
    first = replace(order, status="pending", payment_id=None)
    replay = {"idempotent_replay": "true"} if replayed else {}
    return answer(201, topup_view(first, unit, first.accepted_at), **replay)


def get(request: HttpRequest) -> Answer:
    """Shows an order."""
    with request.hiding():
        order = orders.get(runtime.tables(), parameters.opaque(request.path, "topup_id"))
    request.allow_account(order.account)
    return _shown(request, order)


def _shown(request: HttpRequest, order: Order) -> Answer:
    """Answers with an order as it is now, and its payments that wait."""
    waiting = load_payments(runtime.tables(), order.provider, order.waiting)
    unit = runtime.executor().unit(order.unit)
    return answer(200, topup_view(order, unit, request.moment().at, waiting))


def cancel(request: HttpRequest) -> Answer:
    """Cancels an order that is not paid; again, it answers the same."""
    request.body(CancelBody)
    with request.hiding():
        known = orders.get(runtime.tables(), parameters.opaque(request.path, "topup_id"))
    request.allow_account(known.account)
    return _shown(request, orders.cancel(runtime.tables(), known.topup_id))


def terms(request: HttpRequest) -> Answer:
    """Shows what an order would agree to now."""
    pack_id = parameters.identifier(request.path, "pack")
    quantity = request.query.whole("quantity", MAX_QUANTITY) or 1
    request.query.choice("provider", PROVIDERS)
    pack, unit, offer = orders.terms(
        runtime.executor(), pack_id, quantity, request.query.currency("currency")
    )
    return answer(200, terms_view(pack, unit, quantity, offer))


def _open_session(provider: str, sale: Sale) -> Session:
    """Opens a checkout session with the provider's API key, if there is one."""
    client = runtime.provider(provider, PROVIDER_SECONDS)
    if client is None:
        raise ProviderUnavailable(f"there is no API key of {provider}")
    return client.open_session(sale)


ROUTES = {
    "POST /v1/topups": Route(create, "top_up", bound=True),
    "GET /v1/topups/{topup_id}": Route(get, "read", bound=True),
    "POST /v1/topups/{topup_id}/cancel": Route(cancel, "top_up", bound=True),
    "GET /v1/packs/{pack}/terms": Route(terms, "read", ("quantity", "currency", "provider"), bound=True),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
