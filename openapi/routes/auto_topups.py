"""Automatic top-ups."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT
from scrip.http.payments.auto_topups import AutoTopupView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/accounts/{account}/auto-topup",
        id="put_auto_topup",
        tag="Buying",
        summary="Top up a wallet by itself",
        description="Needs `auto_top_up`, which `grant` includes. Where so many credits are available, or fewer, one "
        "order is made and charged with the payment method that the buyer let you keep (`save_payment_method` of an "
        "order); without one it waits for that (`needs_action`, `method_missing`). There are never two charges in "
        "flight for a wallet, and the cap holds. To put it again, with `enabled` true, forgets failures.",
        body="AutoTopupBody",
        answers={200: AutoTopupView},
        query=("unit",),
        clock=True,
        refusals=(*AMOUNT, "not_found", "policy_violation", "contended"),
        example={
            "threshold": "100",
            "pack": "starter",
            "quantity": 1,
            "provider": "stripe",
            "cap": {"every": "P1M", "count": 5},
        },
    ),
    Operation(
        route="GET /v1/accounts/{account}/auto-topup",
        id="get_auto_topup",
        tag="Buying",
        summary="A wallet's automatic top-up",
        answers={200: AutoTopupView},
        query=("unit",),
        clock=True,
        refusals=("not_found",),
    ),
    Operation(
        route="DELETE /v1/accounts/{account}/auto-topup",
        id="delete_auto_topup",
        tag="Buying",
        summary="Take a wallet's automatic top-up away",
        description="A charge that is in flight is followed to its end, and its credits are granted, all the same. "
        "What was charged counts for the cap if it is put again.",
        answers={204: (None, "It is taken away.")},
        query=("unit",),
        clock=True,
        refusals=("not_found", "contended"),
    ),
)
