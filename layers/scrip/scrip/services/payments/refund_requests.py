"""A refund that we were asked for, as it is kept: a document of its own, for its key belongs to the account and not to
one payment. It says what was answered, or what the provider is being asked, and by how many at a time: one."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Contended, KeyReused, Refusal
from scrip.services.payments.payment import Payment
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

LEASE_MS: Final = 30_000
"""For how long nobody else asks for the same refund: a provider without idempotency keys would make two of two requests
at once. Longer than any request takes; it ends with the request, but where that broke off."""
SLOW_SECONDS: Final = 2.0
"""A request that fails sooner was answered, or never arrived; after a longer one the refund may still be under way."""


class KeptRequest:
    """One request, as far as it has come. ``said`` is the fingerprint of what was asked for."""

    def __init__(self, tables: Tables, payment: Payment, key: str, said: str) -> None:
        self._tables, self._said = tables, said
        self._provider, self._payment_id = payment.provider, payment.payment_id
        self._name = _name(payment.account or "", key)
        self.read()

    def read(self) -> None:
        """Reads it again.

        Raises:
            KeyReused: the key is another request's.
        """
        self._stored: Document = documents.get(self._tables, keys.refund(self._name))
        if self._stored.body and self._stored.body["fingerprint"] != self._said:
            raise KeyReused("the account used the key for another request", request_id=self._name)

    @property
    def answer(self) -> Mapping[str, Any] | None:
        """How it was answered first: ``request_id``, the ``payment`` as it was then, the id of its last ``entry``."""
        return self._stored.body.get("answer")

    @property
    def opened(self) -> Mapping[str, Any] | None:
        """What is asked of the provider and not answered: ``request_id``, and the id of the ``entry`` that froze it."""
        return self._stored.body.get("open")

    @property
    def request_id(self) -> str:
        """What the provider is to know it by. A refusal is not remembered: what is asked after one is another."""
        refusals = self._refusals
        return f"{self._name}.{refusals + 1}" if refusals else self._name

    def opening(self, last: Entry | None) -> Item:
        """The write that opens it."""
        return self._write(
            {"open": {"request_id": self.request_id, "entry": last and last.id, "asked_at": 0}}
        )

    def answering(self, payment: Payment, last: Entry | None) -> Item:
        """The write that answers it at once."""
        return self._write({"answer": _answer(self.request_id, payment, last.id if last else None)})

    def refusing(self) -> Item:
        """The write that closes it as if it had not been: only its next id remembers."""
        return self._write({"refusals": self._refusals + 1})

    def keep(self, payment: Payment, last: Entry | None) -> bool:
        """Keeps the answer to what was asked; False where another has kept one."""
        assert self.opened
        entry_id = last.id if last else self.opened["entry"]
        body = {**self._body(), "answer": _answer(self.opened["request_id"], payment, entry_id)}
        kept = documents.put(self._tables, self._stored.pk, self._stored.rev, body)
        self.read()
        return kept is not None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Nobody else asks the provider meanwhile.

        Raises:
            Contended: somebody else does.
        """
        assert self.opened
        began, now = time.monotonic(), clock()
        try:
            if now < self.opened["asked_at"] + LEASE_MS or not self._asked_at(now):
                raise Contended("the provider is being asked for this refund at this moment")
            yield
        except Exception:
            if time.monotonic() - began < SLOW_SECONDS:
                with suppress(Refusal):
                    self._let_go(now)
            raise

    def _let_go(self, at: int) -> None:
        self.read()
        if self.opened and self.opened["asked_at"] == at:
            self._asked_at(0)

    def _asked_at(self, at: int) -> bool:
        body = {**self._stored.body, "open": {**(self.opened or {}), "asked_at": at}}
        stored = documents.put(self._tables, self._stored.pk, self._stored.rev, body)
        self._stored = stored or self._stored
        return stored is not None

    @property
    def _refusals(self) -> int:
        return int(self._stored.body.get("refusals", 0))

    def _body(self) -> dict[str, Any]:
        named = {"provider": self._provider, "payment_id": self._payment_id, "fingerprint": self._said}
        return {**named, "refusals": self._refusals}

    def _write(self, state: Mapping[str, Any]) -> Item:
        return documents.write(self._tables, self._stored.pk, self._stored.rev, {**self._body(), **state})


def clock() -> int:
    """Returns this machine's clock, in epoch milliseconds, whatever the test clock says."""
    return time.time_ns() // 1_000_000


def _answer(request_id: str, payment: Payment, entry_id: str | None) -> dict[str, Any]:
    return {"request_id": request_id, "payment": payment.to_body(), "entry": entry_id}


def _name(account: str, key: str) -> str:
    """The key belongs to the account: the same key is the same request."""
    digest = hashlib.sha256(f"{account}\x00{key}".encode()).digest()[:16]
    return "rf_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
