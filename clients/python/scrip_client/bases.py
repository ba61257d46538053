"""What every model is: a request takes no member that it does not know, an answer keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer, PrivateAttr


def format_instant(instant: datetime) -> str:
    """Writes an instant as Scrip does: UTC, with ``Z`` and three decimals. What is finer is cut off."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


Instant = Annotated[AwareDatetime, PlainSerializer(format_instant, return_type=str, when_used="json")]
"""An instant, which knows its zone: to the millisecond, and written with ``Z``."""


@dataclass(frozen=True, slots=True)
class Http:
    """What an answer came with.

    Attributes:
        status: the status.
        headers: the headers; their names are in lower case.
        request_id: names the request, for whoever looks for it in Scrip's log.
        replayed: whether this is the first answer again: the Idempotency-Key was used for the same request before.
        idempotency_key: the Idempotency-Key that the request had; None where it had none.
        attempts: how often it was sent until this answer came.
    """

    status: int
    headers: Mapping[str, str]
    request_id: str | None
    replayed: bool
    idempotency_key: str | None
    attempts: int


class Request(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
    )


class Answer(BaseModel):
    """A part of an answer. Members that this client does not know are kept: Scrip may add some."""

    model_config = ConfigDict(
        extra="allow",
        defer_build=True,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
    )
    _http: Http | None = PrivateAttr(default=None)

    @property
    def http(self) -> Http:
        """What the answer came with: its status, its headers, its request id.

        Raises:
            LookupError: this is a part of an answer; the whole has it.
        """
        if self._http is None:
            raise LookupError("only a whole answer knows what it came with")
        return self._http

    def came_with(self, http: Http) -> Self:
        """Notes what the answer came with."""
        self._http = http
        return self

    def to_dict(self) -> dict[str, Any]:
        """Returns the answer as Scrip's JSON: its names, its instants as text, and no member that did not come."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)
