"""The table of notifications: its keys, and rows that are read as they were written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip import runtime
from scrip.domain.notifications.dispatch import Dispatch, DispatchAttempt
from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.store import lists, notifications
from scrip.store.notifications import EndpointState, Notifications
from scrip.store.tables import Tables

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


@pytest.fixture
def store(tables: Tables) -> Notifications:
    """The simulator's table in the place of that of notifications."""
    return Notifications(tables.client, "wallets")


def sks(store: Notifications, pk: str) -> list[str]:
    return [
        item["sk"]["S"] for item in store.client.scan(TableName="wallets")["Items"] if item["pk"]["S"] == pk
    ]


def test_an_endpoint_is_put_and_deleted_only_as_it_was_read(store: Notifications) -> None:
    other = replace(ONE, url="https://y.example/")
    assert store.state("crm") is None
    assert store.put_endpoint(0, ONE, [])
    assert not store.put_endpoint(0, other, [])
    assert store.state("crm") == EndpointState(1, ONE, None, {})
    assert store.put_endpoint(1, other, [lists.add(store.tables, "beside", "a")])
    assert not store.put_endpoint(1, ONE, [lists.add(store.tables, "beside", "b")])
    assert store.state("crm") == EndpointState(2, other, None, {})
    store.fail("crm", 5)
    assert not store.delete_endpoint(1, "crm", [lists.add(store.tables, "beside", "c")])
    assert store.all_endpoints() == [other]
    assert store.all_states() == [EndpointState(2, other, 5, {})]
    assert store.delete_endpoint(2, "crm", [lists.add(store.tables, "beside", "d")])
    assert not store.delete_endpoint(2, "crm", [])
    assert (store.all_endpoints(), store.all_states(), store.state("crm")) == ([], [], None)
    assert sks(store, "endpoint#crm") == []
    assert sks(store, "beside") == ["a", "d"]


def test_a_name_in_the_list_of_an_endpoint_that_is_gone_is_passed_over(store: Notifications) -> None:
    store.put_endpoint(0, ONE, [])
    lists.put(store.tables, "endpoints", "abc")
    assert store.all_endpoints() == [ONE]
    assert [state.endpoint for state in store.all_states()] == [ONE]


def test_since_when_nothing_is_delivered_stays_until_something_is(store: Notifications) -> None:
    assert [store.fail("crm", at) for at in (5, 7, 3)] == [5, 5, 5]
    store.recover("crm")
    assert store.fail("crm", 9) == 9


def test_a_slot_is_one_owners_until_its_time_is_over(store: Notifications) -> None:
    """Until 100 it is a's: at 100 still, at 101 no more. Who has it may keep it, and give it back."""
    store.put_endpoint(0, ONE, [])

    def slots() -> dict[int, int]:
        state = store.state("crm")
        assert state
        return dict(state.slots)

    assert store.take_slot("crm", 0, 100, 50, "a")
    assert not store.take_slot("crm", 0, 200, 100, "b")
    assert store.take_slot("crm", 0, 120, 100, "a")
    assert not store.take_slot("crm", 0, 200, 120, "b")
    assert store.take_slot("crm", 1, 130, 50, "b")
    assert slots() == {0: 120, 1: 130}
    assert store.take_slot("crm", 0, 200, 121, "b")
    store.free_slot("crm", 0, "a")
    assert slots() == {0: 200, 1: 130}
    store.free_slot("crm", 0, "b")
    store.free_slot("crm", 0, "b")
    assert slots() == {1: 130}


@pytest.mark.parametrize("account", ["acme", None])
def test_an_event_is_kept_once_with_all_that_it_says(store: Notifications, account: str | None) -> None:
    event = OutgoingEvent("evt_1", "scrip.entry.burn", account, 5, b'{"a": 1}')
    assert store.kept_event("evt_1") is None
    store.keep_event(event, 1_900_000_000)
    store.keep_event(replace(event, body=b"other"), 1_900_000_001)
    assert store.kept_event("evt_1") == event
    (item,) = store.client.scan(TableName="wallets")["Items"]
    assert item["ends"] == {"N": "1900000000"}, "the second after which the table deletes it"


def test_a_dispatch_is_one_workers_until_its_time_is_over(store: Notifications) -> None:
    """Claimed until 100: at 100 somebody is at it still, at 101 nobody is."""
    dispatch = Dispatch("evt_1", "scrip.entry.burn", 1000, "pending", 2000)
    assert store.dispatch("crm#a1", "nowhere") is None
    place = store.add("crm#a1", dispatch, 9)
    assert place
    stored = store.dispatch("crm#a1", place)
    assert stored
    assert store.claim("crm#a1", stored, 100, 40)
    claimed = store.dispatch("crm#a1", place)
    assert claimed == stored._replace(claimed=100)
    assert not store.claim("crm#a1", stored, 200, 100)
    assert store.claim("crm#a1", stored, 200, 101)
    assert store.settle("crm#a1", stored, dispatch, 12)
    assert not store.claim("crm#a1", stored, 300, 250), "it has changed since it was read"
    (item,) = store.client.scan(TableName="wallets")["Items"]
    assert item["ends"] == {"N": "12"}
    assert item["waits"] == {"S": "crm#a1"}


def test_dispatches_are_listed_newest_first_page_by_page(store: Notifications) -> None:
    for number in (2, 1, 3):
        store.add("crm#a1", Dispatch(f"evt_{number}", "scrip.entry.burn", number, "pending", None), 9)
    found, following = store.page("crm#a1", 2, None)
    assert [one.dispatch.event_id for one in found] == ["evt_3", "evt_2"]
    assert following == "000000000000002#evt_2"
    found, following = store.page("crm#a1", 2, following)
    assert ([one.dispatch.event_id for one in found], following) == (["evt_1"], None)
    assert not any("waits" in item for item in store.client.scan(TableName="wallets")["Items"])
