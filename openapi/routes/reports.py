"""Reports."""

from typing import Final

from openapi.declare import Operation
from scrip.http.finance.exports import ExportView
from scrip.http.finance.journals import JournalPageView
from scrip.http.finance.reports import BooksReportView
from scrip.http.payments.reconciliation import ReconciliationView

TOO_BIG: Final = "It would be over 4 MB, or takes longer than 20 seconds: the export has it, or will."
OPERATIONS: Final = (
    Operation(
        route="GET /v1/reports/reconciliation",
        id="get_reconciliation",
        tag="Buying",
        summary="What a provider lists against what is here",
        description="For one day, as of the last comparison. There is one a day, over several days; reports are kept "
        "for 31.",
        answers={200: ReconciliationView},
        query=("provider", "date"),
        table=True,
        clock=True,
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/reports/journal",
        id="get_journal",
        tag="Finance",
        summary="What each entry posts",
        description="Of the entries that are booked in a month, in pages or as a file that another program imports. "
        "Amounts in tables and files have all decimals of their currency; a currency that a program cannot hold is "
        "refused, never rounded.",
        answers={200: JournalPageView, 202: (ExportView, TOO_BIG)},
        query=(
            "journal.period",
            "reports.currency",
            "reports.unit",
            "journal.format",
            "journal.layout",
            "journal.group",
            "journal.part",
            "limit",
            "cursor",
        ),
        table=True,
        file="A ledger of Beancount's, with assertions of its balances.",
        clock=True,
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/reports/{name}",
        id="get_report",
        tag="Finance",
        summary="What the books say of a month, or of an instant",
        description="By currency, in minor units, each adding up. It says what it has seen of the ledger. A table has "
        "amounts with all decimals of their currency.",
        answers={200: BooksReportView, 202: (ExportView, TOO_BIG)},
        query=(
            "reports.period",
            "reports.currency",
            "reports.unit",
            "reports.format",
            "reports.by",
            "reports.method",
            "reports.at",
        ),
        table=True,
        clock=True,
        refusals=("not_found",),
    ),
)
