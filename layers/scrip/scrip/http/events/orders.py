"""Orders and payments as events tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event, event_id
from scrip.domain.events.orders import OrderFact, PaymentParked
from scrip.domain.payments.order import Order
from scrip.http.edge.answers import MoneyView, TypedDict, money_view

if TYPE_CHECKING:
    from scrip.domain.events.orders import OrderReason
    from scrip.http.edge.forms import Credits, Name

TOPUP: Final = "scrip.topup"
"""How the type of an order's event begins: what became of it follows."""
PARKED: Final = "scrip.payment.parked"


class TopupEventView(TypedDict):
    """What became of an order."""

    topup_id: str
    """Of which order it is told."""
    unit: Name
    """What its credits are counted in."""
    credits: Credits
    """What the order gives, bonus included. How much came or went is in the entries."""
    price: MoneyView
    """The order's total, without tax."""
    reason: OrderReason | None
    """Why; null of an order that is paid."""
    pack: Name
    """What was bought."""
    payment: str
    """By which payment, `<provider>:<id>`: each period of a subscription has its own."""


class PaymentParkedEventView(TypedDict):
    """A payment that waits for a person: nothing is granted, or taken, until somebody decides."""

    payment: str
    """`<provider>:<id>`."""
    topup_id: str | None
    """The order that it is of; null: none is known."""
    unit: Name | None
    """The unit of that order's credits; null: none is known."""
    reasons: list[str]
    """What is wrong, in sentences, and what to do."""


def topup_event(fact: OrderFact, order: Order, unit: Unit) -> Event:
    """Makes the event of what became of an order."""
    type_ = f"{TOPUP}.{fact.what}"
    data: TopupEventView = {
        "topup_id": fact.topup_id,
        "unit": order.unit,
        "credits": format_amount(order.credits, unit.precision),
        "price": money_view(order.price),
        "reason": fact.reason,
        "pack": order.pack,
        "payment": fact.payment,
    }
    return Event(
        event_id(type_, fact.topup_id, fact.payment, fact.named), type_, order.account, fact.at, data
    )


def parked_event(fact: PaymentParked) -> Event:
    """Makes the event of a payment that waits for a person, for other reasons another one."""
    data: PaymentParkedEventView = {
        "payment": fact.payment,
        "topup_id": fact.topup_id,
        "unit": fact.unit,
        "reasons": list(fact.reasons),
    }
    return Event(event_id(PARKED, fact.payment, fact.at, *fact.reasons), PARKED, fact.account, fact.at, data)
