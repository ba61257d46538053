"""Payments in the table: read, and where lists and the index have them.

Does not own what a payment is (``domain.payments``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrip.domain.payments.payment import Payment
from scrip.store import documents, keys, lists
from scrip.store.documents import Document, Listing
from scrip.store.tables import Item, Tables


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment, and the document that it was read from."""

    payment: Payment
    document: Document


def load_payment(tables: Tables, provider: str, payment_id: str) -> StoredPayment:
    """Reads a payment; one that nobody has heard of is empty, and its document has revision 0."""
    document = documents.get(tables, keys.payment(provider, payment_id))
    payment = Payment.from_json(document.body) if document.body else Payment(provider, payment_id)
    return StoredPayment(payment, document)


def load_payments(tables: Tables, provider: str, payment_ids: Sequence[str]) -> Sequence[Payment]:
    """Reads several payments of a provider; what nobody has heard of is left out."""
    pks = [keys.payment(provider, one) for one in payment_ids]
    found = documents.get_many(tables, pks) if pks else {}
    return [Payment.from_json(found[pk].body) for pk in pks if pk in found]


def list_writes(tables: Tables, payment: Payment, before: Mapping[str, Any]) -> list[Item]:
    """Returns the transact items by which lists have a payment, where they have not yet.

    Args:
        before: the payment's body as it is stored so far.
    """
    assert payment.heard_at is not None
    place = keys.at_instant(payment.heard_at, f"{payment.provider}#{payment.payment_id}")
    was = before.get("account") if before.get("heard_at") is not None else None
    writes = [] if before.get("heard_at") is not None else [lists.add(tables, keys.HEARD, place)]
    if was == payment.account:
        return writes
    if was is not None:
        writes.append(lists.remove(tables, keys.account(was), keys.PAYMENT_OF + place))
    if payment.account is not None:
        writes.append(lists.add(tables, keys.account(payment.account), keys.PAYMENT_OF + place))
    return writes


def listing_of(payment: Payment) -> Listing | None:
    """Tells where the index lists a payment: parked, else by the instant it was paid; None where it is neither."""
    if payment.parked_at is not None:
        return Listing(keys.PARKED, payment.parked_at)
    paid = payment.facts.paid
    return Listing(keys.paid(payment.provider), paid.at) if paid else None
