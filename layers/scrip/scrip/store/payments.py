"""Lists of payments, from the index ``due``: those that wait for a person, and those that were paid.

The index is eventual, so a list may lag behind its payments for a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scrip.store import due, items, keys
from scrip.store.tables import Item, Tables

Cursor = tuple[int, str]
"""Where a page ended: the number it was sorted by, and the payment's partition key."""


class ListedPayment(NamedTuple):
    """A payment in a list, and the instant that it is sorted by."""

    at: int
    provider: str
    payment_id: str


def listed(
    tables: Tables, shard: str, first: int, last: int, limit: int, after: Cursor | None = None
) -> tuple[Sequence[ListedPayment], Cursor | None]:
    """Returns a page of a partition's payments, oldest first, and where the next page begins (None: there is none).

    The instants ``first`` and ``last`` are included.
    """
    found, end = due.listed(tables, shard, first, last, limit, _start(shard, after) if after else None)
    page = [
        ListedPayment(items.integer(item, "sweep_at"), *keys.payment_parts(item["pk"]["S"])) for item in found
    ]
    return page, (items.integer(end, "sweep_at"), end["pk"]["S"]) if end else None


def every(
    tables: Tables, shard: str, first: int, last: int, page: int, after: Cursor | None = None
) -> Iterator[ListedPayment]:
    """Yields all of a partition's payments in that order, read in pages of so many."""
    while True:
        found, after = listed(tables, shard, first, last, page, after)
        yield from found
        if after is None:
            return


def _start(shard: str, after: Cursor) -> Item:
    """Returns the index key after which a page begins."""
    at, pk = after
    return {**items.key(pk, keys.HEAD), "shard": items.s(shard), "sweep_at": items.n(at)}
