"""Reports: makes the archive's days, woken by a schedule; closes months; answers reports; and writes exports."""

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from scrip import invocation, runtime
from scrip.domain.credits.errors import Contended
from scrip.domain.finance.exports import Export, ExportOrder, KeptFormat
from scrip.domain.finance.periods import month_bounds
from scrip.http.edge import pages, parameters, schedule
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.finance import journals as journal
from scrip.http.finance import periods as shown
from scrip.http.finance import reports as asked
from scrip.http.finance.exports import ExportBody, ExportView, export_view
from scrip.http.finance.periods import CloseBody, PeriodSummaryView
from scrip.http.finance.reports import ReportQuery
from scrip.services.catalogue.units import get_unit
from scrip.services.finance import (
    breakage,
    closes,
    editions,
    exports,
    journal_pages,
    manifests,
    periods,
    promotions,
    readings,
    reports,
)
from scrip.services.finance.books import Books
from scrip.services.finance.closes import ClosesDesk
from scrip.services.finance.jobs import JobsDesk
from scrip.services.finance.readings import BooksReading, ReportsDesk
from scrip.services.finance.reports import CurrencyRows
from scrip.services.finance.workspaces import OutOfTime

MARGIN_MS: Final = 240_000
"""Milliseconds kept back of a run to write what it has: what it does not read from the ledger the next one reads."""
WAIT_SECONDS: Final = 15
"""How long a caller waits for a close; then it goes on by itself."""
HELD_MS: Final = 60_000
"""For how long nobody else goes on with a close that a caller waits for."""
QUEUED_MS: Final = 16 * 60_000
"""For how long nobody else goes on with one that the queue brought: longer than a function may run."""
PAUSE_SECONDS: Final = {"close": 30, "export": 5}
"""How long the queue keeps what goes on, so that whoever is at it, or at an edition, comes to an end. A close that its
caller waits for is at it up to 15 seconds; of several exports that are wanted at once one makes the edition."""
MOST_BYTES: Final = 4_000_000
"""Of an answer: Lambda sends six megabytes, with what is around it."""
ANSWER_SECONDS: Final = 20.0
"""For how long books are asked for an answer: the gateway waits for 30."""
MINUTE_MS: Final = 60_000
FAILED_SECONDS: Final = 60
"""After how many seconds the queue brings again what failed. Else it waits for as long as a function may run, six
times, while somebody polls an export."""
DEAD_LETTERS: Final = {
    "payments": "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL",
    "usage": "SCRIP_USAGE_DEAD_LETTER_QUEUE_URL",
    "archive": "SCRIP_ARCHIVE_DEAD_LETTER_QUEUE_URL",
}
"""The queues of messages that failed and that a month's books may need."""


def close_period(request: HttpRequest) -> Answer:
    """Closes a month: 200 once it is closed, 202 while it goes on by itself."""
    request.body(CloseBody)
    month, ends = shown.month(request.path), time.monotonic() + WAIT_SECONDS
    desk = _desk(lambda: time.monotonic() < ends, HELD_MS)
    found = closes.close(desk, month, request.moment(), request.actor, request.actor_name)
    going_on = found.status in periods.RUNNING
    if going_on:
        _go_on_later(month)
    return answer(202 if going_on else 200, shown.period_view(found, runtime.archive().get))


def get_period(request: HttpRequest) -> Answer:
    """Shows the close of a month."""
    found = periods.get_period(runtime.tables(), shown.month(request.path))
    return answer(200, shown.period_view(found, runtime.archive().get))


def list_periods(request: HttpRequest) -> Answer:
    """Lists closed months, the latest first."""
    before, limit = pages.after(request.query), request.query.limit()
    return request.page(shown.period_page_view(periods.list_periods(runtime.tables(), limit, before)))


def create_export(request: HttpRequest) -> Answer:
    """Has an export written; the same key is the same export."""
    order, caller = request.body(ExportBody).order(), request.caller()
    export, new = exports.queue(runtime.executor(), f"{caller.actor} {caller.key}", order, caller.moment)
    if export.finished_at is None:
        # Whoever sends it again may do so since the queue did not take it.
        runtime.leave_all("SCRIP_REPORTS_QUEUE_URL", [{"export": export.export_id}])
    replay = {} if new else {"idempotent_replay": "true"}
    return answer(202, _export_view(export), **replay)


def get_export(request: HttpRequest) -> Answer:
    """Shows how far an export is, and its files."""
    export_id = parameters.opaque(request.path, "export_id")
    return answer(200, _export_view(exports.get(runtime.executor(), export_id)))


def get_report(request: HttpRequest) -> Answer:
    """Answers a report of a month, or of an instant."""
    return _in_time(request, _report(request))


def get_journal(request: HttpRequest) -> Answer:
    """Answers what each entry posts that is booked in a month: pages in JSON and CSV, or a file for a program."""
    return _in_time(request, _journal(request))


class Task(NamedTuple):
    """A report that is asked for, and what makes its answer, with how many rows that has.

    ``make`` raises ``OutOfTime`` where that takes longer than its desk gives it.
    """

    name: str
    period: str
    form: KeptFormat
    make: Callable[[ReportsDesk], tuple[Answer, int]]

    @property
    def order(self) -> ExportOrder:
        """Returns what an export has in the place of an answer."""
        return ExportOrder("report", *month_bounds(self.period), self.form)


def _in_time(request: HttpRequest, task: Task) -> Answer:
    """Returns a report's answer; in the place of one that is too big, or takes too long, an export that has it."""
    executor, moment = runtime.executor(), request.moment()
    try:
        made, rows = task.make(_reports_desk(ANSWER_SECONDS))
    except OutOfTime:
        return answer(202, _export_view(_promised(request, task)))
    text = made["body"]
    if len(text) <= MOST_BYTES // 4 or len(text.encode()) <= MOST_BYTES:
        return made
    export = exports.keep(
        executor, runtime.archive(), task.order, task.name, text, rows, moment, runtime.now()
    )
    link = {name: value for name, value in made["headers"].items() if name == "link"}
    return answer(202, _export_view(export), **link)


def _promised(request: HttpRequest, task: Task) -> Export:
    """Has a report made in the background. Whoever asks for the same within a minute is given the same export."""
    event, moment = request.again(), request.moment()
    at = moment.at if moment.pinned else moment.at // MINUTE_MS
    key = f"report {json.dumps(event, sort_keys=True)} {at}"
    export, _ = exports.queue(runtime.executor(), key, task.order, moment)
    if export.finished_at is None:
        runtime.leave_all("SCRIP_REPORTS_QUEUE_URL", [{"report": export.export_id, "event": event}])
    return export


def _make_promised(export_id: str, event: Event) -> None:
    """Makes a report that was promised, however long that takes."""
    executor = runtime.executor()
    if exports.get(executor, export_id).finished_at is not None:
        return
    request, route = HttpRequest(event), ROUTES[event["routeKey"]]
    request.admit(route)
    task = TASKS[route.answer](request)
    made, rows = task.make(_reports_desk())
    text = made["body"]
    exports.fulfil(executor, runtime.archive(), export_id, task.name, text, rows, runtime.now())


def _report(request: HttpRequest) -> Task:
    query, moment = asked.report_query(request), request.moment()
    _check_unit(query.selection.unit)

    def make(desk: ReportsDesk) -> tuple[Answer, int]:
        with readings.reading(desk, query.period, moment) as read:
            return (_promotions if query.name == promotions.NAME else _of_money)(query, read)

    return Task(query.name, query.period, "csv" if query.table else "json", make)


def _journal(request: HttpRequest) -> Task:
    query, moment = journal.journal_query(request), request.moment()
    _check_unit(query.selection.unit)
    place, limit = journal.journal_place(request.query), request.query.limit()

    def make(desk: ReportsDesk) -> tuple[Answer, int]:
        with readings.reading(desk, query.period, moment) as read:
            if query.form:
                made = journal.journal_file(request, query, read)
                return made, made["body"].count("\n")
            found, following = journal_pages.page(read.books, query.period, query.selection, place, limit)
            return journal.journal_answer(request, query, read, found, following), len(found)

    form: KeptFormat = "beancount" if query.form == "beancount" else "csv"
    return Task("journal", query.period, form if query.form or query.table else "json", make)


TASKS: Final[Mapping[Callable[[HttpRequest], Answer], Callable[[HttpRequest], Task]]] = {
    get_journal: _journal,
    get_report: _report,
}


def _promotions(query: ReportQuery, read: BooksReading) -> tuple[Answer, int]:
    """Answers what promotions gave in a month; returns also how many rows that are."""
    found = promotions.promotions(read.books, query.period, query.selection, runtime.executor().unit)
    rows = sum(len(one.rows) for one in found)
    if query.table:
        return asked.text_answer(asked.promotions_table(found), "text/csv"), rows
    return answer(200, asked.promotions_view(query, found, read.as_of, read.complete_through)), rows


def _of_money(query: ReportQuery, read: BooksReading) -> tuple[Answer, int]:
    """Answers a report by currency; returns also how many rows it has."""
    found = _found(query, read.books)
    rows = sum(len(one.rows) for one in found)
    if query.table:
        return asked.text_answer(asked.report_table(query, found), "text/csv"), rows
    return answer(200, asked.report_view(query, found, read.as_of, read.complete_through)), rows


def _found(query: ReportQuery, books: Books) -> list[CurrencyRows]:
    if query.name == "breakage" and query.method == "proportional":
        return breakage.proportional(runtime.tables(), books, query.period, query.selection)
    return reports.asked(books, query.name, query.period, query.selection, query.by, query.at)


def go_on(record: SQSRecord, context: Any) -> None:
    """Goes on with what takes longer than anybody waits for. What it raises brings the message again, and soon."""
    with runtime.telling(record.message_id):
        try:
            _go_on(json.loads(record.body), context)
        except Exception:
            runtime.bring_again("SCRIP_REPORTS_QUEUE_URL", record.receipt_handle, FAILED_SECONDS)
            raise


def _go_on(message: dict[str, Any], context: Any) -> None:
    left = _time_left(context)
    if "report" in message:
        _make_promised(message["report"], message["event"])
        return
    if "close" in message:
        more = closes.go_on(_desk(left, QUEUED_MS), message["close"])
    else:
        desk = JobsDesk(runtime.executor(), runtime.archive(), _folder(), runtime.now, left, QUEUED_MS)
        more = exports.go_on(desk, message["export"])
    if more:
        (kind,) = message
        runtime.leave_all("SCRIP_REPORTS_QUEUE_URL", [message], PAUSE_SECONDS[kind])


def make_due(now: int, context: Any) -> dict[str, Any]:
    """Makes an edition of the archive as of an instant, unless all days that are over are in one."""
    manifest = manifests.present(runtime.tables(), runtime.archive())
    if not editions.is_due(manifest, now):
        return {"edition": manifest.edition, "entries": 0, "missing": 0, "done": True}
    return make(now, context)


def make(now: int, context: Any) -> dict[str, Any]:
    """Makes an edition of the archive, and measures what is missing of it."""
    try:
        made = editions.make(
            runtime.tables(), runtime.archive(), _folder(), now, runtime.now(), _time_left(context)
        )
    except Contended:
        return {"busy": True}
    manifest = made.manifest
    runtime.measure("ArchiveIncomplete", manifest.missing_count)
    runtime.measure("ArchiveLate", made.late)
    for name in manifest.missing:
        runtime.logger().error("the archive lacks entries", wallet=name)
    return {
        "edition": manifest.edition,
        "entries": made.entries,
        "late": made.late,
        "read": made.read,
        "missing": manifest.missing_count,
        "done": made.done,
    }


def _reports_desk(seconds: float | None = None) -> ReportsDesk:
    return ReportsDesk(runtime.tables(), runtime.archive(), _folder(), runtime.now, seconds=seconds)


def _check_unit(unit: str | None) -> None:
    if unit is not None:
        get_unit(runtime.tables(), unit)


def _desk(time_left: Callable[[], bool], hold_ms: int) -> ClosesDesk:
    return ClosesDesk(
        runtime.executor(),
        runtime.archive(),
        _folder(),
        runtime.now,
        time_left,
        hold_ms,
        runtime.deliveries(),
        lambda: {name: runtime.waiting_in(queue) for name, queue in DEAD_LETTERS.items()},
    )


def _go_on_later(month: str) -> None:
    runtime.leave_all("SCRIP_REPORTS_QUEUE_URL", [{"close": month}], PAUSE_SECONDS["close"])


def _export_view(export: Export) -> ExportView:
    return export_view(export, runtime.now(), runtime.archive().link)


def _time_left(context: Any) -> Callable[[], bool]:
    return lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS)


def _folder() -> Path:
    return Path(tempfile.gettempdir())


ROUTES = {
    "GET /v1/reports/journal": Route(get_journal, "admin", journal.PARAMETERS),
    "GET /v1/reports/{name}": Route(get_report, "admin", asked.PARAMETERS),
    "POST /v1/periods/{period}/close": Route(close_period, "admin"),
    "GET /v1/periods/{period}": Route(get_period, "admin"),
    "POST /v1/exports": Route(create_export, "admin"),
    "GET /v1/exports/{export_id}": Route(get_export, "admin"),
    "GET /v1/periods": Route(list_periods, "admin", ("limit", "cursor"), Table(PeriodSummaryView)),
}


def handler(event: dict[str, Any], context: Any) -> Any:
    """Answers a request, goes on with what the queue brings, or makes an edition of the archive.

    Without either it is the schedule: the edition is as of its instant, unless all days that are over are in one.
    """
    if "routeKey" in event:
        return serve(event, ROUTES, context)
    if "Records" not in event:
        return make_due(schedule.now(event), context)
    with invocation.lasting(context):
        processor = BatchProcessor(event_type=EventType.SQS)
        return process_partial_response(event, lambda record: go_on(record, context), processor, context)
