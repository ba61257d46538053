"""Statements: what a wallet had and did in a month, signed; and the public keys that they are signed with.

The one function that may sign with their key. What time has done is booked first, as every change of a wallet does.
"""

from operator import itemgetter
from typing import Any

from scrip import runtime
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.finance import printed_statements
from scrip.http.finance.statements import (
    StatementEntryView,
    statement_key_list_view,
    statement_query,
    statement_view,
)
from scrip.services.finance import statement_keys, statements


def statement(request: HttpRequest) -> Answer:
    """Shows a month's statement: as JSON, as a page for people, or its entries as CSV."""
    account, unit_id, wanted = request.account, request.query.unit(), statement_query(request)
    read = statements.read_statement(
        runtime.executor(),
        account,
        unit_id,
        wanted,
        request.moment(),
        runtime.statement_signer(),
        runtime.archive,
    )
    if printed_statements.wanted(request.headers.get("accept", "")):
        shown = statement_view(read)
        shown["next_cursor"] = request.query.bind(shown["next_cursor"])
        return printed_statements.page_answer(shown)
    return request.page(statement_view(read))


def list_keys(_request: HttpRequest) -> Answer:
    """Lists the public keys, to anybody."""
    found = statement_keys.list_keys(runtime.tables(), runtime.statement_signer(), runtime.now())
    return answer(200, statement_key_list_view(found))


ROUTES = {
    "GET /v1/accounts/{account}/statements/{month}": Route(
        statement, "admin", ("unit", "limit", "cursor"), Table(StatementEntryView, itemgetter("entries"))
    ),
    "GET /v1/statement-keys": Route(list_keys, None),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
