"""A call: what is to be sent, and what comes back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from scrip_client.bases import Request, format_instant
from scrip_client.errors import Unsendable

Answered = TypeVar("Answered")


class Omitted(Enum):
    """Stands for a member that is left out, which is something else than null."""

    OMITTED = "omitted"

    def __repr__(self) -> str:
        return "OMITTED"


OMITTED: Final = Omitted.OMITTED


@dataclass(frozen=True, slots=True)
class Call(Generic[Answered]):
    """One call of an operation. It may be sent several times, and is then always the same request.

    Attributes:
        method: the method.
        path: the path, its ids encoded.
        answer: the model of its answer; ``str`` for CSV, ``NoneType`` where nothing is answered.
        body: the model of its body.
        members: the body's members; those that are ``OMITTED`` are not sent.
        content: a body that is sent as it is.
        query: the query's parameters; those that are None are not sent.
        headers: further headers; those that are None are not sent.
        keyed: whether it has an Idempotency-Key.
        key: the key that was given; None: one is made.
        clocked: whether it may be decided as at another instant.
        clock: that instant.
        repeatable: whether it may be sent again though it may have been carried out.
    """

    method: str
    path: str
    answer: type[Answered]
    body: type[Request] | None = None
    members: Mapping[str, Any] = field(default_factory=dict)
    content: bytes | str | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    keyed: bool = False
    key: str | None = None
    clocked: bool = False
    clock: datetime | str | None = None
    repeatable: bool = True

    def idempotency_key(self) -> str | None:
        """Returns the key of all its attempts: the given one, or one that nobody else has."""
        if not self.keyed:
            return None
        return str(uuid.uuid4()) if self.key is None else self.key

    def sent_headers(self, key: str | None, clock: datetime | str | None) -> dict[str, str]:
        """Returns the headers that are this call's own.

        Raises:
            Unsendable: one of them is no printable ASCII.
        """
        found = {name: value for name, value in self.headers.items() if value is not None}
        found["accept"] = "text/csv" if self.answer is str else "application/json"
        if self.body or self.content is not None:
            found["content-type"] = "application/json"
        if key is not None:
            found["idempotency-key"] = key
        clock = self.clock or clock
        if self.clocked and clock:
            found["scrip-test-clock"] = text(clock)
        for name, value in found.items():
            check_header(name, value)
        return found

    def sent_query(self) -> list[tuple[str, str]]:
        """Returns the query's parameters. ``{"job": "1"}`` of ``metadata`` is ``metadata.job=1``."""
        found: list[tuple[str, str]] = []
        for name, value in self.query.items():
            if isinstance(value, Mapping):
                found += [(f"{name}.{part}", text(one)) for part, one in value.items()]
            elif value is not None:
                found.append((name, text(value)))
        return found

    def sent_body(self) -> bytes | None:
        """Returns the body.

        Raises:
            Unsendable: a member is missing, unknown or of a wrong type.
        """
        if self.content is not None:
            return self.content.encode() if isinstance(self.content, str) else self.content
        if self.body is None:
            return None
        given = {name: value for name, value in self.members.items() if value is not OMITTED}
        try:
            made = self.body.model_validate(given)
        except ValidationError as invalid:
            raise Unsendable(
                "; ".join(
                    f"{'.'.join(map(str, one['loc'])) or self.body.__name__}: {one['msg']}"
                    for one in invalid.errors(include_url=False, include_context=False)
                )
            ) from None
        return made.model_dump_json(by_alias=True, exclude_unset=True).encode()


def segment(name: str, value: str) -> str:
    """Returns an id as a segment of a path.

    Raises:
        Unsendable: it is empty, or one or two points: no URL can say these, and the path would be that of something
            else.
    """
    if value in ("", ".", ".."):
        raise Unsendable(f"{name}: {value!r} cannot stand in a URL")
    return quote(value, safe="")


def check_header(name: str, value: str) -> None:
    """Checks that a header can be sent.

    Raises:
        Unsendable: it is empty, or no printable ASCII.
    """
    if not value or not value.isascii() or not value.isprintable():
        raise Unsendable(f"{name}: must be printable ASCII, and not empty")


def text(value: object) -> str:
    """Returns a value as a query or a header has it.

    Raises:
        Unsendable: an instant does not say its zone.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Unsendable(f"{value.isoformat()}: an instant must say its zone")
        return format_instant(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
