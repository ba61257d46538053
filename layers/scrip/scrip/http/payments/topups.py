"""Orders for packs: the body and the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.payments.order import Offer, Order, OrderRequest
from scrip.domain.payments.order import Status as OrderStatus
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.payment import Payment
from scrip.http.edge import pages
from scrip.http.edge.answers import MoneyView, RecurringView, TypedDict, money_view, recurring_view
from scrip.http.edge.bodies import Body, Currency, Identifier, Url
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.http.payments.payments import WaitingView, show_waiting
from scrip.http.payments.subscriptions import FailedRenewalView, failed_renewal_view
from scrip.providers import having
from scrip.services.engine.paging import Found
from scrip.services.payments.listings import ListedOrder, OrderQuery

if TYPE_CHECKING:
    from scrip.domain.payments.order import Status as TopupStatus
    from scrip.http.edge.forms import At, Credits, Name, Ordinal, PackCount, TermsVersion

VERSION_PATTERN = r"^[0-9a-f]{16}$"


def _accepted(value: Any) -> Any:
    """Refuses everything but ``true`` and a version of terms."""
    if value is not True and not (
        isinstance(value, str) and re.fullmatch(VERSION_PATTERN.strip("^$"), value)
    ):
        raise ValueError("must be true, or the terms_version that GET /v1/packs/{pack}/terms gave")
    return value


MAX_QUANTITY: Final = 1000
"""Packs of one order."""
PROVIDERS: Final = tuple(sorted(having("webhook")))
if TYPE_CHECKING:
    Provider = str
else:
    Provider = Literal[PROVIDERS]
    """The name of a payment provider, one of those whose webhooks are understood."""


DEFAULT_PROVIDER: Final = "dodo"


class TopupBody(Body):
    """An order for packs."""

    account: Identifier
    """The customer, by your own id for them."""
    pack: Identifier
    """The pack's id."""
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1
    """How many packs."""
    provider: Provider = DEFAULT_PROVIDER
    """Where it is paid. At `standard` and `paddle` your app opens the checkout, and names `topup_id`."""
    currency: Currency | None = None
    """One that the pack has a price in; null: that of its `price`."""
    return_url: Url
    """Where the buyer comes back to: https, or this machine."""
    accept_terms: Annotated[
        Any,
        BeforeValidator(_accepted),
        WithJsonSchema(
            {"anyOf": [{"const": True, "type": "boolean"}, {"type": "string", "pattern": VERSION_PATTERN}]}
        ),
    ]
    """The `terms_version` of the terms that the buyer was shown and agreed to; or true: to those that the order has."""
    save_payment_method: bool = False
    """Whether the buyer lets what they pay with be charged again while they are away, as automatic top-ups do."""

    def order_request(self) -> OrderRequest:
        """Returns what the body asks for."""
        accepted = None if self.accept_terms is True else self.accept_terms
        return OrderRequest(
            account=self.account,
            pack=self.pack,
            quantity=self.quantity,
            provider=self.provider,
            return_url=self.return_url,
            currency=self.currency,
            accepted=accepted,
            keeps_method=self.save_payment_method,
        )


class CancelBody(Body):
    """Nothing is said: the path names the order."""

    may_be_missing: ClassVar[bool] = True


class WaitingPaymentView(TypedDict):
    """A payment that names the order and waits for a person: nothing was granted for it, or not all is clear."""

    payment_id: str
    """The provider's id of it; `/v1/payments/{provider}/{payment_id}` shows the rest."""
    parked: list[WaitingView]
    """Why it waits."""
    parked_at: At
    """Since when."""


class TopupView(TypedDict):
    """An order for packs."""

    topup_id: str
    """Its id, to ask what became of it."""
    status: TopupStatus
    """What became of it."""
    account: Name
    """Who buys."""
    pack: Name
    """What is bought."""
    pack_version: Ordinal
    """The pack as it was then."""
    quantity: PackCount
    """How many."""
    provider: Provider
    """Where it is paid."""
    unit: Name
    """What its credits are counted in."""
    credits: Credits
    """What it gives, bonus included."""
    price: MoneyView
    """The total, without tax."""
    recurring: RecurringView | None
    """How often it is paid; null: once."""
    terms: str
    """What the buyer agreed to."""
    terms_version: TermsVersion
    """What tells one text of terms from another."""
    accepted_at: At
    """When the buyer agreed."""
    expires_at: At
    """From when on it is over, if nobody paid; a payment that comes later counts all the same."""
    checkout_url: str | None
    """Where to send the buyer; null where your app opens the checkout, and while the provider does not answer."""
    checkout_session_id: str | None
    """The provider's checkout session; null where there is none."""
    payment_id: str | None
    """The provider's payment, once it is paid; of a subscription the last one."""
    failed_renewal: FailedRenewalView | None
    """Of a subscription's: the renewal that was not paid; null once one is."""
    waiting: list[WaitingPaymentView]
    """Its payments that wait for a person, up to 20 of them."""
    save_payment_method: bool
    """Whether what it is paid with is kept, to be charged while the buyer is away."""
    automatic: bool
    """Whether an automatic top-up made it: it is paid with what was kept, and has no checkout."""


class TermsView(TypedDict):
    """What an order would give, cost and agree to now."""

    pack: Name
    """What is bought."""
    pack_version: Ordinal
    """The pack as it is now."""
    quantity: PackCount
    """How many."""
    unit: Name
    """What its credits are counted in."""
    credits: Credits
    """What it gives, bonus included."""
    price: MoneyView
    """The total, without tax."""
    terms: str
    """What the buyer agrees to: to be shown before the order."""
    terms_version: TermsVersion
    """What the order sends as `accept_terms`."""


class TopupPageView(TypedDict):
    """Orders, newest first. With a `status` a page looks at 1 000 of them at most: it may be short, or empty, and yet
    have a `next_cursor`."""

    items: list[TopupView]
    """The orders."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def order_query(request: HttpRequest) -> OrderQuery:
    """Reads which orders are asked for; a key of one account asks for its own.

    Raises:
        InvalidRequest: a filter is none.
        Forbidden: a key of one account asks for another's.
    """
    query = request.query
    account = query.said_identifier("account")
    if request.bound:
        request.allow_account(account or request.bound)
    until = query.instant("to")
    return OrderQuery(
        account=account or request.bound,
        status=query.choice("status", get_args(OrderStatus)),
        since=max(0, query.instant("from") or 0),
        until=MAX_INSTANT if until is None else until,
        now=request.moment().at,
    )


def topup_page_view(found: Found[str, ListedOrder], now: int) -> TopupPageView:
    """Shows orders as they are at ``now``, epoch milliseconds."""
    items, cursor = pages.shown(found, lambda one: topup_view(one.order, one.unit, now, one.waiting))
    return {"items": items, "next_cursor": cursor}


def terms_view(pack: Pack, unit: Unit, quantity: int, offer: Offer) -> TermsView:
    """Shows what an order would agree to, its credits as a decimal of the unit."""
    return {
        "pack": pack.pack,
        "pack_version": pack.version,
        "quantity": quantity,
        "unit": unit.unit,
        "credits": format_amount(offer.credits, unit.precision),
        "price": money_view(offer.price),
        "terms": offer.terms,
        "terms_version": offer.terms_version,
    }


def topup_view(order: Order, unit: Unit, now: int, waiting: Sequence[Payment] = ()) -> TopupView:
    """Shows an order as it is at ``now``, epoch milliseconds; its credits as a decimal of the unit.

    ``waiting`` are its payments that wait for a person.
    """
    return {
        "topup_id": order.topup_id,
        "status": order.status_at(now),
        "account": order.account,
        "pack": order.pack,
        "pack_version": order.pack_version,
        "quantity": order.quantity,
        "provider": order.provider,
        "unit": order.unit,
        "checkout_url": order.checkout_url,
        "checkout_session_id": order.session_id,
        "price": money_view(order.price),
        "recurring": recurring_view(order.every),
        "terms": order.terms,
        "terms_version": order.terms_version,
        "accepted_at": format_instant(order.accepted_at),
        "expires_at": format_instant(order.expires_at),
        "payment_id": order.payment_id,
        "failed_renewal": failed_renewal_view(order.failed_renewal),
        "waiting": [
            {
                "payment_id": one.payment_id,
                "parked": show_waiting(one),
                "parked_at": format_instant(one.parked_at),
            }
            for one in waiting
            if one.parked_at is not None
        ],
        "credits": format_amount(order.credits, unit.precision),
        "save_payment_method": order.keeps_method,
        "automatic": order.automatic,
    }
