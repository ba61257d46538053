"""Grants, refunds as credit, transfers, compensations and extensions: credits in, or for longer."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from scrip import runtime
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.compensations import CompensationBody, compensation_view
from scrip.http.wallets.credit_refunds import RefundBody
from scrip.http.wallets.extensions import ExtensionBody, extension_progress_view, extension_view
from scrip.http.wallets.grants import GrantBody, grant_view
from scrip.http.wallets.movements import granted_view, moved
from scrip.http.wallets.transfers import TransferBody, transferred_view
from scrip.services.engine.requests import Caller, execute
from scrip.services.wallets import compensations, extensions, transfers

SECONDS = 5.0
"""How long a request works on an extension of all accounts before it answers."""


def grant(request: HttpRequest) -> Answer:
    """Adds credits as one lot."""
    body = request.body(GrantBody)
    return moved(*execute(runtime.executor(), body.command(), request.of_wallet(body)), grant_view)


def refund(request: HttpRequest) -> Answer:
    """Turns money that is kept into credits."""
    body = request.body(RefundBody)
    return moved(*execute(runtime.executor(), body.command(), request.of_wallet(body)), granted_view)


def transfer(request: HttpRequest) -> Answer:
    """Moves credits to another account."""
    body = request.body(TransferBody)
    done, arrived, unit = transfers.transfer(runtime.executor(), body.command(), request.of_wallet(body))
    return moved(done, unit, partial(transferred_view, arrived))


def compensate(request: HttpRequest) -> Answer:
    """Grants each account its credits for an incident.

    The incident is the key. The same request again goes on where this one ended."""
    body, moment = request.body(CompensationBody), request.moment()
    incident = body.of()
    caller = Caller(incident.key, request.actor, moment, request.actor_name)
    amounts = [(request.of_wallet(body, caller, account), amount) for account, amount in body.amounts()]
    found, unit = compensations.compensate(runtime.executor(), incident, amounts, request.time_left)
    return answer(200, compensation_view(found, body.incident, unit))


def extend(request: HttpRequest) -> Answer:
    """Lets the lots of some accounts, or of all, end later.

    Of all, what this request does not come to goes on by itself: the sweep does it."""
    body, moment = request.body(ExtensionBody), request.moment()
    extension, executor = body.extension(request.actor, request.actor_name), runtime.executor()
    if body.accounts:
        found = extensions.extend(executor, extension, body.accounts, moment, request.time_left)
        return answer(200, extension_view(found, body))
    progress = extensions.extend_all(executor, extension)
    if progress.status == "running":
        in_time = _within(SECONDS, request.time_left)
        progress = extensions.go_on(executor, body.incident, body.unit, moment, in_time, _failed)
    return answer(202, extension_progress_view(progress, body))


def _within(seconds: float, time_left: Callable[[], bool]) -> Callable[[], bool]:
    """Tells for so many seconds from now on that there is time."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end and time_left()


def _failed(account: str, error: Exception) -> None:
    """Logs an account whose lots could not be extended."""
    runtime.logger().error("not extended", account=account, error=f"{type(error).__name__}: {error}")


ROUTES = {
    "POST /v1/accounts/{account}/grants": Route(grant, "grant"),
    "POST /v1/accounts/{account}/refunds": Route(refund, "grant"),
    "POST /v1/accounts/{account}/transfers": Route(transfer, "grant"),
    "POST /v1/compensations": Route(compensate, "admin"),
    "POST /v1/extensions": Route(extend, "admin"),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
