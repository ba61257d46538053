"""Transfers, as callers ask for them: two wallets, one transaction.

Owns the command, its fingerprint, and how both wallets are decided on. Does not own the decisions
(``domain.wallets.transfers``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Crowded, InvalidRequest, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import transfers
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.draws import too_many_lots
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.contexts import TORN, WalletContext
from scrip.services.engine.executor import Executor, Moment, Result, StaleDocument
from scrip.services.engine.requests import Attempt, Command, WalletRequest, execute
from scrip.store import ledger
from scrip.store.commit import writes_of
from scrip.store.tables import Item


@dataclass(frozen=True, slots=True)
class TransferCredits(Command):
    """Moves credits to another account. ``transfer`` executes it."""

    operation: ClassVar[str] = "transfer"
    to: str
    amount: str

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the amount in steps, and the receiver."""
        return {"amount": str(parse_amount(self.amount, unit.precision)), "to": self.to}

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision on both wallets, the receiver's as it is now.

        The decision raises as ``send`` and ``receive`` of ``domain.wallets.transfers``, and ``StaleDocument`` where the
        receiver's wallet was written meanwhile.
        """
        unit = context.unit
        command = transfers.Send(parse_amount(self.amount, unit.precision), self.to, unit.policy)
        receiver = _Receiver(executor, _with_due_booked(executor, self.to, unit.unit, moment), moment)

        def decide(draft: Draft, _context: WalletContext, now: int, cause: Cause) -> Entry:
            due = len(draft.entries)
            entry, pieces = transfers.send(draft, command, now, cause)
            receiver.decide(lambda other: transfers.receive(other, pieces, entry, _now(other, now), cause))
            if draft.weight(2) + receiver.items > limits.COMMIT_ITEMS - limits.COMMIT_SLACK:
                raise Crowded("it does not fit beside what was due") if due else too_many_lots()
            return entry

        return Attempt(decide, receiver.writes)


def transfer(
    executor: Executor, command: TransferCredits, request: WalletRequest
) -> tuple[Result, Sequence[Entry], Unit]:
    """Moves credits to another account. Returns the sender's entry, the receiver's (one for each lot), and the unit.

    The key belongs to the sender's wallet, which ``request`` names.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: to oneself.
        PolicyViolation, InsufficientCredits, WalletClosed, WalletFrozen (``account`` says whose), AmountOutOfRange,
        PrecisionExceeded, KeyReused, Contended.
    """
    if command.to == request.account:
        raise InvalidRequest([("to_account", "must be another account")])
    done, unit = execute(executor, command, request)
    if not done.replayed:
        executor.forget(command.to, unit.unit)
    return done, arrived(executor, done.entry), unit


def arrived(executor: Executor, sent: Entry) -> Sequence[Entry]:
    """Returns the receiver's entries of a transfer, in the order of the sender's draws."""
    ids = transfers.arrivals(sent)
    found = ledger.find_many(executor.tables, sent.extra["to"], sent.unit, ids)
    return [found[entry_id] for entry_id in ids]


def _with_due_booked(executor: Executor, account: str, unit_id: str, moment: Moment) -> WalletContext:
    """Returns the other wallet as it is now, with all that is due booked in commits of its own."""
    context = executor.context(account, unit_id, fresh=True)
    at = moment if moment.at >= context.snapshot.wallet.at else replace(moment, at=context.snapshot.wallet.at)
    return replace(context, snapshot=Snapshot(executor.book_due(context, at).wallet))


def _now(draft: Draft, now: int) -> int:
    """Returns the instant in a wallet that may have seen a later one: skew is clamped up."""
    return max(now, draft.wallet.at)


class _Receiver:
    """The receiving wallet, and what was decided for it last."""

    def __init__(self, executor: Executor, context: WalletContext, moment: Moment) -> None:
        self._executor, self._context, self._moment = executor, context, moment
        self._decision: Decision | None = None

    def decide(self, act: transfers.Receive) -> None:
        """Decides on this wallet, and reads what that needs. A refusal names whose wallet refused.

        Raises:
            StaleDocument: the wallet was written meanwhile.
        """
        snapshot = self._context.snapshot

        def look() -> Decision:
            recorded_at, policy = self._moment.recorded(self._executor.now()), self._context.unit.policy
            draft = Draft(snapshot, recorded_at=recorded_at, shows_base=policy.by_share)
            apply_due(draft, max(self._moment.at, snapshot.wallet.at))
            act(draft)
            return draft.decision()

        try:
            self._decision = self._executor.complete(snapshot, look)
        except TORN:
            # What may come of parts of several versions: read again where somebody wrote meanwhile.
            if self._executor.written_since(snapshot, self._context.unit) is None:
                raise
            raise StaleDocument from None
        except Refusal as refusal:
            refusal.facts = {**refusal.facts, "account": snapshot.wallet.account}
            raise

    @property
    def items(self) -> int:
        """Counts the transact items that its decision takes."""
        return self._decision.items if self._decision else 0

    def writes(self) -> list[Item]:
        """Returns the transact items of its decision."""
        assert self._decision
        return writes_of(self._executor.tables, self._decision)
