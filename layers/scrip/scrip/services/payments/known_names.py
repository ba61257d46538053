"""Names by which a payment becomes known, so that it is given back by its own path alone, however somebody spells it.

Each is a document that refunds as credit are counted in (``services.wallets.sources``). What became credit by such a
name before the payment was known is a reason to park it: granted besides, it would be given twice (law 8).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scrip.domain.payments.payment import Payment
from scrip.domain.wallets.credit_refunds import NamedSource, source_name
from scrip.providers import having
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

CREDITED: Final = "became credit before it was known"
"""Is in the reason for parking a payment of which that is so."""


STEP: Final = 40
"""Names that are written at once: with a wallet's items a transaction has a hundred at most."""


class KnownNames:
    """The names of a payment that were not stored yet, with what is stored under each."""

    def __init__(self, tables: Tables, payment: Payment) -> None:
        self._tables, self._payment = tables, payment
        names = _names(payment) - set(payment.names)
        self._taken: set[str] = set()
        pks = {name: keys.named_source(name) for name in sorted(names)}
        found = documents.get_many(tables, pks.values())
        self._documents: dict[str, Document] = {
            name: found.get(pk, Document(pk, documents.NEW, {})) for name, pk in pks.items()
        }

    @property
    def reasons(self) -> list[str]:
        """Returns why the payment must wait: some of it became credit already, by one of these names."""
        told = []
        for name, document in self._documents.items():
            credited = NamedSource.from_json(document.body).refunded
            if credited:
                told.append(
                    f"{credited.amount} {credited.currency} of it {CREDITED}, as {name}: void that lot and accept the "
                    "order, or refund the payment at the provider and dismiss this"
                )
        return told

    def known(self, payment: Payment) -> Payment:
        """Returns the payment with the names that are stored once ``writes`` are."""
        return (
            replace(payment, names=tuple(sorted({*payment.names, *self._documents})))
            if self._documents
            else payment
        )

    def take(self) -> bool:
        """Writes those names for which the payment's own transaction has no room, some at a time.

        Each says of itself which payment it is, and only of a payment that was told of it: a run that dies in between
        has done a part of what the next one does. False: somebody has changed one of them since it was read.
        """
        while len(writes := self.writes()) > STEP:
            if not documents.put_all(self._tables, writes[:STEP]):
                return False
            self._taken |= set(self._free()[:STEP])
        return True

    def writes(self) -> list[Item]:
        """Returns the writes of the names that are nobody's yet. A name of two payments stays the first one's."""
        written = []
        for name in self._free():
            document = self._documents[name]
            body = replace(NamedSource.from_json(document.body), payment=self._payment.name).to_json()
            written.append(documents.write(self._tables, document.pk, document.rev, body))
        return written

    def _free(self) -> list[str]:
        """Lists the names that are nobody's yet, in one order."""
        return [
            name
            for name, document in self._documents.items()
            if name not in self._taken and not NamedSource.from_json(document.body).payment
        ]


def _names(payment: Payment) -> set[str]:
    """Returns all names of a payment that callers may know it by.

    Those are its own, its charge's, its session's and those of what went back. A subscription's id is none: it names
    many payments.
    """
    told, providers = payment.facts.paid or payment.facts.unpaid, sorted(having("webhook"))
    said = [payment.payment_id, payment.facts.part_of, told.session_id if told else None]
    said += [refund.refund_id for refund in payment.facts.refunds.values() if not refund.only_requested]
    said += [*payment.facts.disputes, *payment.requests, payment.named.charge_id]
    return {source_name(one, providers) for one in said if one}
