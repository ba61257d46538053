"""Allowances: credits that are granted again in each period. Kept in wallets, and so apart from the catalogue."""

from typing import Any

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer, put_answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.allowances import AllowanceBody, allowance_view
from scrip.services.wallets import allowances
from scrip.services.wallets.allowances import AllowanceRequest


def put(request: HttpRequest) -> Answer:
    """Gives an allowance, or changes it."""
    body = request.body(AllowanceBody)
    if "unit" not in body.model_fields_set:
        units = _units(request)
        if units and body.unit not in units:
            raise _ambiguous(request, units)
    found, new, unit = allowances.put(runtime.executor(), body.terms(), _asked(request, body.unit))
    return put_answer(allowance_view(found, unit), new)


def get(request: HttpRequest) -> Answer:
    """Shows an allowance and when it grants next."""
    found, unit = allowances.get(runtime.executor(), _asked(request, _unit(request)))
    return answer(200, allowance_view(found, unit))


def delete(request: HttpRequest) -> Answer:
    """Ends an allowance. What it granted stays."""
    allowances.delete(runtime.executor(), _asked(request, _unit(request)))
    return {"statusCode": 204}


def _asked(request: HttpRequest, unit: str) -> AllowanceRequest:
    """Reads the account, name and caller of a request about an allowance."""
    moment, name = request.moment(), _name(request)
    return AllowanceRequest(request.account, unit, name, request.actor, moment, request.actor_name)


def _name(request: HttpRequest) -> str:
    return parameters.identifier(request.path, "allowance_id")


def _units(request: HttpRequest) -> list[str]:
    """Returns the units in which the account has the allowance that the path names."""
    return allowances.units_of(runtime.executor(), request.account, _name(request))


def _unit(request: HttpRequest) -> str:
    """Returns the unit that the query says, or else the one in which the allowance is.

    Raises:
        InvalidRequest: it is in several units.
    """
    said = request.query.said_unit()
    units = [] if said is not None else _units(request)
    if len(units) > 1:
        raise _ambiguous(request, units)
    return said or (units[0] if units else DEFAULT_UNIT)


def _ambiguous(request: HttpRequest, units: list[str]) -> InvalidRequest:
    """Returns the refusal of an allowance's name where it does not say which allowance is meant."""
    where = ", ".join(units)
    return InvalidRequest(
        [("unit", f"say it: {request.account} has an allowance {_name(request)} in {where}")]
    )


ROUTES = {
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": Route(put, "admin"),
    "GET /v1/accounts/{account}/allowances/{allowance_id}": Route(get, "read", ("unit",)),
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": Route(delete, "admin", ("unit",)),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
