"""Payment methods that buyers let us keep: one for each account and provider, the last that was agreed to.

What a provider calls it comes with the payment that it was agreed to with. Does not own what is charged with it
(``auto_charges``).
"""

from __future__ import annotations

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid, PaymentFacts
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.services.catalogue.versions import Json, replace_document
from scrip.services.payments import orders
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Tables


def keep(tables: Tables, delivery: Delivery) -> bool:
    """Keeps what a payment was made with, where its order says that the buyer agreed to it. Returns whether it does.

    The last payment's counts, whichever is told last. It is kept before the payment is applied: who hears of the grant
    finds it.

    Raises:
        Contended, Throttled, Unavailable: not now; the queue brings it again.
    """
    paid = next((fact for fact in delivery.facts if isinstance(fact, Paid)), None)
    method = delivery.method
    if method is None or paid is None:
        return False
    found = orders.of_payment(tables, delivery.provider, PaymentFacts(paid=paid))
    if found is None or not found.body.keeps_method:
        return False
    said = {"at": paid.at, "topup_id": found.body.topup_id}

    def decide(document: Document) -> tuple[None, Json | None]:
        known = [document.body.get(name) for name in said]
        return None, None if document.body and known >= [*said.values()] else {**method.to_json(), **said}

    replace_document(
        tables, keys.payment_method(found.body.account, delivery.provider), "payment method", decide
    )
    return True


def kept(tables: Tables, account: str, provider: str) -> PaymentMethod | None:
    """Returns what an account's payments at a provider can be charged with; None where nothing is kept."""
    body = documents.get(tables, keys.payment_method(account, provider)).body
    return PaymentMethod.from_json(body) if body else None
