"""Usage at any rate: pages of burns, settlements of leases; events of usage, which are queued.

Events that were rejected later are listed, and queued again or dismissed.
"""

from dataclasses import replace
from typing import Any

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest, NotFound, PolicyViolation
from scrip.domain.credits.usage_events import UsageEvent
from scrip.http.edge import pages
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.usage import intake
from scrip.http.usage.burn_pages import BurnPageBody
from scrip.http.usage.intake import Lines
from scrip.http.usage.leases import SettleBody, settled_view
from scrip.http.usage.records import PAGE_BODY_BYTES, booked_page_view
from scrip.http.usage.rejections import (
    RedriveBody,
    RejectedUsageView,
    dismissed_view,
    redriven_view,
    rejected_page_view,
    wanted_by,
)
from scrip.http.usage.usage_data import USAGE_BODY_BYTES
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage import burn_pages, events, leases, rejections, usage_queue
from scrip.services.usage.usage_queue import ReceivedUsage


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


def report_usage(request: HttpRequest) -> Answer:
    """Takes events of usage. 202 once those that can be burned, as far as can be seen here, are in their queue."""
    moment = request.moment()
    rejected: dict[int, Lines] = {}
    received: dict[int, ReceivedUsage] = {}
    for index, one in enumerate(intake.read(request, moment.at)):
        if not isinstance(one, UsageEvent):
            rejected[index] = one
        elif request.bound not in (None, one.account):
            rejected[index] = [("subject", "this key sees one account only")]
        else:
            received[index] = ReceivedUsage(
                one, moment.at, request.actor, request.actor_name, pinned=moment.pinned
            )
    cards = events.cards_of(runtime.executor(), list(received.values()))
    for index, came in list(received.items()):
        if wrong := _wrong(cards, came):
            rejected[index] = wrong
            del received[index]
    runtime.queue_usage(usage_queue.pack(list(received.values())))
    return answer(202, intake.accepted_view(len(received), rejected))


def _wrong(cards: events.Cards, came: ReceivedUsage) -> Lines:
    """Returns what is wrong with an event, as the catalogue is now; nothing where it can be burned."""
    try:
        events.check(runtime.executor(), cards, came)
    except NotFound as refusal:
        return [("type", refusal.detail)]
    except InvalidRequest as refusal:
        return [(line["field"], line["message"]) for line in refusal.errors]
    except PolicyViolation as refusal:
        return [("time", refusal.detail)]
    return []


def list_rejected(request: HttpRequest) -> Answer:
    """Lists events of usage that were rejected after they had been accepted."""
    wanted = wanted_by(request.query, request.bound)
    after, limit = pages.after(request.query, pages.PLACE), request.query.limit()
    return request.page(
        rejected_page_view(rejections.list_rejected(runtime.notifications(), wanted, limit, after))
    )


def redrive(request: HttpRequest) -> Answer:
    """Puts rejected events back into their queue."""
    done, more = _forget(request, runtime.queue_usage)
    return answer(202, redriven_view(done, more=more))


def dismiss(request: HttpRequest) -> Answer:
    """Takes rejected events out of the list: they are burned no more, unless their sender sends them again."""
    done, more = _forget(request, None)
    return answer(200, dismissed_view(done, more=more))


def _forget(request: HttpRequest, send: rejections.Send | None) -> tuple[int, bool]:
    """Forgets the rejected events that a request names. Returns how many, and whether there may be more."""
    body = request.body(RedriveBody)
    wanted, store = body.wanted(request.bound), runtime.notifications()
    if body.ids is not None:
        return rejections.forget_these(store, wanted, body.places, send), False
    return rejections.forget(store, wanted, send)


def _asked(request: HttpRequest, unit: str) -> WalletRequest:
    """Returns the request to change a wallet, which has no key of its own."""
    return WalletRequest(
        request.account, unit, "", request.actor, request.moment(), actor_name=request.actor_name
    )


ROUTES = {
    "POST /v1/accounts/{account}/burns/pages": Route(burn_page, "burn", body_bytes=PAGE_BODY_BYTES),
    "POST /v1/accounts/{account}/holds/{hold_id}/settle": Route(settle, "burn", body_bytes=PAGE_BODY_BYTES),
    "POST /v1/usage": Route(
        report_usage, "burn", ("quantity", "dimensions"), bound=True, body_bytes=USAGE_BODY_BYTES
    ),
    "GET /v1/usage/rejected": Route(
        list_rejected,
        "read",
        ("account", "reason", "limit", "cursor"),
        Table(RejectedUsageView),
        bound=True,
    ),
    "POST /v1/usage/rejected/redrive": Route(redrive, "burn", bound=True),
    "POST /v1/usage/rejected/dismissals": Route(dismiss, "grant", bound=True),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
