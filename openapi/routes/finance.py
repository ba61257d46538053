"""The books: the chart of accounts."""

from typing import Final

from openapi.declare import Operation
from scrip.http.finance.charts import ChartOfAccountsView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/chart-of-accounts",
        id="put_chart_of_accounts",
        tag="Finance",
        summary="Say what the accounts of the books are called",
        description="It replaces what was said before; an account that is left out has its own name again. Two "
        "accounts may have one name: they are one account of your books. A colon stands between an account and one "
        "under it. What a closed month was told under stays as it was.",
        body="ChartOfAccountsBody",
        clock=True,
        answers={200: ChartOfAccountsView},
        refusals=("contended",),
        example={"deferred_revenue": "2400", "revenue": "4000", "cash.stripe": "1100"},
    ),
    Operation(
        route="GET /v1/chart-of-accounts",
        id="get_chart_of_accounts",
        tag="Finance",
        summary="What the accounts of the books are called",
        description="Every account has a name where nobody said one, but `promotional_expense`: without a name "
        "nothing is booked to it.",
        answers={200: ChartOfAccountsView},
    ),
)
