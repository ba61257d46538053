"""Orders and payments, as they are listed. Nothing here changes anything.

A filter that no index serves reads on within a bound (``engine.paging``). Does not own what an order or a payment is,
nor how lists get them (``store.lists``, ``payment.list_writes``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.units import Unit
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Payment
from scrip.services.engine.executor import Executor
from scrip.services.engine.paging import BATCH, Found, read_on
from scrip.services.payments import orders as stored_orders
from scrip.services.payments.queries import PaymentDetails, detailed, order_keys
from scrip.store import documents, keys, lists, payments

P = TypeVar("P")
ParkedPlace = tuple[int, str, str]
"""Where the list of payments that wait goes on: since when one waits, its provider and its id."""


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Which orders are asked for.

    Attributes:
        account: whose; None: everybody's.
        status: None for all.
        since, until: of the instant at which they were made, both included; epoch milliseconds.
        now: the instant at which they are looked at.
    """

    account: str | None
    status: str | None
    since: int
    until: int
    now: int

    def fits(self, order: Order) -> bool:
        """Tells whether an order is one of those, whenever it was made."""
        return self.status in (None, order.status_at(self.now))


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order with its unit, and those of its payments that wait for a person."""

    order: Order
    unit: Unit
    waiting: Sequence[Payment]


@dataclass(frozen=True, slots=True)
class PaymentQuery:
    """Which payments are asked for.

    Attributes:
        account: whose; None: everybody's, those of nobody yet too.
        topup_id: of which order; None: of any, or of none.
        status: how they stand; None for all.
    """

    account: str | None
    topup_id: str | None
    status: str | None

    def fits(self, payment: Payment) -> bool:
        """Tells whether a payment is one of those."""
        return (
            self.account in (None, payment.account)
            and self.topup_id in (None, payment.topup_id)
            and self.status in (None, payment.status)
        )


def orders(executor: Executor, query: OrderQuery, limit: int, after: str | None) -> Found[str, ListedOrder]:
    """Returns a page of the orders, newest first."""
    tables = executor.tables
    pk = keys.TOPUPS if query.account is None else keys.account(query.account)
    begins = "" if query.account is None else keys.TOPUP_OF
    first, last = begins + keys.at_instant(query.since), begins + keys.at_instant(query.until, lists.LAST)

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, ListedOrder | None]], str | None]:
        places = lists.page(tables, pk, count, first=first, last=last, after=after, backwards=True)
        pks = {sk: keys.topup(keys.named_at(sk)) for sk in places.found}
        known = documents.get_many(tables, pks.values())
        read = {pk: stored_orders.read(one) for pk, one in known.items()}
        wanted = {
            sk: stored.body
            for sk, name in pks.items()
            if (stored := read.get(name)) and _is_of(sk, stored.body) and query.fits(stored.body)
        }
        return _with_payments(executor, places.found, wanted), places.following

    return read_on(look, after, limit, _batch(limit, query.status is not None))


def _with_payments(
    executor: Executor, places: Sequence[str], wanted: Mapping[str, Order]
) -> Sequence[tuple[str, ListedOrder | None]]:
    """Returns the orders with their units and the payments of each that wait; None at places that have none."""
    waiting = {
        sk: [keys.payment(order.provider, one) for one in order.waiting] for sk, order in wanted.items()
    }
    known = documents.get_many(executor.tables, [pk for pks in waiting.values() for pk in pks])

    def listed(sk: str) -> ListedOrder | None:
        if sk not in wanted:
            return None
        payments = [Payment.from_json(known[pk].body) for pk in waiting[sk] if pk in known]
        return ListedOrder(wanted[sk], executor.unit(wanted[sk].unit), payments)

    return [(sk, listed(sk)) for sk in places]


def _is_of(place: str, order: Order) -> bool:
    """Tells whether a place in a list is of this very order: one that a provider refused may be made anew later."""
    return place.endswith(keys.at_instant(order.accepted_at, order.topup_id))


def heard(
    executor: Executor, query: PaymentQuery, limit: int, after: str | None
) -> Found[str, PaymentDetails]:
    """Returns a page of the payments, those that Scrip heard of last first."""
    tables, account = executor.tables, query.account
    if query.topup_id is not None:
        order = stored_orders.load(tables, query.topup_id)
        if order is None or account not in (None, order.body.account):
            return Found([], None)
        account = order.body.account
    pk = keys.HEARD if account is None else keys.account(account)
    begins = "" if account is None else keys.PAYMENT_OF
    first, last = begins + keys.at_instant(0), begins + keys.at_instant(MAX_INSTANT, lists.LAST)

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, PaymentDetails | None]], str | None]:
        places = lists.page(tables, pk, count, first=first, last=last, after=after, backwards=True)
        pks = {sk: keys.PAYMENTS + keys.named_at(sk) for sk in places.found}
        return _read(executor, pks, query.fits), places.following

    return read_on(look, after, limit, _batch(limit, query.status is not None or query.topup_id is not None))


def parked(
    executor: Executor, query: PaymentQuery, limit: int, after: ParkedPlace | None
) -> Found[ParkedPlace, PaymentDetails]:
    """Returns a page of the payments that wait for a person: those that wait longest first.

    The index may lag behind the payments for a moment: what waits no more by then is left out.
    """

    def look(
        after: ParkedPlace | None, count: int
    ) -> tuple[Sequence[tuple[ParkedPlace, PaymentDetails | None]], ParkedPlace | None]:
        place = None if after is None else (after[0], keys.payment(*after[1:]))
        found, end = payments.listed(executor.tables, keys.PARKED, 0, MAX_INSTANT, count, place)
        pks = {(one.at, one.provider, one.payment_id): keys.payment(*one[1:]) for one in found}
        following = (end[0], *keys.payment_parts(end[1])) if end else None
        return _read(executor, pks, lambda one: bool(one.parked) and query.fits(one)), following

    return read_on(look, after, limit, _batch(limit, query != PaymentQuery(None, None, None)))


def _read(
    executor: Executor, pks: Mapping[P, str], fits: Callable[[Payment], bool]
) -> Sequence[tuple[P, PaymentDetails | None]]:
    """Reads payments by their places, with their orders; None for those that do not fit."""
    tables = executor.tables
    stored = documents.get_many(tables, pks.values())
    read = {place: Payment.from_json(stored[pk].body) for place, pk in pks.items() if pk in stored}
    wanted = {place: payment for place, payment in read.items() if fits(payment)}
    known = documents.get_many(tables, order_keys(wanted.values()))
    return [(place, detailed(executor, wanted[place], known) if place in wanted else None) for place in pks]


def _batch(limit: int, sifted: bool) -> int:
    """Returns how many to look at together: where nothing is passed over, no more than are wanted."""
    return BATCH if sifted else min(limit, BATCH)
