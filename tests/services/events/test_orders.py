"""Orders are read for what is told of them, and no more than once."""

from __future__ import annotations

from scrip import runtime
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Unpaid
from scrip.http.events.orders import parked_event, topup_event
from scrip.services.events import orders
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys
from tests.aws import Buyer
from tests.services.events.test_entries import rows


def test_an_order_and_its_unit_are_read_by_two_calls_whatever_became_of_it(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.deliver(buyer.pays())
    buyer.scrip.deliver(buyer.gets_back(12_000))
    entries = rows(buyer.account)
    with buyer.scrip.calls() as made:
        told = orders.events_of(topup_event, runtime.tables(), entries)
    assert [event.type for event in told] == ["scrip.topup.paid", "scrip.topup.refunded"]
    assert [call.name for call in made] == ["BatchGetItem", "BatchGetItem"]


def test_an_order_that_there_is_not_is_passed_over(buyer: Buyer) -> None:
    """Somebody deleted it. Neither its entries nor its deliveries are held up by that."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid)
    entries, tables = rows(buyer.account), runtime.tables()
    assert documents.put_all(tables, [documents.removal(tables, keys.topup(buyer.topup["topup_id"]))])
    assert orders.events_of(topup_event, tables, entries) == []
    payment = load_payment(tables, "dodo", paid["data"]["payment_id"]).payment
    delivery = Delivery("dodo", payment.payment_id, "payment.failed", (Unpaid("failed", 5),))
    assert orders.of_applied(topup_event, parked_event, tables, payment, delivery) == []


def test_an_attempt_that_failed_is_not_told_of_an_order_that_is_paid_by_then(buyer: Buyer) -> None:
    """Its message came again after another attempt had succeeded."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid)
    payment = load_payment(runtime.tables(), "dodo", paid["data"]["payment_id"]).payment
    delivery = Delivery("dodo", payment.payment_id, "payment.failed", (Unpaid("failed", 5),))
    assert orders.of_applied(topup_event, parked_event, runtime.tables(), payment, delivery) == []
