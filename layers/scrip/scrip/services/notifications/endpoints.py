"""Endpoints are put, read, rotated, tested, deleted.

A secret is encrypted as it is made, by whoever cannot decrypt it, and shown once. Under an Idempotency-Key a rotation's
is derived from the caller's own key, which is stored nowhere: so the same caller is shown the same secret again.

Does not own what is sent (``dispatches``), nor how a secret is encrypted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.errors import Contended, InvalidRequest, KeyReused, PolicyViolation
from scrip.domain.events.event import Event, cloud_event
from scrip.domain.notifications.endpoint import EndpointSecret, WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.audit.changes import Author, Change, record
from scrip.services.engine.paging import Found
from scrip.services.notifications.calls import EndpointCaller
from scrip.services.notifications.dispatches import DispatchTask, put_on_the_way, state_of
from scrip.store import documents, notifications
from scrip.store.documents import NEW
from scrip.store.notifications import EndpointState as EndpointState
from scrip.store.notifications import Notifications
from scrip.store.tables import Item, Tables

MOST_ENDPOINTS: Final = 50
"""Each event is held against all of them."""
TRIES: Final = 8
SECRET_BYTES: Final = 32

Seal = Callable[[str, str], str]
"""Encrypts a secret, for an endpoint's id."""


@dataclass(frozen=True, slots=True)
class WantedEndpoint:
    """An endpoint as it is asked for."""

    endpoint_id: str
    url: str
    types: tuple[str, ...]
    accounts: tuple[str, ...] | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class EndpointAsker:
    """Who asks for something of an endpoint.

    Attributes:
        request: the Idempotency-Key; None: it is another request each time.
        proof: the caller's own key, which only the caller has.
    """

    author: Author
    request: str | None = None
    proof: str = ""


@dataclass(frozen=True, slots=True)
class PutEndpoint:
    """An endpoint that was put; ``secret`` where it is new."""

    state: EndpointState
    secret: str | None


@dataclass(frozen=True, slots=True)
class RotatedEndpoint:
    """An endpoint with a new secret; None where somebody else asked for it the first time."""

    state: EndpointState
    secret: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class EndpointDesk:
    """What changes of endpoints need of what is around them.

    Attributes:
        tables: where the audit is.
        source: of events, ``/scrip/<stack>``.
    """

    store: Notifications
    tables: Tables
    caller: EndpointCaller
    seal: Seal
    source: str


def put_endpoint(desk: EndpointDesk, wanted: WantedEndpoint, author: Author) -> PutEndpoint:
    """Makes an endpoint with a secret, or changes all but the secrets of one. Enabled again, it has a new start.

    Raises:
        InvalidRequest: its URL may not be called.
        PolicyViolation: there are so many endpoints already.
        Contended: others write it at this moment.
    """
    try:
        desk.caller.check(wanted.url)
    except ValueError as error:
        raise InvalidRequest([("url", str(error))]) from error
    for _ in _tries():
        state, secret = desk.store.state(wanted.endpoint_id), None
        if state is None:
            if len(desk.store.all_endpoints()) >= MOST_ENDPOINTS:
                raise PolicyViolation(
                    f"there are {MOST_ENDPOINTS} webhook endpoints: delete one, or widen the types of one",
                    policy="max_webhook_endpoints",
                )
            secret = secrets.token_bytes(SECRET_BYTES)
            one = _made(wanted, desk.seal(_text(secret), wanted.endpoint_id), author.at)
            before = None
        else:
            one, before = _changed(state.endpoint, wanted), _told(state.endpoint)
        change = Change("webhook_endpoint.put", wanted.endpoint_id, before, _told(one))
        rev = state.rev if state else NEW
        if desk.store.put_endpoint(rev, one, [record(desk.tables, author, change)]):
            failing = state.failing_since if state else None
            if failing is not None and state and one.enabled and _starts_anew(state.endpoint, one):
                desk.store.recover(wanted.endpoint_id)
                failing = None
            put = EndpointState(rev + 1, one, failing, {})
            return PutEndpoint(put, _text(secret) if secret else None)
    raise Contended("others write this endpoint at the same time: send it again")


def list_endpoints(store: Notifications, limit: int, after: str | None) -> Found[str, EndpointState]:
    """Returns a page of endpoints, by their ids, from behind one: three calls, as they are few."""
    found = [one for one in store.all_states() if after is None or one.endpoint.endpoint_id > after]
    items = [(one.endpoint.endpoint_id, one) for one in found[:limit]]
    return Found(items, items[-1][0] if len(found) > limit else None)


def delete_endpoint(desk: EndpointDesk, endpoint_id: str, author: Author) -> None:
    """Removes an endpoint: nothing is sent to it any more.

    Raises:
        NotFound: there is none.
        Contended: others write it at this moment.
    """
    for _ in _tries():
        state = state_of(desk.store, endpoint_id)
        change = Change("webhook_endpoint.delete", endpoint_id, _told(state.endpoint), None)
        if desk.store.delete_endpoint(state.rev, endpoint_id, [record(desk.tables, author, change)]):
            return
    raise Contended("others write this endpoint at the same time: send it again")


def rotate(desk: EndpointDesk, endpoint_id: str, asker: EndpointAsker) -> RotatedEndpoint:
    """Gives an endpoint a new secret. The one before signs beside it for 24 h, and older ones not any more.

    Raises:
        NotFound: there is no such endpoint.
        KeyReused: something else was asked for under the Idempotency-Key.
        Contended: others write it at this moment.
    """
    for _ in _tries():
        state = state_of(desk.store, endpoint_id)
        if known := _known(desk, state, asker):
            return known
        salt = secrets.token_hex(16)
        secret = _secret(asker, salt)
        rotated = state.endpoint.rotated(desk.seal(_text(secret), endpoint_id), asker.author.at)
        change = Change("webhook_endpoint.rotate", endpoint_id, _told(state.endpoint), _told(rotated))
        beside = [
            record(desk.tables, asker.author, change),
            *_request(desk, asker, endpoint_id, salt, secret),
        ]
        if desk.store.put_endpoint(state.rev, rotated, beside):
            return RotatedEndpoint(state._replace(rev=state.rev + 1, endpoint=rotated), _text(secret))
    raise Contended("others write this endpoint at the same time: send it again")


Tested = Callable[[WebhookEndpoint, str, int], Event]
"""Makes the event of a test, of its endpoint, a text that tells it from others, and its instant."""


def send_test(
    desk: EndpointDesk, endpoint_id: str, tested: Tested, asker: EndpointAsker, now: int, pinned: bool
) -> tuple[str, DispatchTask]:
    """Puts a test on its way to an endpoint, enabled or not, whatever its types; returns its event's id and its task.

    Args:
        now: the machine's clock, epoch milliseconds.
        pinned: whether it is asked for by the test clock.

    Raises:
        NotFound: there is no such endpoint.
    """
    one = state_of(desk.store, endpoint_id).endpoint
    named = hashed(asker.request) if asker.request is not None else secrets.token_hex(16)
    test = tested(one, named, asker.author.at)
    # What is asked for again was sent at its instant.
    event = desk.store.kept_event(test.id) or outgoing_of(test, desk.source)
    (task,) = put_on_the_way(desk.store, event, [one], now, event.at, pinned=pinned)
    return test.id, task


def outgoing_of(event: Event, source: str) -> OutgoingEvent:
    """Returns an event as it goes out."""
    return OutgoingEvent(event.id, event.type, event.account, event.at, cloud_event(event, source))


def _made(wanted: WantedEndpoint, sealed: str, at: int) -> WebhookEndpoint:
    return WebhookEndpoint(
        endpoint_id=wanted.endpoint_id,
        made=secrets.token_hex(4),
        url=wanted.url,
        types=wanted.types,
        accounts=wanted.accounts,
        enabled=wanted.enabled,
        created_at=at,
        secrets=(EndpointSecret(sealed, at, None),),
    )


def _changed(one: WebhookEndpoint, wanted: WantedEndpoint) -> WebhookEndpoint:
    stopped = None if wanted.enabled else one.stopped
    return replace(
        one,
        url=wanted.url,
        types=wanted.types,
        accounts=wanted.accounts,
        enabled=wanted.enabled,
        stopped=stopped,
    )


def _starts_anew(before: WebhookEndpoint, after: WebhookEndpoint) -> bool:
    """Tells whether what has failed so far says nothing any more."""
    return not before.enabled or before.url != after.url


def _told(one: WebhookEndpoint) -> dict[str, Any]:
    """Returns an endpoint as the audit keeps it: without its secrets."""
    bare = tuple(secret._replace(sealed="") for secret in one.secrets)
    return replace(one, secrets=bare).to_json()


def _known(desk: EndpointDesk, state: EndpointState, asker: EndpointAsker) -> RotatedEndpoint | None:
    """Returns what was answered under this Idempotency-Key before; None where nothing was. Raises ``KeyReused``."""
    if asker.request is None:
        return None
    kept = documents.get(desk.store.tables, notifications.request(hashed(asker.request))).body
    if not kept:
        return None
    if kept["endpoint_id"] != state.endpoint.endpoint_id:
        raise KeyReused("this Idempotency-Key was used for another request about endpoints: take a new one")
    secret = _secret(asker, kept["salt"])
    same = hmac.compare_digest(kept["secret"], hashlib.sha256(secret).hexdigest())
    return RotatedEndpoint(state, _text(secret) if same else None, replayed=True)


def _request(
    desk: EndpointDesk, asker: EndpointAsker, endpoint_id: str, salt: str, secret: bytes
) -> Iterator[Item]:
    """Yields the transact item that keeps what was asked for, so that it is answered the same again."""
    if asker.request is not None:
        body = {"endpoint_id": endpoint_id, "salt": salt, "secret": hashlib.sha256(secret).hexdigest()}
        pk = notifications.request(hashed(asker.request))
        yield documents.write(desk.store.tables, pk, NEW, body)


def _secret(asker: EndpointAsker, salt: str) -> bytes:
    """Returns a secret: at random, or, for a request that may come again, the same for the same caller and salt."""
    if asker.request is None or not asker.proof:
        return secrets.token_bytes(SECRET_BYTES)
    return hmac.new(asker.proof.encode(), f"{salt} {asker.request}".encode(), hashlib.sha256).digest()


def _text(secret: bytes) -> str:
    """Writes a secret as Standard Webhooks have it."""
    return "whsec_" + base64.b64encode(secret).decode("ascii")


def hashed(text: str) -> str:
    """Hashes a text that must not be stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _tries() -> Iterator[int]:
    """Counts tries; each but the first comes after a pause of some milliseconds, for another write to end."""
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, 0.02))
        yield number
