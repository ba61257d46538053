"""What was, sent again to one endpoint: one event, or all of a span of time, in pieces that each fit one invocation.

A replay is a document: what it is of, how far it is. Each piece sends what it finds, then writes how far it is, then
has itself called again: so a piece that dies is done once more, and what it sends has the ids that it had. Does not own
where events of before come from: the functions hand that in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from scrip.domain.credits.errors import NotFound
from scrip.domain.notifications.endpoint import TEST, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.notifications.dispatches import DispatchTask, Queue, put_on_the_way, state_of
from scrip.services.notifications.endpoints import EndpointAsker, hashed
from scrip.store import documents, notifications
from scrip.store.documents import NEW
from scrip.store.notifications import Notifications

LONGEST_MS: Final = 31 * 86_400_000
"""How far back a replay goes, and how long the span of one is."""

Past = Callable[[int, int, WebhookEndpoint, Any], tuple[Sequence[OutgoingEvent], Any]]
"""Returns events of a span of time that an endpoint may want, from a place on (None: the first), and the place to go on
at; None: there are no more."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay. Instants are epoch milliseconds.

    Attributes:
        since, until: of the events, the first included, the last not.
        event_id: the only event that is sent; None: all of them.
        at: when it is sent again.
        pinned: whether that is the test clock's.
        place: where the next piece begins; None: at the beginning.
        sent: how many events were sent.
    """

    replay_id: str
    endpoint_id: str
    made: str
    since: int
    until: int
    event_id: str | None
    at: int
    pinned: bool
    place: Any = None
    sent: int = 0
    done: bool = False

    def wants(self, event: OutgoingEvent, endpoint: WebhookEndpoint) -> bool:
        """Tells whether an event is one of those that are sent again."""
        if self.event_id is not None and event.event_id != self.event_id:
            return False
        return event.type != TEST and endpoint.wants(event.type, event.account)


def begin(
    store: Notifications,
    endpoint_id: str,
    span: tuple[int, int],
    asker: EndpointAsker,
    pinned: bool,
    event_id: str | None = None,
) -> Replay:
    """Writes down that a span of time, or one event of it, is to be sent again; the same request is one replay.

    Raises:
        NotFound: there is no such endpoint.
    """
    one = state_of(store, endpoint_id).endpoint
    named = (
        hashed(f"{endpoint_id} {one.made} {asker.request}")[:32] if asker.request else secrets.token_hex(16)
    )
    since, until = span
    replay = Replay(named, endpoint_id, one.made, since, until, event_id, asker.author.at, pinned)
    documents.put(store.tables, notifications.replay(named), NEW, asdict(replay))
    return replay


def send_one(
    store: Notifications, endpoint_id: str, event_id: str, at: int, now: int, pinned: bool, queue: Queue
) -> bool:
    """Sends one event again, if it is kept; returns whether it is.

    Raises:
        NotFound: there is no such endpoint, or it does not want such an event.
    """
    one = state_of(store, endpoint_id).endpoint
    event = store.kept_event(event_id)
    if event is None:
        return False
    if event.type != TEST and not replace(one, enabled=True).wants(event.type, event.account):
        raise NotFound(
            f"{endpoint_id} hears of no such event: it is a {event.type}"
            + (f" of {event.account}" if event.account else ""),
            event_id=event_id,
        )
    queue(put_on_the_way(store, event, [one], now, at, pinned=pinned, again=True))
    return True


def go_on(
    store: Notifications,
    replay_id: str,
    past: Past,
    queue: Queue,
    now: int,
    in_time: Callable[[], bool],
) -> bool:
    """Does as much of a replay as there is time for; returns whether there is more of it.

    Raises:
        Throttled, Unavailable: a table or the queue does not answer. Done again, it goes on where it was.
    """
    document = documents.get(store.tables, notifications.replay(replay_id))
    if not document.body:
        return False
    replay, rev = _read(document.body), document.rev
    while not replay.done:
        state = store.state(replay.endpoint_id)
        if state is None or state.endpoint.made != replay.made:
            return False
        endpoint = replace(state.endpoint, enabled=True)
        events, place = past(replay.since, replay.until, endpoint, replay.place)
        wanted = [event for event in events if replay.wants(event, endpoint)]
        tasks: list[DispatchTask] = []
        for event in wanted:
            tasks += put_on_the_way(
                store, event, [endpoint], now, replay.at, pinned=replay.pinned, again=True
            )
        queue(tasks)
        found = replay.event_id is not None and bool(wanted)
        replay = replace(replay, place=place, sent=replay.sent + len(wanted), done=place is None or found)
        written = documents.put(store.tables, document.pk, rev, asdict(replay))
        if written is None:
            return False  # another invocation is at it
        rev = written.rev
        if not replay.done and not in_time():
            return True
    return False


def _read(body: Mapping[str, Any]) -> Replay:
    return Replay(**body)
