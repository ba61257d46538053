"""Redemptions of promotions. No other function has the key of identities' hashes."""

from typing import Any

from scrip import runtime
from scrip.http.edge.answers import Answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.movements import granted_view, moved
from scrip.http.wallets.redemptions import RedemptionBody
from scrip.services.wallets import redemptions


def redeem(request: HttpRequest) -> Answer:
    """Redeems a promotion for an account."""
    body = request.body(RedemptionBody)
    asked = request.of_wallet(body)
    done = redemptions.redeem(runtime.executor(), body.redemption(), runtime.identity_key, asked)
    return moved(*done, granted_view)


ROUTES = {"POST /v1/accounts/{account}/redemptions": Route(redeem, "grant")}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
