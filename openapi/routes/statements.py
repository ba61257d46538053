"""Statements of an account, and the keys that they are checked with."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import READ
from scrip.http.finance.statements import StatementKeyListView, StatementView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/accounts/{account}/statements/{month}",
        id="get_statement",
        tag="Finance",
        summary="A month of a wallet, signed",
        description="Opening, every entry, closing, in credits and in money: whoever has it and the public key checks "
        "all of it without any access, see docs/statements.md. What is due is booked first. A month that runs is "
        "`provisional`, and so is one that is being closed. A month that was closed ends as its close has seen it. The "
        "first statement of a wallet with very many entries takes several requests: 503 with `Retry-After` until they "
        "are counted.",
        answers={200: StatementView},
        query=("unit", "statement.limit", "cursor"),
        clock=True,
        table=True,
        printed=True,
        refusals=READ,
    ),
    Operation(
        route="GET /v1/statement-keys",
        id="list_statement_keys",
        tag="Finance",
        summary="The public keys of statements",
        description="Keep those that you trust: a statement is checked with keys that you have from before, not with "
        "ones that come along with it.",
        answers={200: StatementKeyListView},
        public=True,
        refusals=("contended",),
    ),
)
