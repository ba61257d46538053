"""Grants, refunds as credit, transfers and compensations: credits in."""

from typing import Any

from scrip import runtime
from scrip.http.edge.request import Answer, Event, Request, Route, answer, serve
from scrip.http.wallets import entries as views
from scrip.http.wallets import grants
from scrip.http.wallets.allowances import compensated_view
from scrip.services.wallets import compensations, credit_refunds, transfers
from scrip.services.wallets import grants as granting


def grant(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/grants``."""
    body, account, caller = request.body(grants.GrantBody), request.account, request.caller()
    done, unit = granting.grant(
        runtime.executor(), account, body.unit, body.amount, body.terms(), body.about(), caller
    )
    return views.moved(done, unit)


def refund(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/refunds``: money that is kept becomes credit."""
    body, account, caller = request.body(grants.RefundBody), request.account, request.caller()
    done, unit = credit_refunds.refund(
        runtime.executor(),
        account,
        body.unit,
        body.of(),
        body.value.money(),
        body.amount,
        body.about(),
        caller,
    )
    return views.moved(done, unit)


def transfer(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/transfers``. ``to_entry`` is the receiver's last entry, of one for each lot."""
    body, account, caller = request.body(grants.TransferBody), request.account, request.caller()
    done, arrived, unit = transfers.transfer(
        runtime.executor(), account, body.unit, body.to_account, body.amount, body.about(), caller
    )
    entries = [views.entry_view(entry, unit) for entry in arrived]
    return views.moved(done, unit, to_entry=entries[-1], to_entries=entries)


def compensate(request: Request) -> Answer:
    """``POST /v1/compensations``. The incident is the key; the same request again goes on where this one ended."""
    body, moment = request.body(grants.CompensationBody), request.moment()
    found, unit = compensations.compensate(
        runtime.executor(), body.of(), body.amounts(), body.about(), request.actor, moment, request.time_left
    )
    return answer(200, compensated_view(found, body.incident, unit))


ROUTES = {
    "POST /v1/accounts/{account}/grants": Route(grant, "grant"),
    "POST /v1/accounts/{account}/refunds": Route(refund, "grant"),
    "POST /v1/accounts/{account}/transfers": Route(transfer, "grant"),
    "POST /v1/compensations": Route(compensate, "admin"),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
