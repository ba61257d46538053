"""Batches: entries on their way into the archive, as the ledger's stream brings them or as they are read from it.

An entry may be in several of them, and one that is missing is read from the ledger later (``editions``).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.domain.finance.archive import archived, booked, intact
from scrip.services.accounts.countries import Countries
from scrip.store import stream
from scrip.store.archive import RAW, Archive
from scrip.store.tables import Tables


def added(records: Iterable[Any]) -> tuple[list[Entry], list[Any]]:
    """Returns the entries that records of the ledger's stream add, and the records that do not add a row.

    A row that was added and is no entry is in neither: verification finds it. A record that cannot be read is among
    those that add none, so that it holds up no other.
    """
    entries, others = [], []
    for record in records:
        row = stream.added(record)
        if row is None:
            others.append(record)
        elif row.entry:
            entries.append(row.entry)
    return entries, others


def keep(tables: Tables, archive: Archive, entries: Sequence[Entry]) -> list[str]:
    """Puts entries into the archive, one object for each day on which some were recorded. Returns the objects' keys.

    An object is named by what it holds, so that the same entries are put once however often they come.

    Raises:
        Throttled, Unavailable: not now.
    """
    days: dict[str, list[str]] = {}
    countries = Countries(tables)
    for entry in entries:
        instant = entry.committed_at
        country = countries.at(entry.account, instant) if booked(entry) != [] else None
        row = json.dumps(archived(entry, country), ensure_ascii=False, separators=(",", ":"))
        days.setdefault(day_of(instant), []).append(row)
    found = []
    for day, rows in sorted(days.items()):
        packed = gzip.compress("\n".join(rows).encode("utf-8", "surrogatepass"), compresslevel=6, mtime=0)
        found.append(f"{RAW}{day}/{hashlib.sha256(packed).hexdigest()[:32]}.jsonl.gz")
        archive.put(found[-1], packed)
    return found


def sound(path: Path) -> Path:
    """Returns a file of a batch with only those rows of it that follow from their entries: mostly the file itself."""
    lines = _lines(path)
    kept = [line for line in lines or () if _intact(line)]
    if lines and len(kept) == len(lines):
        return path
    clean = path.with_name(f"sound-{path.name}")
    clean.write_bytes(gzip.compress(b"\n".join(kept), compresslevel=1))
    # What is read from the ledger again is put under the name that this one bears, and is to be brought then.
    path.unlink()
    return clean


def _lines(path: Path) -> list[bytes] | None:
    """Returns the lines of a batch; None where it cannot be unpacked as a whole."""
    try:
        return gzip.decompress(path.read_bytes()).splitlines()
    except (OSError, EOFError, zlib.error):
        return None


def _intact(line: bytes) -> bool:
    """Tells whether a line of a batch follows from the entry in it."""
    try:
        row = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return isinstance(row, dict) and intact(row)


def day_of(instant: int) -> str:
    """Returns the day (UTC) of an instant in epoch milliseconds, such as ``2026-11-30``."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d")
