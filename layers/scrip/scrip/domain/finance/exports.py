"""Exports: what is written of the books into files that somebody takes away.

Does not own what is in such a file (``services.finance.exports``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple

Json = dict[str, Any]
ExportKind = Literal["entries", "journal", "lots", "usage", "focus"]
"""What an export is of: entries of the ledger; the books' journal; lots with cost basis; what was used; rows of FOCUS
1.2."""
ExportFormat = Literal["csv", "parquet", "jsonl", "beancount"]
"""How its files are written; `beancount`: of the journal alone."""
KeptKind = Literal[ExportKind, "report"]
"""What an export has: what one may ask for, or `report`: a report that is too big for an answer, or takes
too long."""
KeptFormat = Literal[ExportFormat, "json"]
"""How an export's files are written; `json`: of reports alone."""
ExportStatus = Literal["queued", "running", "done", "expired"]
"""`expired`: its files are deleted."""
KEPT_MS: Final = 7 * 86_400_000
"""How long files are kept."""


class ExportFile(NamedTuple):
    """A file: an object of the archive. ``sha256``: of its bytes, hexadecimal."""

    object: str
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class FocusNames:
    """What rows of FOCUS call the companies and the service."""

    provider: str
    publisher: str
    invoice_issuer: str
    service: str
    category: str = "Other"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What an export is to have. Instants are epoch milliseconds.

    Attributes:
        since, until: of entries by when they hold, of the journal by its date, of lots by when they were made: the
            first is included, the last is not.
        account: the only customer; None: all.
        issuer: for rows of FOCUS.
    """

    kind: KeptKind
    since: int
    until: int
    form: KeptFormat
    account: str | None = None
    issuer: FocusNames | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """An export, and how far it is.

    Attributes:
        at: when it was asked for; ``pinned``: whether that is the test clock's.
        edition: of the archive, that it has, with the SHA-256 of its manifest; None: not known yet.
        complete_through: every entry that was recorded before this instant is in that edition.
        closes: by month that was closed, the edition that its close has seen.
        pieces: how many there are, each of which is one file; ``done``: how many are written.
        held_until: by the machine's clock, until when somebody is at it.
    """

    export_id: str
    order: ExportOrder
    at: int
    pinned: bool
    edition: tuple[int, str] | None = None
    complete_through: int | None = None
    closes: Mapping[str, int] = field(default_factory=dict)
    pieces: int = 0
    done: int = 0
    files: Sequence[ExportFile] = ()
    finished_at: int | None = None
    held_until: int = 0

    @property
    def expires_at(self) -> int | None:
        """Returns when its files are deleted; None: they are not written yet."""
        return None if self.finished_at is None else self.finished_at + KEPT_MS

    def status(self, now: int) -> ExportStatus:
        """Returns how it stands at an instant, epoch milliseconds of the machine's clock."""
        if self.finished_at is None:
            return "queued" if self.edition is None else "running"
        return "expired" if now >= self.finished_at + KEPT_MS else "done"

    def held(self, until: int) -> Export:
        """Returns it held until an instant; 0: by nobody."""
        return replace(self, held_until=until)

    def to_json(self) -> Json:
        """Returns it as it is stored."""
        said = asdict(self)
        said["files"] = [file._asdict() for file in self.files]
        return said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Export:
        """Reads what ``to_json`` made."""
        order = dict(said["order"])
        issuer = FocusNames(**order.pop("issuer")) if order.get("issuer") else order.pop("issuer", None)
        edition = (said["edition"][0], said["edition"][1]) if said["edition"] else None
        files = tuple(ExportFile(**file) for file in said["files"])
        more = {"order": ExportOrder(**order, issuer=issuer), "edition": edition, "files": files}
        return cls(**{**said, **more})
