"""Burns, quotes and holds."""

from typing import Final

from openapi.declare import Operation
from openapi.lot_answers import Hold
from openapi.moving_answers import Batch, Burned, Held, Quote
from openapi.routes.sets import AMOUNT, LEAVES, READ, WRITE

WALLET: Final = "/v1/accounts/{account}"

OPERATIONS: Final = (
    Operation(
        route=f"POST {WALLET}/burns",
        id="burn",
        tag="Moving credits",
        summary="Spend credits now",
        description="An amount, or so much of a meter as its rate card prices it. `exact` is all or nothing (and may "
        "run up debt where the unit's policy allows it); `up_to` takes what is there and is never refused for lack of "
        "credits.",
        body="BurnBody",
        answers={201: Burned},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *LEAVES),
        example={"amount": "30", "reference": {"type": "job", "id": "job-1"}},
    ),
    Operation(
        route=f"POST {WALLET}/burns/batch",
        id="burn_batch",
        tag="Moving credits",
        summary="Spend credits many times at once",
        description="Burns of one wallet, each with its own key and carried out in order, in as few commits as fit. "
        "One that cannot be paid is refused alone; one whose key is known is replayed. A batch that was cut short "
        "goes on where it ended when it is sent again.",
        body="BatchBody",
        answers={200: Batch},
        clock=True,
        refusals=(*READ, *AMOUNT),
        example={"burns": [{"key": "job-1", "amount": "1"}, {"key": "job-2", "amount": "2.5"}]},
    ),
    Operation(
        route=f"POST {WALLET}/quotes",
        id="quote",
        tag="Moving credits",
        summary="Ask what a burn would do",
        description="Takes a burn's body and moves nothing.",
        body="BurnBody",
        answers={200: Quote},
        clock=True,
        refusals=(*READ, *AMOUNT, "policy_violation"),
        example={"amount": "30"},
    ),
    Operation(
        route=f"POST {WALLET}/holds",
        id="hold",
        tag="Holds",
        summary="Set credits aside",
        description="They stay capturable until the deadline, even if their lot expires meanwhile. At the deadline "
        "what is held is given back.",
        body="HoldBody",
        answers={201: Held},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *LEAVES),
        example={"amount": "20", "expires_in": "PT1H"},
    ),
    Operation(
        route=f"POST {WALLET}/holds/{{hold_id}}/capture",
        id="capture",
        tag="Holds",
        summary="Spend held credits",
        description="All of them, or a part; with `final` the rest is given back. More than is held where the hold was "
        "made so.",
        body="CaptureBody",
        answers={201: Held},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *LEAVES, "hold_not_open"),
        example={"amount": "12"},
    ),
    Operation(
        route=f"POST {WALLET}/holds/{{hold_id}}/release",
        id="release",
        tag="Holds",
        summary="Give held credits back",
        description="What goes back to a lot that has expired expires at once.",
        body="ReleaseBody",
        answers={201: Held},
        key=True,
        clock=True,
        refusals=(*WRITE, "hold_not_open"),
        example={"reason": "the job was cancelled"},
    ),
    Operation(
        route=f"POST {WALLET}/holds/{{hold_id}}/extend",
        id="extend",
        tag="Holds",
        summary="Move a hold's deadline",
        body="ExtendBody",
        answers={201: Held},
        key=True,
        clock=True,
        refusals=(*WRITE, "hold_not_open"),
        example={"expires_in": "PT2H"},
    ),
    Operation(
        route=f"GET {WALLET}/holds/{{hold_id}}",
        id="get_hold",
        tag="Holds",
        summary="A hold",
        answers={200: Hold},
        query=("unit",),
        clock=True,
        refusals=READ,
    ),
)
