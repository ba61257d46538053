"""Events onto the bus: in calls that it takes, and again what it did not take."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from scrip.domain.credits.errors import Throttled, Unavailable
from scrip.domain.events.event import Event
from scrip.services.events import bus as buses
from scrip.services.events.bus import Bus, publish, size
from simulation import bus as doubles


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buses, "WAIT", 0)


def events(number: int, text: str = "") -> list[Event]:
    return [
        Event(f"evt_{each}", "scrip.entry.burn", "acme", 0, {"seq": each, "text": text})
        for each in range(1, number + 1)
    ]


def over(double: object) -> Bus:
    return Bus(double, "bus", "/scrip/tests")


def seqs(double: doubles.Bus) -> list[int]:
    return [one["data"]["seq"] for one in double.taken]


def refusing(*numbers: int) -> doubles.Bus:
    """A bus that is too busy for the entries of these numbers, as they come."""
    turn: Iterator[int] = iter(range(1_000))
    return doubles.Bus(lambda: next(turn) in numbers)


def test_ten_go_in_a_call_in_their_order() -> None:
    double = doubles.Bus()
    publish(over(double), events(23))
    assert (seqs(double), double.calls) == (list(range(1, 24)), 3)


def test_of_nothing_there_is_no_call() -> None:
    double = doubles.Bus()
    publish(over(double), [])
    assert double.calls == 0


def test_a_call_has_256_kb_at_most() -> None:
    """Of 60 000 bytes each, four make one, with 240 000 and what is written around them; the double refuses five."""
    double = doubles.Bus()
    publish(over(double), events(9, "x" * 60_000))
    assert (seqs(double), double.calls) == (list(range(1, 10)), 3)


@pytest.mark.parametrize("before", [0, 10])
@pytest.mark.parametrize(("more", "calls"), [(0, 1), (1, 2)])
def test_a_call_may_be_full_to_the_byte(before: int, more: int, calls: int) -> None:
    """Letters of two bytes count twice. It is the first call, or the one after a call of ten."""
    first, other = events(2, "é")
    room = 256 * 1024 - size(first, "/scrip/tests") - size(other, "/scrip/tests")
    filled = Event(first.id, first.type, first.account, 0, {"seq": 1, "text": "é" + "x" * (room + more)})
    double = doubles.Bus()
    publish(over(double), [*events(before), filled, other])
    assert double.calls == before // 10 + calls


def test_an_event_that_no_call_takes_is_told_of_and_nothing_of_it_is_sent() -> None:
    double = doubles.Bus()
    with pytest.raises(ValueError, match=r"scrip.entry.burn has 26\d{4} bytes"):
        publish(over(double), events(1, "x" * 262_144))
    assert double.calls == 0


def test_what_the_bus_did_not_take_is_sent_again_alone_and_in_order() -> None:
    """Of twelve the second, the third and the eleventh are not taken; the next call has these three."""
    double = refusing(1, 2, 10)
    publish(over(double), events(12))
    assert seqs(double) == [1, 4, 5, 6, 7, 8, 9, 10, 12, 2, 3, 11]
    assert double.calls == 3


def test_what_is_never_taken_is_said_so() -> None:
    """Whoever brought it brings it again: the reader of the stream has the records come once more."""
    double = doubles.Bus(lambda: True)
    with pytest.raises(Throttled, match="2 events"):
        publish(over(double), events(2))
    assert (double.taken, double.calls) == ([], buses.ATTEMPTS)


def test_between_tries_it_waits_by_chance_and_each_time_maybe_twice_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[tuple[float, float]] = []
    monkeypatch.setattr(buses, "WAIT", 0.1)
    monkeypatch.setattr(buses, "random", SimpleNamespace(uniform=lambda *bounds: bounds))
    monkeypatch.setattr(buses, "time", SimpleNamespace(sleep=waits.append))
    publish(over(doubles.Bus()), events(2))
    assert waits == []
    with pytest.raises(Throttled):
        publish(over(doubles.Bus(lambda: True)), events(2))
    assert waits == [(0, 0.1), (0, 0.2), (0, 0.4)]


def test_a_failure_within_the_bus_is_none_of_being_busy() -> None:
    class Broken:
        def put_events(self, *, Entries: list[object]) -> object:  # noqa: N803 - EventBridge's name
            failed = [{"ErrorCode": "InternalFailure", "ErrorMessage": "-"} for _ in Entries]
            return {"FailedEntryCount": len(failed), "Entries": failed}

    with pytest.raises(Unavailable):
        publish(over(Broken()), events(1))


def test_a_bus_that_does_not_answer_is_unavailable_at_once() -> None:
    """Its client has tried more than once by then."""
    calls = []

    class Dead:
        def put_events(self, *, Entries: list[object]) -> object:  # noqa: N803 - EventBridge's name
            calls.append(len(Entries))
            raise TimeoutError

    with pytest.raises(Unavailable):
        publish(over(Dead()), events(12))
    assert calls == [10]
