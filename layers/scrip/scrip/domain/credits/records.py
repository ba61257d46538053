"""Records: the single uses of credits that one entry books together, each with its reference.

An entry says the SHA-256 of its records' canonical JSON (a list without white space, UTF-8), so they are under the
entry's hash. A record is ``null`` where its sender skipped it, ``["<steps>", "<reference>"]`` of an amount, and
``["<steps>", "<reference>", "<meter>", "<quantity>", {dimensions}, "<rest>"]`` of a meter, the last ones left out where
they are empty. One that was refused has a minus before the steps that it would have cost, and a letter between them
where it was not for want of credits (``REFUSALS``).

Pure. Does not own which of them can be paid (``domain.wallets.burn_pages``), nor where they are stored (``store``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import Entry

MEMBER: Final = "page"
"""What an entry's ``extra`` says of its records: their stream, the first offset, the one after the last, their hash."""
REFUSALS: Final = {"": "insufficient_credits", "b": "budget_exceeded", "p": "policy_violation"}
"""Why a record was refused, by the letter that it is stored with: the code of the refusal of a burn of its own."""
BUDGET: Final = "b"
POLICY: Final = "p"
_JSON: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True)
_LEVEL: Final = 6
"""Of deflate: references are the most of it, and higher levels save no byte of them."""
_MOST_BYTES: Final = 4_000_000
"""Of canonical JSON: a thousand records come in one megabyte of a request, and each says what it cost besides."""


class Record(NamedTuple):
    """One use of credits.

    Attributes:
        steps: what it cost, or would have cost where it was not ``paid``.
        reference: the caller's.
        meter, quantity, dimensions: what was counted; none of an amount.
        rest: the part of a step that its price has beyond ``steps``, or lacks of them.
        why: the letter of ``REFUSALS`` by which it was refused; empty where it was paid.
    """

    steps: int
    reference: str
    paid: bool = True
    meter: str | None = None
    quantity: str = ""
    dimensions: Mapping[str, str] = {}
    rest: Fraction = Fraction(0)
    why: str = ""

    @property
    def refusal(self) -> str | None:
        """Returns the code of why it was refused; None where it was paid."""
        return None if self.paid else REFUSALS[self.why]

    def to_json(self) -> list[Any]:
        """Returns the record as JSON values."""
        said: list[Any] = [str(self.steps) if self.paid else f"-{self.why}{self.steps}", self.reference]
        if self.meter is not None:
            said += [self.meter, self.quantity]
            if self.dimensions or self.rest:
                said.append(dict(self.dimensions))
            if self.rest:
                said.append(str(self.rest))
        return said


def read_record(body: Any) -> Record | None:
    """Reads what ``to_json`` gave; None for ``null``. Raises one of ``UNREADABLE`` for anything else."""
    if body is None:
        return None
    steps, reference, *counted = body
    paid = not steps.startswith("-")
    why = steps[1:-1].rstrip("0123456789")  # of one that is paid: nothing
    if why not in REFUSALS:
        raise ValueError(f"nothing is refused by {why}")
    number = int(steps if paid else steps[1 + len(why) :])
    if not counted:
        return Record(number, reference, paid, why=why)
    meter, quantity, *more = counted
    rest = Fraction(more[1]) if len(more) > 1 else Fraction(0)
    return Record(number, reference, paid, meter, quantity, more[0] if more else {}, rest, why)


@dataclass(frozen=True)  # no slots: what follows from the bytes is worked out once
class Records:
    """The records of one entry, as they are stored: deflated canonical JSON."""

    packed: bytes

    @staticmethod
    def of(records: Iterable[Record | None]) -> Records:
        """Packs these records."""
        listed = list(records)
        canonical = _JSON.encode([one and one.to_json() for one in listed]).encode()
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        made = Records(deflate.compress(canonical) + deflate.flush())
        made.__dict__.update(canonical=canonical, listed=listed)
        return made

    @cached_property
    def canonical(self) -> bytes:
        """Returns the canonical JSON. Raises ``ValueError`` for bytes that are no such text."""
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            text = inflate.decompress(self.packed, _MOST_BYTES)
        except zlib.error as error:
            raise ValueError("the records are not deflated") from error
        if not inflate.eof or inflate.unused_data:
            raise ValueError("the records are not one deflated text, or too long a one")
        return text

    @cached_property
    def listed(self) -> Sequence[Record | None]:
        """Returns the records in the order of their offsets; None for one that was skipped."""
        return [read_record(one) for one in json.loads(self.canonical)]

    @property
    def digest(self) -> str:
        """Returns SHA-256 of the canonical JSON as 43 characters of base64url."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.canonical).digest()).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What an entry says of its records.

    Attributes:
        stream: names their sender's count; of a lease, the hold's id.
        first, next: the first offset, and the one after the last.
        digest: of the records.
        since: the first offset that was given up right before ``first``; None: none was.
        refused: how many of the records could not be paid.
    """

    stream: str
    first: int
    next: int
    digest: str
    since: int | None = None
    refused: int = 0

    @property
    def begins(self) -> int:
        """Returns the first offset that the entry used up."""
        return self.first if self.since is None else self.since

    def to_json(self) -> dict[str, Any]:
        """Returns it as an entry keeps it."""
        said: dict[str, Any] = {
            "stream": self.stream,
            "first": self.first,
            "next": self.next,
            "records": self.digest,
        }
        if self.since is not None:
            said["since"] = self.since
        if self.refused:
            said["refused"] = self.refused
        return said


def facts_of(entry: Entry) -> PageFacts | None:
    """Returns what an entry says of its records; None for an entry without."""
    said = entry.extra.get(MEMBER)
    if said is None:
        return None
    return PageFacts(
        said["stream"],
        said["first"],
        said["next"],
        said["records"],
        said.get("since"),
        said.get("refused", 0),
    )


class Numbered(NamedTuple):
    """An offset, and its record; None for one that was skipped or given up."""

    offset: int
    record: Record | None


def numbered(entry: Entry, first: int = 0, end: int | None = None) -> Iterator[Numbered]:
    """Yields the offsets from ``first`` to before ``end`` that an entry used up, in order, with their records."""
    facts = facts_of(entry)
    if facts is None or entry.records is None:
        return
    end = facts.next if end is None else min(end, facts.next)
    for offset in range(max(first, facts.begins), end):
        at = offset - facts.first
        yield Numbered(offset, entry.records.listed[at] if at >= 0 else None)


@dataclass(slots=True)
class Sums:
    """What records of one meter, or of no meter, come to together; ``own``: by an account's own card."""

    steps: int = 0
    quantity: Fraction = field(default_factory=Fraction)
    version: int | None = None
    own: bool = False
