"""Notifications: who wants to hear of an event, what is due to be sent, and what is sent again.

The bus's queue wakes it with events, a queue of its own with replays, and a schedule once a minute.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scrip import invocation, runtime
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent, outgoing
from scrip.http.edge import schedule
from scrip.http.edge.parameters import instant
from scrip.http.events.catalogue import TYPES
from scrip.http.events.tellers import tellers
from scrip.services.notifications import dispatches, replays
from scrip.services.notifications.past import PastEvents, keep

MARGIN_SECONDS: Final = 20.0
"""Seconds kept back of a replay's piece for what is under way: the next piece goes on."""


def handler(event: dict[str, Any], context: Any) -> Any:
    """Takes messages of the queues, or, of the schedule, the instant at which to look what is due."""
    with invocation.lasting(context):
        if "Records" not in event:
            return _wake(event)
        return _take(event["Records"])


def _take(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Does what messages say; returns those that have to come again."""
    failed: list[dict[str, str]] = []
    endpoints = runtime.notifications().all_endpoints()
    for record in records:
        try:
            with runtime.telling(record["messageId"]):
                _do(json.loads(record["body"]), endpoints)
        except Exception:  # noqa: BLE001 - told of by then; the others are not to wait for it
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _do(message: Mapping[str, Any], endpoints: Sequence[WebhookEndpoint]) -> None:
    """Sends the event of a message on its way, or goes on with a replay."""
    if "replay_id" in message:
        _go_on(message)
        return
    pinned, event = runtime.settings().test_clock, _event(message)
    if event.type not in TYPES or not TYPES[event.type].of_entry:
        keep(runtime.notifications(), event, runtime.now())
    dispatches.send(runtime.notifications(), endpoints, event, runtime.now(), pinned, runtime.queue_tries)


def _event(message: Mapping[str, Any]) -> OutgoingEvent:
    """Reads the CloudEvent in an event of the bus."""
    told = message["detail"]
    return outgoing(told, instant(told["time"], "time"))


def _go_on(message: Mapping[str, Any]) -> None:
    """Does a piece of a replay, and has the next one done."""
    more = replays.go_on(
        runtime.notifications(),
        message["replay_id"],
        _past().piece,
        runtime.queue_tries,
        runtime.now(),
        lambda: invocation.seconds_left() > MARGIN_SECONDS,
    )
    if more:
        runtime.leave_all("SCRIP_REPLAYS_QUEUE_URL", [dict(message)])


def _past() -> PastEvents:
    burns = runtime.burns_have_events()
    source = f"/scrip/{runtime.Settings.value('SCRIP_STACK')}"
    return PastEvents(runtime.tables(), tellers(burns).values(), source, runtime.notifications())


def _wake(event: Mapping[str, Any]) -> dict[str, int]:
    """Queues what is due to be sent."""
    pinned = runtime.settings().test_clock and event.get("time") is not None
    queued = dispatches.wake(runtime.notifications(), schedule.now(event), pinned, runtime.queue_tries)
    return {"queued": queued}
