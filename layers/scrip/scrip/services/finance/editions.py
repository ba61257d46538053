"""Editions: the archive's days, made of what has come, and proved against the heads of all wallets.

Which wallets there are, and how far each has come, is read from the wallets' table itself, consistently; what the
archive lacks of that is read from the ledger. So an edition is complete whatever was lost on the way, or says what is
missing. Each entry is in one edition, after all entries of its wallet before it, and each carries the hash of the one
before: a row that was changed on its way is in none.

Does not own what the archive keeps of an entry (``domain.finance.archive``).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from scrip.domain.credits.entries import GENESIS, Entry
from scrip.domain.finance import archived_settlements
from scrip.domain.finance.archive import MEMBERS
from scrip.domain.finance.archived_settlements import archived_settlement
from scrip.domain.finance.settlement import ProviderSettlement
from scrip.services.finance import batches, settlements, stretches
from scrip.services.finance.manifests import PARTS, ArchivePart, EditionAttempt, Manifest, Summary
from scrip.services.finance.workspaces import LINES, Query, Workspace, digest, filled, queries
from scrip.store import heads, ledger
from scrip.store.archive import RAW, Archive
from scrip.store.tables import Tables

DAY_MS: Final = 86_400_000
GRACE_MS: Final = 10 * 60_000
"""Milliseconds after its end from which on a day may be complete: as much as a clock may be slow."""
READ_AT_ONCE: Final = 8
"""Wallets whose entries are read from the ledger side by side."""
READ_ROWS: Final = 500
"""Entries that are read from the ledger, and put into the archive, at a time."""
READ_BYTES: Final = 100_000
"""Bytes of a batch of so many, packed: about."""
ADDED_BYTES: Final = 30_000_000
"""Bytes of batches, packed, that are added by one statement. Then it is looked whether there is time for more."""
MOST_BYTES: Final = 1_000_000_000
"""Bytes of batches that one edition takes. The next one takes the rest."""
MOST_SETTLEMENTS: Final = 200_000
"""Settlements that one edition takes. The next one takes the rest."""
SHOWN: Final = 100
"""Wallets that are named of those whose entries are not all there."""

SQL: Final = queries("editions")


@dataclass(frozen=True, slots=True)
class Made:
    """What a run came to.

    Attributes:
        manifest: of the edition that counts after it.
        entries: how many the edition adds; ``late``: how many of these are of days that were over and complete.
        read: how many had to be read from the ledger.
        settlements: how many movements of providers' balances the edition adds.
        done: whether all that had come is in it.
    """

    manifest: Manifest
    entries: int
    late: int
    read: int
    done: bool
    settlements: int


def is_due(manifest: Manifest, now: int) -> bool:
    """Tells whether a day is over that an edition does not prove to have."""
    return manifest.complete_through is None or manifest.complete_through < _cut(now)


def always() -> bool:
    """Tells that there is time left."""
    return True


def make(
    tables: Tables,
    archive: Archive,
    folder: Path,
    now: int,
    clock: int,
    time_left: Callable[[], bool] = always,
) -> Made:
    """Makes the next edition of all that was committed so far; none where nothing is new.

    Args:
        folder: for files.
        now: the instant as of which days are over, epoch milliseconds.
        clock: this machine's, epoch milliseconds.
        time_left: tells whether more may be read from the ledger. What is not read the next run reads.

    Raises:
        Contended: somebody else is making one.
        Throttled, Unavailable: not now; what was done so far is of use to the next run.
    """
    attempt = EditionAttempt(tables, archive, clock)
    try:
        with Workspace(archive, folder) as workspace:
            return _Edition(tables, archive, workspace, attempt, now, time_left).make()
    except Exception:
        attempt.let_go()
        raise


class _Edition:
    """One run."""

    def __init__(
        self,
        tables: Tables,
        archive: Archive,
        workspace: Workspace,
        attempt: EditionAttempt,
        now: int,
        time_left: Callable[[], bool],
    ) -> None:
        self.tables, self.archive, self.space, self.attempt = tables, archive, workspace, attempt
        self.now, self.time_left = now, time_left
        self.before = attempt.before
        self.done = True
        self.came: list[tuple[str, int]] = []
        self.raw: list[str] = []
        self.settled = AddedSettlements()

    def make(self) -> Made:
        """Makes the edition, where something is new."""
        entries, read, missing = (0, 0, list[str]()) if self._unmoved() else self._take()
        cut = None if missing or not self.done else _cut(self.now)
        added = entries + self.settled.count
        if added or self._says_more(cut, missing):
            manifest = self._publish(cut, missing, added)
        else:
            manifest = self.before
            self.attempt.give_up()
        if self.raw:
            self._tidy()
        late = sum(
            part.rows
            for part in manifest.of("entries")
            if part.edition > self.before.edition and self._was_complete(part.day)
        )
        return Made(manifest, entries, late, read, self.done, self.settled.count)

    def _says_more(self, cut: int | None, missing: Sequence[str]) -> bool:
        """Tells whether an edition that adds no entry would say something new."""
        through = self.before.complete_through
        further = cut is not None and (through is None or cut > through)
        return further or tuple(missing[:SHOWN]) != self.before.missing

    def _was_complete(self, day: str) -> bool:
        """Tells whether the edition before had a day whole."""
        through = self.before.complete_through
        return through is not None and day < batches.day_of(through)

    def _unmoved(self) -> bool:
        """Reads the wallets' heads and what has come; tells whether that is nothing, and no wallet has moved."""
        path = self.space.file("heads.tsv")
        with path.open("w", encoding="utf-8") as file:
            for head in heads.every(self.tables):
                file.write(f"{head.account}\t{head.unit}\t{head.seq}\t{head.hash.hex()}\n")
        size = 0
        for key, length in self.archive.listed(RAW):
            if size and size + length > MOST_BYTES:
                self.done = False
                break
            size += length
            self.came.append((key, length))
        self.settled = add_settlements(self.space, self.tables, self.before, MOST_SETTLEMENTS)
        self.done = self.done and self.settled.all
        load_before(self.space, self.before)
        self.space.run(SQL["heads"], path=str(path))
        return not self.came and not self.settled.count and bool(self.space.one(SQL["unmoved"]))

    def _take(self) -> tuple[int, int, list[str]]:
        """Takes what has come and what is missing.

        Returns how many entries fit, how many were read from the ledger, and which wallets' entries are not all there.
        """
        self._add_in_time(self.came)
        self.space.run(SQL["doubtful"])
        # What is missing may be in batches that are left over.
        read = self._read_missing() if self.done else 0
        self.space.run(SQL["chain"], genesis=GENESIS.hex())
        missing = [f"{account}/{unit}: {what}" for account, unit, what in self.space.rows(SQL["unproved"])]
        return self.space.one(["SELECT count(*) FROM fit"]), read, missing

    def _add_in_time(self, came: Sequence[tuple[str, int]]) -> None:
        """Adds batches, given with their bytes, as long as there is time. The next run adds what is left of them."""
        waiting = deque(came)
        while waiting:
            if self.raw and not self.time_left():
                self.done = False
                return
            some, size = list[str](), 0
            while waiting and (not some or size + waiting[0][1] <= ADDED_BYTES):
                key, length = waiting.popleft()
                some.append(key)
                size += length
            self._add(some)
            self.raw += some

    def _add(self, keys: Sequence[str]) -> None:
        """Adds the entries of batches that are new, each once; but for rows that were changed on their way.

        Those are missing, and so are read from the ledger again.
        """
        paths = map(Path, self.space.bring(keys))
        add_files(self.space, [str(batches.sound(path)) for path in paths])

    def _read_missing(self) -> int:
        """Reads from the ledger what the archive lacks up to the wallets' heads. Returns how many entries."""
        read, kept, rest = 0, list[str](), list[Entry]()

        def put() -> None:
            kept.extend(batches.keep(self.tables, self.archive, rest))
            rest.clear()

        with ThreadPoolExecutor(READ_AT_ONCE) as pool:
            for found in pool.map(lambda row: self._read(*row), self.space.rows(SQL["behind"])):
                kept += found.keys
                rest += found.rest
                read += found.entries
                self.done = self.done and found.done
                if len(rest) >= READ_ROWS:
                    put()
        put()
        self._add_in_time([(key, READ_BYTES) for key in kept])
        return read

    def _read(self, account: str, unit: str, seq: int, at: int, last: int) -> _Read:
        """Reads a wallet's entries after one sequence up to another, and puts them into the archive, all but few."""
        found, rest, count = list[str](), list[Entry](), 0
        while seq < last:
            found += batches.keep(self.tables, self.archive, rest)
            if not self.time_left():
                return _Read(found, [], count, done=False)
            rest = ledger.following(self.tables, account, unit, (at, seq + 1), min(READ_ROWS, last - seq))
            if not rest:
                break  # the timeline lags, or a row is gone: the wallet is named
            count += len(rest)
            seq, at = rest[-1].seq, rest[-1].at
        return _Read(found, rest, count, done=True)

    def _publish(self, cut: int | None, missing: Sequence[str], added: int) -> Manifest:
        """Writes the edition's objects, and makes it the one that counts."""
        known = self.before
        parts, summary, unbooked = self._written() if added else ((), self._same(), 0)
        through = max((one for one in (cut, known.complete_through) if one is not None), default=None)
        return self.attempt.commit(
            replace(
                known,
                complete_through=through,
                parts=(*known.parts, *parts),
                summaries=(*known.summaries, *summary),
                missing=tuple(missing[:SHOWN]),
                missing_count=len(missing),
                unbooked=known.unbooked + unbooked,
                settled={**known.settled, **self.settled.places},
            )
        )

    def _same(self) -> tuple[Summary, ...]:
        """Returns what the edition knows of all time where it adds nothing: the same objects as the one before."""
        last = self.before.last
        return (last._replace(edition=self.attempt.number),) if last else ()

    def _written(self) -> tuple[Sequence[ArchivePart], tuple[Summary], int]:
        """Writes the edition's objects; returns them, and how many entries say too little to be booked."""
        number = self.attempt.number
        load_held(self.space, self.before)
        self.space.run(SQL["new"])
        files: dict[str, Path] = {}
        parts = [*self._parts(files)]
        self._sum_up()
        summaries = {
            f"heads/{number:09d}.parquet": "FROM reached ORDER BY account, unit",
            f"positions/{number:09d}.parquet": "FROM positions ORDER BY account, unit, lot",
            f"months/{number:09d}.parquet": "FROM months ORDER BY ALL",
            f"stretches/{number:09d}.parquet": "FROM stretches ORDER BY account, unit, lot",
        }
        for key, query in summaries.items():
            files[key] = self.space.file(key.replace("/", "-"))
            self.space.write([query], files[key])
        self.attempt.plan(list(files))
        with ThreadPoolExecutor(READ_AT_ONCE) as pool:
            for _ in pool.map(self.archive.put, files.keys(), files.values()):
                pass
        last_at = self.space.one(["SELECT coalesce(max(held_at), 0) FROM reached"])
        unbooked = self.space.one(["SELECT count(*) FROM new_rows WHERE postings IS NULL"])
        known_heads, positions, months, lots = summaries
        summary = Summary(number, known_heads, positions, last_at, months, lots)
        return parts, (summary,), unbooked

    def _sum_up(self) -> None:
        """Adds what is new to what the edition before knew of months and of lots."""
        last = self.before.last
        months = self.space.union([last.months] if last else [])
        self.space.run(filled(SQL["months"], {"months": months}), edition=self.attempt.number)
        stretches.load(self.space, "stretches_before", last.stretches if last else None)
        stretches.add(self.space, "stretches", "stretches_before", "new_postings")

    def _parts(self, files: dict[str, Path]) -> Iterator[ArchivePart]:
        """Writes what is new of each day, and yields it; adds the files by their keys."""
        number = self.attempt.number
        days = ["SELECT day, first_at, last_at FROM new_days ORDER BY day"]
        for day, first, last in self.space.rows(days):
            for kind in PARTS:
                path, key = self.space.file(f"{kind}-{day}.parquet"), f"{kind}/day={day}/{number:09d}.parquet"
                query = filled(SQL["part"], {"kind": kind})
                if rows := self.space.write(query, path, day=day, edition=number):
                    files[key] = path
                    size = path.stat().st_size
                    yield ArchivePart(kind, day, number, key, rows, size, digest(path), first, last)

    def _tidy(self) -> None:
        """Deletes the batches that are in the edition; what is not yet in one is put once more."""
        left, kept = self.space.file("left.jsonl.gz"), ""
        if self.space.write(SQL["left"], left, LINES):
            kept = f"{RAW}left/{digest(left)[:32]}.jsonl.gz"
            self.archive.put(kept, left)
        self.archive.delete(key for key in self.raw if key != kept)


def load_before(space: Workspace, manifest: Manifest) -> None:
    """Loads how far an edition knows all wallets to have come, and makes a table for what has come since."""
    if last := manifest.last:
        space.run(SQL["before"], heads=space.bring([last.heads]))
    else:
        space.run(SQL["nothing_before"])
    _table(space, "came", MEMBERS)
    _table(space, "settled", archived_settlements.MEMBERS)


def load_held(space: Workspace, manifest: Manifest, query: str = "held") -> None:
    """Loads what an edition knows of all lots, or of some by another query."""
    if last := manifest.last:
        space.run(SQL[query], positions=space.bring([last.positions]))
    else:
        space.run(SQL["nothing_held"])


def add_files(space: Workspace, paths: Sequence[str]) -> None:
    """Adds the entries in files of batches that are new, each once."""
    if paths:
        space.run(_reading("came", MEMBERS), paths=list(paths))


@dataclass(frozen=True, slots=True)
class AddedSettlements:
    """What was added of what providers moved.

    Attributes:
        places: by provider, the place of the last one.
        all: whether there are no more.
    """

    count: int = 0
    places: Mapping[str, str] = field(default_factory=dict)
    all: bool = True


def add_settlements(
    space: Workspace, tables: Tables | None, manifest: Manifest, most: int | None = None
) -> AddedSettlements:
    """Makes a table of what providers moved that an edition does not have, up to so many movements.

    Args:
        tables: where they are recorded; None: they do not count.

    Raises:
        Throttled, Unavailable: not now.
    """
    count, places, path = 0, dict[str, str](), space.file("settled.jsonl")
    unread = settlements.unread(tables, manifest.settled) if tables else iter(())
    with path.open("w", encoding="utf-8") as file:
        for provider, row in islice(unread, most):
            settlement = ProviderSettlement.from_json(row.body)
            file.write(json.dumps(archived_settlement(provider, settlement, row.recorded_at)) + "\n")
            count, places[provider] = count + 1, row.place
    if count:
        _table(space, "settled", archived_settlements.MEMBERS)
        space.run(_reading("settled", archived_settlements.MEMBERS), path=str(path))
    return AddedSettlements(count, places, next(unread, None) is None)


def load_new(
    space: Workspace, archive: Archive, manifest: Manifest, tables: Tables | None, *, frozen: bool
) -> None:
    """Makes the tables of what has come since an edition and is in none yet: of what is ``frozen`` that is nothing.

    Args:
        tables: where what providers moved is recorded; None: that does not count.
    """
    came = [] if frozen else [key for key, _ in archive.listed(RAW)]
    if not add_settlements(space, tables, manifest).count and not came:
        space.run(SQL["nothing_new"])
        return
    load_before(space, manifest)
    add_files(space, space.bring(came))
    load_held(space, manifest, "held_of_what_came")
    space.run(["CREATE TABLE fit AS SELECT rowid AS place FROM came", *SQL["new"]])


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a wallet's entries: the batches that they were put in, the last few, and how many there were.

    The last few are put together with those of other wallets: an object for each wallet would take minutes.
    """

    keys: Sequence[str]
    rest: Sequence[Entry]
    entries: int
    done: bool


def _reading(name: str, members: Mapping[str, str]) -> Query:
    """Returns a query that reads JSON lines, with the types of their members."""
    columns = ", ".join(f"{one}: '{kind}'" for one, kind in members.items())
    return filled(SQL[name], {"members": columns})


def _table(space: Workspace, name: str, members: Mapping[str, str]) -> None:
    """Makes a table without rows, of members and their types."""
    columns = ", ".join(f"{member} {kind}" for member, kind in members.items())
    space.run([f"CREATE TABLE IF NOT EXISTS {name} ({columns})"])


def _cut(now: int) -> int:
    """Returns the end of the last day that is over, so that no clock is behind it: epoch milliseconds."""
    return (now - GRACE_MS) // DAY_MS * DAY_MS
