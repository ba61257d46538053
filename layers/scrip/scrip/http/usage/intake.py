"""Events of usage as requests bring them: one or many CloudEvents, in any of the modes that HTTP has for them; and
meter events.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn
from urllib.parse import unquote

from pydantic import Field

from scrip.domain.credits.duplicates import duplicates
from scrip.domain.credits.errors import InvalidRequest, UnsupportedMediaType
from scrip.domain.credits.usage_events import UsageEvent
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body
from scrip.http.edge.parameters import TWICE
from scrip.http.edge.request import HttpRequest
from scrip.http.usage import meter_events
from scrip.http.usage.cloud_events import UsageEventBody, read_event, readable
from scrip.http.usage.usage_data import DataMapping

if TYPE_CHECKING:
    from scrip.http.edge.forms import Count

MOST: Final = 1_000
"""Events of one request."""
ONE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
ATTRIBUTE: Final = "ce-"
"""How a header begins that is an attribute of an event in binary mode."""
ATTRIBUTES: Final = tuple(f"{ATTRIBUTE}{name}" for name in ("specversion", "id", "source", "type", "subject"))
"""Headers of which one says that a request is in binary mode, so that of the others those that miss are told."""
TOLD: Final = 20
"""Mistakes that are told of one event."""

Lines = Sequence[tuple[str, str]]
"""What is wrong with an event: fields, and what they must be."""


class UsageBody(Body):
    """Events of usage, in any order."""

    events: Annotated[list[UsageEventBody], Field(min_length=1, max_length=MOST)]
    """CloudEvents 1.0, 1 to 1 000."""


class UsageMistakeView(TypedDict):
    """A member of an event that is wrong."""

    field: str
    """The member, with a point between it and what it is in."""
    message: str
    """What is wrong with it."""


class UsageRejectionView(TypedDict):
    """An event that was not accepted."""

    index: Count
    """Its place in the request, from 0."""
    errors: list[UsageMistakeView]
    """What is wrong with it."""


class UsageAcceptedView(TypedDict):
    """What is on its way to be burned. What cannot be burned then is told by the event `scrip.usage.rejected`."""

    accepted: Count
    """How many events are."""
    rejected: list[UsageRejectionView]
    """Those that are not, and why."""


def accepted_view(accepted: int, rejected: Mapping[int, Lines]) -> UsageAcceptedView:
    """Shows what became of the events of a request."""
    return {
        "accepted": accepted,
        "rejected": [
            {
                "index": index,
                "errors": [{"field": field, "message": message} for field, message in lines[:TOLD]],
            }
            for index, lines in sorted(rejected.items())
        ],
    }


def read(request: HttpRequest, came: int) -> list[UsageEvent | Lines]:
    """Reads the events of a request that came at an instant (epoch milliseconds): each, or what is wrong with it.

    Raises:
        BodyTooLarge, UnsupportedMediaType: the request is none of events.
        InvalidRequest: it is none, has no event, or more than ``MOST``.
    """
    query = request.query
    mapping = DataMapping.said(query.text("quantity"), query.text("dimensions"))
    key = request.idempotency_key()
    if request.media_type() == FORM:
        return [_read(meter_events.from_form(request.text()), came, mapping, key)]
    if request.media_type() not in (ONE, BATCH) and any(name in request.headers for name in ATTRIBUTES):
        return [_read(_binary(request), came, mapping, key)]
    told, twice = _structured(request)
    if not 1 <= len(told) <= MOST:
        raise InvalidRequest([("events", f"must be 1 to {MOST} events")])
    return [
        [(readable(field), TWICE) for field in twice[number]]
        if number in twice
        else _read(one, came, mapping, key if len(told) == 1 else None)
        for number, one in enumerate(told)
    ]


def _read(told: Any, came: int, mapping: DataMapping, key: str | None) -> UsageEvent | Lines:
    """Reads one event, a CloudEvent or a meter event; or says what is wrong with it."""
    metered = isinstance(told, Mapping) and meter_events.NAME in told
    try:
        return read_event(meter_events.cloud_event(told, key) if metered else told, came, mapping)
    except InvalidRequest as error:
        names: Mapping[str, str] = meter_events.FIELDS if metered else {}
        return [(names.get(line["field"], line["field"]), line["message"]) for line in error.errors]


def _binary(request: HttpRequest) -> dict[str, Any]:
    """Returns the event of a request in binary mode: its attributes are headers, its data is the body."""
    kind = request.media_type()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType("in binary mode send what was used as content-type: application/json")
    attributes = {
        name.removeprefix(ATTRIBUTE): _header(value)
        for name, value in request.headers.items()
        if name.startswith(ATTRIBUTE)
    }
    text = request.text()
    twice = duplicates(text)
    if twice:
        raise InvalidRequest([(f"data.{readable(field)}", TWICE) for field in twice[:TOLD]])
    return {**attributes, "data": _parsed(text) if text else None}


def _header(value: str) -> str:
    """Decodes a header, whose letters beyond ASCII are percent-encoded."""
    text = value.strip()
    return unquote(text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text)


def _structured(request: HttpRequest) -> tuple[Sequence[Any], Mapping[int, list[str]]]:
    """Returns the events of a request whose body is JSON; and the members that come twice in one, by its place."""
    kind, text = request.media_type(), None
    if kind not in (ONE, BATCH, JSON):
        raise UnsupportedMediaType(
            f"send content-type: {ONE}, {BATCH} or {JSON}; or an event in binary mode, with ce- headers"
        )
    text = request.text()
    told = _parsed(text)
    if kind == BATCH and not isinstance(told, list):
        raise InvalidRequest([("body", "must be an array of events")])
    if kind == ONE and not isinstance(told, Mapping):
        raise InvalidRequest([("body", f"must be an event; send several as {BATCH}")])
    before = 0
    if isinstance(told, Mapping):
        if kind == JSON and "events" in told:
            unknown = sorted(told.keys() - {"events"})
            if unknown:
                said = "is not a member of this request: leave it out"
                raise InvalidRequest([(readable(name), said) for name in unknown[:TOLD]])
            told, before = told["events"], 1
        else:
            return [told], _twice(text, None)
    if not isinstance(told, list):
        raise InvalidRequest([("events", "must be an array")])
    return told, _twice(text, before)


def _twice(text: str, before: int | None) -> Mapping[int, list[str]]:
    """Returns the members that come twice in an event, by its place.

    Args:
        before: how many names are before an event's place in the path of a member; None: there is one event.
    """
    found: dict[int, list[str]] = {}
    for path in duplicates(text):
        names = path.split(".")
        if before is None:
            found.setdefault(0, []).append(path)
        elif len(names) > before + 1 and names[before].isdecimal():
            found.setdefault(int(names[before]), []).append(".".join(names[before + 1 :]))
        else:
            raise InvalidRequest([(readable(path), TWICE)])
    return found


def _parsed(text: str) -> Any:
    """Parses JSON, with numbers as they are written. Raises ``InvalidRequest``."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        said = (
            str(error)
            if isinstance(error, json.JSONDecodeError)
            else "a number of it is none, or it is too deep"
        )
        raise InvalidRequest([("body", f"is not valid JSON: {said}")]) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
