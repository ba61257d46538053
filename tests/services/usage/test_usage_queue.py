"""Messages of usage events: every event is in one, none is too large, and an account's events are together."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.usage_events import UsageEvent
from scrip.services.usage import usage_queue
from scrip.services.usage.usage_queue import LARGEST, MOST, ReceivedUsage, pack, unpack

NOW = 1_900_000_000_000
LONG = st.integers(1, 40_000).map(lambda size: "€" * size)
RECEIVED = st.builds(
    ReceivedUsage,
    event=st.builds(
        UsageEvent,
        source=st.just("/api"),
        id=st.uuids().map(str),
        meter=st.just("calls"),
        account=st.sampled_from("abc"),
        quantity=st.just(Fraction(1)),
        time=st.just(NOW),
        member=st.none() | LONG,
    ),
    came=st.sampled_from([NOW, NOW + 1]),
    actor=st.sampled_from(["key:1", "bus"]),
    actor_name=st.none() | st.just("Ünal"),
    pinned=st.booleans(),
    again=st.integers(0, 2),
)


@given(st.lists(RECEIVED, max_size=30))
def test_every_event_is_in_one_message_as_it_came(received: list[ReceivedUsage]) -> None:
    messages = pack(received)
    found = [one for message in messages for one in unpack(json.loads(message), test_clock=True)]
    by_id = lambda one: one.event.id  # noqa: E731
    assert sorted(found, key=by_id) == sorted(received, key=by_id)
    assert all(len(message.encode()) <= LARGEST + 1000 for message in messages)


def test_as_many_go_into_a_message_as_into_a_commit() -> None:
    one = ReceivedUsage(UsageEvent("/api", "", "calls", "acme", Fraction(1), NOW), NOW, "key:1")
    many = [replace(one, event=replace(one.event, id=str(number))) for number in range(2 * MOST + 1)]
    assert [len(json.loads(message)["events"]) for message in pack(many)] == [MOST, MOST, 1]


def test_an_accounts_events_are_one_after_the_other() -> None:
    one = ReceivedUsage(UsageEvent("/api", "", "calls", "a", Fraction(1), NOW), NOW, "key:1")
    many = [replace(one, event=replace(one.event, id=str(n), account="ab"[n % 2])) for n in range(180)]
    first, second = [json.loads(message)["events"] for message in pack(many)]
    assert {event["account"] for event in first} == {"a"}
    assert {event["account"] for event in second} == {"b"}


def test_an_instant_of_the_test_clock_is_taken_where_that_is_enabled() -> None:
    one = ReceivedUsage(UsageEvent("/a", "1", "calls", "a", Fraction(1), NOW), NOW, "key:1", pinned=True)
    (message,) = pack([one])
    assert unpack(json.loads(message), test_clock=True) == [one]
    assert unpack(json.loads(message), test_clock=False) == [replace(one, pinned=False)]


@pytest.mark.parametrize("came", [None, "1", 1.5, True, 10**18], ids=str)
def test_a_message_without_an_instant_is_none(came: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        unpack({"came": came, "actor": "x", "events": []}, test_clock=True)


def test_a_message_says_only_what_is_so_of_its_events() -> None:
    """Nobody's name, no test clock, and not brought back yet; then all of it."""
    event = UsageEvent("/a", "1", "calls", "a", Fraction(1), NOW)
    said = json.dumps(event.to_json(), separators=(",", ":"))
    plain = ReceivedUsage(event, NOW, "key:1")
    assert pack([plain]) == [f'{{"came":{NOW},"actor":"key:1","events":[{said}]}}']
    whole = replace(plain, actor_name="Ann", pinned=True, again=1)
    assert json.loads(pack([whole])[0]) == {
        **json.loads(pack([plain])[0]),
        "actor_name": "Ann",
        "pinned": True,
        "again": 1,
    }
    assert unpack(json.loads(pack([plain])[0]), test_clock=True) == [plain]
    assert len(pack([whole, plain, replace(plain, again=2)])) == 3, "each came otherwise"


@pytest.mark.parametrize(("room", "messages"), [(0, 1), (-1, 2)], ids=["as much as fits", "a byte more"])
def test_a_message_is_filled_to_the_byte(monkeypatch: pytest.MonkeyPatch, room: int, messages: int) -> None:
    """Two events of as many bytes, each with a comma; a letter of three bytes is in them."""
    one = ReceivedUsage(UsageEvent("/€", "1", "calls", "a", Fraction(1), NOW), NOW, "key:1")
    size = len(json.dumps(one.event.to_json(), separators=(",", ":"), ensure_ascii=False).encode()) + 1
    monkeypatch.setattr(usage_queue, "LARGEST", 2 * size + room)
    assert len(pack([one, replace(one, event=replace(one.event, id="2"))])) == messages
