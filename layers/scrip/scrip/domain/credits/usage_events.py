"""Events of usage: so much of a meter, told by whoever saw it used, under a name that is one for ever.

Owns the event, the key that its source and id are in a wallet, and how late it may come. Does not own how it is written
on the wire (``scrip.http.usage``), nor how it is booked (``scrip.services.usage``).

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple, Self

from scrip.domain.credits.calendar import after
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.ids import business_key
from scrip.domain.credits.usage import written

AHEAD_MS: Final = 5 * 60_000
"""How far an event's time may be ahead of when it came: clocks differ by less."""
_JSON: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class RejectedPlace(NamedTuple):
    """Where a rejected event is kept: when it came, epoch milliseconds, and the id of what tells that it was."""

    came: int
    event_id: str


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """So much of a meter, used by an account.

    Attributes:
        source, id: who tells it, and which of that one's events it is. Together they name it in its wallet for ever.
        account: whose wallet pays.
        time: when it was used, epoch milliseconds; when it came, where its sender did not say.
        unit: that of the wallet; None: the meter's.
        member, tags: who used it, and what for.
    """

    source: str
    id: str
    meter: str
    account: str
    quantity: Fraction
    time: int
    unit: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    member: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Returns the key that the event is in its wallet: no other source and id make the same."""
        return business_key("usage", _JSON.encode([self.source, self.id]))

    def check_time(self, came: int, window: str) -> None:
        """Checks that the event came in time.

        Args:
            came: when it came, epoch milliseconds.
            window: how long after its time it may, ISO 8601.

        Raises:
            PolicyViolation: ``usage_window``: it is older. ``usage_ahead``: its time is ahead.
        """
        if self.time > came + AHEAD_MS:
            raise PolicyViolation("its time is more than five minutes ahead", policy="usage_ahead")
        if after(self.time, window, "time") < came:
            raise PolicyViolation(
                f"its time is more than {window} ago, the usage_window of its unit", policy="usage_window"
            )

    def to_json(self) -> dict[str, Any]:
        """Returns the event as its queue carries it, without what was not said."""
        said: dict[str, Any] = {
            "source": self.source,
            "id": self.id,
            "meter": self.meter,
            "account": self.account,
            "quantity": written(self.quantity),
            "time": self.time,
        }
        more: dict[str, Any] = {
            "unit": self.unit,
            "dimensions": dict(self.dimensions) or None,
            "member": self.member,
            "tags": dict(self.tags) or None,
        }
        return said | {name: value for name, value in more.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` gave."""
        return cls(**{**body, "quantity": Fraction(body["quantity"])})
