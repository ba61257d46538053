"""Allowances: credits that are granted again in each period; alerts, rate cards and budgets of one account.

All are of wallets, and so apart from the catalogue.
"""

from collections.abc import Callable
from typing import Any

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import Answer, Table, answer, put_answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.notifications.alerts import AlertsBody, alerts_view
from scrip.http.usage.budgets import BudgetBody, BudgetView, budget_page_view, budget_view
from scrip.http.wallets.allowances import AllowanceBody, allowance_view
from scrip.http.wallets.own_rates import OwnRateBody, own_rate_view
from scrip.services.catalogue import units
from scrip.services.notifications import alerts
from scrip.services.notifications.alerts import AlertsRequest
from scrip.services.usage import budgets
from scrip.services.usage.budgets import BudgetRequest
from scrip.services.wallets import allowances, own_rates
from scrip.services.wallets.allowances import AllowanceRequest
from scrip.services.wallets.own_rates import OwnRateRequest


def put(request: HttpRequest) -> Answer:
    """Gives an allowance, or changes it."""
    body = request.body(AllowanceBody)
    if "unit" not in body.model_fields_set:
        _require_one(request, "an allowance", _units(request), body.unit)
    found, new, unit = allowances.put(runtime.executor(), body.terms(), _asked(request, body.unit))
    return put_answer(allowance_view(found, unit), new)


def get(request: HttpRequest) -> Answer:
    """Shows an allowance and when it grants next."""
    found, unit = allowances.get(runtime.executor(), _asked(request, _unit(request, "an allowance", _units)))
    return answer(200, allowance_view(found, unit))


def delete(request: HttpRequest) -> Answer:
    """Ends an allowance. What it granted stays."""
    allowances.delete(runtime.executor(), _asked(request, _unit(request, "an allowance", _units)))
    return {"statusCode": 204}


def put_alerts(request: HttpRequest) -> Answer:
    """Puts an account's own alerts in place of those before: 201 where there were none."""
    body, asked = request.body(AlertsBody), _alerts_asked(request)
    unit = units.get_unit(runtime.tables(), asked.unit)
    known, new = alerts.put(runtime.executor(), unit, body.definition(unit), asked)
    return put_answer(alerts_view(known), new)


def get_alerts(request: HttpRequest) -> Answer:
    """Shows an account's own alerts, and those that count."""
    unit = units.get_unit(runtime.tables(), request.query.unit())
    return answer(200, alerts_view(alerts.get(runtime.executor(), unit, request.account)))


def delete_alerts(request: HttpRequest) -> Answer:
    """Takes an account's own alerts away."""
    asked = _alerts_asked(request)
    units.get_unit(runtime.tables(), asked.unit)
    alerts.delete(runtime.executor(), asked)
    return {"statusCode": 204}


def put_budget(request: HttpRequest) -> Answer:
    """Puts a budget, or changes it."""
    body = request.body(BudgetBody)
    if "unit" not in body.model_fields_set:
        _require_one(request, "a budget", _budget_units(request), body.unit)
    found, new, unit = budgets.put(runtime.executor(), body.wanted(), _budget_asked(request, body.unit))
    return put_answer(budget_view(found, unit), new)


def get_budget(request: HttpRequest) -> Answer:
    """Shows a budget, and what is spent of it in its present period."""
    unit_id, member = _unit(request, "a budget", _budget_units), request.query.said_identifier("member")
    name, moment = parameters.identifier(request.path, "budget_id"), request.moment()
    found, unit = budgets.get(runtime.executor(), request.account, unit_id, name, member, moment)
    return answer(200, budget_view(found, unit))


def list_budgets(request: HttpRequest) -> Answer:
    """Lists budgets as they are now."""
    query, executor = request.query, runtime.executor()
    after, limit, member = pages.after(query) or "", query.limit(), query.said_identifier("member")
    found = budgets.list_budgets(
        executor, request.account, query.unit(), member, request.moment(), after, limit
    )
    return request.page(budget_page_view(*found))


def delete_budget(request: HttpRequest) -> Answer:
    """Takes a budget away."""
    asked = _budget_asked(request, _unit(request, "a budget", _budget_units))
    budgets.delete(runtime.executor(), asked)
    return {"statusCode": 204}


def _budget_asked(request: HttpRequest, unit: str) -> BudgetRequest:
    """Reads the account, name and author of a request about a budget."""
    name = parameters.identifier(request.path, "budget_id")
    return BudgetRequest(request.account, unit, name, request.moment(), request.author())


def _budget_units(request: HttpRequest) -> list[str]:
    """Returns the units in which the account has the budget that the path names."""
    name = parameters.identifier(request.path, "budget_id")
    return budgets.units_of(runtime.executor(), request.account, name)


def put_rate(request: HttpRequest) -> Answer:
    """Puts the next version of an account's own rate card."""
    body = request.body(OwnRateBody)
    card, new = own_rates.put(runtime.executor(), body.definition(), _rate_asked(request), body.unit)
    return put_answer(own_rate_view(card), new)


def get_rate(request: HttpRequest) -> Answer:
    """Shows an account's own rate card."""
    meter = parameters.identifier(request.path, "meter")
    return answer(200, own_rate_view(own_rates.get(runtime.executor(), request.account, meter)))


def delete_rate(request: HttpRequest) -> Answer:
    """Ends an account's own rate card: the meter's counts from now on."""
    own_rates.delete(runtime.executor(), _rate_asked(request))
    return {"statusCode": 204}


def _rate_asked(request: HttpRequest) -> OwnRateRequest:
    """Reads the account, the meter and the caller of a request about an account's own rate card."""
    meter = parameters.identifier(request.path, "meter")
    return OwnRateRequest(request.account, meter, request.actor, request.moment(), request.actor_name)


def _alerts_asked(request: HttpRequest) -> AlertsRequest:
    """Reads the account, the unit and the author of a request about alerts."""
    return AlertsRequest(request.account, request.query.unit(), request.moment(), request.author())


def _asked(request: HttpRequest, unit: str) -> AllowanceRequest:
    """Reads the account, name and caller of a request about an allowance."""
    moment, name = request.moment(), _name(request)
    return AllowanceRequest(request.account, unit, name, request.actor, moment, request.actor_name)


def _name(request: HttpRequest) -> str:
    return parameters.identifier(request.path, "allowance_id")


def _units(request: HttpRequest) -> list[str]:
    """Returns the units in which the account has the allowance that the path names."""
    return allowances.units_of(runtime.executor(), request.account, _name(request))


def _unit(request: HttpRequest, thing: str, units_of: Callable[[HttpRequest], list[str]]) -> str:
    """Returns the unit that the query says, or else the one in which the thing is that the path names.

    Raises:
        InvalidRequest: it is in several units.
    """
    said = request.query.said_unit()
    units = [] if said is not None else units_of(request)
    if len(units) > 1:
        raise _ambiguous(request, thing, units)
    return said or (units[0] if units else DEFAULT_UNIT)


def _require_one(request: HttpRequest, thing: str, units: list[str], unit: str) -> None:
    """Refuses a body that leaves the unit out where the account has the thing in other units alone."""
    if units and unit not in units:
        raise _ambiguous(request, thing, units)


def _ambiguous(request: HttpRequest, thing: str, units: list[str]) -> InvalidRequest:
    """Returns the refusal of a name where it does not say which thing is meant."""
    named = next(value for name, value in request.path.items() if name != "account")
    where = ", ".join(units)
    return InvalidRequest([("unit", f"say it: {request.account} has {thing} {named} in {where}")])


ROUTES = {
    "PUT /v1/accounts/{account}/allowances/{allowance_id}": Route(put, "admin"),
    "GET /v1/accounts/{account}/allowances/{allowance_id}": Route(get, "read", ("unit",)),
    "DELETE /v1/accounts/{account}/allowances/{allowance_id}": Route(delete, "admin", ("unit",)),
    "PUT /v1/accounts/{account}/budgets/{budget_id}": Route(put_budget, "grant"),
    "GET /v1/accounts/{account}/budgets/{budget_id}": Route(get_budget, "read", ("unit", "member")),
    "DELETE /v1/accounts/{account}/budgets/{budget_id}": Route(delete_budget, "grant", ("unit",)),
    "GET /v1/accounts/{account}/budgets": Route(
        list_budgets, "read", ("unit", "member", "limit", "cursor"), Table(BudgetView)
    ),
    "PUT /v1/accounts/{account}/rates/{meter}": Route(put_rate, "admin"),
    "GET /v1/accounts/{account}/rates/{meter}": Route(get_rate, "read"),
    "DELETE /v1/accounts/{account}/rates/{meter}": Route(delete_rate, "admin"),
    "PUT /v1/accounts/{account}/alerts": Route(put_alerts, "grant", ("unit",)),
    "GET /v1/accounts/{account}/alerts": Route(get_alerts, "read", ("unit",)),
    "DELETE /v1/accounts/{account}/alerts": Route(delete_alerts, "grant", ("unit",)),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
