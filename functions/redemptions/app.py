"""Redemptions: the one function that has the key of identities' hashes."""

from typing import Any

from scrip import runtime
from scrip.http.edge.answers import Answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.movements import moved
from scrip.http.wallets.redemptions import RedemptionBody
from scrip.services.wallets import redemptions


def redeem(request: HttpRequest) -> Answer:
    """Redeems a promotion for an account."""
    body, account, caller = request.body(RedemptionBody), request.account, request.caller()
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
    return moved(done, unit)


ROUTES = {"POST /v1/accounts/{account}/redemptions": Route(redeem, "grant")}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
