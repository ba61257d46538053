"""Grants: add credits."""

from typing import Any

from scrip import runtime
from scrip.api import views
from scrip.api.door import Answer, Event, Request, Route, serve
from scrip.api.schemas import GrantBody
from scrip.operations import moving


def grant(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/grants``."""
    body, account, caller = request.body(GrantBody), request.account, request.caller()
    done, unit = moving.grant(
        runtime.teller(), account, body.unit, body.amount, body.terms(), body.about(), caller
    )
    return views.moved(done, unit)


ROUTES = {"POST /v1/accounts/{account}/grants": Route(grant, "grant")}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
