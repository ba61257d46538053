"""Corrections: voids, reversals, adjustments, and whether a wallet takes part at all."""

from typing import Any

from scrip import runtime
from scrip.domain.wallets.wallet import Status
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.corrections import AdjustmentBody, PartBody, StandingBody
from scrip.http.wallets.movements import moved
from scrip.services.wallets import corrections


def void(request: HttpRequest) -> Answer:
    """Takes back what is left of a lot, or a part of it."""
    body, account, caller = request.body(PartBody), request.account, request.caller()
    seq = parameters.numbered(request.path, "lot_id", "lot")
    done, unit = corrections.void(
        runtime.executor(), account, body.unit, seq, body.amount, body.about(), caller
    )
    return moved(done, unit)


def reverse(request: HttpRequest) -> Answer:
    """Undoes a burn, or a part of it."""
    body, account, caller = request.body(PartBody), request.account, request.caller()
    entry_id = parameters.opaque(request.path, "entry_id")
    done, unit = corrections.reverse(
        runtime.executor(), account, body.unit, entry_id, body.amount, body.about(), caller
    )
    return moved(done, unit)


def adjust(request: HttpRequest) -> Answer:
    """Sets a balance right, with a lot or by taking in burn order."""
    body, account, caller = request.body(AdjustmentBody), request.account, request.caller()
    done, unit = corrections.adjust(
        runtime.executor(),
        account,
        body.unit,
        body.direction,
        body.amount,
        body.terms(),
        body.about(),
        caller,
    )
    return moved(done, unit)


def set_status(status: Status) -> Any:
    """Changes the wallet's status."""

    def answer_it(request: HttpRequest) -> Answer:
        body, account, caller = request.body(StandingBody), request.account, request.caller()
        done, unit = corrections.set_status(
            runtime.executor(), account, body.unit, status, body.about(), caller
        )
        return moved(done, unit)

    return answer_it


ROUTES = {
    "POST /v1/accounts/{account}/lots/{lot_id}/void": Route(void, "grant"),
    "POST /v1/accounts/{account}/burns/{entry_id}/reversal": Route(reverse, "grant"),
    "POST /v1/accounts/{account}/adjustments": Route(adjust, "admin"),
    "POST /v1/accounts/{account}/freeze": Route(set_status("frozen"), "admin"),
    "POST /v1/accounts/{account}/unfreeze": Route(set_status("active"), "admin"),
    "POST /v1/accounts/{account}/close": Route(set_status("closed"), "admin"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
