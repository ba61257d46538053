"""Reads the rows of a wallet's ledger as they are stored, and checks each against its hash and its keys.

Verification and explanations need all of them; no change to a wallet does. What the ledger's other readers need stands
in ``ledger``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.entries import UNREADABLE, Entry, read_entry
from scrip.domain.credits.records import MEMBER, Records
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.record_checks import check_records
from scrip.domain.wallets.wallet import Wallet
from scrip.store import items, keys
from scrip.store.tables import BATCH_GET, Item, Tables

_SAYS_RECORDS: Final = f'"{MEMBER}":'
"""In the body of every row that has records, and of some others."""


@dataclass(frozen=True, slots=True)
class Row:
    """A ledger row as it is stored, before its hash is checked. What its keys say its body does not, in rows of now.

    ``broken`` is what is wrong with its records: they are checked as the row is read, and let go, since the pages of a
    wallet may have gigabytes of them.
    """

    pk: str
    id: str
    body: str
    previous_hash: bytes
    hash: bytes
    timeline: str
    kind: str
    broken: Sequence[Discrepancy] = ()

    @property
    def seq(self) -> int | None:
        """Returns the sequence in the timeline attribute, or else in the body; None where neither can be read."""
        if (seq := seq_in(self.timeline)) is not None:
            return seq
        try:
            seq = json.loads(self.body)["seq"]
        except UNREADABLE:
            return None
        return seq if type(seq) is int else None

    def entry(self, records: Records | None = None) -> Entry:
        """Reads it as an entry, with these records. Raises one of ``UNREADABLE``."""
        named = items.named_by(self.pk, self.id, self.timeline, self.kind)
        return read_entry(self.body, self.previous_hash, records, named)


def stored(tables: Tables, account: str, unit: str) -> Iterator[Row]:
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
        yield from map(_row, page)


def named(
    tables: Tables, account: str, unit: str, entry_ids: Sequence[str], most: int
) -> tuple[list[Row], int]:
    """Returns the rows that there are under these ids, as ``stored`` gives them, and how many of the ids it looked at.

    It stops looking after ``most`` characters of entries.
    """
    pk = keys.wallet(account, unit)
    found: list[Row] = []
    size = 0
    for start in range(0, len(entry_ids), BATCH_GET):
        if size > most:
            return found, start
        ids = entry_ids[start : start + BATCH_GET]
        batch = tables.get_many(tables.ledger, [(pk, entry_id) for entry_id in ids])
        read = [_row(item) for item in batch.values()]
        found += read
        size += sum(len(row.body) for row in read)
    return found, len(entry_ids)


def read_entries(rows: Iterable[Row], wallet: Wallet) -> tuple[list[Discrepancy], dict[int, Entry]]:
    """Reads a wallet's rows as entries and checks each against its hash and its keys.

    Returns the discrepancies, ordered by sequence, and the entries by sequence.
    """
    broken: list[Discrepancy] = []
    entries: dict[int, Entry] = {}
    for row in rows:
        try:
            entry = row.entry()
            # Rows of before repeat what their keys say.
            written = (entry.kept().encode(), entry.canonical())
        except UNREADABLE:
            broken.append(Discrepancy(f"entry {row.id} cannot be read", row.seq, row.id))
            continue
        broken += row.broken
        # In that text alone: in another, the hash below would not be that of what is stored.
        intact = row.body.encode("utf-8", "surrogatepass") in written and entry.hash() == row.hash
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


def listed(tables: Tables, account: str, unit: str) -> Iterator[tuple[str, str, str]]:
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


def _row(item: Item) -> Row:
    """Reads an item as a row; an attribute that it lacks is empty."""
    row = Row(
        pk=item["pk"]["S"],
        id=item["sk"]["S"],
        body=_text(item, "body"),
        previous_hash=bytes(item.get("prev", {}).get("B", b"")),
        hash=bytes(item.get("hash", {}).get("B", b"")),
        timeline=_text(item, "tl"),
        kind=_text(item, "kind"),
    )
    broken = _of_records(item, row)
    return replace(row, broken=broken) if broken else row


def _of_records(item: Item, row: Row) -> Sequence[Discrepancy]:
    """Returns what is wrong with the records of a row; nothing of a body that cannot be read."""
    if items.RECORDS not in item and _SAYS_RECORDS not in row.body:
        return ()
    packed = item.get(items.RECORDS)
    try:
        entry = row.entry(Records(bytes(packed.get("B", b""))) if packed else None)
    except UNREADABLE:
        return ()
    return tuple(check_records(entry))


def _text(item: Item, name: str) -> str:
    return str(item.get(name, {}).get("S", ""))
