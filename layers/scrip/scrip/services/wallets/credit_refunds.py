"""Refunds as credit, as callers ask for them: money that was paid is kept, and becomes a lot.

Owns the command and its fingerprint. Does not own the grant (``domain.wallets.grants``), how much of a source may be
refunded (``domain.wallets.credit_refunds``), nor refunds of money (``services.payments.refunds``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from scrip.domain.credits import members
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.currencies import major
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.lifetimes import lifetime_json
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import grants
from scrip.domain.wallets.credit_refunds import COUNTED
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Attempt, Command
from scrip.services.wallets.grants import LotTerms, note_of, on_terms
from scrip.services.wallets.sources import StoredSource


@dataclass(frozen=True, slots=True)
class Source:
    """What was paid: an invoice or a payment, and how much."""

    type: str
    id: str
    paid: Money


@dataclass(frozen=True, slots=True)
class RefundAsCredit(Command):
    """Turns money that was paid into a ``refund`` lot, whose cost basis is the money that is kept.

    Attributes:
        value: the money that is kept.
        amount: how many credits that is; None: one for each major unit of the currency.
        expires_in, time_zone, end_of, never_expires: how long they live, as of ``LotTerms``.
    """

    operation: ClassVar[str] = "refund"
    source: Source
    value: Money
    amount: str | None = None
    expires_in: str | None = members.added()
    time_zone: str = members.added("UTC")
    end_of: EndOf | None = members.added()
    never_expires: bool = members.added(False)

    def steps(self, unit: Unit) -> int:
        """Returns how many credit steps the money becomes.

        Raises:
            InvalidRequest, PrecisionExceeded, AmountOutOfRange: it is no amount of the unit.
        """
        if self.amount is None:
            return parse_amount(major(self.value.amount, self.value.currency), unit.precision, "value")
        return parse_amount(self.amount, unit.precision)

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the amount in steps, and both sums of money."""
        paid = self.source.paid
        return {
            "amount": str(self.steps(unit)),
            "source": [self.source.type, self.source.id],
            "value": [self.value.amount, self.value.currency],
            "paid": [paid.amount, paid.currency],
            **({"expires_in": self.expires_in} if self.expires_in else {}),
            **lifetime_json(self.time_zone, self.end_of, self.never_expires),
        }

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision, and the source's document as it is then.

        The decision raises as ``domain.wallets.grants.grant`` and ``StoredSource.more``.
        """
        source = self.source
        stored = StoredSource(executor.tables, source.type, source.id)

        def decide(draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
            policy = context.unit.policy
            terms = LotTerms(
                kind="refund",
                expires_in=self.expires_in,
                cost=self.value,
                time_zone=self.time_zone,
                end_of=self.end_of,
                never_expires=self.never_expires,
            )
            note = {**note_of(cause), "source": [source.type, source.id], COUNTED: True}
            order = on_terms(self.steps(context.unit), terms, policy, now, note)
            entry = grants.grant(draft, order, policy, now, cause)[0]
            # What the wallet has against it comes before what the source has: the order of refusals is public.
            stored.more(source.paid, self.value)
            return entry

        return Attempt(decide, lambda: stored.writes(source.paid, self.value))
