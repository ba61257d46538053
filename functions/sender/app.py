"""Sender: calls endpoints. It alone decrypts their secrets, and nobody else calls where anybody may say."""

import json
from collections.abc import Mapping
from typing import Any, Final

from scrip import invocation, runtime
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.http.events.webhook_endpoints import disabled_event
from scrip.services.events import bus
from scrip.services.notifications import calls, tries
from scrip.services.notifications.calls import CALL_SECONDS, EndpointCaller
from scrip.services.notifications.dispatches import DispatchTask
from scrip.services.notifications.tries import Sender

MARGIN_SECONDS: Final = CALL_SECONDS + 10.0
"""Seconds that must be left for another call to begin: it at its longest, and what is written before and after."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Tries what messages name, and what else is due for their endpoints; returns those that have to come again."""
    failed: list[dict[str, str]] = []
    with invocation.lasting(context):
        for record in event["Records"]:
            try:
                with runtime.telling(record["messageId"]):
                    _try(json.loads(record["body"]))
            except Exception:  # noqa: BLE001 - told of by then
                failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _try(message: Mapping[str, Any]) -> None:
    """Tries what a message names."""
    task = DispatchTask.from_json(message, runtime.settings().test_clock)
    made = tries.run(_sender(), task, lambda: invocation.seconds_left() > MARGIN_SECONDS)
    if made:
        runtime.measure("WebhookCalls", made, endpoint_id=task.endpoint_id)


def _sender() -> Sender:
    dev = runtime.settings().environment == "dev"
    return Sender(
        store=runtime.notifications(),
        caller=EndpointCaller(dev, calls.resolved),
        unseal=runtime.unseal,
        clock=runtime.now,
        put_off=lambda task, seconds: runtime.queue_tries([task], seconds),
        stopped=_stopped,
        arrived=_arrived,
    )


def _arrived(event: OutgoingEvent, endpoint_id: str, _status: int, at: int) -> None:
    """Says of a notice of a lot's end that it has arrived."""
    runtime.notice_arrived(event, "webhook", endpoint_id, at)


def _stopped(endpoint: WebhookEndpoint, rev: int) -> None:
    """Tells that an endpoint was disabled: on the bus, and to whoever watches alarms."""
    told = disabled_event(endpoint, rev)
    bus.publish(runtime.bus(), [told])
    runtime.count("WebhookEndpointDisabled", endpoint_id=endpoint.endpoint_id, reason=told.data["reason"])
