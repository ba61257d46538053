"""Many burns of one wallet, each with its own key, in as few commits as fit: those of a batch, or of usage events.

Does not own a burn's price and fingerprint (``burns``, ``services.usage.events``), nor the commits
(``engine.executor``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import ClockBackwards, Crowded, InvalidRequest, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment, Result, Unchanged, replay
from scrip.services.engine.requests import ItemOutcome, WalletCommand, WalletRequest
from scrip.services.wallets.balances import Balance, balance
from scrip.store import ledger


@dataclass(frozen=True, slots=True)
class BatchedBurn:
    """One burn of a batch: what is asked for, and by whom, under a key of its own."""

    command: WalletCommand
    request: WalletRequest


class _Remembered(Exception):
    """Burns were refused on a wallet that was remembered: it must be read first (law 3)."""


def execute_batch(
    executor: Executor, burns: Sequence[BatchedBurn]
) -> tuple[Sequence[ItemOutcome], Balance, Unit]:
    """Executes burns of one wallet at one moment, in their order. One that cannot be paid is refused alone.

    Returns what became of each, the balance then, and the unit of all amounts.

    Raises:
        NotFound: there is no such unit, or meter.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit; ``field`` says which.
        Contended, Throttled, Unavailable: not all were burned; the same batch goes on where this one ended.
    """
    outcomes, first = execute_all(executor, burns), burns[0].request
    # Of now, though the moment asked for be in the wallet's past, and all burns replays.
    found, unit = balance(executor, first.account, first.unit, Moment(first.moment.at))
    return outcomes, found, unit


def execute_all(executor: Executor, burns: Sequence[BatchedBurn]) -> Sequence[ItemOutcome]:
    """Executes burns of one wallet at one moment, each under another key, in their order. Returns what became of each.

    Raises:
        As ``execute_batch``.
    """
    batch = _Batch(executor, burns)
    while batch.waiting:
        batch.commit_some()
    return batch.outcomes()


@dataclass(slots=True)
class _Round:
    """One decision on the burns that wait, by their numbers: the entries made, and the refusals."""

    made: dict[int, Entry] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)


class _Batch:
    """The burns of a batch, and what became of each so far."""

    def __init__(self, executor: Executor, burns: Sequence[BatchedBurn]) -> None:
        request = burns[0].request
        self._executor, self._burns = executor, burns
        self._account, self._unit_id, self._moment = request.account, request.unit, request.moment
        self._meters = list(dict.fromkeys(meter for one in burns for meter in one.command.meters))
        self._unit = executor.context(
            self._account, self._unit_id, self._meters, fresh_rates=self._moment.pinned
        ).unit
        self._causes = [self._cause(number) for number in range(len(burns))]
        self._done: dict[int, ItemOutcome] = {}
        self._fresh = False

    @property
    def waiting(self) -> list[int]:
        """Returns the numbers of the burns of which nothing is known yet."""
        return [number for number in range(len(self._burns)) if number not in self._done]

    def outcomes(self) -> list[ItemOutcome]:
        """Returns what became of each burn, once none waits."""
        return [self._done[number] for number in range(len(self._burns))]

    def commit_some(self) -> None:
        """Executes the burns that fit into one transaction, or looks up results of those that were burned before."""
        waiting = self.waiting
        ids = {self._causes[number].entry_id: number for number in waiting}
        context = self._executor.context(self._account, self._unit_id, self._meters, fresh=self._fresh)
        tried = _Round()

        def act(draft: Draft, now: int) -> Entry | None:
            nonlocal tried
            tried = self._burn(draft, context, now)
            if tried.refused and not tried.made and not draft.snapshot.fresh:
                raise _Remembered
            return next(reversed(tried.made.values())) if tried.made else None

        try:
            execution = self._executor.execute_batch(context, self._moment, act, ids)
        except _Remembered:
            self._fresh = True
            return
        except ClockBackwards as refusal:
            # Of the wallet's time, whatever is asked of it: what is known is answered all the same (law 3).
            self._refuse(dict.fromkeys(waiting, refusal))
            if all(one.refusal is refusal for one in self._done.values()):
                raise
            return
        self._fresh = False
        if tried.refused and not tried.made and execution.unchanged and self._moved(execution.unchanged):
            return
        if execution.known:
            # Where some are known, most are: the batch came before. One read instead of a commit for each few.
            for entry in ledger.find_many(self._executor.tables, self._account, self._unit_id, ids).values():
                self._replay(ids[entry.id], entry)
            return
        for number, entry in tried.made.items():
            self._done[number] = ItemOutcome(Result(entry, replayed=False))
        self._refuse(tried.refused)

    def _cause(self, number: int) -> Cause:
        """Returns the cause of one burn's entry. A refusal of its amount says which burn it is."""
        one = self._burns[number]
        try:
            return one.request.cause(one.command, self._unit)
        except InvalidRequest as error:
            lines = [(f"burns.{number}.{line['field']}", line["message"]) for line in error.facts["errors"]]
            raise InvalidRequest(lines) from error
        except Refusal as refusal:
            refusal.facts = {**refusal.facts, "field": f"burns.{number}.amount"}
            raise

    def _burn(self, draft: Draft, context: WalletContext, now: int) -> _Round:
        """Decides on as many of the waiting burns as fit. One that is refused changes nothing in the draft."""
        tried = _Round()
        if draft.budgeted:
            # Imported where a wallet has budgets: no other request pays for it.
            from scrip.domain.wallets import budget_counters

            # Asked for at once: else each member of whom there is a burn would take a read.
            budget_counters.need(draft, (self._burns[number].request.member for number in self.waiting))
        for number in self.waiting:
            saved, made = draft.savepoint(), None
            try:
                made = self._burns[number].command.decide(draft, context, now, self._causes[number])
            except Crowded:
                pass
            except Refusal as refusal:
                draft.rollback(saved)
                tried.refused[number] = refusal
                continue
            if not made or (tried.made and draft.weight() > 1 + limits.BATCH_BURNS):
                # More than the wallet and as many entries: it comes with the next commit.
                draft.rollback(saved)
                break
            tried.made[number] = made
        return tried

    def _moved(self, unchanged: Unchanged) -> bool:
        """Tells whether somebody wrote the wallet while all that was asked for was refused on it."""
        context = self._executor.context(self._account, self._unit_id, fresh=True)
        return context.snapshot.wallet.version != unchanged.wallet.version

    def _refuse(self, refused: Mapping[int, Refusal]) -> None:
        """Keeps refusals where the key has no entry: the wallet was present when they were decided (law 3)."""
        if not refused:
            return
        ids = {self._causes[number].entry_id: number for number in refused}
        known = ledger.find_many(self._executor.tables, self._account, self._unit_id, ids)
        for entry_id, number in ids.items():
            if entry_id in known:
                self._replay(number, known[entry_id])
            else:
                refused[number].in_unit(self._unit.unit, self._unit.precision)
                self._done[number] = ItemOutcome(refusal=refused[number])

    def _replay(self, number: int, entry: Entry) -> None:
        """Answers a burn whose key has this entry."""
        try:
            self._done[number] = ItemOutcome(replay(entry, self._causes[number]))
        except Refusal as refusal:
            self._done[number] = ItemOutcome(refusal=refusal)
