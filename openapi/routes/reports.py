"""Reports."""

from typing import Final

from openapi.declare import Operation
from scrip.http.payments.reconciliation import ReconciliationView

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
)
