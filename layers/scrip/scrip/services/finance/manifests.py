"""Manifests: which objects an edition of the archive consists of, and what is proved of it.

An edition has all of the one before it, and what has come since. Its manifest is an object that never changes; a
document of the wallets table says which one counts, and who is making the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple, get_args

from scrip.domain.credits.errors import Contended, Unavailable
from scrip.domain.finance.periods import month_of, months_between, period_of
from scrip.store import documents, keys
from scrip.store.archive import EDITIONS, Archive
from scrip.store.documents import Document
from scrip.store.tables import Tables

Json = dict[str, Any]

PartKind = Literal["entries", "postings", "lots", "totals", "accounts", "settlements", "gifts"]
PARTS: Final[tuple[PartKind, ...]] = get_args(PartKind)
LOCK_MS: Final = 16 * 60_000
"""How long nobody else makes an edition after somebody began: longer than a function may run."""


class ArchivePart(NamedTuple):
    """An object with what one edition adds of one day.

    Attributes:
        day: on which its entries were recorded.
        first_at, last_at: the first and the last instant at which its entries hold, epoch milliseconds.
        sha256: of its bytes, hexadecimal.
    """

    kind: str
    day: str
    edition: int
    key: str
    rows: int
    bytes: int
    sha256: str
    first_at: int
    last_at: int

    def months(self) -> Iterator[str]:
        """Returns the months in which its entries may hold, from the first to the last."""
        return months_between(month_of(self.first_at), month_of(self.last_at))


class Summary(NamedTuple):
    """What one edition knows of all time.

    Attributes:
        last_at: the last instant at which any entry up to this edition holds; 0 where there is none.
        heads, positions, months, stretches: the keys of its objects.
    """

    edition: int
    heads: str
    positions: str
    last_at: int
    months: str
    stretches: str

    @property
    def objects(self) -> list[str]:
        """Returns the keys of its objects."""
        return [self.heads, self.positions, self.months, self.stretches]


@dataclass(frozen=True, slots=True)
class Manifest:
    """An edition of the archive. ``edition`` 0 is that of nothing.

    Attributes:
        complete_through: every entry that was recorded before this instant is in it; None: that was never proved.
        missing: the first wallets whose entries were not all there, when it was made; and how many such there were.
        unbooked: entries that say too little to be booked.
        settled: by provider, the place of the last of its settlements that is in it.
    """

    edition: int = 0
    complete_through: int | None = None
    parts: tuple[ArchivePart, ...] = ()
    summaries: tuple[Summary, ...] = ()
    missing: tuple[str, ...] = ()
    missing_count: int = 0
    unbooked: int = 0
    settled: Mapping[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Summary | None:
        """Returns what the edition knows of all time; None of that of nothing."""
        return self.summaries[-1] if self.summaries else None

    def of(self, kind: PartKind) -> list[ArchivePart]:
        """Returns the objects of a kind, in the order of their editions and days."""
        return [part for part in self.parts if part.kind == kind]

    def booked(self, kind: PartKind, closes: Mapping[str, int], first: str, last: str) -> list[ArchivePart]:
        """Returns the objects of a kind of which something is booked in one of the months from the first to the last.

        Args:
            closes: by month that was closed, the edition that its close has seen.
        """
        return [
            part
            for part in self.of(kind)
            if any(first <= period_of(month, part.edition, closes) <= last for month in part.months())
        ]

    def versions(self) -> dict[str, int]:
        """Returns by day how often entries of it were added: more than once, where some came after it was over."""
        found: dict[str, set[int]] = {}
        for part in self.of("entries"):
            found.setdefault(part.day, set()).add(part.edition)
        return {day: len(editions) for day, editions in sorted(found.items())}

    def to_bytes(self) -> bytes:
        """Returns it as JSON."""
        said = asdict(self)
        for name in ("parts", "summaries"):
            said[name] = [one._asdict() for one in getattr(self, name)]
        return json.dumps(said, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Manifest:
        """Reads what ``to_bytes`` made."""
        said = json.loads(text)
        parts = tuple(ArchivePart(**part) for part in said.pop("parts"))
        summaries = tuple(Summary(**one) for one in said.pop("summaries"))
        return cls(parts=parts, summaries=summaries, missing=tuple(said.pop("missing")), **said)


def present(tables: Tables, archive: Archive) -> Manifest:
    """Returns the edition that counts.

    Raises:
        Throttled, Unavailable: not now.
    """
    return _read(archive, documents.get(tables, keys.ARCHIVE))


def edition(archive: Archive, number: int, digest: str) -> Manifest:
    """Returns an edition by its number and the SHA-256 of its manifest.

    Raises:
        Unavailable: the archive has no such edition, or it was changed.
    """
    text = archive.get(_key(number)) if number else b""
    if text is None or (number and hashlib.sha256(text).hexdigest() != digest):
        raise Unavailable(f"edition {number} of the archive is not as it was made")
    return Manifest.from_bytes(text) if number else Manifest()


def digest_of(tables: Tables) -> tuple[int, str]:
    """Returns the number of the edition that counts, and the SHA-256 of its manifest."""
    body = documents.get(tables, keys.ARCHIVE).body
    return int(body.get("edition", 0)), str(body.get("sha256", ""))


def _read(archive: Archive, document: Document) -> Manifest:
    return edition(archive, int(document.body.get("edition", 0)), str(document.body.get("sha256", "")))


def _key(number: int) -> str:
    return f"{EDITIONS}{number:09d}.json"


def _number(key: str) -> int:
    """Returns the number of the attempt that wrote an object of ``EDITIONS``."""
    return int(key.removeprefix(EDITIONS).partition(".")[0])


def _plan(number: int) -> str:
    return f"{EDITIONS}{number:09d}.plan"


class EditionAttempt:
    """One attempt at the next edition: while it lasts nobody else makes one.

    Its number is that of no attempt before it, so that no object is ever written twice.
    """

    def __init__(self, tables: Tables, archive: Archive, clock: int) -> None:
        """Begins an attempt, and deletes what others left that came to nothing.

        Args:
            clock: this machine's, epoch milliseconds.

        Raises:
            Contended: somebody else is making an edition.
            Throttled, Unavailable: not now.
        """
        self.tables, self.archive = tables, archive
        known = documents.get(tables, keys.ARCHIVE)
        body = dict(known.body)
        if clock < int(body.get("held_until", 0)):
            raise Contended("another run is making an edition of the archive: come again in some minutes")
        self.before = _read(archive, known)
        listed = [key for key, _ in archive.listed(EDITIONS)]
        # Where the tables were restored the document has forgotten attempts, but the archive has what they wrote.
        self.number = max([int(body.get("attempt", 0)), *map(_number, listed)]) + 1
        self._document = self._put(known, body | {"attempt": self.number, "held_until": clock + LOCK_MS})
        self._forget(listed)

    def _forget(self, listed: Sequence[str]) -> None:
        """Deletes what attempts wrote after the edition that counts, and plans that nobody needs any more.

        What says of objects that they are there is deleted after them: until then, another attempt finds them.
        """
        last, lost, told = self.before.edition, list[str](), list[str]()
        for key in listed:
            if key.endswith(".plan") or _number(key) > last:
                told.append(key)
            if _number(key) <= last:
                continue
            text = self.archive.get(key) or b""
            if key.endswith(".plan"):
                lost += json.loads(text)
            else:
                made = Manifest.from_bytes(text)
                lost += [part.key for part in made.parts if part.edition > last]
                lost += [key for one in made.summaries for key in one.objects]
        # An edition that adds nothing has the summaries of the one before it.
        counting = {key for one in self.before.summaries for key in one.objects}
        self.archive.delete(key for key in dict.fromkeys(lost) if key not in counting)
        self.archive.delete(told)

    def plan(self, keys: Sequence[str]) -> None:
        """Notes which objects are about to be written, so that they are deleted if nothing comes of this attempt."""
        self.archive.put(_plan(self.number), json.dumps(list(keys)).encode())

    def commit(self, manifest: Manifest) -> Manifest:
        """Makes an edition of this attempt the one that counts.

        Raises:
            Contended: this attempt took so long that somebody else began one.
        """
        made = replace(manifest, edition=self.number)
        text = made.to_bytes()
        self.archive.put(_key(self.number), text)
        said = {"edition": self.number, "sha256": hashlib.sha256(text).hexdigest(), "held_until": 0}
        self._document = self._put(self._document, {**self._document.body, **said})
        self.archive.delete([_plan(self.number)])
        return made

    def give_up(self) -> None:
        """Lets others make an edition: nothing has come since the last one."""
        self._document = self._put(self._document, {**self._document.body, "held_until": 0})

    def let_go(self) -> None:
        """Lets others make an edition, unless somebody has begun: this attempt could not."""
        documents.put(self.tables, keys.ARCHIVE, self._document.rev, {**self._document.body, "held_until": 0})

    def _put(self, known: Document, body: Json) -> Document:
        made = documents.put(self.tables, keys.ARCHIVE, known.rev, body)
        if made is None:
            raise Contended("another run is making an edition of the archive: come again in some minutes")
        return made
