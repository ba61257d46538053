"""The books as reports read them: sums of postings with the month that each is booked in, and lots as of an instant.

They have what the edition of the archive has that counts and, unless a month was closed with that edition, what has
come since. Does not own the reports (``reports``), nor which month an entry is booked in (``domain.finance.periods``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from scrip.domain.finance.periods import ends, period_of
from scrip.services.finance import editions, stretches
from scrip.services.finance.manifests import ArchivePart, Manifest, PartKind
from scrip.services.finance.workspaces import Row, Workspace, filled, queries
from scrip.store.archive import Archive
from scrip.store.tables import Tables

SQL: Final = queries("books")
LINES: Final = "account, unit, lot, seq, cause, currency, pack, name, amount, transit, credits, held_at"
"""Columns of postings that say what became of a lot."""
BOOKED: Final = """(
    SELECT one.*
    FROM all_lines AS one
    JOIN places ON places.month = one.month AND places.edition IS NOT DISTINCT FROM one.edition
    WHERE places.period <= $period
)"""
"""Those that are booked up to a month."""


class Selection(NamedTuple):
    """What a report is of: None is all units, and all currencies each by itself."""

    unit: str | None = None
    currency: str | None = None


@dataclass(slots=True)
class Books:
    """The books as of an edition.

    Attributes:
        closes: by month that was closed, the edition that its close has seen.
        frozen: whether only what the edition has is in them.
        tables: what providers moved is read from there, where it is in no edition yet; None: that is not in them.
    """

    space: Workspace
    archive: Archive
    manifest: Manifest
    closes: Mapping[str, int]
    frozen: bool = False
    tables: Tables | None = None
    _loaded: bool = False
    _book_of: tuple[PartKind, str, Selection] | None = None
    """What the table ``book`` has at present."""

    def totals(self, period: str, selection: Selection) -> None:
        """Makes the view ``book``: sums by unit, day, cause, account of the books, meter, pack, country, tax point.

        It has all months up to ``period``.
        """
        self._book("totals", period, selection)

    def accounts(self, period: str, selection: Selection) -> None:
        """Makes the view ``book`` of sums by customers' accounts, of one month alone."""
        self._book("accounts", period, selection)

    def settlements(self, period: str) -> None:
        """Makes the table ``moved``, beside ``book``: what moved providers' balances up to a month, by its type."""
        self.load()
        parts = self.manifest.booked("settlements", self.closes, "", period)
        self.run("settlements", {"settlements": self.union(parts)})
        self.place()
        self.run("moved", period=period)

    def months(self, period: str) -> set[str]:
        """Returns the months up to one in which something is booked."""
        self.totals(period, Selection())
        return {month for (month,) in self.rows("booked_months")}

    def standing(self, at: int, selection: Selection) -> None:
        """Makes the table ``standing``: each lot with cost basis as of an instant, its end and what it has deferred.

        Args:
            at: epoch milliseconds. What holds at that very instant is in it.
        """
        self.load()
        before = [one for one in self.manifest.summaries if one.last_at <= at]
        base, since = (before[-1], before[-1].edition) if before else (None, 0)
        later = {
            kind: [part for part in self.manifest.of(kind) if part.edition > since and part.first_at <= at]
            for kind in ("postings", "lots")
        }
        columns = {
            "postings": "account, unit, lot, seq, currency, name, amount, transit, held_at",
            "lots": "account, unit, lot, seq, currency, made, expires_at, held_at",
        }
        texts = {kind: self.union(parts, columns[kind]) for kind, parts in later.items()}
        texts["base"] = (
            f"read_parquet({self.space.bring([base.positions])!r})"
            if base
            else "(SELECT *, 0::BIGINT AS deferred FROM new_lots WHERE false)"
        )
        self.run("positions", texts, at=at, **selection._asdict())

    def stretches(self, name: str, period: str) -> None:
        """Makes a table of what became of lots of packs up to a month's end, by what is booked until then."""
        self.load()
        last = self.closes.get(period)
        before = [
            one
            for one in self.manifest.summaries
            if one.last_at < ends(period) and (last is None or one.edition <= last)
        ]
        known = before[-1] if before else None
        since = known.edition if known else 0
        parts = [
            one for one in self.manifest.booked("postings", self.closes, "", period) if one.edition > since
        ]
        stretches.load(self.space, f"{name}_known", known.stretches if known else None)
        self.run("lines", {"postings": self.union(parts, f"{LINES}, edition"), "lines": LINES})
        self.place()
        stretches.add(self.space, name, f"{name}_known", BOOKED, period=period)

    def rows(self, name: str, texts: Mapping[str, str] | None = None, **values: Any) -> list[Row]:
        """Returns the rows of a query of books.sql; ``texts`` stand for its names in braces."""
        return self.space.rows(filled(SQL[name], texts or {}), **values)

    def run(self, name: str, texts: Mapping[str, str] | None = None, **values: Any) -> None:
        """Runs a query of books.sql."""
        self.space.run(filled(SQL[name], texts or {}), **values)

    def _book(self, kind: PartKind, period: str, selection: Selection) -> None:
        """Makes ``book``, unless it has the same already: a close asks many reports of one month."""
        if self._book_of == (kind, period, selection):
            return
        self.load()
        last = self.manifest.last if kind == "totals" else None
        texts = {
            kind: self.union(self.manifest.booked(kind, self.closes, period, period)),
            "months": f"read_parquet({self.space.bring([last.months])!r})" if last else "new_months",
        }
        self.run(kind, texts)
        self.place()
        self.run("book", {"kind": kind}, period=period, summed=bool(last), **selection._asdict())
        self._book_of = (kind, period, selection)

    def place(self) -> None:
        """Says of each month and edition in the table ``places`` in which month it is booked."""
        found = self.rows("unplaced")
        self.run(
            "place",
            months=[month for month, _ in found],
            editions=[edition for _, edition in found],
            periods=[period_of(month, edition, self.closes) for month, edition in found],
        )

    def load(self) -> None:
        """Loads what has come since the edition, where that counts."""
        if self._loaded:
            return
        self._loaded = True
        editions.load_new(
            self.space, self.archive, self.manifest, None if self.frozen else self.tables, frozen=self.frozen
        )

    def union(self, parts: Sequence[ArchivePart], columns: str = "*") -> str:
        """Returns the text of a query over objects of the edition: see ``Workspace.union``."""
        return self.space.union((part.key for part in parts), columns)
