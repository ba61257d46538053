"""Credits in: grants, refunds as credit, transfers, compensations, redemptions."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, LEAVES, WRITE
from scrip.http.wallets.compensations import CompensationView, IncidentPageView
from scrip.http.wallets.extensions import ExtensionView
from scrip.http.wallets.grants import GrantMadeView
from scrip.http.wallets.movements import GrantedView
from scrip.http.wallets.transfers import TransferredView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/accounts/{account}/grants",
        id="grant",
        tag="Moving credits",
        summary="Add credits",
        description="They become one lot, on terms that never change. What the wallet owes is repaid out of it first, "
        "where the unit's policy says so.",
        body="GrantBody",
        answers={201: GrantMadeView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, "policy_violation"),
        example={
            "amount": "100",
            "kind": "paid",
            "cost_basis": {"amount": 1000, "currency": "USD"},
            "expires_in": "P1Y",
            "reference": {"type": "invoice", "id": "INV-1"},
        },
    ),
    Operation(
        route="POST /v1/accounts/{account}/refunds",
        id="refund",
        tag="Moving credits",
        summary="Turn money that is kept into credits",
        description="The value, or a part, of an invoice or a payment becomes a lot of kind `refund` whose cost "
        "basis is that money. All refunds of one source together are never above what was paid for it.",
        body="RefundBody",
        answers={201: GrantedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, "policy_violation"),
        example={
            "source": {"type": "invoice", "id": "INV-1"},
            "value": {"amount": 500, "currency": "USD"},
            "paid": {"amount": 1000, "currency": "USD"},
        },
    ),
    Operation(
        route="POST /v1/accounts/{account}/transfers",
        id="transfer",
        tag="Moving credits",
        summary="Move credits to another account",
        description="Where the unit's policy allows it. Lots move in burn order and keep their cost basis, tax point "
        "and expiry. Both wallets change in one transaction.",
        body="TransferBody",
        answers={201: TransferredView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *LEAVES),
        example={"to_account": "acme-labs", "amount": "5"},
    ),
    Operation(
        route="GET /v1/compensations",
        id="list_compensations",
        tag="Moving credits",
        summary="Incidents that accounts are compensated for",
        answers={200: IncidentPageView},
        query=("limit", "cursor"),
        table=True,
    ),
    Operation(
        route="POST /v1/compensations",
        id="compensate",
        tag="Moving credits",
        summary="Make good an incident to many accounts",
        description="Each account gets its credits once for an incident, for ever: the incident is the key. An account "
        "that is refused does not keep the others. Where time was too short for all, the same request goes on where "
        "this one ended.",
        body="CompensationBody",
        answers={200: CompensationView},
        clock=True,
        refusals=("not_found", "contended", *AMOUNT),
        example={
            "incident": "outage-2026-11-23",
            "amount": "5",
            "accounts": [{"account": "acme"}, {"account": "acme-labs", "amount": "7.5"}],
        },
    ),
    Operation(
        route="POST /v1/extensions",
        id="extend_lots",
        tag="Moving credits",
        summary="Let lots end later after an outage",
        description="Every lot that ends some day and of which something is left ends later, once for an incident, for "
        "ever: the incident is the key. Lots that have not begun, are held or are frozen are among them; a rollover "
        "happens at the new end. Of `all` accounts it goes on by itself, and the same request again says how far it "
        "is.",
        body="ExtensionBody",
        answers={200: ExtensionView, 202: ExtensionView},
        clock=True,
        refusals=("contended", "not_found", "idempotency_key_reused"),
        example={"incident": "outage-2026-11-24", "by": "P3D", "accounts": ["acme", "acme-labs"]},
    ),
    Operation(
        route="POST /v1/accounts/{account}/redemptions",
        id="redeem",
        tag="Moving credits",
        summary="Redeem a promotion",
        description="Once to an account, and once to each identity that the promotion asks for, within its window, its "
        "budget and its number of redemptions.",
        body="RedemptionBody",
        answers={201: GrantedView},
        key=True,
        clock=True,
        refusals=(
            *WRITE,
            "amount_out_of_range",
            "policy_violation",
            "promotion_exhausted",
            "promotion_already_claimed",
        ),
        example={"code": "WELCOME", "identities": {"email": "jo@example.test"}},
    ),
)
