"""Corrections, as callers ask for them: voids, reversals and adjustments.

Owns the commands and their fingerprints. Does not own the decisions (``domain.wallets.corrections``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import corrections, funds, grants
from scrip.domain.wallets.credit_refunds import COUNTED
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.notes import note_of
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Attempt, Command, WalletCommand
from scrip.services.wallets.grants import LotTerms, on_terms
from scrip.services.wallets.grants import note_of as note_for
from scrip.services.wallets.sources import StoredSource
from scrip.store import ledger
from scrip.store.tables import Item

Direction = Literal["credit", "debit"]


@dataclass(frozen=True, slots=True)
class VoidLot(Command):
    """Takes back what is left of a lot.

    Attributes:
        seq: names the lot within its wallet.
        amount: None for all that is left.
        mistake: whether the lot should never have been there.
    """

    operation: ClassVar[str] = "void"
    seq: int
    amount: str | None = None
    mistake: bool = False

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the lot, the amount in steps, and what the lot was, where that is said."""
        said = {"as": funds.MISTAKE} if self.mistake else {}
        return {"lot": self.seq, "amount": _text(parse_optional(self.amount, unit.precision)), **said}

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision, which raises as ``domain.wallets.corrections.void``.

        Of a refund as credit that was a mistake, its source's document is written with it: it does not count as
        refunded any more.
        """
        command = corrections.Void(
            self.seq, parse_optional(self.amount, context.unit.precision), self.mistake
        )
        refund: list[tuple[str, str, Money]] = []

        def decide(draft: Draft, _context: WalletContext, now: int, cause: Cause) -> Entry:
            lot = draft.find(self.seq)
            refund.clear()
            entry = corrections.void(draft, command, now, cause)
            value = entry.draws[0].value
            if self.mistake and lot and lot.kind == "refund" and value:
                refund.extend((kind, said, value) for kind, said in _source_of(draft, lot))
            return entry

        def documents() -> list[Item]:
            return [
                write
                for kind, said, value in refund
                for write in StoredSource(executor.tables, kind, said).writes_less(value)
            ]

        return Attempt(decide, documents)


@dataclass(frozen=True, slots=True)
class ReverseBurn(Command):
    """Undoes a burn or a capture.

    Attributes:
        entry_id: names its entry.
        amount: None for all that is not reversed yet.
        offset: of one of the entry's records; None: all of them, or it has none.
    """

    operation: ClassVar[str] = "reversal"
    entry_id: str
    amount: str | None = None
    offset: int | None = None

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the burn, the amount in steps, and the offset, where one is said."""
        said = {} if self.offset is None else {"offset": self.offset}
        return {"burn": self.entry_id, "amount": _text(parse_optional(self.amount, unit.precision)), **said}

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision, which raises as ``domain.wallets.corrections.reverse``.

        Raises:
            NotFound: the wallet has no such entry.
        """
        account, unit = context.snapshot.wallet.account, context.unit
        burned = ledger.find(executor.tables, account, unit.unit, self.entry_id)
        if burned is None:
            raise NotFound(f"there is no entry {self.entry_id}", entry_id=self.entry_id)
        amount = parse_optional(self.amount, unit.precision)
        command = corrections.Reverse(burned, amount, self.offset)

        def decide(draft: Draft, _context: WalletContext, now: int, cause: Cause) -> Entry:
            return corrections.reverse(draft, command, now, cause)

        return Attempt(decide)


@dataclass(frozen=True, slots=True)
class AdjustBalance(WalletCommand):
    """Corrects a balance that is wrong for a reason that nothing else fits.

    Attributes:
        direction: a ``credit`` makes a lot, a ``debit`` takes credits in burn order.
        terms: those of the lot of a credit.
    """

    operation: ClassVar[str] = "adjustment"
    direction: Direction
    amount: str
    terms: LotTerms

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the direction, the amount in steps, and the terms."""
        steps = parse_amount(self.amount, unit.precision)
        return {"direction": self.direction, "amount": str(steps), **self.terms.to_json()}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Adjusts. Raises as ``corrections.debit`` or ``grants.grant`` of ``domain.wallets``."""
        steps, policy = parse_amount(self.amount, context.unit.precision), context.unit.policy
        if self.direction == "debit":
            return corrections.debit(draft, corrections.Debit(steps), now, cause)
        order = on_terms(steps, self.terms, policy, now, note_for(cause))
        return grants.grant(draft, order, policy, now, cause, kind="adjustment")[0]


def _source_of(draft: Draft, lot: Lot) -> list[tuple[str, str]]:
    """Returns what a refund as credit was said to be paid for, its type and its id; nothing of another lot."""
    note = note_of(draft, lot)
    return [(note["source"][0], note["source"][1])] if note.get(COUNTED) else []


def _text(steps: int | None) -> str | None:
    return None if steps is None else str(steps)
