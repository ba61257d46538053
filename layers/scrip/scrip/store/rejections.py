"""Stores events of usage that were rejected, with the reason, until somebody brings them back or their time is over.

Part of the notifications table: partition ``rejected``, sort ``<instant when it came>#<id>``. Does not know what an
event says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scrip.domain.credits.errors import Throttled
from scrip.domain.credits.usage_events import RejectedPlace
from scrip.store import items, keys, lists
from scrip.store.notifications import Notifications
from scrip.store.tables import refusals

REJECTED: Final = "rejected"
PAGE: Final = 100
"""Rows that are read at a time."""
WRITTEN: Final = 25
"""Rows that one call writes."""
TRIES: Final = 3
"""How often rows are written, before whoever brought them has to bring them again."""


def put(store: Notifications, rows: Sequence[tuple[RejectedPlace, Mapping[str, Any]]], ends: int) -> None:
    """Puts rows, each with its place and a body, to be deleted after the second ``ends``.

    Raises:
        Throttled, Unavailable: the table does not take all of them.
    """
    _write(
        store,
        [
            {
                "PutRequest": {
                    "Item": {
                        **items.key(REJECTED, _sk(place)),
                        "body": items.s(json.dumps(body, ensure_ascii=False)),
                        "ends": items.n(ends),
                    }
                }
            }
            for place, body in dict(rows).items()
        ],
    )


def page(
    store: Notifications, most: int, after: str | None
) -> tuple[list[tuple[str, Mapping[str, Any]]], str | None]:
    """Returns up to so many rows, those of the last instants first: the sort key of each, and its body.

    And the key to go on after; None where there is nothing more.
    """
    found, following = lists.rows(store.tables, REJECTED, most, after=after, backwards=True)
    return [(item["sk"]["S"], json.loads(item["body"]["S"])) for item in found], following


def find(store: Notifications, places: Sequence[RejectedPlace]) -> list[Mapping[str, Any]]:
    """Returns the bodies of those of these rows that there are, read consistently, in the order of their places."""
    found = store.tables.get_many(store.table, [(REJECTED, _sk(place)) for place in dict.fromkeys(places)])
    return [json.loads(item["body"]["S"]) for _, item in sorted(found.items())]


def remove(store: Notifications, places: Sequence[RejectedPlace]) -> None:
    """Removes rows; they need not be there.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    keyed = [items.key(REJECTED, _sk(place)) for place in dict.fromkeys(places)]
    _write(store, [{"DeleteRequest": {"Key": key}} for key in keyed])


def _sk(place: RejectedPlace) -> str:
    return keys.at_instant(place.came, place.event_id)


def _write(store: Notifications, requests: list[Any]) -> None:
    """Writes rows, and once more those that the table was too busy for."""
    for begin in range(0, len(requests), WRITTEN):
        left: Any = {store.table: requests[begin : begin + WRITTEN]}
        for _ in range(TRIES):
            with refusals():
                answer: Any = store.client.batch_write_item(RequestItems=left)
            left = answer.get("UnprocessedItems")
            if not left:
                break
        else:
            raise Throttled("the table is busy")
