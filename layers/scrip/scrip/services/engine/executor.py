"""The one way to change a wallet: load it, apply what is due, decide, commit; again where somebody was faster.

A warm executor remembers the wallets it wrote, so that the next decision on one needs no read: the commit's
condition on the version tells when the memory is old, and the failure brings the present wallet with it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import (
    CatchingUp,
    ClockBackwards,
    ClockSkew,
    Contended,
    Crowded,
    InvalidRequest,
    KeyReused,
    NotFound,
    Refusal,
    Throttled,
)
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.draws import too_many_lots
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Need, Snapshot, Wallet
from scrip.services.engine.cache import Memory
from scrip.store import documents, keys, ledger, wallets
from scrip.store.commit import Busy, Committed, Existing, Moved, Outcome, Stale, commit
from scrip.store.tables import Item, Tables

ATTEMPTS: Final = 14
"""How often a commit is tried before the caller hears 409 ``contended``: with full jitter, sixteen writers of one
wallet all get through."""
FIRST_PAUSE, LONGEST_PAUSE = 0.010, 0.400
"""Seconds: the range of the pause doubles from the one to the other."""
PATIENCE: Final = 2.5
"""Seconds of all pauses of one decision together. Who is refused hears it while somebody still waits for it, and well
within the function's time."""
TORN: Final = (ValueError, LookupError, AssertionError)
"""What may come of a wallet of one version with pages of a later one: read while somebody else wrote."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request is decided: this machine's clock, or (``pinned``) the test clock. Epoch milliseconds."""

    at: int
    pinned: bool = False

    def on(self, wallet: Wallet) -> int:
        """The instant of a change to this wallet: skew between machines is clamped up, never refused.

        Raises:
            ClockBackwards: a pinned moment lies before the wallet's last entry.
            ClockSkew: the wallet is so far ahead of the clock that a clock must be broken.
        """
        if self.at >= wallet.at:
            return self.at
        if self.pinned:
            raise ClockBackwards("the wallet has an entry after that instant", last_entry_at=wallet.at)
        if wallet.at - self.at > limits.SKEW_MS:
            raise ClockSkew("the wallet's last entry lies in the future of this machine's clock")
        return wallet.at


@dataclass(frozen=True, slots=True)
class WalletContext:
    """A wallet and its unit, as read for one request; and the rate cards of the meters it is about."""

    unit: Unit
    unit_rev: int
    snapshot: Snapshot
    rates: Mapping[str, Sequence[RateVersion]] = field(default_factory=dict)


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


class _Patience:
    """The pauses of one decision: longer and longer, with full jitter, and no more than ``PATIENCE`` together."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause, self._left = pause, PATIENCE

    def pause(self, attempt: int) -> None:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
        seconds = min(self._left, random.uniform(0, longest))
        self._left -= seconds
        self._pause(seconds)


class StaleDocument(Exception):
    """A document beside the wallet was not as it was read: the one at this place among those beside."""

    def __init__(self, index: int = 0) -> None:
        super().__init__(index)
        self.index = index


Beside = Callable[[], Sequence[Item]]
"""Gives transact items of documents that are written with a decision."""
Act = Callable[[Draft, int], Entry | None]
"""Decides on a draft at an instant and gives the entry that answers the request; None where there is none, or not yet:
what it recorded is then committed, and it is asked again."""


class Executor:
    """See the module. One to a process; safe for threads that serve different wallets."""

    def __init__(
        self,
        tables: Tables,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.tables = tables
        self._pause = pause
        self._memory = Memory(clock)

    def unit(self, unit_id: str) -> Unit:
        """A unit, remembered for a while.

        Raises:
            NotFound: there is no such unit.
        """
        known = self._memory.unit(unit_id) or self._load_unit(unit_id)
        return known[0]

    def context(
        self, account: str, unit_id: str, meters: Sequence[str] = (), *, fresh: bool = False
    ) -> WalletContext:
        """Returns the wallet, its unit and the rate cards of these meters.

        What is remembered is not read (a ``fresh`` wallet is always read), and the rest is one read.

        Raises:
            NotFound: there is no such unit, or meter.
            InvalidRequest: a meter is priced in another unit.
        """
        context = self._context(account, unit_id, meters, fresh)
        for meter, versions in context.rates.items():
            if versions[0].unit != unit_id:
                said = f"the meter {meter} is priced in {versions[0].unit}, not in {unit_id}"
                raise InvalidRequest([("unit", said)])
        return context

    def _context(self, account: str, unit_id: str, meters: Sequence[str], fresh: bool) -> WalletContext:
        """Returns the wallet, its unit and rate cards, remembered or read."""
        known = self._memory.unit(unit_id)
        rates = {meter: found for meter in meters if (found := self._memory.rates(meter)) is not None}
        missing = [meter for meter in meters if meter not in rates]
        if not known or missing:
            read = wallets.load_with_catalogue(self.tables, account, unit_id, missing)
            known = self._remember_unit(unit_id, read.unit)
            for meter in missing:
                rates[meter] = self._remember_rates(meter, read.rates.get(meter))
            return WalletContext(*known, Snapshot(read.wallet(known[0])), rates)
        remembered = None if fresh else self._memory.wallet(account, unit_id)
        snapshot = Snapshot(remembered, fresh=False) if remembered else self._read(account, known[0])
        return WalletContext(*known, snapshot, rates)

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
            CatchingUp: so much was due that it filled as many commits as one request makes.
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
        """Executes several requests in one commit. Where some of ``entry_ids``, those of the entries of all requests,
        exist already, nothing is written.

        Raises as ``execute``.
        """
        return self._run(context, moment, act, asked=entry_ids)

    def _run(
        self,
        context: WalletContext,
        moment: Moment,
        act: Act,
        cause: Cause | None = None,
        beside: Beside = tuple,
        asked: Container[str] = (),
    ) -> Execution:
        """Decides and commits until it is done: the one loop of all that changes a wallet. ``asked``: the ids of the
        entries that answer requests."""
        snapshot, attempt, booked, patience = context.snapshot, 0, 0, _Patience(self._pause)
        unit = context.unit
        while True:
            try:
                decision, entry, next_change = self._decide(snapshot, moment, act)
            except Refusal as refusal:
                attempt += 1
                known = self._refused(refusal, snapshot, unit, cause, attempt)
                if isinstance(known, Result):
                    return Execution(known.entry, known.replayed)
                snapshot = known
                continue
            except TORN:
                attempt += 1
                snapshot = self._torn(snapshot, unit, attempt)
                continue
            if not decision.entries:
                return Execution(unchanged=Unchanged(decision.wallet, next_change))
            extra = list(beside()) if entry else []
            outcome = self._commit(context, decision, extra, asked)
            if isinstance(outcome, Committed):
                self._memory.wrote(decision.wallet)
                if entry:
                    return Execution(entry)
                booked += 1
                if booked >= limits.BOOKINGS:
                    raise CatchingUp("much had become due, and was booked: the same request again goes on")
                snapshot = Snapshot(decision.wallet)
                continue
            if isinstance(outcome, Existing):
                return _existing(outcome.entries, cause)
            attempt += 1
            if isinstance(outcome, Stale) and outcome.index >= len(extra):
                context = self._unit_again(context)
            snapshot = self._again(snapshot, unit, outcome, len(extra), attempt, patience)

    def forget(self, account: str, unit_id: str) -> None:
        """A wallet was written beside another: it is to be read again before it is decided on."""
        self._memory.forget(account, unit_id)

    def _refused(
        self, refusal: Refusal, snapshot: Snapshot, unit: Unit, cause: Cause | None, attempt: int
    ) -> Snapshot | Result:
        """What comes before a refusal (law 3): the present wallet, all of one version; then an earlier answer under
        the key."""
        if not snapshot.fresh:
            return self._read(snapshot.wallet.account, unit)
        present = self.written_since(snapshot, unit) if snapshot.in_parts else None
        if present:
            if attempt >= ATTEMPTS:
                raise Contended("too many writers of this wallet at once")
            return present
        known = cause and ledger.find(self.tables, snapshot.wallet.account, unit.unit, cause.entry_id)
        if cause and known:
            return replay(known, cause)
        refusal.in_unit(unit.unit, unit.precision)
        raise refusal

    def _torn(self, snapshot: Snapshot, unit: Unit, attempt: int) -> Snapshot:
        """The present wallet after what may have come of mixed versions; raised again where nobody wrote meanwhile."""
        present = self.written_since(snapshot, unit)
        if present is None:
            raise  # noqa: PLE0704 - called from an except clause, for the error in hand
        if attempt >= ATTEMPTS:
            raise Contended("too many writers of this wallet at once")
        return present

    def written_since(self, snapshot: Snapshot, unit: Unit) -> Snapshot | None:
        """The wallet as it is now, where somebody has written it since the snapshot; None where it is the same."""
        present = self._read(snapshot.wallet.account, unit)
        return present if present.wallet.version != snapshot.wallet.version else None

    def _decide(
        self, snapshot: Snapshot, moment: Moment, act: Act
    ) -> tuple[Decision, Entry | None, int | None]:
        """A decision on the snapshot, with more of the wallet read into it as it is needed; the entry that answers the
        request: without it, what was due is to be committed first; and, where there is nothing to commit at all, when
        time changes the wallet next."""
        now = moment.on(snapshot.wallet)
        while True:
            try:
                draft = Draft(snapshot)
                if not apply_due(draft, now, room=limits.BOOKING_ITEMS):
                    return draft.decision(), None, None
                due = len(draft.entries)
                try:
                    entry = act(draft, now)
                    settled = apply_due(draft, now, room=limits.COMMIT_ITEMS)
                    decision = draft.decision()
                    if settled and decision.items + limits.COMMIT_SLACK // 2 <= limits.COMMIT_ITEMS:
                        return decision, entry, None if decision.entries else draft.next_change(now)
                except Crowded:
                    pass
                if not due:
                    raise too_many_lots()
                draft = Draft(snapshot)
                apply_due(draft, now, room=limits.BOOKING_ITEMS)
                return draft.decision(), None, None
            except Need as need:
                wallets.provide(self.tables, snapshot, need)

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
            self._memory.forget(wallet.account, wallet.unit)
            raise
        if marks:
            self._memory.forget_unit(context.unit.unit)
        return outcome

    def _again(
        self,
        snapshot: Snapshot,
        unit: Unit,
        outcome: Outcome,
        besides: int,
        attempt: int,
        patience: _Patience,
    ) -> Snapshot:
        """The snapshot to decide on next, after a pause from the second time on."""
        wallet = snapshot.wallet
        self._memory.forget(wallet.account, wallet.unit, contended=not isinstance(outcome, Stale))
        if isinstance(outcome, Stale) and outcome.index < besides:
            raise StaleDocument(outcome.index)
        if attempt >= ATTEMPTS:
            if isinstance(outcome, Busy) and outcome.throttled:
                raise Throttled("the tables are busy")
            raise Contended("too many writers of this wallet at once")
        if attempt > 1 or isinstance(outcome, Busy):
            patience.pause(attempt)
        if isinstance(outcome, Moved) and outcome.wallet and attempt == 1:
            return Snapshot(outcome.wallet)
        return self._read(wallet.account, unit)

    def _unit_again(self, context: WalletContext) -> WalletContext:
        """Returns the context with its unit as it is now: another first wallet has marked it, or somebody changed it.

        Raises:
            Contended: its precision or order changed, and with them what the request's amounts mean.
        """
        unit, rev = self._load_unit(context.unit.unit)
        if (unit.precision, unit.policy.order) != (context.unit.precision, context.unit.policy.order):
            raise Contended("the unit was changed at this moment")
        return replace(context, unit=unit, unit_rev=rev)

    def _read(self, account: str, unit: Unit) -> Snapshot:
        return Snapshot(wallets.load(self.tables, account, unit.unit, unit.policy.order))

    def _load_unit(self, unit_id: str) -> tuple[Unit, int]:
        item = self.tables.get(self.tables.wallets, keys.unit(unit_id), keys.HEAD)
        return self._remember_unit(unit_id, documents.read_unit(unit_id, item))

    def _remember_unit(self, unit_id: str, found: tuple[Unit, int] | None) -> tuple[Unit, int]:
        if not found:
            raise NotFound(f"there is no unit {unit_id}", unit=unit_id)
        self._memory.read_unit(*found)
        return found

    def _remember_rates(self, meter: str, found: Sequence[RateVersion] | None) -> Sequence[RateVersion]:
        if not found:
            raise NotFound(f"there is no meter {meter}", meter=meter)
        self._memory.read_rates(meter, found)
        return found


def _nothing(_draft: Draft, _now: int) -> None:
    """Decides nothing: time alone is at work."""


def _existing(entries: Sequence[Entry], cause: Cause | None) -> Execution:
    """Returns how it ended where keys had been used: of one request, a replay."""
    if cause is None:
        return Execution(known=entries)
    found = replay(entries[0], cause)
    return Execution(found.entry, found.replayed)


def replay(entry: Entry, cause: Cause) -> Result:
    """The answer to a request whose key has this entry.

    Raises:
        KeyReused: the entry is another request's.
    """
    if not entry.cause or entry.cause.fingerprint != cause.fingerprint:
        raise KeyReused(
            "the key was used for another request of this wallet", entry_id=entry.id, kind=entry.kind
        )
    return Result(entry, replayed=True)
