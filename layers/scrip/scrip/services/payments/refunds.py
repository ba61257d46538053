"""Refunds that we start: as money through the provider, or as credit for which the money is kept.

As money, the refund is first a fact of our own, which freezes its share of the credits, and then asked for. The
provider's own refund names our request and takes that fact's place, whichever way it is heard of first: by the answer
to us, by a webhook, by a list. Where no answer comes, the credits stay frozen and the same key asks again for the same.

What is kept of a request (see ``requesting``) is written in the transaction that books what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits import calendar
from scrip.domain.credits.entries import Entry, fingerprint
from scrip.domain.credits.errors import Contended, PolicyViolation, Steps, Unavailable
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.units import Unit
from scrip.domain.payments.facts import REQUEST, Delivery, Refund
from scrip.domain.payments.quotes import Quote
from scrip.domain.wallets.grants import Grant
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, WantedRefund
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import Caller
from scrip.services.payments import queries
from scrip.services.payments.orders import StoredOrder
from scrip.services.payments.payment import MAX_PARTS, Payment
from scrip.services.payments.posting import Applied, Asked, Edit, change
from scrip.services.payments.queries import As
from scrip.services.payments.refund_requests import KeptRequest
from scrip.store import ledger
from scrip.store.tables import Item

TRIES: Final = 8
"""How often a refund of all that is unspent is decided again because some of it was spent meanwhile."""

AskProvider = Callable[[WantedRefund], Delivery]
"""Asks the provider; raises ``ProviderUnavailable`` or ``ProviderRefused``."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants back: ``amount`` minor units, tax included (None: all that can be refunded); ``force``: even
    where it takes credits that were spent; ``expires_in``: of the credits that come back."""

    as_: As = "money"
    amount: int | None = None
    reason: str | None = None
    force: bool = False
    expires_in: str | None = None


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund as it was answered first: the payment as it was then, and the last entry that the request made (None:
    nothing was there to freeze)."""

    request_id: str
    payment: Payment
    entry: Entry | None
    unit: Unit
    replayed: bool


def refund(
    executor: Executor, payment: Payment, wish: Wish, caller: Caller, ask: AskProvider | None
) -> Refunded:
    """Refunds a payment, once for each key of its account; ``ask`` is None where the provider has no API here: then
    the app does the refund, and says so by the provider's webhook.

    Raises:
        KeyReused: the account used the key for another request.
        PolicyViolation: there is nothing to refund, or less than that; or the provider refuses, for the reason given:
            the credits are thawed, and the same key asks again.
        InvalidRequest, WalletClosed, Contended.
        Unavailable: the provider does not answer: the same key goes on.
    """
    request = _Request(executor, payment, wish, caller, ask is not None)
    if not request.kept.answer and not request.kept.opened:
        request.open()
    if not request.kept.answer:
        assert ask
        request.ask(ask)
    return request.answered()


class _Request:
    """One request, and what is done about it."""

    def __init__(self, executor: Executor, payment: Payment, wish: Wish, caller: Caller, asks: bool) -> None:
        self.executor, self.tables, self.wish, self.caller = executor, executor.tables, wish, caller
        self.provider, self.payment_id = payment.provider, payment.payment_id
        self.asks = asks and wish.as_ == "money"
        said = fingerprint("payment refund", _json(payment, wish))
        self.kept = KeptRequest(executor.tables, payment, caller.key, said)
        self.replayed = self.kept.answer is not None

    def open(self) -> None:
        """Freezes the share, or turns it into credit; by the time it is done another may have done it."""
        for _ in range(TRIES):
            amount = self._amount() if self.wish.amount is None else self.wish.amount
            try:
                return self._open(amount)
            except _Spent:
                continue
            except _Known:
                self.replayed = self.kept.answer is not None
                return None
        raise Contended("credits of this payment are being spent at this moment")

    def _amount(self) -> int:
        """All that can be refunded now."""
        payment = queries.get(self.tables, self.provider, self.payment_id)
        found = queries.quote(self.executor, payment, self.wish.as_, None, self.caller.moment)
        if not found.quote.allowed:
            raise _unspent(found.quote, found.currency, found.unspent, found.unit)
        return found.quote.amount

    def _open(self, amount: int) -> None:
        before: list[Payment] = []

        def edit(payment: Payment) -> Payment:
            self.kept.read()
            if self.kept.answer or self.kept.opened:
                raise _Known
            before[:] = [payment]
            order = queries.order_of(self.tables, payment)
            asked_for = queries.quoted(payment, order, None, self.wish.as_, amount)
            if len(payment.requests) + len(payment.facts.refunds) + len(payment.facts.disputes) >= MAX_PARTS:
                raise PolicyViolation(f"it has {MAX_PARTS} refunds and disputes", policy="max_refunds")
            return self._wanted(payment, asked_for, order.body.price.currency)

        def check(order: StoredOrder, lot: Lot | None) -> None:
            self._check(queries.quoted(before[0], order, lot, self.wish.as_, amount), order, lot)

        def beside(after: Payment, last: Entry | None) -> list[Item]:
            return [self.kept.opening(last) if self.asks else self.kept.answering(after, last)]

        terms = self._terms if self.wish.as_ == "credit" else None
        self._change(edit, check=check, credit=terms, beside=beside)
        self.kept.read()

    def _wanted(self, payment: Payment, quote: Quote, currency: str) -> Payment:
        """The payment with the request."""
        request_id, at = self.kept.request_id, self.caller.moment.at
        request = {
            "as": self.wish.as_,
            "amount": quote.amount,
            "credits": str(quote.credits),
            "actor": self.caller.actor,
            "reason": self.wish.reason,
            "force": self.wish.force,
            "at": at,
        }
        payment = replace(payment, requests={**payment.requests, request_id: request})
        if self.wish.as_ == "credit":
            return replace(payment, kept=payment.kept + quote.amount)
        fact = Refund(REQUEST + request_id, "pending", quote.amount, currency, at)
        return replace(payment, facts=payment.facts.merge(fact))

    def _check(self, quote: Quote, order: StoredOrder, lot: Lot | None) -> None:
        currency, unit = order.body.price.currency, self.executor.unit(order.body.unit)
        if quote.amount > quote.left:
            raise PolicyViolation(
                "that is more than is left of the payment",
                policy="refund_left",
                left={"amount": quote.left, "currency": currency},
            )
        if quote.allowed or self.wish.force:
            return
        if self.wish.amount is None:
            raise _Spent
        raise _unspent(quote, currency, lot.spendable if lot else 0, unit)

    def _terms(self, now: int) -> Grant:
        expires_in = self.wish.expires_in
        return Grant(
            amount=0,
            kind="refund",
            expires_at=calendar.after(now, expires_in, "expires_in") if expires_in else None,
            note={"source": ["payment", f"{self.provider}:{self.payment_id}"]},
        )

    def ask(self, ask: AskProvider) -> None:
        """Asks the provider for what is frozen, and posts what it says."""
        with self.kept.asking():
            request_id = self.kept.request_id
            payment = queries.get(self.tables, self.provider, self.payment_id)
            try:
                delivery = ask(_wanted(payment, request_id))
            except ProviderUnavailable as error:
                said = (
                    f"{self.provider} does not answer: the credits stay frozen, and the same key asks again"
                )
                raise Unavailable(said) from error
            except ProviderRefused as refusal:
                self._refused(request_id, refusal)
                return
            # About this payment, whatever the provider calls that part of it which it gives back.
            told = replace(delivery, payment_id=self.payment_id)
            self._settle(lambda payment: payment.told(told, f"refund.{request_id}"))

    def _settle(self, edit: Edit) -> None:
        """Posts what became of it, and keeps the answer."""
        applied = self._change(edit)
        self.replayed = not self.kept.keep(applied.payment, applied.last)

    def _refused(self, request_id: str, refusal: ProviderRefused) -> None:
        """The provider will not do it: what was frozen for it thaws. Where it has done it all the same, and said so by
        a webhook, that is the answer.

        Raises:
            PolicyViolation: with the provider's reason.
        """
        done: list[bool] = []

        def edit(payment: Payment) -> Payment:
            done[:] = [_is_answered(payment, request_id)]
            if done[0]:
                return payment
            pending = payment.facts.refunds[REQUEST + request_id]
            return replace(payment, facts=payment.facts.merge(replace(pending, status="failed")))

        def beside(_after: Payment, _last: Entry | None) -> list[Item]:
            return [] if done[0] else [self.kept.refusing()]

        applied = self._change(edit, beside=beside)
        if done[0]:
            self._settle(lambda payment: payment)
            return
        raise PolicyViolation(
            f"{self.provider} refuses the refund of {applied.payment.name}: {refusal.reason}",
            policy="refund_refused",
            provider_status=refusal.status,
            provider_reason=refusal.reason,
        )

    def answered(self) -> Refunded:
        """How it was answered first."""
        answer = self.kept.answer
        assert answer
        payment = Payment.read(answer["payment"])
        assert payment.account
        assert payment.unit
        entry_id, unit = answer["entry"], self.executor.unit(payment.unit)
        entry = ledger.find(self.tables, payment.account, payment.unit, entry_id) if entry_id else None
        return Refunded(answer["request_id"], payment, entry, unit, self.replayed)

    def _change(self, edit: Edit, **more: Any) -> Applied:
        asked = Asked(self.caller.actor, self.wish.reason, self.kept.request_id, **more)
        return change(self.executor, self.provider, self.payment_id, edit, self.caller.moment, asked)


class _Known(Exception):
    """Another has opened or answered the same request."""


class _Spent(Exception):
    """Some of what was unspent is not any more."""


def _is_answered(payment: Payment, request_id: str) -> bool:
    found = queries.refund_of(payment, request_id)
    return found is not None and queries.is_told(found)


def _wanted(payment: Payment, request_id: str) -> WantedRefund:
    paid, request = payment.facts.paid, payment.requests[request_id]
    assert paid
    return WantedRefund(
        payment_id=payment.payment_id,
        request_id=request_id,
        amount=request["amount"],
        currency=paid.currency,
        full=request["amount"] == paid.total
        and not any(map(queries.is_told, payment.facts.refunds.values())),
        reason=request["reason"] or "",
    )


def _unspent(quote: Quote, currency: str, unspent: int, unit: Unit) -> PolicyViolation:
    refusal = PolicyViolation(
        "that would take credits that were spent, held or frozen already",
        policy="refund_unspent",
        unspent=Steps(unspent),
        credits=Steps(quote.credits),
        refundable={"amount": quote.most, "currency": currency},
        left={"amount": quote.left, "currency": currency},
    )
    refusal.in_unit(unit.unit, unit.precision)
    return refusal


def _json(payment: Payment, wish: Wish) -> dict[str, Any]:
    return {
        "payment": payment.name,
        "as": wish.as_,
        "amount": wish.amount,
        "reason": wish.reason,
        "force": wish.force,
        "expires_in": wish.expires_in,
    }
