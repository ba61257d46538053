"""Reconciliation with a provider: what was found of one day (UTC), how far a pass over the days has come, and the JSON
that both are stored as.

Does not own what differs (``comparison``), or how a provider is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self

from scrip.domain.payments.comparison import Finding

Kind = Literal["missed", "paid_without_grant", "grant_without_payment", "amounts_differ"]
Phase = Literal["feed", "judge", "done"]
Walk = Literal["theirs", "paid", "parked"]
KINDS: Final[Sequence[Kind]] = ("missed", "paid_without_grant", "grant_without_payment", "amounts_differ")
SHOWN: Final = 100
"""Findings of one kind that a report shows; the count goes on."""
DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class Findings:
    """Findings of one kind: the first of them, and how many there are."""

    count: int = 0
    items: list[Finding] = field(default_factory=list)

    def note(self, finding: Finding) -> None:
        """Counts a finding. The same one is counted once, however often a provider lists it."""
        if finding in self.items:
            return
        self.count += 1
        if len(self.items) < SHOWN:
            self.items.append(finding)


@dataclass(slots=True)
class Report:
    """One day of one provider.

    Attributes:
        date: the day (UTC), ISO 8601.
        checked_at: when both sides were last compared; None: what was missed has been passed on, and no more yet.
        listed: payments, refunds and disputes that the provider lists for that day.
        found: the findings of every kind.
    """

    provider: str
    date: str
    checked_at: int | None = None
    listed: int = 0
    found: dict[Kind, Findings] = field(default_factory=lambda: {kind: Findings() for kind in KINDS})

    @property
    def findings(self) -> int:
        """Counts what a person has to look at: all but what was missed, which has been set right."""
        return sum(found.count for kind, found in self.found.items() if kind != "missed")

    def note(self, kind: Kind, finding: Finding) -> None:
        """Counts a finding of this kind, once."""
        self.found[kind].note(finding)

    def begun_again(self) -> Report:
        """Returns an empty report of the same day. What was missed stays in it, pass after pass."""
        return Report(
            self.provider, self.date, found={**Report("", "").found, "missed": self.found["missed"]}
        )

    def to_json(self) -> dict[str, Any]:
        """Returns the report as plain JSON values, with the members in the order in which they are stored."""
        found = {
            kind: {"count": one.count, "items": [finding.to_json() for finding in one.items]}
            for kind, one in self.found.items()
        }
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**said, "found": found}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError: a member is missing, or is not known.
        """
        found = {
            kind: Findings(one["count"], [Finding.from_json(item) for item in one["items"]])
            for kind, one in body["found"].items()
        }
        return cls(**{**body, "found": found})


@dataclass(slots=True)
class Pass:
    """A pass over a provider's last days, as far as it has come. The fields stand in the order of the stored JSON.

    Attributes:
        begun_at, until: when the pass began, and the instant up to which it looks.
        first: its first day, counted from 1 January 1970; ``day``: the one it is at.
        walk, cursor: which list it is in, and where the next page of that begins.
        ready_at: before this it does not judge.
        seen: marks of the payments that the provider lists for the day at hand.
        report: findings of the present day, so far.
        fed, findings: what the pass came to, so far.
        done_until: up to where passes have come to their end.
        error: why the last run could not go on.
        stopped_at: the first of the runs without a break that could not; it is stored only where there is one.
    """

    begun_at: int = 0
    until: int = 0
    first: int = 0
    day: int = 0
    phase: Phase = "done"
    walk: Walk = "theirs"
    cursor: Any = None
    ready_at: int = 0
    seen: str = ""
    report: Report | None = None
    fed: int = 0
    findings: int = 0
    ended_at: int | None = None
    done_until: int = 0
    error: str | None = None
    stopped_at: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the pass as plain JSON values, with the members in the order in which they are stored."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        if self.stopped_at is None:
            del said["stopped_at"]
        return {**said, "report": self.report.to_json() if self.report else None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote; from an empty body the pass of a provider that was never looked at.

        Raises:
            KeyError, TypeError: a member of the report is missing, or a member is not known.
        """
        report = body.get("report")
        return cls(**{**body, "report": Report.from_json(report) if report else None})


def day_of(at: int) -> int:
    """Returns the day (UTC) of an instant, counted from 1 January 1970."""
    return at // DAY_MS


def date_of(day: int) -> str:
    """Returns the ISO date of a day that is counted from 1 January 1970."""
    return datetime.fromtimestamp(day * DAY_MS // 1000, UTC).date().isoformat()


def day_named(date: str) -> int:
    """Returns the day of an ISO date: the inverse of ``date_of``."""
    return day_of(int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) * 1000)
