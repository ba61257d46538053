"""Payments: the answer, and which payment a request is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.payments.facts import Dispute, Paid, Refund
from scrip.domain.payments.payment import Payment, RefundAs, RequestedRefund, Resolution
from scrip.domain.payments.payment import PaymentStatus as Standing
from scrip.http.edge import pages, parameters
from scrip.http.edge.answers import MoneyView, TypedDict, money_view
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.http.wallets.balances import BalanceAfterView, balance_after_view
from scrip.http.wallets.entries import EntryView, entry_view
from scrip.http.wallets.lots import LotView, made_lot_view
from scrip.services.engine.paging import Found
from scrip.services.payments import listings, queries
from scrip.services.payments.listings import PaymentQuery
from scrip.services.payments.payment import StoredPayment
from scrip.services.payments.queries import PaymentDetails

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.domain.payments.facts import DisputeStatus, RefundStatus
    from scrip.domain.payments.payment import PaymentStatus, ResolutionAction
    from scrip.http.edge.forms import At, Count, Credits, Currency, LotId, Name


def payment_of(request: HttpRequest) -> StoredPayment:
    """Reads the payment in the path, if the caller may see it.

    A key of one account sees those of this account, and none that is nobody's yet.

    Raises:
        NotFound, Forbidden.
    """
    with request.hiding():
        payment_id = parameters.opaque(request.path, "payment_id")
        found = queries.get(runtime.tables(), request.path.get("provider", ""), payment_id)
    request.allow_account(found.payment.account or "")
    return found


def listed_payments(request: HttpRequest) -> Found[Any, PaymentDetails]:
    """Reads the page of payments that is asked for; a key of one account asks for its own.

    Raises:
        InvalidRequest: a filter, or the cursor, is none.
        Forbidden: a key of one account asks for another's.
    """
    query, executor = request.query, runtime.executor()
    account, limit = query.said_identifier("account"), query.limit()
    if request.bound:
        request.allow_account(account or request.bound)
    status = query.choice("status", ("parked", *get_args(Standing)))
    topup = query.text("topup")
    wanted = PaymentQuery(account or request.bound, topup, None if status == "parked" else status)
    if status == "parked":
        place = query.cursor(range(MAX_INSTANT + 1), parameters.PART, parameters.PART)
        return listings.parked(executor, wanted, limit, (place[0], place[1], place[2]) if place else None)
    return listings.heard(executor, wanted, limit, pages.after(query, pages.PLACE))


class PaidMoneyView(TypedDict):
    """What was paid."""

    amount: Count
    """Minor units, tax included."""
    tax: Count | None
    """The part of it that is tax; null where the provider does not say."""
    currency: Currency
    """ISO 4217."""
    at: At
    """When."""
    country: str | None
    """The country of the buyer's address, of ISO 3166-1: the tax is reported by it. Null where the provider does not
    say: then the account's profile counts."""


class PaymentPartView(TypedDict):
    """A refund or a dispute of a payment, as its provider tells it."""

    id: str
    """The provider's id of it. A refund that was asked for, and that the provider has not told of, is `request:` and
    the request's id."""
    amount: Count | None
    """Minor units, tax included; null where the provider does not say."""
    currency: Currency | None
    """ISO 4217; null where it is not known."""
    at: At
    """When."""


class PaymentRefundView(PaymentPartView):
    """A refund."""

    status: RefundStatus
    """How far it is."""
    request_id: str | None
    """The request of ours that it answers; null: it was made elsewhere."""


class PaymentDisputeView(PaymentPartView):
    """A dispute."""

    stage: str
    """Its stage, in the provider's words."""
    status: DisputeStatus
    """How it stands; `contradicted`: the provider has told of two ends, and is asked."""


class PaymentPositionView(TypedDict):
    """Where a payment's credits stand: what is posted in the wallet for it, and nothing that is only to be."""

    granted: Credits
    """What its lot began with."""
    clawed: Credits
    """What was taken back."""
    frozen: Credits
    """What open disputes and pending refunds have frozen."""
    credited: Credits
    """What became a lot of its own, because its money was kept."""
    refunded: MoneyView
    """The part of the price that went back, without tax."""


class WaitingView(TypedDict):
    """Why a payment waits for a person."""

    reason: NotRequired[str]
    """In a sentence: what is wrong, which event of which delivery said so, of which order, and what to do. Not for
    a key of one account."""
    about: str
    """`payment`, or the refund or dispute that it is about (`refund:re_1`), as a resolution names it."""
    event: str | None
    """The provider's type of the event; null where no event is known."""
    delivery_id: str | None
    """The delivery that said it, by which its body is looked up; null where none is known."""
    api_version: str | None
    """The version of the provider's API in which it is said; null where the provider does not say."""
    account: Name | None
    """Whose order it is of; null where it names none of ours."""
    topup_id: str | None
    """That order, as the resolution `accept` names it; null where none is named."""


# A member that is a keyword of Python can be declared in no other way.
RefundAsView = TypedDict("RefundAsView", {"as": RefundAs})
"""What it gives back."""


class PaymentRequestView(RefundAsView):
    """A refund that was asked for here."""

    request_id: str
    """Its id; the provider knows the refund by it too."""
    amount: MoneyView
    """How much of the payment, tax included."""
    force: bool
    """Whether it might take credits that were spent."""
    reason: NotRequired[str | None]
    """Why, as the caller said. Not for a key of one account."""
    actor: NotRequired[str]
    """Who asked. Not for a key of one account."""
    actor_name: NotRequired[str | None]
    """What that key was called then; null where it had no name. Not for a key of one account."""
    at: At
    """When."""


class ResolutionView(TypedDict):
    """What a person decided of a payment."""

    action: ResolutionAction
    """What was done."""
    topup_id: NotRequired[str]
    """Of `accept`: the order that it pays."""
    about: NotRequired[str]
    """Of `state` and `settle`: the refund or dispute."""
    amount: NotRequired[Count]
    """Of `state`: its amount, minor units of the payment's currency."""
    status: NotRequired[str]
    """Of `settle`: how it ended."""
    credits: NotRequired[Credits]
    """Of `accept`: what it gives, where that was said."""
    reason: NotRequired[str]
    """Why. Not for a key of one account."""
    actor: NotRequired[str]
    """Who. Not for a key of one account."""
    actor_name: NotRequired[str | None]
    """What that key was called then; null where it had no name. Not for a key of one account."""
    at: At
    """When."""


class PaymentView(TypedDict):
    """A payment: what its provider said, and what was done about it."""

    provider: Name
    """Where it was paid."""
    payment_id: str
    """The provider's id of it."""
    status: PaymentStatus
    """How it stands by what its provider said, parked or not. Money lost in a dispute counts as refunded."""
    account: Name | None
    """Whose it is; null before its order is known."""
    unit: Name | None
    """The unit of its credits."""
    topup_id: str | None
    """Its order."""
    lot_id: LotId | None
    """The lot that it made."""
    part_of: str | None
    """The payment that it is only a part of (an intent that pays an invoice)."""
    paid: PaidMoneyView | None
    """Null while it is not paid."""
    refunds: list[PaymentRefundView]
    """What was given back of it, or is to be."""
    disputes: list[PaymentDisputeView]
    """What its payer contests, or has contested."""
    position: PaymentPositionView | None
    """Where its credits stand; null while it has made none."""
    parked: list[WaitingView]
    """Why it waits for a person; empty where it does not."""
    parked_at: At | None
    """Since when it waits."""
    heard_at: At | None
    """When Scrip heard of it first; null where that was before it was noted."""
    requests: list[PaymentRequestView]
    """Refunds that were asked for here."""
    resolutions: list[ResolutionView]
    """What people decided of it."""


class PaymentPageView(TypedDict):
    """Payments: those that Scrip heard of last first; of those that are parked, those that wait longest. With a
    `status` or a `topup` a page looks at 1 000 of them at most: it may be short, or empty, and yet have a
    `next_cursor`."""

    items: list[PaymentView]
    """The payments."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class EffectView(TypedDict):
    """What something that is done about a payment does to the wallet: nothing of it is there where it moves nothing."""

    entry: NotRequired[EntryView]
    """The last entry that it made."""
    balance: NotRequired[BalanceAfterView]
    """The balance right after that entry."""
    lot: NotRequired[LotView]
    """The lot that the entry made."""


def payment_page_view(found: Found[Any, PaymentDetails]) -> PaymentPageView:
    """Shows payments."""
    items, cursor = pages.shown(found, payment_view)
    return {"items": items, "next_cursor": cursor}


def payment_view(shown: PaymentDetails) -> PaymentView:
    """Shows a payment: what its provider said, what was done about it, and why it waits, where it does."""
    payment, facts = shown.payment, shown.payment.facts
    currency = facts.paid.currency if facts.paid else None
    return {
        "provider": payment.provider,
        "payment_id": payment.payment_id,
        "status": payment.status,
        "account": payment.account,
        "unit": payment.unit,
        "topup_id": payment.topup_id,
        "lot_id": _lot_id(payment),
        "part_of": facts.part_of,
        "paid": _paid_view(facts.paid) if facts.paid else None,
        "refunds": [_refund_view(refund, currency) for refund in facts.open_refunds],
        "disputes": [_dispute_view(dispute, currency) for dispute in facts.disputes.values()],
        "position": _position_view(shown),
        "parked": show_waiting(payment),
        "parked_at": None if payment.parked_at is None else format_instant(payment.parked_at),
        "heard_at": None if payment.heard_at is None else format_instant(payment.heard_at),
        "requests": [_request_view(name, one, currency or "") for name, one in payment.requests.items()],
        "resolutions": [resolution_view(one) for one in payment.resolutions],
    }


def show_waiting(payment: Payment) -> list[WaitingView]:
    """Shows why a payment waits, if it does."""
    return [
        {
            "reason": wait.sentence,
            "about": wait.about,
            "event": wait.told.type if wait.told else None,
            "delivery_id": wait.told.delivery_id if wait.told else None,
            "api_version": wait.told.api_version if wait.told else None,
            "account": payment.account,
            "topup_id": wait.topup_id,
        }
        for wait in payment.waits
    ]


def effect_view(entry: Entry | None, unit: Unit | None) -> EffectView:
    """Shows what an entry did to its wallet; nothing where there was no entry."""
    if entry is None or unit is None:
        return {}
    view: EffectView = {"entry": entry_view(entry, unit), "balance": balance_after_view(entry, unit)}
    lot = made_lot_view(entry, unit)
    if lot:
        view["lot"] = lot
    return view


def _lot_id(payment: Payment) -> str | None:
    """Returns the id of the lot that a payment made; None where it made none yet."""
    account, unit, lot = payment.account, payment.unit, payment.posted.lot
    return lot_id(account, unit, lot) if account and unit and lot else None


def _paid_view(paid: Paid) -> PaidMoneyView:
    return {
        "amount": paid.total,
        "tax": paid.tax,
        "currency": paid.currency,
        "at": format_instant(paid.at),
        "country": paid.country,
    }


def _refund_view(refund: Refund, currency: str | None) -> PaymentRefundView:
    return {
        "id": refund.refund_id,
        "status": refund.status,
        "amount": refund.amount,
        "currency": refund.currency or currency,
        "at": format_instant(refund.at),
        "request_id": refund.of_request,
    }


def _dispute_view(dispute: Dispute, currency: str | None) -> PaymentDisputeView:
    return {
        "id": dispute.dispute_id,
        "stage": dispute.stage,
        "status": dispute.status,
        "amount": dispute.amount,
        "currency": dispute.currency or currency,
        "at": format_instant(dispute.at),
    }


def _request_view(request_id: str, asked: RequestedRefund, currency: str) -> PaymentRequestView:
    return {
        "request_id": request_id,
        "as": asked.kind,
        "amount": {"amount": asked.amount, "currency": currency},
        "force": asked.force,
        "reason": asked.reason,
        "actor": asked.actor,
        "actor_name": asked.actor_name,
        "at": format_instant(asked.at),
    }


def resolution_view(resolution: Resolution) -> ResolutionView:
    """Shows a resolution; members that its action does not have are left out."""
    view: ResolutionView = {
        "action": resolution.action,
        "reason": resolution.reason,
        "actor": resolution.actor,
        "actor_name": resolution.actor_name,
        "at": format_instant(resolution.at),
    }
    if resolution.topup_id is not None:
        view["topup_id"] = resolution.topup_id
    if resolution.about is not None:
        view["about"] = resolution.about
    if resolution.amount is not None:
        view["amount"] = resolution.amount
    if resolution.status is not None:
        view["status"] = resolution.status
    if resolution.credits is not None:
        view["credits"] = resolution.credits
    return view


def _position_view(shown: PaymentDetails) -> PaymentPositionView | None:
    """Shows what is posted for the payment: credits of its unit, and money of its cost basis."""
    posted, order, unit = shown.payment.posted, shown.order, shown.unit
    if not posted.lot or order is None or unit is None:
        return None
    sale = shown.payment.sale(order)
    # What was posted before positions had their frozen part is what its facts froze.
    frozen = posted.frozen if posted.granted else shown.payment.wanted(order).frozen
    return {
        "granted": format_amount(posted.granted or sale.credits, unit.precision),
        "clawed": format_amount(posted.clawed, unit.precision),
        "frozen": format_amount(frozen, unit.precision),
        "credited": format_amount(posted.credited, unit.precision),
        "refunded": money_view(Money(posted.refunded, sale.currency)),
    }
