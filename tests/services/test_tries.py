"""Whoever is not as fast as other writers tries again, so often and no more, and changes nothing; where it waits in
between it does so at random, and not before its first try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final

import pytest

from scrip.domain.accounts.profile import Profile
from scrip.domain.credits.errors import Contended
from scrip.services.accounts import erasure, opt_outs, profiles
from scrip.services.audit.changes import Author
from scrip.services.catalogue import keys, notice_spans, versions
from scrip.services.catalogue.keys import KeyAsker, NewKey
from scrip.services.engine.executor import Executor, Moment
from scrip.services.finance import statement_keys
from scrip.services.finance.statement_keys import StatementSigner
from scrip.services.notifications import endpoints
from scrip.services.notifications.calls import EndpointCaller
from scrip.services.notifications.endpoints import EndpointAsker, EndpointDesk, WantedEndpoint
from scrip.services.search import reindexing
from scrip.services.wallets import extensions
from scrip.services.wallets.extensions import Extension
from scrip.store.api_keys import ApiKeys
from scrip.store.deliveries import Deliveries
from scrip.store.notifications import Notifications
from scrip.store.shards import LedgerStream
from scrip.store.tables import Tables
from simulation.stream import ARN, Stream
from tests.aws import Fault, InMemory

AUTHOR: Final = Author("key:ann", 1_893_456_000_000)
ASKER: Final = KeyAsker(AUTHOR, "request", "proof")
EXTENSION: Final = Extension("outage", "P1D", "credits", "key:ann")
URL: Final = "https://93.184.216.34/"
WRITES: Final = {
    "PutItem": Fault.error("ConditionalCheckFailedException"),
    "UpdateItem": Fault.error("ConditionalCheckFailedException"),
    "TransactWriteItems": Fault.cancelled("ConditionalCheckFailed"),
}
"""Each conditional write, and what DynamoDB answers where another one came before."""


class Behind:
    """A table in memory that has everything, and how often somebody wrote whom other writers were faster than."""

    def __init__(self) -> None:
        self.client = InMemory()
        self.tables = Tables(self.client, "wallets", "ledger")  # type: ignore[arg-type]
        self.executor = Executor(self.tables)
        self.deliveries = Deliveries(self.client, "wallets")  # type: ignore[arg-type]
        self.keys = ApiKeys(self.client, "wallets")  # type: ignore[arg-type]
        notifications = Notifications(self.client, "wallets")  # type: ignore[arg-type]
        caller = EndpointCaller(False, lambda *_: [])
        self.desk = EndpointDesk(notifications, self.tables, caller, lambda secret, _: secret, "/scrip/tests")
        self.ledger = LedgerStream(Stream(lambda: AUTHOR.at), ARN)
        self.writes = 0

    def key(self) -> str:
        """Makes a key."""
        return keys.create_key(self.keys, self.tables, NewKey(("read",)), KeyAsker(AUTHOR)).key.key_id

    def endpoint(self, url: str = URL) -> str:
        """Puts an endpoint."""
        wanted = WantedEndpoint("crm", url, ("*",), None, True)
        return endpoints.put_endpoint(self.desk, wanted, AUTHOR).state.endpoint.endpoint_id

    @contextmanager
    def faster(self) -> Iterator[None]:
        """Has others be faster with each write."""
        for operation, fault in WRITES.items():

            def refuse(fault: Callable[[], Any] = fault, **_: Any) -> Any:
                self.writes += 1
                return fault()

            self.client.meta.events.register(f"before-call.dynamodb.{operation}", refuse)
        yield


def _create_key(world: Behind) -> Callable[[], Any]:
    return lambda: keys.create_key(world.keys, world.tables, NewKey(("read",)), ASKER)


def _rotate_key(world: Behind) -> Callable[[], Any]:
    key_id = world.key()
    return lambda: keys.rotate_key(world.keys, world.tables, key_id, ASKER)


def _delete_key(world: Behind) -> Callable[[], Any]:
    key_id = world.key()
    return lambda: keys.delete_key(world.keys, world.tables, key_id, AUTHOR)


def _make_endpoint(world: Behind) -> Callable[[], Any]:
    return world.endpoint


def _change_endpoint(world: Behind) -> Callable[[], Any]:
    world.endpoint()
    return lambda: world.endpoint(f"{URL}other")


def _rotate_endpoint(world: Behind) -> Callable[[], Any]:
    one = world.endpoint()
    return lambda: endpoints.rotate(world.desk, one, EndpointAsker(AUTHOR))


def _delete_endpoint(world: Behind) -> Callable[[], Any]:
    one = world.endpoint()
    return lambda: endpoints.delete_endpoint(world.desk, one, AUTHOR)


def _define(world: Behind) -> Callable[[], Any]:
    return lambda: versions.put_version(world.tables, "unit#a", ("unit", "a"), {"precision": 2}, AUTHOR)


def _number_spans(world: Behind) -> Callable[[], Any]:
    return lambda: notice_spans.number_of(world.tables, "images", ("P7D",))


def _end_letters(world: Behind) -> Callable[[], Any]:
    return lambda: opt_outs.end(world.tables, opt_outs.recipient("acme", "ann@example.com"), AUTHOR.at)


def _list_statement_keys(world: Behind) -> Callable[[], Any]:
    signer = StatementSigner(b"public", lambda _: b"")
    return lambda: statement_keys.list_keys(world.tables, signer, AUTHOR.at)


def _reindex(world: Behind) -> Callable[[], Any]:
    """Notes each time that the only shard is read until now, and then which shards count."""
    return lambda: reindexing.reindex(world.tables, world.ledger, lambda: AUTHOR.at, 1)


def _put_profile(world: Behind) -> Callable[[], Any]:
    return lambda: profiles.put(world.tables, "acme", Profile(name="Ann"), AUTHOR)


def _erase_profile(world: Behind) -> Callable[[], Any]:
    profiles.put(world.tables, "acme", Profile(name="Ann"), AUTHOR)
    return lambda: erasure.erase(world.tables, world.deliveries, "acme", AUTHOR, lambda: True)


def _begin_extension(world: Behind) -> Callable[[], Any]:
    return lambda: extensions.extend_all(world.executor, EXTENSION)


def _extend_all(world: Behind) -> Callable[[], Any]:
    extensions.extend(world.executor, EXTENSION, [], Moment(AUTHOR.at), lambda: True)
    return lambda: extensions.extend_all(world.executor, EXTENSION)


CASES: Final = [
    (_create_key, 14, keys, "others make a key under this Idempotency-Key"),
    (_rotate_key, 14, keys, "others rotate this key"),
    (_delete_key, 14, keys, "others change this key"),
    (_make_endpoint, 8, endpoints, "others write this endpoint"),
    (_change_endpoint, 8, endpoints, "others write this endpoint"),
    (_rotate_endpoint, 8, endpoints, "others write this endpoint"),
    (_delete_endpoint, 8, endpoints, "others write this endpoint"),
    (_define, 5, None, "several writers of this unit at once"),
    (_put_profile, 5, None, "several writers of this profile at once"),
    (_erase_profile, 5, None, "several writers of this profile at once"),
    (_number_spans, 5, None, "several writers of expiry_notices at once"),
    (_end_letters, 5, None, "several writers of this opt-out at once"),
    (_list_statement_keys, 5, None, "the list of keys is changed faster than it can be read"),
    (_reindex, 10, None, "looks at the stream were faster each time"),
    (_begin_extension, 14, None, "others extend for this incident at this moment"),
    (_extend_all, 14, None, "others extend for this incident at this moment"),
]
"""What is done, how many writes it takes until it is given up, which module waits in between, and what is said then."""


@pytest.mark.parametrize(
    ("doing", "writes", "waiting", "said"), CASES, ids=[case[0].__name__ for case in CASES]
)
def test_it_is_given_up_after_so_many_tries(
    monkeypatch: pytest.MonkeyPatch,
    doing: Callable[[Behind], Callable[[], Any]],
    writes: int,
    waiting: Any,
    said: str,
) -> None:
    waits: list[tuple[float, float]] = []
    if waiting:
        monkeypatch.setattr(waiting, "random", SimpleNamespace(uniform=lambda *bounds: bounds))
        monkeypatch.setattr(waiting, "time", SimpleNamespace(sleep=waits.append))
    world = Behind()
    act = doing(world)
    assert waits == []
    with world.faster(), pytest.raises(Contended, match=said):
        act()
    assert world.writes == writes
    assert waits == ([(0, 0.02)] * (writes - 1) if waiting else [])
