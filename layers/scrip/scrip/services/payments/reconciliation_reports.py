"""What reconciliation keeps: what was found of one provider on one day (UTC), by kind, and how far a pass has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from scrip.domain.credits.errors import NotFound
from scrip.services.payments.comparison import Finding
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

Kind = Literal["missed", "paid_without_grant", "grant_without_payment", "amounts_differ"]
Phase = Literal["feed", "judge", "done"]
Walk = Literal["theirs", "paid", "parked"]
KINDS: Final[Sequence[Kind]] = ("missed", "paid_without_grant", "grant_without_payment", "amounts_differ")
SHOWN: Final = 100
"""Findings of one kind that a report shows; the count goes on."""
KEPT_DAYS: Final = 31
"""Days that have a report: a later one takes the place of the one before so many days."""
DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class Noted:
    """Findings of one kind: the first of them, and how many there are."""

    count: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)

    def note(self, finding: Finding) -> None:
        """The same thing about the same payment is one finding, however often a provider lists it."""
        said = finding.to_dict()
        if said in self.items:
            return
        self.count += 1
        if len(self.items) < SHOWN:
            self.items.append(said)


@dataclass(slots=True)
class Report:
    """One day of one provider.

    ``checked_at``: when both sides were last compared; None: what was missed has been passed on, and no more yet.
    ``listed``: payments, refunds and disputes that the provider lists for that day.
    """

    provider: str
    date: str
    checked_at: int | None = None
    listed: int = 0
    found: dict[str, Noted] = field(default_factory=lambda: {kind: Noted() for kind in KINDS})

    @property
    def findings(self) -> int:
        """How much a person has to look at: what was missed has been set right."""
        return sum(noted.count for kind, noted in self.found.items() if kind != "missed")

    def note(self, kind: Kind, finding: Finding) -> None:
        self.found[kind].note(finding)

    def to_body(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Report:
        found = {kind: Noted(**noted) for kind, noted in body["found"].items()}
        return cls(**{**body, "found": found})


@dataclass(slots=True)
class Place:
    """How far a provider's pass has come.

    Attributes:
        begun_at, until: when the pass began, and the instant up to which it looks.
        first: its first day; ``day``: the one it is at.
        walk, cursor: which list it is in, and where the next page of that begins.
        ready_at: before this it does not judge.
        seen: payments that the provider lists for the day at hand.
        report: findings of the day at hand, so far.
        fed, findings: what the pass came to, so far.
        done_until: up to where passes have come to their end.
        error: why the last run could not go on.
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
    report: dict[str, Any] | None = None
    fed: int = 0
    findings: int = 0
    ended_at: int | None = None
    done_until: int = 0
    error: str | None = None


def day_of(at: int) -> int:
    """The day (UTC) of an instant, counted from 1 January 1970."""
    return at // DAY_MS


def date_of(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_MS // 1000, UTC).date().isoformat()


def day_named(date: str) -> int:
    """The inverse of ``date_of``."""
    return day_of(int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) * 1000)


def load(tables: Tables, provider: str, day: int) -> tuple[Report, Document]:
    """The report of a day, an empty one where there is none, and the document that it is kept in."""
    stored = documents.get(tables, keys.report(provider, day % KEPT_DAYS))
    date = date_of(day)
    known = stored.body and stored.body["date"] == date
    return Report.from_body(stored.body) if known else Report(provider, date), stored


def write(tables: Tables, report: Report, stored: Document) -> Item:
    """The transact item that keeps the report."""
    return documents.write(tables, stored.pk, stored.rev, report.to_body())


def get(tables: Tables, provider: str, day: int) -> Report:
    """The report of a day.

    Raises:
        NotFound: there is none, or none any more.
    """
    report, stored = load(tables, provider, day)
    if not stored.body or stored.body["date"] != report.date:
        raise NotFound(f"there is no report of {provider} on {report.date}", provider=provider)
    return report


def place(tables: Tables, provider: str) -> Place:
    """How far the provider's last pass has come."""
    return Place(**documents.get(tables, keys.reconciliation(provider)).body)
