"""The one way to change a wallet: apply what is due, decide, commit; again where somebody was faster.

A warm executor remembers the wallets it wrote, so that the next decision on one needs no read: the commit's condition
on the version says when what is remembered is old, and the failure brings the present wallet with it.

Owns the loop, idempotency (law 3) and retries. Does not own reading (``contexts``), one decision (``decisions``), nor
what a request asks for (``requests``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import (
    ClockBackwards,
    Contended,
    KeyReused,
    Refusal,
    Throttled,
)
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine.attempts import Attempts
from scrip.services.engine.contexts import TORN, Contexts, WalletContext
from scrip.services.engine.decisions import Act, Decided, decide
from scrip.store import documents, keys, ledger
from scrip.store.commit import Busy, Committed, Existing, Moved, Outcome, Stale, commit
from scrip.store.tables import Item, Tables


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request is decided: this machine's clock, or (``pinned``) the test clock. Epoch milliseconds.

    Attributes:
        yields: a pinned moment that a wallet's last entry moves up, as it does a machine's clock: that of what was
            queued, which nobody would send again.
    """

    at: int
    pinned: bool = False
    yields: bool = False

    def on(self, wallet: Wallet) -> int:
        """Returns the instant of a change to this wallet, in epoch milliseconds, never before its last entry.

        A clock that is behind the wallet is moved up to it, so skew between machines refuses nothing.

        Raises:
            ClockBackwards: a pinned moment lies before the wallet's last entry.
        """
        if self.pinned and not self.yields and self.at < wallet.at:
            raise ClockBackwards("the wallet has an entry after that instant", last_entry_at=wallet.at)
        return max(self.at, wallet.at)

    def recorded(self, clock: int) -> int:
        """Returns when what is decided by the machine's ``clock`` is recorded: a pinned moment is the test clock's."""
        return self.at if self.pinned else max(self.at, clock)


@dataclass(frozen=True, slots=True)
class Result:
    """The entry that answers a request, and whether it had been made before."""

    entry: Entry
    replayed: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A wallet in which all that is due is booked; ``next_change`` is when time changes it next."""

    wallet: Wallet
    next_change: int | None


@dataclass(frozen=True, slots=True)
class Execution:
    """What came of one decision, once it was committed or found to need no commit.

    Attributes:
        entry: the entry that answers, now or (``replayed``) before; None where there was none to make.
        known: of the keys of several requests, the entries of those that had been used; then nothing was written.
        unchanged: the wallet, where there was no entry to make.
    """

    entry: Entry | None = None
    replayed: bool = False
    known: Sequence[Entry] = ()
    unchanged: Unchanged | None = None


class StaleDocument(Exception):
    """A document beside the wallet was not as it was read: the one at this place among those beside."""

    def __init__(self, index: int = 0) -> None:
        self.index = index


Beside = Callable[[], Sequence[Item]]
"""Gives transact items of documents that are written with a decision."""


def _unheard(_milliseconds: int) -> None:
    """Tells nobody."""


def machine_clock() -> int:
    """Returns this machine's clock, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Executor(Contexts):
    """Changes wallets. One to a process; safe for threads that serve different wallets."""

    def __init__(
        self,
        tables: Tables,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] | None = None,
        in_time: Callable[[], bool] | None = None,
        skewed: Callable[[int], None] = _unheard,
        shared: frozenset[str] = frozenset(),
        now: Callable[[], int] = machine_clock,
    ) -> None:
        """Makes an executor.

        ``now`` is the clock, in epoch milliseconds, by which each attempt is recorded. ``skewed`` is told by how many
        milliseconds a wallet is ahead, where that is more than ``SKEW_MS``. ``shared``
        names the payment providers whose account others use too: what names nothing of ours there is not ours.
        """
        super().__init__(tables, clock, in_time)
        self.shared = shared
        self._pause, self._skewed, self.now = pause, skewed, now

    def execute(
        self, context: WalletContext, moment: Moment, act: Act, cause: Cause, beside: Beside = tuple
    ) -> Result:
        """Executes one request, once for ever. Returns the entry that answers it, made now or before.

        Args:
            act: the decision; run anew on every attempt, after what is due is booked.
            cause: whose entry answers the request.
            beside: transact items of documents that are written with the decision, asked for after ``act``.

        Raises:
            Refusal: as ``act`` raises it, once the present wallet was read and no entry has the key (law 3).
            KeyReused: the key has an entry of another request.
            Contended, Throttled: the commit did not succeed within the attempts.
            CatchingUp: so much was due that the time was up before all of it was booked.
            StaleDocument: one of ``beside`` was not as it was read.
        """
        execution = self._run(context, moment, act, cause, beside, (cause.entry_id,))
        assert execution.entry
        return Result(execution.entry, execution.replayed)

    def change(
        self, context: WalletContext, moment: Moment, act: Act, beside: Beside = tuple
    ) -> Entry | None:
        """Brings a wallet to a state, with entries of several causes. Returns the last; None where it was so already.

        Raises as ``execute``, but knows no key.
        """
        return self._run(context, moment, act, beside=beside).entry

    def book_due(self, context: WalletContext, moment: Moment) -> Unchanged:
        """Books all that is due, and nothing else. Returns the wallet then.

        Raises:
            Contended, Throttled, CatchingUp: as ``execute``.
        """
        unchanged = self._run(context, moment, _nothing).unchanged
        assert unchanged
        return unchanged

    def execute_batch(
        self, context: WalletContext, moment: Moment, act: Act, entry_ids: Container[str]
    ) -> Execution:
        """Executes several requests in one commit.

        Nothing is written where some of ``entry_ids``, those of the entries of all requests, exist already.

        Raises:
            As ``execute``.
        """
        return self._run(context, moment, act, asked=entry_ids)

    def wait_until(self, at: int) -> None:
        """Waits until the clock reads ``at``, epoch milliseconds, and not longer than that should take."""
        left = at - self.now()
        if left > 0:
            self._pause(left / 1000)

    def _run(
        self,
        context: WalletContext,
        moment: Moment,
        act: Act,
        cause: Cause | None = None,
        beside: Beside = tuple,
        asked: Container[str] = (),
    ) -> Execution:
        """Decides and commits until it is done: the one loop of all that changes a wallet.

        Args:
            cause: of the one request; None where there are several, or none.
            asked: the ids of the entries that answer requests.
        """
        snapshot, attempts = context.snapshot, Attempts(self._pause)
        while True:
            self.hurry()
            try:
                decided = self._decide(snapshot, moment, act, context.unit.policy)
            except Refusal as refusal:
                attempts.failed += 1
                newer = self._newer(snapshot, context.unit)
                if newer is None:
                    return self._refused(refusal, snapshot, context.unit, cause)
                snapshot = self._next(newer, attempts)
                continue
            except TORN:
                attempts.failed += 1
                newer = self.written_since(snapshot, context.unit)
                if newer is None:
                    raise
                snapshot = self._next(newer, attempts)
                continue
            decision, entry = decided.decision, decided.entry
            if not decision.entries:
                return Execution(unchanged=Unchanged(decision.wallet, decided.next_change))
            extra = list(beside()) if entry else []
            outcome = self._commit(context, decision, extra, asked)
            match outcome:
                case Committed():
                    snapshot = decision.after(snapshot)
                    self._cache.wrote(snapshot)
                    if entry:
                        return Execution(entry)
                case Existing(entries=entries):
                    return _existing(entries, cause)
                case Stale(index=index) if index < len(extra):
                    self.forget(decision.wallet.account, decision.wallet.unit)
                    raise StaleDocument(index)
                case _:
                    attempts.failed += 1
                    if isinstance(outcome, Stale):
                        context = self._unit_again(context)
                    snapshot = self._again(snapshot, context.unit, outcome, attempts)

    def _newer(self, snapshot: Snapshot, unit: Unit) -> Snapshot | None:
        """Returns the wallet as it is now, where a refusal on the snapshot may not hold for it (law 3).

        It holds where the wallet was read for this request, and all that was read of it is of one version: None.

        Raises:
            CatchingUp: there is no time for a look. That is also why it was refused, where time was to be followed.
        """
        self.hurry()
        if not snapshot.fresh:
            return self._read(snapshot.wallet.account, unit)
        return self.written_since(snapshot, unit) if snapshot.in_parts else None

    def _next(self, newer: Snapshot, attempts: Attempts) -> Snapshot:
        """Returns the wallet to decide on next. Raises ``Contended`` where there were as many attempts as may be."""
        if attempts.exhausted:
            raise Contended("too many writers of this wallet at once")
        return newer

    def _refused(self, refusal: Refusal, snapshot: Snapshot, unit: Unit, cause: Cause | None) -> Execution:
        """Answers with the entry that the key has already, and else raises the refusal of the present wallet (law 3).

        Raises:
            KeyReused: the key has an entry of another request.
        """
        known = cause and ledger.find(self.tables, snapshot.wallet.account, unit.unit, cause.entry_id)
        if known:
            return _existing([known], cause)
        refusal.in_unit(unit.unit, unit.precision)
        raise refusal

    def _decide(self, snapshot: Snapshot, moment: Moment, act: Act, policy: Policy) -> Decided:
        """Decides on the snapshot, by the unit's policy, and reads more of the wallet into it as that is needed."""
        now = moment.on(snapshot.wallet)
        if now - moment.at > limits.SKEW_MS:
            self._skewed(now - moment.at)
        return self.complete(
            snapshot,
            lambda: decide(snapshot, now, moment.recorded(self.now()), act, self.in_time, policy=policy),
        )

    def _commit(
        self, context: WalletContext, decision: Decision, beside: Sequence[Item], asked: Container[str]
    ) -> Outcome:
        """Commits; a unit's first wallet marks the unit as used, so that its precision and order are fixed."""
        wallet = decision.wallet
        marks = []
        if not decision.seen and not context.unit.used:
            body = replace(context.unit, used=True).to_json()
            marks.append(documents.write(self.tables, keys.unit(context.unit.unit), context.unit_rev, body))
        try:
            outcome = commit(self.tables, decision, [*beside, *marks], asked)
        except Refusal:
            self._cache.forget(wallet.account, wallet.unit)
            raise
        if marks:
            self._cache.forget_unit(context.unit.unit)
        return outcome

    def _again(self, snapshot: Snapshot, unit: Unit, outcome: Outcome, attempts: Attempts) -> Snapshot:
        """Returns the snapshot to decide on next, after a pause from the second time on.

        Raises:
            Throttled, Contended: there were as many attempts as may be.
        """
        wallet, busy = snapshot.wallet, isinstance(outcome, Busy)
        self._cache.forget(wallet.account, wallet.unit, contended=not isinstance(outcome, Stale))
        if attempts.exhausted:
            if isinstance(outcome, Busy) and outcome.throttled:
                raise Throttled("the tables are busy")
            raise Contended("too many writers of this wallet at once")
        if attempts.failed > 1 or busy:
            attempts.pause()
        if isinstance(outcome, Moved) and outcome.wallet and attempts.failed == 1:
            return Snapshot(outcome.wallet)
        return self._read(wallet.account, unit)

    def _unit_again(self, context: WalletContext) -> WalletContext:
        """Returns the context with its unit as it is now: another first wallet has marked it, or somebody changed it.

        Raises:
            Contended: its precision or order changed, and with them what the request's amounts mean.
        """
        unit, rev = self._load_unit(context.unit.unit)
        if (unit.precision, unit.policy.lot_order) != (context.unit.precision, context.unit.policy.lot_order):
            raise Contended("the unit was changed at this moment")
        return replace(context, unit=unit, unit_rev=rev)


def _nothing(_draft: Draft, _now: int) -> None:
    """Decides nothing: time alone is at work."""


def _existing(entries: Sequence[Entry], cause: Cause | None) -> Execution:
    """Returns how it ended where keys had been used: of one request, a replay."""
    if cause is None:
        return Execution(known=entries)
    found = replay(entries[0], cause)
    return Execution(found.entry, found.replayed)


def replay(entry: Entry, cause: Cause) -> Result:
    """Returns the result of a request whose key has made this entry before.

    Raises:
        KeyReused: the entry is another request's.
    """
    if not entry.cause or entry.cause.fingerprint != cause.fingerprint:
        raise KeyReused(
            "the key was used for another request of this wallet", entry_id=entry.id, kind=entry.kind
        )
    return Result(entry, replayed=True)
