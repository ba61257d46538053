"""Holds."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, LOCKED, READ, SPENDS, WRITE
from scrip.http.wallets.holds import HeldView, HoldPageView, HoldView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/accounts/{account}/holds",
        id="hold",
        tag="Holds",
        summary="Set credits aside",
        description="They stay capturable until the deadline, even if their lot expires meanwhile. At the deadline "
        "what is held is given back.",
        body="HoldBody",
        answers={201: HeldView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *SPENDS, *LOCKED),
        example={"amount": "20", "expires_in": "PT1H"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/holds/{hold_id}/capture",
        id="capture",
        tag="Holds",
        summary="Spend held credits",
        description="All of them, or a part; with `final` the rest is given back. More than is held where the hold was "
        "made so.",
        body="CaptureBody",
        answers={201: HeldView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *SPENDS, *LOCKED, "hold_not_open"),
        example={"amount": "12"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/holds/{hold_id}/release",
        id="release",
        tag="Holds",
        summary="Give held credits back",
        description="What goes back to a lot that has expired expires at once.",
        body="ReleaseBody",
        answers={201: HeldView},
        key=True,
        clock=True,
        refusals=(*WRITE, "hold_not_open"),
        example={"reason": "the job was cancelled"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/holds/{hold_id}/extend",
        id="extend",
        tag="Holds",
        summary="Move a hold's deadline",
        body="ExtendBody",
        answers={201: HeldView},
        key=True,
        clock=True,
        refusals=(*WRITE, "hold_not_open"),
        example={"expires_in": "PT2H"},
    ),
    Operation(
        route="GET /v1/accounts/{account}/holds",
        id="list_holds",
        tag="Holds",
        summary="Holds",
        answers={200: HoldPageView},
        query=("unit", "holds.status", "limit", "cursor"),
        clock=True,
        table=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/holds/{hold_id}",
        id="get_hold",
        tag="Holds",
        summary="A hold",
        answers={200: HoldView},
        query=("id.unit",),
        clock=True,
        refusals=READ,
    ),
)
