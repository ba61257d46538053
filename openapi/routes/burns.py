"""Burns, and quotes of them."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, LOCKED, READ, SPENDS, WRITE
from scrip.http.wallets.batches import BatchView
from scrip.http.wallets.burns import BurnedView
from scrip.http.wallets.quotes import QuoteView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/accounts/{account}/burns",
        id="burn",
        tag="Moving credits",
        summary="Spend credits now",
        description="An amount, or so much of a meter as its rate card prices it. `exact` is all or nothing (and may "
        "run up debt where the unit's policy allows it); `up_to` takes what is there and is never refused for lack of "
        "credits.",
        body="BurnBody",
        answers={201: BurnedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *SPENDS, *LOCKED),
        example={"amount": "30", "reference": {"type": "job", "id": "job-1"}},
    ),
    Operation(
        route="POST /v1/accounts/{account}/burns/batch",
        id="burn_batch",
        tag="Moving credits",
        summary="Spend credits many times at once",
        description="Burns of one wallet, each with its own key and carried out in order, in as few commits as fit. "
        "One that cannot be paid is refused alone; one whose key is known is replayed. A batch that was cut short "
        "goes on where it ended when it is sent again.",
        body="BatchBody",
        answers={200: BatchView},
        clock=True,
        refusals=(*READ, *AMOUNT),
        example={"burns": [{"key": "job-1", "amount": "1"}, {"key": "job-2", "amount": "2.5"}]},
    ),
    Operation(
        route="POST /v1/accounts/{account}/quotes",
        id="quote",
        tag="Moving credits",
        summary="Ask what a burn, a hold or a capture would do",
        description="Takes a burn's body, or what a hold or a capture says of its amount, and moves nothing.",
        body="QuoteBody",
        answers={200: QuoteView},
        clock=True,
        refusals=(*READ, *AMOUNT, "policy_violation"),
        example={"amount": "30"},
    ),
)
