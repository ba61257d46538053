"""What is known of payments, and what a refund of one would come to. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.units import Unit
from scrip.domain.payments.facts import REQUEST, Refund
from scrip.domain.payments.quotes import Quote, Sold, as_credit, as_money
from scrip.domain.payments.target import Position, share, target, unusable
from scrip.domain.wallets.draft import Draft
from scrip.providers import webhooks
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.payments import orders
from scrip.services.payments.orders import StoredOrder
from scrip.services.payments.payment import Payment
from scrip.store import documents, keys, payments
from scrip.store.documents import Document
from scrip.store.tables import Tables

As = Literal["money", "credit"]
"""What a refund gives back: money through the provider, or credit, for which the money is kept."""
Place = tuple[int, str, str]
"""A payment's place in a list: the instant it is sorted by, provider and payment id."""
Standing = Literal["unpaid", "paid", "partially_refunded", "refunded", "disputed"]
"""How a payment stands by what its provider said. Money lost in a dispute counts as refunded."""
_QUOTE: dict[As, Callable[..., Quote]] = {"money": as_money, "credit": as_credit}


@dataclass(frozen=True, slots=True)
class Shown:
    """A payment with what its facts come to: nothing (None) before its order is known."""

    payment: Payment
    unit: Unit | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote, with what is unspent of the payment's lot and the money that is deferred for the credits it would take
    (minor units)."""

    payment: Payment
    unit: Unit
    currency: str
    quote: Quote
    unspent: int
    worth: int


def get(tables: Tables, provider: str, payment_id: str) -> Payment:
    """The payment as it is now.

    Raises:
        NotFound: nobody has heard of it, or there is no such provider.
    """
    if provider not in webhooks.names():
        raise NotFound(f"there is no provider {provider}", provider=provider)
    payment, stored = Payment.load(tables, provider, payment_id)
    if stored.rev == documents.NEW:
        raise NotFound(f"nothing is known of a payment {payment_id}", payment_id=payment_id)
    return payment


def standing(payment: Payment) -> Standing:
    """How a payment stands by its facts; whether it is parked is another matter."""
    if payment.facts.paid is None:
        return "unpaid"
    if any(dispute.status in ("open", "contradicted") for dispute in payment.facts.disputes.values()):
        return "disputed"
    taken = share(payment.facts, payment.stated)["taken"]
    return "refunded" if taken >= 1 else "partially_refunded" if taken else "paid"


def refund_of(payment: Payment, request_id: str) -> Refund | None:
    """The refund that a request of ours became: the provider's own where it has told of it, else the one that we asked
    for; None where the money was kept."""
    refunds = payment.facts.refunds
    answered = (refund for refund in refunds.values() if refund.request_id == request_id)
    return next(answered, refunds.get(REQUEST + request_id))


def is_told(refund: Refund) -> bool:
    """Whether it is the provider's own, and not yet just a wish of ours."""
    return not refund.refund_id.startswith(REQUEST)


def request_of(refund: Refund) -> str | None:
    """Our request that a refund answers, or is."""
    return refund.request_id if is_told(refund) else refund.refund_id.removeprefix(REQUEST)


def shown(executor: Executor, payment: Payment) -> Shown:
    """The payment with its unit and position."""
    return _shown(executor, payment, documents.get_many(executor.tables, _orders([payment])))


def parked(
    executor: Executor, limit: int, after: Place | None
) -> tuple[Sequence[tuple[Place, Shown]], Place | None]:
    """A page of the payments that wait for a person, those that wait longest first, each with its place in the list;
    where the next page begins.

    The list may lag behind the payments for a moment: what waits no more by then is left out.
    """
    last = (after[0], keys.payment(*after[1:])) if after else None
    places, following = payments.listed(executor.tables, keys.PARKED, 0, MAX_INSTANT, limit, last)
    stored = documents.get_many(executor.tables, [keys.payment(*place[1:]) for place in places])
    read = {
        place: Payment.read(stored[keys.payment(*place[1:])].body)
        for place in places
        if keys.payment(*place[1:]) in stored
    }
    waiting = {place: payment for place, payment in read.items() if payment.parked}
    stored_orders = documents.get_many(executor.tables, _orders(waiting.values()))
    found = [(place, _shown(executor, payment, stored_orders)) for place, payment in waiting.items()]
    return found, (following[0], *keys.payment_parts(following[1])) if following else None


def _orders(shown_: Iterable[Payment]) -> list[str]:
    """Where the orders lie that these payments made lots for."""
    return [keys.topup(one.topup_id) for one in shown_ if one.topup_id and one.posted.lot]


def _shown(executor: Executor, payment: Payment, stored_orders: Mapping[str, Document]) -> Shown:
    found = stored_orders.get(keys.topup(payment.topup_id or ""))
    order = orders.read(found) if found else None
    if order is None or payment.unit is None:
        return Shown(payment)
    face, basis = order.body.credits, order.body.price.amount
    return Shown(payment, executor.unit(payment.unit), target(payment.facts, face, basis, payment.stated))


def order_of(tables: Tables, payment: Payment) -> StoredOrder:
    """The order that a payment made a lot for.

    Raises:
        PolicyViolation: it has made none, so there is nothing to refund; or what its provider says of a refund or a
            dispute of it is not clear yet.
    """
    if payment.facts.part_of:
        whole = payment.facts.part_of
        raise PolicyViolation(f"it is a part of {whole}: refund that", policy="refund_part")
    if payment.topup_id is None or not payment.posted.lot:
        raise PolicyViolation("no credits were granted for this payment", policy="refund_granted")
    for unclear in unusable(payment.facts, payment.stated):
        raise PolicyViolation(
            f"first it must be clear what became of {unclear.about}: {unclear.reason}", policy="refund_clear"
        )
    return orders.require(tables, payment.topup_id)


def quoted(payment: Payment, order: StoredOrder, lot: Lot | None, as_: As, amount: int | None) -> Quote:
    """The quote for a payment whose lot is ``lot``."""
    sold = Sold(
        face=order.body.credits,
        basis=order.body.price.amount,
        kept=payment.kept,
        clawed=payment.posted.clawed,
        remaining=lot.remaining if lot else 0,
    )
    return _QUOTE[as_](payment.facts, payment.stated, sold, amount)


def quote(executor: Executor, payment: Payment, as_: As, amount: int | None, moment: Moment) -> Quoted:
    """What a refund of ``amount`` (None: of all that can be refunded) would come to now.

    Raises:
        PolicyViolation: see ``order_of``.
        ClockBackwards, Contended.
    """
    order = order_of(executor.tables, payment)
    context = executor.context(order.body.account, order.body.unit, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Quoted:
        apply_all_due(draft, now)
        lot = draft.find(payment.posted.lot)
        found = quoted(payment, order, lot, as_, amount)
        worth = lot.less(min(found.credits, lot.remaining))[1] if lot else 0
        spendable = lot.spendable if lot else 0
        return Quoted(payment, context.unit, order.body.price.currency, found, spendable, worth)

    return read(executor, context, view)
