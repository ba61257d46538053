"""Events of usage, from their queue: books them, and tells of those that are rejected.

Messages come from requests, which were read at the door, and from the bus, with whatever somebody put there. What
cannot be read goes to the dead-letter queue with its reason. A message is done once each of its events is booked, or
rejected for good; until then it comes again, and what was booked before is not booked twice.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scrip import invocation, runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.events.usage_rejections import rejected_event
from scrip.http.usage.bus import DETAIL_TYPE, read_bus_event
from scrip.services.events import bus
from scrip.services.usage import events, rejections, usage_queue
from scrip.services.usage.rejections import RejectedUsage
from scrip.services.usage.usage_queue import ReceivedUsage

MARGIN_SECONDS: Final = 12.0
"""Seconds that must be left for one more wallet: its commits at their slowest, and what is told after it."""
UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What may come of a message that is none."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Books the events of messages. Returns the messages that have to come again."""
    failed: list[str] = []
    with invocation.lasting(context):
        received: dict[str, Sequence[ReceivedUsage]] = {}
        for record in event["Records"]:
            try:
                with runtime.telling(record["messageId"]):
                    received[record["messageId"]] = _read(record["body"])
            except Exception:  # noqa: BLE001 - told of by then; the others are not to wait for it
                failed.append(record["messageId"])
        failed += _book(received)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _read(body: str) -> Sequence[ReceivedUsage]:
    """Returns the events of a message; none of one that cannot be read, which goes to the dead-letter queue.

    Raises:
        Unavailable: that queue does not take it.
    """
    try:
        message = json.loads(body)
        if DETAIL_TYPE in message:
            return [read_bus_event(message)]
        return usage_queue.unpack(message, test_clock=runtime.settings().test_clock)
    except InvalidRequest as error:
        reason = error.detail
    except UNREADABLE as error:
        reason = f"is no message with events of usage: {type(error).__name__}"
    runtime.leave("SCRIP_USAGE_DEAD_LETTER_QUEUE_URL", body, reason=reason[:1000])
    runtime.count("UsageUnreadable", reason=reason[:200])
    return ()


def _book(received: Mapping[str, Sequence[ReceivedUsage]]) -> Sequence[str]:
    """Books events by their messages. Returns the messages that are not done with."""
    taken = events.take(
        runtime.executor(),
        received,
        runtime.now,
        lambda: invocation.seconds_left() > MARGIN_SECONDS,
        _reject,
    )
    runtime.measure("UsageBooked", taken.booked)
    return taken.again


def _reject(message_id: str, rejected: Sequence[RejectedUsage]) -> bool:
    """Keeps what is rejected of a message, and tells of it. Returns whether the table and the bus took all of it."""
    try:
        with runtime.telling(message_id):
            rejections.keep(runtime.notifications(), rejected, runtime.now())
            bus.publish(runtime.bus(), [rejected_event(one) for one in rejected])
    except Exception:  # noqa: BLE001 - told of by then
        return False
    for one in rejected:
        runtime.count("UsageRejected", reason=one.reason, account=one.received.event.account)
    return True
