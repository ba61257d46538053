"""The teller of alerts: available credits fell to a threshold, rose above it again, or are gone.

Owns that a rise is told only after a fall that was, in whatever order entries come and however often: both are kept by
threshold and sequence, and whichever comes later finds the other. Does not own what a crossing is
(``domain.events.balances``), nor which alerts there are (``services.notifications.alerts``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit, by_share
from scrip.domain.events.balances import Crossing, crossings
from scrip.domain.events.event import Event
from scrip.services.events.entries import units_of
from scrip.services.notifications import alerts
from scrip.store import crossings as rows
from scrip.store import ledger
from scrip.store.crossings import CrossingRow
from scrip.store.tables import Tables

Told = Callable[[Crossing, Unit], Event]
"""Makes the event of a crossing."""


def events_of(told: Told, tables: Tables, entries: Sequence[Entry]) -> list[Event]:
    """Makes the events of what entries cross.

    Entries that change nothing available cost nothing. For others the alerts of their units are read, and those of
    their accounts where accounts have some; a crossing is one write and one read more.

    Raises:
        Throttled, Unavailable: a table does not answer, or its index lags.
    """
    moved = [entry for entry in entries if entry.seq > 1 and entry.before.available != entry.after.available]
    units = units_of(tables, {entry.unit for entry in moved})
    known = alerts.load(tables, ((entry.account, entry.unit) for entry in moved if entry.unit in units))
    # By their ids: a rise may be made known by the fall before it, and come itself.
    events: dict[str, Event] = {}
    for entry in moved:
        if entry.unit not in units:
            continue
        wanted = known.at(entry.account, entry.unit, entry.committed_at)
        base, base_after = _bases(tables, entry) if by_share(wanted.low_balance) else (None, None)
        for crossing in crossings(entry, wanted, base, base_after):
            made = [told(one, units[entry.unit]) for one in _to_tell(tables, crossing)]
            events |= {event.id: event for event in made}
    return list(events.values())


def _bases(tables: Tables, entry: Entry) -> tuple[int | None, int | None]:
    """Returns the wallet's base before and after an entry.

    Entries of the first half minute after a percentage was asked for may not show it, since a function remembers the
    unit for so long: then it is looked up in the ledger.
    """
    if entry.base is not None:
        return entry.base, entry.base_after
    last = ledger.last_renewal(tables, entry)
    base = last.after.available if last else 0
    return base, entry.after.available if entry.renews else base


def _to_tell(tables: Tables, crossing: Crossing) -> Iterator[Crossing]:
    """Keeps a crossing, and yields what is to be told of it: a rise after a fall that was told.

    A fall that comes after the rise that followed it makes that one known, too.
    """
    if crossing.threshold is None:
        yield crossing
        return
    wallet, threshold = (crossing.account, crossing.unit), str(crossing.threshold)
    rows.put(tables, *wallet, threshold, CrossingRow(crossing.seq, crossing.to_json()))
    if crossing.what == "low":
        yield crossing
        following = rows.after(tables, *wallet, threshold, crossing.seq)
        if following and following.body["what"] == "recovered":
            yield Crossing.from_json(dict(following.body), *wallet, crossing.threshold, following.seq)
        return
    last = rows.before(tables, *wallet, threshold, crossing.seq)
    if last and last.body["what"] == "low":
        yield crossing
