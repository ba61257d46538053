"""Reads the ledger: entries by their ids, and entries by time.

It writes nothing: entries are written by ``commit`` alone. All rows of a wallet, as they are stored: ``rows``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from scrip.domain.credits import limits
from scrip.domain.credits.entries import RENEWING, Entry, EntryPage
from scrip.domain.credits.errors import Unavailable
from scrip.domain.credits.ids import page_entry_id
from scrip.domain.wallets.layout import always
from scrip.store import items, keys
from scrip.store.tables import BATCH_GET, Item, Tables

LAG_TRIES: Final = 20
LAG_WAIT: Final = 0.05
"""How often, and how long apart in seconds, the timeline is asked again while it lags behind the table."""


MOST_BYTES: Final = 2_500_000
"""Characters of entries after which a list reads no more of them: an answer cannot be longer."""


def find(tables: Tables, account: str, unit: str, entry_id: str) -> Entry | None:
    """Returns the entry with this id, read consistently; None where there is none."""
    item = tables.get(tables.ledger, keys.wallet(account, unit), entry_id)
    return items.read_entry_item(item) if item else None


def find_many(tables: Tables, account: str, unit: str, entry_ids: Iterable[str]) -> dict[str, Entry]:
    """Returns the entries of these ids that exist, by id, read consistently, without their records."""
    pk = keys.wallet(account, unit)
    return dict(_read_places(tables, [(pk, entry_id) for entry_id in entry_ids]))


def with_records(tables: Tables, account: str, unit: str, entry_ids: Sequence[str]) -> dict[str, Entry]:
    """Returns the entries of these ids that exist, by id, read consistently: whole, so ask for few at a time."""
    pk = keys.wallet(account, unit)
    found = tables.get_many(tables.ledger, [(pk, entry_id) for entry_id in dict.fromkeys(entry_ids)])
    return {sk: items.read_entry_item(item) for (_, sk), item in found.items()}


def find_places(tables: Tables, places: Sequence[tuple[str, str]]) -> list[Entry]:
    """Returns the entries at these places (a wallet's partition key, an entry's id), without their records.

    They are read consistently. What does not exist is left out.
    """
    return [entry for _, entry in _read_places(tables, places)]


def _read_places(tables: Tables, places: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Entry]]:
    """Yields the entries that exist at these places, each with its id in its key, in no particular order.

    Records are let go batch by batch: those of a thousand entries may have more than a function has memory.
    """
    for start in range(0, len(places), BATCH_GET):
        found = tables.get_many(tables.ledger, list(places[start : start + BATCH_GET]))
        yield from ((sk, items.read_entry_item(item, records=False)) for (_, sk), item in found.items())


def pages_of(
    tables: Tables, account: str, unit: str, stream: str, first: int, last: int, *, given_up: bool = False
) -> list[Entry]:
    """Returns the entries that used up the offsets of a stream from ``first`` to ``last``, the newest first.

    ``given_up``: also the entry that comes after them and gave up the last of them.
    """
    # Imported where it is asked for: no burn pays for it.
    from scrip.domain.credits.records import PageFacts, facts_of
    from scrip.domain.wallets.streams import LAST_OFFSET

    pk = items.s(keys.wallet(account, unit))

    def begun(least: int, most: int, *, forward: bool = False) -> tuple[Entry, PageFacts] | None:
        """Reads the last entry (or the first) that begins with an offset between two, both included."""
        rows = tables.query(
            1,  # A page that was sent again is one entry, and its row may be large.
            TableName=tables.ledger,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": pk,
                ":first": items.s(page_entry_id(account, unit, stream, least)),
                ":last": items.s(page_entry_id(account, unit, stream, most)),
            },
            ScanIndexForward=forward,
            ConsistentRead=True,
        )
        entry = items.read_entry_item(rows[0]) if rows else None
        facts = facts_of(entry) if entry else None
        return (entry, facts) if entry and facts else None

    there, found = begun(0, last), list[Entry]()
    if given_up and last < LAST_OFFSET and (there is None or there[1].next <= last):
        later = begun(last + 1, LAST_OFFSET, forward=True)
        there = later if later and later[1].begins <= last else there
    while there and there[1].next > first:
        entry, facts = there
        found.append(entry)
        there = begun(0, facts.begins - 1) if facts.begins > first else None
    return found


def newest(tables: Tables, account: str, unit: str) -> int:
    """Returns the sequence of the last entry that the timeline lists; 0 where it lists none."""
    found = _timeline(tables, keys.wallet(account, unit), limit=1)
    return _seq(found[0]) if found else 0


def entries(
    tables: Tables,
    account: str,
    unit: str,
    *,
    since: int,
    last: tuple[int, int],
    kind: str | None,
    limit: int,
    fits: Callable[[Entry], bool] | None = None,
    in_time: Callable[[], bool] = always,
) -> EntryPage:
    """Returns up to ``limit`` entries, newest first, without their records.

    It looks at ``LISTED_ENTRIES`` entries at most, and ends where what it has read would make too long an answer, or
    took too long.

    Args:
        since: the least instant, in epoch milliseconds.
        last: the latest position (instant, sequence). Both bounds are included.
        kind: only entries of this kind; None: all.
        fits: only entries of which it says so; they are read to be asked for. None: all.
        in_time: tells whether there is time to read more of them; some are read in any case.
    """
    looked_at = limits.LISTED_ENTRIES if kind or fits else limit
    # One more than is looked at, to know whether there is one.
    listed = _timeline(tables, keys.wallet(account, unit), first=(since, 0), last=last, limit=looked_at + 1)
    following = _position(listed[looked_at]) if len(listed) > looked_at else None
    wanted = [item for item in listed[:looked_at] if kind in (None, item["kind"]["S"])]
    if not fits and len(wanted) > limit:
        following, wanted = _position(wanted[limit]), wanted[:limit]
    found: list[Entry] = []
    size = 0
    for start in range(0, len(wanted), BATCH_GET):
        if size > MOST_BYTES or (start and not in_time()):
            return EntryPage(found, _position(wanted[start]))
        batch = [(item["pk"]["S"], item["sk"]["S"]) for item in wanted[start : start + BATCH_GET]]
        rows = tables.get_many(tables.ledger, batch)
        for key in batch:
            entry = items.read_entry_item(rows[key], records=False)
            if fits and not fits(entry):
                continue
            if len(found) == limit:
                return EntryPage(found, (entry.at, entry.seq))
            found.append(entry)
            size += len(rows[key]["body"]["S"])
    return EntryPage(found, following)


def last_until(tables: Tables, account: str, unit: str, at: int) -> Entry | None:
    """Returns the last entry whose instant is not after ``at`` (None: none is), for a wallet that has a later one.

    The timeline is eventually consistent. Its answer counts only if that entry and the next one it lists are
    neighbours.

    Raises:
        Unavailable: the timeline still lags after a second.
    """
    pk = keys.wallet(account, unit)
    for _ in range(LAG_TRIES):
        until = _timeline(tables, pk, last=(at, limits.LAST_SEQ), limit=1)
        after = _timeline(tables, pk, first=(at + 1, 0), limit=1, forward=True)
        seq = _seq(until[0]) if until else 0
        if after and _seq(after[0]) == seq + 1:
            return find(tables, account, unit, until[0]["sk"]["S"]) if until else None
        time.sleep(LAG_WAIT)
    raise Unavailable("the ledger's timeline lags behind")


def last_renewal(tables: Tables, entry: Entry) -> Entry | None:
    """Returns the last entry before this one that renews the wallet's base; None where there is none.

    Raises:
        Unavailable: the timeline lags: it does not have this entry, or the one before it.
    """
    pk, last = keys.wallet(entry.account, entry.unit), (entry.at, entry.seq)
    expected = entry.seq
    while found := _timeline(tables, pk, last=last, limit=limits.LISTED_ENTRIES):
        for item in found:
            if _seq(item) != expected:
                raise Unavailable("the ledger's timeline lags behind")
            expected -= 1
            if item["kind"]["S"] not in RENEWING or _seq(item) == entry.seq:
                continue
            renewal = find(tables, entry.account, entry.unit, item["sk"]["S"])
            if renewal and renewal.renews:
                return renewal
        at, seq = _position(found[-1])
        last = (at, seq - 1)
    if expected:
        raise Unavailable("the ledger's timeline lags behind")
    return None


def first_of_kinds(tables: Tables, account: str, unit: str, kinds: Sequence[str]) -> int | None:
    """Returns the instant of the first entry of one of these kinds that the timeline lists; None: there is none."""
    pk, first = keys.wallet(account, unit), (0, 0)
    while found := _timeline(tables, pk, first=first, limit=limits.LISTED_ENTRIES, forward=True):
        for item in found:
            if item["kind"]["S"] in kinds:
                return _position(item)[0]
        at, seq = _position(found[-1])
        first = (at, seq + 1)
    return None


def committed_since(tables: Tables, account: str, unit: str, since: int) -> tuple[int, int]:
    """Returns the position from which on a wallet's entries were committed at or after an instant.

    An entry is never committed before it holds, nor before its predecessor: so those that are looked for are the ones
    that hold at the instant or later, and the last of those before it, if they were committed late.
    """
    first, pk = (since, 0), keys.wallet(account, unit)
    last, limit = (since - 1, limits.LAST_SEQ), 1
    while found := _timeline(tables, pk, last=last, limit=limit):
        low, high = 0, len(found)
        while low < high:
            middle = (low + high) // 2
            entry = find(tables, account, unit, found[middle]["sk"]["S"])
            if entry and entry.committed_at >= since:
                low = middle + 1
            else:
                high = middle
        if low:
            first = _position(found[low - 1])
        if low < len(found):
            break
        last, limit = (first[0], first[1] - 1), limits.LISTED_ENTRIES
    return first


class ListedRow(NamedTuple):
    """A row that the timeline lists: the entry's id, its position (instant, sequence), and its kind."""

    entry_id: str
    position: tuple[int, int]
    kind: str = ""


def listed_from(
    tables: Tables, account: str, unit: str, first: tuple[int, int], until: int, expected: int, limit: int
) -> list[ListedRow]:
    """Returns up to ``limit`` rows from a position on, in their order, up to an instant.

    Where the list ends before the sequence ``expected``, or has a gap, it is asked again for up to a second.
    """
    pk = keys.wallet(account, unit)
    for attempt in range(LAG_TRIES):
        found = _timeline(tables, pk, first=first, last=(until, limits.LAST_SEQ), limit=limit, forward=True)
        rows = [ListedRow(item["sk"]["S"], _position(item), item["kind"]["S"]) for item in found]
        seqs = [row.position[1] for row in rows if row.position[1] <= expected]
        begins = first[1] or 1
        if len(set(seqs)) == expected - begins + 1 or attempt == LAG_TRIES - 1:
            break
        time.sleep(LAG_WAIT)
    return rows


def following(tables: Tables, account: str, unit: str, first: tuple[int, int], limit: int) -> list[Entry]:
    """Returns up to ``limit`` entries from a position (instant, sequence) on, in their order, with their records.

    It ends before the first one that the timeline does not list yet.
    """
    pk = keys.wallet(account, unit)
    listed = _timeline(tables, pk, first=first, limit=limit, forward=True)
    found: list[Entry] = []
    size = 0
    for start in range(0, len(listed), BATCH_GET):
        batch = [(item["pk"]["S"], item["sk"]["S"]) for item in listed[start : start + BATCH_GET]]
        rows = tables.get_many(tables.ledger, batch)
        for key in batch:
            if key not in rows or _seq(rows[key]) != first[1] + len(found):
                return found
            found.append(items.read_entry_item(rows[key]))
            size += len(rows[key]["body"]["S"])
        if size > MOST_BYTES:
            break
    return found


def _timeline(
    tables: Tables,
    pk: str,
    *,
    first: tuple[int, int] = (0, 0),
    last: tuple[int, int] = (limits.MAX_INSTANT, limits.LAST_SEQ),
    limit: int,
    forward: bool = False,
) -> list[Item]:
    """Returns rows of the index between two positions (instant, sequence), both included.

    The newest comes first, unless ``forward``.
    """
    if first > last:
        return []
    request: dict[str, Any] = {
        "TableName": tables.ledger,
        "IndexName": "timeline",
        "KeyConditionExpression": "pk = :pk AND tl BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":pk": items.s(pk),
            ":first": items.s(keys.timeline(*first)),
            ":last": items.s(keys.timeline(*last)),
        },
        "ScanIndexForward": forward,
    }
    return tables.query(limit, **request)


def _seq(item: Item) -> int:
    return _position(item)[1]


def _position(item: Item) -> tuple[int, int]:
    """Returns the instant and the sequence by which the timeline lists a row."""
    at, _, seq = item["tl"]["S"].partition(".")
    return int(at), int(seq)
