"""Voids, reversals, adjustments; freezing, unfreezing and closing."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, LEAVES, WRITE
from scrip.http.wallets.corrections import AdjustedView, ReversedView, VoidedView
from scrip.http.wallets.expiry_changes import ExpiryChangedView
from scrip.http.wallets.movements import MovedView


def _status(route: str, id_: str, summary: str, description: str, *more: str) -> Operation:
    """Returns the declaration of a route that changes a wallet's status; all of them are alike."""
    return Operation(
        route=route,
        id=id_,
        tag="Corrections",
        summary=summary,
        description=description,
        body="StatusBody",
        answers={201: MovedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *more),
        example={"reason": "asked for by the customer"},
    )


OPERATIONS: Final = (
    Operation(
        route="POST /v1/accounts/{account}/lots/{lot_id}/void",
        id="void_lot",
        tag="Corrections",
        summary="Take back what is left of a lot",
        description="What is held of it stays, and so does what is frozen. The money of what is taken back is earned, "
        "as breakage. Not where the lot was a mistake and nothing has left it (`as`): then it was never paid.",
        body="VoidBody",
        answers={201: VoidedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, "lot_not_open", "policy_violation"),
        example={"amount": "10", "reason": "granted twice"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/lots/{lot_id}/expiry",
        id="change_expiry",
        tag="Corrections",
        summary="Give a lot another end",
        description="Later, earlier or never: an instant, a duration from now on, or `never`, exactly one of them. "
        "The lot takes its new place in the order of burning, and what is held of it stays held. An end that comes "
        "earlier needs scope `admin`, and of a lot that was paid for `force` besides. What has ended stays so: grant a "
        "new lot.",
        body="ExpiryBody",
        answers={201: ExpiryChangedView},
        key=True,
        clock=True,
        refusals=(*WRITE, "lot_not_open", "policy_violation"),
        example={"expires_in": "P2Y", "reason": "asked for more time"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/burns/{entry_id}/reversal",
        id="reverse",
        tag="Corrections",
        summary="Undo a burn, whole or in part",
        description="The credits go back to the lots they came from, the last drawn first, with their money. What goes "
        "back to a lot that has expired expires at once. A capture can be reversed too. Of a page of burns, or a "
        "lease's settlement, one record is undone by its `offset`: it goes back to the lots that paid for it.",
        body="ReversalBody",
        answers={201: ReversedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, "already_reversed", "policy_violation"),
        example={"reason": "the job failed"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/adjustments",
        id="adjust",
        tag="Corrections",
        summary="Set a balance right",
        description="For what nothing else fits: a `credit` makes a lot, a `debit` takes credits in burn order.",
        body="AdjustmentBody",
        answers={201: AdjustedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *LEAVES),
        example={"direction": "credit", "amount": "1", "reason": "rounding of an import"},
    ),
    _status(
        "POST /v1/accounts/{account}/freeze",
        "freeze",
        "Freeze a wallet",
        "No burn, no hold, no transfer until it is unfrozen. Grants, expiry, clawbacks and captures go on.",
    ),
    _status(
        "POST /v1/accounts/{account}/unfreeze", "unfreeze", "Unfreeze a wallet", "Credits may leave it again."
    ),
    _status(
        "POST /v1/accounts/{account}/close",
        "close",
        "Close a wallet",
        "For ever. It must have nothing in it.",
        "policy_violation",
    ),
)
