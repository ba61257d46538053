"""Periods of the books: closes of months."""

from typing import Final

from openapi.declare import Operation
from scrip.http.finance.periods import PeriodPageView, PeriodView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/periods/{period}/close",
        id="close_period",
        tag="Finance",
        summary="Close a month",
        description="From ten minutes after it is over. Books what was due in it, proves that the archive has all of "
        "it, and freezes its reports, and those of the open months right before it; then it answers the same for "
        "ever. What comes later for a closed month is booked in the first open one. A close that takes longer goes on "
        "by itself: the same request again says how far it is.",
        body="CloseBody",
        answers={200: (PeriodView, "It is closed."), 202: (PeriodView, "It goes on by itself.")},
        clock=True,
        refusals=("period_not_over", "not_complete"),
    ),
    Operation(
        route="GET /v1/periods/{period}",
        id="get_period",
        tag="Finance",
        summary="A month, and its close",
        answers={200: PeriodView},
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/periods",
        id="list_periods",
        tag="Finance",
        summary="Closed months",
        description="The latest first.",
        query=("limit", "cursor"),
        answers={200: PeriodPageView},
        table=True,
    ),
)
