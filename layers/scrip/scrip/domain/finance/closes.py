"""Closes of months: what each has frozen, and how the hash is made that stands for all of it.

Does not own how a month is closed (``services.finance.closes``), nor which month an entry is booked in (``periods``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

Json = dict[str, Any]


class FrozenReport(NamedTuple):
    """A report as a close has frozen it: an object of the archive.

    Attributes:
        report: its name among the reports.
        options: what it is by: the query that asks for it, beside the month.
        object: the key of the object; ``sha256``: of its bytes, hexadecimal.
    """

    report: str
    options: Mapping[str, str]
    object: str
    sha256: str
    bytes: int


class ParkedPayment(NamedTuple):
    """A payment that waited for a person as the month was closed."""

    payment: str
    since: int


@dataclass(frozen=True, slots=True)
class Close:
    """The close of a month. It never changes. Instants are epoch milliseconds.

    Attributes:
        as_of: when it was closed.
        complete_through: every entry that was recorded before this instant is in it.
        edition: of the archive, with the SHA-256 of its manifest: what the close has seen.
        heads: the object that has the sequence and the hash of every wallet that the close has seen, and its SHA-256.
        chart: what the accounts of the books were called.
        days: by day of the month, in how many versions the edition has the entries that were recorded on it.
        parked: the first payments that waited for a person, and how many there were.
        closed_by: who asked for it, and the name of that key.
    """

    period: str
    as_of: int
    complete_through: int
    edition: int
    edition_sha256: str
    heads: tuple[str, str]
    chart: Mapping[str, Any]
    reports: Sequence[FrozenReport]
    days: Mapping[str, int]
    parked: Sequence[ParkedPayment]
    parked_count: int
    closed_by: str
    closed_by_name: str | None

    def hash(self) -> str:
        """Returns the SHA-256 of its canonical JSON, hexadecimal: of all that it froze, by the hashes of that."""
        return hashlib.sha256(canonical(self.to_json())).hexdigest()

    def to_json(self) -> Json:
        """Returns it as plain values."""
        said = asdict(self)
        said["heads"] = list(self.heads)
        said["reports"] = [report._asdict() for report in self.reports]
        said["parked"] = [payment._asdict() for payment in self.parked]
        return said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Close:
        """Reads what ``to_json`` made."""
        reports = tuple(FrozenReport(**report) for report in said["reports"])
        parked = tuple(ParkedPayment(**payment) for payment in said["parked"])
        heads = (said["heads"][0], said["heads"][1])
        return cls(**{**said, "heads": heads, "reports": reports, "parked": parked})


def canonical(said: Any) -> bytes:
    """Returns plain values as the JSON of which hashes are made: members in the order of their names, no spaces."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
