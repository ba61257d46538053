"""One try of one dispatch, at most five of an endpoint at a time; then the next that is due for it.

A try needs one of the endpoint's five slots, which are leases: whoever dies holds it for some seconds more. It also
claims the dispatch, so that nobody else makes the same call meanwhile. Where no slot is free the task is put off for
some seconds: whoever has a slot goes on with what is due, so it is mostly done by then. What is lost on the way is due,
and the schedule queues it again.

Does not own the call (``calls``), nor when a try is due (``domain.notifications.dispatch``).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from scrip.domain.credits.errors import Unavailable
from scrip.domain.notifications.dispatch import GONE, DispatchAttempt
from scrip.domain.notifications.endpoint import ENDURED_MS, TEST, EndpointStop, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.notifications.calls import EndpointCaller
from scrip.services.notifications.dispatches import DispatchTask
from scrip.store.notifications import KEPT_SECONDS, EndpointState, Notifications, StoredDispatch, owner_of

SLOTS: Final = 5
"""Calls of one endpoint at a time."""
HELD_MS: Final = 30_000
"""How long a slot and a claim are held for one call: it lasts 15 seconds, and what is around it some more."""
PUT_OFF_SECONDS: Final = (2, 10, 30)
"""After how many seconds a task comes again for which no slot was free; after the last of them it is dropped: what is
due is found."""
LOOKED_AT: Final = 20
"""Of what is due, so many are looked at for the next try: who goes on beside takes another one."""
WEBHOOK_TYPE: Final = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a try needs of what is around it.

    Attributes:
        unseal: decrypts a secret of an endpoint, by its id.
        clock: the machine's, epoch milliseconds.
        put_off: queues a task to come in so many seconds.
        stopped: told that an endpoint was disabled: publishes it.
        arrived: told of an event that has arrived, at which endpoint, with what status and when.
    """

    store: Notifications
    caller: EndpointCaller
    unseal: Callable[[str, str], str]
    clock: Callable[[], int]
    put_off: Callable[[DispatchTask, int], None]
    stopped: Callable[[WebhookEndpoint, int], None]
    arrived: Callable[[OutgoingEvent, str, int, int], None]


def run(sender: Sender, task: DispatchTask, in_time: Callable[[], bool]) -> int:
    """Tries a dispatch, and then what else is due for its endpoint, while there is time.

    Returns how many calls that were.

    Raises:
        Throttled, Unavailable: the table, the bus or a queue does not answer; what is due stays so.
    """
    state = _present(sender, task)
    if state is None or not _due(sender, task):
        return 0
    owner = secrets.token_hex(8)
    slot = _take_slot(sender, state, owner)
    if slot is None:
        if task.passed < len(PUT_OFF_SECONDS):
            sender.put_off(task._replace(passed=task.passed + 1), PUT_OFF_SECONDS[task.passed])
        return 0
    calls = 0
    following: DispatchTask | None = task._replace(passed=0)
    try:
        while following and state:
            calls += _try(sender, state, following)
            following = _next(sender, following)
            if following and not in_time():
                sender.put_off(following, 0)
                break
            if following:
                until = sender.clock() + HELD_MS
                if not sender.store.take_slot(task.endpoint_id, slot, until, sender.clock(), owner):
                    break
                state = _present(sender, following)
    finally:
        sender.store.free_slot(task.endpoint_id, slot, owner)
    return calls


def _present(sender: Sender, task: DispatchTask) -> EndpointState | None:
    """Returns the endpoint as it stands; None where it was deleted, whatever has its id since."""
    state = sender.store.state(task.endpoint_id)
    return state if state and state.endpoint.made == task.made else None


def _now(sender: Sender, task: DispatchTask) -> int:
    return sender.clock() if task.at is None else task.at


def _due(sender: Sender, task: DispatchTask) -> StoredDispatch | None:
    """Returns the dispatch, if it is due and nobody is at it."""
    stored = sender.store.dispatch(task.owner, task.place)
    if stored is None or stored.dispatch.status != "pending" or stored.claimed >= sender.clock():
        return None
    due = stored.dispatch.next_attempt_at
    return stored if due is not None and due <= _now(sender, task) else None


def _take_slot(sender: Sender, state: EndpointState, owner: str) -> int | None:
    """Takes a slot that is free; None where none is."""
    now = sender.clock()
    busy = {number for number, until in state.slots.items() if until >= now}
    free = [number for number in range(SLOTS) if number not in busy]
    random.shuffle(free)
    for number in free:
        if sender.store.take_slot(state.endpoint.endpoint_id, number, now + HELD_MS, now, owner):
            return number
    return None


def _next(sender: Sender, task: DispatchTask) -> DispatchTask | None:
    """Returns what else is due for the endpoint; None where nothing is."""
    places = sender.store.waiting(task.owner, _now(sender, task), LOOKED_AT)
    random.shuffle(places)
    for place in places:
        following = task._replace(place=place)
        if _due(sender, following):
            return following
    return None


def _try(sender: Sender, state: EndpointState, task: DispatchTask) -> int:
    """Makes the call of a dispatch that is due, and puts what came of it; returns how many calls that were."""
    stored, now, clock = _due(sender, task), _now(sender, task), sender.clock()
    if stored is None or not sender.store.claim(task.owner, stored, clock + HELD_MS, clock):
        return 0
    ends = clock // 1000 + KEPT_SECONDS
    event = sender.store.kept_event(stored.dispatch.event_id)
    if event is None or (not state.endpoint.enabled and stored.dispatch.type != TEST):
        left = stored.dispatch.given_up(DispatchAttempt(now, None, "disabled", 0))
        sender.store.settle(task.owner, stored, left, ends)
        return 0
    outcome = sender.caller.post(state.endpoint.url, event.body, _headers(sender, state.endpoint, event, now))
    attempt = DispatchAttempt(now, *outcome)
    _judge(sender, state, attempt, event)
    sender.store.settle(task.owner, stored, stored.dispatch.after(attempt), ends)
    return 1


def _judge(sender: Sender, state: EndpointState, attempt: DispatchAttempt, event: OutgoingEvent) -> None:
    """Notes whether anything arrives at an endpoint, and disables one that is gone or has failed for five days.

    What follows from an attempt comes before the attempt is put: it comes again where it did not succeed.
    """
    endpoint_id = state.endpoint.endpoint_id
    if attempt.delivered:
        assert attempt.status_code is not None
        if state.failing_since is not None:
            sender.store.recover(endpoint_id)
        sender.arrived(event, endpoint_id, attempt.status_code, attempt.at)
        return
    since = sender.store.fail(endpoint_id, attempt.at)
    if attempt.status_code == GONE:
        _stop(sender, state, EndpointStop("gone", attempt.at, attempt.status_code))
    elif attempt.at - since >= ENDURED_MS:
        _stop(sender, state, EndpointStop("failing", attempt.at, attempt.status_code))


def _stop(sender: Sender, state: EndpointState, stop: EndpointStop) -> None:
    """Disables an endpoint, once it is told: who is interrupted in between tells it again, under the same id."""
    if not state.endpoint.enabled:
        return
    stopped = state.endpoint.stop(stop)
    sender.stopped(stopped, state.rev)
    if sender.store.put_endpoint(state.rev, stopped, ()):
        return
    again = sender.store.state(state.endpoint.endpoint_id)
    if again and owner_of(again.endpoint) == owner_of(state.endpoint) and again.endpoint.enabled:
        # Somebody put it at this moment, and did not take it out of service: the next answer will.
        raise Unavailable("the endpoint is being written at this moment")


def _headers(sender: Sender, endpoint: WebhookEndpoint, event: OutgoingEvent, now: int) -> dict[str, str]:
    """Returns the headers of a call: Standard Webhooks, with a signature for each secret that is valid.

    The timestamp is the machine's clock: receivers hold it against theirs. https://www.standardwebhooks.com
    """
    from standardwebhooks import Webhook

    signed_at = datetime.fromtimestamp(sender.clock() // 1000, UTC)
    signatures = [
        Webhook(sender.unseal(one.sealed, endpoint.endpoint_id)).sign(
            event.event_id, signed_at, event.body.decode()
        )
        for one in endpoint.valid_secrets(now)
    ]
    return {
        "content-type": WEBHOOK_TYPE,
        "user-agent": "scrip",
        "webhook-id": event.event_id,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def notice_of(event: OutgoingEvent) -> dict[str, Any] | None:
    """Returns which notice an event is of, as the queue of notices carries it; None where it is of none."""
    if event.type != "scrip.lot.expiring":
        return None
    data = event.data
    return {"account": event.account, "unit": data["unit"], "notice_id": data["notice_id"]}
