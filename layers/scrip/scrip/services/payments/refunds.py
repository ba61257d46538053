"""Refunds that we start: as money through the provider, or as credit for which the money is kept.

As money, the refund is first a fact of our own, which freezes its share of the credits, and then asked for. The
provider's own refund names our request and takes that fact's place, whichever way it is heard of first: by the answer
to us, by a webhook, by a list. Where no answer comes, the credits stay frozen and the same key asks again for the same.

What is kept of a request (see ``refund_requests``) is written in the transaction that books what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.entries import Entry, fingerprint
from scrip.domain.credits.errors import Contended, PolicyViolation, Steps, Unavailable
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import REQUEST, Refund
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import MAX_PARTS, Payment, RequestedRefund
from scrip.domain.payments.quotes import RefundQuote
from scrip.domain.payments.refund_request import RefundPayment
from scrip.domain.wallets.grants import Grant
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, WantedRefund
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import Caller
from scrip.services.payments import queries
from scrip.services.payments.charges import require_chargeable
from scrip.services.payments.payment import StoredPayment, load_payment
from scrip.services.payments.posting import Applied, Edit, OwnChange, change
from scrip.services.payments.refund_requests import StoredRequest
from scrip.store import ledger
from scrip.store.tables import Item

TRIES: Final = 8
"""How often a refund of all that is unspent is decided again because some of it was spent meanwhile."""

AskProvider = Callable[[WantedRefund], Delivery]
"""Asks the provider; raises ``ProviderUnavailable`` or ``ProviderRefused``."""


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
    executor: Executor, stored: StoredPayment, command: RefundPayment, caller: Caller, ask: AskProvider | None
) -> Refunded:
    """Refunds a payment, once for each key of its account.

    Args:
        stored: the payment as it was read; it is read again only where somebody else has changed it.
        ask: None where the provider has no API here: then the app does the refund, and says so by a webhook.

    Raises:
        KeyReused: the account used the key for another request.
        PolicyViolation: there is nothing to refund, or less than that; or the provider refuses, for the reason given:
            the credits are thawed, and the same key asks again.
        InvalidRequest, WalletClosed, Contended.
        Unavailable: the provider does not answer: the same key goes on.
    """
    carried = _Carried(executor, stored, command, caller, ask is not None)
    if carried.kept.is_new:
        carried.open()
    if not carried.kept.request.answer:
        assert ask
        carried.ask(ask)
    return carried.answered()


class _Carried:
    """One request that is carried out, and its payment as it was read or written last."""

    def __init__(
        self, executor: Executor, stored: StoredPayment, command: RefundPayment, caller: Caller, asks: bool
    ) -> None:
        self.executor, self.tables, self.command, self.caller = executor, executor.tables, command, caller
        self.stored, self.provider = stored, stored.payment.provider
        self.asks = asks and command.kind == "money"
        asked_for = fingerprint("payment refund", command.to_json(stored.payment))
        self.kept = StoredRequest(executor.tables, stored.payment, caller.key, asked_for)
        self.replayed = self.kept.request.answer is not None

    def open(self) -> None:
        """Freezes the share, or turns it into credit. Another request under the same key may do it first."""
        for _ in range(TRIES):
            amount = self._amount() if self.command.amount is None else self.command.amount
            try:
                return self._open(amount)
            except _SpentMeanwhile:
                self.stored = load_payment(self.tables, self.provider, self.stored.payment.payment_id)
            except _OpenedMeanwhile:
                self.replayed = self.kept.request.answer is not None
                return None
        raise Contended("credits of this payment are being spent at this moment")

    def _amount(self) -> int:
        """Returns all that can be refunded now, in minor units."""
        payment, moment = self.stored.payment, self.caller.moment
        found = queries.quote(self.executor, payment, self.command.kind, None, moment)
        if not found.quote.allowed:
            raise _unspent(found.quote, found.currency, found.unspent, found.unit)
        return found.quote.amount

    def _open(self, amount: int) -> None:
        """Books a refund of this amount.

        Raises:
            _SpentMeanwhile, _OpenedMeanwhile: nothing was booked.
        """
        before: list[Payment] = []

        def edit(payment: Payment) -> Payment:
            self.kept.read()
            if not self.kept.is_new:
                raise _OpenedMeanwhile
            before[:] = [payment]
            order = queries.order_of(self.tables, payment)
            quote = queries.quote_of(payment, order, None, self.command.kind, amount)
            if len(payment.requests) + len(payment.facts.refunds) + len(payment.facts.disputes) >= MAX_PARTS:
                raise PolicyViolation(f"it has {MAX_PARTS} refunds and disputes", policy="max_refunds")
            return self._requested(payment, quote, payment.sale(order).currency)

        def check(order: Order, lot: Lot | None) -> None:
            quote = queries.quote_of(before[0], order, lot, self.command.kind, amount)
            self._check(quote, order, lot)

        def beside(after: Payment, last: Entry | None) -> list[Item]:
            return [self.kept.opening(last) if self.asks else self.kept.answering(after, last)]

        credit = self._credit if self.command.kind == "credit" else None
        self._change(edit, check=check, credit=credit, beside=beside)
        self.kept.read()

    def _requested(self, payment: Payment, quote: RefundQuote, currency: str) -> Payment:
        """Returns the payment with our request among its facts, so that its share of the credits is frozen or kept."""
        request_id, command, at = self.kept.request_id, self.command, self.caller.moment.at
        requested = RequestedRefund(
            kind=command.kind,
            amount=quote.amount,
            credits=quote.credits,
            actor=self.caller.actor,
            actor_name=self.caller.actor_name,
            reason=command.reason,
            force=command.force,
            at=at,
        )
        payment = replace(payment, requests={**payment.requests, request_id: requested})
        if command.kind == "credit":
            return replace(payment, kept=payment.kept + quote.amount)
        fact = Refund(REQUEST + request_id, "pending", quote.amount, currency, at)
        return replace(payment, facts=payment.facts.merge(fact))

    def _check(self, quote: RefundQuote, order: Order, lot: Lot | None) -> None:
        """Refuses what is more than is left, or takes credits that were spent, unless it is forced.

        So it does with money that the provider cannot give back: no credits are frozen for it.
        """
        paid = self.stored.payment.facts.paid
        assert paid
        currency, unit = paid.currency, self.executor.unit(order.unit)
        if self.command.kind == "money":
            require_chargeable(self.provider, Money(quote.amount, currency), "amount")
        if quote.amount > quote.left:
            raise PolicyViolation(
                "that is more than is left of the payment",
                policy="refund_left",
                left={"amount": quote.left, "currency": currency},
            )
        if quote.allowed or self.command.force:
            return
        if self.command.amount is None:
            raise _SpentMeanwhile
        raise _unspent(quote, currency, lot.spendable if lot else 0, unit)

    def _credit(self, policy: Policy, now: int) -> Grant:
        """Returns the terms of the lot that comes back as credit."""
        lifetime = self.command.lifetime or policy.lifetime
        return Grant(
            amount=0,
            kind="refund",
            expires_at=lifetime.end(now, inclusive=policy.expiry_boundary == "inclusive"),
            note={"source": ["payment", self.stored.payment.name]},
        )

    def ask(self, ask: AskProvider) -> None:
        """Asks the provider for what is frozen, and posts what it says."""
        with self.kept.asking():
            request_id = self.kept.request_id
            if request_id not in self.stored.payment.requests:
                # Another request under the same key has opened it since the payment was read.
                self.stored = load_payment(self.tables, self.provider, self.stored.payment.payment_id)
            try:
                delivery = ask(_wanted(self.stored.payment, request_id))
            except ProviderUnavailable as error:
                raise Unavailable(
                    f"{self.provider} does not answer: the credits stay frozen, and the same key asks again"
                ) from error
            except ProviderRefused as refusal:
                self._refused(request_id, refusal)
                return
            told = replace(delivery, said_at=self.caller.moment.at)
            self._finish(lambda payment: payment.told(told, f"refund.{request_id}"))

    def _finish(self, edit: Edit) -> None:
        """Posts what became of it, and keeps the answer."""
        applied = self._change(edit)
        self.replayed = not self.kept.keep(applied.payment, applied.last)

    def _refused(self, request_id: str, refusal: ProviderRefused) -> None:
        """Thaws what was frozen, since the provider will not do it.

        Where it has done it all the same, and said so by a webhook, that is the answer.

        Raises:
            PolicyViolation: with the provider's reason.
        """
        done: list[bool] = []

        def edit(payment: Payment) -> Payment:
            found = payment.refund_of(request_id)
            done[:] = [found is not None and not found.only_requested]
            if done[0]:
                return payment
            pending = payment.facts.refunds[REQUEST + request_id]
            return replace(payment, facts=payment.facts.merge(replace(pending, status="failed")))

        def beside(_after: Payment, _last: Entry | None) -> list[Item]:
            return [] if done[0] else [self.kept.refusing()]

        applied = self._change(edit, beside=beside)
        if done[0]:
            self._finish(lambda payment: payment)
            return
        raise PolicyViolation(
            f"{self.provider} refuses the refund of {applied.payment.name}: {refusal.reason}",
            policy="refund_refused",
            provider_status=refusal.status,
            provider_reason=refusal.reason,
        )

    def answered(self) -> Refunded:
        """Returns the refund as it was answered first."""
        answer = self.kept.request.answer
        assert answer
        payment = answer.payment
        assert payment.account
        assert payment.unit
        unit = self.executor.unit(payment.unit)
        entry = (
            ledger.find(self.tables, payment.account, payment.unit, answer.entry) if answer.entry else None
        )
        return Refunded(answer.request_id, payment, entry, unit, self.replayed)

    def _change(self, edit: Edit, **more: Any) -> Applied:
        """Changes the payment, and remembers it as it is then."""
        said = self.caller
        own = OwnChange(
            said.actor, self.command.reason, self.kept.request_id, actor_name=said.actor_name, **more
        )
        applied = change(self.executor, self.stored, edit, self.caller.moment, own)
        self.stored = applied.stored
        return applied


class _OpenedMeanwhile(Exception):
    """Another has opened or answered the same request."""


class _SpentMeanwhile(Exception):
    """Some of what was unspent is not any more."""


def _wanted(payment: Payment, request_id: str) -> WantedRefund:
    """Returns what the provider is asked for."""
    paid, requested = payment.facts.paid, payment.requests[request_id]
    assert paid
    return WantedRefund(
        payment_id=payment.payment_id,
        request_id=request_id,
        amount=requested.amount,
        currency=paid.currency,
        full=requested.amount == paid.total
        and all(refund.only_requested for refund in payment.facts.refunds.values()),
        reason=requested.reason or "",
    )


def _unspent(quote: RefundQuote, currency: str, unspent: int, unit: Unit) -> PolicyViolation:
    """Returns the refusal of what would take more than is unspent."""
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
