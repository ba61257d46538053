"""An event: what somebody may want to hear of, with an id that is the same for ever.

Owns the id, and how an event is written as a CloudEvent. Does not own what an event of a type says
(``scrip.http.events``), nor how it is sent.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.calendar import format_instant

_JSON: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody may want to hear of.

    Attributes:
        id: the same for the same event for ever; no other event has it, of whatever wallet.
        type: what it says happened, such as that a burn was written.
        account: whom it is about; None: no account.
        at: when it holds, epoch milliseconds.
        data: JSON, as the contract shows it.
    """

    id: str
    type: str
    account: str | None
    at: int
    data: Mapping[str, Any]


def event_id(type_: str, *parts: object) -> str:
    """Returns the id of the event of a type that these parts name: 128 bits of SHA-256 over all of it, as text.

    The parts say what happened, and where: a wallet's account and unit are among them. No part holds a NUL.
    """
    said = "\x00".join([type_, *map(str, parts)])
    digest = hashlib.sha256(said.encode()).digest()[:16]
    return "evt_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def cloud_event(event: Event, source: str) -> bytes:
    """Writes an event as a CloudEvent in JSON, UTF-8, always in the same bytes.

    Args:
        source: of all events of a deployment: ``/scrip/<stack>``.
    """
    subject = {} if event.account is None else {"subject": event.account}
    document = {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": event.type,
        **subject,
        "time": format_instant(event.at),
        "datacontenttype": "application/json",
        "data": dict(event.data),
    }
    return _JSON.encode(document).encode()
