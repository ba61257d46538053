"""How long credits live: as a grant, a pack, a promotion or a unit's policy says it.

Owns the end of a lot that follows from a duration. Does not own calendars (``calendar``), nor which lifetime counts
where nobody says one (the callers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits import calendar
from scrip.domain.credits.calendar import EndOf


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long credits live, from the instant on at which they can be spent.

    Attributes:
        expires_in: ISO 8601; None: for ever.
        time_zone: the zone whose calendar counts its days, months and years.
        end_of: the end is put off to the end of the day, or month, that it lies in there.
    """

    expires_in: str | None = None
    time_zone: str = "UTC"
    end_of: EndOf | None = None

    def end(self, start: int, *, inclusive: bool = False) -> int | None:
        """Returns the ``expires_at`` of credits that can be spent from ``start`` on, both in epoch milliseconds.

        Args:
            inclusive: ``expires_at`` is the last instant at which they live. The end of a day is then its last
                millisecond.

        Raises:
            InvalidRequest: it is after the year 9999; ``expires_in`` is named.
        """
        if self.expires_in is None:
            return None
        end = calendar.after(start, self.expires_in, "expires_in", self.time_zone)
        if self.end_of is None:
            return end
        return calendar.rounded_up(end, self.end_of, self.time_zone) - inclusive


FOR_EVER: Final = Lifetime()
"""The lifetime of credits that do not expire."""


def lifetime_of(
    expires_in: str | None, time_zone: str, end_of: EndOf | None, never_expires: bool
) -> Lifetime | None:
    """Returns the lifetime that these members say; None where they say none."""
    if expires_in is not None:
        return Lifetime(expires_in, time_zone, end_of)
    return FOR_EVER if never_expires else None


def lifetime_json(time_zone: str, end_of: EndOf | None, never_expires: bool) -> dict[str, Any]:
    """Returns those of these members that are not what they are where nobody says them.

    What is kept without them, and the fingerprints of requests without them, stay as they were before there were any.
    """
    said: dict[str, Any] = {} if time_zone == "UTC" else {"time_zone": time_zone}
    if end_of is not None:
        said["end_of"] = end_of
    return {**said, "never_expires": True} if never_expires else said
