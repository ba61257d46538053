"""Sources of refunds as credit, as they are stored: under one name, however callers spell it.

The document of a name is written with each refund as credit, and when a payment becomes known by it
(``services.payments.known_names``). So of two at once the second decides again. Does not own how much may be refunded
(``domain.wallets.credit_refunds``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.wallets.credit_refunds import (
    NamedSource,
    known_source,
    ordered_source,
    source_id,
    source_name,
)
from scrip.providers import having
from scrip.store import documents, keys
from scrip.store.tables import Item, Tables

ORDER: Final = re.compile("top_[a-z0-9_-]{22}")
"""The name of every order of Scrip's; nobody else names a payment so."""


class StoredSource:
    """What is stored of a source when it is looked at.

    Args:
        kind: what the caller says that it is: an invoice or a payment.
        said: its id, as the caller spells it.
    """

    def __init__(self, tables: Tables, kind: str, said: str) -> None:
        self._tables, self._kind, self._said = tables, kind, said
        providers = sorted(having("webhook"))
        as_spelled, self._name = source_id(said, providers), source_name(said, providers)
        self._pk = keys.named_source(self._name)
        self._payments = {
            keys.payment(provider, one): f"{provider}:{one}"
            for provider in providers
            for one in (as_spelled, self._name)
        }
        sessions = [keys.session(provider, as_spelled) for provider in providers]
        self._orders = [keys.topup(as_spelled), *sessions]
        self._found = documents.get_many(tables, [self._pk, *self._payments, *self._orders])

    def more(self, paid: Money, value: Money) -> NamedSource:
        """Returns what is refunded of it with this.

        Raises:
            PolicyViolation: see ``NamedSource.more``; or Scrip knows the source as an order of its own.
        """
        self._refuse_known()
        return self._named().more(self._kind, paid, value)

    def writes(self, paid: Money, value: Money) -> list[Item]:
        """Returns the write of its document with this refund."""
        return [self._write(self.more(paid, value))]

    def writes_less(self, value: Money) -> list[Item]:
        """Returns the write of its document without a refund, of ``value``, that was a mistake."""
        return [self._write(self._named().less(self._kind, value))]

    def _named(self) -> NamedSource:
        """Returns what was refunded of it before."""
        return NamedSource.from_json(self._body(self._pk))

    def _write(self, named: NamedSource) -> Item:
        """Returns the write of its document's next revision."""
        rev = self._found[self._pk].rev if self._pk in self._found else documents.NEW
        return documents.write(self._tables, self._pk, rev, named.to_json())

    def _refuse_known(self) -> None:
        """Raises ``PolicyViolation`` where Scrip knows it."""
        for pk, payment in self._payments.items():
            if pk in self._found:
                raise known_source(payment)
        for pk in self._orders:
            if pk in self._found:
                raise ordered_source(self._body(pk)["topup_id"])
        if ORDER.fullmatch(self._name):
            raise PolicyViolation(
                f"there is no order {self._said.strip()}: write its id as Scrip gave it",
                policy="refund_source",
            )

    def _body(self, pk: str) -> Mapping[str, Any]:
        return self._found[pk].body if pk in self._found else {}
