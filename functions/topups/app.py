"""Top-ups: the function that talks to payment providers, and so the only one with their SDKs."""

from dataclasses import replace
from typing import Any, Final

from scrip import runtime
from scrip.domain.payments.order import Order
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.payments.auto_topups import AutoTopupBody, auto_topup_view
from scrip.http.payments.subscriptions import (
    CancelSubscriptionBody,
    ResumeSubscriptionBody,
    subscription_view,
)
from scrip.http.payments.topups import (
    MAX_QUANTITY,
    PROVIDERS,
    CancelBody,
    TopupBody,
    terms_view,
    topup_view,
)
from scrip.providers.clients import Client, ProviderUnavailable, Sale, Session
from scrip.services.payments import auto_topups, orders, subscriptions
from scrip.services.payments.auto_topup_wakes import asking, group_of
from scrip.services.payments.payment import load_payments
from scrip.services.payments.subscriptions import SoldSubscription

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


def cancel_subscription(request: HttpRequest) -> Answer:
    """Has a subscription end; again, it answers the same."""
    at_once = request.body(CancelSubscriptionBody).at == "now"
    sold = _subscription(request)
    ended = subscriptions.cancel(runtime.tables(), sold, _client, runtime.now(), at_once=at_once)
    return answer(200, subscription_view(ended))


def resume_subscription(request: HttpRequest) -> Answer:
    """Has a subscription that was to end go on; again, it answers the same."""
    request.body(ResumeSubscriptionBody)
    resumed = subscriptions.resume(runtime.tables(), _subscription(request), _client, runtime.now())
    return answer(200, subscription_view(resumed))


def _subscription(request: HttpRequest) -> SoldSubscription:
    """Reads the subscription that the path names."""
    account = parameters.identifier(request.path, "account")
    request.allow_account(account)
    provider, name = request.path.get("provider", ""), parameters.opaque(request.path, "subscription_id")
    return subscriptions.get(runtime.tables(), account, provider, name)


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
    return _client(provider).open_session(sale)


def _client(provider: str) -> Client:
    """Makes the client of a provider's API. Raises ``ProviderUnavailable`` where there is no key for it."""
    client = runtime.provider(provider, PROVIDER_SECONDS)
    if client is None:
        raise ProviderUnavailable(f"there is no API key of {provider}")
    return client


def put_auto(request: HttpRequest) -> Answer:
    """Sets a wallet's automatic top-up, and has it looked at."""
    body, author, unit_id = request.body(AutoTopupBody), request.author(), request.query.unit()
    known, unit = auto_topups.put(runtime.executor(), request.account, unit_id, body.wanted(), author)
    message = {**asking(known.account, known.unit), "put": f"{author.at}.{known.told}.{author.request_id}"}
    if request.moment().pinned:
        message["at"] = author.at
    runtime.enqueue("SCRIP_AUTO_TOPUPS_QUEUE_URL", message, group=group_of(message))
    return answer(200, auto_topup_view(known, unit, author.at))


def get_auto(request: HttpRequest) -> Answer:
    """Shows a wallet's automatic top-up, and how it is."""
    known, unit = auto_topups.get(runtime.executor(), request.account, request.query.unit())
    return answer(200, auto_topup_view(known, unit, request.moment().at))


def delete_auto(request: HttpRequest) -> Answer:
    """Takes a wallet's automatic top-up away."""
    auto_topups.delete(runtime.executor(), request.account, request.query.unit(), request.author())
    return {"statusCode": 204}


ROUTES = {
    "POST /v1/topups": Route(create, "top_up", bound=True),
    "GET /v1/topups/{topup_id}": Route(get, "read", bound=True),
    "POST /v1/topups/{topup_id}/cancel": Route(cancel, "top_up", bound=True),
    "POST /v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/cancel": Route(
        cancel_subscription, "top_up"
    ),
    "POST /v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/resume": Route(
        resume_subscription, "top_up"
    ),
    "PUT /v1/accounts/{account}/auto-topup": Route(put_auto, "auto_top_up", ("unit",)),
    "GET /v1/accounts/{account}/auto-topup": Route(get_auto, "auto_top_up", ("unit",)),
    "DELETE /v1/accounts/{account}/auto-topup": Route(delete_auto, "auto_top_up", ("unit",)),
    "GET /v1/packs/{pack}/terms": Route(terms, "read", ("quantity", "currency", "provider"), bound=True),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
