"""What Stripe's objects say of money, in its events and in its API's answers alike.

What the documentation and the SDK (16.1, API 2026-10-28.endive) say, and what follows here:

* A payment is known by its PaymentIntent, whichever object tells of it. An intent says no tax; its metadata is
  written with our key, so ``metadata.topup_id`` tells the order. A checkout session says the tax; its metadata and
  ``client_reference_id`` may be a buyer's (Payment Links), so only its own id tells the order.
* A subscription's payment is known by its invoice, as only that says what was paid for. Since 2025-03-31.basil an
  invoice names no intent: an invoice payment does, and makes what is known of the intent part of the invoice. The
  webhook endpoint's API version must not be older.
* A refund or a dispute may name its charge alone. Then it waits under the charge's id, which becomes part of the
  payment once Stripe is asked (``client``), or an invoice payment says so.
* ``amount_paid`` is what an invoice brought in; with a customer's balance in play it is not ``total``. It counts as
  it is, beside the whole tax of the invoice, so it is not the price of the order and waits for a person: whether a
  balance that the merchant gave away pays for credits is nothing to guess.
* A charge's ``amount_refunded`` is a running total that also falls again: charges say nothing here, refunds
  and disputes do.
* Enumerations and fields grow between releases, so this is a tolerant reader: it never raises, and what it needs but
  cannot read is parked with a reason that names the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from scrip.domain.payments.delivery import Parked
from scrip.domain.payments.facts import Paid, PartOf, Unpaid, UnpaidStatus, shown
from scrip.providers.envelope import Read, Subject, about, read_or_parked
from scrip.providers.reading import (
    Json,
    Unreadable,
    currency,
    identity,
    instant,
    member,
    money,
    one_of,
    optional_identity,
    optional_reference,
    reference,
)
from scrip.providers.stripe.money import charged, optional_charged
from scrip.providers.stripe.refunds import dispute, payment_taken_from, refund

_INTENT_STATUS: Final[Mapping[str, UnpaidStatus]] = {
    "processing": "processing",
    "requires_action": "processing",
    "requires_capture": "processing",
    "requires_confirmation": "processing",
    "requires_payment_method": "processing",
    "canceled": "failed",
}
_INVOICE_PAID: Final = {"draft": False, "open": False, "paid": True, "uncollectible": False, "void": False}
_INVOICE_PAYMENT_PAID: Final = {"canceled": False, "open": False, "paid": True}
_PAYS: Final = {name: name for name in ("charge", "payment_intent", "payment_record")}
_SUBSCRIPTION_REASONS: Final = frozenset({"subscription_create", "subscription_cycle"})


def read_object(obj: Any, event_at: Any = None) -> Read:
    """Reads what an object of Stripe's says of money, in an event or in an answer. Never raises.

    Objects are a PaymentIntent, checkout session, invoice, invoice payment, refund, dispute or charge, as plain
    JSON. What they refer to may be expanded or not. ``event_at`` is the event's instant (seconds); without one, the
    object's own ``created`` is used.
    """
    data: Json = obj if isinstance(obj, Mapping) else {}
    return read_or_parked(lambda: _read(data, event_at), lambda: subject(data))


def _read(data: Json, event_at: Any) -> Read:
    """Reads an object by its kind. Raises ``Unreadable`` for a kind that is not known."""
    return one_of(data, "object", _READERS)(data, event_at)


def _intent(data: Json, event_at: Any) -> Read:
    """Reads a payment intent: paid, failed or processing. Raises ``Unreadable``."""
    intent = identity(data, "id")
    status = data.get("status")
    topup_id = optional_identity(member(data, "metadata"), "topup_id")
    at = instant("created", event_at, data.get("created"))
    if status == "succeeded":
        money(data, "amount_received")
        said = currency(data, "currency")
        total = charged(data, "amount_received", said)
        paid = Paid(total=total, tax=None, currency=said, at=at, topup_id=topup_id)
        return Read(intent, (paid,))
    unpaid = one_of(data, "status", _INTENT_STATUS)
    if status == "requires_payment_method" and data.get("last_payment_error"):
        unpaid = "failed"
    return Read(intent, (Unpaid(unpaid, at, topup_id=topup_id),))


def _session(data: Json, event_at: Any) -> Read:
    """Reads a checkout session of a single payment; nothing for other modes, whose invoices tell.

    One that ended with nothing to pay (all of it was discounted, or the price is 0) has no intent: it is a payment of
    nothing, under the session's own id.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    mode, status = data.get("mode"), data.get("payment_status")
    if mode not in ("payment", "subscription", "setup"):
        raise Unreadable(f"mode is {shown(mode)}")
    if status not in ("paid", "unpaid", "no_payment_required"):
        raise Unreadable(f"payment_status is {shown(status)}")
    if data.get("status") not in ("complete", "open", "expired", None):
        raise Unreadable(f"status is {shown(data.get('status'))}")
    if mode != "payment" or (status == "no_payment_required" and data.get("status") != "complete"):
        return Read(None)
    session_id = identity(data, "id")
    # Only an expanded intent has metadata: the session's own may be a buyer's.
    topup_id = optional_identity(member(member(data, "payment_intent"), "metadata"), "topup_id")
    at = instant("created", event_at, data.get("created"))
    if status == "unpaid":
        intent = optional_reference(data, "payment_intent")
        unpaid: UnpaidStatus = "failed" if data.get("status") == "expired" else "processing"
        return Read(intent, (Unpaid(unpaid, at, session_id, topup_id),) if intent else ())
    money(data, "amount_total")
    said = currency(data, "currency")
    total = charged(data, "amount_total", said)
    tax = optional_charged(member(data, "total_details"), "amount_tax", said)
    if tax is not None and tax > total:
        raise Unreadable("amount_tax is more than amount_total")
    if total == 0 and optional_reference(data, "payment_intent") is None:
        return Read(session_id, (Paid(0, 0, said, at, session_id=session_id),))
    intent = reference(data, "payment_intent")
    return Read(intent, (Paid(total, tax, said, at, session_id=session_id, topup_id=topup_id),))


def _invoice(data: Json, event_at: Any) -> Read:
    """Reads a paid invoice as the payment of a subscription's period. Raises ``Unreadable``.

    An invoice for anything else names no order. It is parked, and nothing is granted until a person says what it
    pays.
    """
    if not one_of(data, "status", _INVOICE_PAID):
        return Read(None)
    invoice = identity(data, "id")
    total, amount_paid = money(data, "total"), money(data, "amount_paid")
    if not amount_paid and not total and not data.get("subtotal"):
        # A trial begins, or a period costs nothing: there is nothing to pay, and nothing to grant.
        return Read(invoice)
    said = currency(data, "currency")
    total, amount_paid = charged(data, "total", said), charged(data, "amount_paid", said)
    tax = _invoice_tax(data, total, said)
    paid = Paid(
        total=amount_paid,
        tax=None if tax is None else min(tax, amount_paid),
        currency=said,
        at=instant(
            "created", member(data, "status_transitions").get("paid_at"), event_at, data.get("created")
        ),
    )
    reason = data.get("billing_reason")
    if not isinstance(reason, str) or reason not in _SUBSCRIPTION_REASONS:
        return Read(invoice, (paid,), (Parked("payment", f"billing_reason is {shown(reason)}"),))
    parked = () if amount_paid else (Parked("payment", _unpaid_by_money(data, total, said)),)
    details = member(member(data, "parent"), "subscription_details")
    told = replace(
        paid,
        subscription_id=optional_reference(details, "subscription"),
        topup_id=optional_identity(member(details, "metadata"), "topup_id"),
    )
    return Read(invoice, (told,), parked)


def _unpaid_by_money(data: Json, total: int, in_currency: str) -> str:
    """Says what paid an invoice that brought in nothing: a balance, credit notes, or a discount of all of it."""
    balance = data.get("starting_balance")
    had = f", the customer's balance was {balance}" if isinstance(balance, int) and balance else ""
    said = f"amount_paid is 0 and total is {total} {in_currency}{had}: no money came in"
    return f"{said}. Accept it for its order, or dismiss it"


def _invoice_tax(data: Json, total: int, in_currency: str) -> int | None:
    """Returns the tax of an invoice in minor units; None where the invoice does not say it. Raises ``Unreadable``."""
    net = optional_charged(data, "total_excluding_tax", in_currency)
    if net is None:
        taxes = data.get("total_taxes")
        if not isinstance(taxes, list):
            return None
        of = (tax if isinstance(tax, Mapping) else {} for tax in taxes)
        net = total - sum(charged(tax, "amount", in_currency) for tax in of)
    if not 0 <= net <= total:
        raise Unreadable("the tax is more than total, or less than nothing")
    return total - net


def _invoice_payment(data: Json, _: Any) -> Read:
    """Reads the invoice that an intent is part of. Raises ``Unreadable``."""
    if not one_of(data, "status", _INVOICE_PAYMENT_PAID):
        return Read(None)
    payment = member(data, "payment")
    made_with = one_of(payment, "type", _PAYS, "payment") if "type" in payment else "payment_intent"
    if made_with == "payment_record":
        # Money that came past Stripe: the invoice itself says that it is paid, and nothing is refunded here.
        return Read(None)
    invoice = reference(data, "invoice")
    return Read(reference(payment, made_with), (PartOf(invoice),))


def _refund(data: Json, event_at: Any) -> Read:
    """Reads a refund and the payment that it is of. Raises ``Unreadable``."""
    return Read(payment_taken_from(data), (refund(data, event_at),))


def _dispute(data: Json, event_at: Any) -> Read:
    """Reads a dispute and the payment that it is of. Raises ``Unreadable``."""
    return Read(payment_taken_from(data), (dispute(data, event_at),))


def _charge(data: Json, _: Any) -> Read:
    """Reads nothing of money in a charge: its running total also falls again (see the module)."""
    return Read(payment_of(data))


_READERS: Final[Mapping[str, Callable[[Json, Any], Read]]] = {
    "payment_intent": _intent,
    "checkout.session": _session,
    "invoice": _invoice,
    "invoice_payment": _invoice_payment,
    "refund": _refund,
    "dispute": _dispute,
    "charge": _charge,
}


def payment_of(data: Json) -> str | None:
    """Returns the payment that an object is of, as far as it says so; its charge where it names no other."""
    if data.get("object") in ("payment_intent", "invoice"):
        return optional_identity(data, "id")
    if data.get("object") == "invoice_payment":
        paying = member(data, "payment")
        return optional_reference(paying, "payment_intent") or optional_reference(paying, "charge")
    charge = member(data, "charge")
    known = optional_reference(data, "payment_intent") or optional_reference(charge, "payment_intent")
    return known or optional_reference(data, "charge")


def subject(data: Json) -> Subject:
    """Returns the payment and the object that a reason is about, as far as the object says so."""
    return Subject(payment_of(data), about(data.get("object"), data.get("id")))
