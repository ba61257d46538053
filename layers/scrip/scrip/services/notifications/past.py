"""Events of a time that is over, made again of the entries that they followed from, with the ids that they had.

Does not own which entries those are (``services.events.history``), nor what is told of them (the tellers).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.services.events import history, tellers
from scrip.services.events.history import Stretch
from scrip.services.events.tellers import Teller
from scrip.services.notifications.endpoints import outgoing_of
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class PastEvents:
    """What was told.

    Attributes:
        tellers: what makes events of entries.
        source: of events, ``/scrip/<stack>``.
    """

    tables: Tables
    tellers: Collection[Teller]
    source: str

    def piece(
        self, since: int, until: int, endpoint: WebhookEndpoint, place: Any
    ) -> tuple[Sequence[OutgoingEvent], Any]:
        """Returns the next events of the accounts that an endpoint names, and where to go on (None: that was all).

        Args:
            since, until: epoch milliseconds; ``until`` is not included.

        Raises:
            Throttled, Unavailable: a table does not answer, or its index lags. It can be asked again.
        """
        found = history.piece(self.tables, Stretch(since, until, endpoint.accounts), place)
        events = tellers.events_of(self.tellers, self.tables, found.entries)
        return [outgoing_of(event, self.source) for event in events], found.following
