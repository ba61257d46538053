"""Lookups: a provider is asked how a payment stands, where its webhooks do not tell.

Does not own what becomes of the answer: it is a delivery, as a webhook is (``posting``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Final

from scrip.domain.payments.delivery import Delivery, Inquiry, Parked
from scrip.domain.payments.payment import Payment
from scrip.providers.clients import Client, ProviderRefused
from scrip.services.payments import orders
from scrip.store.tables import Tables

READ: Final = "read"
"""The type of a delivery that is a provider's answer and no webhook of its own accord."""
NOT_KNOWN: Final = 404
NOT_ALLOWED: Final = (401, 403)
"""Answers that are about our key, not about the payment: with the right one the same question has an answer."""


def about(tables: Tables, payment: Payment) -> Inquiry:
    """Returns what to ask of a payment: itself, and the checkout session of its order where that is known."""
    order = orders.of_payment(tables, payment.provider, payment.facts, payment.accepted)
    told = payment.facts.paid or payment.facts.unpaid
    session = order.body.session_id if order else None
    session = session or (told.session_id if told else None) or payment.named.session_id
    return Inquiry(payment.provider, payment.payment_id, session)


def answer(client: Client, inquiry: Inquiry, now: int) -> Delivery:
    """Asks the provider how the payment stands. That it does not know it, or will not tell, is a reason to park.

    What it answers is said ``now``, epoch milliseconds: later than whatever made us ask.

    Raises:
        ProviderUnavailable: not now.
        ProviderRefused: not with this key.
    """
    try:
        return replace(client.read(inquiry), said_at=now)
    except ProviderRefused as error:
        if error.status in NOT_ALLOWED:
            raise
        said = "does not know it" if error.status == NOT_KNOWN else f"does not tell of it ({error.status})"
        reason = Parked("payment", f"{inquiry.provider} was asked and {said}")
        return Delivery(inquiry.provider, READ, inquiry.payment_id, parked=(reason,), said_at=now)


def delivery_id(delivery: Delivery) -> str:
    """Makes an id of an answer: the same answer has the same id, however often it is given."""
    said = json.dumps(replace(delivery, said_at=None).to_dict(), sort_keys=True)
    return f"{READ}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
