"""Refunds as credit: money that was paid is kept, and becomes a lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.currencies import major
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Contended, PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Result, StaleDocument, WalletContext
from scrip.services.engine.requests import About, Caller, cause_of, execute_for
from scrip.services.wallets.grants import LotTerms, on_terms
from scrip.store import documents, keys
from scrip.store.tables import Item

TRIES: Final = 8
"""How often a refund is decided again where another refund of the same source was faster."""


@dataclass(frozen=True, slots=True)
class Source:
    """What was paid: an invoice or a payment, and how much."""

    type: str
    id: str
    paid: Money


def refund(
    executor: Executor,
    account: str,
    unit_id: str,
    source: Source,
    value: Money,
    amount: str | None,
    about: About,
    caller: Caller,
) -> tuple[Result, Unit]:
    """Turns ``value`` of what was paid into a ``refund`` lot, whose cost basis is the money that is kept.

    ``amount`` is how many credits that is; None: one for each major unit of the currency. All refunds of one source
    together are never above what was paid for it, whoever gets them.

    Raises:
        NotFound: there is no such unit.
        PolicyViolation: the source has less left to refund, or was said to be another sum before.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest, WalletClosed, KeyReused, Contended.
    """
    context = executor.context(account, unit_id)
    text = major(value.amount, value.currency) if amount is None else amount
    steps = parse_amount(text, context.unit.precision, "value" if amount is None else "amount")
    paid = source.paid
    command = {
        "amount": str(steps),
        "source": [source.type, source.id],
        "value": [value.amount, value.currency],
        "paid": [paid.amount, paid.currency],
    }
    cause = cause_of("refund", account, unit_id, caller, about, command)
    note = {**(about.note() or {}), "source": [source.type, source.id]}
    for _ in range(TRIES):
        total = _Total(documents.get(executor.tables, keys.source(source.type, source.id)), paid, value)
        try:
            return total.refund(executor, context, caller, cause, steps, note)
        except StaleDocument:
            context = executor.context(account, unit_id, fresh=True)
    raise Contended("several refunds of this source at once")


class _Total:
    """What was refunded of a source so far, and one refund more."""

    def __init__(self, stored: documents.Document, paid: Money, value: Money) -> None:
        self._stored, self._paid, self._value = stored, paid, value
        self._before = stored.body or {"paid": [paid.amount, paid.currency], "refunded": 0}

    def refund(
        self,
        executor: Executor,
        context: WalletContext,
        caller: Caller,
        cause: Cause,
        steps: int,
        note: Mapping[str, Any],
    ) -> tuple[Result, Unit]:
        """Raises ``StaleDocument`` where another refund of the source was faster."""
        terms = LotTerms(kind="refund", cost=self._value)

        def act(draft: Draft, now: int) -> Entry:
            order = on_terms(steps, terms, context.unit.policy, now, note)
            entry = grants.grant(draft, order, context.unit.policy, now, cause)[0]
            self._check()  # after what the wallet has against it: the order of precedence
            return entry

        def beside() -> list[Item]:
            body = {**self._before, "refunded": self._before["refunded"] + self._value.amount}
            return [documents.write(executor.tables, self._stored.pk, self._stored.rev, body)]

        return execute_for(executor, context, caller, cause, act, beside)

    def _check(self) -> None:
        known, refunded = Money(*self._before["paid"]), self._before["refunded"]
        if known != self._paid:
            said = f"{known.amount} {known.currency} were said to be paid for it before"
            raise PolicyViolation(said, policy="refund_source")
        if refunded + self._value.amount > known.amount:
            raise PolicyViolation(
                "all refunds of it together would be above what was paid",
                policy="refund_total",
                refunded={"amount": refunded, "currency": known.currency},
                paid={"amount": known.amount, "currency": known.currency},
            )
