"""Corrections: voids, other ends of lots, reversals, adjustments, and the status of wallets. And what invoices ask of a
wallet: credits applied to them, and given back."""

from collections.abc import Callable
from typing import Any

from scrip import runtime
from scrip.domain.wallets.wallet import Status
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.finance.invoices import (
    ApplicationBody,
    InvoiceVoidBody,
    applied_view,
    invoice_id_of,
    invoice_view,
    voided_invoice_view,
)
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
from scrip.services.finance import invoices
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


def apply(request: HttpRequest) -> Answer:
    """Pays lines of an invoice with credits."""
    body = request.body(ApplicationBody)
    invoice_id = invoice_id_of(request)
    asked = body.request(request, invoice_id, body.account, body.unit)
    return moved(*execute(runtime.executor(), body.command(invoice_id), asked), applied_view)


def void_invoice(request: HttpRequest) -> Answer:
    """Gives back all credits that were applied to an invoice."""
    body = request.body(InvoiceVoidBody)
    invoice_id = invoice_id_of(request)
    found, last, replayed = invoices.void(
        runtime.executor(), invoice_id, body.request(request, invoice_id, "", "")
    )
    replay = {"idempotent_replay": "true"} if replayed else {}
    return answer(201, voided_invoice_view(found, last), **replay)


def show_invoice(request: HttpRequest) -> Answer:
    """Shows an invoice, and which credits paid which line."""
    return answer(200, invoice_view(invoices.shown(runtime.executor(), invoice_id_of(request))))


ROUTES = {
    "POST /v1/accounts/{account}/lots/{lot_id}/void": Route(void, "grant"),
    "POST /v1/accounts/{account}/lots/{lot_id}/expiry": Route(change_expiry, "grant"),
    "POST /v1/accounts/{account}/burns/{entry_id}/reversal": Route(reverse, "grant"),
    "POST /v1/accounts/{account}/adjustments": Route(adjust, "admin"),
    "POST /v1/accounts/{account}/freeze": Route(set_status("frozen"), "admin"),
    "POST /v1/accounts/{account}/unfreeze": Route(set_status("active"), "admin"),
    "POST /v1/accounts/{account}/close": Route(set_status("closed"), "admin"),
    "POST /v1/invoices/{invoice_id}/applications": Route(apply, "admin"),
    "POST /v1/invoices/{invoice_id}/void": Route(void_invoice, "admin"),
    "GET /v1/invoices/{invoice_id}": Route(show_invoice, "admin"),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
