"""Burns and holds: credits out, at once or in two steps."""

from typing import Any

from scrip import runtime
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.batches import BatchBody, batch_view
from scrip.http.wallets.burns import BurnBody
from scrip.http.wallets.holds import CaptureBody, ExtendBody, HoldBody, ReleaseBody
from scrip.http.wallets.movements import moved
from scrip.http.wallets.quotes import quote_view
from scrip.services.wallets import batches, burns, holds, quotes


def burn(request: HttpRequest) -> Answer:
    """Spends credits: an amount, or what so much of a meter costs."""
    body, account, caller = request.body(BurnBody), request.account, request.caller()
    done, unit = burns.burn(runtime.executor(), account, body.unit, body.spending(), body.about(), caller)
    return moved(done, unit)


def burn_batch(request: HttpRequest) -> Answer:
    """Spends credits many times. Each burn has its own key, the request has none."""
    body, account, moment = request.body(BatchBody), request.account, request.moment()
    wanted = [burn.wanted() for burn in body.burns]
    results, balance, unit = batches.burn_all(
        runtime.executor(), account, body.burns[0].unit, wanted, request.actor, moment
    )
    return answer(200, batch_view([one.key for one in wanted], results, balance, unit))


def quote(request: HttpRequest) -> Answer:
    """Says what a burn would do, and moves nothing."""
    body, account, moment = request.body(BurnBody), request.account, request.moment()
    found, unit = quotes.quote(runtime.executor(), account, body.unit, body.spending(), moment)
    return answer(200, quote_view(found, unit))


def hold(request: HttpRequest) -> Answer:
    """Sets credits aside until a deadline."""
    body, account, caller = request.body(HoldBody), request.account, request.caller()
    done, unit = holds.place(runtime.executor(), account, body.unit, body.terms(), body.about(), caller)
    return moved(done, unit)


def capture(request: HttpRequest) -> Answer:
    """Spends what a hold set aside, or a part of it."""
    body, account, caller = request.body(CaptureBody), request.account, request.caller()
    seq = parameters.numbered(request.path, "hold_id", "hold")
    done, unit = holds.capture(
        runtime.executor(), account, body.unit, seq, body.amount, body.final, body.about(), caller
    )
    return moved(done, unit)


def release(request: HttpRequest) -> Answer:
    """Gives back what a hold set aside."""
    body, account, caller = request.body(ReleaseBody), request.account, request.caller()
    seq = parameters.numbered(request.path, "hold_id", "hold")
    done, unit = holds.release(runtime.executor(), account, body.unit, seq, body.about(), caller)
    return moved(done, unit)


def extend(request: HttpRequest) -> Answer:
    """Moves a hold's deadline."""
    body, account, caller = request.body(ExtendBody), request.account, request.caller()
    seq = parameters.numbered(request.path, "hold_id", "hold")
    done, unit = holds.extend(
        runtime.executor(), account, body.unit, seq, body.expires_in, body.about(), caller
    )
    return moved(done, unit)


ROUTES = {
    "POST /v1/accounts/{account}/burns": Route(burn, "burn"),
    "POST /v1/accounts/{account}/burns/batch": Route(burn_batch, "burn"),
    "POST /v1/accounts/{account}/quotes": Route(quote, "read"),
    "POST /v1/accounts/{account}/holds": Route(hold, "burn"),
    "POST /v1/accounts/{account}/holds/{hold_id}/capture": Route(capture, "burn"),
    "POST /v1/accounts/{account}/holds/{hold_id}/release": Route(release, "burn"),
    "POST /v1/accounts/{account}/holds/{hold_id}/extend": Route(extend, "burn"),
}


def handler(event: Event, _context: Any) -> Answer:
    return serve(event, ROUTES)
