"""The events of orders and payments: of entries a teller, and what follows from a delivery of a provider.

Does not own what is told of either (``domain.events.orders``), nor when a delivery is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event
from scrip.domain.events.orders import OrderFact, PaymentParked, of_delivery, of_entry, parked
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Payment
from scrip.services.events.entries import units_of
from scrip.services.payments import orders
from scrip.store import documents, keys
from scrip.store.tables import Tables

Told = Callable[[OrderFact, Order, Unit], Event]
"""Makes the event of what became of an order."""
ParkedTold = Callable[[PaymentParked], Event]
"""Makes the event of a payment that waits for a person."""


def events_of(told: Told, tables: Tables, entries: Sequence[Entry]) -> list[Event]:
    """Makes the events of orders that entries are of; entries of no payment cost nothing.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    facts = [fact for fact in map(of_entry, entries) if fact]
    known = _orders(tables, {fact.topup_id for fact in facts})
    return _events(told, tables, [(fact, known[fact.topup_id]) for fact in facts if fact.topup_id in known])


def of_applied(
    told: Told, parked_told: ParkedTold, tables: Tables, payment: Payment, delivery: Delivery
) -> list[Event]:
    """Makes the events of a delivery that was applied, given its payment as it is then.

    Where the delivery comes again they are the same again.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    waits = parked(payment)
    facts = of_delivery(payment, delivery)
    known = _orders(tables, {fact.topup_id for fact in facts})
    of_orders = [
        (fact, known[fact.topup_id])
        for fact in facts
        if fact.topup_id in known and (fact.what != "failed" or _failed(known[fact.topup_id], payment))
    ]
    return [*_events(told, tables, of_orders), *([parked_told(waits)] if waits else [])]


def _failed(order: Order, payment: Payment) -> bool:
    """Tells whether an order is not paid by this payment: it failed, or a renewal of its subscription did."""
    failed = order.failed_renewal
    return order.status == "failed" or (failed is not None and failed.payment_id == payment.payment_id)


def _orders(tables: Tables, topup_ids: Collection[str]) -> dict[str, Order]:
    """Reads orders by their ids. What there is not is left out."""
    pks = {keys.topup(topup_id): topup_id for topup_id in topup_ids}
    read = {pk: orders.read(document) for pk, document in documents.get_many(tables, pks).items()}
    return {pks[pk]: stored.body for pk, stored in read.items() if stored}


def _events(told: Told, tables: Tables, facts: Sequence[tuple[OrderFact, Order]]) -> list[Event]:
    units = units_of(tables, {order.unit for _, order in facts})
    return [told(fact, order, units[order.unit]) for fact, order in facts if order.unit in units]
