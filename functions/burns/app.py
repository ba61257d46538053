"""Burns: spend credits now."""

from typing import Any

from scrip import runtime
from scrip.api import views
from scrip.api.door import Answer, Event, Request, Route, serve
from scrip.api.schemas import BurnBody
from scrip.operations import moving


def burn(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/burns``."""
    body, account, caller = request.body(BurnBody), request.account, request.caller()
    done, unit = moving.burn(
        runtime.teller(), account, body.unit, body.amount, body.mode, body.about(), caller
    )
    return views.moved(done, unit)


ROUTES = {"POST /v1/accounts/{account}/burns": Route(burn, "burn")}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
