"""A replay piece by piece: what is sent again to whom, how far it is, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import NotFound
from scrip.domain.events.event import Event
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.audit.changes import Author
from scrip.services.notifications import replays
from scrip.services.notifications.dispatches import DispatchTask
from scrip.services.notifications.endpoints import EndpointAsker, outgoing_of
from scrip.store import documents, notifications
from tests.services.notifications.test_tries import NOW, World
from tests.services.notifications.test_tries import world as world

ASKER = EndpointAsker(Author("key:ann", NOW + 7), "request")
SPAN = (NOW, NOW + 100)


class PastInPieces:
    """Events of a span in the place of the ledger, two to a piece, and which pieces were asked for."""

    def __init__(self, *types: str) -> None:
        self.all = [
            outgoing_of(Event(f"evt_{number}", type_, "acme", NOW + number, {"n": number}), "/scrip/t")
            for number, type_ in enumerate(types)
        ]
        self.asked: list[tuple[int, int, bool, Any]] = []

    def piece(
        self, since: int, until: int, endpoint: WebhookEndpoint, place: Any
    ) -> tuple[Sequence[OutgoingEvent], Any]:
        self.asked.append((since, until, endpoint.enabled, place))
        start = place or 0
        return self.all[start : start + 2], start + 2 if start + 2 < len(self.all) else None


def begin(world: World, event_id: str | None = None, asker: EndpointAsker = ASKER) -> str:
    return replays.begin(world.store, "e", SPAN, asker, False, event_id).replay_id


def go_on(world: World, replay_id: str, events: PastInPieces, in_time: bool = True) -> tuple[bool, list[str]]:
    """Goes on. Returns whether there is more, and which events were queued."""
    queued: list[DispatchTask] = []
    more = replays.go_on(world.store, replay_id, events.piece, queued.extend, NOW + 50, lambda: in_time)
    return more, [task.place.partition("#")[2] for task in queued]


def kept(world: World, replay_id: str) -> Any:
    return documents.get(world.store.tables, notifications.replay(replay_id)).body


def test_what_is_asked_for_under_one_key_is_one_replay_of_one_endpoint(world: World) -> None:
    other = replace(ASKER, request="another")
    assert begin(world) == begin(world) != begin(world, asker=other)
    assert len(begin(world)) == len(begin(world, asker=replace(ASKER, request=None))) == 32
    anyway = replace(ASKER, request=None)
    assert begin(world, asker=anyway) != begin(world, asker=anyway)
    body = kept(world, begin(world, "evt_1"))
    assert (body["at"], body["since"], body["until"], body["pinned"]) == (NOW + 7, *SPAN, False)
    with pytest.raises(NotFound):
        replays.begin(world.store, "x", SPAN, ASKER, False)


def test_it_goes_piece_by_piece_as_far_as_there_is_time(world: World) -> None:
    """Five events: of the third the endpoint does not hear, and the last is a test, which was asked for by itself."""
    world.store.put_endpoint(
        1, replace(world.one, types=("scrip.entry.*", "scrip.webhook.*"), enabled=False), ()
    )
    burn = "scrip.entry.burn"
    events, name = PastInPieces(burn, burn, "scrip.lot.expiring", burn, "scrip.webhook.test"), begin(world)
    assert go_on(world, name, events, in_time=False) == (True, ["evt_0", "evt_1"])
    assert (kept(world, name)["place"], kept(world, name)["sent"], kept(world, name)["done"]) == (2, 2, False)
    assert go_on(world, name, events, in_time=False) == (True, ["evt_3"])
    assert go_on(world, name, events, in_time=False) == (False, [])
    assert (kept(world, name)["sent"], kept(world, name)["done"]) == (3, True)
    assert events.asked == [(*SPAN, True, place) for place in (None, 2, 4)], "as if it were enabled"
    assert go_on(world, name, events) == (False, [])
    assert len(events.asked) == 3, "it is done"


def test_of_one_event_it_ends_where_that_is_found(world: World) -> None:
    events = PastInPieces(*["scrip.entry.burn"] * 5)
    name = begin(world, "evt_2")
    assert go_on(world, name, events) == (False, ["evt_2"])
    assert (kept(world, name)["sent"], kept(world, name)["done"], len(events.asked)) == (1, True, 2)


def test_what_was_delivered_is_due_again_at_the_replays_instant(world: World) -> None:
    task = world.send(1)
    world.run(task)
    assert world.status(task) == "delivered"
    events = PastInPieces("scrip.entry.burn", "scrip.entry.burn")
    assert go_on(world, begin(world), events) == (False, ["evt_0", "evt_1"])
    stored = world.store.dispatch(task.owner, task.place)
    assert stored
    assert (stored.dispatch.status, stored.dispatch.next_attempt_at) == ("pending", NOW + 7)


def test_an_endpoint_that_was_made_anew_or_a_replay_that_another_goes_on_with_ends_it(world: World) -> None:
    events, name = PastInPieces(*["scrip.entry.burn"] * 5), begin(world)
    assert go_on(world, "nothing", events) == (False, [])
    piece = events.piece

    def late(*asked: Any) -> Any:
        found = piece(*asked)
        if len(events.asked) == 1:
            go_on(world, name, events, in_time=False)
        return found

    events.piece = late  # type: ignore[method-assign,assignment]
    assert go_on(world, name, events)[0] is False
    assert kept(world, name)["place"] == 2
    assert world.store.delete_endpoint(1, "e", ())
    assert world.store.put_endpoint(0, replace(world.one, made="n"), ())
    assert go_on(world, name, events) == (False, [])


def test_one_event_is_sent_again_while_it_is_kept_and_to_whoever_hears_of_such(world: World) -> None:
    task = world.send(1)
    world.run(task)
    world.store.put_endpoint(1, replace(world.one, enabled=False, accounts=("acme",)), ())
    queued: list[DispatchTask] = []

    def send(event_id: str, pinned: bool = False) -> bool:
        return replays.send_one(world.store, "e", event_id, NOW + 9, NOW, pinned, queued.extend)

    assert send("evt_of_before") is False
    assert send("evt_1") is True
    assert (world.status(task), queued) == ("pending", [task])
    assert send("evt_1", pinned=True) is True
    assert queued[1] == task._replace(at=NOW + 9)
    world.store.put_endpoint(2, replace(world.one, accounts=("beta",)), ())
    with pytest.raises(
        NotFound, match=r"e hears of no such event: it is a scrip\.entry\.burn of acme"
    ) as refused:
        send("evt_1")
    assert refused.value.facts == {"event_id": "evt_1"}
    world.send(2, "scrip.webhook.test")
    assert send("evt_2") is True, "a test goes to whoever it was made for"
