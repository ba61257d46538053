"""Redemptions: the one function that has the key of identities' hashes."""

from typing import Any

from scrip import runtime
from scrip.api import granting, views
from scrip.api.door import Answer, Event, Request, Route, serve
from scrip.operations import redeeming


def redeem(request: Request) -> Answer:
    """``POST /v1/accounts/{account}/redemptions``."""
    body, account, caller = request.body(granting.RedemptionBody), request.account, request.caller()
    identities = body.identities.by_kind()
    done, unit = redeeming.redeem(
        runtime.teller(),
        account,
        body.unit,
        body.code,
        identities,
        runtime.identity_key,
        body.about(),
        caller,
    )
    return views.moved(done, unit)


ROUTES = {"POST /v1/accounts/{account}/redemptions": Route(redeem, "grant")}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
