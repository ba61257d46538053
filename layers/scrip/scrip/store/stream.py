"""Reads records of the ledger's stream: rows that were added, and rows that were changed or deleted.

Scrip itself never changes or deletes a ledger row, so each such record shows that the ledger was tampered with.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.store import items, keys
from scrip.store.marks import StreamPosition

WHAT: Final = {"MODIFY": "changed", "REMOVE": "deleted"}
LARGEST: Final = 1_000_000
"""Bytes that the queue's message takes. A row of many records has 300 KB, which are 400 KB of base64; what somebody
else puts in its place may have 400 KB."""


@dataclass(frozen=True, slots=True)
class TouchedRow:
    """What was done to which row; all of it empty where the record says nothing that can be read.

    Attributes:
        what: ``changed`` or ``deleted``.
        members: the row's attributes that are not what they were.
    """

    what: str = ""
    account: str = ""
    unit: str = ""
    entry_id: str = ""
    members: Sequence[str] = ()


def touched(record: Any) -> TouchedRow:
    """Returns the row that a record of the stream is about; an empty ``TouchedRow`` where the record cannot be read."""
    try:
        told = record["dynamodb"]
        account, unit = keys.wallet_parts(told["Keys"]["pk"]["S"])
        old, new = told.get("OldImage", {}), told.get("NewImage", {})
        members = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        return TouchedRow(WHAT[record["eventName"]], account, unit, str(told["Keys"]["sk"]["S"]), members)
    except UNREADABLE:
        return TouchedRow()


def evidence(record: Any) -> str:
    """Returns the record as JSON text, in DynamoDB's own form, so that its ``OldImage`` can be put back unchanged.

    A record over ``LARGEST`` bytes loses its ``NewImage`` first, because the table still has that, and then its
    ``OldImage``. If it is still too large, the text gives only its size.
    """
    text = json.dumps(record)
    for name in ("NewImage", "OldImage"):
        if len(text) > LARGEST and isinstance(record, dict) and isinstance(record.get("dynamodb"), dict):
            record = {**record, "dynamodb": {**record["dynamodb"], name: None}}
            text = json.dumps(record)
    return text if len(text) <= LARGEST else json.dumps({"left_out": f"{len(text)} bytes"})


@dataclass(frozen=True, slots=True)
class InsertedRow:
    """A row that was added to the ledger, as a record of the stream tells it.

    Attributes:
        position: of the record in its shard.
        entry: None where the row is none that Scrip writes.
    """

    position: StreamPosition
    entry: Entry | None


def added(record: Any) -> InsertedRow | None:
    """Returns the row that a record of the stream adds; None where it adds none, or cannot be read."""
    try:
        return inserted(record) if record["eventName"] == "INSERT" else None
    except UNREADABLE:
        return None


def inserted(record: Any) -> InsertedRow:
    """Returns the row that a record of the stream adds.

    Raises:
        One of ``UNREADABLE``: it is no record of a stream.
    """
    told = record["dynamodb"]
    position = StreamPosition(
        str(told["SequenceNumber"]), int(float(told["ApproximateCreationDateTime"]) * 1000)
    )
    try:
        image = told["NewImage"]
        held = {name: {"B": _bytes(value["B"])} if "B" in value else value for name, value in image.items()}
        return InsertedRow(position, items.read_entry_item(held))
    except UNREADABLE:
        return InsertedRow(position, None)


def _bytes(value: Any) -> bytes:
    """Returns bytes of a record: Lambda brings them as base64, the stream itself as they are."""
    return base64.b64decode(value, validate=True) if isinstance(value, str) else bytes(value)
