"""Takes apart a webhook's body: its type, and the object that it is about.

``translate`` of every provider does the same, except for what it reads in the object. Whatever is needed and cannot
be read becomes ``Parked``, with the reason and the refund, dispute or payment it is about. What an object means is
for the provider's own module.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from scrip.domain.payments.delivery import Delivery, Names, Parked
from scrip.domain.payments.facts import Fact, shown
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.subscription import Standing
from scrip.providers.reading import Json, Unreadable, is_id


class Read(NamedTuple):
    """What one object says: the payment it is of (None: it does not say), facts, and what could not be used."""

    payment_id: str | None
    facts: tuple[Fact, ...] = ()
    parked: tuple[Parked, ...] = ()


class Subject(NamedTuple):
    """What an object is about, as far as it says so.

    ``payment_id`` is None where it does not say. ``about`` is the name under which a reason is parked: ``payment``,
    ``refund:<id>`` or ``dispute:<id>``.
    """

    payment_id: str | None
    about: str


class Origin(NamedTuple):
    """Where what a body says comes from, as far as the body tells: nothing of it decides whether it can be read.

    ``api_version`` is that of the provider's API, ``said_at`` the event's instant in epoch milliseconds, ``names`` what
    its payment is of, ``account`` which of the provider's accounts sent it, ``standing`` how a subscription stands,
    ``method`` what it was paid with.
    """

    api_version: str | None = None
    said_at: int | None = None
    names: Names = Names()
    account: str | None = None
    standing: Standing | None = None
    method: PaymentMethod | None = None


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A webhook's body, taken apart.

    Attributes:
        body: the whole body; empty where it is no object.
        type: what it calls its event; None where that is no text.
        found: the object that it is about; None where there is none.
    """

    body: Json
    type: str | None
    found: Json | None

    @property
    def family(self) -> str:
        """Returns the type up to its first point, such as ``payment``: the kind of object that the event is about."""
        return (self.type or "").partition(".")[0]

    @property
    def data(self) -> Json:
        """Returns the object that the event is about; an empty one where there is none."""
        return self.found or {}

    def complete(self, type_: str, data: str) -> str:
        """Returns the event's type; the arguments are what the provider calls the type and the object.

        Raises ``Unreadable`` where there is no type or no object.
        """
        if self.type is None or self.found is None:
            raise Unreadable(f"the body has no {type_} or no {data}")
        return self.type

    def unknown(self) -> Unreadable:
        """Makes the error of an event whose type is new to us: a person has to look at it."""
        return Unreadable(f"unknown event type {shown(self.type)}")


def opened(body: Any, type_: str = "type", data: str = "data") -> WebhookEvent:
    """Takes apart a body, parsed from JSON, with these names of its type and its object. Never raises."""
    envelope: Json = body if isinstance(body, Mapping) else {}
    named, found = envelope.get(type_), envelope.get(data)
    return WebhookEvent(
        envelope, named if isinstance(named, str) else None, found if isinstance(found, Mapping) else None
    )


def delivered(
    provider: str,
    event: WebhookEvent,
    read: Callable[[WebhookEvent], Read],
    subject: Callable[[Json, str], Subject],
    origin: Origin | None = None,
) -> Delivery:
    """Returns what ``read`` finds in an event, as a delivery; what it cannot read is parked.

    ``subject`` is asked of the object and the event's family. Only ``read`` may raise, and only ``Unreadable``: then
    this never raises.
    """
    said = read_or_parked(lambda: read(event), lambda: subject(event.data, event.family))
    delivery = Delivery(provider, "" if event.type is None else shown(event.type), *said)
    origin = origin or Origin()
    return replace(
        delivery,
        api_version=origin.api_version,
        said_at=origin.said_at,
        names=origin.names,
        own=origin.account,
        standing=None if said.parked else origin.standing,
        method=origin.method,
    )


def account_mark(ours: str | None, member: str, said: str | None) -> str | None:
    """Returns what a delivery says of the account that it is of, where that is to be held against the first one seen.

    That is where ``ours`` is empty: a setting says it else, or that nothing is checked (None). ``said`` is the value of
    the ``member``; empty is returned where it is None.
    """
    if ours != "":
        return None
    return "" if said is None else f"{member} {shown(said)}"


def read_or_parked(read: Callable[[], Read], subject: Callable[[], Subject]) -> Read:
    """Returns what ``read`` finds; where it raises ``Unreadable``, the reason parked under its ``subject``."""
    try:
        return read()
    except Unreadable as reason:
        payment_id, about = subject()
        return Read(payment_id, (), (Parked(about, str(reason)),))


def about(kind: Any, name: Any) -> str:
    """Names the refund or dispute that a reason is parked under; the payment for any other kind, or without an id."""
    return f"{kind}:{name}" if kind in ("refund", "dispute") and is_id(name) else "payment"


def parsed(raw: bytes) -> Json:
    """Parses a body whose signature holds; an empty object where it is no JSON object. Never raises."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
