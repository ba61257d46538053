"""The table of notifications: its keys, and rows that are read as they were written."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.domain.notifications.dispatch import Dispatch, DispatchAttempt
from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.store import notifications

needs = pytest.mark.usefixtures("scrip")

ONE = WebhookEndpoint(
    "crm", "a1", "https://x.example/", ("*",), None, True, 5, (EndpointSecret("s", 5, None),)
)


def test_keys_have_these_shapes() -> None:
    """What is written under another is not found from then on."""
    assert notifications.endpoint("crm") == "endpoint#crm"
    assert notifications.dispatches("crm#a1") == "deliveries#crm#a1"
    assert notifications.owner_of(ONE) == "crm#a1"
    assert notifications.event("evt_1") == "event#evt_1"
    assert notifications.replay("r") == "replay#r"
    assert notifications.request("h") == "request#h"


@needs
def test_a_dispatch_is_read_as_it_was_written_and_waits_while_it_is_due() -> None:
    store = runtime.notifications()
    waiting = Dispatch("evt_1", "scrip.entry.burn", 1000, "pending", 2000)
    place = store.add("crm#a1", waiting, 9)
    assert place == "000000000001000#evt_1"
    assert store.add("crm#a1", waiting, 9) is None
    stored = store.dispatch("crm#a1", place)
    assert stored
    assert (stored.dispatch, stored.rev, stored.claimed) == (waiting, 1, 0)
    assert [store.waiting("crm#a1", at, 10) for at in (1999, 2000)] == [[], [place]]
    after = waiting.after(DispatchAttempt(2000, 204, None, 3))
    assert store.claim("crm#a1", stored, 50, 40)
    assert not store.claim("crm#a1", stored, 60, 50), "somebody is at it"
    assert store.settle("crm#a1", stored, after, 9)
    assert not store.settle("crm#a1", stored, after, 9), "it has changed since"
    again = store.dispatch("crm#a1", place)
    assert again
    assert (again.dispatch, again.rev, again.claimed) == (after, 2, 0)
    assert store.waiting("crm#a1", 10_000, 10) == []
    assert store.page("crm#a1", 10, None) == ([again], None)


@needs
def test_an_events_bytes_are_kept_once() -> None:
    store = runtime.notifications()
    for body in (b"first", b"second"):
        store.keep_event(OutgoingEvent("evt_1", "scrip.x.y", None, 7, body), 9)
    assert store.kept_event("evt_1") == OutgoingEvent("evt_1", "scrip.x.y", None, 7, b"first")
    assert store.kept_event("evt_2") is None


@needs
def test_an_endpoint_is_written_by_its_revision_and_stands_with_its_slots() -> None:
    store = runtime.notifications()
    assert store.put_endpoint(0, ONE, ())
    assert not store.put_endpoint(0, ONE, ())
    assert store.take_slot("crm", 2, 100, 50, "me")
    assert not store.take_slot("crm", 2, 200, 100, "you")
    assert store.take_slot("crm", 2, 300, 100, "me"), "it is kept"
    assert store.fail("crm", 40) == 40
    assert store.fail("crm", 30) == 40, "since the first"
    state = store.state("crm")
    assert state
    assert (state.rev, state.endpoint, state.failing_since, state.slots) == (1, ONE, 40, {2: 300})
    store.free_slot("crm", 2, "you")
    store.recover("crm")
    state = store.state("crm")
    assert state
    assert (state.failing_since, state.slots) == (None, {2: 300})
    assert store.all_endpoints() == [ONE]
    assert store.delete_endpoint(1, "crm", ())
    assert (store.state("crm"), store.all_endpoints()) == (None, [])
