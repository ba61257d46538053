"""The daily verification: one survey a day over a share of the tables, in as many runs as it takes.

Between the runs it stores how far the survey is. It does not verify anything itself (see ``survey``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.errors import Contended
from scrip.services.verification.survey import Survey, SurveyRun
from scrip.store import documents, keys
from scrip.store.tables import Tables

WORKERS: Final = 4
"""Parts that run side by side, as many as a share has: most of the time is spent waiting for the table."""
PASS_MS: Final = 20 * 3_600_000
"""Milliseconds between the beginnings of two passes: less than a day, so that a run that starts some minutes early
does not leave a day out."""
SAVED_MS: Final = 30_000
"""Milliseconds between two saves. What a run has done since the last one is done again if the run dies."""
SHOWN: Final = 10
"""Discrepancies kept of each part, each with as many surplus entries, so that they fit into one item. All
are counted."""
LARGEST: Final = 150_000
"""Entries of the largest wallet that is verified: most of a gigabyte, and half a minute. Larger ones are left out, by
name."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of one run.

    Attributes:
        wallets, entries: how many the pass has verified so far.
        found, findings, left: the discrepancies, and the wallets left out, of this run alone.
        done: whether the pass is at its end.
        idle: whether it was before this run, which did nothing.
    """

    wallets: int
    entries: int
    found: int = 0
    findings: Sequence[dict[str, Any]] = ()
    left: Sequence[str] = ()
    done: bool = True
    idle: bool = False


@dataclass(slots=True)
class DailyRun:
    """One run over share ``share``, from 0, of ``shares`` shares.

    ``now`` is the instant of the schedule, ``clock`` is this machine's; both are in epoch milliseconds. ``tell`` is
    given what was found and when the pass began, before that is stored: so it is told once or more.
    """

    tables: Tables
    share: int
    shares: int
    now: int
    clock: Callable[[], int]
    tell: Callable[[Sequence[Mapping[str, Any]], int], None] = lambda _findings, _begun_at: None
    _told: list[int] = field(init=False)
    """How many findings of each part were told, in the order of the parts."""
    _rev: int = field(init=False)
    _saved_at: int = field(init=False)

    def go(self, time_left: Callable[[], bool]) -> RunResult:
        """Goes on with the pass, or begins the next one where that is due.

        Raises:
            Contended: another run of the same share is at work.
            Throttled, Unavailable: the tables do not answer.
        """
        survey = self._load()
        if survey.done:
            return RunResult(survey.total("wallets"), survey.total("entries"), idle=True)
        found = survey.total("found")
        before = {name: self._lengths(survey, name) for name in ("findings", "left_names")}
        self._saved_at = self.clock()
        run = SurveyRun(self.tables, survey, self._save, time_left, shown=SHOWN, largest=LARGEST)
        run.go(WORKERS)
        self._store(survey)
        return RunResult(
            survey.total("wallets"),
            survey.total("entries"),
            survey.total("found") - found,
            self._since(survey, "findings", before["findings"]),
            self._since(survey, "left_names", before["left_names"]),
            survey.done,
        )

    @staticmethod
    def _lengths(survey: Survey, name: str) -> list[int]:
        """Returns how long a list of each part is, in their order.

        A part is another object after each page, so it is known by its place.
        """
        return [len(getattr(part, name)) for part in survey.parts]

    @staticmethod
    def _since(survey: Survey, name: str, lengths: Sequence[int]) -> list[Any]:
        """Returns what was added to a list of each part since they were so long."""
        return [
            one
            for part, length in zip(survey.parts, lengths, strict=True)
            for one in getattr(part, name)[length:]
        ]

    def _load(self) -> Survey:
        """Loads the stored survey.

        A new one begins where the stored one is done and began 20 hours ago, or was made for another number of
        shares.
        """
        stored = documents.get(self.tables, keys.verification(self.share))
        self._rev = stored.rev
        known = Survey.from_body(stored.body) if stored.body else None
        if (
            known is None
            or known.shares != self.shares
            or (known.done and self.now >= known.begun_at + PASS_MS)
        ):
            known = Survey(self.now, self.share, self.shares)
        self._told = self._lengths(known, "findings")
        return known

    def _save(self, survey: Survey) -> None:
        """Stores the survey if the last time was 30 seconds ago."""
        if self.clock() - self._saved_at >= SAVED_MS:
            self._store(survey)

    def _store(self, survey: Survey) -> None:
        """Stores the survey; raises ``Contended`` where another run of this share stored it meanwhile."""
        new = self._since(survey, "findings", self._told)
        if new:
            self.tell(new, survey.begun_at)
        self._told = self._lengths(survey, "findings")
        kept = documents.put(self.tables, keys.verification(self.share), self._rev, survey.to_body())
        if kept is None:
            raise Contended("another run of this share is at work")
        self._rev, self._saved_at = kept.rev, self.clock()
