"""What becomes of available credits: they fall to a threshold, rise above it again, or are gone.

Each follows from one entry alone, which has the totals before and after it, and from the alerts in force when it was
committed. So it is the same whenever it is asked. Does not own whether a rise was preceded by a fall that was told
(``services.events.balances``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Threshold
from scrip.domain.events.alerts import Alerts, steps_of

Happening = Literal["low", "recovered", "depleted"]


@dataclass(frozen=True, slots=True)
class Crossing:
    """An entry by which available credits fell to a threshold, or rose above it.

    Attributes:
        what: ``recovered`` is told only where the fall before it was.
        threshold: None: it is that nothing is left.
        available: after the entry, in steps.
        at: the entry's instant, epoch milliseconds.
    """

    account: str
    unit: str
    what: Happening
    threshold: Threshold | None
    available: int
    entry_id: str
    seq: int
    at: int

    def to_json(self) -> dict[str, Any]:
        """Returns what a row of its wallet and threshold does not say by its key."""
        return {"what": self.what, "available": str(self.available), "entry_id": self.entry_id, "at": self.at}

    @classmethod
    def from_json(cls, body: dict[str, Any], account: str, unit: str, threshold: Threshold, seq: int) -> Self:
        """Reads what ``to_json`` wrote."""
        available = int(body["available"])
        return cls(account, unit, body["what"], threshold, available, body["entry_id"], seq, body["at"])


def crossings(entry: Entry, alerts: Alerts, base: int | None, base_after: int | None) -> Iterator[Crossing]:
    """Yields what an entry crosses. A wallet's first entry crosses nothing: nobody was told what was before it.

    Args:
        alerts: those in force when the entry was committed.
        base, base_after: of which thresholds may be percentages, before the entry and after it, in steps; None: it is
            not known, and no percentage is crossed.
    """
    before, after = entry.before.available, entry.after.available
    if entry.seq == 1 or before == after:
        return

    def crossing(what: Happening, threshold: Threshold | None) -> Crossing:
        return Crossing(entry.account, entry.unit, what, threshold, after, entry.id, entry.seq, entry.at)

    for threshold in alerts.low_balance:
        then, now = steps_of(threshold, base), steps_of(threshold, base_after)
        if then is None or now is None:
            continue
        was_low, is_low = before <= then, after <= now
        if after < before and is_low and not was_low:
            yield crossing("low", threshold)
        elif after > before and was_low and not is_low:
            yield crossing("recovered", threshold)
    if after == 0:
        yield crossing("depleted", None)
