"""A try: at most five of an endpoint at a time, each dispatch by one, and then the next that is due."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from scrip.domain.credits.errors import Unavailable
from scrip.domain.events.event import Event
from scrip.domain.notifications.dispatch import DispatchAttempt
from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.notifications import dispatches, tries
from scrip.services.notifications.calls import CallOutcome
from scrip.services.notifications.dispatches import DispatchTask
from scrip.services.notifications.endpoints import outgoing_of
from scrip.services.notifications.tries import Sender, notice_of
from scrip.store import notifications
from scrip.store.notifications import Notifications
from simulation.dynamodb import Dynamo
from simulation.tables import IndexDefinition, TableDefinition

SECRET = "whsec_" + "A" * 43 + "="
NOW = 1_900_000_000_000


class Calls:
    """Answers calls in the place of the network: each waits until a test lets it go."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.now = self.most = 0
        self.status = 204
        self.hold: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def post(self, _url: str, body: bytes, headers: Any) -> CallOutcome:
        with self._lock:
            self.made.append(body.decode())
            self.headers.append(dict(headers))
            self.now += 1
            self.most = max(self.most, self.now)
        self.hold()
        with self._lock:
            self.now -= 1
        return CallOutcome(self.status, None, 1)


class World:
    def __init__(self, store: Notifications) -> None:
        self.store, self.calls, self.clock = store, Calls(), NOW
        self.put_off: list[tuple[DispatchTask, int]] = []
        self.stopped: list[tuple[str, int]] = []
        self.arrived: list[tuple[str, str, int, int]] = []
        self.one = WebhookEndpoint(
            "e", "m", "https://hooks.example.com/", ("*",), None, True, 0, (EndpointSecret(SECRET, 0, None),)
        )
        assert store.put_endpoint(0, self.one, ())

    def sender(self) -> Sender:
        return Sender(
            store=self.store,
            caller=self.calls,  # type: ignore[arg-type]
            unseal=lambda sealed, _: sealed,
            clock=lambda: self.clock,
            put_off=lambda task, seconds: self.put_off.append((task, seconds)),
            stopped=lambda endpoint, rev: self.stopped.append((endpoint.endpoint_id, rev)),
            arrived=lambda event, to, status, at: self.arrived.append((event.event_id, to, status, at)),
        )

    def send(self, number: int, type_: str = "scrip.entry.burn") -> DispatchTask:
        event = outgoing_of(Event(f"evt_{number}", type_, "acme", NOW + number, {"n": number}), "/scrip/t")
        (task,) = dispatches.put_on_the_way(self.store, event, [self.one], self.clock, self.clock)
        return task

    def run(self, task: DispatchTask, in_time: bool = True) -> int:
        return tries.run(self.sender(), task, lambda: in_time)

    def costs(self, task: DispatchTask) -> list[str]:
        """The calls of DynamoDB that a run makes."""
        client: Any = self.store.client
        client.calls.clear()
        self.run(task)
        made: list[str] = client.calls
        return made

    def status(self, task: DispatchTask) -> str:
        stored = self.store.dispatch(task.owner, task.place)
        assert stored
        return stored.dispatch.status


@pytest.fixture
def world() -> World:
    return World(Notifications(Memory(), "notifications"))  # type: ignore[arg-type]


class Memory:
    """The simulator's DynamoDB with the one table, one call at a time."""

    def __init__(self) -> None:
        types: Any = {"pk": "S", "sk": "S", "waits": "S", "next_attempt_at": "N"}
        index = IndexDefinition("waiting", "waits", "next_attempt_at")
        self._dynamo = Dynamo((TableDefinition("notifications", (index,), types),))
        self.calls: list[str] = []
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._dynamo, name)

        def locked(**request: Any) -> Any:
            with self._lock:
                self.calls.append(name)
                return call(**request)

        return locked


def test_five_at_a_time_and_what_is_put_off_is_done_by_those_who_have_a_slot(world: World) -> None:
    """Twenty tasks at once, all of them held until five are being called."""
    tasks = [world.send(number) for number in range(20)]
    let_go, five = threading.Event(), threading.Event()

    def hold() -> None:
        if world.calls.now == 5:
            five.set()
        let_go.wait(30)

    world.calls.hold = hold
    running = [threading.Thread(target=world.run, args=(task,)) for task in tasks]
    for thread in running:
        thread.start()
    assert five.wait(30)
    let_go.set()
    for thread in running:
        thread.join(10)
    assert world.calls.most == 5
    assert sorted(world.calls.made) == sorted(set(world.calls.made))
    assert {world.status(task) for task in tasks} == {"delivered"}
    assert {seconds for _, seconds in world.put_off} <= {2}


def test_a_call_has_the_headers_of_standard_webhooks(world: World) -> None:
    world.run(world.send(1))
    (headers,) = world.calls.headers
    assert headers.pop("webhook-signature").startswith("v1,")
    assert headers == {
        "content-type": "application/cloudevents+json",
        "user-agent": "scrip",
        "webhook-id": "evt_1",
        "webhook-timestamp": "1900000000",
    }


@pytest.mark.parametrize(
    ("type_", "calls", "status", "error"),
    [("scrip.entry.burn", 0, "failed", "disabled"), ("scrip.webhook.test", 1, "delivered", None)],
)
def test_of_an_endpoint_that_is_disabled_a_test_alone_is_sent(
    world: World, type_: str, calls: int, status: str, error: str | None
) -> None:
    task = world.send(1, type_)
    assert world.store.put_endpoint(1, replace(world.one, enabled=False), ())
    assert world.run(task) == calls
    assert (world.status(task), len(world.calls.made)) == (status, calls)
    stored = world.store.dispatch(task.owner, task.place)
    assert stored
    (attempt,) = stored.dispatch.attempts
    assert attempt == (
        DispatchAttempt(NOW, None, "disabled", 0) if error else DispatchAttempt(NOW, 204, None, 1)
    )


def test_a_test_that_finds_a_disabled_endpoint_gone_stops_nothing_again(world: World) -> None:
    task = world.send(1, "scrip.webhook.test")
    assert world.store.put_endpoint(1, replace(world.one, enabled=False), ())
    world.calls.status = 410
    assert world.run(task) == 1
    state = world.store.state("e")
    assert state
    assert (state.rev, state.endpoint.stopped, world.stopped) == (2, None, [])


def test_a_task_of_an_endpoint_that_was_deleted_or_made_anew_is_nobodys(world: World) -> None:
    task = world.send(1)
    assert world.store.delete_endpoint(1, "e", ())
    assert world.costs(task) == ["query"]
    assert world.store.put_endpoint(0, replace(world.one, made="n"), ())
    assert world.costs(task) == ["query"]
    assert (world.calls.made, world.put_off) == ([], [])


def test_a_try_that_arrives_costs_nine_calls_and_one_that_finds_all_slots_busy_two(world: World) -> None:
    """The endpoint, the dispatch; a slot; the dispatch once more, its claim, the event, what came of it; what else is
    due, and the slot is free. Until the millisecond in which the slots end nobody asks for one."""
    ready = ["query", "get_item"]
    called = [
        *ready,
        "update_item",
        "get_item",
        "update_item",
        "get_item",
        "put_item",
        "query",
        "delete_item",
    ]
    assert world.costs(world.send(1)) == called
    for number in range(tries.SLOTS):
        assert world.store.take_slot("e", number, NOW + 5, NOW, f"busy-{number}")
    task = world.send(2)
    world.clock = NOW + 5
    assert world.costs(task) == ready
    world.clock += 1
    assert world.costs(task) == called


def test_of_an_event_that_is_kept_no_more_nothing_is_sent(world: World) -> None:
    task = world.send(1)
    key = {"pk": {"S": notifications.event("evt_1")}, "sk": {"S": "head"}}
    world.store.client.delete_item(TableName="notifications", Key=key)
    assert world.run(task) == 0
    assert (world.status(task), world.calls.made) == ("failed", [])


def test_a_task_that_comes_twice_is_one_call(world: World) -> None:
    task = world.send(1)
    assert [world.run(task) for _ in range(3)] == [1, 0, 0]
    assert len(world.calls.made) == 1


def test_a_dispatch_is_claimed_while_it_is_called_and_free_half_a_minute_after_its_caller_died(
    world: World,
) -> None:
    task = world.send(1)

    def die() -> None:
        raise MemoryError

    world.calls.hold = die
    with pytest.raises(MemoryError):
        world.run(task)
    world.calls.hold = lambda: None
    assert world.run(task) == 0
    world.clock += tries.HELD_MS
    assert world.run(task) == 0
    world.clock += 1
    assert world.run(task) == 1


def test_slots_of_those_who_died_are_free_after_half_a_minute(world: World) -> None:
    for number in range(tries.SLOTS):
        assert world.store.take_slot("e", number, world.clock + tries.HELD_MS, world.clock, f"dead-{number}")
    task = world.send(1)
    assert world.run(task) == 0
    assert world.put_off == [(task._replace(passed=1), 2)]
    world.clock += tries.HELD_MS
    assert world.run(task) == 0
    world.clock += 1
    assert world.run(task) == 1


def test_who_goes_on_holds_its_slot_for_each_call_anew(world: World) -> None:
    """Three calls of 20 seconds each take longer than a slot is held for one."""
    held, owners = list[dict[int, int]](), set[str]()

    def call() -> None:
        state = world.store.state("e")
        assert state
        held.append({number: until - world.clock for number, until in state.slots.items()})
        rows = world.store.client.scan(TableName="notifications")["Items"]
        owners.update(row["taken_by"]["S"] for row in rows if "taken_by" in row)
        world.clock += 20_000

    world.calls.hold = call
    tasks = [world.send(number) for number in range(3)]
    assert world.run(tasks[0]) == 3
    assert len(owners) == 1
    assert {*map(len, owners)} == {16}, "a name that nobody else has"
    assert [[*one.values()] for one in held] == [[tries.HELD_MS]] * 3
    assert len({number for one in held for number in one}) == 1


def test_who_took_so_long_that_another_has_the_slot_leaves_it_to_that_one(world: World) -> None:
    """A call of half a minute and more. What else is due is for the other."""

    def call() -> None:
        state = world.store.state("e")
        assert state
        ((number, until),) = state.slots.items()
        world.clock = until + 1
        assert world.store.take_slot("e", number, world.clock + 7, world.clock, "another")

    world.calls.hold = call
    tasks = [world.send(number) for number in range(2)]
    assert world.run(tasks[0]) == 1
    state = world.store.state("e")
    assert state
    assert [*state.slots.values()] == [world.clock + 7]
    assert [world.status(task) for task in tasks] == ["delivered", "pending"]


def test_what_another_has_done_before_its_turn_is_not_done_again(world: World) -> None:
    """The next that is due is tried by somebody else between the look and the call."""
    tasks = [world.send(number) for number in range(3)]
    done: list[str] = []

    def in_time() -> bool:
        pending = [task for task in tasks if world.status(task) == "pending"]
        if len(pending) == 2:
            done.extend(task.place for task in pending)
            assert [tries.run(world.sender(), task, lambda: False) for task in pending] == [1, 1]
        return True

    assert tries.run(world.sender(), tasks[0], in_time) == 1
    assert done == [task.place for task in tasks[1:]]
    assert len(world.calls.made) == 3


def test_which_slot_and_which_task_is_next_is_left_to_chance(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that many at once do not all try the same. Here chance turns everything round."""
    monkeypatch.setattr(tries, "random", SimpleNamespace(shuffle=list.reverse))
    slots: list[int] = []
    world.calls.hold = lambda: slots.extend((world.store.state("e") or pytest.fail("gone")).slots)
    tasks = [world.send(number) for number in range(4)]
    assert world.run(tasks[0]) == 4
    assert slots == [4, 4, 4, 4]
    assert [json.loads(body)["id"] for body in world.calls.made] == ["evt_0", "evt_3", "evt_2", "evt_1"]


FIVE_DAYS = 432_000_000


@pytest.mark.parametrize(
    ("after", "status", "stopped"),
    [
        (FIVE_DAYS - 1, 500, None),
        (FIVE_DAYS, 500, "failing"),
        (FIVE_DAYS, 204, None),
        (1, 410, "gone"),
        (FIVE_DAYS, 410, "gone"),
    ],
)
def test_an_endpoint_that_has_failed_for_five_days_or_is_gone_is_disabled(
    world: World, after: int, status: int, stopped: str | None
) -> None:
    world.calls.status = 500
    assert world.run(world.send(1)) == 1
    world.clock += after
    world.calls.status = status
    world.run(world.send(2))
    state = world.store.state("e")
    assert state
    assert (state.endpoint.stopped and state.endpoint.stopped.reason) == stopped
    assert (state.endpoint.enabled, len(world.stopped)) == (stopped is None, 0 if stopped is None else 1)
    assert state.failing_since == (None if status == 204 else NOW)


def test_an_endpoint_that_somebody_writes_as_it_is_found_gone_is_found_so_again(world: World) -> None:
    """Its try comes again. One that was deleted meanwhile is nobody's, and so is one of its name that is new."""
    world.calls.status = 410
    changed = replace(world.one, url="https://hooks.example.com/other")
    world.calls.hold = lambda: (world.store.put_endpoint(1, changed, ()), None)[1]
    task = world.send(1)
    with pytest.raises(Unavailable, match="the endpoint is being written at this moment"):
        world.run(task)
    assert (world.status(task), world.stopped) == ("pending", [("e", 1)])

    def make_anew() -> None:
        assert world.store.delete_endpoint(2, "e", ())
        assert world.store.put_endpoint(0, replace(world.one, made="n"), ())

    world.calls.hold = make_anew
    world.clock += tries.HELD_MS + 1
    assert world.run(task) == 1
    state = world.store.state("e")
    assert state
    assert (state.endpoint.made, state.endpoint.enabled) == ("n", True)


def test_a_task_is_put_off_three_times_and_then_left_to_the_schedule(world: World) -> None:
    for number in range(tries.SLOTS):
        world.store.take_slot("e", number, world.clock + 10 * tries.HELD_MS, world.clock, f"busy-{number}")
    task = world.send(1)
    waits = []
    for _ in range(4):
        world.run(task)
        if world.put_off:
            task, seconds = world.put_off.pop()
            waits.append(seconds)
    assert waits == [2, 10, 30]


def test_who_has_no_time_left_has_the_next_one_queued(world: World) -> None:
    first, second = world.send(1), world.send(2)
    assert world.run(first._replace(passed=2), in_time=False) == 1
    assert world.put_off == [(second, 0)], "which was never put off"
    state = world.store.state("e")
    assert state
    assert state.slots == {}


def test_what_is_due_is_tried_after_the_task_that_came(world: World) -> None:
    tasks = [world.send(number) for number in range(3)]
    assert world.run(tasks[0]) == 3


def test_an_endpoint_that_others_stop_at_the_same_time_is_told_of_under_one_revision(world: World) -> None:
    tasks = [world.send(number) for number in range(2)]
    world.calls.status = 410
    meanwhile = [tasks[1]]

    def other() -> None:
        if meanwhile:
            world.run(meanwhile.pop())

    world.calls.hold = other
    world.run(tasks[0])
    assert set(world.stopped) == {("e", 1)}
    state = world.store.state("e")
    assert state
    assert (state.endpoint.enabled, state.endpoint.stopped and state.endpoint.stopped.reason) == (
        False,
        "gone",
    )


def test_what_arrived_is_told(world: World) -> None:
    task = world.send(7)
    world.run(task)
    assert world.arrived == [("evt_7", "e", 204, NOW)]


def test_only_events_of_notices_are_of_one() -> None:
    def of(type_: str, data: dict[str, Any]) -> OutgoingEvent:
        return outgoing_of(Event("evt_1", type_, "acme", 1, data), "/scrip/t")

    expiring = {"unit": "credits", "notice_id": "n_1", "lot_id": "lot_1"}
    assert notice_of(of("scrip.lot.expiring", expiring)) == {
        "account": "acme",
        "unit": "credits",
        "notice_id": "n_1",
    }
    assert notice_of(of("scrip.entry.burn", {})) is None
