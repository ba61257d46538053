"""Transfers: two wallets, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Contended, Crowded, InvalidRequest, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import transfers
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.draws import too_many_lots
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Need, Snapshot
from scrip.services.engine.executor import TORN, Executor, Moment, Result, StaleDocument, WalletContext
from scrip.services.engine.requests import About, Caller, cause_of, execute_for
from scrip.store import ledger, wallets
from scrip.store.commit import writes_of
from scrip.store.tables import Item

TRIES: Final = 14
"""How often the receiver's wallet is read again where somebody else wrote it meanwhile."""


def transfer(
    executor: Executor, account: str, unit_id: str, to: str, amount: str, about: About, caller: Caller
) -> tuple[Result, Sequence[Entry], Unit]:
    """Moves credits to another account: the sender's entry, the receiver's (one for each lot), the unit.

    The key belongs to the sender's wallet.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: to oneself.
        PolicyViolation, InsufficientCredits, WalletClosed, WalletFrozen (``account`` says whose), AmountOutOfRange,
        PrecisionExceeded, KeyReused, Contended.
    """
    if to == account:
        raise InvalidRequest([("to_account", "must be another account")])
    context = executor.context(account, unit_id)
    steps = parse_amount(amount, context.unit.precision)
    cause = cause_of("transfer", account, unit_id, caller, about, {"amount": str(steps), "to": to})
    for _ in range(TRIES):
        try:
            done = _attempt(executor, context, to, steps, caller, cause)
            return done, arrived(executor, done.entry), context.unit
        except StaleDocument:
            context = executor.context(account, unit_id, fresh=True)
    raise Contended("too many writers of the other wallet at once")


def _attempt(
    executor: Executor, context: WalletContext, to: str, steps: int, caller: Caller, cause: Cause
) -> Result:
    """The transfer, decided on the receiver's wallet as it is now. Raises ``StaleDocument`` where that was written
    meanwhile."""
    receiver = _Receiver(
        executor, _with_due_booked(executor, to, context.unit.unit, caller.moment), caller.moment
    )

    def act(draft: Draft, now: int) -> Entry:
        due = len(draft.entries)
        entry, pieces = transfers.send(draft, transfers.Send(steps, to, context.unit.policy), now, cause)
        receiver.decide(lambda other: transfers.receive(other, pieces, entry, _now(other, now), cause))
        if draft.weight(2) + receiver.items > limits.COMMIT_ITEMS - limits.COMMIT_SLACK:
            raise Crowded("it does not fit beside what was due") if due else too_many_lots()
        return entry

    done, unit = execute_for(executor, context, caller, cause, act, receiver.writes)
    if not done.replayed:
        executor.forget(to, unit.unit)
    return done


def arrived(executor: Executor, sent: Entry) -> Sequence[Entry]:
    """The receiver's entries of a transfer, in the order of the sender's draws."""
    ids = transfers.arrivals(sent)
    found = ledger.find_many(executor.tables, sent.extra["to"], sent.unit, ids)
    return [found[entry_id] for entry_id in ids]


def _with_due_booked(executor: Executor, account: str, unit_id: str, moment: Moment) -> WalletContext:
    """Returns the other wallet as it is now, with all that is due booked in commits of its own."""
    context = executor.context(account, unit_id, fresh=True)
    at = moment if moment.at >= context.snapshot.wallet.at else replace(moment, at=context.snapshot.wallet.at)
    return replace(context, snapshot=Snapshot(executor.book_due(context, at).wallet))


def _now(draft: Draft, now: int) -> int:
    """The instant in a wallet that may have seen a later one: skew is clamped up."""
    return max(now, draft.wallet.at)


class _Receiver:
    """The receiving wallet and what was decided for it."""

    def __init__(self, executor: Executor, context: WalletContext, moment: Moment) -> None:
        self._executor, self._context, self._moment = executor, context, moment
        self._decision: Decision | None = None

    def decide(self, act: transfers.Receive) -> None:
        """Decides on this wallet, reading what that needs. A refusal names whose wallet refused."""
        snapshot = self._context.snapshot
        while True:
            try:
                draft = Draft(snapshot)
                apply_due(draft, max(self._moment.at, snapshot.wallet.at))
                act(draft)
                self._decision = draft.decision()
                return
            except Need as need:
                wallets.provide(self._executor.tables, snapshot, need)
            except TORN:
                # What may come of parts of several versions: looked at again where somebody wrote meanwhile.
                if self._executor.written_since(snapshot, self._context.unit) is None:
                    raise
                raise StaleDocument from None
            except Refusal as refusal:
                refusal.facts = {**refusal.facts, "account": snapshot.wallet.account}
                raise

    @property
    def items(self) -> int:
        """Items of the transaction that its decision takes."""
        return self._decision.items if self._decision else 0

    def writes(self) -> list[Item]:
        assert self._decision
        return writes_of(self._executor.tables, self._decision)
