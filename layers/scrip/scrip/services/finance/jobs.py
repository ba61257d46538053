"""Jobs: what takes longer than anybody waits for, done by one run at a time, with each step written down.

A run holds its job for some time. Where it dies, whoever comes next goes on where it was. Does not own what a job does
(``closes``, ``exports``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

from scrip.domain.credits.errors import Contended
from scrip.services.engine.executor import Executor
from scrip.services.finance import editions, manifests
from scrip.services.finance.manifests import Manifest
from scrip.store import documents
from scrip.store.archive import Archive
from scrip.store.documents import Document


@dataclass(frozen=True, slots=True)
class JobsDesk:
    """What a run of a job needs.

    Attributes:
        folder: for files.
        clock: this machine's, epoch milliseconds.
        time_left: tells whether something more may begin.
        hold_ms: for how long nobody else is at the same job.
    """

    executor: Executor
    archive: Archive
    folder: Path
    clock: Callable[[], int]
    time_left: Callable[[], bool]
    hold_ms: int


class Job(Protocol):
    """How far a job is, as its document has it."""

    @property
    def at(self) -> int:
        """Returns the instant as of which it is done, epoch milliseconds."""

    def held(self, until: int) -> Self:
        """Returns it held until an instant of the machine's clock; 0: by nobody."""

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""


AnyJob = TypeVar("AnyJob", bound=Job)


class JobRun(Generic[AnyJob]):
    """One run of a job."""

    def __init__(self, desk: JobsDesk, document: Document, job: AnyJob) -> None:
        self.document, self.job = document, job
        self.tables = desk.executor.tables
        self._desk = desk

    def write(self, job: AnyJob, *, held: bool = False) -> None:
        """Writes how far it is; while it is held nobody else goes on.

        Raises:
            Contended: somebody else did.
        """
        job = job.held(self._desk.clock() + self._desk.hold_ms if held else 0)
        written = documents.put(self.tables, self.document.pk, self.document.rev, job.to_json())
        if written is None:
            raise Contended("another run goes on with this")
        self.document, self.job = written, job

    def let_go(self) -> None:
        """Lets others go on, unless somebody has written meanwhile how far it is."""
        documents.put(self.tables, self.document.pk, self.document.rev, self.job.held(0).to_json())

    def edition(self) -> tuple[Manifest, tuple[int, str]] | None:
        """Makes an edition of all that was committed so far; returns it, with its number and its manifest's SHA-256.

        None: there was no time for all of it; the next run makes the rest.

        Raises:
            Contended: somebody else is making one, or made one meanwhile.
        """
        desk = self._desk
        made = editions.make(
            self.tables, desk.archive, desk.folder, self.job.at, desk.clock(), desk.time_left
        )
        if not made.done:
            return None
        number, digest = manifests.digest_of(self.tables)
        if number != made.manifest.edition:
            raise Contended("another edition of the archive was made meanwhile")
        return made.manifest, (number, digest)
