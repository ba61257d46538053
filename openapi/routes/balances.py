"""Balances, lots, entries, and why."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import READ
from scrip.http.wallets.accounts import AccountPageView, WalletPageView
from scrip.http.wallets.balances import BalanceView
from scrip.http.wallets.entries import EntryPageView, EntryView
from scrip.http.wallets.explanations import ExplanationView
from scrip.http.wallets.lots import LotPageView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/accounts/{account}/balance",
        id="get_balance",
        tag="Wallets",
        summary="What is there, now or at a past instant",
        description="An account never seen has zeros.",
        answers={200: BalanceView},
        query=("unit", "at", "balance.meter"),
        clock=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts",
        id="list_accounts",
        tag="Wallets",
        summary="Accounts",
        description="Those that have a wallet or an order, or have or had a profile. By `email` those whose "
        "profile has an address of the same mailbox, however it is spelled. A key of one account sees that one.",
        answers={200: AccountPageView},
        query=("prefix", "accounts.email", "limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/accounts/{account}/wallets",
        id="list_wallets",
        tag="Wallets",
        summary="An account's wallets, each with its balance",
        answers={200: WalletPageView},
        query=("limit", "cursor"),
        clock=True,
        table=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/lots",
        id="list_lots",
        tag="Wallets",
        summary="Lots in burn order",
        answers={200: LotPageView},
        query=("unit", "status", "limit", "cursor"),
        clock=True,
        table=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/entries",
        id="list_entries",
        tag="Wallets",
        summary="The ledger, newest first",
        description="What is due and not booked is shown as if it were, before all others. A filter beside `from` and "
        "`to` reads on from entry to entry, 1 000 of them and a second at most.",
        answers={200: EntryPageView},
        query=(
            "unit",
            "kind",
            "from",
            "to",
            "meter",
            "reference",
            "lot",
            "actor",
            "metadata.",
            "member",
            "tags.",
            "limit",
            "cursor",
        ),
        clock=True,
        table=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/accounts/{account}/entries/{entry_id}",
        id="get_entry",
        tag="Wallets",
        summary="One entry",
        answers={200: EntryView},
        query=("id.unit",),
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/accounts/{account}/explain",
        id="explain",
        tag="Wallets",
        summary="Why the balance is what it is",
        description="Each lot with its place in the order and why, the entries that made the number, and the number "
        "computed again from the ledger to prove it. Entries come in their order, a thousand to a page.",
        answers={200: ExplanationView},
        query=("unit", "at", "explain.limit", "cursor"),
        clock=True,
        refusals=READ,
    ),
)
