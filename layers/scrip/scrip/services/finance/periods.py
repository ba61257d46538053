"""Periods: which months of the books are closed, and how far the closes of others are.

A month has a document, and is listed once it is closed. Does not own how it is closed (``closes``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from scrip.domain.credits.errors import NotFound
from scrip.domain.finance.closes import Close, FrozenReport
from scrip.domain.finance.periods import months_between
from scrip.services.engine.paging import Found
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Tables

Json = dict[str, Any]
CloseStatus = Literal["booking", "checking", "archiving", "freezing", "refused", "closed"]
"""How far a close is: what was due is booked; what is missing is looked for; the archive's days are made; reports are
frozen; something was missing; the month is closed."""
RUNNING: Final[tuple[CloseStatus, ...]] = ("booking", "checking", "archiving", "freezing")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a month cannot be closed yet: what is missing of something, and which ones."""

    what: Literal["wallets", "deliveries", "dead_letters", "editions"]
    detail: str
    items: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """How far the close of a month is. Instants are epoch milliseconds.

    Attributes:
        at: the instant as of which it is closed; ``pinned``: whether that is the test clock's.
        by: who asked for it, and the name of that key.
        held_until: by the machine's clock, until when somebody is at it.
        edition: of the archive, that is frozen, with the SHA-256 of its manifest; None: none yet.
        frozen: reports that are frozen already, by month: its own, and those that are closed with it.
        months: of these, how many there are; 0: that is not known yet.
        reasons: why it was refused, last.
        close: what it came to.
    """

    period: str
    status: CloseStatus
    at: int
    pinned: bool
    by: str
    by_name: str | None
    held_until: int = 0
    edition: tuple[int, str] | None = None
    frozen: Mapping[str, Sequence[FrozenReport]] = field(default_factory=dict)
    months: int = 0
    reasons: Sequence[Reason] = field(default_factory=tuple)
    close: Close | None = None

    def with_reasons(self, reasons: Sequence[Reason]) -> Period:
        """Returns it with other reasons."""
        return replace(self, reasons=tuple(reasons))

    def held(self, until: int) -> Period:
        """Returns it held until an instant; 0: by nobody."""
        return replace(self, held_until=until)

    def to_json(self) -> Json:
        """Returns it as it is stored."""
        said = asdict(self)
        said["frozen"] = {month: [one._asdict() for one in reports] for month, reports in self.frozen.items()}
        said["close"] = self.close.to_json() if self.close else None
        return said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Period:
        """Reads what ``to_json`` made."""
        reasons = tuple(Reason(**reason) for reason in said["reasons"])
        close = Close.from_json(said["close"]) if said["close"] else None
        frozen = {
            month: [FrozenReport(**one) for one in reports] for month, reports in said["frozen"].items()
        }
        edition = (said["edition"][0], said["edition"][1]) if said["edition"] else None
        more = {"reasons": reasons, "close": close, "frozen": frozen, "edition": edition}
        return cls(**{**said, **more})


@dataclass(frozen=True, slots=True)
class Closes:
    """Which months are closed: the document that every close writes, so that of two at once one is told.

    Attributes:
        editions: by month, the edition of the archive that its close has seen.
        heads: by edition, the SHA-256 of the object with its heads (``frozen_heads``).
    """

    editions: Mapping[str, int]
    rev: int
    heads: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> Json:
        """Returns it as it is stored."""
        return {"closes": dict(self.editions), "heads": dict(self.heads)}


def known_closes(tables: Tables) -> Closes:
    """Returns which months are closed, read consistently."""
    document = documents.get(tables, keys.PERIODS)
    return Closes(document.body.get("closes", {}), document.rev, document.body.get("heads", {}))


def closes(tables: Tables) -> dict[str, int]:
    """Returns, by month that was closed, the edition of the archive that its close has seen; read consistently."""
    return dict(known_closes(tables).editions)


def is_closing(tables: Tables, month: str, last: str) -> bool:
    """Tells whether a close is under way that may close a month: of that month, or of one after it up to ``last``."""
    found = documents.get_many(tables, map(keys.period, months_between(month, last)))
    return any(document.body.get("status") in RUNNING for document in found.values())


def closed(tables: Tables, month: str) -> Close | None:
    """Returns the close of a month, read consistently; None where it is open, or closed with a later one alone."""
    found = read(documents.get(tables, keys.period(month)))
    return found.close if found else None


def get_period(tables: Tables, month: str) -> Period:
    """Returns how far the close of a month is.

    Raises:
        NotFound: nobody has asked for it.
    """
    found = read(documents.get(tables, keys.period(month)))
    if found is None:
        raise NotFound("nobody has closed this month yet", period=month)
    return found


def list_periods(tables: Tables, limit: int, before: str | None) -> Found[str, Period]:
    """Returns a page of the months that were closed, the latest first.

    Args:
        before: the last one of the page before.
    """
    months = sorted((one for one in closes(tables) if before is None or one < before), reverse=True)
    page = months[:limit]
    found = documents.get_many(tables, map(keys.period, page))
    listed = [(month, period) for month in page if (period := read(found[keys.period(month)]))]
    return Found(listed, page[-1] if len(months) > limit else None)


def read(document: Document) -> Period | None:
    """Reads a month's document; returns None where there is none."""
    return Period.from_json(document.body) if document.body else None
