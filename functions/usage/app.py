"""Usage at any rate: pages of burns, and settlements of leases."""

from dataclasses import replace
from typing import Any

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.usage.burn_pages import BurnPageBody
from scrip.http.usage.leases import SettleBody, settled_view
from scrip.http.usage.records import PAGE_BODY_BYTES, booked_page_view
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage import burn_pages, leases


def burn_page(request: HttpRequest) -> Answer:
    """Burns records of a stream, each once for ever. The request has no key: its offsets are one."""
    body = request.body(BurnPageBody)
    if body.stream.startswith("hold_"):
        raise InvalidRequest([("stream", "must not begin with hold_: the records of a lease are settled")])
    outcome, unit = burn_pages.burn(
        runtime.executor(),
        replace(_asked(request, body.unit), member=body.member, tags=body.tags),
        body.stream,
        body.first,
        body.records,
        skips=body.gap == "skip",
    )
    return answer(200, booked_page_view(outcome, unit))


def settle(request: HttpRequest) -> Answer:
    """Books what the holder of a lease has spent, and fills the lease up again."""
    body = request.body(SettleBody)
    unit_id, named = request.named("hold", body.unit)
    outcome, hold, unit = leases.settle(runtime.executor(), _asked(request, unit_id), body.command(named.seq))
    return answer(201, settled_view(outcome, hold, request.account, unit))


def _asked(request: HttpRequest, unit: str) -> WalletRequest:
    """Returns the request to change a wallet, which has no key of its own."""
    return WalletRequest(
        request.account, unit, "", request.actor, request.moment(), actor_name=request.actor_name
    )


ROUTES = {
    "POST /v1/accounts/{account}/burns/pages": Route(burn_page, "burn", body_bytes=PAGE_BODY_BYTES),
    "POST /v1/accounts/{account}/holds/{hold_id}/settle": Route(settle, "burn", body_bytes=PAGE_BODY_BYTES),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
