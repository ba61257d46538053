"""Allowances: credits that are granted again in each period. Kept in wallets, and so apart from the catalogue."""

from typing import Any

from scrip import runtime
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer, put_answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.allowances import AllowanceBody, allowance_view
from scrip.services.wallets import allowances
from scrip.services.wallets.allowances import AllowanceRequest


def put(request: HttpRequest) -> Answer:
    """Gives an allowance, or changes it."""
    body = request.body(AllowanceBody)
    found, new, unit = allowances.put(runtime.executor(), body.terms(), _asked(request, body.unit))
    return put_answer(allowance_view(found, unit), new)


def get(request: HttpRequest) -> Answer:
    """Shows an allowance and when it grants next."""
    asked = _asked(request, None)
    found, unit = allowances.get(runtime.executor(), asked)
    return answer(200, allowance_view(found, unit))


def delete(request: HttpRequest) -> Answer:
    """Ends an allowance. What it granted stays."""
    allowances.delete(runtime.executor(), _asked(request, None))
    return {"statusCode": 204}


def _asked(request: HttpRequest, unit: str | None) -> AllowanceRequest:
    """Reads the account, name and caller of a request about an allowance. ``unit`` None: the query has it."""
    account = request.account
    unit = unit or request.query.unit()
    name = parameters.identifier(request.path, "allowance_id")
    return AllowanceRequest(account, unit, name, request.actor, request.moment())


ROUTES = {
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": Route(put, "admin"),
    "GET /v1/accounts/{account}/allowances/{allowance_id}": Route(get, "admin", ("unit",)),
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": Route(delete, "admin", ("unit",)),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
