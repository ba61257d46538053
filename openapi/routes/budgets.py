"""Budgets."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, READ, WRITE
from scrip.http.usage.budgets import BudgetPageView, BudgetView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/accounts/{account}/budgets/{budget_id}",
        id="put_budget",
        tag="Budgets",
        summary="Bound what is spent in each period, or change that",
        description="Counts what is spent from now on, exactly, however many spend at once. Holds and leases count "
        "when they are placed, and take off what they give back in the same period; so does a reversal. A changed "
        "limit counts on; a budget that counts other spending, or in other periods, than before begins with nothing. "
        "The same again changes nothing.",
        body="BudgetBody",
        answers={200: (BudgetView, "It was there: as it is now."), 201: (BudgetView, "It is new.")},
        clock=True,
        refusals=(*WRITE, *AMOUNT, "policy_violation"),
        example={
            "limit": "100",
            "every": "P1D",
            "time_zone": "Europe/Berlin",
            "member": "*",
            "warn_at": ["80%"],
        },
    ),
    Operation(
        route="GET /v1/accounts/{account}/budgets",
        id="list_budgets",
        tag="Budgets",
        summary="Budgets",
        answers={200: BudgetPageView},
        query=("unit", "budget.member", "limit", "cursor"),
        clock=True,
        table=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/budgets/{budget_id}",
        id="get_budget",
        tag="Budgets",
        summary="A budget, and what is spent of it",
        answers={200: BudgetView},
        query=("budget.unit", "budget.member"),
        clock=True,
        refusals=READ,
    ),
    Operation(
        route="DELETE /v1/accounts/{account}/budgets/{budget_id}",
        id="delete_budget",
        tag="Budgets",
        summary="Take a budget away",
        description="What was counted in it is forgotten.",
        answers={204: (None, "It bounds nothing any more.")},
        query=("budget.unit",),
        clock=True,
        refusals=READ,
    ),
)
