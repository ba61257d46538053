"""Meter events, as apps send them to Stripe: read as CloudEvents, so that such an app can send them here.

https://docs.stripe.com/api/billing/meter-event/create
https://docs.stripe.com/api/v2/billing-meter-stream/create
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from scrip.domain.credits.errors import InvalidRequest

SOURCE: Final = "stripe"
"""The source of every meter event: their identifiers are of one space."""
NAME: Final = "event_name"
"""The member by which one is known."""
CUSTOMER: Final = "stripe_customer_id"
_PLACED: Final = re.compile(r"payload\[([^\[\]]{1,100})\]")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")


def from_form(text: str) -> dict[str, Any]:
    """Reads a meter event of a form: ``event_name=…&payload[value]=…``.

    Raises:
        InvalidRequest: a field comes twice, or is none of a meter event.
    """
    told: dict[str, Any] = {}
    payload: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        placed = _PLACED.fullmatch(name)
        where, key = (payload, placed[1]) if placed else (told, name)
        if key in where:
            raise InvalidRequest([(name[:60], "comes twice: send it once")])
        where[key] = value
    if NAME not in told:
        raise InvalidRequest([(NAME, "is missing: a form is a meter event")])
    return {**told, "payload": payload}


def cloud_event(told: Mapping[str, Any], request_key: str | None) -> dict[str, Any]:
    """Returns a meter event as a CloudEvent, its payload as the data of another system.

    Args:
        request_key: the request's Idempotency-Key, which names an event that has no identifier.

    Raises:
        InvalidRequest: it has no payload, or no name of its own.
    """
    payload = told.get("payload")
    if not isinstance(payload, Mapping):
        raise InvalidRequest([("payload", "must be an object")])
    identifier = told.get("identifier")
    if identifier is None:
        identifier = request_key
    if identifier is None:
        said = (
            "is missing: without it, or an Idempotency-Key, an event that is sent again would be burned again"
        )
        raise InvalidRequest([("identifier", said)])
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": identifier,
        "source": SOURCE,
        "type": told.get(NAME),
        "subject": payload.get(CUSTOMER),
        "data": {name: value for name, value in payload.items() if name != CUSTOMER},
    }
    time = told.get("timestamp")
    return made if time is None else {**made, "time": _time(time)}


def _time(value: Any) -> Any:
    """Returns seconds since 1970 as an instant; what is none of them as it is."""
    seconds = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _SECONDS.fullmatch(seconds):
        return value
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FIELDS: Final = {"type": NAME, "subject": f"payload.{CUSTOMER}", "id": "identifier", "time": "timestamp"}
"""What a meter event calls an attribute that is wrong."""
