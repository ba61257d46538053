"""``scrip republish``: tells again what the bus has missed, from the ledger, under the ids of the first time.

For entries that the stream's reader has lost, because it stood still for more than a day, and for whoever listened to
nothing meanwhile.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from command_line.mistakes import Mistake
from command_line.output import print_json
from scrip import runtime
from scrip.http.edge.parameters import format_instant, instant
from scrip.http.events.tellers import tellers
from scrip.services.events import history
from scrip.services.events.bus import publish
from scrip.services.events.history import Stretch
from scrip.services.events.tellers import events_of

TOLD: Final = 10_000
"""Events after which it is told how far it is."""


def republish(since_text: str, until_text: str | None, accounts: Sequence[str], workers: int) -> int:
    """Publishes all that follows from the entries of a time, and prints how many there were.

    Raises:
        Mistake: the time ends before it begins.
        Throttled, Unavailable: a table or the bus does not answer. It can be done again.
    """
    since = instant(since_text, "from")
    until = instant(until_text, "to") if until_text else runtime.now()
    if until < since:
        raise Mistake(
            "--to lies before --from: what was committed from the one until the other is told"
            if until_text
            else "--from lies in the future: say until when with --to"
        )
    counter, bus = _Counter(), runtime.bus()
    telling = tellers(runtime.burns_have_events()).values()

    def share(number: int) -> None:
        stretch = Stretch(since, until, accounts or None, (number, workers))
        after: str | None = None
        while True:
            piece = history.piece(runtime.tables(), stretch, after)
            events = events_of(telling, runtime.tables(), piece.entries)
            publish(bus, events)
            counter.add(len(piece.entries), len(events))
            after = piece.following
            if after is None:
                return

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(share, range(workers)))
    return print_json(
        {
            "from": format_instant(since),
            "to": format_instant(until),
            "entries": counter.entries,
            "events": counter.events,
        }
    )


class _Counter:
    """Counts, and prints how many events were published, now and then, to the standard error."""

    def __init__(self) -> None:
        self._lock, self._said = threading.Lock(), 0
        self.entries = self.events = 0

    def add(self, entries: int, events: int) -> None:
        """Adds so many, and prints the sum where it has grown by enough."""
        with self._lock:
            self.entries += entries
            self.events += events
            if self.events - self._said >= TOLD:
                self._said = self.events
                print(f"{self.events} events", file=sys.stderr)
