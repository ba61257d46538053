"""Readings: which books a report is read from, those of a closed month as they were frozen, or the open ones.

Does not own what the books have (``books``), nor how a month is closed (``closes``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scrip.domain.credits.errors import Contended
from scrip.domain.finance.charts import Chart
from scrip.services.engine.executor import Moment
from scrip.services.finance import charts, editions, manifests, periods
from scrip.services.finance.books import Books
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class ReportsDesk:
    """What a report needs.

    Attributes:
        folder: for files.
        clock: this machine's, epoch milliseconds.
        time_left: tells whether more may be read from the ledger.
        seconds: for how long books may be asked; None: for as long as it takes.
    """

    tables: Tables
    archive: Archive
    folder: Path
    clock: Callable[[], int]
    time_left: Callable[[], bool] = editions.always
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class BooksReading:
    """The books that a report is read from.

    Attributes:
        as_of: when they were so, epoch milliseconds: of a closed month, when it was closed.
        complete_through: every entry that was recorded before it is in them; None: that was never proved.
        chart: what their accounts are called.
    """

    tables: Tables
    books: Books
    as_of: int
    complete_through: int | None
    chart: Chart


@contextmanager
def reading(desk: ReportsDesk, month: str, moment: Moment) -> Iterator[BooksReading]:
    """Opens the books of a month, and of all before it.

    Under a pinned test clock what the schedule would have done by then is done first.

    Raises:
        Throttled, Unavailable: not now.
        OutOfTime: it takes longer than the desk gives it.
    """
    if moment.pinned:
        _follow(desk, moment.at)
    known = periods.closes(desk.tables)
    close = periods.closed(desk.tables, month) if month in known else None
    if close:
        manifest = manifests.edition(desk.archive, close.edition, close.edition_sha256)
        chart = Chart.from_json(close.chart)
        as_of = close.as_of
        through: int | None = close.complete_through
    else:
        manifest = manifests.present(desk.tables, desk.archive)
        chart = charts.get_chart(desk.tables)
        as_of, through = moment.at, manifest.complete_through
    with Workspace(desk.archive, desk.folder, desk.seconds) as space:
        books = Books(space, desk.archive, manifest, known, frozen=close is not None, tables=desk.tables)
        yield BooksReading(desk.tables, books, as_of, through, chart)


def _follow(desk: ReportsDesk, now: int) -> None:
    """Makes the edition that is due at an instant, unless somebody else is making one."""
    if editions.is_due(manifests.present(desk.tables, desk.archive), now):
        with suppress(Contended):
            editions.make(desk.tables, desk.archive, desk.folder, now, desk.clock(), desk.time_left)
