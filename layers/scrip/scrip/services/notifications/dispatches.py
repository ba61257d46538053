"""Who wants to hear of an event, and what is due to be tried.

An event that somebody wants is stored once, and a row for each endpoint that wants it, and then a task is queued for
each: so the first try comes at once, and what is stored is tried though its task is lost. Does not own the try
(``tries``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT
from scrip.domain.notifications.dispatch import Dispatch, DispatchStatus
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.engine.paging import Found, read_on
from scrip.store.notifications import KEPT_SECONDS, EndpointState, Notifications, StoredDispatch, owner_of

WOKEN: Final = 50
"""Of what is due for one endpoint, so many are queued by one run of the schedule; whoever tries one goes on with the
next that is due."""


class DispatchTask(NamedTuple):
    """That a dispatch is to be tried.

    Attributes:
        made: of the endpoint; one that has the same id since is another.
        place: of the dispatch in its endpoint's list.
        at: the instant to try it at, epoch milliseconds, by the test clock; None: the machine's.
        passed: how often it was put off because five calls were being made.
    """

    endpoint_id: str
    made: str
    place: str
    at: int | None = None
    passed: int = 0

    @property
    def owner(self) -> str:
        """Returns the endpoint's name for ever."""
        return f"{self.endpoint_id}#{self.made}"

    def to_json(self) -> dict[str, Any]:
        """Returns it as its queue carries it."""
        return self._asdict()

    @staticmethod
    def from_json(said: Mapping[str, Any], test_clock: bool) -> DispatchTask:
        """Reads it.

        Raises:
            KeyError, ValueError: it is none.
        """
        at = said.get("at") if test_clock else None
        if at is not None and not (type(at) is int and MIN_INSTANT <= at <= MAX_INSTANT):
            raise ValueError("at is no instant")
        return DispatchTask(said["endpoint_id"], said["made"], said["place"], at, int(said.get("passed", 0)))


Queue = Callable[[Sequence[DispatchTask]], None]
"""Puts tasks into the queue of calls."""


def send(
    store: Notifications,
    endpoints: Sequence[WebhookEndpoint],
    event: OutgoingEvent,
    now: int,
    pinned: bool,
    queue: Queue,
) -> int:
    """Puts an event on its way to all endpoints that want it; returns how many they are.

    Args:
        endpoints: all that there are.
        now: the machine's clock, epoch milliseconds.
        pinned: whether it is first tried as at its own instant, by the test clock.

    Raises:
        Throttled, Unavailable: it is not on its way to all of them. The same again does what is left.
    """
    wanting = [one for one in endpoints if one.wants(event.type, event.account)]
    first = event.at if pinned else now
    tasks = put_on_the_way(store, event, wanting, now, first, pinned=pinned)
    queue(tasks)
    return len(tasks)


def put_on_the_way(
    store: Notifications,
    event: OutgoingEvent,
    endpoints: Iterable[WebhookEndpoint],
    now: int,
    first: int,
    *,
    pinned: bool = False,
    again: bool = False,
) -> list[DispatchTask]:
    """Stores an event, and that it is on its way to endpoints; returns the tasks to be queued.

    Args:
        now: the machine's clock, epoch milliseconds.
        first: when it is tried first, epoch milliseconds.
        pinned: whether that is by the test clock.
        again: whether one that was sent before is sent once more.
    """
    wanting, ends = list(endpoints), now // 1000 + KEPT_SECONDS
    if not wanting:
        return []
    store.keep_event(event, ends)
    tasks = []
    for one in wanting:
        owner = owner_of(one)
        place = store.add(owner, Dispatch(event.event_id, event.type, event.at, "pending", first), ends)
        if place is None:
            place = place_of(event)
            if again:
                _again(store, owner, place, first, ends)
        tasks.append(DispatchTask(one.endpoint_id, one.made, place, first if pinned else None))
    return tasks


def place_of(event: OutgoingEvent) -> str:
    """Returns the place of an event in the list of each endpoint."""
    return f"{event.at:015d}#{event.event_id}"


def wake(store: Notifications, now: int, pinned: bool, queue: Queue) -> int:
    """Queues what is due to be tried at ``now``, epoch milliseconds, of all endpoints; returns how many they are."""
    tasks: list[DispatchTask] = []
    for one in store.all_endpoints():
        due = store.waiting(owner_of(one), now, WOKEN)
        at = now if pinned else None
        tasks += [DispatchTask(one.endpoint_id, one.made, place, at) for place in due]
    queue(tasks)
    return len(tasks)


def list_dispatches(
    store: Notifications, endpoint_id: str, status: str | None, limit: int, after: str | None
) -> Found[str, Dispatch]:
    """Returns a page of what was sent to an endpoint, newest events first.

    It may be short, or empty, and yet be followed by another.

    Raises:
        NotFound: there is no such endpoint.
    """
    owner = owner_of(state_of(store, endpoint_id).endpoint)

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, Dispatch | None]], str | None]:
        rows, following = store.page(owner, count, after)
        return [(row.place, row.dispatch if _fits(row, status) else None) for row in rows], following

    return read_on(look, after, limit)


def state_of(store: Notifications, endpoint_id: str) -> EndpointState:
    """Returns an endpoint as it stands. Raises ``NotFound`` where there is none."""
    state = store.state(endpoint_id)
    if state is None:
        raise NotFound(f"there is no webhook endpoint {endpoint_id}", endpoint_id=endpoint_id)
    return state


def _fits(row: StoredDispatch, status: str | DispatchStatus | None) -> bool:
    return status in (None, row.dispatch.status)


def _again(store: Notifications, owner: str, place: str, at: int, ends: int) -> None:
    """Makes a dispatch due at once, with all its tries before it; one that is tried at this moment may be as well."""
    stored = store.dispatch(owner, place)
    if stored and not (stored.dispatch.status == "pending" and stored.dispatch.tries == 0):
        store.settle(owner, stored, stored.dispatch.again(at), ends)
