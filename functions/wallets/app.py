"""Reads: balances, lots, entries, holds and explanations of wallets, payments, and reports of reconciliation.

They are one function because none of them may write.
"""

from typing import Any, get_args

from scrip import runtime
from scrip.domain.credits.entries import EntryKind
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.payments.payment import RefundAs
from scrip.domain.payments.reconciliation import date_of, day_named, day_of
from scrip.http.edge import parameters
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.bodies import MAX_MONEY
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.payments.payments import payment_of, payment_page_view, payment_view
from scrip.http.payments.reconciliation import report_view
from scrip.http.payments.refunds import refund_quote_view
from scrip.http.search import searches
from scrip.http.wallets.balances import balance_view
from scrip.http.wallets.entries import entry_page_view, entry_view
from scrip.http.wallets.explanations import explanation_view, told_before
from scrip.http.wallets.holds import hold_view
from scrip.http.wallets.lots import lot_page_view, lot_place
from scrip.providers import clients
from scrip.services.payments import accounts, queries
from scrip.services.payments import reconciliation as reconciliation_service
from scrip.services.wallets import balances, explanations, holds
from scrip.services.wallets import lots as lots_service


def balance(request: HttpRequest) -> Answer:
    """Shows a balance, as of now or as of a past instant."""
    account, query = request.account, request.query
    unit_id, at, meter = query.unit(), query.instant("at"), query.said_identifier("meter")
    found = balances.balance(runtime.executor(), account, unit_id, request.moment(), at, meter)
    return answer(200, balance_view(*found))


def lots(request: HttpRequest) -> Answer:
    """Lists lots in burn order."""
    account, query = request.account, request.query
    unit_id, ended = query.unit(), query.choice("status", ("open", "all")) == "all"
    wanted = lots_service.LotQuery(ended, lot_place(query), query.limit())
    found, following, unit = lots_service.lots(runtime.executor(), account, unit_id, request.moment(), wanted)
    return answer(200, lot_page_view(account, found, following, unit))


def entries(request: HttpRequest) -> Answer:
    """Lists entries, newest first; those at ``from`` and at ``to`` are included."""
    account, query = request.account, request.query
    unit_id, kind = query.unit(), query.choice("kind", get_args(EntryKind))
    until, limit = query.instant("to"), query.limit()
    at, seq = query.cursor(range(MAX_INSTANT + 1), range(LAST_SEQ + 1)) or [
        MAX_INSTANT if until is None else until,
        LAST_SEQ,
    ]
    wanted = balances.EntryQuery(kind, max(0, query.instant("from") or 0), (at, seq), limit)
    return answer(200, entry_page_view(*balances.entries(runtime.executor(), account, unit_id, wanted)))


def entry(request: HttpRequest) -> Answer:
    """Shows an entry."""
    unit_id, named = request.named("entry", request.query.said_unit())
    return answer(200, entry_view(*balances.entry(runtime.executor(), request.account, unit_id, named.text)))


def hold(request: HttpRequest) -> Answer:
    """Shows a hold as it is now."""
    unit_id, named = request.named("hold", request.query.said_unit())
    found, unit = holds.get(runtime.executor(), request.account, unit_id, named.seq, request.moment())
    return answer(200, hold_view(found, request.account, unit))


def explain(request: HttpRequest) -> Answer:
    """Explains why the balance is what it is, and proves it from the ledger."""
    account, query = request.account, request.query
    wanted = explanations.ExplainQuery(
        query.instant("at"), told_before(query), query.limit(parameters.LIST_LIMIT)
    )
    found = explanations.explain(runtime.executor(), account, query.unit(), request.moment(), wanted)
    return answer(200, explanation_view(*found))


def payments(request: HttpRequest) -> Answer:
    """Lists payments that wait for a person; those that wait longest come first."""
    query = request.query
    if query.choice("status", ("parked",)) is None:
        raise InvalidRequest([("status", "must be parked")])
    start, limit = query.cursor(range(MAX_INSTANT + 1), parameters.PART, parameters.PART), query.limit()
    after = (start[0], start[1], start[2]) if start else None
    found, following = queries.parked(runtime.executor(), limit, after)
    return answer(200, payment_page_view(found, following))


def payment(request: HttpRequest) -> Answer:
    """Shows a payment."""
    return answer(200, payment_view(queries.details(runtime.executor(), payment_of(request).payment)))


def refund_quote(request: HttpRequest) -> Answer:
    """Says what a refund would come to, and moves nothing."""
    query, moment = request.query, request.moment()
    kind: RefundAs = "credit" if query.choice("as", get_args(RefundAs)) == "credit" else "money"
    amount = query.whole("amount", MAX_MONEY)
    quoted = queries.quote(runtime.executor(), payment_of(request).payment, kind, amount, moment)
    return answer(200, refund_quote_view(quoted))


def reconciliation(request: HttpRequest) -> Answer:
    """Shows what a provider lists against what is here, for one day."""
    query = request.query
    provider, today = query.text("provider"), date_of(day_of(request.moment().at))
    if provider not in clients.names():
        raise InvalidRequest([("provider", f"must be one of {', '.join(sorted(clients.names()))}")])
    tables, day = runtime.tables(), day_named(query.date("date", today))
    report = reconciliation_service.get_report(tables, provider, day)
    progress = reconciliation_service.last_pass(tables, provider)
    return answer(200, report_view(report, progress, accounts.first_seen(tables, provider)))


def search(request: HttpRequest) -> Answer:
    """Finds entries by what they are about, across accounts."""
    return answer(200, searches.found_page_view(searches.found(request)))


ROUTES = {
    "GET /v1/accounts/{account}/balance": Route(balance, "read", ("unit", "at", "meter")),
    "GET /v1/accounts/{account}/lots": Route(lots, "read", ("unit", "status", "limit", "cursor")),
    "GET /v1/accounts/{account}/entries": Route(
        entries, "read", ("unit", "kind", "from", "to", "limit", "cursor")
    ),
    "GET /v1/accounts/{account}/entries/{entry_id}": Route(entry, "read", ("unit",)),
    "GET /v1/accounts/{account}/holds/{hold_id}": Route(hold, "read", ("unit",)),
    "GET /v1/accounts/{account}/explain": Route(explain, "read", ("unit", "at", "limit", "cursor")),
    "GET /v1/search": Route(
        search, "read", ("reference", "payment", "topup", "key", "lot", "account", "unit", "limit", "cursor")
    ),
    "GET /v1/payments": Route(payments, "admin", ("status", "limit", "cursor")),
    "GET /v1/payments/{provider}/{payment_id}": Route(payment, "read"),
    "GET /v1/payments/{provider}/{payment_id}/refund-quote": Route(refund_quote, "read", ("amount", "as")),
    "GET /v1/reports/reconciliation": Route(reconciliation, "admin", ("provider", "date")),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
