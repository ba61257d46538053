"""Allowances: credits that come again and again. Kept in wallets, and so apart from the catalogue."""

from typing import Any

from scrip import runtime
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.allowances import AllowanceBody, allowance_view
from scrip.services.wallets import allowances


def put(request: HttpRequest) -> Answer:
    """Gives an allowance, or changes it."""
    body, account, moment = request.body(AllowanceBody), request.account, request.moment()
    name = parameters.identifier(request.path, "allowance_id")
    found, new, unit = allowances.put(
        runtime.executor(), account, body.unit, name, body.terms(), request.actor, moment
    )
    return answer(201 if new else 200, allowance_view(found, unit))


def get(request: HttpRequest) -> Answer:
    """Shows an allowance and when it grants next."""
    account, unit_id, name = (
        request.account,
        _unit(request),
        parameters.identifier(request.path, "allowance_id"),
    )
    found, unit = allowances.get(runtime.executor(), account, unit_id, name, request.moment())
    return answer(200, allowance_view(found, unit))


def delete(request: HttpRequest) -> Answer:
    """Ends an allowance. What it granted stays."""
    account, unit_id, name = (
        request.account,
        _unit(request),
        parameters.identifier(request.path, "allowance_id"),
    )
    allowances.delete(runtime.executor(), account, unit_id, name, request.actor, request.moment())
    return {"statusCode": 204}


def _unit(request: HttpRequest) -> str:
    return request.query("unit").identifier("unit", DEFAULT_UNIT)


ROUTES = {
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": Route(put, "admin"),
    "GET /v1/accounts/{account}/allowances/{allowance_id}": Route(get, "admin"),
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": Route(delete, "admin"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
