"""Exports: files of the archive's entries, of the journal, of lots and of what was used, written in the background.

An export is a document: what it has, and how far it is. Its pieces follow from one edition of the archive; each is
written into one object, then noted. A piece whose writer died is written once more, and is the same. Does not own the
rows of FOCUS (``domain.finance.focus``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from scrip.domain.credits.currencies import DECIMALS
from scrip.domain.credits.errors import Contended, KeyReused, NotFound
from scrip.domain.finance.exports import Export, ExportFile, ExportOrder, KeptFormat
from scrip.domain.finance.formats import beancount
from scrip.domain.finance.formats.journals import journals as journals_of
from scrip.domain.finance.periods import begins, month_before, month_of, months_between
from scrip.services.engine.executor import Executor, Moment
from scrip.services.finance import charts, journal_pages, journals, manifests, periods
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.export_rows import NUMBERS, EntryRows
from scrip.services.finance.jobs import JobRun, JobsDesk
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.workspaces import PARQUET, Workspace, digest, queries
from scrip.store import documents, keys
from scrip.store.archive import Archive
from scrip.store.documents import NEW, Document

FOLDER: Final = "exports/"
PIECE_ROWS: Final = 500_000
"""Rows of the archive's objects that one file is made of, or those of one object where it has more."""
LONGEST_MS: Final = 366 * 86_400_000
"""How long the span of an export may be."""
FORMS: Final[Mapping[KeptFormat, str]] = {
    "csv": "FORMAT csv, HEADER true",
    "parquet": PARQUET,
    "jsonl": "FORMAT json",
}
"""How DuckDB writes each format."""
SQL: Final = queries("exports")
MONEY: Final = {
    "journal": ("amount",),
    "lots": ("cost", "tax", "deferred", "tax_deferred"),
    "usage": ("value",),
}
"""Columns of minor units: in CSV they are decimals, as everything there that people read."""


def queue(executor: Executor, key: str, order: ExportOrder, moment: Moment) -> tuple[Export, bool]:
    """Writes down that an export is wanted; the same key is the same export. Returns whether it is new.

    Whoever calls it has ``go_on`` called.

    Raises:
        Contended: the table did not take it; the same request may.
        KeyReused: the key is of an export of something else.
    """
    named = _named(key)
    wanted = Export(named, order, moment.at, moment.pinned)
    if documents.put(executor.tables, keys.export(named), NEW, wanted.to_json()):
        return wanted, True
    document = documents.get(executor.tables, keys.export(named))
    if not document.body:
        raise Contended("the export was neither written nor there: send it again")
    known = Export.from_json(document.body)
    if known.order != order:
        raise KeyReused("the key was used for an export of something else")
    return known, False


def keep(
    executor: Executor,
    archive: Archive,
    order: ExportOrder,
    name: str,
    text: str,
    rows: int,
    moment: Moment,
    clock: int,
) -> Export:
    """Keeps a report that is too big for an answer, as an export that is done; the same text is the same export.

    Args:
        name: the report's.
        clock: this machine's, epoch milliseconds.

    Raises:
        Unavailable: the archive does not take it now.
        Contended: somebody else keeps the same report; the same request may.
    """
    named = _named(f"{order} {hashlib.sha256(text.encode()).hexdigest()}")
    document = documents.get(executor.tables, keys.export(named))
    wanted = Export(named, order, moment.at, moment.pinned)
    return _kept(executor, archive, document, wanted, name, text, rows, clock)


def fulfil(
    executor: Executor, archive: Archive, export_id: str, name: str, text: str, rows: int, clock: int
) -> None:
    """Keeps a report that took longer than an answer may, as the export that was promised in its place.

    Raises:
        NotFound: there is none of this id.
        Unavailable, Contended: not now; done again, it is the same export.
    """
    document = _document(executor, export_id)
    export = Export.from_json(document.body)
    if export.finished_at is None:
        _kept(executor, archive, document, export, name, text, rows, clock)


def _kept(
    executor: Executor,
    archive: Archive,
    document: Document,
    wanted: Export,
    name: str,
    text: str,
    rows: int,
    clock: int,
) -> Export:
    """Writes the one file of a report's export, and that it is done."""
    body, order = text.encode(), wanted.order
    key = f"{FOLDER}{wanted.export_id}/{name}-{month_of(order.since)}.{order.form}"
    archive.put(key, body)
    file = ExportFile(key, len(body), hashlib.sha256(body).hexdigest(), rows)
    kept = replace(wanted, pieces=1, done=1, files=(file,), finished_at=clock)
    if not documents.put(executor.tables, keys.export(wanted.export_id), document.rev, kept.to_json()):
        raise Contended("somebody else keeps the same report now: send it again")
    return kept


def get(executor: Executor, export_id: str) -> Export:
    """Returns an export.

    Raises:
        NotFound: there is none of this id.
    """
    return Export.from_json(_document(executor, export_id).body)


def _document(executor: Executor, export_id: str) -> Document:
    """Reads an export's document. Raises ``NotFound`` where there is none."""
    document = documents.get(executor.tables, keys.export(export_id))
    if not document.body:
        raise NotFound("there is no such export", export_id=export_id)
    return document


def go_on(desk: JobsDesk, export_id: str) -> bool:
    """Does as much of an export as there is time for; returns whether there is more of it.

    Raises:
        Throttled, Unavailable: not now; done again, it goes on where it was.
    """
    document = documents.get(desk.executor.tables, keys.export(export_id))
    if not document.body:
        return False
    export = Export.from_json(document.body)
    if export.finished_at is not None:
        return False
    if desk.clock() < export.held_until:
        return True
    run = _Run(desk, document, export)
    try:
        return run.go_on()
    except Contended:
        # Another run is at it, or makes an edition: whoever comes next goes on.
        run.let_go()
        return True
    except Exception:
        run.let_go()
        raise


def _named(text: str) -> str:
    """Returns the id of the export that a text stands for: the same text is the same export."""
    return f"exp_{hashlib.sha256(text.encode()).hexdigest()[:24]}"


class _Run(JobRun[Export]):
    """One run of an export."""

    def __init__(self, desk: JobsDesk, document: Document, export: Export) -> None:
        super().__init__(desk, document, export)
        self.desk, self.order = desk, export.order

    def go_on(self) -> bool:
        """Writes pieces, each after the one before it; returns whether some are left."""
        self.write(self.job, held=True)
        manifest = self._manifest()
        if manifest is None:
            self.write(self.job)
            return True
        pieces = _pieces(manifest, self.order, self.job.closes)
        if self.job.pieces != len(pieces):
            self.write(replace(self.job, pieces=len(pieces)), held=True)
        while self.job.done < len(pieces):
            if not self.desk.time_left():
                self.write(self.job)
                return True
            number = self.job.done + 1
            file = self._piece(manifest, number, pieces[number - 1])
            files = (*self.job.files, file)
            self.write(replace(self.job, done=number, files=files), held=True)
        self.write(replace(self.job, finished_at=self.desk.clock()))
        return False

    def _manifest(self) -> Manifest | None:
        """Returns the edition that the export has: one that has all that was committed before it began.

        None: there was no time to make it.
        """
        if self.job.edition:
            return manifests.edition(self.desk.archive, *self.job.edition)
        closes = periods.closes(self.tables)
        made = self.edition()
        if made is None:
            return None
        manifest, edition = made
        through = manifest.complete_through
        self.write(replace(self.job, edition=edition, closes=closes, complete_through=through), held=True)
        return manifest

    def _piece(self, manifest: Manifest, number: int, piece: Sequence[str]) -> ExportFile:
        """Writes a piece into an object. An export that was begun again writes the same."""
        form = self.order.form
        key = f"{FOLDER}{self.job.export_id}/{self.order.kind}-{number:04d}.{form}"
        with Workspace(self.desk.archive, self.desk.folder) as space:
            path = space.file(f"piece.{form}")
            if form == "beancount":
                rows = self._ledger(space, manifest, piece[0], path)
            else:
                rows = self._table(space, manifest, piece, path)
            self.desk.archive.put(key, path)
            return ExportFile(key, path.stat().st_size, digest(path), rows)

    def _table(self, space: Workspace, manifest: Manifest, piece: Sequence[str], path: Path) -> int:
        """Writes the rows of a piece; returns how many."""
        order = self.order
        space.run(SQL["macros"])
        paths = space.bring(piece)
        # Paths are our own: names of hexadecimal digits in a folder of ours.
        source = [f"CREATE VIEW source AS FROM read_parquet({paths!r})"]
        space.run(source if paths else SQL["nothing"])
        for (unit,) in space.rows(SQL["units"]):
            precision = self.desk.executor.unit(unit).precision
            space.run(["INSERT INTO precisions VALUES ($unit, $precision)"], unit=unit, precision=precision)
        for code, places in DECIMALS.items() if order.form == "csv" else ():
            space.run(["INSERT INTO currencies VALUES ($code, $places)"], code=code, places=places)
        values: dict[str, Any] = {"since": order.since, "until": order.until, "account": order.account}
        if order.kind == "journal":
            books = Books(space, self.desk.archive, manifest, self.job.closes, frozen=True)
            journals.view_of(books, [part for part in manifest.of("postings") if part.key in piece])
        if order.kind in ("usage", "focus"):
            positions = manifest.last.positions if manifest.last else ""
            rows = EntryRows(space, self.desk.executor, order, self.job.closes, positions)
            query = rows.query(paths)
        else:
            query = SQL[order.kind][0]
        space.run([f"CREATE TEMP TABLE wanted AS {query}"], **values)
        columns = [(str(name), str(kind)) for name, kind, *_ in space.rows(["DESCRIBE wanted"])]
        return space.write([_written(columns, order)], path, FORMS[order.form])

    def _ledger(self, space: Workspace, manifest: Manifest, month: str, path: Path) -> int:
        """Writes a month as a ledger of Beancount's; returns how many entries it has."""
        books = Books(space, self.desk.archive, manifest, self.job.closes, frozen=True)
        opening: dict[tuple[str, str], int] = {}
        if self.order.account is None:
            books.totals(month_before(month), Selection())
            for currency, account, _, _, amount in books.rows("trial_balance", period=month_before(month)):
                opening[(account, currency)] = amount
        chart, account = charts.get_chart(self.tables), self.order.account
        with Workspace(self.desk.archive, self.desk.folder / "journal") as posted:
            books = Books(posted, self.desk.archive, manifest, self.job.closes, frozen=True)
            journals.view(books, month, month)
            count = "SELECT count(*) FROM journal WHERE period = $period AND ($account IS NULL OR account = $account)"
            rows = int(posted.one([count], period=month, account=account))
            entries = journal_pages.listed(books, month, Selection(), account)
            texts = beancount.write(journals_of(entries, "entry"), chart, month, opening)
            with path.open("w", encoding="utf-8") as file:
                file.writelines(texts)
        return rows


def _pieces(manifest: Manifest, order: ExportOrder, closes: Mapping[str, int]) -> list[list[str]]:
    """Returns the objects that each file is made of, at least of one; of a ledger of Beancount's the month."""
    if order.form == "beancount":
        return [[month] for month in _months(order)]
    if order.kind == "lots":
        return [[manifest.last.positions] if manifest.last else []]
    if order.kind == "journal":
        last = month_of(order.until - 1)
        parts = manifest.booked("postings", closes, month_of(order.since), last)
    else:
        parts = [
            part
            for part in manifest.of("entries")
            if part.first_at < order.until and part.last_at >= order.since
        ]
    pieces: list[list[str]] = [[]]
    rows = 0
    for part in parts:
        if rows and rows + part.rows > PIECE_ROWS:
            pieces.append([])
            rows = 0
        pieces[-1].append(part.key)
        rows += part.rows
    return pieces


def _months(order: ExportOrder) -> list[str]:
    """Returns the months of a span."""
    return [*months_between(month_of(order.since), month_of(order.until - 1))]


def whole_months(order: ExportOrder) -> bool:
    """Tells whether a span is of whole months."""
    return begins(month_of(order.since)) == order.since and begins(month_of(order.until)) == order.until


def _written(columns: Sequence[tuple[str, str]], order: ExportOrder) -> str:
    """Returns the query of the rows as their format has them: in CSV texts are no formulas, and money has decimals."""
    if order.form != "csv":
        return "FROM wanted"
    money = MONEY.get(order.kind, ())
    said = []
    for name, kind in columns:
        if name in money:
            said.append(f'money("{name}", coalesce(decimals, 2)) AS "{name}"')
        elif kind == "VARCHAR" and name not in NUMBERS:
            said.append(f'plain("{name}") AS "{name}"')
        else:
            said.append(f'"{name}"')
    # A join alone keeps no order: with few rows DuckDB goes through the currencies instead.
    joined = " LEFT JOIN currencies USING (currency) ORDER BY wanted.rowid" if money else ""
    return f"SELECT {', '.join(said)} FROM wanted{joined}"  # noqa: S608 - names of our own
