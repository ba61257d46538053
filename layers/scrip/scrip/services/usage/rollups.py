"""Rollups of what a wallet used, fed from its ledger: read on from the last entry that was counted, in order.

Nobody writes them in a burn's own transaction. Whoever asks reads what is new, and keeps it where that is much. The
stream's reader has a wallet read on after each ``EVERY`` entries, so whoever asks never has more than that to read.
An entry is counted once: what is kept is written together with the sequence up to which it goes, on the condition that
this is still what was read; and a sequence that is missing is waited for, never passed over.

Does not own what an entry used (``domain.usage.uses``), nor what is answered (``totals``, ``forecasts``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zlib import crc32

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Contended, Refusal, Throttled
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.records import facts_of
from scrip.domain.events.run_outs import Spending
from scrip.domain.usage import rollups as sums
from scrip.domain.usage.rollups import HOUR_MS, Hours
from scrip.domain.usage.uses import UNDOING, Use, given_back, uses_of
from scrip.domain.wallets.corrections import BURNS
from scrip.services.engine.paging import Clock
from scrip.store import ledger, rollups
from scrip.store.documents import Document
from scrip.store.ledger import ListedRow
from scrip.store.tables import BATCH_GET, Tables

EVERY: Final = 1000
"""Entries of a wallet after which the stream's reader has it read on. A page counts for more."""
RECORDS: Final = 20
"""Records of a page that count for an entry: a read of its row costs as much as those of so many burns."""
PIECE: Final = 1000
"""Entries that are read before they are kept."""
MUCH: Final = 5_000
"""Records after which they are kept: of pages that is in a few entries."""
KEPT: Final = 100
"""Entries that are not kept by whoever asks: to read them again costs less than to write them."""
STEP_SECONDS: Final = 10.0
"""How long a batch of the stream may read on. What is left is read with the next thousand, or by whoever asks."""
DAY: Final = 24
NEAR: Final = 3
"""Days that lie between others, and are read with them in one query."""


@dataclass(frozen=True, slots=True)
class StoredRollup:
    """A wallet's rollup as it is kept: ``number`` tells it from those that it took the place of."""

    account: str
    unit: str
    document: Document
    number: int
    spending: Spending


class CountedEntry(NamedTuple):
    """An entry that was read on: what is known after it, and what it used."""

    spending: Spending
    uses: Sequence[Use]


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """A rollup, and what was read after it and not kept."""

    stored: StoredRollup
    after: Sequence[CountedEntry] = field(default_factory=tuple)

    @property
    def spending(self) -> Spending:
        """Returns what was used up to the last entry that was read."""
        return self.after[-1].spending if self.after else self.stored.spending

    @property
    def uses(self) -> Iterator[Use]:
        """Yields what was used since what is kept."""
        return (use for one in self.after for use in one.uses)


def load(tables: Tables, account: str, unit: str) -> StoredRollup:
    """Returns a wallet's rollup as it is kept; an empty one where there is none."""
    document = rollups.head(tables, account, unit)
    spending = Spending.from_json(document.body.get("spending", {}))
    return StoredRollup(account, unit, document, document.body.get("number", 0), spending)


def catch_up(
    tables: Tables,
    account: str,
    unit: str,
    version: int,
    time_left: Callable[[], bool],
    kept: int | None = None,
) -> CaughtUp:
    """Reads on up to an entry, while there is time.

    Args:
        version: the sequence of that entry.
        kept: from so many entries on that are new, they are kept; None: from ``KEPT`` on.

    Raises:
        Throttled, Unavailable: a table does not answer.
    """
    stored, least = load(tables, account, unit), KEPT if kept is None else kept
    while True:
        after, weight = _read(tables, stored, version)
        if not after or weight < least:
            return CaughtUp(stored, after)
        try:
            # Where somebody else has kept it meanwhile, that is what there is now.
            stored = _keep(tables, stored, after) or load(tables, account, unit)
        except (Contended, Throttled):
            # It is known all the same; somebody keeps it later.
            return CaughtUp(stored, after)
        if stored.spending.seq >= version or not time_left():
            return CaughtUp(stored)


def roll_up(tables: Tables, entries: Sequence[Entry]) -> None:
    """Has wallets read on of which an entry in this batch says so: a step of the stream's reader.

    What cannot be read or written now is left to the next such entry, or to whoever asks: so it refuses nothing.
    """
    clock = Clock(STEP_SECONDS)
    due = {(entry.account, entry.unit): entry.seq for entry in entries if is_due(entry)}
    for (account, unit), seq in due.items():
        try:
            catch_up(tables, account, unit, seq, clock.in_time, kept=1)
        except Refusal:
            continue


def is_due(entry: Entry) -> bool:
    """Tells whether the stream's reader has an entry's wallet read on: the same of an entry whenever it comes."""
    if entry.seq % EVERY == 0:
        return True
    facts = facts_of(entry)
    return facts is not None and crc32(entry.id.encode()) % EVERY < (facts.next - facts.first) // RECORDS


def rebuild(tables: Tables, account: str, unit: str, version: int) -> CaughtUp:
    """Makes a wallet's rollup anew from its entries, up to one of this sequence.

    Raises:
        Throttled, Unavailable, Contended: a table does not answer, or does not take it. It can be done again.
    """
    while True:
        stored = load(tables, account, unit)
        body = {"number": stored.number + 1, "spending": {}}
        if rollups.save(tables, stored.document, body, stored.number + 1, ()):
            break
    rollups.forget(tables, account, unit, stored.number)
    return catch_up(tables, account, unit, version, lambda: True, kept=1)


def hours_between(tables: Tables, stored: StoredRollup, first: int, last: int) -> Iterator[Hours]:
    """Yields what is kept of the hours between two, both included, in their order, some together."""
    day = first // DAY * DAY
    for _, packed in rollups.hours(tables, stored.account, stored.unit, stored.number, day, last):
        yield {hour: one for hour, one in sums.unpack(packed).items() if first <= hour <= last}


def counted(spending: Spending, entry: Entry, undone: Mapping[str, Entry]) -> CountedEntry:
    """Counts an entry after others; ``undone``: the entries that reversals undo, by id."""
    uses: Sequence[Use] = uses_of(entry)
    if entry.kind == UNDOING and (burned := undone.get(entry.extra["of"])):
        uses = given_back(entry, burned)
    return CountedEntry(spending.with_entry(entry), uses)


def _read(tables: Tables, stored: StoredRollup, version: int) -> tuple[list[CountedEntry], int]:
    """Reads the next entries, a piece at most; returns them, and how many they are, each of many records for more."""
    last, account, unit = stored.spending, stored.account, stored.unit
    expected = min(version, last.seq + PIECE)
    if expected <= last.seq:
        return [], 0
    begins, many = (last.at, last.seq + 1), expected - last.seq
    rows = ledger.listed_from(tables, account, unit, begins, MAX_INSTANT, expected, many)
    rows = _following(rows, last.seq)
    found: list[CountedEntry] = []
    weight = 0
    for start in range(0, len(rows), BATCH_GET):
        batch = rows[start : start + BATCH_GET]
        ids = [row.entry_id for row in batch if row.kind in (*BURNS, UNDOING) or row is batch[-1]]
        entries = ledger.with_records(tables, account, unit, ids)
        burned = [entries[id_].extra["of"] for id_ in ids if entries[id_].kind == UNDOING]
        undone = {**entries, **ledger.with_records(tables, account, unit, [*set(burned) - entries.keys()])}
        for id_ in ids:
            found.append(counted(last, entries[id_], undone))
            last = found[-1].spending
            facts = facts_of(entries[id_])
            weight += facts.next - facts.first if facts else 0
        weight += len(batch)
        if weight > MUCH:
            break
    return found, weight


def _following(rows: Sequence[ListedRow], seq: int) -> list[ListedRow]:
    """Returns the rows that follow a sequence: where one is missing, nothing behind it counts yet."""
    return [row for number, row in enumerate(rows, seq + 1) if row.position[1] == number]


def _keep(tables: Tables, stored: StoredRollup, after: Sequence[CountedEntry]) -> StoredRollup | None:
    """Keeps entries that were read; in as many parts as one transaction takes. Returns what is kept then.

    Returns None where somebody else has kept some of it.
    """
    parts = _changed(tables, stored, [use for one in after for use in one.uses])
    bytes_ = sum(len(packed) for _, packed in parts)
    if len(after) > 1 and (len(parts) > rollups.WRITES or bytes_ > rollups.WRITTEN_BYTES):
        half = len(after) // 2
        first = _keep(tables, stored, after[:half])
        return first and _keep(tables, first, after[half:])
    spending = after[-1].spending
    body = {"number": stored.number, "spending": spending.to_json(spending.at)}
    saved = rollups.save(tables, stored.document, body, stored.number, parts)
    if saved is None:
        return None
    return StoredRollup(stored.account, stored.unit, saved, stored.number, spending)


def _changed(tables: Tables, stored: StoredRollup, uses: Iterable[Use]) -> list[tuple[int, bytes]]:
    """Returns the parts of a rollup that these uses change, each with its first hour, as they are then.

    A part has hours of one day, from its first one to that of the next part.
    """
    mine = list(uses)
    parts: dict[int, Hours] = {}
    for first, last in _runs({use.at // HOUR_MS // DAY for use in mine}):
        found = rollups.hours(
            tables, stored.account, stored.unit, stored.number, first * DAY, last * DAY + DAY - 1
        )
        parts |= {begins: sums.unpack(packed) for begins, packed in found}
    changed: dict[int, Hours] = {}
    for use in mine:
        hour = use.at // HOUR_MS
        day = hour // DAY * DAY
        begins = max((one for one in parts if day <= one <= hour), default=day)
        sums.add_all(parts.setdefault(begins, {}), [use])
        changed[begins] = parts[begins]
    made: list[tuple[int, bytes]] = []
    for begins, hours in changed.items():
        (_, packed), *more = sums.packed_parts(hours)
        made += [(begins, packed), *more]
    return made


def _runs(days: set[int]) -> Iterator[tuple[int, int]]:
    """Yields the first and the last of days that are near each other."""
    ordered = sorted(days)
    start = 0
    for number, day in enumerate(ordered):
        if number + 1 == len(ordered) or ordered[number + 1] > day + NEAR:
            yield ordered[start], day
            start = number + 1
