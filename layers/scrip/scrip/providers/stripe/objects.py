"""What Stripe's objects say of money, in its events and in its API's answers alike.

What the documentation and the SDK (16.1, API 2026-10-28.endive) say, and what follows here:

* A payment is known by its PaymentIntent, whichever object tells of it. An intent says no tax; its metadata is
  written with our key, so ``metadata.topup_id`` tells the order. A checkout session says the tax; its metadata and
  ``client_reference_id`` may be a buyer's (Payment Links), so only its own id tells the order.
* A subscription's payment is known by its invoice (``invoices``), as only that says what was paid for. An invoice
  payment makes what is known of an intent part of the invoice; before 2025-03-31.basil the intent says so itself.
* A session that expired can be paid no more. Nobody may have tried, and then there is no intent: it is an attempt under
  the session's own id.
* A refund or a dispute may name its charge alone. Then it waits under the charge's id, which becomes part of the
  payment once Stripe is asked (``client``), or an invoice payment says so.
* A charge's ``amount_refunded`` is a running total that also falls again: charges say nothing here, refunds
  and disputes do.
* Enumerations and fields grow between releases, so this is a tolerant reader: it never raises, and what it needs but
  cannot read is parked with a reason that names the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from scrip.domain.payments.delivery import Names
from scrip.domain.payments.facts import Paid, PartOf, Unpaid, UnpaidStatus, shown
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.providers.envelope import Read, Subject, about, read_or_parked
from scrip.providers.reading import (
    Json,
    Unreadable,
    country,
    currency,
    identity,
    instant,
    member,
    one_of,
    optional_identity,
    optional_reference,
    reference,
)
from scrip.providers.stripe.invoices import invoice, subscription_of
from scrip.providers.stripe.money import charged, optional_charged
from scrip.providers.stripe.refunds import credit_note, dispute, payment_taken_from, refund

_INTENT_STATUS: Final[Mapping[str, UnpaidStatus]] = {
    "processing": "processing",
    "requires_action": "processing",
    "requires_capture": "processing",
    "requires_confirmation": "processing",
    "requires_payment_method": "processing",
    "canceled": "failed",
}
_INVOICE_PAYMENT_PAID: Final = {"canceled": False, "open": False, "paid": True}
_PAYS: Final = {name: name for name in ("charge", "payment_intent", "payment_record")}


def read_object(obj: Any, event_at: Any = None) -> Read:
    """Reads what an object of Stripe's says of money, in an event or in an answer. Never raises.

    Objects are a PaymentIntent, checkout session, invoice, invoice payment, credit note, refund, dispute or charge, as
    plain JSON. What they refer to may be expanded or not. ``event_at`` is the event's instant (seconds); without
    one, the object's own ``created`` is used.
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
        said = currency(data, "currency")
        total = charged(data, "amount_received", said)
        paid = Paid(total=total, tax=None, currency=said, at=at, topup_id=topup_id)
        # Before 2025-03-31.basil an intent names the invoice that it pays, and no invoice payment is told of.
        invoice = optional_reference(data, "invoice")
        return Read(intent, (paid, PartOf(invoice)) if invoice else (paid,))
    unpaid = one_of(data, "status", _INTENT_STATUS)
    if status == "requires_payment_method" and data.get("last_payment_error"):
        unpaid = "failed"
    return Read(intent, (Unpaid(unpaid, at, topup_id=topup_id),))


def _session(data: Json, event_at: Any) -> Read:
    """Reads a checkout session: what it says of a single payment, and whether it came to nothing.

    One of a subscription that came to something says nothing here: its invoices do. One that ended with nothing to pay
    (all of it was discounted, or the price is 0) has no intent: it is a payment of nothing, under the session's own id.
    So is an attempt that has no intent.

    Raises:
        Unreadable: a member that is needed is not what the documentation says.
    """
    mode, status, state = data.get("mode"), data.get("payment_status"), data.get("status")
    if mode not in ("payment", "subscription", "setup"):
        raise Unreadable(f"mode is {shown(mode)}")
    if status not in ("paid", "unpaid", "no_payment_required"):
        raise Unreadable(f"payment_status is {shown(status)}")
    if state not in ("complete", "open", "expired", None):
        raise Unreadable(f"status is {shown(state)}")
    if mode == "setup":
        return Read(None)
    if status == "unpaid" or state == "expired":
        return _unpaid_session(data, event_at)
    if mode != "payment" or (status == "no_payment_required" and state != "complete"):
        return Read(None)
    session_id = identity(data, "id")
    # Only an expanded intent has metadata: the session's own may be a buyer's.
    topup_id = optional_identity(member(member(data, "payment_intent"), "metadata"), "topup_id")
    at = instant("created", event_at, data.get("created"))
    said = currency(data, "currency")
    total = charged(data, "amount_total", said)
    tax = optional_charged(member(data, "total_details"), "amount_tax", said)
    if tax is not None and tax > total:
        raise Unreadable("amount_tax is more than amount_total")
    if total == 0 and optional_reference(data, "payment_intent") is None:
        return Read(session_id, (Paid(0, 0, said, at, session_id=session_id),))
    intent = reference(data, "payment_intent")
    of = country(member(member(data, "customer_details"), "address"))
    paid = Paid(total, tax, said, at, session_id=session_id, topup_id=topup_id, country=of)
    return Read(intent, (paid,))


def _unpaid_session(data: Json, event_at: Any) -> Read:
    """Reads a checkout session that nobody paid, under its intent's id or else its own.

    Nothing while it is open and nobody has tried. Raises ``Unreadable``.
    """
    session_id, state = identity(data, "id"), data.get("status")
    intent = optional_reference(data, "payment_intent")
    if intent is None and state not in ("complete", "expired"):
        return Read(None)
    at = instant("created", event_at, data.get("created"))
    topup_id = optional_identity(member(member(data, "payment_intent"), "metadata"), "topup_id")
    unpaid: UnpaidStatus = "expired" if state == "expired" else "processing"
    return Read(intent or session_id, (Unpaid(unpaid, at, session_id, topup_id),))


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


def _credit_note(data: Json, event_at: Any) -> Read:
    """Reads a credit note as the refund that it is, as far as no refund object tells of it. Raises ``Unreadable``."""
    made = credit_note(data, event_at)
    return Read(reference(data, "invoice"), (made,) if made else ())


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
    "invoice": invoice,
    "invoice_payment": _invoice_payment,
    "credit_note": _credit_note,
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
    if data.get("object") == "credit_note":
        return optional_reference(data, "invoice")
    charge = member(data, "charge")
    known = optional_reference(data, "payment_intent") or optional_reference(charge, "payment_intent")
    return known or optional_reference(data, "charge")


def names_of(data: Json) -> Names:
    """Returns what an object says that its payment is of, whether or not the rest of it can be read.

    A charge that took the money, or that money was taken back from, names the payment too.
    """
    kind = data.get("object")
    if kind == "checkout.session":
        return Names(session_id=optional_identity(data, "id"))
    if kind == "payment_intent":
        paid = data.get("status") == "succeeded"
        return Names(
            topup_id=optional_identity(member(data, "metadata"), "topup_id"),
            charge_id=optional_reference(data, "latest_charge") if paid else None,
        )
    if kind in ("refund", "dispute"):
        return Names(charge_id=optional_reference(data, "charge"))
    if kind != "invoice":
        return Names()
    subscription_id, topup_id = subscription_of(data)
    return Names(topup_id=topup_id, subscription_id=subscription_id)


def method_of(data: Json) -> PaymentMethod | None:
    """Returns what an intent was paid with, where the buyer agreed that it is charged again; None otherwise."""
    if data.get("object") != "payment_intent" or data.get("status") != "succeeded":
        return None
    if data.get("setup_future_usage") != "off_session":
        return None
    name, customer = optional_reference(data, "payment_method"), optional_reference(data, "customer")
    return PaymentMethod(name, customer) if name and customer else None


def subject(data: Json) -> Subject:
    """Returns the payment and the object that a reason is about, as far as the object says so."""
    kind = "refund" if data.get("object") == "credit_note" else data.get("object")
    return Subject(payment_of(data), about(kind, data.get("id")))
