"""What is put on its way to whom, what is queued of it, and how long it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import NotFound
from scrip.domain.notifications.dispatch import DispatchAttempt
from scrip.services.notifications import dispatches
from scrip.services.notifications.dispatches import DispatchTask
from scrip.services.notifications.endpoints import list_endpoints
from scrip.services.notifications.past import keep
from scrip.store import notifications
from tests.services.notifications.test_tries import NOW, World
from tests.services.notifications.test_tries import world as world

PLACE = "001900000000001#evt_1"
SAID = {"endpoint_id": "e", "made": "m", "place": PLACE}


def test_a_task_is_read_as_its_queue_carries_it() -> None:
    task = DispatchTask("e", "m", PLACE, 5, 2)
    assert DispatchTask.from_json(task.to_json(), True) == task
    assert DispatchTask.from_json(task.to_json(), False) == task._replace(at=None), "there is no test clock"
    assert DispatchTask.from_json(SAID, True) == DispatchTask("e", "m", PLACE, None, 0)


@pytest.mark.parametrize("at", [-62_135_596_800_001, 253_402_300_800_000, True, 1.0, "1"])
def test_an_instant_that_is_none_is_refused(at: Any) -> None:
    with pytest.raises(ValueError, match="at is no instant"):
        DispatchTask.from_json({**SAID, "at": at}, True)


@pytest.mark.parametrize("at", [-62_135_596_800_000, 0, 253_402_300_799_999])
def test_the_first_instant_and_the_last_are_some(at: int) -> None:
    assert DispatchTask.from_json({**SAID, "at": at}, True).at == at


def test_what_is_on_its_way_is_kept_for_35_days_by_the_machines_clock(world: World) -> None:
    """Its bytes, and how it stands, also once it has arrived."""
    world.clock += 999
    world.run(world.send(1))
    event = world.store.kept_event("evt_1")
    assert event
    keep(world.store, replace(event, event_id="evt_2"), world.clock)
    rows = world.store.client.scan(TableName="notifications")["Items"]
    assert {row["ends"]["N"] for row in rows if "ends" in row} == {"1903024000"}
    assert sum("ends" in row for row in rows) == 4, (
        "both events, the dispatch, and that the second may be replayed"
    )


def test_it_goes_to_whoever_wants_it_at_once_or_by_the_test_clock_at_its_instant(world: World) -> None:
    others = [
        replace(world.one, endpoint_id="f", types=("scrip.lot.*",)),
        replace(world.one, endpoint_id="g", accounts=("beta",)),
        replace(world.one, endpoint_id="h", accounts=("acme",)),
    ]
    task = world.send(5)
    event = world.store.kept_event("evt_5")
    assert event
    queued: list[DispatchTask] = []
    endpoints = [world.one, *others]
    assert dispatches.send(world.store, endpoints, event, NOW, False, queued.extend) == 2
    assert queued == [task, task._replace(endpoint_id="h")]
    queued.clear()
    assert dispatches.send(world.store, endpoints, event, NOW, True, queued.extend) == 2
    assert queued == [task._replace(at=NOW + 5), task._replace(endpoint_id="h", at=NOW + 5)]
    assert dispatches.send(world.store, others[:2], event, NOW, False, queued.extend) == 0
    assert len(queued) == 2


def test_the_schedule_queues_so_many_of_what_is_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatches, "WOKEN", 2)
    world.clock += 10
    tasks = [world.send(number) for number in range(3)]
    queued: list[DispatchTask] = []
    assert dispatches.wake(world.store, NOW + 9, False, queued.extend) == 0
    assert dispatches.wake(world.store, NOW + 10, False, queued.extend) == 2
    assert queued == tasks[:2]
    queued.clear()
    assert dispatches.wake(world.store, NOW + 10, True, queued.extend) == 2
    assert queued == [task._replace(at=NOW + 10) for task in tasks[:2]]


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_sent_again_is_due_at_once_unless_its_first_try_is_still_to_come(
    world: World, fails: bool
) -> None:
    task = world.send(1)
    event = world.store.kept_event("evt_1")
    assert event
    if fails:
        world.calls.status = 500
        world.run(task)
    before = world.store.dispatch(task.owner, task.place)
    (again,) = dispatches.put_on_the_way(world.store, event, [world.one], NOW, NOW + 7, again=True)
    assert again == task
    after = world.store.dispatch(task.owner, task.place)
    assert before
    assert after
    if not fails:
        assert after == before
        return
    assert (after.dispatch.status, after.dispatch.tries, after.dispatch.next_attempt_at) == (
        "pending",
        0,
        NOW + 7,
    )
    assert after.dispatch.attempts == (DispatchAttempt(NOW, 500, None, 1),)


@pytest.mark.parametrize(("limit", "pages"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (4, [3])])
def test_endpoints_come_in_pages(world: World, limit: int, pages: list[int]) -> None:
    for name in ("f", "g"):
        assert world.store.put_endpoint(0, replace(world.one, endpoint_id=name), ())
    found: list[list[str]] = []
    after: str | None = None
    while True:
        page = list_endpoints(world.store, limit, after)
        found.append([name for name, _ in page.items])
        after = page.following
        if after is None:
            break
    assert [len(names) for names in found] == pages
    assert [name for names in found for name in names] == ["e", "f", "g"]


def test_of_an_endpoint_that_there_is_not_nothing_was_sent(world: World) -> None:
    with pytest.raises(NotFound) as refused:
        dispatches.list_dispatches(world.store, "x", None, 10, None)
    assert refused.value.facts == {"endpoint_id": "x"}
    assert notifications.owner_of(world.one) == "e#m"
