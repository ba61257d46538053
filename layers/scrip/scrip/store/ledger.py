"""Reads the ledger: one entry by its id, entries by time, and all rows of a wallet as they are stored.

It writes nothing: entries are written by ``commit`` alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import UNREADABLE, Entry, read_entry
from scrip.domain.credits.errors import Unavailable
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets.wallet import Wallet
from scrip.store import items, keys
from scrip.store.tables import Item, Tables

LAG_TRIES: Final = 20
LAG_WAIT: Final = 0.05
"""How often, and how long apart in seconds, the timeline is asked again while it lags behind the table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A ledger row as it is stored, before its hash is checked.

    ``timeline`` and ``kind`` repeat what the body says, for the index.
    """

    id: str
    body: str
    previous_hash: bytes
    hash: bytes
    timeline: str
    kind: str

    @property
    def seq(self) -> int | None:
        """Returns the sequence in the timeline attribute, or else in the body; None where neither can be read."""
        if (seq := seq_in(self.timeline)) is not None:
            return seq
        try:
            return read_entry(self.body, self.previous_hash).seq
        except UNREADABLE:
            return None


def find(tables: Tables, account: str, unit: str, entry_id: str) -> Entry | None:
    """Returns the entry with this id, read consistently; None where there is none."""
    item = tables.get(tables.ledger, keys.wallet(account, unit), entry_id)
    return items.read_entry_item(item) if item else None


def find_many(tables: Tables, account: str, unit: str, entry_ids: Iterable[str]) -> dict[str, Entry]:
    """Returns the entries of these ids that exist, by id, read consistently."""
    pk = keys.wallet(account, unit)
    found = tables.get_many(tables.ledger, [(pk, entry_id) for entry_id in entry_ids])
    return {sk: items.read_entry_item(item) for (_, sk), item in found.items()}


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
) -> list[Entry]:
    """Returns up to ``limit`` entries, newest first.

    Args:
        since: the least instant, in epoch milliseconds.
        last: the latest position (instant, sequence). Both bounds are included.
        kind: only entries of this kind; None: all.
    """
    pk = keys.wallet(account, unit)
    found = _timeline(tables, pk, first=(since, 0), last=last, limit=limit, kind=kind)
    wanted = [(item["pk"]["S"], item["sk"]["S"]) for item in found]
    rows = tables.get_many(tables.ledger, wanted)
    return [items.read_entry_item(rows[key]) for key in wanted]


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


def rows(tables: Tables, account: str, unit: str) -> Iterator[Row]:
    """Yields every row of a wallet, in no particular order, read consistently from the table itself.

    An attribute that a row lacks is given as empty.
    """
    request: dict[str, Any] = {
        "TableName": tables.ledger,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": keys.wallet(account, unit)}},
        "ConsistentRead": True,
    }
    for page in tables.pages(**request):
        for item in page:
            yield Row(
                id=item["sk"]["S"],
                body=_text(item, "body"),
                previous_hash=bytes(item.get("prev", {}).get("B", b"")),
                hash=bytes(item.get("hash", {}).get("B", b"")),
                timeline=_text(item, "tl"),
                kind=_text(item, "kind"),
            )


def read_entries(rows: Iterable[Row], wallet: Wallet) -> tuple[list[Discrepancy], dict[int, Entry]]:
    """Reads a wallet's rows as entries and checks each against its hash and its keys.

    Returns the discrepancies, ordered by sequence, and the entries by sequence.
    """
    broken: list[Discrepancy] = []
    entries: dict[int, Entry] = {}
    for row in rows:
        try:
            entry = read_entry(row.body, row.previous_hash)
            written = entry.canonical()
        except UNREADABLE:
            broken.append(Discrepancy(f"entry {row.id} cannot be read", row.seq, row.id))
            continue
        # In that text alone: in another, the hash below would not be that of what is stored.
        intact = written == row.body.encode("utf-8", "surrogatepass") and entry.hash() == row.hash
        placed = (entry.account, entry.unit, entry.id, entry.kind, keys.timeline(entry.at, entry.seq))
        if not intact:
            broken.append(Discrepancy(f"entry {entry.seq} does not match its hash", entry.seq, row.id))
        if placed != (wallet.account, wallet.unit, row.id, row.kind, row.timeline):
            broken.append(Discrepancy(f"entry {entry.seq} is not where it belongs", entry.seq, row.id))
        if entry.seq > wallet.version or entry.seq in entries:
            broken.append(Discrepancy(f"entry {entry.seq} is one too many", entry.seq, row.id))
        entries[entry.seq] = entry
    return sorted(broken, key=lambda one: one.seq or 0), entries


def seq_in(timeline: str) -> int | None:
    """Returns the sequence in ``<instant>.<sequence>``; None where the text is not of that form."""
    _, _, seq = timeline.partition(".")
    return int(seq) if seq.isdecimal() else None


def timeline(tables: Tables, account: str, unit: str) -> Iterator[tuple[str, str, str]]:
    """Yields id, position and kind of each row that the index lists, in the index's order."""
    request: dict[str, Any] = {
        "TableName": tables.ledger,
        "IndexName": "timeline",
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": items.s(keys.wallet(account, unit))},
    }
    for page in tables.pages(**request):
        for item in page:
            yield item["sk"]["S"], item["tl"]["S"], _text(item, "kind")


def _text(item: Item, name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _seq(item: Item) -> int:
    return int(item["tl"]["S"].partition(".")[2])


def _timeline(
    tables: Tables,
    pk: str,
    *,
    first: tuple[int, int] = (0, 0),
    last: tuple[int, int] = (limits.MAX_INSTANT, limits.LAST_SEQ),
    limit: int,
    kind: str | None = None,
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
    if kind:
        request["FilterExpression"] = "kind = :kind"
        request["ExpressionAttributeValues"][":kind"] = items.s(kind)
    return tables.query(limit, **request)
