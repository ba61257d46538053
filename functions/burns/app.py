"""Burns and holds: credits out, at once or in two steps."""

from typing import Any

from scrip import runtime
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.wallets.batches import BatchBody, batch_view
from scrip.http.wallets.burns import BurnBody, burned_view
from scrip.http.wallets.holds import CaptureBody, ExtendBody, HoldBody, ReleaseBody, held_view
from scrip.http.wallets.movements import moved
from scrip.http.wallets.quotes import QuoteBody, quote_view
from scrip.services.engine.executor import Result
from scrip.services.engine.requests import Caller, execute
from scrip.services.wallets import batches, holds, quotes


def burn(request: HttpRequest) -> Answer:
    """Spends credits: an amount, or what so much of a meter costs."""
    body = request.body(BurnBody)
    return moved(*execute(runtime.executor(), body.command(), request.of_wallet(body)), burned_view)


def burn_batch(request: HttpRequest) -> Answer:
    """Spends credits many times. Each burn has its own key, the request has none."""
    body, _account, moment = request.body(BatchBody), request.account, request.moment()
    burns = [
        batches.BatchedBurn(
            one.command(), request.of_wallet(one, Caller(one.key, request.actor, moment, request.actor_name))
        )
        for one in body.burns
    ]
    outcomes, balance, unit = batches.execute_batch(runtime.executor(), burns)
    return answer(200, batch_view([one.key for one in body.burns], outcomes, balance, unit))


def quote(request: HttpRequest) -> Answer:
    """Says what a burn, a hold or a capture would do, and moves nothing."""
    body, account, moment = request.body(QuoteBody), request.account, request.moment()
    unit_id, seq = body.unit, 0
    if body.hold_id is not None:
        said = body.unit if "unit" in body.model_fields_set else None
        unit_id, hold_id = request.named("hold", said, {"hold_id": body.hold_id})
        seq = hold_id.seq
    locking = quotes.Locking(body.lock_for, runtime.signing_key) if body.lock_for else None
    command, member = body.command(seq), body.member
    found, unit = quotes.quote(runtime.executor(), account, unit_id, command, moment, locking, member)
    return answer(200, quote_view(account, found, unit))


def hold(request: HttpRequest) -> Answer:
    """Sets credits aside until a deadline."""
    body = request.body(HoldBody)
    return _held(*execute(runtime.executor(), body.command(), request.of_wallet(body)))


def capture(request: HttpRequest) -> Answer:
    """Spends what a hold set aside, or a part of it."""
    body = request.body(CaptureBody)
    asked, named = request.of_named("hold", body)
    return _held(*execute(runtime.executor(), body.command(named.seq), asked))


def release(request: HttpRequest) -> Answer:
    """Gives back what a hold set aside."""
    body = request.body(ReleaseBody)
    asked, named = request.of_named("hold", body)
    return _held(*execute(runtime.executor(), body.command(named.seq), asked))


def extend(request: HttpRequest) -> Answer:
    """Moves a hold's deadline."""
    body = request.body(ExtendBody)
    asked, named = request.of_named("hold", body)
    return _held(*execute(runtime.executor(), body.command(named.seq), asked))


def _held(done: Result, unit: Unit) -> Answer:
    """Answers what was done to a hold, with the hold as it was right after it."""
    hold = holds.of_entry(runtime.executor(), done.entry)
    return moved(done, unit, lambda entry, unit: held_view(entry, unit, hold))


ROUTES = {
    "POST /v1/accounts/{account}/burns": Route(burn, "burn"),
    "POST /v1/accounts/{account}/burns/batch": Route(burn_batch, "burn"),
    "POST /v1/accounts/{account}/quotes": Route(quote, "read"),
    "POST /v1/accounts/{account}/holds": Route(hold, "burn"),
    "POST /v1/accounts/{account}/holds/{hold_id}/capture": Route(capture, "burn"),
    "POST /v1/accounts/{account}/holds/{hold_id}/release": Route(release, "burn"),
    "POST /v1/accounts/{account}/holds/{hold_id}/extend": Route(extend, "burn"),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
