"""Top-ups: the function that talks to payment providers, and so the only one with their SDKs."""

from collections.abc import Mapping
from typing import Any

from scrip import runtime
from scrip.api import catalogue_views, fields
from scrip.api.door import Answer, Event, Request, Route, answer, serve
from scrip.api.schemas import TopupBody
from scrip.operations import buying
from scrip.payments.clients import dodo as checkout


def create(request: Request) -> Answer:
    """``POST /v1/topups``."""
    body, caller = request.body(TopupBody), request.caller()
    wanted = buying.Order(body.account, body.pack, body.quantity, body.provider, body.return_url)
    order, replayed = buying.order(runtime.teller(), wanted, caller, _ask_dodo)
    unit = runtime.teller().unit(order["unit"])
    first = {**order, "status": "pending", "payment_id": None}
    replay = {"idempotent_replay": "true"} if replayed else {}
    return answer(201, catalogue_views.topup_view(first, unit), **replay)


def get(request: Request) -> Answer:
    """``GET /v1/topups/{topup_id}``."""
    order = buying.get(runtime.tables(), fields.opaque(request.path, "topup_id"))
    request.allow_account(order["account"])
    return answer(200, catalogue_views.topup_view(order, runtime.teller().unit(order["unit"])))


def _ask_dodo(order: Mapping[str, Any], wanted: buying.Order) -> checkout.Session:
    return checkout.create_session(
        api_key=runtime.secret("SCRIP_DODO_API_KEY_SECRET_ID")["api_key"],
        base_url=runtime.Settings.value("SCRIP_DODO_BASE_URL"),
        product_id=order["product"],
        quantity=wanted.quantity,
        amount=order["unit_price"]["amount"],
        currency=order["unit_price"]["currency"],
        topup_id=order["topup_id"],
        account=wanted.account,
        return_url=wanted.return_url,
    )


ROUTES = {
    "POST /v1/topups": Route(create, "grant"),
    "GET /v1/topups/{topup_id}": Route(get, "read"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
