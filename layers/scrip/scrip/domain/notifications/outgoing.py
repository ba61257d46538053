"""An event as it goes out to endpoints: the bytes of its CloudEvent, which are signed, and what of it is asked for.

Does not own how an event is made (``domain.events``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_JSON: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event that goes out.

    Attributes:
        account: whom it is about; None: no account.
        at: its instant, epoch milliseconds.
        body: the CloudEvent, UTF-8, the same bytes on every try.
    """

    event_id: str
    type: str
    account: str | None
    at: int
    body: bytes

    @property
    def data(self) -> Mapping[str, Any]:
        """Returns what it says."""
        data: Mapping[str, Any] = json.loads(self.body)["data"]
        return data


def outgoing(told: Mapping[str, Any], at: int) -> OutgoingEvent:
    """Returns an event as it goes out, of its CloudEvent as the bus gives it; ``at`` is its ``time``."""
    body = _JSON.encode(told).encode()
    return OutgoingEvent(told["id"], told["type"], told.get("subject"), at, body)
