"""Requests for refunds, in documents of their own: a key belongs to the account and not to one payment.

A document says what was answered, or what the provider is being asked, by one request at a time. Does not own what a
request is (``domain.payments.refund_request``), or what is done about it (``refunds``).
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Contended, KeyReused, Refusal
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.refund_request import RefundRequest
from scrip.services.engine.executor import machine_clock
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

LEASE_MS: Final = 30_000
"""For how long nobody else asks for the same refund: a provider without idempotency keys would make two of two requests
at once. Longer than any request takes; it ends with the request, but where that broke off."""
SLOW_SECONDS: Final = 2.0
"""A request that fails sooner was answered, or never arrived; after a longer one the refund may still be under way."""


class StoredRequest:
    """One request, as it is stored. ``fingerprint`` is that of what is asked for now."""

    def __init__(self, tables: Tables, payment: Payment, key: str, fingerprint: str) -> None:
        self._tables = tables
        self._new = RefundRequest(payment.provider, payment.payment_id, fingerprint)
        self._name = _name(payment.account or "", key)
        self.read()

    def read(self) -> None:
        """Reads it again.

        Raises:
            KeyReused: the key is another request's.
        """
        self._document: Document = documents.get(self._tables, keys.refund(self._name))
        body = self._document.body
        self.request = RefundRequest.from_json(body) if body else self._new
        if self.request.fingerprint != self._new.fingerprint:
            raise KeyReused("the account used the key for another request", request_id=self._name)

    @property
    def is_new(self) -> bool:
        """Tells whether nothing is asked of the provider for it, and nothing was answered."""
        return not self.request.open and not self.request.answer

    @property
    def request_id(self) -> str:
        """Returns the id that the provider is to know it by; after a refusal it is another."""
        return self.request.next_id(self._name)

    def opening(self, last: Entry | None) -> Item:
        """Returns the write that opens it; ``last`` is the entry that froze the credits."""
        return self._write(self.request.opened(self.request_id, last.id if last else None))

    def answering(self, payment: Payment, last: Entry | None) -> Item:
        """Returns the write that answers it at once."""
        return self._write(self.request.answered(self.request_id, payment, last.id if last else None))

    def refusing(self) -> Item:
        """Returns the write that closes it as if it had not been: only its next id remembers."""
        return self._write(self.request.refused())

    def keep(self, payment: Payment, last: Entry | None) -> bool:
        """Keeps the answer to what was asked; False where another has kept one."""
        opened = self.request.open
        assert opened
        answered = self.request.answered(opened.request_id, payment, last.id if last else opened.entry)
        kept = self._put(answered)
        self.read()
        return kept

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Sees to it that nobody else asks the provider meanwhile.

        Raises:
            Contended: somebody else does.
        """
        opened = self.request.open
        assert opened
        began, now = time.monotonic(), machine_clock()
        try:
            if now < opened.asked_at + LEASE_MS or not self._put(self.request.asked(now)):
                raise Contended("the provider is being asked for this refund at this moment")
            yield
        except Exception:
            if time.monotonic() - began < SLOW_SECONDS:
                with suppress(Refusal):
                    self._let_go(now)
            raise

    def _let_go(self, at: int) -> None:
        """Allows others to ask, unless somebody else began to by now."""
        self.read()
        if self.request.open and self.request.open.asked_at == at:
            self._put(self.request.asked(0))

    def _put(self, request: RefundRequest) -> bool:
        """Writes the request; False, and nothing written, where another was faster."""
        stored = documents.put(self._tables, self._document.pk, self._document.rev, request.to_json())
        if stored:
            self._document, self.request = stored, request
        return stored is not None

    def _write(self, request: RefundRequest) -> Item:
        return documents.write(self._tables, self._document.pk, self._document.rev, request.to_json())


def _name(account: str, key: str) -> str:
    """Makes a request's name of account and key: the same key of one account is the same request."""
    digest = hashlib.sha256(f"{account}\x00{key}".encode()).digest()[:16]
    return "rf_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
