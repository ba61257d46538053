"""Events of usage as CloudEvents 1.0: what one has to say. Does not own how a request brings them (``intake``).

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.usage_events import UsageEvent
from scrip.http.edge.bodies import Body, Identifier
from scrip.http.edge.mistakes import matching, mistakes
from scrip.http.edge.parameters import instant
from scrip.http.usage.usage_data import DataMapping, UsageDataBody

NAME_PATTERN: Final = r"^[^\x00-\x1f\x7f-\x9f]{1,255}$"
NAME_FORM: Final = "must be 1 to 255 characters, none of them a control character"
TIME_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,30})?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
)
TIME_FORM: Final = "must be an RFC 3339 instant such as 2026-11-23T10:00:00.000Z"
_TIME: Final = re.compile(TIME_PATTERN.strip("^$"))
_ATTRIBUTE: Final = re.compile(r"[a-z0-9]{1,60}")
"""An extension's name."""
_OF_JSON: Final = re.compile(r"application/([a-z0-9.-]+\+)?json(\s*;.*)?", re.IGNORECASE)
OWN: Final = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data"}
)
"""Attributes that mean something here; what others do is not looked at."""


def _time(value: Any) -> int:
    """Reads an instant with any number of decimals, of which three count."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(TIME_FORM)
    text = f"{value[:19]}{(found[1] or '')[:4]}{found[2]}".upper()
    try:
        return instant(text, "time")
    except InvalidRequest as error:
        raise ValueError(TIME_FORM) from error


def _is_json(text: str) -> str:
    if not _OF_JSON.fullmatch(text):
        raise ValueError("must be application/json: data is read as JSON")
    return text


EventName = Annotated[str, matching(NAME_PATTERN, NAME_FORM)]
EventTime = Annotated[
    int,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": TIME_PATTERN}),
]
"""Epoch milliseconds; on the wire an RFC 3339 text."""
JsonType = Annotated[str, StringConstraints(max_length=200), AfterValidator(_is_json)]


class UsageEventBody(Body):
    """So much of a meter, used by an account: a CloudEvent. Other attributes are extensions: not looked at."""

    model_config = ConfigDict(extra="ignore")

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: EventName
    """Which of its source's events it is. With `source` it is burned once for ever, however often it is sent."""
    source: EventName
    """Who saw it used: a service of yours, as `/api/eu-1`."""
    type: Identifier
    """The meter: its rate card says the price."""
    subject: Identifier
    """The account whose credits pay."""
    time: EventTime | None = None
    """When it was used: its price is of then. Left out: when it came."""
    datacontenttype: JsonType | None = None
    """What `data` is: JSON."""
    dataschema: Annotated[str, StringConstraints(max_length=2000)] | None = None
    """Of no meaning here."""
    data: UsageDataBody
    """What was used."""

    def event(self, came: int) -> UsageEvent:
        """Returns the event, which came at an instant (epoch milliseconds)."""
        data = self.data
        return UsageEvent(
            self.source,
            self.id,
            self.type,
            self.subject,
            data.quantity,
            came if self.time is None else self.time,
            data.unit,
            data.dimensions or {},
            data.member,
            data.tags,
        )


def readable(name: str) -> str:
    """Shortens a name that somebody sent, and replaces what no answer can hold."""
    return name[:60].encode("utf-8", "replace").decode()


def read_event(told: Any, came: int, mapping: DataMapping) -> UsageEvent:
    """Reads a CloudEvent that came at an instant (epoch milliseconds).

    Raises:
        InvalidRequest: with a line for each attribute that is wrong.
    """
    if not isinstance(told, Mapping):
        raise InvalidRequest([("event", "must be an object")])
    if "data_base64" in told:
        raise InvalidRequest([("data_base64", "send what was used as JSON, in data")])
    strange = [name for name in told if name not in OWN and not _ATTRIBUTE.fullmatch(name)]
    if strange:
        said = "is no name of an attribute: small letters and digits"
        raise InvalidRequest([(readable(name) or "event", said) for name in strange[:20]])
    data = mapping.of(told.get("data"))
    try:
        return UsageEventBody.model_validate({**told, "data": data}).event(came)
    except ValidationError as error:
        raise InvalidRequest(mistakes(error)) from error
