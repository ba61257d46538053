"""Stores events that follow from no entry, by their day, so that they can be told again: the ledger cannot make them.

Part of the notifications table: partition ``events#<day>``, sort ``<instant>#<event id>``, of which the bytes lie under
the event itself (``notifications``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from scrip.domain.credits.calendar import format_instant
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.store import items, keys, lists
from scrip.store.notifications import Notifications
from scrip.store.tables import refusals

DAY_MS: Final = 86_400_000
PAGE: Final = 50
"""Events that are read at a time: their bytes are a few megabytes at the most."""


class KeptPlace(NamedTuple):
    """Where a page of events goes on: the first instant of a day, and a place in it (empty: its beginning)."""

    day: int
    after: str = ""


def of_day(at: int) -> str:
    """Returns the partition key of the events of the day of an instant, epoch milliseconds, in UTC."""
    return f"events#{format_instant(at)[:10]}"


def keep(store: Notifications, event: OutgoingEvent, ends: int) -> None:
    """Keeps an event until the second ``ends``; kept again, it is there once.

    Raises:
        Throttled, Unavailable: the table does not take it.
    """
    store.keep_event(event, ends)
    item = {**items.key(of_day(event.at), keys.at_instant(event.at, event.event_id)), "ends": items.n(ends)}
    with refusals():
        store.client.put_item(TableName=store.table, Item=item)


def page(
    store: Notifications, since: int, until: int, place: KeptPlace | None
) -> tuple[Sequence[OutgoingEvent], KeptPlace | None]:
    """Returns events of a time, some days of it at least, in their order, and where to go on; None: that was all.

    Args:
        since, until: epoch milliseconds; ``until`` is not in it.
        place: where the page before said.
    """
    day, after = place or KeptPlace(since - since % DAY_MS)
    while day < until:
        found, following = lists.page(
            store.tables,
            of_day(day),
            PAGE,
            first=keys.at_instant(max(since, day)),
            last=keys.at_instant(min(until, day + DAY_MS) - 1, lists.LAST),
            after=after or None,
        )
        if found:
            events = [store.kept_event(keys.named_at(sk)) for sk in found]
            there = [event for event in events if event]
            return there, KeptPlace(day, following) if following else _next(day, until)
        day, after = day + DAY_MS, ""
    return [], None


def _next(day: int, until: int) -> KeptPlace | None:
    return KeptPlace(day + DAY_MS) if day + DAY_MS < until else None
