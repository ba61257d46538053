"""Entries by their reference: an item for each entry that has one, written by the reader of the ledger's stream.

They are no record: each can be made again from its entry, and says no more than where that is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Throttled
from scrip.store import items, keys
from scrip.store.tables import Item, Tables, refusals

BATCH: Final = 25
"""Most items of one BatchWriteItem."""
TRIES: Final = 4
LONGEST_PAUSE: Final = 0.2
"""How often items that were left unprocessed are sent again, and how many seconds apart at most."""

Place = tuple[int, int, str]
"""Where an entry is in a list: its instant, its sequence, its id."""


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """Where an entry is, and what kind of entry."""

    account: str
    unit: str
    entry_id: str
    seq: int
    kind: str
    at: int

    @property
    def place(self) -> Place:
        """Returns its place among entries of one reference."""
        return self.at, self.seq, self.entry_id


def name_of(reference: tuple[str, str]) -> str:
    """Returns the name of a reference, by its type and its id."""
    return ":".join(reference)


def found_of(entry: Entry) -> FoundEntry:
    """Returns where an entry is."""
    return FoundEntry(entry.account, entry.unit, entry.id, entry.seq, entry.kind, entry.at)


def put_all(tables: Tables, entries: Iterable[Entry]) -> None:
    """Puts an item for each of these entries that has a reference. Put again it is the same item.

    Raises:
        Throttled: the table keeps leaving items unprocessed.
        Unavailable: it does not answer.
    """
    wanted = {(item["pk"]["S"], item["sk"]["S"]): item for item in map(_item, entries) if item}
    left = list(wanted.values())
    for start in range(0, len(left), BATCH):
        _put(tables, left[start : start + BATCH])


def listed(
    tables: Tables, reference: str, share: int, last: Place, page: int
) -> Iterator[Sequence[FoundEntry]]:
    """Yields the entries of a reference (its name) in one share, newest first, in pages of ``page`` at most.

    The list begins at the place ``last``, that included. It is read consistently.
    """
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "KeyConditionExpression": "pk = :pk AND sk <= :last",
        "ExpressionAttributeValues": {
            ":pk": items.s(keys.reference(share, reference)),
            ":last": items.s(keys.referenced(*last)),
        },
        "ScanIndexForward": False,
        "ConsistentRead": True,
        "Limit": page,
    }
    for found in tables.pages(**request):
        yield [_read(item) for item in found]


def _put(tables: Tables, left: list[Item]) -> None:
    requests: Any = {tables.wallets: [{"PutRequest": {"Item": item}} for item in left]}
    for attempt in range(TRIES):
        if attempt:
            time.sleep(random.uniform(0, LONGEST_PAUSE))
        with refusals():
            answer: Any = tables.client.batch_write_item(RequestItems=requests)
        requests = answer.get("UnprocessedItems")
        if not requests:
            return
    raise Throttled("the table is busy")


def _item(entry: Entry) -> Item | None:
    """Returns the item of an entry; None where it has no reference."""
    reference = entry.cause.reference if entry.cause else None
    if reference is None:
        return None
    share = keys.reference_share(entry.account, entry.unit)
    return {
        **items.key(
            keys.reference(share, name_of(reference)), keys.referenced(entry.at, entry.seq, entry.id)
        ),
        "account": items.s(entry.account),
        "unit": items.s(entry.unit),
        "seq": items.n(entry.seq),
        "kind": items.s(entry.kind),
    }


def _read(item: Item) -> FoundEntry:
    position, _, entry_id = item["sk"]["S"].partition("#")
    return FoundEntry(
        item["account"]["S"],
        item["unit"]["S"],
        entry_id,
        items.integer(item, "seq"),
        item["kind"]["S"],
        int(position.partition(".")[0]),
    )
