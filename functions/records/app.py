"""What lies beside wallets, as it is read: accounts, the catalogue, orders, payments, reports. It may not write."""

from typing import Any, get_args

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.payments.payment import RefundAs
from scrip.domain.payments.reconciliation import date_of, day_named, day_of
from scrip.http.accounts.profiles import mailbox_asked
from scrip.http.audit.changes import AuditedChangeView, audit_page_view, change_query
from scrip.http.catalogue.packs import PackView, pack_page_view
from scrip.http.catalogue.promotions import PromotionView, promotion_page_view
from scrip.http.catalogue.rates import RateCardView, rate_card_page_view
from scrip.http.catalogue.units import UnitView, unit_page_view
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.bodies import MAX_MONEY
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.payments.dunning import DunningRunView, dunning_page_view
from scrip.http.payments.payments import (
    PaymentView,
    listed_payments,
    payment_of,
    payment_page_view,
    payment_view,
)
from scrip.http.payments.reconciliation import FindingView, finding_rows, money_view, report_view
from scrip.http.payments.refunds import refund_quote_view
from scrip.http.payments.subscriptions import SubscriptionView, subscription_page_view
from scrip.http.payments.topups import TopupView, order_query, topup_page_view
from scrip.http.wallets.accounts import AccountView, account_page_view, account_prefix
from scrip.http.wallets.compensations import IncidentView, incident_page_view
from scrip.providers import clients
from scrip.services.accounts import profiles
from scrip.services.audit import changes
from scrip.services.catalogue import packs, promotions, rates, units
from scrip.services.finance import settlements
from scrip.services.payments import accounts as seen
from scrip.services.payments import dunning, listings, queries, subscriptions
from scrip.services.payments import reconciliation as reconciliation_service
from scrip.services.wallets import accounts, compensations


def list_accounts(request: HttpRequest) -> Answer:
    """Lists accounts; to a key of one account that one alone."""
    prefix, after, limit = account_prefix(request.query), pages.after(request.query), request.query.limit()
    mailbox = mailbox_asked(request.query)
    if mailbox is None:
        found = accounts.accounts(runtime.tables(), prefix, limit, after, request.bound)
    else:
        found = profiles.find(runtime.tables(), mailbox, prefix, limit, after, request.bound)
    return request.page(account_page_view(found))


def list_units(request: HttpRequest) -> Answer:
    """Lists units, the one that there always is among them."""
    after, limit = pages.after(request.query), request.query.limit()
    return request.page(unit_page_view(units.list_units(runtime.tables(), limit, after)))


def list_packs(request: HttpRequest) -> Answer:
    """Lists packs as they are now."""
    after, limit = pages.after(request.query), request.query.limit()
    return request.page(pack_page_view(packs.list_packs(runtime.tables(), limit, after)))


def list_rates(request: HttpRequest) -> Answer:
    """Lists rate cards."""
    after, limit = pages.after(request.query), request.query.limit()
    return request.page(rate_card_page_view(rates.list_rates(runtime.tables(), limit, after)))


def list_promotions(request: HttpRequest) -> Answer:
    """Lists promotions, each with what was redeemed of it."""
    after, limit = pages.after(request.query), request.query.limit()
    return request.page(promotion_page_view(promotions.list_promotions(runtime.executor(), limit, after)))


def list_changes(request: HttpRequest) -> Answer:
    """Lists changes of what is no wallet, newest first."""
    query = request.query
    wanted, after, limit = change_query(query), pages.after(query, pages.PLACE), query.limit()
    return request.page(audit_page_view(changes.list_changes(runtime.tables(), wanted, limit, after)))


def list_compensations(request: HttpRequest) -> Answer:
    """Lists incidents that accounts are compensated for."""
    after, limit = pages.after(request.query), request.query.limit()
    return request.page(incident_page_view(compensations.incidents(runtime.tables(), limit, after)))


def list_topups(request: HttpRequest) -> Answer:
    """Lists orders, newest first; to a key of one account those of that account."""
    wanted, after, limit = (
        order_query(request),
        pages.after(request.query, pages.PLACE),
        request.query.limit(),
    )
    found = listings.orders(runtime.executor(), wanted, limit, after)
    return request.page(topup_page_view(found, wanted.now))


def list_payments(request: HttpRequest) -> Answer:
    """Lists payments; to a key of one account those of that account."""
    return request.page(payment_page_view(listed_payments(request)))


def list_dunning(request: HttpRequest) -> Answer:
    """Lists what followed an account's failures, newest first."""
    account = parameters.identifier(request.path, "account")
    request.allow_account(account)
    unit, after = request.query.said_identifier("unit"), pages.after(request.query, pages.PLACE)
    found = dunning.list_runs(runtime.tables(), account, unit, request.query.limit(), after)
    return request.page(dunning_page_view(found))


def list_subscriptions(request: HttpRequest) -> Answer:
    """Lists what renews of an account."""
    account = parameters.identifier(request.path, "account")
    request.allow_account(account)
    after, limit = pages.after(request.query), request.query.limit()
    found = subscriptions.list_subscriptions(runtime.tables(), account, limit, after)
    return request.page(subscription_page_view(found))


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
    provider, today = request.query.text("provider"), date_of(day_of(request.moment().at))
    if provider not in clients.names():
        raise InvalidRequest([("provider", f"must be one of {', '.join(sorted(clients.names()))}")])
    tables, day = runtime.tables(), day_named(request.query.date("date", today))
    report = reconciliation_service.get_report(tables, provider, day)
    progress = reconciliation_service.last_pass(tables, provider)
    sums, left = settlements.money_of(tables, provider, day)
    money = money_view(sums, left, settlements.progress_of(tables, provider))
    return answer(200, report_view(report, progress, seen.first_seen(tables, provider), money))


PAGE = ("limit", "cursor")
ROUTES = {
    "GET /v1/accounts": Route(
        list_accounts, "read", ("prefix", "email", *PAGE), Table(AccountView), bound=True
    ),
    "GET /v1/audit": Route(
        list_changes, "admin", ("actor", "action", "target", "from", "to", *PAGE), Table(AuditedChangeView)
    ),
    "GET /v1/units": Route(list_units, "read", PAGE, Table(UnitView), bound=True),
    "GET /v1/packs": Route(list_packs, "read", PAGE, Table(PackView), bound=True),
    "GET /v1/rates": Route(list_rates, "read", PAGE, Table(RateCardView), bound=True),
    "GET /v1/promotions": Route(list_promotions, "read", PAGE, Table(PromotionView)),
    "GET /v1/compensations": Route(list_compensations, "read", PAGE, Table(IncidentView)),
    "GET /v1/topups": Route(
        list_topups, "read", ("account", "status", "from", "to", *PAGE), Table(TopupView), bound=True
    ),
    "GET /v1/payments": Route(
        list_payments, "read", ("status", "account", "topup", *PAGE), Table(PaymentView), bound=True
    ),
    "GET /v1/accounts/{account}/dunning": Route(list_dunning, "read", ("unit", *PAGE), Table(DunningRunView)),
    "GET /v1/accounts/{account}/subscriptions": Route(
        list_subscriptions, "read", PAGE, Table(SubscriptionView)
    ),
    "GET /v1/payments/{provider}/{payment_id}": Route(payment, "read", bound=True),
    "GET /v1/payments/{provider}/{payment_id}/refund-quote": Route(
        refund_quote, "read", ("amount", "as"), bound=True
    ),
    "GET /v1/reports/reconciliation": Route(
        reconciliation, "read", ("provider", "date"), Table(FindingView, finding_rows, ("kind",))
    ),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
