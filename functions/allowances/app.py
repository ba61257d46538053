"""Allowances: credits that come again and again. Kept in wallets, and so apart from the catalogue."""

from typing import Any

from scrip import runtime
from scrip.api import fields
from scrip.api.door import Answer, Event, Request, Route, answer, serve
from scrip.api.granting import AllowanceBody
from scrip.api.granting_views import allowance_view
from scrip.domain.units import DEFAULT_UNIT
from scrip.operations import allowing


def put(request: Request) -> Answer:
    """``PUT /v1/accounts/{account}/allowances/{allowance_id}``."""
    body, account, moment = request.body(AllowanceBody), request.account, request.moment()
    name = fields.identifier(request.path, "allowance_id")
    found, new, unit = allowing.put(
        runtime.teller(), account, body.unit, name, body.terms(), request.actor, moment
    )
    return answer(201 if new else 200, allowance_view(found, unit))


def get(request: Request) -> Answer:
    """``GET /v1/accounts/{account}/allowances/{allowance_id}``."""
    account, unit_id, name = request.account, _unit(request), fields.identifier(request.path, "allowance_id")
    found, unit = allowing.get(runtime.teller(), account, unit_id, name, request.moment())
    return answer(200, allowance_view(found, unit))


def delete(request: Request) -> Answer:
    """``DELETE /v1/accounts/{account}/allowances/{allowance_id}``. What it granted stays."""
    account, unit_id, name = request.account, _unit(request), fields.identifier(request.path, "allowance_id")
    allowing.delete(runtime.teller(), account, unit_id, name, request.actor, request.moment())
    return {"statusCode": 204}


def _unit(request: Request) -> str:
    return request.query("unit").identifier("unit", DEFAULT_UNIT)


ROUTES = {
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": Route(put, "admin"),
    "GET /v1/accounts/{account}/allowances/{allowance_id}": Route(get, "admin"),
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": Route(delete, "admin"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
