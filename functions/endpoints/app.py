"""Webhook endpoints: put, read, rotated, tested, deleted; what was sent to them, and replays.

It encrypts their secrets, and cannot decrypt one.
"""

from typing import Any

from scrip import runtime
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.events.webhook_endpoints import test_event
from scrip.http.notifications.dispatches import (
    STATUSES,
    ReplayBody,
    WebhookDeliveryView,
    dispatch_page_view,
    replay_view,
)
from scrip.http.notifications.endpoints import (
    EndpointRotationBody,
    EndpointTestBody,
    WebhookEndpointBody,
    WebhookEndpointView,
    endpoint_page_view,
    new_endpoint_view,
    rotated_view,
    state_view,
)
from scrip.services.notifications import calls, dispatches, endpoints, replays
from scrip.services.notifications.calls import EndpointCaller
from scrip.services.notifications.endpoints import EndpointAsker, EndpointDesk

CHECK_SECONDS = 3.0
"""How long the name of an endpoint may take to be resolved while somebody waits."""


def put_endpoint(request: HttpRequest) -> Answer:
    """Makes an endpoint, or changes it: 201 with its secret where it is new."""
    body, endpoint_id = request.body(WebhookEndpointBody), _endpoint_id(request)
    put = endpoints.put_endpoint(_desk(), body.wanted(endpoint_id), request.author())
    if put.secret is not None:
        return answer(201, new_endpoint_view(put.state, put.secret))
    return answer(200, state_view(put.state))


def get_endpoint(request: HttpRequest) -> Answer:
    """Shows an endpoint."""
    return answer(200, state_view(dispatches.state_of(runtime.notifications(), _endpoint_id(request))))


def list_endpoints(request: HttpRequest) -> Answer:
    """Lists endpoints, by their ids."""
    after, limit = pages.after(request.query), request.query.limit()
    return request.page(endpoint_page_view(endpoints.list_endpoints(runtime.notifications(), limit, after)))


def delete_endpoint(request: HttpRequest) -> Answer:
    """Removes an endpoint."""
    endpoints.delete_endpoint(_desk(), _endpoint_id(request), request.author())
    return {"statusCode": 204}


def rotate_endpoint(request: HttpRequest) -> Answer:
    """Gives an endpoint a new secret; the one before signs for another 24 h."""
    request.body(EndpointRotationBody)
    rotated = endpoints.rotate(_desk(), _endpoint_id(request), _asker(request))
    replay = {"idempotent_replay": "true"} if rotated.replayed else {}
    return answer(201, rotated_view(rotated), **replay)


def send_test(request: HttpRequest) -> Answer:
    """Sends a test to an endpoint."""
    request.body(EndpointTestBody)
    endpoint_id, asker, pinned = _endpoint_id(request), _asker(request), request.moment().pinned
    event_id, task = endpoints.send_test(_desk(), endpoint_id, test_event, asker, runtime.now(), pinned)
    runtime.queue_tries([task])
    return answer(202, {"event_id": event_id})


def list_dispatches(request: HttpRequest) -> Answer:
    """Lists what was sent to an endpoint, newest first."""
    status, after = request.query.choice("status", STATUSES), pages.after(request.query, pages.PLACE)
    limit = request.query.limit()
    found = dispatches.list_dispatches(runtime.notifications(), _endpoint_id(request), status, limit, after)
    return request.page(dispatch_page_view(found))


def replay(request: HttpRequest) -> Answer:
    """Begins to send again what was."""
    body, endpoint_id, moment = request.body(ReplayBody), _endpoint_id(request), request.moment()
    store, asker, pinned = runtime.notifications(), _asker(request), moment.pinned
    span = body.span(moment.at)
    begun = replays.begin(store, endpoint_id, span, asker, pinned, body.event_id)
    sent = body.event_id is not None and replays.send_one(
        store, endpoint_id, body.event_id, moment.at, runtime.now(), pinned, runtime.queue_tries
    )
    if not sent:
        runtime.leave_all("SCRIP_REPLAYS_QUEUE_URL", [{"replay_id": begun.replay_id}])
    return answer(202, replay_view(begun))


def _endpoint_id(request: HttpRequest) -> str:
    return parameters.identifier(request.path, "endpoint_id")


def _asker(request: HttpRequest) -> EndpointAsker:
    """Returns who asks."""
    token = request.access.token if request.access else ""
    return EndpointAsker(request.author(), request.idempotency_key(), token)


def _desk() -> EndpointDesk:
    """Returns what changes of endpoints need."""
    dev = runtime.settings().environment == "dev"
    caller = EndpointCaller(dev, calls.resolved, CHECK_SECONDS)
    source = f"/scrip/{runtime.Settings.value('SCRIP_STACK')}"
    return EndpointDesk(runtime.notifications(), runtime.tables(), caller, runtime.seal, source)


ROUTES = {
    "GET /v1/webhook-endpoints": Route(
        list_endpoints, "admin", ("limit", "cursor"), Table(WebhookEndpointView)
    ),
    "PUT /v1/webhook-endpoints/{endpoint_id}": Route(put_endpoint, "admin"),
    "GET /v1/webhook-endpoints/{endpoint_id}": Route(get_endpoint, "admin"),
    "DELETE /v1/webhook-endpoints/{endpoint_id}": Route(delete_endpoint, "admin"),
    "POST /v1/webhook-endpoints/{endpoint_id}/rotation": Route(rotate_endpoint, "admin"),
    "POST /v1/webhook-endpoints/{endpoint_id}/test": Route(send_test, "admin"),
    "POST /v1/webhook-endpoints/{endpoint_id}/replays": Route(replay, "admin"),
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries": Route(
        list_dispatches, "admin", ("status", "limit", "cursor"), Table(WebhookDeliveryView)
    ),
}


def handler(event: Event, context: Any) -> Answer:
    return serve(event, ROUTES, context)
