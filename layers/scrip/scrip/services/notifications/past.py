"""Events of a time that is over: made again of the entries that they followed from, with the ids that they had, and
after them those that follow from none, which were kept.

Does not own which entries those are (``services.events.history``), what is told of them (the tellers), nor which events
follow from none.
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
from scrip.store import kept_events
from scrip.store.kept_events import KeptPlace
from scrip.store.notifications import KEPT_SECONDS, Notifications
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class PastEvents:
    """What was told.

    Attributes:
        tellers: what makes events of entries.
        source: of events, ``/scrip/<stack>``.
        store: where events that follow from no entry were kept.
    """

    tables: Tables
    tellers: Collection[Teller]
    source: str
    store: Notifications

    def piece(
        self, since: int, until: int, endpoint: WebhookEndpoint, place: Any
    ) -> tuple[Sequence[OutgoingEvent], Any]:
        """Returns the next events of the accounts that an endpoint names, and where to go on (None: that was all).

        Args:
            since, until: epoch milliseconds; ``until`` is not included.

        Raises:
            Throttled, Unavailable: a table does not answer, or its index lags. It can be asked again.
        """
        if isinstance(place, list):
            events, following = kept_events.page(
                self.store, since, until, KeptPlace(*place) if place else None
            )
            return events, None if following is None else list(following)
        found = history.piece(self.tables, Stretch(since, until, endpoint.accounts), place)
        made = tellers.events_of(self.tellers, self.tables, found.entries)
        # An empty list: the first of those that were kept.
        following_entries = [] if found.following is None else found.following
        return [outgoing_of(event, self.source) for event in made], following_entries


def keep(store: Notifications, event: OutgoingEvent, now: int) -> None:
    """Keeps an event that follows from no entry, for as long as it may be asked for, and some days more.

    Args:
        now: this machine's clock, epoch milliseconds.
    """
    kept_events.keep(store, event, now // 1000 + KEPT_SECONDS)
