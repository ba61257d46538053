"""Wallets as they are read: balances, lots, entries, holds, explanations, and lists of them. It may not write,
but for what it has read on of what was used."""

from typing import Any, get_args

from scrip import runtime
from scrip.domain.wallets.holds import Status as HoldStatus
from scrip.domain.wallets.streams import LAST_OFFSET
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.notifications.notices import NoticeView, notice_page_view, notice_place
from scrip.http.search import overages, searches
from scrip.http.usage.forecasts import forecast_view
from scrip.http.usage.records import StreamRecordView, found_record_view, record_asked, record_page_view
from scrip.http.usage.totals import UsedView, usage_page_view, usage_query
from scrip.http.wallets.accounts import wallet_page_view
from scrip.http.wallets.allowances import AllowanceView, allowance_page_view
from scrip.http.wallets.balances import BalanceView, balance_view
from scrip.http.wallets.entries import ListedEntryView, entry_page_view, entry_view
from scrip.http.wallets.entry_queries import entry_query
from scrip.http.wallets.explanations import explanation_view, told_before
from scrip.http.wallets.holds import HoldView, hold_page_view, hold_view
from scrip.http.wallets.lots import ListedLotView, lot_page_view, lot_place
from scrip.http.wallets.own_rates import OwnRateCardView, own_rate_page_view
from scrip.services.notifications import notices
from scrip.services.usage import forecasts, records
from scrip.services.usage import totals as totals_service
from scrip.services.wallets import accounts, balances, entries, explanations, holds, own_rates, sidecar_lists
from scrip.services.wallets import lots as lots_service


def balance(request: HttpRequest) -> Answer:
    """Shows a balance, as of now or as of a past instant."""
    account, query = request.account, request.query
    unit_id, at, meter = query.unit(), query.instant("at"), query.said_identifier("meter")
    found = balances.balance(runtime.executor(), account, unit_id, request.moment(), at, meter)
    return answer(200, balance_view(*found))


def list_wallets(request: HttpRequest) -> Answer:
    """Lists an account's wallets, each with its balance."""
    after, limit = pages.after(request.query), request.query.limit()
    found = accounts.wallets(runtime.executor(), request.account, limit, after, request.moment())
    return request.page(wallet_page_view(found))


def lots(request: HttpRequest) -> Answer:
    """Lists lots in burn order."""
    account, query = request.account, request.query
    unit_id, ended = query.unit(), query.choice("status", ("open", "all")) == "all"
    wanted = lots_service.LotQuery(ended, lot_place(query), query.limit())
    found, following, unit = lots_service.lots(runtime.executor(), account, unit_id, request.moment(), wanted)
    return request.page(lot_page_view(account, found, following, unit))


def list_entries(request: HttpRequest) -> Answer:
    """Lists entries, newest first; those at ``from`` and at ``to`` are included."""
    account, moment = request.account, request.moment()
    unit_id, wanted = entry_query(request)
    return request.page(
        entry_page_view(entries.entries(runtime.executor(), account, unit_id, wanted, moment))
    )


def entry(request: HttpRequest) -> Answer:
    """Shows an entry."""
    unit_id, named = request.named("entry", request.query.said_unit())
    return answer(200, entry_view(*entries.entry(runtime.executor(), request.account, unit_id, named.text)))


def list_records(request: HttpRequest) -> Answer:
    """Lists the records of an entry."""
    query = request.query
    unit_id, named = request.named("entry", query.said_unit())
    place = query.cursor(range(LAST_OFFSET + 1))
    after = int(place[0]) if place else None
    found = records.list_records(
        runtime.executor(), request.account, unit_id, named.text, after, query.limit()
    )
    return request.page(record_page_view(*found))


def find_record(request: HttpRequest) -> Answer:
    """Finds a record by its stream and offset."""
    unit_id, (stream, offset) = request.query.unit(), record_asked(request.query)
    found = records.find_record(runtime.executor(), request.account, unit_id, stream, offset)
    return answer(200, found_record_view(*found))


def list_holds(request: HttpRequest) -> Answer:
    """Lists holds as they are now."""
    account, query = request.account, request.query
    unit_id, status = query.unit(), query.choice("status", get_args(HoldStatus))
    after, limit, moment = pages.after(query) or "", query.limit(), request.moment()
    found = sidecar_lists.holds(runtime.executor(), account, unit_id, moment, status, after, limit)
    return request.page(hold_page_view(account, *found))


def hold(request: HttpRequest) -> Answer:
    """Shows a hold as it is now."""
    unit_id, named = request.named("hold", request.query.said_unit())
    found, unit = holds.get(runtime.executor(), request.account, unit_id, named.seq, request.moment())
    return answer(200, hold_view(found, request.account, unit))


def list_allowances(request: HttpRequest) -> Answer:
    """Lists allowances as they are now."""
    account, query = request.account, request.query
    unit_id, after, limit = query.unit(), pages.after(query) or "", query.limit()
    found = sidecar_lists.allowances(runtime.executor(), account, unit_id, request.moment(), after, limit)
    return request.page(allowance_page_view(*found))


def list_rates(request: HttpRequest) -> Answer:
    """Lists an account's own rate cards."""
    account, query = request.account, request.query
    unit_id, after, limit = query.unit(), pages.after(query), query.limit()
    return request.page(
        own_rate_page_view(own_rates.list_cards(runtime.executor(), account, unit_id, limit, after))
    )


def list_notices(request: HttpRequest) -> Answer:
    """Lists the notices that lots are to end, of one unit or of all."""
    account, query = request.account, request.query
    unit, after, limit = query.said_unit(), notice_place(query), query.limit()
    if unit:
        runtime.executor().unit(unit)
    found = notices.list_notices(runtime.executor(), account, unit, limit, after)
    return request.page(notice_page_view(account, found))


def explain(request: HttpRequest) -> Answer:
    """Explains why the balance is what it is, and proves it from the ledger."""
    account, query = request.account, request.query
    wanted = explanations.ExplainQuery(
        query.instant("at"), told_before(query), query.limit(parameters.LIST_LIMIT)
    )
    found = explanations.explain(runtime.executor(), account, query.unit(), request.moment(), wanted)
    return request.page(explanation_view(*found))


def usage(request: HttpRequest) -> Answer:
    """Tells what was used, period by period."""
    unit_id, wanted = request.query.unit(), usage_query(request)
    found = totals_service.totals(runtime.executor(), request.account, unit_id, wanted)
    return request.page(usage_page_view(found))


def forecast(request: HttpRequest) -> Answer:
    """Tells what is to be expected of a wallet."""
    unit_id, moment = request.query.unit(), request.moment()
    return answer(
        200, forecast_view(*forecasts.forecast(runtime.executor(), request.account, unit_id, moment))
    )


def search(request: HttpRequest) -> Answer:
    """Finds entries by what they are about, across accounts."""
    return request.page(searches.found_page_view(searches.found(request)))


def list_overages(request: HttpRequest) -> Answer:
    """Lists what is to be billed of what was owed as periods ended, across accounts."""
    return request.page(overages.overage_page_view(overages.found(request)))


PAGE = ("limit", "cursor")
ENTRIES = (
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
    *PAGE,
)
USAGE = ("unit", "from", "to", "every", "time_zone", "by", "meter", *PAGE)
ROUTES = {
    "GET /v1/accounts/{account}/balance": Route(balance, "read", ("unit", "at", "meter")),
    "GET /v1/accounts/{account}/wallets": Route(list_wallets, "read", PAGE, Table(BalanceView)),
    "GET /v1/accounts/{account}/lots": Route(lots, "read", ("unit", "status", *PAGE), Table(ListedLotView)),
    "GET /v1/accounts/{account}/entries": Route(list_entries, "read", ENTRIES, Table(ListedEntryView)),
    "GET /v1/accounts/{account}/entries/{entry_id}": Route(entry, "read", ("unit",)),
    "GET /v1/accounts/{account}/entries/{entry_id}/records": Route(
        list_records, "read", ("unit", *PAGE), Table(StreamRecordView)
    ),
    "GET /v1/accounts/{account}/burns": Route(find_record, "read", ("unit", "stream", "offset")),
    "GET /v1/accounts/{account}/holds": Route(list_holds, "read", ("unit", "status", *PAGE), Table(HoldView)),
    "GET /v1/accounts/{account}/holds/{hold_id}": Route(hold, "read", ("unit",)),
    "GET /v1/accounts/{account}/allowances": Route(
        list_allowances, "read", ("unit", *PAGE), Table(AllowanceView)
    ),
    "GET /v1/accounts/{account}/rates": Route(list_rates, "read", ("unit", *PAGE), Table(OwnRateCardView)),
    "GET /v1/accounts/{account}/notices": Route(list_notices, "read", ("unit", *PAGE), Table(NoticeView)),
    "GET /v1/accounts/{account}/explain": Route(explain, "read", ("unit", "at", *PAGE)),
    "GET /v1/accounts/{account}/usage": Route(usage, "read", USAGE, Table(UsedView)),
    "GET /v1/accounts/{account}/forecast": Route(forecast, "read", ("unit",)),
    "GET /v1/overages": Route(list_overages, "admin", ("month", *PAGE), Table(overages.BilledOverageView)),
    "GET /v1/search": Route(
        search,
        "read",
        ("reference", "payment", "topup", "key", "lot", "account", "unit", *PAGE),
        Table(searches.FoundEntryView),
        bound=True,
    ),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
