"""Notifications: which notices of lots' ends are due, who wants to hear of an event, what is due to be sent, and what
is sent again.

The bus's queue wakes it with events, queues of its own with replays and with notices that have arrived, and a schedule
once a minute.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scrip import invocation, runtime
from scrip.domain.events.lots import LotExpiring, NoticeDelivery
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent, outgoing
from scrip.domain.wallets.wallet import Wallet
from scrip.http.edge import schedule
from scrip.http.edge.parameters import instant
from scrip.http.events.catalogue import TYPES
from scrip.http.events.lots import expiring_event
from scrip.http.events.tellers import tellers
from scrip.services.engine import walks
from scrip.services.engine.executor import Moment
from scrip.services.events import bus
from scrip.services.notifications import dispatches, notices, replays
from scrip.services.notifications.past import PastEvents, keep

NOTICES_MARGIN_SECONDS: Final = 45.0
"""Seconds kept back of a run of the schedule for the notices of wallets that are looked at, and for what is due to be
sent: the next run goes on."""
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
    """Sends the event of a message on its way, keeps that a notice has arrived, or goes on with a replay."""
    if "replay_id" in message:
        _go_on(message)
        return
    if "notice_id" in message:
        _arrived(message)
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


def _arrived(message: Mapping[str, Any]) -> None:
    """Keeps that a notice has arrived: by the machine's clock, or by the test clock as it was sent by that."""
    pinned, at = runtime.settings().test_clock, message["at"]
    moment = Moment(at, pinned=True, yields=True) if pinned else Moment(runtime.now())
    delivery = NoticeDelivery(message["channel"], message["to"], message["status"], at)
    names = (message["account"], message["unit"], message["notice_id"])
    entry = notices.delivered(runtime.executor(), *names, delivery, moment)
    runtime.count("NoticeDelivered", notice_id=message["notice_id"], entry_id=entry.id if entry else "")


def _wake(event: Mapping[str, Any]) -> dict[str, int]:
    """Gives the notices that are due, and queues what is due to be sent.

    Raises:
        RuntimeError: some notices could not be given; the log names their wallets.
    """
    shards, moment = schedule.shards(event, walks.SHARDS), schedule.moment(event)
    given = notices.sweep(
        runtime.executor(),
        shards,
        moment,
        _tell,
        lambda: invocation.seconds_left() > NOTICES_MARGIN_SECONDS,
        _not_given,
    )
    if given.notices:
        runtime.measure("NoticesGiven", given.notices)
    queued = dispatches.wake(runtime.notifications(), moment.at, moment.pinned, runtime.queue_tries)
    if given.failed:
        raise RuntimeError(f"notices of {given.failed} wallets could not be given; the log names them")
    return {"queued": queued, "notices": given.notices}


def _tell(facts: Sequence[LotExpiring]) -> None:
    """Publishes notices."""
    bus.publish(runtime.bus(), [expiring_event(fact) for fact in facts])


def _not_given(wallet: Wallet, error: Exception) -> None:
    """Logs a wallet whose notices could not be given."""
    runtime.logger().error(
        "notices not given",
        account=wallet.account,
        unit=wallet.unit,
        error=f"{type(error).__name__}: {error}",
    )
