"""Many burns of one wallet, each with its own key, in as few commits as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import ClockBackwards, ClockSkew, Crowded, InvalidRequest, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment, Result, Unchanged, replay
from scrip.services.engine.requests import About, Caller
from scrip.services.wallets.balances import Balance, balance
from scrip.services.wallets.burns import Decided, Spending, context_with_rates, meters_of, prepare
from scrip.store import ledger


@dataclass(frozen=True, slots=True)
class Wanted:
    """One burn of a batch."""

    spending: Spending
    about: About
    key: str


class _Remembered(Exception):
    """Burns were refused on a wallet that was remembered: it must be read first (law 3)."""


def burn_all(
    executor: Executor, account: str, unit_id: str, wanted: Sequence[Wanted], actor: str, moment: Moment
) -> tuple[Sequence[Result | Refusal], Balance, Unit]:
    """What became of each burn, in order, and the balance then. One that cannot be paid is refused alone.

    Raises:
        NotFound: there is no such unit, or meter.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest: an amount is not one of the unit; ``field`` says which.
        Contended, Throttled, Unavailable: not all were burned; the same batch goes on where this one ended.
    """
    batch = _Batch(executor, account, unit_id, wanted, actor, moment)
    while batch.waiting:
        batch.commit_some()
    # Of now, though the moment asked for be in the wallet's past, and all burns replays.
    found, unit = balance(executor, account, unit_id, Moment(moment.at))
    return batch.results(), found, unit


class _Batch:
    def __init__(
        self,
        executor: Executor,
        account: str,
        unit_id: str,
        wanted: Sequence[Wanted],
        actor: str,
        moment: Moment,
    ) -> None:
        self._executor, self._account, self._unit_id, self._moment = executor, account, unit_id, moment
        self._meters = meters_of([one.spending for one in wanted])
        context = context_with_rates(executor, account, unit_id, [one.spending for one in wanted])
        self._unit = context.unit
        self._causes: list[Cause] = []
        self._acts: list[Decided] = []
        for number, one in enumerate(wanted):
            try:
                cause, act = prepare(context, one.spending, one.about, Caller(one.key, actor, moment))
            except InvalidRequest as error:
                raise InvalidRequest(
                    [(f"burns.{number}.{line['field']}", line["message"]) for line in error.facts["errors"]]
                ) from error
            except Refusal as refusal:
                refusal.facts = {**refusal.facts, "field": f"burns.{number}.amount"}
                raise
            self._causes.append(cause)
            self._acts.append(act)
        self._done: dict[int, Result | Refusal] = {}
        self._fresh = False

    @property
    def waiting(self) -> list[int]:
        return [number for number in range(len(self._acts)) if number not in self._done]

    def results(self) -> list[Result | Refusal]:
        return [self._done[number] for number in range(len(self._acts))]

    def commit_some(self) -> None:
        """As many burns as fit into one commit, or what is known of those that were burned before."""
        made: dict[int, Entry] = {}
        refused: dict[int, Refusal] = {}
        waiting = self.waiting
        ids = {self._causes[number].entry_id: number for number in waiting}

        def act(draft: Draft, now: int) -> Entry | None:
            made.clear()
            refused.clear()
            self._burn(draft, now, waiting, made, refused)
            if refused and not made and not draft.snapshot.fresh:
                raise _Remembered
            return next(reversed(made.values())) if made else None

        context = self._executor.context(self._account, self._unit_id, self._meters, fresh=self._fresh)
        try:
            outcome = self._executor.execute_batch(context, self._moment, act, ids)
        except _Remembered:
            self._fresh = True
            return
        except (ClockBackwards, ClockSkew) as refusal:
            # Of the wallet's time, whatever is asked of it: what is known is answered all the same (law 3).
            self._refuse(dict.fromkeys(waiting, refusal))
            if all(one is refusal for one in self._done.values()):
                raise
            return
        self._fresh = False
        if refused and not made and outcome.unchanged and self._moved(outcome.unchanged):
            return
        if outcome.known:
            # Where some are known, most are: the batch came before. One read instead of a commit for each few.
            for entry in ledger.find_many(self._executor.tables, self._account, self._unit_id, ids).values():
                self._replay(ids[entry.id], entry)
            return
        self._done.update({number: Result(entry, replayed=False) for number, entry in made.items()})
        self._refuse(refused)

    def _burn(
        self,
        draft: Draft,
        now: int,
        waiting: Sequence[int],
        made: dict[int, Entry],
        refused: dict[int, Refusal],
    ) -> None:
        """Burns as many as fit; one that is refused leaves nothing behind in the book."""
        for number in waiting:
            if draft.weight() > limits.BATCH_BURNS:
                return
            saved = draft.savepoint()
            try:
                made[number] = self._acts[number](draft, now)
            except Crowded:
                draft.rollback(saved)
                return
            except Refusal as refusal:
                draft.rollback(saved)
                refused[number] = refusal

    def _moved(self, unchanged: Unchanged) -> bool:
        """Whether somebody wrote the wallet while all that was asked for was refused on it."""
        context = self._executor.context(self._account, self._unit_id, fresh=True)
        return context.snapshot.wallet.version != unchanged.wallet.version

    def _refuse(self, refused: dict[int, Refusal]) -> None:
        """Refusals hold where the key has no entry: the wallet was present when they were decided (law 3)."""
        if not refused:
            return
        ids = {self._causes[number].entry_id: number for number in refused}
        known = ledger.find_many(self._executor.tables, self._account, self._unit_id, ids)
        for entry_id, number in ids.items():
            if entry_id in known:
                self._replay(number, known[entry_id])
            else:
                refused[number].in_unit(self._unit.unit, self._unit.precision)
                self._done[number] = refused[number]

    def _replay(self, number: int, entry: Entry) -> None:
        try:
            self._done[number] = replay(entry, self._causes[number])
        except Refusal as refusal:
            self._done[number] = refusal
