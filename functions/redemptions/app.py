"""Redemptions: the one function that has the key of identities' hashes."""

from typing import Any

from scrip import runtime
from scrip.http.edge.request import Answer, Event, Request, Route, serve
from scrip.http.wallets import entries, grants
from scrip.services.wallets import redemptions


def redeem(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/redemptions``."""
    body, account, caller = request.body(grants.RedemptionBody), request.account, request.caller()
    identities = body.identities.by_kind()
    done, unit = redemptions.redeem(
        runtime.executor(),
        account,
        body.unit,
        body.code,
        identities,
        runtime.identity_key,
        body.about(),
        caller,
    )
    return entries.moved(done, unit)


ROUTES = {"POST /v1/accounts/{account}/redemptions": Route(redeem, "grant")}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
