"""Corrections: voids, other ends of lots, reversals, adjustments, and the status of wallets."""

from collections.abc import Callable
from typing import Any

from scrip import runtime
from scrip.domain.wallets.wallet import Status
from scrip.http.edge.answers import Answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.corrections import (
    AdjustmentBody,
    ReversalBody,
    VoidBody,
    adjusted_view,
    reversed_view,
    voided_view,
)
from scrip.http.wallets.expiry_changes import ExpiryBody, expiry_changed_view
from scrip.http.wallets.movements import moved, moved_view
from scrip.http.wallets.status import StatusBody
from scrip.services.engine.requests import execute
from scrip.services.wallets.status import SetStatus


def void(request: HttpRequest) -> Answer:
    """Takes back what is left of a lot, or a part of it."""
    body = request.body(VoidBody)
    asked, named = request.of_named("lot", body)
    return moved(*execute(runtime.executor(), body.command(named.seq), asked), voided_view)


def reverse(request: HttpRequest) -> Answer:
    """Undoes a burn, a part of it, or one of its records."""
    body = request.body(ReversalBody)
    asked, named = request.of_named("entry", body)
    return moved(*execute(runtime.executor(), body.command(named.text), asked), reversed_view)


def adjust(request: HttpRequest) -> Answer:
    """Sets a balance right, with a lot or by taking in burn order."""
    body = request.body(AdjustmentBody)
    return moved(*execute(runtime.executor(), body.command(), request.of_wallet(body)), adjusted_view)


def set_status(status: Status) -> Callable[[HttpRequest], Answer]:
    """Makes the handler that gives a wallet this status."""

    def handle(request: HttpRequest) -> Answer:
        body = request.body(StatusBody)
        return moved(*execute(runtime.executor(), SetStatus(status), request.of_wallet(body)), moved_view)

    return handle


def change_expiry(request: HttpRequest) -> Answer:
    """Gives a lot another end."""
    body = request.body(ExpiryBody)
    asked, named = request.of_named("lot", body)
    command = body.command(named.seq, shortens=request.has("admin"))
    return moved(*execute(runtime.executor(), command, asked), expiry_changed_view)


ROUTES = {
    "POST /v1/accounts/{account}/lots/{lot_id}/void": Route(void, "grant"),
    "POST /v1/accounts/{account}/lots/{lot_id}/expiry": Route(change_expiry, "grant"),
    "POST /v1/accounts/{account}/burns/{entry_id}/reversal": Route(reverse, "grant"),
    "POST /v1/accounts/{account}/adjustments": Route(adjust, "admin"),
    "POST /v1/accounts/{account}/freeze": Route(set_status("frozen"), "admin"),
    "POST /v1/accounts/{account}/unfreeze": Route(set_status("active"), "admin"),
    "POST /v1/accounts/{account}/close": Route(set_status("closed"), "admin"),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
