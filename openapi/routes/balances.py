"""Balances, lots, entries, and why."""

from typing import Final

from openapi.answers import Balance, Entry, EntryPage
from openapi.declare import Operation
from openapi.explaining_answers import Explanation
from openapi.lot_answers import LotPage
from openapi.routes.refusals import READ

OPERATIONS: Final = (
    Operation(
        route="GET /v1/accounts/{account}/balance",
        id="get_balance",
        tag="Wallets",
        summary="What is there, now or at a past instant",
        description="An account never seen has zeros.",
        answers={200: Balance},
        query=("unit", "at"),
        clock=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/lots",
        id="list_lots",
        tag="Wallets",
        summary="Lots in burn order",
        answers={200: LotPage},
        query=("unit", "status", "limit", "cursor"),
        clock=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/entries",
        id="list_entries",
        tag="Wallets",
        summary="The ledger, newest first",
        answers={200: EntryPage},
        query=("unit", "kind", "from", "to", "limit", "cursor"),
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/accounts/{account}/entries/{entry_id}",
        id="get_entry",
        tag="Wallets",
        summary="One entry",
        answers={200: Entry},
        query=("unit",),
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/accounts/{account}/explain",
        id="explain",
        tag="Wallets",
        summary="Why the balance is what it is",
        description="Each lot with its place in the order and why, the entries that made the number, and the number "
        "computed again from the ledger to prove it.",
        answers={200: Explanation},
        query=("unit", "at"),
        clock=True,
        refusals=(*READ, "policy_violation"),
    ),
)
