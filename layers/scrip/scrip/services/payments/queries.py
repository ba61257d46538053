"""What is known of payments, and what a refund of one would come to. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.units import Unit
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Payment, RefundAs
from scrip.domain.payments.quotes import RefundQuote, Sold, as_credit, as_money
from scrip.domain.payments.target import unusable
from scrip.domain.wallets.draft import Draft
from scrip.providers import webhooks
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.payments import orders
from scrip.services.payments.charges import giveable
from scrip.services.payments.payment import StoredPayment, load_payment
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Tables

_QUOTE: dict[RefundAs, Callable[..., RefundQuote]] = {"money": as_money, "credit": as_credit}


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """A payment with the unit of its wallet and its order: None before that is known."""

    payment: Payment
    unit: Unit | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class QuotedPayment:
    """A payment with the quote of a refund of it.

    Attributes:
        unspent: what is unspent of the payment's lot, in steps.
        worth: the money that is deferred for the credits that the refund would take, minor units.
    """

    payment: Payment
    unit: Unit
    currency: str
    quote: RefundQuote
    unspent: int
    worth: int


def get(tables: Tables, provider: str, payment_id: str) -> StoredPayment:
    """Reads a payment as it is now.

    Raises:
        NotFound: nobody has heard of it, or there is no such provider.
    """
    if provider not in webhooks.names():
        raise NotFound(f"there is no provider {provider}", provider=provider)
    stored = load_payment(tables, provider, payment_id)
    if stored.document.rev == documents.NEW:
        raise NotFound(f"nothing is known of a payment {payment_id}", payment_id=payment_id)
    return stored


def details(executor: Executor, payment: Payment) -> PaymentDetails:
    """Adds a payment's unit and order to it."""
    return detailed(executor, payment, documents.get_many(executor.tables, order_keys([payment])))


def order_keys(known: Iterable[Payment]) -> list[str]:
    """Lists the keys of the orders that these payments made lots for."""
    return [keys.topup(one.topup_id) for one in known if one.topup_id and one.posted.lot]


def detailed(executor: Executor, payment: Payment, stored_orders: Mapping[str, Document]) -> PaymentDetails:
    """Adds a payment's unit to it, and its order, from those of ``order_keys``."""
    found = stored_orders.get(keys.topup(payment.topup_id or ""))
    stored = orders.read(found) if found else None
    if stored is None or payment.unit is None:
        return PaymentDetails(payment)
    order = stored.body
    return PaymentDetails(payment, executor.unit(payment.unit), order)


def order_of(tables: Tables, payment: Payment) -> Order:
    """Reads the order that a payment made a lot for.

    Raises:
        PolicyViolation: it has made none, so there is nothing to refund; or what its provider says of a refund or a
            dispute of it is not clear yet.
    """
    if payment.facts.part_of and not payment.posted.lot:
        whole = payment.facts.part_of
        raise PolicyViolation(f"it is a part of {whole}: refund that", policy="refund_part")
    if payment.topup_id is None or not payment.posted.lot:
        raise PolicyViolation("no credits were granted for this payment", policy="refund_granted")
    if payment.facts.paid and not payment.facts.paid.total:
        raise PolicyViolation(
            "nothing was paid for it: there is no money to give back", policy="refund_granted"
        )
    if payment.void:
        raise PolicyViolation(
            "by what its provider said of it, nothing was bought with it: see why it waits",
            policy="refund_clear",
        )
    for unclear in unusable(payment.facts, payment.stated):
        raise PolicyViolation(
            f"first it must be clear what became of {unclear.about}: {unclear.reason}", policy="refund_clear"
        )
    return orders.get(tables, payment.topup_id)


def quote_of(
    payment: Payment, order: Order, lot: Lot | None, kind: RefundAs, amount: int | None
) -> RefundQuote:
    """Quotes a refund of a payment whose lot is ``lot``; of all that can be refunded where no amount is given."""
    sold = Sold(
        face=payment.sale(order).credits,
        basis=payment.sale(order).amount,
        kept=payment.kept,
        clawed=payment.posted.clawed - payment.forgone,
        remaining=lot.remaining if lot else 0,
    )
    return _QUOTE[kind](payment.facts, payment.stated, sold, amount)


def quote(
    executor: Executor, payment: Payment, kind: RefundAs, amount: int | None, moment: Moment
) -> QuotedPayment:
    """Quotes what a refund of ``amount`` (None: of all that can be refunded) would come to now.

    Raises:
        PolicyViolation: see ``order_of``.
        ClockBackwards, Contended.
    """
    order = order_of(executor.tables, payment)
    context = executor.context(order.account, order.unit, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> QuotedPayment:
        apply_all_due(draft, now)
        lot = draft.find(payment.posted.lot)
        found = quote_of(payment, order, lot, kind, amount)
        if amount is None and kind == "money":
            whole = giveable(payment.provider, found.amount, order.price.currency)
            found = found if whole == found.amount else quote_of(payment, order, lot, kind, whole)
        worth = lot.less(min(found.credits, lot.remaining))[1] if lot else 0
        spendable = lot.spendable if lot else 0
        return QuotedPayment(payment, context.unit, payment.sale(order).currency, found, spendable, worth)

    return read(executor, context, view)
