"""Allowances."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, READ, WRITE
from scrip.http.wallets.allowances import AllowancePageView, AllowanceView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/accounts/{account}/allowances/{allowance_id}",
        id="put_allowance",
        tag="Allowances",
        summary="Give an allowance, or change it",
        description="Each period grants its amount once. A change in the middle of a period grants the difference for "
        "the part that is left, and takes nothing back. The same again changes nothing.",
        body="AllowanceBody",
        answers={200: (AllowanceView, "It was there: as it is now."), 201: (AllowanceView, "It is new.")},
        clock=True,
        refusals=(*WRITE, *AMOUNT, "policy_violation"),
        example={"amount": "100", "every": "P1M", "time_zone": "Europe/Berlin", "rollover": {"max": "50"}},
    ),
    Operation(
        route="GET /v1/accounts/{account}/allowances",
        id="list_allowances",
        tag="Allowances",
        summary="Allowances",
        answers={200: AllowancePageView},
        query=("unit", "limit", "cursor"),
        clock=True,
        table=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/allowances/{allowance_id}",
        id="get_allowance",
        tag="Allowances",
        summary="An allowance",
        answers={200: AllowanceView},
        query=("allowance.unit",),
        clock=True,
        refusals=READ,
    ),
    Operation(
        route="DELETE /v1/accounts/{account}/allowances/{allowance_id}",
        id="delete_allowance",
        tag="Allowances",
        summary="End an allowance",
        description="What it granted stays.",
        answers={204: (None, "It grants nothing any more.")},
        query=("allowance.unit",),
        clock=True,
        refusals=READ,
    ),
)
