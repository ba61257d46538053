"""Changes of endpoints that others make at the same time, and what is kept of a rotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from scrip.domain.credits.errors import Contended
from scrip.domain.events.event import Event
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.services.audit.changes import Author
from scrip.services.notifications import endpoints
from scrip.services.notifications.calls import EndpointCaller
from scrip.services.notifications.endpoints import EndpointAsker, EndpointDesk, WantedEndpoint
from scrip.store import documents, notifications
from scrip.store.notifications import Notifications
from tests.services.notifications.test_tries import NOW, World
from tests.services.notifications.test_tries import world as world

AUTHOR = Author("key:ann", NOW)
WANTED = WantedEndpoint("e", "https://hooks.example.com/", ("*",), None, True)


def at_the_desk(world: World) -> EndpointDesk:
    caller = EndpointCaller(False, lambda *_: ["8.8.8.8"])
    return EndpointDesk(world.store, world.store.tables, caller, lambda secret, _: secret, "/scrip/t")


def put(desk: EndpointDesk) -> None:
    endpoints.put_endpoint(desk, WANTED, AUTHOR)


def delete(desk: EndpointDesk) -> None:
    endpoints.delete_endpoint(desk, "e", AUTHOR)


def rotate(desk: EndpointDesk) -> None:
    endpoints.rotate(desk, "e", EndpointAsker(AUTHOR))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was waited for, by chance between two bounds."""
    found: list[Any] = []
    monkeypatch.setattr(endpoints, "random", SimpleNamespace(uniform=lambda *bounds: bounds))
    monkeypatch.setattr(endpoints, "time", SimpleNamespace(sleep=found.append))
    return found


@pytest.mark.parametrize("change", [put, delete, rotate])
def test_who_finds_others_faster_eight_times_is_told_so_after_seven_pauses_of_some_milliseconds(
    world: World, monkeypatch: pytest.MonkeyPatch, waits: list[Any], change: Callable[[EndpointDesk], None]
) -> None:
    for name in ("put_endpoint", "delete_endpoint"):
        monkeypatch.setattr(Notifications, name, lambda *_: False)
    with pytest.raises(Contended, match="others write this endpoint at the same time"):
        change(at_the_desk(world))
    assert waits == [(0, 0.02)] * 7


@pytest.mark.parametrize("change", [put, delete, rotate])
def test_who_finds_another_faster_once_changes_what_that_one_has_made(
    world: World, monkeypatch: pytest.MonkeyPatch, waits: list[Any], change: Callable[[EndpointDesk], None]
) -> None:
    for name in ("put_endpoint", "delete_endpoint"):
        real, turns = getattr(Notifications, name), iter([False])

        def late(*of: Any, real: Any = real, turns: Any = turns) -> bool:
            found: bool = next(turns, True) and real(*of)
            return found

        monkeypatch.setattr(Notifications, name, late)
    change(at_the_desk(world))
    assert waits == [(0, 0.02)]
    state = world.store.state("e")
    assert (state.rev if state else None) == (None if change is delete else 2)


@pytest.mark.parametrize(
    ("enabled", "wanted", "failing"),
    [
        (True, WANTED, NOW),
        (True, replace(WANTED, types=("scrip.lot.*",)), NOW),
        (True, replace(WANTED, url="https://other.example.com/"), None),
        (True, replace(WANTED, url="https://other.example.com/", enabled=False), NOW),
        (False, WANTED, None),
        (False, replace(WANTED, enabled=False), NOW),
    ],
)
def test_what_failed_counts_until_it_is_enabled_again_or_leads_elsewhere(
    world: World, enabled: bool, wanted: WantedEndpoint, failing: int | None
) -> None:
    assert world.store.put_endpoint(1, replace(world.one, enabled=enabled), ())
    world.store.fail("e", NOW)
    made = endpoints.put_endpoint(at_the_desk(world), wanted, AUTHOR).state
    stored = world.store.state("e")
    assert stored
    assert (made.failing_since, made.rev, stored) == (failing, 3, made)


def test_of_what_never_failed_nothing_is_taken_back(world: World) -> None:
    client: Any = world.store.client
    client.calls.clear()
    elsewhere = replace(WANTED, url="https://other.example.com/")
    assert endpoints.put_endpoint(at_the_desk(world), elsewhere, AUTHOR).state.failing_since is None
    assert client.calls == ["query", "transact_write_items"]


def test_of_a_rotation_under_a_key_its_endpoint_a_salt_and_a_hash_are_kept(world: World) -> None:
    asker = EndpointAsker(AUTHOR, "key-1", "scrip_mine")
    rotated = endpoints.rotate(at_the_desk(world), "e", asker)
    kept = documents.get(world.store.tables, notifications.request(endpoints.hashed("key-1"))).body
    assert (kept["endpoint_id"], len(kept["salt"]), len(kept["secret"])) == ("e", 32, 64)
    assert rotated.secret
    assert rotated.secret not in str(kept)


def test_a_test_that_is_asked_for_under_no_key_is_another_each_time(world: World) -> None:
    names: list[str] = []

    def tested(one: WebhookEndpoint, named: str, at: int) -> Event:
        names.append(named)
        return Event(f"evt_{named}", "scrip.webhook.test", None, at, {"endpoint_id": one.endpoint_id})

    def send(request: str | None) -> str:
        asker = EndpointAsker(AUTHOR, request)
        return endpoints.send_test(at_the_desk(world), "e", tested, asker, NOW, False)[0]

    sent: Sequence[str] = [send(None), send(None), send("key-1"), send("key-1")]
    assert len({*sent}) == 3
    assert sent[2] == sent[3] == f"evt_{endpoints.hashed('key-1')}"
    assert [len(name) for name in names] == [32, 32, 64, 64]
